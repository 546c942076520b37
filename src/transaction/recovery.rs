//! Ending what a process left that ended before its transaction did, on the word of its journal alone.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use super::access::Access;
use super::content::Buffers;
use super::error::{EditError, is_damaged};
use super::journal::{Journal, Later};
use super::settings::{Recovered, Settings};
use super::staging::{self, Staging};
use super::state::{Claim, JournalStep, StateDir};
use crate::system::{FileKind, System, errors};

/// Rolls back or completes what ended processes of this user left, as the journals in the state folder say.
/// Call it before the files of an edit, or of an undo, are read.
/// `roots`: folders in and beneath which staging folders that no journal names are to be reported.
pub fn recover(system: &dyn System, roots: &[PathBuf], settings: &Settings) -> Recovered {
    let mut recovered = Recovered::default();
    let mut known = Vec::new();
    match StateDir::existing(system, settings.state_dir.as_deref()) {
        Ok(Some(state)) => {
            recovered = in_state(&state);
            known = stages(&state);
        }
        Ok(None) => {}
        // An edit that could be rolled back fails by the same error when it begins.
        Err(error) if !roots.is_empty() => recovered.errors.push(error),
        Err(_) => {}
    }
    let mut folders: Vec<PathBuf> = Vec::new();
    for root in roots {
        folders.extend(system.resolve(root));
        while let Some(folder) = folders.pop() {
            let found = staging::foreign(system, &folder, &known);
            recovered.kept.extend(found);
            let names = system.open_dir(&folder).and_then(|dir| system.list(&dir));
            for (name, kind) in names.unwrap_or_default() {
                if kind == FileKind::Dir && !name.as_encoded_bytes().starts_with(b".grini-") {
                    folders.push(folder.join(name));
                }
            }
        }
    }
    recovered
}

/// The parents of all staging folders that journals name, with the ID of each.
pub(super) fn stages(state: &StateDir<'_>) -> Vec<(PathBuf, String)> {
    let mut stages = Vec::new();
    for (id, step) in state.list().unwrap_or_default() {
        if step == JournalStep::Kept {
            continue;
        }
        let heading = Journal::open(state, &id, step).and_then(|journal| journal.heading());
        for parent in heading.map_or(Vec::new(), |heading| heading.stages) {
            stages.push((parent.into(), id.clone()));
        }
    }
    stages
}

/// Recovers every transaction that is not ended and whose process is.
pub(super) fn in_state(state: &StateDir<'_>) -> Recovered {
    let mut recovered = Recovered::default();
    let listed = match state.kept(state.list()) {
        Ok(listed) => listed,
        Err(error) => {
            recovered.errors.push(error);
            return recovered;
        }
    };
    for (id, step) in listed {
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
            Ok(Claim::Left(file)) => end(journal(file), &mut recovered),
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
    recovered
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
        suffix: log.heading.suffix.clone(),
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
    let touched = access.journal.step != JournalStep::Writing;
    if touched && !end_files(&mut access, &log.later, recovered)? {
        return Ok(());
    }
    for staging in access.stages.iter().flatten() {
        staging.remove(system)?;
    }
    let ended = match access.journal.step {
        JournalStep::Done => &mut recovered.completed,
        _ => &mut recovered.rolled_back,
    };
    access.journal.end(log.heading.keep)?;
    ended.push(id);
    Ok(())
}

/// Ends every file. `false`: one could not be.
fn end_files(
    access: &mut Access<'_>,
    later: &Later,
    recovered: &mut Recovered,
) -> io::Result<bool> {
    let mut buffers = Buffers::default();
    let (mut ended, mut failed) = (Vec::new(), None);
    (access.journal).entries(&access.folders, later, |entry| {
        match access.end(&entry, &mut buffers) {
            Ok(kept) => {
                recovered.kept.extend(kept);
                ended.push(entry.number);
            }
            // A store of thousands of files is gone as one.
            Err(error) => {
                failed.get_or_insert_with(|| not_ended(&access.journal.id, &entry.shown, &error));
            }
        }
    })?;
    let Some(error) = failed else {
        return Ok(true);
    };
    recovered.errors.push(error);
    // What is recovered is not looked at again: from now on it may be edited.
    access.journal.leave_out(ended.into_iter())?;
    Ok(false)
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
