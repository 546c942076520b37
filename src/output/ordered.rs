//! Ordered output of parallel work: batches finish in any order and are printed in theirs.
//!
//! The batch whose turn it is prints as it goes; the others keep what they have, up to a bound, and wait there.

use super::messages::Messages;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{self, BufWriter, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use termcolor::Buffer;

/// Bytes that one batch keeps before it waits for its turn.
const KEEP: usize = 4 << 20;
/// Bytes that all waiting batches keep together before each waits for its turn.
const KEEP_ALL: usize = 32 << 20;
/// Bytes gathered before they are written.
const WRITE: usize = 64 << 10;

/// Prints batches in order.
pub struct Gate {
    state: Mutex<State>,
    turn: Condvar,
    messages: Messages,
    color: bool,
    separator: Vec<u8>,
    eager: bool,
}

struct State {
    next: u64,
    waiting: BTreeMap<u64, Part>,
    kept: usize,
    out: BufWriter<Box<dyn Write + Send>>,
    printed_group: bool,
    /// A batch ended the output: what comes after it is not printed.
    ended: bool,
    failed: Option<io::Error>,
}

/// What a batch, or a file searched ahead of its turn, has to print.
pub struct Part {
    buffer: Buffer,
    /// Its first group is in the buffer.
    groups: bool,
    /// A group of it counts for the separator though nothing of it is printed.
    used: bool,
    /// Nothing is to be printed after it.
    ends: bool,
    /// Each behind so many bytes of the buffer.
    messages: Vec<(usize, Vec<u8>)>,
}

impl Part {
    fn new(gate: &Gate) -> Part {
        let buffer = if gate.color {
            Buffer::ansi()
        } else {
            Buffer::no_color()
        };
        Part {
            buffer,
            ..Part::empty()
        }
    }

    /// Bytes it keeps in memory, about.
    pub fn size(&self) -> usize {
        let messages: usize = (self.messages.iter())
            .map(|(_, message)| message.capacity())
            .sum();
        size_of::<Part>() + self.buffer.len() + messages
    }

    fn empty() -> Part {
        Part {
            buffer: Buffer::no_color(),
            groups: false,
            used: false,
            ends: false,
            messages: Vec::new(),
        }
    }
}

/// There was too much output to keep it aside.
#[derive(Debug)]
pub struct TooMuch;

/// The place of one batch in the output.
pub struct Slot<'g> {
    gate: &'g Gate,
    place: Place,
    part: Part,
    /// Whether a group of lines of this batch was printed or is in the buffer.
    started: bool,
    is_turn: bool,
}

/// Where a slot's output goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// To the batch of this index, in its turn.
    Turn(u64),
    /// To whoever takes it.
    Aside {
        /// There was too much of it.
        full: bool,
    },
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    // A panic elsewhere must not hide what was already found.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Gate {
    /// A gate to `out`; `separator` stands between the groups of two batches (with its line end). `eager`: what is
    /// printed is to be seen at once.
    pub fn new(
        out: Box<dyn Write + Send>,
        messages: Messages,
        color: bool,
        separator: Vec<u8>,
        eager: bool,
    ) -> Gate {
        let state = State {
            next: 0,
            waiting: BTreeMap::new(),
            kept: 0,
            out: BufWriter::with_capacity(WRITE, out),
            printed_group: false,
            ended: false,
            failed: None,
        };
        Gate {
            state: Mutex::new(state),
            turn: Condvar::new(),
            messages,
            color,
            separator,
            eager,
        }
    }

    /// The place of batch `index`; each index from 0 must be taken and dropped once.
    pub fn slot(&self, index: u64) -> Slot<'_> {
        self.new_slot(Place::Turn(index))
    }

    /// A place for output that is printed later: see [`Slot::take`] and [`Slot::append`].
    pub fn aside(&self) -> Slot<'_> {
        self.new_slot(Place::Aside { full: false })
    }

    fn new_slot(&self, place: Place) -> Slot<'_> {
        Slot {
            gate: self,
            place,
            part: Part::new(self),
            started: false,
            is_turn: false,
        }
    }

    /// Flushes, and tells whether a write failed.
    ///
    /// # Errors
    /// The first error of a write.
    pub fn finish(&self) -> io::Result<()> {
        let mut state = lock(&self.state);
        if let Some(error) = state.failed.take() {
            return Err(error);
        }
        state.out.flush()?;
        self.messages.print_counted();
        Ok(())
    }

    /// Whether a write failed or the output was ended, so that further work is idle.
    pub fn failed(&self) -> bool {
        let state = lock(&self.state);
        state.failed.is_some() || state.ended
    }

    fn write(&self, state: &mut State, part: &mut Part) {
        if state.ended {
            part.buffer.clear();
            part.messages.clear();
            return;
        }
        state.ended = part.ends;
        let separator: &[u8] = if part.groups && state.printed_group {
            &self.separator
        } else {
            b""
        };
        let bytes = part.buffer.as_slice();
        let mut at = 0;
        for (place, message) in part.messages.drain(..) {
            if place > at {
                let before = if at == 0 { separator } else { b"" };
                state.print(&[before, &bytes[at..place]]);
                at = place;
            }
            state.flush();
            self.messages.print(&message);
        }
        let before = if at == 0 { separator } else { b"" };
        state.print(&[before, &bytes[at..]]);
        if self.eager {
            state.flush();
        }
        state.printed_group |= part.groups || part.used;
        part.groups = false;
        part.buffer.clear();
    }
}

