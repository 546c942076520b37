//! What went wrong, in the user's words: the file, what happened, and the way out.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::system::{errors, missing};

/// What is said of a file that is not what it was when its edits were computed.
const CHANGED: &str =
    "another program changed or removed it since it was read; run the command again";

/// What is said of a file that another program wrote instead of what the edit did.
pub(super) const THEIRS: &str =
    "another program changed or replaced it during the edit; it is left as that program wrote it";

/// What is said of a file to which another program wrote after the edit did.
pub(super) const MIXED: &str = "another program wrote to it during the edit; it is left as it is, with what the edit wrote: look at it";

/// One thing that went wrong, or that the user should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditError {
    /// The file it concerns, as the user named it; `None`: the whole edit.
    pub path: Option<PathBuf>,
    /// What happened, and the way out.
    pub what: String,
}

impl EditError {
    /// An error with one file or folder.
    pub fn at(path: impl Into<PathBuf>, what: impl Into<String>) -> EditError {
        EditError {
            path: Some(path.into()),
            what: what.into(),
        }
    }
    /// An error of the whole edit.
    pub fn general(what: impl Into<String>) -> EditError {
        EditError {
            path: None,
            what: what.into(),
        }
    }
    /// A system call failed while grini was `doing` ("staging the new content").
    pub(super) fn call(path: &Path, doing: &str, error: &io::Error) -> EditError {
        use io::ErrorKind as Kind;
        let way_out = match error.kind() {
            Kind::StorageFull => "free some space or edit fewer files at once",
            Kind::QuotaExceeded => "free some of your quota or edit fewer files at once",
            Kind::FileTooLarge => errors::ALLOW_LARGER_FILES,
            Kind::ReadOnlyFilesystem => "remount the file system for writing",
            Kind::PermissionDenied => "run grini as a user who may do that",
            Kind::NotFound => "it was removed meanwhile; run the command again",
            Kind::OutOfMemory => "edit fewer files at once",
            _ if is_damaged(error) => "grini --forget=ID drops it",
            _ if errors::out_of_files(error) => errors::ALLOW_MORE_FILES,
            _ if errors::bad_disk(error) => errors::CHECK_DISK,
            _ => "repair that and run the command again",
        };
        let text = errors::text(error);
        EditError::at(path, format!("{doing}: {text}; {way_out}"))
    }
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{}: {}", path.display(), self.what),
            None => f.write_str(&self.what),
        }
    }
}

/// What a failed call becomes.
pub(super) trait Doing<T> {
    /// The call failed while grini was `doing` that with `path`.
    fn doing(self, path: &Path, doing: &str) -> Result<T, EditError>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, path: &Path, doing: &str) -> Result<T, EditError> {
        self.map_err(|error| EditError::call(path, doing, &error))
    }
}

/// Why a file does not get its new content.
#[derive(Debug)]
pub(super) enum Obstacle {
    /// This is in the way, and concerns this file alone.
    Refused(String),
    /// This keeps the file from being exchanged: it can only be written in place.
    Forbidden(String),
    /// Another program has it open, or a write would take away what only an exchange keeps.
    InUse,
    /// A call failed, which concerns all files.
    Failed(io::Error),
}

impl Obstacle {
    /// The file is not what was read.
    pub(super) fn changed() -> Obstacle {
        Obstacle::Refused(CHANGED.to_owned())
    }

    /// What it comes to that a copy of the file could not be given `what` of it.
    pub(super) fn of_copying(error: io::Error, what: &str) -> Obstacle {
        match errors::not_allowed(&error) {
            true => Obstacle::Forbidden(format!("a copy cannot have {what}")),
            false => error.into(),
        }
    }

    /// What is said of it, where grini was `doing` that with `path`.
    pub(super) fn at(&self, path: &Path, doing: &str) -> EditError {
        match self {
            Obstacle::Refused(what) | Obstacle::Forbidden(what) => EditError::at(path, what),
            Obstacle::InUse => EditError::at(
                path,
                "another program has it open; run the command again when that is done",
            ),
            Obstacle::Failed(error) => EditError::call(path, doing, error),
        }
    }
}

impl From<io::Error> for Obstacle {
    fn from(error: io::Error) -> Obstacle {
        if missing(&error) || errors::not_a_file(&error) {
            Obstacle::changed()
        } else if errors::held_by_another(&error)
            || error.kind() == io::ErrorKind::ResourceBusy && error.raw_os_error().is_none()
        {
            Obstacle::InUse
        } else {
            Obstacle::Failed(error)
        }
    }
}

/// What a call found; `None`: there is no such name.
pub(super) fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(there) => Ok(Some(there)),
        Err(error) if missing(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The error where another program has a file open, for longer than we wait.
pub(super) fn in_use() -> io::Error {
    let what = "another program has it open";
    io::Error::new(io::ErrorKind::ResourceBusy, what)
}

/// The error for a journal that is not what grini wrote.
pub(super) fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "damaged")
}

/// Whether an error says so.
pub(super) fn is_damaged(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidData && error.raw_os_error().is_none()
}
