//! The only code that writes users' files: an edit of any number of them is one transaction.
//!
//! [`apply`] writes all of the changes or none, whatever happens on the way; [`recover`] rolls back, or
//! completes, what a process left that ended in the middle; [`take_back`] undoes and redoes.
//!
//! One journal is the only authority: a file in the state folder, whose name says how far the
//! transaction is. Each step from name to name is one rename, made durable:
//!
//! ```text
//!           checked: what is refused is reported, and nothing was written
//!              │
//! ID.writing   the journal names every file with its facts and its bytes before and after; then new
//!              │ files are staged in `.grini-ID` folders. A recovery removes these and the journal
//! ID.prepared  files are exchanged, or written in place, and verified. A recovery puts the old
//!              │ contents back
//! ID.done      the commit. Old files are removed. A recovery goes on with that
//!              │
//! ID.kept      the history, for --undo
//! ```
//!
//! Rolling back is the same code for the transaction itself and for a recovery (`rollback`). While its
//! process lives a journal is locked; what is not locked, and not kept, was left by a process that ended.
//! Nothing found in a folder of data is believed: a staging folder is entered only on the word of a
//! journal.

mod attributes;
mod check;
mod commit;
mod content;
mod error;
mod exchange;
mod files;
mod folders;
mod frames;
mod history;
mod id;
mod in_place;
mod journal;
mod record;
mod recovery;
mod rollback;
mod settings;
mod stage;

mod staging;
mod state;
mod undo;
mod workers;
mod write;

use crate::change::edit::FileChange;
use crate::system::{Real, System};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub use error::EditError;
pub use history::{Contents, FileEdits, Forget, HistoryEntry};
pub use record::Purpose;
pub use settings::{Applied, Failed, Phase, Progress, Recovered, Settings};

pub use undo::{Direction, Selection};

/// Writes `changes`: all of them, or (on an error, a refusal, a signal) none.
///
/// Every file has to be what its [`Seen`](crate::change::edit::Seen) says until its new content is in place. With
/// [`keep_going`](Settings::keep_going) refused files are left out and named in [`Applied::refused`]. When this returns
/// `Ok`, the edit is durable. `progress` is called from several threads.
///
/// # Errors
/// What is in the way, file by file.
pub fn apply(
    changes: Vec<FileChange>,
    settings: &Settings,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Applied, Failed> {
    apply_on(&Real, changes, settings, progress)
}

/// [`apply`], through another [`System`].
///
/// # Errors
/// As [`apply`].
pub fn apply_on(
    system: &dyn System,
    changes: Vec<FileChange>,
    settings: &Settings,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Applied, Failed> {
    commit::run(system, changes, settings, Purpose::Edit, progress)
}

/// Rolls back or completes what ended processes of this user left, as the journals in the state folder say.
/// `roots`: folders in and beneath which staging folders that no journal names are to be reported.
pub fn recover(roots: &[PathBuf], settings: &Settings) -> Recovered {
    recover_on(&Real, roots, settings)
}

/// [`recover`], through another [`System`].
pub fn recover_on(system: &dyn System, roots: &[PathBuf], settings: &Settings) -> Recovered {
    recovery::recover(system, roots, settings)
}

/// The IDs of transactions that an ended process left, for a search to warn of. It costs the listing of the state
/// folder; nothing is changed, and no error is reported.
pub fn pending(state_dir: &Path) -> Vec<String> {
    recovery::pending(&Real, state_dir)
}

/// Takes an edit back, or makes one again that was taken back, as a transaction of its own.
///
/// Files that are not as that transaction left them are refused; with [`keep_going`](Settings::keep_going) the
/// others are written.
///
/// # Errors
/// What is in the way, file by file.
pub fn take_back(
    selection: &Selection,
    settings: &Settings,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Applied, Failed> {
    take_back_on(&Real, selection, settings, progress)
}

/// [`take_back`], through another [`System`].
///
/// # Errors
/// As [`take_back`].
pub fn take_back_on(
    system: &dyn System,
    selection: &Selection,
    settings: &Settings,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Applied, Failed> {
    undo::take_back(system, selection, settings, progress)
}

/// The changes that [`take_back`] would make now, and the files it would refuse.
///
/// # Errors
/// There is no such edit, or its journal cannot be read.
pub fn take_back_preview(
    selection: &Selection,
    settings: &Settings,
) -> Result<(Vec<FileChange>, Vec<EditError>), EditError> {
    let plan = undo::plan(&Real, selection, settings)?;
    Ok((plan.changes, plan.refused))
}

/// The edits in the history, oldest first. It keeps [`keep_count`](Settings::keep_count) of them, for
/// [`keep_age`](Settings::keep_age).
///
/// # Errors
/// The state folder cannot be read.
pub fn history(settings: &Settings) -> Result<Vec<HistoryEntry>, EditError> {
    history::list(&Real, settings)
}

/// One edit of the history, with its files and their changes.
///
/// # Errors
/// There is no such edit, or its journal cannot be read.
pub fn contents(id: &str, settings: &Settings) -> Result<Contents, EditError> {
    history::contents(&Real, id, settings)
}

/// Removes edits from the history, with the old values it holds. Returns how many.
///
/// # Errors
/// There is no such edit, or it cannot be removed.
pub fn forget(which: &Forget, settings: &Settings) -> Result<usize, EditError> {
    history::forget(&Real, which, settings)
}

/// The state folder: `grini` in `$XDG_STATE_HOME`, or in `.local/state` of `$HOME`; `None` if neither is
/// set to an absolute path.
pub fn state_dir(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |name| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
        .map(|base| base.join("grini"))
}
