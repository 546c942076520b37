//! The first way to write: a new file takes the old one's place, by one atomic call.
//!
//! What comes out must be the very file that was read. Between the look before the call and the call another
//! program may have written to it, or changed its attributes: so everything is looked at again afterwards, before the
//! commit, and what another program changed goes back to its name.

use std::fs::File;
use std::io;

use super::attributes::{CopyError, Fingerprint, NewFiles, fingerprint};
use super::check::CHANGED;
use super::content::{Buffers, is_mismatch};
use super::error::EditError;
use super::files::{Entry, IN_PLACE, is_as_seen};
use super::folders::Folders;
use super::record::{Made, Staged, Way};
use super::staging::Staging;
use crate::change::edit::Edits;
use crate::system::{Dir, Meta, System, errors, missing};

/// Why nothing could be staged for a file.
pub(super) enum StageError {
    /// It concerns this file alone.
    Refused(EditError),
    /// It can only be written in place, as a new file cannot have this of it.
    Forbidden(String),
    /// A call failed: it concerns all.
    Failed(EditError),
}

/// Stages files in one folder.
pub(super) struct Stager<'a> {
    pub(super) system: &'a dyn System,
    pub(super) folders: &'a Folders,
    pub(super) staging: &'a Staging,
    /// Make each file durable; otherwise the whole file system is synced later.
    pub(super) sync_each: bool,
    pub(super) new_files: NewFiles,
}

impl Stager<'_> {
    /// Makes the new file of `entry`, and notes it there.
    pub(super) fn stage(&self, entry: &mut Entry, buffers: &mut Buffers) -> Result<(), StageError> {
        let slot = entry.slot();
        let staged = self.open(entry).and_then(|(from, meta)| {
            let edits = Some(&entry.edits);
            self.copy(entry, (&from, &meta), &slot, edits, buffers)
        });
        match staged {
            Ok((new, old_attributes)) => {
                entry.staged = Staged {
                    way: Way::Exchange,
                    new,
                    ..IN_PLACE
                };
                entry.old_attributes = old_attributes;
                Ok(())
            }
            Err(error) => {
                let error = stage_error(entry, error);
                match self.staging.unlink(self.system, &slot) {
                    Err(unlinked) if !matches!(error, StageError::Failed(_)) => {
                        Err(stage_error(entry, CopyError::Failed(unlinked)))
                    }
                    _ => Err(error),
                }
            }
        }
    }

    /// Makes a copy of the old file, for the backup of one that is written in place.
    pub(super) fn stage_backup(
        &self,
        entry: &mut Entry,
        buffers: &mut Buffers,
    ) -> Result<(), StageError> {
        let slot = entry.backup_slot();
        let copied = self
            .open(entry)
            .and_then(|(from, meta)| self.copy(entry, (&from, &meta), &slot, None, buffers));
        match copied {
            Ok((made, _)) => {
                entry.staged.backup = made.inode;
                Ok(())
            }
            Err(CopyError::Forbidden(what)) => {
                let what = format!("a backup cannot have {what}; leave out the suffix");
                Err(StageError::Refused(EditError::at(&entry.shown, what)))
            }
            Err(error) => Err(stage_error(entry, error)),
        }
    }

    fn open(&self, entry: &Entry) -> Result<(File, Meta), CopyError> {
        let dir = self.folders.dir(self.system, entry.folder)?;
        let file = self.system.open(&dir, &entry.name)?;
        let meta = self.system.meta(&file)?;
        if is_as_seen(&entry.old, &meta) && meta.changed == entry.old.changed {
            Ok((file, meta))
        } else {
            Err(super::content::mismatch().into())
        }
    }

    /// Makes a file in the staging folder with `from`'s attributes and content, edited or not.
    fn copy(
        &self,
        entry: &Entry,
        (from, meta): (&File, &Meta),
        slot: &std::ffi::OsStr,
        edits: Option<&Edits>,
        buffers: &mut Buffers,
    ) -> Result<(Made, Fingerprint), CopyError> {
        let system = self.system;
        let to = system.create(&self.staging.dir, slot)?;
        let old = buffers.copy_edited(system, from, meta.size, edits, &to)?;
        if old != entry.old.digest {
            return Err(super::content::mismatch().into());
        }
        let made = system.meta(&to)?;
        let any_owner = entry.any_owner || edits.is_none();
        let made = self
            .new_files
            .copy(system, (from, meta), (&to, &made), any_owner)?;
        if self.sync_each {
            system.sync(&to)?;
        }
        Ok(made)
    }
}

