//! The search of one huge file as text by several threads: in pieces cut at line ends, printed in order.
//!
//! A line belongs to the piece in which it starts. The first piece with a NUL byte ends the search by pieces: the ordinary
//! search, which knows GNU grep's rules for binary files, goes on up to that byte. From there on NUL bytes end lines, too,
//! and pieces follow again.

use super::aligned::{Aligned, Ends, PIECE};
use super::found::Reached;
use super::input::{CHUNK, end_lines_at_nul};
use super::prefilter::Prefilter;
use super::slot::Slot;
use super::work::Work;
use super::worker::{Failure, Opened, Worker};
use crate::files::{Origin, Source};
use crate::output::text::{Line, Printer, Role, content};
use crate::pattern::{MatchError, Matcher};
use crate::plan::{Binary, Job, Want};
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
    file: Arc<File>,
    size: u64,
    shown: Vec<u8>,
    origin: Origin,
    short_read_ends: bool,
    /// Byte offset of the first line.
    from: u64,
    /// Where its pieces stand, in units of their size.
    places: Vec<u64>,
    /// NUL bytes end lines, and no lines are printed.
    pub(super) binary: bool,
    /// No more pieces need be searched.
    stop: AtomicBool,
    /// A line that was selected is no text.
    garbled: AtomicBool,
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
struct Counted {
    /// Byte offset of its first line.
    start: u64,
    lines: u64,
    count: u64,
    consumed: u64,
    end: End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// Another piece follows.
    Goes,
    /// The file ended in it, or nothing after it matters.
    Last,
    /// It holds a NUL byte, and was not searched.
    Nul,
    /// It could not be searched.
    Failed,
}

