//! The grammar of conditions: `EXPR` of `--where`, and the `[SECTION]KEY` of the other record options.
//!
//! This file has what all of them share: names, assignments, faults.

mod expression;

use super::condition::{Test, ValueSet};
use super::record::KeyName;
use std::fmt;
use std::sync::Arc;
use unicode_width::UnicodeWidthChar;
use winnow::error::{ErrMode, ParserError};
use winnow::prelude::*;
use winnow::token::take_while;

pub use expression::expression;

/// Where an expression is wrong, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrammarError {
    /// The expression.
    pub expression: String,
    /// Byte offset of the fault in it.
    pub at: usize,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl fmt::Display for GrammarError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = pointed(&self.expression, self.at);
        write!(out, "{}\n{shown}", self.message)
    }
}

/// `text`, and on a line beneath it a caret at the byte offset `at`, both indented.
pub fn pointed(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    // A tab keeps its width, a wide character has two columns and a combining one none.
    let blanks = |char: char| match char {
        '\t' => "\t".to_owned(),
        _ => " ".repeat(char.width().unwrap_or(0)),
    };
    let lead: String = before.chars().map(blanks).collect();
    format!("  {text}\n  {lead}^")
}

impl std::error::Error for GrammarError {}

/// What the grammar needs to know of the run.
pub struct Context<'c> {
    /// `=` compares without case.
    pub fold: bool,
    /// Compiles the ERE of `~`; the error is one sentence.
    pub compile: &'c dyn Fn(&str) -> Result<Test, String>,
    /// Reads the file of `in @FILE`; the error is one sentence.
    pub read_list: &'c dyn Fn(&str) -> Result<Arc<ValueSet>, String>,
}

/// A fault while parsing: the text left at the fault, and the message.
#[derive(Clone, Debug)]
struct Left {
    length: usize,
    message: String,
}

impl<'s> ParserError<&'s str> for Left {
    type Inner = Left;

    fn from_input(input: &&'s str) -> Left {
        Left {
            length: input.len(),
            message: String::new(),
        }
    }

    fn into_inner(self) -> Result<Left, Left> {
        Ok(self)
    }

    fn or(self, other: Left) -> Left {
        // The alternative that got further knows better.
        if self.length < other.length || other.message.is_empty() {
            self
        } else {
            other
        }
    }
}

type Parsed<T> = Result<T, ErrMode<Left>>;

const TERM: &str = "write KEY = VALUE, KEY in (A, B), KEY missing or KEY present; \
                    operators: = != ~ !~ < <= > >=";

/// Parses `[SECTION]KEY`.
///
/// # Errors
/// A [`GrammarError`] that points at the place.
pub fn key_name(text: &str) -> Result<KeyName, GrammarError> {
    let mut rest = text;
    let parsed = section(&mut rest).and_then(|section| {
        let key = rest.trim_matches(BLANKS);
        if key.is_empty() {
            return Err(stop(
                rest,
                "a key is missing here; write [SECTION]KEY or KEY".to_owned(),
            ));
        }
        Ok(KeyName {
            section,
            key: key.as_bytes().to_vec(),
        })
    });
    parsed.map_err(|error| fault(text, error))
}

/// What `[SECTION]KEY=VALUE` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The key.
    pub name: KeyName,
    /// What was typed between key and value: `=` and the blanks around it.
    pub delimiter: String,
    /// The value, without blanks around it; none: no `=` was typed.
    pub value: Option<String>,
}

/// Parses `[SECTION]KEY=VALUE`, as `--set` takes it, or `[SECTION]KEY` alone.
///
/// # Errors
/// A [`GrammarError`] that points at the place.
pub fn assignment(text: &str) -> Result<Assignment, GrammarError> {
    let mut rest = text;
    let parsed = section(&mut rest).and_then(|section| {
        let (key, value) = match rest.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (rest, None),
        };
        let trimmed = key.trim_matches(BLANKS);
        if trimmed.is_empty() {
            let message = match value {
                Some(_) => "a key is missing before '='; write KEY=VALUE",
                None => "a key is missing here; write [SECTION]KEY=VALUE or KEY=VALUE",
            };
            return Err(stop(rest, message.to_owned()));
        }
        let name = KeyName {
            section,
            key: trimmed.as_bytes().to_vec(),
        };
        let after = key.trim_end_matches(BLANKS).len();
        let shown = value.map_or("", |value| value.trim_matches(BLANKS));
        let lead = value.map_or(0, |value| {
            value.len() - value.trim_start_matches(BLANKS).len()
        });
        let delimiter = match value {
            // Blanks at the end of an empty value are typed for nothing.
            Some(_) if shown.is_empty() => format!("{}=", &key[after..]),
            Some(value) => format!("{}={}", &key[after..], &value[..lead]),
            None => String::new(),
        };
        Ok(Assignment {
            name,
            delimiter,
            value: value.map(|_| shown.to_owned()),
        })
    });
    parsed.map_err(|error| fault(text, error))
}

/// Parses `[SECTION]` where no key follows; none where it is something else.
pub fn section_alone(text: &str) -> Option<Vec<u8>> {
    let mut rest = text;
    let name = section(&mut rest).ok()?;
    name.filter(|_| rest.trim_matches(BLANKS).is_empty())
}

const BLANKS: &[char] = &[' ', '\t', '\x0b', '\x0c'];

fn stop(rest: &str, message: String) -> ErrMode<Left> {
    ErrMode::Cut(Left {
        length: rest.len(),
        message,
    })
}

fn fault(text: &str, error: ErrMode<Left>) -> GrammarError {
    let left = match error {
        ErrMode::Backtrack(left) | ErrMode::Cut(left) => left,
        ErrMode::Incomplete(_) => Left {
            length: 0,
            message: String::new(),
        },
    };
    let message = if left.message.is_empty() {
        TERM.to_owned()
    } else {
        left.message
    };
    GrammarError {
        expression: text.to_owned(),
        at: text.len() - left.length.min(text.len()),
        message,
    }
}

fn blanks(input: &mut &str) -> Parsed<()> {
    take_while(0.., BLANKS).void().parse_next(input)
}

/// `[SECTION]`, if the input starts with one. As in a header, a `[` that follows the `]` at once goes on with the name.
fn section(input: &mut &str) -> Parsed<Option<Vec<u8>>> {
    blanks(input)?;
    let Some(inside) = input.strip_prefix('[') else {
        return Ok(None);
    };
    let close = |from: usize| {
        let mut depth = 1usize;
        let bytes = inside.as_bytes()[from..].iter();
        let at = bytes.clone().position(|byte| {
            match byte {
                b'[' => depth += 1,
                b']' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        at.map(|at| from + at)
    };
    let Some(mut end) = close(0) else {
        return Err(stop(
            input,
            "this '[' has no ']'; write [SECTION]KEY".to_owned(),
        ));
    };
    while inside[end + 1..].starts_with('[') {
        match close(end + 2) {
            Some(next) => end = next,
            None => break,
        }
    }
    let name = inside[..end].trim_matches(BLANKS).as_bytes().to_vec();
    *input = &inside[end + 1..];
    blanks(input)?;
    Ok(Some(name))
}

#[cfg(test)]
mod tests;
