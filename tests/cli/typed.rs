//! What people type at a prompt, and all that comes of it.

use crate::support::grini;

/// One command line and its files.
pub struct Case {
    pub about: &'static str,
    /// What once came of it, and was wrong.
    pub was: &'static str,
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

const CASES: &[Case] = &[
    Case {
        about: "a named section",
        was: "refused: the lines that selected the record are elsewhere",
        files: &[("f.ini", "[A]\nx=1\n[B]\nk=1\n")],
        args: &["--records", "--set", "[B]k=2", "f.ini"],
        out: "--- f.ini\n+++ f.ini\n@@ -1,4 +1,4 @@\n [A]\n x=1\n [B]\n-k=1\n+k=2\n",
        err: "",
        status: 0,
    },
    Case {
        about: "a named section",
        was: "refused, as [A] comes first",
        files: &[("f.ini", "[A]\nx=1\n[B]\nk=1\n")],
        args: &["--records", "--set", "k=2", "f.ini"],
        out: "--- f.ini\n+++ f.ini\n@@ -1,4 +1,4 @@\n [A]\n x=1\n [B]\n-k=1\n+k=2\n",
        err: "",
        status: 0,
    },
    Case {
        about: "a named section",
        was: "refused, as [A] comes first",
        files: &[("f.ini", "[A]\nx=1\n[B]\nk=1\n")],
        args: &["--missing", "y", "--set", "k=2", "f.ini"],
        out: "--- f.ini\n+++ f.ini\n@@ -1,4 +1,4 @@\n [A]\n x=1\n [B]\n-k=1\n+k=2\n",
        err: "grini: warning: no file read has a key 'y'\n",
        status: 0,
    },
    Case {
        about: "a named section",
        was: "",
        files: &[("f.ini", "[A]\nx=1\n[B]\nk=1\n")],
        args: &["--has", "x", "--set", "k=2", "f.ini"],
        out: "",
        err: "grini: f.ini:4: would not be edited: key 'k' is in section [B], the lines that selected the record are elsewhere; name its section ('[B]k'), or say --scope=file or --scope=section\n",
        status: 2,
    },
    Case {
        about: "a named section",
        was: "refused",
        files: &[("f.ini", "[A]\nx=1\n[B]\nk=1\n")],
        args: &["--has", "x", "--set", "[B]k=2", "f.ini"],
        out: "--- f.ini\n+++ f.ini\n@@ -1,4 +1,4 @@\n [A]\n x=1\n [B]\n-k=1\n+k=2\n",
        err: "",
        status: 0,
    },
    Case {
        about: "a named section",
        was: "one file stopped all",
        files: &[("a.ini", "[A]\nk=1\n"), ("b.ini", "[A]\nx=1\n[B]\nk=1\n")],
        args: &["--records", "--set", "[B]k=2", "-l", "."],
        out: "./b.ini\n",
        err: "",
        status: 0,
    },
    Case {
        about: "no --records beside conditions",
        was: "f.ini was taken as PATTERNS",
        files: &[("f.ini", "State=4\n")],
        args: &["--where", "State=4", "f.ini"],
        out: "State=4\n",
        err: "",
        status: 0,
    },
    Case {
        about: "no --records beside conditions",
        was: "f.ini was taken as PATTERNS",
        files: &[("f.ini", "State=4\nState=5\n")],
        args: &["--has", "State", "-c", "f.ini"],
        out: "1\n",
        err: "",
        status: 0,
    },
    Case {
        about: "no --records beside conditions",
        was: "",
        files: &[("f.ini", "Name=Ann\nState=4\n")],
        args: &["--where", "State=4", "-e", "Ann", "f.ini"],
        out: "Name=Ann\nState=4\n",
        err: "",
        status: 0,
    },
    Case {
        about: "no --records beside conditions",
        was: "",
        files: &[("f.ini", "Name=Ann\nState=4\n")],
        args: &["--where", "State=4", "Ann", "f.ini"],
        out: "f.ini:State=4\n",
        err: "grini: 'Ann' is taken as FILE, as --where selects without PATTERNS; a pattern beside it comes by -e: -e 'Ann'\ngrini: Ann: No such file or directory\n",
        status: 2,
    },
    Case {
        about: "no --records beside conditions",
        was: "",
        files: &[("f.ini", "[a]\nx=1\n[b]\nx=1\n")],
        args: &["--where", "x=1", "-m1", "f.ini"],
        out: "[a]\nx=1\n",
        err: "",
        status: 0,
    },
    Case {
        about: "which section this is",
        was: "two lines of path without a section",
        files: &[("smb.conf", "[home]\npath = /home\n[tmp]\npath = /tmp\n")],
        args: &["--ini", "--key", "path", "", "smb.conf"],
        out: "[home]\npath = /home\n[tmp]\npath = /tmp\n",
        err: "",
        status: 0,
    },
    Case {
        about: "which section this is",
        was: "/home and /tmp alone",
        files: &[("smb.conf", "[home]\npath = /home\n[tmp]\npath = /tmp\n")],
        args: &["--records", "--get", "path", "-p", "-n", "smb.conf"],
        out: "2\thome\t/home\n4\ttmp\t/tmp\n",
        err: "",
        status: 0,
    },
    Case {
        about: "which section this is",
        was: "",
        files: &[("f.ini", "[A]\nx=1\n[B]\nk=1\n")],
        args: &["-p", "x", "f.ini"],
        out: "[A]\nx=1\n",
        err: "",
        status: 0,
    },
    Case {
        about: "which section this is",
        was: "",
        files: &[("f.ini", "[A]\nx=1\n[B]\nk=1\n")],
        args: &["x", "f.ini"],
        out: "x=1\n",
        err: "",
        status: 0,
    },
    Case {
        about: "which section this is",
        was: "",
        files: &[("smb.conf", "[home]\npath = /home\n[tmp]\npath = /tmp\n")],
        args: &["--no-show", "path", "smb.conf", "--ini"],
        out: "path = /home\npath = /tmp\n",
        err: "",
        status: 0,
    },
    Case {
        about: "which section this is",
        was: "",
        files: &[("smb.conf", "[home]\npath = /home\n[tmp]\npath = /tmp\n")],
        args: &["--heading", "-H", "path", "--ini", "smb.conf"],
        out: "smb.conf\n[home]\npath = /home\n[tmp]\npath = /tmp\n",
        err: "",
        status: 0,
    },
    Case {
        about: "conditions as they are typed",
        was: "",
        files: &[("f.ini", "State=3\nNumSCerts=9\n")],
        args: &["--where", "State != 4 && NumSCerts=9", "-c", "f.ini"],
        out: "1\n",
        err: "",
        status: 0,
    },
    Case {
        about: "conditions as they are typed",
        was: "1: the rest was part of the value",
        files: &[("f.ini", "State=3\nNumSCerts=9\n")],
        args: &["--where", "State != 4 && NumSCerts=8", "-c", "f.ini"],
        out: "0\n",
        err: "",
        status: 1,
    },
    Case {
        about: "conditions as they are typed",
        was: "1: the rest was part of the value",
        files: &[("f.ini", "State=3\nNumSCerts=9\n")],
        args: &["--where", "State != 4 AND NumSCerts=8", "-c", "f.ini"],
        out: "0\n",
        err: "",
        status: 1,
    },
    Case {
        about: "conditions as they are typed",
        was: "1: the rest was part of the value",
        files: &[("f.ini", "State=3\nNumSCerts=9\n")],
        args: &["--where", "State != 4, NumSCerts=8", "-c", "f.ini"],
        out: "",
        err: "grini: --where: this looks like another condition: write 'and' or 'or' between the two; a value that is to hold this needs quotes: KEY = \"...\"\n  State != 4, NumSCerts=8\n            ^\n",
        status: 2,
    },
    Case {
        about: "conditions as they are typed",
        was: "1",
        files: &[("f.ini", "State=3\nNumSCerts=9\n")],
        args: &["--where", "State != 4 NumSCerts=8", "-c", "f.ini"],
        out: "",
        err: "grini: --where: this looks like another condition: write 'and' or 'or' between the two; a value that is to hold this needs quotes: KEY = \"...\"\n  State != 4 NumSCerts=8\n            ^\n",
        status: 2,
    },
    Case {
        about: "conditions as they are typed",
        was: "1",
        files: &[("f.ini", "State=3\nNumSCerts=9\n")],
        args: &["--where", "State != 4|1", "-c", "f.ini"],
        out: "",
        err: "grini: --where: '|' joins nothing here: write 'or' between conditions, or KEY in (A, B); a value that is to hold this needs quotes: KEY = \"...\"\n  State != 4|1\n            ^\n",
        status: 2,
    },
    Case {
        about: "conditions as they are typed",
        was: "0: compared with '~ ^[34]$'",
        files: &[("f.ini", "State=3\nNumSCerts=9\n")],
        args: &["--where", "State =~ ^[34]$", "-c", "f.ini"],
        out: "1\n",
        err: "",
        status: 0,
    },
    Case {
        about: "conditions as they are typed",
        was: "an unknown operator",
        files: &[("f.ini", "State=3\nNumSCerts=9\n")],
        args: &["--where", "State in (4,3)", "-c", "f.ini"],
        out: "1\n",
        err: "",
        status: 0,
    },
    Case {
        about: "conditions as they are typed",
        was: "",
        files: &[("f.ini", "State=3\nNumSCerts=9\n")],
        args: &[
            "--where",
            "not State in (4,3) or !(NumSCerts=8)",
            "-c",
            "f.ini",
        ],
        out: "1\n",
        err: "",
        status: 0,
    },
    Case {
        about: "conditions as they are typed",
        was: "",
        files: &[("f.ini", "A=b;c\nName=Jane Doe\n")],
        args: &["--where", "A=b;c and Name=Jane Doe", "-c", "f.ini"],
        out: "1\n",
        err: "",
        status: 0,
    },
    Case {
        about: "rows of values",
        was: "an empty row for each other section",
        files: &[("f.ini", "[A]\nk=0\n[B]\nk=1\n[C]\nk=2\n")],
        args: &["--records", "--get", "[B]k", "f.ini"],
        out: "1\n",
        err: "",
        status: 0,
    },
    Case {
        about: "rows of values",
        was: "2 of them as missing",
        files: &[("f.ini", "[A]\nk=0\n[B]\nk=1\n[C]\nk=2\n")],
        args: &["--records", "--tally", "[B]k", "f.ini"],
        out: "1\t1\n",
        err: "",
        status: 0,
    },
    Case {
        about: "rows of values",
        was: "a blank line for g.ini",
        files: &[("f.ini", "k=1\n"), ("g.ini", "x=1\n")],
        args: &["--records", "--get", "k", "f.ini", "g.ini"],
        out: "1\n",
        err: "",
        status: 0,
    },
    Case {
        about: "rows of values",
        was: "",
        files: &[("f.ini", "k=1\n"), ("g.ini", "x=1\n")],
        args: &["--records", "--get", "k", "--get", "x", "f.ini", "g.ini"],
        out: "1\t\n\t1\n",
        err: "",
        status: 0,
    },
    Case {
        about: "rows of values",
        was: "",
        files: &[("f.ini", "n1=1\nx=0\nN2=2\n")],
        args: &["--records", "--get", "n*", "f.ini"],
        out: "1\t2\n",
        err: "",
        status: 0,
    },
    Case {
        about: "rows of values",
        was: "a TAB that adds a column",
        files: &[("f.ini", "k=a\tb\n")],
        args: &["--records", "--get", "k", "f.ini"],
        out: "a\\tb\n",
        err: "",
        status: 0,
    },
    Case {
        about: "rows of values",
        was: "",
        files: &[("f.ini", "[s]\nk=a\n  b\n")],
        args: &["--dialect=python", "--records", "--get", "k", "f.ini"],
        out: "a\\nb\n",
        err: "",
        status: 0,
    },
    Case {
        about: "rows of values",
        was: "",
        files: &[("f.ini", "k=a,\"b\"\nx=\n")],
        args: &[
            "--records",
            "--csv",
            "-H",
            "--get",
            "k",
            "--get",
            "x",
            "f.ini",
        ],
        out: "file,k,x\r\nf.ini,\"a,\"\"b\"\"\",\r\n",
        err: "",
        status: 0,
    },
    Case {
        about: "rows of values",
        was: "",
        files: &[("f.ini", "k=1\nx=2\n")],
        args: &["--records", "--tally", "k", "--tally", "x", "f.ini"],
        out: "1\t1\t2\n",
        err: "",
        status: 0,
    },
    Case {
        about: "names that no file has",
        was: "a blank line, status 0",
        files: &[("f.ini", "Mailbox=x\n")],
        args: &["--records", "--get", "Mailbx", "f.ini"],
        out: "",
        err: "grini: warning: no file read has a key 'Mailbx'; did you mean 'Mailbox'?\n",
        status: 1,
    },
    Case {
        about: "names that no file has",
        was: "silence",
        files: &[("f.ini", "State=4\n")],
        args: &["--records", "--set", "Stat=1", "f.ini"],
        out: "",
        err: "grini: warning: no file read has a key 'Stat'; did you mean 'State'?\ngrini: nothing to change: 1 selected record lacks the key 'Stat' (--put adds it where it is missing)\n",
        status: 1,
    },
    Case {
        about: "names that no file has",
        was: "silence",
        files: &[("f.ini", "[Client]\nState=4\n")],
        args: &["--records", "--set", "Client.State=1", "f.ini"],
        out: "",
        err: "grini: warning: no file read has a key 'Client.State'; did you mean '[Client]State'?\ngrini: nothing to change: 1 selected record lacks the key 'Client.State' (--put adds it where it is missing)\n",
        status: 1,
    },
    Case {
        about: "names that no file has",
        was: "silence",
        files: &[("f.ini", "Mailbox=x\nState=4\n")],
        args: &["--records", "--get", "Mailbox,State", "f.ini"],
        out: "",
        err: "grini: warning: no file read has a key 'Mailbox,State'; give each its own option: 'Mailbox', 'State'\n",
        status: 1,
    },
    Case {
        about: "names that no file has",
        was: "silence",
        files: &[("f.ini", "[Note]\nx=1\n")],
        args: &["--section", "Nope", "x", "f.ini"],
        out: "",
        err: "grini: warning: no file read has a section [Nope]; did you mean [Note]?\n",
        status: 1,
    },
    Case {
        about: "names that no file has",
        was: "silence",
        files: &[("f.ini", "[Client]\nState=4\n")],
        args: &["--records", "--set", "[Clint]State=1", "f.ini"],
        out: "",
        err: "grini: warning: no file read has a section [Clint]; did you mean [Client]?\ngrini: nothing to change: no record is selected\n",
        status: 1,
    },
    Case {
        about: "names that no file has",
        was: "",
        files: &[("f.ini", "Name=Ann\nState=4\n")],
        args: &["--show", "Stat", "Ann", "f.ini"],
        out: "Name=Ann\n",
        err: "grini: warning: no file read has a key 'Stat'; did you mean 'State'?\n",
        status: 0,
    },
    Case {
        about: "why nothing changes",
        was: "silence",
        files: &[("f.ini", "State=4\n")],
        args: &["--where", "State=5", "--set", "State=1", "f.ini"],
        out: "",
        err: "grini: nothing to change: no record is selected\n",
        status: 1,
    },
    Case {
        about: "why nothing changes",
        was: "silence",
        files: &[("f.ini", "State=4\n")],
        args: &["--records", "--set", "State=4", "f.ini"],
        out: "",
        err: "grini: nothing to change: 1 selected record is so already\n",
        status: 1,
    },
    Case {
        about: "why nothing changes",
        was: "silence",
        files: &[("f.ini", "State=4\n")],
        args: &["--records", "--set", "State=4", "--in-place", "f.ini"],
        out: "",
        err: "grini: nothing to change: 1 selected record is so already\n",
        status: 1,
    },
    Case {
        about: "why nothing changes",
        was: "",
        files: &[("f.ini", "x=1\n")],
        args: &["--has", "x", "--unset", "[N]", "f.ini"],
        out: "",
        err: "grini: warning: no file read has a section [N]\ngrini: nothing to change: no record is selected\n",
        status: 1,
    },
    Case {
        about: "why nothing changes",
        was: "",
        files: &[("f.ini", "x=1\n")],
        args: &["zz", "--replace", "y", "f.ini"],
        out: "",
        err: "grini: nothing to change: no line is selected\n",
        status: 1,
    },
    Case {
        about: "lists from Windows",
        was: "nothing",
        files: &[
            ("f.ini", "ann\nbob\nbobby\n"),
            ("l.txt", "\u{feff}ann\r\nbob\r\n"),
        ],
        args: &["-Fxf", "l.txt", "--no-show", "f.ini"],
        out: "ann\nbob\n",
        err: "",
        status: 0,
    },
    Case {
        about: "lists from Windows",
        was: "nothing",
        files: &[("f.ini", "ann\nbob\n"), ("u.txt", "UTF16:bob\r\n")],
        args: &["-Ff", "u.txt", "--no-show", "f.ini"],
        out: "bob\n",
        err: "",
        status: 0,
    },
    Case {
        about: "lists from Windows",
        was: "every file would have changed",
        files: &[("f.ini", "x=0\n"), ("l.txt", "ann\r\n\r\n")],
        args: &["-Ff", "l.txt", "--set", "x=1", "f.ini"],
        out: "",
        err: "grini: l.txt:2: warning: a blank line, which matches every line, is left out\ngrini: nothing to change: no record is selected\n",
        status: 1,
    },
    Case {
        about: "lists from Windows",
        was: "every file would have changed",
        files: &[("f.ini", "x=0\n")],
        args: &["", "--set", "x=1", "f.ini"],
        out: "",
        err: "grini: an empty pattern matches every line; to edit every record, say --records instead of a pattern\n",
        status: 2,
    },
    Case {
        about: "lists from Windows",
        was: "",
        files: &[
            ("f.ini", "Name=Ann\n"),
            ("g.ini", "LATIN:Name=Jürgen\n"),
            ("l.txt", "LATIN:Ann\r\nJürgen\r\nCy\r\n\r\n"),
        ],
        args: &[
            "--where",
            "Name in @l.txt",
            "--get",
            "Name",
            "f.ini",
            "g.ini",
        ],
        out: "Ann\nJürgen\n",
        err: "grini: l.txt:4: warning: a blank line is left out\ngrini: l.txt:3: no record has Name = Cy\n",
        status: 0,
    },
    Case {
        about: "lists from Windows",
        was: "",
        files: &[("f.ini", "Name=Ann\nState=3\n"), ("l.txt", "Ann\n")],
        args: &["--where", "State=4 and Name in @l.txt", "-c", "f.ini"],
        out: "0\n",
        err: "",
        status: 1,
    },
];

#[test]
fn the_story_is_told_in_seven_commands() {
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
    for case in CASES.iter().chain(crate::typed_edits::EDITS) {
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
                "{}: {:?} (once: {})\nexpected {expected:?}\nsaid {said:?}",
                case.about, case.args, case.was
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
