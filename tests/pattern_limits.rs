//! No input makes the matcher panic, overflow the stack, or run without end.

use std::time::{Duration, Instant};

use grini::pattern::{Charset, Codepage, Groups, Matcher, Options, Syntax, Whole};
use proptest::prelude::*;

fn compile(pattern: &[u8], syntax: Syntax) -> Result<Matcher, String> {
    Matcher::compile(&[pattern.to_vec()], &Options::new(syntax, Charset::Utf8))
        .map(|compiled| compiled.matcher)
        .map_err(|error| error.to_string())
}

fn other(encoding: &'static encoding_rs::Encoding) -> Charset {
    Charset::Other(Box::leak(Box::new(Codepage::of(encoding))))
}

#[test]
fn nesting_is_bounded() {
    for (count, open, close) in [
        (100_000, "(", ""),
        (100_000, "(", ")"),
        (10_000_000, "(", ""),
    ] {
        let pattern = open.repeat(count) + "a" + &close.repeat(count);
        assert_eq!(
            compile(pattern.as_bytes(), Syntax::Extended).unwrap_err(),
            "stack overflow"
        );
    }
    for unit in [("(", ")"), ("(", ")*"), ("(b|", ")"), ("(", "){2}*x")] {
        let pattern = unit.0.repeat(300) + "a" + &unit.1.repeat(300);
        match compile(pattern.as_bytes(), Syntax::Extended) {
            Ok(matcher) => drop(matcher.find_at(b"xax", 0).unwrap()),
            Err(message) => assert_eq!(message, "Regular expression too big"),
        }
    }
    let stars = "a".to_string() + &"*".repeat(1_000_000);
    assert!(
        compile(stars.as_bytes(), Syntax::Extended)
            .unwrap()
            .is_match(b"a")
            .unwrap()
    );
    let counted = "a".to_string() + &"{1}".repeat(100_000) + &"{2}".repeat(1000);
    assert!(compile(counted.as_bytes(), Syntax::Extended).is_err());
}

#[test]
fn long_patterns() {
    let long = "abcdefghij".repeat(1 << 20);
    let matcher = compile(long.as_bytes(), Syntax::Basic).unwrap();
    assert!(matcher.is_match(long.as_bytes()).unwrap());
    let alternatives = "abc|".repeat(1 << 16);
    assert!(
        compile(alternatives.as_bytes(), Syntax::Extended)
            .unwrap()
            .is_match(b"x")
            .unwrap()
    );
    let dots = ".".repeat(1 << 20);
    match compile(dots.as_bytes(), Syntax::Basic) {
        Ok(_) => {}
        Err(message) => assert_eq!(message, "Regular expression too big"),
    }
}

#[test]
fn classes_are_counted_as_often_as_the_pattern_says() {
    let words = "word ".repeat(60);
    let long = "é".repeat(600);
    for (pattern, line, found) in [
        (r"\w{600,}", &*long, Some(0..1200)),
        (r"\w{600,}", &long[2..], None),
        (r"x\w{600,}|z", "az", Some(1..2)),
        ("[[:alpha:]]{1,600}z", "1éaz", Some(1..5)),
        ("[[:alpha:]]{3,600}z", "aéz abcz", Some(5..9)),
        (r"(\w{1,200} ){1,50}z", "a bb z", Some(0..6)),
        (r"^(\w{1,9} ){60,70}$", &words, Some(0..300)),
        (r"^(\w{1,9} ){61,70}$", &words, None),
        (r"\b\w{1,50}(\s+\w{1,50}){1,100}$", "= one two", Some(2..9)),
        (r"(\w{2,900})\1x", "ababx", Some(0..5)),
        (r"(\w{2,900})\1x", "abacx", None),
    ] {
        let matcher = compile(pattern.as_bytes(), Syntax::Extended).unwrap();
        let text = format!("{line}\n");
        assert_eq!(
            matcher.find_at(line.as_bytes(), 0).unwrap(),
            found,
            "{pattern}"
        );
        let selected = matcher.find_line(text.as_bytes(), 0).unwrap();
        assert_eq!(selected, found.map(|_| 0..text.len()), "{pattern}");
    }
}

