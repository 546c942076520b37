//! What `--set` writes, the file's own program reads: the new value, and every other key as before.
//!
//! As in `dialects.rs`, a program that is absent is named, and `GRINI_CASES` sets how many values are generated.

use crate::dialects::read;
use crate::programs::{self, Entry, Oracle};
use crate::support::grini;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Sets generated values in `file`, which holds two keys of `section`, the first of them set, the other 2; `quotes`: what a value may stand in.
fn agree(name: &str, oracle: Option<Box<dyn Oracle>>, file: &str, section: &str, quotes: &[char]) {
    let [key, other] = match name {
        "samba" => ["comment", "volume"],
        _ => ["k", "j"],
    };
    let Some(oracle) = oracle else {
        crate::peer::missing(name, "what is set is not read by it");
        return;
    };
    let cases = crate::support::cases(100);
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let values = prop_oneof![
        6 => "[ab1éà日;#\"'\\\\%=:!${}()|&^~?<>,._/@*+ \t\u{b}\u{a0}\u{2003}\\[\\]-]{0,6}",
        1 => "\"[ab;#'\\\\ =|nt]{0,5}\"",
        1 => "'[ab;#\"\\\\ =|nt]{0,5}'",
    ];
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let written = std::cell::Cell::new(0);
    let result = TestRunner::new_with_rng(config, rng).run(&values, |value| {
        let set = format!("--set={key}={value}");
        let has = format!("--has={key}");
        let dialect = format!("--dialect={name}");
        // Commas part the fields of a driver's value, and % is about strings.
        if name == "inf" && value.contains([',', '%']) {
            return Ok(());
        }
        let quotes_stay = match name {
            "reg" => "--quotes=keep",
            _ => "--quotes=replace",
        };
        let said = grini([&dialect, "--records", &has, quotes_stay, &set])
            .stdin(file)
            .said();
        if said.status != 0 {
            return Ok(());
        }
        written.set(written.get() + 1);
        let ours = oracle.form(read(said.out.as_bytes(), name));
        let theirs = oracle.read_again(said.out.as_bytes(), &ours);
        prop_assert_eq!(theirs.as_ref(), Some(&ours), "{:?}", said.out);
        let typed = value.trim_matches([' ', '\t', '\u{b}', '\u{c}']);
        let quoted = typed.len() > 1
            && (quotes.iter()).any(|&quote| typed.starts_with(quote) && typed.ends_with(quote));
        if !quoted {
            let entry = |key: &str, value: &str| Entry {
                section: section.to_owned(),
                key: key.to_owned(),
                value: Some(value.to_owned()),
            };
            let mut meant = oracle.form(vec![entry(key, typed), entry(other, "2")]);
            let mut theirs = theirs.unwrap_or_default();
            meant.sort();
            theirs.sort();
            prop_assert_eq!(theirs, meant, "{:?}", said.out);
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("dialect {name}: {error}");
    }
    eprintln!(
        "dialect {name}: {} of {cases} values written and read back",
        written.get()
    );
    assert!(written.get() * 5 > cases, "most values are refused");
}

#[test]
fn git_reads_what_is_set() {
    agree(
        "git",
        programs::git(),
        "[s]\n\tk = \"1\" ; c\n\tj = 2\n",
        "s",
        &['"'],
    );
}

#[test]
fn configparser_reads_what_is_set() {
    agree(
        "python",
        programs::configparser(),
        "[s]\nk = 1\n  2\nj = 2\n",
        "s",
        &[],
    );
}

#[test]
fn php_reads_what_is_set() {
    agree(
        "php",
        programs::php(),
        "[s]\nk = \"1\" ; c\nj = 2\n",
        "s",
        &['"', '\''],
    );
}

#[test]
fn my_print_defaults_reads_what_is_set() {
    agree(
        "mysql",
        programs::mysql(),
        "[g]\nk = '1' # c\nj = 2\n",
        "g",
        &['"', '\''],
    );
}

#[test]
fn gkeyfile_reads_what_is_set() {
    agree(
        "desktop",
        programs::gkeyfile(),
        "[s]\nk = 1\nj=2\n",
        "s",
        &[],
    );
}

#[test]
fn editorconfig_reads_what_is_set() {
    agree(
        "editorconfig",
        programs::editorconfig(),
        "[s]\nk = 1 ; c\nj = 2\n",
        "s",
        &[],
    );
}

#[test]
fn testparm_reads_what_is_set() {
    agree(
        "samba",
        programs::testparm(),
        "[global]\n[s]\ncomment = 1\nvolume = 2\n",
        "s",
        &[],
    );
}

#[test]
fn get_private_profile_string_reads_what_is_set() {
    let oracle = programs::windows("profile", programs::first_of_each);
    agree("windows", oracle, "[s]\nk = 1\nj = 2\n", "s", &['"', '\'']);
}

#[test]
fn setup_api_reads_what_is_set() {
    agree(
        "inf",
        programs::windows("inf", crate::dialects::of_setup),
        "[Version]\nSignature=\"$Chicago$\"\n[s]\nk = 1 ; c\nj = 2\n",
        "s",
        &['"'],
    );
}

#[test]
fn regedit_reads_what_is_set() {
    let _held = programs::REGISTRY.lock();
    agree(
        "reg",
        programs::windows("reg", crate::dialects::of_registry),
        "REGEDIT4\n\n[HKEY_CURRENT_USER\\grini\\s]\n\"k\"=\"1\"\n\"j\"=\"2\"\n",
        "HKEY_CURRENT_USER\\grini\\s",
        &['"'],
    );
}
