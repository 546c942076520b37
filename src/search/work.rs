//! The ordered work list: all that is to be done, is being done, or waits to be printed, in the order of the output.
//!
//! A place holds work, work that a worker does, or finished output. A worker takes the earliest work there is. Listing a
//! folder, or cutting a huge file in pieces, leaves more work in its own place; what a place has to print waits there until
//! all before it is printed. Where more than a bound waits, only the first place is worked on. As the earliest work is taken
//! first, few places before it are not finished, and finished neighbours are joined: any place is near the front.

use super::slot::{Look, Slot, SlotPart, Turns, WRITE};
use crate::change::edit::FileChange;
use crate::output::messages::Messages;
use std::collections::VecDeque;
use std::io::{self, BufWriter, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use termcolor::Buffer;

/// Bytes that one place keeps before its worker waits for its turn.
const KEEP: usize = 4 << 20;
/// Bytes that all places keep together before only the first one is worked on.
const KEEP_ALL: usize = 32 << 20;

/// Something to be done in a place of the list.
pub(super) trait Waits {
    /// Whether all before it is to be finished first.
    fn waits(&self) -> bool;
}

struct Place<W> {
    id: u64,
    holds: Holds<W>,
}

enum Holds<W> {
    Work(W),
    /// A worker is at it.
    Taken,
    Done(Vec<SlotPart>),
}

struct ListState<W> {
    places: VecDeque<Place<W>>,
    /// Number of places there were so far.
    ids: u64,
    /// Bytes in finished places.
    kept: usize,
    /// Threads that wait for a change.
    waiting: usize,
    /// The output; none while a thread prints.
    out: Option<Out>,
}

struct Out {
    to: BufWriter<Box<dyn Write + Send>>,
    printed_group: bool,
    failed: Option<io::Error>,
    changes: Vec<FileChange>,
}

/// The work of a run, and its output.
pub(super) struct WorkList<W> {
    state: Mutex<ListState<W>>,
    changed: Condvar,
    messages: Messages,
    look: Look,
    /// A write failed, or a place ended the output: what comes after it is not printed.
    over: AtomicBool,
}

impl<W: Waits + Send> WorkList<W> {
    /// A list with one piece of work, that prints to `out`.
    pub(super) fn new(
        work: W,
        out: Box<dyn Write + Send>,
        messages: Messages,
        look: Look,
    ) -> WorkList<W> {
        let mut state = ListState {
            places: VecDeque::new(),
            ids: 0,
            kept: 0,
            waiting: 0,
            out: Some(Out {
                to: BufWriter::with_capacity(WRITE, out),
                printed_group: false,
                failed: None,
                changes: Vec::new(),
            }),
        };
        state.insert(0, vec![work]);
        WorkList {
            state: Mutex::new(state),
            changed: Condvar::new(),
            messages,
            look,
            over: AtomicBool::new(false),
        }
    }

    fn lock(&self) -> MutexGuard<'_, ListState<W>> {
        // A panic elsewhere must not hide what was already found.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, mut state: MutexGuard<'s, ListState<W>>) -> MutexGuard<'s, ListState<W>> {
        state.waiting += 1;
        let waited = self.changed.wait(state);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        state
    }

    /// Wakes the threads that wait if there is `news`; a call that wakes none would still cost one of the system.
    fn notify(&self, news: bool, state: &ListState<W>) {
        if news && state.waiting > 0 {
            self.changed.notify_all();
        }
    }

    /// The earliest work there is, and its place; waits where there may be some later. None: all is done, or `stopped`.
    pub(super) fn next(&self, stopped: impl Fn() -> bool) -> Option<(W, Slot<'_>)> {
        let mut state = self.lock();
        loop {
            if state.places.is_empty() || stopped() || self.failed() {
                self.notify(true, &state);
                return None;
            }
            if let Some((work, id)) = state.take() {
                return Some((work, Slot::new(self, id)));
            }
            state = self.wait(state);
        }
    }

    /// Whether there is work for another thread.
    pub(super) fn has_work(&self) -> bool {
        let state = self.lock();
        let work = |place: &Place<W>| matches!(&place.holds, Holds::Work(work) if !work.waits());
        state.places.iter().any(work)
    }

    /// Leaves work to be done in the place of `slot`, after what is printed there.
    pub(super) fn leave(&self, slot: &Slot<'_>, work: Vec<W>) {
        let mut state = self.lock();
        if let Some(at) = state.position(slot.place()) {
            // The thread that leaves it takes one itself.
            let more = work.len() > 1;
            state.insert(at + 1, work);
            self.notify(more, &state);
        }
    }

    fn write(&self, out: &mut Out, part: &mut SlotPart) {
        out.changes.append(&mut part.changes);
        if self.failed() {
            *part = SlotPart::default();
            return;
        }
        let mut separator: &[u8] = match part.groups && out.printed_group {
            true => &self.look.separator,
            false => b"",
        };
        let bytes = part.buffer.as_ref().map_or(&b""[..], Buffer::as_slice);
        let mut at = 0;
        for (place, message) in part.messages.drain(..) {
            if place > at {
                out.print(&[std::mem::take(&mut separator), &bytes[at..place]]);
                at = place;
            }
            out.flush();
            self.messages.print(&message);
        }
        out.print(&[separator, &bytes[at..]]);
        if self.look.eager {
            out.flush();
        }
        out.printed_group |= part.groups || part.used;
        if part.ends || out.failed.is_some() {
            self.over.store(true, Ordering::Relaxed);
        }
        part.groups = false;
        if let Some(buffer) = &mut part.buffer {
            buffer.clear();
        }
    }

    /// Flushes; the changes that were handed on, in order.
    ///
    /// # Errors
    /// The first error of a write.
    pub(super) fn finish(self) -> io::Result<Vec<FileChange>> {
        let state = self.state.into_inner();
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        let Some(mut out) = state.out.take() else {
            return Ok(Vec::new());
        };
        out.flush();
        if let Some(error) = out.failed {
            return Err(error);
        }
        self.messages.print_counted();
        Ok(out.changes)
    }
}

