//! What a person at a terminal sees: the real binary on a pseudo-terminal of a real size.

use crate::screen::{Screen, plain};
use crate::support::contents;
use std::fs;
use std::path::Path;

/// A folder with the sample store as `clients`.
fn store() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("clients")).expect("the folder is made");
    for (name, content) in contents(Path::new(crate::support::CLIENTS)) {
        fs::write(folder.path().join("clients").join(name), content).expect("it is written");
    }
    folder
}

fn shown(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> (String, i32) {
    Screen::start(folder, args, variables).end()
}

const BROKEN: &[&str] = &["--records", "--where=State=4", "--missing=NumSCerts"];

#[test]
fn a_search_is_coloured_and_its_state_lines_stand_out() {
    let folder = store();
    let (text, status) = shown(folder.path(), &["Jane Doe", "clients"], &[]);
    let name = "\x1b[35m\x1b[Kclients/Mxclfr4zqvktn.ini\x1b[m\x1b[K";
    let separator = |mark: &str| format!("\x1b[36m\x1b[K{mark}\x1b[m\x1b[K");
    let expected = format!(
        "{name}{}Name = \x1b[01;31m\x1b[KJane Doe\x1b[m\x1b[K\n{name}{}\x1b[1;33m\x1b[KState = 4\x1b[m\x1b[K\n",
        separator(":"),
        separator("-")
    );
    assert_eq!((text.as_str(), status), (expected.as_str(), 0));
    // Reached as context, it stands out as well.
    let (text, _) = shown(
        folder.path(),
        &[
            "-hA9",
            "--show=State",
            "Jane Doe",
            "clients/Mxclfr4zqvktn.ini",
        ],
        &[],
    );
    assert!(text.contains("\x1b[1;33m\x1b[KState = 4"), "{text:?}");
    for variable in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let (text, _) = shown(folder.path(), &["Jane Doe", "clients"], &[variable]);
        assert_eq!(text, plain(&expected), "{variable:?}");
    }
    // An empty NO_COLOR is none.
    let (text, _) = shown(folder.path(), &["Jane Doe", "clients"], &[("NO_COLOR", "")]);
    assert_eq!(text, expected);
}

#[test]
fn lines_are_cut_at_the_width_and_matches_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let long = "y".repeat(100);
    fs::write(
        folder.path().join("w.ini"),
        format!("Name=x{long}\nState={long}\n"),
    )
    .unwrap();
    let (text, _) = shown(folder.path(), &["-n", "Name=x", "w.ini"], &[]);
    let lines: Vec<String> = plain(&text).lines().map(str::to_owned).collect();
    assert!(
        lines[0].starts_with("1:Name=xyyy")
            && lines[0].ends_with("y…")
            && lines[0].chars().count() == 60,
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with("2-State=yyy")
            && lines[1].contains("y…y")
            && lines[1].chars().count() == 60,
        "{lines:?}"
    );
}

#[test]
fn a_terminal_that_knows_ascii_alone_gets_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let long = format!("Name=x\nState={}\n", "y".repeat(100));
    fs::write(folder.path().join("w.ini"), long).unwrap();
    for args in [
        &["Name", "w.ini"][..],
        &["--records", "--tally=State", "w.ini"],
    ] {
        let (text, _) = shown(folder.path(), args, &[("LC_ALL", "C")]);
        assert!(text.is_ascii() && text.contains("y~y"), "{text:?}");
    }
}

#[test]
fn names_are_links_where_that_is_wanted_and_known() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().canonicalize().unwrap();
    fs::write(folder.join("a b.ini"), "x=1\n").unwrap();
    let args = ["--color=never", "--hyperlink", "-H", "x", "a b.ini"];
    let (text, _) = shown(&folder, &args, &[("VTE_VERSION", "6003")]);
    let uri = format!("file://{}/a%20b.ini", folder.display());
    assert_eq!(
        text,
        format!("\x1b]8;;{uri}\x1b\\a b.ini\x1b]8;;\x1b\\:x=1\n")
    );
    let (text, _) = shown(&folder, &args, &[]);
    assert_eq!(text, "a b.ini:x=1\n");
    let (text, _) = shown(
        &folder,
        &["--color=never", "-H", "x", "a b.ini"],
        &[("VTE_VERSION", "6003")],
    );
    assert_eq!(text, "a b.ini:x=1\n");
}

