//! One huge file that is searched as text by several threads: its pieces, and what came of them.

use super::aligned::{Aligned, LongFile, PIECE, Stretch};
use super::found::{End, Reached};
use super::in_order::{InOrder, Sum};
use super::prefilter::Prefilter;
use crate::files::Source;
use crate::pattern::Matcher;
use crate::plan::{Binary, Job};
use crate::system::files;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The smallest file that is cut in pieces, in bytes.
const HUGE: u64 = 8 << 20;

/// A file that is searched by pieces, from some line on.
pub(super) struct Huge {
    pub long: Arc<LongFile>,
    /// Byte offset of the first line.
    from: u64,
    /// Where its pieces stand, in units of their size.
    pub places: Vec<u64>,
    /// NUL bytes end lines, and no lines are printed.
    pub binary: bool,
    /// A piece could not be searched.
    failed: AtomicBool,
    /// A line that was selected is no text.
    pub garbled: AtomicBool,
    /// What the pieces come to.
    pub sums: InOrder<Reached>,
}

/// Whether NUL bytes make a file binary.
pub(super) fn detects(job: &Job) -> bool {
    job.output.terminator == b'\n' && job.binary != Binary::Text
}

/// Whether a file is huge.
pub(super) fn is_huge(source: &Source<'_>) -> bool {
    source.size().is_some_and(|size| size >= HUGE)
}

impl Huge {
    /// A file that is searched by pieces from where the search came to; `binary`: NUL bytes end lines there.
    pub(super) fn new(long: Arc<LongFile>, reached: Reached, binary: bool, job: &Job) -> Huge {
        let mut huge = Huge {
            long,
            from: reached.offset,
            places: Vec::new(),
            binary,
            failed: AtomicBool::new(false),
            garbled: AtomicBool::new(false),
            sums: InOrder::new(reached),
        };
        huge.cut(job);
        huge
    }

    /// Cuts the file in pieces; where NUL bytes end lines that are not selected when they are empty, those in holes are left
    /// out.
    fn cut(&mut self, job: &Job) {
        let empty = |matcher: &Matcher| matcher.is_match(b"").unwrap_or(true);
        let skips = self.binary && !job.output.invert && !job.matchers.text().is_ok_and(empty);
        let (size, piece) = (self.long.size, PIECE as u64);
        let mut place = self.from / piece;
        while place * piece < size {
            let data = match skips {
                true => files::next_data(&self.long.file, (place * piece).max(self.from)),
                false => 0,
            };
            place = place.max(data.min(size) / piece);
            if place * piece < size {
                self.places.push(place);
            }
            place += 1;
        }
        if self.places.is_empty() {
            // With a piece the search ends, be it an empty one.
            self.places.push(size / piece);
        }
    }

    /// Where a piece begins and ends.
    pub(super) fn stretch(&self, index: usize) -> Stretch {
        let start = self.places[index] * PIECE as u64;
        Stretch {
            start,
            length: PIECE,
            floor: self.from,
            last: start + PIECE as u64 >= self.long.size,
        }
    }

    /// To be called where a piece could not be searched: none need be any more.
    pub(super) fn fail(&self, index: usize) {
        self.failed.store(true, Ordering::Relaxed);
        self.skip(index);
    }

    /// To be called where a piece is not searched: what came of those after it is not waited for.
    pub(super) fn skip(&self, index: usize) {
        let last = Reached {
            end: End::Last,
            ..Reached::default()
        };
        self.sums.note(index, last);
    }

    /// Whether no more pieces need be searched.
    pub(super) fn stopped(&self) -> bool {
        self.failed.load(Ordering::Relaxed) || self.sums.known().is_last()
    }

    /// Where the search by pieces came to; none: it failed.
    pub(super) fn reached(&self) -> Option<Reached> {
        let mut reached = self.sums.known();
        reached.found.garbled |= self.garbled.load(Ordering::Relaxed);
        (!self.failed.load(Ordering::Relaxed)).then_some(reached)
    }
}

/// What a worker keeps from piece to piece.
#[derive(Default)]
pub(super) struct Room {
    pub buffer: Aligned,
    pub selected: Vec<(Range<usize>, u64)>,
    /// A matcher that shares nothing with other threads, and what it needs to find.
    pub matcher: Option<(Matcher, Option<Prefilter>)>,
}
