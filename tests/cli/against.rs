//! Against GNU grep: generated patterns, options and inputs, the same output, messages and status.
//!
//! The number of cases is GRINI_CASES (default 150), their seed GRINI_SEED (default 1). Without a GNU grep 3.8 the comparison is left out, and said so.

use crate::support::called;
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, RngAlgorithm, TestRng, TestRunner};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The system's GNU grep, if it is the one compared with.
fn system_grep() -> Option<PathBuf> {
    let path = ["/usr/bin/grep", "/bin/grep"]
        .iter()
        .map(Path::new)
        .find(|path| path.exists())?;
    let version = Command::new(path).arg("--version").output().ok()?;
    let gnu = version.stdout.starts_with(b"grep (GNU grep) 3.8");
    gnu.then(|| path.to_owned())
}

/// One command line with its input.
#[derive(Clone, Debug)]
struct Case {
    options: Vec<String>,
    pattern: Vec<u8>,
    files: Vec<Vec<u8>>,
    locale: &'static str,
}

fn options() -> impl Strategy<Value = Vec<String>> {
    let option = prop_oneof![
        4 => proptest::sample::select(vec!["-E", "-F", "-G"]),
        10 => proptest::sample::select(vec!["-i", "-v", "-w", "-x", "-c", "-l", "-L", "-n", "-H", "-h", "-o", "-b"]),
        6 => proptest::sample::select(vec![
            "-T", "-Z", "-s", "-q", "-z", "-a", "-I", "-U", "-A1", "-B1", "-C2", "-2", "-m1", "-m2", "-m0", "-A0",
            "--color=always", "--no-group-separator", "--group-separator=##", "--no-ignore-case",
            "--binary-files=without-match", "--line-buffered", "--null", "-y", "--label=L",
        ]),
    ];
    proptest::collection::vec(option.prop_map(str::to_owned), 0..5)
}

fn pattern() -> impl Strategy<Value = Vec<u8>> {
    let piece = proptest::sample::select(vec![
        "a",
        "b",
        "ab",
        "B",
        "1",
        "_",
        " ",
        ".",
        "*",
        "a*",
        "b\\+",
        "b+",
        "\\?",
        "?",
        "^",
        "$",
        "[ab]",
        "[^a]",
        "[[:alpha:]]",
        "[[:space:]]",
        "\\w",
        "\\W",
        "\\b",
        "\\<",
        "\\>",
        "\\B",
        "\\(a\\)",
        "\\1",
        "(a|b)",
        "a|",
        "|b",
        "\\|",
        "a\\{1,2\\}",
        "a{2}",
        "é",
        "É",
        "\n",
        "x",
        ".*",
        "\\.",
        "-",
        "[a-c]",
        "(ab)*",
        "\\(b*\\)\\1",
        "s",
        "K",
    ]);
    proptest::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat().into_bytes())
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        20 => proptest::sample::select(vec![
            &b"a"[..], b"b", b"ab", b"B", b"A", b"1", b"_", b" ", b"\n", b"\n", b"\n", b"x", b"-", b"aa", b"abab", b"\t",
        ]),
        3 => proptest::sample::select(vec!["é".as_bytes(), "É".as_bytes(), "ſ".as_bytes(), "K".as_bytes(), "\u{301}".as_bytes()]),
        1 => proptest::sample::select(vec![&b"\xff"[..], b"\0", b"\xe9", b"\r\n", b"\xc3"]),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn case() -> impl Strategy<Value = Case> {
    let files = proptest::collection::vec(text(), 1..3);
    let locale = proptest::sample::select(vec!["C", "C.UTF-8"]);
    (options(), pattern(), files, locale).prop_map(|(options, pattern, files, locale)| Case {
        options,
        pattern,
        files,
        locale,
    })
}

/// The one known difference: where a selected line is not printed because it is no text, GNU grep takes its trailing
/// context from where it printed last, even if that lies before the line; grini takes the lines behind it.
fn repeats_context(case: &Case) -> bool {
    let context = ["-A1", "-C2", "-2", "-B1"];
    let asks = case
        .options
        .iter()
        .any(|option| context.contains(&option.as_str()));
    let garbled = case
        .files
        .iter()
        .any(|text| std::str::from_utf8(text).is_err());
    asks && garbled && case.locale == "C.UTF-8"
}

