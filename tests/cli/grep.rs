//! grep's habits: options, output forms, context, binary files, status.

use crate::support::{called, grini};

const TEXT: &str = "one\ntwo\nthree\nfour\nfive\n";

#[test]
fn output_forms() {
    for (args, out, status) in [
        (&["t", "f"][..], "two\nthree\n", 0),
        (&["-n", "t", "f"], "2:two\n3:three\n", 0),
        (&["-b", "t", "f"], "4:two\n8:three\n", 0),
        (&["-c", "t", "f"], "2\n", 0),
        (&["-c", "t", "f", "f"], "f:2\nf:2\n", 0),
        (&["-H", "two", "f"], "f:two\n", 0),
        (&["-h", "two", "f", "f"], "two\ntwo\n", 0),
        (&["-l", "t", "f"], "f\n", 0),
        (&["-lZ", "t", "f"], "f\0", 0),
        (&["-L", "t", "f"], "", 0),
        (&["-L", "zz", "f"], "f\n", 1),
        (&["-o", "e.", "f"], "ee\n", 0),
        (&["-ob", "[ow]", "f"], "0:o\n5:w\n6:o\n15:o\n", 0),
        (&["-q", "t", "f"], "", 0),
        (&["-v", "e", "f"], "two\nfour\n", 0),
        (&["-m1", "t", "f"], "two\n", 0),
        (&["-w", "tw", "f"], "", 1),
        (&["-x", "two", "f"], "two\n", 0),
        (&["-i", "TWO", "f"], "two\n", 0),
        (&["-E", "two|four", "f"], "two\nfour\n", 0),
        (&["-F", ".", "f"], "", 1),
        (&["-P", "t(?=w)", "f"], "two\n", 0),
        (&["-e", "one", "-e", "five", "f"], "one\nfive\n", 0),
        (&["one\nfive", "f"], "one\nfive\n", 0),
        (&["-nA1", "two", "f"], "2:two\n3-three\n", 0),
        (&["-nB1", "two", "f"], "1-one\n2:two\n", 0),
        (&["-1n", "^f", "f"], "3-three\n4:four\n5:five\n", 0),
        (&["-2", "-C0", "two", "f"], "two\n", 0),
        (&["-C0", "-1", "two", "f"], "one\ntwo\nthree\n", 0),
        (
            &["-nC0", "-e", "one", "-e", "three", "f"],
            "1:one\n--\n3:three\n",
            0,
        ),
        (
            &["-n", "-m1", "-A2", "t", "f"],
            "2:two\n3-three\n4-four\n",
            0,
        ),
        (&["-T", "-n", "two", "f"], " 2:\ttwo\n", 0),
        (
            &["--color=always", "-n", "two", "f"],
            "\x1b[32m\x1b[K2\x1b[m\x1b[K\x1b[36m\x1b[K:\x1b[m\x1b[K\x1b[01;31m\x1b[Ktwo\x1b[m\x1b[K\n",
            0,
        ),
    ] {
        called("grep", args).file("f", TEXT).says(out, "", status);
        grini(args).file("f", TEXT).says(out, "", status);
    }
}

/// A CR before a line's end stays out of the line's colour, but not out of that of a match.
#[test]
fn a_match_is_coloured_up_to_the_terminator() {
    for (pattern, out) in [
        ("a.", "\x1b[01;31m\x1b[Ka\r\x1b[m\x1b[K\n"),
        ("a", "\x1b[01;31m\x1b[Ka\x1b[m\x1b[K\r\n"),
        ("[[:space:]]", "a\x1b[01;31m\x1b[K\r\x1b[m\x1b[K\n"),
    ] {
        let run = called("grep", ["--color=always", pattern, "f"]);
        run.file("f", "a\r\n").says(out, "", 0);
    }
}

