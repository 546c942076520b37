//! Delimiters, keys, and values without quotes.

use super::Row;

pub(super) const TABLE: &[Row] = &[
    ("", b"k=a=b", "k=a=b", "contract: the first = splits"),
    ("", b"k==b", "k==b", "contract: the first = splits"),
    (
        "",
        b"k = a b ",
        "k=a b",
        "contract: blanks around are no part",
    ),
    ("", b"k=", "k=", "contract: an empty value"),
    ("", b"k", "k", "contract: a bare key"),
    ("", b"=v", "!", "contract: a delimiter without a key"),
    ("", b" = v", "!", "contract: a delimiter without a key"),
    ("", b"a:b=c", "a:b=c", "contract: = alone splits"),
    (
        "",
        b"a: b",
        "a: b",
        "contract: = alone splits, so this is a bare key",
    ),
    (
        "",
        b"k\x0b=\x0c v \x0b",
        "k=v",
        "contract: SP TAB VT FF are blanks",
    ),
    (
        "",
        "\u{a0}k\u{a0}=\u{a0}v\u{a0}".as_bytes(),
        "\u{a0}k\u{a0}=\u{a0}v\u{a0}",
        "contract: NBSP never is",
    ),
    (
        "",
        "k=\u{3000}v\u{2003}".as_bytes(),
        "k=\u{3000}v\u{2003}",
        "contract: nor any other blank of Unicode",
    ),
    (
        "",
        b"a b c = d",
        "a b c=d",
        "contract: keys may hold blanks",
    ),
    (
        "",
        b"k=v ; no comment",
        "k=v ; no comment",
        "contract: no inline comments",
    ),
    ("", b"k=a\\\nb=c", "k=a\\|b=c", "contract: no continuation"),
    ("", b"k=a\n  b", "k=a|b", "contract: no continuation"),
    (
        " delim=:=",
        b"a:b=c\nd=e:f",
        "a=b=c|d=e:f",
        "contract: the first of them splits",
    ),
    (
        " delim=:",
        b"a=b",
        "a=b",
        "contract: no delimiter, so a bare key",
    ),
    (
        "python",
        b"[a]\na:b=c\nd=e:f",
        "[a]|a=b=c|d=e:f",
        "python 3.11: delimiters ('=', ':')",
    ),
    (
        "systemd",
        b"[a]\nk : v",
        "[a]|k : v",
        "systemd.syntax(7): key=value",
    ),
    (
        "python",
        "[a]\nk=\u{a0}v\u{2003}\n\u{a0}j\u{a0}=1".as_bytes(),
        "[a]|k=v\\nj\u{a0}=1",
        "python 3.11: str.strip, and \\S for the indentation",
    ),
    (
        "python",
        "[a]\nj\u{a0}=\u{3000}1\x1f".as_bytes(),
        "[a]|j=1",
        "python 3.11: optionxform(option.rstrip())",
    ),
    (
        "git",
        b"[a]\nk=\x0bv\x0c",
        "[a]|k=\x0bv\x0c",
        "git 2.47: isspace knows space, tab, LF and CR",
    ),
    (
        "systemd",
        b"[a]\nk=\x0bv\x0c",
        "[a]|k=\x0bv\x0c",
        "systemd 252: WHITESPACE is space, tab, LF and CR",
    ),
    (
        "php",
        b"k=\x0bv\x0c",
        "k=\x0bv\x0c",
        "php 8.2: TABS_AND_SPACES",
    ),
    (
        "mysql",
        b"[g]\nk=\x0bv\x0c",
        "[g]|k=v",
        "my_print_defaults 10.11: my_isspace",
    ),
];