impl State {
    fn print(&mut self, parts: &[&[u8]]) {
        for part in parts {
            if self.failed.is_none()
                && let Err(error) = self.out.write_all(part)
            {
                self.failed = Some(error);
            }
        }
    }

    fn flush(&mut self) {
        if self.failed.is_none()
            && let Err(error) = self.out.flush()
        {
            self.failed = Some(error);
        }
    }
}

impl<'g> Slot<'g> {
    /// A place for output that this slot prints later.
    pub fn beside(&self) -> Slot<'g> {
        self.gate.aside()
    }

    /// Whether a write failed, so that further work is idle.
    pub fn failed(&self) -> bool {
        self.gate.failed()
    }

    /// Where its batch stands in the order; 0 for one aside.
    pub fn index(&self) -> u64 {
        match self.place {
            Place::Turn(index) => index,
            Place::Aside { .. } => 0,
        }
    }

    /// Where to print.
    pub fn buffer(&mut self) -> &mut Buffer {
        &mut self.part.buffer
    }

    /// To be called before the first line of each group: prints the separator from the group before. Between the
    /// groups of two batches the gate prints it.
    pub fn separate(&mut self) {
        if self.started {
            let result = self.part.buffer.write_all(&self.gate.separator);
            debug_assert!(result.is_ok());
        } else {
            self.part.groups = true;
        }
        self.started = true;
    }

    /// Ends the output: nothing is printed after what this slot has now, and nothing is to be added to it.
    pub fn end(&mut self) {
        self.part.ends = true;
    }

    /// Whether it was ended.
    pub fn is_ended(&self) -> bool {
        self.part.ends
    }

    /// A group counts for the separator, though no line of it is printed.
    pub fn skip_group(&mut self) {
        self.part.used = true;
        self.started = true;
    }

    /// A message about a file, or about a line of it, printed behind what is in the buffer.
    pub fn message(&mut self, path: &[u8], line: Option<u64>, text: impl Display) {
        let message = self.gate.messages.about(path, line, text);
        self.part.messages.push((self.part.buffer.len(), message));
        if self.is_turn {
            self.flush();
        }
    }

    /// As [`Slot::message`], for a refused edit of that kind: only some are printed whole, and the others counted.
    pub fn refusal(&mut self, path: &[u8], line: Option<u64>, text: impl Display, kind: &str) {
        let message = self.gate.messages.refusal(path, line, text, kind);
        self.part.messages.push((self.part.buffer.len(), message));
        if self.is_turn {
            self.flush();
        }
    }

    /// To be called after each line: hands over what was gathered. `now`: at once.
    pub fn line_done(&mut self, now: bool) {
        let length = self.part.buffer.len();
        match &mut self.place {
            Place::Turn(_) if length >= WRITE || now => self.flush(),
            Place::Aside { full } if length > KEEP => {
                *full = true;
                self.part.buffer.clear();
                self.part.messages.clear();
            }
            _ => {}
        }
    }

    /// Takes all that was printed aside, if anything was.
    pub fn take_all(&mut self) -> Option<Part> {
        let part = std::mem::replace(&mut self.part, Part::new(self.gate));
        self.started = false;
        let empty = part.buffer.is_empty() && part.messages.is_empty() && !part.used && !part.ends;
        (!empty).then_some(part)
    }

    /// Takes what was printed aside: none where there is nothing, and an error where there was too much to keep.
    pub fn take(&mut self) -> Result<Option<Part>, TooMuch> {
        let part = self.take_all();
        match std::mem::replace(&mut self.place, Place::Aside { full: false }) {
            Place::Aside { full: true } => Err(TooMuch),
            _ => Ok(part),
        }
    }

    /// Prints what was printed aside before.
    pub fn append(&mut self, part: Part) {
        if self.part.ends {
            return;
        }
        if part.groups {
            self.separate();
        }
        let before = self.part.buffer.len();
        let result = self.part.buffer.write_all(part.buffer.as_slice());
        debug_assert!(result.is_ok());
        self.part.used |= part.used;
        self.part.ends = part.ends;
        self.started |= part.used;
        let messages = part.messages.into_iter();
        (self.part.messages).extend(messages.map(|(at, message)| (before + at, message)));
        self.line_done(false);
    }

    /// Hands over what was gathered if it is this batch's turn, or waits for it when too much is kept.
    fn flush(&mut self) {
        let Place::Turn(index) = self.place else {
            return;
        };
        let gate = self.gate;
        let mut state = lock(&gate.state);
        let length = self.part.buffer.len();
        let too_much =
            |state: &State| length > KEEP || state.kept + length > KEEP_ALL && length > WRITE;
        while state.next != index && too_much(&state) {
            state = gate
                .turn
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if state.next == index {
            self.is_turn = true;
            gate.write(&mut state, &mut self.part);
        }
    }
}

