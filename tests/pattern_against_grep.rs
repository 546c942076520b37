//! The matcher against the system's GNU grep 3.8: random patterns, flags and lines, in the C and
//! C.UTF-8 locales. Lines selected, extents (`-o -b`), messages and warnings must be the same.
//!
//! `GRINI_CASES` (default 300) cases, from `GRINI_SEED` (default: always the same).
#![cfg(unix)]

mod random;

use std::fmt::Write as _;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;

use grini::pattern::{Charset, Matcher, Options, Syntax, Whole};
use random::Random;

#[derive(Clone, Debug)]
struct Case {
    syntax: Syntax,
    utf8: bool,
    ignore_case: bool,
    words: bool,
    whole: bool,
    nul: bool,
    patterns: Vec<Vec<u8>>,
    lines: Vec<Vec<u8>>,
}

const LETTERS: &[&[u8]] = &[
    b"a", b"b", b"c", b"A", b"B", b"x", b"a", b"b", b"_", b"-", b" ", b"1", b"2", b"i", b"s", b"k",
    b".", b"*",
];
const WIDE: &[&[u8]] = &[
    "é".as_bytes(),
    "É".as_bytes(),
    "ß".as_bytes(),
    "ı".as_bytes(),
    "İ".as_bytes(),
    "ſ".as_bytes(),
    "\u{212a}".as_bytes(),
    "ǆ".as_bytes(),
    "ǅ".as_bytes(),
    "\u{301}".as_bytes(),
    "€".as_bytes(),
    "σ".as_bytes(),
    "ς".as_bytes(),
    "😀".as_bytes(),
    b"\xff",
    b"\xc3",
    b"\xa9",
    b"\xe2\x82",
];

fn letter(random: &mut Random) -> &'static [u8] {
    if random.chance(12) {
        random.pick(WIDE)
    } else {
        random.pick(LETTERS)
    }
}

fn bracket(random: &mut Random, out: &mut Vec<u8>) {
    out.push(b'[');
    if random.chance(25) {
        out.push(b'^');
    }
    for _ in 0..=random.below(3) {
        match random.below(12) {
            0 => out.extend(random.pick(&[
                &b"[:alpha:]"[..],
                b"[:digit:]",
                b"[:space:]",
                b"[:upper:]",
                b"[:lower:]",
                b"[:punct:]",
                b"[:alnum:]",
                b"[:xdigit:]",
                b"[:print:]",
                b"[:blank:]",
                b"[:nope:]",
            ])),
            1 => out.extend(random.pick(&[
                &b"a-c"[..],
                b"A-B",
                b"0-9",
                b"a-z",
                b"A-z",
                b"Z-a",
                b"c-a",
                b"_-b",
            ])),
            2 => out.extend(random.pick(&[
                &b"[=a=]"[..],
                b"[.a.]",
                b"[.-.]",
                b"[=ab=]",
                b"-",
                b"]",
                b"^",
                b"[.a.]-c",
                b":",
                b":a:",
            ])),
            3 => out.extend(random.pick(&[&b"\\"[..], b"[", b".", b"*", b"--", b"---", b"a-"])),
            _ => out.extend(letter(random)),
        }
    }
    if !random.chance(2) {
        out.push(b']');
    }
}

