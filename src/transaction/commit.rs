//! A transaction from its first check to its end; the steps are drawn in the room's own documentation.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::attributes::NewFiles;
use super::check::{self, CHANGED, Checker};
use super::content::Buffers;
use super::error::EditError;
use super::exchange::{self, StageError, Stager, Written};
use super::files::{Entry, IN_PLACE};
use super::folders::{FolderId, Folders, common};
use super::history;
use super::id;
use super::in_place::{self, InPlace};
use super::journal::Journal;
use super::record::{FolderRecord, Heading, Purpose, Record, Way};
use super::recovery;
use super::rollback::Ends;
use super::settings::{Applied, Failed, Phase, Progress, Settings};
use super::staging::{self, Staging};
use super::state::{StateDir, Step};
use super::workers;
use crate::change::edit::FileChange;
use crate::system::{SYNCS_ALL, System, errors};

/// Above this number of files, folders or the like, a whole file system is synced at once.
const FEW: usize = 32;

/// Why a transaction does not go on.
struct Abort {
    errors: Vec<EditError>,
    /// By a signal.
    stopped: bool,
}

impl Abort {
    fn stopped() -> Abort {
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
struct Transaction<'a> {
    system: &'a dyn System,
    settings: &'a Settings,
    progress: &'a (dyn Fn(Progress) + Sync),
    state: &'a StateDir,
    folders: Folders,
    entries: Vec<Entry>,
    /// The folders to stage in, and, once it is made, the staging folder in each.
    places: Vec<PathBuf>,
    stages: Vec<Option<Staging>>,
    journal: Option<Journal<'a>>,
    warnings: Vec<EditError>,
    refused: Vec<EditError>,
}

/// Edits files through `system`; see [`apply`](super::apply).
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
        .and_then(|()| transaction.decide());
    match result {
        Ok(()) => Ok(transaction.finish()),
        Err(abort) => Err(transaction.roll_back(abort)),
    }
}

