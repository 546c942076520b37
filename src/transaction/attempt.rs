//! One attempt at a transaction: from filled slots to the decision. It is made again when it turns
//! out only then that a file has to be written in place, or (with `keep_going`) left out.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::commit::{self, FEW, Placed};
use super::content::Buffers;
use super::ending;
use super::journal;
use super::manifest::{self, Facts, Heading, How};
use super::problem::Problem;
use super::settings::Phase;
use super::stage::{Filler, Trouble};
use super::staging::State;
use super::whole::Run;
use super::workers;
use crate::system::{SYNCS_ALL, missing};

/// Above this number of files, those that are staged are synced in between.
const MANY: usize = 2000;

/// Why a transaction does not go on.
#[derive(Debug)]
pub(crate) struct Abort {
    pub problems: Vec<Problem>,
    /// By a signal.
    pub stopped: bool,
}

impl Abort {
    pub fn of(problems: Vec<Problem>) -> Abort {
        Abort {
            problems,
            stopped: false,
        }
    }
    pub fn stopped() -> Abort {
        Abort {
            problems: Vec::new(),
            stopped: true,
        }
    }
}

impl From<Problem> for Abort {
    fn from(problem: Problem) -> Abort {
        Abort::of(vec![problem])
    }
}

/// What is to be done differently with a file: its stage, its index there, and what happened.
type Odd = (usize, usize, Placed);

/// Makes an attempt; `false`: another one is needed.
pub(crate) fn attempt(run: &mut Run<'_>) -> Result<bool, Abort> {
    fill(run)?;
    record(run)?;
    prepare(run)?;
    let odd = put_in(run)?;
    if odd.is_empty() {
        decide(run)?;
        return Ok(true);
    }
    put_out(run)?;
    adapt(run, odd)?;
    Ok(false)
}

/// Fills the slots that are not filled yet.
fn fill(run: &mut Run<'_>) -> Result<(), Abort> {
    let total = run.total();
    let done = AtomicUsize::new(0);
    let sync_each = !SYNCS_ALL || total <= FEW;
    let mut problems = Vec::new();
    let mut stages = std::mem::take(&mut run.stages);
    for stage in &mut stages {
        let filler = Filler {
            system: run.system,
            folders: &run.folders,
            staging: &stage.staging,
            sync_each,
            attributes: OnceLock::new(),
        };
        let early = SYNCS_ALL && total > MANY;
        let number =
            workers::number(run.settings.workers, stage.entries.len()) + usize::from(early);
        let results = workers::each(number, &mut stage.entries, |entry, buffers| {
            if run.settings.stopped() {
                return Err(None);
            }
            if entry.new == Facts::NONE {
                filler.fill(entry, buffers).map_err(Some)?;
            }
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            run.report(Phase::Staging, done, total);
            // Writing to the disk begins while others go on staging: it all has to get there anyway.
            if early && (done == total / 3 || done == total * 2 / 3) {
                let synced = run.system.sync_all(&stage.staging.dir);
                synced.map_err(|error| {
                    let path = stage.staging.path();
                    let problem = Problem::call(&path, "making the new files durable", &error);
                    Some(Trouble::Failed(problem))
                })?;
            }
            Ok(())
        });
        let mut refused = Vec::new();
        for (index, result) in results.into_iter().enumerate() {
            match result {
                Ok(()) => {}
                Err(None) => problems.push(None),
                Err(Some(Trouble::Refused(problem))) if run.settings.keep_going => {
                    refused.push(index);
                    run.refused.push(problem);
                }
                Err(Some(Trouble::Refused(problem) | Trouble::Failed(problem))) => {
                    problems.push(Some(problem));
                }
            }
        }
        for &index in refused.iter().rev() {
            let mut entry = stage.entries.remove(index);
            if let Err(error) = filler.clear(&mut entry) {
                let doing = "removing what was staged";
                problems.push(Some(Problem::call(&entry.shown, doing, &error)));
            }
        }
    }
    run.stages = stages;
    if problems.iter().any(Option::is_none) {
        return Err(Abort::stopped());
    }
    let problems: Vec<_> = problems.into_iter().flatten().collect();
    if !problems.is_empty() {
        return Err(Abort::of(problems));
    }
    if run.total() == 0 {
        return Err(Abort::of(std::mem::take(&mut run.refused)));
    }
    Ok(())
}

/// Writes the manifests and the journal, and makes everything up to here durable.
fn record(run: &Run<'_>) -> Result<(), Abort> {
    let system = run.system;
    let total = run.total();
    let paths: Vec<_> = run
        .stages
        .iter()
        .map(|stage| stage.staging.path())
        .collect();
    for (index, stage) in run.stages.iter().enumerate() {
        let staging = &stage.staging;
        let heading = match index {
            0 => Heading {
                decided_by: None,
                decides: paths[1..].iter().map(|path| path.as_path()).collect(),
            },
            _ => Heading {
                decided_by: Some(&paths[0]),
                decides: Vec::new(),
            },
        };
        let name = State::Writing.manifest();
        let written = (|| {
            match system.unlink(&staging.dir, name) {
                Err(error) if !missing(&error) => return Err(error),
                _ => {}
            }
            let file = system.create(&staging.dir, name)?;
            let parent = &staging.parent_path;
            let (folders, entries) = (&run.folders, &stage.entries);
            manifest::write(system, &file, &heading, parent, folders, entries)?;
            if SYNCS_ALL && total > FEW {
                return system.sync_all(&staging.dir);
            }
            system.sync(&file)?;
            system.sync_dir(&staging.dir)?;
            system.sync_dir(&staging.parent)
        })();
        written.map_err(|error| {
            Problem::call(&staging.path(), "writing what recovery would need", &error)
        })?;
    }
    if let (Some(journal), Some(state)) = (&run.journal, &run.state) {
        let entries = run.stages.iter().flat_map(|stage| &stage.entries);
        journal
            .record(system, &run.folders, entries)
            .map_err(|error| journal::trouble(state, &error))?;
    }
    Ok(())
}

