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
/// What the system says; [`io::ErrorKind::FileTooLarge`] for more than `most` bytes, of which little is read where the size
/// shows it.
pub fn read_all(
    file: &File,
    short_read_ends: bool,
    most: usize,
    buffer: &mut Vec<u8>,
) -> io::Result<()> {
    buffer.clear();
    if buffer.capacity() < FIRST {
        buffer.reserve_exact(FIRST);
    }
    let mut size = None;
    loop {
        if buffer.capacity() == buffer.len() {
            let more = buffer.len().max(FIRST);
            buffer.try_reserve(more).map_err(|_| errors::no_memory())?;
        }
        let room = buffer.capacity() - buffer.len();
        let got = files::read(file, buffer)?;
        if got == 0 || short_read_ends && got < room {
            return Ok(());
        }
        // A small file is not asked for its size.
        let size = *size.get_or_insert_with(|| files::size(file));
        let more_than_most = size.is_some_and(|size| size > most as u64);
        if more_than_most || buffer.len() > most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
    }
}

/// Room for a small file, and the proof of its end in one read.
const FIRST: usize = 64 << 10;
