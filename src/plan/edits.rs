//! The edits that options ask for, and what becomes of them.

use super::names::{assignment, key_name, utf8};
use crate::change::doubt::check_value;
use crate::change::template::Template;
use crate::files::select;
use crate::flags::{Id, Typed, UsageError};
use crate::ini::dialect::{Dialect, Header};
use crate::ini::grammar::{self, Assignment};
use crate::ini::record::KeyName;
use std::ffi::{OsStr, OsString};

/// What is edited and how.
#[derive(Clone, Debug)]
pub struct EditRules {
    /// What to change.
    pub changes: Vec<Change>,
    /// What becomes of it.
    pub mode: EditMode,
}

/// One change asked for.
#[derive(Clone, Debug)]
pub enum Change {
    /// Each match of PATTERNS becomes this.
    Replace(Template),
    /// The value of a key becomes this.
    Set(KeyName, String),
    /// This line comes in where its key is missing.
    Add(Assignment),
    /// The value of a key becomes this; where the key is missing, this line comes in.
    Put(Assignment),
    /// This line comes in after the last one of its key.
    Append(Assignment),
    /// The lines of a key go; those with this value, if one is given.
    Unset(KeyName, Option<String>),
    /// A section goes.
    UnsetSection(Vec<u8>),
}

/// What becomes of an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditMode {
    /// A unified diff on standard output (`--diff`).
    Diff,
    /// The same; of standard input the whole edited text.
    Preview,
    /// The names of the files that would change (`-l`).
    Names,
    /// How many changes each file would have (`-c`).
    Counts,
    /// Each match as replaced (`-o`).
    Matches,
    /// The files are written.
    InPlace(InPlace),
}

/// How files are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InPlace {
    /// A suffix for backups; none: no backup.
    pub suffix: Option<OsString>,
    /// Print the diff as well.
    pub diff: bool,
    /// Ask for each change.
    pub confirm: bool,
    /// Leave out refused files.
    pub keep_going: bool,
    /// Write read-only files and those of others, too.
    pub force: bool,
    /// Keep what an undo needs.
    pub undo: bool,
    /// Say nothing of what was written.
    pub quiet: bool,
}

/// What is to be changed, in the order given. `records`: there are no PATTERNS.
///
/// # Errors
/// What is wrong with an option, and what to write instead.
pub(super) fn changes(
    typed: &Typed,
    records: bool,
    dialect: &Dialect,
) -> Result<Vec<Change>, UsageError> {
    let mut changes = Vec::new();
    if let Some(text) = typed.value(Id::Replace) {
        if typed.values(Id::Replace).count() > 1 {
            return Err(UsageError::plain("--replace can be given once"));
        }
        if records {
            return Err(UsageError::plain(
                "--replace needs PATTERNS to replace: give them by -e, or write --set KEY=VALUE",
            ));
        }
        let text = utf8(Id::Replace, text)?;
        if text.contains(['\n', '\r', '\0']) {
            return Err(UsageError::plain(
                "--replace: a new text holds no line end and no NUL byte: a match is part of one line",
            ));
        }
        let template = Template::parse(text)
            .map_err(|error| UsageError::plain(format!("--replace: {error}")))?;
        changes.push(Change::Replace(template));
    }
    for (id, text) in typed.in_order(&[Id::Set, Id::Add, Id::Put, Id::Append, Id::Unset]) {
        changes.push(change(id, text, dialect)?);
    }
    each_key_once(&changes, dialect)?;
    Ok(changes)
}

fn change(id: Id, text: &OsStr, dialect: &Dialect) -> Result<Change, UsageError> {
    if id == Id::Unset
        && let Some(section) = grammar::section_alone(utf8(id, text)?)
    {
        if section.is_empty() {
            return Err(UsageError::plain(
                "--unset: what stands before the first header has none; name its keys",
            ));
        }
        return Ok(Change::UnsetSection(section));
    }
    let line = assignment(id, text)?;
    // git-config's own notation.
    let name = String::from_utf8_lossy(&line.name.key);
    if dialect.header == Header::Git
        && line.name.section.is_none()
        && let Some((section, key)) = name.rsplit_once('.')
    {
        let section = match section.split_once('.') {
            Some((section, part)) => format!("{section} \"{part}\""),
            None => section.to_owned(),
        };
        return Err(UsageError::plain(format!(
            "--{id}: a key of git's has no '.'; did you mean '[{section}]{key}'?"
        )));
    }
    if let Some(value) = &line.value {
        check_value(value).map_err(|error| UsageError::plain(format!("--{id}: {error}")))?;
    }
    let needs_value = || {
        UsageError::plain(format!(
            "--{id}={}: a '=' is missing; write [SECTION]KEY=VALUE or KEY=VALUE",
            text.to_string_lossy()
        ))
    };
    Ok(match id {
        Id::Set => Change::Set(line.name, line.value.ok_or_else(needs_value)?),
        Id::Unset => match line.value {
            Some(value) => Change::Unset(line.name, Some(value)),
            None => Change::Unset(key_name(id, text)?, None),
        },
        Id::Add => Change::Add(line),
        Id::Put => Change::Put(line),
        _ if line.value.is_none() => return Err(needs_value()),
        _ => Change::Append(line),
    })
}

