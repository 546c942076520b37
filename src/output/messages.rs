//! Messages on standard error: every one starts with the program's name.

use super::escape::escaped;
use std::borrow::Cow;
use std::fmt::Display;
use std::io::{IsTerminal, Write};

/// Prints `PROGRAM: MESSAGE` to standard error.
pub fn message(program: &str, text: impl Display) {
    print(format!("{program}: {text}").as_bytes());
}

/// Prints a whole message, which may have several lines, less what would control the terminal in what it quotes. A closed
/// standard error is no reason to fail.
pub fn print(message: &[u8]) {
    let mut out = Vec::with_capacity(message.len() + 1);
    for line in message.split(|byte| *byte == b'\n') {
        out.extend_from_slice(&escaped(line, true));
        out.push(b'\n');
    }
    let _ = std::io::stderr().lock().write_all(&out);
}

/// Messages about files, gathered in one thread and printed in another.
pub struct Messages {
    /// The name they start with.
    program: String,
    /// Names stand in them as they are, as GNU grep prints them; but not on a terminal, which they might control.
    literal: bool,
}

impl Messages {
    /// Messages of `program`; `literal`: with the names as they are, where standard error is no terminal.
    pub fn new(program: &str, literal: bool) -> Messages {
        Messages {
            program: program.to_owned(),
            literal,
        }
    }

    fn literal(&self) -> bool {
        self.literal && !std::io::stderr().is_terminal()
    }

    /// The message `PROGRAM: PATH: TEXT`, or `PROGRAM: PATH:LINE: TEXT`.
    pub fn about(&self, path: &[u8], line: Option<u64>, text: impl Display) -> Vec<u8> {
        let path = if self.literal() {
            Cow::Borrowed(path)
        } else {
            escaped(path, false)
        };
        let line = line.map_or(String::new(), |line| format!("{line}:"));
        let program = self.program.as_bytes();
        let text = format!(":{line} {text}");
        [program, b": ", &path, text.as_bytes()].concat()
    }

    /// Prints what [`Messages::about`] made.
    pub fn print(&self, message: &[u8]) {
        if self.literal() {
            let _ = std::io::stderr()
                .lock()
                .write_all(&[message, b"\n"].concat());
        } else {
            print(message);
        }
    }
}

/// A path for a message: as it is, less what would control the terminal.
pub fn shown_path(path: &[u8]) -> String {
    String::from_utf8_lossy(&escaped(path, false)).into_owned()
}
