//! The second way to write: into the file itself, through one handle by which it was verified.
//!
//! Where the length stays, the changed bytes alone are written. Where it changes, the file is overwritten from its first
//! changed byte on, and made shorter only at the end; the bytes it loses are in the journal. Rolling back looks at
//! every byte first: only what holds old and new bytes, as an interrupted write leaves them, is written to.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::access::Access;
use super::content::{Buffers, PIECE, Splicer};
use super::error::{Obstacle, is_damaged};
use super::folders::KnownFolders;
use super::journal::Lost;
use super::record::FileEntry;
use crate::change::edit::Edits;
use crate::system::errors::{self, not_allowed};
use crate::system::{FileKind, HOLDS, Hold, Meta, System, missing, read_full, write_full};

/// A file, open for writing.
enum OpenedFile {
    Open(Arc<File>, Meta),
    /// There is no such file any more, or another one has its name.
    Other,
    /// Another program has it open, for longer than we wait, or we may not write to it.
    InUse,
}

/// What became of a file whose old content was to be put back.
pub(super) enum RolledBack {
    /// It has its old content.
    Done,
    /// It is left as another program made it.
    Theirs,
    /// It is left as another program made it of what the edit had written.
    Mixed,
}

impl Access<'_> {
    /// Gives the file of `entry` its new content in place. `durable`: and makes it so.
    pub(super) fn write_in_place(
        &self,
        entry: &FileEntry,
        durable: bool,
        buffers: &mut Buffers,
    ) -> Result<(), Obstacle> {
        let wait = (!entry.exchangeable).then(|| self.patience());
        let (file, meta) = match self.open_to_write(entry, wait)? {
            OpenedFile::Open(file, meta) => (file, meta),
            OpenedFile::Other => return Err(Obstacle::changed()),
            OpenedFile::InUse => return Err(Obstacle::InUse),
        };
        let same = (meta.device, meta.size) == (entry.old.meta.device, entry.old.meta.size)
            && self.is_old(entry, (&file, &meta), buffers)?;
        if !same {
            return Err(Obstacle::changed());
        }
        self.put(entry, (&file, &meta), &entry.edits, entry.new_size())?;
        if durable {
            self.system.sync(&file)?;
        }
        Ok(())
    }

    /// Opens the file of `entry`, and keeps it from others until the transaction ends. A read-only file is opened when it
    /// is written, for it is writable a moment then, and a recovery must know of that.
    pub(super) fn hold(&self, entry: &mut FileEntry) -> Result<(), Obstacle> {
        if entry.exchanged() || entry.is_read_only() {
            return Ok(());
        }
        match self.open_to_write(entry, Some(self.patience())) {
            Ok(OpenedFile::Open(file, _)) => entry.held = Some(file),
            Ok(OpenedFile::Other) => return Err(Obstacle::changed()),
            Ok(OpenedFile::InUse) => return Err(Obstacle::InUse),
            // A folder that has the name by now is opened by nobody.
            Err(error) if errors::not_writable(&error) && !self.is_file(entry)? => {
                return Err(Obstacle::changed());
            }
            Err(error) if errors::not_writable(&error) => {
                let what = format!("you may not write to it ({})", errors::text(&error));
                return Err(Obstacle::Refused(what));
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Whether a regular file has the name of `entry`.
    fn is_file(&self, entry: &FileEntry) -> io::Result<bool> {
        let there = self.look(&*self.dir(entry)?, &entry.name)?;
        Ok(there.is_some_and(|there| there.kind == FileKind::File))
    }

    /// Gives the file of `entry` its old content back, however much of the new one was written.
    pub(super) fn put_back(
        &self,
        entry: &FileEntry,
        buffers: &mut Buffers,
    ) -> io::Result<RolledBack> {
        let (file, meta) = match self.open_to_write(entry, Some(self.wait))? {
            OpenedFile::Open(file, meta) => (file, meta),
            OpenedFile::Other => return Ok(RolledBack::Theirs),
            // It may have new bytes: the journal stays until they can be taken back.
            OpenedFile::InUse => {
                let what = "another program has it open";
                return Err(io::Error::new(io::ErrorKind::ResourceBusy, what));
            }
        };
        // The old content is made of the file's, where the length stays; else the journal has it.
        let back = match entry.edits.keep_lengths() {
            true => entry.edits.inverse(),
            false => Edits::default(),
        };
        match self.compare(entry, (&file, &meta), &back, buffers) {
            Ok(Content::Old) => {
                self.make_read_only(entry, (&file, &meta))?;
                return Ok(RolledBack::Done);
            }
            Ok(Content::Mixed) => {}
            Ok(Content::Foreign) => return self.with_new_bytes(entry, &file),
            Err(error) if is_damaged(&error) => return self.with_new_bytes(entry, &file),
            Err(error) => return Err(error),
        }
        self.put(entry, (&file, &meta), &back, entry.old.meta.size)?;
        self.make_read_only(entry, (&file, &meta))?;
        self.system.sync(&file)?;
        // The time last: it is what says that everything before it was done. Only the owner can set it.
        match self.system.set_modified(&file, entry.old.meta.modified) {
            Err(error) if !not_allowed(&error) => Err(error),
            _ => Ok(RolledBack::Done),
        }
    }

    /// A file that another program wrote to: the edit's first new bytes may be in it.
    fn with_new_bytes(&self, entry: &FileEntry, file: &File) -> io::Result<RolledBack> {
        let Some(edit) = entry.edits.iter().next() else {
            return Ok(RolledBack::Theirs);
        };
        let mut bytes = vec![0; edit.new.len()];
        let read = read_full(self.system, file, &mut bytes, edit.start)?;
        Ok(match read > 0 && bytes[..read] == *edit.new {
            true => RolledBack::Mixed,
            false => RolledBack::Theirs,
        })
    }

    /// Makes a file read-only again that was made writable to be opened, where a process ended before it could.
    fn make_read_only(&self, entry: &FileEntry, (file, meta): (&File, &Meta)) -> io::Result<()> {
        match HOLDS && entry.is_read_only() && meta.mode != entry.old.meta.mode {
            true => self.system.set_mode(file, entry.old.meta.mode),
            false => Ok(()),
        }
    }

    /// Writes what `edits` make of the old content, which gets `size` bytes by that.
    fn put(
        &self,
        entry: &FileEntry,
        (file, meta): (&File, &Meta),
        edits: &Edits,
        size: u64,
    ) -> io::Result<()> {
        if entry.edits.keep_lengths() {
            overwrite(self.system, file, edits, entry.is_small())?;
        } else {
            let mut side = Side::new(self, entry, (file, meta), edits)?;
            let mut at = entry.edits.region().start;
            loop {
                let piece = side.take()?;
                if piece.is_empty() {
                    break;
                }
                write_full(self.system, file, piece, at)?;
                at += piece.len() as u64;
            }
            if size < meta.size {
                self.system.set_len(file, size)?;
            }
        }
        // A write by someone else than root takes the set-ID bits away.
        if meta.mode & 0o6000 != 0 && self.system.meta(file)?.mode != meta.mode {
            self.system.set_mode(file, meta.mode)?;
        }
        Ok(())
    }

    /// Opens the file and keeps others from it. That is a condition, unless it may `wait` for those that have it open, and
    /// go on without.
    fn open_to_write(&self, entry: &FileEntry, wait: Option<Duration>) -> io::Result<OpenedFile> {
        if let Some(file) = &entry.held {
            let meta = self.system.meta(file)?;
            return Ok(OpenedFile::Open(Arc::clone(file), meta));
        }
        let readers = entry.edits.keep_lengths();
        let held = wait.is_none();
        let end = Instant::now() + wait.unwrap_or_default();
        let mut pause = Duration::from_millis(1);
        loop {
            let dir = self.dir(entry)?;
            let late = Instant::now() >= end;
            self.waited.fetch_or(late && !held, Ordering::Relaxed);
            match self.system.open_in_place(&dir, &entry.name, readers) {
                Ok(file) => {
                    let file = Arc::new(file);
                    let meta = self.system.meta(&file)?;
                    if meta.inode != entry.old.meta.inode {
                        return Ok(OpenedFile::Other);
                    }
                    let is_ours = match self.system.hold(&file)? {
                        Hold::Held => true,
                        _ if held => return Ok(OpenedFile::InUse),
                        Hold::InUse if !late => false,
                        _ => self.system.lock(&file).unwrap_or(true) || late,
                    };
                    // Another transaction may have exchanged it before it was held.
                    let there = self.look(&dir, &entry.name)?;
                    match there.is_some_and(|there| there.inode == meta.inode) {
                        true if is_ours => return Ok(OpenedFile::Open(file, meta)),
                        true => {}
                        false => return Ok(OpenedFile::Other),
                    }
                }
                Err(error) if missing(&error) || errors::not_a_file(&error) => {
                    return Ok(OpenedFile::Other);
                }
                Err(error) if errors::held_by_another(&error) && !late => {}
                Err(error) if errors::held_by_another(&error) => return Ok(OpenedFile::InUse),
                Err(error) if held && errors::not_writable(&error) => return Ok(OpenedFile::InUse),
                Err(error) => return Err(error),
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(50));
        }
    }

    /// Whose the content is; `back`: what makes the old content. A byte is ours where it is the old or the new one at its
    /// offset, or 0 where the file grew and the machine stopped before its data was written.
    fn compare(
        &self,
        entry: &FileEntry,
        (file, meta): (&File, &Meta),
        back: &Edits,
        buffers: &mut Buffers,
    ) -> io::Result<Content> {
        let (old_size, new_size) = (entry.old.meta.size, entry.new_size());
        if !(old_size.min(new_size)..=old_size.max(new_size)).contains(&meta.size) {
            return Ok(Content::Foreign);
        }
        let mut at = entry.edits.region().start;
        let mut digest = blake3::Hasher::new();
        buffers.pieces(self.system, file, at, |piece, _| {
            digest.update(piece);
            Ok(())
        })?;
        let mut old = Side::new(self, entry, (file, meta), back)?;
        let mut new = Side::new(self, entry, (file, meta), &entry.edits)?;
        let mut now = vec![0; PIECE];
        let (mut ours, mut changed) = (true, meta.size != old_size);
        loop {
            let (old, new) = (old.take()?, new.take()?);
            let read = read_full(self.system, file, &mut now, at)?;
            if old.is_empty() && read == 0 {
                break;
            }
            digest.update(old);
            changed |= &now[..read] != old;
            ours &= now[..read].iter().enumerate().all(|(index, byte)| {
                old.get(index) == Some(byte)
                    || new.get(index) == Some(byte)
                    || index >= old.len() && *byte == 0
            });
            at += PIECE as u64;
        }
        let ours = ours && digest.finalize() == blake3::Hash::from_bytes(entry.old.digest);
        Ok(match (ours, changed) {
            (false, _) => Content::Foreign,
            (true, true) => Content::Mixed,
            (true, false) => Content::Old,
        })
    }
}

/// What a file has that is to be rolled back.
enum Content {
    Old,
    /// Old and new bytes, as an interrupted write leaves them.
    Mixed,
    /// Bytes that are neither.
    Foreign,
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
    source: BytesFrom<'a>,
    splicer: Splicer<'a>,
    /// What was taken, and what comes next.
    taken: Vec<u8>,
    next: Vec<u8>,
}

/// Where a side comes from.
enum BytesFrom<'a> {
    /// The journal has the old bytes, as the length changes.
    Journal(Lost<'a>),
    /// The file from this offset on: bytes that are in no edit are the same on both sides.
    File(&'a dyn System, &'a File, u64),
}

impl<'a> Side<'a> {
    /// What `edits` make of the source.
    fn new(
        access: &Access<'a>,
        entry: &FileEntry,
        (file, _): (&'a File, &Meta),
        edits: &'a Edits,
    ) -> io::Result<Side<'a>> {
        let start = entry.edits.region().start;
        let source = match entry.edits.keep_lengths() {
            true => BytesFrom::File(access.system, file, start),
            false => BytesFrom::Journal(Lost::new(access.system, access.journal, entry)?),
        };
        Ok(Side {
            source,
            splicer: Splicer::new(edits, start),
            taken: Vec::new(),
            next: Vec::new(),
        })
    }

    /// The next [`PIECE`] bytes; fewer only at the end.
    fn take(&mut self) -> io::Result<&[u8]> {
        while self.next.len() < PIECE {
            let piece = match &mut self.source {
                BytesFrom::Journal(lost) => lost.next()?.unwrap_or_default(),
                BytesFrom::File(system, file, at) => {
                    let mut piece = vec![0; PIECE];
                    let read = read_full(*system, file, &mut piece, *at)?;
                    piece.truncate(read);
                    *at += read as u64;
                    piece
                }
            };
            self.splicer.feed(&piece, &mut self.next);
            if piece.is_empty() {
                break;
            }
        }
        let rest = self.next.split_off(self.next.len().min(PIECE));
        self.taken = std::mem::replace(&mut self.next, rest);
        Ok(&self.taken)
    }
}

/// Reads the bytes that the file of `entry` loses where its length changes, in pieces, after verifying it. `false`: it is
/// not what was read.
pub(super) fn lost_bytes(
    system: &dyn System,
    folders: &KnownFolders,
    entry: &FileEntry,
    buffers: &mut Buffers,
    mut each: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<bool> {
    let file = match &entry.held {
        Some(file) => Arc::clone(file),
        None => match system.open(&*folders.dir(system, entry.folder)?, &entry.name) {
            Err(error) if missing(&error) || errors::not_a_file(&error) => return Ok(false),
            opened => Arc::new(opened?),
        },
    };
    let meta = system.meta(&file)?;
    if !entry.is_as_seen(&meta) {
        return Ok(false);
    }
    let start = entry.edits.region().start;
    let mut at = 0;
    let read = buffers.pieces(system, &file, meta.size, |piece, _| {
        let first = usize::try_from(start.saturating_sub(at)).unwrap_or(usize::MAX);
        if let Some(lost) = piece.get(first..).filter(|lost| !lost.is_empty()) {
            each(lost)?;
        }
        at += piece.len() as u64;
        Ok(())
    });
    match read {
        Err(error) if !is_damaged(&error) => Err(error),
        read => Ok(read.is_ok_and(|digest| digest == entry.old.digest)),
    }
}
