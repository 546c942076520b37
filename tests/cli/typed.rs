//! What people type at a prompt, and all that comes of it.

use crate::support::grini;

/// One command line and its files.
pub(crate) struct Case {
    pub about: &'static str,
    /// Name (`stdin`: standard input) and content; `LATIN:`, `UTF16:` and `MIXED:` say how it is written.
    pub files: &'static [(&'static str, &'static str)],
    pub args: &'static [&'static str],
    pub out: &'static str,
    pub err: &'static str,
    pub status: i32,
}

fn content(text: &str) -> Vec<u8> {
    if let Some(text) = text.strip_prefix("LATIN:") {
        return text.chars().map(|char| char as u8).collect();
    }
    if text == "MIXED:" {
        return b"a=\xc3\xbc\nb=\xfc\n".to_vec();
    }
    match text.strip_prefix("UTF16:") {
        Some(text) => [0xff, 0xfe]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect(),
        None => text.as_bytes().to_vec(),
    }
}

#[test]
fn seven_commands_find_and_repair_the_store() {
    let mut run = grini([""; 0]).clients();
    let list = "/o=Fabrikam/ou=Leeds/cn=Recipients/cn=jdoe\r\n/o=none\r\n";
    run = run.file("list.txt", list);
    let broken = ["--where", "State=4", "--missing", "NumSCerts"];
    let said = run.again(["Jane Doe", "clients"]);
    let found =
        "clients/Mxclfr4zqvktn.ini:Name = Jane Doe\r\nclients/Mxclfr4zqvktn.ini-State = 4\r\n";
    assert_eq!((said.out.as_str(), said.status), (found, 0));
    let said = run.again([&broken[..], &["-c", "clients"]].concat());
    let counts = said.out.lines().filter(|line| line.ends_with(":1"));
    assert_eq!(counts.count(), 4, "{said:?}");
    let said = run.again([&broken[..], &["--get", "Mailbox", "clients"]].concat());
    assert_eq!(said.out.lines().count(), 4, "{said:?}");
    let said = run.again([&broken[..], &["--set", "State=1", "clients"]].concat());
    assert_eq!(said.out.matches("\n+STATE = 1").count(), 1, "{said:?}");
    assert_eq!(said.out.matches("\n+State = 1").count(), 3, "{said:?}");
    let listed = ["--where", "Mailbox in @list.txt", "--set", "State=1"];
    let said = run.again([&listed[..], &["--in-place", "clients"]].concat());
    assert!(
        said.err
            .starts_with("grini: list.txt:2: no record has Mailbox = /o=none\n"),
        "{said:?}"
    );
    assert!(said.err.contains("1 file changed"), "{said:?}");
    let said = run.again([&broken[..], &["-c", "clients"]].concat());
    assert_eq!(said.out.matches(":1\n").count(), 3, "{said:?}");
    let said = run.again([&broken[..], &["--set", "State=1", "--in-place", "clients"]].concat());
    assert!(said.err.starts_with("grini: 3 files changed"), "{said:?}");
    let said = run.again([&broken[..], &["--set", "State=1", "clients"]].concat());
    let none = "grini: nothing to change: no record is selected\n";
    assert_eq!((said.err.as_str(), said.status), (none, 1));
    assert_eq!(run.again(["--undo"]).status, 0);
}

#[test]
fn totals_are_true_and_json_is_nothing_but_objects() {
    let json = |args: &[&str]| -> Vec<serde_json::Value> {
        let mut run = grini(["--json"])
            .file("f.ini", "x=1\ny=2\n")
            .file("g.ini", "y=3\n");
        let said = run.again([&["--json"], args, &["f.ini", "g.ini"]].concat());
        let lines = said
            .out
            .lines()
            .map(|line| serde_json::from_str(line).expect(line));
        lines.collect()
    };
    for (args, kinds, matched) in [
        (&["-c", "x"][..], "count count summary", 1),
        (&["-l", "x"], "file summary", 1),
        (&["-L", "x"], "file summary", 1),
        (&["-q", "x"], "summary", 1),
        (&["--count-matches", "="], "count count summary", 2),
        (&["--has", "x", "--get", "y"], "values summary", 1),
        (&["--records", "--tally", "y"], "tally summary", 2),
        (&["--lint", "--delim=;"], "summary", 0),
        (&["--has", "x", "--set", "x=2"], "edit summary", 1),
        (&["--has", "x", "--set", "x=2", "-l"], "file summary", 1),
        (
            &["--has", "x", "--set", "x=2", "-c"],
            "count count summary",
            1,
        ),
    ] {
        let all = json(args);
        let found: Vec<&str> = all
            .iter()
            .filter_map(|line| line["type"].as_str())
            .collect();
        assert_eq!(found.join(" "), kinds, "{args:?}");
        let stats = &all[all.len() - 1]["data"]["stats"];
        let searches = if args == ["-q", "x"] { 1 } else { 2 };
        assert_eq!(stats["searches"], searches, "{args:?}");
        assert_eq!(stats["searches_with_match"], matched, "{args:?}");
    }
    for args in [
        ["--stats", "-q", "x"],
        ["--stats", "-c", "x"],
        ["--stats", "-l", "x"],
    ] {
        let said = grini(args).stdin("x\n").said();
        assert!(
            said.out.contains("\n1 files searched\n"),
            "{args:?} {said:?}"
        );
        assert!(
            said.out.contains("\n1 matched lines\n"),
            "{args:?} {said:?}"
        );
    }
}

#[test]
fn what_was_typed_is_what_happens() {
    let mut wrong = Vec::new();
    let all = crate::typed_records::RECORDS
        .iter()
        .chain(crate::typed_edits::EDITS);
    for case in all.chain(crate::typed_options::OPTIONS) {
        let mut run = grini(case.args);
        for (name, text) in case.files {
            run = match *name {
                "stdin" => run.stdin(content(text)),
                name => run.file(name, content(text)),
            };
        }
        let said = run.said();
        let expected = (case.out, case.err, case.status);
        if (said.out.as_str(), said.err.as_str(), said.status) != expected {
            wrong.push(format!(
                "{}: {:?}\nexpected {expected:?}\nsaid {said:?}",
                case.about, case.args
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