fn stage_error(entry: &Entry, error: CopyError) -> StageError {
    match error {
        CopyError::Forbidden(what) => StageError::Forbidden(what),
        CopyError::Failed(error)
            if is_mismatch(&error) || missing(&error) || errors::is_link(&error) =>
        {
            StageError::Refused(EditError::at(&entry.shown, CHANGED))
        }
        CopyError::Failed(error) => StageError::Failed(EditError::call(
            &entry.shown,
            "staging the new content",
            &error,
        )),
    }
}

/// What an attempt to give a file its new content came to, where no call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// It has it.
    Done,
    /// It is not the file that was read.
    Changed,
    /// Another program has it open.
    InUse,
}

/// Exchanges `entry`'s file with its new one, and verifies that what came out is the file that was read, in content and
/// attributes.
pub(super) fn exchange(
    system: &dyn System,
    folders: &Folders,
    staging: &Staging,
    entry: &Entry,
    buffers: &mut Buffers,
) -> io::Result<Written> {
    let dir = folders.dir(system, entry.folder)?;
    let slot = entry.slot();
    let as_read = |meta: Meta| is_as_seen(&entry.old, &meta) && meta.changed == entry.old.changed;
    let exchanged = match system.meta_at(&dir, &entry.name) {
        Ok(meta) if as_read(meta) => system.exchange(&staging.dir, &slot, &dir, &entry.name),
        Ok(_) => return Ok(Written::Changed),
        Err(error) => Err(error),
    };
    match exchanged {
        Ok(()) => {}
        Err(error) if missing(&error) => return Ok(Written::Changed),
        Err(error) => return Err(error),
    }
    let file = system.open(&staging.dir, &slot)?;
    let meta = system.meta(&file)?;
    if !is_as_seen(&entry.old, &meta) || fingerprint(system, &file)? != entry.old_attributes {
        return Ok(Written::Changed);
    }
    match buffers.digest(system, &file, meta.size) {
        Ok(digest) if digest == entry.old.digest => Ok(Written::Done),
        Ok(_) => Ok(Written::Changed),
        Err(error) if is_mismatch(&error) => Ok(Written::Changed),
        Err(error) => Err(error),
    }
}

/// Whether the file that stands at `name` in `dir` is the new one of `entry`, as it was staged.
pub(super) fn is_new(
    system: &dyn System,
    (dir, name): (&Dir, &std::ffi::OsStr),
    entry: &Entry,
    buffers: &mut Buffers,
) -> io::Result<bool> {
    let made = &entry.staged.new;
    let file = match system.open(dir, name) {
        Err(error) if missing(&error) || errors::is_link(&error) => return Ok(false),
        opened => opened?,
    };
    let meta = system.meta(&file)?;
    let same = meta.inode == made.inode
        && meta.size == entry.new_size()
        && meta.links == 1
        && (meta.mode, meta.user, meta.group) == (made.mode, made.user, made.group)
        && fingerprint(system, &file)? == made.attributes;
    if !same {
        return Ok(false);
    }
    match buffers.digest(system, &file, meta.size) {
        Ok(digest) => Ok(digest == entry.becomes),
        Err(error) if is_mismatch(&error) => Ok(false),
        Err(error) => Err(error),
    }
}
