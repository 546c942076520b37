//! Taking an edit back, and making it again: each a transaction of its own, with the edits of the journal.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::commit;
use super::content::Buffers;
use super::error::{Doing, EditError, Obstacle};
use super::folders::KnownFolders;
use super::history::{self, HistoryEntry};
use super::record::Purpose;
use super::settings::{Applied, Failed, Progress, Settings};
use super::state::StateDir;
use crate::change::edit::{FileChange, Seen};
use crate::system::{FileKind, System, errors, missing};

/// Which way to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Take an edit back.
    Undo,
    /// Make one again that was taken back.
    Redo,
}

/// Which edit, and which of its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Which way.
    pub direction: Direction,
    /// The edit's ID; `None`: the newest that is not taken back, or the last that is.
    pub id: Option<String>,
    /// Only these files, and those beneath these folders; none: all.
    pub paths: Vec<PathBuf>,
}

/// What taking an edit back comes to.
pub struct TakeBackPlan {
    /// The changes.
    pub changes: Vec<FileChange>,
    /// The files that are not as the edit left them.
    pub refused: Vec<EditError>,
    purpose: Purpose,
    /// Files that are already as they are to be.
    already: usize,
    /// What the names of the edit's backups end with.
    suffix: Option<OsString>,
}

/// Takes an edit back, or makes one again that was taken back, as a transaction of its own.
///
/// Files that are not as that transaction left them are refused; with [`keep_going`](Settings::keep_going) the
/// others are written.
///
/// # Errors
/// What is in the way, file by file.
pub fn take_back(
    system: &dyn System,
    selection: &Selection,
    settings: &Settings,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Applied, Failed> {
    let plan = plan(system, selection, settings)?;
    if !plan.refused.is_empty() && (!settings.keep_going || plan.changes.is_empty()) {
        return Err(plan.refused.into());
    }
    let settings = Settings {
        purpose: plan.purpose,
        ..settings.clone()
    };
    let mut applied = commit::apply(system, plan.changes, &settings, progress)?;
    let mut warnings = Vec::new();
    if plan.already > 0 {
        let files = crate::change::count(plan.already as u64, "file");
        warnings.push(EditError::general(format!("{files} already as asked for")));
    }
    if let Some(suffix) = plan.suffix.filter(|_| applied.files > 0) {
        warnings.push(EditError::general(format!(
            "the backups that the edit made (*{}) stay",
            suffix.display()
        )));
    }
    applied.warnings.splice(..0, warnings);
    applied.refused.splice(..0, plan.refused);
    Ok(applied)
}

/// What [`take_back`] would do now.
///
/// # Errors
/// There is no such edit, or its journal cannot be read.
pub fn plan(
    system: &dyn System,
    selection: &Selection,
    settings: &Settings,
) -> Result<TakeBackPlan, EditError> {
    let state = StateDir::existing(system, settings.state_dir.as_deref())?;
    let state = state.ok_or_else(history::nothing)?;
    let mut history = history::of(&state)?;
    let chosen = choose(&history.edits, selection);
    // One that cannot be read may be the one that is meant.
    let unread = (history.unread.pop()).filter(|_| selection.id.is_none() || chosen.is_err());
    let (edit, direction) = unread.map_or(chosen, Err)?;
    let id = &edit.id;
    let mut plan = TakeBackPlan {
        changes: Vec::new(),
        refused: Vec::new(),
        purpose: match direction {
            Direction::Undo => Purpose::Undo(id.clone()),
            Direction::Redo => Purpose::Redo(id.clone()),
        },
        already: 0,
        suffix: edit.suffix.clone(),
    };
    let stands = |other: &&HistoryEntry| {
        other.id > *id && other.purpose == Purpose::Edit && other.undone < other.files
    };
    let first = match history.edits.iter().find(stands) {
        Some(_) => "--undo takes the later edits back first, ",
        None => "",
    };
    let way_out = "--keep-going writes the other files";
    let since = format!("since the edit {id}; {first}{way_out}, --forget={id} drops the edit");
    let wanted = wanted(system, &selection.paths)?;
    let mut found: HashMap<&Path, bool> = wanted.iter().map(|path| (&**path, false)).collect();
    let (mut folders, mut buffers) = (KnownFolders::default(), Buffers::default());
    let mut wait = settings.wait;
    history::files(&state, id, |entry| {
        let path = entry.shown;
        let mut is_wanted = wanted.is_empty();
        for above in path.ancestors() {
            if let Some(found) = found.get_mut(above) {
                (*found, is_wanted) = (true, true);
            }
        }
        if !is_wanted {
            return;
        }
        let (from, becomes, edits) = match direction {
            Direction::Undo => (entry.becomes, entry.old.digest, entry.edits.inverse()),
            Direction::Redo => (entry.old.digest, entry.becomes, entry.edits),
        };
        let refused = match look(system, &mut folders, &mut buffers, &mut wait, &path) {
            Ok(seen) if seen.digest == from => {
                return plan.changes.push(FileChange {
                    path,
                    is_link: false,
                    seen,
                    edits,
                    becomes,
                });
            }
            Ok(seen) if seen.digest == becomes => return plan.already += 1,
            Ok(_) => EditError::at(path, format!("it was changed {since}")),
            Err(error) if missing(&error) => EditError::at(path, format!("it is gone {since}")),
            Err(error) if errors::held_by_another(&error) => Obstacle::InUse.at(&path, ""),
            Err(error) => EditError::call(&path, "reading the file", &error),
        };
        plan.refused.push(refused);
    })?;
    let named = selection.paths.iter().zip(&wanted);
    for (path, _) in named.filter(|(_, wanted)| !found[wanted.as_path()]) {
        let what =
            format!("the edit {id} changed no such file; --undo=ID names another (--history)");
        plan.refused.push(EditError::at(path, what));
    }
    Ok(plan)
}

/// The absolute paths of the files and folders that were named; of a file that is gone, what it would be.
fn wanted(system: &dyn System, paths: &[PathBuf]) -> Result<Vec<PathBuf>, EditError> {
    let resolved = |path: &PathBuf| match (system.resolve(path), path.file_name()) {
        (Err(error), Some(name)) if missing(&error) => {
            let parent = path.parent();
            let parent = parent.filter(|parent| !parent.as_os_str().is_empty());
            Ok(system.resolve(parent.unwrap_or(Path::new(".")))?.join(name))
        }
        (resolved, _) => resolved,
    };
    let wanted = paths.iter();
    wanted
        .map(|path| resolved(path).doing(path, "looking for the file"))
        .collect()
}

/// The edit that is meant, and which way it is to go.
fn choose<'h>(
    entries: &'h [HistoryEntry],
    selection: &Selection,
) -> Result<(&'h HistoryEntry, Direction), EditError> {
    let direction = selection.direction;
    if let Some(id) = &selection.id {
        let chosen = history::find(entries, id)?;
        let edit = history::find(entries, chosen.purpose.of().unwrap_or(id))?;
        let direction = match (&chosen.purpose, direction) {
            // To take back what took an edit back is to make it again.
            (Purpose::Undo(_), Direction::Undo) => Direction::Redo,
            (Purpose::Undo(_), Direction::Redo) => Direction::Undo,
            _ => direction,
        };
        return Ok((edit, direction));
    }
    let is_edit = |entry: &&HistoryEntry| entry.purpose == Purpose::Edit;
    let mut edits = entries.iter().filter(is_edit);
    let found = match direction {
        Direction::Undo => edits.clone().rfind(|edit| edit.undone < edit.files),
        Direction::Redo => entries.iter().rev().find_map(|entry| match &entry.purpose {
            Purpose::Undo(of) => edits.clone().find(|edit| edit.id == *of && edit.undone > 0),
            _ => None,
        }),
    };
    let error = match direction {
        Direction::Redo => "no edit is taken back that could be made again",
        Direction::Undo if edits.next().is_none() => return Err(history::nothing()),
        Direction::Undo => "every edit is taken back; --redo makes the last one again",
    };
    let edit = found.ok_or_else(|| EditError::general(error))?;
    Ok((edit, direction))
}

/// What a file is now. One that another program keeps from being opened is waited for; once in vain, no other is.
fn look(
    system: &dyn System,
    folders: &mut KnownFolders,
    buffers: &mut Buffers,
    wait: &mut Duration,
    path: &Path,
) -> io::Result<Seen> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::NotFound.into());
    };
    let folder = folders.add(system, parent)?;
    let dir = folders.dir(system, folder)?;
    let end = Instant::now() + *wait;
    let file = loop {
        match system.open(&dir, name) {
            Err(error) if errors::held_by_another(&error) => {
                if Instant::now() >= end {
                    *wait = Duration::ZERO;
                    return Err(error);
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            opened => break opened?,
        }
    };
    let meta = system.meta(&file)?;
    if meta.kind != FileKind::File {
        return Err(io::ErrorKind::NotFound.into());
    }
    let digest = buffers.pieces(system, &file, meta.size, |_, _| Ok(()))?;
    Ok(Seen { meta, digest })
}
