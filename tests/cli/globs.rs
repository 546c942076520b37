//! Globs against GNU grep: generated ones choose among the files of generated trees.
//!
//! GRINI_CASES (default 150) cases of GRINI_SEED (default 5).

use crate::peer::{self, Differences, Line, Printed};
use crate::random::Random;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

const SEED: u64 = 5;
/// Cases for each tree.
const OF_A_TREE: u32 = 50;

const NAMES: &[&[u8]] = &[
    b"a",
    b"b",
    b"f",
    b"d",
    b".",
    b".h",
    b"-",
    b"a-b",
    b" ",
    b"[",
    b"]",
    b"!",
    b"^",
    b"\\",
    b"{",
    b"}",
    b"*",
    b"?",
    b"z",
    b"Z",
    b"0",
    b":",
    b"=",
    b"#",
    b",",
    "é".as_bytes(),
    "É".as_bytes(),
    "ж".as_bytes(),
    b"\xe9",
    b"\xc3",
    b".ini",
    b"a\\",
    b"~",
];

const GLOBS: &[&[u8]] = &[
    b"a",
    b"b",
    b"f",
    b"d",
    b".",
    b".h",
    b"*",
    b"*",
    b"?",
    b"?",
    b"??",
    b"\\",
    b"\\*",
    b"\\a",
    b"\\{",
    b"{",
    b"}",
    b"{a,b}",
    b"[",
    b"]",
    b"!",
    b"^",
    b"-",
    b" ",
    b"/",
    b"./",
    b"//",
    b"#",
    "é".as_bytes(),
    "ж".as_bytes(),
    b"\xe9",
    b"\xc3",
    b"*.ini",
    b"a*",
    b".*",
    b"z",
    b"[a-c]",
    b"[!a]",
    b"[^a]",
    b"[]a]",
    b"[a-]",
    b"[!]]",
    b"[b-a]",
    b"[a\\-c]",
    b"[\\]]",
    b"[[:alpha:]]",
    b"[[:punct:]]",
    b"[[:nope:]]",
    b"[[=a=]]",
    b"[[.-.]]",
    b"[[.a.]-c]",
    b"[a-[.c.]]",
    b"[{]",
    b"[*]",
    "[é]".as_bytes(),
    "[à-ý]".as_bytes(),
    "[а-я]".as_bytes(),
    "[!é]".as_bytes(),
    "[a-ж]".as_bytes(),
];

const WITHIN: &[&[u8]] = &[
    b"a",
    b"b",
    b"z",
    b"-",
    b"-",
    b"!",
    b"^",
    b"\\",
    b"]",
    b"[",
    b":",
    b"=",
    b".",
    b"[:alpha:]",
    b"[:upper:]",
    b"[:digit:]",
    b"[:blank:]",
    b"[:zap:]",
    b"[:a",
    b"[=a=]",
    b"[=b",
    b"[=",
    b"[.a.]",
    b"[.-.]",
    b"[.ab.]",
    b"[.",
    b"a-z",
    b"0-9",
    b"*",
    "é".as_bytes(),
    "ж".as_bytes(),
    b"\xe9",
    b"/",
    b" ",
    b"{",
];

fn glob(random: &mut Random) -> Vec<u8> {
    let mut glob = Vec::new();
    for _ in 0..random.below(4) + usize::from(random.chance(97)) {
        if random.chance(25) {
            glob.push(b'[');
            if random.chance(30) {
                glob.push(random.pick(b"!^"));
            }
            glob.extend(random.text(4, WITHIN));
            if random.chance(85) {
                glob.push(b']');
            }
        } else {
            glob.extend(random.pick(GLOBS));
        }
    }
    glob
}

fn name(random: &mut Random) -> Vec<u8> {
    loop {
        let name = random.text(3, NAMES);
        if !(name.is_empty() || name == b"." || name == b"..") {
            return name;
        }
    }
}

/// Folders within folders, and files whose one line is `x`.
fn plant(random: &mut Random, folder: &Path) {
    let _ = fs::remove_dir_all(folder);
    let mut folders = vec![folder.to_owned()];
    fs::create_dir(folder).expect("a folder");
    for _ in 0..5 {
        let within = folders[random.below(folders.len())].clone();
        let path = within.join(std::ffi::OsStr::from_bytes(&name(random)));
        if fs::create_dir(&path).is_ok() {
            folders.push(path);
        }
    }
    for _ in 0..40 {
        let within = folders[random.below(folders.len())].clone();
        let path = within.join(std::ffi::OsStr::from_bytes(&name(random)));
        if !path.exists() {
            fs::write(path, "x\n").expect("a file");
        }
    }
}

/// An operand: a path, or what else may stand for it.
fn operand(random: &mut Random, tree: &Path) -> Vec<u8> {
    let mut path = tree.to_owned();
    let mut text = Vec::new();
    if random.chance(40) {
        text.extend(random.pick(&[&b"./"[..], b".//", b"../tree/", b"././"]));
    }
    loop {
        let Ok(entries) = fs::read_dir(&path) else {
            break;
        };
        let mut names: Vec<_> = entries
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        names.sort();
        if names.is_empty() || (!text.is_empty() && random.chance(30)) {
            break;
        }
        let name = &names[random.below(names.len())];
        if !text.is_empty() && !text.ends_with(b"/") {
            text.extend(random.pick(&[&b"/"[..], b"/", b"//"]));
        }
        text.extend(name.as_bytes());
        path.push(name);
    }
    if text.is_empty() || (path.is_dir() && random.chance(20)) {
        text.extend(if text.is_empty() { &b"."[..] } else { b"/" });
    }
    text
}

