//! Messages on standard error: every one starts with the program's name.

use super::escape::escaped;
use std::fmt::Display;
use std::io::Write;

/// Prints `PROGRAM: MESSAGE` to standard error.
pub fn message(program: &str, text: impl Display) {
    print(&format!("{program}: {text}"));
}

/// Prints a whole message, which may have several lines, less what would control the terminal in what it quotes. A closed
/// standard error is no reason to fail.
pub fn print(message: &str) {
    let mut out = Vec::with_capacity(message.len() + 1);
    for line in message.split('\n') {
        out.extend_from_slice(&escaped(line.as_bytes(), true));
        out.push(b'\n');
    }
    let _ = std::io::stderr().lock().write_all(&out);
}

/// A path for a message: as it is, less what would control the terminal.
pub fn shown_path(path: &[u8]) -> String {
    String::from_utf8_lossy(&escaped(path, false)).into_owned()
}