fn posix(random: &mut Random, extended: bool, depth: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let escape = |out: &mut Vec<u8>, plain: bool, c: u8| {
        if plain != extended {
            out.push(b'\\');
        }
        out.push(c);
    };
    for _ in 0..=random.below(4) {
        match random.below(26) {
            0 => out.push(b'.'),
            1 => out.push(b'^'),
            2 => out.push(b'$'),
            3 | 4 => bracket(random, &mut out),
            5 => {
                out.push(b'\\');
                out.extend(random.pick(&[
                    &b"<"[..],
                    b">",
                    b"b",
                    b"B",
                    b"w",
                    b"W",
                    b"s",
                    b"S",
                    b"`",
                    b"'",
                    b"1",
                    b"2",
                    b"d",
                    b"a",
                    b"\\",
                    b".",
                    b"*",
                    b"}",
                    b"{",
                    b"+",
                    b"?",
                    b"|",
                    b"(",
                    b")",
                    b"/",
                    b" ",
                    b"]",
                    b"-",
                    b"<",
                    b">",
                    b"b",
                    b"B",
                ]));
                continue;
            }
            6..=8 if depth > 0 => {
                escape(&mut out, true, b'(');
                out.extend(posix(random, extended, depth - 1));
                escape(&mut out, true, b')');
            }
            9 => {
                escape(&mut out, true, b'|');
                continue;
            }
            10 => out.extend(random.pick(&[
                &b"*"[..],
                b"{",
                b"(",
                b")",
                b"+",
                b"?",
                b"|",
                b"}",
                b"{1}",
                b"$)",
            ])),
            11 if depth > 0 => {
                escape(&mut out, true, b'(');
                out.extend(posix(random, extended, depth - 1));
                escape(&mut out, true, b')');
                if random.chance(50) {
                    out.push(b'*');
                }
                out.extend(posix(random, extended, depth - 1));
                out.extend(b"\\1");
            }
            _ => out.extend(letter(random)),
        }
        if random.chance(22) {
            match random.below(6) {
                0 | 1 => out.push(b'*'),
                2 => escape(&mut out, true, b'+'),
                3 => escape(&mut out, true, b'?'),
                _ => {
                    escape(&mut out, true, b'{');
                    out.extend(random.pick(&[
                        &b"1"[..],
                        b"2",
                        b"0",
                        b"0,1",
                        b"1,2",
                        b",2",
                        b"1,",
                        b",",
                        b"2,1",
                        b"",
                        b"x",
                        b"0,",
                        b"1,2,3",
                    ]));
                    if !random.chance(4) {
                        escape(&mut out, true, b'}');
                    }
                }
            }
        }
    }
    out
}

fn perl(random: &mut Random, utf8: bool, depth: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for _ in 0..=random.below(4) {
        match random.below(16) {
            0 => out.push(b'.'),
            1 => {
                out.extend(random.pick(&[&b"^"[..], b"$", b"\\b", b"\\B", b"\\A", b"\\z", b"\\Z"]));
            }
            2 => out.extend(random.pick(&[
                &b"\\w"[..],
                b"\\d",
                b"\\s",
                // PCRE2 10.42's JIT forgets characters beyond ASCII here.
                if utf8 { b"[^\\w]" } else { b"\\W" },
                if utf8 { b"[^\\s]" } else { b"\\S" },
                b"[[:alpha:]]",
                b"\\pL",
                b"\\x{e9}",
            ])),
            3 => out.extend(random.pick(&[&b"[ab]"[..], b"[^a]", b"[a-c]", b"[\\w-]", b"[^\\w]"])),
            4 | 5 if depth > 0 => {
                out.extend(random.pick(&[
                    &b"("[..],
                    b"(?:",
                    b"(?=",
                    b"(?!",
                    b"(?<!a)(?:",
                    b"(?<=b)(?:",
                    b"(?i:",
                    b"(?>",
                ]));
                out.extend(perl(random, utf8, depth - 1));
                out.push(b')');
            }
            6 => {
                out.push(b'|');
                continue;
            }
            7 => out.extend(random.pick(&[
                &b"\\1"[..],
                b")",
                b"(",
                b"[",
                b"\\",
                b"{1",
                b"(?x) a # c",
            ])),
            _ => {
                let letter = letter(random);
                if letter.is_ascii() && !letter[0].is_ascii_alphanumeric() {
                    out.push(b'\\');
                }
                out.extend(letter);
            }
        }
        if random.chance(22) {
            out.extend(random.pick(&[&b"*"[..], b"+", b"?", b"*?", b"{1,2}", b"++", b"{2}"]));
        }
    }
    out
}

