//! The second way to write: into the file itself, through one handle by which it was verified.
//!
//! Where the length stays, the changed bytes alone are written. Where it changes, the file is overwritten from its first
//! changed byte on, and made shorter only at the end; the bytes it loses are in the journal. Rolling back looks at
//! every byte first: only what holds old and new bytes, as an interrupted write leaves them, is written to.

use std::fs::File;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use super::content::{Buffers, Splicer, is_mismatch};
use super::exchange::Written;
use super::files::Entry;
use super::folders::Folders;
use super::journal::Lost;
use crate::change::edit::Edits;
use crate::system::errors::{self, not_allowed};
use crate::system::{Hold, Meta, System, missing, read_full, write_full};

const PIECE: usize = 256 * 1024;

/// What writing in place needs besides the file.
pub(super) struct InPlace<'a> {
    pub(super) system: &'a dyn System,
    pub(super) folders: &'a Folders,
    /// The journal, with the bytes that files lose whose length changes.
    pub(super) journal: &'a File,
    /// How long to wait for a program that has the file open.
    pub(super) wait: Duration,
}

/// A file, open for writing.
enum Opened {
    Open(File, Meta),
    /// There is no such file any more, or another one has its name.
    Other,
    /// Another program has it open, for longer than we wait, or we may not write to it.
    InUse,
}

