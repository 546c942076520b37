//! The first way to write: a new file takes the old one's place, by one atomic call.
//!
//! What comes out must be the very file that was read. Between the look before the call and the call another
//! program may have written to it, or changed its attributes: so everything is looked at again afterwards, before the
//! commit, and what another program changed goes back to its name.

use std::fs::File;
use std::io;

use super::access::Access;
use super::attributes::{self, Fingerprint, fingerprint};
use super::content::Buffers;
use super::error::Obstacle;
use super::record::{FileEntry, Made, Staged, is_same};
use super::staging::Staging;
use crate::change::edit::Edits;
use crate::system::{Meta, errors};

impl Access<'_> {
    /// Makes the new file of `entry` and its backup, as far as they are needed, and notes them there. `sync`: makes each
    /// durable.
    pub(super) fn stage(
        &self,
        entry: &mut FileEntry,
        sync: bool,
        buffers: &mut Buffers,
    ) -> Result<(), Obstacle> {
        let Some(staging) = self.stage_of(entry) else {
            return Ok(());
        };
        if entry.staged.exchanged {
            let copied = match staging.exchanges {
                true => self.copy(staging, entry, &entry.edits, sync, buffers),
                false => Err(Obstacle::Forbidden(
                    "its file system cannot exchange files".to_owned(),
                )),
            };
            match copied {
                Ok((new, old_attributes)) => {
                    entry.staged.new = Some(new);
                    entry.old_attributes = old_attributes;
                    return Ok(());
                }
                Err(obstacle) => {
                    let _ = staging.unlink(self.system, &entry.slot());
                    let Obstacle::Forbidden(why) = obstacle else {
                        return Err(obstacle);
                    };
                    self.to_in_place(entry, &why)?;
                }
            }
        }
        if self.suffix.is_some() {
            entry.staged.new = match self.copy(staging, entry, &Edits::default(), sync, buffers) {
                Err(Obstacle::Forbidden(why)) => {
                    let what = format!("{why}; leave out the suffix");
                    return Err(Obstacle::Refused(what));
                }
                copied => Some(copied?.0),
            };
        }
        Ok(())
    }

    /// Makes a file in the staging folder with the file's attributes and content; without `edits` it is a backup.
    fn copy(
        &self,
        staging: &Staging,
        entry: &FileEntry,
        edits: &Edits,
        sync: bool,
        buffers: &mut Buffers,
    ) -> Result<(Made, Fingerprint), Obstacle> {
        let system = self.system;
        let opened = self.open(entry)?;
        let Some((from, meta)) = opened.filter(|(_, meta)| is_as_read(entry, meta)) else {
            return Err(Obstacle::changed());
        };
        // The folder is the effective user's alone, so the file may have its mode at once.
        let to = system.create(&staging.dir, &entry.slot(), meta.mode & 0o777)?;
        if buffers.copy_edited(system, (&from, meta.size), edits, &to)? != entry.old.digest {
            return Err(Obstacle::changed());
        }
        // Who is not root can give nobody a file; --force lets another's become ours.
        let any_owner = edits.is_empty() || ![0, meta.user].contains(&system.user());
        let made = attributes::copy(system, &staging.inherited, (&from, &meta), &to, any_owner)?;
        if sync {
            system.sync(&to)?;
        }
        Ok(made)
    }

    /// Makes `entry` one that is written in place, if the file can be written to.
    fn to_in_place(&self, entry: &mut FileEntry, why: &str) -> Result<(), Obstacle> {
        let dir = self.dir(entry)?;
        match self.system.open_write(&dir, &entry.name) {
            Err(error) if errors::not_writable(&error) => {
                return Err(Obstacle::Refused(format!(
                    "{why}, and the file cannot be written to; run grini as its owner or as root"
                )));
            }
            opened => opened?,
        };
        entry.staged = Staged::default();
        entry.exchangeable = false;
        Ok(())
    }

    /// Exchanges `entry`'s file with its new one, and verifies that what came out is the file that was read, in content
    /// and attributes.
    pub(super) fn exchange(
        &self,
        staging: &Staging,
        entry: &FileEntry,
        buffers: &mut Buffers,
    ) -> Result<(), Obstacle> {
        let (system, slot) = (self.system, entry.slot());
        let dir = self.dir(entry)?;
        let opened = self.open_locked(entry)?;
        let Some((file, _)) = opened.filter(|(_, meta)| is_as_read(entry, meta)) else {
            return Err(Obstacle::changed());
        };
        system.exchange(&staging.dir, &slot, &dir, &entry.name)?;
        let meta = system.meta_at(&staging.dir, &slot)?;
        let same = entry.is_as_seen(&meta)
            && fingerprint(system, &file)? == entry.old_attributes
            && buffers.match_digest(self.system, &file, meta.size, &entry.old.digest)?;
        same.then_some(()).ok_or_else(Obstacle::changed)
    }

    /// Whether an open file is the new one of `entry`, as it was staged.
    pub(super) fn is_new(
        &self,
        entry: &FileEntry,
        (file, meta): (&File, &Meta),
        buffers: &mut Buffers,
    ) -> io::Result<bool> {
        let Some(new) = &entry.staged.new else {
            return Ok(false);
        };
        let modified = new.meta.modified;
        let as_made = is_same(&Meta { modified, ..*meta }, &new.meta);
        Ok(as_made
            && fingerprint(self.system, file)? == new.attributes
            && buffers.match_digest(self.system, file, meta.size, &entry.becomes)?)
    }
}

/// Whether `meta` is the file that was read, of which not even an attribute was changed.
fn is_as_read(entry: &FileEntry, meta: &Meta) -> bool {
    entry.is_as_seen(meta) && meta.changed == entry.old.meta.changed
}
