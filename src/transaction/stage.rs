//! Before any file is touched: the new files and the backups made, and the journal ended with them.

use std::io;
use std::sync::OnceLock;
use std::sync::atomic::AtomicUsize;

use super::attributes::NewFiles;
use super::check::CHANGED;
use super::commit::{Abort, FEW, Transaction};
use super::content::Buffers;
use super::error::EditError;
use super::exchange::{StageError, Stager, Written};
use super::files::{Entry, IN_PLACE};
use super::folders::Folders;
use super::in_place;
use super::journal::Journal;
use super::record::{Record, Way};
use super::settings::Phase;
use super::staging::Staging;
use super::state::Step;
use super::workers;
use crate::system::{SYNCS_ALL, System, errors};

/// Why a file is not staged: a signal, or an error.
pub(super) type NotStaged = Option<StageError>;

impl Transaction<'_> {
    /// Makes the new files and the backups; files that are refused leave the transaction.
    pub(super) fn stage(&mut self) -> Result<(), Abort> {
        let backup = self.settings.backup_suffix.is_some();
        let (mut refused, mut failed) = (Vec::new(), Vec::new());
        for (at, error) in self.stage_all(|entry| backup || entry.exchanged())? {
            match error {
                None => return Err(Abort::stopped()),
                Some(StageError::Failed(error)) => failed.push(error),
                Some(StageError::Refused(error)) => refused.push((at, error)),
                Some(StageError::Forbidden(what)) => {
                    refused.push((at, EditError::at(&self.entries[at].shown, what)));
                }
            }
        }
        if !failed.is_empty() {
            return Err(failed.into());
        }
        let mut errors = Vec::new();
        for (at, error) in refused.into_iter().rev() {
            let number = self.entries.remove(at).number;
            self.record(&Record::LeftOut { number })?;
            errors.insert(0, error);
        }
        self.refuse(errors)?;
        self.none_left()
    }

    /// Stages what is `wanted`, in the staging folder of each mount, and gives the indices of those that are not.
    pub(super) fn stage_all(
        &mut self,
        wanted: impl Fn(&Entry) -> bool + Sync,
    ) -> Result<Vec<(usize, NotStaged)>, Abort> {
        let mut not_staged = Vec::new();
        let mut entries = std::mem::take(&mut self.entries);
        for index in 0..self.places.len() {
            let wanted = |entry: &Entry| entry.stage as usize == index && wanted(entry);
            if !entries.iter().any(wanted) {
                continue;
            }
            if let Err(error) = self.make_stage(index) {
                self.entries = entries;
                return Err(error.into());
            }
            not_staged.extend(self.stage_in(index, &mut entries, wanted));
        }
        self.entries = entries;
        Ok(not_staged)
    }

    /// Makes a staging folder, if there is none yet.
    fn make_stage(&mut self, index: usize) -> Result<(), EditError> {
        if self.stages[index].is_none() {
            let (place, id) = (&self.places[index], self.id());
            let staging = Staging::make(self.system, place, id)
                .map_err(|error| EditError::call(place, "making a staging folder", &error))?;
            self.stages[index] = Some(staging);
        }
        Ok(())
    }

    fn stage_in(
        &self,
        index: usize,
        entries: &mut [Entry],
        wanted: impl Fn(&Entry) -> bool + Sync,
    ) -> Vec<(usize, NotStaged)> {
        let Some(staging) = &self.stages[index] else {
            return Vec::new();
        };
        let stager = Stager {
            system: self.system,
            folders: &self.folders,
            staging,
            sync_each: !SYNCS_ALL || entries.len() <= FEW,
            new_files: NewFiles {
                inherited: OnceLock::new(),
            },
        };
        let done = AtomicUsize::new(0);
        let total = entries.len();
        let number = workers::number(self.settings.workers, total);
        let results = workers::each(number, entries, |entry, buffers| {
            if !wanted(entry) {
                return Ok(());
            }
            if self.settings.stopped() {
                return Err(None);
            }
            let staged = self.stage_one(&stager, entry, buffers);
            self.report(Phase::Staging, &done, total);
            staged.map_err(Some)
        });
        let results = results.into_iter().enumerate();
        results
            .filter_map(|(at, result)| result.err().map(|error| (at, error)))
            .collect()
    }

    fn stage_one(
        &self,
        stager: &Stager<'_>,
        entry: &mut Entry,
        buffers: &mut Buffers,
    ) -> Result<(), StageError> {
        if entry.exchanged() {
            let why = match stager.staging.exchanges {
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
                entry.exchangeable = false;
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
    pub(super) fn prepare(&mut self) -> Result<(), Abort> {
        if self.settings.stopped() {
            return Err(Abort::stopped());
        }
        self.sync_stages()?;
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

    /// Makes everything that was staged durable.
    pub(super) fn sync_stages(&self) -> Result<(), Abort> {
        let each = !SYNCS_ALL || self.entries.len() <= FEW;
        for staging in self.stages.iter().flatten() {
            staging.sync(self.system, each).map_err(|error| {
                EditError::call(&staging.path(), "making the new files durable", &error)
            })?;
        }
        Ok(())
    }

    /// Adds a record to the journal.
    pub(super) fn record(&mut self, record: &Record) -> Result<(), Abort> {
        match &mut self.journal {
            Some(journal) => {
                (journal.write(record)).map_err(|error| self.state.error(&error).into())
            }
            None => Ok(()),
        }
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
