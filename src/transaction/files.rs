//! A file of a transaction: what it was, what it is to be, and what was staged for it.

use std::ffi::OsString;
use std::path::PathBuf;

use super::attributes::Fingerprint;
use super::folders::FolderId;
use super::record::{FileRecord, Made, Staged, Way};
use crate::change::edit::{Digest, Edits, Seen};
use crate::system::{self, Meta};

/// Length of what a disk writes at once, in bytes.
const SECTOR: u64 = 512;

/// One file.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its path, for messages.
    pub(super) shown: PathBuf,
    pub(super) folder: FolderId,
    pub(super) name: OsString,
    /// Its number in the journal, by which its files in the staging folder are named.
    pub(super) number: u32,
    /// Index of its staging folder.
    pub(super) stage: u32,
    pub(super) old: Seen,
    pub(super) edits: Edits,
    pub(super) becomes: Digest,
    pub(super) staged: Staged,
    /// Fingerprint of the old file's attributes, where a new one was made.
    pub(super) old_attributes: Fingerprint,
    /// A new file need not have the old one's owner.
    pub(super) any_owner: bool,
    /// It can be exchanged; so it is written in place only while other programs are kept from it.
    pub(super) exchangeable: bool,
}

impl Entry {
    /// The file that a journal describes.
    pub(super) fn from_record(number: u32, record: FileRecord, shown: PathBuf) -> Entry {
        Entry {
            shown,
            folder: record.folder,
            name: system::os_string(record.name),
            number,
            stage: record.stage,
            old: record.old,
            exchangeable: false,
            edits: record.edits,
            becomes: record.becomes,
            staged: IN_PLACE,
            old_attributes: Fingerprint::default(),
            any_owner: false,
        }
    }

    /// What the journal says of it.
    pub(super) fn record(&self) -> FileRecord {
        FileRecord {
            folder: self.folder,
            name: self.name.as_encoded_bytes().to_vec(),
            stage: self.stage,
            old: self.old,
            edits: self.edits.clone(),
            becomes: self.becomes,
        }
    }

    /// The name of its new file (after the exchange, its old one) in the staging folder.
    pub(super) fn slot(&self) -> OsString {
        self.number.to_string().into()
    }

    /// The name of its backup there, where that is a file of its own.
    pub(super) fn backup_slot(&self) -> OsString {
        format!("b{}", self.number).into()
    }

    /// Length in bytes with the edits.
    pub(super) fn new_size(&self) -> u64 {
        self.edits.size_after(self.old.size)
    }

    /// Whether the file is exchanged.
    pub(super) fn exchanged(&self) -> bool {
        self.staged.way == Way::Exchange
    }
}

/// What is staged for a file that is written in place.
pub(super) const IN_PLACE: Staged = Staged {
    way: Way::InPlace,
    new: Made {
        inode: 0,
        modified: (0, 0),
        mode: 0,
        user: 0,
        group: 0,
        attributes: [0; 16],
    },
    backup: 0,
    lost: 0,
};

/// Whether `edits` keep the length and lie within one sector, so that a disk writes all of them or none.
pub(super) fn is_small(edits: &Edits) -> bool {
    let region = edits.region();
    edits.keep_lengths()
        && region.start < region.end
        && region.start / SECTOR == (region.end - 1) / SECTOR
}

/// Whether `meta` is the file that was read, unchanged as far as it shows. The time of its last change is not
/// compared: an exchange sets it.
pub(super) fn is_as_seen(seen: &Seen, meta: &Meta) -> bool {
    let seen = (
        (seen.device, seen.inode, seen.size, seen.modified),
        (seen.mode, seen.user, seen.group, seen.links),
    );
    let there = (
        (meta.device, meta.inode, meta.size, meta.modified),
        (meta.mode, meta.user, meta.group, meta.links),
    );
    seen == there
}
