//! Records, sections, conditions and parts.

use crate::support::grini;

const SHARED: &str =
    "; top\n[a]\nName=Ann\nState=4\n\n[b]\nName=Bob\nNumSCerts=1\nState=4\n\n[c]\nName=Cy\n";

#[test]
fn each_section_is_a_record_where_a_key_repeats() {
    grini(["Bob", "f.ini"])
        .file("f.ini", SHARED)
        .says("[b]\nName=Bob\nState=4\n", "", 0);
    grini(["Cy", "f.ini"])
        .file("f.ini", SHARED)
        .says("[c]\nName=Cy\n", "", 0);
    let where_state = [
        "--records",
        "--where",
        "State=4",
        "--missing",
        "NumSCerts",
        "f.ini",
    ];
    grini(where_state)
        .file("f.ini", SHARED)
        .says("[a]\nState=4\n", "", 0);
    grini(["--records", "--missing", "State", "f.ini"])
        .file("f.ini", SHARED)
        .says("[c]\n", "", 0);
    grini(["-c", "--records", "--has", "Name", "f.ini"])
        .file("f.ini", SHARED)
        .says("3\n", "", 0);
    grini(["--records", "-m1", "--has", "Name", "f.ini"])
        .file("f.ini", SHARED)
        .says("[a]\nName=Ann\nState=4\n", "", 0);
}

#[test]
fn the_file_is_one_record_where_nothing_repeats() {
    let text = "[Who]\nMailbox=jdoe\n\n[Status]\nState=4\n";
    grini(["jdoe", "f.ini"])
        .file("f.ini", text)
        .says("Mailbox=jdoe\nState=4\n", "", 0);
    grini(["--scope=section", "jdoe", "f.ini"])
        .file("f.ini", text)
        .says("[Who]\nMailbox=jdoe\n", "", 0);
    grini([
        "-e", "jdoe", "--where", "State=4", "--get", "State", "f.ini",
    ])
    .file("f.ini", text)
    .says("4\n", "", 0);
    grini([
        "-e",
        "jdoe",
        "--where",
        "[Status]State=4",
        "--no-show",
        "f.ini",
    ])
    .file("f.ini", text)
    .says("Mailbox=jdoe\n", "", 0);
    grini(["-e", "jdoe", "--where", "[Who]State=4", "f.ini"])
        .file("f.ini", text)
        .says("", "grini: warning: no file read has a key 'State' in section [Who]; did you mean '[Status]State'?\n", 1);
}

#[test]
fn patterns_can_be_confined() {
    grini(["--key", "State", "^4$", "-c", "f.ini"])
        .file("f.ini", SHARED)
        .says("2\n", "", 0);
    grini(["--part=key", "--no-show", "St", "-m1", "f.ini"])
        .file("f.ini", SHARED)
        .says("State=4\n", "", 0);
    grini(["--part=section", "--no-show", ".", "f.ini"])
        .file("f.ini", SHARED)
        .says("[a]\n[b]\n[c]\n", "", 0);
    grini(["--part=comment", "--no-show", "t", "f.ini"])
        .file("f.ini", SHARED)
        .says("; top\n", "", 0);
    grini(["--section", "[bc]", "--no-show", "Name", "f.ini"])
        .file("f.ini", SHARED)
        .says("Name=Bob\nName=Cy\n", "", 0);
    grini(["--records", "--section", "b", "--where", "State=4", "f.ini"])
        .file("f.ini", SHARED)
        .says("[b]\nState=4\n", "", 0);
    grini(["--records", "--section", "c", "--missing", "State", "f.ini"])
        .file("f.ini", SHARED)
        .says("[c]\n", "", 0);
}

#[test]
fn line_ends_and_marks_belong_to_no_line() {
    let text = b"\xef\xbb\xbfState = 4\rState = 4\r\nState = 4\nState = 4\x1a";
    grini(["-n", "--no-show", "State = 4$", "f.ini"])
        .file("f.ini", text)
        .says(
            "1:State = 4\n2:State = 4\r\n3:State = 4\n4:State = 4\n",
            "",
            0,
        );
    grini(["-b", "-o", "--no-show", "4", "f.ini"])
        .file("f.ini", text)
        .says("11:4\n21:4\n32:4\n42:4\n", "", 0);
    grini(["-x", "-c", "State = 4", "f.ini"])
        .file("f.ini", text)
        .says("4\n", "", 0);
}

