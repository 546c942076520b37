//! Ending what a process left that ended before its transaction did, on the word of its journal alone.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::content::Buffers;
use super::error::EditError;
use super::files::{Entry, IN_PLACE};
use super::folders::Folders;
use super::frames::{damaged, is_damaged};
use super::in_place::InPlace;
use super::journal::{self, Log};
use super::record::Heading;
use super::rollback::Ends;
use super::settings::{Recovered, Settings};
use super::staging::{self, Found, Staging};
use super::state::{Claim, StateDir, Step};
use crate::system::{self, Kind, System};

/// Rolls back or completes what ended processes of this user left, as the journals in the state folder say.
/// `roots`: folders in and beneath which staging folders that no journal names are to be reported.
pub fn recover(system: &dyn System, roots: &[PathBuf], settings: &Settings) -> Recovered {
    let mut recovered = Recovered::default();
    let mut known = Vec::new();
    match StateDir::existing(system, settings.state_dir.as_deref()) {
        Ok(Some(state)) => {
            recovered = in_state(system, &state);
            known = stages(system, &state);
        }
        Ok(None) => {}
        Err(error) => recovered.errors.push(error),
    }
    for root in roots {
        let Ok(root) = system.resolve(root) else {
            continue;
        };
        let mut folders = vec![root];
        while let Some(folder) = folders.pop() {
            recovered.kept.extend(foreign(system, &folder, &known));
            let names = system.open_dir(&folder).and_then(|dir| system.list(&dir));
            for (name, kind) in names.unwrap_or_default() {
                if kind == Kind::Dir && !name.as_encoded_bytes().starts_with(b".grini-") {
                    folders.push(folder.join(name));
                }
            }
        }
    }
    recovered
}

/// The staging folders in `folder` that no journal in `known` names, as a user should know of them.
pub(super) fn foreign(
    system: &dyn System,
    folder: &Path,
    known: &[(PathBuf, String)],
) -> Vec<EditError> {
    let what = "it is not of an edit of yours, and is left alone; remove it if nobody needs it";
    staging::foreign(system, folder, known)
        .into_iter()
        .map(|path| EditError::at(path, what))
        .collect()
}

/// The parents of all staging folders that journals name, with the ID of each.
pub(super) fn stages(system: &dyn System, state: &StateDir) -> Vec<(PathBuf, String)> {
    let mut stages = Vec::new();
    for (id, step) in state.list(system).unwrap_or_default() {
        if step == Step::Kept {
            continue;
        }
        let heading = state
            .read(system, &id, step)
            .and_then(|file| journal::heading(system, &file));
        for parent in heading.map_or(Vec::new(), |heading| heading.stages) {
            stages.push((staging::parent_of(&parent), id.clone()));
        }
    }
    stages
}

/// Recovers every transaction that is not ended and whose process is.
pub(super) fn in_state(system: &dyn System, state: &StateDir) -> Recovered {
    let mut recovered = Recovered::default();
    let listed = match state.list(system) {
        Ok(listed) => listed,
        Err(error) => {
            recovered.errors.push(state.error(&error));
            return recovered;
        }
    };
    for (id, step) in listed {
        if step == Step::Kept {
            continue;
        }
        let ended = match state.claim(system, &id, step) {
            Ok(Claim::Gone) => continue,
            Ok(Claim::Live(file)) => {
                let pid = journal::heading(system, &file).map_or(0, |heading| heading.pid);
                recovered.live.push((id, pid));
                continue;
            }
            Ok(Claim::Left(file)) => Left {
                system,
                state,
                id: &id,
                file: &file,
            }
            .end(step, &mut recovered),
            Err(error) => Err(error),
        };
        if let Err(error) = ended {
            let what = match is_damaged(&error) {
                true => format!(
                    "the journal of the unfinished edit {id} is damaged; grini --forget={id} drops it"
                ),
                false => format!(
                    "recovering the edit {id}: {}; repair that and run grini --recover",
                    super::error::plain(&error)
                ),
            };
            recovered.errors.push(EditError::at(&state.path, what));
        }
    }
    recovered
}

/// A transaction that an ended process left.
struct Left<'a> {
    system: &'a dyn System,
    state: &'a StateDir,
    id: &'a str,
    file: &'a File,
}

