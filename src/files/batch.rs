//! The unit of parallel work: a run of files of one folder, or of operands.

use super::trouble::Problem;
use std::ffi::CStr;
use std::ops::Range;
use std::sync::Arc;

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

/// A folder whose files are searched.
#[derive(Debug)]
pub struct Folder {
    /// The path to open it by; ends in a slash.
    pub path: Vec<u8>,
    /// Whether its file system is a local one, where a read that gives less than was asked for came to the end of a
    /// regular file.
    pub short_read_ends: bool,
}

/// One file to search, borrowed from its batch.
#[derive(Clone, Copy, Debug)]
pub struct Haystack<'b> {
    /// The path as it is shown, and NUL.
    path: &'b [u8],
    /// Where the name within the folder begins in the path.
    name: usize,
    /// How it was found.
    pub origin: Origin,
}

impl<'b> Haystack<'b> {
    /// The path as it is shown.
    pub fn path(&self) -> &'b [u8] {
        &self.path[..self.path.len() - 1]
    }

    /// What to open, relative to the batch's folder.
    pub fn name(&self) -> &'b CStr {
        CStr::from_bytes_until_nul(&self.path[self.name..]).unwrap_or_default()
    }
}

/// A run of files, in order.
#[derive(Debug, Default)]
pub struct Batch {
    /// The folder the names are relative to; none: the current folder.
    pub folder: Option<Arc<Folder>>,
    /// Complaints met before these files.
    pub problems: Vec<Problem>,
    /// How its files were found.
    origin: Option<Origin>,
    paths: Vec<u8>,
    ends: Vec<usize>,
    /// Length of the path's part that is not the name.
    prefix: usize,
}

impl Batch {
    /// An empty batch of files of `folder`, whose path as shown is `prefix` bytes long.
    pub fn of_folder(folder: Arc<Folder>, prefix: usize) -> Batch {
        Batch {
            folder: Some(folder),
            origin: Some(Origin::Walked),
            prefix,
            ..Batch::default()
        }
    }

    /// Standard input.
    pub fn stdin() -> Batch {
        let mut batch = Batch {
            origin: Some(Origin::Stdin),
            ..Batch::default()
        };
        batch.push([b"-", b""]);
        batch
    }

    /// Number of files.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it holds no file.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The file at `at`.
    pub fn haystack(&self, at: usize) -> Haystack<'_> {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        Haystack {
            path: &self.paths[start..self.ends[at]],
            name: self.prefix,
            origin: self.origin.unwrap_or(Origin::Operand),
        }
    }

    /// The files, in order.
    pub fn haystacks(&self) -> impl Iterator<Item = Haystack<'_>> {
        self.indices().map(|at| self.haystack(at))
    }

    /// The indices of the files.
    pub fn indices(&self) -> Range<usize> {
        0..self.len()
    }

    /// Adds a file; its path is the two parts, without NUL bytes.
    pub fn push(&mut self, parts: [&[u8]; 2]) {
        for part in parts {
            self.paths.extend_from_slice(part);
        }
        self.paths.push(0);
        self.ends.push(self.paths.len());
    }
}
