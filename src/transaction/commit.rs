//! A transaction from its first check to its end; the steps are drawn in the room's own documentation.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::check::{self, Checker};
use super::content::Buffers;
use super::error::EditError;
use super::files::Entry;
use super::folders::{Folders, common};
use super::history;
use super::id;
use super::in_place::InPlace;
use super::journal::Journal;
use super::record::{FolderRecord, Heading, Purpose, Record};
use super::recovery;
use super::rollback::Ends;
use super::settings::{Applied, Failed, Phase, Progress, Settings};
use super::staging::{self, Staging};
use super::state::{StateDir, Step};
use super::workers;
use crate::change::edit::FileChange;
use crate::system::System;

/// Above this number of files, folders or the like, a whole file system is synced at once.
pub(super) const FEW: usize = 32;

/// Why a transaction does not go on.
pub(super) struct Abort {
    errors: Vec<EditError>,
    /// By a signal.
    stopped: bool,
}

impl Abort {
    pub(super) fn stopped() -> Abort {
        Abort {
            errors: Vec::new(),
            stopped: true,
        }
    }
}

impl From<Vec<EditError>> for Abort {
    fn from(errors: Vec<EditError>) -> Abort {
        Abort {
            errors,
            stopped: false,
        }
    }
}

impl From<EditError> for Abort {
    fn from(error: EditError) -> Abort {
        vec![error].into()
    }
}

/// A transaction under way.
pub(super) struct Transaction<'a> {
    pub(super) system: &'a dyn System,
    pub(super) settings: &'a Settings,
    pub(super) progress: &'a (dyn Fn(Progress) + Sync),
    pub(super) state: &'a StateDir,
    pub(super) folders: Folders,
    pub(super) entries: Vec<Entry>,
    /// The folders to stage in, and the staging folder in each, where it was made.
    pub(super) places: Vec<PathBuf>,
    pub(super) stages: Vec<Option<Staging>>,
    pub(super) journal: Option<Journal<'a>>,
    pub(super) warnings: Vec<EditError>,
    pub(super) refused: Vec<EditError>,
}

