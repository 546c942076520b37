//! Numbers on the command line, read as GNU grep reads them.

use crate::flags::{Id, Typed, UsageError};
use crate::output::settings::Columns;
use std::ffi::OsStr;

/// Lines of context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ContextLines {
    /// Leading.
    pub before: usize,
    /// Trailing.
    pub after: usize,
}

/// `-m`: a negative number is no limit.
///
/// # Errors
/// Not a number.
pub(super) fn max_count(typed: &Typed) -> Result<Option<u64>, UsageError> {
    let mut limit = None;
    for value in typed.values(Id::MaxCount) {
        let number =
            integer(value).ok_or_else(|| UsageError::plain("invalid max count".to_owned()))?;
        limit = u64::try_from(number).ok();
    }
    Ok(limit)
}

/// `--max-columns`: 0 is no limit, none and `auto` the width of the terminal.
///
/// # Errors
/// Neither a number nor `auto`.
pub(super) fn columns(typed: &Typed, width: Option<usize>) -> Result<Columns, UsageError> {
    let auto = width.map_or(Columns::Any, Columns::Whole);
    let Some(value) = typed.value(Id::MaxColumns) else {
        return Ok(if typed.called.as_grep() {
            Columns::Any
        } else {
            auto
        });
    };
    if value == "auto" {
        return Ok(auto);
    }
    let columns = integer(value).and_then(|number| usize::try_from(number).ok());
    match columns {
        Some(0) => Ok(Columns::Any),
        Some(columns) => Ok(Columns::Text(columns)),
        None => Err(UsageError::plain(format!(
            "--max-columns={}: write auto or a number of columns, such as 120",
            value.to_string_lossy()
        ))),
    }
}

/// `-A`, `-B`, `-C` and `-NUM`.
///
/// # Errors
/// Not a number, or a negative one.
pub(super) fn context(typed: &Typed) -> Result<ContextLines, UsageError> {
    let length = |value: &OsStr| {
        integer(value)
            .and_then(|number| usize::try_from(number).ok())
            .ok_or_else(|| {
                let shown = value.to_string_lossy();
                UsageError::plain(format!("{shown}: invalid context length argument"))
            })
    };
    let last = |id: Id| -> Result<Option<usize>, UsageError> {
        let lengths: Result<Vec<usize>, UsageError> = typed.values(id).map(length).collect();
        Ok(lengths?.last().copied())
    };
    let both = match (last(Id::Context)?, typed.digits()) {
        (_, Some(digits)) => Some(length(digits)?),
        (both, None) => both,
    };
    Ok(ContextLines {
        before: last(Id::BeforeContext)?.or(both).unwrap_or(0),
        after: last(Id::AfterContext)?.or(both).unwrap_or(0),
    })
}

/// `-C` and `-NUM`, if one was given: the lines of context of a diff.
///
/// # Errors
/// Not a number, or a negative one.
pub(super) fn diff_context(typed: &Typed) -> Result<Option<usize>, UsageError> {
    let given = typed.has(Id::Context) || typed.digits().is_some();
    Ok(given.then_some(context(typed)?.before))
}

/// Whether any context was asked for, be it of no lines.
pub(super) fn context_given(typed: &Typed) -> bool {
    typed.any_given(&[Id::AfterContext, Id::BeforeContext, Id::Context]) || typed.digits().is_some()
}

/// A whole number as strtoimax reads it; one beyond the range is the range's end.
fn integer(text: &OsStr) -> Option<i64> {
    let text = text
        .to_str()?
        .trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let negative = text.starts_with('-');
    Some(
        text.parse()
            .unwrap_or(if negative { i64::MIN } else { i64::MAX }),
    )
}
