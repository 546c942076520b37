//! Which files are searched, and what becomes of folders, devices and binary files.

use super::environment::Environment;
use super::lists;
use crate::files::FileSelection;
use crate::files::select::{ByDefault, Rule};
use crate::files::walk::{Folders, Rules};
use crate::flags::{Called, Id, Typed, UsageError};
use crate::ini::presets::{AUTO, PRESETS, Preset};
use crate::pattern::{Charset, GlobRules};
use crate::system::names;
use std::ffi::OsStr;

/// Treatment of binary files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::enum_variant_names, reason = "the words of --binary-files")]
pub enum Binary {
    /// Say that they match, and print no line of them.
    Binary,
    /// As text.
    Text,
    /// As if they had no match.
    WithoutMatch,
}

/// Folders of that prefix hold a transaction's files.
const STAGING: &[u8] = b".grini-";

/// Whether `-r`, `-R` or `-d recurse` asks for folders to be searched, so that no FILE means the current folder.
pub(super) fn recursion_asked(typed: &Typed) -> bool {
    let last = typed
        .in_order(&[Id::Directories, Id::Recursive, Id::DereferenceRecursive])
        .next_back();
    last.is_some_and(|(id, action)| {
        let text = action.to_string_lossy();
        id != Id::Directories || (text.len() > 2 && "recurse".starts_with(&*text))
    })
}

/// The walk's rules.
///
/// # Errors
/// A bad action, or a list of globs that cannot be read.
pub(super) fn rules(typed: &Typed, environment: &Environment) -> Result<Rules, UsageError> {
    let grini = typed.called == Called::Grini;
    for action in typed.values(Id::Directories) {
        action_on_folders(action, environment)?;
    }
    let last = typed
        .in_order(&[Id::Directories, Id::Recursive, Id::DereferenceRecursive])
        .next_back();
    let follow = typed.has(Id::DereferenceRecursive);
    let folders = match last {
        Some((Id::Directories, action)) => match action_on_folders(action, environment)? {
            Folders::Recurse { .. } => Folders::Recurse { follow },
            other => other,
        },
        Some(_) => Folders::Recurse { follow },
        None if grini => Folders::Recurse { follow: false },
        None => Folders::Read,
    };
    let every_file = typed.any_given(&[Id::Recursive, Id::DereferenceRecursive, Id::Directories]);
    let how = GlobRules {
        charset: environment.locale.charset,
        ignore_case: names::FOLD_CASE,
        wide_ranges: environment.locale.wide_ranges,
        or_bytes: true,
        caret: (environment.variable)("POSIXLY_CORRECT").is_none(),
    };
    let preset = typed
        .value(Id::Dialect)
        .and_then(OsStr::to_str)
        .and_then(Preset::named);
    let auto = typed.value(Id::Dialect).is_some_and(|name| name == AUTO);
    let by_default = match preset {
        _ if !grini || every_file => ByDefault::All,
        None if auto => {
            let all: Vec<&str> = PRESETS
                .iter()
                .flat_map(|preset| preset.files)
                .copied()
                .collect();
            ByDefault::named(&all, how)
        }
        Some(preset) => ByDefault::named(preset.files, how),
        None => ByDefault::Ini,
    };
    let folder = |glob: &OsStr| Rule::of_folders(glob.as_encoded_bytes(), how);
    let folder_rules = typed.values(Id::ExcludeDir).map(folder).collect();
    let selection = FileSelection::new(globs(typed, how)?, folder_rules, by_default);
    let mut devices = follow;
    for action in typed.values(Id::Devices) {
        devices = match action.to_str() {
            Some("read") => true,
            Some("skip") => false,
            _ => return Err(UsageError::plain("unknown devices method")),
        };
    }
    Ok(Rules {
        folders,
        selection,
        devices,
        skip_device_operands: typed
            .value(Id::Devices)
            .is_some_and(|action| action == "skip"),
        ignore_files: typed.has(Id::IgnoreFiles),
        never_enter: grini.then_some(STAGING),
        omit_dot_slash: false,
    })
}

/// The words of `-d`; the start of one will do, as in GNU grep.
fn action_on_folders(word: &OsStr, environment: &Environment) -> Result<Folders, UsageError> {
    let text = word.to_string_lossy();
    let words = Id::Directories.option().words.iter().copied();
    let begun: Vec<&str> = words.filter(|known| known.starts_with(&*text)).collect();
    match begun[..] {
        ["read"] => Ok(Folders::Read),
        ["recurse"] => Ok(Folders::Recurse { follow: false }),
        ["skip"] => Ok(Folders::Skip),
        _ => Err(UsageError::word(
            Id::Directories,
            &text,
            !begun.is_empty(),
            environment.locale.charset == Charset::Utf8,
        )),
    }
}

/// The globs of `--include`, `--exclude` and `--exclude-from`, in order.
fn globs(typed: &Typed, how: GlobRules) -> Result<Vec<Rule>, UsageError> {
    let mut rules = Vec::new();
    for (id, value) in typed.in_order(&[Id::Include, Id::Exclude, Id::ExcludeFrom]) {
        if id != Id::ExcludeFrom {
            let glob = value.as_encoded_bytes();
            rules.push(Rule::new(glob, id == Id::Include, false, how));
            continue;
        }
        let text = lists::bytes(value).map_err(|error| UsageError::plain(error.to_string()))?;
        let lines = text.split(|&byte| byte == b'\n').map(|line| {
            let space = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0b;
            let end = line.iter().rposition(|byte| !space(byte));
            let line = &line[..end.map_or(0, |last| last + 1)];
            line.split(|&byte| byte == 0).next().unwrap_or(line)
        });
        let globs = lines.filter(|line| !line.is_empty());
        rules.extend(globs.map(|glob| Rule::new(glob, false, value == "-", how)));
    }
    Ok(rules)
}

/// What becomes of binary files.
///
/// # Errors
/// An unknown type.
pub(super) fn binary(typed: &Typed) -> Result<Binary, UsageError> {
    let mut binary = Binary::Binary;
    for (id, value) in typed.in_order(&[Id::BinaryFiles, Id::Text, Id::SkipBinary]) {
        binary = match (id, value.to_str()) {
            (Id::Text, _) | (_, Some("text")) => Binary::Text,
            (Id::SkipBinary, _) | (_, Some("without-match")) => Binary::WithoutMatch,
            (_, Some("binary")) => Binary::Binary,
            _ => return Err(UsageError::plain("unknown binary-files type")),
        };
    }
    Ok(binary)
}
