//! Values that go on over several lines.

use super::Row;

pub(super) const TABLE: &[Row] = &[
    (
        "systemd",
        b"[a]\nk=a\\\n b",
        "[a]|k=a b",
        "systemd.syntax(7), Example 1: the backslash becomes a blank",
    ),
    (
        "systemd",
        b"[a]\nk=a\\\n# c\n; d\nb",
        "[a]|k=a b",
        "systemd.syntax(7): comments within are passed over",
    ),
    (
        "systemd",
        b"[a]\nk=a\\\\\nb=1",
        "[a]|k=a\\\\|b=1",
        "systemd 252, config_parse: an escaped backslash joins nothing",
    ),
    (
        "systemd",
        b"[a]\nk=a\\\n\nb=1",
        "[a]|k=a|b=1",
        "systemd 252: an empty line ends it",
    ),
    (
        "systemd",
        b"[a]\n;x\\\nk=1",
        "[a]|;|k=1",
        "systemd 252: a comment line never goes on",
    ),
    (
        "git",
        b"[a]\nk=a\\\nb",
        "[a]|k=ab",
        "git-config(1): nothing stays of the join",
    ),
    (
        "git",
        b"[a]\nk=\"a\\\n b\"",
        "[a]|k=a b",
        "git 2.47: in quotes too",
    ),
    (
        "git",
        b"[a]\nk=a #\\\nb=1",
        "[a]|k=a|b=1",
        "git 2.47: a comment never goes on",
    ),
    (
        "git",
        b"[a]\r\nk=a\\\r\nb\r\n",
        "[a]|k=ab",
        "git 2.47: CR LF is LF",
    ),
    (
        "python",
        b"[a]\nk=1\n  2\n\n  3\n\nj=4",
        "[a]|k=1\\n2\\n\\n3|j=4",
        "python 3.11: empty_lines_in_values",
    ),
    (
        "python",
        b"[a]\nk=\n  1\n; c\n  2",
        "[a]|k=\\n1\\n2",
        "python 3.11: comments within are passed over",
    ),
    (
        "python",
        b"[a]\n  k=1\n  j=2\n   x=3",
        "[a]|k=1|j=2\\nx=3",
        "python 3.11: deeper than the option, not than zero",
    ),
    (
        " cont=backslash",
        b"k=a\\\nb\\\\\nc\nj=1",
        "k=ab\\c|j=1",
        "contract: the last backslash joins",
    ),
    (
        " cont=indent",
        b"k=a\n b=c\nj=1",
        "k=a\\nb=c|j=1",
        "contract: an indented line goes on",
    ),
];
