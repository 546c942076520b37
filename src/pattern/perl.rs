//! `-P`: Perl's syntax by PCRE2, with the settings of GNU grep 3.8.

use std::cell::Cell;
use std::ops::{ControlFlow, Range};

use pcre2::bytes::{Regex, RegexBuilder};

use super::backtrack::Slots;
use super::error::MatchError;
use super::lines::Lines;
use super::options::Whole;
use super::required::Required;

/// Bytes of stack for PCRE2's JIT, at most.
const JIT_STACK: usize = 64 << 20;

/// A Perl pattern.
#[derive(Debug)]
pub(super) struct Perl {
    regex: Regex,
    lines: Lines,
    utf8: bool,
    /// The string that the pattern begins with.
    required: Option<Required>,
    /// There is a `^`, which means the line's start alone.
    caret: bool,
}

impl Perl {
    /// Compiles `pattern`; `ascii`: classes such as `\w` hold ASCII characters alone, unless the pattern asks for Unicode itself.
    ///
    /// # Errors
    /// PCRE2's message, as GNU prints it.
    pub(super) fn new(
        pattern: &[u8],
        (utf8, ascii): (bool, bool),
        ignore_case: bool,
        whole: Whole,
        lines: Lines,
    ) -> Result<Perl, String> {
        let source = match whole {
            Whole::Words => [b"(?<!\\w)(?:", pattern, b")(?!\\w)"].concat(),
            _ => pattern.to_vec(),
        };
        let text = if utf8 {
            String::from_utf8(source).map_err(|error| {
                let valid = error.utf8_error().valid_up_to();
                utf8_message(&error.as_bytes()[valid..])
            })?
        } else {
            escape_bytes(&source)
        };
        let (verbs, body) = split_verbs(&text);
        let ends = lines.terminator != b'\n';
        let body = if ends {
            end_only(body)
        } else {
            body.to_string()
        };
        let classes = match ascii {
            _ if !utf8 || verbs.contains("(*UCP)") => "",
            true => "(?a)",
            // Digits are ASCII in every locale.
            false => "(?aD)(?aT)",
        };
        let lead = format!("{verbs}{classes}");
        let compile = |text: &str| compile(text, utf8, ignore_case);
        let plain = compile(&format!("{lead}{body}"))?;
        let regex = if whole == Whole::Lines {
            // Wrapped before it was compiled, brackets that do not pair up might do so. The end of
            // the pattern may stand in a comment, or be quoted.
            [")\\z", "\n)\\z", "\\E)\\z"]
                .iter()
                .map(|end| compile(&format!("{lead}^(?:{body}{end}")))
                .reduce(|first, next| first.or(next))
                .expect("there are three")?
        } else {
            plain
        };
        let caret = whole == Whole::Lines || body.replace("[^", "").contains('^');
        Ok(Perl {
            regex,
            lines,
            utf8,
            required: (!ignore_case)
                .then(|| beginning(pattern))
                .and_then(Required::new),
            caret,
        })
    }

    /// The names of the groups, group 0 first.
    pub(super) fn names(&self) -> &[Option<String>] {
        self.regex.capture_names()
    }

    /// A string that every matching line holds.
    pub(super) fn required(&self) -> Option<&[u8]> {
        self.required.as_ref().map(Required::string)
    }

    /// Whether a line matches.
    ///
    /// # Errors
    /// PCRE2's limits.
    pub(super) fn is_match(&self, line: &[u8]) -> Result<bool, MatchError> {
        self.with(line, 0, |line, from| self.regex.is_match_at(line, from))
            .map(|found| found.0)
    }

    /// The leftmost match at `from` or later.
    ///
    /// # Errors
    /// PCRE2's limits.
    pub(super) fn find(
        &self,
        line: &[u8],
        from: usize,
    ) -> Result<Option<Range<usize>>, MatchError> {
        let (found, shift) = self.with(line, from, |line, from| {
            Ok(self.regex.find_at(line, from)?.map(|m| m.start()..m.end()))
        })?;
        Ok(found.map(|found| shift.of(found.start)..shift.of(found.end)))
    }

    /// The same with its groups.
    ///
    /// # Errors
    /// PCRE2's limits.
    pub(super) fn groups(&self, line: &[u8], from: usize) -> Result<Option<Slots>, MatchError> {
        let mut groups = self.regex.capture_locations();
        let (found, shift) = self.with(line, from, |line, from| {
            Ok(self
                .regex
                .captures_read_at(&mut groups, line, from)?
                .is_some())
        })?;
        if !found {
            return Ok(None);
        }
        let slots = (0..groups.len()).flat_map(|group| match groups.get(group) {
            Some((start, end)) => [shift.of(start), shift.of(end)],
            None => [usize::MAX; 2],
        });
        Ok(Some(slots.collect()))
    }

