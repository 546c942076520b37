//! The arguments of options that name something: keys, sections, globs, one of a few words.

use crate::flags::{Id, Typed, UsageError};
use crate::ini::dialect::{Case, Dialect};
use crate::ini::glob::NameGlob;
use crate::ini::grammar::{self, Assignment};
use crate::ini::record::{Column, KeyName};
use std::ffi::OsStr;

/// The value of an option that takes one of a few words.
///
/// # Errors
/// It is none of them.
pub(super) fn choice<T: Copy>(
    typed: &Typed,
    id: Id,
    default: T,
    words: &[(&str, T)],
) -> Result<T, UsageError> {
    let Some(given) = typed.value(id) else {
        return Ok(default);
    };
    words
        .iter()
        .find(|(word, _)| given == *word)
        .map(|(_, meaning)| *meaning)
        .ok_or_else(|| {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let given = given.to_string_lossy();
            UsageError::plain(format!("--{id}={given}: write one of {}", known.join(", ")))
        })
}

/// The glob of an option, for names of sections (`section`) or keys; that of `section-is` or `key-is` is the name itself.
///
/// # Errors
/// It is none.
pub(super) fn glob(id: Id, value: &OsStr, dialect: &Dialect) -> Result<NameGlob, UsageError> {
    let case = match id {
        Id::Section | Id::SectionIs => dialect.section_case,
        _ => dialect.key_case,
    };
    let text = utf8(id, value)?;
    Ok(match id {
        Id::SectionIs | Id::KeyIs => NameGlob::literally(text),
        _ => NameGlob::new(text, case == Case::Exact),
    })
}

/// The `[SECTION]KEY` of `--get`, where KEY may hold `*` and `?`.
///
/// # Errors
/// Where it is wrong.
pub(super) fn column(value: &OsStr, dialect: &Dialect) -> Result<Column, UsageError> {
    let name = key_name(Id::Get, value)?;
    let text = String::from_utf8_lossy(&name.key).into_owned();
    let key = if text.contains(['*', '?']) {
        glob(Id::Get, OsStr::new(&text), dialect)?
    } else {
        NameGlob::literally(&text)
    };
    Ok(Column {
        section: name.section,
        key,
    })
}

/// The argument of an option that must be UTF-8.
///
/// # Errors
/// It is not.
pub(super) fn utf8(id: Id, value: &OsStr) -> Result<&str, UsageError> {
    value.to_str().ok_or_else(|| {
        let shown = value.to_string_lossy();
        UsageError::plain(format!(
            "--{id}={shown}: not valid UTF-8; type it in a UTF-8 terminal"
        ))
    })
}

/// The `[SECTION]KEY` of an option.
///
/// # Errors
/// Where it is wrong.
pub(super) fn key_name(id: Id, value: &OsStr) -> Result<KeyName, UsageError> {
    grammar::key_name(utf8(id, value)?)
        .map_err(|fault| UsageError::plain(format!("--{id}: {fault}")))
}

/// The `[SECTION]KEY=VALUE` of an option.
///
/// # Errors
/// Where it is wrong.
pub(super) fn assignment(id: Id, value: &OsStr) -> Result<Assignment, UsageError> {
    grammar::assignment(utf8(id, value)?)
        .map_err(|fault| UsageError::plain(format!("--{id}: {fault}")))
}
