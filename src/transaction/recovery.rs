//! Ending what a process left that ended before its transaction did, on the word of its journal alone.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use super::access::Access;
use super::content::Buffers;
use super::error::{EditError, is_damaged};
use super::journal::Journal;
use super::settings::{Recovered, Settings};
use super::staging::{self, Staging};
use super::state::{Claim, JournalStep, StateDir};
use crate::system::{FileKind, System, errors};

/// Rolls back or completes what ended processes of this user left, as the journals in the state folder say.
/// Call it before the files of an edit, or of an undo, are read.
/// `roots`: folders in and beneath which staging folders that no journal names are to be reported.
pub fn recover(system: &dyn System, roots: &[PathBuf], settings: &Settings) -> Recovered {
    let mut recovered = Recovered::default();
    let state = StateDir::existing(system, settings.state_dir.as_deref());
    let ended = match &state {
        Ok(Some(state)) => in_state(state, &mut recovered),
        Ok(None) => Ok(()),
        // An edit that could be rolled back fails by the same error when it begins.
        Err(_) if roots.is_empty() => Ok(()),
        Err(error) => Err(error.clone()),
    };
    recovered.errors.extend(ended.err());
    let mut folders: Vec<PathBuf> = Vec::new();
    folders.extend(roots.iter().flat_map(|root| system.resolve(root)));
    let mut at = 0;
    while let Some(folder) = folders.get(at).cloned() {
        let names = system.open_dir(&folder).and_then(|dir| system.list(&dir));
        let mut names = names.unwrap_or_default();
        names.retain(|(name, kind)| {
            *kind == FileKind::Dir && !name.as_encoded_bytes().starts_with(b".grini-")
        });
        folders.extend(names.iter().map(|(name, _)| folder.join(name)));
        at += 1;
    }
    recovered.foreign = foreign(system, state.ok().flatten().as_ref(), &folders);
    recovered
}

/// The staging folders in `folders` that no journal names, as a user should know of them.
pub(super) fn foreign<'f>(
    system: &dyn System,
    state: Option<&StateDir<'_>>,
    folders: impl IntoIterator<Item = &'f PathBuf>,
) -> Vec<EditError> {
    let mut known = HashSet::new();
    if let Some(state) = state {
        let mut listed = state.list().unwrap_or_default();
        listed.retain(|(_, step)| *step != JournalStep::Kept);
        for (id, step) in listed {
            let heading = Journal::open(state, &id, step).and_then(|journal| journal.heading());
            let stages = heading.map_or(Vec::new(), |heading| heading.stages);
            let name = staging::name_for(&id);
            known.extend(stages.iter().map(|parent| Path::new(parent).join(&name)));
        }
    }
    let mut found = Vec::new();
    for folder in folders {
        let names = system.open_dir(folder).and_then(|dir| system.list(&dir));
        let mut names = names.unwrap_or_default();
        names.retain(|(name, kind)| *kind == FileKind::Dir && staging::is_name(name));
        let paths = names.iter().map(|(name, _)| folder.join(name));
        found.extend(paths.filter(|path| !known.contains(path)));
    }
    found.sort();
    found.dedup();
    let what = "it is not of an edit of yours, and is left alone; remove it if nobody needs it";
    let errors = found.into_iter().map(|path| EditError::at(path, what));
    errors.collect()
}

/// Recovers every transaction that is not ended and whose process is.
fn in_state(state: &StateDir<'_>, recovered: &mut Recovered) -> Result<(), EditError> {
    for (id, step) in state.kept(state.list())? {
        if step == JournalStep::Kept {
            continue;
        }
        let journal = |file| Journal::of(state, &id, step, file);
        let ended = match state.claim(&id, step) {
            Ok(Claim::Gone) => continue,
            Ok(Claim::Live(file)) => {
                let pid = journal(file).heading().map_or(0, |heading| heading.pid);
                recovered.live.push((id, pid));
                continue;
            }
            Ok(Claim::Left(file)) => end(journal(file), recovered),
            Err(error) => Err(error),
        };
        if let Err(error) = ended {
            let what = match is_damaged(&error) {
                true => format!(
                    "the journal of the unfinished edit {id} is damaged; grini --forget={id} drops it"
                ),
                false => format!(
                    "recovering the edit {id}: {}; repair that and run grini --recover",
                    errors::text(&error)
                ),
            };
            recovered.errors.push(EditError::at(&state.path, what));
        }
    }
    Ok(())
}

/// Ends the transaction of a journal that an ended process left: rolls every file back, or (after the commit) removes
/// every old file; unless something cannot be done, which is reported.
fn end(mut journal: Journal<'_>, recovered: &mut Recovered) -> io::Result<()> {
    let (system, id) = (journal.state.system, journal.id.clone());
    let log = journal.log()?;
    let mut access = Access {
        system,
        journal,
        folders: log.folders,
        stages: Vec::new(),
        suffix: log.heading.suffix,
        wait: Settings::default().wait,
        waited: AtomicBool::default(),
    };
    for parent in &log.heading.stages {
        match Staging::find(system, parent.as_ref(), &id) {
            Ok(staging) => access.stages.push(staging),
            Err(error) => {
                recovered
                    .errors
                    .push(not_ended(&id, parent.as_ref(), &error));
                return Ok(());
            }
        }
    }
    let mut buffers = Buffers::default();
    let (mut ended, mut failed) = (Vec::new(), None);
    let rolls_back = access.journal.step == JournalStep::Prepared;
    if access.journal.step != JournalStep::Writing {
        let (journal, folders) = (&access.journal, &access.folders);
        journal.entries(folders, &log.later, |entry| {
            match access.end(&entry, &mut buffers) {
                Ok(kept) => {
                    recovered.kept.extend(kept);
                    ended.extend(rolls_back.then_some(entry.number));
                }
                // A store of thousands of files is gone as one.
                Err(error) => {
                    failed.get_or_insert_with(|| not_ended(&id, &entry.shown, &error));
                }
            }
        })?;
    }
    let mut stages = access.stages.iter().flatten();
    let left = |staging: &Staging| Some((staging.path(), staging.remove(system).err()?));
    let left = || (stages.find_map(left)).map(|(path, error)| not_ended(&id, &path, &error));
    if let Some(error) = failed.or_else(left) {
        recovered.errors.push(error);
        // What is rolled back is not looked at again: from now on it may be edited.
        return access.journal.leave_out(&ended);
    }
    let ended = match access.journal.step {
        JournalStep::Done => &mut recovered.completed,
        _ => &mut recovered.rolled_back,
    };
    access.journal.end(log.heading.keep)?;
    ended.push(id);
    Ok(())
}

fn not_ended(id: &str, path: &Path, error: &io::Error) -> EditError {
    let what = format!(
        "the edit {id} was not ended here: {}; grini --recover tries again, grini --forget={id} drops it",
        errors::text(error)
    );
    EditError::at(path, what)
}

/// The IDs of transactions that an ended process left, for a search to warn of. It costs the listing of the state
/// folder; nothing is changed, and no error is reported.
pub fn pending(system: &dyn System, path: &Path) -> Vec<String> {
    let Ok(state) = StateDir::open(system, Some(path), false) else {
        return Vec::new();
    };
    let listed = state.list().unwrap_or_default();
    let unfinished = listed.into_iter().filter(|(id, step)| {
        *step != JournalStep::Kept && matches!(state.claim(id, *step), Ok(Claim::Left(..)))
    });
    unfinished.map(|(id, _)| id).collect()
}