impl InPlace<'_> {
    /// Gives the file of `entry` its new content. `durable`: and makes it so.
    pub(super) fn write(
        &self,
        entry: &Entry,
        durable: bool,
        buffers: &mut Buffers,
    ) -> io::Result<Written> {
        let system = self.system;
        let (file, meta) = match self.open(entry, entry.exchangeable)? {
            Opened::Open(file, meta) => (file, meta),
            Opened::Other => return Ok(Written::Changed),
            Opened::InUse => return Ok(Written::InUse),
        };
        if (meta.device, meta.size) != (entry.old.device, entry.old.size) {
            return Ok(Written::Changed);
        }
        match buffers.digest(system, &file, meta.size) {
            Ok(digest) if digest == entry.old.digest => {}
            Ok(_) => return Ok(Written::Changed),
            Err(error) if is_mismatch(&error) => return Ok(Written::Changed),
            Err(error) => return Err(error),
        }
        if entry.edits.keep_lengths() {
            overwrite(system, &file, &entry.edits)?;
        } else {
            let mut new = Shifted::new(self, entry, true)?;
            let mut at = entry.edits.region().start;
            loop {
                let piece = new.take(PIECE)?;
                if piece.is_empty() {
                    break;
                }
                write_full(system, &file, piece, at)?;
                at += piece.len() as u64;
            }
            if entry.new_size() < entry.old.size {
                system.set_len(&file, entry.new_size())?;
            }
        }
        restore_mode(system, &file, &meta)?;
        if durable {
            system.sync(&file)?;
        }
        Ok(Written::Done)
    }

    /// Gives the file of `entry` its old content back, however much of the new one was written.
    /// [`Written::Changed`]: another program wrote to it, or it is another file now; it is left as it is.
    pub(super) fn put_back(&self, entry: &Entry, buffers: &mut Buffers) -> io::Result<Written> {
        let system = self.system;
        let (file, meta) = match self.open(entry, false)? {
            Opened::Open(file, meta) => (file, meta),
            Opened::Other | Opened::InUse => return Ok(Written::Changed),
        };
        let content = if entry.edits.keep_lengths() {
            self.compare(entry, &file, &meta, buffers)
        } else {
            self.compare_shifted(entry, &file, &meta, buffers)
        };
        match content {
            Ok(Content::Old) => return Ok(Written::Done),
            Ok(Content::Mixed) => {}
            Ok(Content::Foreign) => return Ok(Written::Changed),
            Err(error) if is_mismatch(&error) => return Ok(Written::Changed),
            Err(error) => return Err(error),
        }
        if entry.edits.keep_lengths() {
            overwrite(system, &file, &entry.edits.inverse())?;
        } else {
            let mut old = Shifted::new(self, entry, false)?;
            let mut at = entry.edits.region().start;
            loop {
                let piece = old.take(PIECE)?;
                if piece.is_empty() {
                    break;
                }
                write_full(system, &file, piece, at)?;
                at += piece.len() as u64;
            }
            if meta.size > entry.old.size {
                system.set_len(&file, entry.old.size)?;
            }
        }
        restore_mode(system, &file, &meta)?;
        system.sync(&file)?;
        // The time last: it is what says that everything before it was done. Only the owner can set it.
        match system.set_modified(&file, entry.old.modified) {
            Err(error) if !not_allowed(&error) => Err(error),
            _ => Ok(Written::Done),
        }
    }

    /// Opens the file and keeps others from it. `held`: that is a condition; otherwise it waits for those that have it
    /// open, and goes on without.
    fn open(&self, entry: &Entry, held: bool) -> io::Result<Opened> {
        let wait = if held { Duration::ZERO } else { self.wait };
        let end = Instant::now() + wait;
        let mut pause = Duration::from_millis(1);
        loop {
            let dir = match self.folders.dir(self.system, entry.folder) {
                Err(error) if missing(&error) => return Err(no_folder()),
                dir => dir?,
            };
            let late = Instant::now() >= end;
            match self.system.open_write(&dir, &entry.name) {
                Ok(file) => {
                    let meta = self.system.meta(&file)?;
                    if meta.inode != entry.old.inode {
                        return Ok(Opened::Other);
                    }
                    match self.system.hold(&file)? {
                        Hold::Held => return Ok(Opened::Open(file, meta)),
                        _ if held => return Ok(Opened::InUse),
                        Hold::InUse if !late => {}
                        _ => return Ok(Opened::Open(file, meta)),
                    }
                }
                Err(error) if missing(&error) || errors::is_link(&error) => {
                    return Ok(Opened::Other);
                }
                Err(error) if errors::held_by_another(&error) && !late => {}
                Err(error) if errors::held_by_another(&error) => return Ok(Opened::InUse),
                Err(error) if held && errors::not_writable(&error) => return Ok(Opened::InUse),
                Err(error) => return Err(error),
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(50));
        }
    }

    /// Whose the content is, where the edits keep its length.
    fn compare(
        &self,
        entry: &Entry,
        file: &File,
        meta: &Meta,
        buffers: &mut Buffers,
    ) -> io::Result<Content> {
        if meta.size != entry.old.size {
            return Ok(Content::Foreign);
        }
        let mut old = blake3::Hasher::new();
        let mut edits = entry.edits.iter().peekable();
        let (mut at, mut ours, mut changed) = (0_u64, true, false);
        buffers.pieces(self.system, file, meta.size, |piece, restored| {
            restored.clear();
            restored.extend_from_slice(piece);
            let end = at + piece.len() as u64;
            while let Some(edit) = edits.peek() {
                let (first, last) = (edit.start.clamp(at, end), edit.end().clamp(at, end));
                for offset in first..last {
                    let (inside, there) = ((offset - edit.start) as usize, (offset - at) as usize);
                    let byte = piece[there];
                    ours &= byte == edit.old[inside] || byte == edit.new[inside];
                    changed |= byte != edit.old[inside];
                    restored[there] = edit.old[inside];
                }
                if edit.end() > end {
                    break;
                }
                edits.next();
            }
            old.update(restored);
            at = end;
            Ok(())
        })?;
        Ok(
            if !ours || old.finalize() != blake3::Hash::from_bytes(entry.old.digest) {
                Content::Foreign
            } else if changed {
                Content::Mixed
            } else {
                Content::Old
            },
        )
    }

    /// Whose the content is, where the edits change its length. A byte is ours where it is the old or the new one at its
    /// offset, or 0 where the file grew and the machine stopped before its data was written.
    fn compare_shifted(
        &self,
        entry: &Entry,
        file: &File,
        meta: &Meta,
        buffers: &mut Buffers,
    ) -> io::Result<Content> {
        let (low, high) = (
            entry.old.size.min(entry.new_size()),
            entry.old.size.max(entry.new_size()),
        );
        if meta.size < low || meta.size > high {
            return Ok(Content::Foreign);
        }
        let start = entry.edits.region().start;
        let mut digest = blake3::Hasher::new();
        buffers.pieces(self.system, file, start, |piece, _| {
            digest.update(piece);
            Ok(())
        })?;
        let (mut old, mut new) = (
            Shifted::new(self, entry, false)?,
            Shifted::new(self, entry, true)?,
        );
        let mut now = vec![0; PIECE];
        let (mut at, mut ours, mut changed) = (start, true, meta.size != entry.old.size);
        loop {
            let (old, new) = (old.take(PIECE)?, new.take(PIECE)?);
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
        Ok(
            if !ours || digest.finalize() != blake3::Hash::from_bytes(entry.old.digest) {
                Content::Foreign
            } else if changed {
                Content::Mixed
            } else {
                Content::Old
            },
        )
    }
}

