//! Against GNU grep: generated options, patterns, trees and operands, the same output, messages and status.
//!
//! GRINI_CASES (default 150) cases of GRINI_SEED (default 1). What may differ is what a named rule of [`known`] says.

use crate::peer::{self, Differences, Line, Printed};
use crate::random::Random;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

const SEED: u64 = 1;
/// Cases for each tree.
const OF_A_TREE: u32 = 20;
/// A user without rights.
const NOBODY: u32 = 65534;

const OPTIONS: &[&str] = &[
    "-i", "-v", "-w", "-x", "-c", "-l", "-L", "-n", "-H", "-h", "-o", "-b", "-v", "-n", "-i", "-c",
];

const RARE: &[&str] = &[
    "-T",
    "-Z",
    "-s",
    "-q",
    "-z",
    "-a",
    "-I",
    "-U",
    "-A1",
    "-B1",
    "-C2",
    "-2",
    "-m1",
    "-m2",
    "-m0",
    "-A0",
    "-B2",
    "-C1",
    "-A3",
    "--color=always",
    "--no-group-separator",
    "--group-separator=##",
    "--no-ignore-case",
    "--null",
    "-y",
    "--binary-files=without-match",
    "--line-buffered",
    "--label=L",
    "-m-1",
    "--binary-files=text",
    "--no-messages",
];

const SYNTAX: &[&str] = &["-E", "-F", "-G", "-P", "-E", "-E"];

const WRONG: &[&str] = &[
    "-d",
    "-dfoo",
    "-dre",
    "-Dfoo",
    "-Cx",
    "-A",
    "-m",
    "-mx",
    "--foo",
    "--in",
    "-X",
    "--binary-files=x",
    "--context=-1",
    "--max-count",
    "-e",
    "--regex",
    "-f",
    "-fmissing",
    "--no-i",
    "--colour=x",
];

const PIECES: &[&[u8]] = &[
    b"a",
    b"b",
    b"ab",
    b"B",
    b"1",
    b"_",
    b" ",
    b".",
    b"*",
    b"a*",
    b"b\\+",
    b"b+",
    b"\\?",
    b"?",
    b"^",
    b"$",
    b"[ab]",
    b"[^a]",
    b"[[:alpha:]]",
    b"[[:space:]]",
    b"\\w",
    b"\\W",
    b"\\b",
    b"\\<",
    b"\\>",
    b"\\B",
    b"\\(a\\)",
    b"\\1",
    b"(a|b)",
    b"a|",
    b"|b",
    b"\\|",
    b"a\\{1,2\\}",
    b"a{2}",
    "é".as_bytes(),
    "É".as_bytes(),
    b"\n",
    b"x",
    b".*",
    b"\\.",
    b"-",
    b"[a-c]",
    b"(ab)*",
    b"\\(b*\\)\\1",
    b"s",
    b"K",
    b"x",
    b"a",
    b"\\/",
    b"\\d",
    b"[:space:]",
    b"[",
    b"\\",
];

const TEXT: &[&[u8]] = &[
    b"a", b"b", b"ab", b"B", b"A", b"1", b"_", b" ", b"\n", b"\n", b"\n", b"x", b"-", b"aa",
    b"abab", b"\t", b"\n", b"a\n", b"b\n", b"x\n", b"\n", b"ab\n", b"B\n", b"x", b"a", b"b",
];

const UNUSUAL: &[&[u8]] = &[
    "é".as_bytes(),
    "É".as_bytes(),
    "ſ".as_bytes(),
    "K".as_bytes(),
    "\u{301}".as_bytes(),
    b"\xff",
    b"\0",
    b"\xe9",
    b"\r\n",
    b"\xc3",
    b"\xff\n",
    b"\0\n",
    b"\xe9a\n",
];

const NAMES: &[&str] = &[
    "a", "b.c", ".h", "d", "e.ini", "-f", "g h", "é", "k", "m.c", "n.o", "x",
];

fn small(random: &mut Random) -> Vec<u8> {
    let unusual = random.chance(35);
    (0..random.below(30))
        .flat_map(|_| {
            let pieces = if unusual && random.chance(20) {
                UNUSUAL
            } else {
                TEXT
            };
            random.pick(pieces)
        })
        .copied()
        .collect()
}

