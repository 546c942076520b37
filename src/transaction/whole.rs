//! An edit of many files as one: all of them, or none.
//!
//! ```text
//! lock → check all ─→ begin (journal) → stage → record (manifest, journal) → prepare ─→ exchange all
//!          │ refused                                                                    │      │
//!          ▼                                                          failed, stopped ◄─┘      │
//!   nothing written                    put back ◄──────────────────────────┘        decide (done)
//!                                                                                              │
//!                                                              drop the old files → journal ends
//! ```
//!
//! Up to `decide` every way out leads through `put back`; after it nothing is an error any more. A
//! process that ends anywhere leaves what [`recovery`](super::recovery) needs to go the same ways.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::attempt::{self, Abort};
use super::ending;
use super::folders::Folders;
use super::id;
use super::journal::{self, Heading, Journal, Stand, StateDir};
use super::locks::{Locked, Locks};
use super::manifest::Entry;
use super::place::{self, Place};
use super::preflight::{self, Checker, Located};
use super::problem::Problem;
use super::recovery;
use super::settings::{Applied, Failed, Phase, Progress, Settings};
use super::staging::Staging;
use super::undo;
use super::workers;
use crate::change::edit::FileChange;
use crate::system::System;

/// A staging folder and the files staged in it.
pub(crate) struct Stage {
    pub staging: Staging,
    pub entries: Vec<Entry>,
}

/// A transaction under way.
pub(crate) struct Run<'a> {
    pub system: &'a dyn System,
    pub settings: &'a Settings,
    pub progress: &'a (dyn Fn(Progress) + Sync),
    pub folders: Folders,
    /// The first one's state decides about all.
    pub stages: Vec<Stage>,
    /// When staging began, as a time since the epoch.
    pub began: Duration,
    pub journal: Option<Journal>,
    pub state: Option<StateDir>,
    pub warnings: Vec<Problem>,
    pub refused: Vec<Problem>,
}

