//! Byte order marks, encodings, line ends, and bytes that are no text.

use super::Row;

pub(super) const TABLE: &[Row] = &[
    ("", b"", "", "contract: an empty file"),
    (
        "",
        b"\xef\xbb\xbf",
        "",
        "contract: a BOM is no line's content",
    ),
    ("", b"\xff\xfe", "", "contract: a BOM is no line's content"),
    (
        "",
        b"\xef\xbb\xbf[a]\nk=1",
        "[a]|k=1",
        "contract: a BOM is no line's content",
    ),
    (
        "",
        b"\xff\xfe[\0a\0]\0\r\0\n\0k\0=\0\x3d\xd8\0\xde",
        "[a]|k=\u{1f600}",
        "contract: UTF-16LE by its BOM",
    ),
    (
        "",
        b"\xfe\xff\0[\0a\0]\0\r\0k\0=\x00\xfc",
        "[a]|k=\u{fc}",
        "contract: UTF-16BE by its BOM",
    ),
    (
        "",
        b"k=1\x1a",
        "k=1",
        "contract: a final ^Z is no line's content",
    ),
    (
        "",
        b"k=1\r\n\x1a",
        "k=1",
        "contract: a final ^Z is no line's content",
    ),
    (
        "",
        b"k=1\x1aj=2",
        "k=1\u{1a}j=2",
        "contract: another ^Z is text",
    ),
    (
        "",
        b"a=1\rb=2\r\nc=3\n\rd=4\r\r\n",
        "a=1|b=2|c=3|d=4",
        "contract: CRLF, LF and lone CR end lines",
    ),
    (
        "",
        b"k=J\xfcrgen\nj=J\xc3\xbcrgen",
        "k=J\u{fc}rgen|j=J\u{fc}rgen",
        "contract: each line by itself, else windows-1252",
    ),
    (
        "",
        b"k=\x93x\x94",
        "k=\u{201c}x\u{201d}",
        "WHATWG Encoding, windows-1252: 0x93 is U+201C",
    ),
    (
        "",
        b"k=a\0b",
        "k=a\0b",
        "contract: a NUL byte is a byte of its line",
    ),
];
