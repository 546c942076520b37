//! Which characters are blank, and what is left of a line without them.

use std::ops::Range;

/// The characters that count for nothing around keys, values and names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blanks {
    /// Space, tab, vertical tab, form feed.
    Ascii,
    /// Space and tab.
    SpaceTab,
    /// Space, tab, form feed (GLib's `g_ascii_isspace`).
    Glib,
    /// Whatever Python's `str.isspace` says: no-break spaces too.
    Unicode,
}

/// Blank in the sense of the contract: space, tab, vertical tab, form feed.
pub fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0b | 0x0c)
}

impl Blanks {
    /// Whether a byte alone is blank.
    pub fn has(self, byte: u8) -> bool {
        match self {
            Blanks::Ascii => is_blank(byte),
            Blanks::SpaceTab => matches!(byte, b' ' | b'\t'),
            Blanks::Glib => matches!(byte, b' ' | b'\t' | 0x0c),
            Blanks::Unicode => is_blank(byte) || matches!(byte, 0x1c..=0x1f),
        }
    }

    /// `range` of `text` without the blanks around it.
    pub fn trim(self, text: &[u8], mut range: Range<usize>) -> Range<usize> {
        while let Some(length) = self.first(&text[range.clone()]) {
            range.start += length;
        }
        while let Some(length) = self.last(&text[range.clone()]) {
            range.end -= length;
        }
        range
    }

    /// How many blanks `line` starts with: as characters, and as bytes.
    pub fn indent(self, line: &[u8]) -> (usize, usize) {
        let (mut count, mut at) = (0, 0);
        while let Some(length) = self.first(&line[at..]) {
            count += 1;
            at += length;
        }
        (count, at)
    }

    /// The length of the blank that `text` starts with, if it does.
    fn first(self, text: &[u8]) -> Option<usize> {
        let &byte = text.first()?;
        if byte.is_ascii() || self != Blanks::Unicode {
            return self.has(byte).then_some(1);
        }
        let (char, length) = bstr::decode_utf8(text);
        char.is_some_and(char::is_whitespace).then_some(length)
    }

    /// The length of the blank that `text` ends with, if it does.
    fn last(self, text: &[u8]) -> Option<usize> {
        let &byte = text.last()?;
        if byte.is_ascii() || self != Blanks::Unicode {
            return self.has(byte).then_some(1);
        }
        let (char, length) = bstr::decode_last_utf8(text);
        char.is_some_and(char::is_whitespace).then_some(length)
    }
}