#[test]
fn big_counts() {
    for pattern in [
        "a{32767}",
        ".{1,32767}",
        "(a{1,255}){1,255}",
        r"\w{1,1000}",
        "(a*)*{2,300}",
    ] {
        let matcher = compile(pattern.as_bytes(), Syntax::Extended).unwrap();
        assert_eq!(
            matcher.find_at(&[b'a'; 300], 0).unwrap().is_some(),
            pattern != "a{32767}"
        );
    }
    for pattern in [
        "a{32767}{32767}",
        "((a{999}){999}){999}",
        r"(a)\1{32767}{32767}",
    ] {
        let message = compile(pattern.as_bytes(), Syntax::Extended).unwrap_err();
        assert_eq!(message, "Regular expression too big");
    }
}

#[test]
fn back_references_do_not_explode() {
    let clock = Instant::now();
    for (pattern, line, matches) in [
        (r"^(a+)+\1$", "a".repeat(40) + "b", false),
        (r"^(a+)+\1$", "a".repeat(40), true),
        (r"^((a*)*)*\1c$", "a".repeat(200) + "b", false),
        (r"(a|b)*\1c", "ab".repeat(5000) + "d", false),
        (r"(a|b)*\1c", "ab".repeat(50_000) + "bc", true),
        (r"(.*)(.*)(.*)\1\2\3x", "abcdefgh".repeat(2), false),
        (r"(a?)(a?)(a?)(a?)(a?)\1\2\3\4\5b", "a".repeat(30), false),
    ] {
        let matcher = compile(pattern.as_bytes(), Syntax::Extended).unwrap();
        assert_eq!(matcher.is_match(line.as_bytes()), Ok(matches), "{pattern}");
    }
    // Where the longest match is no word, shorter ones are looked for, not all ends in the line.
    let words = Options {
        whole: Whole::Words,
        ..Options::new(Syntax::Extended, Charset::Utf8)
    };
    let words = Matcher::compile(&[br"(.)\1".to_vec()], &words).unwrap();
    let line = b"aab ".repeat(100_000);
    assert_eq!(words.matcher.find_at(&line, 0), Ok(None));
    // Too hard: it says so rather than run on.
    let matcher = compile(br"(.*)(.*)(.*)(.*)\4\3\2\1x", Syntax::Extended).unwrap();
    let line: Vec<u8> = (0..200_u32)
        .map(|n| b'a' + (n.wrapping_mul(n) % 23) as u8)
        .collect();
    let line = [line, b"x".to_vec()].concat();
    assert_eq!(
        matcher.is_match(&line).unwrap_err().to_string(),
        "a line is too hard to match against the back-references; use -P, or a pattern that leaves less open"
    );
    assert!(
        clock.elapsed() < Duration::from_secs(120),
        "{:?}",
        clock.elapsed()
    );
}

#[test]
fn lines_are_found_in_linear_time() {
    let many = b"aaaaaaaaaaaaaaaaaaab\n".repeat(20_000);
    let one = vec![b'a'; 400_000];
    for (pattern, whole) in [
        ("a*c", Whole::Any),
        ("x*", Whole::Words),
        ("a|b", Whole::Words),
        (r"\bb", Whole::Any),
        ("^a*$", Whole::Any),
        ("é*", Whole::Words),
    ] {
        let options = Options {
            whole,
            ..Options::new(Syntax::Extended, Charset::Utf8)
        };
        let matcher = Matcher::compile(&[pattern.into()], &options)
            .unwrap()
            .matcher;
        for buffer in [&many, &one] {
            let clock = Instant::now();
            let mut at = 0;
            while let Some(line) = matcher.find_line(buffer, at).unwrap() {
                at = line.end;
            }
            assert!(
                clock.elapsed() < Duration::from_secs(20),
                "{pattern}: {:?}",
                clock.elapsed()
            );
        }
    }
}

#[test]
fn many_strings() {
    let strings: Vec<Vec<u8>> = (0..10_000_u32)
        .map(|n| format!("w{:x}q", n.wrapping_mul(2_654_435_761)).into_bytes())
        .collect();
    for whole in [Whole::Any, Whole::Words, Whole::Lines] {
        for ignore_case in [false, true] {
            let options = Options {
                whole,
                ignore_case,
                ..Options::new(Syntax::Fixed, Charset::Utf8)
            };
            let matcher = Matcher::compile(&strings, &options).unwrap().matcher;
            let last = &strings[9_999];
            assert!(matcher.is_match(last).unwrap(), "{whole:?}");
            let around = [b"x", &last[..], b"x"].concat();
            assert_eq!(matcher.is_match(&around).unwrap(), whole == Whole::Any);
        }
    }
    // Beside an empty one, each is looked for in as little time.
    let with_empty: Vec<Vec<u8>> = [Vec::new()].into_iter().chain(strings.clone()).collect();
    let options = Options::new(Syntax::Fixed, Charset::Utf8);
    let matcher = Matcher::compile(&with_empty, &options).unwrap().matcher;
    let line = strings.concat();
    let mut at = 0;
    for string in &strings {
        let found = matcher.find_at(&line, at).unwrap();
        assert_eq!(found, Some(at..at + string.len()));
        at += string.len();
    }
    assert_eq!(matcher.find_at(&line, at).unwrap(), Some(at..at));
}

