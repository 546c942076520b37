//! The search of one huge file as text by several threads: in pieces cut at line ends, printed in order.
//!
//! A line belongs to the piece in which it starts. The first piece with a NUL byte ends the search by pieces: the ordinary
//! search, which knows GNU grep's rules for binary files, goes on up to that byte. From there on NUL bytes end lines, too,
//! and pieces follow again.

use super::aligned::{Cuts, PIECE, Stretch};
use super::huge::{Counted, End, Huge, Room, detects};
use super::input::{CHUNK, end_lines_at_nul};
use super::opened::Failure;
use super::prefilter::Prefilter;
use super::slot::Slot;
use super::worker::Worker;
use crate::output::text::{Line, Printer, Role, content};
use crate::pattern::{MatchError, Matcher};
use crate::plan::{Action, Job};
use crate::system::files;
use std::ops::Range;
use std::sync::atomic::Ordering;

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
            start: place * PIECE as u64,
            end: if last { End::Last } else { End::Goes },
            ..failed
        };
        let cuts = Cuts::Lines {
            terminator: job.output.terminator,
            nul: huge.binary,
        };
        let stretch = Stretch {
            start: place * PIECE as u64,
            length: PIECE,
            floor: huge.from,
            last: (place + 1) * PIECE as u64 >= huge.size,
        };
        let read = room.buffer.read(&huge.file, stretch, &cuts);
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
    match job.action {
        Action::Count => false,
        Action::Lines => huge.binary,
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
    let end = (place + 1) * PIECE as u64;
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
    let wants_lines = matches!(job.action, Action::Lines) && !huge.binary;
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