fn case(random: &mut Random) -> Case {
    let syntax = random.pick(&[
        Syntax::Basic,
        Syntax::Basic,
        Syntax::Extended,
        Syntax::Extended,
        Syntax::Extended,
        Syntax::Fixed,
        Syntax::Perl,
    ]);
    let count = if syntax == Syntax::Perl || random.chance(75) {
        1
    } else {
        1 + random.below(3)
    };
    let utf8 = random.chance(50);
    let patterns: Vec<Vec<u8>> = (0..count)
        .map(|_| match syntax {
            Syntax::Basic => posix(random, false, 2),
            Syntax::Extended => posix(random, true, 2),
            Syntax::Perl => perl(random, utf8, 2),
            Syntax::Fixed => (0..random.below(4))
                .flat_map(|_| letter(random))
                .copied()
                .collect(),
        })
        .collect();
    let nul = random.chance(6);
    // Both -w and -x make GNU print a line feed too many with -o.
    let kind = random.below(100);
    let mut lines = Vec::new();
    for _ in 0..24 {
        let mut line: Vec<u8> = Vec::new();
        for _ in 0..random.below(9) {
            match random.below(12) {
                // Bits of a pattern make likely lines.
                0..=2 => {
                    let pattern = &patterns[random.below(patterns.len())];
                    if !pattern.is_empty() {
                        let at = random.below(pattern.len());
                        let end = (at + 1 + random.below(3)).min(pattern.len());
                        line.extend(&pattern[at..end]);
                    }
                }
                3 if !line.is_empty() => {
                    let again = line[random.below(line.len())..].to_vec();
                    line.extend(again);
                    line.truncate(20);
                }
                4 if nul => line.push(b'\n'),
                _ => line.extend(letter(random)),
            }
        }
        lines.push(line);
    }
    Case {
        syntax,
        utf8,
        ignore_case: random.chance(25),
        words: kind < 20,
        whole: (20..35).contains(&kind),
        nul,
        patterns,
        lines,
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    /// Messages of an error, or warnings.
    messages: Vec<String>,
    failed: bool,
    selected: Vec<usize>,
    /// Line, start and end of each match that is not empty.
    extents: Vec<(usize, usize, usize)>,
}

fn ours(case: &Case) -> Outcome {
    let charset = if case.utf8 {
        Charset::Utf8
    } else {
        Charset::Bytes
    };
    let options = Options {
        ignore_case: case.ignore_case,
        whole: match (case.whole, case.words) {
            (true, _) => Whole::Lines,
            (_, true) => Whole::Words,
            _ => Whole::Any,
        },
        terminator: if case.nul { 0 } else { b'\n' },
        wide_ranges: false,
        ..Options::new(case.syntax, charset)
    };
    let mut outcome = Outcome {
        messages: Vec::new(),
        failed: false,
        selected: Vec::new(),
        extents: Vec::new(),
    };
    let compiled = match Matcher::compile(&case.patterns, &options) {
        Ok(compiled) => compiled,
        Err(error) => {
            outcome.failed = true;
            outcome.messages = error
                .warnings()
                .iter()
                .map(|w| format!("warning: {w}"))
                .collect();
            outcome
                .messages
                .extend(error.failures().iter().map(|(_, m)| m.clone()));
            return outcome;
        }
    };
    outcome.messages = compiled
        .warnings
        .iter()
        .map(|w| format!("warning: {w}"))
        .collect();
    let matcher = compiled.matcher;
    let mut buffer = Vec::new();
    let mut starts = Vec::new();
    for line in &case.lines {
        starts.push(buffer.len());
        buffer.extend(line);
        buffer.push(options.terminator);
    }
    let found_lines = || {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(line) = matcher.find_line(&buffer, at).unwrap() {
            found.push(starts.binary_search(&line.start).expect("a line's start"));
            at = line.end;
        }
        found
    };
    // What is searched before it pays off to build a matcher of lines, and what is searched by it.
    let before = found_lines();
    matcher.prepare();
    let by_buffer = found_lines();
    if before != by_buffer {
        outcome
            .messages
            .push(format!("find_line {before:?}, prepared {by_buffer:?}"));
    }
    for (number, line) in case.lines.iter().enumerate() {
        if !matcher.is_match(line).unwrap() {
            continue;
        }
        outcome.selected.push(number);
        let mut at = 0;
        while at < line.len() {
            let Some(found) = matcher.find_at(line, at).unwrap() else {
                break;
            };
            if found.start == line.len() {
                break;
            }
            if found.is_empty() {
                at = found.start + 1;
            } else {
                outcome.extents.push((number, found.start, found.end));
                at = found.end;
            }
        }
    }
    if by_buffer != outcome.selected {
        outcome.messages.push(format!(
            "find_line {by_buffer:?}, is_match {:?}",
            outcome.selected
        ));
    }
    outcome
}

fn flags(case: &Case) -> Vec<&'static str> {
    let mut flags = vec!["-a"];
    flags.push(match case.syntax {
        Syntax::Basic => "-G",
        Syntax::Extended => "-E",
        Syntax::Fixed => "-F",
        Syntax::Perl => "-P",
    });
    for (set, flag) in [
        (case.ignore_case, "-i"),
        (case.words, "-w"),
        (case.whole, "-x"),
        (case.nul, "-z"),
    ] {
        if set {
            flags.push(flag);
        }
    }
    flags
}