#[test]
fn reading_as_ini_follows_the_name() {
    let text = "Name=J\u{fc}\nState=1\n";
    grini(["Name", "f.txt"])
        .file("f.txt", text)
        .says("Name=Jü\n", "", 0);
    grini(["--ini", "Name", "f.txt"])
        .file("f.txt", text)
        .says("Name=Jü\nState=1\n", "", 0);
    grini(["--no-ini", "Name", "f.ini"])
        .file("f.ini", text)
        .says("Name=Jü\n", "", 0);
    grini(["Name"])
        .stdin("Name=x\nState=1\n")
        .says("Name=x\n", "", 0);
    grini(["--ini", "Name"])
        .stdin("Name=x\nState=1\n")
        .says("Name=x\nState=1\n", "", 0);
}

#[test]
fn state_lines_leave_counts_and_context_alone() {
    let text = "[r]\nName=x\na=1\nb=2\nState=3\nc=4\n";
    grini(["-c", "Name", "f.ini"])
        .file("f.ini", text)
        .says("1\n", "", 0);
    grini(["-n", "-A1", "Name", "f.ini"])
        .file("f.ini", text)
        .says("2:Name=x\n3-a=1\n5-State=3\n", "", 0);
    grini(["-n", "-C1", "-e", "Name", "-e", "^c", "f.ini"])
        .file("f.ini", text)
        .says("1-[r]\n2:Name=x\n3-a=1\n--\n5-State=3\n6:c=4\n", "", 0);
    grini(["-v", "-n", "[ac=]", "f.ini"])
        .file("f.ini", text)
        .says("1:[r]\n", "", 0);
    grini(["-o", "Na", "f.ini"])
        .file("f.ini", text)
        .says("Na\n", "", 0);
    grini(["--show", "*", "Name", "f.ini"])
        .file("f.ini", text)
        .says("[r]\nName=x\na=1\nb=2\nState=3\nc=4\n", "", 0);
    grini(["--show", "[ab]", "Name", "f.ini"])
        .file("f.ini", text)
        .says("Name=x\na=1\nb=2\n", "", 0);
}

#[test]
fn a_key_that_no_file_has_is_warned_of() {
    grini(["--records", "--missing", "NumSCert", "-l", "f.ini"])
        .file("f.ini", SHARED)
        .says(
            "f.ini\n",
            "grini: warning: no file read has a key 'NumSCert'; did you mean 'NumSCerts'?\n",
            0,
        );
}

#[test]
fn all_lines_of_a_list_are_read() {
    let text = "list[] = 1\nx = 5\nlist[] = 2\nextension = a\nextension = b\n";
    let php = |args: &[&str]| {
        let args = [&["--records", "--dialect=php"], args, &["f.ini"]].concat();
        grini(args).file("f.ini", text)
    };
    php(&["--get", "list[]"]).says("1\n2\n", "", 0);
    php(&["-n", "--get", "extension"]).says("4\ta\n5\tb\n", "", 0);
    php(&["--get", "list[]", "--get", "x"]).says("1\\n2\t5\n", "", 0);
    php(&["--csv", "--get", "list[]"]).says("list[]\r\n\"1\n2\"\r\n", "", 0);
    php(&["-c", "--where", "list[]=1"]).says("1\n", "", 0);
    php(&["-c", "--where", "extension=a"]).says("1\n", "", 0);
    let refused = "grini: f.ini:5: would not be edited: key 'extension' occurs 2 times in the record; say --dup=first, last, all or met\n";
    php(&["--set", "extension=c"]).says("", refused, 2);
    let json = php(&["--json", "--get", "extension"]).output();
    let values = "\"values\":{\"extension\":[{\"text\":\"a\"},{\"text\":\"b\"}]}";
    let printed = String::from_utf8(json.stdout).unwrap();
    assert!(printed.contains(values), "{printed}");
}

