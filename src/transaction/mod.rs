//! Substitution: edits as values, and the transaction that writes them.
//!
//! [`apply`] takes the edits of any number of files and writes all of them or none, whatever happens
//! on the way; [`recover`] puts right what a process left that ended in the middle; [`undo`] takes a
//! finished transaction back. The state machine is described in `whole`, what a staging folder
//! goes through in `staging`, and the journal in `journal`.

mod attempt;
mod attributes;
mod commit;
mod content;
mod ending;
mod folders;
mod frames;
mod id;
mod in_place;
mod journal;
mod locks;
mod manifest;
mod place;
mod preflight;
mod problem;
mod recovery;
mod settings;
mod settle;
mod signals;
mod stage;
mod staging;
mod undo;
mod whole;
mod workers;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::change::edit::FileChange;
use crate::system::{Real, System};
pub use problem::Problem;
pub use settings::{Applied, Failed, Phase, Progress, Recovered, Settings};
pub use signals::stop_on_signals;
pub use staging::PREFIX as STAGING_PREFIX;
pub use undo::{Forget, HistoryEntry};

/// Writes `changes`: all of them, or (on an error, a refusal, a signal) none.
///
/// Every file has to be what its [`Seen`](crate::change::edit::Seen) says, from before the call until its new
/// content is in place. With [`keep_going`](Settings::keep_going) refused files are left out and named
/// in [`Applied::refused`]. When this returns `Ok`, the edit is durable. `progress` is called from
/// several threads.
pub fn apply(
    changes: Vec<FileChange>,
    settings: &Settings,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Applied, Failed> {
    apply_on(&Real, changes, settings, progress)
}

/// [`apply`], through another [`System`].
pub fn apply_on(
    system: &dyn System,
    changes: Vec<FileChange>,
    settings: &Settings,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Applied, Failed> {
    whole::run(system, changes, settings, None, progress)
}

/// Puts right what ended processes left: what the state folder knows of, and the staging folders in,
/// beneath and above `roots`. Call it before the files of an edit are read.
pub fn recover(roots: &[PathBuf], settings: &Settings) -> Recovered {
    recover_on(&Real, roots, settings)
}

/// [`recover`], through another [`System`].
pub fn recover_on(system: &dyn System, roots: &[PathBuf], settings: &Settings) -> Recovered {
    let mut recovered = Recovered::default();
    if let Some(path) = settings.state_dir.as_deref()
        && system.open_dir(path).is_ok()
    {
        match journal::StateDir::open(system, Some(path), false) {
            Ok(state) => recovered.add(recovery::in_state(system, &state)),
            Err(problem) => recovered.problems.push(problem),
        }
    }
    recovered.add(recovery::beneath(system, roots));
    recovered
}

/// The IDs of transactions that an ended process left unfinished, for a search to warn of. It costs
/// the listing of the state folder; nothing is changed, and no problem is reported.
pub fn pending(state_dir: &Path) -> Vec<String> {
    recovery::pending(&Real, state_dir)
}

/// Takes back the transaction `id`, or the last one, as a transaction of its own.
///
/// Files that are not as that transaction left them are refused; with
/// [`keep_going`](Settings::keep_going) the others are taken back.
pub fn undo(
    id: Option<&str>,
    settings: &Settings,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Applied, Failed> {
    undo_on(&Real, id, settings, progress)
}

/// [`undo`], through another [`System`].
pub fn undo_on(
    system: &dyn System,
    id: Option<&str>,
    settings: &Settings,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Applied, Failed> {
    undo::undo(system, id, settings, progress)
}

/// The changes that [`undo`] would make now, and the files it would refuse.
pub fn undo_preview(
    id: Option<&str>,
    settings: &Settings,
) -> Result<(Vec<FileChange>, Vec<Problem>), Problem> {
    let (_, changes, problems) = undo::inverse(&Real, id, settings)?;
    Ok((changes, problems))
}

/// The transactions that can be undone, oldest first. The journal keeps
/// [`keep_count`](Settings::keep_count) of them, for [`keep_age`](Settings::keep_age).
pub fn history(settings: &Settings) -> Result<Vec<HistoryEntry>, Problem> {
    undo::history(&Real, settings)
}

/// Removes transactions from the journal, with the old values it holds. Returns how many.
pub fn forget(which: &Forget, settings: &Settings) -> Result<usize, Problem> {
    undo::forget(&Real, which, settings)
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