fn grep(case: &Case, file: &std::path::Path, more: &str) -> (i32, Vec<u8>, Vec<String>) {
    // It runs without end on some patterns with `**`.
    let mut command = Command::new("timeout");
    command.args(["5", "/usr/bin/grep"]);
    command.env("LC_ALL", if case.utf8 { "C.UTF-8" } else { "C" });
    command.env("DEB_GREP_ENABLE_STRAY_BACKSLASH_WARN", "1");
    command.args(flags(case)).arg(more);
    for pattern in &case.patterns {
        command.arg("-e").arg(std::ffi::OsStr::from_bytes(pattern));
    }
    let output = command.arg(file).output().expect("grep runs");
    let messages = String::from_utf8_lossy(&output.stderr)
        .lines()
        .map(|line| {
            line.trim_start_matches("/usr/bin/")
                .trim_start_matches("grep: ")
                .to_string()
        })
        .collect();
    (output.status.code().unwrap_or(-1), output.stdout, messages)
}

/// `NUMBER:OFFSET:TEXT` lines → line number from 0, offset, text.
fn rows(out: &[u8], terminator: u8) -> Vec<(usize, usize, Vec<u8>)> {
    let mut rows = Vec::new();
    for row in out.split_inclusive(|&c| c == terminator) {
        let row = row.strip_suffix(&[terminator]).unwrap_or(row);
        let mut fields = row.splitn(3, |&c| c == b':');
        let mut number = || {
            let digits = std::str::from_utf8(fields.next().unwrap_or_default()).unwrap();
            digits.parse::<usize>().unwrap_or(usize::MAX)
        };
        let (line, offset) = (number().wrapping_sub(1), number());
        rows.push((line, offset, fields.next().unwrap_or_default().to_vec()));
    }
    rows
}

fn theirs(case: &Case, file: &std::path::Path) -> Option<Outcome> {
    let terminator = if case.nul { 0 } else { b'\n' };
    let mut content = Vec::new();
    let mut starts = Vec::new();
    for line in &case.lines {
        starts.push(content.len());
        content.extend(line);
        content.push(terminator);
    }
    fs::write(file, &content).unwrap();
    let (status, out, messages) = grep(case, file, "-nb");
    if status > 2 || messages.iter().any(|m| m.contains("internal PCRE")) {
        return None;
    }
    let mut outcome = Outcome {
        messages,
        failed: status > 1,
        selected: rows(&out, terminator)
            .into_iter()
            .map(|row| row.0)
            .collect(),
        extents: Vec::new(),
    };
    if !outcome.failed {
        let (_, out, _) = grep(case, file, "-nob");
        for (line, offset, text) in rows(&out, terminator) {
            let Some(start) = starts.get(line).map(|start| offset.wrapping_sub(*start)) else {
                eprintln!(
                    "a line that is not in the file: {}",
                    report(case, &outcome, &outcome)
                );
                return None;
            };
            outcome
                .extents
                .push((line, start, start.wrapping_add(text.len())));
        }
    }
    Some(outcome)
}

fn quoted(bytes: &[u8]) -> String {
    let mut out = String::from("$'");
    for &c in bytes {
        match c {
            b'\'' | b'\\' => write!(out, "\\{}", char::from(c)).unwrap(),
            0x20..=0x7e => out.push(char::from(c)),
            _ => write!(out, "\\x{c:02x}").unwrap(),
        }
    }
    out + "'"
}

fn report(case: &Case, ours: &Outcome, theirs: &Outcome) -> String {
    let mut text = format!(
        "LC_ALL={} grep {}",
        if case.utf8 { "C.UTF-8" } else { "C" },
        flags(case).join(" ")
    );
    for pattern in &case.patterns {
        write!(text, " -e {}", quoted(pattern)).unwrap();
    }
    if ours.messages != theirs.messages || ours.failed != theirs.failed {
        write!(
            text,
            "\n  messages: ours {:?}, grep's {:?}",
            ours.messages, theirs.messages
        )
        .unwrap();
    }
    let mut shown = 0;
    for (number, line) in case.lines.iter().enumerate() {
        let selected = |o: &Outcome| o.selected.contains(&number);
        let extents = |o: &Outcome| {
            o.extents
                .iter()
                .filter(|e| e.0 == number)
                .map(|e| (e.1, e.2))
                .collect::<Vec<_>>()
        };
        if (selected(ours) != selected(theirs) || extents(ours) != extents(theirs)) && shown < 3 {
            shown += 1;
            write!(
                text,
                "\n  {}: ours {} {:?}, grep's {} {:?}",
                quoted(line),
                selected(ours),
                extents(ours),
                selected(theirs),
                extents(theirs)
            )
            .unwrap();
        }
    }
    text
}

