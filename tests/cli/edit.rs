//! Substitution through the command line.

use crate::support::grini;
use std::fs;

#[test]
fn standard_input_is_printed_as_edited() {
    grini(["--ini", "Name=x", "--set", "State=1"])
        .stdin("[a]\r\nName=x\r\nState =  4 \r\n")
        .says("[a]\r\nName=x\r\nState =  1 \r\n", "", 0);
    grini(["b\\(.\\)", "--replace", "<$1$$$0>"])
        .stdin("abc\nxbyb\n")
        .says("a<c$bc>\nx<y$by>b\n", "", 0);
    grini(["-o", "b.", "--replace", "<$0>"])
        .stdin("abc\nxby\n")
        .says("<bc>\n<by>\n", "", 0);
    grini(["$", "--replace", ";"])
        .stdin("a\nb")
        .says("a;\nb;", "", 0);
}

#[test]
fn edits_can_be_listed_and_counted() {
    let run = || {
        grini(["x", "--replace", "y"])
            .file("a.ini", "k=xx\n")
            .file("b.ini", "k=y\n")
    };
    run().again(["-l", "x", "--replace", "y", "a.ini", "b.ini"]);
    let said = run().again(["-l", "x", "--replace", "y", "a.ini", "b.ini"]);
    assert_eq!((said.out.as_str(), said.status), ("a.ini\n", 0));
    let said = run().again(["-c", "x", "--replace", "y", "a.ini", "b.ini"]);
    assert_eq!((said.out.as_str(), said.status), ("a.ini:2\nb.ini:0\n", 0));
    let said = run().again(["-q", "x", "--replace", "y", "b.ini"]);
    assert_eq!((said.out.as_str(), said.status), ("", 1));
}

#[test]
fn utf16_and_windows_1252_are_edited_in_their_own_bytes() {
    let utf16 = |text: &str| -> Vec<u8> {
        [0xff, 0xfe]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect()
    };
    let mut run = grini(["x"])
        .file("w.ini", b"Name=J\xfcrgen\r\nState=4\r\n")
        .file("u.ini", utf16("Name=Jürgen\r\nState=4\r\n"));
    let args = [
        "Jürgen",
        "--set",
        "State=1",
        "--set",
        "Name=Zoé",
        "--in-place",
        "w.ini",
        "u.ini",
    ];
    let said = run.again(args);
    assert_eq!((said.status, said.out.as_str()), (0, ""), "{said:?}");
    assert_eq!(
        fs::read(run.folder().join("w.ini")).unwrap(),
        b"Name=Zo\xe9\r\nState=1\r\n"
    );
    assert_eq!(
        fs::read(run.folder().join("u.ini")).unwrap(),
        utf16("Name=Zoé\r\nState=1\r\n")
    );
}

#[test]
fn a_backup_is_kept_where_asked_and_never_over_a_file() {
    let mut run = grini(["x"]).file("a.ini", "State=4\n");
    let args = [
        "--records",
        "--where",
        "State=4",
        "--set",
        "State=1",
        "--in-place=.old",
        "a.ini",
    ];
    assert_eq!(run.again(args).status, 0);
    assert_eq!(
        fs::read(run.folder().join("a.ini.old")).unwrap(),
        b"State=4\n"
    );
    fs::write(run.folder().join("a.ini"), "State=4\n").unwrap();
    let said = run.again(args);
    assert_eq!(said.status, 2, "{said:?}");
    assert!(said.err.contains("a.ini.old"), "{said:?}");
    assert_eq!(fs::read(run.folder().join("a.ini")).unwrap(), b"State=4\n");
}

/// Content, arguments, and a piece of the message of a refusal.
const REFUSED: &[(&str, &[&str], &str)] = &[
    (
        "State=4\nState=4\n",
        &[],
        "f.ini:2: not edited: key 'State' occurs 2 times",
    ),
    ("State=4 ; x\n", &["--has", "State"], "--inline-comment"),
    ("a=1\n  State=4\n", &[], "--continuation"),
    ("State=4\n  b=1\n", &[], "--continuation"),
    ("State=4\\\nb=1\n", &["--has", "State"], "--continuation"),
    ("a=1\\\nState=4\n", &[], "--continuation"),
    ("State\n", &["--has", "State"], "has no value"),
    ("[a\nState=4\n", &[], "']'"),
    ("State=4\nx=\0\n", &[], "NUL"),
    ("[a]\nName=x\n[b]\nState=4\n", &["--has", "Name"], "--scope"),
];

#[test]
fn what_is_in_doubt_is_refused() {
    for (text, more, message) in REFUSED {
        let mut args = vec!["--records"];
        args.extend(if more.is_empty() {
            &["--where", "State=4"][..]
        } else {
            more
        });
        args.extend(["--set", "State=1", "--in-place", "f.ini"]);
        let run = grini(&args).file("f.ini", text);
        let said = run.said();
        assert_eq!(
            (said.status, said.out.as_str()),
            (2, ""),
            "{text:?} {said:?}"
        );
        assert!(said.err.contains(message), "{text:?} {said:?}");
        assert!(said.err.starts_with("grini: f.ini:"), "{text:?} {said:?}");
        assert_eq!(
            fs::read(run.folder().join("f.ini")).unwrap(),
            text.as_bytes()
        );
    }
}