/// From here on a recovery puts files back. The deciding folder is the last to be prepared.
fn prepare(run: &Run<'_>) -> Result<(), Abort> {
    for stage in run.stages.iter().rev() {
        let staging = &stage.staging;
        staging
            .advance(run.system, State::Writing, State::Prepared)
            .and_then(|()| run.system.sync_dir(&staging.dir))
            .map_err(|error| Problem::call(&staging.path(), "preparing the exchange", &error))?;
    }
    Ok(())
}

/// Puts every file into place: first the exchanges, then what is written in place. Gives the files
/// that have to be treated differently.
fn put_in(run: &Run<'_>) -> Result<Vec<Odd>, Abort> {
    let (system, folders) = (run.system, &run.folders);
    let total = run.total();
    let in_place = run.stages.iter().flat_map(|stage| &stage.entries);
    let in_place = in_place.filter(|entry| entry.how == How::InPlace).count();
    let durable = !SYNCS_ALL || in_place <= FEW;
    let mut buffers = Buffers::default();
    let mut odd = Vec::new();
    let mut done = 0;
    for how in [How::Exchange, How::InPlace] {
        if !odd.is_empty() {
            break;
        }
        for (number, stage) in run.stages.iter().enumerate() {
            let staging = &stage.staging;
            for (index, entry) in stage.entries.iter().enumerate() {
                if entry.how != how {
                    continue;
                }
                if run.settings.stopped() {
                    return Err(Abort::stopped());
                }
                let placed = match how {
                    How::Exchange => {
                        commit::exchange(system, folders, staging, entry, run.began, &mut buffers)?
                    }
                    How::InPlace => {
                        commit::write_in_place(system, folders, staging, entry, durable)?
                    }
                };
                if placed == Placed::Changed && !run.settings.keep_going {
                    return Err(commit::changed(entry).into());
                }
                if placed != Placed::In {
                    odd.push((number, index, placed));
                }
                done += 1;
                run.report(Phase::Committing, done, total);
            }
        }
    }
    if !odd.is_empty() {
        return Ok(odd);
    }
    for stage in &run.stages {
        for entry in stage.entries.iter().filter(|entry| entry.backup.is_some()) {
            commit::back_up(system, folders, &stage.staging, entry)?;
        }
        commit::sync_folders(system, folders, &stage.staging, &stage.entries)?;
    }
    Ok(odd)
}

/// The commit: one rename in the first staging folder, made durable.
fn decide(run: &Run<'_>) -> Result<(), Abort> {
    if run.settings.stopped() {
        return Err(Abort::stopped());
    }
    let (system, staging) = (run.system, &run.stages[0].staging);
    let call = |error| Problem::call(&staging.path(), "writing that the edit is done", &error);
    if let Err(error) = staging.advance(system, State::Prepared, State::Done) {
        // Over a network a call may have been done though its answer was lost.
        match staging.state(system) {
            Ok((State::Done, _)) => {}
            _ => return Err(call(error).into()),
        }
    }
    if let Err(error) = system.sync_dir(&staging.dir) {
        // It is decided, but not durably so. If that can be taken back, it is.
        if staging
            .advance(system, State::Done, State::Prepared)
            .is_ok()
        {
            return Err(call(error).into());
        }
    }
    Ok(())
}

/// Takes an attempt back, so that another can be made.
fn put_out(run: &Run<'_>) -> Result<(), Abort> {
    let stages = run.stages.iter();
    let stages = stages.map(|stage| (&stage.staging, &run.folders, &stage.entries[..]));
    let mut settled = ending::take_back(run.system, stages);
    if settled.failed.is_empty() {
        return Ok(());
    }
    settled.failed.append(&mut settled.kept);
    Err(Abort::of(settled.failed))
}

/// Changes what is done with the files that turned out to be odd.
fn adapt(run: &mut Run<'_>, odd: Vec<Odd>) -> Result<(), Abort> {
    for (number, index, placed) in odd.into_iter().rev() {
        let stage = &mut run.stages[number];
        let filler = Filler {
            system: run.system,
            folders: &run.folders,
            staging: &stage.staging,
            sync_each: true,
            attributes: OnceLock::new(),
        };
        let entry = &mut stage.entries[index];
        let call = |entry: &manifest::Entry, error| {
            Problem::call(&entry.shown, "staging it for an edit in place", &error)
        };
        if placed == Placed::NotExchangeable {
            match filler.to_in_place(entry) {
                Ok(true) => {}
                Ok(false) => {
                    let what = "it can neither be replaced nor written to; make it or its folder \
                                writable";
                    let problem = Problem::at(&entry.shown, what);
                    if !run.settings.keep_going {
                        return Err(problem.into());
                    }
                    run.refused.push(problem);
                    filler.clear(entry).map_err(|error| call(entry, error))?;
                    stage.entries.remove(index);
                }
                Err(error) => return Err(call(entry, error).into()),
            }
        } else {
            filler.clear(entry).map_err(|error| call(entry, error))?;
            let entry = stage.entries.remove(index);
            run.refused.push(commit::changed(&entry));
        }
    }
    Ok(())
}