/// What cannot be compared, because the libraries beneath GNU grep are at fault.
struct Defects {
    all: bool,
    messages: bool,
    extents: bool,
}

impl Defects {
    fn of(case: &Case) -> Defects {
        let has = |bytes: &[u8]| case.patterns.iter().flatten().any(|c| bytes.contains(c));
        let contains = |text: &[u8]| {
            case.patterns
                .iter()
                .any(|p| p.windows(text.len()).any(|window| window == text))
        };
        let perl = case.syntax == Syntax::Perl;
        let words = [&b"\\b"[..], b"\\B", b"\\<", b"\\>"];
        let anchors = !perl && (has(b"^$`'") || words.iter().any(|look| contains(look)));
        // A repeated group: its end, and an operator.
        let repeated = case.patterns.iter().any(|p| {
            let plain = p
                .iter()
                .copied()
                .filter(|&c| c != b'\\')
                .collect::<Vec<u8>>();
            plain
                .windows(2)
                .any(|two| two[0] == b')' && b"*+?{".contains(&two[1]))
        });
        let twice = case.patterns.iter().any(|p| {
            let plain = p
                .iter()
                .copied()
                .filter(|&c| c != b'\\')
                .collect::<Vec<u8>>();
            plain
                .windows(2)
                .any(|two| b"*+?}".contains(&two[0]) && b"*+?{".contains(&two[1]))
        });
        let valid = case.patterns.iter().all(|p| std::str::from_utf8(p).is_ok());
        let backrefs = !perl && (1..=2).any(|n| contains(format!("\\{n}").as_bytes()));
        Defects {
            // regcomp: an operator on an operator, and anchors within repeated groups, where
            // the DFA does not decide; encoding errors next to characters whose upper case has
            // another length.
            all: (backrefs && (twice || (anchors && repeated)))
                || (case.utf8 && anchors && repeated)
                || (case.nul && anchors && (case.utf8 || contains(b"[.") || contains(b"[=")))
                || (case.utf8 && case.ignore_case && !valid),
            // One PCRE2 is not another.
            messages: perl,
            // regcomp: anchors within repeated groups; with -z, anchors next to a line feed that is
            // matched.
            extents: anchors && (repeated || case.nul),
        }
    }
}

/// GNU grep 3.8, or why there is nothing to compare with.
fn missing_grep() -> Option<String> {
    match Command::new("/usr/bin/grep").arg("--version").output() {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let first = text.lines().next().unwrap_or_default().to_string();
            (!first.contains("GNU grep") || !first.ends_with("3.8"))
                .then(|| format!("this is not GNU grep 3.8: {first}"))
        }
        Err(error) => Some(format!("no /usr/bin/grep: {error}")),
    }
}

/// Mismatches that random patterns brought to light: what is at stake, the locale (`c`, `u`) and
/// flags, patterns, lines.
type Found = (
    &'static str,
    &'static str,
    &'static [&'static [u8]],
    &'static [&'static [u8]],
);

