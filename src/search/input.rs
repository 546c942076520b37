//! A file as the text search reads it: chunk by chunk, with GNU grep's rules for NUL bytes.

use crate::files::Source;
use crate::system::files;
use std::cell::Cell;
use std::io::{self, Read};

/// Bytes of one read; NUL bytes are looked for in each.
pub(super) const CHUNK: usize = 96 << 10;

/// A file read chunk by chunk. From the first chunk with a NUL byte on, NULs end lines, as in GNU grep.
pub(super) struct Input<'f> {
    source: Source<'f>,
    chunk: &'f mut Vec<u8>,
    at: usize,
    /// There is no more.
    pub ended: bool,
    /// A NUL byte was read that makes the file binary.
    pub nul: &'f Cell<bool>,
    detects: bool,
    first: bool,
    /// It does not begin where the file does.
    pub goes_on: bool,
    /// Bytes of the first chunk that were read before.
    skipped: usize,
    /// Bytes handed on.
    pub taken: u64,
}

impl<'f> Input<'f> {
    /// An input; `nul` is set with the first NUL byte, which is looked for if `detects`.
    pub(super) fn new(
        source: Source<'f>,
        chunk: &'f mut Vec<u8>,
        nul: &'f Cell<bool>,
        detects: bool,
    ) -> Input<'f> {
        chunk.clear();
        chunk.reserve_exact(CHUNK);
        Input {
            source,
            chunk,
            at: 0,
            ended: false,
            nul,
            detects,
            first: true,
            goes_on: false,
            skipped: 0,
            taken: 0,
        }
    }

    /// To be called where the input stands at a byte offset in its file, so that the chunks end where they do when it is
    /// read from its start.
    pub(super) fn goes_on(&mut self, offset: u64) {
        (self.first, self.goes_on) = (false, true);
        self.skipped = (offset % CHUNK as u64) as usize;
    }

    /// The next chunk; an empty one at the end.
    pub(super) fn chunk(&mut self) -> io::Result<&[u8]> {
        if self.at == self.chunk.len() {
            self.fill()?;
        }
        let from = std::mem::replace(&mut self.at, self.chunk.len());
        self.taken += (self.chunk.len() - from) as u64;
        Ok(&self.chunk[from..])
    }

    /// Whether the whole input is a regular file of one chunk at the most, which is then read.
    pub(super) fn is_whole(&mut self) -> io::Result<bool> {
        let regular = self.source.short_read_ends || self.source.size().is_some();
        if !regular || !self.first {
            return Ok(regular && self.ended);
        }
        self.chunk.clear();
        self.more()?;
        while !self.ended && self.chunk.len() < CHUNK {
            self.more()?;
        }
        if self.detects {
            self.detect();
        }
        self.first = false;
        Ok(self.ended)
    }

    /// Reads the next chunk; an empty one at the end.
    fn fill(&mut self) -> io::Result<()> {
        self.chunk.clear();
        self.at = std::mem::take(&mut self.skipped);
        // They only take the room.
        self.chunk.resize(self.at, b'\n');
        if self.ended {
            return Ok(());
        }
        self.more()?;
        if self.detects {
            self.detect();
        }
        Ok(())
    }

    /// Adds what one read gives to the chunk.
    fn more(&mut self) -> io::Result<()> {
        let room = CHUNK - self.chunk.len();
        let got = files::read(self.source.file, self.chunk)?;
        self.ended = got == 0 || self.source.short_read_ends && got < room;
        Ok(())
    }

    /// Looks for NUL bytes, and puts line ends in their place once there was one.
    fn detect(&mut self) {
        let read = self.chunk.as_mut_slice();
        if !self.nul.get() {
            let full = self.first && read.len() == CHUNK;
            let hole = full && files::has_hole(self.source.file, CHUNK as u64);
            self.nul.set(hole || memchr::memchr(0, read).is_some());
        }
        self.first = false;
        if self.nul.get() {
            end_lines_at_nul(read);
        }
    }
}

/// Puts line ends in the place of NUL bytes.
pub(super) fn end_lines_at_nul(bytes: &mut [u8]) {
    // Without a branch, as many are looked at at once as the machine can.
    for byte in bytes {
        *byte = if *byte == 0 { b'\n' } else { *byte };
    }
}

impl Read for Input<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.chunk.len() {
            self.fill()?;
        }
        let length = out.len().min(self.chunk.len() - self.at);
        out[..length].copy_from_slice(&self.chunk[self.at..self.at + length]);
        self.at += length;
        self.taken += length as u64;
        Ok(length)
    }
}