#[test]
fn context_takes_one_row_whatever_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let values = [
        "日本".repeat(40),
        "e\u{301}".repeat(90),
        "a\t".repeat(20),
        "\x1b[1m".repeat(20),
        "\u{202e}x".repeat(20),
        format!("日{}", "\t日".repeat(9)),
    ];
    let mut content = "Name=x\n".to_owned();
    for value in &values {
        content += &format!("State={value}\n");
    }
    fs::write(folder.path().join("日e\u{301}.ini"), &content).unwrap();
    for width in [45, 46, 47, 60] {
        for flags in [&["-H"][..], &["-hn"], &["-HnbT"], &["-hT"]] {
            let args = [flags, &["Name=x", "日e\u{301}.ini"]].concat();
            let (text, _) = Screen::wide(width, folder.path(), &args, &[]).end();
            let rows = crate::screen::rows(&text, width);
            let cut = rows.iter().filter(|row| row.contains('…'));
            assert_eq!(cut.count(), values.len(), "{width} {rows:?}");
            let used = rows.iter().filter(|row| !row.trim().is_empty());
            assert_eq!(used.count(), 1 + values.len(), "{width} {rows:?}");
        }
    }
    // Where there is nearly no room next to the name, a line is not cut to nothing.
    let long = "n".repeat(50) + ".ini";
    fs::write(folder.path().join(&long), "Name=x\nState = 4\n").unwrap();
    let (text, _) = shown(folder.path(), &["-H", "Name=x", &long], &[]);
    assert!(plain(&text).ends_with("-State = 4\n"), "{text:?}");
}

#[test]
fn nothing_hostile_reaches_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let name = "e\x1b[2J\n\u{202e}.ini";
    let value = "x\x1b]0;t\x07\u{202e}\u{9b}31m\x7f\u{2066}\u{200b}";
    let content = format!("[\x1b[3m]\nName={value}\nState=4\x1b[0m\r\n");
    fs::write(folder.path().join(name), &content).unwrap();
    fs::write(folder.path().join("b\x1b.txt"), "x\0\n").unwrap();
    let missing = format!("{name}x");
    let mut refused = content.clone();
    refused.push_str("Name=2\n");
    fs::write(folder.path().join(format!("two{name}")), refused).unwrap();
    let two = format!("two{name}");
    let mut all: Vec<Vec<&str>> = Vec::new();
    for form in [
        "-n", "-c", "-l", "-o", "-b", "-T", "-A2", "--stats", "--json", "-Z",
    ] {
        all.push(vec![form, "-H", "x", name]);
    }
    for form in [
        "--get=Name",
        "--tally=Name",
        "--show=*",
        "--set=State=1",
        "--set=None=1",
    ] {
        all.push(vec![form, "--records", "-H", name]);
        all.push(vec![form, "--records", "-H", "--json", name]);
    }
    all.extend([
        vec!["x", &missing],
        vec!["x", "b\x1b.txt"],
        vec!["x", "--replace=\x1b[2J$0", name],
        vec!["--records", "--set=Name=1", &two],
        vec!["--records", "--set=State=1\x1b", "--in-place", name],
        vec!["--history"],
        vec!["--undo", "--diff"],
        vec!["--undo"],
        vec!["--records", "--where=\x1b[2J", name],
        vec!["--\x1b[2J", name],
        vec!["[\x1b[2J", name],
        vec!["x", "--tally=\x1b[2J\n", "--scope=\x1b[2J", name],
        vec!["-E", "e=x|S", "-A0", "--group-separator=\x1b[2J", name],
        vec!["\\(\x1b[2J", name],
    ]);
    for args in all {
        let (text, _) = shown(folder.path(), &args, &[]);
        let text = plain(&text);
        let raw = text.replace('\0', "");
        let hostile = |char: char| {
            char.is_control() && !matches!(char, '\n' | '\t')
                || matches!(char, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!raw.contains(hostile), "{args:?} {text:?}");
        assert!(!text.is_empty(), "{args:?}");
    }
    // GNU grep's messages have the very bytes; on a terminal they do not come from here.
    let screen = Screen::with(60, folder.path(), &["x", &missing], |command| {
        std::os::unix::process::CommandExt::arg0(command, "grep");
    });
    let (text, _) = screen.end();
    assert!(text.starts_with("grep: e\\x1b[2J\\x0a"), "{text:?}");
    // A pipe gets the very bytes.
    let run = crate::support::grini(["-h", "Name", "f.ini"]).file("f.ini", &content);
    run.says(&format!("Name={value}\nState=4\x1b[0m\r\n"), "", 0);
}

#[test]
fn a_tally_is_a_table_with_bars_within_the_width() {
    let folder = store();
    let (text, status) = shown(
        folder.path(),
        &["--records", "--tally=State", "clients"],
        &[],
    );
    let bar = |columns| "█".repeat(columns);
    let expected = format!(
        "6  3  {}\n5  4  {}\n2  1  {}\n1  2  {}\n",
        bar(54),
        bar(45),
        bar(18),
        bar(9)
    );
    assert_eq!((text.as_str(), status), (expected.as_str(), 0));
}

