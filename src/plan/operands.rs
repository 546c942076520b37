//! FILEs: those of the command line, or those that `--files0-from` lists.

use super::lists;
use crate::flags::{Id, Typed, UsageError};
use crate::system::{errors, names};
use std::ffi::OsStr;

/// What is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operands {
    /// No FILE was named.
    Default,
    /// These, in order; a list may be empty.
    Named(Vec<Vec<u8>>),
}

impl Operands {
    /// Those that `typed` names; `left`: the operands that are not PATTERNS.
    ///
    /// # Errors
    /// Both ways were used, or the list cannot be read or holds an empty name. The messages are GNU wc's.
    pub(super) fn named(typed: &Typed, left: &[&OsStr]) -> Result<Operands, UsageError> {
        let Some(list) = typed.value(Id::Files0From) else {
            let literal = left.len().saturating_sub(typed.literal_operands());
            let named = left.iter().enumerate().flat_map(|(at, operand)| {
                let operand = operand.as_encoded_bytes();
                let wild = if at < literal {
                    names::expanded(operand)
                } else {
                    None
                };
                wild.unwrap_or_else(|| vec![operand.to_vec()])
            });
            return Ok(if left.is_empty() {
                Operands::Default
            } else {
                Operands::Named(named.collect())
            });
        };
        let shown = list.to_string_lossy();
        let error = |text: String| Err(UsageError::plain(text));
        if let Some(operand) = left.first() {
            return error(format!(
                "extra operand '{}': file operands cannot be combined with --files0-from",
                operand.to_string_lossy()
            ));
        }
        let from_stdin = list == "-";
        let mut text = Vec::new();
        let read = if from_stdin {
            lists::standard_input(&mut text)
        } else {
            match lists::open(list) {
                Ok(file) => lists::read_to_end(file, &mut text),
                Err(failure) => {
                    let what = errors::text(&failure);
                    return error(format!("cannot open '{shown}' for reading: {what}"));
                }
            }
        };
        if let Err(failure) = read {
            return error(format!("{shown}: read error: {}", errors::text(&failure)));
        }
        let listed = split(&text);
        if let Some(at) = listed.iter().position(Vec::is_empty) {
            let place = at + 1;
            return error(format!("{shown}:{place}: invalid zero-length file name"));
        }
        if let [only] = &listed[..]
            && only.contains(&b'\n')
            && names::path(only).symlink_metadata().is_err()
        {
            return error(format!(
                "{shown}: these names end in newlines, and NUL bytes are wanted, as find -print0 writes them"
            ));
        }
        if from_stdin && listed.iter().any(|name| name == b"-") {
            return error(
                "when reading file names from stdin, no file name of '-' allowed".to_owned(),
            );
        }
        Ok(Operands::Named(listed))
    }

    /// Whether none was named.
    pub(super) fn is_default(&self) -> bool {
        *self == Operands::Default
    }

    /// How many were named.
    pub(super) fn count(&self) -> usize {
        match self {
            Operands::Default => 0,
            Operands::Named(names) => names.len(),
        }
    }
}

/// The names in a list; the last one's NUL byte may be missing.
fn split(text: &[u8]) -> Vec<Vec<u8>> {
    if text.is_empty() {
        return Vec::new();
    }
    let text = text.strip_suffix(b"\0").unwrap_or(text);
    text.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect()
}
