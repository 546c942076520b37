//! Filling the slots of a staging folder: the new file, or the bytes an edit in place overwrites.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::sync::OnceLock;

use super::attributes::{self, Made, Unlike};
use super::content::{Buffers, Splicer, is_mismatch};
use super::folders::Folders;
use super::manifest::{Entry, Facts, How};
use super::preflight::CHANGED;
use super::problem::Problem;
use super::staging::Staging;
use crate::system::{Meta, System, missing, write_full};

/// Why a slot could not be filled.
pub(crate) enum Trouble {
    /// The file is not what it was: it concerns this file alone.
    Refused(Problem),
    /// A call failed: it concerns all.
    Failed(Problem),
}

enum Stop {
    Changed,
    Unlike(Unlike),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        if is_mismatch(&error) || missing(&error) || super::problem::is_link(&error) {
            Stop::Changed
        } else {
            Stop::Unlike(Unlike::Failed(error))
        }
    }
}

/// What filling needs to know besides the file.
pub(crate) struct Filler<'a> {
    pub system: &'a dyn System,
    pub folders: &'a Folders,
    pub staging: &'a Staging,
    /// Make each slot durable; otherwise the whole file system is synced later.
    pub sync_each: bool,
    /// The attributes that every file made in the staging folder has.
    pub attributes: OnceLock<Vec<OsString>>,
}

impl Filler<'_> {
    /// Fills the slot of `entry` and notes the new file's facts in it. A file whose attributes a new
    /// one cannot have is turned into one that is edited in place.
    pub fn fill(&self, entry: &mut Entry, buffers: &mut Buffers) -> Result<(), Trouble> {
        let mut filled = match entry.how {
            How::Exchange => self.fill_new(entry, buffers),
            How::InPlace => self.fill_lost(entry, buffers),
        };
        if let (Err(Stop::Unlike(Unlike::Forbidden(what))), How::Exchange) = (&filled, entry.how) {
            filled = match self.to_in_place(entry) {
                Ok(true) => self.fill_lost(entry, buffers),
                Ok(false) => {
                    let what = format!(
                        "a new file cannot have {what}, and the file cannot be written to; \
                         run grini as its owner or as root"
                    );
                    return Err(Trouble::Refused(Problem::at(&entry.shown, what)));
                }
                Err(error) => Err(error.into()),
            };
        }
        filled.map_err(|stop| match stop {
            Stop::Changed => Trouble::Refused(Problem::at(&entry.shown, CHANGED)),
            Stop::Unlike(Unlike::Forbidden(what)) => {
                let what = format!("a backup cannot have {what}; leave out the suffix");
                Trouble::Refused(Problem::at(&entry.shown, what))
            }
            Stop::Unlike(Unlike::Failed(error)) => Trouble::Failed(Problem::call(
                &entry.shown,
                "staging the new content",
                &error,
            )),
        })
    }

    /// Makes `entry` one that is edited in place, if the file can be written to.
    pub fn to_in_place(&self, entry: &mut Entry) -> io::Result<bool> {
        let dir = self.folders.dir(self.system, entry.folder)?;
        if !self.system.writable(&dir, &entry.name)? {
            return Ok(false);
        }
        self.clear(entry)?;
        entry.how = How::InPlace;
        Ok(true)
    }

    /// Empties the slots of `entry`.
    pub fn clear(&self, entry: &mut Entry) -> io::Result<()> {
        for slot in [entry.slot_name(), entry.backup_slot()] {
            match self.system.unlink(&self.staging.dir, &slot) {
                Err(error) if !missing(&error) => return Err(error),
                _ => {}
            }
        }
        entry.new = Facts::NONE;
        Ok(())
    }

    fn open(&self, entry: &Entry) -> Result<(File, Meta), Stop> {
        let dir = self.folders.dir(self.system, entry.folder)?;
        let file = self.system.open(&dir, &entry.name)?;
        let meta = self.system.meta(&file)?;
        if entry.old.fit(&meta) {
            Ok((file, meta))
        } else {
            Err(Stop::Changed)
        }
    }

    fn fill_new(&self, entry: &mut Entry, buffers: &mut Buffers) -> Result<(), Stop> {
        let (from, meta) = self.open(entry)?;
        let (to, new) = self.copy(entry, &from, &meta, &entry.slot_name(), true, buffers)?;
        drop(to);
        entry.new = new;
        if let Some(backup) = &mut entry.backup {
            backup.inode = entry.old.inode;
        }
        Ok(())
    }

    /// Makes a file in the staging folder with `from`'s content and attributes, edited or not.
    fn copy(
        &self,
        entry: &Entry,
        from: &File,
        meta: &Meta,
        slot: &OsStr,
        edited: bool,
        buffers: &mut Buffers,
    ) -> Result<(File, Facts), Stop> {
        let system = self.system;
        let to = system.create(&self.staging.dir, slot)?;
        let edits = if edited { &entry.edits[..] } else { &[] };
        let (old, new) = buffers.copy_edited(system, from, meta.size, edits, &to)?;
        if old != entry.old.digest {
            return Err(Stop::Changed);
        }
        let made = system.meta(&to)?;
        let any_owner = entry.any_owner || !edited;
        let known = Made {
            meta: &made,
            attributes: &self.attributes,
        };
        attributes::copy(system, from, meta, &to, &known, any_owner).map_err(Stop::Unlike)?;
        if self.sync_each {
            system.sync(&to)?;
        }
        let facts = Facts {
            inode: made.inode,
            size: made.size,
            modified: made.modified,
            digest: new,
        };
        Ok((to, facts))
    }

    /// Saves what an edit in place overwrites.
    fn fill_lost(&self, entry: &mut Entry, buffers: &mut Buffers) -> Result<(), Stop> {
        let system = self.system;
        let (from, meta) = self.open(entry)?;
        if entry.backup.is_some() {
            let slot = entry.backup_slot();
            let (_, facts) = self.copy(entry, &from, &meta, &slot, false, buffers)?;
            if let Some(backup) = &mut entry.backup {
                backup.inode = facts.inode;
            }
        }
        let slot = system.create(&self.staging.dir, &entry.slot_name())?;
        let region = entry.region();
        let mut old = blake3::Hasher::new();
        let mut new = blake3::Hasher::new();
        let mut splicer = Splicer::new(&entry.edits, 0);
        let mut at = 0;
        let mut edited = Vec::new();
        buffers.pieces(system, &from, meta.size, |piece, _| {
            let end = at + piece.len() as u64;
            let (first, last) = (region.start.clamp(at, end), region.end.clamp(at, end));
            let lost = &piece[(first - at) as usize..(last - at) as usize];
            if !lost.is_empty() {
                write_full(system, &slot, lost, first - region.start)?;
            }
            old.update(piece);
            splicer.feed(piece, &mut edited)?;
            new.update(&edited);
            edited.clear();
            at = end;
            Ok(())
        })?;
        splicer.finish(&mut edited)?;
        new.update(&edited);
        if old.finalize() != blake3::Hash::from_bytes(entry.old.digest) {
            return Err(Stop::Changed);
        }
        if self.sync_each {
            system.sync(&slot)?;
        }
        entry.new = Facts {
            inode: entry.old.inode,
            size: entry.new_size(),
            modified: (0, 0),
            digest: *new.finalize().as_bytes(),
        };
        Ok(())
    }
}
