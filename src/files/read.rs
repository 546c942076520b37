//! Reading files.

use crate::system::{errors, files};
use std::fs::File;
use std::io;

/// Where a file's content comes from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'f> {
    /// The file, open.
    pub file: &'f File,
    /// It is a regular file of a local file system, which ends where a read comes short.
    pub short_read_ends: bool,
}

impl Source<'_> {
    /// The size of a regular file in bytes; none for anything else.
    pub fn size(&self) -> Option<u64> {
        files::size(self.file)
    }
}

/// Reads all there is into `buffer` (its former content is dropped), `most` bytes at the most.
///
/// # Errors
/// What the system says; [`io::ErrorKind::FileTooLarge`] for more than `most` bytes.
pub fn read_all(source: Source<'_>, most: usize, buffer: &mut Vec<u8>) -> io::Result<()> {
    match read_start(source, buffer)? {
        true => Ok(()),
        false => read_on(source, most, buffer),
    }
}

/// Reads what a small file holds into `buffer` (its former content is dropped), and of a larger one the first bytes; whether
/// that is all there is.
///
/// # Errors
/// What the system says.
pub fn read_start(source: Source<'_>, buffer: &mut Vec<u8>) -> io::Result<bool> {
    buffer.clear();
    if buffer.capacity() < FIRST {
        buffer.reserve_exact(FIRST);
    }
    more(source, buffer)
}

/// Adds all that follows to `buffer`, up to `most` bytes in it.
///
/// # Errors
/// What the system says; [`io::ErrorKind::FileTooLarge`] for more than `most` bytes, of which little is read where the size
/// shows it.
pub fn read_on(source: Source<'_>, most: usize, buffer: &mut Vec<u8>) -> io::Result<()> {
    let size = source.size();
    loop {
        if size.is_some_and(|size| size > most as u64) || buffer.len() > most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if buffer.capacity() == buffer.len() {
            let more = buffer.len().max(FIRST);
            buffer.try_reserve(more).map_err(|_| errors::no_memory())?;
        }
        if more(source, buffer)? {
            return Ok(());
        }
    }
}

/// Adds what one read gives; whether the file ends there.
fn more(source: Source<'_>, buffer: &mut Vec<u8>) -> io::Result<bool> {
    let room = buffer.capacity() - buffer.len();
    let got = files::read(source.file, buffer)?;
    Ok(got == 0 || source.short_read_ends && got < room)
}

/// Room for a small file, and the proof of its end in one read.
const FIRST: usize = 64 << 10;
