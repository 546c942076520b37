//! The operating system: every call a transaction makes goes through [`System`].
//!
//! The real one is [`Real`]; a test puts its own in front of it, which counts the calls, makes one of
//! them fail, or ends the "process" at it. Names are always relative to an open [`Dir`], so that a
//! folder renamed or replaced during a run cannot lead a call astray.

use serde::{Deserialize, Serialize};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

#[cfg(unix)]
pub mod errors;
#[cfg(unix)]
pub mod files;
#[cfg(unix)]
pub mod folders;
#[cfg(target_os = "linux")]
mod linux;
pub mod locale;
#[cfg(unix)]
pub mod names;
#[cfg(unix)]
pub mod signals;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub mod start;
#[cfg(unix)]
pub mod streams;
pub mod threads;
#[cfg(unix)]
mod unix;
pub mod vectors;
#[cfg(windows)]
mod windows;
#[cfg(unix)]
mod xattr;

#[cfg(unix)]
pub use unix::{Dir, Real};
#[cfg(windows)]
pub use windows::{Dir, Real, errors, files, folders, names, signals, streams};

pub use names::os_string;

/// Whether [`System::sync_all`] is to be relied on. Where it is not, each file is synced.
pub const SYNCS_ALL: bool = cfg!(target_os = "linux");

/// Whether names can be exchanged at all.
pub const EXCHANGES: bool = cfg!(any(target_os = "linux", target_vendor = "apple"));

/// Whether files that are written in place are opened, and kept from others, before the first is written, and until the
/// transaction ends: where other programs are kept from a file by the way it is opened, and open files are no scarce thing.
pub const HOLDS: bool = cfg!(windows);

/// How a file that is searched is opened for reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// A link is followed; else it is an error.
    pub follow: bool,
    /// A FIFO waits for its writer, and a file for who has a lease on it; else it is an error where one has. On Windows, nothing
    /// ever waits.
    pub wait: bool,
}

impl Opening {
    /// Follows a link, and waits.
    pub const PLAIN: Opening = Opening {
        follow: true,
        wait: true,
    };
}

/// What kind of file a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A folder.
    Dir,
    /// A symbolic link.
    Symlink,
    /// A device, a FIFO, a socket.
    Other,
}

/// What the system says of a file. Where a system has no such thing, numbers are 0 and flags false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Device number, as `stat` gives it.
    pub device: u64,
    /// Inode number.
    pub inode: u64,
    /// The mount the file was reached by; files can be exchanged within one mount only.
    pub mount: u64,
    /// The file is itself a mount point (a bind mount): it can be neither renamed nor exchanged.
    pub mount_root: bool,
    /// Regular file, folder, …
    pub kind: FileKind,
    /// Length in bytes.
    pub size: u64,
    /// Modification time: seconds and nanoseconds since the epoch.
    pub modified: (i64, u32),
    /// Time of the last change of content or attributes (ctime), the same way.
    pub changed: (i64, u32),
    /// Permission bits, with set-user-ID, set-group-ID and sticky: `0o7777`.
    pub mode: u32,
    /// Owner.
    pub user: u32,
    /// Group.
    pub group: u32,
    /// Number of names (hard links).
    pub links: u64,
    /// `chattr +i`.
    pub immutable: bool,
    /// `chattr +a`.
    pub append_only: bool,
}

/// What came of the wish to keep other programs from a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// While the handle is open no other program opens the file.
    Held,
    /// Another program has it open.
    InUse,
    /// The system, or the file system, has no such thing, or not for us.
    Unsupported,
}

/// The system calls of a transaction. Errors are the system's own ([`io::Error::raw_os_error`]);
/// an interrupted call (`EINTR`) is repeated by the real system, never reported.
#[allow(
    clippy::missing_errors_doc,
    reason = "each error is the system's for the call, as said above"
)]
pub trait System: Sync {
    /// The effective user's number (0: root).
    fn user(&self) -> u32;
    /// The absolute path of `path`, symbolic links resolved.
    fn resolve(&self, path: &Path) -> io::Result<PathBuf>;

    /// Opens the folder `path`.
    fn open_dir(&self, path: &Path) -> io::Result<Dir>;
    /// Opens the folder `name` in `dir`, which must not be a symbolic link.
    fn open_dir_at(&self, dir: &Dir, name: &OsStr) -> io::Result<Dir>;
    /// Makes the folder `name` in `dir`, for the effective user alone (0700).
    fn make_dir(&self, dir: &Dir, name: &OsStr) -> io::Result<()>;
    /// Removes the empty folder `name` in `dir`.
    fn remove_dir(&self, dir: &Dir, name: &OsStr) -> io::Result<()>;
    /// The names in `dir` and what they stand for, without `.` and `..`, in no order.
    fn list(&self, dir: &Dir) -> io::Result<Vec<(OsString, FileKind)>>;
    /// What is said of the folder itself.
    fn dir_meta(&self, dir: &Dir) -> io::Result<Meta>;
    /// Whether names may be made and removed in `dir` by the effective user.
    fn dir_writable(&self, dir: &Dir) -> io::Result<bool>;
    /// Takes away the access lists that `dir` inherited, so that files made in it inherit none.
    fn clear_acl(&self, dir: &Dir) -> io::Result<()>;
    /// Makes the names in `dir` durable.
    fn sync_dir(&self, dir: &Dir) -> io::Result<()>;
    /// Makes everything on `dir`'s file system durable.
    fn sync_all(&self, dir: &Dir) -> io::Result<()>;
    /// Locks a folder until `dir` is dropped; `false`: someone else holds it. Does not wait.
    fn lock_dir(&self, dir: &Dir) -> io::Result<bool>;