#[test]
fn more_patterns_than_one_regex_can_hold() {
    let several = |form: &dyn Fn(u32) -> String| -> Vec<Vec<u8>> {
        (0..12_000).map(|at| form(at).into_bytes()).collect()
    };
    let words = several(&|at| format!("sister{at}s"));
    let pages = several(&|at| format!("https://is.example.com/this{at}"));
    let addresses = several(&|at| format!("10.{}.{}.1", at / 200, at % 200)).split_off(10_000);
    let utf8 = Charset::Utf8;
    let western = other(encoding_rs::WINDOWS_1252);
    let (page, address) = ("HTTPſ://Iſ-EXAMPLE.COM/THIſ11999", "10x59.199/1");
    let cases = [
        (Syntax::Fixed, utf8, words, "SIſTER11999ſ"),
        (Syntax::Basic, utf8, pages.clone(), page),
        (
            Syntax::Basic,
            western,
            pages,
            "HTTPs://iS-example.com/THIS11999",
        ),
        (Syntax::Basic, utf8, addresses.clone(), address),
        (Syntax::Basic, Charset::Bytes, addresses.clone(), address),
        (Syntax::Basic, western, addresses, address),
    ];
    for (syntax, charset, patterns, line) in cases {
        for whole in [Whole::Any, Whole::Words, Whole::Lines] {
            let options = Options {
                whole,
                ignore_case: true,
                ..Options::new(syntax, charset)
            };
            let matcher = Matcher::compile(&patterns, &options).unwrap().matcher;
            let line = line.as_bytes();
            assert_eq!(matcher.find_at(line, 0).unwrap(), Some(0..line.len()));
            let text = [b"10.0\nx", line, b"\n", line, b"\n"].concat();
            let found = matcher.find_line(&text, 0).unwrap();
            let first = if whole == Whole::Any {
                5
            } else {
                line.len() + 7
            };
            assert_eq!(found.map(|found| found.start), Some(first), "{whole:?}");
        }
    }
}

/// Each is found by what is left of the search for the one before.
#[test]
fn the_matches_of_a_long_line() {
    let patterns: Vec<Vec<u8>> = (0..60)
        .map(|at| format!("user\\({at}\\)[xy]\\|u{at}.").into_bytes())
        .collect();
    let words: Vec<String> = (0..20_000).map(|at| format!("user{}x", at % 70)).collect();
    let long = words.join(" ").into_bytes();
    for charset in [Charset::Utf8, other(encoding_rs::WINDOWS_1252)] {
        for ignore_case in [false, true] {
            let options = Options {
                ignore_case,
                ..Options::new(Syntax::Basic, charset)
            };
            let matcher = Matcher::compile(&patterns, &options).unwrap().matcher;
            let mut groups = Groups::default();
            for (line, freshly) in [(&long[..], false), (&long[..2000], true)] {
                let (mut matches, mut captures) = (matcher.matches(line), matcher.matches(line));
                let (mut at, mut count) = (0, 0);
                while let Some(found) = matches.find_at(at).unwrap() {
                    assert!(captures.captures_at(at, &mut groups).unwrap());
                    assert_eq!(groups.get(0), Some(found.clone()));
                    assert_eq!(groups.get(1), Some(found.start + 4..found.end - 1));
                    if freshly {
                        assert_eq!(matcher.find_at(line, at), Ok(Some(found.clone())));
                    }
                    (at, count) = (found.end, count + 1);
                }
                assert_eq!(
                    count,
                    line.split(|&c| c == b' ')
                        .filter(|word| {
                            let number = word
                                .strip_prefix(b"user")
                                .and_then(|word| word.strip_suffix(b"x"));
                            number.is_some_and(|number| !matches!(number, [b'6', _]))
                        })
                        .count()
                );
            }
        }
    }
}