    /// Asks PCRE2 about a line, made ready as GNU does it: encoding errors at `from` are passed
    /// over, what follows them is the subject, and a line feed follows the subject (PCRE2 looks
    /// at it after an encoding error).
    fn with<T>(
        &self,
        line: &[u8],
        from: usize,
        ask: impl FnOnce(&[u8], usize) -> Result<T, pcre2::Error>,
    ) -> Result<(T, Shift), MatchError> {
        let failed = |error: pcre2::Error| failure(&error);
        if !self.utf8 || is_valid(line, from) {
            return Ok((ask(line, from).map_err(failed)?, Shift { added: 0, cut: 0 }));
        }
        let skipped = line[from..]
            .iter()
            .take_while(|&&byte| is_no_start(byte))
            .count();
        // In place of what was passed over stands a character, so that `^` does not match.
        let shift = match skipped {
            0 => Shift { added: 0, cut: 0 },
            _ => Shift {
                added: usize::from(self.caret),
                cut: from + skipped,
            },
        };
        let mut subject = Vec::with_capacity(line.len() + 2);
        subject.extend_from_slice(&[1][..shift.added]);
        subject.extend_from_slice(&line[shift.cut..]);
        let len = subject.len();
        subject.push(b'\n');
        let begin = if skipped == 0 { from } else { shift.added };
        Ok((ask(&subject[..len], begin).map_err(failed)?, shift))
    }

    /// The first matching line at `at` (a line's start) or later, terminator included.
    ///
    /// # Errors
    /// PCRE2's limits.
    pub(super) fn find_line(
        &self,
        buffer: &[u8],
        mut at: usize,
    ) -> Result<Option<Range<usize>>, MatchError> {
        if let Some(required) = &self.required {
            match required.find_line(self.lines, buffer, at, |line| self.is_match(line))? {
                ControlFlow::Break(line) => return Ok(line),
                ControlFlow::Continue(next) => at = next,
            }
        }
        while at < buffer.len() {
            let end = self.lines.end(buffer, at);
            if self.is_match(self.lines.content(&buffer[at..end]))? {
                return Ok(Some(at..end));
            }
            at = end;
        }
        Ok(None)
    }
}

/// The plain characters that a pattern begins with; none where it may have alternatives.
fn beginning(pattern: &[u8]) -> &[u8] {
    if pattern.contains(&b'|') {
        return &[];
    }
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b" _-=:;,/@%&<>~'\"".contains(byte);
    let end = pattern.iter().take_while(|byte| plain(byte)).count();
    match pattern.get(end) {
        Some(b'*' | b'+' | b'?' | b'{') => &pattern[..end.saturating_sub(1)],
        _ => &pattern[..end],
    }
}

/// Whether a line is valid UTF-8. The line that a thread looks at from its start is remembered, as one with many matches is
/// asked about at each; a wrong answer would only leave encoding errors to PCRE2, which passes over them in its own way.
fn is_valid(line: &[u8], from: usize) -> bool {
    thread_local! {
        static LAST: Cell<(*const u8, usize, bool)> = const { Cell::new((std::ptr::null(), 0, false)) };
    }
    let (start, length, valid) = LAST.get();
    if from > 0 && (start, length) == (line.as_ptr(), line.len()) {
        return valid;
    }
    let valid = line.is_ascii() || std::str::from_utf8(line).is_ok();
    LAST.set((line.as_ptr(), line.len(), valid));
    valid
}

/// From offsets in what PCRE2 was given to those in the line.
struct Shift {
    /// Bytes put in front.
    added: usize,
    /// Bytes of the line left out.
    cut: usize,
}

impl Shift {
    fn of(&self, at: usize) -> usize {
        at.saturating_sub(self.added) + self.cut
    }
}

/// Whether no valid UTF-8 character begins with `byte`.
fn is_no_start(byte: u8) -> bool {
    matches!(byte, 0x80..=0xc1 | 0xf5..)
}

/// Writes `$` as `\z`, for lines that may hold line feeds: GNU's `$` is the end alone. A pattern
/// that sets options is left as it is, since they may be the multi-line ones.
fn end_only(body: &str) -> String {
    let sets_options = body.match_indices("(?").any(|(at, _)| {
        let flags: &str = body[at + 2..].split([':', ')']).next().unwrap_or_default();
        flags.contains('m')
            && flags
                .bytes()
                .all(|c| c.is_ascii_alphabetic() || c == b'^' || c == b'-')
    });
    if sets_options || body.contains("\\Q") {
        return body.to_string();
    }
    let mut out = String::with_capacity(body.len());
    let mut chars = body.chars().peekable();
    let mut class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                out.push(c);
                out.extend(chars.next());
                continue;
            }
            '[' if !class => {
                class = true;
                out.push(c);
                for first in ['^', ']'] {
                    if chars.peek() == Some(&first) {
                        out.extend(chars.next());
                    }
                }
                continue;
            }
            '[' if chars.peek() == Some(&':') => {
                // [:name:]
                out.push(c);
                for c in chars.by_ref() {
                    out.push(c);
                    if c == ']' {
                        break;
                    }
                }
                continue;
            }
            ']' => class = false,
            '$' if !class => {
                out.push_str("\\z");
                continue;
            }
            _ => {}
        }
        out.push(c);
    }
    out
}

