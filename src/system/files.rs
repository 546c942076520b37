//! Files as a search opens and reads them.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io;
use std::os::fd::AsFd;

use rustix::fs::{Access, AtFlags, CWD, Mode, OFlags, SeekFrom, accessat, fstat, openat, seek};
use rustix::io::{Errno, pread, retry_on_intr};

use super::{Dir, FileKind, Meta, Opening, folders, unix};

/// Opens a file for reading, relative to `folder` (none: the current folder).
///
/// # Errors
/// What the system says.
pub fn open(folder: Option<&Dir>, name: &CStr, how: Opening) -> io::Result<File> {
    let at = folder.map_or(CWD, |folder| folder.0.as_fd());
    let mut flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY;
    flags.set(OFlags::NOFOLLOW, !how.follow);
    flags.set(OFlags::NONBLOCK, !how.wait);
    let file = retry_on_intr(|| openat(at, name, flags, Mode::empty()))?;
    Ok(file.into())
}

/// Opens a file beneath a folder by its whole path, however long that is.
///
/// # Errors
/// What the system says.
pub fn open_by_path(path: &[u8], how: Opening) -> io::Result<File> {
    let cut = match path.len() {
        0..=folders::PIECE => 0,
        _ => memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1),
    };
    let folder = if cut > 0 {
        Some(folders::open_by_path(None, &path[..cut])?)
    } else {
        None
    };
    let name = CString::new(&path[cut..]).map_err(|_| Errno::INVAL)?;
    open(folder.as_ref(), &name, how)
}

/// Whether the effective user may read the file or folder `path`.
///
/// # Errors
/// Why he may not.
pub fn may_read(path: &[u8]) -> io::Result<()> {
    Ok(accessat(CWD, path, Access::READ_OK, AtFlags::EACCESS)?)
}

/// What the system says of an open file; without its mount and attributes.
///
/// # Errors
/// What the system says.
pub fn meta(file: &File) -> io::Result<Meta> {
    Ok(unix::from_stat(&fstat(file)?))
}

/// The size of a regular file in bytes; none for anything else.
pub fn size(file: &File) -> Option<u64> {
    let meta = meta(file).ok()?;
    (meta.kind == FileKind::File).then_some(meta.size)
}

/// Reads once, into the spare capacity of `buffer`; returns the number of bytes that it grew by, 0 at the end.
///
/// # Errors
/// What the system says.
pub fn read(file: &File, buffer: &mut Vec<u8>) -> io::Result<usize> {
    loop {
        match rustix::io::read(file, rustix::buffer::spare_capacity(buffer)) {
            Err(Errno::INTR) => {}
            result => return Ok(result?),
        }
    }
}

/// Reads at `offset`; returns the number of bytes read, 0 at the end. May be short.
///
/// # Errors
/// What the system says.
pub fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    Ok(retry_on_intr(|| pread(file, &mut *buffer, offset))?)
}

/// Whether a regular file has a hole after the `read` bytes that were read: it reads as NUL bytes.
pub fn has_hole(file: &File, read: u64) -> bool {
    let Some(size) = size(file).filter(|size| *size > read) else {
        return false;
    };
    let Ok(here) = seek(file, SeekFrom::Current(0)) else {
        return false;
    };
    let hole = seek(file, SeekFrom::Hole(here));
    let _ = seek(file, SeekFrom::Start(here));
    hole.is_ok_and(|hole| hole < size)
}

/// Where there is data in a file, at `offset` or later; a hole before it reads as NUL bytes. Moves the file's position.
pub fn next_data(file: &File, offset: u64) -> u64 {
    match seek(file, SeekFrom::Data(offset)) {
        Ok(data) => data,
        // There is none.
        Err(Errno::NXIO) => u64::MAX,
        Err(_) => offset,
    }
}
