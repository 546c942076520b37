//! Trees of many folders, which several threads list: order and errors are those of a walk by one.

use crate::support::{Run, grini};
use rustix::fs::{AtFlags, Mode, OFlags, mkdirat, openat, unlinkat};
use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::path::Path;

/// Makes the folders `names` in `folder`, three files in each; their paths.
fn fill(folder: &Path, names: impl Iterator<Item = String>) -> Vec<String> {
    let mut paths = Vec::new();
    for name in names {
        fs::create_dir_all(folder.join(&name)).expect("a folder");
        for file in ["a.ini", "b.ini", "c-.ini"] {
            let path = format!("{name}/{file}");
            fs::write(folder.join(&path), format!("Name = {path}\n")).expect("a file");
            paths.push(path);
        }
    }
    paths
}

/// A tree: 40 folders of 12, some deep, one of more files than are listed ahead.
fn tree(run: &Run) -> Vec<String> {
    let two = (0..40).flat_map(|a| (0..12).map(move |b| format!("t/d{a}/e{b}")));
    let one = (0..40).map(|a| format!("t/d{a}"));
    let deep = (1..90).map(|depth| format!("t/d7-{}", "/x".repeat(depth)));
    let mut paths = fill(run.folder(), two.chain(one).chain(deep));
    let large = run.folder().join("t/d20/large");
    fs::create_dir(&large).expect("a folder");
    for at in 0..6000 {
        let path = format!("t/d20/large/{at}.ini");
        fs::write(run.folder().join(&path), format!("Name = {path}\n")).expect("a file");
        paths.push(path);
    }
    paths.sort();
    paths
}

#[test]
fn a_tree_of_many_folders_comes_in_path_order() {
    let mut run = grini(["Name", "t"]);
    let paths = tree(&run);
    let lines = |paths: &[String]| -> String {
        let line = |path: &String| format!("{path}:Name = {path}\n");
        paths.iter().map(line).collect()
    };
    let expected = lines(&paths);
    for args in [
        &["Name", "t"][..],
        &["-r", "Name", "t"],
        &["-R", "Name", "t"],
    ] {
        for _ in 0..5 {
            let said = run.again(args);
            assert!(said.out == expected, "{args:?}");
            assert_eq!((said.err.as_str(), said.status), ("", 0));
        }
    }
    assert_eq!(run.again(["-q", "Name", "t"]).status, 0);
    let few: Vec<String> = (paths.iter().filter(|path| path.ends_with("b.ini")).cloned()).collect();
    let said = run.again(["-r", "--include=b.ini", "Name", "t"]);
    assert_eq!(said.out, lines(&few));
}

#[test]
fn staging_folders_are_never_entered() {
    let mut run = grini(["Name", "t"]);
    fill(
        run.folder(),
        ["t/.grini-x", "t/.grin", "t/.grini-"]
            .map(str::to_owned)
            .into_iter(),
    );
    let lines =
        ["a.ini", "b.ini", "c-.ini"].map(|file| format!("t/.grin/{file}:Name = t/.grin/{file}\n"));
    for args in [
        &["Name", "t"][..],
        &["-r", "Name", "t"],
        &["-R", "Name", "t"],
    ] {
        let said = run.again(args);
        assert_eq!(
            (said.out, said.err.as_str(), said.status),
            (lines.concat(), "", 0)
        );
    }
}

