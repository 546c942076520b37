//! Opening and reading files.

use rustix::fs::{FileType, Mode, OFlags, fstat, openat};
use rustix::io::Errno;
use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Where a file's content comes from.
#[derive(Clone, Copy, Debug)]
pub enum Source<'f> {
    /// A file that is open.
    File {
        /// The file.
        file: &'f OwnedFd,
        /// It is a regular file of a local file system, which ends where a read comes short.
        short_read_ends: bool,
    },
    /// A regular file, read already.
    Bytes(&'f [u8]),
}

impl Source<'_> {
    /// The size of a regular file in bytes; none for anything else.
    pub fn size(&self) -> Option<u64> {
        match self {
            Source::Bytes(bytes) => Some(bytes.len() as u64),
            Source::File { file, .. } => fstat(file)
                .ok()
                .filter(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)
                .map(|stat| stat.st_size as u64),
        }
    }
}

/// Opens a file for reading, relative to `folder` (none: the current folder).
///
/// # Errors
/// What the system says.
pub fn open(folder: Option<BorrowedFd<'_>>, name: &CStr, extra: OFlags) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY | extra;
    let at = folder.unwrap_or(rustix::fs::CWD);
    retry(|| openat(at, name, flags, Mode::empty()))
}

/// Opens a file beneath a folder by its whole path, however long that is.
///
/// # Errors
/// What the system says.
pub fn open_by_path(path: &[u8], extra: OFlags) -> Result<OwnedFd, Errno> {
    let cut = match path.len() {
        0..=PIECE => 0,
        _ => memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1),
    };
    let folder = if cut > 0 {
        Some(open_folder(&path[..cut])?)
    } else {
        None
    };
    let name = CString::new(&path[cut..]).map_err(|_| Errno::INVAL)?;
    open(folder.as_ref().map(AsFd::as_fd), &name, extra)
}

/// The longest piece of a path that is opened at once.
const PIECE: usize = 4000;

/// Opens a folder by its path, however long that is; it ends in a slash.
///
/// # Errors
/// What the system says.
pub fn open_folder(path: &[u8]) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOCTTY;
    let mut folder: Option<OwnedFd> = None;
    let mut rest = path;
    while folder.is_none() || !rest.is_empty() {
        let cut = match rest.len() {
            0..=PIECE => rest.len(),
            _ => memchr::memrchr(b'/', &rest[..PIECE]).map_or(rest.len(), |slash| slash + 1),
        };
        let at = folder.as_ref().map_or(rustix::fs::CWD, AsFd::as_fd);
        folder = Some(retry(|| openat(at, &rest[..cut], flags, Mode::empty()))?);
        rest = &rest[cut..];
    }
    folder.ok_or(Errno::NOENT)
}

/// Reads all there is into `buffer` (its former content is dropped), `most` bytes at the most.
///
/// # Errors
/// What the system says; [`Errno::FBIG`] for more than `most` bytes, of which little is read where the size tells.
pub fn read_all(
    file: &OwnedFd,
    short_read_ends: bool,
    most: usize,
    buffer: &mut Vec<u8>,
) -> Result<(), Errno> {
    buffer.clear();
    if buffer.capacity() < FIRST {
        buffer.reserve_exact(FIRST);
    }
    let mut size = None;
    loop {
        if buffer.capacity() == buffer.len() {
            let more = buffer.len().max(FIRST);
            buffer.try_reserve(more).map_err(|_| Errno::NOMEM)?;
        }
        let room = buffer.capacity() - buffer.len();
        let got = retry(|| rustix::io::read(file, rustix::buffer::spare_capacity(buffer)))?;
        if got == 0 || short_read_ends && got < room {
            return Ok(());
        }
        // A small file is not asked for its size.
        let size = *size.get_or_insert_with(|| {
            Source::File {
                file,
                short_read_ends,
            }
            .size()
        });
        let more_than_most = size.is_some_and(|size| size > most as u64);
        if more_than_most || buffer.len() > most {
            return Err(Errno::FBIG);
        }
    }
}

/// Room for a small file, and the proof of its end in one read.
const FIRST: usize = 64 << 10;

fn retry<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            result => return result,
        }
    }
}
