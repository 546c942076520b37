//! The form of a journal: frames with a digest each, so that a file that was cut short, or is not ours, is seen to be so.
//!
//! A frame is the length of its payload (4 bytes, little endian), the first 16 bytes of the BLAKE3 digest of its offset
//! in the file and its payload, and the payload: one value in postcard's wire format. Since the offset is in the
//! digest, frames can be read from anywhere, and none can stand in another's place.

use std::fs::File;
use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::damaged;
use crate::system::{System, read_full, write_full};

const DIGEST: usize = 16;
const HEAD: usize = 4 + DIGEST;
/// How much is collected before it is written, and read at once.
const BLOCK: usize = 1024 * 1024;

/// Writes values as frames.
pub(super) struct Writer {
    /// The offset in the file at which `buffer` belongs.
    at: u64,
    buffer: Vec<u8>,
}

impl Writer {
    /// Begins at `offset` of a file.
    pub(super) fn new(offset: u64) -> Writer {
        Writer {
            at: offset,
            buffer: Vec::new(),
        }
    }

    /// Where the next frame begins.
    pub(super) fn offset(&self) -> u64 {
        self.at + self.buffer.len() as u64
    }

    /// Adds a frame.
    pub(super) fn write(
        &mut self,
        system: &dyn System,
        file: &File,
        value: &impl Serialize,
    ) -> io::Result<()> {
        let offset = self.offset();
        let start = self.buffer.len();
        self.buffer.resize(start + HEAD, 0);
        let buffer = std::mem::take(&mut self.buffer);
        self.buffer = postcard::to_extend(value, buffer).map_err(io::Error::other)?;
        let (head, payload) = self.buffer[start..].split_at_mut(HEAD);
        let length = u32::try_from(payload.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
        head[..4].copy_from_slice(&length.to_le_bytes());
        head[4..].copy_from_slice(&digest(offset, payload));
        if self.buffer.len() >= BLOCK {
            self.flush(system, file)?;
        }
        Ok(())
    }

    /// Writes what was collected.
    pub(super) fn flush(&mut self, system: &dyn System, file: &File) -> io::Result<()> {
        write_full(system, file, &self.buffer, self.at)?;
        self.at += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

/// Reads frames.
pub(super) struct Reader<'a> {
    system: &'a dyn System,
    file: &'a File,
    /// Offset of the next frame.
    at: u64,
    size: u64,
    block: Vec<u8>,
    /// Offset in the file of `block`.
    block_at: u64,
}

impl<'a> Reader<'a> {
    /// Begins at `offset` of a file of `size` bytes.
    pub(super) fn new(
        system: &'a dyn System,
        file: &'a File,
        offset: u64,
        size: u64,
    ) -> Reader<'a> {
        Reader {
            system,
            file,
            at: offset,
            size,
            block: Vec::new(),
            block_at: 0,
        }
    }

    /// Where the next frame begins.
    pub(super) fn offset(&self) -> u64 {
        self.at
    }

    /// The next value; `None` at the end.
    ///
    /// # Errors
    /// The call's, or [`io::ErrorKind::InvalidData`] where there is no whole frame.
    pub(super) fn read<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        if self.at >= self.size {
            return Ok(None);
        }
        let head: [u8; HEAD] = self.bytes(HEAD)?.try_into().map_err(|_| damaged())?;
        let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let at = self.at;
        let frame = self.bytes(HEAD + length)?;
        if digest(at, &frame[HEAD..]) != head[4..] {
            return Err(damaged());
        }
        let value = postcard::from_bytes(&frame[HEAD..]).map_err(|_| damaged())?;
        self.at += (HEAD + length) as u64;
        Ok(Some(value))
    }

    /// The next `length` bytes, which stay the next.
    fn bytes(&mut self, length: usize) -> io::Result<&[u8]> {
        if length as u64 > self.size - self.at {
            return Err(damaged());
        }
        let held = self.block_at..self.block_at + self.block.len() as u64;
        if !(held.contains(&self.at) && self.at + length as u64 <= held.end) {
            let left = usize::try_from(self.size - self.at).unwrap_or(usize::MAX);
            self.block.resize(length.max(BLOCK.min(left)), 0);
            self.block_at = self.at;
            let read = read_full(self.system, self.file, &mut self.block, self.at)?;
            self.block.truncate(read);
            if read < length {
                return Err(damaged());
            }
        }
        let start = (self.at - self.block_at) as usize;
        Ok(&self.block[start..start + length])
    }
}

fn digest(offset: u64, payload: &[u8]) -> [u8; DIGEST] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&offset.to_le_bytes());
    hasher.update(payload);
    let mut digest = [0; DIGEST];
    digest.copy_from_slice(&hasher.finalize().as_bytes()[..DIGEST]);
    digest
}
