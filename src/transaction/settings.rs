//! What a transaction is told from outside, and what it tells while it runs and at its end.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::problem::Problem;

/// How an edit, an undo or a recovery is to be done.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Keep the old content under the file's name with this added; never over an existing file.
    pub backup_suffix: Option<OsString>,
    /// Also edit read-only files and those of another owner.
    pub force: bool,
    /// Leave out the files that are refused and edit the others.
    pub keep_going: bool,
    /// Keep what `--undo` needs. Then a usable [`state_dir`](Settings::state_dir) is needed.
    pub undo: bool,
    /// `$XDG_STATE_HOME/grini`, see [`state_dir`](super::state_dir); `None`: there is none.
    pub state_dir: Option<PathBuf>,
    /// The command line, for the history.
    pub command_line: Vec<OsString>,
    /// Set by a signal: before the commit, the transaction puts everything back and says so.
    pub stop: Option<Arc<AtomicBool>>,
    /// Threads for checking and staging; 0: as many as pay off.
    pub workers: usize,
    /// How long to wait for another grini that edits the same folders.
    pub wait: Duration,
    /// How many transactions the journal keeps for `--undo`.
    pub keep_count: usize,
    /// How long the journal keeps a transaction.
    pub keep_age: Duration,
}

impl Default for Settings {
    /// Undo kept: 50 transactions, 30 days; 10 seconds' wait; nothing forced; no state folder.
    fn default() -> Settings {
        Settings {
            backup_suffix: None,
            force: false,
            keep_going: false,
            undo: true,
            state_dir: None,
            command_line: Vec::new(),
            stop: None,
            workers: 0,
            wait: Duration::from_secs(10),
            keep_count: 50,
            keep_age: Duration::from_secs(30 * 24 * 60 * 60),
        }
    }
}

impl Settings {
    pub(crate) fn stopped(&self) -> bool {
        self.stop
            .as_ref()
            .is_some_and(|stop| stop.load(Ordering::Relaxed))
    }
}

/// What a transaction is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reading and checking every file.
    Checking,
    /// Writing the new files beside the old ones.
    Staging,
    /// Putting them into place.
    Committing,
    /// Removing the old ones; the edit is done.
    Cleaning,
}

/// How far a transaction is. Called from several threads at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The phase.
    pub phase: Phase,
    /// Files done in this phase.
    pub done: usize,
    /// Files in all.
    pub total: usize,
}

/// An edit that is done and durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The transaction's ID, for `--undo=ID`; empty where there was nothing to change.
    pub id: String,
    /// How many files were changed.
    pub files: usize,
    /// What the user should know, though the edit is done.
    pub warnings: Vec<Problem>,
    /// The files left out (with `keep_going` only).
    pub refused: Vec<Problem>,
}

/// An edit that was not done. Unless [`left`](Failed::left) says otherwise, nothing was changed and
/// nothing remains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// Every file's problem, in the order of the files; the last says what became of the whole.
    pub problems: Vec<Problem>,
    /// It was a signal that ended it.
    pub interrupted: bool,
    /// Something remains that `--recover` has to put right.
    pub left: bool,
}

/// What a recovery found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Transactions that had not come to their end: their files are as they were before.
    pub rolled_back: Vec<String>,
    /// Transactions that were done but not cleaned up: their files are as edited.
    pub completed: Vec<String>,
    /// Transactions of a grini that is still running, left alone, and its process number.
    pub live: Vec<(String, u32)>,
    /// What could not be put right, and files kept because another program had changed them.
    pub problems: Vec<Problem>,
}

impl Recovered {
    pub(crate) fn add(&mut self, other: Recovered) {
        self.rolled_back.extend(other.rolled_back);
        self.completed.extend(other.completed);
        self.live.extend(other.live);
        self.problems.extend(other.problems);
    }
}
