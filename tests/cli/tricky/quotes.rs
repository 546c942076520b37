//! Quotes and escapes.

use super::Row;

pub(super) const TABLE: &[Row] = &[
    (
        "",
        b"k=\"a\"",
        "k=a",
        "contract: one outer quote pair is dropped",
    ),
    (
        "",
        b"k='a'",
        "k=a",
        "contract: one outer quote pair is dropped",
    ),
    ("", b"k=\"\"a\"\"", "k=\"a\"", "contract: one, not two"),
    ("", b"k=\"a'", "k=\"a'", "contract: a pair is of one kind"),
    ("", b"k=\"", "k=\"", "contract: one character is no pair"),
    (
        "",
        b"k=\"\"",
        "k=",
        "contract: one outer quote pair is dropped",
    ),
    (
        "",
        b"k=\" a \"",
        "k= a ",
        "contract: blanks within the quotes stay",
    ),
    (
        "",
        b"k=\"a\" b",
        "k=\"a\" b",
        "contract: the pair must stand around it all",
    ),
    ("", b"k=a\\nb\\\\", "k=a\\nb\\\\", "contract: no escapes"),
    (
        "windows",
        b"k='a' \nj=\"a",
        "k=a|j=\"a",
        "GetPrivateProfileString: marks around the string are dropped",
    ),
    (
        "python",
        b"[a]\nk=\"a\"",
        "[a]|k=\"a\"",
        "python 3.11: quotes are text",
    ),
    (
        "systemd",
        b"[a]\nk=\"a\"",
        "[a]|k=\"a\"",
        "systemd 252: config_parse hands on the text",
    ),
    (
        "git",
        b"[a]\nk=a \"b  \" c\nj=\\\"x\\\"\ni=\"a\\tb\"",
        "[a]|k=a b   c|j=\"x\"|i=a\tb",
        "git-config(1), Values",
    ),
    (
        "git",
        b"[a]\nk=\" a \" ",
        "[a]|k= a ",
        "git-config(1): blanks in quotes stay",
    ),
    (
        "php",
        b"k=\"a\\\"b\\\\c\\n\"",
        "k=a\"b\\c\\n",
        "php 8.2: \\\" and \\\\ alone are read",
    ),
    (
        "php",
        b"k='a\\'\nj=1",
        "k=a\\|j=1",
        "php 8.2: no escapes between single quotes",
    ),
    (
        "php",
        b"k=\"a\nb = 1\n\"\nj=1",
        "k=a\\nb = 1\\n|j=1",
        "php 8.2: a quoted value spans lines",
    ),
    (
        "php",
        b"k='a\nb;'\nj=1",
        "k=a\\nb;|j=1",
        "php 8.2: a quoted value spans lines",
    ),
    (
        "mysql",
        b"[g]\nk=\"a\\\"b\"\nj=\\s\\x\\\\\ni='it's'",
        "[g]|k=a\"b|j= \\x\\|i=it's",
        "my_print_defaults 10.11",
    ),
    (
        "mysql",
        b"[g]\nk=a\"b # c\"",
        "[g]|k=a\"b # c\"",
        "my_print_defaults 10.11: quotes within keep # as text",
    ),
    (
        "php",
        b"k=\"a\" b",
        "k=ab",
        "php 8.2: blanks around a double quoted text are dropped",
    ),
    (
        "php",
        b"k=a  \"b\" c",
        "k=abc",
        "php 8.2: blanks around a double quoted text are dropped",
    ),
    (
        "php",
        b"k=a 'b' c",
        "k=a b c",
        "php 8.2: those around a single quoted one stay",
    ),
    (
        "php",
        b"k='a ' \"b\"",
        "k=a b",
        "php 8.2: those within quotes stay",
    ),
    (
        "php",
        b"k=\"C:\\\"\nj=1",
        "k=C:\\|j=1",
        "php 8.2: before a line's end a quote closes after a backslash too",
    ),
    (
        "mysql",
        b"[g]\nk=\"a\\\"\nj=\"a\"b\"",
        "[g]|k=a\\|j=a\"b",
        "my_print_defaults 10.11",
    ),
];
