//! What the journal is kept for: listing transactions, taking one back, forgetting them.

use std::ffi::OsString;
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::content::Buffers;
use super::folders::Folders;
use super::id;
use super::journal::{Heading, Kept, Stand, StateDir};
use super::problem::{Problem, explain};
use super::settings::{Applied, Failed, Progress, Settings};
use super::whole;
use crate::change::edit::{self as change, FileChange, Seen};
use crate::system::{System, missing};

/// One transaction of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Its ID, as printed when it was made.
    pub id: String,
    /// When it was made.
    pub when: SystemTime,
    /// How many files it changed.
    pub files: u64,
    /// The command line that made it, the program's name first.
    pub command_line: Vec<OsString>,
    /// It was taken back by an undo that was not itself taken back.
    pub undone: bool,
    /// The transaction it took back, if it is an undo.
    pub undoes: Option<String>,
}

/// Which transactions to forget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forget {
    /// The last one.
    Last,
    /// The one with this ID.
    Id(String),
    /// All.
    All,
}

/// See [`history`](super::history).
pub(crate) fn history(
    system: &dyn System,
    settings: &Settings,
) -> Result<Vec<HistoryEntry>, Problem> {
    let Some(state) = open(system, settings)? else {
        return Ok(Vec::new());
    };
    let mut entries = Vec::new();
    for (id, heading) in headings(system, &state)? {
        entries.push(HistoryEntry {
            id,
            when: UNIX_EPOCH + heading.when,
            files: heading.files,
            command_line: heading.command_line,
            undone: false,
            undoes: heading.undoes,
        });
    }
    // An undo is later than what it takes back: from the last one on, whether it still counts is known.
    for later in (0..entries.len()).rev() {
        if entries[later].undone {
            continue;
        }
        let undoes = entries[later].undoes.clone();
        for entry in &mut entries[..later] {
            entry.undone |= Some(&entry.id) == undoes.as_ref();
        }
    }
    Ok(entries)
}

/// The inverse of a transaction as it would be applied now, and the files for which there is none.
pub(crate) fn inverse(
    system: &dyn System,
    id: Option<&str>,
    settings: &Settings,
) -> Result<(String, Vec<FileChange>, Vec<Problem>), Problem> {
    let state = open(system, settings)?.ok_or_else(nothing)?;
    let undoable = undoable(system, &state)?;
    let id = match id {
        Some(id) if undoable.iter().any(|known| known == id) => id.to_owned(),
        Some(id) => return Err(unknown(id)),
        None => undoable.last().ok_or_else(nothing)?.clone(),
    };
    let (_, kept) = state.read(system, &id).map_err(|error| {
        let doing = format!("reading the journal of {id}");
        Problem::at(&state.path, explain(&doing, &error))
    })?;
    let mut folders = Folders::default();
    let mut buffers = Buffers::default();
    let mut changes = Vec::with_capacity(kept.len());
    let mut problems = Vec::new();
    for kept in kept {
        let path = kept.path.clone();
        match take_back(system, kept, &id, &mut folders, &mut buffers) {
            Ok(Ok(change)) => changes.push(change),
            Ok(Err(problem)) => problems.push(problem),
            Err(error) if missing(&error) => {
                problems.push(Problem::at(
                    path,
                    format!("it is gone since transaction {id}"),
                ));
            }
            Err(error) => problems.push(Problem::call(&path, "reading the file", &error)),
        }
    }
    Ok((id, changes, problems))
}

fn take_back(
    system: &dyn System,
    kept: Kept,
    id: &str,
    folders: &mut Folders,
    buffers: &mut Buffers,
) -> io::Result<Result<FileChange, Problem>> {
    let (Some(parent), Some(name)) = (kept.path.parent(), kept.path.file_name()) else {
        return Err(io::ErrorKind::NotFound.into());
    };
    let folder = folders.add(system, parent)?;
    let file = system.open(&*folders.dir(system, folder)?, name)?;
    let meta = system.meta(&file)?;
    let digest = buffers.digest(system, &file, meta.size)?;
    if digest != kept.new {
        let what = format!(
            "it was changed since transaction {id}; --keep-going takes the other files back"
        );
        return Ok(Err(Problem::at(kept.path, what)));
    }
    Ok(Ok(FileChange {
        path: kept.path,
        seen: Seen {
            device: meta.device,
            inode: meta.inode,
            size: meta.size,
            modified: meta.modified,
            digest,
        },
        edits: change::inverse(&kept.edits),
    }))
}

