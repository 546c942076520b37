//! Taking an edit back, and making it again: each a transaction of its own, with the edits of the journal.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::commit;
use super::content::Buffers;
use super::error::{Doing, EditError, is_damaged};
use super::folders::Folders;
use super::history;
use super::record::{Entry, Heading, Purpose, seen};
use super::recovery;
use super::settings::{Applied, Failed, Progress, Settings};
use super::state::StateDir;
use crate::change::edit::{FileChange, Seen};
use crate::system::{Kind, System, missing};

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

/// What is to be done.
struct Plan {
    changes: Vec<FileChange>,
    refused: Vec<EditError>,
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
    run(system, selection, settings, progress).map_err(Failed::ended)
}

fn run(
    system: &dyn System,
    selection: &Selection,
    settings: &Settings,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Applied, Failed> {
    let state = StateDir::existing(system, settings.state_dir.as_deref())?;
    let recovered = state
        .map(|state| recovery::in_state(system, &state))
        .unwrap_or_default();
    let mut warnings = recovered.into_warnings();
    let plan = plan(system, selection, settings)?;
    if !plan.refused.is_empty() && (!settings.keep_going || plan.changes.is_empty()) {
        return Err(plan.refused.into());
    }
    let mut applied = commit::run(system, plan.changes, settings, plan.purpose, progress)?;
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

/// The changes that [`take_back`] would make now, and the files it would refuse.
///
/// # Errors
/// There is no such edit, or its journal cannot be read.
pub fn preview(
    system: &dyn System,
    selection: &Selection,
    settings: &Settings,
) -> Result<(Vec<FileChange>, Vec<EditError>), EditError> {
    let plan = plan(system, selection, settings)?;
    Ok((plan.changes, plan.refused))
}

/// Finds the edit, and what its files need.
fn plan(
    system: &dyn System,
    selection: &Selection,
    settings: &Settings,
) -> Result<Plan, EditError> {
    let state = StateDir::existing(system, settings.state_dir.as_deref())?;
    let state = state.ok_or_else(history::nothing)?;
    let headings = history::headings(system, &state)?;
    let (id, direction) = choose(&headings, selection)?;
    let heading = (headings.iter()).find(|(known, _)| *known == id);
    let suffix = heading.and_then(|(_, heading)| heading.suffix.clone());
    let purpose = match direction {
        Direction::Undo => Purpose::Undo(id.clone()),
        Direction::Redo => Purpose::Redo(id.clone()),
    };
    let mut files = Files {
        system,
        id: &id,
        direction,
        folders: Folders::default(),
        buffers: Buffers::default(),
    };
    let wanted = wanted(system, &selection.paths)?;
    let mut found = vec![false; wanted.len()];
    let mut plan = Plan {
        changes: Vec::new(),
        refused: Vec::new(),
        purpose,
        already: 0,
        suffix,
    };
    history::files(system, &state, &id, |entry| {
        let mut matched = wanted.is_empty();
        for (wanted, found) in wanted.iter().zip(&mut found) {
            if entry.shown.starts_with(wanted) {
                (matched, *found) = (true, true);
            }
        }
        if matched {
            files.add(&mut plan, entry);
        }
    })?;
    for (path, _) in (selection.paths.iter().zip(found)).filter(|(_, found)| !found) {
        let what = format!("the edit {id} changed no such file; --history={id} lists its files");
        plan.refused.push(EditError::at(path, what));
    }
    Ok(plan)
}

/// The absolute paths of the files and folders that were named; of a file that is gone, what it would be.
fn wanted(system: &dyn System, paths: &[PathBuf]) -> Result<Vec<PathBuf>, EditError> {
    let resolved = |path: &PathBuf| match system.resolve(path) {
        Err(error) if missing(&error) => {
            let parent = path.parent();
            let parent = parent.filter(|parent| !parent.as_os_str().is_empty());
            let parent = system.resolve(parent.unwrap_or(Path::new(".")))?;
            Ok(parent.join(path.file_name().unwrap_or_default()))
        }
        resolved => resolved,
    };
    let wanted = paths.iter();
    wanted
        .map(|path| resolved(path).doing(path, "looking for the file"))
        .collect()
}

/// The edit that is meant, and which way it is to go.
fn choose(
    headings: &[(String, Heading)],
    selection: &Selection,
) -> Result<(String, Direction), EditError> {
    let is_edit = |heading: &Heading| heading.purpose == Purpose::Edit;
    let undone = |id: &str| history::undone(headings, id);
    let edits = || {
        headings
            .iter()
            .rev()
            .filter(|(_, heading)| is_edit(heading))
    };
    let id = match (&selection.id, selection.direction) {
        (Some(id), direction) => {
            let known = headings.iter().find(|(known, _)| known == id);
            let (_, heading) = known.ok_or_else(|| history::unknown(id))?;
            let turned = match direction {
                Direction::Undo => Direction::Redo,
                Direction::Redo => Direction::Undo,
            };
            // To take back what took an edit back is to make it again.
            return match &heading.purpose {
                Purpose::Edit => Ok((id.clone(), direction)),
                Purpose::Undo(of) | Purpose::Redo(of)
                    if !headings.iter().any(|(known, _)| known == of) =>
                {
                    Err(history::unknown(of))
                }
                Purpose::Undo(of) => Ok((of.clone(), turned)),
                Purpose::Redo(of) => Ok((of.clone(), direction)),
            };
        }
        (None, Direction::Undo) => {
            let newest = edits().find(|(id, heading)| undone(id) < heading.files);
            newest.map(|(id, _)| id.clone())
        }
        (None, Direction::Redo) => headings.iter().rev().find_map(|(_, heading)| {
            let Purpose::Undo(of) = &heading.purpose else {
                return None;
            };
            let there = edits().any(|(id, _)| id == of);
            (there && undone(of) > 0).then(|| of.clone())
        }),
    };
    match (id, selection.direction) {
        (Some(id), direction) => Ok((id, direction)),
        (None, Direction::Redo) => Err(EditError::general(
            "no edit is taken back that could be made again",
        )),
        (None, Direction::Undo) if edits().next().is_some() => Err(EditError::general(
            "every edit of the history is taken back; --redo makes the last one again",
        )),
        (None, Direction::Undo) => Err(history::nothing()),
    }
}

/// Turns the records of a journal into changes of the files as they are now.
struct Files<'a> {
    system: &'a dyn System,
    id: &'a str,
    direction: Direction,
    folders: Folders,
    buffers: Buffers,
}

impl Files<'_> {
    fn add(&mut self, plan: &mut Plan, entry: Entry) {
        let (id, path) = (self.id, entry.shown);
        let seen = match self.look(&path) {
            Ok(seen) => seen,
            Err(error) if missing(&error) => {
                let what = format!("it is gone since the edit {id}");
                return plan.refused.push(EditError::at(path, what));
            }
            Err(error) => {
                let error = EditError::call(&path, "reading the file", &error);
                return plan.refused.push(error);
            }
        };
        let (from, to) = match self.direction {
            Direction::Undo => (entry.becomes, entry.old.digest),
            Direction::Redo => (entry.old.digest, entry.becomes),
        };
        if seen.digest == from {
            let edits = match self.direction {
                Direction::Undo => entry.edits.inverse(),
                Direction::Redo => entry.edits,
            };
            plan.changes.push(FileChange {
                path,
                seen,
                edits,
                becomes: to,
            });
        } else if seen.digest == to {
            plan.already += 1;
        } else {
            let what =
                format!("it was changed since the edit {id}; --keep-going writes the other files");
            plan.refused.push(EditError::at(path, what));
        }
    }

    fn look(&mut self, path: &Path) -> io::Result<Seen> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let folder = self.folders.add(self.system, parent)?;
        let dir = self.folders.dir(self.system, folder)?;
        let file = self.system.open(&dir, name)?;
        let meta = self.system.meta(&file)?;
        if meta.kind != Kind::File {
            return Err(io::ErrorKind::NotFound.into());
        }
        let digest = match self
            .buffers
            .pieces(self.system, &file, meta.size, |_, _| Ok(()))
        {
            // It became shorter while it was read.
            Err(error) if is_damaged(&error) => [0; 32],
            digest => digest?,
        };
        Ok(seen(&meta, digest))
    }
}
