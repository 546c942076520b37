//! How the files of a transaction are reached: what the live transaction and a recovery both have of it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::error::{found, in_use};
use super::folders::KnownFolders;
use super::journal::Journal;
use super::record::FileEntry;
use super::staging::Staging;
use crate::system::{Dir, Meta, System, errors, missing};

/// A transaction's journal, with the bytes that files lose whose length changes in place, and its folders.
pub(super) struct Access<'a> {
    pub(super) system: &'a dyn System,
    pub(super) journal: Journal<'a>,
    pub(super) folders: KnownFolders,
    /// The staging folders; `None`: it is not there.
    pub(super) stages: Vec<Option<Staging>>,
    /// What backups' names end with.
    pub(super) suffix: Option<OsString>,
    /// How long to wait for a program that has a file open.
    pub(super) wait: Duration,
    /// Once one was waited for in vain, the others are not waited for, too.
    pub(super) waited: AtomicBool,
}

impl Access<'_> {
    /// The folder of `entry`.
    pub(super) fn dir(&self, entry: &FileEntry) -> io::Result<Arc<Dir>> {
        self.folders.dir(self.system, entry.folder)
    }

    /// The staging folder of `entry`.
    pub(super) fn stage_of(&self, entry: &FileEntry) -> Option<&Staging> {
        self.stages.get(entry.stage? as usize)?.as_ref()
    }

    /// What is said of the file `name`, if it is there.
    pub(super) fn look(&self, dir: &Dir, name: &OsStr) -> io::Result<Option<Meta>> {
        found(self.system.meta_at(dir, name))
    }

    /// Opens the file of `entry` for reading, if it is there and no symbolic link.
    pub(super) fn open(&self, entry: &FileEntry) -> io::Result<Option<(Arc<File>, Meta)>> {
        let file = match &entry.held {
            Some(file) => Arc::clone(file),
            None => match self.system.open(&*self.dir(entry)?, &entry.name) {
                Err(error) if missing(&error) || errors::not_a_file(&error) => return Ok(None),
                opened => opened?.into(),
            },
        };
        Ok(Some((Arc::clone(&file), self.system.meta(&file)?)))
    }

    /// How long to wait for another program now.
    pub(super) fn patience(&self) -> Duration {
        match self.waited.load(Ordering::Relaxed) {
            true => Duration::ZERO,
            false => self.wait,
        }
    }

    /// Opens the file of `entry`, and keeps other transactions from exchanging it until it is closed. Without that, three of
    /// them that exchange one file at once could each find the file of the next at the name, and none its own to take
    /// back. A lock is only asked for: who may read the file may hold it for ever, so it is not waited for beyond
    /// [`Access::patience`], and not all file systems have locks.
    pub(super) fn open_locked(&self, entry: &FileEntry) -> io::Result<Option<(Arc<File>, Meta)>> {
        let open = |dir: &Dir| self.system.open(dir, &entry.name);
        let lock = |file: &File, _: &Meta, late| Ok(self.system.lock(file).unwrap_or(true) || late);
        self.open_kept(entry, self.patience(), open, lock)
    }

    /// Opens the file of `entry`, again and again for as long as we `wait`, until it could be kept from others; `None`: it is
    /// not there. `keep` is given whether that time is over.
    pub(super) fn open_kept(
        &self,
        entry: &FileEntry,
        wait: Duration,
        open: impl Fn(&Dir) -> io::Result<File>,
        keep: impl Fn(&File, &Meta, bool) -> io::Result<bool>,
    ) -> io::Result<Option<(Arc<File>, Meta)>> {
        let dir = self.dir(entry)?;
        let end = Instant::now() + wait;
        let mut pause = Duration::from_millis(1);
        loop {
            let late = Instant::now() >= end;
            self.waited
                .fetch_or(late && !wait.is_zero(), Ordering::Relaxed);
            match open(&dir) {
                Ok(file) => {
                    let meta = self.system.meta(&file)?;
                    let kept = keep(&file, &meta, late)?;
                    // Another transaction may have exchanged it before it was kept.
                    let there = self.look(&dir, &entry.name)?;
                    match there.filter(|there| there.inode == meta.inode) {
                        Some(there) if kept => return Ok(Some((file.into(), there))),
                        Some(_) if late => return Err(in_use()),
                        _ => {}
                    }
                }
                Err(error) if missing(&error) || errors::not_a_file(&error) => return Ok(None),
                Err(error) if !errors::held_by_another(&error) => return Err(error),
                Err(_) if late => return Err(in_use()),
                Err(_) => {}
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(50));
        }
    }
}
