//! What became of edits: `--undo`, `--redo`, `--history`, `--forget`, `--recover`; and a transaction's settings.

use super::edits::InPlace;
use super::operands::Operands;
use crate::flags::{Id, Typed, UsageError};
use crate::system;
use crate::transaction::{self, Direction, Forget, Selection, Settings};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// A task that takes no PATTERNS.
#[derive(Clone, Debug)]
pub struct JournalTask {
    /// What is to be done.
    pub action: JournalAction,
    /// How; also where the journals are.
    pub settings: Settings,
}

/// What is to be done with journals.
#[derive(Clone, Debug)]
pub enum JournalAction {
    /// Take an edit back, or make it again.
    TakeBack {
        /// Which, and which of its files.
        selection: Selection,
        /// Only print the diff it would make.
        preview: bool,
    },
    /// List edits, or show the one with this ID.
    History {
        /// The ID.
        id: Option<String>,
        /// As JSON Lines.
        json: bool,
    },
    /// Remove edits from the history.
    Forget(Forget),
    /// Recover what killed edits left; report foreign leftovers in and beneath these files and folders.
    Recover(Vec<PathBuf>),
}

/// The tasks, and the options that may stand with each.
const TASKS: [(Id, &[Id]); 5] = [
    (
        Id::Undo,
        &[
            Id::Diff,
            Id::KeepGoing,
            Id::Force,
            Id::Files0From,
            Id::Color,
        ],
    ),
    (
        Id::Redo,
        &[
            Id::Diff,
            Id::KeepGoing,
            Id::Force,
            Id::Files0From,
            Id::Color,
        ],
    ),
    (Id::History, &[Id::Json]),
    (Id::Forget, &[]),
    (Id::Recover, &[Id::Files0From]),
];

/// The task that `typed` asks for, if it is one of these.
///
/// # Errors
/// Several at once, or options and operands that could have no effect.
pub fn journal_task(
    typed: &Typed,
    variable: impl Fn(&OsStr) -> Option<OsString>,
    command_line: Vec<OsString>,
) -> Result<Option<JournalTask>, UsageError> {
    let mut given = TASKS.iter().filter(|(id, _)| typed.has(*id));
    let Some(&(id, with)) = given.next() else {
        return Ok(None);
    };
    if let Some((other, _)) = given.next() {
        return Err(UsageError::plain(format!(
            "--{id} and --{other} exclude each other"
        )));
    }
    let task = [id, Id::StateDir];
    let allowed = task.iter().chain(with);
    let without_effect = typed
        .options()
        .find(|option| !allowed.clone().any(|id| id.option() == *option));
    if let Some(option) = without_effect {
        return Err(UsageError::plain(format!(
            "{} has no effect with --{id}; leave it out",
            option.typed()
        )));
    }
    let operands = Operands::named(typed, &typed.operands())?;
    let paths = match operands {
        Operands::Default => Vec::new(),
        Operands::Named(names) => names
            .into_iter()
            .map(|name| PathBuf::from(system::os_string(name)))
            .collect::<Vec<_>>(),
    };
    if !paths.is_empty() && matches!(id, Id::History | Id::Forget) {
        return Err(UsageError::plain(format!(
            "--{id} takes no FILE; write --{id}=ID for a certain edit (--history lists them)"
        )));
    }
    let id_of = |path: &&PathBuf| path.to_str().is_some_and(transaction::is_id) && !path.exists();
    if matches!(id, Id::Undo | Id::Redo)
        && let Some(path) = paths.iter().find(id_of)
    {
        let edit = path.display();
        return Err(UsageError::plain(format!(
            "'{edit}' is taken as FILE; for the edit with that ID write --undo={edit}"
        )));
    }
    if let Some(folder) = typed
        .value(Id::StateDir)
        .filter(|folder| !folder.is_empty() && !Path::new(folder).is_dir())
    {
        let folder = folder.to_string_lossy();
        return Err(UsageError::plain(format!(
            "--state-dir={folder}: no such folder; name the one that the edit was made with"
        )));
    }
    let settings = Settings {
        force: typed.has(Id::Force),
        keep_going: typed.has(Id::KeepGoing),
        state_dir: state_dir(typed, variable)?,
        command_line,
        ..Settings::default()
    };
    Ok(Some(JournalTask {
        action: action(typed, id, paths),
        settings,
    }))
}

/// What the task `id` comes to; `paths`: the FILEs named.
fn action(typed: &Typed, id: Id, paths: Vec<PathBuf>) -> JournalAction {
    let value = |id: Id| -> Option<String> {
        typed
            .value(id)
            .filter(|value| !value.is_empty())
            .map(|value| value.to_string_lossy().into_owned())
    };
    let take_back = |direction, paths| JournalAction::TakeBack {
        selection: Selection {
            direction,
            id: value(Id::Undo),
            paths,
        },
        preview: typed.has(Id::Diff),
    };
    match id {
        Id::Undo => take_back(Direction::Undo, paths),
        Id::Redo => take_back(Direction::Redo, paths),
        Id::History => JournalAction::History {
            id: value(Id::History),
            json: typed.has(Id::Json),
        },
        Id::Forget => JournalAction::Forget(match value(Id::Forget).as_deref() {
            None => Forget::Last,
            Some("all") => Forget::All,
            Some(id) => Forget::Id(id.to_owned()),
        }),
        _ => JournalAction::Recover(paths),
    }
}

/// The state folder: that of `--state-dir`, else that of the environment.
///
/// # Errors
/// The option's value is empty.
pub(super) fn state_dir(
    typed: &Typed,
    variable: impl Fn(&OsStr) -> Option<OsString>,
) -> Result<Option<PathBuf>, UsageError> {
    match typed.value(Id::StateDir) {
        Some(named) if named.is_empty() => Err(UsageError::plain("--state-dir= names no folder")),
        Some(named) => Ok(std::path::absolute(named).ok()),
        None => Ok(transaction::state_dir(|name| variable(OsStr::new(name)))),
    }
}

/// The settings of a transaction that writes as `how` says.
pub fn transaction_settings(
    how: &InPlace,
    state_dir: Option<PathBuf>,
    command_line: Vec<OsString>,
) -> Settings {
    Settings {
        backup_suffix: how.suffix.clone(),
        force: how.force,
        keep_going: how.keep_going,
        undo: how.undo,
        state_dir,
        command_line,
        ..Settings::default()
    }
}