#[test]
fn lines_of_sections_that_are_one_are_printed_in_file_order() {
    let text = "[a]\nk=1\n;x\n[b]\nk=1\n;y\n[a]\nk=1\n;z\n";
    for select in [&["--has", "k"][..], &["--where", "k=1"], &["k"]] {
        let args = ["--dialect=git", "--scope=section", "--no-show", "-n"];
        let args = [&args, select, &["-A1", "f.ini"]].concat();
        let printed = "2:k=1\n3-;x\n--\n5:k=1\n6-;y\n--\n8:k=1\n9-;z\n";
        grini(args).file("f.ini", text).says(printed, "", 0);
    }
}

/// git config, PHP's ini scanner, mysql and systemd merge sections of one name; Windows reads the first.
#[test]
fn sections_of_one_name_are_what_they_are_to_the_program() {
    let text = "[a]\nk=1\n[b]\nx=1\n[a]\nm=3\nState=4\n";
    let of = |dialect: &str, args: &[&str]| {
        let dialect = format!("--dialect={dialect}");
        let args = [&[dialect.as_str()], args, &["f.ini"]].concat();
        grini(args).file("f.ini", text)
    };
    for dialect in ["git", "php", "mysql", "systemd"] {
        of(dialect, &["-c", "--where", "[a]k=1 and [a]m=3"]).says("1\n", "", 0);
        of(dialect, &["--records", "--get", "[a]k", "--get", "[a]m"]).says("1\t3\n", "", 0);
        // One record, with all its sections.
        let section = ["--scope=section", "--show=*"];
        of(dialect, &[&section[..], &["3"]].concat()).says("[a]\nk=1\n[a]\nm=3\nState=4\n", "", 0);
        of(dialect, &["--scope=section", "--records", "-c"]).says("2\n", "", 0);
        // The line comes in after the last one of the section, the whole section goes.
        let added = "--- f.ini\n+++ f.ini\n@@ -5,3 +5,4 @@\n [a]\n m=3\n State=4\n+n=1\n";
        of(dialect, &["--records", "--add=[a]n=1"]).says(added, "", 0);
        let gone =
            "--- f.ini\n+++ f.ini\n@@ -1,7 +1,2 @@\n-[a]\n-k=1\n [b]\n x=1\n-[a]\n-m=3\n-State=4\n";
        of(dialect, &["--records", "--unset=[a]"]).says(gone, "", 0);
    }
    of("windows", &["-c", "--where", "[a]k=1"]).says("1\n", "", 0);
    of("windows", &["-c", "--where", "[a]m=3"]).says("0\n", "", 1);
    of("windows", &["--records", "--get", "State"]).says("", "", 1);
    of("windows", &["--records", "--scope=section", "-c"]).says("2\n", "", 0);
    let added = "--- f.ini\n+++ f.ini\n@@ -1,5 +1,6 @@\n [a]\n k=1\n+n=1\n [b]\n x=1\n [a]\n";
    of("windows", &["--records", "--add=[a]n=1"]).says(added, "", 0);
}

#[test]
fn of_many_names_that_no_file_has_some_are_named() {
    let text = format!("[A]\nMailbox=1\n{}z=2\n", "k".repeat(300));
    let run = |args: &[String]| grini(args).file("f.ini", &text);
    let missing = |at: usize| format!("--missing=Mailbax{at}");
    let args: Vec<String> = (0..23).map(missing).chain(["f.ini".to_owned()]).collect();
    let warning = |at: usize| {
        format!("grini: warning: no file read has a key 'Mailbax{at}'; did you mean 'Mailbox'?\n")
    };
    let named: String = (0..20).map(warning).collect();
    let err = format!("{named}grini: warning: and 3 more names that no file has\n");
    run(&args).says("[A]\n", &err, 0);
    // A name that nobody types is compared with none.
    let long = "k".repeat(300);
    let err = format!("grini: warning: no file read has a key '{long}'\n");
    run(&[format!("--missing={long}"), "f.ini".to_owned()]).says("[A]\n", &err, 0);
}

