//! The ends of a transaction, file by file: the old content put back, or the old file removed. Both are decided by what
//! is there, so they may be cut off anywhere and done again; the transaction and a recovery use the same code.

use std::ffi::OsString;
use std::io;

use super::access::Access;
use super::content::Buffers;
use super::error::{EditError, MIXED, THEIRS, found};
use super::record::FileEntry;
use super::staging::Staging;
use super::state::JournalStep;
use crate::system::Meta;

impl Access<'_> {
    /// Ends `entry` as its transaction ends: committed, the old file goes, else the old content is put back. Returns what
    /// the user should know of another program's doing.
    pub(super) fn end(
        &self,
        entry: &FileEntry,
        buffers: &mut Buffers,
    ) -> io::Result<Option<EditError>> {
        let mut kept = None;
        if self.journal.step != JournalStep::Done {
            kept = match entry.staged.exchanged {
                true => self.exchange_back(entry, buffers)?,
                false => self.put_back(entry)?,
            };
            self.remove_backup(entry)?;
        }
        let late = self.drop_slot(entry)?;
        Ok(kept.map(|what| EditError::at(&entry.shown, what)).or(late))
    }

    /// Exchanges the files back, unless another program changed or replaced the new one, which is said.
    fn exchange_back(
        &self,
        entry: &FileEntry,
        buffers: &mut Buffers,
    ) -> io::Result<Option<&'static str>> {
        let (slot, name) = (entry.slot(), &entry.name);
        let new = entry.staged.new.map_or(0, |new| new.meta.inode);
        let Some(staging) = self.stage_of(entry) else {
            let there = self.look(&*self.dir(entry)?, name)?;
            if there.is_some_and(|there| there.inode == new) {
                let what = "the staging folder with its old content is gone";
                return Err(io::Error::new(io::ErrorKind::NotFound, what));
            }
            return Ok(None);
        };
        let stored = self.look(&staging.dir, &slot)?;
        if stored.is_none_or(|stored| stored.inode == new) {
            // It was not exchanged, or is back already.
            return Ok(None);
        }
        let dir = self.dir(entry)?;
        let Some((file, meta)) = self.open_locked(entry)? else {
            return Ok(Some(THEIRS));
        };
        // Another program may have written to the new file, or put one of its own there.
        let left = match meta.inode == new {
            true => MIXED,
            false => THEIRS,
        };
        if !self.is_new(entry, (&file, &meta), buffers)? {
            return Ok(Some(left));
        }
        self.system.exchange(&staging.dir, &slot, &dir, name)?;
        let back = self.look(&staging.dir, &slot)?;
        if let Some(back) = back.filter(|back| back.inode == meta.inode)
            && self.is_new(entry, (&file, &back), buffers)?
        {
            return Ok(None);
        }
        // Between the look and the exchange another program changed it: its file stays.
        self.system.exchange(&staging.dir, &slot, &dir, name)?;
        Ok(Some(left))
    }

    /// Takes the backup's name away, if it is ours and not the content's last name.
    fn remove_backup(&self, entry: &FileEntry) -> io::Result<()> {
        let Some(suffix) = &self.suffix else {
            return Ok(());
        };
        let name = entry.backup(suffix);
        let Some(dir) = found(self.dir(entry))? else {
            return Ok(());
        };
        let backup = match entry.staged.new {
            Some(backup) if !entry.staged.exchanged => backup.meta.inode,
            _ => entry.old.meta.inode,
        };
        match self.look(&dir, &name)? {
            Some(there) if there.inode == backup && there.links > 1 => {
                self.system.unlink(&dir, &name)
            }
            _ => Ok(()),
        }
    }

    /// Gives the old content of `entry` its backup name.
    pub(super) fn back_up(&self, entry: &FileEntry) -> io::Result<()> {
        let (Some(suffix), Some(staging)) = (&self.suffix, self.stage_of(entry)) else {
            return Ok(());
        };
        let (dir, name) = (self.dir(entry)?, entry.backup(suffix));
        self.system.link(&staging.dir, &entry.slot(), &dir, &name)
    }

    /// Removes the file in the slot of `entry`. One that another program wrote to meanwhile gets a name next to the file
    /// instead; it is the old file or, put back, the new one, or a backup.
    fn drop_slot(&self, entry: &FileEntry) -> io::Result<Option<EditError>> {
        let (Some(staging), Some(new)) = (self.stage_of(entry), &entry.staged.new) else {
            return Ok(None);
        };
        let slot = entry.slot();
        let Some(stored) = self.look(&staging.dir, &slot)? else {
            return Ok(None);
        };
        let was = match stored.inode == new.meta.inode {
            true => &new.meta,
            false => &entry.old.meta,
        };
        let mut kept = None;
        if (stored.size, stored.modified) != (was.size, was.modified) {
            let name = match &self.suffix {
                // What it wrote to is the backup, too.
                Some(suffix) if stored.links > 1 => entry.backup(suffix),
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
    fn keep(&self, entry: &FileEntry, staging: &Staging, stored: &Meta) -> io::Result<OsString> {
        let mut name = entry.name.clone();
        // A name has at most 255 bytes almost everywhere.
        if name.len() > 220 {
            name = entry.slot();
        }
        name.push(".grini-");
        name.push(&self.journal.id);
        let dir = self.dir(entry)?;
        if let Err(error) = self.system.link(&staging.dir, &entry.slot(), &dir, &name) {
            let there = self.look(&dir, &name)?;
            if there.is_none_or(|there| there.inode != stored.inode) {
                return Err(error);
            }
        }
        Ok(name)
    }
}
