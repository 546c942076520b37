//! Putting right what a process left that ended before its transaction did.
//!
//! The journal in the state folder says where staging folders are; those of a process without one are
//! found beside the files. The state of the deciding folder says which way to go. A transaction whose
//! process lives is known by its locks and left alone, and nothing is done on the word of a folder
//! that belongs to another user.

use std::path::{Path, PathBuf};

use super::ending::{drop_all, end_journal, put_back_all};
use super::folders::Folders;
use super::journal::{Claim, Journal, Stand, StateDir};
use super::manifest::{self, Manifest};
use super::problem::Problem;
use super::settings::Recovered;
use super::settle::Part;
use super::staging::{self, Found, Staging, State};
use crate::system::{Kind, System, read_all};

/// Recovers every transaction that the journal says is not ended.
pub(crate) fn in_state(system: &dyn System, state: &StateDir) -> Recovered {
    let mut recovered = Recovered::default();
    let listed = match state.list(system) {
        Ok(listed) => listed,
        Err(error) => {
            let problem = Problem::call(&state.path, "reading the journal", &error);
            recovered.problems.push(problem);
            return recovered;
        }
    };
    for (id, stand) in listed {
        if stand == Stand::Undo {
            continue;
        }
        match state.claim(system, &id, stand) {
            Ok(Claim::Gone) => {}
            Ok(Claim::Live(pid)) => recovered.live.push((id, pid)),
            Ok(Claim::Left(journal, stand)) => {
                recovered.add(one_journal(system, state, &journal, stand));
            }
            Err(error) => {
                let doing = format!("reading the journal of {id}");
                recovered
                    .problems
                    .push(Problem::call(&state.path, &doing, &error));
            }
        }
    }
    recovered
}

fn one_journal(
    system: &dyn System,
    state: &StateDir,
    journal: &Journal,
    mut stand: Stand,
) -> Recovered {
    let mut recovered = Recovered::default();
    let mut stages = Vec::new();
    for path in &journal.heading.stages {
        match Staging::find(system, path) {
            Ok(Found::Left(staging)) => stages.push(staging),
            Ok(Found::Missing) => {}
            Ok(Found::Live) => {
                recovered
                    .live
                    .push((journal.id.clone(), journal.heading.pid));
                return recovered;
            }
            Ok(Found::NotOurs) => {
                let what = "it is not, or not only, yours; remove it or give it back to the user \
                            who ran grini";
                recovered.problems.push(Problem::at(path, what));
                return recovered;
            }
            Err(error) => {
                let doing = format!("recovering transaction {}", journal.id);
                recovered.problems.push(Problem::call(path, &doing, &error));
                return recovered;
            }
        }
    }
    let done = match decision(system, &stages, journal, stand) {
        Ok(done) => done,
        Err(problem) => {
            recovered.problems.push(problem);
            return recovered;
        }
    };
    if done && stand == Stand::Open {
        if let Err(error) = state.advance(system, &journal.id, Stand::Open, Stand::Done) {
            recovered
                .problems
                .push(super::journal::trouble(state, &error));
            return recovered;
        }
        stand = Stand::Done;
    }
    if !settle_stages(system, &stages, done, &mut recovered) {
        return recovered;
    }
    let ended = if done {
        end_journal(system, state, journal, stand)
    } else {
        state.remove(system, &journal.id, stand)
    };
    match ended {
        Err(error) => recovered
            .problems
            .push(super::journal::trouble(state, &error)),
        Ok(()) if done => recovered.completed.push(journal.id.clone()),
        Ok(()) => recovered.rolled_back.push(journal.id.clone()),
    }
    recovered
}

/// Whether the transaction is done. Its first staging folder says so; it is the first to be made and
/// the last to be removed.
fn decision(
    system: &dyn System,
    stages: &[Staging],
    journal: &Journal,
    stand: Stand,
) -> Result<bool, Problem> {
    if stand == Stand::Done {
        return Ok(true);
    }
    let Some(first) = journal.heading.stages.first() else {
        return Ok(false);
    };
    let deciding = stages.iter().find(|staging| staging.path() == *first);
    match deciding {
        Some(staging) => match staging.state(system) {
            Ok((state, _)) => Ok(state == State::Done),
            Err(error) => {
                let doing = "looking at the staging folder";
                Err(Problem::call(first, doing, &error))
            }
        },
        None if stages.is_empty() => Ok(false),
        None => Err(undecidable(first)),
    }
}