/// More than GNU grep reads at once, with few lines that may be selected, and something unusual at a place or two.
fn long(random: &mut Random) -> Vec<u8> {
    let mut text = Vec::new();
    let size = 60_000 + random.below(300_000);
    let width = 1 + random.below(200);
    let every = 1 + random.below(3000);
    while text.len() < size {
        text.extend(vec![b'.'; random.below(width)]);
        text.push(b'\n');
        if random.below(every) == 0 {
            text.extend(small(random));
        }
    }
    for _ in 0..random.below(3) {
        let at = random.below(text.len());
        text[at] = random.pick(&[0, 0, 0xff, b'\n', b'a']);
    }
    text
}

fn name(random: &mut Random) -> &'static str {
    random.pick(NAMES)
}

/// Folders, files, links, and what cannot be read.
fn plant(random: &mut Random, tree: &Path) {
    // What others may not enter is to go, too.
    if tree.exists() {
        let _ = Command::new("chmod")
            .args(["-R", "u+rwX"])
            .arg(tree)
            .status();
        fs::remove_dir_all(tree).expect("it goes");
    }
    fs::create_dir(tree).expect("a folder");
    let mut folders = vec![tree.to_owned()];
    for _ in 0..random.below(4) {
        let path = folders[random.below(folders.len())].join(name(random));
        if fs::create_dir(&path).is_ok() {
            folders.push(path);
        }
    }
    let mut closed = Vec::new();
    for at in 0..4 + random.below(8) {
        let path = folders[random.below(folders.len())].join(name(random));
        if path.symlink_metadata().is_ok() {
            continue;
        }
        match random.below(40) {
            0 => drop(symlink("missing", &path)),
            1 => drop(symlink(".", &path)),
            2 | 3 => drop(symlink(tree.join("a"), &path)),
            4 => {
                fs::write(&path, "a\n").expect("a file");
                closed.push(path);
            }
            5 if at > 2 => {
                fs::create_dir(&path).expect("a folder");
                fs::write(path.join("a"), "a\n").expect("a file");
                closed.push(path);
            }
            6 | 7 => fs::write(&path, long(random)).expect("a file"),
            _ => fs::write(&path, small(random)).expect("a file"),
        }
    }
    for path in closed {
        fs::set_permissions(path, fs::Permissions::from_mode(0o000)).expect("its mode");
    }
}

/// All that is in a tree, as paths from it, in byte order.
fn paths(tree: &Path, within: &str) -> Vec<String> {
    let mut all = Vec::new();
    let Ok(entries) = fs::read_dir(tree.join(within)) else {
        return all;
    };
    for entry in entries {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("text");
        let path = if within.is_empty() {
            name
        } else {
            format!("{within}/{name}")
        };
        all.push(path.clone());
        if entry.file_type().expect("its type").is_dir() {
            all.extend(paths(tree, &path));
        }
    }
    all.sort();
    all
}

