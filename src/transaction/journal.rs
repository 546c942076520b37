//! The journal: one file per transaction in the state folder, from before its first write.
//!
//! Its name says how far the transaction is, as far as that is not for the staging folders to say:
//!
//! ```text
//! <id>.open  begun: its heading lists the staging folders, which decide what became of it
//! <id>.done  committed; old files and staging folders may still have to be removed
//! <id>.undo  ended; it holds the edits and the digests of every file, for --undo
//! ```
//!
//! While its process lives, the file is locked. It is dropped when the transaction is taken back.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::content::Digest;
use super::folders::Folders;
use super::frames::{Reader, Writer};
use super::id;
use super::manifest::Entry;
use super::problem::{Problem, explain};
use crate::change::edit::Edit;
use crate::system::{Dir, Kind, Lock, System, missing, read_all};

const MAGIC: u64 = u64::from_le_bytes(*b"griniJ1\n");
/// Each holder has the state folder's lock for a few calls only.
const PATIENCE: Duration = Duration::from_secs(10);

/// How far a transaction is, as its journal's name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    Open,
    Done,
    Undo,
}

impl Stand {
    fn file(self, id: &str) -> OsString {
        let ending = match self {
            Stand::Open => "open",
            Stand::Done => "done",
            Stand::Undo => "undo",
        };
        format!("{id}.{ending}").into()
    }
}

/// What a journal begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heading {
    /// When it began, since the epoch.
    pub when: Duration,
    pub pid: u32,
    /// Number of files.
    pub files: u64,
    /// It is kept for `--undo`.
    pub keep: bool,
    /// The transaction it takes back.
    pub undoes: Option<String>,
    pub command_line: Vec<OsString>,
    /// The staging folders, the deciding one first.
    pub stages: Vec<PathBuf>,
}

/// What the journal keeps of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Absolute.
    pub path: PathBuf,
    /// Digest of the content after the edit.
    pub new: Digest,
    /// The edits, spans in the content before it.
    pub edits: Vec<Edit>,
}

/// The folder where journals are.
#[derive(Debug)]
pub(crate) struct StateDir {
    pub path: PathBuf,
    dir: Dir,
}

/// The journal of a transaction, locked.
#[derive(Debug)]
pub(crate) struct Journal {
    pub id: String,
    pub heading: Heading,
    file: File,
    heading_end: u64,
}

/// What a look at a journal that is not ended gave.
pub(crate) enum Claim {
    /// Its process still runs.
    Live(u32),
    /// It ended, or was ended by another recovery, meanwhile.
    Gone,
    /// It was left behind, and is now locked for us.
    Left(Journal, Stand),
}

impl StateDir {
    /// Opens the state folder; with `make` it is made where it is missing.
    pub fn open(system: &dyn System, path: Option<&Path>, make: bool) -> Result<StateDir, Problem> {
        let Some(path) = path else {
            return Err(Problem::general(
                "there is no folder for the journal that --undo needs; set XDG_STATE_HOME or HOME, \
                 or use --no-undo",
            ));
        };
        let unusable = |what: &str| {
            let what = format!(
                "it cannot hold the journal that --undo needs ({what}); set XDG_STATE_HOME, or use \
                 --no-undo"
            );
            Problem::at(path, what)
        };
        let dir = match open_or_make(system, path, make) {
            Err(error) if missing(&error) => return Err(unusable("it does not exist")),
            Err(error) => return Err(unusable(&super::problem::plain(&error))),
            Ok(dir) => dir,
        };
        let meta = system
            .dir_meta(&dir)
            .map_err(|error| unusable(&super::problem::plain(&error)))?;
        if meta.user != system.user() {
            return Err(unusable(&format!("it belongs to user {}", meta.user)));
        }
        if meta.mode & 0o022 != 0 {
            return Err(unusable("others may write into it"));
        }
        Ok(StateDir {
            path: path.to_owned(),
            dir,
        })
    }