fn any_options() -> impl Strategy<Value = Options> {
    let syntaxes = [Syntax::Basic, Syntax::Extended, Syntax::Fixed, Syntax::Perl];
    let wholes = [Whole::Any, Whole::Words, Whole::Lines];
    let charsets = [
        Charset::Bytes,
        Charset::Utf8,
        other(encoding_rs::SHIFT_JIS),
        other(encoding_rs::EUC_JP),
        other(encoding_rs::WINDOWS_1252),
    ];
    (
        prop::sample::select(syntaxes.to_vec()),
        prop::sample::select(wholes.to_vec()),
        prop::sample::select(charsets.to_vec()),
        any::<[bool; 4]>(),
    )
        .prop_map(|(syntax, whole, charset, flags)| Options {
            whole,
            ignore_case: flags[0],
            terminator: if flags[1] { 0 } else { b'\n' },
            crlf: flags[2],
            wide_ranges: flags[3],
            ..Options::new(syntax, charset)
        })
}

/// Text that looks like a pattern, with bytes of any kind in between.
fn odd_text() -> impl Strategy<Value = Vec<u8>> {
    let bits: Vec<&'static [u8]> = vec![
        b"a",
        b"b",
        b"\\",
        b"(",
        b")",
        b"[",
        b"]",
        b"{",
        b"}",
        b"*",
        b"+",
        b"?",
        b"|",
        b"^",
        b"$",
        b".",
        b"-",
        b"[:alpha:]",
        b"[=a=]",
        b"1",
        b",",
        b"\\1",
        b"\\<",
        b"\\b",
        b"\xff",
        b"\xc3\xa9",
        b"\xe2\x82",
        b"\r",
        b"\0",
        b" ",
        b"\x83\x41",
        b"I",
        b"\xc4\xb1",
    ];
    prop::collection::vec(prop::sample::select(bits), 0..12).prop_map(|bits| bits.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(
        patterns in prop::collection::vec(odd_text(), 0..4),
        options in any_options(),
        lines in prop::collection::vec(odd_text(), 0..4),
        from in 0_usize..12,
    ) {
        if let Ok(compiled) = Matcher::compile(&patterns, &options) {
            let matcher = compiled.matcher;
            let mut groups = Groups::default();
            let mut found = Vec::new();
            for line in &lines {
                let line: Vec<u8> =
                    line.iter().copied().filter(|&c| c != options.terminator).collect();
                if matcher.is_match(&line).unwrap() {
                    found.push(line.clone());
                }
                let span = matcher.find_at(&line, from).unwrap();
                if let Some(span) = &span {
                    prop_assert!(span.start <= span.end && span.end <= line.len());
                }
                let has = matcher.captures_at(&line, from, &mut groups).unwrap();
                prop_assert_eq!(has.then(|| groups.get(0).unwrap()), span);
            }
            let buffer = found.join(&options.terminator);
            if !found.is_empty() && !buffer.contains(&b'\r') {
                prop_assert_eq!(
                    matcher.find_line(&buffer, 0).unwrap().map(|line| line.start),
                    if buffer.is_empty() { None } else { Some(0) }
                );
            }
        }
    }
}

/// The search by a string within the pattern finds the same lines where that is rare and where every line has it.
#[test]
fn a_string_that_is_rare_and_then_frequent_hides_no_line() {
    let mut buffer = Vec::new();
    let mut expected = Vec::new();
    for at in 0..40_000_usize {
        let start = buffer.len();
        // Rare in the first and the last part, in every line between them.
        let dense = (10_000..30_000).contains(&at);
        let line = match at % 97 {
            0 => "the9x12\n",
            _ if dense || at % 89 == 0 => "the x alone\n",
            _ => "nothing of it here\n",
        };
        buffer.extend_from_slice(line.as_bytes());
        if at % 97 == 0 {
            expected.push(start..buffer.len());
        }
    }
    for (syntax, patterns) in [
        (Syntax::Extended, &["[a-z]+[0-9]x[0-9]*$"] as &[&str]),
        (Syntax::Extended, &["the[0-9]x[0-9]*$"]),
        (Syntax::Fixed, &["the9x1", "the7y1"]),
        (Syntax::Perl, &["the(?=[0-9]x[0-9]*$)"]),
    ] {
        let options = Options::new(syntax, Charset::Utf8);
        let patterns: Vec<Vec<u8>> = patterns.iter().map(|&pattern| pattern.into()).collect();
        let compiled = Matcher::compile(&patterns, &options).unwrap();
        for matcher in [&compiled.matcher, &compiled.matcher.for_one_thread()] {
            let (mut found, mut at) = (Vec::new(), 0);
            while let Some(line) = matcher.find_line(&buffer, at).unwrap() {
                at = line.end;
                found.push(line);
            }
            assert_eq!(found, expected, "{syntax:?}");
        }
    }
}
