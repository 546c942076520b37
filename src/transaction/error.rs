//! What went wrong, in the user's words: the file, what happened, and the way out.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::frames::is_damaged;
use crate::system::errors;

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
        EditError::at(path, explain(doing, error))
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

/// `doing: error; way out`.
fn explain(doing: &str, error: &io::Error) -> String {
    use io::ErrorKind as Kind;
    let way_out = match error.kind() {
        Kind::StorageFull => "free some space or edit fewer files at once",
        Kind::QuotaExceeded => "free some of your quota or edit fewer files at once",
        Kind::FileTooLarge => "raise the limit on the size of files (ulimit -f)",
        Kind::ReadOnlyFilesystem => "remount the file system for writing",
        Kind::PermissionDenied => "run grini as a user who may do that",
        Kind::NotFound => "it was removed meanwhile; run the command again",
        Kind::OutOfMemory => "edit fewer files at once",
        _ if is_damaged(error) => "grini --forget=ID drops it",
        _ if errors::out_of_files(error) => "raise the limit on open files (ulimit -n)",
        _ if errors::bad_disk(error) => "check the disk (dmesg shows what it reported)",
        _ => "repair that and run the command again",
    };
    format!("{doing}: {}; {way_out}", plain(error))
}

/// The error's own words, without Rust's "(os error N)".
pub(super) fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error ") {
        Some(end) => text[..end].trim_end_matches('.').to_owned(),
        None => text,
    }
}
