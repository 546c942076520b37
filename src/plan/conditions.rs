//! The conditions that options ask for, and the files that they name.

use super::lists;
use super::names::{key_name, utf8};
use crate::flags::{Id, Typed, UsageError};
use crate::ini::condition::{Condition, Expression, Term, Test, ValueSet};
use crate::ini::grammar;
use crate::pattern::{Charset, Matcher, Options, Syntax};
use encoding_rs::Encoding;
use std::cell::RefCell;
use std::ffi::OsStr;
use std::sync::Arc;

/// What must hold for a record, in the order given. `fold`: values compare without case; `fallback`: the encoding of
/// lists that are not UTF-8; what is to be warned of is added to `warnings`.
///
/// # Errors
/// Where a condition is wrong, or which file cannot be read.
pub(super) fn conditions(
    typed: &Typed,
    fold: bool,
    fallback: &'static Encoding,
    warnings: &mut Vec<String>,
) -> Result<Vec<Condition>, UsageError> {
    let compile = |ere: &str| -> Result<Test, String> {
        let options = Options {
            ignore_case: fold,
            ..Options::new(Syntax::Extended, Charset::Utf8)
        };
        let compiled = Matcher::compile(&[ere.as_bytes().to_vec()], &options)
            .map_err(|error| format!("this pattern does not compile: {error}"))?;
        let matcher = compiled.matcher;
        // A value on which the pattern gives up does not satisfy it.
        let test: Test = Arc::new(move |value: &[u8]| matcher.is_match(value).unwrap_or(false));
        Ok(test)
    };
    let noted = RefCell::new(warnings);
    let read_list = |path: &str| -> Result<Arc<ValueSet>, String> {
        let lines = lists::read(OsStr::new(path), fallback).map_err(|error| error.to_string())?;
        let blank = "a blank line is left out";
        noted.borrow_mut().extend(lines.warning(path, blank));
        let entries = lines.entries.into_iter();
        let entries = entries.map(|(at, line)| (at, line.trim_ascii().to_vec()));
        Ok(Arc::new(ValueSet::new(
            Some(path.to_owned()),
            entries.collect(),
            fold,
        )))
    };
    let context = grammar::Context {
        fold,
        compile: &compile,
        read_list: &read_list,
    };
    let mut all = Vec::new();
    for (id, value) in typed.in_order(&[Id::Where, Id::Has, Id::Missing]) {
        let expression = match id {
            Id::Where => grammar::expression(utf8(id, value)?, &context).map_err(|fault| {
                let hint = if lone_word(value) {
                    "\n  if the shell took a > or < from it, quote all of it: --where 'Tries > 3'"
                } else {
                    ""
                };
                UsageError::plain(format!("--where: {fault}{hint}"))
            })?,
            Id::Has => Expression::Term(key_name(id, value)?, Term::Present),
            _ => Expression::Term(key_name(id, value)?, Term::Missing),
        };
        all.push(Condition { expression });
    }
    Ok(all)
}

/// Whether a condition is what the shell leaves of `Tries > 3` without quotes.
fn lone_word(value: &OsStr) -> bool {
    let word = value.to_string_lossy();
    !word.is_empty()
        && word
            .chars()
            .all(|char| char.is_alphanumeric() || "_-.".contains(char))
}

/// The options that decide whether case matters; the last one counts.
pub(super) const CASE: &[Id] = &[Id::IgnoreCase, Id::NoIgnoreCase, Id::SmartCase];

/// Whether case is ignored, in patterns and in conditions.
pub(super) fn folds(typed: &Typed) -> bool {
    typed.last_of(CASE) == Some(Id::IgnoreCase)
}