fn line(random: &mut Random, tree: &Path) -> Line {
    let mut args: Vec<Vec<u8>> = Vec::new();
    let mut push = |text: &str| args.push(text.as_bytes().to_vec());
    if random.chance(50) {
        push(random.pick(SYNTAX));
    }
    for _ in 0..random.below(4) {
        let options = if random.chance(60) { OPTIONS } else { RARE };
        push(random.pick(options));
    }
    if random.chance(35) {
        push(random.pick(&[
            "-r",
            "-r",
            "-R",
            "-dskip",
            "-drecurse",
            "-dread",
            "-Dskip",
            "-Dread",
        ]));
    }
    for _ in 0..random.below(3) * usize::from(random.chance(25)) {
        let option = random.pick(&["--include", "--exclude", "--exclude-dir"]);
        let glob = random.pick(&[
            "*.c",
            "a",
            "*",
            ".*",
            "[!a]",
            "d",
            "./d",
            "*.ini",
            "?",
            "é",
            "k/",
            "[[:lower:]]",
            "x*",
        ]);
        push(&format!("{option}={glob}"));
    }
    if random.chance(3) {
        push(random.pick(WRONG));
    }
    let pattern = random.text(4, PIECES);
    if random.chance(80) {
        args.push(b"-e".to_vec());
    }
    args.push(pattern);
    let all = paths(tree, "");
    for _ in 0..random.below(4) {
        let path = match random.below(20) {
            0 => "missing".to_owned(),
            1 => "-".to_owned(),
            2 => ".".to_owned(),
            _ if all.is_empty() => "a".to_owned(),
            _ => all[random.below(all.len())].clone(),
        };
        let lead = if path.starts_with('-') && path != "-" || random.chance(10) {
            "./"
        } else {
            ""
        };
        let tail = if random.chance(4) { "/" } else { "" };
        args.push(format!("{lead}{path}{tail}").into_bytes());
    }
    let root = rustix::process::geteuid().is_root();
    Line {
        args,
        locale: random.pick(&["C", "C.UTF-8", "C.UTF-8"]),
        stdin: small(random),
        user: root.then_some(NOBODY),
        ..Line::default()
    }
}

/// Whether an argument is one of these, or one of these letters bundled in it.
fn has(line: &Line, wanted: &[&str]) -> bool {
    line.args
        .iter()
        .any(|arg| wanted.iter().any(|wanted| arg == wanted.as_bytes()))
}

/// The rule that explains a difference.
fn known(line: &Line, ours: &Printed, theirs: &Printed) -> Option<&'static str> {
    let walks = has(line, &["-r", "-R", "-drecurse"]);
    if has(line, &["--colour=x"]) && ours.is_long_as(theirs) {
        return Some("the help is grini's");
    }
    // Whether the first file has a separator before it depends on what was searched before it.
    let separated = line
        .args
        .iter()
        .any(|arg| b"ABC2".contains(arg.get(1).unwrap_or(&0)));
    if walks && separated && ours.same_but_separators(theirs) {
        return Some("files beneath a folder come in byte order");
    }
    if has(line, &["-v"]) && has(line, &["-m-1"]) {
        return Some("-v with a negative -m");
    }
    if theirs.has_no_text() && ours.is_usage_error() && theirs.is_usage_error() {
        return Some("a byte that is no text in a message about the command line");
    }
    if has(line, WRONG) && (ours.is_usage_error() && theirs.is_usage_error()) {
        return Some("of several errors on the command line another one comes first");
    }
    // -q ends at the first file that matches: which messages come before it depends on the order of the folder.
    if walks && has(line, &["-q"]) && ours.same_but_messages(theirs) {
        return Some("files beneath a folder come in byte order");
    }
    if has(line, &["-w"]) && has(line, &["-x"]) && has(line, &["-o", "--color=always"]) {
        return Some("-w with -x takes the end of an empty line for part of the match");
    }
    let holds = |arg: &Vec<u8>, piece: &[u8]| memchr::memmem::find(arg, piece).is_some();
    let refers = |arg: &Vec<u8>| holds(arg, b"\\1");
    if theirs.is_killed() && !ours.is_killed() && line.args.iter().any(refers) {
        return Some("GNU grep takes more than 20 s for a back-reference");
    }
    let newer = |arg: &Vec<u8>| {
        let pieces = [&b"\\W"[..], b"\\D", b"\\S", b"{,", b"\\x"];
        pieces.iter().any(|piece| holds(arg, piece))
    };
    if has(line, &["-P"]) && line.args.iter().any(newer) {
        return Some("a newer PCRE2");
    }
    None
}

