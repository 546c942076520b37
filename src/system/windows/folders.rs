//! Folders as a search opens and lists them.

use std::ffi::{CStr, CString};
use std::fs::{FileType, OpenOptions};
use std::io;
use std::ops::ControlFlow;
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use windows_sys::Win32::Foundation::{ERROR_DIRECTORY, ERROR_INVALID_NAME};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_READ_ATTRIBUTES,
    FILE_SHARE_READ, FILE_SHARE_WRITE,
};

use super::super::{FileKind, Meta};
use super::{Dir, errors, files, names};

/// Opens the folder `name` in `above` (none: the name is a path from the current folder); `follow`: where it is a link,
/// too.
///
/// # Errors
/// What the system says.
pub fn open(above: Option<&Dir>, name: &CStr, follow: bool) -> io::Result<Dir> {
    let name = names::path(name.to_bytes());
    let path = above.map_or_else(|| name.to_path_buf(), |above| above.at(&name));
    open_path(path, follow)
}

/// Opens a folder by its path from `above` (none: the current folder).
///
/// # Errors
/// What the system says.
pub fn open_by_path(above: Option<&Dir>, path: &[u8]) -> io::Result<Dir> {
    let path = names::path(path);
    let path = above.map_or_else(|| path.to_path_buf(), |above| above.path.join(&path));
    open_path(names::found(path), true)
}

pub(super) fn open_path(path: PathBuf, follow: bool) -> io::Result<Dir> {
    if !follow && path.is_symlink() {
        return Err(errors::not_followed());
    }
    match path.metadata()?.is_dir() {
        true => Ok(Dir { path, pin: None }),
        false => Err(io::Error::from_raw_os_error(ERROR_DIRECTORY as i32)),
    }
}

/// Opens a folder by its path, and keeps it and those above it from being renamed or removed, where the user may list it.
pub(super) fn open_pinned(path: &Path) -> io::Result<Dir> {
    let mut how = OpenOptions::new();
    how.read(true)
        .share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE);
    let pin = how.custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(path).ok();
    let dir = open_path(path.to_path_buf(), true)?;
    Ok(Dir { pin, ..dir })
}

/// Volume and file index of a folder.
///
/// # Errors
/// What the system says.
pub fn identity(folder: &Dir) -> io::Result<(u64, u64)> {
    let meta = meta(&folder.path, true)?;
    Ok((meta.device, meta.inode))
}

/// What the system says of what a path stands for; `follow`: where it is a link, of that which it leads to.
pub(super) fn meta(path: &Path, follow: bool) -> io::Result<Meta> {
    let link = match follow {
        true => 0,
        false => FILE_FLAG_OPEN_REPARSE_POINT,
    };
    let file = OpenOptions::new()
        .access_mode(FILE_READ_ATTRIBUTES)
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | link)
        .open(path)?;
    let mut meta = files::meta(&file)?;
    if !follow && path.is_symlink() {
        meta.kind = FileKind::Symlink;
    }
    Ok(meta)
}

/// Whether a folder's file system is a local one, whose regular files end where a read comes short.
pub fn is_local(_: &Dir) -> bool {
    // Another read proves the end.
    false
}

/// What kind of file the name `name` in `folder` stands for; `follow`: where it is a link, that which it leads to.
///
/// # Errors
/// What the system says.
pub fn kind(folder: &Dir, name: &CStr, follow: bool) -> io::Result<FileKind> {
    let path = folder.at(names::path(name.to_bytes()));
    let meta = match follow {
        true => path.metadata(),
        false => path.symlink_metadata(),
    };
    Ok(kind_of(meta?.file_type()))
}

/// Junctions are links, too.
pub(super) fn kind_of(found: FileType) -> FileKind {
    if found.is_symlink() {
        FileKind::Symlink
    } else if found.is_dir() {
        FileKind::Dir
    } else if found.is_file() {
        FileKind::File
    } else {
        FileKind::Other
    }
}

/// What the listing of a folder comes to.
pub enum Listing<'l> {
    /// A name, and what it stands for; none where the system does not say so yet (see [`kind`]).
    Name(&'l CStr, Option<FileKind>),
    /// The system gave no more names at once; it is asked for more.
    EndOfPiece,
}

/// Lists a folder, in no order, until `each` ends it.
///
/// # Errors
/// What the system says.
pub fn list(folder: &Dir, mut each: impl FnMut(Listing<'_>) -> ControlFlow<()>) -> io::Result<()> {
    /// Names of a piece: about what Linux gives at once.
    const PIECE: usize = 1024;
    for (at, entry) in folder.path.read_dir()?.enumerate() {
        let entry = entry?;
        let name = CString::new(entry.file_name().into_encoded_bytes())
            .map_err(|_| io::Error::from_raw_os_error(ERROR_INVALID_NAME as i32))?;
        let kind = entry.file_type().ok().map(kind_of);
        let mut flow = each(Listing::Name(&name, kind));
        if flow.is_continue() && (at + 1) % PIECE == 0 {
            flow = each(Listing::EndOfPiece);
        }
        if flow.is_break() {
            return Ok(());
        }
    }
    let _ = each(Listing::EndOfPiece);
    Ok(())
}
