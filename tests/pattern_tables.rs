//! What patterns mean, construct by construct: pattern, line, extent of the first match.

use std::ops::Range;

use grini::pattern::{Charset, Codepage, Groups, Matcher, Options, Syntax, Whole};

fn other(encoding: &'static encoding_rs::Encoding) -> Charset {
    Charset::Other(Box::leak(Box::new(Codepage::of(encoding))))
}

fn compile(pattern: &[u8], options: &Options) -> Matcher {
    match Matcher::compile(&[pattern.to_vec()], options) {
        Ok(compiled) => compiled.matcher,
        Err(error) => panic!("{}: {error}", pattern.escape_ascii()),
    }
}

/// `None`: not selected.
fn first(pattern: &[u8], line: &[u8], options: &Options) -> Option<Range<usize>> {
    let matcher = compile(pattern, options);
    let selected = matcher.is_match(line).unwrap();
    let found = matcher.find_at(line, 0).unwrap();
    assert_eq!(selected, found.is_some(), "{}", pattern.escape_ascii());
    found
}

fn check(syntax: Syntax, table: &[(&str, &str, Option<Range<usize>>)]) {
    for charset in [Charset::Bytes, Charset::Utf8] {
        for (pattern, line, want) in table {
            let options = Options::new(syntax, charset);
            let found = first(pattern.as_bytes(), line.as_bytes(), &options);
            assert_eq!(&found, want, "{pattern:?} on {line:?}, {charset:?}");
        }
    }
}

#[test]
fn basic() {
    check(
        Syntax::Basic,
        &[
            ("*a", "b*a", Some(1..3)),
            (r"\(*a\)", "*a", Some(0..2)),
            ("^*", "x*", None),
            ("^*", "*x", Some(0..1)),
            (r"a\|^b", "b", Some(0..1)),
            (r"\(^a\)", "ba", None),
            ("a^b", "a^b", Some(0..3)),
            ("a$b", "a$b", Some(0..3)),
            (r"a\+", "baa", Some(1..3)),
            (r"ba\?", "baa", Some(0..2)),
            (r"a\{2,3\}", "aaaa", Some(0..3)),
            (r"a\{,2\}b", "aaab", Some(1..4)),
            ("a{2}", "aa{2}", Some(1..5)),
            ("a|b", "a|b", Some(0..3)),
            ("(a)", "(a)", Some(0..3)),
            (r"\(a\|ab\)\(c\|bcd\)", "abcd", Some(0..4)),
            (r"\(a*\)b\1", "aabaa", Some(0..5)),
            (r"\(.\)\1", "abba", Some(1..3)),
        ],
    );
}

#[test]
fn extended() {
    check(
        Syntax::Extended,
        &[
            ("a|ab|(ab)*c", "ababc", Some(0..5)),
            ("(a|ab)(x?)", "ab", Some(0..2)),
            ("a|*b", "b", Some(0..1)),
            ("a{1", "a{1", Some(0..3)),
            ("a{,2}", "aaa", Some(0..2)),
            ("a{1,2}{3}", "aaaaaaa", Some(0..6)),
            ("a)", "a)", Some(0..2)),
            ("()", "", Some(0..0)),
            ("x*", "aaa", Some(0..0)),
            ("^$", "", Some(0..0)),
            (r"\<b", "ab b", Some(3..4)),
            (r"a\>", "ab a", Some(3..4)),
            (r"\Bb", "b ab", Some(3..4)),
            (r"\w+", "-ab_1-", Some(1..5)),
            (r"\W", "a-", Some(1..2)),
            (r"\s\S", "a b", Some(1..3)),
            (r"\`a", "ba", None),
            (r"a\'", "ab", None),
            ("(a|b)*\\1c", "xabbc", Some(1..5)),
        ],
    );
}

