//! The two names of the binary.

use crate::system::names;
use std::ffi::OsStr;
use std::path::Path;

/// The name the program was called by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Called {
    /// `grini`, or any name that is none of the others.
    Grini,
    /// `grep`: GNU grep.
    Grep,
    /// `egrep`: `grep -E`.
    Egrep,
    /// `fgrep`: `grep -F`.
    Fgrep,
}

impl Called {
    /// The name in `argv[0]`.
    pub fn from_argv0(argv0: &OsStr) -> Called {
        let file = Path::new(argv0).file_name();
        match file.map(names::program).as_deref().and_then(OsStr::to_str) {
            Some("grep") => Called::Grep,
            Some("egrep") => Called::Egrep,
            Some("fgrep") => Called::Fgrep,
            _ => Called::Grini,
        }
    }

    /// The name that messages start with.
    pub fn name(self) -> &'static str {
        match self {
            Called::Grini => "grini",
            Called::Grep | Called::Egrep | Called::Fgrep => "grep",
        }
    }

    /// Whether it is to behave as GNU grep to the letter.
    pub fn as_grep(self) -> bool {
        self != Called::Grini
    }
}
