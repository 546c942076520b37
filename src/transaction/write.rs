//! The files get their new contents: exchanged, or written in place, and looked at again before the commit.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::check::CHANGED;
use super::commit::{Abort, FEW, Transaction};
use super::content::Buffers;
use super::error::EditError;
use super::exchange::{self, StageError, Written};
use super::files::Entry;
use super::folders::FolderId;
use super::record::{Record, Way};
use super::rollback::Ends;
use super::settings::Phase;
use super::workers;
use crate::system::SYNCS_ALL;

/// What came of each file, in order.
type Outcomes = Vec<Result<Written, EditError>>;

impl Transaction<'_> {
    /// Gives every file its new content. Files that another program has changed leave the transaction, or end it.
    pub(super) fn write(&mut self) -> Result<(), Abort> {
        let mut outcomes = self.write_all()?;
        self.exchange_those_in_use(&mut outcomes)?;
        if self.settings.stopped() {
            return Err(Abort::stopped());
        }
        let (mut failed, mut left_out) = (Vec::new(), Vec::new());
        for (at, outcome) in outcomes.into_iter().enumerate() {
            let error = match outcome {
                Ok(Written::Done) => continue,
                Err(error) => {
                    failed.push(error);
                    continue;
                }
                Ok(Written::Changed) => CHANGED,
                Ok(Written::InUse) => {
                    "another program has it open; run the command again when that is done"
                }
            };
            left_out.push((at, EditError::at(&self.entries[at].shown, error)));
        }
        if !failed.is_empty() || !left_out.is_empty() && !self.settings.keep_going {
            failed.extend(left_out.into_iter().map(|(_, error)| error));
            return Err(failed.into());
        }
        self.leave_out(left_out)?;
        self.none_left()
    }

    /// Writes each file in its way. After one that ends the transaction, the others are not begun.
    fn write_all(&self) -> Result<Outcomes, Abort> {
        let total = self.entries.len();
        let in_place = self.entries.iter().filter(|entry| !entry.exchanged());
        let durable = !SYNCS_ALL || in_place.count() <= FEW;
        let ends = self.ends()?;
        let mut items: Vec<&Entry> = self.entries.iter().collect();
        let number = workers::number(self.settings.workers, total);
        let done = AtomicUsize::new(0);
        let ended = AtomicBool::new(false);
        let outcomes = workers::each(number, &mut items, |entry, buffers| {
            if ended.load(Ordering::Relaxed) || self.settings.stopped() {
                return Ok(Written::Done);
            }
            let outcome = self.write_one(&ends, entry, durable, buffers);
            let ends_all = match &outcome {
                Ok(Written::Changed) => !self.settings.keep_going,
                Ok(_) => false,
                Err(_) => true,
            };
            if ends_all {
                ended.store(true, Ordering::Relaxed);
            }
            self.report(Phase::Committing, &done, total);
            outcome
        });
        Ok(outcomes)
    }

    fn write_one(
        &self,
        ends: &Ends<'_>,
        entry: &Entry,
        durable: bool,
        buffers: &mut Buffers,
    ) -> Result<Written, EditError> {
        let staging = self.stages.get(entry.stage as usize);
        let staging = staging.and_then(Option::as_ref);
        let (doing, written) = match staging.filter(|_| entry.exchanged()) {
            Some(staging) => (
                "putting the new file into place",
                exchange::exchange(self.system, &self.folders, staging, entry, buffers),
            ),
            None => (
                "writing the new content",
                ends.in_place.write(entry, durable, buffers),
            ),
        };
        written.map_err(|error| EditError::call(&entry.shown, doing, &error))
    }

    /// Exchanges the files after all that another program has open, or that cannot be kept from others.
    fn exchange_those_in_use(&mut self, outcomes: &mut Outcomes) -> Result<(), Abort> {
        let mut late = Vec::new();
        for (at, (entry, outcome)) in self.entries.iter_mut().zip(&*outcomes).enumerate() {
            if entry.exchangeable && *outcome == Ok(Written::InUse) {
                entry.staged.way = Way::Exchange;
                late.push(at);
            }
        }
        let ended = outcomes.iter().any(|outcome| match outcome {
            Ok(written) => *written == Written::Changed && !self.settings.keep_going,
            Err(_) => true,
        });
        if late.is_empty() || ended {
            return Ok(());
        }
        let not_staged = self.stage_all(|entry| {
            entry.exchangeable && entry.exchanged() && entry.staged.new.inode == 0
        })?;
        for (at, error) in not_staged {
            outcomes[at] = match error {
                None => return Err(Abort::stopped()),
                Some(StageError::Refused(error) | StageError::Failed(error)) => Err(error),
                Some(StageError::Forbidden(_)) => Ok(Written::InUse),
            };
            late.retain(|known| *known != at);
        }
        self.sync_stages()?;
        for &at in &late {
            if !self.entries[at].exchanged() {
                continue;
            }
            let (number, staged) = (self.entries[at].number, self.entries[at].staged);
            self.record(&Record::Staged { number, staged })?;
        }
        if let Some(journal) = &mut self.journal {
            journal.sync().map_err(|error| self.state.error(&error))?;
        }
        let mut buffers = Buffers::default();
        let ends = self.ends()?;
        for at in late {
            // One that cannot be exchanged either is written in place without being kept from others.
            outcomes[at] = self.write_one(&ends, &self.entries[at], true, &mut buffers);
        }
        Ok(())
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
    pub(super) fn make_durable(&mut self) -> Result<(), Abort> {
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
}