#[test]
fn brackets() {
    check(
        Syntax::Extended,
        &[
            ("[]a]+", "x]a]", Some(1..4)),
            ("[^]a]", "]ab", Some(2..3)),
            ("[a-c]+", "xabcd", Some(1..4)),
            ("[a-]+", "x-a", Some(1..3)),
            ("[[:digit:][:upper:]]+", "a1B", Some(1..3)),
            ("[[.-.]a]+", "x-a", Some(1..3)),
            ("[[=a=]]", "xa", Some(1..2)),
            (r"[\]", r"a\", Some(1..2)),
            ("[+--]", "a,", Some(1..2)),
        ],
    );
}

#[test]
fn utf8() {
    let options = Options::new(Syntax::Extended, Charset::Utf8);
    for (pattern, line, want) in [
        (&b"^.$"[..], "é".as_bytes(), Some(0..2)),
        (b"^.$", b"\xff", None),
        (b"^[^a]$", b"\xff", None),
        (b".", b"\xffa", Some(1..2)),
        (b"\xff", b"a\xff", Some(1..2)),
        ("[à-ý]".as_bytes(), "xö".as_bytes(), Some(1..3)),
        (b"[[:alpha:]]", "٣".as_bytes(), Some(0..2)),
        (b"\\bn", "Jön".as_bytes(), None),
        (b"\\>", "J\u{301}".as_bytes(), Some(1..1)),
        (
            "\\<(J|Jö|Jön)\\>".as_bytes(),
            "x Jön".as_bytes(),
            Some(2..6),
        ),
    ] {
        assert_eq!(
            first(pattern, line, &options),
            want,
            "{}",
            pattern.escape_ascii()
        );
    }
}

#[test]
fn case() {
    let mut options = Options {
        ignore_case: true,
        ..Options::new(Syntax::Basic, Charset::Utf8)
    };
    for (pattern, line, matches) in [
        ("jürgen", "JÜRGEN", true),
        ("i", "ı", true),
        ("s", "ſ", true),
        ("k", "\u{212a}", false),
        ("ß", "SS", false),
        ("ǆ", "ǅ", true),
        ("σ", "ς", true),
        ("[a-c]", "B", true),
        ("[^a]", "A", false),
        ("[[:upper:]]", "a", true),
        (r"\(a\)\1", "aA", true),
    ] {
        let found = compile(pattern.as_bytes(), &options)
            .is_match(line.as_bytes())
            .unwrap();
        assert_eq!(found, matches, "{pattern} on {line}");
    }
    options.turkish = true;
    for (pattern, line, matches) in [("i", "I", false), ("i", "İ", true), ("ı", "I", true)] {
        let found = compile(pattern.as_bytes(), &options)
            .is_match(line.as_bytes())
            .unwrap();
        assert_eq!(found, matches, "Turkish: {pattern} on {line}");
    }
    let bytes = Options {
        charset: Charset::Bytes,
        turkish: false,
        ..options
    };
    assert!(
        !compile("ü".as_bytes(), &bytes)
            .is_match("Ü".as_bytes())
            .unwrap()
    );
}

#[test]
fn words_and_lines() {
    for (syntax, whole, pattern, line, want) in [
        (
            Syntax::Fixed,
            Whole::Words,
            "foo",
            "foobar foo",
            Some(7..10),
        ),
        (
            Syntax::Basic,
            Whole::Words,
            r"abc\|ab\|a",
            "ab-abc",
            Some(0..2),
        ),
        (Syntax::Basic, Whole::Words, "a.*b", "ab acb-b_", Some(0..6)),
        (Syntax::Extended, Whole::Words, "x*", "ab", None),
        (Syntax::Fixed, Whole::Words, "n", "Jön", None),
        (Syntax::Fixed, Whole::Lines, "a.c", "a.c", Some(0..3)),
        (Syntax::Fixed, Whole::Lines, "a.c", "a.cd", None),
        (Syntax::Extended, Whole::Lines, "a|ab", "ab", Some(0..2)),
        (Syntax::Perl, Whole::Words, "a|ab", "ab", Some(0..2)),
        (Syntax::Perl, Whole::Lines, "a|ab", "ab", Some(0..2)),
    ] {
        let options = Options {
            whole,
            ..Options::new(syntax, Charset::Utf8)
        };
        let found = first(pattern.as_bytes(), line.as_bytes(), &options);
        assert_eq!(found, want, "{pattern} on {line}, {whole:?}");
    }
}

#[test]
fn messages_are_gnus() {
    for (syntax, pattern, want) in [
        (Syntax::Basic, "[a", "Unmatched [, [^, [:, [., or [="),
        (Syntax::Basic, "[", "Invalid regular expression"),
        (Syntax::Basic, r"\(a", r"Unmatched ( or \("),
        (Syntax::Basic, r"a\)", r"Unmatched ) or \)"),
        (Syntax::Basic, r"a\{1", r"Unmatched \{"),
        (Syntax::Basic, r"a\{1a\}", r"Invalid content of \{\}"),
        (Syntax::Basic, "a\\", "Trailing backslash"),
        (Syntax::Basic, "[b-a]", "Invalid range end"),
        (Syntax::Basic, "[[:foo:]]", "Invalid character class name"),
        (Syntax::Basic, "[[.ab.]]", "Invalid collation character"),
        (
            Syntax::Basic,
            "[:space:]",
            "character class syntax is [[:space:]], not [:space:]",
        ),
        (Syntax::Extended, "(a", r"Unmatched ( or \("),
        (Syntax::Extended, r"(a\1)", "Invalid back reference"),
        (Syntax::Extended, r"(a)|\1", "Invalid back reference"),
        (Syntax::Extended, "a{2,1}", r"Invalid content of \{\}"),
        (Syntax::Extended, "a{}", r"Invalid content of \{\}"),
        (Syntax::Extended, "a{32768}", "Regular expression too big"),
        (Syntax::Perl, "a)(b", "unmatched closing parenthesis"),
        (
            Syntax::Perl,
            "[",
            "missing terminating ] for character class",
        ),
    ] {
        let options = Options::new(syntax, Charset::Bytes);
        let error = Matcher::compile(&[pattern.into()], &options).unwrap_err();
        assert_eq!(error.to_string(), want, "{pattern}");
    }
    let two = [b"(".to_vec(), b"a".to_vec(), b"[".to_vec()];
    let error =
        Matcher::compile(&two, &Options::new(Syntax::Extended, Charset::Bytes)).unwrap_err();
    let at: Vec<_> = error.failures().iter().map(|failure| failure.0).collect();
    assert_eq!(at, [Some(0), Some(2)]);
}

#[test]
fn warnings_are_gnus() {
    for (syntax, pattern, want) in [
        (Syntax::Basic, r"\d", "stray \\ before d"),
        (Syntax::Basic, r"a\ b", "stray \\ before white space"),
        (
            Syntax::Basic,
            "a\\\u{1}",
            "stray \\ before unprintable character",
        ),
        (Syntax::Extended, "*a", "* at start of expression"),
        (Syntax::Extended, "+a", "+ at start of expression"),
        (Syntax::Extended, "(?a)", "? at start of expression"),
        (Syntax::Extended, "{1}a", "{...} at start of expression"),
        (Syntax::Basic, r"\+a", "stray \\ before +"),
    ] {
        let options = Options::new(syntax, Charset::Utf8);
        let compiled = Matcher::compile(&[pattern.into()], &options).unwrap();
        assert_eq!(compiled.warnings, [want], "{pattern}");
    }
    // Several patterns that are plain but for stray backslashes are strings to GNU.
    let options = Options::new(Syntax::Basic, Charset::Utf8);
    let compiled = Matcher::compile(&[br"\d".to_vec(), b"x".to_vec()], &options).unwrap();
    assert!(compiled.warnings.is_empty());
    assert!(compiled.matcher.is_match(b"d").unwrap());
}

#[test]
fn nul_terminated() {
    let options = Options {
        terminator: 0,
        ..Options::new(Syntax::Basic, Charset::Utf8)
    };
    for (pattern, line, want) in [
        ("^b", "a\nb", None),
        ("a.b", "a\nb", Some(0..3)),
        ("a$", "a\nb", None),
    ] {
        assert_eq!(
            first(pattern.as_bytes(), line.as_bytes(), &options),
            want,
            "{pattern}"
        );
    }
    let perl = Options {
        syntax: Syntax::Perl,
        ..options
    };
    assert_eq!(first(b"a$", b"a\n", &perl), None);
    let buffer = b"x\nb\0b\0";
    let matcher = compile(
        b"^b",
        &Options {
            terminator: 0,
            ..perl
        },
    );
    assert_eq!(matcher.find_line(buffer, 0).unwrap(), Some(4..6));
}

#[test]
fn crlf() {
    let options = Options {
        crlf: true,
        ..Options::new(Syntax::Basic, Charset::Utf8)
    };
    let buffer = b"State = 3\r\nState = 4\r\nState = 4\r\r\nState = 4";
    let matcher = compile(b"= 4$", &options);
    assert_eq!(matcher.find_line(buffer, 0).unwrap(), Some(11..22));
    assert_eq!(matcher.find_line(buffer, 22).unwrap(), Some(34..43));
    for pattern in ["State = 4", "St.*4"] {
        for syntax in [Syntax::Basic, Syntax::Perl] {
            let matcher = compile(
                pattern.as_bytes(),
                &Options {
                    whole: Whole::Lines,
                    syntax,
                    ..options.clone()
                },
            );
            assert_eq!(
                matcher.find_line(buffer, 0).unwrap(),
                Some(11..22),
                "{pattern}"
            );
        }
    }
    assert_eq!(
        compile(b"\r", &options).find_line(b"a\r\n", 0).unwrap(),
        None
    );
    assert_eq!(
        compile(b"3.", &options).find_line(b"3\r\n", 0).unwrap(),
        None
    );
}

#[test]
fn other_charsets() {
    let latin = Options {
        ignore_case: true,
        ..Options::new(Syntax::Basic, other(encoding_rs::WINDOWS_1252))
    };
    assert_eq!(first(b"J\xfcrgen", b"x J\xdcRGEN", &latin), Some(2..8));
    let japanese = Options::new(Syntax::Basic, other(encoding_rs::SHIFT_JIS));
    // The second byte of 表 is a backslash; the byte A within a character is no A.
    assert_eq!(first(b"^.$", b"\x95\x5c", &japanese), Some(0..2));
    assert_eq!(first(b"A", b"\x83\x41A", &japanese), Some(2..3));
    let euc = Options::new(Syntax::Perl, other(encoding_rs::EUC_JP));
    let error = Matcher::compile(&[b"a".to_vec()], &euc).unwrap_err();
    assert_eq!(
        error.to_string(),
        "-P supports only unibyte and UTF-8 locales"
    );
}

#[test]
fn groups() {
    for (syntax, pattern, line, want) in [
        (
            Syntax::Basic,
            r"\(a*\)=\(.*\)",
            "xaa=b",
            vec![Some(1..5), Some(1..3), Some(4..5)],
        ),
        (
            Syntax::Extended,
            "(a)|(b)",
            "b",
            vec![Some(0..1), None, Some(0..1)],
        ),
        (
            Syntax::Extended,
            r"(.)\1",
            "abb",
            vec![Some(1..3), Some(1..2)],
        ),
        (
            Syntax::Perl,
            "(?<k>a)(b)?",
            "a",
            vec![Some(0..1), Some(0..1), None],
        ),
        (Syntax::Fixed, "a", "ba", vec![Some(1..2)]),
    ] {
        let matcher = compile(pattern.as_bytes(), &Options::new(syntax, Charset::Utf8));
        assert_eq!(matcher.group_count() + 1, want.len());
        let mut groups = Groups::default();
        assert!(
            matcher
                .captures_at(line.as_bytes(), 0, &mut groups)
                .unwrap()
        );
        let found: Vec<_> = (0..want.len()).map(|group| groups.get(group)).collect();
        assert_eq!(found, want, "{pattern}");
    }
    let named = compile(b"(?<key>a)", &Options::new(Syntax::Perl, Charset::Utf8));
    assert_eq!(named.group_names()[1].as_deref(), Some("key"));
}

#[test]
fn no_patterns_and_empty_ones() {
    let options = Options::new(Syntax::Basic, Charset::Utf8);
    let none = Matcher::compile(&[], &options).unwrap().matcher;
    assert_eq!(none.find_line(b"a\n", 0).unwrap(), None);
    let empty = compile(b"", &options);
    assert!(empty.is_match(b"any").unwrap());
    assert_eq!(empty.find_line(b"a\nb", 2).unwrap(), Some(2..3));
    assert_eq!(empty.find_at(b"a", 1).unwrap(), Some(1..1));
    let with_words = Matcher::compile(&[b"ab".to_vec(), Vec::new()], &options).unwrap();
    let found = |from| with_words.matcher.find_at(b"cab", from).unwrap();
    assert_eq!(
        [found(0), found(1), found(2)],
        [Some(0..0), Some(1..3), Some(2..2)]
    );
}

#[test]
fn required_literals() {
    let options = Options::new(Syntax::Extended, Charset::Utf8);
    let strings = |pattern: &[u8]| {
        compile(pattern, &options)
            .required_literals()
            .map(<[Vec<u8>]>::to_vec)
    };
    assert_eq!(strings(b"foo"), Some(vec![b"foo".to_vec()]));
    assert_eq!(
        strings(b"^a+(foobar)[0-9]x"),
        Some(vec![b"foobar".to_vec()])
    );
    assert_eq!(strings(b"a|b+"), None);
    assert_eq!(strings(b".*"), None);
}
