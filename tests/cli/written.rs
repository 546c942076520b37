//! What is written into a file of a known dialect is what its program reads: a new value that it would read as another
//! one, or not take at all, is refused.

use crate::support::grini;

/// Dialect, file, option, and the file that comes of it (none: it is refused), and who says so.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static str,
);

const TABLE: &[Row] = &[
    // git-config(1), Syntax and Values; git 2.47.
    (
        "git",
        "[a]\nk=1\n",
        "--set=k=a;b",
        None,
        "git 2.47: the comment is cut off",
    ),
    (
        "git",
        "[a]\nk=1\n",
        "--set=k=\"a;b\"",
        Some("[a]\nk=\"a;b\"\n"),
        "git 2.47",
    ),
    (
        "git",
        "[a]\nk=1\n",
        "--set=k=a\\tb",
        None,
        "git 2.47: a tab",
    ),
    (
        "git",
        "[a]\nk=1\n",
        "--set=k=\"a\\tb\"",
        Some("[a]\nk=\"a\\tb\"\n"),
        "git 2.47",
    ),
    (
        "git",
        "[a]\nk=1\n",
        "--set=k=a\\q",
        None,
        "git 2.47: bad config line",
    ),
    (
        "git",
        "[a]\nk=1\n",
        "--set=k=\"a\\\"",
        None,
        "git 2.47: bad config line",
    ),
    (
        "git",
        "[a]\nk=1\n",
        "--set=k='\\n'",
        None,
        "git 2.47: single quotes are text",
    ),
    (
        "git",
        "[a]\nk=1",
        "--set=k=a\\",
        None,
        "git 2.47: a backslash at the file's end joins",
    ),
    (
        "git",
        "[a]\nk=1\n",
        "--add=a_b=1",
        None,
        "git 2.47: bad config line",
    ),
    (
        "git",
        "[a]\nk=1\n",
        "--add=1a=1",
        None,
        "git 2.47: bad config line",
    ),
    (
        "git",
        "[a]\nk=1\n",
        "--add=a-1=1",
        Some("[a]\nk=1\na-1=1\n"),
        "git 2.47",
    ),
    // systemd.syntax(7); systemd 252.
    (
        "systemd",
        "[a]\nk=1",
        "--set=k=a\\",
        None,
        "systemd 252: the next line would go on with it",
    ),
    (
        "systemd",
        "[a]\nk=1\n",
        "--set=k=a\\\\",
        Some("[a]\nk=a\\\\\n"),
        "systemd 252",
    ),
    (
        "systemd",
        "[a]\nk=1\nk=2\n",
        "--set=k=",
        None,
        "systemd 252: it forgets the other",
    ),
    (
        "systemd",
        "[a]\nk=1\n",
        "--set=k=",
        Some("[a]\nk=\n"),
        "systemd 252",
    ),
    // parse_ini_file, Notes; php 8.2.
    (
        "php",
        "k=1\n",
        "--set=k=a on",
        None,
        "php 8.2: syntax error",
    ),
    (
        "php",
        "k=1\n",
        "--set=k=on",
        Some("k=on\n"),
        "php 8.2: the word alone",
    ),
    (
        "php",
        "k=1\n",
        "--set=k=a only",
        Some("k=a only\n"),
        "php 8.2",
    ),
    ("php", "k=1\n", "--set=k=a|b", None, "php 8.2: an operator"),
    (
        "php",
        "k=1\n",
        "--set=k=\"a|b\"",
        Some("k=\"a|b\"\n"),
        "php 8.2",
    ),
    (
        "php",
        "k=1\n",
        "--set=k=E_ALL & ~(E_NOTICE|2)",
        Some("k=E_ALL & ~(E_NOTICE|2)\n"),
        "php.ini-development",
    ),
    ("php", "k=1\n", "--set=k=~11", None, "php 8.2: -12"),
    (
        "php",
        "k=1\n",
        "--set=k=\"a${b}\"",
        None,
        "php 8.2: a variable",
    ),
    (
        "php",
        "k=1 ; c\n",
        "--set=k=\"a\\\"",
        None,
        "php 8.2: syntax error",
    ),
    (
        "php",
        "k=1\n",
        "--set=k='C:\\'",
        Some("k='C:\\'\n"),
        "php 8.2",
    ),
    (
        "php",
        "k=1\n",
        "--set=k=it's",
        None,
        "php 8.2: the file's rest is lost",
    ),
    ("php", "k=a ; c", "--set=k=", None, "php 8.2: syntax error"),
    (
        "php",
        "k=a ",
        "--set=k=b",
        None,
        "php 8.2: at the file's end the blank is part of the value",
    ),
    ("php", "k=", "--set=k=;", None, "php 8.2: a comment"),
    (
        "php",
        "k=1\n",
        "--add=yes=1",
        None,
        "php 8.2: a reserved word",
    ),
    ("php", "k=1\n", "--add=a|b=1", None, "php 8.2: syntax error"),
    ("php", "k=1\n", "--add=n[=1", None, "php 8.2: syntax error"),
    (
        "php",
        "k=1\n",
        "--add=n[x]=1",
        Some("k=1\nn[x]=1\n"),
        "php 8.2: a list",
    ),
    // Option files; my_print_defaults 10.11.
    (
        "mysql",
        "[g]\nk=1\n",
        "--set=k=C:\\temp",
        None,
        "my_print_defaults 10.11: a tab",
    ),
    (
        "mysql",
        "[g]\nk=1\n",
        "--set=k=\"C:\\\\temp\"",
        Some("[g]\nk=\"C:\\\\temp\"\n"),
        "my_print_defaults 10.11",
    ),
    (
        "mysql",
        "[g]\nk=1\n",
        "--set=k=a#b",
        None,
        "my_print_defaults 10.11: the comment is cut off",
    ),
    (
        "mysql",
        "[g]\nk=1\n",
        "--set=k=voil\u{e0}",
        None,
        "my_print_defaults 10.11: the byte A0 is blank",
    ),
    (
        "mysql",
        "[g]\nk=1\n",
        "--set=k=\"voil\u{e0}\"",
        Some("[g]\nk=\"voil\u{e0}\"\n"),
        "my_print_defaults 10.11",
    ),
    (
        "mysql",
        "[g]\nk=1\n",
        "--add=!n=1",
        None,
        "my_print_defaults 10.11: an order, not an option",
    ),
    // configparser; python 3.11.
    (
        "python",
        "[a]\nk=1\n",
        "--set=k=\u{a0}v",
        None,
        "python 3.11: str.strip",
    ),
    (
        "python",
        "[a]\nk=1\n",
        "--set=k=a\u{a0}v",
        Some("[a]\nk=a\u{a0}v\n"),
        "python 3.11",
    ),
    (
        "python",
        "[a]\nk=1\n",
        "--add=a:b=1",
        None,
        "python 3.11: the first delimiter",
    ),
    (
        "python",
        "[a]\nk=1\n",
        "--set=k=\"a\"",
        Some("[a]\nk=\"a\"\n"),
        "python 3.11: quotes are text",
    ),
    // Quotes that a new value brings along are not doubled.
    (
        "windows --quotes=keep",
        "k=\"a\"\n",
        "--set=k=\"b\"",
        Some("k=\"b\"\n"),
        "contract",
    ),
    (
        "windows --quotes=keep",
        "k=\"a\"\n",
        "--set=k=b",
        Some("k=\"b\"\n"),
        "contract",
    ),
];

