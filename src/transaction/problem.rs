//! What went wrong, in the user's words: the file, what happened, and the way out.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// One thing that went wrong, or that the user should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file it concerns, as the user named it; `None`: the whole transaction.
    pub path: Option<PathBuf>,
    /// What happened, and the way out.
    pub what: String,
}

impl Problem {
    /// A problem with one file or folder.
    pub fn at(path: impl Into<PathBuf>, what: impl Into<String>) -> Problem {
        Problem {
            path: Some(path.into()),
            what: what.into(),
        }
    }
    /// A problem of the whole transaction.
    pub fn general(what: impl Into<String>) -> Problem {
        Problem {
            path: None,
            what: what.into(),
        }
    }
    /// A system call failed while grini was `doing` ("staging the new content").
    pub(crate) fn call(path: &Path, doing: &str, error: &io::Error) -> Problem {
        Problem::at(path, explain(doing, error))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{}: {}", path.display(), self.what),
            None => f.write_str(&self.what),
        }
    }
}

/// `doing: error; way out`.
pub(crate) fn explain(doing: &str, error: &io::Error) -> String {
    use io::ErrorKind as Kind;
    let way_out = match error.kind() {
        Kind::StorageFull => "free some space or edit fewer files at once",
        Kind::QuotaExceeded => "free some of your quota or edit fewer files at once",
        Kind::FileTooLarge => "raise the limit on the size of files (ulimit -f)",
        Kind::ReadOnlyFilesystem => "remount the file system for writing",
        Kind::PermissionDenied => "run grini as a user who may do that",
        Kind::NotFound => "it was removed meanwhile; run the command again",
        Kind::OutOfMemory => "edit fewer files at once",
        _ if out_of_files(error) => "raise the limit on open files (ulimit -n)",
        _ if bad_disk(error) => "check the disk (dmesg shows what it reported)",
        _ => "put that right and run the command again",
    };
    format!("{doing}: {}; {way_out}", plain(error))
}

/// The error's own words, without Rust's "(os error N)".
pub(crate) fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

#[cfg(unix)]
fn is(error: &io::Error, any: &[rustix::io::Errno]) -> bool {
    error
        .raw_os_error()
        .is_some_and(|code| any.iter().any(|errno| errno.raw_os_error() == code))
}

#[cfg(unix)]
fn out_of_files(error: &io::Error) -> bool {
    use rustix::io::Errno;
    is(error, &[Errno::MFILE, Errno::NFILE])
}

#[cfg(unix)]
fn bad_disk(error: &io::Error) -> bool {
    is(error, &[rustix::io::Errno::IO])
}

/// Whether an exchange failed in a way that says this file cannot be exchanged at all: no such call,
/// not on this file system, a mount point, two mounts, a folder or file whose names we may not change.
#[cfg(unix)]
pub(crate) fn cannot_exchange(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let any = [
        Errno::INVAL,
        Errno::NOSYS,
        Errno::NOTSUP,
        Errno::OPNOTSUPP,
        Errno::BUSY,
        Errno::XDEV,
        Errno::PERM,
        Errno::ACCESS,
    ];
    is(error, &any)
}

/// Whether an attribute could not be set because we may not, or because there is no such thing there.
#[cfg(unix)]
pub(crate) fn not_allowed(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let any = [
        Errno::PERM,
        Errno::ACCESS,
        Errno::NOTSUP,
        Errno::OPNOTSUPP,
        Errno::INVAL,
    ];
    is(error, &any)
}

/// Whether a name turned out to be a symbolic link that was not to be followed.
#[cfg(unix)]
pub(crate) fn is_link(error: &io::Error) -> bool {
    use rustix::io::Errno;
    // FreeBSD says EMLINK.
    is(error, &[Errno::LOOP, Errno::MLINK])
}

/// Whether locks do not exist here (a file system without them, a folder that cannot be read).
#[cfg(unix)]
pub(crate) fn no_locks(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let any = [
        Errno::BADF,
        Errno::NOLCK,
        Errno::NOTSUP,
        Errno::OPNOTSUPP,
        Errno::INVAL,
        Errno::NOSYS,
    ];
    is(error, &any)
}

#[cfg(not(unix))]
mod elsewhere {
    use std::io;
    fn unsupported(error: &io::Error) -> bool {
        error.kind() == io::ErrorKind::Unsupported
    }
    pub(crate) fn out_of_files(_: &io::Error) -> bool {
        false
    }
    pub(crate) fn bad_disk(_: &io::Error) -> bool {
        false
    }
    pub(crate) fn cannot_exchange(error: &io::Error) -> bool {
        unsupported(error)
    }
    pub(crate) fn not_allowed(error: &io::Error) -> bool {
        unsupported(error)
    }
    pub(crate) fn is_link(_: &io::Error) -> bool {
        false
    }
    pub(crate) fn no_locks(error: &io::Error) -> bool {
        unsupported(error)
    }
}
#[cfg(not(unix))]
pub(crate) use elsewhere::{
    bad_disk, cannot_exchange, is_link, no_locks, not_allowed, out_of_files,
};
