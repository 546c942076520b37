//! What was probably meant where the operands do not look like PATTERNS and FILEs.

use crate::flags::{Called, Id, Typed, UsageError};
use crate::system::names;
use std::ffi::OsStr;
use std::path::Path;

/// Options that are about records, and select none by themselves.
const RECORD_TASKS: &[Id] = &[
    Id::Get,
    Id::Tally,
    Id::Set,
    Id::Add,
    Id::Put,
    Id::Append,
    Id::Unset,
    Id::Section,
    Id::SectionIs,
];

/// The first option given that is about records and selects none.
pub(super) fn given(typed: &Typed) -> Option<Id> {
    typed.one_of(RECORD_TASKS)
}

/// Words that are commands in other programs, and what they are here.
const COMMANDS: &[(&str, &str, &str)] = &[
    ("undo", "--undo", "to take the last edit back"),
    ("redo", "--redo", "to do it again"),
    ("history", "--history", "to list edits"),
    ("recover", "--recover", "to recover what an ended edit left"),
    ("help", "--help", "for help"),
    ("version", "--version", "for the version"),
    ("lint", "--lint", "to look for what is wrong in files"),
];

/// Hints about the operand that is taken as PATTERNS; `files`: those after it.
///
/// # Errors
/// It is a file or folder given with an option that is about records, which hardly has a pattern.
pub(super) fn of_pattern(
    typed: &Typed,
    pattern: &OsStr,
    files: &[&OsStr],
    hints: &mut Vec<String>,
) -> Result<(), UsageError> {
    let shown = pattern.to_string_lossy();
    let exists = || !pattern.is_empty() && Path::new(pattern).exists();
    let none_named = files.is_empty() && !typed.has(Id::Files0From);
    if given(typed).is_some() && !pattern.is_empty() && is_there(pattern) {
        let but = match none_named {
            true => "no FILE is given",
            false => "is a FILE as well",
        };
        return Err(UsageError::plain(format!(
            "'{shown}' is taken as PATTERNS, and {but}; did you mean --records? (to search for that text: -e '{shown}')"
        )));
    }
    if typed.called != Called::Grini {
        return Ok(());
    }
    let command = COMMANDS.iter().find(|(word, ..)| pattern == *word);
    if none_named && let Some((word, option, what)) = command {
        hints.push(format!(
            "'{word}' is searched for as PATTERNS; {what}: grini {option}"
        ));
        return Ok(());
    }
    if none_named && exists() {
        hints.push(format!(
            "'{shown}' is taken as PATTERNS, and no FILE is given; to search in it: grini PATTERNS '{shown}'"
        ));
    } else if let [file, ..] = files
        && *file != "-"
        && !is_there(file)
        && exists()
    {
        let file = file.to_string_lossy();
        hints.push(format!(
            "'{shown}' is taken as PATTERNS and '{file}' as FILE; PATTERNS come first: grini '{file}' '{shown}'"
        ));
    }
    Ok(())
}

/// What to say where PATTERNS select nothing: one that is a condition was probably meant for one.
pub(super) fn of_condition(typed: &Typed, operands: &[&OsStr]) -> Option<String> {
    let pattern = operands.first()?.to_str()?;
    let (key, value) = pattern.split_once('=')?;
    let is_key = |text: &str| {
        text.chars()
            .all(|char| char.is_alphanumeric() || char == '_')
    };
    let plain = !key.is_empty() && is_key(key) && !value.is_empty();
    (plain && typed.called == Called::Grini && !typed.any_given(&[Id::Regexp, Id::File])).then(|| {
        format!("'{pattern}' is searched for as it stands; to select records by a value: --where '{pattern}'")
    })
}

/// Whether there is such a file, or one that wildcards stand for.
fn is_there(file: &OsStr) -> bool {
    Path::new(file).exists() || names::expanded(file.as_encoded_bytes()).is_some()
}

/// Hints about FILEs where there are no PATTERNS, as `records` says.
pub(super) fn of_operands(typed: &Typed, records: bool, files: &[&OsStr], hints: &mut Vec<String>) {
    let selecting = [Id::Where, Id::Has, Id::Missing, Id::Records];
    let Some(option) = typed.one_of(&selecting).filter(|_| records) else {
        return;
    };
    if let [file, ..] = files
        && *file != "-"
        && !is_there(file)
    {
        let file = file.to_string_lossy();
        hints.push(format!(
            "'{file}' is taken as FILE, as --{option} selects without PATTERNS; a pattern with it comes by -e: -e '{file}'"
        ));
    }
}
