//! Windows.

#![allow(unsafe_code)]

use std::fs::File;
use std::path::{Path, PathBuf};

mod calls;
pub mod errors;
pub mod files;
pub mod folders;
mod globs;
pub mod names;
mod security;
pub mod signals;
pub mod streams;

pub use calls::Real;

/// A folder. Names in it are found by its path.
#[derive(Debug)]
pub struct Dir {
    path: PathBuf,
    /// While it is open, neither the folder nor one above it can be renamed or removed, so that the path stays true.
    #[expect(dead_code, reason = "it is held, not used")]
    pin: Option<File>,
}

impl Dir {
    /// The path of a file in the folder.
    fn at(&self, name: impl AsRef<Path>) -> PathBuf {
        names::found(self.path.join(name))
    }
}
