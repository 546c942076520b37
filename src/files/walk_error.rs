//! What goes wrong on the way to a file, in the system's words.

use crate::system::errors;
use std::{fmt, io};

/// What went wrong with a folder or an operand.
#[derive(Debug)]
pub struct Problem {
    /// The path as it is shown.
    pub path: Vec<u8>,
    /// What happened.
    pub what: WalkError,
}

/// The errors that a walk meets.
#[derive(Debug)]
pub enum WalkError {
    /// A system call failed.
    Failed(io::Error),
    /// A link leads back to a folder above it.
    Loop,
    /// It lies deeper than folders are walked.
    Deep,
    /// A folder operand holds no file that `--include` names.
    NotIncluded,
    /// A folder operand holds no file that would be searched.
    NoFile {
        /// Files of a dialect would be.
        of_dialect: bool,
        /// But not those that lists of ignored files name.
        ignores: bool,
    },
}

impl fmt::Display for WalkError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WalkError::Failed(error) => out.write_str(&errors::text(error)),
            WalkError::Loop => out.write_str("recursive directory loop"),
            WalkError::Deep => {
                out.write_str("it lies too deep; search it from a folder nearer to it")
            }
            WalkError::NotIncluded => {
                out.write_str("no file beneath this folder that --include names")
            }
            WalkError::NoFile {
                of_dialect,
                ignores,
            } => {
                let files = match of_dialect {
                    true => {
                        "no file of this dialect beneath this folder (DIALECTS in the manual has their names)"
                    }
                    false => "no .ini file beneath this folder",
                };
                let skips = if *ignores {
                    " that --ignore-files does not skip"
                } else {
                    ""
                };
                write!(
                    out,
                    "{files}{skips}; name others with --include=GLOB, or search every file with -r"
                )
            }
        }
    }
}
