//! The search of one huge file as text by several threads: in pieces cut at line ends, printed in order.
//!
//! A line belongs to the piece in which it starts. The first piece with a NUL byte ends the search by pieces; from there
//! on the ordinary search, which knows GNU grep's rules for binary files, goes on.

use super::aligned::{Aligned, PIECE};
use super::found::Reached;
use super::input::CHUNK;
use super::worker::{Opened, Worker};
use crate::output::text::{Line, Printer, Role, content};
use crate::output::{Part, Slot};
use crate::pattern::{MatchError, Matcher};
use crate::plan::{Binary, Job, Want};
use crate::system::{files, streams};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The smallest file that is cut in pieces, in bytes.
const HUGE: u64 = 8 << 20;
/// Pieces that may wait to be printed.
const AHEAD: u64 = 16;

/// Why the search by pieces failed.
pub enum Failed {
    /// The file cannot be read.
    Read(io::Error),
    /// A line took too much.
    Match(MatchError),
}

/// What one piece came to.
struct Piece {
    /// Byte offset of its first line.
    start: u64,
    lines: u64,
    part: Option<Part>,
    count: u64,
    garbled: bool,
    consumed: u64,
    /// Its last line ends in the piece behind it.
    reaches_over: bool,
    end: End,
}

enum End {
    /// Another piece follows.
    Goes,
    /// The file ended in it.
    File,
    /// It holds a NUL byte, the first one at that offset, and was not searched.
    Nul(u64),
    Failed(Failed),
}

/// What the threads share.
struct Board<'b, 's, 'g> {
    job: &'b Job,
    file: &'b File,
    size: u64,
    next: AtomicU64,
    stop: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
    print: Mutex<Print<'s, 'g>>,
}

#[derive(Default)]
struct State {
    /// Number of lines of each piece that was read.
    lines: BTreeMap<u64, u64>,
    /// Lines before each piece, as far as all before it are counted; the first is missing, as it is 0.
    bases: Vec<u64>,
    done: BTreeMap<u64, Piece>,
    printed: u64,
    /// A thread prints what is done.
    printing: bool,
    /// Threads that wait for a change.
    waiting: usize,
}

/// The end of the search that prints.
struct Print<'s, 'g> {
    slot: &'s mut Slot<'g>,
    reached: Reached,
    failed: Option<Failed>,
}

/// Searches `opened` by pieces if it is huge and nothing speaks against it; none: it is not.
pub fn search(
    worker: &Worker<'_>,
    opened: &Opened<'_>,
    matcher: &Matcher,
    printer: &Printer<'_>,
    slot: &mut Slot<'_>,
) -> Option<Result<Reached, Failed>> {
    let job = worker.job;
    let file = opened.source.file;
    let plain = job.before == 0
        && job.after == 0
        && !job.output.groups
        && job.max_count.is_none()
        && !job.output.json
        && !job.output.heading
        && !matches!(job.want, Want::CountMatches)
        && !job.stats;
    if !plain {
        return None;
    }
    let size = opened.source.size().filter(|size| *size >= HUGE)?;
    let threads = (worker.threads)();
    if threads < 2 || detects(job) && files::has_hole(file, 0) {
        return None;
    }
    // A thread that prints a piece need not wait for the reader.
    streams::widen_output();
    let board = Board {
        job,
        file,
        size,
        next: AtomicU64::new(0),
        stop: AtomicBool::new(false),
        state: Mutex::default(),
        changed: Condvar::new(),
        print: Mutex::new(Print {
            slot,
            reached: Reached::default(),
            failed: None,
        }),
    };
    matcher.prepare();
    std::thread::scope(|scope| {
        for _ in 1..threads {
            let worker =
                std::thread::Builder::new().spawn_scoped(scope, || board.work(matcher, printer));
            if worker.is_err() {
                break;
            }
        }
        board.work(matcher, printer);
    });
    let print = board
        .print
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    Some(match print.failed {
        Some(failed) => Err(failed),
        None => Ok(print.reached),
    })
}

