//! The calls of a transaction.
//!
//! Files are written in place, always: so they keep their owner, access list, streams, attributes and names. Another
//! program is kept from a file by the way it is opened ([`System::open_in_place`]).

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::fs::{FileExt, OpenOptionsExt};
use std::os::windows::io::AsRawHandle;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_IO_PENDING, ERROR_LOCK_VIOLATION, GENERIC_READ, GENERIC_WRITE,
};
use windows_sys::Win32::Security::SECURITY_ATTRIBUTES;
use windows_sys::Win32::Storage::FileSystem::*;
use windows_sys::Win32::System::IO::OVERLAPPED;

use super::super::{FileKind, Hold, Meta, System};
use super::{Dir, errors, files, folders, names, security};

/// The operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct Real;

/// Where the byte is that locks a file: no file is as long, for a locked byte can be neither read nor written by others.
const LOCK: u64 = 1 << 62;

/// How long a call is tried again: a virus scanner, an indexer or another grini may have a file open for a moment.
const PATIENCE: Duration = Duration::from_secs(2);

/// The attribute that holds a file's access list.
const ACCESS_LIST: &str = "access list";

/// Calls again while the error is one that `passes`.
fn patiently<T>(
    passes: fn(&io::Error) -> bool,
    mut call: impl FnMut() -> io::Result<T>,
) -> io::Result<T> {
    let end = Instant::now() + PATIENCE;
    loop {
        match call() {
            Err(error) if passes(&error) && Instant::now() < end => {
                std::thread::sleep(Duration::from_millis(10));
            }
            result => return result,
        }
    }
}

/// A path as the system takes it, however long it is.
fn wide(path: &Path) -> Vec<u16> {
    names::long(path)
        .as_os_str()
        .encode_wide()
        .chain([0])
        .collect()
}

fn done(result: i32) -> io::Result<()> {
    match result {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

fn options(access: u32) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.access_mode(access);
    options
}

fn open(path: &Path, how: &OpenOptions) -> io::Result<File> {
    match path.is_symlink() {
        true => Err(errors::not_followed()),
        false => how.open(path),
    }
}

fn set_read_only(file: &File, read_only: bool) -> io::Result<()> {
    let mut permissions = file.metadata()?.permissions();
    permissions.set_readonly(read_only);
    file.set_permissions(permissions)
}

fn is_read_only(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.permissions().readonly())
}

/// Opens a read-only file for writing. It is read-only again before anything is written: the system looks at the
/// attribute only when a file is opened.
fn open_read_only(path: &Path, how: &OpenOptions) -> io::Result<File> {
    let attributes = open(path, &options(FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES))?;
    set_read_only(&attributes, false)?;
    let opened = open(path, how);
    set_read_only(&attributes, true)?;
    opened
}