#[test]
fn a_condition_as_a_pattern_that_selects_nothing_gets_a_hint() {
    let folder = store();
    let (text, status) = shown(folder.path(), &["State=4", "clients"], &[]);
    let hint = "grini: 'State=4' is searched for as it stands; to select records by a value: --where 'State=4'\n";
    assert_eq!((text.as_str(), status), (hint, 1));
    let (text, status) = shown(folder.path(), &["State = 9", "clients"], &[]);
    assert_eq!((text.as_str(), status), ("", 1));
}

#[test]
fn a_preview_says_how_to_write_it() {
    let folder = store();
    let args = [BROKEN, &["--set=State=1", "clients"]].concat();
    let (text, status) = shown(folder.path(), &args, &[]);
    assert_eq!(status, 0);
    assert!(
        text.contains("\x1b[31m-State = 4\x1b[m\n\x1b[32m+State = 1\x1b[m\n"),
        "{text:?}"
    );
    assert!(
        text.ends_with("\ngrini: 4 files would change; --in-place writes them\n"),
        "{text:?}"
    );
    let (text, _) = shown(
        folder.path(),
        &["--set=State=1", "Jane Doe", "clients"],
        &[],
    );
    assert!(
        text.ends_with("\ngrini: 1 file would change; --in-place writes it\n"),
        "{text:?}"
    );
}

/// A file of five records, and what answers make of it.
fn confirmed(answers: &[&str], expected: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let record = |at: usize, state: char| format!("[{at}]\nName=x\nState={state}\n");
    let of = |states: &str| -> String {
        states
            .chars()
            .enumerate()
            .map(|(at, state)| record(at, state))
            .collect()
    };
    fs::write(folder.path().join("a.ini"), of("444")).unwrap();
    fs::write(folder.path().join("b.ini"), of("44")).unwrap();
    let args = [
        "--records",
        "--where=State=4",
        "--set=State=1",
        "--in-place",
        "--confirm",
        "a.ini",
        "b.ini",
    ];
    let mut screen = Screen::start(folder.path(), &args, &[]);
    for answer in answers {
        screen.answer("[y,n,a,q,?]? ", answer);
    }
    let (text, _) = screen.end();
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let (first, second) = expected.split_once(' ').unwrap();
    assert_eq!((read("a.ini"), read("b.ini")), (of(first), of(second)));
    text
}

#[test]
fn each_change_is_asked_for() {
    let text = confirmed(&["?", "n", "y", "q"], "414 44");
    let hunk = "\x1b[1m--- a.ini\x1b[m\n\x1b[1m+++ a.ini\x1b[m\n\x1b[36m@@ -1,6 +1,6 @@\x1b[m\n [0]\n Name=x\n\x1b[31m-State=4\x1b[m\n\x1b[32m+State=1\x1b[m\n [1]\n Name=x\n State=4\n";
    let help = "Make this change in a.ini [y,n,a,q,?]? ?\ny - make this change\nn - leave it\na - make this and all that follow\nq - leave this and all that follow\n? - this help\n";
    assert!(text.starts_with(&format!("{hunk}{help}")), "{text:?}");
    assert!(text.contains("grini: 1 file changed (take it back with: grini --undo="));
    confirmed(&["y", "y", "y", "n", "y"], "111 41");
    confirmed(&["n", "a"], "411 11");
    let text = confirmed(&["q"], "444 44");
    assert!(
        text.ends_with("? q\ngrini: nothing was changed\n"),
        "{text:?}"
    );
    confirmed(&["n", "n", "n", "n", "n"], "444 44");
}

#[test]
fn a_file_that_another_program_changes_while_it_is_asked_for_ends_the_asking() {
    for change in ["", "[0]\nState=4\nMore=1\n", "removed"] {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["a.ini", "b.ini"] {
            fs::write(path(name), "[0]\nName=x\nState=4\n").unwrap();
        }
        let args = [
            "--where=State=4",
            "--set=State=1",
            "--in-place",
            "--confirm",
            "a.ini",
            "b.ini",
        ];
        let mut screen = Screen::start(folder.path(), &args, &[]);
        screen.answer("[y,n,a,q,?]? ", "?");
        match change {
            "removed" => fs::remove_file(path("b.ini")).unwrap(),
            _ => fs::write(path("b.ini"), change).unwrap(),
        }
        screen.answer("[y,n,a,q,?]? ", "y");
        let (text, status) = screen.end();
        let message = "grini: b.ini: another program changed it meanwhile; nothing was changed, run the command again\n";
        assert!(text.ends_with(message), "{text:?}");
        assert_eq!(status, 2);
        assert_eq!(fs::read(path("a.ini")).unwrap(), b"[0]\nName=x\nState=4\n");
    }
}
