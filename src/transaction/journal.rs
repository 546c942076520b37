//! The journal of one transaction: written record by record, and read again.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::Path;

use super::error::{damaged, is_damaged};
use super::frames::{Reader, Writer};
use super::record::{FileEntry, FolderRecord, Heading, JournalRecord, Staged};
use super::state::{JournalStep, StateDir};
use crate::system::{System, read_full, write_full};

const MAGIC: &[u8; 16] = b"grini journal 1\n";

/// A journal. One that is written to is locked until this is dropped.
pub(super) struct Journal<'a> {
    state: &'a StateDir<'a>,
    pub(super) id: String,
    pub(super) step: JournalStep,
    pub(super) file: File,
    writer: Writer,
}

/// What a journal holds, less its files.
pub(super) struct Log {
    pub(super) heading: Heading,
    pub(super) folders: Vec<FolderRecord>,
    staged: HashMap<u32, Staged>,
    left_out: HashSet<u32>,
    /// It was written to its end, so that files may have been touched.
    pub(super) sealed: bool,
}

impl<'a> Journal<'a> {
    /// Begins a journal in `state`.
    pub(super) fn begin(state: &'a StateDir<'a>) -> io::Result<Journal<'a>> {
        let (id, file) = state.create()?;
        let journal = Journal::of(state, id, JournalStep::Writing, file);
        if let Err(error) = write_full(state.system, &journal.file, MAGIC, 0) {
            let _ = journal.remove();
            return Err(error);
        }
        Ok(journal)
    }

    /// The journal of `id` at that step, open.
    pub(super) fn of(
        state: &'a StateDir<'a>,
        id: String,
        step: JournalStep,
        file: File,
    ) -> Journal<'a> {
        let writer = Writer::new(MAGIC.len() as u64);
        Journal {
            state,
            id,
            step,
            file,
            writer,
        }
    }

    /// Opens a journal for reading.
    pub(super) fn open(
        state: &'a StateDir<'a>,
        id: &str,
        step: JournalStep,
    ) -> io::Result<Journal<'a>> {
        let file = state.read(id, step)?;
        Ok(Journal::of(state, id.to_owned(), step, file))
    }

    /// Adds a record; it is durable after [`sync`](Journal::sync).
    pub(super) fn write(&mut self, record: &JournalRecord<'_>) -> io::Result<()> {
        self.writer.write(self.state.system, &self.file, record)
    }

    /// Where the next record goes.
    pub(super) fn offset(&self) -> u64 {
        self.writer.offset()
    }

    /// Makes what was written durable.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.writer.flush(self.state.system, &self.file)?;
        self.state.system.sync(&self.file)
    }

    /// Adds that these files are left out, and makes that durable.
    pub(super) fn leave_out(&mut self, numbers: impl Iterator<Item = u32>) -> io::Result<()> {
        for number in numbers {
            self.write(&JournalRecord::LeftOut { number })?;
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

    /// Its records, in order. What is after the last whole one is not read.
    fn records(&self) -> io::Result<Reader<'_>> {
        let size = self.state.system.meta(&self.file)?.size;
        let mut magic = [0; MAGIC.len()];
        let read = read_full(self.state.system, &self.file, &mut magic, 0)?;
        if read < magic.len() || magic != *MAGIC {
            return Err(damaged());
        }
        Ok(Reader::new(
            self.state.system,
            &self.file,
            MAGIC.len() as u64,
            size,
        ))
    }

    /// Reads its heading.
    pub(super) fn heading(&self) -> io::Result<Heading> {
        match self.records()?.read()? {
            Some(JournalRecord::Heading(heading)) => Ok(heading),
            _ => Err(damaged()),
        }
    }

    /// Reads all but its files, which are checked. A damaged end is an error only before the journal is sealed. What is
    /// written from now on goes to its end.
    pub(super) fn log(&mut self) -> io::Result<Log> {
        let mut records = self.records()?;
        let Some(JournalRecord::Heading(heading)) = records.read()? else {
            return Err(damaged());
        };
        let mut log = Log {
            heading,
            folders: Vec::new(),
            staged: HashMap::new(),
            left_out: HashSet::new(),
            sealed: false,
        };
        let mut files: u32 = 0;
        loop {
            let record = match records.read() {
                Ok(Some(record)) => record,
                Ok(None) => break,
                Err(error) if log.sealed && is_damaged(&error) => break,
                Err(error) => return Err(error),
            };
            let known = |number: u32| number < files;
            match record {
                JournalRecord::Folder(folder) if !log.sealed => log.folders.push(folder),
                JournalRecord::File(entry) if !log.sealed && is_sound(&log, &entry) => {
                    files = files.checked_add(1).ok_or_else(damaged)?;
                }
                JournalRecord::Lost { number, .. } if known(number) => {}
                JournalRecord::Staged { number, staged } if known(number) => {
                    log.staged.insert(number, staged);
                }
                JournalRecord::Sealed if log.heading.files == u64::from(files) => log.sealed = true,
                JournalRecord::LeftOut { number } if known(number) => {
                    log.left_out.insert(number);
                }
                _ => return Err(damaged()),
            }
        }
        self.writer = Writer::new(records.offset());
        Ok(log)
    }

    /// Calls `each` for every file that is not left out, in order, with its absolute path.
    pub(super) fn entries(&self, log: &Log, mut each: impl FnMut(FileEntry)) -> io::Result<()> {
        let mut records = self.records()?;
        let mut numbers = 0..;
        loop {
            let entry = match records.read()? {
                Some(JournalRecord::File(entry)) => entry,
                None | Some(JournalRecord::Sealed) => return Ok(()),
                Some(_) => continue,
            };
            let mut entry = entry.into_owned();
            entry.number = numbers.next().unwrap_or(u32::MAX);
            if log.left_out.contains(&entry.number) {
                continue;
            }
            let folder = log.folders.get(entry.folder as usize);
            entry.shown = Path::new(&folder.ok_or_else(damaged)?.path).join(&entry.name);
            entry.staged = log.staged.get(&entry.number).copied().unwrap_or_default();
            each(entry);
        }
    }
}

/// Whether a record can be what grini wrote: a name that is one, edits that fit.
fn is_sound(log: &Log, entry: &FileEntry) -> bool {
    let name: &OsStr = &entry.name;
    Path::new(name).file_name() == Some(name)
        && !name.as_encoded_bytes().contains(&0)
        && (entry.folder as usize) < log.folders.len()
        && !entry.edits.is_empty()
        && entry.edits.fit(entry.old.meta.size)
}

/// The bytes that a file loses, piece by piece, from [`Staged::lost`] on.
pub(super) struct Lost<'a> {
    reader: Reader<'a>,
    number: u32,
}

impl<'a> Lost<'a> {
    /// The bytes that the journal in `file` has of `entry`.
    pub(super) fn new(
        system: &'a dyn System,
        file: &'a File,
        entry: &FileEntry,
    ) -> io::Result<Lost<'a>> {
        let size = system.meta(file)?.size;
        Ok(Lost {
            reader: Reader::new(system, file, entry.staged.lost, size),
            number: entry.number,
        })
    }

    /// The next piece; `None` after the last.
    pub(super) fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        match self.reader.read()? {
            Some(JournalRecord::Lost { number, bytes }) if number == self.number => Ok(Some(bytes)),
            _ => Ok(None),
        }
    }
}