impl<W: Waits + Send> Turns for WorkList<W> {
    fn failed(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    fn look(&self) -> &Look {
        &self.look
    }

    fn messages(&self) -> &Messages {
        &self.messages
    }

    fn done(&self, id: u64, part: SlotPart) {
        let mut state = self.lock();
        let Some(at) = state.position(id) else {
            return;
        };
        state.kept += part.len();
        let part = Some(part).filter(|part| !part.is_empty());
        state.places[at].holds = Holds::Done(part.into_iter().collect());
        state.join(at);
        // A thread that prints goes on with what it finds here.
        let Some(mut out) = state.out.take() else {
            return;
        };
        let mut printed = false;
        while let Some(Place {
            holds: Holds::Done(parts),
            ..
        }) = state.places.front_mut()
        {
            let parts = std::mem::take(parts);
            state.places.pop_front();
            printed = true;
            if !parts.is_empty() {
                state.kept -= parts.iter().map(SlotPart::len).sum::<usize>();
                drop(state);
                for mut part in parts {
                    self.write(&mut out, &mut part);
                }
                state = self.lock();
            }
        }
        state.out = Some(out);
        self.notify(printed, &state);
    }

    fn hand_on(&self, id: u64, part: &mut SlotPart) -> bool {
        let length = part.len();
        let mut state = self.lock();
        loop {
            let first = state.places.front().is_some_and(|place| place.id == id);
            if first && let Some(mut out) = state.out.take() {
                drop(state);
                self.write(&mut out, part);
                state = self.lock();
                state.out = Some(out);
                self.notify(self.failed(), &state);
                return true;
            }
            let too_much = length > KEEP || state.kept + length > KEEP_ALL && length > WRITE;
            if !too_much || self.failed() {
                return false;
            }
            state = self.wait(state);
        }
    }
}

impl<W: Waits> ListState<W> {
    fn position(&self, id: u64) -> Option<usize> {
        self.places.iter().position(|place| place.id == id)
    }

    /// Takes the earliest work; only that of the first place where too much waits to be printed.
    fn take(&mut self) -> Option<(W, u64)> {
        let far = match self.kept > KEEP_ALL {
            true => 1,
            false => self.places.len(),
        };
        for (at, place) in self.places.iter_mut().take(far).enumerate() {
            if matches!(&place.holds, Holds::Work(work) if at == 0 || !work.waits())
                && let Holds::Work(work) = std::mem::replace(&mut place.holds, Holds::Taken)
            {
                return Some((work, place.id));
            }
        }
        None
    }

    /// Puts work before the place at `at`.
    fn insert(&mut self, at: usize, work: Vec<W>) {
        // Near the front: those before are fewer than those after.
        let before: Vec<Place<W>> = match work.is_empty() {
            true => return,
            false => self.places.drain(..at).collect(),
        };
        for work in work.into_iter().rev() {
            self.ids += 1;
            self.places.push_front(Place {
                id: self.ids,
                holds: Holds::Work(work),
            });
        }
        for place in before.into_iter().rev() {
            self.places.push_front(place);
        }
    }