/// Edits files through `system`; see [`apply`](super::apply). `undoes`: the transaction taken back.
pub(crate) fn run(
    system: &dyn System,
    changes: Vec<FileChange>,
    settings: &Settings,
    undoes: Option<&str>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Applied, Failed> {
    let mut run = Run {
        system,
        settings,
        progress,
        folders: Folders::default(),
        stages: Vec::new(),
        began: Duration::ZERO,
        journal: None,
        state: None,
        warnings: Vec::new(),
        refused: Vec::new(),
    };
    match run.edit(changes, undoes) {
        Ok(applied) => Ok(applied),
        Err(abort) => Err(run.back_out(abort)),
    }
}

impl Run<'_> {
    fn edit(
        &mut self,
        mut changes: Vec<FileChange>,
        undoes: Option<&str>,
    ) -> Result<Applied, Abort> {
        changes.retain(|change| change.edits.iter().any(|edit| edit.old != edit.new));
        if changes.is_empty() {
            return Ok(self.applied(String::new(), 0));
        }
        self.open_state()?;
        let (located, problems) = preflight::locate(self.system, changes, &mut self.folders);
        self.refuse(problems)?;
        let _locks = self.lock()?;
        recovery::beside(self.system, &self.folders).report(&mut self.warnings);
        let places = self.check(located)?;
        if places.is_empty() {
            return Err(Abort::of(std::mem::take(&mut self.refused)));
        }
        self.begin(places, undoes)?;
        while !attempt::attempt(self)? {}
        Ok(self.finish())
    }

    /// The state folder, and in it what was left by others, put right.
    fn open_state(&mut self) -> Result<(), Abort> {
        let path = self.settings.state_dir.as_deref();
        match StateDir::open(self.system, path, true) {
            Ok(state) => {
                recovery::in_state(self.system, &state).report(&mut self.warnings);
                self.state = Some(state);
            }
            Err(problem) if self.settings.undo => return Err(problem.into()),
            Err(_) => {}
        }
        Ok(())
    }

    fn refuse(&mut self, problems: Vec<Problem>) -> Result<(), Abort> {
        self.refused.extend(problems);
        if self.refused.is_empty() || self.settings.keep_going {
            return Ok(());
        }
        Err(Abort::of(std::mem::take(&mut self.refused)))
    }

    fn lock(&self) -> Result<Locks, Abort> {
        let tops = place::tops(&self.folders);
        Locks::take(self.system, &tops, self.settings).map_err(|locked| match locked {
            Locked::Stopped => Abort::stopped(),
            Locked::Failed(problem) => problem.into(),
            Locked::Busy(folder) => {
                let holder = (self.state.as_ref())
                    .and_then(|state| recovery::holder(self.system, state, &folder));
                let what = match holder {
                    Some(pid) => format!("another grini (pid {pid}) is editing there"),
                    // One of another user, or not a grini at all (flock(1)).
                    None => "another program has it locked".to_owned(),
                };
                let what = format!("{what}; run the command again when it is done");
                Problem::at(folder, what).into()
            }
        })
    }

    /// Checks every file, and divides those that may be edited among staging folders.
    fn check(&mut self, mut located: Vec<Located>) -> Result<Vec<Place>, Abort> {
        let checker = Checker::new(self.system, &self.folders, self.settings)?;
        let total = located.len();
        let done = AtomicUsize::new(0);
        let number = workers::number(self.settings.workers, total);
        let checked = workers::each(number, &mut located, |located, _| {
            if self.settings.stopped() {
                return Err(None);
            }
            let mut entry = checker.check(located).map_err(Some)?;
            entry.edits = std::mem::take(&mut located.change.edits);
            self.report(
                Phase::Checking,
                done.fetch_add(1, Ordering::Relaxed) + 1,
                total,
            );
            Ok(entry)
        });
        drop(located);
        let writable = checker.writable;
        let mut entries = Vec::with_capacity(total);
        let mut problems = Vec::new();
        for result in checked {
            match result {
                Ok(entry) => entries.push(entry),
                Err(Some(problem)) => problems.push(problem),
                Err(None) => return Err(Abort::stopped()),
            }
        }
        self.refuse(problems)?;
        let state = self.state.as_ref().map(|state| state.path.as_path());
        Ok(place::choose(
            self.system,
            &self.folders,
            &writable,
            entries,
            state,
        )?)
    }

    /// Writes the journal's heading, with every staging folder in it, and then makes these.
    fn begin(&mut self, places: Vec<Place>, undoes: Option<&str>) -> Result<(), Abort> {
        let files = places.iter().map(|place| place.entries.len() as u64).sum();
        let began = id::now();
        self.began = began;
        let heading = |id: &str| Heading {
            when: began,
            pid: std::process::id(),
            files,
            keep: self.settings.undo,
            undoes: undoes.map(str::to_owned),
            command_line: self.settings.command_line.clone(),
            stages: places.iter().map(|place| place::path(place, id)).collect(),
        };
        let id = match &self.state {
            None => id::after(None),
            Some(state) => {
                let journal = state
                    .begin(self.system, heading)
                    .map_err(|error| journal::trouble(state, &error))?;
                self.journal.insert(journal).id.clone()
            }
        };
        for place in places {
            let staging = Staging::make(self.system, &place.parent, &id)
                .map_err(|error| Problem::call(&place.parent, "making a staging folder", &error))?;
            let entries = place.entries;
            self.stages.push(Stage { staging, entries });
        }
        Ok(())
    }

    /// All files are in place for good: everything that is left to do may wait for a recovery.
    fn finish(&mut self) -> Applied {
        let id = self.stages[0].staging.id.clone();
        let total = self.total();
        let mut clean = true;
        let entries = self.stages.iter().flat_map(|stage| &stage.entries);
        let taken = entries.filter(|entry| entry.any_owner).map(|entry| {
            let what = "it was another user's file and is now yours, as --force allows";
            Problem::at(&entry.shown, what)
        });
        self.warnings.extend(taken);
        if let (Some(journal), Some(state)) = (&self.journal, &self.state)
            && let Err(error) = state.advance(self.system, &journal.id, Stand::Open, Stand::Done)
        {
            self.warnings
                .push(unfinished(journal::trouble(state, &error)));
            clean = false;
        }
        if clean {
            let stages = self.stages.iter().rev();
            let parts = stages.map(|stage| (&stage.staging, &self.folders, &stage.entries[..]));
            let workers = workers::waiting(self.settings.workers, total);
            let mut settled = ending::drop_all(self.system, parts, workers, &|done| {
                self.report(Phase::Cleaning, done, total);
            });
            self.warnings.append(&mut settled.kept);
            clean = settled.failed.is_empty();
            self.warnings
                .extend(settled.failed.drain(..).take(1).map(unfinished));
        }
        if let (true, Some(journal), Some(state)) = (clean, &self.journal, &self.state) {
            let ended = ending::end_journal(self.system, state, journal, Stand::Done);
            if let Err(error) = ended {
                self.warnings
                    .push(unfinished(journal::trouble(state, &error)));
            }
            undo::prune(self.system, state, self.settings);
        }
        self.applied(id, total)
    }

    /// Puts everything back and says what became of it.
    fn back_out(&mut self, abort: Abort) -> Failed {
        let mut problems = abort.problems;
        let stages = self
            .stages
            .iter()
            .rev()
            .map(|stage| (&stage.staging, &self.folders, &stage.entries[..]));
        let mut settled = ending::put_back_all(self.system, stages);
        if settled.failed.is_empty()
            && let (Some(journal), Some(state)) = (&self.journal, &self.state)
            && let Err(error) = state.remove(self.system, &journal.id, Stand::Open)
        {
            settled.failed.push(journal::trouble(state, &error));
        }
        let left = !settled.failed.is_empty();
        problems.append(&mut settled.kept);
        problems.append(&mut settled.failed);
        problems.append(&mut self.refused);
        problems.push(Problem::general(match (left, abort.stopped) {
            (true, _) => {
                "the edit was not done, but not everything could be put back; put that \
                          right and run grini --recover"
            }
            (false, true) => "interrupted; nothing was changed",
            (false, false) => "nothing was changed",
        }));
        problems.dedup();
        Failed {
            problems,
            interrupted: abort.stopped,
            left,
        }
    }

    fn applied(&mut self, id: String, files: usize) -> Applied {
        Applied {
            id,
            files,
            warnings: std::mem::take(&mut self.warnings),
            refused: std::mem::take(&mut self.refused),
        }
    }

    /// Number of files.
    pub fn total(&self) -> usize {
        self.stages.iter().map(|stage| stage.entries.len()).sum()
    }

    pub fn report(&self, phase: Phase, done: usize, total: usize) {
        (self.progress)(Progress { phase, done, total });
    }
}

fn unfinished(problem: Problem) -> Problem {
    Problem {
        what: format!(
            "{}; the edit is done, and grini --recover removes what is left of it",
            problem.what
        ),
        ..problem
    }
}
