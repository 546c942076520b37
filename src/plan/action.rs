//! What a run does.

use super::edits::{EditMode, EditRules};
use super::environment::Environment;
use crate::flags::{Id, Typed, UsageError};
use crate::ini::record::{Column, KeyName};

/// What a run does: what a search prints, or what is edited and how.
#[derive(Clone, Debug)]
pub enum Action {
    /// Nothing can be selected: exit with 1.
    Nothing,
    /// Print the selected lines.
    Lines,
    /// Print how many there are in each file (`-c`).
    Count,
    /// Print the names of files with some (`-l`).
    FilesWith,
    /// Print the names of files with none (`-L`).
    FilesWithout,
    /// Print nothing; the first one ends the run (`-q`).
    Quiet,
    /// Print nothing, as it goes to /dev/null; the first one ends the search of its file.
    Discard,
    /// Print how many matches there are in each file (`--count-matches`).
    CountMatches,
    /// Print the values of keys (`--get`).
    Values(Vec<Column>),
    /// Print how many records have each value of a key, or of two (`--tally`).
    Tally(Vec<KeyName>),
    /// Print what an edit would refuse, or a program might read otherwise (`--lint`).
    Lint,
    /// Compute edits, and preview or write them.
    Edit(EditRules),
}

impl Action {
    /// Whether lines of files are printed.
    pub fn prints_lines(&self) -> bool {
        match self {
            Action::Edit(rules) => !matches!(rules.mode, EditMode::Names | EditMode::Counts),
            action => matches!(action, Action::Lines),
        }
    }

    /// Whether something is printed of each file: a number, or its name.
    pub fn sums_up(&self) -> bool {
        matches!(
            self,
            Action::Count | Action::CountMatches | Action::FilesWith | Action::FilesWithout
        )
    }
}

/// What a search prints.
///
/// # Errors
/// What is wrong with `--get` or `--tally`, and what to write instead.
pub(super) fn of_search(
    typed: &Typed,
    environment: &Environment,
    columns: Vec<Column>,
    tally: Vec<KeyName>,
) -> Result<Action, UsageError> {
    if tally.len() > 2 {
        return Err(UsageError::plain(
            "--tally can be given once, or twice for a cross table",
        ));
    }
    let globs = columns.iter().any(|column| column.key.literal().is_none());
    if typed.has(Id::Csv) && globs {
        return Err(UsageError::plain(
            "--csv names its columns in the first row: give --get each KEY, without * and ?",
        ));
    }
    let list = typed.last_of(&[Id::FilesWithMatches, Id::FilesWithoutMatch]);
    Ok(match list {
        // The exit status says whether these print anything: they look for it, whoever reads it.
        _ if typed.has(Id::Lint) => Action::Lint,
        _ if !columns.is_empty() => Action::Values(columns),
        _ if typed.has(Id::Quiet) => Action::Quiet,
        _ if environment.out_is_null && !typed.has(Id::Stats) => Action::Discard,
        Some(Id::FilesWithMatches) => Action::FilesWith,
        Some(_) => Action::FilesWithout,
        None if typed.has(Id::Count) => Action::Count,
        None if typed.has(Id::CountMatches) => Action::CountMatches,
        None if !tally.is_empty() => Action::Tally(tally),
        None => Action::Lines,
    })
}
