//! What a transaction is given from outside, and what it gives back while it runs and at its end.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::error::EditError;
use super::record::Purpose;

/// How an edit, an undo or a recovery is to be done.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Keep the old content under the file's name with this added; never over an existing file.
    pub backup_suffix: Option<OsString>,
    /// Also edit read-only files and those of another owner.
    pub force: bool,
    /// Leave out the files that are refused and edit the others.
    pub keep_going: bool,
    /// Keep the journal for `--undo` when the edit is done.
    pub undo: bool,
    /// See [`state_dir`](super::state_dir); `None`: there is none, and no edit can be done.
    pub state_dir: Option<PathBuf>,
    /// What the transaction is for.
    pub purpose: Purpose,
    /// The command line, for the history.
    pub command_line: Vec<OsString>,
    /// Set by a signal: before the commit, the transaction rolls back and says so.
    pub stop: Option<Arc<AtomicBool>>,
    /// Threads; 0: as many as pay off.
    pub workers: usize,
    /// How long to wait for another program that has a file open for a moment.
    pub wait: Duration,
    /// How many transactions the history keeps.
    pub keep_count: usize,
    /// How long the history keeps a transaction.
    pub keep_age: Duration,
}

impl Default for Settings {
    /// Undo kept: 50 transactions, 30 days; two seconds' wait; nothing forced; no state folder.
    fn default() -> Settings {
        Settings {
            backup_suffix: None,
            force: false,
            keep_going: false,
            undo: true,
            state_dir: None,
            purpose: Purpose::Edit,
            command_line: Vec::new(),
            stop: None,
            workers: 0,
            wait: Duration::from_secs(2),
            keep_count: 50,
            keep_age: Duration::from_secs(30 * 24 * 60 * 60),
        }
    }
}

impl Settings {
    pub(super) fn stopped(&self) -> bool {
        self.stop
            .as_ref()
            .is_some_and(|stop| stop.load(Ordering::Relaxed))
    }
}

/// What a transaction is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Checking every file.
    Checking,
    /// Writing the new files next to the old ones.
    Staging,
    /// Giving the files their new contents.
    Committing,
    /// Removing the old files; the edit is done.
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The transaction's ID, for `--undo=ID`; empty where there was nothing to change.
    pub id: String,
    /// How many files were changed.
    pub files: usize,
    /// What the user should know, though the edit is done.
    pub warnings: Vec<EditError>,
    /// The files left out (with `keep_going` only).
    pub refused: Vec<EditError>,
}

/// An edit that was not done. Unless [`mixed`](Failed::mixed) or [`left`](Failed::left) says otherwise, nothing was
/// changed and nothing remains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failed {
    /// Every file's error, in the order of the files.
    pub errors: Vec<EditError>,
    /// It was a signal that ended it.
    pub interrupted: bool,
    /// A file is left with what the edit wrote, as another program wrote to it after that.
    pub mixed: bool,
    /// Something remains for `--recover`.
    pub left: bool,
}

impl Failed {
    /// A signal came.
    pub(super) fn stopped() -> Failed {
        Failed {
            interrupted: true,
            ..Failed::default()
        }
    }

    /// What became of the whole.
    pub fn outcome(&self) -> &'static str {
        match (self.left, self.mixed, self.interrupted) {
            (true, ..) => {
                "the edit was not done, but not everything could be put back; repair that and run grini --recover"
            }
            (false, true, _) => "the edit was not done; all other files are as they were",
            (false, false, true) => "interrupted; nothing was changed",
            (false, false, false) => "nothing was changed",
        }
    }
}

impl From<Vec<EditError>> for Failed {
    fn from(errors: Vec<EditError>) -> Failed {
        Failed {
            errors,
            ..Failed::default()
        }
    }
}

impl From<EditError> for Failed {
    fn from(error: EditError) -> Failed {
        vec![error].into()
    }
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
    /// Files left as another program wrote them.
    pub kept: Vec<EditError>,
    /// Foreign folders left alone.
    pub foreign: Vec<EditError>,
    /// What could not be done; it stays for the next recovery.
    pub errors: Vec<EditError>,
}
