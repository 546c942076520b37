//! The journal of one transaction: written record by record, and read again.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::Path;

use super::error::{damaged, is_damaged};
use super::folders::KnownFolders;
use super::frames::{self, BLOCK, Reader};
use super::record::{FileEntry, Heading, JournalRecord, Staged};
use super::state::{JournalStep, StateDir};
use crate::system::{read_full, write_full};

const MAGIC: &[u8; 16] = b"grini journal 1\n";

/// A journal. One that is written to is locked until this is dropped.
pub(super) struct Journal<'a> {
    pub(super) state: &'a StateDir<'a>,
    pub(super) id: String,
    pub(super) step: JournalStep,
    file: File,
    /// What is to be written, and where in the file.
    buffer: Vec<u8>,
    at: u64,
}

/// What a journal holds, less its files.
#[derive(Default)]
pub(super) struct Log {
    /// With the number of files that are not left out.
    pub(super) heading: Heading,
    pub(super) folders: KnownFolders,
    pub(super) later: Later,
}

/// What became of files after they were staged, by their numbers; `None`: left out.
pub(super) type Later = HashMap<u32, Option<Staged>>;

impl<'a> Journal<'a> {
    /// Begins a journal in `state`.
    pub(super) fn begin(state: &'a StateDir<'a>) -> io::Result<Journal<'a>> {
        let (id, file) = state.create()?;
        Ok(Journal {
            buffer: MAGIC.to_vec(),
            ..Journal::of(state, &id, JournalStep::Writing, file)
        })
    }

    /// The journal of `id` at that step, open.
    pub(super) fn of(
        state: &'a StateDir<'a>,
        id: &str,
        step: JournalStep,
        file: File,
    ) -> Journal<'a> {
        Journal {
            state,
            id: id.to_owned(),
            step,
            file,
            buffer: Vec::new(),
            at: 0,
        }
    }

    /// Opens a journal for reading.
    pub(super) fn open(
        state: &'a StateDir<'a>,
        id: &str,
        step: JournalStep,
    ) -> io::Result<Journal<'a>> {
        let file = state.read(id, step)?;
        Ok(Journal::of(state, id, step, file))
    }

    /// Adds a record; it is durable after [`sync`](Journal::sync).
    pub(super) fn write(&mut self, record: &JournalRecord<'_>) -> io::Result<()> {
        let offset = self.offset();
        frames::add(&mut self.buffer, offset, record)?;
        match self.buffer.len() < BLOCK {
            true => Ok(()),
            false => self.flush(),
        }
    }

    /// Where the next record goes.
    pub(super) fn offset(&self) -> u64 {
        self.at + self.buffer.len() as u64
    }

    fn flush(&mut self) -> io::Result<()> {
        write_full(self.state.system, &self.file, &self.buffer, self.at)?;
        self.at = self.offset();
        self.buffer.clear();
        Ok(())
    }

    /// Makes what was written durable.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.flush()?;
        self.state.system.sync(&self.file)
    }

    /// Adds that these files are left out, and makes that durable.
    pub(super) fn leave_out(&mut self, numbers: &[u32]) -> io::Result<()> {
        for &number in numbers {
            let staged = None;
            self.write(&JournalRecord::Later { number, staged })?;
        }
        self.sync()
    }

    /// Goes to the next step.
    pub(super) fn advance(&mut self, to: JournalStep) -> io::Result<()> {
        self.state.advance(&self.id, self.step, to)?;
        self.step = to;
        Ok(())
    }

    /// Removes the journal.
    pub(super) fn remove(&self) -> io::Result<()> {
        self.state.remove(&self.id, self.step)
    }

    /// The end of a transaction: after the commit the journal is kept for `--undo`, if it is to be `kept`, else removed.
    pub(super) fn end(&mut self, kept: bool) -> io::Result<()> {
        match kept && self.step == JournalStep::Done {
            true => self.advance(JournalStep::Kept),
            false => self.remove(),
        }
    }

    /// Its records, in order. What is after the last whole one is not read.
    fn records(&self) -> io::Result<Reader<'_>> {
        let mut magic = [0; MAGIC.len()];
        let read = read_full(self.state.system, &self.file, &mut magic, 0)?;
        if read < magic.len() || magic != *MAGIC {
            return Err(damaged());
        }
        Ok(self.records_from(MAGIC.len() as u64))
    }

    fn records_from(&self, offset: u64) -> Reader<'_> {
        Reader::new(self.state.system, &self.file, offset)
    }

    /// Reads its heading.
    pub(super) fn heading(&self) -> io::Result<Heading> {
        match self.records()?.read()? {
            Some(JournalRecord::Heading(heading)) => Ok(heading),
            _ => Err(damaged()),
        }
    }

    /// Reads all but its files, which are checked; of one that was not written to its end the heading, if that was. What is
    /// written from now on goes to its end.
    pub(super) fn log(&mut self) -> io::Result<Log> {
        let heading = match self.heading() {
            // It was cut short before any folder was made.
            Err(error) if is_damaged(&error) && self.step == JournalStep::Writing => {
                Heading::default()
            }
            heading => heading?,
        };
        let mut log = Log {
            heading,
            ..Log::default()
        };
        if self.step == JournalStep::Writing {
            return Ok(log);
        }
        log.heading.files = 0;
        let mut records = self.records()?;
        let mut sealed = false;
        loop {
            let record = match records.read() {
                Ok(Some(record)) => record,
                // What became of a file was being written when the process ended.
                Err(error) if sealed && is_damaged(&error) => break,
                Err(error) => return Err(error),
                Ok(None) if sealed => break,
                Ok(None) => return Err(damaged()),
            };
            match record {
                JournalRecord::Later { number, staged } if sealed => {
                    log.later.insert(number, staged);
                }
                _ if sealed => return Err(damaged()),
                JournalRecord::Folder { path, inode } => {
                    log.folders.add_known(path.into(), inode)?;
                }
                JournalRecord::File(entry) if !is_sound(&log, &entry) => return Err(damaged()),
                JournalRecord::File(_) => log.heading.files += 1,
                JournalRecord::Sealed => sealed = true,
                _ => {}
            }
        }
        self.at = records.at;
        let left_out = log.later.values().filter(|staged| staged.is_none()).count();
        log.heading.files = log.heading.files.saturating_sub(left_out as u64);
        Ok(log)
    }

    /// Calls `each` for every file that is not left out, in order, with its absolute path.
    pub(super) fn entries(
        &self,
        folders: &KnownFolders,
        later: &Later,
        mut each: impl FnMut(FileEntry),
    ) -> io::Result<()> {
        let mut records = self.records()?;
        loop {
            let mut entry = match records.read()? {
                Some(JournalRecord::File(entry)) => entry.into_owned(),
                None | Some(JournalRecord::Sealed) => return Ok(()),
                Some(_) => continue,
            };
            match later.get(&entry.number) {
                Some(None) => continue,
                Some(Some(staged)) => entry.staged = *staged,
                None => {}
            }
            let folder = folders.all().get(entry.folder as usize);
            entry.shown = Path::new(&folder.ok_or_else(damaged)?.path).join(&entry.name);
            each(entry);
        }
    }

    /// The bytes that a file loses, from [`Staged::lost`] on, piece by piece; an empty piece is the end.
    pub(super) fn lost(&self, at: u64) -> impl FnMut() -> io::Result<Vec<u8>> {
        let mut records = Some(self.records_from(at));
        move || match records.as_mut().map(Reader::read).transpose()?.flatten() {
            Some(JournalRecord::Lost(bytes)) => Ok(bytes.into_vec()),
            _ => {
                records = None;
                Ok(Vec::new())
            }
        }
    }
}

/// Whether a record can be what grini wrote: a name that is one, edits that fit.
fn is_sound(log: &Log, entry: &FileEntry) -> bool {
    let name: &OsStr = &entry.name;
    Path::new(name).file_name() == Some(name)
        && !name.as_encoded_bytes().contains(&0)
        && (entry.folder as usize) < log.folders.all().len()
        && !entry.edits.is_empty()
        && entry.edits.fit(entry.old.meta.size)
}
