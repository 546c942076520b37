//! Windows: what a search needs. Nothing is written there: [`Real`] refuses.

#![allow(unsafe_code)]

use std::path::PathBuf;

pub mod errors;
pub mod files;
pub mod folders;
pub mod names;
mod refusal;
pub mod streams;

pub use refusal::Real;

/// A folder. Names in it are found by its path.
#[derive(Debug)]
pub struct Dir(PathBuf);
