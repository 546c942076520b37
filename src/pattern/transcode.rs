//! Lines in other character sets: read as UTF-8, with the way back.

use std::ops::Range;

use encoding_rs::{DecoderResult, Encoding};

/// A line as UTF-8. What is no character became a byte that no UTF-8 text has, which nothing
/// matches.
#[derive(Debug)]
pub struct Decoded {
    /// The text.
    pub text: Vec<u8>,
    /// For each byte of the text, and its end, the offset in the line of the character it is of.
    offsets: Vec<usize>,
}

/// A byte that no UTF-8 text has.
const NONE: u8 = 0xff;

impl Decoded {
    /// Decodes `line`.
    pub fn new(encoding: &'static Encoding, line: &[u8]) -> Decoded {
        if line.is_ascii() && encoding.is_ascii_compatible() {
            return Decoded {
                text: line.to_vec(),
                offsets: (0..=line.len()).collect(),
            };
        }
        let mut decoder = encoding.new_decoder_without_bom_handling();
        let mut text = Vec::with_capacity(line.len() * 2);
        let mut offsets = Vec::with_capacity(line.len() * 2);
        let mut begin = 0;
        let mut at = 0;
        let mut out = [0; 16];
        loop {
            let last = at == line.len();
            let next = if last { &line[at..] } else { &line[at..=at] };
            let (result, read, written) =
                decoder.decode_to_utf8_without_replacement(next, &mut out, last);
            at += read;
            text.extend_from_slice(&out[..written]);
            offsets.resize(text.len(), begin);
            match result {
                DecoderResult::Malformed(..) => {
                    text.push(NONE);
                    offsets.push(begin);
                    begin = at;
                }
                _ if written > 0 => begin = at,
                _ => {}
            }
            if last && result == DecoderResult::InputEmpty {
                break;
            }
        }
        offsets.push(line.len());
        Decoded { text, offsets }
    }

    /// An offset in the text for an offset in the line.
    pub fn inward(&self, offset: usize) -> usize {
        self.offsets.partition_point(|&at| at < offset)
    }

    /// A range of the line for a range of the text.
    pub fn outward(&self, range: &Range<usize>) -> Range<usize> {
        self.offsets[range.start]..self.offsets[range.end]
    }

    /// An offset in the line for an offset in the text.
    pub fn offset(&self, at: usize) -> usize {
        self.offsets[at]
    }
}

/// A pattern as UTF-8; what is no character stays as it is.
pub fn pattern(encoding: &'static Encoding, pattern: &[u8]) -> Vec<u8> {
    Decoded::new(encoding, pattern).text
}