    /// The transactions in the journal, oldest first. Only the names are read.
    pub fn list(&self, system: &dyn System) -> io::Result<Vec<(String, Stand)>> {
        let mut found = Vec::new();
        for (name, kind) in system.list(&self.dir)? {
            let Some((id, ending)) = name.to_str().and_then(|name| name.split_once('.')) else {
                continue;
            };
            let stand = match ending {
                "open" => Stand::Open,
                "done" => Stand::Done,
                "undo" => Stand::Undo,
                _ => continue,
            };
            if kind == Kind::File && id::is_id(id) {
                found.push((id.to_owned(), stand));
            }
        }
        found.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        Ok(found)
    }

    /// Begins a journal. `heading` is made for the ID that is chosen.
    pub fn begin(
        &self,
        system: &dyn System,
        heading: impl Fn(&str) -> Heading,
    ) -> io::Result<Journal> {
        let _alone = self.alone(system)?;
        let newest = self.list(system)?.pop();
        let id = id::after(newest.as_ref().map(|(id, _)| id.as_str()));
        let name = Stand::Open.file(&id);
        let file = system.create(&self.dir, &name)?;
        let heading = heading(&id);
        let written = (|| {
            system.lock(&file)?;
            let mut out = Writer::new(system, &file, 0);
            heading.write(&mut out);
            let end = out.flush()?;
            system.sync(&file)?;
            system.sync_dir(&self.dir)?;
            Ok(end)
        })();
        match written {
            Ok(heading_end) => Ok(Journal {
                id,
                heading,
                file,
                heading_end,
            }),
            Err(error) => {
                // Nothing depends on it yet; if it stays, a recovery finds no folder and drops it.
                let _ = system.unlink(&self.dir, &name);
                Err(error)
            }
        }
    }

    /// Looks at a journal that is not ended, and locks it, if it was left behind.
    pub fn claim(&self, system: &dyn System, id: &str, stand: Stand) -> io::Result<Claim> {
        let _alone = self.alone(system)?;
        let name = stand.file(id);
        let file = match system.open_write(&self.dir, &name) {
            Err(error) if missing(&error) => return Ok(Claim::Gone),
            opened => opened?,
        };
        let (heading, heading_end) = self.heading_of(system, &file)?;
        if !system.lock(&file)? {
            return Ok(Claim::Live(heading.pid));
        }
        match system.meta_at(&self.dir, &name) {
            Ok(there) if there.inode == system.meta(&file)?.inode => {}
            Ok(_) => return Ok(Claim::Gone),
            Err(error) if missing(&error) => return Ok(Claim::Gone),
            Err(error) => return Err(error),
        }
        let journal = Journal {
            id: id.to_owned(),
            heading,
            file,
            heading_end,
        };
        Ok(Claim::Left(journal, stand))
    }

    /// The heading of a journal, whatever it stands at.
    pub fn heading(&self, system: &dyn System, id: &str, stand: Stand) -> io::Result<Heading> {
        let file = system.open(&self.dir, &stand.file(id))?;
        Ok(self.heading_of(system, &file)?.0)
    }

    /// What is kept for undoing `id`.
    pub fn read(&self, system: &dyn System, id: &str) -> io::Result<(Heading, Vec<Kept>)> {
        let file = system.open(&self.dir, &Stand::Undo.file(id))?;
        self.trusted(system, &file)?;
        let mut reader = Reader::new(&read_all(system, &file)?);
        if !reader.complete {
            return Err(io::Error::other("the journal is damaged"));
        }
        let heading = Heading::read(&mut reader)?;
        let kept = reader.list(|reader| {
            Ok(Kept {
                path: reader.name()?.into(),
                new: reader.array()?,
                edits: reader.edits()?,
            })
        })?;
        Ok((heading, kept))
    }

    /// Goes from one stand to another, durably.
    pub fn advance(&self, system: &dyn System, id: &str, from: Stand, to: Stand) -> io::Result<()> {
        system.rename(&self.dir, &from.file(id), &self.dir, &to.file(id))?;
        system.sync_dir(&self.dir)
    }

    /// Removes a journal. One that is gone is no error.
    pub fn remove(&self, system: &dyn System, id: &str, stand: Stand) -> io::Result<()> {
        match system.unlink(&self.dir, &stand.file(id)) {
            Err(error) if !missing(&error) => Err(error),
            _ => Ok(()),
        }
    }

