//! What one place of the work list prints: kept until its turn comes, or handed on at once where it has come.

use super::work::{Work, WorkList};
use crate::change::edit::FileChange;
use std::fmt::Display;
use std::io::Write;
use termcolor::Buffer;

/// Bytes gathered before they are written.
pub(super) const WRITE: usize = 64 << 10;

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
    list: &'l WorkList,
    place: u64,
    part: SlotPart,
    /// Whether a group of lines of this place was printed or is in the buffer.
    started: bool,
    is_turn: bool,
    /// Work that follows in this place.
    leaves: Vec<Work>,
}

impl<'l> Slot<'l> {
    pub(super) fn new(list: &'l WorkList, place: u64) -> Slot<'l> {
        Slot {
            list,
            place,
            part: SlotPart::default(),
            started: false,
            is_turn: false,
            leaves: Vec::new(),
        }
    }

    /// Leaves work to be done in this place, after what is printed here.
    pub(super) fn leave(&mut self, work: impl IntoIterator<Item = Work>) {
        self.leaves.extend(work);
    }

    /// Whether a write failed or the output was ended, so that further work is idle.
    pub(super) fn failed(&self) -> bool {
        self.list.failed()
    }

    /// Where to print.
    pub(super) fn buffer(&mut self) -> &mut Buffer {
        let list = self.list;
        self.part.buffer.get_or_insert_with(|| list.buffer())
    }

    /// To be called before the first line of each group: prints the separator from the group before. Between the
    /// groups of two places the work list prints it.
    pub(super) fn separate(&mut self) {
        if self.started {
            let list = self.list;
            let result = self.buffer().write_all(list.separator());
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
        self.say(self.list.messages().about(path, line, text));
    }

    /// As [`Slot::message`], for a refused edit of that kind: only some are printed whole, and the others counted.
    pub(super) fn refusal(
        &mut self,
        path: &[u8],
        line: Option<u64>,
        text: impl Display,
        kind: &str,
    ) {
        self.say(self.list.messages().refusal(path, line, text, kind));
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
        self.is_turn |= self.list.hand_on(self.place, &mut self.part);
    }
}

impl Drop for Slot<'_> {
    /// Ends the work at this place, however it ended.
    fn drop(&mut self) {
        let part = std::mem::take(&mut self.part);
        let leaves = std::mem::take(&mut self.leaves);
        self.list.done(self.place, part, leaves);
    }
}