#[test]
fn folders_are_searched_as_each_name_does() {
    let tree = |run: crate::support::Run| {
        run.file("d/a.ini", "x\n")
            .file("d/b.txt", "x\n")
            .file("d/.h/C.INI", "x\n")
    };
    tree(grini(["x", "d"])).says("d/.h/C.INI:x\nd/a.ini:x\n", "", 0);
    tree(grini(["-r", "x", "d"])).says("d/.h/C.INI:x\nd/a.ini:x\nd/b.txt:x\n", "", 0);
    tree(grini(["--include=*.txt", "x", "d"])).says("d/b.txt:x\n", "", 0);
    tree(grini(["--exclude=a*", "x", "d"])).says("d/.h/C.INI:x\n", "", 0);
    tree(grini(["--exclude-dir=.h", "x", "d"])).says("d/a.ini:x\n", "", 0);
    tree(called("grep", ["x", "d"])).says("", "grep: d: Is a directory\n", 2);
    tree(called("grep", ["-r", "x", "d"])).says("d/.h/C.INI:x\nd/a.ini:x\nd/b.txt:x\n", "", 0);
    tree(called("grep", ["-rh", "--include=*.txt", "x"])).says("x\n", "", 0);
}

#[test]
fn binary_files_are_reported() {
    let run = |args: &[&str]| called("grep", args).file("b", "a\0b\nx\n");
    run(&["x", "b"]).says("", "grep: b: binary file matches\n", 0);
    run(&["-a", "x", "b"]).says("x\n", "", 0);
    run(&["-I", "x", "b"]).says("", "", 1);
    run(&["-c", "x", "b"]).says("1\n", "", 0);
    run(&["y", "b"]).says("", "", 1);
}

#[test]
fn matches_of_lines_with_encoding_errors_are_those_of_other_lines() {
    // Lines of one length, in one buffer: valid, not valid, valid.
    let lines = b"ab \xc3\xa9 ab\nab \xff\xff ab\nab \xc3\xa9 ab\n";
    let run = called("grep", ["-aobP", "a(?=b)|é", "f"]).file("f", lines);
    let run = run.variable("LC_ALL", "C.UTF-8");
    let printed = "0:a\n3:é\n6:a\n9:a\n15:a\n18:a\n21:é\n24:a\n";
    run.says(printed, "", 0);
}

#[test]
fn every_value_of_an_option_is_checked() {
    let run = |args: &[&str]| called("grep", args).file("f", "x\n");
    run(&["-D", "no", "-D", "read", "x", "f"]).says("", "grep: unknown devices method\n", 2);
    run(&["-D", "skip", "-D", "read", "x", "f"]).says("x\n", "", 0);
    let types = ["--binary-files=no", "--binary-files=text", "x", "f"];
    run(&types).says("", "grep: unknown binary-files type\n", 2);
    run(&["-m", "no", "-m1", "x", "f"]).says("", "grep: invalid max count\n", 2);
}

#[test]
fn several_patterns_come_from_files() {
    let run = |args: &[&str]| {
        called("grep", args)
            .file("p", "one\nfive\n")
            .file("none", "")
            .file("f", TEXT)
    };
    run(&["-f", "p", "f"]).says("one\nfive\n", "", 0);
    run(&["-f", "none", "f"]).says("", "", 1);
    run(&["-c", "-v", "-f", "none", "f"]).says("5\n", "", 0);
    called("grep", ["-f", "-", "f"])
        .file("f", TEXT)
        .stdin("two\n")
        .says("two\n", "", 0);
}

#[test]
fn names_in_messages_are_the_very_bytes() {
    use std::os::unix::ffi::OsStrExt;
    let name = b"e\x1b[2J\xff\n.txt";
    let argument = std::ffi::OsStr::from_bytes(name);
    let missing = called("grep", [std::ffi::OsStr::new("x"), argument]).output();
    let expected = [b"grep: ", &name[..], b": No such file or directory\n"].concat();
    assert_eq!(missing.stderr, expected);
    let run = called("grep", [std::ffi::OsStr::new("x"), argument]);
    std::fs::write(run.folder().join(argument), "x\0\n").expect("the file is written");
    let expected = [b"grep: ", &name[..], b": binary file matches\n"].concat();
    assert_eq!(run.output().stderr, expected);
    // Under its own name it shows what they are.
    let missing = crate::support::grini([std::ffi::OsStr::new("x"), argument]).said();
    assert_eq!(
        missing.err,
        "grini: e\\x1b[2J\\xff\\x0a.txt: No such file or directory\n"
    );
}

