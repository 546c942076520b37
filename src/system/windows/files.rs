//! Files as a search opens and reads them.

use std::ffi::CStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::windows::fs::{FileExt, OpenOptionsExt};
use std::os::windows::io::AsRawHandle;
use std::path::Path;

use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_READONLY, FILE_BASIC_INFO,
    FILE_FLAG_BACKUP_SEMANTICS, FILE_TYPE_DISK, FileBasicInfo, GetFileInformationByHandle,
    GetFileInformationByHandleEx, GetFileType,
};

use super::super::{FileKind, Meta, Opening};
use super::{Dir, errors, names};

/// Opens a file for reading, relative to `folder` (none: the current folder).
///
/// # Errors
/// What the system says.
pub fn open(folder: Option<&Dir>, name: &CStr, how: Opening) -> io::Result<File> {
    let name = names::path(name.to_bytes());
    match folder {
        None => open_path(&name, how),
        Some(folder) => open_path(&folder.at(&name), how),
    }
}

/// Opens a file beneath a folder by its whole path.
///
/// # Errors
/// What the system says.
pub fn open_by_path(path: &[u8], how: Opening) -> io::Result<File> {
    open_path(&names::found(names::path(path).into_owned()), how)
}

fn open_path(path: &Path, how: Opening) -> io::Result<File> {
    if !how.follow && path.is_symlink() {
        return Err(errors::not_followed());
    }
    File::open(path).or_else(|error| match error.kind() {
        // As elsewhere a folder can be opened, and not read.
        io::ErrorKind::PermissionDenied if path.is_dir() => {
            let mut options = File::options();
            options.read(true).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
            options.open(path)
        }
        _ => Err(error),
    })
}

/// Whether the user may read the file or folder `path`.
///
/// # Errors
/// Why he may not.
pub fn may_read(path: &[u8]) -> io::Result<()> {
    let path = names::path(path);
    if path.is_dir() {
        path.read_dir().map(drop)
    } else {
        File::open(path).map(drop)
    }
}

/// What the system says of an open file.
///
/// # Errors
/// What the system says.
pub fn meta(file: &File) -> io::Result<Meta> {
    let mut meta = Meta {
        device: 0,
        inode: 0,
        mount: 0,
        mount_root: false,
        kind: FileKind::Other,
        size: 0,
        modified: (0, 0),
        changed: (0, 0),
        mode: 0,
        user: 0,
        group: 0,
        links: 0,
        immutable: false,
        append_only: false,
    };
    let handle = file.as_raw_handle();
    // SAFETY: the handle is open.
    if unsafe { GetFileType(handle) } != FILE_TYPE_DISK {
        return Ok(meta);
    }
    let mut known = BY_HANDLE_FILE_INFORMATION::default();
    let mut times = FILE_BASIC_INFO::default();
    // SAFETY: the handle is open, and each structure is as large as its call is to fill.
    let done = unsafe {
        GetFileInformationByHandle(handle, &mut known) != 0
            && GetFileInformationByHandleEx(
                handle,
                FileBasicInfo,
                (&raw mut times).cast(),
                size_of::<FILE_BASIC_INFO>() as u32,
            ) != 0
    };
    if !done {
        return Err(io::Error::last_os_error());
    }
    let joined = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
    meta.device = known.dwVolumeSerialNumber.into();
    meta.inode = joined(known.nFileIndexHigh, known.nFileIndexLow);
    meta.kind = match known.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY {
        0 => FileKind::File,
        _ => FileKind::Dir,
    };
    meta.mode = match known.dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_READONLY)
    {
        FILE_ATTRIBUTE_READONLY => 0o444,
        _ => 0o666,
    };
    meta.size = joined(known.nFileSizeHigh, known.nFileSizeLow);
    meta.modified = since_epoch(times.LastWriteTime);
    meta.changed = since_epoch(times.ChangeTime);
    meta.links = known.nNumberOfLinks.into();
    Ok(meta)
}

/// Seconds and nanoseconds since 1970, from tenths of microseconds since 1601.
fn since_epoch(time: i64) -> (i64, u32) {
    const SECOND: i64 = 10_000_000;
    const EPOCH: i64 = 11_644_473_600;
    let nanoseconds = time.rem_euclid(SECOND) * 100;
    (time.div_euclid(SECOND) - EPOCH, nanoseconds as u32)
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
pub fn read(mut file: &File, buffer: &mut Vec<u8>) -> io::Result<usize> {
    let before = buffer.len();
    buffer.resize(buffer.capacity(), 0);
    let got = file.read(&mut buffer[before..]);
    buffer.truncate(before + got.as_ref().map_or(0, |got| *got));
    got.map_err(|error| match meta(file) {
        Ok(meta) if meta.kind == FileKind::Dir => errors::is_a_folder(),
        _ => error,
    })
}

/// Reads at `offset`, from which the file's position goes on; returns the number of bytes read, 0 at the end. May be
/// short.
///
/// # Errors
/// What the system says.
pub fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    file.seek_read(buffer, offset)
}

/// Whether a regular file has a hole after what was read; nothing asks for holes here.
pub fn has_hole(_: &File, _: u64) -> bool {
    false
}

/// Where there is data in a file, at `offset` or later; nothing asks for holes here.
pub fn next_data(_: &File, offset: u64) -> u64 {
    offset
}