    /// Joins the finished place at `at` with its finished neighbours.
    fn join(&mut self, at: usize) {
        for later in [at + 1, at] {
            let Some(before) = later.checked_sub(1) else {
                continue;
            };
            let done = |at: usize| matches!(self.places.get(at), Some(place) if matches!(place.holds, Holds::Done(_)));
            if done(before)
                && done(later)
                && let Some(Place {
                    holds: Holds::Done(mut parts),
                    ..
                }) = self.places.remove(later)
                && let Holds::Done(all) = &mut self.places[before].holds
            {
                all.append(&mut parts);
            }
        }
    }
}

impl Out {
    fn print(&mut self, parts: &[&[u8]]) {
        for part in parts {
            if self.failed.is_none()
                && let Err(error) = self.to.write_all(part)
            {
                self.failed = Some(error);
            }
        }
    }

    fn flush(&mut self) {
        if self.failed.is_none()
            && let Err(error) = self.to.flush()
        {
            self.failed = Some(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::printed::Printed;
    use super::*;

    /// A list with one piece of work.
    fn list(out: &Printed, separator: &[u8]) -> WorkList<usize> {
        let messages = Messages::new("grini", false);
        let look = Look {
            color: false,
            separator: separator.to_vec(),
            eager: false,
        };
        WorkList::new(0, Box::new(out.clone()), messages, look)
    }

    /// Whether any work may be taken, not only that of the first place.
    fn has_room(list: &WorkList<usize>) -> bool {
        list.lock().kept <= KEEP_ALL
    }

    impl Waits for usize {
        fn waits(&self) -> bool {
            false
        }
    }

    fn next(list: &WorkList<usize>) -> (usize, Slot<'_>) {
        list.next(|| false).unwrap()
    }

    #[test]
    fn places_are_printed_in_order_with_separators_between() {
        let out = Printed::default();
        let list = list(&out, b"--\n");
        let (_, first) = next(&list);
        list.leave(&first, (0..20).collect());
        drop(first);
        std::thread::scope(|scope| {
            for _ in 0..7 {
                scope.spawn(|| {
                    while let Some((at, mut slot)) = list.next(|| false) {
                        // The later, the sooner done.
                        std::thread::sleep(std::time::Duration::from_millis(20 - at as u64));
                        if at.is_multiple_of(3) {
                            slot.separate();
                            writeln!(slot.buffer(), "{at}").unwrap();
                            slot.line_done(at.is_multiple_of(2));
                        }
                    }
                });
            }
        });
        list.finish().unwrap();
        assert_eq!(
            out.text(),
            "0\n--\n3\n--\n6\n--\n9\n--\n12\n--\n15\n--\n18\n"
        );
    }

    #[test]
    fn what_work_leads_to_stands_in_its_place() {
        let out = Printed::default();
        let list = list(&out, b"");
        let (_, first) = next(&list);
        list.leave(&first, vec![1, 2]);
        drop(first);
        let (one, mut slot_1) = next(&list);
        let (two, slot_2) = next(&list);
        assert_eq!((one, two), (1, 2));
        list.leave(&slot_2, vec![21, 22]);
        drop(slot_2);
        list.leave(&slot_1, vec![11, 12]);
        writeln!(slot_1.buffer(), "before these").unwrap();
        drop(slot_1);
        for expected in [11, 12, 21, 22] {
            let (at, mut slot) = next(&list);
            assert_eq!(at, expected);
            writeln!(slot.buffer(), "{at}").unwrap();
        }
        assert!(list.next(|| false).is_none());
        list.finish().unwrap();
        assert_eq!(out.text(), "before these\n11\n12\n21\n22\n");
    }

    #[test]
    fn a_place_that_keeps_too_much_waits_for_its_turn() {
        let out = Printed::default();
        let list = list(&out, b"");
        let (_, first) = next(&list);
        list.leave(&first, vec![1, 2]);
        drop(first);
        let (_, mut slot) = next(&list);
        slot.buffer().write_all(b"a").unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let (_, mut slot) = next(&list);
                for _ in 0..100 {
                    slot.buffer().write_all(&[b'b'; 100_000]).unwrap();
                    slot.line_done(false);
                    assert!(slot.buffer().len() <= KEEP + 100_000);
                }
            });
            std::thread::sleep(std::time::Duration::from_millis(20));
            drop(slot);
        });
        let printed = out.text();
        assert!(printed.len() == 10_000_001 && printed.starts_with("ab"));
    }

    #[test]
    fn only_the_first_place_is_worked_on_where_too_much_waits() {
        let out = Printed::default();
        let list = list(&out, b"");
        let (_, first) = next(&list);
        list.leave(&first, (1..30).collect());
        drop(first);
        let (_, first) = next(&list);
        let mut done = 0;
        while has_room(&list) {
            let (_, mut slot) = next(&list);
            slot.buffer().write_all(&vec![b'b'; KEEP]).unwrap();
            done += 1;
        }
        assert_eq!(done, 1 + KEEP_ALL / KEEP);
        drop(first);
        assert!(has_room(&list));
        assert_eq!(out.text().len(), done * KEEP);
    }
}
