//! Edits as values: what changes in one file, and the file it was computed from.

use std::ops::Range;
use std::path::PathBuf;

/// Replaces the bytes `span` of a file, which are `old`, by `new`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Byte offsets in the file as it was read.
    pub span: Range<u64>,
    /// The bytes at `span`.
    pub old: Vec<u8>,
    /// The bytes that take their place.
    pub new: Vec<u8>,
}

/// What a file was when its edits were computed; the file is written only if it still is that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Device number.
    pub device: u64,
    /// Inode number.
    pub inode: u64,
    /// Length in bytes.
    pub size: u64,
    /// Modification time: seconds and nanoseconds since the epoch.
    pub modified: (i64, u32),
    /// BLAKE3 digest of the content.
    pub digest: [u8; 32],
}

/// All edits of one file, in ascending order of span, not overlapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The path as the user gave it or the walk found it (for messages, and to open it).
    pub path: PathBuf,
    /// What the file was when it was read.
    pub seen: Seen,
    /// The edits, ascending by `span.start`, spans disjoint.
    pub edits: Vec<Edit>,
}

impl Edit {
    /// How many bytes longer (or shorter) the file gets by this edit.
    fn growth(&self) -> i128 {
        self.new.len() as i128 - self.old.len() as i128
    }
}

/// The edits that turn the edited content back into what it was.
///
/// Spans of the result are offsets in the edited content.
pub fn inverse(edits: &[Edit]) -> Vec<Edit> {
    let mut shift = 0;
    edits
        .iter()
        .map(|edit| {
            let start = shifted(edit.span.start, shift);
            shift += edit.growth();
            Edit {
                span: start..start + edit.new.len() as u64,
                old: edit.new.clone(),
                new: edit.old.clone(),
            }
        })
        .collect()
}

/// The length in bytes that content of `size` bytes has after `edits`.
pub fn size_after(size: u64, edits: &[Edit]) -> u64 {
    shifted(size, edits.iter().map(Edit::growth).sum())
}

/// The part of the old content from the first to the last byte that `edits` change or move, in a file
/// of `size` bytes.
pub fn region(size: u64, edits: &[Edit]) -> Range<u64> {
    let (Some(first), Some(last)) = (edits.first(), edits.last()) else {
        return 0..0;
    };
    let moved = size_after(size, edits) != size;
    first.span.start..if moved { size } else { last.span.end }
}

fn shifted(offset: u64, by: i128) -> u64 {
    u64::try_from(i128::from(offset) + by).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: u64, old: &str, new: &str) -> Edit {
        Edit {
            span: start..start + old.len() as u64,
            old: old.into(),
            new: new.into(),
        }
    }

    #[test]
    fn an_inverse_has_its_spans_in_the_edited_content() {
        let edits = [edit(1, "bc", "X"), edit(5, "", "yy"), edit(7, "h", "")];
        let back = [edit(1, "X", "bc"), edit(4, "yy", ""), edit(8, "", "h")];
        assert_eq!(inverse(&edits), back);
        assert_eq!(inverse(&inverse(&edits)), edits);
    }

    #[test]
    fn the_region_ends_at_the_last_edit_where_nothing_moves() {
        assert_eq!(region(10, &[edit(2, "a", "b"), edit(5, "c", "d")]), 2..6);
        assert_eq!(region(10, &[edit(2, "a", "bb")]), 2..10);
        assert_eq!(region(10, &[edit(2, "a", "bb"), edit(4, "cc", "d")]), 2..6);
        assert_eq!(region(10, &[]), 0..0);
    }
}
