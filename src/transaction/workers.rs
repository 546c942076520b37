//! The same work on many files, by a few threads, with the results in the files' order.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::content::Buffers;
use super::settings::{Failed, Phase, Progress, Settings};
use crate::system::System;

/// Files a thread takes at a time.
const BATCH: usize = 64;

/// What all work of a transaction needs.
#[derive(Clone, Copy)]
pub(super) struct EditWork<'a> {
    pub(super) system: &'a dyn System,
    pub(super) settings: &'a Settings,
    pub(super) progress: &'a (dyn Fn(Progress) + Sync),
}

impl EditWork<'_> {
    /// Does the work of a phase on each of `items`, and gives the results in their order. Where no thread can be started,
    /// the calling one does the work. A signal stops it, until the edit is done.
    pub(super) fn each<T: Send, R: Send>(
        &self,
        phase: Phase,
        items: &mut [T],
        work: impl Fn(&mut T, &mut Buffers) -> R + Sync,
    ) -> Result<Vec<R>, Failed> {
        let total = items.len();
        let done = AtomicUsize::new(0);
        let stopped = || phase != Phase::Cleaning && self.settings.stopped();
        let mut results: Vec<Option<R>> = Vec::new();
        results.resize_with(total, || None);
        let batches = items.chunks_mut(BATCH).zip(results.chunks_mut(BATCH));
        let batches = Mutex::new(batches);
        let next = || {
            let mut batches = batches.lock().unwrap_or_else(PoisonError::into_inner);
            batches.next()
        };
        let run = || {
            let mut buffers = Buffers::default();
            while let Some((items, results)) = next() {
                for (item, result) in items.iter_mut().zip(results) {
                    if stopped() {
                        return;
                    }
                    *result = Some(work(item, &mut buffers));
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    (self.progress)(Progress { phase, done, total });
                }
            }
        };
        // The work is bound by the folder's lock in the kernel, so more than a few threads do not pay off.
        let cores = || thread::available_parallelism().map_or(1, NonZero::get);
        let workers = match self.settings.workers {
            0 => cores().min(4),
            wanted => wanted,
        };
        thread::scope(|scope| {
            for _ in 1..workers.min(total.div_ceil(BATCH)) {
                if thread::Builder::new().spawn_scoped(scope, run).is_err() {
                    break;
                }
            }
            run();
        });
        match stopped() {
            true => Err(Failed::stopped()),
            false => Ok(results.into_iter().flatten().collect()),
        }
    }
}
