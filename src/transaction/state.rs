//! The state folder: one file per transaction, whose name says how far it is.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::error::{Doing, EditError, found};
use super::id;
use crate::system::{Dir, FileKind, Meta, System, errors, missing, names};

/// How far a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JournalStep {
    /// The journal is being written, or files are being staged: no file was touched.
    Writing,
    /// Files may have been touched: they are to be rolled back.
    Prepared,
    /// Committed; old files and staging folders may still have to be removed.
    Done,
    /// Ended; it can be undone.
    Kept,
}

impl JournalStep {
    const ALL: [JournalStep; 4] = [
        JournalStep::Writing,
        JournalStep::Prepared,
        JournalStep::Done,
        JournalStep::Kept,
    ];

    /// The name of the journal of `id` at this step.
    fn file(self, id: &str) -> OsString {
        let word = match self {
            JournalStep::Writing => "writing",
            JournalStep::Prepared => "prepared",
            JournalStep::Done => "done",
            JournalStep::Kept => "kept",
        };
        format!("{id}.{word}").into()
    }
}

/// The state folder, open.
pub(super) struct StateDir<'a> {
    pub(super) system: &'a dyn System,
    pub(super) path: PathBuf,
    dir: Dir,
}

/// What a look at a journal gave.
pub(super) enum Claim {
    /// It is not there any more.
    Gone,
    /// A process that still runs has it locked.
    Live(File),
    /// It was left by a process that ended. Now it is locked for us.
    Left(File),
}

impl<'a> StateDir<'a> {
    /// Opens the state folder `path`, or makes it. A folder of another user, or one that others may write into, is
    /// not trusted.
    pub(super) fn open(
        system: &'a dyn System,
        path: Option<&Path>,
        make: bool,
    ) -> Result<StateDir<'a>, EditError> {
        let Some(path) = path else {
            return Err(EditError::general(format!(
                "there is no state folder for the journal of the edit; set {}, or name one with --state-dir",
                names::STATE_VARIABLES
            )));
        };
        let opened = open_or_make(system, path, make).and_then(|dir| {
            let meta = system.dir_meta(&dir)?;
            check_owner(system, &meta)?;
            match meta.mode & 0o022 {
                0 => Ok(dir),
                _ => Err(io::Error::other("others may write into it")),
            }
        });
        let dir = opened.map_err(|error| {
            let what = match missing(&error) {
                true => "it does not exist".to_owned(),
                false => errors::text(&error),
            };
            let what = format!(
                "it cannot hold the journal of the edit ({what}); name another state folder with --state-dir"
            );
            EditError::at(path, what)
        })?;
        Ok(StateDir {
            system,
            path: path.to_owned(),
            dir,
        })
    }

    /// The state folder, if it is there.
    pub(super) fn existing(
        system: &'a dyn System,
        path: Option<&Path>,
    ) -> Result<Option<StateDir<'a>>, EditError> {
        match path.map(|path| found(system.open_dir(path))) {
            Some(Ok(None)) => Ok(None),
            _ => StateDir::open(system, path, false).map(Some),
        }
    }

    /// The transactions, oldest first. Only the names are read.
    pub(super) fn list(&self) -> io::Result<Vec<(String, JournalStep)>> {
        let mut found = Vec::new();
        for (name, kind) in self.system.list(&self.dir)? {
            let id = name.to_str().and_then(|name| name.split('.').next());
            if let Some(id) = id.filter(|id| kind == FileKind::File && id::is_id(id)) {
                let mut steps = JournalStep::ALL.into_iter();
                let step = steps.find(|step| step.file(id) == name);
                found.extend(step.map(|step| (id.to_owned(), step)));
            }
        }
        found.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        Ok(found)
    }

    /// Makes a new journal, locked, with an ID later than all others.
    pub(super) fn create(&self) -> io::Result<(String, File)> {
        let listed = self.list()?;
        let mut newest = listed.last().map(|(id, _)| id.clone());
        loop {
            let id = id::after(newest.as_deref());
            let name = JournalStep::Writing.file(&id);
            match self.system.create(&self.dir, &name, 0o600) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
                // A recovery may see the name before it is locked, and take it for one that was left.
                Ok(file) => match self.lock(file, &name) {
                    Ok(Claim::Left(file)) => return Ok((id, file)),
                    Ok(_) => {}
                    Err(error) => {
                        let _ = self.system.unlink(&self.dir, &name);
                        return Err(error);
                    }
                },
            }
            newest = Some(id);
        }
    }

    /// Locks a journal that was just opened.
    fn lock(&self, file: File, name: &OsStr) -> io::Result<Claim> {
        if !self.system.lock(&file)? {
            return Ok(Claim::Live(file));
        }
        // Its process may have gone on, and ended, between the opening and the locking.
        match found(self.system.meta_at(&self.dir, name))? {
            Some(there) if there.inode == self.system.meta(&file)?.inode => Ok(Claim::Left(file)),
            _ => Ok(Claim::Gone),
        }
    }

    /// Opens a journal for reading. One of another user is not trusted.
    pub(super) fn read(&self, id: &str, step: JournalStep) -> io::Result<File> {
        let file = self.system.open(&self.dir, &step.file(id))?;
        check_owner(self.system, &self.system.meta(&file)?)?;
        Ok(file)
    }

    /// Opens the journal of a transaction that may have been left, and locks it.
    pub(super) fn claim(&self, id: &str, step: JournalStep) -> io::Result<Claim> {
        let name = step.file(id);
        match found(self.system.open_write(&self.dir, &name))? {
            Some(file) => {
                check_owner(self.system, &self.system.meta(&file)?)?;
                self.lock(file, &name)
            }
            None => Ok(Claim::Gone),
        }
    }

    /// Goes from one step to another: one rename, which is durable when this returns `Ok`.
    pub(super) fn advance(&self, id: &str, from: JournalStep, to: JournalStep) -> io::Result<()> {
        let (old, new) = (from.file(id), to.file(id));
        if let Err(error) = self.system.rename(&self.dir, &old, &self.dir, &new) {
            // Over a network a call may have been done though its answer was lost.
            let gone = || matches!(found(self.system.meta_at(&self.dir, &old)), Ok(None));
            if self.system.meta_at(&self.dir, &new).is_err() || !gone() {
                return Err(error);
            }
        }
        match self.system.sync_dir(&self.dir) {
            Ok(()) => Ok(()),
            // It is there, but not durably so. If that can be taken back, it is.
            Err(error) => match self.system.rename(&self.dir, &new, &self.dir, &old) {
                Ok(()) => Err(error),
                Err(_) => Ok(()),
            },
        }
    }

    /// Makes the names in the folder durable.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.system.sync_dir(&self.dir)
    }

    /// Removes a journal.
    pub(super) fn remove(&self, id: &str, step: JournalStep) -> io::Result<()> {
        found(self.system.unlink(&self.dir, &step.file(id)))?;
        self.system.sync_dir(&self.dir)
    }

    /// What a call for the journal of an edit came to.
    pub(super) fn kept<T>(&self, result: io::Result<T>) -> Result<T, EditError> {
        result.doing(&self.path, "keeping the journal")
    }
}

fn check_owner(system: &dyn System, meta: &Meta) -> io::Result<()> {
    match meta.user == system.user() {
        true => Ok(()),
        false => Err(io::Error::other("it belongs to another user")),
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
