//! Before any file is touched: the new files and the backups made, and the journal ended with them.

use std::borrow::Cow;
use std::io;

use super::access::Access;
use super::commit::{FEW, Outcomes, Transaction};
use super::content::Buffers;
use super::error::{Doing, Obstacle};
use super::record::{FileEntry, JournalRecord};
use super::settings::{Failed, Phase};
use super::staging::Staging;
use super::state::JournalStep;
use crate::system::{HOLDS, SYNCS_ALL};

impl Transaction<'_> {
    /// Makes the new files and the backups; files that are refused leave the transaction.
    pub(super) fn stage(&mut self) -> Result<(), Failed> {
        let backup = self.access.suffix.is_some();
        let outcomes = self.stage_all(|entry| backup || entry.staged.exchanged)?;
        self.settle("staging the new content", outcomes)
    }

    /// Stages what is `wanted`, in the staging folder of each mount, and makes it durable.
    pub(super) fn stage_all(
        &mut self,
        wanted: impl Fn(&FileEntry) -> bool + Sync,
    ) -> Result<Outcomes, Failed> {
        let system = self.work.system;
        for (index, place) in self.places.iter().enumerate() {
            let here = |entry: &FileEntry| entry.stage == Some(index as u32) && wanted(entry);
            if self.access.stages[index].is_none() && self.entries.iter().any(here) {
                let staging = Staging::make(system, place, &self.access.journal.id);
                let staging = staging.doing(place, "making a staging folder")?;
                self.access.stages[index] = Some(staging);
            }
        }
        let access = &self.access;
        let each = !SYNCS_ALL || self.entries.len() <= FEW;
        let stage = |entry: &mut FileEntry, buffers: &mut Buffers| match wanted(entry) {
            true => access.stage(entry, each, buffers),
            false => Ok(()),
        };
        let outcomes = self.work.each(Phase::Staging, &mut self.entries, stage)?;
        for staging in access.stages.iter().flatten() {
            let synced = staging.sync(system, each);
            synced.doing(&staging.path(), "making the new files durable")?;
        }
        Ok(outcomes)
    }

    /// Ends the journal with what was staged, makes all durable, and goes on to `prepared`: from here on a recovery puts
    /// files back.
    pub(super) fn prepare(&mut self) -> Result<(), Failed> {
        if HOLDS {
            // No other program gets at the files that are written in place before the transaction ends.
            let access = &self.access;
            let hold = |entry: &mut FileEntry, _: &mut Buffers| access.hold(entry);
            let outcomes = self.work.each(Phase::Staging, &mut self.entries, hold)?;
            self.settle("opening the file", outcomes)?;
        }
        let outcomes = self.journal_files();
        let outcomes = self.access.journal.state.kept(outcomes)?;
        self.settle("staging the new content", outcomes)?;
        self.record(|journal| {
            journal.write(&JournalRecord::Sealed)?;
            journal.sync()?;
            journal.advance(JournalStep::Prepared)
        })?;
        Ok(())
    }

    /// Writes the folders and files to the journal.
    fn journal_files(&mut self) -> io::Result<Outcomes> {
        let Access {
            journal, folders, ..
        } = &mut self.access;
        for folder in folders.all() {
            let (path, inode) = (folder.path.clone().into(), folder.inode);
            journal.write(&JournalRecord::Folder { path, inode })?;
        }
        let mut buffers = Buffers::default();
        let entries = self.entries.iter_mut();
        let journaled = entries.map(|entry| journal_file(&mut self.access, entry, &mut buffers));
        journaled.collect()
    }
}

/// Writes a file to the journal, after the bytes that it loses where its length changes in place.
fn journal_file(
    access: &mut Access<'_>,
    entry: &mut FileEntry,
    buffers: &mut Buffers,
) -> io::Result<Result<(), Obstacle>> {
    if !entry.staged.exchanged && !entry.edits.keep_lengths() {
        entry.staged.lost = access.journal.offset();
        let opened = access.open(entry)?;
        let Some((file, meta)) = opened.filter(|(_, meta)| entry.is_as_seen(meta)) else {
            return Ok(Err(Obstacle::changed()));
        };
        let start = entry.edits.region().start;
        let mut at = 0;
        let digest = buffers.pieces(access.system, &file, meta.size, |piece, _| {
            let first = usize::try_from(start.saturating_sub(at)).unwrap_or(usize::MAX);
            at += piece.len() as u64;
            match piece.get(first..).filter(|lost| !lost.is_empty()) {
                Some(lost) => (access.journal).write(&JournalRecord::Lost(lost.to_vec().into())),
                None => Ok(()),
            }
        })?;
        if digest != entry.old.digest {
            return Ok(Err(Obstacle::changed()));
        }
    }
    (access.journal).write(&JournalRecord::File(Cow::Borrowed(entry)))?;
    Ok(Ok(()))
}
