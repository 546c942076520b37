//! What a text is cut into: a line, or a key with all lines of its value.

use memchr::memchr2;
use std::ops::Range;

/// Byte offsets into the scanned text; 32 bits, so that a scan stays small next to its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    pub(super) fn new(range: Range<usize>) -> Span {
        Span {
            start: range.start as u32,
            end: range.end as u32,
        }
    }

    /// The same offsets as a range.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The bytes at these offsets.
    pub fn of(self, text: &[u8]) -> &[u8] {
        &text[self.range()]
    }

    /// Whether no byte is in it.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing but blanks.
    Blank,
    /// A comment line.
    Comment,
    /// A section header; [`Item::key`] is its name.
    Header,
    /// A key with a value, which may be empty.
    Key,
    /// A key without a delimiter.
    Bare,
    /// Neither of these; a header without its `]`, or a delimiter without a key.
    Malformed,
}

/// One line of the file with its line end, or a key with all lines its value goes on over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// All of its bytes, line end included.
    pub span: Span,
    /// The key, or the header's name, without blanks around it.
    pub key: Span,
    /// The value as it stands, quotes and continuation lines included, without blanks or comment around it.
    pub value: Span,
    /// What it is.
    pub kind: Kind,
}

impl Item {
    /// Whether it holds a key, with or without a value.
    pub fn has_key(&self) -> bool {
        matches!(self.kind, Kind::Key | Kind::Bare)
    }
}

/// The physical line that starts at `start`: the end of its content, and the end of its line end.
pub fn line_at(text: &[u8], start: usize) -> (usize, usize) {
    match memchr2(b'\n', b'\r', &text[start..]) {
        None => (text.len(), text.len()),
        Some(at) => {
            let at = start + at;
            let crlf = text[at] == b'\r' && text.get(at + 1) == Some(&b'\n');
            (at, at + 1 + usize::from(crlf))
        }
    }
}