/// Whether files are searched by pieces where they are huge.
pub(super) fn may_cut(job: &Job) -> bool {
    job.before == 0
        && job.after == 0
        && !job.output.groups
        && job.max_count.is_none()
        && !job.output.json
        && !job.output.heading
        && !matches!(job.want, Want::CountMatches)
        && !job.stats
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

    /// Leaves the pieces of the file in the place where it was to be searched; where NUL bytes end lines that are not
    /// selected when they are empty, those in holes are left out.
    pub(super) fn cut(mut self, job: &Job, slot: &mut Slot<'_>) {
        // A thread that prints a piece need not wait for the reader.
        streams::widen_output();
        let empty = |matcher: &Matcher| matcher.is_match(b"").unwrap_or(true);
        let skips = self.binary && !job.output.invert && !job.matchers.text().is_ok_and(empty);
        let mut place = self.from / PIECE;
        while place * PIECE < self.size {
            let data = match skips {
                true => files::next_data(&self.file, (place * PIECE).max(self.from)),
                false => 0,
            };
            place = place.max(data.min(self.size) / PIECE);
            if place * PIECE < self.size {
                self.places.push(place);
            }
            place += 1;
        }
        if self.places.is_empty() {
            // With a piece the search ends, be it an empty one.
            self.places.push(self.size / PIECE);
        }
        let huge = Arc::new(self);
        let pieces = 0..huge.places.len();
        slot.leave(pieces.map(|index| Work::Piece(Arc::clone(&huge), index)));
        slot.leave([Work::Rest(huge)]);
    }

    pub(super) fn opened(&self) -> Opened<'_> {
        Opened {
            source: Source {
                file: &self.file,
                short_read_ends: self.short_read_ends,
            },
            shown: &self.shown,
            origin: self.origin,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stopped(&self) -> bool {
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
    fn count(&self, index: usize, counted: Counted) -> Option<u64> {
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
    buffer: Aligned,
    selected: Vec<(Range<usize>, u64)>,
    /// A matcher that shares nothing with other threads, and what it needs to find.
    matcher: Option<(Matcher, Option<Prefilter>)>,
}

impl Worker<'_> {
    /// Searches one piece of a huge file.
    pub(super) fn piece(&mut self, huge: &Huge, index: usize, slot: &mut Slot<'_>) {
        let mut room = std::mem::take(&mut self.room);
        if let Err(failure) = self.search_piece(huge, index, &mut room, slot) {
            self.report_failure(&huge.shown, failure, slot);
        }
        self.room = room;
    }

    fn search_piece(
        &mut self,
        huge: &Huge,
        index: usize,
        room: &mut Room,
        slot: &mut Slot<'_>,
    ) -> Result<(), Failure> {
        let job = self.job;
        let failed = Counted {
            start: 0,
            lines: 0,
            count: 0,
            consumed: 0,
            end: End::Failed,
        };
        if huge.stopped() || slot.failed() {
            return Ok(());
        }
        let (matcher, filter) = match &mut room.matcher {
            Some(matcher) => &*matcher,
            empty => {
                let matcher = job.matchers.text().map_err(Failure::new)?.for_one_thread();
                let filter = Prefilter::of_text(&matcher).filter(|_| !job.output.invert);
                empty.insert((matcher, filter))
            }
        };
        let opened = huge.opened();
        let printer = self.text_printer(&opened, matcher);
        let place = huge.places[index];
        let last = index + 1 == huge.places.len();
        let mut piece = Counted {
            start: place * PIECE,
            end: if last { End::Last } else { End::Goes },
            ..failed
        };
        let ends = Ends {
            terminator: job.output.terminator,
            nul: huge.binary,
        };
        let at_end = (place + 1) * PIECE >= huge.size;
        let read = room
            .buffer
            .read(&huge.file, (place, huge.from, at_end), ends);
        let (from, text) = match read {
            Ok(read) => read,
            Err(error) => {
                huge.count(index, failed);
                return Err(error.into());
            }
        };
        piece.start = from;
        if huge.binary {
            if filter
                .as_ref()
                .is_some_and(|filter| !filter.may_match(text))
            {
                huge.count(index, piece);
                return Ok(());
            }
            end_lines_at_nul(text);
        } else if detects(job) && memchr::memchr(0, text).is_some() {
            piece.end = End::Nul;
            huge.count(index, piece);
            return Ok(());
        }
        room.selected.clear();
        if let Err(error) = select(job, huge, text, matcher, &mut piece, &mut room.selected) {
            piece.end = End::Failed;
            huge.count(index, piece);
            return Err(error.into());
        }
        if reaches_nul(job, huge, place, from, &room.selected) {
            piece.end = End::Nul;
        } else if piece.count > 0 && one_is_enough(job, huge) {
            piece.end = End::Last;
        }
        if let Some(base) = huge.count(index, piece) {
            let garbled = print(text, from, base, &room.selected, &printer, slot)?;
            huge.garbled.fetch_or(garbled, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Whether the first selected line ends the search.
fn one_is_enough(job: &Job, huge: &Huge) -> bool {
    match job.want {
        Want::Count => false,
        Want::Lines => huge.binary,
        _ => true,
    }
}

/// Whether the last selected line of a piece reaches into a chunk with a NUL byte: GNU grep takes it for part of that.
fn reaches_nul(
    job: &Job,
    huge: &Huge,
    place: u64,
    from: u64,
    selected: &[(Range<usize>, u64)],
) -> bool {
    let end = (place + 1) * PIECE;
    let reaches = |(line, _): &(Range<usize>, u64)| from + line.end as u64 > end;
    if !detects(job) || !selected.last().is_some_and(reaches) {
        return false;
    }
    let mut chunk = vec![1; CHUNK];
    // What cannot be read now is reported by the piece that it belongs to.
    let read = files::read_at(&huge.file, &mut chunk, end).unwrap_or(0);
    memchr::memchr(0, &chunk[..read]).is_some()
}

/// Gathers the selected lines of a piece, each with its number in the piece, and counts them and all lines.
fn select(
    job: &Job,
    huge: &Huge,
    text: &[u8],
    matcher: &Matcher,
    piece: &mut Counted,
    selected: &mut Vec<(Range<usize>, u64)>,
) -> Result<(), MatchError> {
    let settings = &job.output;
    let terminator = settings.terminator;
    let wants_lines = matches!(job.want, Want::Lines) && !huge.binary;
    let mut counted = 0;
    let start = piece.start;
    let mut take = |line: Range<usize>| {
        piece.count += 1;
        piece.consumed = start + line.end as u64;
        if settings.line_number {
            piece.lines += bytecount::count(&text[counted..line.start], terminator) as u64;
            counted = line.start;
        }
        if wants_lines {
            selected.push((line, piece.lines));
        }
    };
    let one_is_enough = one_is_enough(job, huge);
    let mut at = 0;
    while at < text.len() && !huge.stopped() {
        let found = matcher.find_line(text, at)?;
        if settings.invert {
            let (end, next) = found.map_or((text.len(), text.len()), |line| (line.start, line.end));
            while at < end {
                let line_end = memchr::memchr(terminator, &text[at..])
                    .map_or(text.len(), |line_end| at + line_end + 1);
                take(at..line_end);
                at = line_end;
            }
            at = next.max(at);
        } else {
            let Some(line) = found else { break };
            at = line.end;
            take(line);
        }
        if one_is_enough {
            break;
        }
    }
    if settings.line_number {
        piece.lines += bytecount::count(&text[counted..], terminator) as u64;
    }
    Ok(())
}

/// Prints the selected lines of a piece, which begins at offset `start` after `base` lines; true: one of them is no text.
fn print(
    text: &[u8],
    start: u64,
    base: u64,
    selected: &[(Range<usize>, u64)],
    printer: &Printer<'_>,
    slot: &mut Slot<'_>,
) -> Result<bool, MatchError> {
    let mut garbled = false;
    for (line, number) in selected {
        let bytes = &text[line.clone()];
        let row = Line {
            text: bytes,
            number: base + number + 1,
            role: Role::Selected,
            state: false,
            field: 0..content(bytes, printer.settings.terminator).len(),
        };
        let offset = |at: usize| start + (line.start + at) as u64;
        garbled |= !printer.line(slot.buffer(), &row, &offset)?;
        slot.line_done(false);
    }
    Ok(garbled)
}
