//! A file that is cut in pieces, and the reading of one: whole lines or sections, read from page to page, as reads that are
//! not aligned take longer.

use super::input::CHUNK;
use super::opened::{Opened, Within};
use crate::files::{Origin, Source};
use crate::ini::{Dialect, cut};
use crate::system::{files, streams};
use std::fs::File;
use std::io;

/// Bytes of a piece: whole chunks of the ordinary search, which are whole pages.
pub(super) const PIECE: usize = 10 * CHUNK;
/// Page size that reads are aligned to.
const PAGE: usize = 4096;

/// Where pieces may begin.
pub(super) enum Cuts<'d> {
    /// After each line.
    Lines {
        /// This byte ends lines.
        terminator: u8,
        /// NUL bytes do, too.
        nul: bool,
    },
    /// Before the headers of sections, as this dialect has them.
    Sections(&'d Dialect),
}

impl Cuts<'_> {
    /// Bytes after a place that show whether a piece may begin there.
    fn ahead(&self) -> usize {
        match self {
            Cuts::Lines { .. } => 0,
            Cuts::Sections(_) => cut::HEADER,
        }
    }

    /// The first place from `from` on, which is not the start; `ended`: no bytes follow these.
    fn find(&self, bytes: &[u8], from: usize, ended: bool) -> Option<usize> {
        match *self {
            Cuts::Lines { terminator, nul } => {
                let rest = bytes.get(from - 1..)?;
                let end = match nul {
                    true => memchr::memchr2(terminator, 0, rest),
                    false => memchr::memchr(terminator, rest),
                };
                end.map(|end| from + end)
            }
            Cuts::Sections(dialect) => {
                let ahead = if ended { 0 } else { self.ahead() };
                let to = bytes.len().saturating_sub(ahead);
                cut::section_from(bytes, from, to, dialect)
            }
        }
    }
}

/// A stretch of a file: what begins in it is one piece.
#[derive(Clone, Copy)]
pub(super) struct Stretch {
    /// Its first byte.
    pub start: u64,
    /// Its length in bytes.
    pub length: usize,
    /// A piece that begins here is whole, whatever stands before it.
    pub floor: u64,
    /// The piece goes on to the file's end.
    pub last: bool,
}

/// A file that is cut in pieces.
pub(super) struct LongFile {
    pub file: File,
    /// Its length in bytes.
    pub size: u64,
    /// Its name as it is shown.
    pub shown: Vec<u8>,
    origin: Origin,
    short_read_ends: bool,
}

impl LongFile {
    /// An open file with its name as it is shown; `short_read_ends` as in [`Source`].
    pub(super) fn new(file: File, shown: &[u8], origin: Origin, short_read_ends: bool) -> LongFile {
        // A thread that prints a piece need not wait for the reader.
        streams::widen_output();
        LongFile {
            size: files::size(&file).unwrap_or(0),
            file,
            shown: shown.to_vec(),
            origin,
            short_read_ends,
        }
    }

    pub(super) fn opened(&self) -> Opened<'_> {
        Opened {
            source: Source {
                file: &self.file,
                short_read_ends: self.short_read_ends,
            },
            shown: &self.shown,
            origin: self.origin,
            within: Within::default(),
        }
    }
}

/// A buffer that begins at a page.
#[derive(Default)]
pub(super) struct Aligned {
    bytes: Vec<u8>,
}

impl Aligned {
    /// Reads the piece of a stretch: from the first place in it where one may begin, at its floor at the earliest, up to the
    /// first such place after the stretch. Returns the offset of its first byte, and its bytes.
    pub(super) fn read(
        &mut self,
        file: &File,
        stretch: Stretch,
        cuts: &Cuts<'_>,
    ) -> io::Result<(u64, &mut [u8])> {
        // The page before shows whether a line starts with the stretch.
        let before = stretch.start.min(PAGE as u64) as usize;
        let from = stretch.start - before as u64;
        let length = before + stretch.length;
        let wanted = length + cuts.ahead();
        if self.bytes.len() < wanted + PAGE {
            self.bytes.resize(wanted + 2 * PAGE, 0);
        }
        let skip = self.bytes.as_ptr().align_offset(PAGE).min(PAGE);
        let mut filled = self.fill(file, skip, wanted, from)?;
        let mut ended = filled < wanted;
        let start = match usize::try_from(stretch.floor.saturating_sub(from)) {
            Ok(floor) if floor >= before => floor.min(filled),
            _ => {
                let bytes = &self.bytes[skip..skip + filled];
                cuts.find(bytes, before, ended).unwrap_or(filled)
            }
        };
        if start >= length || start >= filled {
            return Ok((from + start as u64, &mut []));
        }
        let mut searched = length;
        let mut more = PAGE;
        let end = loop {
            let bytes = &self.bytes[skip..skip + filled];
            if !stretch.last
                && let Some(end) = cuts.find(bytes, searched, ended)
            {
                break end;
            }
            if ended {
                break filled;
            }
            if self.bytes.len() < skip + filled + more {
                self.bytes.resize(skip + filled + more, 0);
            }
            searched = searched.max(filled.saturating_sub(cuts.ahead()));
            // Growing may have moved the bytes, which only costs their alignment.
            let got = self.fill(file, skip + filled, more, from + filled as u64)?;
            filled += got;
            ended = got < more;
            more = (more * 2).min(64 << 20);
        };
        let piece = &mut self.bytes[skip + start..skip + end];
        Ok((from + start as u64, piece))
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
