//! Tricky files: how each is read, and the program or manual that says so.
//!
//! `contract` is this project's own rule for .ini files in general (grini(1), RECORDS and DIALECTS). A program named
//! with its version was asked; `dialects.rs` asks most of them again on generated files.

use encoding_rs::WINDOWS_1252;
use grini::files::Document;
use grini::ini::dialect::{Continuation, Dialect, InlineComment};
use grini::ini::scan::{Kind, Scan};
use grini::ini::value;

/// Dialect (with switches behind a space), file, reading, source.
///
/// In a reading the items stand between `|`: `[section]`, `key=value`, `key` (bare), `;` (comment), `!` (malformed).
/// Blank lines are left out; a line end within a value is `\n`.
type Row = (&'static str, &'static [u8], &'static str, &'static str);

const TABLE: &[Row] = &[
    // Headers.
    (
        "",
        b"[a]b]\nk=1",
        "[a]|k=1",
        "contract: the name runs to its balanced ]",
    ),
    (
        "",
        b"[a[b]c]\nk=1",
        "[a[b]c]|k=1",
        "contract: the name runs to its balanced ]",
    ),
    (
        "",
        b"[a[b]\nk=1",
        "[a[b]|k=1",
        "contract: else to the first ]",
    ),
    (
        "",
        b"[ a ]\nk=1",
        "[a]|k=1",
        "contract: the name is trimmed",
    ),
    (
        "",
        b"[a] tail=1\nk=1",
        "[a]|k=1",
        "contract: the tail is ignored",
    ),
    (
        "",
        b"[a];c\nk=1",
        "[a]|k=1",
        "contract: the tail is ignored",
    ),
    (
        "",
        b"[]\nk=1",
        "[]|k=1",
        "contract: a header, its name empty",
    ),
    (
        "",
        b" \t[a]\nk=1",
        "[a]|k=1",
        "contract: a header may be indented",
    ),
    (
        "",
        b"[a\nk=1",
        "!|k=1",
        "contract: a header without ] is malformed",
    ),
    (
        "",
        b"[\nk=1",
        "!|k=1",
        "contract: a header without ] is malformed",
    ),
    (
        "",
        b"a]=1",
        "a]=1",
        "contract: only a first [ makes a header",
    ),
    (
        "",
        b"[a=b]\nk=1",
        "[a=b]|k=1",
        "contract: a header before anything else",
    ),
    (
        "",
        b"[a]\r\n[b]\r\n",
        "[a]|[b]",
        "contract: an empty section is one",
    ),
    (
        "windows",
        b"[a[b]c]\nk=1",
        "[a[b]|k=1",
        "GetPrivateProfileString: no nesting",
    ),
    (
        "python",
        b"[a]b]\nk=1",
        "[a]b]|k=1",
        "python 3.11: SECTCRE is \\[(?P<header>.+)\\]",
    ),
    (
        "python",
        b"[a] tail\nk=1",
        "[a]|k=1",
        "python 3.11: SECTCRE matches at the start only",
    ),
    (
        "python",
        b"[a]\n[x=1",
        "[a]|[x=1",
        "python 3.11: no ] and a delimiter: an option",
    ),
    ("python", b"[a]\n[x", "[a]|!", "python 3.11: ParsingError"),
    (
        "python",
        b"[a]\nk=1\n [b]\nj=2",
        "[a]|k=1\\n[b]|j=2",
        "python 3.11: deeper than the option: its value goes on",
    ),
    (
        "python",
        b"[a]\n []=1\n",
        "[a]|[]=1",
        "python 3.11: an empty name is no header",
    ),
    (
        "systemd",
        b"[a] \nk=1",
        "[a]|k=1",
        "systemd 252, parse_line: strstrip before the test for ]",
    ),
    (
        "systemd",
        b"[a] tail\nk=1",
        "!|k=1",
        "systemd 252, parse_line: Invalid section header",
    ),
    (
        "systemd",
        b"[a]b]\nk=1",
        "[a]b]|k=1",
        "systemd 252, parse_line: the name is all but the first and last character",
    ),
    (
        "git",
        b"[a \"B c\"]\nk=1",
        "[a \"B c\"]|k=1",
        "git-config(1), Syntax",
    ),
    (
        "git",
        b"[a \"]\"] k=1",
        "[a \"]\"]|k=1",
        "git-config(1), Syntax: a quoted subsection holds any character",
    ),
    (
        "git",
        b"[a \"\\\"]\"]k=1",
        "[a \"\\\"]\"]|k=1",
        "git-config(1), Syntax: \\\" in a subsection",
    ),
    (
        "git",
        b"[a] k = 1\nj=2",
        "[a]|k=1|j=2",
        "git 2.47: a key may follow the header",
    ),
    (
        "git",
        b"[a] ; c\nk=1",
        "[a]|;|k=1",
        "git 2.47: a comment may follow the header",
    ),
    (
        "git",
        b"[a][b]k=1",
        "[a]|[b]|k=1",
        "git 2.47: a header may follow the header",
    ),
    (
        "php",
        b"[s]k=1",
        "[s]|k=1",
        "php 8.2: a key may follow the header",
    ),
    (
        "php",
        b"[a[b]]\nk=1",
        "[a[b]|]|k=1",
        "php 8.2: the name runs to the first ]",
    ),
    (
        "mysql",
        b"[g] x\nk=1",
        "[g]|k=1",
        "my_print_defaults 10.11: the rest is ignored",
    ),
    // Delimiters and values.
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
    // Comments.
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
        "contract: a delimiter behind it is comment",
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
    // Quotes and escapes.
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
    // Continuation.
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
    // Bytes around the lines.
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

fn dialect(name: &str) -> Dialect {
    let (preset, switches) = name.split_once(' ').unwrap_or((name, ""));
    let mut dialect = Dialect::preset(preset).unwrap_or_default();
    for switch in switches.split_whitespace() {
        let (switch, chars) = switch.split_once('=').expect("a value");
        match switch {
            "delim" => dialect.delimiters = chars.into(),
            "comment" => dialect.comments = chars.into(),
            "inline" => dialect.inline_comment = InlineComment::AfterBlank(chars.into()),
            "cont" if chars == "indent" => dialect.continuation = Continuation::Indent,
            _ => {
                dialect.continuation = Continuation::Backslash {
                    blank: false,
                    escaped: false,
                    over_comments: false,
                };
            }
        }
    }
    dialect
}

fn reading(bytes: &[u8], dialect: &Dialect) -> String {
    let document = Document::new(bytes, WINDOWS_1252);
    let text = document.text();
    let string = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\n', "\\n");
    let scan = Scan::new(text, dialect);
    let items = scan.items.iter().filter_map(|item| {
        let key = string(item.key.of(text));
        Some(match item.kind {
            Kind::Blank => return None,
            Kind::Comment => ";".to_owned(),
            Kind::Malformed => "!".to_owned(),
            Kind::Header => format!("[{key}]"),
            Kind::Bare => key,
            Kind::Key => {
                let value = value::logical(text, item, dialect).expect("a value");
                format!("{key}={}", string(&value))
            }
        })
    });
    items.collect::<Vec<_>>().join("|")
}

#[test]
fn tricky_files_read_as_their_source_says() {
    let mut wrong = Vec::new();
    for (name, bytes, expected, source) in TABLE {
        let found = reading(bytes, &dialect(name));
        if found != *expected {
            wrong.push(format!(
                "{name:?} {:?}: {found:?}, not {expected:?} ({source})",
                String::from_utf8_lossy(bytes)
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} wrong:\n{}",
        wrong.len(),
        TABLE.len(),
        wrong.join("\n")
    );
    assert!(TABLE.len() >= 80);
}
