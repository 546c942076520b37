//! What the walk hands to the workers: batches in their turn, and files ahead of it.

use super::shared::Shared;
use crate::files::Batch;
use crate::files::walk::{Consumer, Early};
use crate::output::ordered::Part;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Batches that wait for a worker, at most.
const WAITING: usize = 64;
/// Batches ahead of their turn that wait, at most: enough that no worker is idle while a listed folder is sorted.
const WAITING_AHEAD: usize = 128;
/// Bytes found ahead of their turn that are kept, about; beyond, nothing more is searched ahead.
const KEPT_AHEAD: usize = 16 << 20;

/// One piece of work.
pub enum Work {
    /// A batch in its turn.
    Turn {
        /// Its place in the order, from 0.
        index: u64,
        /// Its files.
        batch: Batch,
        /// What was found ahead, and before which of its files it goes.
        early: Vec<(usize, Part)>,
    },
    /// Files ahead of their turn.
    Ahead {
        /// The files.
        batch: Batch,
        /// Index of the first one in listing order.
        first: usize,
    },
}

/// What came of one batch that was searched ahead: for each file whether it was searched, and what was found.
pub struct Done {
    /// Index of the first file in listing order.
    pub first: usize,
    /// By file.
    pub searched: Vec<bool>,
    /// By index in listing order.
    pub found: Vec<(usize, Part)>,
}

/// The queue between the walk and the workers.
#[derive(Default)]
pub struct Queue {
    state: Mutex<State>,
    /// There is work, or no more is to come.
    work: Condvar,
    /// There is room, or files searched ahead are done.
    room: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Work>,
    closed: bool,
    /// Workers that wait for work.
    idle: usize,
    /// The walk waits for room, or for files searched ahead.
    blocked: bool,
    /// Batches ahead of their turn that are not done.
    ahead: usize,
    done: Vec<Done>,
    /// Bytes kept in `done`.
    kept: usize,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a worker took or did something.
    fn wait_for_room<'q>(&'q self, mut state: MutexGuard<'q, State>) -> MutexGuard<'q, State> {
        state.blocked = true;
        let mut state = self
            .room
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner);
        state.blocked = false;
        state
    }

    /// The next piece of work; none when all is done.
    pub fn next(&self) -> Option<Work> {
        let mut state = self.lock();
        loop {
            if let Some(work) = state.waiting.pop_front() {
                if state.blocked && state.waiting.len() <= WAITING / 2 {
                    self.room.notify_one();
                }
                return Some(work);
            }
            if state.closed {
                return None;
            }
            state.idle += 1;
            state = self
                .work
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    /// Files ahead of their turn are done.
    pub fn done(&self, done: Done) {
        let mut state = self.lock();
        state.ahead -= 1;
        state.kept += done
            .found
            .iter()
            .map(|(_, part)| part.size())
            .sum::<usize>();
        state.done.push(done);
        if state.ahead == 0 {
            self.room.notify_one();
        }
    }

    /// No more work is to come.
    pub fn close(&self) {
        self.lock().closed = true;
        self.work.notify_all();
    }
}

/// The walk's end of the queue.
pub struct Feeder<'q> {
    queue: &'q Queue,
    shared: &'q Shared,
    index: u64,
    /// Files may be searched ahead of their turn.
    ahead: bool,
}

impl<'q> Feeder<'q> {
    /// Feeds `queue` until `shared` is stopped.
    pub fn new(queue: &'q Queue, shared: &'q Shared, ahead: bool) -> Feeder<'q> {
        Feeder {
            queue,
            shared,
            index: 0,
            ahead,
        }
    }
}