fn line(random: &mut Random, tree: &Path) -> Line {
    let mut args: Vec<Vec<u8>> = vec![b"-l".to_vec()];
    let mut stdin = Vec::new();
    args.extend(random.chance(85).then(|| b"-r".to_vec()));
    for _ in 0..=random.below(3) {
        let glob = glob(random);
        let option: &[u8] = match random.below(10) {
            0..4 => b"--include=",
            4..7 => b"--exclude=",
            7..9 => b"--exclude-dir=",
            _ => {
                let mut list = glob;
                for _ in 0..random.below(3) {
                    list.extend(random.pick(&[&b"\n"[..], b" \n", b"\t\n\n", b"\r\n"]));
                    list.extend(self::glob(random));
                }
                let from_stdin = random.chance(40);
                let target = if from_stdin { &b"-"[..] } else { b"../globs" };
                args.push([&b"--exclude-from="[..], target].concat());
                if from_stdin {
                    stdin = list;
                } else {
                    fs::write(tree.join("../globs"), list).expect("the list is written");
                }
                continue;
            }
        };
        args.push([option, &glob].concat());
    }
    args.push(b"-e".to_vec());
    args.push(b"x".to_vec());
    args.push(b"--".to_vec());
    for _ in 0..random.below(4) {
        args.push(operand(random, tree));
    }
    Line {
        args,
        locale: random.pick(&["C", "C.UTF-8", "C.UTF-8"]),
        stdin,
        ..Line::default()
    }
}

/// In a multibyte locale the C library reads on after the end of a glob that ends in `[x-`, compared with a character
/// beyond Latin-1: what it does then is up to chance.
fn reads_past_its_end(line: &Line, tree: &Path) -> bool {
    let listed = fs::read(tree.join("../globs")).unwrap_or_default();
    let globs = line
        .args
        .iter()
        .chain([&line.stdin, &listed])
        .flat_map(|text| text.split(|&byte| byte == b'\n'));
    line.locale != "C"
        && globs.into_iter().any(|glob| {
            let end = glob.trim_ascii_end();
            end.contains(&b'[') && end.ends_with(b"-")
        })
}

#[test]
fn generated_globs_choose_what_gnu_grep_chooses() {
    let Some(system) = peer::gnu_grep() else {
        return;
    };
    let (_run, binary) = peer::our_grep();
    let cases = crate::support::cases(150);
    let (_folder, tree) = peer::place();
    let mut differences = Differences::default();
    for case in 0..cases {
        if case % OF_A_TREE == 0 {
            plant(&mut Random::of_case(SEED + 1, case), &tree);
        }
        let line = line(&mut Random::of_case(SEED, case), &tree);
        // GNU grep's order is that of the folder.
        let theirs = Printed::new(&line.run(&system, &tree), &system, Some(b'\n'));
        let ours = Printed::new(&line.run(&binary, &tree), &binary, Some(b'\n'));
        if ours == theirs {
            continue;
        }
        if reads_past_its_end(&line, &tree) {
            *differences
                .known
                .entry("a glob that ends in [x-")
                .or_default() += 1;
        } else {
            differences.push(format!(
                "{}\n  ours: {}\n  GNU's: {}",
                line.shown(),
                ours.shown(&theirs),
                theirs.shown(&ours)
            ));
        }
    }
    differences.end("globs", cases, SEED);
}

#[test]
fn names_of_keys_and_sections_are_compared_as_fnmatch_does() {
    let text = "[a{b}]\nNumSCerts = 1\nGröße = 1\nn-k = 1\n[x]\nOther = 1\n";
    for (args, out) in [
        (
            &["--no-show", "--key", "num[[:alpha:]]*", "1", "f.ini"][..],
            "NumSCerts = 1\n",
        ),
        (
            &["--no-show", "--key", "Gr??e", "1", "f.ini"],
            "Größe = 1\n",
        ),
        (
            &["--no-show", "--key", "Gr[!a]ße", "1", "f.ini"],
            "Größe = 1\n",
        ),
        (
            &["--no-show", "--key", "n[a\\-b]k", "1", "f.ini"],
            "n-k = 1\n",
        ),
        (
            &["--no-show", "--key", "n[[.-.]]k", "1", "f.ini"],
            "n-k = 1\n",
        ),
        (&["--no-show", "--key", "[z-a]*", "1", "f.ini"], ""),
        (
            &["--no-show", "--section", "a\\{*", "n-", "f.ini"],
            "n-k = 1\n",
        ),
        (
            &["--no-show", "--section", "?", "= 1", "f.ini"],
            "Other = 1\n",
        ),
    ] {
        let said = crate::support::grini(args).file("f.ini", text).said();
        assert_eq!(said.out, out, "{args:?} {said:?}");
        assert_eq!(said.status, i32::from(out.is_empty()), "{args:?}");
    }
}

#[test]
fn files_are_chosen_in_a_character_set_too() {
    let tree = |args: &[&str]| {
        crate::support::grini(args)
            .file("d/é.ini", "x\n")
            .file("d/a{1}.ini", "x\n")
            .file("d/.h/b.ini", "x\n")
    };
    tree(&["-l", "--include=?.ini", "x", "d"]).says("d/.h/b.ini\nd/é.ini\n", "", 0);
    tree(&["-l", "--include=a{*", "x", "d"]).says("d/a{1}.ini\n", "", 0);
    tree(&[
        "-l",
        "--include=[[:alpha:]].ini",
        "--exclude-dir=.*",
        "x",
        "d",
    ])
    .says("d/é.ini\n", "", 0);
    tree(&["-l", "--exclude-from=-", "x", "d"])
        .stdin("[!a]* \n\n")
        .says("d/a{1}.ini\n", "", 0);
}
