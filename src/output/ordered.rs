//! Ordered output of parallel work: batches finish in any order and are printed in theirs.
//!
//! The batch whose turn it is prints as it goes; the others keep what they have, up to a bound, and wait there.

use std::collections::BTreeMap;
use std::io::{self, Write};
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
    color: bool,
    separator: Vec<u8>,
}

struct State {
    next: u64,
    waiting: BTreeMap<u64, Part>,
    kept: usize,
    out: Box<dyn Write + Send>,
    printed_group: bool,
    failed: Option<io::Error>,
}

/// What a batch has to print.
struct Part {
    buffer: Buffer,
    /// Its first group is in the buffer.
    groups: bool,
    /// A group of it counts for the separator though nothing of it is printed.
    used: bool,
    messages: Vec<String>,
}

/// The place of one batch in the output.
pub struct Slot<'g> {
    gate: &'g Gate,
    index: u64,
    part: Part,
    /// Whether a group of lines of this batch was printed or is in the buffer.
    started: bool,
    is_turn: bool,
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    // A panic elsewhere must not hide what was already found.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Gate {
    /// A gate to `out`; `separator` stands between the groups of two batches (with its line end).
    pub fn new(out: Box<dyn Write + Send>, color: bool, separator: Vec<u8>) -> Gate {
        let state = State {
            next: 0,
            waiting: BTreeMap::new(),
            kept: 0,
            out,
            printed_group: false,
            failed: None,
        };
        Gate {
            state: Mutex::new(state),
            turn: Condvar::new(),
            color,
            separator,
        }
    }

    fn buffer(&self) -> Buffer {
        if self.color {
            Buffer::ansi()
        } else {
            Buffer::no_color()
        }
    }

    /// The place of batch `index`; each index from 0 must be taken and dropped once.
    pub fn slot(&self, index: u64) -> Slot<'_> {
        let part = Part {
            buffer: self.buffer(),
            groups: false,
            used: false,
            messages: Vec::new(),
        };
        Slot {
            gate: self,
            index,
            part,
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
        state.out.flush()
    }

    /// Whether a write failed, so that further work is idle.
    pub fn failed(&self) -> bool {
        lock(&self.state).failed.is_some()
    }

    fn write(&self, state: &mut State, part: &mut Part) {
        if state.failed.is_none() {
            let separator: &[u8] = if part.groups && state.printed_group {
                &self.separator
            } else {
                b""
            };
            let result = state
                .out
                .write_all(separator)
                .and_then(|()| state.out.write_all(part.buffer.as_slice()));
            if let Err(error) = result {
                state.failed = Some(error);
            }
        }
        state.printed_group |= part.groups || part.used;
        part.groups = false;
        part.buffer.clear();
        if !part.messages.is_empty() {
            let _ = state.out.flush();
            for message in part.messages.drain(..) {
                let _ = writeln!(io::stderr().lock(), "{message}");
            }
        }
    }
}

impl Slot<'_> {
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

    /// A group counts for the separator, though no line of it is printed.
    pub fn skip_group(&mut self) {
        self.part.used = true;
        self.started = true;
    }

    /// A line for standard error, printed behind what is in the buffer.
    pub fn message(&mut self, message: String) {
        self.part.messages.push(message);
        if self.is_turn {
            self.flush();
        }
    }

    /// To be called after each line: hands over what was gathered. `now`: at once.
    pub fn line_done(&mut self, now: bool) {
        if self.part.buffer.len() >= WRITE || now {
            self.flush();
        }
    }

    /// Hands over what was gathered if it is this batch's turn, or waits for it when too much is kept.
    fn flush(&mut self) {
        let gate = self.gate;
        let mut state = lock(&gate.state);
        let length = self.part.buffer.len();
        let too_much =
            |state: &State| length > KEEP || state.kept + length > KEEP_ALL && length > WRITE;
        while state.next != self.index && too_much(&state) {
            state = gate
                .turn
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if state.next == self.index {
            self.is_turn = true;
            gate.write(&mut state, &mut self.part);
            let _ = state.out.flush();
        }
    }
}

impl Drop for Slot<'_> {
    /// Ends the batch: prints it if it is its turn, and those that waited behind it.
    fn drop(&mut self) {
        let gate = self.gate;
        let mut state = lock(&gate.state);
        let buffer = std::mem::replace(&mut self.part.buffer, Buffer::no_color());
        let messages = std::mem::take(&mut self.part.messages);
        let part = Part {
            buffer,
            groups: self.part.groups,
            used: self.part.used,
            messages,
        };
        state.kept += part.buffer.len();
        state.waiting.insert(self.index, part);
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
        let gate = Gate::new(Box::new(out.clone()), false, b"--\n".to_vec());
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
        let gate = Gate::new(Box::new(out.clone()), false, Vec::new());
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
