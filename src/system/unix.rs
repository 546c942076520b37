//! The real system calls, by rustix. Linux is what is tested; macOS differs where it must.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{self, AtFlags, FlockOperation, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};

use super::{FileKind, Hold, Meta, System, names, xattr};

/// An open folder.
#[derive(Debug)]
pub struct Dir(pub(super) OwnedFd);

/// The operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct Real;

fn kind(mode: fs::RawMode) -> FileKind {
    kind_of(fs::FileType::from_raw_mode(mode))
}

pub(super) fn kind_of(kind: fs::FileType) -> FileKind {
    match kind {
        fs::FileType::RegularFile => FileKind::File,
        fs::FileType::Directory => FileKind::Dir,
        fs::FileType::Symlink => FileKind::Symlink,
        _ => FileKind::Other,
    }
}

#[allow(
    clippy::unnecessary_cast,
    reason = "the fields' types differ between systems"
)]
pub(super) fn from_stat(stat: &fs::Stat) -> Meta {
    Meta {
        device: stat.st_dev as u64,
        inode: stat.st_ino as u64,
        mount: 0,
        mount_root: false,
        kind: kind(stat.st_mode as fs::RawMode),
        size: stat.st_size as u64,
        modified: (stat.st_mtime as i64, stat.st_mtime_nsec as u32),
        changed: (stat.st_ctime as i64, stat.st_ctime_nsec as u32),
        mode: stat.st_mode as u32 & 0o7777,
        user: stat.st_uid,
        group: stat.st_gid,
        links: stat.st_nlink as u64,
        immutable: false,
        append_only: false,
    }
}

/// `name` in `dir`, or `dir` itself where the name is empty.
#[cfg(target_os = "linux")]
fn stat(dir: BorrowedFd<'_>, name: &OsStr) -> io::Result<Meta> {
    use fs::{StatxAttributes, StatxFlags};
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::EMPTY_PATH;
    let mask = StatxFlags::BASIC_STATS | StatxFlags::MNT_ID;
    match retry_on_intr(|| fs::statx(dir, name, flags, mask)) {
        Ok(found) => {
            let mode = u32::from(found.stx_mode);
            Ok(Meta {
                device: fs::makedev(found.stx_dev_major, found.stx_dev_minor),
                inode: found.stx_ino,
                mount: if found.stx_mask & StatxFlags::MNT_ID.bits() != 0 {
                    found.stx_mnt_id
                } else {
                    0
                },
                mount_root: found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT),
                kind: kind(mode),
                size: found.stx_size,
                modified: (found.stx_mtime.tv_sec, found.stx_mtime.tv_nsec),
                changed: (found.stx_ctime.tv_sec, found.stx_ctime.tv_nsec),
                mode: mode & 0o7777,
                user: found.stx_uid,
                group: found.stx_gid,
                links: u64::from(found.stx_nlink),
                immutable: found.stx_attributes.contains(StatxAttributes::IMMUTABLE),
                append_only: found.stx_attributes.contains(StatxAttributes::APPEND),
            })
        }
        // A kernel before 4.11, or a sandbox that does not know the call.
        Err(Errno::NOSYS) => Ok(from_stat(&retry_on_intr(|| fs::statat(dir, name, flags))?)),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn stat(dir: BorrowedFd<'_>, name: &OsStr) -> io::Result<Meta> {
    let found = if name.is_empty() {
        retry_on_intr(|| fs::fstat(dir))
    } else {
        retry_on_intr(|| fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW))
    };
    Ok(from_stat(&found?))
}

