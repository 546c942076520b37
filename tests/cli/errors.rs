//! What bad input gets: one message that says what, where, and what to write instead; status 2; nothing written.

use crate::support::grini;

#[cfg(unix)]
#[test]
fn bad_arguments_are_errors() {
    let dialects = grini::ini::presets::NAMES.join(", ");
    for (args, message) in [
        (
            &["[", "f.ini"][..],
            "grini: bad pattern '[': Invalid regular expression; mend it, or search for it as plain text with -F\n",
        ),
        (
            &["--encoding=x", "a", "f.ini"],
            "grini: unknown encoding 'x'; write a label such as windows-1252, iso-8859-15, utf-8 or shift_jis\n",
        ),
        (
            &["a", "none.ini"],
            "grini: none.ini: No such file or directory\n",
        ),
        (
            &["--part=x", "a", "f.ini"],
            "grini: --part=x: write one of line, section, key, value, comment\n",
        ),
        (
            &["--dialect=x", "a", "f.ini"],
            &format!("grini: --dialect=x: write one of {dialects}\n"),
        ),
        (
            &["--sectoin=x", "a"],
            "grini: unrecognized option '--sectoin'; did you mean '--section'? ('grini --help' lists all)\n",
        ),
        (
            &["--records", "--key=x", "f.ini"],
            "grini: --key is about PATTERNS, and --records selects without any: give some by -e, or leave one of them out\n",
        ),
        (
            &["x", "--replace", "$1", "f.ini"],
            "grini: --replace: the pattern has no group '1'; it has none (write $$ for a dollar)\n  $1\n  ^\n",
        ),
        (
            &["x", "--replace", "y", "--in-place"],
            "grini: --in-place needs a FILE or a folder to write; name it after the other arguments\n",
        ),
        (
            &["x", "--in-place", "f.ini"],
            "grini: --in-place has nothing to write: give --set, --put, --add, --append, --unset or --replace with it\n",
        ),
        (
            &["x", "-r", "--replace", "y", "."],
            "grini: an edit under -r needs --include=GLOB, so that it reaches no file it was not meant for\n",
        ),
        (
            &["-v", "x", "--replace", "y", "f.ini"],
            "grini: --replace and -v exclude each other\n",
        ),
        (
            &["x", "empty"],
            "grini: empty: no .ini file beneath this folder; name others with --include=GLOB, or search every file with -r\n",
        ),
    ] {
        let run = grini(args)
            .file("f.ini", "State=4\n")
            .file("empty/x.txt", "x");
        run.says("", message, 2);
    }
}

#[test]
fn a_bad_condition_is_pointed_at() {
    let run = grini(["--records", "--where", "State=4 or Name=x)", "f.ini"]).file("f.ini", "");
    run.says(
        "",
        "grini: --where: this ')' closes nothing\n  State=4 or Name=x)\n                   ^\n",
        2,
    );
    // A wide character takes two columns, a combining one none.
    grini(["--records", "--where", "日e\u{301}=x)", "f.ini"]).says(
        "",
        "grini: --where: this ')' closes nothing\n  日e\u{301}=x)\n       ^\n",
        2,
    );
    grini(["x", "--replace", "日$1", "f.ini"]).says(
        "",
        "grini: --replace: the pattern has no group '1'; it has none (write $$ for a dollar)\n  日$1\n    ^\n",
        2,
    );
    let said = grini(["--records", "--where", "State", "f.ini"]).said();
    assert_eq!(said.status, 2);
    assert!(
        said.err.contains("\n  State\n  ^\n") && said.err.contains("KEY = VALUE"),
        "{said:?}"
    );
}

#[test]
fn a_forgotten_word_is_answered_by_what_to_type() {
    let run = |args: &[&str]| {
        grini(args)
            .file("Clients/a.ini", "State=4\nTries=9\n")
            .said()
    };
    let term = "write KEY = VALUE, KEY in (A, B), KEY missing or KEY present; operators: = != ~ !~ < <= > >=";
    let bare = format!(
        "grini: --where: this is no condition; {term}\n  Tries\n  ^\n  if the shell took a > or < from it, quote all of it: --where 'Tries > 3'\n"
    );
    let meant = "grini: 'Clients' is taken as PATTERNS, and no FILE is given; did you mean --records? (to search for that text: -e 'Clients')\n";
    for (args, message) in [
        (&["--where", "Tries", "Clients"][..], bare.as_str()),
        (&["--records", "--where", "Tries", "Clients"], &bare),
        (&["--set", "State=1", "Clients"], meant),
        (&["--get", "State", "Clients"], meant),
        (
            &["--set", "State=1"],
            "grini: PATTERNS is missing; to do --set for every record, add --records, or select some by --where, --has or --missing\n",
        ),
        (
            &["--record", "Clients"],
            "grini: unrecognized option '--record'; did you mean '--records'? ('grini --help' lists all)\n",
        ),
    ] {
        let said = run(args);
        assert_eq!((said.err.as_str(), said.status), (message, 2), "{args:?}");
        assert_eq!(said.out, "");
    }
}

#[test]
fn usage_comes_with_no_arguments() {
    let said = grini([""; 0]).said();
    assert_eq!((said.status, said.out.as_str()), (2, ""));
    assert!(said.err.starts_with("Usage: grini "), "{said:?}");
}

#[cfg(unix)]
#[test]
fn of_a_folder_that_cannot_be_listed_nothing_more_is_said() {
    let run = grini([""; 0]).file("t/d/e/a.ini", "x\n");
    let _ = run.output();
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -n 6; .bin/grini x t"])
        .current_dir(run.folder())
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.ends_with(": Too many open files\n"), "{err}");
    assert_eq!((err.lines().count(), output.status.code()), (1, Some(2)));
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_named_and_the_others_are_searched() {
    let run = grini(["x", "none.ini", "f.ini"]).file("f.ini", "x\n");
    run.says(
        "f.ini:x\n",
        "grini: none.ini: No such file or directory\n",
        2,
    );
    grini(["-s", "x", "none.ini"]).says("", "", 2);
    grini(["-q", "x", "none.ini", "f.ini"])
        .file("f.ini", "x\n")
        .says("", "grini: none.ini: No such file or directory\n", 0);
}

/// A file that is opened must not be taken for a standard stream that came closed.
#[cfg(unix)]
#[test]
fn closed_standard_streams_are_no_file() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("f.ini");
    std::fs::write(&file, "[a]\nState = 4\n").expect("file");
    let script = r#"exec "$0" State --set State=1 --in-place --no-undo f.ini <&- >&- 2>&-"#;
    let status = std::process::Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_grini")])
        .current_dir(folder.path())
        .status()
        .expect("sh");
    assert_eq!(status.code(), Some(0));
    assert_eq!(
        std::fs::read_to_string(&file).expect("file"),
        "[a]\nState = 1\n"
    );
}

/// The stack of the thread that reads the pattern does not fit in the memory there is.
#[cfg(target_os = "linux")]
#[test]
fn a_deeply_nested_pattern_without_room_for_its_stack_is_an_error() {
    let run = grini([""; 0]);
    let _ = run.output();
    let pattern = "(".repeat(2000) + "a" + &")".repeat(2000);
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -v 60000; exec .bin/grini \"$@\"", "sh"])
        .args(["-E", &pattern, "."])
        .current_dir(run.folder())
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        said,
        "grini: no memory or no thread for a pattern nested 2001 deep; nest it less, or allow more of both\n"
    );
    assert_eq!(output.status.code(), Some(2));
}