fn no_folder() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "its folder is gone or not mounted")
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
fn overwrite(system: &dyn System, file: &File, edits: &Edits) -> io::Result<()> {
    let region = edits.region();
    if edits.len() > 1 && super::files::is_small(edits) {
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

/// A write by someone else than root takes the set-ID bits away.
fn restore_mode(system: &dyn System, file: &File, meta: &Meta) -> io::Result<()> {
    if meta.mode & 0o6000 != 0 && system.meta(file)?.mode != meta.mode {
        system.set_mode(file, meta.mode)?;
    }
    Ok(())
}

/// The old or the new bytes from the first that changes to the end, from the journal.
struct Shifted<'a> {
    lost: Lost<'a>,
    splicer: Option<Splicer<'a>>,
    buffer: Vec<u8>,
    /// How many bytes of the buffer were taken.
    taken: usize,
    ended: bool,
}

impl<'a> Shifted<'a> {
    fn new(how: &InPlace<'a>, entry: &'a Entry, new: bool) -> io::Result<Shifted<'a>> {
        Ok(Shifted {
            lost: Lost::new(how.system, how.journal, entry.staged.lost, entry.number)?,
            splicer: new.then(|| Splicer::new(Some(&entry.edits), entry.edits.region().start)),
            buffer: Vec::new(),
            taken: 0,
            ended: false,
        })
    }

    /// The next bytes, at most `most`; fewer only at the end.
    fn take(&mut self, most: usize) -> io::Result<&[u8]> {
        self.buffer.drain(..self.taken);
        self.taken = 0;
        while self.buffer.len() < most && !self.ended {
            match (self.lost.next()?, &mut self.splicer) {
                (Some(piece), Some(splicer)) => splicer.feed(&piece, &mut self.buffer)?,
                (Some(piece), None) => self.buffer.extend_from_slice(&piece),
                (None, splicer) => {
                    self.ended = true;
                    if let Some(splicer) = splicer.take() {
                        splicer.finish(&mut self.buffer)?;
                    }
                }
            }
        }
        self.taken = self.buffer.len().min(most);
        Ok(&self.buffer[..self.taken])
    }
}

/// Reads the bytes that the file of `entry` loses where its length changes, in pieces, after verifying it.
pub(super) fn lost_bytes(
    system: &dyn System,
    folders: &Folders,
    entry: &Entry,
    buffers: &mut Buffers,
    mut each: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<Written> {
    let dir = folders.dir(system, entry.folder)?;
    let file = match system.open(&dir, &entry.name) {
        Err(error) if missing(&error) || errors::is_link(&error) => return Ok(Written::Changed),
        opened => opened?,
    };
    let meta = system.meta(&file)?;
    if !super::files::is_as_seen(&entry.old, &meta) {
        return Ok(Written::Changed);
    }
    let start = entry.edits.region().start;
    let mut digest = blake3::Hasher::new();
    let mut at = 0;
    let read = buffers.pieces(system, &file, meta.size, |piece, _| {
        digest.update(piece);
        let first = usize::try_from(start.saturating_sub(at)).unwrap_or(usize::MAX);
        if let Some(lost) = piece.get(first..).filter(|lost| !lost.is_empty()) {
            each(lost)?;
        }
        at += piece.len() as u64;
        Ok(())
    });
    match read {
        Err(error) if is_mismatch(&error) => Ok(Written::Changed),
        Err(error) => Err(error),
        Ok(()) if digest.finalize() == blake3::Hash::from_bytes(entry.old.digest) => {
            Ok(Written::Done)
        }
        Ok(()) => Ok(Written::Changed),
    }
}
