//! A transaction from its first check to its end; the steps are drawn in the room's own documentation.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use super::access::Access;
use super::check;
use super::content::Buffers;
use super::error::{Doing, EditError, MIXED, Obstacle};
use super::folders::{KnownFolders, common};
use super::history;
use super::id;
use super::journal::Journal;
use super::record::{FileEntry, FolderRecord, Heading, JournalRecord, Purpose};
use super::recovery;
use super::settings::{Applied, Failed, Phase, Progress, Settings};
use super::staging::{self, Staging};
use super::state::{JournalStep, StateDir};
use super::workers::EditWork;
use crate::change::edit::FileChange;
use crate::system::System;

/// Above this number of files, folders or the like, a whole file system is synced at once.
pub(super) const FEW: usize = 32;

/// What came of each file, in order.
pub(super) type Outcomes = Vec<Result<(), Obstacle>>;

/// A transaction under way, checked.
pub(super) struct Transaction<'a> {
    pub(super) work: EditWork<'a>,
    pub(super) state: &'a StateDir<'a>,
    pub(super) folders: KnownFolders,
    pub(super) entries: Vec<FileEntry>,
    /// The folders to stage in, and the staging folder in each, where it was made.
    pub(super) places: Vec<PathBuf>,
    pub(super) stages: Vec<Option<Staging>>,
    pub(super) journal: Journal<'a>,
    pub(super) warnings: Vec<EditError>,
    /// The files left out.
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
    run(system, changes, settings, Purpose::Edit, progress).map_err(Failed::ended)
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
    let state = StateDir::open(system, settings.state_dir.as_deref(), true)?;
    let work = EditWork {
        system,
        settings,
        progress,
    };
    let checked = check::check(work, changes)?;
    let warnings = foreign(&state, &checked.folders);
    let mut transaction = Transaction {
        work,
        state: &state,
        folders: checked.folders,
        entries: checked.entries,
        stages: checked.places.iter().map(|_| None).collect(),
        places: checked.places,
        journal: state.kept(Journal::begin(&state))?,
        warnings,
        refused: checked.refused,
    };
    let result = transaction
        .begin(purpose)
        .and_then(|()| transaction.stage())
        .and_then(|()| transaction.prepare())
        .and_then(|()| transaction.write())
        .and_then(|()| Ok(transaction.make_durable()?))
        .and_then(|()| transaction.decide());
    match result {
        Ok(()) => Ok(transaction.finish()),
        Err(failed) => Err(transaction.roll_back(failed)),
    }
}

/// Staging folders next to the files, or around all of them, that are not of a transaction of ours.
fn foreign(state: &StateDir<'_>, folders: &KnownFolders) -> Vec<EditError> {
    let all = folders.all();
    let top = common(all.iter().map(|folder| folder.path.as_path()));
    let near = all.iter().take(FEW).map(|folder| folder.path.clone());
    let near: BTreeSet<PathBuf> = near.chain(top).collect();
    let known = recovery::stages(state);
    let found = near.iter();
    found
        .flat_map(|folder| staging::foreign(state.system, folder, &known))
        .collect()
}

