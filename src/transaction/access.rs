//! How the files of a transaction are reached: what the live transaction and a recovery both have of it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::content::Buffers;
use super::error::found;
use super::folders::KnownFolders;
use super::record::FileEntry;
use super::staging::Staging;
use crate::system::{Dir, Meta, System, errors};

/// The folders of a transaction, and its journal.
pub(super) struct Access<'a> {
    pub(super) system: &'a dyn System,
    /// The effective user.
    pub(super) user: u32,
    pub(super) folders: &'a KnownFolders,
    /// The staging folders; `None`: it is not there.
    pub(super) stages: &'a [Option<Staging>],
    pub(super) id: &'a str,
    /// The journal, with the bytes that files lose whose length changes in place.
    pub(super) journal: &'a File,
    /// How long to wait for a program that has a file open.
    pub(super) wait: Duration,
    /// Once one was waited for in vain, the others are not waited for, too.
    pub(super) waited: AtomicBool,
    /// What backups' names end with.
    pub(super) suffix: Option<&'a OsStr>,
}

impl Access<'_> {
    /// The folder of `entry`.
    pub(super) fn dir(&self, entry: &FileEntry) -> io::Result<Arc<Dir>> {
        self.folders.dir(self.system, entry.folder)
    }

    /// The staging folder of `entry`.
    pub(super) fn stage_of(&self, entry: &FileEntry) -> Option<&Staging> {
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

    /// How long to wait for another program now.
    pub(super) fn patience(&self) -> Duration {
        match self.waited.load(Ordering::Relaxed) {
            true => Duration::ZERO,
            false => self.wait,
        }
    }

    /// Opens the file `name`, and keeps other transactions from exchanging it until it is closed. Without that, three of
    /// them that exchange one file at once could each find the file of the next at the name, and none its own to take
    /// back. A lock is only asked for: who may read the file may hold it for ever, so it is not waited for beyond
    /// [`Access::patience`], and not all file systems have locks.
    pub(super) fn open_locked(&self, dir: &Dir, name: &OsStr) -> io::Result<Option<(File, Meta)>> {
        let end = Instant::now() + self.patience();
        loop {
            let opened = match self.open(dir, name) {
                Err(error) if errors::held_by_another(&error) && Instant::now() < end => None,
                opened => match opened? {
                    None => return Ok(None),
                    opened => opened,
                },
            };
            if let Some((file, meta)) = opened {
                let late = Instant::now() >= end;
                let locked = self.system.lock(&file).unwrap_or(true);
                self.waited.fetch_or(!locked && late, Ordering::Relaxed);
                if let Some(there) = self.look(dir, name)?
                    && there.inode == meta.inode
                    && (locked || late)
                {
                    return Ok(Some((file, there)));
                }
                if locked {
                    continue;
                }
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Whether an open file has the old content of `entry`.
    pub(super) fn is_old(
        &self,
        entry: &FileEntry,
        (file, meta): (&File, &Meta),
        buffers: &mut Buffers,
    ) -> io::Result<bool> {
        buffers.match_digest(self.system, file, meta.size, &entry.old.digest)
    }

    /// The name of the backup of `entry`.
    pub(super) fn backup_name(&self, entry: &FileEntry) -> Option<OsString> {
        self.suffix.map(|suffix| {
            let mut name = entry.name.clone();
            name.push(suffix);
            name
        })
    }
}
