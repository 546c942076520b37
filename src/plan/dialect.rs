//! The dialect that options ask for: a preset, and the single switches.

use super::names::{choice, utf8};
use crate::flags::{Id, Typed, UsageError};
use crate::ini::dialect::{Case, Continuation, Dialect, Duplicates, InlineComment, QuotedEdit};
use crate::ini::presets::{AUTO, NAMES, PRESETS, Preset};
use crate::pattern::{Charset, Glob, GlobRules};
use std::ffi::OsStr;

/// The rules to scan files by.
#[derive(Clone)]
pub struct Dialects {
    /// Where no name says otherwise.
    default: Dialect,
    /// Files of such names have rules of their own (`--dialect=auto`); the first that matches counts.
    by_name: Vec<(Vec<Glob>, Dialect)>,
}

impl Dialects {
    /// The rules for the file at `path`.
    pub fn of(&self, path: &[u8]) -> &Dialect {
        if self.by_name.is_empty() {
            return &self.default;
        }
        let name = path.rsplit(|&byte| byte == b'/' || byte == b'\\').next();
        let name = name.unwrap_or(path);
        let found = self
            .by_name
            .iter()
            .find(|(globs, _)| globs.iter().any(|glob| glob.matches(name)));
        found.map_or(&self.default, |(_, dialect)| dialect)
    }

    /// Whether files may be read by different rules.
    pub fn differ(&self) -> bool {
        !self.by_name.is_empty()
    }
}

/// How names of files match.
const OF_FILES: GlobRules = GlobRules {
    charset: Charset::Utf8,
    ignore_case: true,
    wide_ranges: true,
    or_bytes: true,
    caret: true,
};

/// Names of files that are of more than one program.
const SHARED: [&str; 3] = ["*.ini", "*.conf", "config"];

/// The rules to scan files by.
///
/// # Errors
/// What is wrong with an option, and what to write instead.
pub(super) fn dialects(typed: &Typed) -> Result<Dialects, UsageError> {
    let name = typed.value(Id::Dialect).map(OsStr::to_string_lossy);
    let name = name.as_deref();
    let mut by_name = Vec::new();
    if name == Some(AUTO) {
        for preset in PRESETS {
            let own = preset.files.iter().filter(|glob| !SHARED.contains(*glob));
            let globs = own
                .map(|glob| Glob::new(glob.as_bytes(), OF_FILES))
                .collect();
            by_name.push((globs, switched((preset.rules)(), typed)?));
        }
    }
    let default = match name {
        None | Some(AUTO) => Dialect::default(),
        Some(name) => Preset::named(name)
            .map(|preset| (preset.rules)())
            .ok_or_else(|| {
                UsageError::plain(format!(
                    "--dialect={name}: write one of {}",
                    NAMES.join(", ")
                ))
            })?,
    };
    Ok(Dialects {
        default: switched(default, typed)?,
        by_name,
    })
}

/// A dialect with what the single switches say.
fn switched(mut dialect: Dialect, typed: &Typed) -> Result<Dialect, UsageError> {
    let chars = |id: Id| -> Result<Option<Vec<u8>>, UsageError> {
        let Some(given) = typed.value(id) else {
            return Ok(None);
        };
        let text = utf8(id, given)?;
        let none = id == Id::InlineComment && text == "none";
        let sign = |char: char| {
            char.is_ascii() && !char.is_ascii_alphanumeric() && !"\n\r[]".contains(char)
        };
        if !none && (text.is_empty() || !text.chars().all(sign)) {
            let message =
                format!("--{id}={text}: write one or more signs of ASCII, such as '=:' or ';#'");
            return Err(UsageError::plain(message));
        }
        Ok(Some(text.as_bytes().to_vec()))
    };
    if let Some(delimiters) = chars(Id::Delim)? {
        dialect.delimiters = delimiters;
    }
    if let Some(comments) = chars(Id::Comment)? {
        dialect.comments = comments;
    }
    if let Some(inline) = chars(Id::InlineComment)? {
        dialect.inline_comment = if inline == b"none" {
            InlineComment::None
        } else {
            InlineComment::AfterBlank(inline)
        };
        dialect.inline_comment_known = true;
    }
    let backslash = Continuation::Backslash {
        blank: false,
        trims: false,
        escaped: false,
        over_comments: false,
    };
    if typed.has(Id::Continuation) {
        dialect.continuation_known = true;
        dialect.continuation = choice(
            typed,
            Id::Continuation,
            Continuation::None,
            &[
                ("none", Continuation::None),
                ("backslash", backslash),
                ("indent", Continuation::Indent),
            ],
        )?;
    }
    if typed.has(Id::CaseSensitive) {
        (dialect.key_case, dialect.section_case) = (Case::Exact, Case::Exact);
    }
    let quotes = [("keep", QuotedEdit::Keep), ("replace", QuotedEdit::Replace)]
        .map(|(word, meaning)| (word, Some(meaning)));
    dialect.quoted_edit = choice(typed, Id::Quotes, dialect.quoted_edit, &quotes)?;
    let which = [
        ("first", Duplicates::First),
        ("last", Duplicates::Last),
        ("all", Duplicates::All),
        ("met", Duplicates::Met),
    ]
    .map(|(word, meaning)| (word, Some(meaning)));
    dialect.duplicates_chosen = typed.has(Id::Dup);
    dialect.duplicates = choice(typed, Id::Dup, dialect.duplicates, &which)?;
    Ok(dialect)
}
