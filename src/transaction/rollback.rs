//! The ends of a transaction, file by file: the old content put back, or the old file removed. Both are decided by what
//! is there, so they may be cut off anywhere and done again; the transaction and a recovery use the same code.

use std::ffi::{OsStr, OsString};
use std::io;

use super::content::Buffers;
use super::error::EditError;
use super::exchange::{Written, is_new};
use super::files::Entry;
use super::folders::Folders;
use super::in_place::InPlace;
use super::staging::Staging;
use crate::system::{Dir, Meta, System, missing};

/// What the ends need besides the file.
pub(super) struct Ends<'a> {
    pub(super) id: &'a str,
    pub(super) system: &'a dyn System,
    pub(super) folders: &'a Folders,
    /// The staging folders; `None`: it is not there.
    pub(super) stages: &'a [Option<Staging>],
    pub(super) in_place: InPlace<'a>,
    pub(super) suffix: Option<&'a OsStr>,
}

impl Ends<'_> {
    /// Puts the old content of `entry` back, and removes what was staged for it. Returns what the user should know of
    /// another program's doing.
    pub(super) fn roll_back(
        &self,
        entry: &Entry,
        buffers: &mut Buffers,
    ) -> io::Result<Option<EditError>> {
        let mut kept = None;
        if entry.exchanged() {
            kept = self.exchange_back(entry, buffers)?;
        } else if self.in_place.put_back(entry, buffers)? != Written::Done {
            kept = Some(left_alone(entry));
        }
        self.remove_backup(entry)?;
        if !entry.exchanged() {
            return self.unlink_slots(entry).map(|()| kept);
        }
        // What is in the slot is the new file, if it was put back: another program may have written to it meanwhile.
        let made = &entry.staged.new;
        let untouched = |meta: &Meta| {
            if meta.inode == made.inode {
                (meta.size, meta.modified) == (entry.new_size(), made.modified)
            } else {
                (meta.size, meta.modified) == (entry.old.size, entry.old.modified)
            }
        };
        let late = self.drop_slot(entry, untouched)?;
        Ok(kept.or(late))
    }

    /// Removes the old file of `entry`, which is replaced for good. One that another program wrote to meanwhile is kept.
    pub(super) fn drop_old(&self, entry: &Entry) -> io::Result<Option<EditError>> {
        if !entry.exchanged() {
            return self.unlink_slots(entry).map(|()| None);
        }
        let untouched = |meta: &Meta| {
            meta.inode == entry.staged.new.inode
                || (meta.size, meta.modified) == (entry.old.size, entry.old.modified)
        };
        self.drop_slot(entry, untouched)
    }

    fn exchange_back(&self, entry: &Entry, buffers: &mut Buffers) -> io::Result<Option<EditError>> {
        let system = self.system;
        let Some(staging) = self.stage(entry) else {
            return self.without_staging(entry);
        };
        let (slot, name) = (entry.slot(), &entry.name);
        let new = entry.staged.new.inode;
        match self.look(&staging.dir, &slot)? {
            // It was not exchanged, or is back already.
            None => return Ok(None),
            Some(stored) if stored.inode == new => return Ok(None),
            Some(_) => {}
        }
        let dir = self.dir(entry)?;
        if !is_new(system, (&dir, name), entry, buffers)? {
            return Ok(Some(left_alone(entry)));
        }
        system.exchange(&staging.dir, &slot, &dir, name)?;
        if !is_new(system, (&staging.dir, &slot), entry, buffers)? {
            // Between the look and the exchange another program changed it: its file stays.
            system.exchange(&staging.dir, &slot, &dir, name)?;
            return Ok(Some(left_alone(entry)));
        }
        Ok(None)
    }

    fn without_staging(&self, entry: &Entry) -> io::Result<Option<EditError>> {
        let there = self.look(&*self.dir(entry)?, &entry.name)?;
        if there.is_some_and(|there| there.inode == entry.staged.new.inode) {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                "the staging folder with its old content is gone",
            ));
        }
        Ok(None)
    }

    /// Takes the backup's name away, if it is ours and not the content's last name.
    fn remove_backup(&self, entry: &Entry) -> io::Result<()> {
        let Some(name) = self.backup_name(entry) else {
            return Ok(());
        };
        let dir = match self.dir(entry) {
            Err(error) if missing(&error) => return Ok(()),
            dir => dir?,
        };
        let backup = match entry.exchanged() {
            true => entry.old.inode,
            false => entry.staged.backup,
        };
        match self.look(&dir, &name)? {
            Some(there) if there.inode == backup && there.links > 1 => {
                self.system.unlink(&dir, &name)
            }
            _ => Ok(()),
        }
    }

    /// The name of the backup of `entry`.
    pub(super) fn backup_name(&self, entry: &Entry) -> Option<OsString> {
        self.suffix.map(|suffix| {
            let mut name = entry.name.clone();
            name.push(suffix);
            name
        })
    }

    /// Gives the old content of `entry` its backup name.
    pub(super) fn back_up(&self, entry: &Entry) -> io::Result<()> {
        let (Some(name), Some(staging)) = (self.backup_name(entry), self.stage(entry)) else {
            return Ok(());
        };
        let slot = match entry.exchanged() {
            true => entry.slot(),
            false => entry.backup_slot(),
        };
        let dir = self.dir(entry)?;
        self.system.link(&staging.dir, &slot, &dir, &name)
    }

    fn unlink_slots(&self, entry: &Entry) -> io::Result<()> {
        match self.stage(entry) {
            Some(staging) if entry.staged.backup != 0 => {
                staging.unlink(self.system, &entry.backup_slot())
            }
            _ => Ok(()),
        }
    }

    /// Removes the file in the slot of `entry`; one that is not `untouched` gets a name next to the file instead.
    fn drop_slot(
        &self,
        entry: &Entry,
        untouched: impl Fn(&Meta) -> bool,
    ) -> io::Result<Option<EditError>> {
        let Some(staging) = self.stage(entry) else {
            return Ok(None);
        };
        let slot = entry.slot();
        let Some(stored) = self.look(&staging.dir, &slot)? else {
            return Ok(None);
        };
        let mut kept = None;
        if !untouched(&stored) {
            let name = match self.backup_name(entry) {
                // What it wrote to is the backup, too.
                Some(backup) if stored.links > 1 => backup,
                _ => self.keep(entry, staging, &stored)?,
            };
            kept = Some(EditError::at(
                &entry.shown,
                format!(
                    "another program wrote to it during the edit; what it wrote is kept as {} next to it",
                    name.display()
                ),
            ));
        }
        staging.unlink(self.system, &slot)?;
        Ok(kept)
    }

    /// Gives what is in the slot of `entry` a name next to the file, so that nothing is lost.
    fn keep(&self, entry: &Entry, staging: &Staging, stored: &Meta) -> io::Result<OsString> {
        let mut name = entry.name.clone();
        // A name has at most 255 bytes almost everywhere.
        if name.len() > 220 {
            name = entry.slot();
        }
        name.push(".grini-");
        name.push(self.id);
        let dir = self.dir(entry)?;
        match self.system.link(&staging.dir, &entry.slot(), &dir, &name) {
            Ok(()) => {}
            Err(error) => match self.look(&dir, &name)? {
                Some(there) if there.inode == stored.inode => {}
                _ => return Err(error),
            },
        }
        Ok(name)
    }

    fn stage(&self, entry: &Entry) -> Option<&Staging> {
        self.stages.get(entry.stage as usize)?.as_ref()
    }

    fn dir(&self, entry: &Entry) -> io::Result<std::sync::Arc<Dir>> {
        match self.folders.dir(self.system, entry.folder) {
            Err(error) if missing(&error) => Err(io::Error::new(
                io::ErrorKind::NotFound,
                "its folder is gone or not mounted",
            )),
            dir => dir,
        }
    }

    fn look(&self, dir: &Dir, name: &OsStr) -> io::Result<Option<Meta>> {
        match self.system.meta_at(dir, name) {
            Ok(meta) => Ok(Some(meta)),
            Err(error) if missing(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn left_alone(entry: &Entry) -> EditError {
    EditError::at(
        &entry.shown,
        "another program changed or replaced it during the edit; it is left as that program wrote it",
    )
}