fn lock(fd: BorrowedFd<'_>) -> io::Result<bool> {
    match retry_on_intr(|| fs::flock(fd, FlockOperation::NonBlockingLockExclusive)) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn accessible(dir: BorrowedFd<'_>, name: &OsStr, access: fs::Access) -> io::Result<bool> {
    match retry_on_intr(|| fs::accessat(dir, name, access, AtFlags::EACCESS)) {
        Ok(()) => Ok(true),
        Err(Errno::ACCESS | Errno::PERM | Errno::ROFS) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

const READ: OFlags = OFlags::RDONLY
    .union(OFlags::CLOEXEC)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY);
const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::CLOEXEC)
    .union(OFlags::DIRECTORY);

impl System for Real {
    fn user(&self) -> u32 {
        rustix::process::geteuid().as_raw()
    }
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        names::resolve(path)
    }
    fn open_dir(&self, path: &Path) -> io::Result<Dir> {
        let opened = retry_on_intr(|| fs::open(path, FOLDER, Mode::empty()));
        // A folder that may be passed through but not listed is good enough to name files in.
        #[cfg(target_os = "linux")]
        let opened = match opened {
            Err(Errno::ACCESS) => {
                retry_on_intr(|| fs::open(path, FOLDER | OFlags::PATH, Mode::empty()))
            }
            other => other,
        };
        Ok(Dir(opened?))
    }
    fn open_dir_at(&self, dir: &Dir, name: &OsStr) -> io::Result<Dir> {
        let flags = FOLDER | OFlags::NOFOLLOW;
        Ok(Dir(retry_on_intr(|| {
            fs::openat(&dir.0, name, flags, Mode::empty())
        })?))
    }
    fn make_dir(&self, dir: &Dir, name: &OsStr) -> io::Result<()> {
        Ok(retry_on_intr(|| fs::mkdirat(&dir.0, name, Mode::RWXU))?)
    }
    fn remove_dir(&self, dir: &Dir, name: &OsStr) -> io::Result<()> {
        Ok(retry_on_intr(|| {
            fs::unlinkat(&dir.0, name, AtFlags::REMOVEDIR)
        })?)
    }
    fn list(&self, dir: &Dir) -> io::Result<Vec<(OsString, FileKind)>> {
        let mut names = Vec::new();
        for entry in fs::Dir::read_from(&dir.0)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            let name = OsStr::from_bytes(name).to_owned();
            let kind = match entry.file_type() {
                fs::FileType::RegularFile => FileKind::File,
                fs::FileType::Directory => FileKind::Dir,
                fs::FileType::Symlink => FileKind::Symlink,
                // Some file systems do not say it in the listing.
                fs::FileType::Unknown => {
                    stat(dir.0.as_fd(), &name).map_or(FileKind::Other, |meta| meta.kind)
                }
                _ => FileKind::Other,
            };
            names.push((name, kind));
        }
        Ok(names)
    }
    fn dir_meta(&self, dir: &Dir) -> io::Result<Meta> {
        stat(dir.0.as_fd(), OsStr::new(""))
    }
    fn dir_writable(&self, dir: &Dir) -> io::Result<bool> {
        let access = fs::Access::WRITE_OK | fs::Access::EXEC_OK;
        accessible(dir.0.as_fd(), OsStr::new("."), access)
    }
    fn clear_acl(&self, dir: &Dir) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        for name in ["system.posix_acl_default", "system.posix_acl_access"] {
            match retry_on_intr(|| fs::fremovexattr(&dir.0, name)) {
                Ok(()) | Err(Errno::NODATA | Errno::NOTSUP) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(retry_on_intr(|| fs::fchmod(&dir.0, Mode::RWXU))?)
    }
    fn sync_dir(&self, dir: &Dir) -> io::Result<()> {
        match retry_on_intr(|| fs::fsync(&dir.0)) {
            // Opened without the right to read: such a descriptor can be synced by nothing
            // narrower than the file system, and that through another one.
            #[cfg(target_os = "linux")]
            Err(Errno::BADF) => {
                rustix::fs::sync();
                Ok(())
            }
            // Some network file systems do not sync folders; their changes are synchronous.
            Err(Errno::INVAL) => Ok(()),
            other => Ok(other?),
        }
    }
    fn sync_all(&self, dir: &Dir) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        return Ok(retry_on_intr(|| fs::syncfs(&dir.0))?);
        // No narrower call exists, and this one may return before all is written: callers sync
        // each file where there is no syncfs (see `SYNCS_ALL`).
        #[cfg(not(target_os = "linux"))]
        {
            let _ = dir;
            rustix::fs::sync();
            Ok(())
        }
    }
    fn lock_dir(&self, dir: &Dir) -> io::Result<bool> {
        lock(dir.0.as_fd())
    }

    fn open(&self, dir: &Dir, name: &OsStr) -> io::Result<File> {
        Ok(retry_on_intr(|| fs::openat(&dir.0, name, READ, Mode::empty()))?.into())
    }
    fn open_write(&self, dir: &Dir, name: &OsStr) -> io::Result<File> {
        let flags = (READ - OFlags::RDONLY) | OFlags::RDWR;
        Ok(retry_on_intr(|| fs::openat(&dir.0, name, flags, Mode::empty()))?.into())
    }
    fn create(&self, dir: &Dir, name: &OsStr, mode: u32) -> io::Result<File> {
        let flags =
            OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let mode = Mode::from_raw_mode(mode as _);
        Ok(retry_on_intr(|| fs::openat(&dir.0, name, flags, mode))?.into())
    }
    fn meta(&self, file: &File) -> io::Result<Meta> {
        stat(file.as_fd(), OsStr::new(""))
    }
    fn meta_at(&self, dir: &Dir, name: &OsStr) -> io::Result<Meta> {
        stat(dir.0.as_fd(), name)
    }
    fn writable(&self, dir: &Dir, name: &OsStr) -> io::Result<bool> {
        accessible(dir.0.as_fd(), name, fs::Access::WRITE_OK)
    }
    fn lock(&self, file: &File) -> io::Result<bool> {
        lock(file.as_fd())
    }
    fn hold(&self, file: &File) -> io::Result<Hold> {
        #[cfg(target_os = "linux")]
        return super::linux::lease(file);
        #[cfg(not(target_os = "linux"))]
        {
            let _ = file;
            Ok(Hold::Unsupported)
        }
    }
    fn flags(&self, file: &File) -> io::Result<u32> {
        #[cfg(target_os = "linux")]
        return super::linux::flags(file);
        #[cfg(not(target_os = "linux"))]
        {
            let _ = file;
            Ok(0)
        }
    }
    fn set_flags(&self, file: &File, flags: u32) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        return super::linux::set_flags(file, flags);
        #[cfg(not(target_os = "linux"))]
        {
            let _ = (file, flags);
            Ok(())
        }
    }
    fn read_at(&self, file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        Ok(retry_on_intr(|| {
            rustix::io::pread(file, &mut *buffer, offset)
        })?)
    }
    fn write_at(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
        Ok(retry_on_intr(|| rustix::io::pwrite(file, bytes, offset))?)
    }
    fn set_len(&self, file: &File, size: u64) -> io::Result<()> {
        Ok(retry_on_intr(|| fs::ftruncate(file, size))?)
    }
    fn sync(&self, file: &File) -> io::Result<()> {
        // macOS: fsync does not reach the platter, but std's sync_all (F_FULLFSYNC) does.
        file.sync_all()
    }
    fn set_owner(&self, file: &File, user: u32, group: u32) -> io::Result<()> {
        let (user, group) = (fs::Uid::from_raw(user), fs::Gid::from_raw(group));
        Ok(retry_on_intr(|| fs::fchown(file, Some(user), Some(group)))?)
    }
    #[allow(
        clippy::useless_conversion,
        reason = "the raw mode's type differs between systems"
    )]
    fn set_mode(&self, file: &File, mode: u32) -> io::Result<()> {
        let mode = Mode::from_raw_mode(mode.try_into().unwrap_or_default());
        Ok(retry_on_intr(|| fs::fchmod(file, mode))?)
    }
    fn set_modified(&self, file: &File, (seconds, nanoseconds): (i64, u32)) -> io::Result<()> {
        let times = fs::Timestamps {
            last_access: fs::Timespec {
                tv_sec: 0,
                tv_nsec: fs::UTIME_OMIT,
            },
            last_modification: fs::Timespec {
                tv_sec: seconds,
                tv_nsec: nanoseconds.into(),
            },
        };
        Ok(retry_on_intr(|| fs::futimens(file, &times))?)
    }
    fn attributes(&self, file: &File) -> io::Result<Vec<OsString>> {
        xattr::list(file)
    }
    fn attribute(&self, file: &File, name: &OsStr) -> io::Result<Vec<u8>> {
        xattr::get(file, name)
    }
    fn set_attribute(&self, file: &File, name: &OsStr, value: &[u8]) -> io::Result<()> {
        xattr::set(file, name, value)
    }
    fn remove_attribute(&self, file: &File, name: &OsStr) -> io::Result<()> {
        xattr::remove(file, name)
    }

    fn exchange(&self, dir: &Dir, name: &OsStr, to: &Dir, other: &OsStr) -> io::Result<()> {
        // renameat2(RENAME_EXCHANGE) on Linux, renameatx_np(RENAME_SWAP) on macOS. Elsewhere the
        // error sends the transaction to its other way of writing, in place under the manifest.
        #[cfg(any(target_os = "linux", target_vendor = "apple"))]
        return Ok(retry_on_intr(|| {
            fs::renameat_with(&dir.0, name, &to.0, other, fs::RenameFlags::EXCHANGE)
        })?);
        #[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
        {
            let _ = (dir, name, to, other);
            Err(Errno::NOSYS.into())
        }
    }
    fn rename(&self, dir: &Dir, name: &OsStr, to: &Dir, other: &OsStr) -> io::Result<()> {
        Ok(retry_on_intr(|| fs::renameat(&dir.0, name, &to.0, other))?)
    }
    fn link(&self, dir: &Dir, name: &OsStr, to: &Dir, other: &OsStr) -> io::Result<()> {
        Ok(retry_on_intr(|| {
            fs::linkat(&dir.0, name, &to.0, other, AtFlags::empty())
        })?)
    }
    fn unlink(&self, dir: &Dir, name: &OsStr) -> io::Result<()> {
        Ok(retry_on_intr(|| {
            fs::unlinkat(&dir.0, name, AtFlags::empty())
        })?)
    }
}