/// See [`undo`](super::undo).
pub(crate) fn undo(
    system: &dyn System,
    id: Option<&str>,
    settings: &Settings,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Applied, Failed> {
    let failed = |mut problems: Vec<Problem>| {
        problems.push(Problem::general("nothing was changed"));
        Failed {
            problems,
            interrupted: false,
            left: false,
        }
    };
    let (id, changes, problems) =
        inverse(system, id, settings).map_err(|problem| failed(vec![problem]))?;
    if !problems.is_empty() && (!settings.keep_going || changes.is_empty()) {
        return Err(failed(problems));
    }
    let mut applied = whole::run(system, changes, settings, Some(&id), progress)?;
    applied.refused.splice(..0, problems);
    Ok(applied)
}

/// See [`forget`](super::forget).
pub(crate) fn forget(
    system: &dyn System,
    which: &Forget,
    settings: &Settings,
) -> Result<usize, Problem> {
    let state = open(system, settings)?.ok_or_else(nothing)?;
    let mut ids = undoable(system, &state)?;
    match which {
        Forget::All => {}
        Forget::Last => ids = vec![ids.pop().ok_or_else(nothing)?],
        Forget::Id(id) => {
            ids.retain(|known| known == id);
            if ids.is_empty() {
                return Err(unknown(id));
            }
        }
    }
    for id in &ids {
        state
            .remove(system, id, Stand::Undo)
            .map_err(|error| super::journal::trouble(&state, &error))?;
    }
    Ok(ids.len())
}

/// Removes what is more, or older, than is to be kept. It matters to no one else if that fails.
pub(crate) fn prune(system: &dyn System, state: &StateDir, settings: &Settings) {
    let Ok(ids) = undoable(system, state) else {
        return;
    };
    let oldest = id::name(id::now().saturating_sub(settings.keep_age));
    let many = ids.len().saturating_sub(settings.keep_count);
    for (number, id) in ids.iter().enumerate() {
        if number < many || *id < oldest {
            let _ = state.remove(system, id, Stand::Undo);
        }
    }
}

fn open(system: &dyn System, settings: &Settings) -> Result<Option<StateDir>, Problem> {
    let path = settings.state_dir.as_deref();
    match path.map(|path| system.open_dir(path)) {
        Some(Err(error)) if missing(&error) => Ok(None),
        _ => StateDir::open(system, path, false).map(Some),
    }
}

fn undoable(system: &dyn System, state: &StateDir) -> Result<Vec<String>, Problem> {
    let listed = state
        .list(system)
        .map_err(|error| super::journal::trouble(state, &error))?;
    let ended = listed
        .into_iter()
        .filter(|(_, stand)| *stand == Stand::Undo);
    Ok(ended.map(|(id, _)| id).collect())
}

fn headings(system: &dyn System, state: &StateDir) -> Result<Vec<(String, Heading)>, Problem> {
    let mut headings = Vec::new();
    for id in undoable(system, state)? {
        let heading = state.heading(system, &id, Stand::Undo).map_err(|error| {
            let doing = format!("reading the journal of {id}");
            Problem::at(&state.path, explain(&doing, &error))
        })?;
        if heading.when > Duration::ZERO {
            headings.push((id, heading));
        }
    }
    Ok(headings)
}

fn nothing() -> Problem {
    Problem::general("the journal holds no transaction")
}

fn unknown(id: &str) -> Problem {
    Problem::general(format!(
        "the journal holds no transaction {id}; --history lists those it holds"
    ))
}
