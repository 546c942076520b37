//! The files get their new contents: exchanged, or written in place, and looked at again before the commit.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicUsize;

use super::check::CHANGED;
use super::commit::{Abort, FEW, Transaction};
use super::content::Buffers;
use super::error::EditError;
use super::exchange::{self, StageError, Written};
use super::files::Entry;
use super::folders::FolderId;
use super::record::{Record, Way};
use super::settings::Phase;
use super::staging::Staging;
use super::workers;
use crate::system::SYNCS_ALL;

/// What came of each file, in order.
type Outcomes = Vec<Result<Written, EditError>>;

impl Transaction<'_> {
    /// Gives every file its new content. Files that another program has changed leave the transaction, or end it.
    pub(super) fn write(&mut self) -> Result<(), Abort> {
        let mut outcomes = self.exchange_all()?;
        if outcomes.len() == self.entries.len() {
            self.write_in_place(&mut outcomes)?;
            self.exchange_those_in_use(&mut outcomes)?;
        }
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

    /// Exchanges all files that are to be; ends early at an error.
    fn exchange_all(&self) -> Result<Outcomes, Abort> {
        let mut outcomes = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            if self.settings.stopped() {
                return Err(Abort::stopped());
            }
            let outcome = match self.staging_of(entry) {
                Some(staging) => self.exchange(staging, entry),
                None => Ok(Written::Done),
            };
            let go_on = match &outcome {
                Ok(written) => *written == Written::Done || self.settings.keep_going,
                Err(_) => false,
            };
            outcomes.push(outcome);
            if !go_on {
                break;
            }
        }
        Ok(outcomes)
    }

    fn exchange(&self, staging: &Staging, entry: &Entry) -> Result<Written, EditError> {
        exchange::exchange(self.system, &self.folders, staging, entry).map_err(|error| {
            EditError::call(&entry.shown, "putting the new file into place", &error)
        })
    }

    fn verify(
        &self,
        staging: &Staging,
        entry: &Entry,
        buffers: &mut Buffers,
    ) -> Result<Written, EditError> {
        exchange::verify(self.system, staging, entry, buffers)
            .map_err(|error| EditError::call(&entry.shown, "verifying what was exchanged", &error))
    }

    /// The staging folder of a file that is exchanged.
    fn staging_of(&self, entry: &Entry) -> Option<&Staging> {
        let staging = self.stages.get(entry.stage as usize)?.as_ref();
        staging.filter(|_| entry.exchanged())
    }

    /// Verifies what was exchanged, and writes the other files.
    fn write_in_place(&self, outcomes: &mut Outcomes) -> Result<(), Abort> {
        let total = self.entries.len();
        let in_place = self.entries.iter().filter(|entry| !entry.exchanged());
        let durable = !SYNCS_ALL || in_place.count() <= FEW;
        let ends = self.ends()?;
        let mut items: Vec<_> = self.entries.iter().zip(outcomes).collect();
        let number = workers::number(self.settings.workers, total);
        let done = AtomicUsize::new(0);
        workers::each(number, &mut items, |(entry, outcome), buffers| {
            if **outcome != Ok(Written::Done) || self.settings.stopped() {
                return;
            }
            **outcome = match self.staging_of(entry) {
                Some(staging) => self.verify(staging, entry, buffers),
                None => ends
                    .in_place
                    .write(entry, durable, buffers)
                    .map_err(|error| {
                        EditError::call(&entry.shown, "writing the new content", &error)
                    }),
            };
            self.report(Phase::Committing, &done, total);
        });
        Ok(())
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
        if late.is_empty() {
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
        // What could not be staged stays as it is.
        late.retain(|&at| self.entries[at].exchanged());
        self.sync_stages()?;
        for &at in &late {
            let (number, staged) = (self.entries[at].number, self.entries[at].staged);
            self.record(&Record::Staged { number, staged })?;
        }
        if let Some(journal) = &mut self.journal {
            journal.sync().map_err(|error| self.state.error(&error))?;
        }
        let mut buffers = Buffers::default();
        for at in late {
            let entry = &self.entries[at];
            let Some(staging) = self.staging_of(entry) else {
                continue;
            };
            outcomes[at] = match self.exchange(staging, entry) {
                Ok(Written::Done) => self.verify(staging, entry, &mut buffers),
                other => other,
            };
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
