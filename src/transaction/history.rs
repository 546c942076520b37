//! The edits that are kept: listed, shown, forgotten.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::error::{Doing, EditError};
use super::id;
use super::journal::Journal;
use super::record::{FileEntry, Heading, Purpose};
use super::settings::Settings;
use super::state::{Claim, JournalStep, StateDir};
use crate::change::edit::Edits;
use crate::system::System;
use std::ffi::OsString;

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
}

/// What an edit changed in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEdits {
    /// Absolute path.
    pub path: PathBuf,
    /// The changes. Offsets are in the file before the edit.
    pub edits: Edits,
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

/// The headings of the transactions that can be undone, oldest first.
pub(super) fn headings(state: &StateDir<'_>) -> Result<Vec<(String, Heading)>, EditError> {
    let mut listed = state.kept(state.list())?;
    listed.retain(|(_, step)| *step == JournalStep::Kept);
    let headings = listed.into_iter().map(|(id, step)| {
        let heading = Journal::open(state, &id, step).and_then(|journal| journal.heading());
        Ok((id.clone(), read(state, &id, heading)?))
    });
    headings.collect()
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
        journal.entries(&log, each)
    });
    read(state, id, entries)
}

/// How many files of the edit `id` are taken back.
pub(super) fn undone(headings: &[(String, Heading)], id: &str) -> u64 {
    headings
        .iter()
        .fold(0_u64, |sum, (_, heading)| match &heading.purpose {
            Purpose::Undo(of) if of == id => sum.saturating_add(heading.files),
            Purpose::Redo(of) if of == id => sum.saturating_sub(heading.files),
            _ => sum,
        })
}

/// The edits in the history, oldest first. It keeps [`keep_count`](Settings::keep_count) of them, for
/// [`keep_age`](Settings::keep_age).
///
/// # Errors
/// The state folder cannot be read.
pub fn list(system: &dyn System, settings: &Settings) -> Result<Vec<HistoryEntry>, EditError> {
    let Some(state) = StateDir::existing(system, settings.state_dir.as_deref())? else {
        return Ok(Vec::new());
    };
    let headings = headings(&state)?;
    Ok(headings
        .iter()
        .map(|(id, heading)| entry(id, heading, undone(&headings, id)))
        .collect())
}

fn entry(id: &str, heading: &Heading, undone: u64) -> HistoryEntry {
    HistoryEntry {
        id: id.to_owned(),
        when: UNIX_EPOCH.checked_add(heading.when).unwrap_or(UNIX_EPOCH),
        files: heading.files,
        purpose: heading.purpose.clone(),
        undone,
        command_line: heading.command_line.clone(),
    }
}

/// One edit of the history, and its files with their changes, in order.
///
/// # Errors
/// There is no such edit, or its journal cannot be read.
pub fn contents(
    system: &dyn System,
    id: &str,
    settings: &Settings,
) -> Result<(HistoryEntry, Vec<FileEdits>), EditError> {
    let state = StateDir::existing(system, settings.state_dir.as_deref())?;
    let state = state.ok_or_else(|| unknown(id))?;
    let headings = headings(&state)?;
    let known = headings.iter().find(|(known, _)| known == id);
    let (_, heading) = known.ok_or_else(|| unknown(id))?;
    let mut files = Vec::new();
    self::files(&state, id, |entry| {
        files.push(FileEdits {
            path: entry.shown,
            edits: entry.edits,
        });
    })?;
    Ok((entry(id, heading, undone(&headings, id)), files))
}

/// Removes edits from the history, with the old values it holds, and with each what took it back or made it again. Returns
/// their IDs, oldest first.
///
/// # Errors
/// There is no such edit, or it cannot be removed.
pub fn forget(
    system: &dyn System,
    which: &Forget,
    settings: &Settings,
) -> Result<Vec<String>, EditError> {
    let state = StateDir::existing(system, settings.state_dir.as_deref())?.ok_or_else(nothing)?;
    let mut listed = state.kept(state.list())?;
    match which {
        Forget::Id(id) => {
            if !listed.iter().any(|(known, _)| known == id) {
                return Err(unknown(id));
            }
            retain_with(&state, &mut listed, id);
        }
        Forget::All => listed.retain(|(_, step)| *step == JournalStep::Kept),
        Forget::Last => {
            listed.retain(|(_, step)| *step == JournalStep::Kept);
            let (last, _) = listed.last().cloned().ok_or_else(nothing)?;
            retain_with(&state, &mut listed, &last);
        }
    }
    for (id, step) in &listed {
        let claimed = state.claim(id, *step);
        if matches!(claimed, Ok(Claim::Live(_))) {
            return Err(EditError::general(format!(
                "the edit {id} is not done yet; wait for its process"
            )));
        }
        state.kept(state.remove(id, *step))?;
    }
    Ok(listed.into_iter().map(|(id, _)| id).collect())
}

/// Of the journals those that go with `id`: an edit, and what took it back or made it again. One without the others would
/// have the history say that the edit is done, or taken back, when it is not.
fn retain_with(state: &StateDir<'_>, listed: &mut Vec<(String, JournalStep)>, id: &str) {
    // A damaged journal is forgotten alone.
    let headings = headings(state).unwrap_or_default();
    let edit_of = |id: &str| {
        let heading = headings.iter().find(|(known, _)| known == id);
        match heading.map(|(_, heading)| &heading.purpose) {
            Some(Purpose::Undo(of) | Purpose::Redo(of)) => of.clone(),
            _ => id.to_owned(),
        }
    };
    let edit = edit_of(id);
    listed.retain(|(known, _)| known == id || edit_of(known) == edit);
}

/// Removes what is more, or older, than is to be kept. It matters to no one else if that fails.
pub(super) fn prune(state: &StateDir<'_>, settings: &Settings) {
    let Ok(mut listed) = state.list() else {
        return;
    };
    listed.retain(|(_, step)| *step == JournalStep::Kept);
    let oldest = id::name(
        id::now()
            .checked_sub(settings.keep_age)
            .unwrap_or(Duration::ZERO),
    );
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
pub(super) fn unknown(id: &str) -> EditError {
    EditError::general(format!(
        "the history holds no edit {id}; --history lists those it holds"
    ))
}
