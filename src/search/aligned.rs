//! Reading one piece of a huge file: whole lines, read from page to page, as reads that are not aligned take longer.

use super::input::CHUNK;
use crate::system::files;
use std::fs::File;
use std::io;

/// Bytes of a piece: whole chunks of the ordinary search, which are whole pages.
pub(super) const PIECE: u64 = 10 * CHUNK as u64;
/// Page size that reads are aligned to.
const PAGE: usize = 4096;

/// What ends lines.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    /// This byte.
    pub terminator: u8,
    /// NUL bytes, too.
    pub nul: bool,
}

impl Ends {
    fn find(self, bytes: &[u8]) -> Option<usize> {
        match self.nul {
            true => memchr::memchr2(self.terminator, 0, bytes),
            false => memchr::memchr(self.terminator, bytes),
        }
    }

    fn is(self, byte: u8) -> bool {
        byte == self.terminator || self.nul && byte == 0
    }
}

/// A buffer that begins at a page.
#[derive(Default)]
pub(super) struct Aligned {
    bytes: Vec<u8>,
}

impl Aligned {
    /// Reads the lines that start in piece `index`, at `floor` at the earliest, where one starts; returns the offset of the
    /// first one, and their text. The `last` piece goes on to the file's end.
    pub(super) fn read(
        &mut self,
        file: &File,
        (index, floor, last): (u64, u64, bool),
        ends: Ends,
    ) -> io::Result<(u64, &mut [u8])> {
        // The page before shows whether a line starts with the piece.
        let before = if index == 0 { 0 } else { PAGE };
        let from = index * PIECE - before as u64;
        let length = before + PIECE as usize;
        if self.bytes.len() < length + PAGE {
            self.bytes.resize(length + 2 * PAGE, 0);
        }
        let skip = self.bytes.as_ptr().align_offset(PAGE).min(PAGE);
        let mut filled = self.fill(file, skip, length, from)?;
        let start = match usize::try_from(floor.saturating_sub(from)) {
            _ if index == 0 && floor == 0 => 0,
            Ok(floor) if floor >= before => floor.min(filled),
            _ => {
                let edge = before - 1;
                ends.find(&self.bytes[skip + edge..skip + filled.max(edge)])
                    .map_or(filled, |at| edge + at + 1)
            }
        };
        if start >= length || start >= filled {
            return Ok((from + start as u64, &mut []));
        }
        // The last line goes on to its end.
        let mut more = PAGE;
        while filled >= length && (last || !ends.is(self.bytes[skip + filled - 1])) {
            let searched = filled;
            if self.bytes.len() < skip + filled + more {
                self.bytes.resize(skip + filled + more, 0);
            }
            // Growing may have moved the bytes, which only costs their alignment.
            let got = self.fill(file, skip + filled, more, from + filled as u64)?;
            filled += got;
            if got == 0 {
                break;
            }
            if !last && let Some(at) = ends.find(&self.bytes[skip + searched..skip + filled]) {
                filled = searched + at + 1;
                break;
            }
            more = (more * 2).min(64 << 20);
        }
        Ok((
            from + start as u64,
            &mut self.bytes[skip + start..skip + filled],
        ))
    }

    /// Reads `length` bytes, fewer at the file's end, to `at` in the buffer.
    fn fill(&mut self, file: &File, at: usize, length: usize, from: u64) -> io::Result<usize> {
        let mut filled = 0;
        while filled < length {
            let room = &mut self.bytes[at + filled..at + length];
            match files::read_at(file, room, from + filled as u64)? {
                0 => break,
                got => filled += got,
            }
        }
        Ok(filled)
    }
}