    fn heading_of(&self, system: &dyn System, file: &File) -> io::Result<(Heading, u64)> {
        self.trusted(system, file)?;
        let mut reader = Reader::first(system, file)?;
        let size = reader.size();
        match Heading::read(&mut reader) {
            Ok(heading) => Ok((heading, size)),
            // Its process ended before the heading was written, so before anything else was.
            Err(_) => Ok((Heading::EMPTY, 0)),
        }
    }

    fn trusted(&self, system: &dyn System, file: &File) -> io::Result<()> {
        if system.meta(file)?.user == system.user() {
            Ok(())
        } else {
            Err(io::Error::other("the journal belongs to another user"))
        }
    }

    /// The lock under which journals are begun and claimed; it lasts until the result is dropped.
    fn alone(&self, system: &dyn System) -> io::Result<Dir> {
        let dir = system.open_dir(&self.path)?;
        let end = Instant::now() + PATIENCE;
        loop {
            match system.lock_dir(&dir, Lock::Exclusive) {
                Ok(true) => return Ok(dir),
                Err(error) if super::problem::no_locks(&error) => return Ok(dir),
                Err(error) => return Err(error),
                Ok(false) if Instant::now() >= end => {
                    return Err(io::Error::other("another program has it locked"));
                }
                Ok(false) => thread::sleep(Duration::from_millis(2)),
            }
        }
    }
}

impl Journal {
    /// Writes what undoing the transaction takes, over what an earlier attempt may have written.
    pub fn record<'a>(
        &self,
        system: &dyn System,
        folders: &Folders,
        entries: impl Iterator<Item = &'a Entry> + Clone,
    ) -> io::Result<()> {
        if !self.heading.keep {
            return Ok(());
        }
        if system.meta(&self.file)?.size > self.heading_end {
            system.set_len(&self.file, self.heading_end)?;
        }
        let mut out = Writer::new(system, &self.file, self.heading_end);
        out.number(entries.clone().count() as u64);
        for entry in entries {
            out.name(folders.get(entry.folder).path.join(&entry.name));
            out.raw(&entry.new.digest);
            out.edits(&entry.edits);
            out.settle()?;
        }
        out.finish()?;
        system.sync(&self.file)
    }
}

impl Heading {
    const EMPTY: Heading = Heading {
        when: Duration::ZERO,
        pid: 0,
        files: 0,
        keep: false,
        undoes: None,
        command_line: Vec::new(),
        stages: Vec::new(),
    };

    fn write(&self, out: &mut Writer<'_>) {
        out.number(MAGIC);
        out.number(self.when.as_secs());
        out.number(u64::from(self.pid));
        out.number(self.files);
        out.number(u64::from(self.keep));
        out.name(self.undoes.as_deref().unwrap_or_default());
        out.number(self.command_line.len() as u64);
        for word in &self.command_line {
            out.name(word);
        }
        out.number(self.stages.len() as u64);
        for stage in &self.stages {
            out.name(stage);
        }
    }

    fn read(reader: &mut Reader) -> io::Result<Heading> {
        if reader.number()? != MAGIC {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(Heading {
            when: Duration::from_secs(reader.number()?),
            pid: reader.small()?,
            files: reader.number()?,
            keep: reader.number()? != 0,
            undoes: reader
                .name()?
                .into_string()
                .ok()
                .filter(|id| !id.is_empty()),
            command_line: reader.list(Reader::name)?,
            stages: reader.list(|reader| Ok(reader.name()?.into()))?,
        })
    }
}

fn open_or_make(system: &dyn System, path: &Path, make: bool) -> io::Result<Dir> {
    match system.open_dir(path) {
        Err(error) if missing(&error) && make => {}
        opened => return opened,
    }
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::NotFound.into());
    };
    let above = open_or_make(system, parent, make)?;
    match system.make_dir(&above, name) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    system.sync_dir(&above)?;
    system.open_dir(path)
}

/// A problem with the journal in `state`.
pub(crate) fn trouble(state: &StateDir, error: &io::Error) -> Problem {
    Problem::at(&state.path, explain("keeping the journal", error))
}