const FOUND: &[Found] = &[
    (
        "^* repeats the anchor for the DFA alone",
        "cE",
        &[b"^*a"],
        &[b"ba", b"ab"],
    ),
    (
        "{1} at the start is nothing, or text",
        "cE",
        &[b"{1}a"],
        &[b"xa", b"1}a"],
    ),
    (
        "$ before a bare bracket",
        "cG",
        &[b"a$)b"],
        &[b"a$)b", b"a"],
    ),
    (
        "the wrapping of -x pairs up with a bracket",
        "cEx",
        &[b"a)|b"],
        &[b"axx", b"yyb)", b"a)"],
    ),
    ("the same with -w", "uEw", &[b")B"], &[b"*-)B", b"B)"]),
    (
        "and only once wrapped",
        "uGw",
        &[b"i\\+\\|$)"],
        &[b"||$)||$)a", b"i"],
    ),
    (
        "-i folds the text of a range",
        "ci",
        &[b"[A-z]"],
        &[b"_", b"b"],
    ),
    (
        "in either direction",
        "ciE",
        &[b"[a-B]"],
        &[b"a", b"B", b"c"],
    ),
    (
        "-i and a stray backslash",
        "cEi",
        &[b"(\\a)"],
        &[b"xa", b"A"],
    ),
    (
        "an operator after \\<",
        "cG",
        &[b"x\\<*a"],
        &[b"xa", b"x*a"],
    ),
    (
        "-w never settles for an empty match",
        "uw",
        &[b"-*"],
        &[b"-a", b"-", b"a"],
    ),
    ("but the DFA does", "cw", &[b"-*"], &[b"-a", b"-", b"a"]),
    (
        "an empty match within a character",
        "uEw",
        &[b"|b12"],
        &["ia€b".as_bytes(), "σ".as_bytes()],
    ),
    (
        "not so next to a bracket",
        "uEw",
        &[b"B", b"[-ia]*"],
        &["ſ".as_bytes(), b"a"],
    ),
    (
        "each regcomp for itself",
        "uEw",
        &[b" +([^bsc])i\\1.*", b"[a.]2*|"],
        &["bcia1₩sx".as_bytes()],
    ),
    (
        "a byte within a character",
        "uE",
        &[b"\xa9"],
        &["cakéAc".as_bytes(), b"x\xa9"],
    ),
    (
        "strings: no context before -o's next",
        "cFiw",
        &[b"Ba.", b"a", b"* 1"],
        &[b"_.a* 1...a* 1.."],
    ),
    (
        "plain patterns are strings when several",
        "cEw",
        &[b"-_", b"B"],
        &[b"b*B-_-_--"],
    ),
    (
        "an empty string among others",
        "uFw",
        &[b" _b", b"x-", b""],
        &[" _bσ2xbσ2x-k".as_bytes(), b"a"],
    ),
    (
        "within a character too",
        "uFw",
        &[b""],
        &["xi\u{301}xi".as_bytes(), b"a"],
    ),
    (
        "an empty string where bytes count",
        "cFw",
        &[b".A", b"", b"a"],
        &[b"aAb a.A", b"a", b"ab"],
    ),
    (
        "a range that ends in no character",
        "uGw",
        &[b"b\\?[a-\xff*]2\\|"],
        &["s2*xǆ".as_bytes()],
    ),
    (
        "-x shows what the other engine finds",
        "uEx",
        &[b"*{.{,2}"],
        &[b"{,2", b"{.b"],
    ),
    ("$ lost before a string", "cEx", &[b"$)"], &[b")", b"$)"]),
    (
        "$ lost before a string, after ^",
        "cE",
        &[b"^$b$"],
        &[b"b", b""],
    ),
    ("not without ^ next to it", "uEx", &[b"$$bb"], &[b"bb"]),
    (
        "what {0} removes is not undecided",
        "uE",
        &[b"^*[b[.-.]]{0}a"],
        &[b"kca", b"a"],
    ),
    (
        "a range of one",
        "uE",
        &[b"$?^*", b"_*[---]+x"],
        &[b"ab", b""],
    ),
    ("a bracket that does not end", "cE", &[b"[ba-z-"], &[b"a"]),
    (
        "a class as the end of a range",
        "cG",
        &[b"[_a-[=ab=]]i"],
        &[b"i"],
    ),
    (
        "the upper case of a range's end",
        "uiG",
        &["[ı-c]".as_bytes()],
        &[b"c"],
    ),
    (
        "a message after a warning",
        "uGw",
        &[b"^\\?", b"[^:a:]"],
        &[b"a"],
    ),
    (
        "the same pattern twice is one",
        "uGw",
        &[b"-_", b"-_"],
        &[b"B-_-_"],
    ),
    (
        "PCRE: encoding errors are passed over",
        "uP",
        &[b".*11*?"],
        &[b"\xa91", b"a1"],
    ),
    (
        "PCRE: also before an empty match",
        "uPw",
        &[b"x|"],
        &[b"\xa9A1A*c", b"A*-"],
    ),
    (
        "PCRE: \\A after encoding errors",
        "uP",
        &[b"b|\\A"],
        &[b"\xffs_A", b"a"],
    ),
    ("PCRE: -x and comments", "cPx", &[b"x(?x) a # c"], &[b"xa"]),
    (
        "PCRE: -z and $",
        "cPxzi",
        &[b"|[\\w-]"],
        &[b"\n", b"", b"a"],
    ),
    (
        "a word beyond ASCII",
        "uG",
        &[b"a\\>"],
        &["aé".as_bytes(), b"a\xff", "a\u{301}b".as_bytes()],
    ),
    (
        "an interval after \\b",
        "uGi",
        &["\\(b\\)\\b\\{É\\(.s.\\)".as_bytes()],
        &[b"b"],
    ),
    (
        "-o -w, a shorter string later on",
        "uGw",
        &[b"a\\|a "],
        &["ba\\a.a ſ".as_bytes()],
    ),
    (
        "no byte is read twice",
        "cEw",
        &[b"a.+s"],
        &[b"as+a-b1i", b"aas"],
    ),
];

