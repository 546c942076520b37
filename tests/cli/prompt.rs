//! What a shell, a pipe and a script make of it: lists of files, help by task.

use crate::support::grini;

#[test]
fn operands_are_read_from_a_list() {
    let run = |args: &[&str]| {
        grini(args)
            .file("a b.ini", "x=1\n")
            .file("n\nl.ini", "x=2\n")
            .file("f/c.ini", "x=3\n")
    };
    run(&["x", "--files0-from=-"])
        .stdin("n\nl.ini\0a b.ini\0f\0")
        .says("n\nl.ini:x=2\na b.ini:x=1\nf/c.ini:x=3\n", "", 0);
    // The last NUL byte may be missing; a single file gets no name, as an operand.
    run(&["x", "--files0-from", "list"])
        .file("list", "a b.ini")
        .says("x=1\n", "", 0);
    // An empty list is no operand at all: nothing is read, least of all standard input.
    run(&["x", "--files0-from=list"])
        .file("list", "")
        .stdin("x\n")
        .says("", "", 1);
    run(&["--records", "--set=x=9", "--in-place", "--files0-from=-"])
        .stdin("a b.ini\0")
        .edits("a b.ini", "x=9\n");
    run(&["x", "--files0-from=list"])
        .file("list", "a b.ini\0none.ini\0")
        .says(
            "a b.ini:x=1\n",
            "grini: none.ini: No such file or directory\n",
            2,
        );
}

#[test]
fn a_list_of_files_that_cannot_be_used_is_told_as_wc_tells_it() {
    for (args, list, message) in [
        (
            &["x", "a.ini", "--files0-from=list"][..],
            "",
            "extra operand 'a.ini': file operands cannot be combined with --files0-from",
        ),
        (
            &["x", "--files0-from=none"],
            "",
            "cannot open 'none' for reading: No such file or directory",
        ),
        (
            &["x", "--files0-from=."],
            "",
            ".: read error: Is a directory",
        ),
        (
            &["x", "--files0-from=list"],
            "a.ini\0\0b.ini\0",
            "list:2: invalid zero-length file name",
        ),
        (
            &["x", "--files0-from=-"],
            "-\0",
            "when reading file names from stdin, no file name of '-' allowed",
        ),
        (
            &["-f-", "--files0-from=-"],
            "",
            "-f - and --files0-from=- both read standard input",
        ),
        (
            &["--undo", "--files0-from=list"],
            "",
            "--undo takes no PATTERNS and no FILE; write --undo=ID for a certain edit (--history lists them)",
        ),
    ] {
        grini(args)
            .file("list", list)
            .file("a.ini", "x\n")
            .stdin(list)
            .says("", &format!("grini: {message}\n"), 2);
    }
}
