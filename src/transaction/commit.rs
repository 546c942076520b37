//! A transaction from its first check to its end; the steps are drawn in the room's own documentation.

use std::collections::{BTreeSet, HashSet};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use super::access::Access;
use super::check;
use super::content::Buffers;
use super::error::{Doing, EditError, MIXED, Obstacle};
use super::folders::common;
use super::history;
use super::id;
use super::journal::Journal;
use super::record::{FileEntry, Heading, JournalRecord};
use super::recovery;
use super::settings::{Applied, Failed, Phase, Progress, Settings};
use super::state::{JournalStep, StateDir};
use super::workers::EditWork;
use crate::change::edit::FileChange;
use crate::system::{Meta, System};

/// Above this number of files, folders or the like, a whole file system is synced at once.
pub(super) const FEW: usize = 32;

/// What came of each file, in order.
pub(super) type Outcomes = Vec<Result<(), Obstacle>>;

/// A transaction under way, checked.
pub(super) struct Transaction<'a> {
    pub(super) work: EditWork<'a>,
    pub(super) access: Access<'a>,
    pub(super) entries: Vec<FileEntry>,
    /// The folders to stage in.
    pub(super) places: Vec<PathBuf>,
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
    mut changes: Vec<FileChange>,
    settings: &Settings,
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
    let folders = (checked.folders.all().iter()).map(|folder| &folder.path);
    let top = common(folders.clone().map(PathBuf::as_path));
    let near: BTreeSet<&PathBuf> = folders.take(FEW).chain(&top).collect();
    let mut transaction = Transaction {
        work,
        warnings: recovery::foreign(system, Some(&state), near),
        access: Access {
            system,
            journal: state.kept(Journal::begin(&state))?,
            folders: checked.folders,
            stages: checked.places.iter().map(|_| None).collect(),
            suffix: settings.backup_suffix.clone(),
            wait: settings.wait,
            waited: AtomicBool::default(),
        },
        entries: checked.entries,
        places: checked.places,
        refused: checked.refused,
    };
    match transaction.run() {
        Ok(()) => Ok(transaction.finish()),
        Err(failed) => Err(transaction.roll_back(failed)),
    }
}