impl System for Real {
    fn user(&self) -> u32 {
        0
    }
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        names::resolve(path)
    }

    fn open_dir(&self, path: &Path) -> io::Result<Dir> {
        folders::open_pinned(path)
    }
    fn open_dir_at(&self, dir: &Dir, name: &OsStr) -> io::Result<Dir> {
        folders::open_path(dir.at(name), false)
    }
    fn make_dir(&self, dir: &Dir, name: &OsStr) -> io::Result<()> {
        let descriptor = security::of_us_alone()?;
        let attributes = SECURITY_ATTRIBUTES {
            nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
            lpSecurityDescriptor: descriptor.pointer(),
            bInheritHandle: 0,
        };
        let path = wide(&dir.at(name));
        // SAFETY: the path ends in NUL, and the descriptor lives until the call is over.
        done(unsafe { CreateDirectoryW(path.as_ptr(), &attributes) })
    }
    fn remove_dir(&self, dir: &Dir, name: &OsStr) -> io::Result<()> {
        patiently(errors::may_pass, || fs::remove_dir(dir.at(name)))
    }
    fn list(&self, dir: &Dir) -> io::Result<Vec<(OsString, FileKind)>> {
        fs::read_dir(&dir.path)?
            .map(|entry| {
                let entry = entry?;
                Ok((entry.file_name(), folders::kind_of(entry.file_type()?)))
            })
            .collect()
    }
    fn dir_meta(&self, dir: &Dir) -> io::Result<Meta> {
        let mut meta = folders::meta(&dir.path, true)?;
        // Where a file system has no access lists, anyone may write.
        let held = security::of_folder(&dir.path).unwrap_or(security::FolderSecurity {
            ours: true,
            others_write: true,
        });
        meta.mode = if held.others_write { 0o722 } else { 0o700 };
        meta.user = u32::from(!held.ours);
        Ok(meta)
    }
    fn dir_writable(&self, dir: &Dir) -> io::Result<bool> {
        let mut how = options(FILE_ADD_FILE);
        match how.custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(&dir.path) {
            Err(error) if errors::not_writable(&error) => Ok(false),
            opened => opened.map(|_| true),
        }
    }
    fn clear_acl(&self, _: &Dir) -> io::Result<()> {
        // It is made without inherited ones.
        Ok(())
    }
    fn sync_dir(&self, dir: &Dir) -> io::Result<()> {
        let mut how = options(GENERIC_WRITE);
        how.custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
        let folder = patiently(errors::held_by_another, || how.open(&dir.path));
        match folder.and_then(|folder| folder.sync_all()) {
            // Not on this file system, or not for us: then the rename itself waited for the disk.
            Err(error) if errors::not_allowed(&error) => Ok(()),
            synced => synced,
        }
    }
    fn sync_all(&self, dir: &Dir) -> io::Result<()> {
        self.sync_dir(dir)
    }
    fn lock_dir(&self, _: &Dir) -> io::Result<bool> {
        // A folder cannot be locked; the lock of the journal says enough.
        Ok(true)
    }

    fn open(&self, dir: &Dir, name: &OsStr) -> io::Result<File> {
        let how = options(GENERIC_READ);
        patiently(errors::held_by_another, || open(&dir.at(name), &how))
    }
    fn open_write(&self, dir: &Dir, name: &OsStr) -> io::Result<File> {
        open(&dir.at(name), &options(GENERIC_READ | GENERIC_WRITE))
    }
    fn open_in_place(&self, dir: &Dir, name: &OsStr, readers: bool) -> io::Result<File> {
        let path = dir.at(name);
        let mut how = options(GENERIC_READ | GENERIC_WRITE);
        how.share_mode(if readers { FILE_SHARE_READ } else { 0 });
        match open(&path, &how) {
            Err(error) if errors::is(&error, &[ERROR_ACCESS_DENIED]) && is_read_only(&path) => {
                open_read_only(&path, &how)
            }
            opened => opened,
        }
    }
    fn create(&self, dir: &Dir, name: &OsStr, _: u32) -> io::Result<File> {
        options(GENERIC_READ | GENERIC_WRITE | WRITE_DAC)
            .write(true)
            .create_new(true)
            .open(dir.at(name))
    }
    fn meta(&self, file: &File) -> io::Result<Meta> {
        files::meta(file)
    }
    fn meta_at(&self, dir: &Dir, name: &OsStr) -> io::Result<Meta> {
        folders::meta(&dir.at(name), false)
    }
    fn writable(&self, dir: &Dir, name: &OsStr) -> io::Result<bool> {
        match self.open_write(dir, name) {
            Err(error) if errors::not_writable(&error) => Ok(false),
            opened => opened.map(|_| true),
        }
    }
    fn hold(&self, _: &File) -> io::Result<Hold> {
        // It is held since it was opened.
        Ok(Hold::Held)
    }
    fn lock(&self, file: &File) -> io::Result<bool> {
        let mut place = OVERLAPPED::default();
        place.Anonymous.Anonymous.Offset = LOCK as u32;
        place.Anonymous.Anonymous.OffsetHigh = (LOCK >> 32) as u32;
        let how = LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY;
        // SAFETY: the handle is open, and the call does not wait, so that it has done with the structure when it returns.
        match done(unsafe { LockFileEx(file.as_raw_handle(), how, 0, 1, 0, &mut place) }) {
            Ok(()) => Ok(true),
            Err(error) if errors::is(&error, &[ERROR_LOCK_VIOLATION, ERROR_IO_PENDING]) => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
    fn read_at(&self, file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        files::read_at(file, buffer, offset)
    }
    fn write_at(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
        file.seek_write(bytes, offset)
    }
    fn set_len(&self, file: &File, size: u64) -> io::Result<()> {
        file.set_len(size)
    }
    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }
    fn set_owner(&self, _: &File, _: u32, _: u32) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn set_mode(&self, file: &File, mode: u32) -> io::Result<()> {
        set_read_only(file, mode & 0o222 == 0)
    }
    fn set_modified(&self, file: &File, (seconds, nanoseconds): (i64, u32)) -> io::Result<()> {
        let whole = Duration::from_secs(seconds.unsigned_abs());
        let time = match seconds < 0 {
            true => SystemTime::UNIX_EPOCH.checked_sub(whole),
            false => SystemTime::UNIX_EPOCH.checked_add(whole),
        };
        let time = time.and_then(|time| time.checked_add(Duration::from_nanos(nanoseconds.into())));
        file.set_modified(time.ok_or_else(errors::invalid)?)
    }
    fn flags(&self, _: &File) -> io::Result<u32> {
        Ok(0)
    }
    fn set_flags(&self, _: &File, _: u32) -> io::Result<()> {
        Ok(())
    }
    fn attributes(&self, _: &File) -> io::Result<Vec<OsString>> {
        Ok(vec![ACCESS_LIST.into()])
    }
    fn attribute(&self, file: &File, _: &OsStr) -> io::Result<Vec<u8>> {
        security::access_list(file)
    }
    fn set_attribute(&self, file: &File, _: &OsStr, value: &[u8]) -> io::Result<()> {
        security::set_access_list(file, value)
    }
    fn remove_attribute(&self, _: &File, _: &OsStr) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn exchange(&self, _: &Dir, _: &OsStr, _: &Dir, _: &OsStr) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn rename(&self, dir: &Dir, name: &OsStr, to: &Dir, other: &OsStr) -> io::Result<()> {
        let (old, new) = (wide(&dir.at(name)), wide(&to.at(other)));
        let how = MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH;
        patiently(errors::may_pass, || {
            // SAFETY: both paths end in NUL.
            done(unsafe { MoveFileExW(old.as_ptr(), new.as_ptr(), how) })
        })
    }
    fn link(&self, dir: &Dir, name: &OsStr, to: &Dir, other: &OsStr) -> io::Result<()> {
        fs::hard_link(dir.at(name), to.at(other))
    }
    fn unlink(&self, dir: &Dir, name: &OsStr) -> io::Result<()> {
        patiently(errors::may_pass, || fs::remove_file(dir.at(name)))
    }
}