#[test]
fn names_that_look_like_globs_are_named_literally() {
    let text = "[core]\nName[de]=Datei\nNamed=x\n[[x]]\nk=1\n";
    let run = |args: &[&str]| grini([args, &["f.ini"]].concat()).file("f.ini", text);
    run(&["--key-is=Name[de]", "-c", "e"]).says("1\n", "", 0);
    run(&["--section-is=[x]", "--records", "--get=k"]).says("1\n", "", 0);
    run(&["--key=Name[de]", "-c", "Datei"]).says("0\n", "", 1);
    run(&["--show=Name[ef]", "x"]).says(
        "Named=x\n[[x]]\n",
        "grini: warning: no file read has a key 'Name[ef]'; did you mean 'Name[de]'?\n",
        0,
    );
    run(&["--section=[core]", "--records", "--get=k"]).says(
        "",
        "grini: warning: no file read has a section [[core]]; did you mean [core]?\n",
        1,
    );
    run(&["--section=[x]", "--records", "--get=k"]).says(
        "",
        "grini: warning: no file read has a section [[x]], as [ ] are a glob's; --section-is='[x]' means that very name\n",
        1,
    );
}

#[test]
fn which_of_several_lines_counts_is_the_same_everywhere() {
    let text = "[a]\nk=1\nj=x\nk=2\nk=3\n";
    let rows: &[(&[&str], &str, &str)] = &[
        // Options, --get k, and the values that --where k=… finds.
        (&[], "1\n", "123"),
        (&["--dup=first"], "1\n", "1"),
        (&["--dup=last"], "3\n", "3"),
        (&["--dup=all"], "1\n2\n3\n", "123"),
        (&["--dialect=windows"], "1\n", "123"),
        (&["--dialect=git"], "3\n", "123"),
        (&["--dialect=python"], "1\n", "123"),
        (&["--dialect=php"], "3\n", "123"),
        (&["--dialect=mysql"], "3\n", "123"),
        (&["--dialect=systemd"], "1\n2\n3\n", "123"),
        (&["--dialect=windows", "--dup=last"], "3\n", "3"),
    ];
    for (options, got, found) in rows {
        let with = |more: &[&str]| {
            let args = [&["--records"], *options, more, &["f.ini"]].concat();
            grini(args).file("f.ini", text)
        };
        with(&["--get", "k"]).says(got, "", 0);
        let counted: String = got.lines().map(|value| format!("1\t{value}\n")).collect();
        with(&["--tally", "k"]).says(&counted, "", 0);
        for value in ["1", "2", "3"] {
            let count = usize::from(found.contains(value));
            let condition = format!("k={value}");
            with(&["-c", "--where", &condition]).says(&format!("{count}\n"), "", 1 - count as i32);
        }
    }
    // An empty value forgets what stands before it.
    let reset = "[s]\nk=1\nk=\nk=2\nk=3\n";
    grini(["--records", "--dialect=systemd", "--get", "k", "f.ini"])
        .file("f.ini", reset)
        .says("2\n3\n", "", 0);
    // With --dup the record is one, with a preset each section by itself.
    let two = "[a]\nk=1\n[b]\nk=2\n";
    grini([
        "--records",
        "--scope=file",
        "--dup=last",
        "--get",
        "k",
        "f.ini",
    ])
    .file("f.ini", two)
    .says("2\n", "", 0);
    grini([
        "--records",
        "--scope=file",
        "--dup=last",
        "--where",
        "k=1",
        "f.ini",
    ])
    .file("f.ini", two)
    .says("", "", 1);
    grini([
        "--records",
        "--scope=file",
        "--dialect=git",
        "-c",
        "--where",
        "k=1 and k=2",
        "f.ini",
    ])
    .file("f.ini", two)
    .says("1\n", "", 0);
}