impl Transaction<'_> {
    /// Writes the journal, with every file and every folder that is to be staged in.
    fn begin(&mut self, purpose: Purpose) -> Result<(), Failed> {
        let settings = self.work.settings;
        let heading = Heading {
            when: id::now(),
            pid: std::process::id(),
            files: self.entries.len() as u64,
            keep: settings.undo,
            purpose,
            command_line: settings.command_line.clone(),
            suffix: settings.backup_suffix.clone(),
            stages: self.places.iter().map(Into::into).collect(),
        };
        let journal = &mut self.journal;
        let written = (|| {
            journal.write(&JournalRecord::Heading(heading))?;
            for folder in self.folders.all() {
                journal.write(&JournalRecord::Folder(FolderRecord {
                    path: folder.path.clone().into(),
                    inode: folder.meta.map_or(0, |meta| meta.inode),
                }))?;
            }
            for entry in &self.entries {
                journal.write(&JournalRecord::File(Cow::Borrowed(entry)))?;
            }
            if settings.backup_suffix.is_none() && !self.entries.iter().any(FileEntry::exchanged) {
                return Ok(());
            }
            // A staging folder must be named by a durable journal before it is made.
            journal.sync()?;
            self.state.sync()
        })();
        Ok(self.state.kept(written)?)
    }

    /// Writes to the journal.
    pub(super) fn record(
        &mut self,
        write: impl FnOnce(&mut Journal<'_>) -> io::Result<()>,
    ) -> Result<(), Failed> {
        Ok(self.state.kept(write(&mut self.journal))?)
    }

    /// Goes on with the files for which nothing is in the way, or not at all.
    pub(super) fn settle(&mut self, doing: &str, outcomes: Outcomes) -> Result<(), Failed> {
        self.check_signal()?;
        let (mut errors, mut out, mut failed) = (Vec::new(), Vec::new(), false);
        for (at, outcome) in outcomes.into_iter().enumerate() {
            match outcome {
                Ok(()) => {}
                Err(Obstacle::Stopped) => return Err(Failed::stopped()),
                Err(obstacle) => {
                    failed |= matches!(obstacle, Obstacle::Failed(_));
                    errors.push(obstacle.at(&self.entries[at].shown, doing));
                    out.push(at);
                }
            }
        }
        if failed || !errors.is_empty() && !self.work.settings.keep_going {
            return Err(errors.into());
        }
        if out.is_empty() {
            return Ok(());
        }
        self.refused.extend(errors);
        self.leave_out(&out)
    }

    /// Leaves files out of the transaction, in whose names something is refused: what was done of them is rolled back.
    fn leave_out(&mut self, out: &[usize]) -> Result<(), Failed> {
        if self.journal.step == JournalStep::Prepared {
            let access = self.access();
            let mut kept = Vec::new();
            for &at in out {
                let entry = &self.entries[at];
                let ended = access.end(entry, JournalStep::Prepared, &mut Buffers::default());
                kept.extend(ended.doing(&entry.shown, "putting the old file back")?);
            }
            // A file that another program replaced is reported once.
            kept.retain(|kept| !self.refused.iter().any(|known| known.path == kept.path));
            self.warnings.extend(kept);
        }
        let entries = &self.entries;
        let numbers = out.iter().map(|&at| entries[at].number);
        self.state.kept(self.journal.leave_out(numbers))?;
        for &at in out.iter().rev() {
            self.entries.remove(at);
        }
        match self.entries.is_empty() {
            true => Err(Failed::default()),
            false => Ok(()),
        }
    }

    /// The commit.
    fn decide(&mut self) -> Result<(), Failed> {
        self.check_signal()?;
        self.record(|journal| journal.advance(JournalStep::Done))
    }

    /// All files are in place for good: everything that is left to do may wait for a recovery.
    fn finish(mut self) -> Applied {
        let taken = self.entries.iter().filter(|entry| {
            let new = &entry.staged.new;
            entry.exchanged()
                && (new.user, new.group) != (entry.old.meta.user, entry.old.meta.group)
        });
        let what = "it was another user's file and is now yours, as --force allows";
        let taken = taken.map(|entry| EditError::at(&entry.shown, what));
        self.warnings.extend(taken);
        let access = self.access();
        let mut items: Vec<&FileEntry> = self.entries.iter().collect();
        let ended = (self.work).each(Phase::Cleaning, &mut items, |entry, buffers| {
            let ended = access.end(entry, JournalStep::Done, buffers);
            Ok(ended.doing(&entry.shown, "removing the old file"))
        });
        let mut failed = None;
        for ended in ended.into_iter().flatten() {
            match ended {
                Ok(kept) => self.warnings.extend(kept),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed = failed.or_else(|| self.remove_stages());
        if failed.is_none() {
            let ended = match self.work.settings.undo {
                true => self.journal.advance(JournalStep::Kept),
                false => self.journal.remove(),
            };
            failed = self.state.kept(ended).err();
        }
        self.warnings.extend(failed.map(|error| EditError {
            what: format!(
                "{}; the edit is done, and grini --recover removes what is left of it",
                error.what
            ),
            ..error
        }));
        history::prune(self.state, self.work.settings);
        Applied {
            id: self.journal.id,
            files: self.entries.len(),
            warnings: self.warnings,
            refused: self.refused,
        }
    }

    fn remove_stages(&self) -> Option<EditError> {
        let mut stages = self.stages.iter().flatten();
        stages.find_map(|staging| {
            let removed = staging.remove(self.work.system);
            let removed = removed.doing(&staging.path(), "removing the staging folder");
            removed.err()
        })
    }

    /// Puts everything back and says what became of it.
    fn roll_back(mut self, mut failed: Failed) -> Failed {
        let mut errors = Vec::new();
        if self.journal.step == JournalStep::Prepared {
            let access = self.access();
            let mut buffers = Buffers::default();
            for entry in self.entries.iter().rev() {
                let ended = access.end(entry, JournalStep::Prepared, &mut buffers);
                match ended.doing(&entry.shown, "putting the old content back") {
                    Ok(kept) => {
                        failed.mixed |= kept.as_ref().is_some_and(|kept| kept.what == MIXED);
                        failed.errors.extend(kept);
                    }
                    Err(error) => errors.push(error),
                }
            }
        }
        if errors.is_empty() {
            errors.extend(self.remove_stages());
        }
        if errors.is_empty() {
            errors.extend(self.state.kept(self.journal.remove()).err());
        }
        failed.left = !errors.is_empty();
        failed.errors.append(&mut errors);
        failed.errors.append(&mut self.refused);
        // One error for each file, the first.
        let mut known = HashSet::new();
        failed.errors.retain(|error| match &error.path {
            Some(path) => known.insert(path.clone()),
            None => true,
        });
        failed
    }

    pub(super) fn check_signal(&self) -> Result<(), Failed> {
        match self.work.settings.stopped() {
            true => Err(Failed::stopped()),
            false => Ok(()),
        }
    }

    pub(super) fn access(&self) -> Access<'_> {
        Access {
            system: self.work.system,
            user: self.work.system.user(),
            folders: &self.folders,
            stages: &self.stages,
            id: &self.journal.id,
            journal: &self.journal.file,
            wait: self.work.settings.wait,
            waited: AtomicBool::default(),
            suffix: self.work.settings.backup_suffix.as_deref(),
        }
    }
}