#[test]
fn generated_command_lines_do_what_gnu_grep_does() {
    let Some(system) = peer::gnu_grep() else {
        return;
    };
    let (_run, linked) = peer::our_grep();
    let (folder, tree) = peer::place();
    // Where any user may run it.
    let binary = folder.path().join("grep");
    fs::copy(&linked, &binary).expect("a copy");
    let cases = crate::support::cases(150);
    let mut differences = Differences::default();
    for case in 0..cases {
        if case % OF_A_TREE == 0 {
            plant(&mut Random::of_case(SEED + 1000, case), &tree);
        }
        let line = line(&mut Random::of_case(SEED, case), &tree);
        let end = if has(&line, &["-z", "-Z", "--null"]) {
            0
        } else {
            b'\n'
        };
        let sorted = has(&line, &["-r", "-R", "-drecurse"]).then_some(end);
        let theirs = Printed::new(&line.run(&system, &tree), &system, sorted);
        let ours = Printed::new(&line.run(&binary, &tree), &binary, sorted);
        if ours == theirs {
            continue;
        }
        if let Some(rule) = known(&line, &ours, &theirs) {
            *differences.known.entry(rule).or_default() += 1;
            continue;
        }
        if let Ok(kept) = std::env::var("GRINI_KEEP") {
            let kept = Path::new(&kept).join(case.to_string());
            let _ = Command::new("cp").arg("-a").arg(&tree).arg(kept).status();
        }
        differences.push(format!(
            "case {case}: {}\n  ours: {}\n  GNU's: {}",
            line.shown(),
            ours.shown(&theirs),
            theirs.shown(&ours)
        ));
    }
    differences.end("command lines", cases, SEED);
}

/// A file that is searched by pieces: where the first NUL byte stands decides what is printed before it.
#[test]
fn a_late_nul_byte_ends_a_huge_file_where_it_does_in_gnu_grep() {
    let Some(system) = peer::gnu_grep() else {
        return;
    };
    let (run, binary) = peer::our_grep();
    let path = run.folder().join("huge");
    let mut content: Vec<u8> = Vec::new();
    for at in 0..250_000 {
        content
            .extend_from_slice(format!("line {at} of them {}\n", "x".repeat(at % 40)).as_bytes());
    }
    assert!(content.len() > 9 << 20);
    let mut named = false;
    // Reads are of 96 KiB, pieces of ten reads.
    let read = 96 << 10;
    let edge = 10 * read;
    for nul in [
        None,
        Some(0),
        Some(edge - 30),
        Some(edge - 1),
        Some(edge),
        Some(edge + 20),
        Some(edge + read - 1),
        Some(edge + read),
        Some(3 * edge + 40_000),
        Some(5 * edge + 7 * read + 11),
        Some(content.len() - 1),
    ] {
        let mut content = content.clone();
        if let Some(at) = nul {
            content[at] = 0;
        }
        named = !named;
        let _ = fs::remove_file(&path);
        fs::write(&path, &content).unwrap();
        if nul == Some(edge + read) {
            // A hole of many pieces before the last lines.
            let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
            file.set_len(content.len() as u64 + (8 << 20)).unwrap();
            file.write_all(b"249999 of\nxyz").unwrap();
        }
        for args in [
            &["-n", "7"][..],
            &["-c", "7"],
            &["-vb", "x"],
            &["-a", "-on", "9 of"],
            &["-A0", "77"],
            &["-cE", "^$|249999 of|xyz"],
            &["-l", "249999 of"],
            &["-L", "--binary-files=without-match", "249999 of"],
            &["249999 of"],
            &["249999 or"],
        ] {
            if nul == Some(edge + read) && args[0] == "-cE" {
                // Too many empty lines for a test.
                continue;
            }
            // By its name and as standard input in turn.
            named = !named;
            let said = |program: &Path| {
                let mut command = Command::new(program);
                command.args(args).env_clear().env("LC_ALL", "C.UTF-8");
                if named {
                    command.arg(&path);
                } else {
                    command.stdin(fs::File::open(&path).unwrap());
                }
                let output = command.output().unwrap();
                (output.stdout, output.status.code())
            };
            let equal = said(&binary) == said(&system);
            assert!(equal, "NUL at {nul:?}, {args:?}, named {named}");
        }
    }
}