fn undecidable(deciding: &Path) -> Problem {
    Problem::at(
        deciding,
        "it is missing, and only it says whether its transaction was done; mount its file system \
         and run grini --recover",
    )
}

/// Goes the way decided, for all of `stages`, of which the first decides. `true`: nothing is left.
fn settle_stages(
    system: &dyn System,
    stages: &[Staging],
    done: bool,
    recovered: &mut Recovered,
) -> bool {
    let mut manifests = Vec::new();
    for staging in stages {
        match load(system, staging) {
            Ok(manifest) => manifests.push(manifest),
            Err(problem) => {
                recovered.problems.push(problem);
                return false;
            }
        }
    }
    let parts: Vec<Part<'_>> = (stages.iter().zip(&manifests).rev())
        .map(|(staging, manifest)| (staging, &manifest.folders, &manifest.entries[..]))
        .collect();
    let mut settled = if done {
        drop_all(system, parts.iter().copied(), 1, &|_| {})
    } else {
        put_back_all(system, parts.iter().copied())
    };
    let clean = settled.failed.is_empty();
    recovered.problems.append(&mut settled.kept);
    recovered.problems.append(&mut settled.failed);
    clean
}

/// The manifest of a staging folder. Before anything was put into place it has no files, but it may
/// name the transaction's other folders, of which one may be further.
fn load(system: &dyn System, staging: &Staging) -> Result<Manifest, Problem> {
    let read = staging.state(system).and_then(|(state, file)| {
        let Some(file) = file else {
            return Ok(Manifest::default());
        };
        let content = read_all(system, &file)?;
        let read = manifest::read(system, &content, &staging.parent_path)?;
        match (read, state) {
            (Some(manifest), State::Writing) => Ok(Manifest {
                entries: Vec::new(),
                ..manifest
            }),
            // It is not whole, and so no other folder is further.
            (None, State::Writing) => Ok(Manifest::default()),
            (Some(manifest), _) => Ok(manifest),
            (None, _) => Err(std::io::Error::other("it is damaged")),
        }
    });
    read.map_err(|error| Problem::call(&staging.path(), "reading its manifest", &error))
}

/// Recovers the staging folders that lie beside `folders`' files or above them, in folders' order.
pub(crate) fn beside(system: &dyn System, folders: &Folders) -> Recovered {
    let mut paths: Vec<&Path> = folders
        .all()
        .iter()
        .flat_map(|folder| folder.path.ancestors())
        .collect();
    paths.sort_unstable();
    paths.dedup();
    let mut recovered = Recovered::default();
    for path in paths {
        recovered.add(in_folder(system, path));
    }
    recovered
}

/// Recovers the staging folders in one folder. A folder that cannot be listed has none for us.
pub(crate) fn in_folder(system: &dyn System, path: &Path) -> Recovered {
    let mut recovered = Recovered::default();
    let names = system.open_dir(path).and_then(|dir| system.list(&dir));
    for (name, kind) in names.unwrap_or_default() {
        if kind == Kind::Dir && staging::id_of(Some(&name)).is_some() {
            recovered.add(one_stage(system, &path.join(name)));
        }
    }
    recovered
}

fn one_stage(system: &dyn System, path: &Path) -> Recovered {
    let mut recovered = Recovered::default();
    match settle_found(system, path, &mut recovered) {
        Ok(()) => {}
        Err(problem) => recovered.problems.push(problem),
    }
    recovered
}