/// Writes `changes`: all of them, or (on an error, a refusal, a signal) none.
///
/// Every file has to be what its [`Seen`](crate::change::edit::Seen) says until its new content is in place. With
/// [`keep_going`](Settings::keep_going) refused files are left out and named in [`Applied::refused`]. When this returns
/// `Ok`, the edit is durable. `progress` is called from several threads.
///
/// # Errors
/// What is in the way, file by file.
pub fn apply(
    system: &dyn System,
    changes: Vec<FileChange>,
    settings: &Settings,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Applied, Failed> {
    run(system, changes, settings, Purpose::Edit, progress)
}

/// [`apply`], for any purpose.
pub(super) fn run(
    system: &dyn System,
    mut changes: Vec<FileChange>,
    settings: &Settings,
    purpose: Purpose,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Applied, Failed> {
    changes.retain(|change| change.edits.iter().any(|edit| edit.old != edit.new));
    if changes.is_empty() {
        return Ok(Applied::default());
    }
    let state = StateDir::open(system, settings.state_dir.as_deref(), true)
        .map_err(|error| Failed::unchanged(vec![error]))?;
    let mut transaction = Transaction {
        system,
        settings,
        progress,
        state: &state,
        folders: Folders::default(),
        entries: Vec::new(),
        places: Vec::new(),
        stages: Vec::new(),
        journal: None,
        warnings: recovery::in_state(system, &state).into_warnings(),
        refused: Vec::new(),
    };
    let result = transaction
        .check(changes)
        .and_then(|()| transaction.begin(purpose))
        .and_then(|()| transaction.stage())
        .and_then(|()| transaction.prepare())
        .and_then(|()| transaction.write())
        .and_then(|()| transaction.make_durable())
        .and_then(|()| transaction.decide());
    match result {
        Ok(()) => Ok(transaction.finish()),
        Err(abort) => Err(transaction.roll_back(abort)),
    }
}

impl Transaction<'_> {
    /// Checks every file, and finds where new ones are to be staged.
    fn check(&mut self, changes: Vec<FileChange>) -> Result<(), Abort> {
        let number = workers::number(self.settings.workers, changes.len());
        let (mut located, errors) = check::locate(self.system, changes, &mut self.folders, number);
        self.refuse(errors)?;
        self.report_foreign();
        let checker = Checker::new(self.system, &self.folders, self.settings)?;
        let total = located.len();
        let done = AtomicUsize::new(0);
        let checked = workers::each(number, &mut located, |located, _| {
            if self.settings.stopped() {
                return Err(None);
            }
            let planned = checker.check(located).map_err(Some)?;
            self.report(Phase::Checking, &done, total);
            Ok(planned)
        });
        let mut entries = Vec::with_capacity(total);
        let mut errors = Vec::new();
        for (located, checked) in located.into_iter().zip(checked) {
            match checked {
                Ok(planned) => entries.push(located.into_entry(planned)),
                Err(Some(error)) => errors.push(error),
                Err(None) => return Err(Abort::stopped()),
            }
        }
        let backup = self.settings.backup_suffix.is_some();
        let needs = |entry: &Entry| backup || entry.exchangeable;
        let (places, without) =
            staging::places(self.system, &self.folders, &checker, &mut entries, needs);
        for index in without.into_iter().rev() {
            if !backup && !entries[index].exchanged() {
                entries[index].exchangeable = false;
                continue;
            }
            let what =
                "no folder on its file system can hold the new file; make its folder writable";
            errors.push(EditError::at(entries.remove(index).shown, what));
        }
        for (number, entry) in entries.iter_mut().enumerate() {
            entry.number = number as u32;
        }
        self.entries = entries;
        self.stages.resize_with(places.len(), || None);
        self.places = places;
        self.refuse(errors)?;
        self.none_left()
    }

    /// Staging folders next to the files, or around all of them, that are not of a transaction of ours.
    fn report_foreign(&mut self) {
        let all = self.folders.all();
        let top = common(all.iter().map(|folder| folder.path.as_path()));
        let near = all.iter().take(FEW).map(|folder| folder.path.clone());
        let near: BTreeSet<PathBuf> = near.chain(top).collect();
        let known = recovery::stages(self.system, self.state);
        for folder in near {
            let found = recovery::foreign(self.system, &folder, &known);
            self.warnings.extend(found);
        }
    }

    pub(super) fn refuse(&mut self, errors: Vec<EditError>) -> Result<(), Abort> {
        self.refused.extend(errors);
        if self.refused.is_empty() || self.settings.keep_going {
            return Ok(());
        }
        Err(std::mem::take(&mut self.refused).into())
    }

    pub(super) fn none_left(&mut self) -> Result<(), Abort> {
        if self.entries.is_empty() {
            return Err(std::mem::take(&mut self.refused).into());
        }
        Ok(())
    }

    /// Writes the journal, with every file and every folder that is to be staged in.
    fn begin(&mut self, purpose: Purpose) -> Result<(), Abort> {
        let heading = Heading {
            when: id::now(),
            pid: std::process::id(),
            files: self.entries.len() as u64,
            keep: self.settings.undo,
            purpose,
            command_line: (self.settings.command_line.iter())
                .map(|word| word.as_encoded_bytes().to_vec())
                .collect(),
            suffix: (self.settings.backup_suffix.as_ref())
                .map(|suffix| suffix.as_encoded_bytes().to_vec()),
            stages: (self.places.iter())
                .map(|place| place.as_os_str().as_encoded_bytes().to_vec())
                .collect(),
        };
        let begun = Journal::begin(self.system, self.state).and_then(|mut journal| {
            let written = (|| {
                journal.write(&Record::Heading(heading))?;
                for folder in self.folders.all() {
                    journal.write(&Record::Folder(FolderRecord {
                        path: folder.path.as_os_str().as_encoded_bytes().to_vec(),
                        inode: folder.meta.map_or(0, |meta| meta.inode),
                    }))?;
                }
                for entry in &self.entries {
                    journal.write(&Record::File(entry.record()))?;
                }
                let backup = self.settings.backup_suffix.is_some();
                if !backup && !self.entries.iter().any(Entry::exchanged) {
                    return Ok(());
                }
                // A staging folder must be named by a durable journal before it is made.
                journal.sync()?;
                journal.sync_name()
            })();
            self.journal = Some(journal);
            written
        });
        begun.map_err(|error| self.state.error(&error).into())
    }

    /// The commit.
    fn decide(&mut self) -> Result<(), Abort> {
        if self.settings.stopped() {
            return Err(Abort::stopped());
        }
        match &mut self.journal {
            Some(journal) => {
                (journal.advance(Step::Done)).map_err(|error| self.state.error(&error).into())
            }
            None => Ok(()),
        }
    }

    /// All files are in place for good: everything that is left to do may wait for a recovery.
    fn finish(mut self) -> Applied {
        let id = self.id().to_owned();
        let total = self.entries.len();
        let taken = self.entries.iter().filter(|entry| {
            let new = &entry.staged.new;
            entry.exchanged() && (new.user, new.group) != (entry.old.user, entry.old.group)
        });
        let what = "it was another user's file and is now yours, as --force allows";
        let taken: Vec<_> = taken
            .map(|entry| EditError::at(&entry.shown, what))
            .collect();
        self.warnings.extend(taken);
        let mut failed = None;
        if let Ok(ends) = self.ends() {
            let done = AtomicUsize::new(0);
            let number = workers::number(self.settings.workers, total);
            let mut items: Vec<&Entry> = self.entries.iter().collect();
            let results = workers::each(number, &mut items, |entry, _| {
                let dropped = ends.drop_old(entry);
                self.report(Phase::Cleaning, &done, total);
                dropped
                    .map_err(|error| EditError::call(&entry.shown, "removing the old file", &error))
            });
            let mut kept = Vec::new();
            for result in results {
                match result {
                    Ok(message) => kept.extend(message),
                    Err(error) => failed = failed.or(Some(error)),
                }
            }
            self.warnings.extend(kept);
        }
        failed = failed.or_else(|| self.remove_stages());
        if failed.is_none()
            && let Some(journal) = &mut self.journal
        {
            let ended = match self.settings.undo {
                true => journal.advance(Step::Kept),
                false => journal.remove(),
            };
            failed = ended.err().map(|error| self.state.error(&error));
        }
        self.warnings.extend(failed.map(|error| EditError {
            what: format!(
                "{}; the edit is done, and grini --recover removes what is left of it",
                error.what
            ),
            ..error
        }));
        history::prune(self.system, self.state, self.settings);
        Applied {
            id,
            files: total,
            warnings: self.warnings,
            refused: self.refused,
        }
    }

    fn remove_stages(&self) -> Option<EditError> {
        self.stages.iter().flatten().find_map(|staging| {
            let error = staging.remove(self.system).err()?;
            Some(EditError::call(
                &staging.path(),
                "removing the staging folder",
                &error,
            ))
        })
    }

    /// Puts everything back and says what became of it.
    fn roll_back(mut self, abort: Abort) -> Failed {
        let mut errors = abort.errors;
        let mut failed = Vec::new();
        let prepared =
            (self.journal.as_ref()).is_some_and(|journal| journal.step == Step::Prepared);
        if prepared && let Ok(ends) = self.ends() {
            let mut buffers = Buffers::default();
            for entry in self.entries.iter().rev() {
                match ends.roll_back(entry, &mut buffers) {
                    Ok(kept) => errors.extend(kept),
                    Err(error) => failed.push(EditError::call(
                        &entry.shown,
                        "putting the old content back",
                        &error,
                    )),
                }
            }
        }
        if failed.is_empty() {
            failed.extend(self.remove_stages());
        }
        if failed.is_empty()
            && let Some(journal) = &self.journal
            && let Err(error) = journal.remove()
        {
            failed.push(self.state.error(&error));
        }
        let left = !failed.is_empty();
        errors.append(&mut failed);
        errors.append(&mut self.refused);
        once_each(&mut errors);
        errors.push(EditError::general(match (left, abort.stopped) {
            (true, _) => {
                "the edit was not done, but not everything could be put back; repair that and run \
                 grini --recover"
            }
            (false, true) => "interrupted; nothing was changed",
            (false, false) => "nothing was changed",
        }));
        Failed {
            errors,
            interrupted: abort.stopped,
            left,
        }
    }

    pub(super) fn ends(&self) -> Result<Ends<'_>, Abort> {
        let Some(journal) = &self.journal else {
            return Err(EditError::general("there is no journal").into());
        };
        Ok(Ends {
            id: &journal.id,
            system: self.system,
            folders: &self.folders,
            stages: &self.stages,
            in_place: InPlace {
                system: self.system,
                folders: &self.folders,
                journal: journal.file(),
                wait: self.settings.wait,
            },
            suffix: self.settings.backup_suffix.as_deref(),
        })
    }

    pub(super) fn id(&self) -> &str {
        self.journal.as_ref().map_or("", |journal| &journal.id)
    }

    pub(super) fn report(&self, phase: Phase, done: &AtomicUsize, total: usize) {
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        (self.progress)(Progress { phase, done, total });
    }
}

/// Leaves one error for each file, the first.
fn once_each(errors: &mut Vec<EditError>) {
    let mut known = HashSet::new();
    errors.retain(|error| match &error.path {
        Some(path) => known.insert(path.clone()),
        None => true,
    });
}
