//! One huge file that is searched as text by several threads: its pieces, and what came of them.

use super::aligned::{Aligned, PIECE};
use super::found::Reached;
use super::opened::{Opened, Within};
use super::prefilter::Prefilter;
use crate::files::{Origin, Source};
use crate::pattern::Matcher;
use crate::plan::{Binary, Job};
use crate::system::{files, streams};
use std::collections::BTreeMap;
use std::fs::File;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The smallest file that is cut in pieces, in bytes.
const HUGE: u64 = 8 << 20;

/// A file that is searched by pieces.
pub(super) struct Huge {
    pub file: Arc<File>,
    pub size: u64,
    pub shown: Vec<u8>,
    origin: Origin,
    short_read_ends: bool,
    /// Byte offset of the first line.
    pub from: u64,
    /// Where its pieces stand, in units of their size.
    pub places: Vec<u64>,
    /// NUL bytes end lines, and no lines are printed.
    pub binary: bool,
    /// No more pieces need be searched.
    stop: AtomicBool,
    /// A line that was selected is no text.
    pub garbled: AtomicBool,
    state: Mutex<State>,
    counted: Condvar,
}

#[derive(Default)]
struct State {
    /// What came of pieces, some before which are not counted yet.
    ahead: BTreeMap<usize, Counted>,
    /// Number of lines before each piece, as far as all before it are counted.
    bases: Vec<u64>,
    /// What all of these came to.
    reached: Reached,
    /// They are the last ones that count.
    over: bool,
}

/// What one piece came to.
pub(super) struct Counted {
    /// Byte offset of its first line.
    pub start: u64,
    pub lines: u64,
    pub count: u64,
    pub consumed: u64,
    pub end: End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Another piece follows.
    Goes,
    /// The file ended in it, or nothing after it matters.
    Last,
    /// It holds a NUL byte, and was not searched.
    Nul,
    /// It could not be searched.
    Failed,
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
    /// A file with its name as it is shown, to be searched from its start; `short_read_ends` as in [`Source`].
    pub(super) fn new(file: File, shown: &[u8], origin: Origin, short_read_ends: bool) -> Huge {
        Huge {
            size: files::size(&file).unwrap_or(0),
            file: Arc::new(file),
            shown: shown.to_vec(),
            origin,
            short_read_ends,
            from: 0,
            places: Vec::new(),
            binary: false,
            stop: AtomicBool::new(false),
            garbled: AtomicBool::new(false),
            state: Mutex::default(),
            counted: Condvar::new(),
        }
    }

    /// The same file, to be searched from where the search came to; `binary`: NUL bytes end lines there.
    pub(super) fn go_on(&self, reached: Reached, binary: bool) -> Huge {
        let state = State {
            reached,
            ..State::default()
        };
        Huge {
            file: Arc::clone(&self.file),
            shown: self.shown.clone(),
            from: reached.offset,
            places: Vec::new(),
            binary,
            stop: AtomicBool::new(false),
            garbled: AtomicBool::new(false),
            state: Mutex::new(state),
            counted: Condvar::new(),
            ..*self
        }
    }

    /// Cuts the file in pieces; where NUL bytes end lines that are not selected when they are empty, those in holes are left
    /// out.
    pub(super) fn cut(mut self, job: &Job) -> Arc<Huge> {
        // A thread that prints a piece need not wait for the reader.
        streams::widen_output();
        let empty = |matcher: &Matcher| matcher.is_match(b"").unwrap_or(true);
        let skips = self.binary && !job.output.invert && !job.matchers.text().is_ok_and(empty);
        let piece = PIECE as u64;
        let mut place = self.from / piece;
        while place * piece < self.size {
            let data = match skips {
                true => files::next_data(&self.file, (place * piece).max(self.from)),
                false => 0,
            };
            place = place.max(data.min(self.size) / piece);
            if place * piece < self.size {
                self.places.push(place);
            }
            place += 1;
        }
        if self.places.is_empty() {
            // With a piece the search ends, be it an empty one.
            self.places.push(self.size / piece);
        }
        Arc::new(self)
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

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether no more pieces need be searched.
    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Where the search by pieces came to; none: it failed.
    pub(super) fn reached(&self) -> Option<Reached> {
        let state = self.lock();
        let mut reached = state.reached;
        reached.found.garbled |= self.garbled.load(Ordering::Relaxed);
        let failed = |counted: &Counted| counted.end == End::Failed;
        (!state.ahead.values().any(failed)).then_some(reached)
    }

    /// Hands in what a piece came to, and waits until all pieces before it are counted: the number of lines before it.
    /// None: the search ended before it, or with it.
    pub(super) fn count(&self, index: usize, counted: Counted) -> Option<u64> {
        let mut state = self.lock();
        let goes = matches!(counted.end, End::Goes | End::Last);
        state.ahead.insert(index, counted);
        state.advance();
        if state.over {
            self.stop.store(true, Ordering::Relaxed);
        }
        self.counted.notify_all();
        while goes && !state.over && state.bases.len() <= index {
            let waited = self.counted.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        state.bases.get(index).copied().filter(|_| goes)
    }
}

impl State {
    /// Counts the pieces that follow those that are counted.
    fn advance(&mut self) {
        while !self.over
            && let Some(counted) = self.ahead.get(&self.bases.len())
        {
            let reached = &mut self.reached;
            match counted.end {
                End::Goes => {}
                End::Last => (self.over, reached.ended) = (true, true),
                End::Nul => {
                    reached.offset = counted.start;
                    self.over = true;
                    return;
                }
                End::Failed => {
                    self.over = true;
                    return;
                }
            }
            let base = reached.lines;
            reached.lines += counted.lines;
            reached.found.count += counted.count;
            if counted.count > 0 {
                reached.found.consumed = counted.consumed;
            }
            self.ahead.remove(&self.bases.len());
            self.bases.push(base);
        }
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
