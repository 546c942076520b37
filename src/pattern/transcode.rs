//! Lines in other character sets, or in one case: read as other text, with the way back.

use std::borrow::Cow;
use std::ops::Range;

use encoding_rs::{DecoderResult, Encoding};

use super::ast::encode;
use super::ctype::{Cases, Ctype};
use super::unit::{Unit, unit};

/// What a byte is by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Single {
    /// A character.
    Char(char),
    /// No character: where characters are single bytes, one of no class; else nothing at all.
    None,
    /// The beginning of a character of several bytes.
    Lead,
}

/// A character set other than ASCII and UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub struct Codepage {
    /// What each byte is.
    pub singles: [Single; 256],
    /// Reads characters of several bytes; none: there are no such characters.
    pub wide: Option<&'static Encoding>,
    /// The least byte of such a character: the encodings of the Web have more of them than EUC-KR and GB2312.
    pub least: u8,
}

impl Single {
    /// What `byte` is by itself, as the encodings of the Web have it.
    pub fn of(encoding: &'static Encoding, byte: u8) -> Single {
        let bytes = [byte];
        let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes);
        match text.as_ref().and_then(|text| text.chars().next()) {
            Some(c) => Single::Char(c),
            None if encoding.is_single_byte() => Single::None,
            None => Single::Lead,
        }
    }
}

impl Codepage {
    /// As the encodings of the Web have it.
    pub fn of(encoding: &'static Encoding) -> Codepage {
        Codepage {
            singles: std::array::from_fn(|byte| Single::of(encoding, byte as u8)),
            wide: (!encoding.is_single_byte()).then_some(encoding),
            least: 0,
        }
    }

    /// The character that begins `bytes`, which are not empty, and its length; none: an encoding error.
    fn decode(&self, bytes: &[u8]) -> Option<(char, usize)> {
        match (self.singles[usize::from(bytes[0])], self.wide) {
            (Single::Char(c), _) => Some((c, 1)),
            (Single::Lead, Some(encoding)) => several(encoding, bytes)
                .filter(|(_, len)| bytes[..*len].iter().all(|&byte| byte >= self.least)),
            _ => None,
        }
    }

    /// Whether all of `bytes` is text.
    pub fn is_text(&self, bytes: &[u8]) -> bool {
        let mut rest = bytes;
        while !rest.is_empty() {
            let Some((_, len)) = self.decode(rest) else {
                return false;
            };
            rest = &rest[len..];
        }
        true
    }
}

/// Bytes of the longest character of several bytes.
const LONGEST: usize = 4;

fn several(encoding: &'static Encoding, bytes: &[u8]) -> Option<(char, usize)> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut out = [0; 16];
    for (at, byte) in bytes.iter().enumerate().take(LONGEST) {
        let (result, _, written) =
            decoder.decode_to_utf8_without_replacement(&[*byte], &mut out, false);
        if let DecoderResult::Malformed(..) = result {
            return None;
        }
        if written > 0 {
            let text = std::str::from_utf8(&out[..written]).ok()?;
            return text.chars().next().map(|c| (c, at + 1));
        }
    }
    None
}

/// A line as other text.
#[derive(Debug)]
pub(super) struct Decoded {
    /// The text.
    pub text: Vec<u8>,
    /// For each byte of the text, and its end, the offset in the line of the character it is of.
    offsets: Vec<usize>,
}

/// Bytes that no UTF-8 text has; the first begins what stands for a byte that is no character, two of the others, as
/// digits, tell which.
const NONE: [u8; 13] = [
    0xc0, 0xc1, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff,
];

/// The character, one that Unicode has not assigned, that stands for a byte that is none.
pub fn stand_in(byte: u8) -> char {
    char::from_u32(0xb_0000 + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

impl Decoded {
    /// Decodes `line`. What is no character becomes bytes that no UTF-8 text has, which nothing but the same byte matches,
    /// or, where characters are single bytes, a character of no class.
    pub(super) fn new(codepage: &Codepage, line: &[u8]) -> Decoded {
        let mut text = Vec::with_capacity(line.len() * 2);
        let mut offsets = Vec::with_capacity(line.len() * 2);
        let mut at = 0;
        while at < line.len() {
            let alone = || codepage.wide.is_none().then(|| (stand_in(line[at]), 1));
            let len = match codepage.decode(&line[at..]).or_else(alone) {
                Some((c, len)) => {
                    text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                    len
                }
                None => {
                    let byte = usize::from(line[at] & 0x7f);
                    text.extend([NONE[0], NONE[1 + byte / 12], NONE[1 + byte % 12]]);
                    1
                }
            };
            offsets.resize(text.len(), at);
            at += len;
        }
        offsets.push(line.len());
        Decoded { text, offsets }
    }

    /// `line`, which is UTF-8, in one case. What is no character stays as it is.
    pub(super) fn in_one_case(locale: Ctype, line: &[u8]) -> Decoded {
        let mut text = Vec::with_capacity(line.len());
        let mut offsets = Vec::with_capacity(line.len() + 1);
        let mut at = 0;
        while at < line.len() {
            let (unit, len) = unit(&line[at..], true);
            match unit {
                Unit::Char(c) => encode(locale.common_case(c), true, &mut text),
                Unit::Bad(byte) => text.push(byte),
            }
            offsets.resize(text.len(), at);
            at += len;
        }
        offsets.push(line.len());
        Decoded { text, offsets }
    }

    /// An offset in the text for an offset in the line.
    pub(super) fn inward(&self, offset: usize) -> usize {
        self.offsets.partition_point(|&at| at < offset)
    }

    /// A range of the line for a range of the text.
    pub(super) fn outward(&self, range: &Range<usize>) -> Range<usize> {
        self.offsets[range.start]..self.offsets[range.end]
    }

    /// An offset in the line for an offset in the text.
    pub(super) fn offset(&self, at: usize) -> usize {
        self.offsets[at]
    }
}

/// A text in the case that all have in common in which it matches.
pub(super) fn in_one_case(text: &[u8], cases: Cases, locale: Ctype) -> Cow<'_, [u8]> {
    match cases {
        Cases::One => text.into(),
        Cases::All if !text.is_ascii() => Decoded::in_one_case(locale, text).text.into(),
        _ => text.to_ascii_uppercase().into(),
    }
}

/// A pattern as UTF-8; what is no character stays as it is.
pub(super) fn pattern(codepage: &Codepage, pattern: &[u8]) -> Vec<u8> {
    Decoded::new(codepage, pattern).text
}
