//! The journal of one transaction: written record by record, and read again.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io;

use super::frames::{Reader, Writer, damaged};
use super::record::{FileRecord, FolderRecord, Heading, Record, Staged};
use super::state::{StateDir, Step};
use crate::system::System;

const MAGIC: &[u8; 16] = b"grini journal 1\n";

/// The journal of a transaction under way. It is locked until this is dropped.
pub(super) struct Journal<'a> {
    system: &'a dyn System,
    state: &'a StateDir,
    pub(super) id: String,
    pub(super) step: Step,
    file: File,
    writer: Writer,
    /// Number of files recorded.
    files: u64,
}

impl<'a> Journal<'a> {
    /// Begins a journal in `state`.
    pub(super) fn begin(system: &'a dyn System, state: &'a StateDir) -> io::Result<Journal<'a>> {
        let (id, file) = state.create(system)?;
        let journal = Journal {
            system,
            state,
            id,
            step: Step::Writing,
            file,
            writer: Writer::new(MAGIC.len() as u64),
            files: 0,
        };
        match crate::system::write_full(system, &journal.file, MAGIC, 0) {
            Ok(()) => Ok(journal),
            Err(error) => {
                let _ = journal.remove();
                Err(error)
            }
        }
    }

    /// Adds a record; it is durable after [`sync`](Journal::sync).
    pub(super) fn write(&mut self, record: &Record) -> io::Result<()> {
        self.files += u64::from(matches!(record, Record::File(_)));
        self.writer.write(self.system, &self.file, record)
    }

    /// Where the next record goes.
    pub(super) fn offset(&self) -> u64 {
        self.writer.offset()
    }

    /// Makes what was written durable.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.writer.flush(self.system, &self.file)?;
        self.system.sync(&self.file)
    }

    /// Makes the journal's name durable.
    pub(super) fn sync_name(&self) -> io::Result<()> {
        self.state.sync(self.system)
    }

    /// Says that the journal is whole, and makes it durable.
    pub(super) fn seal(&mut self) -> io::Result<()> {
        self.write(&Record::Sealed { files: self.files })?;
        self.sync()
    }

    /// Goes to the next step.
    pub(super) fn advance(&mut self, to: Step) -> io::Result<()> {
        self.state.advance(self.system, &self.id, self.step, to)?;
        self.step = to;
        Ok(())
    }

    /// Removes the journal.
    pub(super) fn remove(&self) -> io::Result<()> {
        self.state.remove(self.system, &self.id, self.step)
    }

    /// The file, for reading what was written to it.
    pub(super) fn file(&self) -> &File {
        &self.file
    }
}

/// What a journal holds, less its files.
pub(super) struct Log {
    pub(super) heading: Heading,
    pub(super) folders: Vec<FolderRecord>,
    pub(super) staged: HashMap<u32, Staged>,
    pub(super) left_out: HashSet<u32>,
    /// It was written to its end, so that files may have been touched.
    pub(super) sealed: bool,
    /// Where its last whole record ends.
    end: u64,
}

/// The records of a journal, in order. What is after the last whole one is not read.
fn reader<'a>(system: &'a dyn System, file: &'a File) -> io::Result<Reader<'a>> {
    let size = system.meta(file)?.size;
    let mut magic = [0; MAGIC.len()];
    let read = crate::system::read_full(system, file, &mut magic, 0)?;
    if read < magic.len() || magic != *MAGIC {
        return Err(damaged());
    }
    Ok(Reader::new(system, file, MAGIC.len() as u64, size))
}

/// Reads a journal's heading.
pub(super) fn heading(system: &dyn System, file: &File) -> io::Result<Heading> {
    match reader(system, file)?.read()? {
        Some(Record::Heading(heading)) => Ok(heading),
        _ => Err(damaged()),
    }
}

/// Reads a journal, calling `each` for every file with its number. A damaged end is an error only before the journal is
/// sealed.
pub(super) fn read(
    system: &dyn System,
    file: &File,
    mut each: impl FnMut(u32, &Log, FileRecord) -> io::Result<()>,
) -> io::Result<Log> {
    let mut records = reader(system, file)?;
    let Some(Record::Heading(heading)) = records.read()? else {
        return Err(damaged());
    };
    let mut log = Log {
        heading,
        folders: Vec::new(),
        staged: HashMap::new(),
        left_out: HashSet::new(),
        sealed: false,
        end: 0,
    };
    let mut files: u32 = 0;
    loop {
        let record = match records.read() {
            Ok(Some(record)) => record,
            Ok(None) => break,
            Err(error) if log.sealed && super::frames::is_damaged(&error) => break,
            Err(error) => return Err(error),
        };
        let known = |number: u32| number < files;
        match record {
            Record::Folder(folder) if !log.sealed => log.folders.push(folder),
            Record::File(record) if !log.sealed && is_sound(&log, &record) => {
                each(files, &log, record)?;
                files = files.checked_add(1).ok_or_else(damaged)?;
            }
            Record::Lost { number, .. } if known(number) => {}
            Record::Staged { number, staged } if known(number) => {
                log.staged.insert(number, staged);
            }
            Record::Sealed { files: count } if count == u64::from(files) => log.sealed = true,
            Record::LeftOut { number } if known(number) => {
                log.left_out.insert(number);
            }
            _ => return Err(damaged()),
        }
    }
    log.end = records.offset();
    Ok(log)
}

/// Adds to a sealed journal that these files are settled.
pub(super) fn leave_out(system: &dyn System, file: &File, numbers: &[u32]) -> io::Result<()> {
    let end = read(system, file, |_, _, _| Ok(()))?.end;
    let mut writer = Writer::new(end);
    for &number in numbers {
        writer.write(system, file, &Record::LeftOut { number })?;
    }
    writer.flush(system, file)?;
    system.sync(file)
}

/// Whether a record can be what grini wrote: a name that is one, edits that fit.
fn is_sound(log: &Log, record: &FileRecord) -> bool {
    let name = &record.name;
    let is_name = !name.is_empty()
        && name != b"."
        && name != b".."
        && !name.iter().any(|byte| matches!(byte, b'/' | b'\0'));
    is_name
        && (record.folder as usize) < log.folders.len()
        && !record.edits.is_empty()
        && record.edits.fit(record.old.size)
}

/// Calls `each` with the bytes that file `number` loses, piece by piece, from [`Staged::lost`] on.
pub(super) struct Lost<'a> {
    reader: Reader<'a>,
    number: u32,
}

impl<'a> Lost<'a> {
    /// The bytes recorded at `offset` for file `number`.
    pub(super) fn new(
        system: &'a dyn System,
        file: &'a File,
        offset: u64,
        number: u32,
    ) -> io::Result<Lost<'a>> {
        let size = system.meta(file)?.size;
        Ok(Lost {
            reader: Reader::new(system, file, offset, size),
            number,
        })
    }

    /// The next piece; `None` after the last.
    pub(super) fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        match self.reader.read()? {
            Some(Record::Lost { number, bytes }) if number == self.number => Ok(Some(bytes)),
            _ => Ok(None),
        }
    }
}
