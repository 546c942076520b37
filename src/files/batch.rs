//! What is searched in one go: a run of files of one folder, or of operands.

use super::ignored::Ignored;
use super::list::FolderNames;
use crate::system::{Dir, folders};
use std::ffi::{CStr, CString};
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// How a file came to be searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Standard input.
    Stdin,
    /// Named on the command line.
    Operand,
    /// Met beneath a folder.
    Walked,
}

/// A folder that was listed.
pub struct Folder {
    /// It, open; none where it lies so deep that it was closed again.
    pub dir: Option<Dir>,
    /// Its path as it is shown: ends in a slash, or is empty.
    pub prefix: Vec<u8>,
    /// Whether its file system is a local one, where a read that gives less than was asked for came to the end of a
    /// regular file.
    pub short_read_ends: bool,
    /// What it holds, in path order.
    pub names: FolderNames,
    /// The folder that it was met in.
    pub above: Option<Arc<Folder>>,
    /// The lists of ignored files for it.
    pub ignored: Option<Ignored>,
    /// Device and inode.
    pub identity: (u64, u64),
    /// How many folders lie above it.
    pub depth: usize,
    /// Whether a file was met beneath the operand that it lies in.
    pub met: Arc<AtomicBool>,
}

impl Folder {
    /// Its path, to open it by; ends in a slash.
    pub fn path(&self) -> &[u8] {
        if self.prefix.is_empty() {
            b"./"
        } else {
            &self.prefix
        }
    }

    /// Opens it once more, from the nearest one above it that is open.
    ///
    /// # Errors
    /// What the system says.
    pub fn reopened(&self) -> io::Result<Dir> {
        let mut open = (self.with_above().skip(1))
            .filter_map(|folder| Some((folder.dir.as_ref()?, folder.prefix.len())));
        match open.next() {
            Some((dir, start)) => folders::open_by_path(Some(dir), &self.prefix[start..]),
            None => folders::open_by_path(None, self.path()),
        }
    }

    /// Whether it, or one above it, is the folder with that device and inode.
    pub fn lies_in(&self, identity: (u64, u64)) -> bool {
        self.with_above().any(|folder| folder.identity == identity)
    }

    fn with_above(&self) -> impl Iterator<Item = &Folder> {
        std::iter::successors(Some(self), |folder| folder.above.as_deref())
    }
}

impl Drop for Folder {
    /// Folders above end one by one: as deep as they may lie, one within the other would take too much of the stack.
    fn drop(&mut self) {
        let mut next = self.above.take();
        while let Some(mut folder) = next.and_then(Arc::into_inner) {
            next = folder.above.take();
        }
    }
}

/// One file to search.
#[derive(Clone, Copy, Debug)]
pub struct Haystack<'b> {
    /// The path as it is shown.
    pub path: &'b [u8],
    /// What to open, relative to the batch's folder.
    pub name: &'b CStr,
    /// How it was found.
    pub origin: Origin,
}

/// A run of files, in order.
pub enum Batch {
    /// Files named on the command line; `-` is standard input.
    Operands(Vec<CString>),
    /// Of a folder, the names at these places.
    Files(Arc<Folder>, Range<usize>),
}

impl Batch {
    /// Number of files.
    pub fn count(&self) -> usize {
        match self {
            Batch::Operands(operands) => operands.len(),
            Batch::Files(_, names) => names.len(),
        }
    }

    /// The folder that its files are in; none: the current one.
    pub fn folder(&self) -> Option<&Arc<Folder>> {
        match self {
            Batch::Files(folder, _) => Some(folder),
            Batch::Operands(_) => None,
        }
    }

    /// The file at `at`; its path is put together in `path`.
    pub fn haystack<'b>(&'b self, at: usize, path: &'b mut Vec<u8>) -> Haystack<'b> {
        match self {
            Batch::Operands(operands) => Haystack {
                path: operands[at].to_bytes(),
                name: &operands[at],
                origin: match operands[at].as_c_str() == c"-" {
                    true => Origin::Stdin,
                    false => Origin::Operand,
                },
            },
            Batch::Files(folder, names) => {
                path.clear();
                path.extend_from_slice(&folder.prefix);
                path.extend_from_slice(folder.names.get(names.start + at));
                path.push(0);
                let (path, from) = (path.as_slice(), folder.prefix.len());
                Haystack {
                    path: &path[..path.len() - 1],
                    // A name that was listed has no NUL.
                    name: CStr::from_bytes_with_nul(&path[from..]).unwrap_or_default(),
                    origin: Origin::Walked,
                }
            }
        }
    }

    /// The files from `at` on, if there are any.
    pub fn rest(self, at: usize) -> Option<Batch> {
        if at >= self.count() {
            return None;
        }
        Some(match self {
            Batch::Operands(operands) => Batch::Operands(operands[at..].to_vec()),
            Batch::Files(folder, names) => Batch::Files(folder, names.start + at..names.end),
        })
    }
}
