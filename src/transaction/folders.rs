//! The folders of the files edited: each resolved once, numbered, and opened through a bounded cache.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::error::found;
use crate::system::{Dir, Meta, System};

/// How many folders are kept open at once; far below the usual limit of 1024 descriptors.
const OPEN: usize = 128;

/// A folder's number in [`KnownFolders`].
pub(super) type FolderId = u32;

/// One folder.
#[derive(Debug)]
pub(super) struct KnownFolder {
    /// Absolute, without symbolic links.
    pub(super) path: PathBuf,
    pub(super) inode: u64,
    /// What was said of it when it was added; `None`: that was by a transaction that ended.
    pub(super) meta: Option<Meta>,
    /// Whether names in it may be changed.
    pub(super) writable: bool,
}

/// All folders of a transaction.
#[derive(Debug, Default)]
pub(super) struct KnownFolders {
    list: Vec<KnownFolder>,
    by_path: HashMap<PathBuf, FolderId>,
    open: Mutex<HashMap<FolderId, Arc<Dir>>>,
}

impl KnownFolders {
    /// Adds the folder `path` (as the user gave it), or finds it again.
    pub(super) fn add(&mut self, system: &dyn System, path: &Path) -> io::Result<FolderId> {
        let path = if path.as_os_str().is_empty() {
            Path::new(".")
        } else {
            path
        };
        if let Some(&id) = self.by_path.get(path) {
            return Ok(id);
        }
        let real = system.resolve(path)?;
        let id = match self.by_path.get(&real) {
            Some(&id) => id,
            None => {
                let dir = system.open_dir(&real)?;
                let meta = system.dir_meta(&dir)?;
                let id = self.push(KnownFolder {
                    path: real,
                    inode: meta.inode,
                    meta: Some(meta),
                    writable: system.dir_writable(&dir)?,
                })?;
                self.remember(id, Arc::new(dir));
                id
            }
        };
        self.by_path.insert(path.to_owned(), id);
        Ok(id)
    }

    fn push(&mut self, folder: KnownFolder) -> io::Result<FolderId> {
        let id = FolderId::try_from(self.list.len()).map_err(|_| io::ErrorKind::OutOfMemory)?;
        self.by_path.insert(folder.path.clone(), id);
        self.list.push(folder);
        Ok(id)
    }

    /// Adds a folder of a transaction that ended after the others, whether it is there or not.
    pub(super) fn add_known(&mut self, path: PathBuf, inode: u64) -> io::Result<FolderId> {
        self.push(KnownFolder {
            path,
            inode,
            meta: None,
            writable: true,
        })
    }

    /// The folder numbered `id`.
    pub(super) fn get(&self, id: FolderId) -> &KnownFolder {
        &self.list[id as usize]
    }

    /// All folders, in the order of their numbers.
    pub(super) fn all(&self) -> &[KnownFolder] {
        &self.list
    }

    /// The folder, open. It is the very folder that was added, or an error.
    pub(super) fn dir(&self, system: &dyn System, id: FolderId) -> io::Result<Arc<Dir>> {
        let known = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(dir) = known.get(&id) {
            return Ok(Arc::clone(dir));
        }
        drop(known);
        let folder = self.get(id);
        let dir = found(system.open_dir(&folder.path))?.ok_or_else(gone)?;
        let meta = system.dir_meta(&dir)?;
        let device = folder.meta.map_or(meta.device, |known| known.device);
        if (meta.device, meta.inode) != (device, folder.inode) {
            return Err(gone());
        }
        let dir = Arc::new(dir);
        self.remember(id, Arc::clone(&dir));
        Ok(dir)
    }

    fn remember(&self, id: FolderId, dir: Arc<Dir>) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        // Files come folder by folder, so forgetting all now and then costs little.
        if open.len() >= OPEN {
            open.clear();
        }
        open.insert(id, dir);
    }
}

/// The error for a folder that is not there.
pub(super) fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "its folder is gone or not mounted")
}

/// The deepest folder that holds all of `paths`; `None` for no paths.
pub(super) fn common<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Option<PathBuf> {
    let mut paths = paths.into_iter();
    let mut common = paths.next()?.to_owned();
    for path in paths {
        while !path.starts_with(&common) {
            if !common.pop() {
                break;
            }
        }
    }
    Some(common)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_folder_is_the_deepest_one() {
        let of = |paths: &[&str]| common(paths.iter().map(|path| Path::new(*path)));
        assert_eq!(of(&["/a/b", "/a/bc"]), Some("/a".into()));
        assert_eq!(of(&["/a/b/c", "/a/b"]), Some("/a/b".into()));
        assert_eq!(of(&["/a", "/b"]), Some("/".into()));
        assert_eq!(of(&[]), None);
    }
}