#[test]
fn errors_are_printed_where_the_walk_meets_them() {
    let mut run = grini(["-R", "Name", "t"]);
    let folder = run.folder().to_owned();
    let mut paths = fill(&folder, (0..60).map(|at| format!("t/d{at:02}/e")));
    for at in 0..60 {
        symlink("..", folder.join(format!("t/d{at:02}/e/loop"))).expect("a link");
        symlink("none", folder.join(format!("t/d{at:02}/gone.ini"))).expect("a link");
    }
    paths.sort();
    let mut expected = String::new();
    for at in 0..60 {
        let of_folder = |path: &&String| path.starts_with(&format!("t/d{at:02}/"));
        for path in paths.iter().filter(of_folder) {
            expected.push_str(&format!("{path}:Name = {path}\n"));
        }
    }
    for _ in 0..5 {
        let said = run.again(["-R", "Name", "t"]);
        assert!(said.out == expected, "{}", said.out);
        let errors: Vec<&str> = said.err.lines().collect();
        assert_eq!(errors.len(), 120);
        for (at, pair) in errors.chunks(2).enumerate() {
            let gone = format!("grini: t/d{at:02}/gone.ini: No such file or directory");
            let back = format!("grini: t/d{at:02}/e/loop: warning: recursive directory loop");
            assert!(
                pair.contains(&gone.as_str()) && pair.contains(&back.as_str()),
                "{pair:?}"
            );
        }
    }
}

/// Folders within one another, more than are walked.
const CHAIN: usize = 10_050;

/// The folder `name` in `folder`.
fn inside(folder: &OwnedFd, name: &str) -> OwnedFd {
    openat(folder, name, OFlags::DIRECTORY, Mode::empty()).expect("it opens")
}

/// Folders too deep to be named by a path; taken away one by one, as std would open them all.
struct Chain(Option<OwnedFd>);

impl Chain {
    /// Puts an INI file in the folder at `filled`.
    fn new(folder: &Path, filled: usize) -> Chain {
        let mut last = OwnedFd::from(fs::File::open(folder).expect("a folder"));
        for depth in 1..=CHAIN {
            mkdirat(&last, "d", Mode::RWXU).expect("a folder is made");
            last = inside(&last, "d");
            if depth == filled {
                let flags = OFlags::CREATE | OFlags::WRONLY;
                let file = openat(&last, "a.ini", flags, Mode::RUSR).expect("a file is made");
                rustix::io::write(&file, b"Name = x\n").expect("it is written");
            }
        }
        Chain(Some(last))
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        let mut last = self.0.take().expect("the last one");
        for _ in 0..CHAIN {
            let _ = unlinkat(&last, "a.ini", AtFlags::empty());
            last = inside(&last, "..");
            unlinkat(&last, "d", AtFlags::REMOVEDIR).expect("it is removed");
        }
    }
}

