//! `-P`: Perl's syntax by PCRE2, with the settings of GNU grep 3.8.

use std::ops::Range;

use pcre2::bytes::{Regex, RegexBuilder};

use super::Whole;
use super::backtrack::Slots;
use super::error::MatchError;
use super::lines::Lines;

/// Bytes of stack for PCRE2's JIT, at most.
const JIT_STACK: usize = 64 << 20;

/// A Perl pattern.
#[derive(Debug)]
pub struct Perl {
    regex: Regex,
    lines: Lines,
}

impl Perl {
    /// Compiles `pattern`.
    ///
    /// # Errors
    /// PCRE2's message, as GNU prints it.
    pub fn new(
        pattern: &[u8],
        utf8: bool,
        ignore_case: bool,
        whole: Whole,
        lines: Lines,
    ) -> Result<Perl, String> {
        let text = if utf8 {
            std::str::from_utf8(pattern)
                .map_err(|error| utf8_message(&pattern[error.valid_up_to()..]))?
                .to_string()
        } else {
            escape_bytes(pattern)
        };
        let (verbs, body) = split_verbs(&text);
        let text = match whole {
            Whole::Any => format!("{verbs}{}{body}", ascii_classes(utf8, verbs)),
            Whole::Words => format!("{}(?<!\\w)(?:{text})(?!\\w)", ascii_classes(utf8, "")),
            Whole::Lines => {
                // Wrapped, brackets that do not pair up might do so.
                compile(
                    &format!("{verbs}{}{body}", ascii_classes(utf8, verbs)),
                    utf8,
                    ignore_case,
                )?;
                format!("{verbs}{}^(?:{body})$", ascii_classes(utf8, verbs))
            }
        };
        Ok(Perl {
            regex: compile(&text, utf8, ignore_case)?,
            lines,
        })
    }

    /// The names of the groups, group 0 first.
    pub fn names(&self) -> &[Option<String>] {
        self.regex.capture_names()
    }

    /// Whether a line matches.
    ///
    /// # Errors
    /// PCRE2's limits.
    pub fn is_match(&self, line: &[u8]) -> Result<bool, MatchError> {
        self.regex.is_match(line).map_err(|error| failure(&error))
    }

    /// The leftmost match at `from` or later.
    ///
    /// # Errors
    /// PCRE2's limits.
    pub fn find(&self, line: &[u8], from: usize) -> Result<Option<Range<usize>>, MatchError> {
        let found = self
            .regex
            .find_at(line, from)
            .map_err(|error| failure(&error))?;
        Ok(found.map(|m| m.start()..m.end()))
    }

    /// The same with its groups.
    ///
    /// # Errors
    /// PCRE2's limits.
    pub fn groups(&self, line: &[u8], from: usize) -> Result<Option<Slots>, MatchError> {
        let mut found = self.regex.capture_locations();
        if self
            .regex
            .captures_read_at(&mut found, line, from)
            .map_err(|error| failure(&error))?
            .is_none()
        {
            return Ok(None);
        }
        let slots = (0..found.len()).flat_map(|group| {
            let (start, end) = found.get(group).unwrap_or((usize::MAX, usize::MAX));
            [start, end]
        });
        Ok(Some(slots.collect()))
    }

    /// The first matching line at `at` (a line's start) or later, terminator included.
    ///
    /// # Errors
    /// PCRE2's limits.
    pub fn find_line(
        &self,
        buffer: &[u8],
        mut at: usize,
    ) -> Result<Option<Range<usize>>, MatchError> {
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

fn compile(text: &str, utf8: bool, ignore_case: bool) -> Result<Regex, String> {
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

/// GNU 3.8's `\w`, `\d`, `[[:alpha:]]` are ASCII, unless the pattern asks for Unicode itself.
fn ascii_classes(utf8: bool, verbs: &str) -> &'static str {
    if utf8 && !verbs.contains("(*UCP)") {
        "(?a)"
    } else {
        ""
    }
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
