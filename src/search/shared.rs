//! What the workers of one run have in common, and what the run came to.

use super::large::Sizes;
use super::names::Names;
use super::prefilter::Prefilter;
use crate::change::edit::FileChange;
use crate::output::json::Stats;
use crate::plan::Job;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What a run came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Something was selected, or would be changed.
    pub selected: bool,
    /// Something went wrong.
    pub failed: bool,
    /// The changes, in order of the files.
    pub changes: Vec<FileChange>,
    /// Files that would change.
    pub changing: u64,
    /// What edits came to.
    pub edits: EditCounts,
    /// Sentences about names that no file has.
    pub warnings: Vec<String>,
}

/// What edits came to, in records (a replacement: in lines and matches).
#[derive(Clone, Copy, Debug, Default)]
pub struct EditCounts {
    /// Selected.
    pub selected: u64,
    /// That lack the key or the section.
    pub lacking: u64,
    /// That are as they are to be already.
    pub already: u64,
}

/// How long to wait for a file that another program has open, as a transaction does.
const PATIENCE: Duration = Duration::from_secs(2);

/// Counters and flags shared by all workers.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// The first that is selected ends the run.
    quiet: bool,
    selected: AtomicBool,
    failed: AtomicBool,
    stopped: AtomicBool,
    given_up: AtomicBool,
    tally: Mutex<Tally>,
    stats: Mutex<Stats>,
    changing: AtomicU64,
    edits: Mutex<EditCounts>,
    edited: Mutex<HashSet<(u64, u64)>>,
    files: AtomicU64,
    /// A file that another program has open was waited for in vain.
    waited: AtomicBool,
    /// Which names that options give were met.
    pub names: Names,
    /// Tells files that hold no match.
    pub prefilter: Option<Prefilter>,
    /// From which size on files that are read as INI are cut, and how.
    pub sizes: Sizes,
    /// Device and inode of standard output where it is a regular file.
    pub output: Option<(u64, u64)>,
}

/// How many records have each value, or each pair of values; none: the key is missing.
pub(super) type Tally = HashMap<Vec<Option<Vec<u8>>>, u64>;

impl Shared {
    /// For a run of `job`.
    pub(super) fn new(job: &Job, output: Option<(u64, u64)>) -> Shared {
        Shared {
            quiet: job.quiet,
            names: Names::new(job),
            output,
            prefilter: Prefilter::new(job),
            ..Shared::default()
        }
    }

    /// Something was selected; with `-q` that ends the run.
    pub(super) fn select(&self) {
        self.selected.store(true, Ordering::Relaxed);
        if self.quiet {
            self.stop();
        }
    }

    /// Something went wrong.
    pub(super) fn fail(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }

    /// GNU grep would have ended at once, whatever was selected before.
    pub(super) fn give_up(&self) {
        self.given_up.store(true, Ordering::Relaxed);
    }

    /// No further file need be searched.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether to go on.
    pub(super) fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// How long to wait for a file that another program has open.
    pub(super) fn patience(&self) -> Duration {
        match self.waited.load(Ordering::Relaxed) {
            true => Duration::ZERO,
            false => PATIENCE,
        }
    }

    /// No other file is to be waited for.
    pub(super) fn lose_patience(&self) {
        self.waited.store(true, Ordering::Relaxed);
    }

    /// A file was read.
    pub(super) fn count_file(&self) {
        self.files.fetch_add(1, Ordering::Relaxed);
    }

    /// How many files were read so far.
    pub(super) fn files(&self) -> u64 {
        self.files.load(Ordering::Relaxed)
    }

    /// Adds what the edits of one file came to.
    pub(super) fn count_edits(&self, file: EditCounts) {
        let mut all = self.edits.lock().unwrap_or_else(PoisonError::into_inner);
        all.selected += file.selected;
        all.lacking += file.lacking;
        all.already += file.already;
    }

    /// Whether a file, by its device and inode, is met for the first time.
    pub(super) fn first_time(&self, device: u64, inode: u64) -> bool {
        let mut edited = self.edited.lock().unwrap_or_else(PoisonError::into_inner);
        edited.insert((device, inode))
    }

    /// Counts the values of one record.
    pub(super) fn count_values(&self, values: Vec<Option<Vec<u8>>>) {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        *tally.entry(values).or_default() += 1;
    }

    /// Adds what the search of one file came to.
    pub(super) fn add(&self, file: &Stats) {
        let mut all = self.stats.lock().unwrap_or_else(PoisonError::into_inner);
        all.searches += file.searches;
        all.searches_with_match += file.searches_with_match;
        all.bytes_searched += file.bytes_searched;
        all.bytes_printed += file.bytes_printed;
        all.matched_lines += file.matched_lines;
        all.matches += file.matches;
    }

    /// What all searches came to so far.
    pub(super) fn stats(&self) -> Stats {
        *self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the tally.
    pub(super) fn take_tally(&self) -> Tally {
        std::mem::take(&mut self.tally.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A file would change.
    pub(super) fn count_changing(&self) {
        self.changing.fetch_add(1, Ordering::Relaxed);
    }

    /// What the run came to, which led to `changes`.
    pub(super) fn outcome(self, changes: Vec<FileChange>) -> Outcome {
        Outcome {
            selected: self.selected.into_inner() && !self.given_up.into_inner(),
            failed: self.failed.into_inner(),
            changes,
            changing: self.changing.into_inner(),
            edits: self
                .edits
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner),
            warnings: Vec::new(),
        }
    }
}
