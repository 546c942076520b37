//! The two ways a transaction ends, for all its staging folders: everything is put back, or every old
//! file is removed. A run and a recovery end in the same way.

use super::commit;
use super::journal::{Journal, Stand, StateDir};
use super::problem::Problem;
use super::settle::{self, Part, Settled};
use super::staging::{Staging, State};
use crate::system::System;

/// Takes back what was put into place, durably: afterwards every folder's state is `writing` or less.
pub(crate) fn take_back<'a>(system: &dyn System, parts: impl Iterator<Item = Part<'a>>) -> Settled {
    let mut settled = Settled::default();
    let mut back = Vec::new();
    for part in parts {
        let (staging, folders, entries) = part;
        let state = match staging.state(system) {
            Ok((state, _)) => state,
            Err(error) => {
                let doing = "looking at the staging folder";
                settled
                    .failed
                    .push(Problem::call(&staging.path(), doing, &error));
                continue;
            }
        };
        if state != State::Prepared {
            continue;
        }
        let mut part = settle::put_back(system, part);
        if part.failed.is_empty()
            && let Err(problem) = commit::sync_folders(system, folders, staging, entries)
        {
            part.failed.push(problem);
        }
        settled.kept.append(&mut part.kept);
        settled.failed.append(&mut part.failed);
        back.push(staging);
    }
    // Only when all are back may any forget what it did; the deciding one, which comes last, last.
    for staging in back {
        if !settled.failed.is_empty() {
            break;
        }
        let forgotten = staging
            .advance(system, State::Prepared, State::Writing)
            .and_then(|()| system.sync_dir(&staging.dir));
        if let Err(error) = forgotten {
            let doing = "noting that everything is back";
            settled
                .failed
                .push(Problem::call(&staging.path(), doing, &error));
        }
    }
    settled
}

/// Takes everything back and removes the staging folders; the deciding one comes last in `parts`.
pub(crate) fn put_back_all<'a>(
    system: &dyn System,
    parts: impl Iterator<Item = Part<'a>> + Clone,
) -> Settled {
    let mut settled = take_back(system, parts.clone());
    if settled.failed.is_empty() {
        remove(system, parts.map(|(staging, _, _)| staging), &mut settled);
    }
    settled
}

/// Removes the old files and the staging folders of a transaction that is done; the deciding one
/// comes last in `parts`.
pub(crate) fn drop_all<'a>(
    system: &dyn System,
    parts: impl Iterator<Item = Part<'a>> + Clone,
    workers: usize,
    progress: &(dyn Fn(usize) + Sync),
) -> Settled {
    let mut settled = Settled::default();
    let mut before = 0;
    for part in parts.clone() {
        let files = part.2.len();
        let progress = |done| progress(before + done);
        let mut part = settle::drop_old(system, part, workers, &progress);
        before += files;
        settled.kept.append(&mut part.kept);
        settled.failed.append(&mut part.failed);
    }
    if settled.failed.is_empty() {
        remove(system, parts.map(|(staging, _, _)| staging), &mut settled);
    }
    settled
}

fn remove<'a>(
    system: &dyn System,
    stagings: impl Iterator<Item = &'a Staging>,
    settled: &mut Settled,
) {
    for staging in stagings {
        if let Err(error) = staging.remove(system) {
            let doing = "removing the staging folder";
            settled
                .failed
                .push(Problem::call(&staging.path(), doing, &error));
            // The deciding folder must not go before the others.
            return;
        }
    }
}

/// Ends the journal of a transaction that is done and cleaned up.
pub(crate) fn end_journal(
    system: &dyn System,
    state: &StateDir,
    journal: &Journal,
    stand: Stand,
) -> std::io::Result<()> {
    if journal.heading.keep {
        state.advance(system, &journal.id, stand, Stand::Undo)
    } else {
        state.remove(system, &journal.id, stand)
    }
}