#[test]
fn names_compare_as_their_program_compares_them() {
    let rows: &[(&[&str], &str, &str, bool)] = &[
        (&[], "[A]\nKey=1\n", "[a]key=1", true),
        (&[], "[a]\n\u{c4}=1\n", "\u{e4}=1", false),
        (&["--case-sensitive"], "[A]\nkey=1\n", "[a]key=1", false),
        (&["--case-sensitive"], "[a]\nKey=1\n", "[a]key=1", false),
        (
            &["--dialect=windows"],
            "[\u{c4}]\n\u{d6}=1\n",
            "[\u{e4}]\u{f6}=1",
            true,
        ),
        (&["--dialect=python"], "[a]\n\u{c4}=1\n", "\u{e4}=1", true),
        (&["--dialect=python"], "[A]\nk=1\n", "[a]k=1", false),
        (
            &["--dialect=git"],
            "[a \"B\"]\nKey=1\n",
            "[A \"B\"]key=1",
            true,
        ),
        (
            &["--dialect=git"],
            "[a \"B\"]\nKey=1\n",
            "[a \"b\"]key=1",
            false,
        ),
        (&["--dialect=git"], "[a.B]\nKey=1\n", "[A \"b\"]key=1", true),
        (&["--dialect=git"], "[a]\nkey\n", "key=true", true),
        (&["--dialect=systemd"], "[A]\nKey=1\n", "[A]key=1", false),
        (&["--dialect=php"], "[A]\nkey=1\n", "[a]key=1", false),
        (&["--dialect=mysql"], "[A]\nmy-key=1\n", "[a]my_key=1", true),
        (&["--dialect=mysql"], "[A]\nkey=1\n", "Key=1", false),
        (&[], "[a[b]c]\nk.x y/z:w=1\n", "[a[b]c]k.x y/z:w = 1", true),
    ];
    for (options, text, condition, holds) in rows {
        let args = [
            &["--records", "-c", "--where", condition][..],
            options,
            &["f.ini"],
        ]
        .concat();
        let said = grini(args).file("f.ini", text).said();
        assert_eq!(
            said.out,
            format!("{}\n", u8::from(*holds)),
            "{options:?} {text:?} {condition} {said:?}"
        );
    }
}

#[test]
fn context_of_many_lines_is_that_of_a_text() {
    let text: String = (0..300)
        .map(|at| format!("Key{at} = {}\n", at * at % 37))
        .collect();
    for context in ["-A1", "-B2", "-C3", "-A5", "-B100", "-C1000"] {
        let run = |ini: &str| {
            let args = ["-n", context, ini, "--no-show", "= 3$", "f.ini"];
            grini(args).file("f.ini", &text).said()
        };
        assert_eq!(run("--ini"), run("--no-ini"), "{context}");
    }
}

/// Registry files: names in quotes are named with or without them, text stays in its quotes.
#[test]
fn registry_files_are_read_and_edited() {
    let text = "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\Software\\A]\r\n@=\"first\"\r\n\"Na=me\"=\"C:\\\\x \\\"y\\\"\"\r\n\"N\"=dword:0000000a\r\n\"H\"=hex:01,\\\r\n  02\r\n[-HKEY_CURRENT_USER\\Old]\r\n";
    let reg =
        |args: &[&str]| grini([&["--dialect=reg"], args, &["f.reg"]].concat()).file("f.reg", text);
    reg(&["--records", "--get=Na=me"]).says("C:\\x \"y\"\n", "", 0);
    reg(&["--records", "--get=@", "--get=\"N\""]).says("first\tdword:0000000a\n", "", 0);
    reg(&["-c", "--where", "n = dword:0000000a"]).says("1\n", "", 0);
    let diff = |old: &str, new: &str, args: &[&str]| {
        let said = reg(args).output();
        let out = String::from_utf8(said.stdout).unwrap();
        assert!(out.contains(&format!("-{old}\r\n+{new}\r\n")), "{out}");
    };
    diff("@=\"first\"", "@=\"last\"", &["--records", "--set=@=last"]);
    diff(
        "\"N\"=dword:0000000a",
        "\"N\"=dword:1",
        &["--records", "--set=N=dword:1"],
    );
    let added = reg(&[
        "--records",
        "--add=[HKEY_CURRENT_USER\\Software\\A]New=\"x\"",
    ])
    .output();
    let added = String::from_utf8(added.stdout).unwrap();
    assert!(added.contains("+\"New\"=\"x\"\r\n"), "{added}");
    // What regedit would not read is refused.
    for value in ["N=text", "N=dword:xyz", "N=\"a\"b\""] {
        let set = format!("--set={value}");
        assert_eq!(
            reg(&["--records", &set]).output().status.code(),
            Some(2),
            "{value}"
        );
    }
}