fn settle_found(
    system: &dyn System,
    path: &Path,
    recovered: &mut Recovered,
) -> Result<(), Problem> {
    let find = |path: &Path| {
        Staging::find(system, path)
            .map_err(|error| Problem::call(path, "recovering a transaction", &error))
    };
    let found = match find(path)? {
        Found::Left(staging) => staging,
        Found::Live | Found::Missing | Found::NotOurs => return Ok(()),
    };
    let id = found.id.clone();
    let manifest = load(system, &found)?;
    let mut stages = Vec::new();
    let others = match &manifest.decided_by {
        None => {
            stages.push(found);
            manifest.decides
        }
        Some(deciding) => match find(deciding)? {
            Found::Left(staging) => {
                let others = load(system, &staging)?.decides;
                stages.push(staging);
                stages.push(found);
                others.into_iter().filter(|other| other != path).collect()
            }
            // Without files there is nothing to decide.
            Found::Missing if manifest.entries.is_empty() => {
                stages.push(found);
                Vec::new()
            }
            Found::Missing => return Err(undecidable(deciding)),
            Found::Live | Found::NotOurs => return Ok(()),
        },
    };
    for other in others {
        match find(&other)? {
            Found::Left(staging) => stages.push(staging),
            Found::Missing => {}
            Found::Live | Found::NotOurs => return Ok(()),
        }
    }
    let (state, _) = stages[0]
        .state(system)
        .map_err(|error| Problem::call(path, "looking at the staging folder", &error))?;
    let done = state == State::Done;
    if settle_stages(system, &stages, done, recovered) {
        if done {
            recovered.completed.push(id);
        } else {
            recovered.rolled_back.push(id);
        }
    }
    Ok(())
}

/// Recovers the staging folders in and beneath each of `roots`, beside it, and above it.
pub(crate) fn beneath(system: &dyn System, roots: &[PathBuf]) -> Recovered {
    let mut recovered = Recovered::default();
    for root in roots {
        let root = match system.resolve(root) {
            Ok(root) => root,
            Err(error) => {
                let problem = Problem::call(root, "looking for what is left there", &error);
                recovered.problems.push(problem);
                continue;
            }
        };
        for above in root.ancestors().skip(1) {
            recovered.add(in_folder(system, above));
        }
        let mut folders = vec![root];
        while let Some(folder) = folders.pop() {
            let Ok(names) = system.open_dir(&folder).and_then(|dir| system.list(&dir)) else {
                continue;
            };
            for (name, kind) in names {
                let path = folder.join(&name);
                match kind {
                    Kind::Dir if staging::id_of(Some(&name)).is_some() => {
                        recovered.add(one_stage(system, &path));
                    }
                    Kind::Dir => folders.push(path),
                    _ => {}
                }
            }
        }
    }
    recovered
}

/// The process that edits in, beneath or around `folder`, if the journal knows.
pub(crate) fn holder(system: &dyn System, state: &StateDir, folder: &Path) -> Option<u32> {
    for (id, stand) in state.list(system).ok()? {
        if stand == Stand::Undo {
            continue;
        }
        let Ok(heading) = state.heading(system, &id, stand) else {
            continue;
        };
        let near = |stage: &PathBuf| {
            let at = stage.parent().unwrap_or(stage);
            at.starts_with(folder) || folder.starts_with(at)
        };
        if heading.stages.iter().any(near) {
            return Some(heading.pid);
        }
    }
    None
}

/// See [`pending`](super::pending).
pub(crate) fn pending(system: &dyn System, path: &Path) -> Vec<String> {
    let Ok(state) = StateDir::open(system, Some(path), false) else {
        return Vec::new();
    };
    let listed = state.list(system).unwrap_or_default();
    let unfinished = listed.into_iter().filter(|(id, stand)| {
        *stand != Stand::Undo && matches!(state.claim(system, id, *stand), Ok(Claim::Left(..)))
    });
    unfinished.map(|(id, _)| id).collect()
}

impl Recovered {
    /// For an edit that recovers on its way: what was done and could not be done, as warnings.
    pub(crate) fn report(self, warnings: &mut Vec<Problem>) {
        for id in self.rolled_back {
            let what = format!("transaction {id}, which had not come to its end, was taken back");
            warnings.push(Problem::general(what));
        }
        for id in self.completed {
            let what = format!("transaction {id}, which was done, was cleaned up");
            warnings.push(Problem::general(what));
        }
        warnings.extend(self.problems);
    }
}
