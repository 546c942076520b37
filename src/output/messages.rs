//! Messages on standard error: every one starts with the program's name.

use super::escape::escaped;
use std::fmt::Display;
use std::io::Write;

/// Prints `PROGRAM: MESSAGE` to standard error. A closed standard error is no reason to fail.
pub fn message(program: &str, text: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{program}: {text}");
}

/// A path for a message: as it is, less what would control the terminal.
pub fn shown_path(path: &[u8]) -> String {
    String::from_utf8_lossy(&escaped(path, false)).into_owned()
}
