//! Every refusal of an edit: its message, line and way out; and the edit once the option decides.

use crate::support::grini;
use std::fs;

struct Row {
    file: &'static str,
    args: &'static [&'static str],
    /// Line and reason.
    line: u32,
    reason: &'static str,
    /// What decides, and the file that comes of it; none: nothing does.
    decided: &'static [(&'static str, &'static str)],
}

const SET: &[&str] = &["--records", "--has", "State", "--set", "State=1"];

fn rows() -> Vec<Row> {
    vec![
        Row {
            file: "State=4\nx=1\nState=5\n",
            args: SET,
            line: 3,
            reason: "key 'State' occurs 2 times in the record; say --dup=first, last, all or met",
            decided: &[
                ("--dup=first", "State=1\nx=1\nState=5\n"),
                ("--dup=last", "State=4\nx=1\nState=1\n"),
                ("--dup=all", "State=1\nx=1\nState=1\n"),
            ],
        },
        Row {
            file: "State=4\nState=5\n",
            args: &["--records", "--has", "State", "--unset", "State"],
            line: 2,
            reason: "key 'State' occurs 2 times in the record; say --dup=first, last, all or met",
            decided: &[("--dup=first", "State=5\n"), ("--dup=all", "")],
        },
        Row {
            file: "[a]\nx=1\n[A]\nState=4\n",
            args: &[
                "--scope=file",
                "--records",
                "--has",
                "State",
                "--set",
                "[a]State=1",
            ],
            line: 3,
            reason: "section [A] occurs more than once; say --scope=section",
            decided: &[("--scope=section", "[a]\nx=1\n[A]\nState=1\n")],
        },
        Row {
            file: "State = \"4\"\n",
            args: &["--has", "State", "--set", "State=a\"b"],
            line: 1,
            reason: "the value of 'State' is in quotes, and a quote or a backslash within them may need an escape; type the new value with its quotes, or say --quotes=replace to drop them",
            decided: &[("--quotes=replace", "State = a\"b\n")],
        },
        Row {
            file: "State = \"\"\n",
            args: &["--has", "State", "--set", "State=C:\\a"],
            line: 1,
            reason: "the value of 'State' is in quotes, and a quote or a backslash within them may need an escape; type the new value with its quotes, or say --quotes=replace to drop them",
            decided: &[("--quotes=replace", "State = C:\\a\n")],
        },
        // All doubts of a line at once.
        Row {
            file: "State = 4 ; c\n  x=1\n",
            args: SET,
            line: 1,
            reason: "the value of 'State' may end in a comment; say --inline-comment=none, or --inline-comment=';#'; and the line of 'State' is followed by a line indented deeper, which may go on with its value; say --continuation=none, indent or backslash (--dialect=python reads such lists)",
            decided: &[("--dialect=windows", "State = 1\n  x=1\n")],
        },
        Row {
            file: "State=4\nState = 5 ; c\n",
            args: SET,
            line: 2,
            reason: "key 'State' occurs 2 times in the record; say --dup=first, last, all or met; and the value of 'State' may end in a comment; say --inline-comment=none, or --inline-comment=';#'",
            decided: &[("--dup=first", "State=1\nState = 5 ; c\n")],
        },
        // Any line of a block indented deeper than the key line that opens it.
        Row {
            file: "[s]\nb=\n  x=1\n  State=4\n",
            args: SET,
            line: 4,
            reason: "the line of 'State' is indented deeper than a key line before it and may go on with its value; say --continuation=none, indent or backslash (--dialect=python reads such lists)",
            decided: &[("--continuation=none", "[s]\nb=\n  x=1\n  State=1\n")],
        },
        Row {
            file: "State=4,\\\r\nx\r\n",
            args: SET,
            line: 1,
            reason: "the line of 'State' ends in a backslash and may go on in the next line; say --continuation=none, indent or backslash",
            decided: &[("--continuation=none", "State=1\r\nx\r\n")],
        },
        Row {
            file: "State = '4\n",
            args: SET,
            line: 1,
            reason: "the quote before the value of 'State' is not closed; say --quotes=replace",
            decided: &[("--quotes=replace", "State = 1\n")],
        },
        Row {
            file: "State = 4 ; was 3\n",
            args: SET,
            line: 1,
            reason: "the value of 'State' may end in a comment; say --inline-comment=none, or --inline-comment=';#'",
            decided: &[
                ("--inline-comment=none", "State = 1\n"),
                ("--inline-comment=;#", "State = 1 ; was 3\n"),
                ("--inline-comment=#", "State = 1\n"),
                ("--dialect=php", "State = 1 ; was 3\n"),
                ("--dialect=python", "State = 1\n"),
            ],
        },
        Row {
            file: "State = # none\n",
            args: SET,
            line: 1,
            reason: "the value of 'State' may end in a comment; say --inline-comment=none, or --inline-comment=';#'",
            decided: &[
                ("--inline-comment=none", "State = 1\n"),
                ("--inline-comment=;#", "State = 1 # none\n"),
            ],
        },
        Row {
            file: "[s]\na=1\n  State=4\n",
            args: SET,
            line: 3,
            reason: "the line of 'State' is indented deeper than a key line before it and may go on with its value; say --continuation=none, indent or backslash (--dialect=python reads such lists)",
            decided: &[
                ("--continuation=none", "[s]\na=1\n  State=1\n"),
                ("--continuation=backslash", "[s]\na=1\n  State=1\n"),
            ],
        },
        Row {
            file: "State=4\n;c\n\n\tb=1\n",
            args: SET,
            line: 1,
            reason: "the line of 'State' is followed by a line indented deeper, which may go on with its value; say --continuation=none, indent or backslash (--dialect=python reads such lists)",
            decided: &[("--continuation=none", "State=1\n;c\n\n\tb=1\n")],
        },
        Row {
            file: "State=4\n\n\tb=1\n",
            args: SET,
            line: 1,
            reason: "the line of 'State' is followed by a line indented deeper, which may go on with its value; say --continuation=none, indent or backslash (--dialect=python reads such lists)",
            decided: &[
                ("--continuation=none", "State=1\n\n\tb=1\n"),
                ("--continuation=indent", "State=1\n"),
            ],
        },
        Row {
            file: "State=4\\\nb=1\n",
            args: SET,
            line: 1,
            reason: "the line of 'State' ends in a backslash and may go on in the next line; say --continuation=none, indent or backslash",
            decided: &[
                ("--continuation=none", "State=1\nb=1\n"),
                ("--continuation=backslash", "State=1\n"),
                ("--dialect=systemd", "State=1\n"),
            ],
        },
        Row {
            file: "a=1\\\nState=4\n",
            args: SET,
            line: 2,
            reason: "the line of 'State' follows a backslash and may go on with the line before; say --continuation=none, indent or backslash",
            decided: &[("--continuation=none", "a=1\\\nState=1\n")],
        },
        Row {
            file: "a=1\\\n",
            args: &["--records", "--has", "a", "--add", "State=1"],
            line: 1,
            reason: "the line of 'a' ends in a backslash and may go on in the next line; say --continuation=none, indent or backslash",
            decided: &[("--continuation=none", "a=1\\\nState=1\n")],
        },
        Row {
            file: "Dir=C:\\a\nx=1\n",
            args: &["--records", "--has", "Dir", "--set", "Dir=D:\\"],
            line: 1,
            reason: "the new line of 'Dir' ends in a backslash and may go on in the next line; say --continuation=none, indent or backslash",
            decided: &[
                ("--continuation=none", "Dir=D:\\\nx=1\n"),
                ("--dialect=windows", "Dir=D:\\\nx=1\n"),
            ],
        },
        Row {
            file: "a=1\nx=1\n",
            args: &["--records", "--has", "a", "--add", "Dir=D:\\"],
            line: 3,
            reason: "the new line of 'Dir' ends in a backslash and may go on in the next line; say --continuation=none, indent or backslash",
            decided: &[("--continuation=none", "a=1\nx=1\nDir=D:\\\n")],
        },
        Row {
            file: "Dir=C:\nx=1\n",
            args: &["C:", "--replace", "D:\\"],
            line: 1,
            reason: "the new line ends in a backslash and may go on in the next line; say --continuation=none, indent or backslash",
            decided: &[("--continuation=none", "Dir=D:\\\nx=1\n")],
        },
        Row {
            file: "a=1\nDir=C:\\\nx=1\n",
            args: &["C:.", "--replace", "D"],
            line: 2,
            reason: "the line ends in a backslash and may go on in the next line, and the new one would not; say --continuation=none, indent or backslash",
            decided: &[("--continuation=none", "a=1\nDir=D\nx=1\n")],
        },
        // Where backslashes are known to join lines, quotes are the way to write one, if there are any.
        Row {
            file: "[a]\nDir=1\nx=1\n",
            args: &[
                "--dialect=systemd",
                "--records",
                "--has",
                "Dir",
                "--set",
                "Dir=D:\\",
            ],
            line: 2,
            reason: "the new text would be read as something else (a comment, a quote, another line, or a name that the program does not take); quote it as the file's program wants, or choose another --dialect",
            decided: &[("--continuation=none", "[a]\nDir=D:\\\nx=1\n")],
        },
        Row {
            file: "[a]\nDir=1\\\n# c\n  2\n",
            args: &["--dialect=systemd", "--records", "--set", "Dir=3"],
            line: 2,
            reason: "a comment stands within the value of 'Dir', and would go with it; take it out first",
            decided: &[],
        },
        Row {
            file: "[a]\nDir=1\n",
            args: &[
                "--dialect=git",
                "--records",
                "--has",
                "Dir",
                "--set",
                "Dir=D:\\",
            ],
            line: 2,
            reason: "the new text would be read as something else (a comment, a quote, another line, or a name that the program does not take); quote it as the file's program wants, or choose another --dialect",
            decided: &[("--dialect=windows", "[a]\nDir=D:\\\n")],
        },
        Row {
            file: "[a]\nDir=C:\nx=1\n",
            args: &["--dialect=systemd", "C:", "--replace", "D:\\"],
            line: 2,
            reason: "the new line ends in a backslash and may go on in the next line; change the lines by hand",
            decided: &[("--continuation=none", "[a]\nDir=D:\\\nx=1\n")],
        },
        Row {
            file: "State=4\n",
            args: &["--records", "--has", "State", "--set", "State=4 ;x"],
            line: 1,
            reason: "the new value of 'State' may end in a comment; say --inline-comment=none, or --inline-comment=';#'",
            decided: &[
                ("--inline-comment=none", "State=4 ;x\n"),
                ("--dialect=windows", "State=4 ;x\n"),
            ],
        },
        Row {
            file: "State\n",
            args: SET,
            line: 1,
            reason: "key 'State' has no value, so there is none to set; take it out with --unset, then --add one with a value",
            decided: &[],
        },
        Row {
            file: "State=4\n[open\nx=1\n",
            args: SET,
            line: 2,
            reason: "a section header without ']' leaves the sections in doubt; mend it first",
            decided: &[],
        },
        Row {
            file: "State=4\nx=\0\n",
            args: SET,
            line: 2,
            reason: "a NUL byte: the file is not text; if it is UTF-16 without a byte order mark, say --encoding=utf-16le",
            decided: &[],
        },
        Row {
            file: "[a]\nName=x\n[b]\nState=4\n",
            args: &["--records", "--has", "Name", "--set", "State=1"],
            line: 4,
            reason: "key 'State' is in section [b], the lines that selected the record are elsewhere; name its section ('[b]State'), or say --scope=file or --scope=section",
            decided: &[("--scope=file", "[a]\nName=x\n[b]\nState=1\n")],
        },
        Row {
            file: "[a]\nName=x\n[b]\nState=4\n",
            args: &["x", "--unset", "State"],
            line: 4,
            reason: "key 'State' is in section [b], the lines that selected the record are elsewhere; name its section ('[b]State'), or say --scope=file or --scope=section",
            decided: &[("--scope=file", "[a]\nName=x\n[b]\n")],
        },
        Row {
            file: "[a]\nk=1\n[b]\nj=2\n",
            args: &["--records", "--where", "k=1 and j=2", "--add", "n=3"],
            line: 3,
            reason: "the record was selected by lines in several sections; name the one that gets the key: '[SECTION]n=...'",
            decided: &[],
        },
        Row {
            file: "[a]\nk=1\n",
            args: &["--records", "--has", "k", "--add", "#n=3"],
            line: 3,
            reason: "the new text would be read as something else (a comment, a quote, another line, or a name that the program does not take); quote it as the file's program wants, or choose another --dialect",
            decided: &[("--dialect=windows", "[a]\nk=1\n#n=3\n")],
        },
        Row {
            file: "[a]\nk=1\n",
            args: &["--dialect=git", "--records", "--has", "k", "--set", "k=a;b"],
            line: 2,
            reason: "the new text would be read as something else (a comment, a quote, another line, or a name that the program does not take); quote it as the file's program wants, or choose another --dialect",
            decided: &[("--dialect=systemd", "[a]\nk=a;b\n")],
        },
        Row {
            file: "[s]\nState=4\nState=\n",
            args: &[
                "--dialect=systemd",
                "--records",
                "--has",
                "State",
                "--set",
                "State=1",
            ],
            line: 3,
            reason: "the empty line of 'State' forgets those before it, and with a value it would not; take them out by hand",
            decided: &[],
        },
    ]
}

