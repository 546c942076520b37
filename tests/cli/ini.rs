//! Records, sections, conditions and parts.

use crate::support::grini;

const SHARED: &str =
    "; top\n[a]\nName=Ann\nState=4\n\n[b]\nName=Bob\nNumSCerts=1\nState=4\n\n[c]\nName=Cy\n";

#[test]
fn each_section_is_a_record_where_a_key_repeats() {
    grini(["Bob", "f.ini"])
        .file("f.ini", SHARED)
        .says("Name=Bob\nState=4\n", "", 0);
    grini(["Cy", "f.ini"])
        .file("f.ini", SHARED)
        .says("Name=Cy\n", "", 0);
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
        .says("State=4\n", "", 0);
    grini(["--records", "--missing", "State", "f.ini"])
        .file("f.ini", SHARED)
        .says("[c]\n", "", 0);
    grini(["-c", "--records", "--has", "Name", "f.ini"])
        .file("f.ini", SHARED)
        .says("3\n", "", 0);
    grini(["--records", "-m1", "--has", "Name", "f.ini"])
        .file("f.ini", SHARED)
        .says("Name=Ann\nState=4\n", "", 0);
}

#[test]
fn the_file_is_one_record_where_nothing_repeats() {
    let text = "[Who]\nMailbox=jdoe\n\n[Status]\nState=4\n";
    grini(["jdoe", "f.ini"])
        .file("f.ini", text)
        .says("Mailbox=jdoe\nState=4\n", "", 0);
    grini(["--scope=section", "jdoe", "f.ini"])
        .file("f.ini", text)
        .says("Mailbox=jdoe\n", "", 0);
    grini(["jdoe", "--where", "State=4", "--get", "State", "f.ini"])
        .file("f.ini", text)
        .says("4\n", "", 0);
    grini(["jdoe", "--where", "[Status]State=4", "--no-show", "f.ini"])
        .file("f.ini", text)
        .says("Mailbox=jdoe\n", "", 0);
    grini(["jdoe", "--where", "[Who]State=4", "f.ini"])
        .file("f.ini", text)
        .says("", "", 1);
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
        .says("State=4\n", "", 0);
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
fn a_key_that_no_file_has_is_told() {
    grini(["--records", "--missing", "NumSCert", "-l", "f.ini"])
        .file("f.ini", SHARED)
        .says(
            "f.ini\n",
            "grini: warning: no file read has a key 'NumSCert'\n",
            0,
        );
}
