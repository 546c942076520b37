//! What became of edits: `--undo`, `--history`, `--forget`, `--recover`; and a transaction's settings.

use super::edits::InPlace;
use super::operands::Operands;
use crate::flags::{Typed, UsageError};
use crate::transaction::{self, Forget};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// A task that takes no PATTERNS.
#[derive(Clone, Debug)]
pub enum JournalTask {
    /// Take an edit back.
    Undo {
        /// Which; none: the last.
        id: Option<String>,
        /// Only print the diff it would make.
        preview: bool,
        /// Leave out files that changed since, and take the others back.
        keep_going: bool,
        /// Write read-only files and those of others, too.
        force: bool,
    },
    /// List edits.
    History,
    /// Remove edits from the history.
    Forget(Forget),
    /// Put right what killed edits left, also in these files and folders.
    Recover(Vec<PathBuf>),
}

/// The task that `typed` asks for, if it is one of these.
///
/// # Errors
/// Several at once, or operands where none belong.
pub fn journal_task(typed: &Typed) -> Result<Option<JournalTask>, UsageError> {
    let ids = ["undo", "history", "forget", "recover"];
    let mut given = ids.iter().filter(|id| typed.has(id));
    let Some(&id) = given.next() else {
        return Ok(None);
    };
    if let Some(other) = given.next() {
        return Err(UsageError::plain(format!(
            "--{id} and --{other} exclude each other"
        )));
    }
    let operands = Operands::named(typed, &typed.operands())?;
    if id != "recover" && !operands.is_default() {
        return Err(UsageError::plain(format!(
            "--{id} takes no PATTERNS and no FILE; write --{id}=ID for a certain edit (--history lists them)"
        )));
    }
    let text = |id: &str| -> Option<String> {
        typed
            .value(id)
            .filter(|value| !value.is_empty())
            .map(|value| value.to_string_lossy().into_owned())
    };
    Ok(Some(match id {
        "undo" => JournalTask::Undo {
            id: text("undo"),
            preview: typed.has("diff"),
            keep_going: typed.has("keep-going"),
            force: typed.has("force"),
        },
        "history" => JournalTask::History,
        "forget" => JournalTask::Forget(match text("forget").as_deref() {
            None => Forget::Last,
            Some("all") => Forget::All,
            Some(id) => Forget::Id(id.to_owned()),
        }),
        _ => JournalTask::Recover(match operands {
            Operands::Default => Vec::new(),
            Operands::Named(names) => names
                .into_iter()
                .map(|name| PathBuf::from(OsString::from_vec(name)))
                .collect(),
        }),
    }))
}

/// The settings of a transaction that writes as `how` says.
pub fn transaction_settings(
    how: &InPlace,
    variable: impl Fn(&OsStr) -> Option<OsString>,
    command_line: Vec<OsString>,
) -> transaction::Settings {
    transaction::Settings {
        backup_suffix: how.suffix.clone(),
        force: how.force,
        keep_going: how.keep_going,
        undo: how.undo,
        state_dir: transaction::state_dir(|name| variable(OsStr::new(name))),
        command_line,
        ..transaction::Settings::default()
    }
}
