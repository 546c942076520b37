//! A large store, against a count that knows nothing of grini: 10,000 files; with GRINI_CASES of 1000 or more, 100,000.

use crate::support::grini;
use std::fs;

#[path = "../../benches/store.rs"]
#[allow(dead_code)]
mod store;

#[test]
fn every_record_of_a_large_store_is_found_and_in_order() {
    let run = grini([
        "--records",
        "--where",
        "State=4",
        "--missing",
        "NumSCerts",
        "-l",
        "big",
    ]);
    let count = if crate::support::cases(1) >= 1000 {
        100_000
    } else {
        10_000
    };
    store::make(count, &run.folder().join("big")).unwrap();
    let mut broken = Vec::new();
    let mut files = 0;
    for entry in fs::read_dir(run.folder().join("big")).unwrap() {
        let entry = entry.unwrap();
        let text = fs::read(entry.path()).unwrap();
        let has = |line: &[u8]| memchr::memmem::find(&text, line).is_some();
        if has(b"\nState = 4\r") && !has(b"\nNumSCerts") {
            broken.push(format!("big/{}\n", entry.file_name().to_string_lossy()));
        }
        files += 1;
    }
    broken.sort();
    assert_eq!(files, count);
    assert!(broken.len() > count / 25);
    run.says(&broken.concat(), "", 0);
    run.says(&broken.concat(), "", 0);
}

/// Lines of a file that is searched by pieces where there is a second core; the last of them is short.
fn huge(name: &str) -> String {
    let line = |at: usize| format!("{name} line {at} {}\n", "x".repeat(at % 60));
    (0..220_000).map(line).collect()
}

#[test]
fn huge_files_are_printed_in_their_places_among_others() {
    let files = [
        ("tree/a.txt", "a line 7\n".to_owned()),
        ("tree/b.txt", huge("b")),
        ("tree/c/d.txt", "d line 7\n".to_owned()),
        ("tree/e.txt", huge("e")),
        ("tree/f.txt", "f line 7\n".to_owned()),
    ];
    let mut run = grini(["-rn", "line [0-9]*7 ", "tree"]);
    fs::create_dir_all(run.folder().join("tree/c")).unwrap();
    for (name, content) in &files {
        fs::write(run.folder().join(name), content).unwrap();
    }
    let mut lines = String::new();
    let mut counts = String::new();
    for (name, content) in &files {
        let mut count = 0;
        for (at, line) in content.lines().enumerate() {
            let number = line.split(' ').nth(2).unwrap();
            if number.ends_with('7') && content.len() > 100 {
                lines.push_str(&format!("{name}:{}:{line}\n", at + 1));
                count += 1;
            }
        }
        counts.push_str(&format!("{name}:{count}\n"));
    }
    run.says(&lines, "", 0);
    let said = run.again(["-rc", "line [0-9]*7 ", "tree"]);
    assert_eq!(said.out, counts);
    let said = run.again(["-rl", "line [0-9]*7 ", "tree"]);
    assert_eq!(said.out, "tree/b.txt\ntree/e.txt\n");
    let said = run.again([
        "-h",
        "-m1",
        "line",
        "tree/f.txt",
        "tree/e.txt",
        "tree/c/d.txt",
    ]);
    assert_eq!(said.out, "f line 7\ne line 0 \nd line 7\n");
}

#[test]
fn a_large_ini_file_is_searched_by_its_sections() {
    let mut text = String::from("; all clients\r\n");
    let (mut lines, mut values, mut recovering) = (String::new(), String::new(), 0);
    let mut number = 1;
    for at in 0..40_000 {
        let state = at % 5;
        let record = [
            format!("[user{at}]"),
            format!("Mailbox = m{at}"),
            format!("Padding = {}", "x".repeat(200 + at % 60)),
            format!("State = {state}"),
            String::new(),
        ];
        text.push_str(&record.map(|line| line + "\r\n").concat());
        if at % 1000 == 7 {
            lines.push_str(&format!(
                "{}-[user{at}]\r\n{}:Mailbox = m{at}\r\n{}-State = {state}\r\n",
                number + 1,
                number + 2,
                number + 4
            ));
            values.push_str(&format!("a.ini\t{}\tm{at}\n", number + 2));
        }
        recovering += u32::from(state == 4);
        number += 5;
    }
    let mut run = grini(["-nE", "^Mailbox = m[0-9]*007$|m7$", "a.ini"]);
    fs::write(run.folder().join("a.ini"), &text).unwrap();
    run.says(&lines, "", 0);
    let again = |run: &mut crate::support::Run, args: &[&str]| run.again(args).out;
    let records = ["-HnE", "Mailbox = m([0-9]*00)?7$", "--get=Mailbox", "a.ini"];
    assert_eq!(again(&mut run, &records), values);
    let tally = ["--where", "State=4", "--tally=State", "a.ini"];
    assert_eq!(again(&mut run, &tally), format!("{recovering}\t4\n"));
    assert_eq!(again(&mut run, &["-c", "user", "a.ini"]), "40000\n");
    // A header alone tells nothing of keys: the file is one record, and the State is that of the header's section.
    let header = "[user39999]\r\nState = 4\r\n";
    assert_eq!(again(&mut run, &["user39999", "a.ini"]), header);
    // After a NUL byte no more is printed.
    let late = text.find("[user20000]").unwrap();
    text.insert(late, '\0');
    fs::write(run.folder().join("a.ini"), &text).unwrap();
    let said = run.again(["--no-show", "-E", "Mailbox = m(19999|20001)$", "a.ini"]);
    assert_eq!(said.out, "Mailbox = m19999\r\n");
    assert_eq!(said.err, "grini: a.ini: binary file matches\n");
}
