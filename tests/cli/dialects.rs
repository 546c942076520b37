//! Presets of `--dialect` against the programs whose files they read: same sections, keys and values.
//!
//! `GRINI_CASES` sets how many files are generated for each (100 unless set). A program that is absent is named on
//! standard error, and its comparison is left out.

use crate::programs::{self, Entry, Oracle};
use grini::ini::dialect::Repeated;
use grini::ini::presets::Preset;
use grini::ini::scan::{Kind, Scan, Section};
use grini::ini::value;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::path::{Path, PathBuf};

/// Every key of `text` with its section and value, in file order, as grini reads it.
pub(crate) fn read(text: &[u8], name: &str) -> Vec<Entry> {
    let dialect = (Preset::named(name).expect("a preset").rules)();
    let scan = Scan::new(text, &dialect);
    let string = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut found = Vec::new();
    let read = |(at, section): &(usize, &Section)| {
        dialect.repeated != Repeated::First || section.first == *at
    };
    for (at, section) in scan.sections.iter().enumerate().filter(read) {
        for item in scan.items_of(at).iter().filter(|item| item.has_key()) {
            let value = value::logical(text, item, &dialect);
            found.push(Entry {
                section: string(section.name.of(text)),
                key: string(item.key.of(text)),
                value: match item.kind {
                    Kind::Bare => None,
                    _ => value.map(|value| string(&value)),
                },
            });
        }
    }
    found
}

