//! The second way to write: into the file itself, through one handle by which it was verified.
//!
//! Where the length stays, the changed bytes alone are written. Where it changes, the file is overwritten from its first
//! changed byte on, and made shorter only at the end; the bytes it loses are in the journal. Rolling back looks at
//! every byte first: only what holds old and new bytes, as an interrupted write leaves them, is written to.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use super::access::Access;
use super::content::{Buffers, FileFrom, PIECE, Splicer};
use super::error::{MIXED, Obstacle, THEIRS, in_use};
use super::record::FileEntry;
use crate::change::edit::Edits;
use crate::system::errors::{self, not_allowed};
use crate::system::{Dir, FileKind, HOLDS, Hold, Meta, System, read_full, write_full};

/// The bits of a mode that make a program run as the file's owner or group.
const SET_ID: u32 = 0o6000;

impl Access<'_> {
    /// Gives the file of `entry` its new content in place. `durable`: and makes it so.
    pub(super) fn write_in_place(
        &self,
        entry: &FileEntry,
        durable: bool,
        buffers: &mut Buffers,
    ) -> Result<(), Obstacle> {
        let wait = (!entry.exchangeable).then(|| self.patience());
        let opened = self.open_to_write(entry, wait)?;
        let (file, meta) = opened.ok_or_else(Obstacle::changed)?;
        let same = (meta.device, meta.size) == (entry.old.meta.device, entry.old.meta.size)
            && buffers.match_digest(self.system, &file, meta.size, &entry.old.digest)?;
        if !same {
            return Err(Obstacle::changed());
        }
        self.check_privileges(entry, &file, &meta)?;
        self.put(entry, (&file, &meta), &entry.edits)?;
        if durable {
            self.system.sync(&file)?;
        }
        Ok(())
    }

    /// A write takes capabilities away, and if it is not root's the set-ID bits: such a file is exchanged where it can be; else
    /// it is written to by those who can give it its bits again.
    fn check_privileges(
        &self,
        entry: &FileEntry,
        file: &File,
        meta: &Meta,
    ) -> Result<(), Obstacle> {
        let names = self.system.attributes(file)?;
        let is_capable = names.iter().any(|name| name == "security.capability");
        let gives_bits = [0, meta.user].contains(&self.system.user());
        match is_capable || meta.mode & SET_ID != 0 {
            true if entry.exchangeable => Err(Obstacle::InUse),
            true if is_capable || !gives_bits => {
                let what = "it cannot be replaced, and a write would take its set-ID bits or capabilities away; take them off, and have them given again after the edit (chmod, setcap)";
                Err(Obstacle::Refused(what.to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// Opens the file of `entry`, and keeps it from others until the transaction ends. A read-only file is opened when it
    /// is written, for it is writable a moment then, and a recovery must know of that.
    pub(super) fn hold(&self, entry: &mut FileEntry) -> Result<(), Obstacle> {
        if entry.staged.exchanged || entry.is_read_only() {
            return Ok(());
        }
        match self.open_to_write(entry, Some(self.patience())) {
            Ok(Some((file, _))) => entry.held = Some(file),
            Ok(None) => return Err(Obstacle::changed()),
            Err(error) if errors::not_writable(&error) => {
                // A folder that has the name by now is opened by nobody.
                let there = self.look(&*self.dir(entry)?, &entry.name)?;
                if there.is_none_or(|there| there.kind != FileKind::File) {
                    return Err(Obstacle::changed());
                }
                let what = format!("you may not write to it ({})", errors::text(&error));
                return Err(Obstacle::Refused(what));
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Gives the file of `entry` its old content back, however much of the new one was written, unless another program
    /// wrote to it, which is said.
    pub(super) fn put_back(&self, entry: &FileEntry) -> io::Result<Option<&'static str>> {
        // One that is in use may have new bytes: the journal stays until they can be taken back.
        let Some((file, meta)) = self.open_to_write(entry, Some(self.wait))? else {
            return Ok(Some(THEIRS));
        };
        // The old content is made of the file's, where the length stays; else the journal has it.
        let back = match entry.edits.keep_lengths() {
            true => entry.edits.inverse(),
            false => Edits::default(),
        };
        let Some(is_changed) = self.is_changed(entry, (&file, &meta), &back)? else {
            return Ok(match self.has_new_bytes(entry, &file)? {
                true => Some(MIXED),
                false => Some(THEIRS),
            });
        };
        if is_changed {
            self.put(entry, (&file, &meta), &back)?;
        }
        // A process that ended after its write did not give them back. Where there was none, somebody else took them.
        let old = &entry.old.meta;
        let written = is_changed || meta.modified != old.modified;
        if written && old.mode & SET_ID != 0 && meta.mode == old.mode & !SET_ID {
            self.system.set_mode(&file, old.mode)?;
        }
        // It may have been made writable to be opened, by a process that ended before it could make it read-only again.
        if HOLDS && entry.is_read_only() && meta.mode != entry.old.meta.mode {
            self.system.set_mode(&file, entry.old.meta.mode)?;
        }
        if !is_changed {
            return Ok(None);
        }
        self.system.sync(&file)?;
        // The time last: it is what says that everything before it was done. Only the owner can set it.
        match self.system.set_modified(&file, entry.old.meta.modified) {
            Err(error) if !not_allowed(&error) => Err(error),
            _ => Ok(None),
        }
    }

    /// Whether the first new bytes of the edit are in a file that another program wrote to.
    fn has_new_bytes(&self, entry: &FileEntry, file: &File) -> io::Result<bool> {
        let Some(edit) = entry.edits.iter().next() else {
            return Ok(false);
        };
        let mut bytes = vec![0; edit.new.len()];
        let read = read_full(self.system, file, &mut bytes, edit.start)?;
        Ok(read > 0 && bytes[..read] == *edit.new)
    }

    /// Writes what `edits` make of the old content.
    fn put(
        &self,
        entry: &FileEntry,
        (file, meta): (&File, &Meta),
        edits: &Edits,
    ) -> io::Result<()> {
        if entry.edits.keep_lengths() {
            overwrite(self.system, file, edits, entry.is_small())?;
        } else {
            let mut side = self.side(entry, file, edits);
            let mut at = entry.edits.region().start;
            loop {
                let piece = side.take()?;
                if piece.is_empty() {
                    break;
                }
                write_full(self.system, file, &piece, at)?;
                at += piece.len() as u64;
            }
            if at < meta.size {
                self.system.set_len(file, at)?;
            }
        }
        // A write by someone else than root takes them away.
        if meta.mode & SET_ID != 0 && self.system.meta(file)?.mode != meta.mode {
            self.system.set_mode(file, meta.mode)?;
        }
        Ok(())
    }

    /// Opens the file and keeps others from it. That is a condition, unless it may `wait` for those that have it open, and
    /// go on without.
    fn open_to_write(
        &self,
        entry: &FileEntry,
        wait: Option<Duration>,
    ) -> io::Result<Option<(Arc<File>, Meta)>> {
        if entry.held.is_some() {
            return self.open(entry);
        }
        let (readers, inode) = (entry.edits.keep_lengths(), entry.old.meta.inode);
        let keep = |file: &File, meta: &Meta, late: bool| {
            if meta.inode != inode {
                return Ok(true);
            }
            Ok(match self.system.hold(file)? {
                Hold::Held => true,
                _ if wait.is_none() => false,
                Hold::InUse if !late => false,
                _ => self.system.lock(file).unwrap_or(true) || late,
            })
        };
        let open = |dir: &Dir| self.system.open_in_place(dir, &entry.name, readers);
        match self.open_kept(entry, wait.unwrap_or_default(), open, keep) {
            Err(error) if wait.is_none() && errors::not_writable(&error) => Err(in_use()),
            opened => Ok(opened?.filter(|(_, meta)| meta.inode == inode)),
        }
    }

    /// Whether there is any of the new content in a file; `None`: it has bytes of another program. `back`: what makes the
    /// old content. A byte is ours where it is the old or the new one at its offset, or 0 where the file grew and the
    /// machine stopped before its data was written.
    fn is_changed(
        &self,
        entry: &FileEntry,
        (file, meta): (&File, &Meta),
        back: &Edits,
    ) -> io::Result<Option<bool>> {
        let (old_size, new_size) = (entry.old.meta.size, entry.new_size());
        if !(old_size.min(new_size)..=old_size.max(new_size)).contains(&meta.size) {
            return Ok(None);
        }
        let mut at = entry.edits.region().start;
        let mut digest = blake3::Hasher::new();
        digest.update_reader(FileFrom::new(self.system, file, 0).take(at))?;
        let mut old = self.side(entry, file, back);
        let mut new = self.side(entry, file, &entry.edits);
        let mut now = vec![0; PIECE];
        let (mut ours, mut changed) = (true, meta.size != old_size);
        loop {
            let (old, new) = (old.take()?, new.take()?);
            let read = read_full(self.system, file, &mut now, at)?;
            if old.is_empty() && read == 0 {
                break;
            }
            digest.update(&old);
            changed |= now[..read] != old;
            ours &= now[..read].iter().enumerate().all(|(index, byte)| {
                old.get(index) == Some(byte)
                    || new.get(index) == Some(byte)
                    || index >= old.len() && *byte == 0
            });
            at += PIECE as u64;
        }
        let ours = ours && digest.finalize() == blake3::Hash::from_bytes(entry.old.digest);
        Ok(ours.then_some(changed))
    }

    /// What `edits` make of the old content, from the first byte that changes to the end. The old bytes are those of the
    /// journal where the length changes, else the file's: bytes that are in no edit are the same on both sides.
    fn side<'s>(&'s self, entry: &FileEntry, file: &'s File, edits: &'s Edits) -> Side<'s> {
        let start = entry.edits.region().start;
        let source: Box<dyn FnMut() -> io::Result<Vec<u8>>> = match entry.edits.keep_lengths() {
            true => {
                let mut bytes = FileFrom::new(self.system, file, start);
                Box::new(move || {
                    let mut piece = Vec::with_capacity(PIECE);
                    bytes.by_ref().take(PIECE as u64).read_to_end(&mut piece)?;
                    Ok(piece)
                })
            }
            false => Box::new(self.journal.lost(entry.staged.lost)),
        };
        Side {
            source,
            splicer: Splicer::new(edits, start),
            next: Vec::new(),
        }
    }
}

/// Writes the new bytes of edits that keep lengths: by one call where they lie close together.
fn overwrite(system: &dyn System, file: &File, edits: &Edits, small: bool) -> io::Result<()> {
    let region = edits.region();
    if edits.len() > 1 && small {
        let mut bytes = vec![0; (region.end - region.start) as usize];
        read_full(system, file, &mut bytes, region.start)?;
        for edit in edits.iter() {
            let at = (edit.start - region.start) as usize;
            bytes[at..at + edit.new.len()].copy_from_slice(edit.new);
        }
        return write_full(system, file, &bytes, region.start);
    }
    for edit in edits.iter() {
        write_full(system, file, edit.new, edit.start)?;
    }
    Ok(())
}

/// The old or the new content from the first byte that changes to the end.
struct Side<'a> {
    /// Gives the next old bytes; none at the end.
    source: Box<dyn FnMut() -> io::Result<Vec<u8>> + 'a>,
    splicer: Splicer<'a>,
    /// What comes next.
    next: Vec<u8>,
}

impl Side<'_> {
    /// The next [`PIECE`] bytes; fewer only at the end.
    fn take(&mut self) -> io::Result<Vec<u8>> {
        while self.next.len() < PIECE {
            let piece = (self.source)()?;
            self.splicer.feed(&piece, &mut self.next);
            if piece.is_empty() {
                break;
            }
        }
        let rest = self.next.split_off(self.next.len().min(PIECE));
        Ok(std::mem::replace(&mut self.next, rest))
    }
}