#[test]
fn a_file_that_is_all_hole_is_searched_as_gnu_grep_does() {
    let Some(system) = peer::gnu_grep() else {
        return;
    };
    let (run, binary) = peer::our_grep();
    let path = run.folder().join("hole");
    fs::File::create(&path).unwrap().set_len(40 << 20).unwrap();
    for args in [
        &["Jane"][..],
        &["-c", "Jane"],
        &["-l", "^$"],
        &["-q", ""],
        &["-L", "a*b"],
    ] {
        let said = |program: &Path| {
            let mut command = Command::new(program);
            let output = command.args(args).arg(&path).output().unwrap();
            (output.stdout, output.status.code())
        };
        assert_eq!(said(&binary), said(&system), "{args:?}");
    }
}

/// More patterns than are searched for together: with a string each, with one that several share, with none; and strings
/// in cases beyond ASCII.
#[test]
fn many_patterns_find_what_gnu_grep_finds() {
    let Some(system) = peer::gnu_grep() else {
        return;
    };
    let (run, binary) = peer::our_grep();
    let mut basic = String::new();
    let mut extended = String::new();
    for at in 0..60 {
        basic.push_str(&format!("user{at}.*z[0-9]\nshared[{}]\n", at % 10));
        extended.push_str(&format!(
            "user{at}(x|yy)+|never{at}\nabc{at}(d)*e\n^[a-c]{at}$\n"
        ));
    }
    basic.push_str("^q[0-9]*$\n\\(ab\\)\\1x\n[0-9]z\\{2,3\\}\nuser1[0-9]*\\.$\n");
    extended.push_str("(q|r)[0-9]+$\nabc7d*e.$\n.{40,}\n");
    let mut lines = String::new();
    for at in 0..400 {
        let words = [
            format!("user{} and z{}", at % 70, at % 3),
            format!("z1 user{}xyyx", at % 50),
            format!("shared{} abc{}dde.", at % 13, at % 61),
            format!("q{at}"),
            format!("a{}", at % 9),
            format!("a ababx zz{} 7zzz", at % 5),
            "user never".to_owned(),
            format!("user1{}.", at % 4),
        ];
        lines.push_str(&words[at % 8]);
        lines.push_str(if at % 11 == 0 {
            " user5 z7 user55 z8\n"
        } else {
            "\n"
        });
    }
    let folder = run.folder();
    fs::write(folder.join("basic"), basic).unwrap();
    fs::write(folder.join("extended"), extended).unwrap();
    // Addresses whose dots match any character are too many for one regex.
    let address = |at: u32| format!("10.{}.{}.{}", at % 7, at % 29, at % 251);
    let addresses: String = (0..1700).map(|at| address(at) + "\n").collect();
    fs::write(folder.join("addresses"), addresses).unwrap();
    let mut strings = String::new();
    for at in 0..50 {
        strings.push_str(&format!("user{at}\nſİk{at}\nσς{at}\nskı{}\n", at % 7));
        let shown = address(at * 97).replace('.', ["/", "x", "."][at as usize % 3]);
        lines.push_str(&format!(
            "{shown}\nis {shown}\nx{shown}1\nUſER{at} İſK{at} ΣΣ{at}\nſKI{at} ςσ{at}x {shown}é\nσς{at}\n"
        ));
    }
    fs::write(folder.join("strings"), strings).unwrap();
    fs::write(folder.join("lines"), lines).unwrap();
    for list in [
        ["-G", "-fbasic"],
        ["-E", "-fextended"],
        ["-G", "-faddresses"],
        ["-F", "-fstrings"],
        ["-G", "-fstrings"],
    ] {
        for how in [
            "-n", "-on", "-c", "-vn", "-xn", "-wn", "-in", "-m7", "-iwn", "-ion", "-ixn",
        ] {
            let said = |program: &Path| {
                let mut command = Command::new(program);
                command.args(list).args([how, "lines"]).current_dir(folder);
                let output = command
                    .env_clear()
                    .env("LC_ALL", "C.UTF-8")
                    .output()
                    .unwrap();
                (output.stdout, output.stderr, output.status.code())
            };
            let (ours, theirs) = (said(&binary), said(&system));
            assert!(theirs.0.len() > 2, "{list:?} {how}");
            assert_eq!(
                String::from_utf8_lossy(&ours.0),
                String::from_utf8_lossy(&theirs.0),
                "{list:?} {how}"
            );
            assert_eq!(ours.2, theirs.2);
        }
    }
}
