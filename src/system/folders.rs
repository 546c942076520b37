//! Folders as a search opens and lists them.

use std::ffi::CStr;
use std::io;
use std::ops::ControlFlow;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, fstat, openat, statat};
use rustix::io::{Errno, retry_on_intr};

use super::{Dir, FileKind, unix};

const FLAGS: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::CLOEXEC)
    .union(OFlags::NOCTTY);

/// Opens the folder `name` in `above` (none: the name is a path from the current folder); `follow`: where it is a link,
/// too.
///
/// # Errors
/// What the system says.
pub fn open(above: Option<&Dir>, name: &CStr, follow: bool) -> io::Result<Dir> {
    let flags = if follow {
        FLAGS
    } else {
        FLAGS | OFlags::NOFOLLOW
    };
    let at = above.map_or(CWD, |folder| folder.0.as_fd());
    Ok(Dir(openat(at, name, flags, Mode::empty())?))
}

/// The longest piece of a path that is opened at once.
pub(super) const PIECE: usize = 4000;

/// Opens a folder by its path from `above` (none: the current folder), however long that is; it ends in a slash.
///
/// # Errors
/// What the system says.
pub fn open_by_path(above: Option<&Dir>, path: &[u8]) -> io::Result<Dir> {
    let mut folder: Option<OwnedFd> = None;
    let mut rest = path;
    while folder.is_none() || !rest.is_empty() {
        let cut = match rest.len() {
            0..=PIECE => rest.len(),
            _ => memchr::memrchr(b'/', &rest[..PIECE]).map_or(rest.len(), |slash| slash + 1),
        };
        let start = || above.map_or(CWD, |above| above.0.as_fd());
        let at = folder.as_ref().map_or_else(start, AsFd::as_fd);
        folder = Some(retry_on_intr(|| {
            openat(at, &rest[..cut], FLAGS, Mode::empty())
        })?);
        rest = &rest[cut..];
    }
    Ok(Dir(folder.ok_or(Errno::NOENT)?))
}

/// Device and inode of an open folder.
///
/// # Errors
/// What the system says.
pub fn identity(folder: &Dir) -> io::Result<(u64, u64)> {
    let meta = unix::from_stat(&fstat(&folder.0)?);
    Ok((meta.device, meta.inode))
}

/// Whether a folder's file system is a local one, whose regular files end where a read comes short.
#[cfg(target_os = "linux")]
pub fn is_local(folder: &Dir) -> bool {
    /// ext2 to ext4, XFS, btrfs, F2FS, tmpfs, overlayfs (linux/magic.h).
    const LOCAL: &[u32] = &[
        0xef53,
        0x5846_5342,
        0x9123_683e,
        0xf2f5_2010,
        0x0102_1994,
        0x794c_7630,
    ];
    rustix::fs::fstatfs(&folder.0).is_ok_and(|system| LOCAL.contains(&(system.f_type as u32)))
}

/// Whether a folder's file system is a local one, whose regular files end where a read comes short.
#[cfg(not(target_os = "linux"))]
pub fn is_local(_: &Dir) -> bool {
    // Another read proves the end.
    false
}

/// What kind of file the name `name` in `folder` stands for; `follow`: where it is a link, that which it leads to.
///
/// # Errors
/// What the system says.
pub fn kind(folder: &Dir, name: &CStr, follow: bool) -> io::Result<FileKind> {
    let flags = if follow {
        AtFlags::empty()
    } else {
        AtFlags::SYMLINK_NOFOLLOW
    };
    let stat = statat(&folder.0, name, flags)?;
    Ok(unix::kind_of(FileType::from_raw_mode(stat.st_mode)))
}

/// What the listing of a folder comes to.
pub enum Listing<'l> {
    /// A name, and what it stands for; none where the system does not say so yet (see [`kind`]).
    Name(&'l CStr, Option<FileKind>),
    /// The system gave no more names at once; it is asked for more.
    EndOfPiece,
}

/// Lists a folder, in no order, with `.` and `..`, until `each` ends it.
///
/// # Errors
/// What the system says.
#[cfg(target_os = "linux")]
pub fn list(folder: &Dir, mut each: impl FnMut(Listing<'_>) -> ControlFlow<()>) -> io::Result<()> {
    /// Bytes of entries read at once.
    const CHUNK: usize = 32 << 10;
    let mut buffer = vec![std::mem::MaybeUninit::uninit(); CHUNK];
    let mut entries = rustix::fs::RawDir::new(&folder.0, &mut buffer);
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let kind = known(entry.file_type());
        let mut flow = each(Listing::Name(entry.file_name(), kind));
        if flow.is_continue() && entries.is_buffer_empty() {
            flow = each(Listing::EndOfPiece);
        }
        if flow.is_break() {
            break;
        }
    }
    Ok(())
}

/// Lists a folder, in no order, with `.` and `..`, until `each` ends it.
///
/// # Errors
/// What the system says.
#[cfg(not(target_os = "linux"))]
pub fn list(folder: &Dir, mut each: impl FnMut(Listing<'_>) -> ControlFlow<()>) -> io::Result<()> {
    /// Names of a piece: about what Linux gives at once.
    const PIECE: usize = 1024;
    for (at, entry) in rustix::fs::Dir::read_from(&folder.0)?.enumerate() {
        let entry = entry?;
        let kind = known(entry.file_type());
        let mut flow = each(Listing::Name(entry.file_name(), kind));
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

fn known(kind: FileType) -> Option<FileKind> {
    (kind != FileType::Unknown).then(|| unix::kind_of(kind))
}