/// Refuses two edits of one key.
fn each_key_once(changes: &[Change], dialect: &Dialect) -> Result<(), UsageError> {
    let named = |change: &Change| {
        let (option, name) = match change {
            Change::Set(name, _) => (Id::Set, name.clone()),
            Change::Add(line) => (Id::Add, line.name.clone()),
            Change::Put(line) => (Id::Put, line.name.clone()),
            Change::Append(line) => (Id::Append, line.name.clone()),
            Change::Unset(name, _) => (Id::Unset, name.clone()),
            Change::UnsetSection(section) => {
                let section = Some(section.clone());
                (
                    Id::Unset,
                    KeyName {
                        section,
                        key: Vec::new(),
                    },
                )
            }
            Change::Replace(_) => return None,
        };
        Some((option, name))
    };
    let same = |a: &KeyName, b: &KeyName| {
        let section = match (&a.section, &b.section) {
            (Some(a), Some(b)) => dialect.same_section(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        section && dialect.same_key(&a.key, &b.key)
    };
    let all: Vec<(Id, KeyName)> = changes.iter().filter_map(named).collect();
    for (at, (option, name)) in all.iter().enumerate() {
        let Some((first, _)) = all[..at].iter().find(|(_, other)| same(other, name)) else {
            continue;
        };
        let shown = name.to_string();
        let both = if first == option {
            format!("--{option} is given twice for '{shown}'")
        } else {
            format!("--{first} and --{option} both name '{shown}'")
        };
        let way_out = match (*first, *option) {
            (Id::Set, Id::Add) | (Id::Add, Id::Set) => {
                "--put sets a key where it is and adds it where it is not"
            }
            _ => "one run makes one change of a key",
        };
        return Err(UsageError::plain(format!("{both}; {way_out}")));
    }
    Ok(())
}

/// What becomes of `changes`; none: there are none.
///
/// # Errors
/// An option that does not go with the others.
pub(super) fn rules(typed: &Typed, changes: Vec<Change>) -> Result<Option<EditRules>, UsageError> {
    if changes.is_empty() {
        return Ok(None);
    }
    let recursive = typed.any_given(&[Id::Recursive, Id::DereferenceRecursive]);
    if recursive && !typed.has(Id::Include) {
        return Err(UsageError::plain(
            "an edit under -r needs --include=GLOB, so that it reaches no file it was not meant for",
        ));
    }
    let mode = if typed.has(Id::InPlace) {
        let suffix = typed.value(Id::InPlace).filter(|suffix| !suffix.is_empty());
        if let Some(suffix) = suffix.map(OsStr::as_encoded_bytes)
            && !is_nameable(suffix)
        {
            return Err(UsageError::plain(format!(
                "--in-place={}: no name on Windows ends so, and stores move; choose a suffix such as .bak",
                String::from_utf8_lossy(suffix)
            )));
        }
        if suffix.is_some_and(|suffix| select::is_ini(suffix.as_encoded_bytes())) {
            return Err(UsageError::plain(
                "--in-place=.ini: the backups would be searched and edited like the files; choose a suffix such as .bak",
            ));
        }
        EditMode::InPlace(InPlace {
            suffix: suffix.map(OsStr::to_owned),
            diff: typed.has(Id::Diff),
            confirm: typed.has(Id::Confirm),
            keep_going: typed.has(Id::KeepGoing),
            force: typed.has(Id::Force),
            undo: !typed.has(Id::NoUndo),
            quiet: typed.has(Id::Quiet),
        })
    } else if typed.has(Id::FilesWithMatches) {
        EditMode::Names
    } else if typed.has(Id::Count) {
        EditMode::Counts
    } else if typed.has(Id::OnlyMatching) {
        EditMode::Matches
    } else if typed.has(Id::Diff) {
        EditMode::Diff
    } else {
        EditMode::Preview
    };
    Ok(Some(EditRules { changes, mode }))
}

/// Whether names can end so everywhere, Windows included.
fn is_nameable(suffix: &[u8]) -> bool {
    let forbidden = |byte: &u8| byte.is_ascii_control() || b"<>:\"/\\|?*".contains(byte);
    !suffix.iter().any(forbidden) && !matches!(suffix.last(), Some(b'.' | b' '))
}