impl Transaction<'_> {
    /// All steps up to the commit.
    fn run(&mut self) -> Result<(), Failed> {
        self.begin()?;
        self.stage()?;
        self.prepare()?;
        self.write()?;
        self.make_durable()?;
        if self.work.settings.stopped() {
            return Err(Failed::stopped());
        }
        Ok(self.record(|journal| journal.advance(JournalStep::Done))?)
    }

    /// Begins the journal.
    fn begin(&mut self) -> Result<(), EditError> {
        let settings = self.work.settings;
        let heading = Heading {
            when: id::now(),
            pid: std::process::id(),
            files: self.entries.len() as u64,
            keep_going: settings.keep_going,
            keep: settings.undo,
            purpose: settings.purpose.clone(),
            command_line: settings.command_line.clone(),
            suffix: settings.backup_suffix.clone(),
            stages: self.places.iter().map(Into::into).collect(),
        };
        let stages =
            heading.suffix.is_some() || self.entries.iter().any(|entry| entry.staged.exchanged);
        self.record(|journal| {
            journal.write(&JournalRecord::Heading(heading))?;
            if !stages {
                return Ok(());
            }
            // A staging folder must be named by a durable journal before it is made.
            journal.sync()?;
            journal.state.sync()
        })
    }

    /// Does something with the journal.
    pub(super) fn record(
        &mut self,
        work: impl FnOnce(&mut Journal<'_>) -> io::Result<()>,
    ) -> Result<(), EditError> {
        let journal = &mut self.access.journal;
        journal.state.kept(work(journal))
    }

    /// Goes on with the files for which nothing is in the way, or not at all. What was done of the others is rolled back.
    pub(super) fn settle(&mut self, doing: &str, outcomes: Outcomes) -> Result<(), Failed> {
        let (mut errors, mut out, mut failed) = (Vec::new(), Vec::new(), false);
        for (at, outcome) in outcomes.into_iter().enumerate() {
            if let Err(obstacle) = outcome {
                failed |= matches!(obstacle, Obstacle::Failed(_));
                errors.push(obstacle.at(&self.entries[at].shown, doing));
                out.push(at);
            }
        }
        if failed || !errors.is_empty() && !self.work.settings.keep_going {
            return Err(errors.into());
        }
        self.refused.extend(errors);
        if self.access.journal.step == JournalStep::Prepared && !out.is_empty() {
            let (mut buffers, mut numbers) = (Buffers::default(), Vec::new());
            for entry in out.iter().map(|&at| &self.entries[at]) {
                numbers.push(entry.number);
                let kept = self.end(entry, &mut buffers)?;
                // A file that another program replaced is reported once.
                let known = |kept: &EditError| self.refused.iter().any(|it| it.path == kept.path);
                self.warnings.extend(kept.filter(|kept| !known(kept)));
            }
            self.record(|journal| journal.leave_out(&numbers))?;
        }
        for &at in out.iter().rev() {
            self.entries.remove(at);
        }
        match self.entries.is_empty() {
            true => Err(Failed::default()),
            false => Ok(()),
        }
    }

    /// Removes the old file of `entry`, or, before the commit, puts it back.
    fn end(
        &self,
        entry: &FileEntry,
        buffers: &mut Buffers,
    ) -> Result<Option<EditError>, EditError> {
        let doing = match self.access.journal.step {
            JournalStep::Done => "removing the old file",
            _ => "putting the old content back",
        };
        (self.access.end(entry, buffers)).doing(&entry.shown, doing)
    }

    /// All files are in place for good: everything that is left to do may wait for a recovery.
    fn finish(mut self) -> Applied {
        let owner = |meta: &Meta| (meta.user, meta.group);
        let taken = self.entries.iter().filter(|entry| {
            let new = entry.staged.new.filter(|_| entry.staged.exchanged);
            new.is_some_and(|new| owner(&new.meta) != owner(&entry.old.meta))
        });
        let what = "it was another user's file and is now yours, as --force allows";
        let taken = taken.map(|entry| EditError::at(&entry.shown, what));
        self.warnings.extend(taken);
        let (work, mut items) = (self.work, self.entries.iter().collect::<Vec<_>>());
        let ended = work.each(Phase::Cleaning, &mut items, |entry, buffers| {
            self.end(entry, buffers)
        });
        let mut result = Ok(());
        for ended in ended.into_iter().flatten() {
            match ended {
                Ok(kept) => self.warnings.extend(kept),
                Err(error) => result = result.and(Err(error)),
            }
        }
        let result = result.and_then(|()| self.close());
        self.warnings.extend(result.err().map(|error| EditError {
            what: format!(
                "{}; the edit is done, and grini --recover removes what is left of it",
                error.what
            ),
            ..error
        }));
        let journal = self.access.journal;
        history::prune(journal.state, self.work.settings);
        Applied {
            id: journal.id,
            files: self.entries.len(),
            warnings: self.warnings,
            refused: self.refused,
        }
    }

    /// Removes the staging folders, and ends the journal.
    fn close(&mut self) -> Result<(), EditError> {
        for staging in self.access.stages.iter().flatten() {
            let removed = staging.remove(self.work.system);
            removed.doing(&staging.path(), "removing the staging folder")?;
        }
        let kept = self.work.settings.undo;
        self.record(|journal| journal.end(kept))
    }

    /// Puts everything back and says what became of it.
    fn roll_back(mut self, mut failed: Failed) -> Failed {
        let mut errors = Vec::new();
        if self.access.journal.step == JournalStep::Prepared {
            let mut buffers = Buffers::default();
            for entry in self.entries.iter().rev() {
                match self.end(entry, &mut buffers) {
                    Ok(kept) => {
                        failed.mixed |= kept.as_ref().is_some_and(|kept| kept.what == MIXED);
                        failed.errors.extend(kept);
                    }
                    Err(error) => errors.push(error),
                }
            }
        }
        if errors.is_empty() {
            errors.extend(self.close().err());
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
}