impl Drop for Slot<'_> {
    /// Ends the batch: prints it if it is its turn, and those that waited behind it.
    fn drop(&mut self) {
        let Place::Turn(index) = self.place else {
            return;
        };
        let gate = self.gate;
        let mut state = lock(&gate.state);
        if state.next != index {
            let part = std::mem::replace(&mut self.part, Part::empty());
            state.kept += part.buffer.len();
            state.waiting.insert(index, part);
            return;
        }
        gate.write(&mut state, &mut self.part);
        state.next += 1;
        loop {
            let next = state.next;
            let Some(mut part) = state.waiting.remove(&next) else {
                break;
            };
            state.kept -= part.buffer.len();
            gate.write(&mut state, &mut part);
            state.next += 1;
        }
        gate.turn.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn messages() -> Messages {
        Messages::new("grini", false)
    }

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn batches_are_printed_in_order_with_separators_between() {
        let out = Shared::default();
        let gate = Gate::new(
            Box::new(out.clone()),
            messages(),
            false,
            b"--\n".to_vec(),
            false,
        );
        std::thread::scope(|scope| {
            for index in (0..20u64).rev() {
                let gate = &gate;
                scope.spawn(move || {
                    let mut slot = gate.slot(index);
                    if index % 3 == 0 {
                        slot.separate();
                        writeln!(slot.buffer(), "{index}").unwrap();
                        slot.line_done(index % 2 == 0);
                    }
                });
            }
        });
        gate.finish().unwrap();
        let got = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
        assert_eq!(got, "0\n--\n3\n--\n6\n--\n9\n--\n12\n--\n15\n--\n18\n");
    }

    #[test]
    fn a_batch_that_keeps_too_much_waits_for_its_turn() {
        let out = Shared::default();
        let gate = Gate::new(Box::new(out.clone()), messages(), false, Vec::new(), false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut slot = gate.slot(1);
                for _ in 0..100 {
                    slot.buffer().write_all(&[b'b'; 100_000]).unwrap();
                    slot.line_done(false);
                    assert!(slot.part.buffer.len() <= KEEP + 100_000);
                }
            });
            std::thread::sleep(std::time::Duration::from_millis(20));
            gate.slot(0).buffer().write_all(b"a").unwrap();
        });
        let got = out.0.lock().unwrap();
        assert!(got.len() == 10_000_001 && got[0] == b'a');
    }
}
