//! The dialect that options ask for: a preset, and the single switches.

use super::names::{choice, utf8};
use crate::flags::{Typed, UsageError};
use crate::ini::dialect::{Case, Continuation, Dialect, Duplicates, InlineComment, QuotedEdit};
use crate::ini::presets::{PRESETS, Preset};

/// The rules to scan by.
///
/// # Errors
/// What is wrong with an option, and what to write instead.
pub fn dialect(typed: &Typed) -> Result<Dialect, UsageError> {
    let mut dialect = match typed.value("dialect") {
        None => Dialect::default(),
        Some(name) => Preset::named(&name.to_string_lossy())
            .map(|preset| (preset.rules)())
            .ok_or_else(|| {
                let known: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
                let name = name.to_string_lossy();
                UsageError::plain(format!(
                    "--dialect={name}: write one of {}",
                    known.join(", ")
                ))
            })?,
    };
    let chars = |id: &str| -> Result<Option<Vec<u8>>, UsageError> {
        let Some(given) = typed.value(id) else {
            return Ok(None);
        };
        let text = utf8(id, given)?;
        if !text.is_ascii() || text.is_empty() || text.contains(['\n', '\r', '[', ']']) {
            let message =
                format!("--{id}={text}: write one or more ASCII characters, such as '=:'");
            return Err(UsageError::plain(message));
        }
        Ok(Some(text.as_bytes().to_vec()))
    };
    if let Some(delimiters) = chars("delim")? {
        dialect.delimiters = delimiters;
    }
    if let Some(comments) = chars("comment")? {
        dialect.comments = comments;
    }
    if let Some(inline) = chars("inline-comment")? {
        dialect.inline_comment = if inline == b"none" {
            InlineComment::None
        } else {
            InlineComment::AfterBlank(inline)
        };
        dialect.inline_comment_known = true;
    }
    let backslash = Continuation::Backslash {
        blank: false,
        escaped: false,
        over_comments: false,
    };
    if typed.has("continuation") {
        dialect.continuation_known = true;
        dialect.continuation = choice(
            typed,
            "continuation",
            Continuation::None,
            &[
                ("none", Continuation::None),
                ("backslash", backslash),
                ("indent", Continuation::Indent),
            ],
        )?;
    }
    if typed.has("case-sensitive") {
        (dialect.key_case, dialect.section_case) = (Case::Exact, Case::Exact);
    }
    let quotes = [("keep", QuotedEdit::Keep), ("replace", QuotedEdit::Replace)]
        .map(|(word, meaning)| (word, Some(meaning)));
    dialect.quoted_edit = choice(typed, "quotes", dialect.quoted_edit, &quotes)?;
    let which = [
        ("first", Duplicates::First),
        ("last", Duplicates::Last),
        ("all", Duplicates::All),
        ("met", Duplicates::Met),
    ]
    .map(|(word, meaning)| (word, Some(meaning)));
    dialect.duplicates_chosen = typed.has("dup");
    dialect.duplicates = choice(typed, "dup", dialect.duplicates, &which)?;
    Ok(dialect)
}
