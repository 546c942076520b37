//! What goes wrong on the way to a file, in the system's words.

use rustix::io::Errno;
use std::fmt;

/// What went wrong with a folder or an operand.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The path as it is shown.
    pub path: Vec<u8>,
    /// What happened.
    pub what: Trouble,
}

/// The kinds of trouble a walk meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A system call failed.
    Failed(Errno),
    /// A link leads back to a folder above it.
    Loop,
    /// It lies deeper than folders are walked.
    Deep,
    /// A folder operand holds no file that would be searched.
    NoFile,
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Failed(errno) => out.write_str(&errno_text(*errno)),
            Trouble::Loop => out.write_str("recursive directory loop"),
            Trouble::Deep => out.write_str("it lies too deep; search it from a folder nearer to it"),
            Trouble::NoFile => out.write_str(
                "no .ini file beneath this folder; name others with --include=GLOB, or search every file with -r",
            ),
        }
    }
}

/// The system's text for an error, without Rust's "(os error N)".
pub fn errno_text(errno: Errno) -> String {
    io_error_text(&errno.into())
}

/// The text of an error, without Rust's "(os error N)".
pub fn io_error_text(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}