impl Consumer for Feeder<'_> {
    type Found = Part;

    fn batch(&mut self, batch: Batch, early: Vec<(usize, Part)>) -> bool {
        let mut state = self.queue.lock();
        while state.waiting.len() >= WAITING && !self.shared.stopped() {
            state = self.queue.wait_for_room(state);
        }
        state.waiting.push_back(Work::Turn {
            index: self.index,
            batch,
            early,
        });
        self.index += 1;
        if state.idle > 0 {
            self.queue.work.notify_one();
        }
        !self.shared.stopped()
    }

    fn offer(&mut self, batch: Batch, first: usize) -> Result<(), Batch> {
        let mut state = self.queue.lock();
        if !self.ahead || state.waiting.len() >= WAITING_AHEAD || state.kept >= KEPT_AHEAD {
            return Err(batch);
        }
        state.ahead += 1;
        state.waiting.push_back(Work::Ahead { batch, first });
        if state.idle > 0 {
            self.queue.work.notify_one();
        }
        Ok(())
    }

    fn collect(&mut self) -> Early<Part> {
        let mut state = self.queue.lock();
        // What nobody began comes in its turn: its findings need not wait for those of the whole folder.
        let waiting = state.waiting.len();
        state
            .waiting
            .retain(|work| !matches!(work, Work::Ahead { .. }));
        state.ahead -= waiting - state.waiting.len();
        while state.ahead > 0 {
            state = self.queue.wait_for_room(state);
        }
        let mut early = Early {
            searched: Vec::new(),
            found: Vec::new(),
        };
        state.kept = 0;
        for done in state.done.drain(..) {
            let end = done.first + done.searched.len();
            if early.searched.len() < end {
                early.searched.resize(end, false);
            }
            early.searched[done.first..end].copy_from_slice(&done.searched);
            early.found.extend(done.found);
        }
        early
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::batch::Folder;
    use crate::output::Gate;
    use crate::output::messages::Messages;
    use std::sync::Arc;

    const FILES: usize = 4;

    fn files() -> Batch {
        let folder = Folder {
            path: b"./".to_vec(),
            short_read_ends: true,
        };
        let mut batch = Batch::of_folder(Arc::new(folder), 0);
        for _ in 0..FILES {
            batch.push([b"", b"a.ini"]);
        }
        batch
    }

    fn part(size: usize) -> Part {
        let gate = Gate::new(
            Box::new(Vec::new()),
            Messages::new("grini", false),
            false,
            Vec::new(),
            false,
        );
        let mut slot = gate.aside();
        slot.message(b"a.ini", None, "x".repeat(size));
        slot.take_all().unwrap()
    }

    /// A worker's part: the next piece of work ahead is done, with `found` in its last file.
    fn work(queue: &Queue, found: Part) {
        let Some(Work::Ahead { batch, first }) = queue.next() else {
            panic!("files ahead of their turn were offered");
        };
        queue.done(Done {
            first,
            searched: vec![true; batch.len()],
            found: vec![(first + batch.len() - 1, found)],
        });
    }

    #[test]
    fn files_that_no_worker_began_come_in_their_turn() {
        let (queue, shared) = (Queue::default(), Shared::default());
        let mut feeder = Feeder::new(&queue, &shared, true);
        for at in 0..3 {
            assert!(feeder.offer(files(), at * FILES).is_ok());
        }
        work(&queue, part(1));
        let early = feeder.collect();
        assert_eq!(early.searched, vec![true; FILES]);
        let found: Vec<usize> = early.found.iter().map(|(at, _)| *at).collect();
        assert_eq!(found, [FILES - 1]);
        queue.close();
        assert!(queue.next().is_none());
    }

    #[test]
    fn no_more_is_searched_ahead_than_can_wait_and_be_kept() {
        let (queue, shared) = (Queue::default(), Shared::default());
        let mut feeder = Feeder::new(&queue, &shared, true);
        let mut offered = 0;
        while feeder.offer(files(), offered * FILES).is_ok() {
            offered += 1;
        }
        assert_eq!(offered, WAITING_AHEAD);
        work(&queue, part(1));
        assert!(feeder.offer(files(), offered * FILES).is_ok());
        work(&queue, part(KEPT_AHEAD));
        assert!(feeder.offer(files(), (offered + 1) * FILES).is_err());
        feeder.collect();
        assert!(feeder.offer(files(), 0).is_ok());
    }
}