fn run(row: &Row, more: Option<&str>) -> (crate::support::Said, Vec<u8>) {
    let mut args = row.args.to_vec();
    args.extend(more);
    args.extend(["--in-place", "f.ini"]);
    let run = grini(&args).file("f.ini", row.file);
    let said = run.said();
    (
        said,
        fs::read(run.folder().join("f.ini")).expect("the file"),
    )
}

#[test]
fn every_doubt_is_refused_and_its_option_decides() {
    for row in rows() {
        let (said, after) = run(&row, None);
        let err = format!(
            "grini: f.ini:{}: not edited: {}\ngrini: no file was changed: all are written or none (--keep-going writes the others)\n",
            row.line, row.reason
        );
        assert_eq!(
            (said.err.as_str(), said.out.as_str(), said.status),
            (err.as_str(), "", 2),
            "{:?}",
            row.file
        );
        assert_eq!(after, row.file.as_bytes());
        for (option, expected) in row.decided {
            let (said, after) = run(&row, Some(option));
            assert_eq!(said.status, 0, "{:?} {option} {said:?}", row.file);
            assert_eq!(
                String::from_utf8_lossy(&after),
                *expected,
                "{:?} {option}",
                row.file
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn twenty_refusals_are_printed_whole_and_the_others_counted() {
    let mut run = grini(["--records", "--set", "x=1", "d"]);
    for file in 0..40 {
        let text = match file % 4 {
            0 => "x=2 ; c\n",
            _ => "x=2\nx=3\n",
        };
        run = run.file(&format!("d/{file:02}.ini"), text);
    }
    let said = run.said();
    let lines: Vec<&str> = said.err.lines().collect();
    assert_eq!((lines.len(), said.status), (22, 2), "{said:?}");
    assert!(
        lines[19].starts_with("grini: d/19.ini:2: would not be edited: key 'x' occurs"),
        "{said:?}"
    );
    assert_eq!(
        lines[20],
        "grini: and 15 more files: key '...' occurs N times in the record"
    );
    assert_eq!(
        lines[21],
        "grini: and 5 more files: the value of '...' may end in a comment"
    );
}

#[test]
fn with_crlf_a_backslash_is_a_path() {
    grini([
        "--records",
        "--has",
        "Dir",
        "--set",
        "Dir=D:\\",
        "--in-place",
        "f.ini",
    ])
    .file("f.ini", "Dir=C:\\\r\nState=4\r\n")
    .edits("f.ini", "Dir=D:\\\r\nState=4\r\n");
}

#[test]
fn wrong_values_are_usage_errors() {
    let rows = [
        (
            "State=1\n2",
            "a new value holds no line end and no NUL byte",
        ),
        (
            "State=1\r2",
            "a new value holds no line end and no NUL byte",
        ),
        (
            "State=\" 1\"",
            "\" 1\": whether the quotes are to be written is in doubt; leave out the blanks at the edges",
        ),
        (
            "State='1 '",
            "'1 ': whether the quotes are to be written is in doubt; leave out the blanks at the edges",
        ),
    ];
    for option in ["--set", "--add"] {
        for (value, reason) in rows {
            grini(["--records", option, value, "--in-place", "f.ini"])
                .file("f.ini", "State=4\n")
                .says("", &format!("grini: {option}: {reason}\n"), 2);
        }
    }
}

#[cfg(unix)]
#[test]
fn only_regular_files_that_were_named_are_edited() {
    let run = grini(["x", "--replace", "y", "--in-place", "p"]).file("f.ini", "x=1\n");
    let fifo = std::process::Command::new("mkfifo")
        .arg(run.folder().join("p"))
        .status();
    assert!(fifo.expect("mkfifo runs").success());
    run.says(
        "",
        "grini: p: not a regular file, so it is not edited\ngrini: no file was changed: all are written or none (--keep-going writes the others)\n",
        2,
    );
    grini(["x", "--replace", "y", "-r", "--in-place", "."])
        .file("f.ini", "x=1\n")
        .says("", "grini: an edit under -r needs --include=GLOB, so that it reaches no file it was not meant for\n", 2);
}

#[test]
fn a_file_that_ends_within_a_character_is_left_alone() {
    let text = "State=4\r\n".encode_utf16().flat_map(u16::to_le_bytes);
    let bytes: Vec<u8> = [0xff, 0xfe].into_iter().chain(text).chain([b'x']).collect();
    grini(["--records", "--where", "State=4", "--set", "State=1", "f.ini"])
        .file("f.ini", bytes)
        .says(
            "",
            "grini: f.ini:2: would not be edited: the last byte is half a character of UTF-16; mend that first\n",
            2,
        );
}
