//! The characters of patterns and lines.

/// A character of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// A character.
    Char(u32),
    /// A byte that is none.
    Bad(u8),
}

/// The character at the start of `text`, which is not empty, and its length.
pub(super) fn unit(text: &[u8], utf8: bool) -> (Unit, usize) {
    let first = text[0];
    if first < 0x80 || !utf8 {
        return (Unit::Char(u32::from(first)), 1);
    }
    match bstr::decode_utf8(text) {
        (Some(c), len) => (Unit::Char(u32::from(c)), len),
        (None, _) => (Unit::Bad(first), 1),
    }
}
