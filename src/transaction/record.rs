//! What a journal holds: one heading, then the files, then what became of their staging.

use serde::{Deserialize, Serialize};
use std::time::Duration;

use crate::change::edit::{Digest, Edits, Seen};

/// What a transaction is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// An edit.
    Edit,
    /// It takes back the edit with this ID.
    Undo(String),
    /// It makes the edit with this ID again.
    Redo(String),
}

/// How a file gets its new bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Way {
    /// The file itself is written to.
    InPlace,
    /// A new file takes its place, and the old one that of the new one.
    Exchange,
}

/// One frame of a journal. Names are the system's bytes.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Record {
    /// The first.
    Heading(Heading),
    /// A folder; they are numbered from 0.
    Folder(FolderRecord),
    /// A file; they are numbered from 0.
    File(FileRecord),
    /// Bytes that file `number` loses where its length changes in place, piece after piece.
    Lost {
        number: u32,
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// What was staged for file `number`.
    Staged { number: u32, staged: Staged },
    /// All files are there. Only [`Record::Staged`] (exchanged after all) and [`Record::LeftOut`] follow.
    Sealed { files: u64 },
    /// File `number` was left out after all.
    LeftOut { number: u32 },
}

/// What a journal begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Heading {
    /// When it began, since the epoch.
    pub(super) when: Duration,
    pub(super) pid: u32,
    /// Number of files.
    pub(super) files: u64,
    /// It is kept for `--undo`.
    pub(super) keep: bool,
    pub(super) purpose: Purpose,
    pub(super) command_line: Vec<Vec<u8>>,
    /// What backups' names end with.
    pub(super) suffix: Option<Vec<u8>>,
    /// The folders in which a staging folder may have been made.
    pub(super) stages: Vec<Vec<u8>>,
}

/// A folder of files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct FolderRecord {
    /// Absolute, without symbolic links.
    pub(super) path: Vec<u8>,
    /// Inode number.
    pub(super) inode: u64,
}

/// A file, as it was and as it is to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct FileRecord {
    pub(super) folder: u32,
    #[serde(with = "serde_bytes")]
    pub(super) name: Vec<u8>,
    /// Index of its staging folder in [`Heading::stages`].
    pub(super) stage: u32,
    pub(super) old: Seen,
    pub(super) edits: Edits,
    /// Digest of the content with the edits.
    pub(super) becomes: Digest,
}

/// What was staged for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Staged {
    pub(super) way: Way,
    /// The new file, where it is to be exchanged.
    pub(super) new: Made,
    /// Inode number of the backup; 0: none.
    pub(super) backup: u64,
    /// Where its [`Record::Lost`] begin in the journal; 0: there are none.
    pub(super) lost: u64,
}

/// A file that grini made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Made {
    pub(super) inode: u64,
    pub(super) modified: (i64, u32),
    pub(super) mode: u32,
    pub(super) user: u32,
    pub(super) group: u32,
    /// Digest of its extended attributes and flags.
    pub(super) attributes: [u8; 16],
}
