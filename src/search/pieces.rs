//! The search of one huge file as text by several threads: in pieces cut at line ends, printed in order.
//!
//! A line belongs to the piece in which it starts. The first piece with a NUL byte ends the search by pieces: the ordinary
//! search, which knows GNU grep's rules for binary files, goes on up to that byte. From there on NUL bytes end lines, too,
//! and pieces follow again.

use super::aligned::{Cuts, Stretch};
use super::found::{End, Reached};
use super::huge::{Huge, Room, detects};
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
        if huge.stopped() || slot.failed() {
            return huge.skip(index);
        }
        let mut room = std::mem::take(&mut self.room);
        if let Err(failure) = self.search_piece(huge, index, &mut room, slot) {
            huge.fail(index);
            self.report_failure(&huge.long.shown, failure, slot);
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
        let (matcher, filter) = match &mut room.matcher {
            Some(matcher) => &*matcher,
            empty => {
                let matcher = job.matchers.text().map_err(Failure::new)?.for_one_thread();
                let filter = Prefilter::of_text(&matcher).filter(|_| !job.output.invert);
                empty.insert((matcher, filter))
            }
        };
        let opened = huge.long.opened();
        let printer = self.text_printer(&opened, matcher);
        let stretch = huge.stretch(index);
        let cuts = Cuts::Lines {
            terminator: job.output.terminator,
            nul: huge.binary,
        };
        let (start, text) = room.buffer.read(&huge.long.file, stretch, &cuts)?;
        let mut piece = Reached {
            offset: start,
            ..Reached::default()
        };
        if index + 1 == huge.places.len() {
            piece.end = End::Last;
        }
        room.selected.clear();
        if !huge.binary && detects(job) && memchr::memchr(0, text).is_some() {
            piece.end = End::Nul;
        } else if !huge.binary || filter.as_ref().is_none_or(|filter| filter.may_match(text)) {
            if huge.binary {
                end_lines_at_nul(text);
            }
            select(job, huge, text, matcher, &mut piece, &mut room.selected)?;
            if reaches_nul(job, huge, &stretch, start, &room.selected) {
                piece.end = End::Nul;
            } else if piece.found.count > 0 && one_is_enough(job, huge) {
                piece.end = End::Last;
            }
        }
        huge.sums.note(index, piece);
        if !room.selected.is_empty()
            && piece.end != End::Nul
            && let Some(before) = huge.sums.before(index)
        {
            let garbled = print(text, start, before.lines, &room.selected, &printer, slot)?;
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
    stretch: &Stretch,
    from: u64,
    selected: &[(Range<usize>, u64)],
) -> bool {
    let end = stretch.start + stretch.length as u64;
    let reaches = |(line, _): &(Range<usize>, u64)| from + line.end as u64 > end;
    if !detects(job) || !selected.last().is_some_and(reaches) {
        return false;
    }
    let mut chunk = vec![1; CHUNK];
    // What cannot be read now is reported by the piece that it belongs to.
    let read = files::read_at(&huge.long.file, &mut chunk, end).unwrap_or(0);
    memchr::memchr(0, &chunk[..read]).is_some()
}

/// Gathers the selected lines of a piece, each with its number in the piece, and counts them and all lines.
fn select(
    job: &Job,
    huge: &Huge,
    text: &[u8],
    matcher: &Matcher,
    piece: &mut Reached,
    selected: &mut Vec<(Range<usize>, u64)>,
) -> Result<(), MatchError> {
    let settings = &job.output;
    let terminator = settings.terminator;
    let wants_lines = matches!(job.action, Action::Lines) && !huge.binary;
    let mut counted = 0;
    let start = piece.offset;
    let mut take = |line: Range<usize>| {
        piece.found.count += 1;
        piece.found.consumed = start + line.end as u64;
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
    while at < text.len() {
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
