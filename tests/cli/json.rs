//! JSON Lines: ripgrep's schema, with records, values, tallies and edits.

use crate::support::{Run, grini};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bstr::ByteSlice;
use serde_json::{Value, json};

/// The messages of a run, times taken out.
fn messages(run: &Run) -> Vec<Value> {
    parsed(run.output().stdout)
}

/// Messages in JSON Lines, times taken out.
fn parsed(lines: Vec<u8>) -> Vec<Value> {
    let text = String::from_utf8(lines).expect("JSON is UTF-8");
    text.lines()
        .map(|line| {
            let mut message: Value = serde_json::from_str(line).expect("each line is JSON");
            if let Some(data) = message["data"].as_object_mut() {
                data.remove("elapsed_total");
                if let Some(stats) = data.get_mut("stats").and_then(Value::as_object_mut) {
                    stats.remove("elapsed");
                }
            }
            message
        })
        .collect()
}

#[test]
fn matches_come_with_their_record() {
    let run =
        grini(["--json", "Müller", "c"]).file("c/a.ini", b"[C]\r\nName=M\xfcller\r\nState=4\r\n");
    let path = json!({ "text": "c/a.ini" });
    let lines = run.said().out;
    let printed: usize = lines.lines().take(3).map(|line| line.len() + 1).sum();
    let stats = json!({
        "searches": 1, "searches_with_match": 1, "bytes_searched": 27, "bytes_printed": printed,
        "matched_lines": 1, "matches": 1,
    });
    let record = json!({
        "section": { "text": "C" },
        "keys": [{ "key": { "text": "State" }, "value": { "text": "4" } }],
    });
    let expected = [
        json!({ "type": "begin", "data": { "path": path } }),
        json!({ "type": "match", "data": {
            "path": path, "lines": { "text": "Name=Müller\r\n" }, "line_number": 2, "absolute_offset": 5,
            "submatches": [{ "match": { "text": "Müller" }, "start": 5, "end": 12 }], "record": record,
        } }),
        json!({ "type": "context", "data": {
            "path": path, "lines": { "text": "State=4\r\n" }, "line_number": 3, "absolute_offset": 18, "submatches": [],
        } }),
        json!({ "type": "end", "data": { "path": path, "binary_offset": null, "stats": stats } }),
        json!({ "type": "summary", "data": { "stats": stats } }),
    ];
    assert_eq!(messages(&run), expected);
}

#[test]
fn a_match_brings_the_shown_keys_of_its_own_section() {
    let keys = |content: &str, args: &[&str]| -> Vec<Vec<String>> {
        let run = grini([&["--json", "user"], args, &["a.ini"]].concat()).file("a.ini", content);
        let matches = messages(&run)
            .into_iter()
            .filter(|found| found["type"] == "match");
        let text = |key: &Value, part: &str| key[part]["text"].as_str().unwrap_or("").to_owned();
        matches
            .map(|found| {
                let keys = found["data"]["record"]["keys"].as_array().cloned();
                keys.unwrap_or_default()
                    .iter()
                    .map(|key| text(key, "key") + "=" + &text(key, "value"))
                    .collect()
            })
            .collect()
    };
    let two = "[a]\nA=user\nState=1\n[b]\nB=user\nState=2\n[c]\nC=user\n";
    assert_eq!(keys(two, &[]), [vec!["State=1"], vec!["State=2"], vec![]]);
    let one = "[a]\nA=user\n[b]\nState=2\n[c]\nC=user\n";
    assert_eq!(keys(one, &[]), [["State=2"], ["State=2"]]);
    let all = [
        vec!["A=user", "State=1"],
        vec!["B=user", "State=2"],
        vec!["C=user"],
    ];
    assert_eq!(keys(two, &["--show=*"]), all);
    // Headers, comments and blank lines are no keys.
    let noise = "[a]\n; c\n\nA=user\nState=1\n\n; d\n[b]\nB=1\n";
    assert_eq!(keys(noise, &["--show=*"]), [["A=user", "State=1"]]);
}