#[cfg(unix)]
#[test]
fn one_refusal_and_no_file_is_written() {
    let run = grini([
        "--records",
        "--where",
        "State=4",
        "--set",
        "State=1",
        "--in-place",
        ".",
    ])
    .file("a.ini", "State=4\n")
    .file("b.ini", "State=4\nState=4\n")
    .file("c.ini", "State=4\n");
    let said = run.said();
    assert_eq!(said.status, 2);
    assert!(
        said.err.contains("./b.ini:2:") && said.err.contains("no file was changed"),
        "{said:?}"
    );
    for name in ["a.ini", "c.ini"] {
        assert_eq!(fs::read(run.folder().join(name)).unwrap(), b"State=4\n");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_is_not_there_stops_the_edit_of_the_others() {
    let args = [
        "--records",
        "--set=State=1",
        "--in-place",
        "none.ini",
        "a.ini",
    ];
    let mut run = grini(args).file("a.ini", "State=4\n");
    let missing = "grini: 'none.ini' is taken as FILE, as --records selects without PATTERNS; a pattern with it comes by -e: -e 'none.ini'\ngrini: none.ini: No such file or directory\n";
    let none =
        "grini: no file was changed: all are written or none (--keep-going writes the others)\n";
    run.says("", &format!("{missing}{none}"), 2);
    let said = run.again([&args[..], &["--keep-going"]].concat());
    assert_eq!(said.status, 2);
    let rest = said.err.strip_prefix(missing).expect("the same message");
    assert!(rest.starts_with("grini: 1 file changed ("), "{rest}");
    let written = fs::read_to_string(run.folder().join("a.ini")).unwrap();
    assert_eq!(written, "State=1\n");
    assert!(!run.folder().join("none.ini").exists());
}

/// Each way back that is named leads there, wherever the journals are.
#[cfg(unix)]
#[test]
fn the_way_back_names_the_state_folder_that_was_named() {
    let args = [
        "--records",
        "--set=State=1",
        "--in-place",
        "--state-dir=my state",
        "a.ini",
    ];
    let mut run = grini(args).file("a.ini", "State = 4\n");
    let mut err = run.said().err;
    for content in ["State = 4\n", "State = 1\n", "State = 4\n"] {
        let (_, command) = err
            .trim_end()
            .trim_end_matches(')')
            .rsplit_once(": ")
            .unwrap();
        let script = format!("PATH=$PWD/.bin:$PATH; {command}");
        let output = std::process::Command::new("sh")
            .args(["-c", &script])
            .current_dir(run.folder())
            .output()
            .unwrap();
        err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{script}: {err}");
        let read = std::fs::read_to_string(run.folder().join("a.ini")).unwrap();
        assert_eq!(read, content, "{script}");
    }
    let said = run.again([
        "--records",
        "--set=State=1",
        "--in-place",
        "--state-dir=",
        "a.ini",
    ]);
    assert_eq!(
        (said.err.as_str(), said.status),
        ("grini: --state-dir= names no folder\n", 2)
    );
}

/// What a redo says takes back that redo, also where a newer edit was made in between.
#[test]
fn a_redo_names_what_takes_it_back() {
    let mut run = grini(["--records", "--set=State=1", "--in-place", "a.ini", "b.ini"])
        .file("a.ini", "State = 4\n")
        .file("b.ini", "State = 4\n")
        .file("c.ini", "State = 4\n");
    let _ = run.output();
    run.again(["--undo"]);
    run.again(["--records", "--set=State=7", "--in-place", "c.ini"]);
    let said = run.again(["--redo"]);
    let start = "grini: 2 files changed again (taken back with: grini ";
    let undo = said
        .err
        .strip_prefix(start)
        .and_then(|rest| rest.strip_suffix(")\n"));
    let undo = undo.expect("the way back").to_owned();
    assert_eq!(run.again([undo.as_str()]).status, 0);
    let read = |name: &str| std::fs::read_to_string(run.folder().join(name)).expect("a file");
    let all = ["a.ini", "b.ini", "c.ini"].map(read);
    assert_eq!(all, ["State = 4\n", "State = 4\n", "State = 7\n"]);
}

/// Root's files in a folder of another user, who edits them: what he may write to stays root's, with --force, too.
#[cfg(unix)]
#[test]
fn a_file_of_another_user_changes_its_owner_only_where_it_has_to() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65534;
    let run = grini([""; 0]);
    let _ = run.output();
    let (folder, file) = (run.folder(), run.folder().join("f/a.ini"));
    let all = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    if fs::metadata(folder).unwrap().uid() != 0 {
        println!("nothing is compared: only root can be another user");
        return;
    }
    all(folder, 0o755);
    fs::create_dir(folder.join("f")).unwrap();
    chown(folder.join("f"), Some(NOBODY), Some(NOBODY)).unwrap();
    let said = |args: &[&str]| {
        let mut command = std::process::Command::new(folder.join(".bin/grini"));
        command
            .args(args)
            .arg("--state-dir=f/state")
            .current_dir(folder);
        let output = command.uid(NOBODY).gid(NOBODY).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        (err, output.status.code())
    };
    let edit = ["--records", "--in-place", "f/a.ini", "--set"];
    for (mode, value, force, owner) in [
        (0o666, "1", false, 0),
        (0o666, "1", true, 0),
        (0o666, "100", true, 0),
        (0o644, "1", true, NOBODY),
        (0o444, "1", true, NOBODY),
    ] {
        let _ = fs::remove_file(&file);
        fs::write(&file, "K=4\n").unwrap();
        all(&file, mode);
        let set = format!("K={value}");
        let args = [&edit[..], &[&set]].concat();
        if force {
            assert!(mode == 0o666 || said(&args).1 == Some(2));
        }
        let force: &[&str] = if force { &["--force"] } else { &[] };
        let (err, status) = said(&[&args[..], force].concat());
        assert_eq!(status, Some(0), "{mode:o}: {err}");
        assert_eq!(err.contains("now yours"), owner != 0, "{mode:o}: {err}");
        assert_eq!(
            fs::metadata(&file).unwrap().uid(),
            owner,
            "{mode:o} {value}"
        );
        assert_eq!(fs::read_to_string(&file).unwrap(), format!("K={value}\n"));
    }
}

/// However few files may be open, an edit is done or is not, and leaves nothing else in the folder.
#[cfg(unix)]
#[test]
fn where_few_files_may_be_open_nothing_stays_in_the_folder() {
    for most in 4..24 {
        let mut run = grini([""; 0]).file("f/a.ini", "[A]\nK=4\n");
        let _ = run.output();
        let edit = ".bin/grini --records --set K=12345 --in-place --state-dir=s f";
        let output = std::process::Command::new("sh")
            .args(["-c", &format!("ulimit -n {most}; {edit}")])
            .current_dir(run.folder())
            .output()
            .unwrap();
        let content = match output.status.code() {
            Some(0) => "[A]\nK=12345\n",
            _ => "[A]\nK=4\n",
        };
        if output.status.code() != Some(0) {
            run.again(["--recover", "--state-dir=s"]);
        }
        let all = crate::support::contents(&run.folder().join("f"));
        assert_eq!(
            all,
            [("a.ini".to_owned(), content.into())],
            "{most}: {output:?}"
        );
        let names = fs::read_dir(run.folder().join("f")).unwrap();
        assert_eq!(names.count(), 1, "{most}: {output:?}");
    }
}

/// The owner of a file has a lease on it, for which others wait 45 seconds where they may.
#[cfg(target_os = "linux")]
#[test]
fn a_file_with_a_lease_is_waited_for_but_not_for_long() {
    use std::os::fd::AsRawFd;
    let mut run =
        grini(["--records", "--set", "K=1", "--in-place", "f"]).file("f/a.ini", "[A]\nK=4\n");
    let path = run.folder().join("f/a.ini");
    let lease = || {
        let file = fs::File::options()
            .read(true)
            .write(true)
            .open(&path)
            .unwrap();
        // SAFETY: neither call takes a pointer, and the descriptor is open.
        let taken = unsafe {
            libc::signal(libc::SIGIO, libc::SIG_IGN);
            libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, libc::F_WRLCK)
        };
        (taken == 0).then_some(file)
    };
    let Some(held) = lease() else {
        return println!("nothing is compared: there are no leases here");
    };
    let said = run.said();
    let held_too_long = "another program has it open; run the command again when that is done\n";
    assert!(
        said.err.contains(held_too_long) && said.status == 2,
        "{said:?}"
    );
    drop(held);
    assert_eq!(fs::read_to_string(&path).unwrap(), "[A]\nK=4\n");
    let held = lease();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(300));
            drop(held);
        });
        assert_eq!(run.said().status, 0);
    });
    assert_eq!(fs::read_to_string(&path).unwrap(), "[A]\nK=1\n");
    let held = lease();
    let undo = run.again(["--undo"]);
    let held_too_long = format!("a.ini: {held_too_long}grini: nothing was changed\n");
    assert!(
        undo.err.ends_with(&held_too_long) && undo.status == 2,
        "{undo:?}"
    );
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(300));
            drop(held);
        });
        let undo = run.again(["--undo"]);
        assert_eq!(undo.status, 0, "{undo:?}");
    });
    assert_eq!(fs::read_to_string(&path).unwrap(), "[A]\nK=4\n");
}
