//! The C library's character sets against GNU grep: what each byte is.
//!
//! Every sixteenth byte beyond ASCII, from one more on in each locale, is also tried as a pattern; with GRINI_CASES of 1000 or more, each.

use crate::peer::{self, Differences, Line, Printed};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Names of a locale's source and of its character set.
const LOCALES: &[(&str, &str)] = &[
    ("de_DE", "ISO-8859-1"),
    ("cs_CZ", "ISO-8859-2"),
    ("mt_MT", "ISO-8859-3"),
    ("lt_LT", "ISO-8859-4"),
    ("ru_RU", "ISO-8859-5"),
    ("ar_EG", "ISO-8859-6"),
    ("el_GR", "ISO-8859-7"),
    ("he_IL", "ISO-8859-8"),
    ("tr_TR", "ISO-8859-9"),
    ("lt_LT", "ISO-8859-13"),
    ("cy_GB", "ISO-8859-14"),
    ("de_DE@euro", "ISO-8859-15"),
    ("th_TH", "TIS-620"),
    ("ru_RU", "KOI8-R"),
    ("uk_UA", "KOI8-U"),
    ("bg_BG", "CP1251"),
    ("he_IL", "CP1255"),
    ("hy_AM", "ARMSCII-8"),
    ("ka_GE", "GEORGIAN-PS"),
    ("tg_TJ", "KOI8-T"),
    ("kk_KZ", "PT154"),
    ("kk_KZ", "RK1048"),
    ("ja_JP", "EUC-JP"),
    ("ko_KR", "EUC-KR"),
    ("zh_TW", "BIG5"),
    ("zh_CN", "GB2312"),
    ("de_DE", "UTF-8"),
];

const CLASSES: &[&str] = &[
    "alpha", "digit", "alnum", "upper", "lower", "space", "blank", "punct", "print", "graph",
    "cntrl", "xdigit",
];

/// The rule that explains a difference.
fn known(charset: &str, args: &[Vec<u8>]) -> Option<&'static str> {
    let is = |wanted: &[&[u8]]| args.iter().map(Vec::as_slice).eq(wanted.iter().copied());
    match charset {
        "CP1255" if is(&[b"-a", b"-w", b"a"]) => {
            Some("CP1255: letters that points may follow are no words")
        }
        "ISO-8859-6" | "TIS-620" | "CP1255" if is(&[b"-a", b"-P", b"[[:alpha:]]"]) => {
            Some("signs that join a letter are none to PCRE2")
        }
        "EUC-JP" | "EUC-KR" | "BIG5" | "GB2312" if is(&[b"-a", b"-E", b"\\b"]) => {
            Some("an empty match next to an encoding error")
        }
        _ => None,
    }
}

/// Where compiled locales are kept for the next time: that takes longer than to compare them.
const COMPILED: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/locales");

/// Compiles a locale; false: that cannot be done.
fn compile(source: &str, charset: &str) -> bool {
    let target = Path::new(COMPILED).join(charset);
    let made = |folder: &Path| folder.join("LC_CTYPE").exists();
    if made(&target) {
        return true;
    }
    fs::create_dir_all(COMPILED).expect("a folder");
    let folder = tempfile::tempdir_in(COMPILED).expect("a folder");
    let new = folder.path().join(charset);
    // It ends with 1 where it warns.
    let _ = Command::new("localedef")
        .args(["-c", "-i", source, "-f", charset])
        .arg(&new)
        .output();
    made(&new) && fs::rename(new, &target).is_ok()
}

#[test]
fn each_byte_is_in_each_character_set_what_it_is_for_gnu_grep() {
    let Some(system) = peer::gnu_grep() else {
        return;
    };
    let (_run, binary) = peer::our_grep();
    let (_folder, tree) = peer::place();
    fs::create_dir(&tree).expect("a folder");
    let step = if crate::support::cases(1) >= 1000 {
        1
    } else {
        16
    };
    let bytes = || (1..=255u8).filter(|&byte| byte != b'\n');
    fs::write(
        tree.join("bytes"),
        bytes().flat_map(|byte| [byte, b'\n']).collect::<Vec<u8>>(),
    )
    .expect("a file");
    let words = bytes().flat_map(|byte| [b'a', byte, b'\n', byte, b'a', b'\n']);
    fs::write(tree.join("words"), words.collect::<Vec<u8>>()).expect("a file");
    let mut lines: Vec<Vec<Vec<u8>>> = Vec::new();
    let mut push = |args: &[&[u8]]| lines.push(args.iter().map(|arg| arg.to_vec()).collect());
    for class in CLASSES {
        push(&[b"-a", format!("[[:{class}:]]").as_bytes()]);
    }
    for pattern in [&b"."[..], b"\\w", b"\\W", b"[^a]"] {
        push(&[b"-a", pattern]);
    }
    push(&[b"-a", b"-x", b"."]);
    push(&[b"-a", b"-v", b"."]);
    push(&[b"-c", b"."]);
    push(&[b"-a", b"-w", b"\\w"]);
    push(&[b"-a", b"-w", b"a"]);
    push(&[b"-a", b"-o", b"-b", b"."]);
    push(&[b"-a", b"-E", b"\\b"]);
    push(&[b"-a", b"-P", b"[[:upper:]]"]);
    push(&[b"-a", b"-P", b"[[:alpha:]]"]);
    push(&[b"-a", b"-P", b"\\d"]);
    let mut differences = Differences::default();
    let mut compared = 0;
    for (at, (source, charset)) in LOCALES.iter().enumerate() {
        if !compile(source, charset) {
            peer::missing(
                "localedef",
                &format!("{charset} is not compared ({source})"),
            );
            continue;
        }
        let ones = (0x80 + at % step..=0xff).step_by(step).flat_map(|byte| {
            let byte = byte as u8;
            let args = |args: &[&[u8]]| args.iter().map(|arg| arg.to_vec()).collect();
            [
                args(&[b"-a", b"-i", b"-e", &[byte]]),
                args(&[b"-a", b"-i", b"-F", &[byte]]),
                args(&[b"-a", b"-i", &[b'[', byte, b'x', b']']]),
            ]
        });
        for args in lines.iter().cloned().chain(ones) {
            compared += 1;
            let in_words = args.last().is_some_and(|pattern| pattern == b"a");
            let file = if in_words { b"words" } else { b"bytes" };
            let line = Line {
                args: [&args[..], &[file.to_vec()]].concat(),
                locale: charset,
                locales: Some(COMPILED.into()),
                ..Line::default()
            };
            let theirs = Printed::new(&line.run(&system, &tree), &system, None);
            let ours = Printed::new(&line.run(&binary, &tree), &binary, None);
            if ours == theirs || theirs.is_usage_error() && ours.is_usage_error() {
                continue;
            }
            match known(charset, &args) {
                Some(rule) => *differences.known.entry(rule).or_default() += 1,
                None => differences.push(format!(
                    "{}\n  ours: {}\n  GNU's: {}",
                    line.shown(),
                    ours.shown(&theirs),
                    theirs.shown(&ours)
                )),
            }
        }
    }
    differences.end("character sets", compared, 0);
}
