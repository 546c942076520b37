//! The form of a journal: frames with a digest each, so that a file that was cut short, or is not ours, is seen to be so.
//!
//! A frame is the length of its payload (4 bytes, little endian), the first 16 bytes of the BLAKE3 digest of its offset
//! in the file and its payload, and the payload: one value in postcard's wire format. Since the offset is in the
//! digest, frames can be read from anywhere, and none can stand in another's place.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::content::FileFrom;
use super::error::damaged;
use crate::system::System;

const DIGEST: usize = 16;
const HEAD: usize = 4 + DIGEST;
/// How much is collected before it is written, and read at once, in bytes.
pub(super) const BLOCK: usize = 1024 * 1024;

/// Adds a value to `buffer`, as the frame that begins at `offset` of the file.
pub(super) fn add(buffer: &mut Vec<u8>, offset: u64, value: &impl Serialize) -> io::Result<()> {
    let start = buffer.len();
    buffer.resize(start + HEAD, 0);
    *buffer = postcard::to_extend(value, std::mem::take(buffer)).map_err(io::Error::other)?;
    let (head, payload) = buffer[start..].split_at_mut(HEAD);
    let length = u32::try_from(payload.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
    head[..4].copy_from_slice(&length.to_le_bytes());
    head[4..].copy_from_slice(&digest(offset, payload));
    Ok(())
}

/// Reads frames.
pub(super) struct Reader<'a> {
    input: BufReader<FileFrom<'a>>,
    /// Offset of the next frame.
    pub(super) at: u64,
}

impl<'a> Reader<'a> {
    /// Begins at `offset` of a file.
    pub(super) fn new(system: &'a dyn System, file: &'a File, offset: u64) -> Reader<'a> {
        let input = FileFrom::new(system, file, offset);
        Reader {
            input: BufReader::with_capacity(BLOCK, input),
            at: offset,
        }
    }

    /// The next value; `None` at the end.
    ///
    /// # Errors
    /// The call's, or [`io::ErrorKind::InvalidData`] where there is no whole frame.
    pub(super) fn read<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        if self.input.fill_buf()?.is_empty() {
            return Ok(None);
        }
        let head = self.bytes(HEAD as u64)?;
        let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]);
        let payload = self.bytes(length.into())?;
        if digest(self.at, &payload) != head[4..] {
            return Err(damaged());
        }
        let value = postcard::from_bytes(&payload).map_err(|_| damaged())?;
        self.at += (HEAD + payload.len()) as u64;
        Ok(Some(value))
    }

    fn bytes(&mut self, length: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(length.min(BLOCK as u64) as usize);
        let input = self.input.by_ref();
        match input.take(length).read_to_end(&mut bytes)? as u64 == length {
            true => Ok(bytes),
            false => Err(damaged()),
        }
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