    /// Opens for reading; a symbolic link is an error (`ELOOP`), a FIFO does not block.
    fn open(&self, dir: &Dir, name: &OsStr) -> io::Result<File>;
    /// Opens for reading and writing, otherwise as [`open`](System::open). Nothing is cut off.
    fn open_write(&self, dir: &Dir, name: &OsStr) -> io::Result<File>;
    /// Opens a file that is to be written in place, as [`open_write`](System::open_write) does; where other programs are kept
    /// from a file by the way it is opened, so that none of them writes to it, removes it or, without `readers`, reads it.
    fn open_in_place(&self, dir: &Dir, name: &OsStr, readers: bool) -> io::Result<File> {
        let _ = readers;
        self.open_write(dir, name)
    }
    /// Makes a new file, open for reading and writing, with the permission bits `mode` less the umask's.
    fn create(&self, dir: &Dir, name: &OsStr, mode: u32) -> io::Result<File>;
    /// What is said of an open file.
    fn meta(&self, file: &File) -> io::Result<Meta>;
    /// What is said of the file `name`; a symbolic link is not followed.
    fn meta_at(&self, dir: &Dir, name: &OsStr) -> io::Result<Meta>;
    /// Whether the effective user may write to the file `name`.
    fn writable(&self, dir: &Dir, name: &OsStr) -> io::Result<bool>;
    /// Keeps other programs from opening `file`, until it is dropped. Does not wait.
    fn hold(&self, file: &File) -> io::Result<Hold>;
    /// Locks a file until it is dropped; `false`: someone else holds it. Does not wait.
    fn lock(&self, file: &File) -> io::Result<bool>;
    /// Reads at `offset`; returns the number of bytes read, 0 at the end. May be short.
    fn read_at(&self, file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes at `offset`; returns the number of bytes written. May be short.
    fn write_at(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<usize>;
    /// Makes a file shorter (the end of an edit in place that shortens).
    fn set_len(&self, file: &File, size: u64) -> io::Result<()>;
    /// Makes an open file's content and metadata durable.
    fn sync(&self, file: &File) -> io::Result<()>;
    /// Sets owner and group.
    fn set_owner(&self, file: &File, user: u32, group: u32) -> io::Result<()>;
    /// Sets permission bits (`0o7777`).
    fn set_mode(&self, file: &File, mode: u32) -> io::Result<()>;
    /// Sets the modification time.
    fn set_modified(&self, file: &File, modified: (i64, u32)) -> io::Result<()>;
    /// The file's flags as `chattr` sets them; 0 where there are none.
    fn flags(&self, file: &File) -> io::Result<u32>;
    /// Sets the file's flags.
    fn set_flags(&self, file: &File, flags: u32) -> io::Result<()>;
    /// The names of the extended attributes, access lists among them; none where there are none.
    fn attributes(&self, file: &File) -> io::Result<Vec<OsString>>;
    /// The value of an extended attribute.
    fn attribute(&self, file: &File, name: &OsStr) -> io::Result<Vec<u8>>;
    /// Sets an extended attribute.
    fn set_attribute(&self, file: &File, name: &OsStr, value: &[u8]) -> io::Result<()>;
    /// Removes an extended attribute.
    fn remove_attribute(&self, file: &File, name: &OsStr) -> io::Result<()>;

    /// Exchanges two names, at one blow: both exist before, at and after it.
    fn exchange(&self, dir: &Dir, name: &OsStr, to: &Dir, other: &OsStr) -> io::Result<()>;
    /// Renames, over an existing file if there is one: for a transaction's own records only.
    fn rename(&self, dir: &Dir, name: &OsStr, to: &Dir, other: &OsStr) -> io::Result<()>;
    /// Gives the file a second name, never over an existing one (`EEXIST`).
    fn link(&self, dir: &Dir, name: &OsStr, to: &Dir, other: &OsStr) -> io::Result<()>;
    /// Removes a file's name.
    fn unlink(&self, dir: &Dir, name: &OsStr) -> io::Result<()>;
}

/// Fills `buffer` from `offset`; returns how many bytes there were before the end of the file.
///
/// # Errors
/// Those of reading.
pub fn read_full(
    system: &dyn System,
    file: &File,
    buffer: &mut [u8],
    offset: u64,
) -> io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match system.read_at(file, &mut buffer[done..], offset + done as u64)? {
            0 => break,
            read => done += read,
        }
    }
    Ok(done)
}

/// Writes all of `bytes` at `offset`.
///
/// # Errors
/// Those of writing; `WriteZero` where nothing more is written.
pub fn write_full(system: &dyn System, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    let mut done = 0;
    while done < bytes.len() {
        match system.write_at(file, &bytes[done..], offset + done as u64)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            written => done += written,
        }
    }
    Ok(())
}

/// Whether an error says that there is no such name.
pub fn missing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}
