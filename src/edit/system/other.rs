//! The real system calls where there is no Unix, by the standard library. Not tested: no such system
//! was at hand.
//!
//! Windows' ReplaceFileW replaces one file by another, but leaves moments without the name and cannot
//! be taken back at one blow, so nothing is exchanged here: [`exchange`](System::exchange) says that it
//! cannot, and every file is edited in place, with the bytes it loses saved and durable before, as a
//! file with hard links is on Linux. Folders are named by path; owners, modes and extended attributes
//! stay because the file does. Folders cannot be synced; renames are journalled by NTFS.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use super::{Kind, Lock, Meta, Space, System};

/// A folder, known by its path.
#[derive(Debug)]
pub struct Dir(PathBuf);

/// The operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct Real;

fn unsupported<T>() -> io::Result<T> {
    Err(io::ErrorKind::Unsupported.into())
}

fn kind(of: fs::FileType) -> Kind {
    match of {
        of if of.is_symlink() => Kind::Symlink,
        of if of.is_dir() => Kind::Dir,
        of if of.is_file() => Kind::File,
        _ => Kind::Other,
    }
}

/// The standard library gives no file number; the time of creation, which stays with a file, stands in.
fn meta(found: &fs::Metadata) -> io::Result<Meta> {
    let since = |time: io::Result<std::time::SystemTime>| {
        let time = time.unwrap_or(UNIX_EPOCH);
        time.duration_since(UNIX_EPOCH).unwrap_or_default()
    };
    let mut number = DefaultHasher::new();
    since(found.created()).hash(&mut number);
    let modified = since(found.modified());
    Ok(Meta {
        device: 0,
        inode: number.finish(),
        mount: 0,
        mount_root: false,
        kind: kind(found.file_type()),
        size: found.len(),
        modified: (modified.as_secs() as i64, modified.subsec_nanos()),
        mode: if found.permissions().readonly() {
            0o400
        } else {
            0o600
        },
        user: 0,
        group: 0,
        links: 1,
        immutable: false,
        append_only: false,
    })
}

impl System for Real {
    fn user(&self) -> u32 {
        0
    }
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        path.canonicalize()
    }
    fn open_dir(&self, path: &Path) -> io::Result<Dir> {
        match fs::metadata(path)?.is_dir() {
            true => Ok(Dir(path.to_owned())),
            false => Err(io::ErrorKind::NotADirectory.into()),
        }
    }
    fn open_dir_at(&self, dir: &Dir, name: &OsStr) -> io::Result<Dir> {
        self.open_dir(&dir.0.join(name))
    }
    fn make_dir(&self, dir: &Dir, name: &OsStr) -> io::Result<()> {
        fs::create_dir(dir.0.join(name))
    }
    fn remove_dir(&self, dir: &Dir, name: &OsStr) -> io::Result<()> {
        fs::remove_dir(dir.0.join(name))
    }
    fn list(&self, dir: &Dir) -> io::Result<Vec<(OsString, Kind)>> {
        fs::read_dir(&dir.0)?
            .map(|entry| {
                let entry = entry?;
                Ok((entry.file_name(), kind(entry.file_type()?)))
            })
            .collect()
    }
    fn dir_meta(&self, dir: &Dir) -> io::Result<Meta> {
        let found = meta(&fs::metadata(&dir.0)?)?;
        Ok(Meta {
            mode: 0o700,
            ..found
        })
    }
    fn dir_writable(&self, _: &Dir) -> io::Result<bool> {
        Ok(true)
    }
    fn clear_acl(&self, _: &Dir) -> io::Result<()> {
        Ok(())
    }
    fn sync_dir(&self, _: &Dir) -> io::Result<()> {
        Ok(())
    }
    fn sync_all(&self, _: &Dir) -> io::Result<()> {
        unsupported()
    }
    fn space(&self, _: &Dir) -> io::Result<Space> {
        // Unknown: a full disk shows when the slots are written, before any file is touched.
        Ok(Space {
            bytes: u64::MAX,
            block: 1,
            files: None,
        })
    }
    fn lock_dir(&self, _: &Dir, _: Lock) -> io::Result<bool> {
        unsupported()
    }
    fn open(&self, dir: &Dir, name: &OsStr) -> io::Result<File> {
        File::open(dir.0.join(name))
    }
    fn open_write(&self, dir: &Dir, name: &OsStr) -> io::Result<File> {
        OpenOptions::new()
            .read(true)
            .write(true)
            .open(dir.0.join(name))
    }
    fn create(&self, dir: &Dir, name: &OsStr) -> io::Result<File> {
        OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(dir.0.join(name))
    }
    fn meta(&self, file: &File) -> io::Result<Meta> {
        meta(&file.metadata()?)
    }
    fn meta_at(&self, dir: &Dir, name: &OsStr) -> io::Result<Meta> {
        meta(&fs::symlink_metadata(dir.0.join(name))?)
    }
    fn writable(&self, dir: &Dir, name: &OsStr) -> io::Result<bool> {
        let found = fs::metadata(dir.0.join(name))?;
        Ok(!found.permissions().readonly())
    }
    fn lock(&self, file: &File) -> io::Result<bool> {
        match file.try_lock() {
            Ok(()) => Ok(true),
            Err(fs::TryLockError::WouldBlock) => Ok(false),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }
    fn read_at(&self, mut file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        file.seek(SeekFrom::Start(offset))?;
        file.read(buffer)
    }
    fn write_at(&self, mut file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
        file.seek(SeekFrom::Start(offset))?;
        file.write(bytes)
    }
    fn set_len(&self, file: &File, size: u64) -> io::Result<()> {
        file.set_len(size)
    }
    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }
    fn set_owner(&self, _: &File, _: u32, _: u32) -> io::Result<()> {
        unsupported()
    }
    fn set_mode(&self, _: &File, _: u32) -> io::Result<()> {
        unsupported()
    }
    fn set_modified(&self, file: &File, (seconds, nanoseconds): (i64, u32)) -> io::Result<()> {
        let since = Duration::new(seconds.try_into().unwrap_or_default(), nanoseconds);
        file.set_modified(UNIX_EPOCH + since)
    }
    fn attributes(&self, _: &File) -> io::Result<Vec<OsString>> {
        Ok(Vec::new())
    }
    fn attribute(&self, _: &File, _: &OsStr) -> io::Result<Vec<u8>> {
        unsupported()
    }
    fn set_attribute(&self, _: &File, _: &OsStr, _: &[u8]) -> io::Result<()> {
        unsupported()
    }
    fn remove_attribute(&self, _: &File, _: &OsStr) -> io::Result<()> {
        unsupported()
    }
    fn exchange(&self, _: &Dir, _: &OsStr, _: &Dir, _: &OsStr) -> io::Result<()> {
        unsupported()
    }
    fn rename(&self, dir: &Dir, name: &OsStr, to: &Dir, other: &OsStr) -> io::Result<()> {
        fs::rename(dir.0.join(name), to.0.join(other))
    }
    fn link(&self, dir: &Dir, name: &OsStr, to: &Dir, other: &OsStr) -> io::Result<()> {
        fs::hard_link(dir.0.join(name), to.0.join(other))
    }
    fn unlink(&self, dir: &Dir, name: &OsStr) -> io::Result<()> {
        fs::remove_file(dir.0.join(name))
    }
}
