//! The edits that are kept: listed, shown, forgotten.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use super::error::{Doing, EditError};
use super::id;
use super::journal::Journal;
use super::record::{FileEntry, Purpose};
use super::settings::Settings;
use super::state::{Claim, JournalStep, StateDir};
use crate::change::edit::Edits;
use crate::system::System;

/// One transaction of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Its ID.
    pub id: String,
    /// When it began.
    pub when: SystemTime,
    /// Number of files it changed.
    pub files: u64,
    /// What it was for.
    pub purpose: Purpose,
    /// Number of its files that are taken back.
    pub undone: u64,
    /// The command line.
    pub command_line: Vec<OsString>,
    /// What the names of its backups end with; `None`: it made none.
    pub suffix: Option<OsString>,
}

/// What of the history is to be forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forget {
    /// The newest edit.
    Last,
    /// All.
    All,
    /// The one with this ID, also one that was not recovered.
    Id(String),
}

/// The edits in the history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Those that can be read, oldest first.
    pub edits: Vec<HistoryEntry>,
    /// Why the others cannot be read.
    pub unread: Vec<EditError>,
}

/// The edits in the history of a state folder.
pub(super) fn of(state: &StateDir<'_>) -> Result<History, EditError> {
    let mut history = History::default();
    for (id, step) in state.kept(state.list())? {
        if step != JournalStep::Kept {
            continue;
        }
        let heading = Journal::open(state, &id, step).and_then(|mut journal| {
            let heading = journal.heading()?;
            // Files may have been left out since.
            match heading.keep_going {
                true => Ok(journal.log()?.heading),
                false => Ok(heading),
            }
        });
        let heading = read(state, &id, heading).map_err(|error| history.unread.push(error));
        let Ok(heading) = heading else { continue };
        let files = heading.files;
        for edit in
            (history.edits.iter_mut()).filter(|edit| heading.purpose.of() == Some(&*edit.id))
        {
            edit.undone = match heading.purpose {
                Purpose::Undo(_) => edit.undone.saturating_add(files),
                _ => edit.undone.saturating_sub(files),
            };
        }
        history.edits.push(HistoryEntry {
            id,
            when: UNIX_EPOCH.checked_add(heading.when).unwrap_or(UNIX_EPOCH),
            files,
            purpose: heading.purpose,
            undone: 0,
            command_line: heading.command_line,
            suffix: heading.suffix,
        });
    }
    Ok(history)
}

/// The edit with that ID.
pub(super) fn find<'h>(
    entries: &'h [HistoryEntry],
    id: &str,
) -> Result<&'h HistoryEntry, EditError> {
    let found = entries.iter().find(|entry| entry.id == id);
    found.ok_or_else(|| unknown(id))
}

/// What the reading of the journal of `id` came to.
fn read<T>(state: &StateDir<'_>, id: &str, read: io::Result<T>) -> Result<T, EditError> {
    read.doing(&state.path, &format!("reading the journal of {id}"))
}

/// Calls `each` for every file of the edit `id`, in order.
pub(super) fn files(
    state: &StateDir<'_>,
    id: &str,
    each: impl FnMut(FileEntry),
) -> Result<(), EditError> {
    let entries = Journal::open(state, id, JournalStep::Kept).and_then(|mut journal| {
        let log = journal.log()?;
        journal.entries(&log.folders, &log.later, each)
    });
    read(state, id, entries)
}

/// The edits in the history. It keeps [`keep_count`](Settings::keep_count) of them, for [`keep_age`](Settings::keep_age).
///
/// # Errors
/// The state folder cannot be read.
pub fn list(system: &dyn System, settings: &Settings) -> Result<History, EditError> {
    match StateDir::existing(system, settings.state_dir.as_deref())? {
        Some(state) => of(&state),
        None => Ok(History::default()),
    }
}

/// One edit of the history, and the absolute paths of its files with their changes, in order. Offsets are in the file before
/// the edit.
///
/// # Errors
/// There is no such edit, or its journal cannot be read.
pub fn contents(
    system: &dyn System,
    id: &str,
    settings: &Settings,
) -> Result<(HistoryEntry, Vec<(PathBuf, Edits)>), EditError> {
    let state = StateDir::existing(system, settings.state_dir.as_deref())?;
    let state = state.ok_or_else(|| unknown(id))?;
    let mut history = of(&state)?;
    let entry = find(&history.edits, id);
    let entry = entry.map_err(|error| history.unread.pop().unwrap_or(error))?;
    let mut files = Vec::new();
    self::files(&state, id, |entry| files.push((entry.shown, entry.edits)))?;
    Ok((entry.clone(), files))
}

/// Removes edits from the history, with the old values it holds, and with each what took it back or made it again: one
/// without the others would have the history say that the edit is done, or taken back, when it is not. Returns their IDs,
/// oldest first.
///
/// # Errors
/// There is no such edit, or it cannot be removed.
pub fn forget(
    system: &dyn System,
    which: &Forget,
    settings: &Settings,
) -> Result<Vec<String>, EditError> {
    let state = StateDir::existing(system, settings.state_dir.as_deref())?.ok_or_else(nothing)?;
    let listed = state.kept(state.list())?;
    let is_kept = |(_, step): &&(String, JournalStep)| *step == JournalStep::Kept;
    let chosen = match which {
        Forget::All => None,
        Forget::Last => Some(listed.iter().rfind(is_kept).ok_or_else(nothing)?),
        Forget::Id(id) => {
            let found = listed.iter().find(|(known, _)| known == id);
            Some(found.ok_or_else(|| unknown(id))?)
        }
    };
    // A damaged journal is forgotten alone.
    let history = of(&state)?;
    let goes = |journal: &&(String, JournalStep)| match chosen {
        None => is_kept(journal),
        Some((id, _)) => edit_of(&history.edits, &journal.0) == edit_of(&history.edits, id),
    };
    let mut forgotten = Vec::new();
    for (id, step) in listed.iter().filter(goes) {
        let claimed = state.claim(id, *step);
        if matches!(claimed, Ok(Claim::Live(_))) {
            return Err(EditError::general(format!(
                "the edit {id} is not done yet; wait for its process"
            )));
        }
        state.kept(state.remove(id, *step))?;
        forgotten.push(id.clone());
    }
    Ok(forgotten)
}

/// The edit that goes with `id`: the one it took back or made again, or itself.
fn edit_of<'h>(entries: &'h [HistoryEntry], id: &'h str) -> &'h str {
    let entry = entries.iter().find(|entry| entry.id == id);
    entry.and_then(|entry| entry.purpose.of()).unwrap_or(id)
}

/// Removes what is more, or older, than is to be kept. It matters to no one else if that fails.
pub(super) fn prune(state: &StateDir<'_>, settings: &Settings) {
    let mut listed = state.list().unwrap_or_default();
    listed.retain(|(_, step)| *step == JournalStep::Kept);
    let oldest = id::name(id::now().saturating_sub(settings.keep_age));
    let many = listed.len().saturating_sub(settings.keep_count);
    for (number, (id, step)) in listed.iter().enumerate() {
        if number < many || *id < oldest {
            let _ = state.remove(id, *step);
        }
    }
}

/// The error where nothing is kept.
pub(super) fn nothing() -> EditError {
    EditError::general("the history holds no edit")
}

/// The error for an ID that is not there.
fn unknown(id: &str) -> EditError {
    EditError::general(format!(
        "the history holds no edit {id}; --history lists those it holds"
    ))
}