#[test]
fn driver_files_are_read() {
    let text = "[Version]\nSignature=\"$Windows NT$\" ; c\nClass = Net\n[Strings]\nA=\"x;y\"\n[version]\nProvider=%A%\n[Copy]\na.sys,\\\nb.sys\n";
    let inf =
        |args: &[&str]| grini([&["--dialect=inf"], args, &["f.inf"]].concat()).file("f.inf", text);
    inf(&[
        "--records",
        "--get=[Version]Signature",
        "--get=[VERSION]Provider",
        "--get=A",
    ])
    .says("$Windows NT$\t%A%\tx;y\n", "", 0);
}

#[test]
fn signed_keys_of_unreal_are_lines_of_the_key() {
    let text = "[/Script/Engine]\nPaths=a\n+Paths=b\n-Paths=c\n.Other=d\n!Paths=ClearArray\n";
    let unreal = |args: &[&str]| {
        grini([&["--dialect=unreal"], args, &["f.ini"]].concat()).file("f.ini", text)
    };
    unreal(&["--records", "--get=paths"]).says("a\nb\nc\nClearArray\n", "", 0);
    unreal(&["-c", "--where", "Paths=b"]).says("1\n", "", 0);
    unreal(&["--records", "--get=+Other"]).says("d\n", "", 0);
    let refused = "grini: f.ini:3: would not be edited: key 'Paths' occurs 4 times in the record; say --dup=first, last, all or met\n";
    unreal(&["--records", "--set=Paths=x"]).says("", refused, 2);
}

#[test]
fn beneath_a_folder_a_dialect_has_its_own_files() {
    let files = [
        "a.service",
        "b.ini",
        "c.TIMER",
        "d.desktop",
        "smb.conf",
        ".editorconfig",
        "x.reg",
        "y.cnf",
    ];
    for (dialect, found) in [
        ("systemd", "t/a.service\nt/c.TIMER\nt/smb.conf\n"),
        ("windows", "t/b.ini\n"),
        ("desktop", "t/d.desktop\n"),
        ("samba", "t/smb.conf\n"),
        ("editorconfig", "t/.editorconfig\n"),
        ("reg", "t/x.reg\n"),
        ("mysql", "t/y.cnf\n"),
    ] {
        let dialect = format!("--dialect={dialect}");
        let mut run = grini([&dialect, "-l", "State", "t/"]);
        for file in files {
            run = run.file(&format!("t/{file}"), "[a]\nState=4\n");
        }
        run.says(found, "", 0);
    }
    // What the command line says comes first.
    grini(["--dialect=systemd", "--include=*.ini", "-l", "State", "t/"])
        .file("t/a.service", "[a]\nState=4\n")
        .file("t/b.ini", "[a]\nState=4\n")
        .says("t/b.ini\n", "", 0);
}

/// PHP reads no further than an unpaired quote.
#[test]
fn an_unpaired_quote_ends_what_php_reads() {
    let run = |text: &str, args: &[&str]| {
        grini([&["--dialect=php", "--records"], args, &["f.ini"]].concat()).file("f.ini", text)
    };
    for (text, value) in [
        ("x=Yuri's Revenge\n", "Yuri"),
        ("x='Don't'\n", "Dont"),
        ("x=it's \"q\" ; c\n", "it"),
    ] {
        run(text, &["--get=x"]).says(&format!("{value}\n"), "", 0);
        run(text, &["--set=x=1"]).says(
            "",
            "grini: f.ini:1: would not be edited: a quote that is not closed ends the program's reading of the file here; close it, or put the value in quotes, first\n",
            2,
        );
    }
    run("[\"a b\"]\nx=1\n", &["--get=[a b]x"]).says("1\n", "", 0);
    run("[\"a]b\"]\nx=1\n", &["--section-is=a]b", "--get=x"]).says("1\n", "", 0);
    run("[x \\] y]\nx=1\n", &["--section-is=x \\] y", "--get=x"]).says("1\n", "", 0);
}