impl Transaction<'_> {
    /// Checks every file, and finds where new ones are to be staged.
    fn check(&mut self, changes: Vec<FileChange>) -> Result<(), Abort> {
        let (mut located, errors) = check::locate(self.system, changes, &mut self.folders);
        self.refuse(errors)?;
        self.report_foreign();
        let checker = Checker::new(self.system, &self.folders, self.settings)?;
        let total = located.len();
        let done = AtomicUsize::new(0);
        let number = workers::number(self.settings.workers, total);
        let checked = workers::each(number, &mut located, |located, _| {
            if self.settings.stopped() {
                return Err(None);
            }
            let entry = checker.check(located).map_err(Some)?;
            self.report(Phase::Checking, &done, total);
            Ok(entry)
        });
        drop(located);
        let mut entries = Vec::with_capacity(total);
        let mut errors = Vec::new();
        for result in checked {
            match result {
                Ok(entry) => entries.push(entry),
                Err(Some(error)) => errors.push(error),
                Err(None) => return Err(Abort::stopped()),
            }
        }
        let backup = self.settings.backup_suffix.is_some();
        let needs = |entry: &Entry| backup || entry.exchanged();
        let (places, without) =
            staging::places(self.system, &self.folders, &checker, &mut entries, needs);
        for index in without.into_iter().rev() {
            let what =
                "no folder on its file system can hold the new file; make its folder writable";
            errors.push(EditError::at(entries.remove(index).shown, what));
        }
        for (number, entry) in entries.iter_mut().enumerate() {
            entry.number = number as u32;
        }
        self.entries = entries;
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

    fn refuse(&mut self, errors: Vec<EditError>) -> Result<(), Abort> {
        self.refused.extend(errors);
        if self.refused.is_empty() || self.settings.keep_going {
            return Ok(());
        }
        Err(std::mem::take(&mut self.refused).into())
    }

    fn none_left(&mut self) -> Result<(), Abort> {
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
                if self.places.is_empty() {
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

    /// Makes the staging folders, and in them the new files and the backups.
    fn stage(&mut self) -> Result<(), Abort> {
        for index in 0..self.places.len() {
            let (place, id) = (&self.places[index], self.id());
            let staging = Staging::make(self.system, place, id)
                .map_err(|error| EditError::call(place, "making a staging folder", &error))?;
            let exchanges = staging
                .exchanges(self.system)
                .map_err(|error| EditError::call(&staging.path(), "trying an exchange", &error));
            self.stages.push(Some(staging));
            let exchanges = exchanges?;
            let mut entries = std::mem::take(&mut self.entries);
            let staged = self.stage_in(index, exchanges, &mut entries);
            self.entries = entries;
            staged?;
        }
        self.refuse(Vec::new())?;
        self.none_left()
    }

    /// Stages the files of one folder; those that are refused leave `entries`.
    fn stage_in(
        &mut self,
        index: usize,
        exchanges: bool,
        entries: &mut Vec<Entry>,
    ) -> Result<(), Abort> {
        let Some(staging) = &self.stages[index] else {
            return Ok(());
        };
        let backup = self.settings.backup_suffix.is_some();
        let stager = Stager {
            system: self.system,
            folders: &self.folders,
            staging,
            sync_each: !SYNCS_ALL || entries.len() <= FEW,
            new_files: NewFiles::new(),
        };
        let done = AtomicUsize::new(0);
        let total = entries.len();
        let number = workers::number(self.settings.workers, total);
        let results = workers::each(number, entries, |entry, buffers| {
            if entry.stage as usize != index || !(backup || entry.exchanged()) {
                return Ok(());
            }
            if self.settings.stopped() {
                return Err(None);
            }
            let staged = self.stage_one(&stager, entry, exchanges, buffers);
            self.report(Phase::Staging, &done, total);
            staged.map_err(Some)
        });
        let mut refused = Vec::new();
        let mut failed = Vec::new();
        for (at, result) in results.into_iter().enumerate() {
            match result {
                Ok(()) => {}
                Err(Some(StageError::Refused(error))) => refused.push((at, error)),
                Err(Some(StageError::Failed(error))) => failed.push(error),
                Err(Some(StageError::Forbidden(what))) => {
                    refused.push((at, EditError::at(&entries[at].shown, what)));
                }
                Err(None) => return Err(Abort::stopped()),
            }
        }
        if !failed.is_empty() {
            return Err(failed.into());
        }
        for (at, error) in refused.into_iter().rev() {
            let entry = entries.remove(at);
            if let Some(journal) = &mut self.journal {
                let left_out = Record::LeftOut {
                    number: entry.number,
                };
                journal
                    .write(&left_out)
                    .map_err(|error| self.state.error(&error))?;
            }
            self.refused.insert(0, error);
        }
        Ok(())
    }

    fn stage_one(
        &self,
        stager: &Stager<'_>,
        entry: &mut Entry,
        exchanges: bool,
        buffers: &mut Buffers,
    ) -> Result<(), StageError> {
        if entry.exchanged() {
            let why = match exchanges {
                true => match stager.stage(entry, buffers) {
                    Err(StageError::Forbidden(what)) => format!("a new file cannot have {what}"),
                    staged => return staged,
                },
                false => "its file system cannot exchange files".to_owned(),
            };
            self.to_in_place(entry, &why)?;
        }
        if self.settings.backup_suffix.is_some() {
            stager.stage_backup(entry, buffers)?;
        }
        Ok(())
    }

    /// Makes `entry` one that is written in place, if the file can be written to.
    fn to_in_place(&self, entry: &mut Entry, why: &str) -> Result<(), StageError> {
        let opened = (self.folders.dir(self.system, entry.folder))
            .and_then(|dir| self.system.open_write(&dir, &entry.name));
        match opened {
            Ok(_) => {
                entry.staged = IN_PLACE;
                Ok(())
            }
            Err(error) if errors::not_writable(&error) => {
                let what = format!(
                    "{why}, and the file cannot be written to; run grini as its owner or as root"
                );
                Err(StageError::Refused(EditError::at(&entry.shown, what)))
            }
            Err(error) => Err(StageError::Failed(EditError::call(
                &entry.shown,
                "opening it for writing",
                &error,
            ))),
        }
    }

    /// Ends the journal with what was staged, makes all durable, and goes on to `prepared`: from here on a recovery puts
    /// files back.
    fn prepare(&mut self) -> Result<(), Abort> {
        if self.settings.stopped() {
            return Err(Abort::stopped());
        }
        let each = !SYNCS_ALL || self.entries.len() <= FEW;
        for staging in self.stages.iter().flatten() {
            staging.sync(self.system, each).map_err(|error| {
                EditError::call(&staging.path(), "making the new files durable", &error)
            })?;
        }
        let mut changed = Vec::new();
        if let Some(journal) = &mut self.journal {
            let written = write_staged(
                self.system,
                &self.folders,
                journal,
                &mut self.entries,
                &mut changed,
            )
            .and_then(|()| {
                for &at in changed.iter() {
                    let number = self.entries[at].number;
                    journal.write(&Record::LeftOut { number })?;
                }
                journal.seal()?;
                journal.advance(Step::Prepared)
            });
            written.map_err(|error| self.state.error(&error))?;
        }
        for at in changed.into_iter().rev() {
            let entry = self.entries.remove(at);
            self.refused.push(EditError::at(entry.shown, CHANGED));
        }
        self.refuse(Vec::new())?;
        self.none_left()
    }

    /// Gives every file its new content: first by the exchanges, then in place. Then all is looked at again.
    fn write(&mut self) -> Result<(), Abort> {
        let total = self.entries.len();
        let done = AtomicUsize::new(0);
        let ends = self.ends()?;
        let mut outcomes: Vec<Result<Written, EditError>> = Vec::with_capacity(total);
        for entry in &self.entries {
            if self.settings.stopped() {
                return Err(Abort::stopped());
            }
            let staging = match entry.exchanged() {
                true => self.stages[entry.stage as usize].as_ref(),
                false => None,
            };
            let written = match staging {
                Some(staging) => exchange::exchange(self.system, &self.folders, staging, entry),
                None => Ok(Written::Done),
            };
            let written = written.map_err(|error| {
                EditError::call(&entry.shown, "putting the new file into place", &error)
            });
            let ended =
                written.is_err() || written != Ok(Written::Done) && !self.settings.keep_going;
            outcomes.push(written);
            if ended {
                break;
            }
        }
        let in_place = self.entries.iter().filter(|entry| !entry.exchanged());
        let durable = !SYNCS_ALL || in_place.count() <= FEW;
        if outcomes.len() == total {
            let mut items: Vec<(&Entry, &mut Result<Written, EditError>)> =
                self.entries.iter().zip(&mut outcomes).collect();
            let number = workers::number(self.settings.workers, total);
            workers::each(number, &mut items, |(entry, outcome), buffers| {
                if **outcome != Ok(Written::Done) || self.settings.stopped() {
                    return;
                }
                let (doing, written) = match self.stages.get(entry.stage as usize) {
                    Some(Some(staging)) if entry.exchanged() => (
                        "verifying what was exchanged",
                        exchange::verify(self.system, staging, entry, buffers),
                    ),
                    _ => (
                        "writing the new content",
                        ends.in_place.write(entry, durable, buffers),
                    ),
                };
                self.report(Phase::Committing, &done, total);
                **outcome = written.map_err(|error| EditError::call(&entry.shown, doing, &error));
            });
        }
        if self.settings.stopped() {
            return Err(Abort::stopped());
        }
        let (mut failed, mut left_out) = (Vec::new(), Vec::new());
        for (at, outcome) in outcomes.into_iter().enumerate() {
            let entry = &self.entries[at];
            match outcome {
                Ok(Written::Done) => {}
                Err(error) => failed.push(error),
                Ok(Written::Changed) => left_out.push((at, EditError::at(&entry.shown, CHANGED))),
                Ok(Written::InUse) => {
                    let what =
                        "another program has it open; run the command again when that is done";
                    left_out.push((at, EditError::at(&entry.shown, what)));
                }
            }
        }
        if !failed.is_empty() || !left_out.is_empty() && !self.settings.keep_going {
            failed.extend(left_out.into_iter().map(|(_, error)| error));
            return Err(failed.into());
        }
        self.leave_out(left_out)?;
        self.none_left()?;
        self.make_durable()
    }

    /// Rolls single files back, whose errors are given; the edit goes on without them.
    fn leave_out(&mut self, files: Vec<(usize, EditError)>) -> Result<(), Abort> {
        if files.is_empty() {
            return Ok(());
        }
        let ends = self.ends()?;
        let mut kept = Vec::new();
        for (at, _) in &files {
            let entry = &self.entries[*at];
            match ends.roll_back(entry, &mut Buffers::default()) {
                Ok(message) => kept.extend(message),
                Err(error) => {
                    return Err(
                        EditError::call(&entry.shown, "putting the old file back", &error).into(),
                    );
                }
            }
        }
        if let Some(journal) = &mut self.journal {
            let written = files.iter().try_for_each(|(at, _)| {
                let number = self.entries[*at].number;
                journal.write(&Record::LeftOut { number })
            });
            written
                .and_then(|()| journal.sync())
                .map_err(|error| self.state.error(&error))?;
        }
        for (at, error) in files.into_iter().rev() {
            self.entries.remove(at);
            self.refused.push(error);
        }
        // A file that another program replaced is reported once.
        kept.retain(|kept: &EditError| !self.refused.iter().any(|known| known.path == kept.path));
        self.warnings.extend(kept);
        Ok(())
    }

    /// Makes backups, names and contents durable.
    fn make_durable(&mut self) -> Result<(), Abort> {
        let ends = self.ends()?;
        let mut devices: BTreeMap<u64, Vec<FolderId>> = BTreeMap::new();
        let in_place = self.entries.iter().filter(|entry| !entry.exchanged());
        let all_of = SYNCS_ALL && in_place.count() > FEW;
        for entry in &self.entries {
            ends.back_up(entry)
                .map_err(|error| EditError::call(&entry.shown, "making its backup", &error))?;
            // A file written in place changed no name, and is durable already where there are few of them.
            if entry.exchanged() || ends.suffix.is_some() || all_of {
                let folders = devices.entry(entry.old.device).or_default();
                if folders.last() != Some(&entry.folder) {
                    folders.push(entry.folder);
                }
            }
        }
        for ids in devices.values_mut() {
            ids.sort_unstable();
            ids.dedup();
            let all = SYNCS_ALL && (ids.len() > FEW || all_of);
            for &id in ids.iter().take(if all { 1 } else { usize::MAX }) {
                let synced = self.folders.dir(self.system, id).and_then(|dir| match all {
                    true => self.system.sync_all(&dir),
                    false => self.system.sync_dir(&dir),
                });
                let path = &self.folders.get(id).path;
                synced
                    .map_err(|error| EditError::call(path, "making the folder durable", &error))?;
            }
        }
        Ok(())
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
            let number = workers::waiting(self.settings.workers, total);
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

    fn ends(&self) -> Result<Ends<'_>, Abort> {
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

    fn id(&self) -> &str {
        self.journal.as_ref().map_or("", |journal| &journal.id)
    }

    fn report(&self, phase: Phase, done: &AtomicUsize, total: usize) {
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        (self.progress)(Progress { phase, done, total });
    }
}

/// Journals what was staged for `entries`, and the bytes that those lose whose length changes in place; `changed`: those
/// that are not what was read.
fn write_staged(
    system: &dyn System,
    folders: &Folders,
    journal: &mut Journal<'_>,
    entries: &mut [Entry],
    changed: &mut Vec<usize>,
) -> io::Result<()> {
    let mut buffers = Buffers::default();
    for (at, entry) in entries.iter_mut().enumerate() {
        let number = entry.number;
        if entry.staged.way == Way::InPlace && !entry.edits.keep_lengths() {
            entry.staged.lost = journal.offset();
            let found = in_place::lost_bytes(system, folders, entry, &mut buffers, |bytes| {
                let bytes = bytes.to_vec();
                journal.write(&Record::Lost { number, bytes })
            })?;
            if found != Written::Done {
                changed.push(at);
                continue;
            }
        }
        if entry.staged != IN_PLACE {
            let staged = entry.staged;
            journal.write(&Record::Staged { number, staged })?;
        }
    }
    Ok(())
}

/// Leaves one error for each file, the first.
fn once_each(errors: &mut Vec<EditError>) {
    let mut known = HashSet::new();
    errors.retain(|error| match &error.path {
        Some(path) => known.insert(path.clone()),
        None => true,
    });
}