#[test]
fn sections_that_are_one_bring_the_keys_of_all() {
    let text = "[a]\nk=1\nState=1\n[b]\nk=2\nState=2\n[a]\nk=3\nState=3\n";
    let records = |select: &[&str]| -> Vec<(Value, Vec<Value>)> {
        let args = ["--dialect=git", "--scope=section", "--json"];
        let all = messages(&grini([&args, select, &["f"]].concat()).file("f", text));
        let matches = all.iter().filter(|message| message["type"] == "match");
        let record = |found: &Value| {
            let record = &found["data"]["record"];
            let values = record["keys"].as_array().unwrap().iter();
            let values = values.map(|key| key["value"]["text"].clone());
            (record["section"]["text"].clone(), values.collect())
        };
        matches.map(record).collect()
    };
    let (a, b) = (
        ("a".into(), vec!["1".into(), "3".into()]),
        ("b".into(), vec!["2".into()]),
    );
    assert_eq!(records(&["k"]), [a.clone(), b.clone(), a.clone()]);
    assert_eq!(records(&["--has=k"]), [a.clone(), b.clone(), a.clone()]);
    assert_eq!(records(&["--records"]), [a, b]);
}

#[test]
fn what_reads_ripgrep_reads_it() {
    let text = "fn é() {}\n\nx = \"fn\"\tfn\r\nlast fn";
    let run = |args: &[&str]| {
        grini([&["--json", "--no-show"], args, &["fn", "a.txt", "b.ini"]].concat())
            .file("a.txt", [text.as_bytes(), b"\n\xff fn \xfe\n"].concat())
            .file("b.ini", text)
    };
    for args in [
        &["-C1"][..],
        &["-w"],
        &["-v"],
        &["-A2", "-e", "last"],
        &["-iF"],
    ] {
        let run = run(args);
        let output = std::process::Command::new("rg")
            .args(["--json", "--no-config", "--sort=path"])
            .args(args)
            .args(["fn", "a.txt", "b.ini"])
            .current_dir(run.folder())
            .output();
        let Ok(output) = output else {
            crate::peer::missing("rg", "its JSON is not compared");
            return;
        };
        // grini adds the record of a match to it, which other programs pass over.
        let common = |mut messages: Vec<Value>| {
            for data in messages.iter_mut().filter_map(|all| all.get_mut("data")) {
                let data = data.as_object_mut().expect("an object");
                data.remove("record");
                if let Some(stats) = data.get_mut("stats").and_then(Value::as_object_mut) {
                    stats.remove("bytes_printed");
                }
            }
            messages
        };
        let (found, expected) = (common(messages(&run)), common(parsed(output.stdout)));
        assert_eq!(found, expected, "{args:?}");
    }
}

#[test]
fn bytes_that_are_no_text_are_base64() {
    let run = grini(["--json", "-a", "x"]).stdin(b"x\xff\n");
    let messages = messages(&run);
    assert_eq!(messages[1]["data"]["lines"], json!({ "bytes": "eP8K" }));
}

#[test]
fn values_tallies_and_edits_have_messages_too() {
    let text = "[C]\nName=x\nState=4\n";
    let run = |args: &[&str]| grini(args).file("a.ini", text);
    let found = messages(&run(&[
        "--json",
        "--records",
        "--get",
        "Name",
        "--get",
        "No",
        "a.ini",
    ]));
    assert_eq!(
        found[0]["data"]["values"],
        json!({ "Name": { "text": "x" }, "No": null })
    );
    let found = messages(&run(&["--json", "--records", "--tally", "State", "a.ini"]));
    assert_eq!(
        found[0]["data"]["counts"],
        json!([{ "value": { "text": "4" }, "count": 1 }])
    );
    let found = messages(&run(&["--json", "x", "--set", "State=1", "a.ini"]));
    let edit = json!({
        "path": { "text": "a.ini" }, "line_number": 3, "span": { "start": 17, "end": 18 },
        "old": { "text": "4" }, "new": { "text": "1" }, "section": { "text": "C" }, "key": { "text": "State" },
    });
    assert_eq!(found[0], json!({ "type": "edit", "data": edit }));
}

