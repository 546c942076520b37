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
