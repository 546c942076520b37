//! Edits as values: what changes in one file, and the file it was computed from.

use crate::system::Meta;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Replaces the bytes from `start` on, which are `old`, by `new`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edit<'a> {
    /// Byte offset in the file as it was read.
    pub start: u64,
    /// The bytes there.
    pub old: &'a [u8],
    /// The bytes that take their place.
    pub new: &'a [u8],
}

impl Edit<'_> {
    /// The offset after the old bytes.
    pub fn end(&self) -> u64 {
        self.start.saturating_add(self.old.len() as u64)
    }
}

/// The edits of one file, in ascending order, not overlapping. A file may have millions of them, so their bytes are
/// kept in one piece.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edits {
    spans: Vec<EditSpan>,
    /// Per edit its old bytes, then its new ones.
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct EditSpan {
    start: u64,
    old: usize,
    new: usize,
}

impl Edits {
    /// Adds an edit after those there are.
    pub fn push(&mut self, start: u64, old: &[u8], new: &[u8]) {
        self.spans.push(EditSpan {
            start,
            old: old.len(),
            new: new.len(),
        });
        self.bytes.extend_from_slice(old);
        self.bytes.extend_from_slice(new);
    }

    /// Number of edits.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The edits in order.
    pub fn iter(&self) -> impl Iterator<Item = Edit<'_>> {
        let mut rest = &self.bytes[..];
        self.spans.iter().map(move |span| {
            let (old, after) = rest.split_at(span.old.min(rest.len()));
            let (new, after) = after.split_at(span.new.min(after.len()));
            rest = after;
            Edit {
                start: span.start,
                old,
                new,
            }
        })
    }

    /// Whether they are edits of a file of `size` bytes: ascending, apart, within the file, each with its bytes.
    pub fn fit(&self, size: u64) -> bool {
        let (mut at, mut bytes) = (Some(0), Some(0_usize));
        let apart = self.spans.iter().all(|span| {
            let after = at.is_some_and(|at| at <= span.start);
            at = span.start.checked_add(span.old as u64);
            bytes = bytes.and_then(|sum| sum.checked_add(span.old)?.checked_add(span.new));
            after && at.is_some_and(|end| end <= size)
        });
        apart && bytes == Some(self.bytes.len())
    }

    /// Whether each edit keeps the length of what it replaces.
    pub fn keep_lengths(&self) -> bool {
        self.spans.iter().all(|span| span.old == span.new)
    }

    /// The bytes of the old content from the first to the last that an edit replaces.
    pub fn region(&self) -> std::ops::Range<u64> {
        match (self.spans.first(), self.spans.last()) {
            (Some(first), Some(last)) => first.start..last.start.saturating_add(last.old as u64),
            _ => 0..0,
        }
    }

    /// The length in bytes that content of `size` bytes has after the edits.
    pub fn size_after(&self, size: u64) -> u64 {
        self.spans.iter().fold(size, |size, span| {
            size.saturating_sub(span.old as u64)
                .saturating_add(span.new as u64)
        })
    }

    /// The edits that turn the edited content back into what it was. Offsets are in the edited content.
    pub fn inverse(&self) -> Edits {
        let mut inverse = Edits::default();
        let mut shift = 0_i128;
        for edit in self.iter() {
            let start = i128::from(edit.start) + shift;
            inverse.push(u64::try_from(start).unwrap_or(0), edit.new, edit.old);
            shift += edit.new.len() as i128 - edit.old.len() as i128;
        }
        inverse
    }

    /// Calls `each` with the pieces of what `old` becomes, in order.
    pub fn pieces(&self, old: &[u8], mut each: impl FnMut(&[u8])) {
        let mut at = 0;
        for edit in self.iter() {
            let start = usize::try_from(edit.start).map_or(old.len(), |start| start.min(old.len()));
            each(old.get(at..start).unwrap_or_default());
            each(edit.new);
            at = start + edit.old.len();
        }
        each(old.get(at..).unwrap_or_default());
    }

    /// `old` with the edits made.
    pub fn applied(&self, old: &[u8]) -> Vec<u8> {
        let mut new = Vec::with_capacity(old.len() + self.bytes.len());
        self.pieces(old, |piece| new.extend_from_slice(piece));
        new
    }
}

/// A BLAKE3 digest of a content.
pub type Digest = [u8; 32];

/// What a file was when its edits were computed; it is written only while it still is that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// What the system said of it, with the length that was read.
    pub meta: Meta,
    /// Digest of the content.
    pub digest: Digest,
}

/// All edits of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The path as the user gave it or the walk found it (for messages, and to open it).
    pub path: PathBuf,
    /// The path is a symbolic link, whose target is edited.
    pub is_link: bool,
    /// What the file was when it was read.
    pub seen: Seen,
    /// What changes.
    pub edits: Edits,
    /// Digest of the content after the edits.
    pub becomes: Digest,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edits(of: &[(u64, &str, &str)]) -> Edits {
        let mut edits = Edits::default();
        for (start, old, new) in of {
            edits.push(*start, old.as_bytes(), new.as_bytes());
        }
        edits
    }

    #[test]
    fn an_inverse_has_its_offsets_in_the_edited_content() {
        let there = edits(&[(1, "bc", "X"), (5, "", "yy"), (7, "h", "")]);
        let back = edits(&[(1, "X", "bc"), (4, "yy", ""), (8, "", "h")]);
        assert_eq!(there.inverse(), back);
        assert_eq!(back.inverse(), there);
        assert_eq!(there.applied(b"abcdefgh"), b"aXdeyyfg");
        assert_eq!(there.size_after(8), 8);
    }

    #[test]
    fn edits_fit_a_file_where_they_are_apart_and_within_it() {
        assert!(edits(&[(0, "a", "b"), (1, "b", "")]).fit(2));
        assert!(!edits(&[(0, "a", "b"), (1, "b", "")]).fit(1));
        assert!(!edits(&[(1, "b", ""), (0, "a", "b")]).fit(9));
        assert!(!edits(&[(u64::MAX, "b", "")]).fit(u64::MAX));
        let mut short = edits(&[(0, "a", "b")]);
        short.bytes.pop();
        assert!(!short.fit(9));
        short.spans[0].new = usize::MAX;
        assert!(!short.fit(9));
    }
}