#[test]
fn messages_stand_between_the_lines_they_came_between() {
    let run = called("grep", ["-r", "e", "t"]);
    let mut expected = String::new();
    for at in 0..600 {
        let path = format!("t/{at:03}");
        let binary = at % 3 == 1;
        let content = if binary { "e\0\n" } else { "e\n" };
        std::fs::create_dir_all(run.folder().join("t")).expect("a folder");
        std::fs::write(run.folder().join(&path), content).expect("a file");
        expected.push_str(&match binary {
            true => format!("grep: {path}: binary file matches\n"),
            false => format!("{path}:e\n"),
        });
    }
    for _ in 0..5 {
        assert_eq!(run.interleaved(), expected);
    }
}

#[test]
fn operands_that_are_not_searched_are_reported_as_grep_reports_them() {
    let run = |args: &[&str]| {
        let run = called("grep", args).file("dir/f", "x\n").file("txt", "x\n");
        run.interleaved()
    };
    for (args, expected) in [
        (
            &["-c", "x", "dir", "txt"][..],
            "grep: dir: Is a directory\ndir:0\ntxt:1\n",
        ),
        (
            &["--include=t*", "x", "missing", "txt"],
            "grep: missing: No such file or directory\ntxt:x\n",
        ),
        (
            &["--exclude=d*", "x", "dir", "txt"],
            "grep: dir: Is a directory\ntxt:x\n",
        ),
        (&["--exclude-dir=d*", "x", "dir", "txt"], "txt:x\n"),
        (&["--exclude=t*", "x", "dir/f", "txt"], "dir/f:x\n"),
    ] {
        assert_eq!(run(args), expected, "{args:?}");
    }
    // Nothing after the first match is read with -q, and the first - has all of standard input.
    let operands = [&["-q", "x", "none", "txt"][..], &["none"; 40]].concat();
    assert_eq!(run(&operands), "grep: none: No such file or directory\n");
    let many = called("grep", ["-c", "x", "-", "txt", "-", "txt", "-"]).file("txt", "x\n");
    let zero = "(standard input):0\ntxt:1\n";
    many.stdin("x\nx\n").says(
        &format!("(standard input):2\ntxt:1\n{zero}(standard input):0\n"),
        "",
        0,
    );
}

#[test]
fn closed_standard_streams_are_errors() {
    let run = called("grep", [""; 0]).file("f", "x\n");
    let _ = run.output();
    let said = |script: &str| {
        let output = std::process::Command::new("sh")
            .args(["-c", script])
            .current_dir(run.folder())
            .output()
            .expect("sh");
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        (err, output.status.code())
    };
    let closed = |what: &str| (format!("grep: {what}: Bad file descriptor\n"), Some(2));
    assert_eq!(said(".bin/grep x f >&-"), closed("write error"));
    assert_eq!(said(".bin/grep x <&-"), closed("(standard input)"));
    assert_eq!(said(".bin/grep -q x f >&-"), (String::new(), Some(0)));
    assert_eq!(said(".bin/grep --help >&-"), closed("write error"));
    assert_eq!(said(".bin/grep -f - f <&-"), closed("-"));
    assert_eq!(
        said("test -z \"$(.bin/grep -c x <&-)\""),
        (
            "grep: (standard input): Bad file descriptor\n".to_owned(),
            Some(0)
        )
    );
    assert_eq!(said(".bin/grep -V >&-"), closed("write error"));
}

/// What is written to the file next follows the last line that was used, be it without its end.
#[test]
fn standard_input_is_left_after_the_last_line_that_was_used() {
    for (args, left) in [
        ("-m1 b", "a\nbnext\n"),
        ("-m1 a", "a\nnext\n"),
        ("-m1 -v a", "a\nbnext\n"),
        ("-zm1 a", "a\nbnext\n"),
        ("-m2 .", "a\nbnext\n"),
    ] {
        let run = called("grep", [""; 0]).file("f", "a\nb");
        let _ = run.output();
        let script = format!("exec 3<>f; .bin/grep {args} <&3 >out; echo next >&3");
        let status = std::process::Command::new("sh")
            .args(["-c", &script])
            .current_dir(run.folder())
            .status();
        assert!(status.unwrap().success());
        let now = std::fs::read_to_string(run.folder().join("f")).unwrap();
        assert_eq!(now, left, "{args}");
    }
}

/// A group of which nothing is printed has a separator before it all the same.
#[test]
fn groups_without_a_line_are_separated() {
    called("grep", ["-o", "-A1", "", "a", "b", "c"])
        .file("a", "x\n")
        .file("b", "y\n")
        .file("c", "z\n")
        .says("--\n--\n", "", 0);
}
