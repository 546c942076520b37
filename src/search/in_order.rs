//! What comes before each piece of a file: known once all pieces before it were looked at, in whatever order.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// What a piece comes to, or several one after another.
pub(super) trait Sum: Copy {
    /// This and what follows it.
    fn and(self, next: Self) -> Self;
    /// Whether no piece that follows counts.
    fn is_last(&self) -> bool;
}

/// The sums of a file's pieces.
pub(super) struct InOrder<S> {
    state: Mutex<State<S>>,
    changed: Condvar,
}

struct State<S> {
    /// What pieces come to, some before which are not known yet.
    ahead: BTreeMap<usize, S>,
    /// What comes before each piece, as far as that is known.
    before: Vec<S>,
    /// What comes before the one after these.
    known: S,
    /// Threads that wait.
    waiting: usize,
}

impl<S: Sum> InOrder<S> {
    /// With what comes before the first piece.
    pub(super) fn new(first: S) -> InOrder<S> {
        InOrder {
            state: Mutex::new(State {
                ahead: BTreeMap::new(),
                before: Vec::new(),
                known: first,
                waiting: 0,
            }),
            changed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what a piece comes to.
    pub(super) fn note(&self, index: usize, piece: S) {
        let mut state = self.lock();
        state.ahead.insert(index, piece);
        let mut next = state.before.len();
        while !state.known.is_last()
            && let Some(piece) = state.ahead.remove(&next)
        {
            let known = state.known;
            state.before.push(known);
            state.known = known.and(piece);
            next += 1;
        }
        if state.waiting > 0 {
            self.changed.notify_all();
        }
    }

    /// What comes before a piece that was noted, which is waited for; none: the piece does not count.
    pub(super) fn before(&self, index: usize) -> Option<S> {
        let mut state = self.lock();
        while index >= state.before.len() && !state.known.is_last() {
            state.waiting += 1;
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
        state.before.get(index).copied()
    }

    /// All that is known.
    pub(super) fn known(&self) -> S {
        self.lock().known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Sum for (u64, bool) {
        fn and(self, next: Self) -> Self {
            (self.0 + next.0, next.1)
        }

        fn is_last(&self) -> bool {
            self.1
        }
    }

    /// A piece counts, or there is nothing for it to wait for.
    #[test]
    fn no_piece_waits_for_one_after_the_last() {
        let sums = InOrder::new((10, false));
        let pieces = [(1, false), (2, false), (3, true), (4, false), (5, false)];
        let mut before = std::thread::scope(|scope| {
            let work = |index: usize| {
                let sums = &sums;
                move || {
                    sums.note(index, pieces[index]);
                    sums.before(index)
                }
            };
            let threads = (0..pieces.len())
                .rev()
                .map(|index| scope.spawn(work(index)));
            let threads: Vec<_> = threads.collect();
            let joined = threads.into_iter().map(|thread| thread.join().unwrap());
            joined.collect::<Vec<_>>()
        });
        before.reverse();
        let sum = |before: u64| Some((before, false));
        assert_eq!(before, [sum(10), sum(11), sum(13), None, None]);
        assert_eq!(sums.known(), (16, true));
    }
}
