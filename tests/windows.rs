//! grini.exe, as a user of Windows runs it: the whole story on a copy of the sample store, names, streams, and files that
//! other programs have open.
#![cfg(windows)]

mod started;

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use started::started;
use tempfile::TempDir;

/// A folder with a copy of the sample store in `Clients`, and a state folder next to it.
struct Place {
    base: TempDir,
}

/// Standard output, standard error and the exit status of a run.
type Said = (String, String, i32);

impl Place {
    fn new() -> Place {
        let base = tempfile::tempdir().unwrap();
        let clients = base.path().join("work/Clients");
        fs::create_dir_all(&clients).unwrap();
        for entry in fs::read_dir("tests/clients").unwrap() {
            let entry = entry.unwrap();
            fs::write(
                clients.join(entry.file_name()),
                fs::read(entry.path()).unwrap(),
            )
            .unwrap();
        }
        Place { base }
    }
    fn path(&self, name: &str) -> PathBuf {
        self.base.path().join("work").join(name)
    }
    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }
    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }
    fn command<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_grini"));
        command
            .args(args)
            .current_dir(self.path(""))
            .stdin(Stdio::null())
            .env("LOCALAPPDATA", self.base.path().join("state"));
        command
    }
    fn said<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Said {
        let mut command = self.command(args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = started(&mut command).wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let status = output.status.code().unwrap();
        (text(output.stdout), text(output.stderr), status)
    }
    /// The same, with the IDs of edits left out.
    fn done<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Said {
        let (out, err, status) = self.said(args);
        (without_ids(&out), without_ids(&err), status)
    }
    /// Name and content of each file in a folder, sorted.
    fn contents(&self, folder: &str) -> Vec<(String, Vec<u8>)> {
        let mut found: Vec<_> = fs::read_dir(self.path(folder))
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let name = entry.file_name().into_string().unwrap();
                (name, fs::read(entry.path()).unwrap_or_default())
            })
            .collect();
        found.sort();
        found
    }
    /// Waits until the process has begun an edit, or is ended.
    fn wait_for_a_journal(&self, child: &mut std::process::Child) {
        let begun = |name: &String| !name.ends_with(".kept");
        while child.try_wait().unwrap().is_none() && !self.journals().iter().any(begun) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    /// The names in the state folder.
    fn journals(&self) -> Vec<String> {
        let Ok(names) = fs::read_dir(self.base.path().join("state/grini")) else {
            return Vec::new();
        };
        let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
        names
            .map(|entry| name(entry).into_string().unwrap())
            .collect()
    }
}

fn says(out: &str, err: &str, status: i32) -> Said {
    (out.to_owned(), err.to_owned(), status)
}