#[test]
fn found_before() {
    if let Some(why) = missing_grep() {
        let required = std::env::var("GRINI_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
        assert!(!required, "GRINI_REQUIRE_TOOLS=1: {why}");
        eprintln!("nothing is compared: {why}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lines");
    for (name, flags, patterns, lines) in FOUND {
        let case = Case {
            syntax: match flags.chars().find(char::is_ascii_uppercase) {
                Some('E') => Syntax::Extended,
                Some('F') => Syntax::Fixed,
                Some('P') => Syntax::Perl,
                _ => Syntax::Basic,
            },
            utf8: flags.starts_with('u'),
            ignore_case: flags.contains('i'),
            words: flags.contains('w'),
            whole: flags.contains('x'),
            nul: flags.contains('z'),
            patterns: patterns.iter().map(|pattern| pattern.to_vec()).collect(),
            lines: lines.iter().map(|line| line.to_vec()).collect(),
        };
        let theirs = theirs(&case, &file).unwrap();
        let ours = ours(&case);
        assert_eq!(ours, theirs, "{name}\n{}", report(&case, &ours, &theirs));
    }
}

#[test]
fn random_patterns() {
    if let Some(why) = missing_grep() {
        let required = std::env::var("GRINI_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
        assert!(!required, "GRINI_REQUIRE_TOOLS=1: {why}");
        eprintln!("nothing is compared: {why}");
        return;
    }
    let number = |name: &str| std::env::var(name).ok().and_then(|v| v.parse::<u64>().ok());
    let cases = number("GRINI_CASES").unwrap_or(300);
    let seed = number("GRINI_SEED").unwrap_or(38);
    println!("GRINI_SEED={seed} GRINI_CASES={cases}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lines");
    let mut random = Random::new(seed);
    let mut differing = Vec::new();
    let (mut compared, mut left_out, mut without_extents) = (0, 0, 0);
    let (mut errors, mut selected, mut lines) = (0, 0, 0);
    for _ in 0..cases {
        let case = case(&mut random);
        let Some(theirs) = theirs(&case, &file) else {
            continue;
        };
        let defects = Defects::of(&case);
        let shared = case.clone();
        let mut ours =
            std::panic::catch_unwind(move || ours(&shared)).unwrap_or_else(|_| panic!("{case:?}"));
        let fine = !ours.failed && !theirs.failed;
        if (defects.all && fine) || (defects.messages && ours.failed != theirs.failed) {
            left_out += 1;
            continue;
        }
        compared += 1;
        errors += u32::from(theirs.failed);
        selected += theirs.selected.len();
        lines += case.lines.len();
        if defects.messages {
            ours.messages.clone_from(&theirs.messages);
        }
        if defects.extents {
            without_extents += 1;
            ours.extents.clone_from(&theirs.extents);
        }
        if ours != theirs {
            if let Ok(folder) = std::env::var("GRINI_KEEP") {
                fs::copy(&file, format!("{folder}/{}", differing.len())).unwrap();
            }
            differing.push(report(&case, &ours, &theirs));
        }
    }
    println!(
        "{compared} compared ({without_extents} without extents), {left_out} left out, \
         {errors} errors, {selected} of {lines} lines selected"
    );
    assert!(
        differing.is_empty(),
        "{} of {compared} differ:\n{}",
        differing.len(),
        differing
            .iter()
            .take(40)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    );
}