/// The other one: with both `-w` and `-x`, GNU grep takes the line end of an empty line for part of the match.
fn colors_line_end(case: &Case) -> bool {
    let has = |wanted: &str| case.options.iter().any(|option| option == wanted);
    has("-w") && has("-x") && (has("--color=always") || has("-o"))
}

fn run(program: &Path, folder: &Path, case: &Case) -> Output {
    use std::os::unix::ffi::OsStrExt;
    let mut command = Command::new(program);
    command
        .args(&case.options)
        .arg("-e")
        .arg(std::ffi::OsStr::from_bytes(&case.pattern));
    for at in 0..case.files.len() {
        command.arg(format!("f{at}"));
    }
    command
        .current_dir(folder)
        .env_clear()
        .env("LC_ALL", case.locale)
        .stdin(Stdio::null());
    command.output().expect("it runs")
}

#[test]
fn generated_command_lines_do_what_gnu_grep_does() {
    let Some(system) = system_grep() else {
        eprintln!("no GNU grep 3.8 on this machine: nothing was compared");
        return;
    };
    let cases = crate::support::cases(150);
    let ours = called("grep", [""; 0]);
    let _ = ours.output();
    let binary = ours.folder().join(".bin/grep");
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        cases,
        failure_persistence: None::<Box<FileFailurePersistence>>
            .map(|persistence| persistence as _),
        ..Config::default()
    };
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    let seed = number("GRINI_SEED").unwrap_or(1);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let left_out = std::cell::Cell::new(0);
    let result = TestRunner::new_with_rng(config, random).run(&case(), |case| {
        if repeats_context(&case) || colors_line_end(&case) {
            left_out.set(left_out.get() + 1);
            return Ok(());
        }
        for (at, content) in case.files.iter().enumerate() {
            fs::write(folder.path().join(format!("f{at}")), content).unwrap();
        }
        let theirs = run(&system, folder.path(), &case);
        let ours = run(&binary, folder.path(), &case);
        // The system's name in messages is its path.
        // Debian's build leaves out the warnings of stray backslashes.
        let said = |output: &Output| {
            let err = String::from_utf8_lossy(&output.stderr).replace("/usr/bin/grep: ", "grep: ");
            let err = err.replace(&format!("{}: ", binary.display()), "grep: ");
            let kept = err
                .lines()
                .filter(|line| !line.starts_with("grep: warning: stray \\"));
            let err: Vec<String> = kept.map(str::to_owned).collect();
            (
                String::from_utf8_lossy(&output.stdout).into_owned(),
                err,
                output.status.code(),
            )
        };
        prop_assert_eq!(said(&ours), said(&theirs));
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let left_out: u32 = left_out.get();
    let compared = cases - left_out;
    eprintln!("{compared} cases compared, {left_out} of known differences left out, seed {seed}");
    assert!(compared > left_out, "more is left out than compared");
}

/// A file that is searched by pieces: where the first NUL byte stands decides what is printed before it.
#[test]
fn a_late_nul_byte_ends_a_huge_file_where_it_does_in_gnu_grep() {
    let Some(system) = system_grep() else {
        eprintln!("no GNU grep 3.8 on this machine: nothing was compared");
        return;
    };
    let run = called("grep", [""; 0]);
    let _ = run.output();
    let binary = run.folder().join(".bin/grep");
    let path = run.folder().join("huge");
    let mut content: Vec<u8> = Vec::new();
    for at in 0..250_000 {
        content
            .extend_from_slice(format!("line {at} of them {}\n", "x".repeat(at % 40)).as_bytes());
    }
    assert!(content.len() > 9 << 20);
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
        fs::write(&path, &content).unwrap();
        for args in [
            &["-n", "7"][..],
            &["-c", "7"],
            &["-vb", "x"],
            &["-a", "-on", "9 of"],
            &["-A0", "77"],
        ] {
            for named in [true, false] {
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
}
