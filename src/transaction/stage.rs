//! Before any file is touched: the new files and the backups made, and the journal ended with them.

use std::io;

use super::commit::{FEW, Outcomes, Transaction};
use super::content::Buffers;
use super::error::{Doing, EditError, Obstacle};
use super::folders::KnownFolders;
use super::in_place;
use super::journal::Journal;
use super::record::{FileEntry, JournalRecord, Staged};
use super::settings::{Failed, Phase};
use super::staging::Staging;
use super::state::JournalStep;
use crate::system::{HOLDS, SYNCS_ALL, System};

impl Transaction<'_> {
    /// Makes the new files and the backups; files that are refused leave the transaction.
    pub(super) fn stage(&mut self) -> Result<(), Failed> {
        let backup = self.work.settings.backup_suffix.is_some();
        let outcomes = self.stage_all(|entry| backup || entry.exchanged())?;
        self.settle("staging the new content", outcomes)
    }

    /// Stages what is `wanted`, in the staging folder of each mount.
    pub(super) fn stage_all(
        &mut self,
        wanted: impl Fn(&FileEntry) -> bool + Sync,
    ) -> Result<Outcomes, EditError> {
        for (index, place) in self.places.iter().enumerate() {
            let here = |entry: &FileEntry| entry.stage as usize == index && wanted(entry);
            if self.stages[index].is_none() && self.entries.iter().any(here) {
                let staging = Staging::make(self.work.system, place, &self.journal.id);
                self.stages[index] = Some(staging.doing(place, "making a staging folder")?);
            }
        }
        let mut entries = std::mem::take(&mut self.entries);
        let access = self.access();
        let sync = !SYNCS_ALL || entries.len() <= FEW;
        let outcomes = (self.work).each(
            Phase::Staging,
            &mut entries,
            |entry, buffers| match wanted(entry) {
                true => access.stage(entry, sync, buffers),
                false => Ok(()),
            },
        );
        self.entries = entries;
        Ok(outcomes)
    }

    /// Ends the journal with what was staged, makes all durable, and goes on to `prepared`: from here on a recovery puts
    /// files back.
    pub(super) fn prepare(&mut self) -> Result<(), Failed> {
        self.check_signal()?;
        self.sync_stages()?;
        if HOLDS {
            let outcomes = self.hold();
            self.settle("opening the file", outcomes)?;
        }
        let mut buffers = Buffers::default();
        let recorded = (self.entries.iter_mut())
            .map(|entry| {
                let (system, folders) = (self.work.system, &self.folders);
                record_staged(system, folders, &mut self.journal, entry, &mut buffers)
            })
            .collect::<io::Result<Outcomes>>();
        let outcomes = self.state.kept(recorded)?;
        self.settle("staging the new content", outcomes)?;
        self.record(|journal| {
            journal.write(&JournalRecord::Sealed)?;
            journal.sync()?;
            journal.advance(JournalStep::Prepared)
        })
    }

    /// Opens the files that are written in place, so that no other program gets at them before the transaction ends.
    fn hold(&mut self) -> Outcomes {
        let mut entries = std::mem::take(&mut self.entries);
        let access = self.access();
        let outcomes =
            (self.work).each(Phase::Staging, &mut entries, |entry, _| access.hold(entry));
        self.entries = entries;
        outcomes
    }

    /// Makes everything that was staged durable.
    pub(super) fn sync_stages(&self) -> Result<(), EditError> {
        let each = !SYNCS_ALL || self.entries.len() <= FEW;
        self.stages.iter().flatten().try_for_each(|staging| {
            let synced = staging.sync(self.work.system, each);
            synced.doing(&staging.path(), "making the new files durable")
        })
    }
}

/// Journals what was staged for a file, and the bytes that it loses where its length changes in place.
fn record_staged(
    system: &dyn System,
    folders: &KnownFolders,
    journal: &mut Journal<'_>,
    entry: &mut FileEntry,
    buffers: &mut Buffers,
) -> io::Result<Result<(), Obstacle>> {
    let number = entry.number;
    if !entry.exchanged() && !entry.edits.keep_lengths() {
        entry.staged.lost = journal.offset();
        let is_old = in_place::lost_bytes(system, folders, entry, buffers, |bytes| {
            let bytes = bytes.to_vec();
            journal.write(&JournalRecord::Lost { number, bytes })
        })?;
        if !is_old {
            return Ok(Err(Obstacle::changed()));
        }
    }
    if entry.staged != Staged::default() {
        let staged = entry.staged;
        journal.write(&JournalRecord::Staged { number, staged })?;
    }
    Ok(Ok(()))
}