fn compile(text: &str, utf8: bool, ignore_case: bool) -> Result<Regex, String> {
    // The system's library may be older than the bundled one, and know no `(?a)`.
    if let (major, minor @ ..43) = pcre2::version() {
        return Err(format!(
            "PCRE2 {major}.{minor} was linked, and 10.43 is needed; build grini in its own folder, which brings that"
        ));
    }
    RegexBuilder::new()
        .utf(utf8)
        // Only so does the crate let invalid UTF-8 pass.
        .ucp(utf8)
        .caseless(ignore_case)
        .jit_if_available(true)
        .max_jit_stack_size(Some(JIT_STACK))
        .build(text)
        .map_err(|error| {
            let full = error.to_string();
            let lead = error.offset().map_or_else(String::new, |at| {
                format!("PCRE2: error compiling pattern at offset {at}: ")
            });
            full.strip_prefix(&lead).unwrap_or(&full).to_string()
        })
}

/// Splits off leading verbs such as `(*UCP)`, which must stay in front.
fn split_verbs(text: &str) -> (&str, &str) {
    let mut at = 0;
    while let Some(rest) = text[at..].strip_prefix("(*")
        && let Some(end) = rest.find(')')
        && rest[..end]
            .bytes()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || b"_=".contains(&c))
        && !["ACCEPT", "FAIL", "F", "COMMIT", "PRUNE", "SKIP", "THEN"].contains(&&rest[..end])
    {
        at += end + 3;
    }
    text.split_at(at)
}

/// Where characters are bytes, writes those beyond ASCII so that the pattern is valid UTF-8.
fn escape_bytes(pattern: &[u8]) -> String {
    let mut out = String::new();
    let mut escaped = false;
    for &byte in pattern {
        if byte < 0x80 {
            out.push(char::from(byte));
            escaped = byte == b'\\' && !escaped;
        } else {
            if escaped {
                out.pop();
            }
            out.push_str(&format!("\\x{byte:02X}"));
            escaped = false;
        }
    }
    out
}

fn failure(error: &pcre2::Error) -> MatchError {
    match error.code() {
        -47 => MatchError::BacktrackingLimit,
        -53 => MatchError::DepthLimit,
        -46 => MatchError::JitStack,
        -63 => MatchError::HeapLimit,
        -48 => MatchError::Memory,
        -52 => MatchError::RecursionLoop,
        code => MatchError::Pcre2(code),
    }
}

/// What PCRE2 says about `rest`, which begins with the first byte that is not valid UTF-8.
fn utf8_message(rest: &[u8]) -> String {
    let first = rest[0];
    let more = match first {
        0..=0xbf => return "UTF-8 error: isolated byte with 0x80 bit set".into(),
        0xc0..=0xdf => 1,
        0xe0..=0xef => 2,
        0xf0..=0xf7 => 3,
        0xf8..=0xfb => 4,
        0xfc..=0xfd => 5,
        0xfe.. => return "UTF-8 error: illegal byte (0xfe or 0xff)".into(),
    };
    let here = rest.len() - 1;
    if here < more {
        let missing = more - here;
        let bytes = if missing == 1 { "byte" } else { "bytes" };
        return format!("UTF-8 error: {missing} {bytes} missing at end");
    }
    if let Some(at) = (1..=more).find(|&at| rest[at] & 0xc0 != 0x80) {
        return format!("UTF-8 error: byte {} top bits not 0x80", at + 1);
    }
    match (more, first, rest[1]) {
        (1, ..) => "UTF-8 error: overlong 2-byte sequence",
        (2, 0xe0, _) => "UTF-8 error: overlong 3-byte sequence",
        (2, ..) => "UTF-8 error: code points 0xd800-0xdfff are not defined",
        (3, 0xf0, _) => "UTF-8 error: overlong 4-byte sequence",
        (3, ..) => "UTF-8 error: code points greater than 0x10ffff are not defined",
        (4, ..) => "UTF-8 error: 5-byte character is not allowed (RFC 3629)",
        _ => "UTF-8 error: 6-byte character is not allowed (RFC 3629)",
    }
    .into()
}
