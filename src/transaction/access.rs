//! How the files of a transaction are reached: what the live transaction and a recovery both have of it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::content::Buffers;
use super::error::found;
use super::folders::Folders;
use super::record::Entry;
use super::staging::Staging;
use crate::system::{Dir, Meta, System, errors};

/// The folders of a transaction, and its journal.
pub(super) struct Access<'a> {
    pub(super) system: &'a dyn System,
    /// The effective user.
    pub(super) user: u32,
    pub(super) folders: &'a Folders,
    /// The staging folders; `None`: it is not there.
    pub(super) stages: &'a [Option<Staging>],
    pub(super) id: &'a str,
    /// The journal, with the bytes that files lose whose length changes in place.
    pub(super) journal: &'a File,
    /// How long to wait for a program that has a file open.
    pub(super) wait: Duration,
    /// What backups' names end with.
    pub(super) suffix: Option<&'a OsStr>,
}

impl Access<'_> {
    /// The folder of `entry`.
    pub(super) fn dir(&self, entry: &Entry) -> io::Result<Arc<Dir>> {
        self.folders.dir(self.system, entry.folder)
    }

    /// The staging folder of `entry`.
    pub(super) fn stage_of(&self, entry: &Entry) -> Option<&Staging> {
        self.stages.get(entry.stage as usize)?.as_ref()
    }

    /// What is said of the file `name`, if it is there.
    pub(super) fn look(&self, dir: &Dir, name: &OsStr) -> io::Result<Option<Meta>> {
        found(self.system.meta_at(dir, name))
    }

    /// Opens the file `name`, if it is there and no symbolic link.
    pub(super) fn open(&self, dir: &Dir, name: &OsStr) -> io::Result<Option<(File, Meta)>> {
        let file = match self.system.open(dir, name) {
            Err(error) if errors::not_a_file(&error) => return Ok(None),
            opened => found(opened)?,
        };
        file.map(|file| Ok((self.system.meta(&file)?, file)))
            .transpose()
            .map(|opened| opened.map(|(meta, file)| (file, meta)))
    }

    /// Whether an open file has the old content of `entry`.
    pub(super) fn is_old(
        &self,
        entry: &Entry,
        (file, meta): (&File, &Meta),
        buffers: &mut Buffers,
    ) -> io::Result<bool> {
        buffers.match_digest(self.system, file, meta.size, &entry.old.digest)
    }

    /// The name of the backup of `entry`.
    pub(super) fn backup_name(&self, entry: &Entry) -> Option<OsString> {
        self.suffix.map(|suffix| {
            let mut name = entry.name.clone();
            name.push(suffix);
            name
        })
    }
}
