//! Comments, on lines of their own and after values.

use super::Row;

pub(super) const TABLE: &[Row] = &[
    (
        "",
        b";k=v\n#k=v\n \t; x",
        ";|;|;",
        "contract: first non-blank ; or #",
    ),
    ("", b"//k=v", "//k=v", "contract: only ; and #"),
    ("", b"k=;v", "k=;v", "contract: no inline comments"),
    (
        "windows",
        b"#k=v\n;x",
        "#k=v|;",
        "GetPrivateProfileString: only ; comments",
    ),
    (
        "php",
        b"#k=v",
        "#k=v",
        "php 8.2: # comments were removed in 7.0",
    ),
    (
        " comment=!",
        b"!x\n;k=v",
        ";|;k=v",
        "contract: --comment replaces them",
    ),
    (
        " inline=;#",
        b"k=a;b\nj=a ;b\ni= ;b\nh=;b",
        "k=a;b|j=a|i=|h=;b",
        "contract: --inline-comment counts after a blank",
    ),
    (
        " inline=;",
        b"k=\"a ;b\" ;c",
        "k=a ;b",
        "contract: not within the quotes of the value",
    ),
    (
        " inline=;",
        b"a ;b=c",
        "a",
        "contract: a delimiter after it is comment",
    ),
    (
        "git",
        b"[a]\nk=a;b\nj=\"a;b\" # c",
        "[a]|k=a|j=a;b",
        "git-config(1): # and ; begin a comment, not in quotes",
    ),
    (
        "git",
        b"[a]\nk=a\\\\;b",
        "[a]|k=a\\",
        "git 2.47: \\\\ is one backslash, and ; begins a comment",
    ),
    (
        "php",
        b"k=a;b\nj=\"a;b\" ;c\ni='a;b';c",
        "k=a|j=a;b|i=a;b",
        "php 8.2, normal mode",
    ),
    (
        "mysql",
        b"[g]\nk=a#b\nj=\"a#b\" # c\ni=a ; b",
        "[g]|k=a|j=a#b|i=a ; b",
        "my_print_defaults 10.11: # ends the line anywhere outside quotes",
    ),
    ("mysql", b"[g]\nk#=b", "[g]|k", "my_print_defaults 10.11"),
    (
        "python",
        b"[a]\nk=a ; b",
        "[a]|k=a ; b",
        "python 3.11: inline_comment_prefixes=None",
    ),
    (
        "systemd",
        b"[a]\nk=a # b",
        "[a]|k=a # b",
        "systemd.syntax(7): comments are lines",
    ),
    (
        "systemd",
        b"[a]\n\x0c;k=v",
        "[a]|\x0c;k=v",
        "systemd 252: a form feed is no blank, so this is a key",
    ),
    (
        "python",
        "[a]\n\u{a0}# c\nk=1".as_bytes(),
        "[a]|;|k=1",
        "python 3.11: line.strip().startswith(prefix)",
    ),
];