#[test]
fn a_programs_own_grammar_decides_what_is_written() {
    for (dialect, before, option, after, source) in TABLE {
        let switches = format!("--dialect={dialect}");
        let mut args: Vec<&str> = switches.split(' ').collect();
        args.extend(["--records", "--scope=section", "--dup=all", option]);
        let said = grini(&args).stdin(before).said();
        match after {
            Some(after) => assert_eq!(
                (said.out.as_str(), said.status),
                (*after, 0),
                "{args:?} {said:?} {source}"
            ),
            None => assert_eq!(
                (said.out.as_str(), said.status),
                ("", 2),
                "{args:?} {said:?} {source}"
            ),
        }
    }
}

#[test]
fn a_line_to_replace_ends_as_it_did_or_is_refused() {
    let run = |args: &[&str], text: &str| grini(["--ini"].iter().chain(args)).stdin(text).said();
    let refused = run(&["1", "--replace", "\\\\"], "k=1\nj=2\n");
    assert_eq!(
        (refused.status, refused.out.as_str()),
        (2, ""),
        "{refused:?}"
    );
    let comment = run(&["1", "--replace", "\\\\"], "; 1\nj=2\n");
    assert_eq!(comment.status, 0, "{comment:?}");
    let within = run(&["1", "--replace", "2"], "k=1\\\nj=2\n");
    assert_eq!(within.out, "k=2\\\nj=2\n", "{within:?}");
    let both = run(&["--records", "--has", "k", "--set", "k=\\"], "k=1");
    assert_eq!(both.status, 2, "{both:?}");
}
