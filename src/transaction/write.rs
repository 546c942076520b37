//! The files get their new contents: exchanged, or written in place, and looked at again before the commit.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use super::access::Access;
use super::commit::{FEW, Outcomes, Transaction};
use super::content::Buffers;
use super::error::{Doing, EditError, Obstacle};
use super::record::{FileEntry, JournalRecord};
use super::settings::{Failed, Phase};
use crate::system::SYNCS_ALL;

impl Transaction<'_> {
    /// Gives every file its new content. Files that another program has changed leave the transaction, or end it.
    pub(super) fn write(&mut self) -> Result<(), Failed> {
        let mut outcomes = self.write_all()?;
        if !outcomes.iter().any(|outcome| self.ends_all(outcome)) {
            self.exchange_those_in_use(&mut outcomes)?;
        } else {
            // They would have been exchanged.
            for (entry, outcome) in self.entries.iter().zip(&mut outcomes) {
                if entry.exchangeable && matches!(outcome, Err(Obstacle::InUse)) {
                    *outcome = Ok(());
                }
            }
        }
        self.settle("writing the new content", outcomes)
    }

    /// Writes each file in its way. After one that ends the transaction, the others are not begun.
    fn write_all(&mut self) -> Result<Outcomes, Failed> {
        let durable = !self.syncs_all();
        let (access, work) = (&self.access, self.work);
        let ended = AtomicBool::new(false);
        let mut items: Vec<&FileEntry> = self.entries.iter().collect();
        work.each(Phase::Committing, &mut items, |entry, buffers| {
            if ended.load(Ordering::Relaxed) {
                return Ok(());
            }
            let outcome = write_one(access, entry, durable, buffers);
            ended.fetch_or(self.ends_all(&outcome), Ordering::Relaxed);
            outcome
        })
    }

    /// Whether there are so many files that are written in place that they are made durable at once.
    fn syncs_all(&self) -> bool {
        let in_place = self.entries.iter().filter(|entry| !entry.staged.exchanged);
        SYNCS_ALL && in_place.count() > FEW
    }

    /// Whether what came of one file ends the transaction. A file that is in use may be exchanged after all.
    fn ends_all(&self, outcome: &Result<(), Obstacle>) -> bool {
        match outcome {
            Ok(()) | Err(Obstacle::InUse) => false,
            Err(Obstacle::Refused(_)) => !self.work.settings.keep_going,
            Err(_) => true,
        }
    }

    /// Exchanges the files after all that another program has open, or that cannot be kept from others.
    fn exchange_those_in_use(&mut self, outcomes: &mut Outcomes) -> Result<(), Failed> {
        let mut late = Vec::new();
        for (at, (entry, outcome)) in self.entries.iter_mut().zip(&*outcomes).enumerate() {
            if entry.exchangeable && matches!(outcome, Err(Obstacle::InUse)) {
                entry.staged.exchanged = true;
                late.push(at);
            }
        }
        if late.is_empty() {
            return Ok(());
        }
        let staged =
            self.stage_all(|entry| entry.staged.exchanged && entry.staged.new.is_none())?;
        for (at, staged) in staged.into_iter().enumerate() {
            if staged.is_err() {
                outcomes[at] = staged;
                late.retain(|known| *known != at);
            }
        }
        let Transaction {
            access, entries, ..
        } = self;
        let journaled = late.iter().try_for_each(|&at| {
            let FileEntry { number, staged, .. } = entries[at];
            let staged = Some(staged);
            (access.journal).write(&JournalRecord::Later { number, staged })
        });
        let journaled = journaled.and_then(|()| access.journal.sync());
        access.journal.state.kept(journaled)?;
        let mut buffers = Buffers::default();
        for at in late {
            // One that cannot be exchanged either is written in place without being kept from others.
            outcomes[at] = write_one(access, &entries[at], true, &mut buffers);
        }
        Ok(())
    }

    /// Makes backups, names and contents durable.
    pub(super) fn make_durable(&mut self) -> Result<(), EditError> {
        let access = &self.access;
        let all_of = self.syncs_all();
        let mut touched = BTreeSet::new();
        for entry in &self.entries {
            let backed_up = access.back_up(entry);
            backed_up.doing(&entry.shown, "making its backup")?;
            // A file written in place changed no name, and is durable already where there are few of them.
            if entry.staged.exchanged || access.suffix.is_some() || all_of {
                touched.insert((entry.old.meta.device, entry.folder));
            }
        }
        let all = SYNCS_ALL && (touched.len() > FEW || all_of);
        let mut synced = None;
        for (device, id) in touched {
            if all && synced.replace(device) == Some(device) {
                continue;
            }
            let dir = access.folders.dir(access.system, id);
            let done = dir.and_then(|dir| match all {
                true => access.system.sync_all(&dir),
                false => access.system.sync_dir(&dir),
            });
            done.doing(&access.folders.get(id).path, "making the folder durable")?;
        }
        Ok(())
    }
}

fn write_one(
    access: &Access<'_>,
    entry: &FileEntry,
    durable: bool,
    buffers: &mut Buffers,
) -> Result<(), Obstacle> {
    match access.stage_of(entry).filter(|_| entry.staged.exchanged) {
        Some(staging) => access.exchange(staging, entry, buffers),
        None => access.write_in_place(entry, durable, buffers),
    }
}