#[test]
fn control_characters_are_shown_where_asked() {
    let hostile = "x\x1b]0;t\x07\u{202e}y\n";
    grini(["--escape=always", "x"])
        .stdin(hostile)
        .says("x\\x1b]0;t\\x07\\u{202e}y\n", "", 0);
    grini(["x"]).stdin(hostile).says(hostile, "", 0);
    grini(["--escape=always", "-H", "x", "a\nb\x1b.ini"])
        .file("a\nb\x1b.ini", "x\n")
        .says("a\\x0ab\\x1b.ini:x\n", "", 0);
}

#[test]
fn a_pipe_can_separate_every_name_and_value() {
    use std::os::unix::ffi::OsStrExt;
    let name = b"\x1b[2J\n\xe2\x80\xae\xff\t.ini";
    let value = b"x\x1b]0;t\x07\xe2\x80\xae";
    let line = [b"Name=", &value[..]].concat();
    let content = [b"[s\x1b]\n", &line[..], b"\nState=4\x7f\n"].concat();
    let mut run = grini(["x"]);
    let path = run.folder().join(std::ffi::OsStr::from_bytes(name));
    std::fs::write(&path, content).unwrap();
    let row = |text: &[u8]| [name, &b"\0"[..], text, b"\n"].concat();
    for (args, expected) in [
        (&["-lZ", "Name"][..], [name, &b"\0"[..]].concat()),
        (&["-LZ", "none"], [name, &b"\0"[..]].concat()),
        (&["-cZH", "Name"], row(b"1")),
        (&["-ZH", "--no-show", "Name"], row(&line)),
        (&["-oZH", "Name"], row(b"Name")),
        (&["--records", "--get=Name", "-HZ"], row(value)),
        (
            &["--records", "--tally=Name"],
            [b"1\t", &value[..], b"\n"].concat(),
        ),
    ] {
        let args: Vec<&std::ffi::OsStr> = args.iter().map(std::ffi::OsStr::new).collect();
        run.again([&args[..], &[std::ffi::OsStr::from_bytes(name)]].concat());
        assert_eq!(
            run.output().stdout.as_bstr(),
            expected.as_bstr(),
            "{args:?}"
        );
    }
    let bytes = |data: &Value| match data["text"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => STANDARD.decode(data["bytes"].as_str().unwrap()).unwrap(),
    };
    run.again(["--json", "Name", "."]);
    let found = messages(&run);
    assert_eq!(
        bytes(&found[0]["data"]["path"]),
        [b"./", &name[..]].concat()
    );
    assert_eq!(
        bytes(&found[1]["data"]["lines"]),
        [&line[..], b"\n"].concat()
    );
    let record = &found[1]["data"]["record"];
    assert_eq!(bytes(&record["section"]), b"s\x1b");
    assert_eq!(bytes(&record["keys"][0]["value"]), b"4\x7f");
}

#[test]
fn long_lines_are_cut_around_their_match() {
    let long = format!("{}NEEDLE{}\n", "ä".repeat(100), "b".repeat(100));
    let expected = format!("…{}NEEDLE{}…\n", "ä".repeat(6), "b".repeat(6));
    grini(["--max-columns=20", "NEEDLE"])
        .stdin(&long)
        .says(&expected, "", 0);
    let expected = format!("{}…\n", "ä".repeat(19));
    grini(["--max-columns=20", "ä"])
        .stdin(&long)
        .says(&expected, "", 0);
    grini(["--max-columns=20", "short"])
        .stdin("short\n")
        .says("short\n", "", 0);
}
