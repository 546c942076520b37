//! Writing into a file itself, from its first changed byte, and taking that back.
//!
//! For files that cannot be exchanged. The bytes they lose are in their slot and durable before. The
//! file is never cut to nothing: it is overwritten, and made shorter only at the end.

use std::fs::File;
use std::io;

use super::content::Splicer;
use super::manifest::Entry;
use super::problem::not_allowed;
use super::staging::Staging;
use crate::system::{Dir, Meta, System, read_full, write_full};

const PIECE: usize = 256 * 1024;

/// What became of a file that was to be written, or put back, in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InPlace {
    /// It is as it should be.
    Done,
    /// It has bytes that are neither the old nor the new ones: another program's. It was not touched.
    Foreign,
}

/// Writes the new content. `durable`: and makes it so.
pub(crate) fn write(
    system: &dyn System,
    staging: &Staging,
    dir: &Dir,
    entry: &Entry,
    durable: bool,
) -> io::Result<InPlace> {
    let file = system.open_write(dir, &entry.name)?;
    let meta = system.meta(&file)?;
    if !entry.old.fit(&meta) {
        return Ok(InPlace::Foreign);
    }
    let slot = system.open(&staging.dir, &entry.slot_name())?;
    let mut at = entry.region().start;
    regions(system, &slot, entry, |_, new| {
        write_full(system, &file, new, at)?;
        at += new.len() as u64;
        Ok(())
    })?;
    let size = entry.new_size();
    if size < entry.old.size {
        system.set_len(&file, size)?;
    }
    restore_mode(system, &file, &meta)?;
    if durable {
        system.sync(&file)?;
    }
    Ok(InPlace::Done)
}

/// Puts the old content back, however much of the new one was written.
pub(crate) fn put_back(
    system: &dyn System,
    staging: &Staging,
    dir: &Dir,
    entry: &Entry,
) -> io::Result<InPlace> {
    let file = system.open(dir, &entry.name)?;
    let meta = system.meta(&file)?;
    if meta.inode != entry.old.inode {
        // The name belongs to another file now; what we wrote went with the old one.
        return Ok(InPlace::Foreign);
    }
    if entry.old.fit(&meta) {
        return Ok(InPlace::Done);
    }
    let slot = system.open(&staging.dir, &entry.slot_name())?;
    match compare(system, &file, meta.size, &slot, entry)? {
        Content::Old => return Ok(InPlace::Done),
        Content::Other => return Ok(InPlace::Foreign),
        Content::Ours => {}
    }
    let file = system.open_write(dir, &entry.name)?;
    let region = entry.region();
    let mut piece = vec![0; PIECE.min((region.end - region.start) as usize)];
    let mut done = 0;
    loop {
        let read = read_full(system, &slot, &mut piece, done)?;
        if read == 0 {
            break;
        }
        write_full(system, &file, &piece[..read], region.start + done)?;
        done += read as u64;
    }
    if meta.size > entry.old.size {
        system.set_len(&file, entry.old.size)?;
    }
    restore_mode(system, &file, &meta)?;
    // The time last: it is what says that everything before it was done. Only the owner can set it.
    system.sync(&file)?;
    match system.set_modified(&file, entry.old.modified) {
        Err(error) if !not_allowed(&error) => Err(error),
        _ => Ok(InPlace::Done),
    }
}

/// A write by someone else than root takes the set-ID bits away.
fn restore_mode(system: &dyn System, file: &File, meta: &Meta) -> io::Result<()> {
    if meta.mode & 0o6000 != 0 && system.meta(file)?.mode != meta.mode {
        system.set_mode(file, meta.mode)?;
    }
    Ok(())
}

/// Calls `each` with the old and the new bytes of the region, piece by piece; the pieces of the two
/// do not correspond.
fn regions(
    system: &dyn System,
    slot: &File,
    entry: &Entry,
    mut each: impl FnMut(&[u8], &[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut splicer = Splicer::new(&entry.edits, entry.region().start);
    let mut old = vec![0; PIECE];
    let mut new = Vec::new();
    let mut done = 0;
    loop {
        let read = read_full(system, slot, &mut old, done)?;
        if read == 0 {
            break;
        }
        splicer.feed(&old[..read], &mut new)?;
        each(&old[..read], &new)?;
        new.clear();
        done += read as u64;
    }
    splicer.finish(&mut new)?;
    each(&[], &new)
}

enum Content {
    Old,
    /// Old and new bytes, mixed as an interrupted write leaves them.
    Ours,
    Other,
}

/// Whose the bytes of the region are. A byte is ours where it is the old or the new one at its offset
/// (or 0, where the file grew and the machine stopped before its data was written).
fn compare(
    system: &dyn System,
    file: &File,
    size: u64,
    slot: &File,
    entry: &Entry,
) -> io::Result<Content> {
    let region = entry.region();
    let (low, high) = (
        entry.old.size.min(entry.new_size()),
        entry.old.size.max(entry.new_size()),
    );
    if size < low || size > high {
        return Ok(Content::Other);
    }
    let length = (region.end - region.start) + (high - entry.old.size);
    let length = usize::try_from(length).map_err(|_| io::ErrorKind::OutOfMemory)?;
    let mut old = Vec::with_capacity(length);
    let mut new = Vec::with_capacity(length);
    regions(system, slot, entry, |old_piece, new_piece| {
        old.extend_from_slice(old_piece);
        new.extend_from_slice(new_piece);
        Ok(())
    })?;
    let mut now = vec![0; length];
    let read = read_full(system, file, &mut now, region.start)?;
    now.truncate(read);
    if size == entry.old.size && now == old {
        return Ok(Content::Old);
    }
    let ours = now.iter().enumerate().all(|(at, byte)| {
        old.get(at) == Some(byte) || new.get(at) == Some(byte) || (at >= old.len() && *byte == 0)
    });
    Ok(if ours { Content::Ours } else { Content::Other })
}