/// Whether NUL bytes make a file binary.
fn detects(job: &Job) -> bool {
    job.output.terminator == b'\n' && job.binary != Binary::Text
}

impl Print<'_, '_> {
    /// Prints the next piece; false: the search is over.
    fn piece(&mut self, job: &Job, piece: Piece) -> bool {
        let reached = &mut self.reached;
        match piece.end {
            End::Failed(failed) => {
                self.failed = Some(failed);
                return false;
            }
            End::Nul(_) => {
                reached.offset = piece.start;
                return false;
            }
            End::Goes | End::File => {}
        }
        if let Some(part) = piece.part {
            self.slot.append(part);
        }
        reached.lines += piece.lines;
        reached.found.count += piece.count;
        reached.found.garbled |= piece.garbled;
        if piece.count > 0 {
            reached.found.consumed = piece.consumed;
        }
        let enough = piece.count > 0 && !matches!(job.want, Want::Lines | Want::Count);
        reached.ended = enough || matches!(piece.end, End::File) || self.slot.failed();
        !reached.ended
    }
}

impl Board<'_, '_, '_> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until another thread has changed the state.
    fn wait<'l>(&'l self, mut state: MutexGuard<'l, State>) -> MutexGuard<'l, State> {
        state.waiting += 1;
        let mut state = self
            .changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        state
    }

    /// Wakes the threads that wait; a call that wakes none would still cost one of the system.
    fn notify(&self, state: &State) {
        if state.waiting > 0 {
            self.changed.notify_all();
        }
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// One thread: takes piece after piece.
    fn work(&self, matcher: &Matcher, printer: &Printer<'_>) {
        // The parts are printed by the slot of this file.
        let mut aside = self
            .print
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .slot
            .beside();
        let matcher = &matcher.for_one_thread();
        let mut room = Room::default();
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let mut state = self.lock();
            while index >= state.printed + AHEAD && !self.stopped() {
                state = self.wait(state);
            }
            drop(state);
            if self.stopped() || index * PIECE >= self.size {
                return;
            }
            let piece = self.piece(index, &mut room, matcher, printer, &mut aside);
            self.done(index, piece);
        }
    }

    /// Hands in a piece, and prints what is next in turn unless another thread does that already.
    fn done(&self, index: u64, piece: Piece) {
        let mut state = self.lock();
        state.done.insert(index, piece);
        if state.printing {
            return;
        }
        state.printing = true;
        while !self.stopped() {
            let Some(piece) = self.next(&mut state) else {
                break;
            };
            drop(state);
            let mut print = self.print.lock().unwrap_or_else(PoisonError::into_inner);
            let goes_on = print.piece(self.job, piece);
            drop(print);
            state = self.lock();
            state.printed += 1;
            if !goes_on {
                self.stop.store(true, Ordering::Relaxed);
            }
            self.notify(&state);
        }
        state.printing = false;
    }

    /// The piece that is printed next, if it is done. Where a line reaches into a chunk with a NUL byte, GNU grep takes it
    /// for part of that: the ordinary search goes on from the piece with the line.
    fn next(&self, state: &mut State) -> Option<Piece> {
        let next = state.printed;
        let piece = state.done.get(&next)?;
        let mut nul = None;
        if piece.reaches_over
            && matches!(piece.end, End::Goes)
            && matches!(self.job.want, Want::Lines)
        {
            let chunk_end = (next + 1) * PIECE + CHUNK as u64;
            nul = match state.done.get(&(next + 1))?.end {
                End::Nul(at) if at < chunk_end => Some(at),
                _ => None,
            };
        }
        let mut piece = state.done.remove(&next)?;
        if let Some(at) = nul {
            piece.end = End::Nul(at);
        }
        Some(piece)
    }

    fn piece(
        &self,
        index: u64,
        room: &mut Room,
        matcher: &Matcher,
        printer: &Printer<'_>,
        aside: &mut Slot<'_>,
    ) -> Piece {
        let mut piece = Piece {
            start: index * PIECE,
            lines: 0,
            part: None,
            count: 0,
            garbled: false,
            consumed: 0,
            reaches_over: false,
            end: End::Goes,
        };
        let terminator = self.job.output.terminator;
        let last = (index + 1) * PIECE >= self.size;
        let (from, text) = match room.buffer.read(self.file, index, last, terminator) {
            Ok(read) => read,
            Err(error) => {
                self.count(index, 0);
                piece.end = End::Failed(Failed::Read(error));
                return piece;
            }
        };
        piece.start = from;
        if last {
            piece.end = End::File;
        }
        if detects(self.job) {
            if let Some(at) = memchr::memchr(0, text) {
                self.count(index, 0);
                piece.end = End::Nul(from + at as u64);
                return piece;
            }
            piece.reaches_over = from + text.len() as u64 > (index + 1) * PIECE;
        }
        let mut selected = std::mem::take(&mut room.selected);
        selected.clear();
        let result = self.select(text, matcher, &mut piece, &mut selected);
        self.count(index, piece.lines);
        let result = result.and_then(|()| {
            let numbers = self.job.output.line_number && !selected.is_empty();
            let base = if numbers { self.base(index) } else { 0 };
            piece.garbled = print(text, from, base, &selected, printer, aside)?;
            Ok(())
        });
        if let Err(error) = result {
            piece.end = End::Failed(Failed::Match(error));
        }
        piece.part = aside.take_all();
        room.selected = selected;
        piece
    }

    /// Gathers the selected lines of a piece, each with its number in the piece, and counts them and all lines.
    fn select(
        &self,
        text: &[u8],
        matcher: &Matcher,
        piece: &mut Piece,
        selected: &mut Vec<(Range<usize>, u64)>,
    ) -> Result<(), MatchError> {
        let settings = &self.job.output;
        let terminator = settings.terminator;
        let wants_lines = matches!(self.job.want, Want::Lines);
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
        let one_is_enough = !matches!(self.job.want, Want::Lines | Want::Count);
        let mut at = 0;
        while at < text.len() && !self.stopped() {
            let found = matcher.find_line(text, at)?;
            if settings.invert {
                let (end, next) =
                    found.map_or((text.len(), text.len()), |line| (line.start, line.end));
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

    /// Says how many lines a piece has.
    fn count(&self, index: u64, lines: u64) {
        let mut state = self.lock();
        state.lines.insert(index, lines);
        while let Some(lines) = state.lines.get(&(state.bases.len() as u64)).copied() {
            let base = state.bases.last().copied().unwrap_or(0) + lines;
            state.bases.push(base);
        }
        self.notify(&state);
    }

    /// The number of lines before a piece; waits until all pieces before it are counted.
    fn base(&self, index: u64) -> u64 {
        let Some(before) = index.checked_sub(1) else {
            return 0;
        };
        let mut state = self.lock();
        loop {
            if let Some(base) = state.bases.get(before as usize) {
                return *base;
            }
            if self.stopped() {
                return 0;
            }
            state = self.wait(state);
        }
    }
}

/// Prints the selected lines of a piece, which begins at offset `start` behind `base` lines; true: one of them is no text.
fn print(
    text: &[u8],
    start: u64,
    base: u64,
    selected: &[(Range<usize>, u64)],
    printer: &Printer<'_>,
    aside: &mut Slot<'_>,
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
        garbled |= !printer.line(aside.buffer(), &row, &offset)?;
    }
    Ok(garbled)
}

/// What a thread keeps from piece to piece.
#[derive(Default)]
struct Room {
    buffer: Aligned,
    selected: Vec<(Range<usize>, u64)>,
}
