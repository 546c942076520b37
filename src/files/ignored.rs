//! What lists of ignored files leave out (`--ignore-files`): .gitignore and .ignore, as git and ripgrep read them.

use super::walk_error::{Problem, WalkError};
use crate::system::{Dir, FileKind, Opening, errors, files, folders, missing, names};
use bstr::ByteSlice;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::{Error, Match};
use std::ffi::CStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Names of the lists: any of the first name decides before any of the second.
const LISTS: [&CStr; 2] = [c".ignore", c".gitignore"];
/// The longest list that is read, in bytes.
const LONGEST: u64 = 1 << 20;
/// Its lines, at most: each takes some kilobytes.
const MOST: usize = 10_000;
/// What git keeps to itself.
const GIT: &str = ".git";

/// The lists for a folder.
#[derive(Debug)]
pub struct Ignored {
    folder: PathBuf,
    /// Of each name its own before those of the folders above it.
    lists: [Vec<Arc<Gitignore>>; 2],
}

impl Ignored {
    /// The lists for a folder that is an operand: its own, and those of the folders above it that are in its git repository.
    /// What is wrong with one is added to `problems`.
    pub fn of_operand(operand: &[u8], dir: &Dir, problems: &mut Vec<Problem>) -> Ignored {
        let operand = &*names::path(operand);
        let real = names::resolve(operand).unwrap_or_else(|_| operand.to_owned());
        let above: Vec<&Path> = real.ancestors().collect();
        let top = above.iter().position(|folder| folder.join(GIT).exists());
        let mut lists = Ignored {
            folder: PathBuf::new(),
            lists: Default::default(),
        };
        for folder in above[1..=top.unwrap_or(0)].iter().rev() {
            let path = folder.as_os_str().as_encoded_bytes();
            if let Ok(dir) = folders::open_by_path(None, path) {
                lists = lists.and(folder.to_path_buf(), &dir, problems);
            }
        }
        lists.and(real, dir, problems)
    }

    /// The lists for the folder `name` in this one, which is open as `dir`.
    pub fn beneath(&self, name: &[u8], dir: &Dir, problems: &mut Vec<Problem>) -> Ignored {
        self.and(self.folder.join(names::path(name)), dir, problems)
    }

    /// These lists, and those in `folder` before them.
    fn and(&self, folder: PathBuf, dir: &Dir, problems: &mut Vec<Problem>) -> Ignored {
        let mut lists = self.lists.clone();
        for (name, lists) in LISTS.into_iter().zip(&mut lists) {
            let mut problem = |what: String| {
                let what = format!("{what}; mend the list, or leave out --ignore-files");
                let path = folder.join(&*name.to_string_lossy());
                problems.push(Problem {
                    path: path.into_os_string().into_encoded_bytes(),
                    what: WalkError::Failed(io::Error::other(what)),
                });
            };
            match read(dir, name) {
                Ok(Some(text)) => lists.insert(0, Arc::new(rules(&folder, &text, &mut problem))),
                Ok(None) => {}
                Err(what) => problem(what),
            }
        }
        Ignored { folder, lists }
    }

    /// Whether the file or the folder `name` in this one is left out: the first list with a rule for it decides.
    pub fn leaves_out(&self, name: &[u8], is_folder: bool) -> bool {
        let path = self.folder.join(names::path(name));
        let lists = self.lists.iter().flatten();
        let mut rules = lists.map(|list| list.matched(&path, is_folder));
        let rule = rules.find(|rule| !rule.is_none());
        name == GIT.as_bytes() || matches!(rule, Some(Match::Ignore(_)))
    }
}

/// The text of a list, if there is one. It is data, like the files that are searched: nothing but a regular file of
/// a moderate length is read.
fn read(dir: &Dir, name: &CStr) -> Result<Option<Vec<u8>>, String> {
    let failed = |error| errors::text(&error);
    match folders::kind(dir, name, false) {
        Ok(FileKind::File) => {}
        Ok(_) => return Err("it is not a regular file".to_owned()),
        Err(error) if missing(&error) => return Ok(None),
        Err(error) => return Err(failed(error)),
    }
    let how = Opening {
        follow: false,
        ..Opening::PLAIN
    };
    let file = files::open(Some(dir), name, how).map_err(failed)?;
    let mut text = Vec::new();
    let mut start = file.take(LONGEST + 1);
    start.read_to_end(&mut text).map_err(failed)?;
    let lines = memchr::memchr_iter(b'\n', &text).count();
    if text.len() as u64 > LONGEST || lines > MOST {
        return Err(format!("it has more than {MOST} lines or {LONGEST} bytes"));
    }
    Ok(Some(text))
}

/// The rules of a list, as far as they can be read.
fn rules(folder: &Path, text: &[u8], problem: &mut dyn FnMut(String)) -> Gitignore {
    let mut builder = GitignoreBuilder::new(folder);
    let mut set = builder.case_insensitive(names::FOLD_CASE).err();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    for (at, line) in text.lines().enumerate() {
        let line = without_alternatives(&line.to_str_lossy());
        let escapes = line.trim_end_matches('/').bytes().rev();
        let dangling = escapes.take_while(|byte| *byte == b'\\').count() % 2 == 1;
        let error = match (unread(&line), line.as_str()) {
            (_, rule) if rule.starts_with('#') || rule.trim_end_matches(' ') == "!" => None,
            (Some(what), _) => Some(what.to_owned()),
            _ if dangling => Some("a backslash at the end of a rule".to_owned()),
            (_, rule) => builder
                .add_line(None, rule)
                .err()
                .map(|error| reason(&error)),
        };
        if let Some(error) = error {
            problem(format!("line {}: {error}", at + 1));
        }
    }
    let built = builder.build();
    set = set.or(built.as_ref().err().cloned());
    if let Some(error) = set {
        problem(reason(&error));
    }
    built.unwrap_or_else(|_| Gitignore::empty())
}

/// What git reads otherwise than the library does, of the brackets of a rule.
fn unread(rule: &str) -> Option<&'static str> {
    let bytes = rule.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'[' {
            let negated = matches!(bytes.get(at + 1), Some(b'!' | b'^'));
            let first = at + 1 + usize::from(negated);
            let rest = bytes.get(first + 1..).unwrap_or_default();
            let Some(close) = memchr::memchr(b']', rest) else {
                return Some("a '[' without its ']'");
            };
            let within = &bytes[first..=first + close];
            if memchr::memmem::find(within, b"[:").is_some() {
                return Some("a class such as [:digit:]; write its characters, such as 0-9");
            }
            at = first + 1 + close;
        }
        at += 1 + usize::from(bytes[at] == b'\\');
    }
    None
}

/// A rule with its braces as they stand: git knows no alternatives in them.
fn without_alternatives(rule: &str) -> String {
    let mut plain = String::with_capacity(rule.len());
    let mut escaped = false;
    for char in rule.chars() {
        if !escaped && matches!(char, '{' | '}') {
            plain.push('\\');
        }
        escaped = !escaped && char == '\\';
        plain.push(char);
    }
    plain
}

/// An error without the name of its file.
fn reason(error: &Error) -> String {
    match error {
        Error::Partial(all) => all.iter().map(reason).collect::<Vec<_>>().join("; "),
        Error::WithPath { err, .. } | Error::WithDepth { err, .. } => reason(err),
        other => other.to_string(),
    }
}
