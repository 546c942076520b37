//! Messages on standard error: every one starts with the program's name.

use super::escape::escaped;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

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

/// Refusals that are printed whole, at most.
const WHOLE: usize = 20;

/// What a message about a refusal starts with; its kind follows, up to the next one, then the message itself.
const REFUSAL: u8 = 0;

/// Messages about files, gathered in one thread and printed in another.
pub struct Messages {
    /// The name they start with.
    program: String,
    /// Names stand in them as they are, as GNU grep prints them; but not on a terminal, which they might control.
    literal: bool,
    /// How many refusals were printed whole, and of which kinds the others are.
    refusals: Mutex<(usize, BTreeMap<Vec<u8>, usize>)>,
}

impl Messages {
    /// Messages of `program`; `literal`: with the names as they are, where standard error is no terminal.
    pub fn new(program: &str, literal: bool) -> Messages {
        Messages {
            program: program.to_owned(),
            literal,
            refusals: Mutex::default(),
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

    /// As [`Messages::about`], for a refused edit of that kind.
    pub fn refusal(
        &self,
        path: &[u8],
        line: Option<u64>,
        text: impl Display,
        kind: &str,
    ) -> Vec<u8> {
        let message = self.about(path, line, text);
        [&[REFUSAL], kind.as_bytes(), &[REFUSAL], &message].concat()
    }

    /// Prints how many refusals were not printed whole, by their kind.
    pub fn print_counted(&self) {
        let refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kinds: Vec<(&Vec<u8>, &usize)> = refusals.1.iter().collect();
        kinds.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        for (kind, count) in kinds {
            let files = if *count == 1 { "file" } else { "files" };
            let kind = String::from_utf8_lossy(kind);
            message(
                &self.program,
                format_args!("and {count} more {files}: {kind}"),
            );
        }
    }

    /// Prints what [`Messages::about`] or [`Messages::refusal`] made.
    pub fn print(&self, message: &[u8]) {
        let mut parts = message.splitn(3, |byte| *byte == REFUSAL);
        if let (Some([]), Some(kind), Some(whole)) = (parts.next(), parts.next(), parts.next()) {
            let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
            if refusals.0 >= WHOLE {
                *refusals.1.entry(kind.to_vec()).or_default() += 1;
                return;
            }
            refusals.0 += 1;
            drop(refusals);
            return self.print(whole);
        }
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