/// Compares grini with `oracle` on generated files; files that the program refuses are passed over.
fn agree(name: &str, oracle: Option<Box<dyn Oracle>>, files: impl Strategy<Value = String>) {
    let Some(oracle) = oracle else {
        crate::peer::missing(name, "its dialect is not compared");
        return;
    };
    let cases = crate::support::cases(100);
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let (read_by_both, keys) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let result = TestRunner::new_with_rng(config, rng).run(&files, |text| {
        let ours = oracle.form(read(text.as_bytes(), name));
        if let Some(theirs) = oracle.read_again(text.as_bytes(), &ours) {
            read_by_both.set(read_by_both.get() + 1);
            keys.set(keys.get() + theirs.len());
            prop_assert_eq!(ours, theirs);
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("dialect {name}: {error}");
    }
    eprintln!(
        "dialect {name}: {} of {cases} generated files accepted by the program, {} keys compared",
        read_by_both.get(),
        keys.get()
    );
    assert!(
        read_by_both.get() * 4 > cases,
        "the program refuses most files"
    );
}

/// Lines of a file, each drawn from `line`, after `head`.
fn file(head: &'static str, line: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let ends = prop_oneof![3 => Just("\n"), 1 => Just("\r\n")];
    (prop::collection::vec(line, 1..9), ends, any::<bool>()).prop_map(move |(lines, end, last)| {
        let mut text = format!("{head}{}", lines.join("\n")).replace('\n', end);
        if last {
            text.push_str(end);
        }
        text
    })
}

#[test]
fn git_reads_the_same() {
    let line = prop_oneof![
        8 => "[ \t]{0,2}[a-cA-C][a-b0-9-]{0,2}[ \t]{0,2}=[ \t]{0,2}([a-c;# \t=]|\"[a-b;# \t]{0,3}\"|\\\\[tnb\"\\\\]|\\\\\n[ \t]?){0,6}",
        1 => "[a-c]{1,2}",
        1 => "[ \t]{0,2}[;#][a=\\\\]{0,3}",
        2 => "[ \t]{0,2}\\[[a-cA-C.-]{1,3}\\][ \t]?([a-c]=[a-c]|[;#] c)?",
        2 => "\\[[a-cA-C]{1,2} {1,2}\"([a-cA-C.\\] ;]|\\\\\"|\\\\\\\\){0,3}\"\\] ?(b=1)?",
        1 => "[ \t]{0,2}",
    ];
    agree("git", programs::git(), file("[z]\n", line));
}

#[test]
fn configparser_reads_the_same() {
    let line = prop_oneof![
        6 => "[ \t]{0,2}[a-cÄß \\[]{1,3}[ \t]{0,2}[=:][ \t\u{b}]{0,2}[a-c=: \t;#\"'\\[\\]é]{0,6}",
        2 => "[ \t]{1,4}[a-c=:;#\\[\\]]{1,4}",
        1 => "[ \t]{0,3}[;#][a=]{0,3}",
        2 => "[ \t]{0,1}\\[[ a-cA-C\\[\\]]{1,4}\\][ \t]{0,2}[x;]{0,1}",
        2 => "[ \t]{0,2}",
    ];
    agree("python", programs::configparser(), file("[z]\n", line));
}

#[test]
fn php_reads_the_same() {
    let line = prop_oneof![
        6 => "[ \t]{0,2}[a-cA-C#.][a-b0-9-]{0,2}[ \t]{0,2}=[ \t]{0,2}[a-c][a-c#.\\\\ \t]{0,5}( ;[a\"']{0,2})?",
        3 => "[a-c]{1,2}[ \t]?=[ \t]?\"([a-c;=# '\\[\n]|\\\\\"|\\\\\\\\|\\\\n){0,5}\"[ \t]?(;[a\"]{0,2})?",
        2 => "[a-c]{1,2}[ \t]?=[ \t]?'[a-c;=# \"\\[\n\\\\]{0,5}'[ \t]?(;[a']{0,2})?",
        1 => "[a-c]{1,2}[ \t]?=[ \t]?(;[a']{0,2})?",
        1 => "[a-c]{1,2}",
        1 => "[ \t]{0,2};[a=\"'\\[]{0,3}",
        2 => "\\[[s-vS-V][s-vS-V.-]{0,2}\\](\\]|[ \t]|b=1)?",
        1 => "[ \t]{0,2}",
    ];
    // php keeps blanks between a closing quote and the file's end, but not before a line end: such a file is not made.
    // Of sections of one name php keeps the last alone, which is no question of reading either.
    let once = |text: &String| {
        let headers: Vec<&str> = text
            .split('\n')
            .filter(|line| line.starts_with('['))
            .collect();
        let name = |header: &str| header.split(']').next().map(str::to_owned);
        (1..headers.len()).all(|a| (0..a).all(|b| name(headers[a]) != name(headers[b])))
    };
    let files = file("", line)
        .prop_map(|text| text + "\n")
        .prop_filter("a section repeats", once);
    agree("php", programs::php(), files);
}

#[test]
fn my_print_defaults_reads_the_same() {
    let line = prop_oneof![
        8 => "[ \t]{0,2}[a-cA-C][a-b0-9_ -]{0,2}[ \t]{0,2}=[ \t]{0,2}([a-c;# \t=!]|\"[a-b;# ']{0,3}\"|'[a-b#\"]{0,3}'|\\\\[tbs\"'\\\\x]|[\"']){0,6}",
        1 => "[a-c]{1,2}[ \t]?(#x=1)?",
        1 => "[ \t]{0,2}[;#][a=\"]{0,3}",
        2 => "[ \t]{0,2}\\[(g|G|g |h)\\][ \t]?[x#]{0,2}",
        1 => "[ \t]{0,2}",
    ];
    agree("mysql", programs::mysql(), file("[g]\n", line));
}

#[test]
fn systemctl_reads_the_same() {
    let line = prop_oneof![
        6 => "[ \t]{0,2}(Alias|alias)[ \t]{0,2}=[ \t]{0,2}([a-c]{1,2}\\.service|[ \t]|\\\\\n[ \t]?|\\\\\n[;#]c\n){0,6}",
        1 => "[ \t]{0,2}[;#]Alias=x\\.service\\\\?",
        1 => "[ \t]{0,2}\\[(Install|Unit)\\][ \t]?",
        1 => "[ \t]{0,2}",
    ];
    agree("systemd", programs::systemctl(), file("[Install]\n", line));
}

#[test]
fn gkeyfile_reads_the_same() {
    let line = prop_oneof![
        6 => "[ \t]{0,2}[a-cA-C][a-c-]{0,2}(\\[d[e_]\\])?[ \t]{0,2}=[ \t\u{b}]{0,2}[a-c=:;#\"'\\[\\]é \\\\]{0,6}",
        1 => "[ \t]{0,2}#[a=]{0,3}",
        2 => "[ \t]{0,2}\\[[a-cA-C ]{1,3}\\][ \t]?",
        1 => "[ \t]{0,2}",
    ];
    agree("desktop", programs::gkeyfile(), file("[z]\n", line));
}

#[test]
fn editorconfig_reads_the_same() {
    let line = prop_oneof![
        6 => "[ \t]{0,2}[a-cA-C][a-c_ ]{0,2}[ \t]{0,2}[=:][ \t]{0,2}([a-c=:\"'\\[\\]é]{0,4}|\"\"|[a-c]{1,2} [;#] ?c|a[;#]b)",
        1 => "[;#][a=\\[\\]]{0,3}",
        2 => "[ \t]{0,2}\\[[a-cA-C*.{},]{1,4}\\]?\\][ \t]?[a-c]?",
        1 => "[ \t]{0,2}",
    ];
    agree(
        "editorconfig",
        programs::editorconfig(),
        file("[*]\n", line),
    );
}

#[test]
fn testparm_reads_the_same() {
    let line = prop_oneof![
        6 => "[ \t]{0,2}(comment|Com ment|pre exec|PREEXEC|postexec|volume) {0,2}= {0,2}[a-c=:;#\"' ]{0,6}",
        2 => "(comment|post exec) ?= ?[a-c ]{0,3}\\\\\n[ \t]{0,2}[a-c;#]{0,3}",
        1 => "[ \t]{0,2}[;#][a=]{0,3}",
        2 => "[ \t]{0,2}\\[[a-cA-C]{1,2}\\]",
        1 => "[ \t]{0,2}",
    ];
    agree("samba", programs::testparm(), file("[global]\n[z]\n", line));
}

#[test]
fn get_private_profile_string_reads_the_same() {
    let line = prop_oneof![
        6 => "[ \t]{0,2}[a-cA-C][a-c ]{0,2}[ \t]{0,2}=[ \t]{0,2}([a-c=;#:\\[\\] ]{0,5}|\"[a-c ;]{0,3}\"|'[a-c ]{0,2}')[ \t]?",
        1 => "[ \t]{0,2};[a=]{0,3}",
        2 => "[ \t]{0,2}\\[ ?[a-cA-C]{1,2} ?\\][ \t]?x?",
        1 => "[ \t]{0,2}",
    ];
    agree(
        "windows",
        programs::windows("profile", programs::first_of_each),
        file("[z]\n", line),
    );
}

/// Entries as a driver's file has them: those of [Version], which it must have, left out.
pub(crate) fn of_setup(ours: Vec<Entry>) -> Vec<Entry> {
    let mut ours = ours;
    ours.retain(|entry| entry.section != "Version" && entry.value.is_some());
    ours.sort();
    ours
}

#[test]
fn setup_api_reads_the_same() {
    let line = prop_oneof![
        6 => "[ \t]{0,2}[a-cA-C][a-c]{0,2}[ \t]{0,2}=[ \t]{0,2}([a-c]{1,3}|[a-c] [a-c]|\"([a-c ;=]|\"\"){0,3}\")[ \t]?(;[a\"]?)?",
        1 => "[a-c] = [a-c]\\\\\n[ \t]{0,2}[a-c]",
        1 => "[ \t]{0,2};[a=]{0,3}",
        2 => "[ \t]{0,2}\\[[a-c]{1,2}\\][ \t]?",
        1 => "[ \t]{0,2}",
    ];
    agree(
        "inf",
        programs::windows("inf", of_setup),
        file("[Version]\nSignature=\"$Chicago$\"\n[z]\n", line),
    );
}

/// Entries as the registry has them.
pub(crate) fn of_registry(ours: Vec<Entry>) -> Vec<Entry> {
    let name = |key: &str| match key.strip_prefix('"').and_then(|key| key.strip_suffix('"')) {
        Some(inner) => inner.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => key.to_owned(),
    };
    let value = |value: String| match value.split_once(':') {
        Some(("dword", number)) => format!("dword:{number:0>8}"),
        Some(("hex", _)) => value.split_whitespace().collect(),
        _ => value,
    };
    let read = |entry: Entry| Entry {
        key: name(&entry.key),
        value: entry.value.map(value),
        ..entry
    };
    let ours = ours
        .into_iter()
        .filter(|entry| entry.value.is_some())
        .map(read);
    let mut kept: Vec<Entry> = Vec::new();
    for entry in ours {
        let same =
            |old: &Entry| old.section == entry.section && old.key.eq_ignore_ascii_case(&entry.key);
        // The name stays as it was made.
        match kept.iter_mut().find(|old| same(old)) {
            Some(old) => old.value = entry.value,
            None => kept.push(entry),
        }
    }
    kept.sort();
    kept
}

#[test]
fn regedit_reads_the_same() {
    let _held = programs::REGISTRY.lock();
    let name = "(\"([a-cA-C=; ]|\\\\\\\\|\\\\\"){1,3}\"|@)";
    let value = "(\"([a-c=;' ]|\\\\\\\\|\\\\\"){0,4}\"|dword:[0-9a-f]{1,8}|hex:[0-9a-f]{2}(,[0-9a-f]{2}){0,2}|hex:01,\\\\\n  02)";
    let entry = format!("{name} ?= ?{value}");
    let line = prop_oneof![
        6 => entry.as_str(),
        1 => ";[a=]{0,3}",
        2 => "\\[HKEY_CURRENT_USER\\\\grini\\\\[a-c]\\]",
        1 => "",
    ];
    agree(
        "reg",
        programs::windows("reg", of_registry),
        file(
            "Windows Registry Editor Version 5.00\n\n[HKEY_CURRENT_USER\\grini\\z]\n",
            line,
        ),
    );
}

/// Files beneath `folders` (and what `GRINI_SHIPPED` names, such as unpacked packages) that end in one of `ends`.
fn installed(folders: &[&str], ends: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
    todo.extend(std::env::var_os("GRINI_SHIPPED").map(PathBuf::from));
    while let Some(folder) = todo.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let kind = entry.file_type().expect("a kind");
            if kind.is_dir() {
                todo.push(path);
            } else if kind.is_file() && ends.iter().any(|end| path.to_string_lossy().ends_with(end))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Compares every file with what `theirs` makes of it.
fn same_in_files(
    name: &str,
    files: &[PathBuf],
    theirs: impl Fn(&Path, &[u8]) -> Option<(Vec<Entry>, Vec<Entry>)>,
) {
    let (mut compared, mut keys) = (0, 0);
    for path in files {
        let text = std::fs::read(path).expect("a file");
        let Some((ours, theirs)) = theirs(path, &text) else {
            eprintln!("{}: refused by the program", path.display());
            continue;
        };
        assert_eq!(ours, theirs, "{}", path.display());
        compared += 1;
        keys += theirs.len();
    }
    eprintln!(
        "dialect {name}: {compared} of {} installed files, {keys} keys compared",
        files.len()
    );
}

#[test]
fn shipped_files_read_the_same() {
    let ends = [
        ".service",
        ".socket",
        ".target",
        ".timer",
        ".mount",
        ".automount",
        ".slice",
        ".path",
        ".swap",
        ".network",
        ".link",
        ".netdev",
        ".conf",
    ];
    let units = installed(&["/usr/lib/systemd", "/lib/systemd", "/etc/systemd"], &ends);
    same_in_files("systemd", &units, |_, text| {
        let mut ours = read(text, "systemd");
        // systemd passes over a line without '='.
        ours.retain(|entry| entry.value.is_some());
        Some((ours, programs::systemd_by_the_manual(text)))
    });
    let php = installed(
        &["/usr/lib/php", "/etc/php"],
        &[
            ".ini",
            "php.ini-development",
            "php.ini-production",
            "php.ini-production.cli",
        ],
    );
    if let Some(oracle) = programs::php() {
        same_in_files("php", &php, |_, text| {
            Some((oracle.form(read(text, "php")), oracle.read(text)?))
        });
    } else {
        crate::peer::missing("php", "the php.ini files here are not compared");
    }
    let mysql = installed(&["/etc/mysql", "/usr/share/mysql"], &[".cnf"]);
    same_in_files("mysql", &mysql, |path, text| {
        let groups: Vec<String> = {
            let mut names: Vec<String> = read(text, "mysql")
                .into_iter()
                .map(|entry| entry.section)
                .collect();
            names.dedup();
            names
        };
        let _ = path;
        let mut both = (Vec::new(), Vec::new());
        for group in groups {
            let oracle = programs::mysql_group(&group)?;
            both.0.extend(oracle.form(read(text, "mysql")));
            both.1.extend(oracle.read(text)?);
        }
        Some(both)
    });
    type Make = fn() -> Option<Box<dyn Oracle>>;
    let others: [(&str, &[&str], &[&str], Make); 3] = [
        (
            "desktop",
            &["/usr/share"],
            &[
                ".desktop",
                ".directory",
                ".theme",
                "/mimeapps.list",
                ".keyfile",
            ],
            programs::gkeyfile,
        ),
        (
            "editorconfig",
            &["/usr/lib/node_modules"],
            &["/.editorconfig"],
            programs::editorconfig,
        ),
        (
            "samba",
            &["/etc/samba", "/usr/share/samba"],
            &["smb.conf"],
            programs::testparm,
        ),
    ];
    for (name, folders, ends, oracle) in others {
        let Some(oracle) = oracle() else {
            crate::peer::missing(name, "the files here are not compared");
            continue;
        };
        same_in_files(name, &installed(folders, ends), |_, text| {
            Some((oracle.form(read(text, name)), oracle.read(text)?))
        });
    }
}
