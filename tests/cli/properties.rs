//! What holds for edits of any file: twice is once, what was set is read back, and the diff is what in-place does.

use crate::support::{Said, grini};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::fs;
use std::process::{Command, Stdio};

/// Runs `test` on generated values; `share`: of the cases, one in so many is run (a process each is slow).
fn hold<S: Strategy>(share: u32, values: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let cases = crate::support::cases(200);
    let config = Config {
        cases: (cases / share).max(1),
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    if let Err(error) = TestRunner::new_with_rng(config, rng).run(values, test) {
        panic!("{error}");
    }
}

/// Files: lines of all kinds with all line ends, some bytes that are not UTF-8, a mark or a ^Z now and then.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        6 => "[ \t]{0,1}[kKjx][ \t]{0,2}[=:][ \t]{0,2}[a-c;#\"'\\\\é ]{0,5}",
        2 => "[ \t]{0,1}\\[[a-b \"]{0,3}\\][ x]{0,1}",
        1 => "[k;#= \\[\\\\\"\u{b}\u{a0}]{0,4}",
    ];
    let end = prop_oneof![4 => Just("\n"), 3 => Just("\r\n"), 1 => Just("\r")];
    let lines = prop::collection::vec((line, end, prop::bool::weighted(0.1)), 1..7);
    let edges = (
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.3),
    );
    (lines, edges).prop_map(|(lines, (mark, last, open))| {
        let mut bytes = if mark {
            b"\xef\xbb\xbf".to_vec()
        } else {
            Vec::new()
        };
        let count = lines.len();
        for (at, (line, end, latin)) in lines.into_iter().enumerate() {
            bytes.extend_from_slice(line.as_bytes());
            if latin {
                bytes.extend_from_slice(b"\xfc\xe9");
            }
            if at + 1 < count || !open {
                bytes.extend_from_slice(end.as_bytes());
            }
        }
        if last {
            bytes.push(0x1a);
        }
        bytes
    })
}

const DIALECTS: [&str; 7] = ["", "windows", "python", "git", "systemd", "php", "mysql"];

fn options(dialect: &str, decided: bool) -> Vec<String> {
    let mut all = vec!["--records".to_owned(), "--scope=file".to_owned()];
    if !dialect.is_empty() {
        all.push(format!("--dialect={dialect}"));
    }
    if decided {
        let rest = ["--dup=all", "--quotes=replace"];
        all.extend(rest.map(str::to_owned));
        if dialect.is_empty() {
            all.extend(["--inline-comment=none", "--continuation=none"].map(str::to_owned));
        }
    }
    all
}

fn run(bytes: &[u8], options: &[String], more: &[&str]) -> (Said, Vec<u8>) {
    let args = options
        .iter()
        .map(String::as_str)
        .chain(more.iter().copied());
    let run = grini(args).stdin(bytes);
    let output = run.output();
    let said = Said {
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
        status: output.status.code().unwrap_or(-1),
    };
    (said, output.stdout)
}

#[test]
fn a_value_set_twice_is_set_once_and_read_back() {
    let values = (
        file(),
        prop::sample::select(&DIALECTS[..]),
        any::<bool>(),
        "[a-c]([a-c.ü ]{0,3}[a-c])?",
    );
    let changed = std::cell::Cell::new(0);
    hold(1, &values, |(bytes, dialect, decided, value)| {
        let options = options(dialect, decided);
        let set = format!("k={value}");
        let (said, once) = run(&bytes, &options, &["--has", "k", "--set", &set]);
        prop_assert!(matches!(said.status, 0..=2), "{said:?}");
        if said.status == 2 {
            prop_assert!(
                once.is_empty() && said.err.starts_with("grini: "),
                "{said:?}"
            );
            return Ok(());
        }
        let (again, twice) = run(&once, &options, &["--has", "k", "--set", &set]);
        prop_assert_eq!(&once, &twice, "{:?} {:?}", said, again);
        prop_assert_eq!(again.status, 1, "{:?}", again);
        if said.status == 0 {
            changed.set(changed.get() + 1);
            let mut options = options.clone();
            options.retain(|option| option != "--dup=all");
            options.push(format!(
                "--dup={}",
                if dialect == "windows" {
                    "first"
                } else {
                    "last"
                }
            ));
            let (got, _) = run(&once, &options, &["--get", "k"]);
            prop_assert_eq!(
                got.out,
                format!("{value}\n"),
                "{} {}",
                once.escape_ascii(),
                got.err
            );
        }
        Ok(())
    });
    assert!(changed.get() > 10, "too few edits change anything");
}

#[test]
fn a_key_added_is_there_and_unset_is_gone() {
    let values = (
        file(),
        prop::sample::select(&DIALECTS[..]),
        "[a-c]([a-c. ]{0,3}[a-c])?",
    );
    hold(2, &values, |(bytes, dialect, value)| {
        let options = options(dialect, true);
        let add = format!("new={value}");
        let (said, added) = run(&bytes, &options, &["--add", &add]);
        if said.status != 0 {
            return Ok(());
        }
        let (got, _) = run(&added, &options, &["--get", "new"]);
        prop_assert_eq!(got.out, format!("{value}\n"), "{}", added.escape_ascii());
        let (gone, after) = run(&added, &options, &["--has", "new", "--unset", "new"]);
        prop_assert!(
            gone.status == 0 || gone.err.contains("--continuation"),
            "{gone:?} {}",
            added.escape_ascii()
        );
        if gone.status == 0 {
            prop_assert_eq!(
                after.escape_ascii().to_string(),
                bytes.escape_ascii().to_string()
            );
        }
        Ok(())
    });
}

#[test]
fn the_diff_applied_is_what_in_place_writes() {
    let patch = Command::new("patch")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if patch.is_err() {
        crate::peer::missing("patch", "the diff is not applied");
        return;
    }
    let applied = std::cell::Cell::new(0);
    hold(4, &(file(), "[a-cü]{0,3}"), |(bytes, value)| {
        let (set, add) = (format!("k={value}"), format!("new={value}"));
        let options = options("", true);
        let mut args: Vec<&str> = options.iter().map(String::as_str).collect();
        args.extend(["--set", &set, "--add", &add, "--unset", "j", "f.ini"]);
        let mut shown = grini(&args).file("f.ini", &bytes);
        let diff = shown.output();
        if diff.status.code() != Some(0) {
            return Ok(());
        }
        let patched = shown.folder().join("patched");
        fs::create_dir(&patched).expect("a folder");
        fs::write(patched.join("f.ini"), &bytes).expect("a file");
        fs::write(patched.join("d"), &diff.stdout).expect("a file");
        let done = Command::new("patch")
            .args(["-p0", "--binary", "-s", "-i", "d"])
            .current_dir(&patched)
            .output();
        let done = done.expect("patch runs");
        prop_assert!(done.status.success(), "{:?}", done);
        args.push("--in-place");
        let said = shown.again(&args);
        prop_assert_eq!(said.status, 0, "{:?}", said);
        let ours = fs::read(shown.folder().join("f.ini")).expect("the file");
        let theirs = fs::read(patched.join("f.ini")).expect("the file");
        prop_assert_eq!(
            theirs.escape_ascii().to_string(),
            ours.escape_ascii().to_string()
        );
        applied.set(applied.get() + 1);
        Ok(())
    });
    assert!(applied.get() > 5, "too few diffs");
}
