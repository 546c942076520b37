//! The calls of a transaction: what only reads is done, what would write is refused, so that nothing is ever half written.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::windows::fs::FileExt;
use std::path::{Path, PathBuf};

use super::super::{Hold, Kind, Meta, System};
use super::{Dir, errors, files, folders};

/// The operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct Real;

fn refused<T>() -> io::Result<T> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "files are not edited on Windows yet; apply the diff that is printed without --in-place",
    ))
}

fn open(path: &Path) -> io::Result<File> {
    match path.is_symlink() {
        true => Err(errors::not_followed()),
        false => File::open(path),
    }
}

impl System for Real {
    fn user(&self) -> u32 {
        0
    }
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        path.canonicalize()
    }

    fn open_dir(&self, path: &Path) -> io::Result<Dir> {
        folders::open_path(path.to_path_buf(), true)
    }
    fn open_dir_at(&self, dir: &Dir, name: &OsStr) -> io::Result<Dir> {
        folders::open_path(dir.0.join(name), false)
    }
    fn make_dir(&self, _: &Dir, _: &OsStr) -> io::Result<()> {
        refused()
    }
    fn remove_dir(&self, _: &Dir, _: &OsStr) -> io::Result<()> {
        refused()
    }
    fn list(&self, dir: &Dir) -> io::Result<Vec<(OsString, Kind)>> {
        dir.0
            .read_dir()?
            .map(|entry| {
                let entry = entry?;
                Ok((entry.file_name(), folders::kind_of(entry.file_type()?)))
            })
            .collect()
    }
    fn dir_meta(&self, dir: &Dir) -> io::Result<Meta> {
        folders::meta(&dir.0, true)
    }
    fn dir_writable(&self, _: &Dir) -> io::Result<bool> {
        refused()
    }
    fn clear_acl(&self, _: &Dir) -> io::Result<()> {
        refused()
    }
    fn sync_dir(&self, _: &Dir) -> io::Result<()> {
        refused()
    }
    fn sync_all(&self, _: &Dir) -> io::Result<()> {
        refused()
    }
    fn lock_dir(&self, _: &Dir) -> io::Result<bool> {
        refused()
    }

    fn open(&self, dir: &Dir, name: &OsStr) -> io::Result<File> {
        open(&dir.0.join(name))
    }
    fn open_write(&self, _: &Dir, _: &OsStr) -> io::Result<File> {
        refused()
    }
    fn create(&self, _: &Dir, _: &OsStr, _: u32) -> io::Result<File> {
        refused()
    }
    fn meta(&self, file: &File) -> io::Result<Meta> {
        files::meta(file)
    }
    fn meta_at(&self, dir: &Dir, name: &OsStr) -> io::Result<Meta> {
        folders::meta(&dir.0.join(name), false)
    }
    fn writable(&self, _: &Dir, _: &OsStr) -> io::Result<bool> {
        refused()
    }
    fn hold(&self, _: &File) -> io::Result<Hold> {
        Ok(Hold::Unsupported)
    }
    fn lock(&self, _: &File) -> io::Result<bool> {
        refused()
    }
    fn read_at(&self, file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        file.seek_read(buffer, offset)
    }
    fn write_at(&self, _: &File, _: &[u8], _: u64) -> io::Result<usize> {
        refused()
    }
    fn set_len(&self, _: &File, _: u64) -> io::Result<()> {
        refused()
    }
    fn sync(&self, _: &File) -> io::Result<()> {
        refused()
    }
    fn set_owner(&self, _: &File, _: u32, _: u32) -> io::Result<()> {
        refused()
    }
    fn set_mode(&self, _: &File, _: u32) -> io::Result<()> {
        refused()
    }
    fn set_modified(&self, _: &File, _: (i64, u32)) -> io::Result<()> {
        refused()
    }
    fn flags(&self, _: &File) -> io::Result<u32> {
        Ok(0)
    }
    fn set_flags(&self, _: &File, _: u32) -> io::Result<()> {
        refused()
    }
    fn attributes(&self, _: &File) -> io::Result<Vec<OsString>> {
        Ok(Vec::new())
    }
    fn attribute(&self, _: &File, _: &OsStr) -> io::Result<Vec<u8>> {
        refused()
    }
    fn set_attribute(&self, _: &File, _: &OsStr, _: &[u8]) -> io::Result<()> {
        refused()
    }
    fn remove_attribute(&self, _: &File, _: &OsStr) -> io::Result<()> {
        refused()
    }

    fn exchange(&self, _: &Dir, _: &OsStr, _: &Dir, _: &OsStr) -> io::Result<()> {
        refused()
    }
    fn rename(&self, _: &Dir, _: &OsStr, _: &Dir, _: &OsStr) -> io::Result<()> {
        refused()
    }
    fn link(&self, _: &Dir, _: &OsStr, _: &Dir, _: &OsStr) -> io::Result<()> {
        refused()
    }
    fn unlink(&self, _: &Dir, _: &OsStr) -> io::Result<()> {
        refused()
    }
}
