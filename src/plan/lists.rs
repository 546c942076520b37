//! Lists of patterns or values, one a line: as grini reads them, whatever system they come from.

use crate::files::Document;
use crate::system::{FileKind, Opening, errors, files, streams};
use encoding_rs::Encoding;
use std::ffi::{CString, OsStr};
use std::fmt;
use std::fs::File;
use std::io::{self, Read};

/// The lines of a list, less the blank ones.
#[derive(Debug, Default)]
pub(super) struct ListLines {
    /// Line number, from 1, and the line without its end.
    pub entries: Vec<(usize, Vec<u8>)>,
    /// The numbers of the blank lines.
    blank: Vec<usize>,
}

/// A list that cannot be read.
#[derive(Debug)]
pub(super) struct ListError {
    path: String,
    error: std::io::Error,
}

impl fmt::Display for ListError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.path, errors::text(&self.error))
    }
}

impl ListLines {
    /// What is to be said of the blank lines, if there are any.
    pub(super) fn warning(&self, path: &str, what: &str) -> Option<String> {
        let first = self.blank.first()?;
        let more = match self.blank.len() - 1 {
            0 => String::new(),
            1 => " (and 1 more)".to_owned(),
            more => format!(" (and {more} more)"),
        };
        Some(format!("{path}:{first}: warning: {what}{more}"))
    }
}

/// Opens a list.
///
/// # Errors
/// What the system says.
pub(super) fn open(path: &OsStr) -> io::Result<File> {
    let name = CString::new(path.as_encoded_bytes())?;
    files::open(None, &name, Opening::PLAIN)
}

/// Reads a list that was opened to its end.
///
/// # Errors
/// What the system says; in the words for a folder, where it is one.
pub(super) fn read_to_end(mut file: File, text: &mut Vec<u8>) -> io::Result<usize> {
    match files::meta(&file)?.kind {
        FileKind::Dir => Err(errors::is_a_folder()),
        _ => file.read_to_end(text),
    }
}

/// Reads standard input to its end. What is closed the standard library takes for empty.
///
/// # Errors
/// What the system says.
pub(super) fn standard_input(text: &mut Vec<u8>) -> io::Result<usize> {
    streams::input().and_then(|_| io::stdin().lock().read_to_end(text))
}

/// All of a list (`-`: standard input).
///
/// # Errors
/// It cannot be read.
pub(super) fn bytes(path: &OsStr) -> Result<Vec<u8>, ListError> {
    let mut text = Vec::new();
    let read = if path == "-" {
        standard_input(&mut text)
    } else {
        open(path).and_then(|file| read_to_end(file, &mut text))
    };
    read.map(|_| text).map_err(|error| ListError {
        path: path.to_string_lossy().into_owned(),
        error,
    })
}

/// The lines of a list: a byte order mark decides its encoding, else lines that are not UTF-8 are in `fallback`; CRLF and
/// a lone CR end lines, too.
///
/// # Errors
/// It cannot be read.
pub(super) fn read(path: &OsStr, fallback: &'static Encoding) -> Result<ListLines, ListError> {
    let bytes = bytes(path)?;
    let document = Document::new(&bytes, fallback);
    Ok(lines(document.text()))
}

/// The patterns of a list: as [`read`] has its lines, but without a byte order mark lines that are not UTF-8 stay as they
/// are, for text in the locale's character set.
pub(super) fn patterns(bytes: &[u8]) -> ListLines {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0xef, 0xbb, 0xbf, ..] => {
            lines(Document::new(bytes, encoding_rs::UTF_8).text())
        }
        _ => lines(bytes),
    }
}

fn lines(text: &[u8]) -> ListLines {
    let mut lines = ListLines::default();
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    if text.is_empty() {
        return lines;
    }
    for (at, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.trim_ascii().is_empty() {
            lines.blank.push(at + 1);
        } else {
            lines.entries.push((at + 1, line.to_vec()));
        }
    }
    lines
}
