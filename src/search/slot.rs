//! What one place of the work list prints: kept until its turn comes, or handed on at once where it has come.

use crate::change::edit::FileChange;
use crate::output::messages::Messages;
use std::fmt::Display;
use std::io::Write;
use termcolor::Buffer;

/// Bytes gathered before they are written.
pub(super) const WRITE: usize = 64 << 10;

/// How output is written.
pub(super) struct Look {
    /// In colour.
    pub color: bool,
    /// What stands between the groups of two places, with its line end.
    pub separator: Vec<u8>,
    /// What is printed is to be seen at once.
    pub eager: bool,
}

/// The output that places have in common, in which each has its turn.
pub(super) trait Turns {
    /// Whether a write failed or the output was ended, so that further work is idle.
    fn failed(&self) -> bool;
    /// How it is written.
    fn look(&self) -> &Look;
    /// How messages are written.
    fn messages(&self) -> &Messages;
    /// Ends the work at a place: prints `part` if it is its turn, and what waited for that.
    fn done(&self, place: u64, part: SlotPart);
    /// Prints what a place has so far if its turn has come (true), else waits for that where it is too much to keep.
    fn hand_on(&self, place: u64, part: &mut SlotPart) -> bool;
}

/// What was found at one place.
#[derive(Default)]
pub(super) struct SlotPart {
    pub buffer: Option<Buffer>,
    /// Its first group is in the buffer.
    pub groups: bool,
    /// A group of it counts for the separator though nothing of it is printed.
    pub used: bool,
    /// Nothing is to be printed after it.
    pub ends: bool,
    /// Each after so many bytes of the buffer.
    pub messages: Vec<(usize, Vec<u8>)>,
    /// Changes for the transaction.
    pub changes: Vec<FileChange>,
}

impl SlotPart {
    /// Bytes to print that it keeps in memory.
    pub(super) fn len(&self) -> usize {
        self.buffer.as_ref().map_or(0, Buffer::len)
    }

    /// Whether nothing comes of it.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
            && self.messages.is_empty()
            && self.changes.is_empty()
            && !self.groups
            && !self.used
            && !self.ends
    }
}

/// One place of the work list, while work is done there.
pub(super) struct Slot<'l> {
    turns: &'l dyn Turns,
    place: u64,
    part: SlotPart,
    /// Whether a group of lines of this place was printed or is in the buffer.
    started: bool,
    is_turn: bool,
}

impl<'l> Slot<'l> {
    pub(super) fn new(turns: &'l dyn Turns, place: u64) -> Slot<'l> {
        Slot {
            turns,
            place,
            part: SlotPart::default(),
            started: false,
            is_turn: false,
        }
    }

    /// The place.
    pub(super) fn place(&self) -> u64 {
        self.place
    }

    /// Whether a write failed or the output was ended, so that further work is idle.
    pub(super) fn failed(&self) -> bool {
        self.turns.failed()
    }

    /// Where to print.
    pub(super) fn buffer(&mut self) -> &mut Buffer {
        let color = self.turns.look().color;
        let buffer = || match color {
            true => Buffer::ansi(),
            false => Buffer::no_color(),
        };
        self.part.buffer.get_or_insert_with(buffer)
    }

    /// To be called before the first line of each group: prints the separator from the group before. Between the
    /// groups of two places the work list prints it.
    pub(super) fn separate(&mut self) {
        if self.started {
            let turns = self.turns;
            let result = self.buffer().write_all(&turns.look().separator);
            debug_assert!(result.is_ok());
        } else {
            self.part.groups = true;
        }
        self.started = true;
    }

    /// Ends the output: nothing is printed after what this place has now, and nothing is to be added to it.
    pub(super) fn end(&mut self) {
        self.part.ends = true;
    }

    /// Whether it was ended.
    pub(super) fn is_ended(&self) -> bool {
        self.part.ends
    }

    /// A group counts for the separator, though no line of it is printed.
    pub(super) fn skip_group(&mut self) {
        self.part.used = true;
        self.started = true;
    }

    /// A change for the transaction.
    pub(super) fn change(&mut self, change: FileChange) {
        self.part.changes.push(change);
    }

    /// A message about a file, or about a line of it, printed after what is in the buffer.
    pub(super) fn message(&mut self, path: &[u8], line: Option<u64>, text: impl Display) {
        self.say(self.turns.messages().about(path, line, text));
    }

    /// As [`Slot::message`], for a refused edit of that kind: only some are printed whole, and the others counted.
    pub(super) fn refusal(
        &mut self,
        path: &[u8],
        line: Option<u64>,
        text: impl Display,
        kind: &str,
    ) {
        self.say(self.turns.messages().refusal(path, line, text, kind));
    }

    fn say(&mut self, message: Vec<u8>) {
        self.part.messages.push((self.part.len(), message));
        if self.is_turn {
            self.flush();
        }
    }

    /// To be called after each line: hands on what was gathered. `now`: at once.
    pub(super) fn line_done(&mut self, now: bool) {
        if self.part.len() >= WRITE || now {
            self.flush();
        }
    }

    /// Hands on what was gathered if the turn has come, or waits for it when too much is kept.
    fn flush(&mut self) {
        self.is_turn |= self.turns.hand_on(self.place, &mut self.part);
    }
}

impl Drop for Slot<'_> {
    /// Ends the work at this place, however it ended.
    fn drop(&mut self) {
        self.turns.done(self.place, std::mem::take(&mut self.part));
    }
}