/// The text with `ID` for `YYYYMMDD-HHMMSS-UUUUUU`.
fn without_ids(text: &str) -> String {
    let form = b"00000000-000000-000000";
    let is_id = |piece: &[u8]| {
        piece.iter().zip(form).all(|(byte, form)| match form {
            b'-' => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
    };
    let mut bytes = text.as_bytes().to_vec();
    while let Some(at) = bytes.windows(form.len()).position(is_id) {
        bytes.splice(at..at + form.len(), *b"ID");
    }
    String::from_utf8(bytes).unwrap()
}

const BROKEN: [&str; 3] = ["--where", "State=4", "--missing=NumSCerts"];

/// Windows takes such names for devices, or leaves out their ends; they may come from an archive, or by a share.
#[test]
fn files_with_names_of_devices_are_files() {
    let place = Place::new();
    fs::create_dir_all(place.path("odd")).unwrap();
    let folder = place.path("odd").canonicalize().unwrap();
    let names = ["nul.ini", "Com1.ini", "aux", "con.x.ini", "end.", "x.ini"];
    for name in names {
        // Joined to such a path, a name is taken as it is.
        fs::write(folder.join(name), "[A]\r\nName = Jane\r\nState = 4\r\n").unwrap();
    }
    let (out, error, status) = place.said(["-r", "-c", "Jane", "odd"]);
    let counts: String = ["Com1.ini", "aux", "con.x.ini", "end.", "nul.ini", "x.ini"]
        .map(|name| format!("odd\\{name}:1\n"))
        .concat();
    assert_eq!((out, error.as_str(), status), (counts, "", 0));
    let set = [
        "--where",
        "State=4",
        "--set",
        "State=1",
        "--in-place",
        "odd",
    ];
    let (_, error, status) = place.said(set);
    assert!(status == 0 && error.contains("4 files changed"), "{error}");
    assert!(
        fs::read(folder.join("nul.ini"))
            .unwrap()
            .ends_with(b"State = 1\r\n")
    );
    assert_eq!(place.said(["--undo"]).2, 0);
    assert!(
        fs::read(folder.join("nul.ini"))
            .unwrap()
            .ends_with(b"State = 4\r\n")
    );
}

#[test]
fn the_story_of_the_store() {
    let place = Place::new();
    let with = |more: &[&'static str]| [&BROKEN[..], more].concat();
    assert_eq!(
        place.said(["Jane Doe", "Clients"]),
        says(
            "Clients\\Mxclfr4zqvktn.ini:Name = Jane Doe\r\nClients\\Mxclfr4zqvktn.ini-State = 4\r\n",
            "",
            0
        )
    );
    assert_eq!(
        place.said(with(&["--get", "Mailbox", "Clients"])),
        says(
            "/o=Fabrikam/ou=Leeds/cn=Recipients/cn=ghughes\n\
             /o=Fabrikam/ou=Köln/cn=Recipients/cn=jmueller\n\
             /o=Fabrikam/ou=Leeds/cn=Recipients/cn=jdoe\n\
             /o=Fabrikam/ou=Oslo/cn=Recipients/cn=rrossi\n",
            "",
            0
        )
    );
    assert_eq!(
        place.said(["--records", "--tally", "State", "Clients"]),
        says("6\t3\n5\t4\n2\t1\n1\t2\n", "", 0)
    );
    let old = place.contents("Clients");
    let preview = place
        .command(with(&["--set", "State=1", "Clients"]))
        .output()
        .unwrap();
    assert_eq!(place.contents("Clients"), old);
    assert_eq!(
        place.done(with(&["--set", "State=1", "--in-place", "Clients"])),
        says(
            "",
            "grini: 4 files changed (take it back with: grini --undo=ID)\n",
            0
        )
    );
    let new = place.contents("Clients");
    let changed = old.iter().zip(&new).filter(|(old, new)| old != new);
    for ((name, old), (_, new)) in changed.clone() {
        let differ: Vec<_> = old
            .iter()
            .zip(new)
            .filter(|(old, new)| old != new)
            .collect();
        assert_eq!(
            (differ, old.len()),
            (vec![(&b'4', &b'1')], new.len()),
            "{name}"
        );
    }
    assert_eq!(changed.count(), 4);
    assert_eq!(applied(&old, &preview.stdout), new);
    let taken = "grini: 4 files taken back (made again with: grini --redo)\n";
    assert_eq!(place.said(["--undo"]), says("", taken, 0));
    assert_eq!(place.contents("Clients"), old);
    let again = "grini: 4 files changed again (taken back with: grini --undo=ID)\n";
    assert_eq!(place.done(["--redo"]), says("", again, 0));
    assert_eq!(place.contents("Clients"), new);
    let (history, err, status) = place.done(["--history"]);
    let states: Vec<&str> = history
        .lines()
        .map(|line| line.split('\t').nth(3).unwrap())
        .collect();
    assert_eq!(
        (states, err.as_str(), status),
        (vec!["done", "took ID back", "made ID again"], "", 0)
    );
    assert_eq!(place.said(["--undo"]), says("", taken, 0));
    assert_eq!(place.contents("Clients"), old);
    assert_eq!(
        place.said(["--recover"]),
        says("", "grini: nothing to recover\n", 1)
    );
    // The names of a file as its folder has it, and as it was found: without the long form of paths.
    let id = place.said(["--history"]).0[..22].to_owned();
    let shown = place.said([format!("--history={id}")]).0;
    let path = shown.lines().nth(2).unwrap();
    assert!(
        path.ends_with(r"\work\Clients\MXH0T7CUX4JFI.INI"),
        "{shown}"
    );
    assert!(!path.starts_with(r"\\?\"), "{shown}");
}

/// What a diff makes of files.
fn applied(old: &[(String, Vec<u8>)], diff: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut files = old.to_vec();
    let mut file = 0;
    let mut at = 0;
    for line in diff.split_inclusive(|byte| *byte == b'\n') {
        let text = String::from_utf8_lossy(line);
        if let Some(name) = text.strip_prefix("+++ Clients/") {
            let name = name.trim_end();
            file = files.iter().position(|(known, _)| known == name).unwrap();
        } else if let Some(hunk) = text.strip_prefix("@@ -") {
            let first: usize = hunk.split(',').next().unwrap().parse().unwrap();
            let lines = files[file].1.split_inclusive(|byte| *byte == b'\n');
            at = lines.take(first - 1).map(<[u8]>::len).sum();
        } else if !text.starts_with("---") {
            let content = &mut files[file].1;
            let (kind, line) = line.split_first().unwrap();
            if *kind == b'+' {
                content.splice(at..at, line.iter().copied());
            } else {
                assert_eq!(&content[at..at + line.len()], line, "{diff:?}");
            }
            match kind {
                b'-' => drop(content.drain(at..at + line.len())),
                _ => at += line.len(),
            }
        }
    }
    files
}

#[test]
fn only_the_value_changes_whatever_the_encoding_and_the_line_ends() {
    let place = Place::new();
    let utf16 = |text: &str, big: bool| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        let bytes = |unit: u16| {
            if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        };
        units.flat_map(bytes).collect()
    };
    let latin = |text: &str| text.chars().map(|char| char as u8).collect::<Vec<u8>>();
    let text =
        |state: &str| format!("[Gerät]\r\nName = Jürgen\r\nState  =  {state}  \r\n\r\n; Ende\r\n");
    let bom = |text: &str| [b"\xef\xbb\xbf", text.as_bytes()].concat();
    type Encode<'e> = &'e dyn Fn(&str) -> Vec<u8>;
    let kinds: [(&str, Encode<'_>); 6] = [
        ("le.ini", &|text| utf16(text, false)),
        ("be.ini", &|text| utf16(text, true)),
        ("latin.ini", &latin),
        ("utf8.ini", &|text| text.as_bytes().to_vec()),
        ("bom.ini", &bom),
        ("mixed.ini", &|text| {
            latin(&text.replace("\r\n\r\n", "\n\r\n"))
        }),
    ];
    for (name, encoded) in kinds {
        place.write(&format!("kinds/{name}"), encoded(&text("4")));
    }
    for (old, new) in [("4", "1"), ("1", "100"), ("100", "4")] {
        let condition = format!("State={old} and Name ~ ^Jürgen$");
        let set = format!("State={new}");
        assert_eq!(
            place.done(["--where", &condition, "--set", &set, "--in-place", "kinds"]),
            says(
                "",
                "grini: 6 files changed (take it back with: grini --undo=ID)\n",
                0
            )
        );
        for (name, encoded) in kinds {
            let found = place.read(&format!("kinds/{name}"));
            assert_eq!(found, encoded(&text(new)), "{name} {new}");
        }
    }
}

#[test]
fn names_are_found_as_windows_has_them() {
    let place = Place::new();
    let odd = "naïve 中 [1].ini";
    place.write(&format!("odd/{odd}"), "Name = Jane Doe\r\nState = 4\r\n");
    place.write("odd/sub/MX.INI", "Name = Jane Doe\r\nState = 4\r\n");
    place.write("odd/other.txt", "Name = Jane Doe\r\n");
    let found = |path: &str| format!("{path}:Name = Jane Doe\r\n{path}-State = 4\r\n");
    let both = |folder: &str, sub: &str| {
        found(&format!("{folder}{odd}")) + &found(&format!("{folder}{sub}"))
    };
    let same = [
        // Beneath a folder, as typed: its separator goes on.
        (vec!["odd"], both(r"odd\", r"sub\MX.INI")),
        (vec![r"ODD\"], both(r"ODD\", r"sub\MX.INI")),
        (vec!["./odd"], both("./odd/", "sub/MX.INI")),
        // Wildcards, anywhere in a path, in any case.
        (vec![r"odd\*.INI"], found(&format!(r"odd\{odd}"))),
        (vec!["od?/Na*.ini"], found(&format!("odd/{odd}"))),
        (vec![r"O*\s*\m?.ini"], found(r"odd\sub\MX.INI")),
        (vec!["odd/naïve*", "-H"], found(&format!("odd/{odd}"))),
        // Another case than the folder has.
        (vec!["-H", r"odd\SUB\mx.ini"], found(r"odd\SUB\mx.ini")),
        (vec!["--include=mx.*", "odd"], found(r"odd\sub\MX.INI")),
    ];
    for (operands, out) in same {
        let several = operands[0].contains('*') || operands[0].contains('?');
        let mut args = vec!["Jane Doe"];
        args.extend(&operands);
        if several && !args.contains(&"-H") {
            args.push("-H");
        }
        assert_eq!(place.said(&args), (out, String::new(), 0), "{args:?}");
    }
    // A pattern is never expanded, nor what follows `--`.
    place.write("X1", "");
    assert_eq!(
        place.said(["-c", "X*", r"odd\other.txt"]),
        says("1\n", "", 0)
    );
    let none = format!("grini: {}: no file has such a name\n", r"odd\*.ini");
    assert_eq!(place.said(["Jane", "--", r"odd\*.ini"]), says("", &none, 2));
    let none = format!("grini: {}: no file has such a name\n", r"odd\*.inf");
    assert_eq!(place.said(["Jane", r"odd\*.inf"]), says("", &none, 2));
    // Absolute paths, by both separators, and in the long form.
    let whole = place.path("odd").into_os_string().into_string().unwrap();
    let slashed = whole.replace('\\', "/");
    let both_of =
        |folder: &str, by: char| both(&format!("{folder}{by}"), &format!("sub{by}MX.INI"));
    let long = format!(r"\\?\{whole}").replace('/', r"\");
    for (folder, by) in [
        (&slashed, '/'),
        (&whole.replace('/', r"\"), '\\'),
        (&long, '\\'),
    ] {
        assert_eq!(
            place.said(["Jane", folder]),
            (both_of(folder, by), String::new(), 0)
        );
    }
    // A drive alone is its current folder.
    let drive = &whole[..2];
    let (out, err, status) = place.said(["-l", "Jane", drive]);
    let clients = format!("{drive}Clients\\Mxclfr4zqvktn.ini\n");
    assert_eq!(
        (out, err.as_str(), status),
        (
            format!("{clients}{drive}odd\\{odd}\n{drive}odd\\sub\\MX.INI\n"),
            "",
            0
        )
    );
    // Names in a diff have slashes, so that every program that applies it finds them.
    let (diff, ..) = place.said(["--records", "--set", "State=1", r"odd\sub"]);
    assert_eq!(
        diff,
        "--- odd/sub/MX.INI\n+++ odd/sub/MX.INI\n@@ -1,2 +1,2 @@\n Name = Jane Doe\r\n-State = 4\r\n+State = 1\r\n"
    );
    let args = [
        "--records",
        "--set",
        "State=1",
        "--in-place",
        r"odd\n*",
        r"odd\NAÏVE*",
    ];
    assert_eq!(
        place.done(args),
        says(
            "",
            "grini: 1 file changed (take it back with: grini --undo=ID)\n",
            0
        )
    );
    assert_eq!(
        place.read(&format!("odd/{odd}")),
        b"Name = Jane Doe\r\nState = 1\r\n"
    );
    let args = ["--undo", r"odd\n*"];
    assert_eq!(
        place.said(args),
        says(
            "",
            "grini: 1 file taken back (made again with: grini --redo)\n",
            0
        )
    );
    assert_eq!(
        place.read(&format!("odd/{odd}")),
        b"Name = Jane Doe\r\nState = 4\r\n"
    );
}

/// How another program has a file open.
const READ: u32 = 0x8000_0000;
const WRITE: u32 = 0x4000_0000;
const SHARES: [(&str, u32); 5] = [
    ("nothing", 0),
    ("reading", 1),
    ("reading and writing", 3),
    ("reading, writing and removing", 7),
    ("reading and removing", 5),
];

#[test]
fn a_file_that_another_program_has_open_is_edited_or_refused_but_never_half() {
    let place = Place::new();
    let old = "[a]\r\nState = 4\r\n";
    let path = place.write("open/b.ini", old);
    let all = |set: &str| {
        for name in ["open/a.ini", "open/b.ini", "open/c.ini"] {
            place.write(name, old);
        }
        let set = format!("State={set}");
        ["--records", "--set", set.as_str(), "--in-place", "open"].map(str::to_owned)
    };
    let refused = "grini: open\\b.ini: another program has it open; run the command again when that is done\n\
                   grini: nothing was changed\n";
    let unread = "grini: open\\b.ini: another program has it open; run the command again when that is done\n\
                  grini: no file was changed: all are written or none (--keep-going writes the others)\n";
    let done = "grini: 3 files changed (take it back with: grini --undo=ID)\n";
    for access in [READ, WRITE, READ | WRITE] {
        for (what, share) in SHARES {
            for new in ["1", "100"] {
                let args = all(new);
                let mut how = OpenOptions::new();
                let held = how
                    .access_mode(access)
                    .share_mode(share)
                    .open(&path)
                    .unwrap();
                let case = format!("access {access:x}, others may be {what}, to {new}");
                // It is read with all shared; then written with reading shared, or nothing.
                let expected = match (share & 1 != 0, share & 2 != 0) {
                    (false, _) => unread,
                    (true, true) if access == READ && new == "1" => done,
                    _ => refused,
                };
                let status = if expected == done { 0 } else { 2 };
                assert_eq!(place.done(&args), says("", expected, status), "{case}");
                drop(held);
                let content = if expected == done {
                    old.replace('4', new)
                } else {
                    old.to_owned()
                };
                for (name, found) in place.contents("open") {
                    assert_eq!(String::from_utf8(found).unwrap(), content, "{case}: {name}");
                }
                let open = |name: &String| !name.ends_with(".kept");
                assert!(!place.journals().iter().any(open), "{case}");
            }
        }
    }
}

#[test]
fn taking_back_waits_for_a_file_that_another_program_has_open() {
    let place = Place::new();
    let path = place.write("a.ini", "State = 4\n");
    let hold = || {
        let mut how = OpenOptions::new();
        how.read(true).share_mode(1).open(&path).unwrap()
    };
    place.said(["--records", "--set", "State=10", "--in-place", "a.ini"]);
    let held = hold();
    let (_, err, status) = place.said(["--undo"]);
    assert!(
        err.contains("another program has it open") && status == 2,
        "{err}"
    );
    assert_eq!(place.read("a.ini"), b"State = 10\n");
    let undo = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(300));
            drop(held);
        });
        place.said(["--undo"])
    });
    assert_eq!(undo.2, 0, "{undo:?}");
    assert_eq!(place.read("a.ini"), b"State = 4\n");
}

#[test]
fn the_history_has_command_lines_as_they_are_typed() {
    let place = Place::new();
    place.write("my files/a.ini", "State = 4\n");
    let set = ["--records", "--set", r#"State=a "b" c"#];
    let args = [&set[..], &["--in-place", r"my files\"]].concat();
    assert_eq!(place.said(&args).2, 0);
    let (history, ..) = place.said(["--history"]);
    let typed = r#" --records --set "State=a \"b\" c" --in-place "my files\\""#;
    assert!(history.trim_end().ends_with(typed), "{history}");
}

#[test]
fn with_keep_going_the_files_that_no_one_has_open_are_edited() {
    let place = Place::new();
    for name in ["a.ini", "b.ini", "c.ini"] {
        place.write(name, "State = 4\n");
    }
    let held = OpenOptions::new()
        .read(true)
        .share_mode(1)
        .open(place.path("b.ini"))
        .unwrap();
    let args = [
        "--records",
        "--set",
        "State=10",
        "--in-place",
        "--keep-going",
        "a.ini",
        "b.ini",
        "c.ini",
    ];
    assert_eq!(
        place.done(args),
        says(
            "",
            "grini: b.ini: another program has it open; run the command again when that is done\n\
             grini: 2 files changed (take it back with: grini --undo=ID)\n",
            2
        )
    );
    drop(held);
    let found = ["a.ini", "b.ini", "c.ini"].map(|name| place.read(name));
    assert_eq!(
        found,
        [&b"State = 10\n"[..], b"State = 4\n", b"State = 10\n"]
    );
}

fn set_read_only(path: &Path, read_only: bool) {
    let mut permissions = fs::metadata(path).unwrap().permissions();
    permissions.set_readonly(read_only);
    fs::set_permissions(path, permissions).unwrap();
}

#[test]
fn a_read_only_file_is_refused_and_with_force_it_is_read_only_again() {
    let place = Place::new();
    let path = place.write("a.ini", "State = 4\r\n");
    place.write("b.ini", "State = 4\r\n");
    set_read_only(&path, true);
    let args = |more: &[&'static str]| {
        [
            &["--records", "--set", "State=77", "--in-place"],
            more,
            &["a.ini", "b.ini"],
        ]
        .concat()
    };
    assert_eq!(
        place.said(args(&[])),
        says(
            "",
            "grini: a.ini: it is read-only; make it writable (attrib -r) or use --force\n\
             grini: nothing was changed\n",
            2
        )
    );
    assert_eq!(place.read("b.ini"), b"State = 4\r\n");
    let done = "grini: 2 files changed (take it back with: grini --undo=ID)\n";
    assert_eq!(place.done(args(&["--force"])), says("", done, 0));
    assert_eq!(place.read("a.ini"), b"State = 77\r\n");
    assert!(fs::metadata(&path).unwrap().permissions().readonly());
    assert_eq!(place.said(["--undo", "--force"]).2, 0);
    assert_eq!(place.read("a.ini"), b"State = 4\r\n");
    assert!(fs::metadata(&path).unwrap().permissions().readonly());
    set_read_only(&path, false);
}

#[test]
fn backups_keep_the_old_files() {
    let place = Place::new();
    place.write("a.ini", "State = 4\r\n");
    let args = |suffix: &str| {
        let in_place = format!("--in-place={suffix}");
        ["--records", "--set", "State=12", &in_place, "a.ini"].map(str::to_owned)
    };
    let done = "grini: 1 file changed (take it back with: grini --undo=ID)\n";
    assert_eq!(place.done(args(".bak")), says("", done, 0));
    assert_eq!(place.read("a.ini"), b"State = 12\r\n");
    assert_eq!(place.read("a.ini.bak"), b"State = 4\r\n");
    let names = || {
        place
            .contents("")
            .into_iter()
            .map(|(name, _)| name)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(), ["Clients", "a.ini", "a.ini.bak"]);
    for suffix in [
        ":x", "*", "?", "\"", "<", ">", "|", "\\", "/", ".bak.", "bak ",
    ] {
        let what = format!(
            "grini: --in-place={suffix}: no name on Windows ends so, and stores move; choose a suffix such as .bak\n"
        );
        assert_eq!(place.said(args(suffix)), says("", &what, 2));
    }
    assert_eq!(names(), ["Clients", "a.ini", "a.ini.bak"]);
}

/// Files that take a while to edit, and how long a journal of that is open.
fn large(place: &Place) -> (Vec<String>, Duration) {
    for number in 0..FILES {
        place.write(
            &format!("many/{number:03}.ini"),
            "[S]\r\nState = 4\r\nName = x\r\n",
        );
    }
    let args = ["--records", "--set", "State=100", "--in-place", "many"].map(str::to_owned);
    let mut child = started(place.command(&args).stderr(Stdio::null()));
    place.wait_for_a_journal(&mut child);
    let begun = Instant::now();
    assert!(child.wait().unwrap().success());
    let time = begun.elapsed();
    assert_eq!(place.said(["--undo"]).2, 0);
    (args.to_vec(), time)
}

const FILES: usize = 100;

fn states(place: &Place) -> Vec<Vec<u8>> {
    let mut found: Vec<_> = place
        .contents("many")
        .into_iter()
        .map(|(_, content)| content)
        .collect();
    found.dedup();
    found
}

#[test]
fn after_a_kill_in_the_middle_all_files_are_old_or_all_are_new() {
    const KILLS: u32 = 20;
    let place = Place::new();
    let (args, mut time) = large(&place);
    let (mut number, mut open, mut half) = (0, 0, 0);
    // Some come too late where the machine has become faster.
    while open < KILLS || half == 0 {
        number += 1;
        assert!(
            number < 5 * KILLS,
            "{open} of {number} kills came in the middle"
        );
        let mut child = started(place.command(&args).stderr(Stdio::null()));
        place.wait_for_a_journal(&mut child);
        std::thread::sleep(time * (number % KILLS) / KILLS);
        child.kill().unwrap();
        child.wait().unwrap();
        match place.journals().iter().any(|name| !name.ends_with(".kept")) {
            true => open += 1,
            false => time = time * 3 / 4,
        }
        half += u32::from(states(&place).len() > 1);
        let (_, err, _) = place.said(["--recover"]);
        let now = states(&place);
        let whole = [
            &b"[S]\r\nState = 4\r\nName = x\r\n"[..],
            b"[S]\r\nState = 100\r\nName = x\r\n",
        ];
        assert!(
            now.len() == 1 && whole.contains(&&now[0][..]),
            "{number}: {err} {now:?}"
        );
        assert_eq!(place.contents("many").len(), FILES);
        assert!(
            place.journals().iter().all(|name| name.ends_with(".kept")),
            "{err}"
        );
        if now[0] == whole[1] {
            assert_eq!(place.said(["--undo"]).2, 0);
        }
    }
    println!("{number} kills: {open} left a journal open, {half} some files new and some old");
}

#[test]
fn what_a_kill_left_in_a_file_that_is_open_is_taken_back_when_it_is_closed() {
    let place = Place::new();
    let (args, time) = large(&place);
    let new = b"[S]\r\nState = 100\r\nName = x\r\n";
    let mut number = 0;
    // Until one was killed after it wrote to the first file, and before the end.
    let held = loop {
        let mut child = started(place.command(&args).stderr(Stdio::null()));
        place.wait_for_a_journal(&mut child);
        std::thread::sleep(time * (number % 20) / 20);
        number += 1;
        child.kill().unwrap();
        child.wait().unwrap();
        let open = place
            .journals()
            .iter()
            .any(|name| name.ends_with(".prepared"));
        if open && place.read("many/000.ini") == new {
            break OpenOptions::new()
                .read(true)
                .share_mode(1)
                .open(place.path("many/000.ini"));
        }
        assert_eq!(place.said(["--recover"]).1.lines().count(), 1);
        if place.read("many/000.ini") == new {
            assert_eq!(place.said(["--undo"]).2, 0);
        }
        assert!(number < 100, "none was killed in the middle");
    };
    let (_, err, status) = place.done(["--recover"]);
    let folder = place.path("many").canonicalize().unwrap();
    let first = folder
        .join("000.ini")
        .display()
        .to_string()
        .replace(r"\\?\", "");
    let left = format!(
        "grini: {first}: the edit ID was not ended here: another program has it open; grini --recover tries \
         again, grini --forget=ID drops it\n"
    );
    assert_eq!((err, status), (left, 2));
    drop(held);
    let ended = "grini: ID: an unfinished edit was rolled back; its files are as before it\n";
    assert_eq!(place.done(["--recover"]), says("", ended, 0));
    assert_eq!(states(&place), [b"[S]\r\nState = 4\r\nName = x\r\n"]);
}

#[test]
fn ctrl_c_takes_an_edit_back() {
    use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, GenerateConsoleCtrlEvent};
    const NEW_PROCESS_GROUP: u32 = 0x200;
    let place = Place::new();
    let (args, time) = large(&place);
    for number in 1..4 {
        let mut command = place.command(&args);
        command
            .creation_flags(NEW_PROCESS_GROUP)
            .stderr(Stdio::piped());
        let mut child = started(&mut command);
        place.wait_for_a_journal(&mut child);
        std::thread::sleep(time * number / 4);
        // SAFETY: the call takes numbers alone.
        if unsafe { GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, child.id()) } == 0 {
            let error = std::io::Error::last_os_error();
            println!("nothing is compared: Ctrl-C cannot be sent here ({error})");
            return;
        }
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        let now = states(&place);
        match output.status.code() {
            Some(0) => assert_eq!(place.said(["--undo"]).2, 0),
            Some(2) => assert_eq!(err, "grini: interrupted; nothing was changed\n"),
            // It came before the edit, or after it.
            code => println!("ended with {code:?}: {err}"),
        }
        assert_eq!(now.len(), 1, "{err}");
        assert_eq!(states(&place), [b"[S]\r\nState = 4\r\nName = x\r\n"]);
        assert_eq!(place.said(["--recover"]).2, 1);
    }
}

#[test]
fn output_goes_to_pipes_and_files_as_it_is() {
    let place = Place::new();
    let text = "[S]\r\nName = Jörg\r\nState = 4\r\n".repeat(20_000);
    place.write("a.ini", &text);
    let expected = "Name = Jörg\r\nState = 4\r\n".repeat(20_000);
    let args = ["-h", "--no-show", "-e", "Jörg", "-e", "State", "a.ini"];
    assert!(place.said(args) == (expected.clone(), String::new(), 0));
    let out = File::create(place.path("out.txt")).unwrap();
    assert!(place.command(args).stdout(out).status().unwrap().success());
    assert!(place.read("out.txt") == expected.as_bytes());
    // Standard input, from a pipe and from a file.
    for piped in [true, false] {
        let mut command = place.command(["-c", "Jörg"]);
        let stdin = match piped {
            true => Stdio::piped(),
            false => File::open(place.path("a.ini")).unwrap().into(),
        };
        let mut child = started(command.stdin(stdin).stdout(Stdio::piped()));
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(text.as_bytes()).unwrap();
        }
        assert_eq!(child.wait_with_output().unwrap().stdout, b"20000\n");
    }
    // A reader that goes ends it, without a message.
    let mut child = place
        .command(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut few = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut few).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (output.stderr, output.status.code()),
        (Vec::new(), Some(141))
    );
}

#[test]
fn paths_may_be_long() {
    let place = Place::new();
    let folder = ["d"; 12].map(|name| name.repeat(40)).join("\\");
    let name = format!("long\\{folder}\\a.ini");
    let verbatim = format!(
        r"\\?\{}\{name}",
        place.path("").canonicalize().unwrap().display()
    );
    let verbatim = PathBuf::from(verbatim.replace(r"\\?\\\?\", r"\\?\").replace('/', r"\"));
    fs::create_dir_all(verbatim.parent().unwrap()).unwrap();
    fs::write(verbatim, "Name = Jane Doe\r\n").unwrap();
    assert_eq!(
        place.said(["Jane", "long"]),
        (format!("{name}:Name = Jane Doe\r\n"), String::new(), 0)
    );
    assert_eq!(
        place.said(["-h", "Jane", &name]),
        says("Name = Jane Doe\r\n", "", 0)
    );
}

#[test]
fn called_grep_exe_it_is_grep() {
    let place = Place::new();
    let grep = place.path("GREP.EXE");
    fs::copy(env!("CARGO_BIN_EXE_grini"), &grep).unwrap();
    let grep = |args: &[&str]| {
        let mut command = Command::new(&grep);
        command.args(args).current_dir(place.path(""));
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let status = output.status.code().unwrap();
        (text(output.stdout), text(output.stderr), status)
    };
    let files = ["Clients/Mxclfr4zqvktn.ini", "Clients/Mxb1k9ztfr5uy.ini"];
    let out = "Clients/Mxclfr4zqvktn.ini:1\nClients/Mxb1k9ztfr5uy.ini:1\n";
    let said = grep(&["-c", "State = 4", files[0], files[1]]);
    assert_eq!(said, says(out, "", 0));
    let (_, err, status) = grep(&["--no-such"]);
    assert!(
        err.starts_with("grep: unrecognized option '--no-such'") && status == 2,
        "{err}"
    );
    let folder = "grep: Clients: Is a directory\n";
    let said = grep(&["-c", "State = 4", "Clients", files[0]]);
    assert_eq!(
        said,
        says("Clients:0\nClients/Mxclfr4zqvktn.ini:1\n", folder, 2)
    );
    let said = grep(&["-L", "State = 4", "Clients", files[0]]);
    assert_eq!(said, says("Clients\n", folder, 2));
    let list = grep(&["-f", "Clients", files[0]]);
    assert_eq!(list, says("", folder, 2));
}
