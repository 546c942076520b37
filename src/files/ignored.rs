//! What lists of ignored files leave out (`--ignore-files`): .gitignore and .ignore, as git and ripgrep read them.

use super::walk_error::{Problem, WalkError};
use crate::system::{errors, names};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::{Error, Match};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Names of the lists, the one that decides first.
const LISTS: [&str; 2] = [".ignore", ".gitignore"];
/// What git keeps to itself.
const GIT: &str = ".git";

/// The lists for a folder.
#[derive(Debug)]
pub struct Ignored {
    folder: PathBuf,
    /// Its own before those of the folders above it.
    lists: Vec<Arc<Gitignore>>,
}

impl Ignored {
    /// The lists for a folder that is an operand: its own, and those of the folders above it that are in its git repository.
    /// What is wrong with one is added to `problems`.
    pub fn of_operand(operand: &[u8], problems: &mut Vec<Problem>) -> Ignored {
        let operand = &*names::path(operand);
        let real = names::resolve(operand).unwrap_or_else(|_| operand.to_owned());
        let mut folders: Vec<&Path> = real.ancestors().collect();
        let repository = folders.iter().position(|above| above.join(GIT).exists());
        folders.truncate(repository.map_or(1, |top| top + 1));
        let none = Ignored {
            folder: PathBuf::new(),
            lists: Vec::new(),
        };
        let all = folders.into_iter().rev();
        all.fold(none, |above, folder| above.and(folder.to_owned(), problems))
    }

    /// The lists for the folder `name` in this one.
    pub fn beneath(&self, name: &[u8], problems: &mut Vec<Problem>) -> Ignored {
        self.and(self.folder.join(names::path(name)), problems)
    }

    /// These lists, and those in `folder` before them.
    fn and(&self, folder: PathBuf, problems: &mut Vec<Problem>) -> Ignored {
        let mut lists = Vec::new();
        for path in LISTS.map(|name| folder.join(name)) {
            match read(&folder, &path) {
                (_, Some(error)) if is_missing(&error) => {}
                (list, error) => {
                    problems.extend(error.map(|error| problem(&path, &error)));
                    lists.extend(list.map(Arc::new));
                }
            }
        }
        lists.extend_from_slice(&self.lists);
        Ignored { folder, lists }
    }

    /// Whether the file or the folder `name` in this one is left out: the first list with a rule for it decides.
    pub fn leaves_out(&self, name: &[u8], is_folder: bool) -> bool {
        let path = self.folder.join(names::path(name));
        let mut rules = self.lists.iter().map(|list| list.matched(&path, is_folder));
        let rule = rules.find(|rule| !rule.is_none());
        name == GIT.as_bytes() || matches!(rule, Some(Match::Ignore(_)))
    }
}

/// The rules of a list, as far as they can be read, and what is wrong with it.
fn read(folder: &Path, path: &Path) -> (Option<Gitignore>, Option<Error>) {
    let mut builder = GitignoreBuilder::new(folder);
    let set = builder.case_insensitive(names::FOLD_CASE).err();
    let error = builder.add(path).or(set);
    match builder.build() {
        Ok(list) => (Some(list), error),
        Err(worse) => (None, error.or(Some(worse))),
    }
}

fn is_missing(error: &Error) -> bool {
    let error = error.io_error().map(io::Error::kind);
    error == Some(io::ErrorKind::NotFound)
}

fn problem(path: &Path, error: &Error) -> Problem {
    let what = format!(
        "{}; mend the list, or leave out --ignore-files",
        reason(error)
    );
    Problem {
        path: path.as_os_str().as_encoded_bytes().to_vec(),
        what: WalkError::Failed(io::Error::other(what)),
    }
}

/// An error without the name of its file.
fn reason(error: &Error) -> String {
    match error {
        Error::Partial(all) => all.iter().map(reason).collect::<Vec<_>>().join("; "),
        Error::WithPath { err, .. } | Error::WithDepth { err, .. } => reason(err),
        Error::WithLineNumber { line, err } => format!("line {line}: {}", reason(err)),
        Error::Io(error) => errors::text(error),
        other => other.to_string(),
    }
}