impl Left<'_> {
    fn end(&self, step: Step, recovered: &mut Recovered) -> io::Result<()> {
        let ended = match step {
            Step::Writing => self.end_writing(recovered)?,
            _ => self.end_files(step, recovered)?,
        };
        if !ended {
            return Ok(());
        }
        match step {
            Step::Done if journal::heading(self.system, self.file)?.keep => {
                self.state
                    .advance(self.system, self.id, Step::Done, Step::Kept)?;
            }
            _ => self.state.remove(self.system, self.id, step)?,
        }
        match step {
            Step::Done => recovered.completed.push(self.id.to_owned()),
            _ => recovered.rolled_back.push(self.id.to_owned()),
        }
        Ok(())
    }

    /// No file was touched: what was staged goes.
    fn end_writing(&self, recovered: &mut Recovered) -> io::Result<bool> {
        let heading = match journal::heading(self.system, self.file) {
            // It was cut short before any folder was made.
            Err(error) if is_damaged(&error) => return Ok(true),
            heading => heading?,
        };
        let Some(stages) = self.find_stages(&heading, recovered)? else {
            return Ok(false);
        };
        for staging in stages.iter().flatten() {
            staging.remove(self.system)?;
        }
        Ok(true)
    }

    /// Rolls every file back, or (`done`) removes every old file. `false`: something could not be done and is reported.
    fn end_files(&self, step: Step, recovered: &mut Recovered) -> io::Result<bool> {
        let system = self.system;
        let log = journal::read(system, self.file, |_, _, _| Ok(()))?;
        if !log.sealed {
            return Err(damaged());
        }
        let Some(stages) = self.find_stages(&log.heading, recovered)? else {
            return Ok(false);
        };
        let folders = known_folders(system, &log)?;
        let suffix = log.heading.suffix.clone().map(system::os_string);
        let ends = Ends {
            id: self.id,
            system,
            folders: &folders,
            stages: &stages,
            in_place: InPlace {
                system,
                folders: &folders,
                journal: self.file,
                wait: Settings::default().wait,
            },
            suffix: suffix.as_deref(),
        };
        let mut buffers = Buffers::default();
        let (mut ended, mut failed) = (Vec::new(), 0);
        journal::read(system, self.file, |number, _, record| {
            if log.left_out.contains(&number) {
                return Ok(());
            }
            let path = folders
                .get(record.folder)
                .path
                .join(system::os_string(record.name.clone()));
            let mut entry = Entry::from_record(number, record, path);
            entry.staged = *log.staged.get(&number).unwrap_or(&IN_PLACE);
            let result = match step {
                Step::Done => ends.drop_old(&entry),
                _ => ends.roll_back(&entry, &mut buffers),
            };
            match result {
                Ok(kept) => {
                    recovered.kept.extend(kept);
                    ended.push(number);
                }
                Err(error) => {
                    // A store of thousands of files is gone as one.
                    if failed == 0 {
                        recovered.errors.push(self.error(&entry.shown, &error));
                    }
                    failed += 1;
                }
            }
            Ok(())
        })?;
        if failed > 0 {
            // What is recovered is not looked at again: from now on it may be edited.
            journal::leave_out(system, self.file, &ended)?;
            return Ok(false);
        }
        for staging in stages.iter().flatten() {
            staging.remove(system)?;
        }
        Ok(true)
    }

    /// The staging folders that are there; `None`: one cannot be reached, which is reported.
    fn find_stages(
        &self,
        heading: &Heading,
        recovered: &mut Recovered,
    ) -> io::Result<Option<Vec<Option<Staging>>>> {
        let mut stages = Vec::new();
        for parent in &heading.stages {
            let parent = staging::parent_of(parent);
            match Staging::find(self.system, &parent, self.id)? {
                Found::Open(staging) => stages.push(Some(staging)),
                Found::Missing => stages.push(None),
                Found::NoFolder => {
                    let error = io::Error::new(
                        io::ErrorKind::NotFound,
                        "its folder is gone or not mounted",
                    );
                    recovered.errors.push(self.error(&parent, &error));
                    return Ok(None);
                }
                Found::NotOurs => {
                    let error = io::Error::new(
                        io::ErrorKind::PermissionDenied,
                        "its staging folder is not, or not only, yours",
                    );
                    recovered.errors.push(self.error(&parent, &error));
                    return Ok(None);
                }
            }
        }
        Ok(Some(stages))
    }

    fn error(&self, path: &Path, error: &io::Error) -> EditError {
        let id = self.id;
        let what = format!(
            "the edit {id} was not ended here: {}; grini --recover tries again, grini --forget={id} drops it",
            super::error::plain(error)
        );
        EditError::at(path, what)
    }
}

fn known_folders(system: &dyn System, log: &Log) -> io::Result<Folders> {
    let mut folders = Folders::default();
    for folder in &log.folders {
        let path = system::os_string(folder.path.clone()).into();
        folders.add_known(system, path, folder.inode)?;
    }
    Ok(folders)
}

/// The IDs of transactions that an ended process left, for a search to warn of. It costs the listing of the state
/// folder; nothing is changed, and no error is reported.
pub fn pending(system: &dyn System, path: &Path) -> Vec<String> {
    let Ok(state) = StateDir::open(system, Some(path), false) else {
        return Vec::new();
    };
    let listed = state.list(system).unwrap_or_default();
    let unfinished = listed.into_iter().filter(|(id, step)| {
        *step != Step::Kept && matches!(state.claim(system, id, *step), Ok(Claim::Left(..)))
    });
    unfinished.map(|(id, _)| id).collect()
}
