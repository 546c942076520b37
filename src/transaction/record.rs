//! What a journal holds: one heading, then the files with what was staged for them, then what became of these.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::change::edit::{Digest, Edits, Seen};
use crate::system::Meta;

/// Length of what a disk writes at once, in bytes.
const SECTOR: u64 = 512;

/// What a transaction is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// An edit.
    #[default]
    Edit,
    /// It takes back the edit with this ID.
    Undo(String),
    /// It makes the edit with this ID again.
    Redo(String),
}

impl Purpose {
    /// The edit that is taken back or made again.
    pub(super) fn of(&self) -> Option<&str> {
        match self {
            Purpose::Edit => None,
            Purpose::Undo(of) | Purpose::Redo(of) => Some(of),
        }
    }
}

/// One frame of a journal.
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum JournalRecord<'e> {
    /// The first.
    Heading(Heading),
    /// A folder of files, absolute and without symbolic links, and its inode number; they are numbered from 0.
    Folder { path: OsString, inode: u64 },
    /// A file, and what was staged for it.
    File(Cow<'e, FileEntry>),
    /// Bytes that the next file loses where its length changes in place, piece after piece.
    Lost(ByteBuf),
    /// All files are there.
    Sealed,
    /// What became of file `number` after that: it was exchanged after all, or (`None`) left out.
    Later { number: u32, staged: Option<Staged> },
}

/// What a journal begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Heading {
    /// When it began, since the epoch.
    pub(super) when: Duration,
    pub(super) pid: u32,
    /// Number of files.
    pub(super) files: u64,
    /// Some of them may be left out.
    pub(super) keep_going: bool,
    /// It is kept for `--undo`.
    pub(super) keep: bool,
    pub(super) purpose: Purpose,
    pub(super) command_line: Vec<OsString>,
    /// What backups' names end with.
    pub(super) suffix: Option<OsString>,
    /// The folders in which a staging folder may have been made.
    pub(super) stages: Vec<OsString>,
}

/// A file: what it was, what it is to be, what was staged for it, and, aside from its record, what was found out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct FileEntry {
    /// Its path, for messages.
    #[serde(skip)]
    pub(super) shown: PathBuf,
    pub(super) folder: u32,
    pub(super) name: OsString,
    /// Its number, by which its file in the staging folder is named.
    pub(super) number: u32,
    /// Index of its staging folder in [`Heading::stages`], if it may need one.
    pub(super) stage: Option<u32>,
    pub(super) old: Seen,
    pub(super) edits: Edits,
    /// Digest of the content with the edits.
    pub(super) becomes: Digest,
    pub(super) staged: Staged,
    /// Fingerprint of the old file's attributes, where a new one was made.
    #[serde(skip)]
    pub(super) old_attributes: [u8; 16],
    /// The file, open, where it is kept from others until the transaction ends (see [`HOLDS`](crate::system::HOLDS)).
    #[serde(skip)]
    pub(super) held: Option<Arc<File>>,
    /// It can be exchanged; so it is written in place only while other programs are kept from it.
    #[serde(skip)]
    pub(super) exchangeable: bool,
}

impl FileEntry {
    /// The name of what is staged for it: its new file (after the exchange, its old one), or its backup.
    pub(super) fn slot(&self) -> OsString {
        self.number.to_string().into()
    }

    /// The name of its backup.
    pub(super) fn backup(&self, suffix: &OsStr) -> OsString {
        let mut name = self.name.clone();
        name.push(suffix);
        name
    }

    /// Length in bytes with the edits.
    pub(super) fn new_size(&self) -> u64 {
        self.edits.size_after(self.old.meta.size)
    }

    /// Whether nobody is meant to write to the file.
    pub(super) fn is_read_only(&self) -> bool {
        self.old.meta.mode & 0o222 == 0
    }

    /// Whether its edits keep the length and lie within one sector, so that a disk writes all of them or none.
    pub(super) fn is_small(&self) -> bool {
        let region = self.edits.region();
        self.edits.keep_lengths()
            && region.start < region.end
            && region.start / SECTOR == (region.end - 1) / SECTOR
    }

    /// Whether `meta` is the file that was read, unchanged as far as it shows.
    pub(super) fn is_as_seen(&self, meta: &Meta) -> bool {
        is_same(meta, &self.old.meta)
    }
}

/// Whether both are of one file that was not changed in between. The time of its last change is not compared: an exchange
/// sets it.
pub(super) fn is_same(one: &Meta, other: &Meta) -> bool {
    let facts = |meta: &Meta| {
        let identity = (meta.device, meta.inode, meta.links);
        let owner = (meta.mode, meta.user, meta.group);
        (identity, owner, meta.size, meta.modified)
    };
    facts(one) == facts(other)
}

/// What was staged for a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Staged {
    /// A new file takes its place, and the old one that of the new one; else the file itself is written to.
    pub(super) exchanged: bool,
    /// The new file, where it is to be exchanged, else the backup.
    pub(super) new: Option<Made>,
    /// Where its [`JournalRecord::Lost`] begin in the journal, if there are any.
    pub(super) lost: u64,
}

/// A file that grini made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Made {
    pub(super) meta: Meta,
    /// Digest of its extended attributes and flags.
    pub(super) attributes: [u8; 16],
}