#[test]
fn sections_fall_back_on_the_defaults_of_configparser() {
    let text = "[DEFAULT]\nk=1\nj=0\n[a]\nx=2\n[b]\nk=3\n";
    let run = |args: &[&str]| {
        grini([&["--dialect=python"], args, &["f.ini"]].concat()).file("f.ini", text)
    };
    run(&["--records", "--get=[a]k"]).says("1\n", "", 0);
    run(&["--records", "--get=[b]k"]).says("3\n", "", 0);
    run(&["--records", "--get=[c]k"]).says(
        "",
        "grini: warning: no file read has a section [c]\n",
        1,
    );
    run(&["--scope=section", "-c", "--where", "k=1"]).says("2\n", "", 0);
    run(&["--scope=section", "--section=a", "--where", "k=1 and x=2"]).says("[a]\nx=2\n", "", 0);
    run(&["--scope=section", "--section=a", "-c", "--missing", "j"]).says("0\n", "", 1);
    // An edit is of the section's own line.
    run(&["--scope=section", "--section=a", "--records", "--set", "k=5"]).says(
        "",
        "grini: nothing to change: 1 selected record lacks the key 'k' (--put adds it where it is missing)\n",
        1,
    );
}

#[test]
fn a_folder_without_files_of_the_dialect_is_named() {
    grini(["--dialect=samba", "x", "t"]).file("t/a.ini", "x=1\n").says(
        "",
        "grini: t: no file of this dialect beneath this folder (DIALECTS in the manual has their names); name others with --include=GLOB, or search every file with -r\n",
        2,
    );
}

#[test]
fn auto_reads_each_file_by_its_name() {
    let tree = |args: &[&str]| {
        grini([&["--dialect=auto"], args, &["t/"]].concat())
            .file("t/a.service", "[Service]\nExecStart=x \\\n  y\n")
            .file("t/b.desktop", "[Desktop Entry]\nName=x # y\n")
            .file("t/c.cnf", "[client]\nName='x' # y\n")
            .file("t/d.ini", "[s]\nName=\"x\"\n")
            .file("t/e.txt", "[s]\nName=z\n")
            .file("t/f.cfg", "[s]\nName: x\n  y\n")
            .file("t/smb.conf", "[s]\nNa me = x\n")
    };
    tree(&["--records", "-H", "--get=Name", "--get=ExecStart"]).says(
        "t/a.service\t\tx  y\nt/b.desktop\tx # y\t\nt/c.cnf\tx\t\nt/d.ini\tx\t\nt/f.cfg\tx\\ny\t\nt/smb.conf\tx\t\n",
        "",
        0,
    );
    tree(&["--where", "na me=x", "-l"]).says("t/smb.conf\n", "", 0);
    tree(&["--where", "Name=x", "-l"]).says("t/c.cnf\nt/d.ini\nt/smb.conf\n", "", 0);
}

#[test]
fn a_section_that_its_program_passes_over_is_in_no_record() {
    let text = "[a]\nx=1\n[b]\nx=2\n[a]\nx=3\n[c]\nx=4\n";
    for (args, out, err, status) in [
        (&[][..], "[a]\nx=3\n", "", 0),
        (&["--get", "x"], "", "", 1),
        (&["--where", "x > 3"], "", "", 1),
        (
            &["--set", "x=9"],
            "",
            "grini: nothing to change: no record is selected\n",
            1,
        ),
    ] {
        let args = ["--dialect=windows", "-h", "-e", "x=3", "f"]
            .iter()
            .chain(args);
        grini(args).file("f", text).says(out, err, status);
    }
}

#[test]
fn a_missing_key_and_an_empty_value_are_two_rows_of_a_tally() {
    let run = grini(["--records", "--tally=State", "--csv", "a.ini", "b.ini"]);
    let run = run.file("a.ini", "[A]\nState=\nX=1\n");
    let run = run.file("b.ini", "[A]\nX=2\n");
    run.says("count,State\r\n1,\r\n1,(missing)\r\n", "", 0);
}
