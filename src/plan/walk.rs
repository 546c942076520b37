//! Which files are searched, and what becomes of folders, devices and binary files.

use super::job::Binary;
use crate::files::Selection;
use crate::files::select::{ByDefault, Rule};
use crate::files::walk::{Folders, Rules};
use crate::flags::{Called, Typed, UsageError};
use std::ffi::OsStr;

/// Folders of that prefix hold a transaction's files.
const STAGING: &[u8] = b".grini-";

/// Whether `-r`, `-R` or `-d recurse` asks for folders to be searched, so that no FILE means the current folder.
pub fn recursion_asked(typed: &Typed) -> bool {
    let last = typed
        .in_order(&["directories", "recursive", "dereference-recursive"])
        .pop();
    last.is_some_and(|(id, action)| id != "directories" || action == "recurse")
}

/// The walk's rules.
///
/// # Errors
/// A bad glob or action.
pub fn rules(typed: &Typed, no_operand: bool) -> Result<Rules, UsageError> {
    let grini = typed.called == Called::Grini;
    let last = typed
        .in_order(&["directories", "recursive", "dereference-recursive"])
        .pop();
    let follow = typed.has("dereference-recursive");
    let folders = match last {
        Some(("directories", action)) => match action.to_str() {
            Some("read") => Folders::Read,
            Some("skip") => Folders::Skip,
            Some("recurse") => Folders::Recurse { follow },
            _ => {
                return Err(UsageError::with_usage(format!(
                    "invalid argument ‘{}’ for ‘--directories’\nValid arguments are:\n  - ‘read’\n  - ‘recurse’\n  - ‘skip’",
                    action.to_string_lossy()
                )));
            }
        },
        Some(_) => Folders::Recurse { follow },
        None if grini => Folders::Recurse { follow: false },
        None => Folders::Read,
    };
    let every_file = typed.any_given(&["recursive", "dereference-recursive", "directories"]);
    let by_default = if grini && !every_file {
        ByDefault::Ini
    } else {
        ByDefault::All
    };
    let exclude_dir: Vec<String> = typed
        .values("exclude-dir")
        .map(|glob| glob.to_string_lossy().into_owned())
        .collect();
    let selection = Selection::new(&globs(typed)?, &exclude_dir, by_default)
        .map_err(|error| UsageError::plain(format!("bad glob: {error}")))?;
    let devices = match typed.value("devices").map(OsStr::to_str) {
        None => follow,
        Some(Some("read")) => true,
        Some(Some("skip")) => false,
        Some(_) => return Err(UsageError::plain("unknown devices method")),
    };
    Ok(Rules {
        folders,
        expect_files: selection.by_default() == ByDefault::Ini,
        selection,
        devices,
        skip_device_operands: typed
            .value("devices")
            .is_some_and(|action| action == "skip"),
        never_enter: grini.then_some(STAGING),
        omit_dot_slash: no_operand,
    })
}

fn globs(typed: &Typed) -> Result<Vec<Rule>, UsageError> {
    let mut rules = Vec::new();
    for (id, value) in typed.in_order(&["include", "exclude", "exclude-from"]) {
        let text = value.to_string_lossy();
        match id {
            "exclude-from" => {
                let lines = std::fs::read(value).map_err(|error| {
                    let what = crate::files::trouble::io_error_text(&error);
                    UsageError::plain(format!("{text}: {what}"))
                })?;
                for line in String::from_utf8_lossy(&lines).lines() {
                    if !line.is_empty() {
                        rules.push(Rule {
                            glob: line.to_owned(),
                            include: false,
                        });
                    }
                }
            }
            _ => rules.push(Rule {
                glob: text.into_owned(),
                include: id == "include",
            }),
        }
    }
    Ok(rules)
}

/// What becomes of binary files.
///
/// # Errors
/// An unknown type.
pub fn binary(typed: &Typed) -> Result<Binary, UsageError> {
    let mut binary = Binary::Binary;
    for (id, value) in typed.in_order(&["binary-files", "text", "I"]) {
        binary = match (id, value.to_str()) {
            ("text", _) | (_, Some("text")) => Binary::Text,
            ("I", _) | (_, Some("without-match")) => Binary::WithoutMatch,
            (_, Some("binary")) => Binary::Binary,
            _ => return Err(UsageError::plain("unknown binary-files type")),
        };
    }
    Ok(binary)
}