#[test]
fn deep_folders_take_few_descriptors_and_the_deepest_are_reported() {
    let run = grini([""; 0]);
    let _ = run.output();
    let _chain = Chain::new(run.folder(), 1400);
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -n 100; exec .bin/grini -h Name d"])
        .current_dir(run.folder())
        .output()
        .expect("it runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "Name = x\n");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.starts_with("grini: d/d/d/"), "{:.200}", said);
    assert!(
        said.ends_with("/d: it lies too deep; search it from a folder nearer to it\n"),
        "{:.200}",
        said
    );
    assert_eq!(said.lines().count(), 1);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn lists_of_ignored_files_are_read_where_that_is_asked_for() {
    let mut run = grini(["--ignore-files", "x", "d"]);
    for (file, text) in [
        ("d/.git/config.ini", "x"),
        (
            "d/.gitignore",
            "# a comment\n/out/\n*.old.ini\n!kept.old.ini\n",
        ),
        ("d/a.ini", "x\n"),
        ("d/a.old.ini", "x\n"),
        ("d/kept.old.ini", "x\n"),
        ("d/out/a.ini", "x\n"),
        ("d/sub/.gitignore", "b.ini\n"),
        ("d/sub/.ignore", "!b.ini\nc.ini\n"),
        ("d/sub/a.old.ini", "x\n"),
        ("d/sub/b.ini", "x\n"),
        ("d/sub/c.ini", "x\n"),
        ("d/sub/out/a.ini", "x\n"),
    ] {
        let path = run.folder().join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
        fs::write(path, text).expect("it is written");
    }
    let all = "d/a.ini:x\nd/kept.old.ini:x\nd/sub/b.ini:x\nd/sub/out/a.ini:x\n";
    run.says(all, "", 0);
    // Those of the folders above count within a git repository; an operand that is a file is searched, whatever they say.
    let out = "d/sub/b.ini:x\nd/sub/out/a.ini:x\nd/a.old.ini:x\n";
    let said = run.again(["--ignore-files", "x", "d/sub", "d/a.old.ini"]);
    assert_eq!((said.out.as_str(), said.err.as_str()), (out, ""));
    assert_eq!(run.again(["x", "d"]).out.lines().count(), 9);
    let none = "grini: d/out: no .ini file beneath this folder that --ignore-files does not skip; name others with --include=GLOB, or search every file with -r\n";
    fs::write(run.folder().join("d/out/.ignore"), "*\n").expect("it is written");
    let said = run.again(["--ignore-files", "x", "d/out"]);
    assert_eq!(
        (said.out.as_str(), said.err.as_str(), said.status),
        ("", none, 2)
    );
    fs::write(run.folder().join("d/sub/.ignore"), "[z-a]\nb.ini\n").expect("it is written");
    let said = run.again(["--ignore-files", "x", "d/sub"]);
    assert_eq!(said.out, "d/sub/c.ini:x\nd/sub/out/a.ini:x\n");
    assert!(
        said.err.contains("d/sub/.ignore: line 1: ")
            && said
                .err
                .ends_with("; mend the list, or leave out --ignore-files\n"),
        "{said:?}"
    );
    assert_eq!(said.status, 2);
}

#[test]
fn any_ignore_decides_before_any_gitignore() {
    for (above, beneath, out) in [
        ("*.ini", "!*.ini", ""),
        ("!*.ini", "*.ini", "d/s/a.ini:x\n"),
    ] {
        let run = grini(["--ignore-files", "--include=*", "x", "d"])
            .file("d/s/a.ini", "x\n")
            .file("d/.ignore", above)
            .file("d/s/.gitignore", beneath);
        assert_eq!(run.said().out, out, "{above}");
    }
}

/// Lists are data, as the files are: nothing in them stops a search, or has it wait.
#[test]
fn odd_lists_of_ignored_files_are_reported_and_the_files_searched() {
    let deep = "{a,".repeat(50_000) + &"}".repeat(50_000);
    let many = "*.x\n".repeat(10_001);
    let long = "x".repeat((1 << 20) + 1);
    let mend = "; mend the list, or leave out --ignore-files\n";
    let large = "it has more than 10000 lines or 1048576 bytes";
    for (text, what) in [
        (deep.as_str(), ""),
        (&many, large),
        (&long, large),
        ("\\/\n!\n", "line 1: a backslash at the end of a rule"),
        ("!  \n[!]ab].ini.x\n", ""),
        ("# [ of a comment [[:x:]] \\\n", ""),
        ("?[a.ini\n", "line 1: a '[' without its ']'"),
        (
            "[[:alpha:]].ini\n",
            "line 1: a class such as [:digit:]; write its characters, such as 0-9",
        ),
        ("{a,b}.ini\n\\{a.ini\n", ""),
    ] {
        let mut run = grini(["--ignore-files", "x", "d"]).file("d/a.ini", "x\n");
        fs::write(run.folder().join("d/.gitignore"), text).expect("it is written");
        let said = run.again(["--ignore-files", "x", "d"]);
        assert_eq!(said.out, "d/a.ini:x\n");
        let ends =
            what.is_empty() && said.err.is_empty() || said.err.ends_with(&format!("{what}{mend}"));
        assert!(ends, "{said:?}");
    }
    let mut run = grini(["--ignore-files", "x", "d"]).file("d/a.ini", "x\n");
    symlink("/dev/zero", run.folder().join("d/.ignore")).expect("a link");
    let fifo = run.folder().join("d/.gitignore");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &fifo,
        rustix::fs::FileType::Fifo,
        Mode::RWXU,
        0,
    )
    .expect("a FIFO");
    let said = run.again(["--ignore-files", "x", "d"]);
    assert_eq!(said.out, "d/a.ini:x\n");
    assert_eq!(
        said.err.matches("it is not a regular file; mend").count(),
        2,
        "{said:?}"
    );
}
