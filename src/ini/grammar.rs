//! The grammar of conditions: `EXPR` of `--where`, and the `[SECTION]KEY` of the other record options.
//!
//! ```text
//! expr  = and { "or" and }          term  = name op value | name "missing" | name "present"
//! and   = not { "and" not }         name  = [ "[" section "]" ] key
//! not   = "not" not | "(" expr ")" | term
//! ```

use super::condition::{Comparison, Expression, Term, Test};
use super::record::KeyName;
use std::cmp::Ordering;
use std::fmt;
use unicode_width::UnicodeWidthChar;
use winnow::combinator::{alt, cut_err, delimited, preceded, separated};
use winnow::error::{ErrMode, ParserError};
use winnow::prelude::*;
use winnow::stream::{Offset, Stream};
use winnow::token::take_while;

/// Where an expression is wrong, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The expression.
    pub expression: String,
    /// Byte offset of the fault in it.
    pub at: usize,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl fmt::Display for Fault {
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

impl std::error::Error for Fault {}

/// What the grammar needs to know of the run.
pub struct Context<'c> {
    /// `=` compares without case.
    pub fold: bool,
    /// Compiles the ERE of `~`; the error is one sentence.
    pub compile: &'c dyn Fn(&str) -> Result<Test, String>,
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

/// The deepest nesting of parentheses and `not`.
const DEPTH: usize = 100;

const TERM: &str = "write KEY = VALUE, KEY missing or KEY present; \
                    operators: = != ~ !~ < <= > >=";

/// Parses the argument of `--where`.
///
/// # Errors
/// A [`Fault`] that points at the place.
pub fn expression(text: &str, context: &Context<'_>) -> Result<Expression, Fault> {
    let grammar = Grammar { context };
    let mut rest = text;
    let parsed = grammar.or(&mut rest, 0).and_then(|found| {
        blanks(&mut rest)?;
        if rest.is_empty() {
            return Ok(found);
        }
        let message = if rest.starts_with(')') {
            "this ')' closes nothing".to_owned()
        } else {
            "'and' or 'or' is missing here; a value with blanks needs no quotes, a quoted one ends with its quote".to_owned()
        };
        Err(stop(rest, message))
    });
    parsed.map_err(|error| fault(text, error))
}

/// Parses `[SECTION]KEY`.
///
/// # Errors
/// A [`Fault`] that points at the place.
pub fn key_name(text: &str) -> Result<KeyName, Fault> {
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

/// Parses `[SECTION]KEY=VALUE`, as `--set` and `--add` take it: the key, and the value without blanks around it.
///
/// # Errors
/// A [`Fault`] that points at the place.
pub fn assignment(text: &str) -> Result<(KeyName, String), Fault> {
    let mut rest = text;
    let parsed = section(&mut rest).and_then(|section| {
        let (key, value) = rest.split_once('=').ok_or_else(|| {
            stop(
                "",
                "a '=' is missing; write [SECTION]KEY=VALUE or KEY=VALUE".to_owned(),
            )
        })?;
        let key = key.trim_matches(BLANKS);
        if key.is_empty() {
            return Err(stop(
                rest,
                "a key is missing before '='; write KEY=VALUE".to_owned(),
            ));
        }
        let name = KeyName {
            section,
            key: key.as_bytes().to_vec(),
        };
        Ok((name, value.trim_matches(BLANKS).to_owned()))
    });
    parsed.map_err(|error| fault(text, error))
}

const BLANKS: &[char] = &[' ', '\t', '\x0b', '\x0c'];

fn stop(rest: &str, message: String) -> ErrMode<Left> {
    ErrMode::Cut(Left {
        length: rest.len(),
        message,
    })
}

fn fault(text: &str, error: ErrMode<Left>) -> Fault {
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
    Fault {
        expression: text.to_owned(),
        at: text.len() - left.length.min(text.len()),
        message,
    }
}

fn blanks(input: &mut &str) -> Parsed<()> {
    take_while(0.., BLANKS).void().parse_next(input)
}

/// A word that is not the start of a longer one.
fn word<'w>(wanted: &'w str) -> impl FnMut(&mut &str) -> Parsed<()> + 'w {
    move |input: &mut &str| {
        let start = input.checkpoint();
        (blanks, wanted).void().parse_next(input)?;
        if input
            .chars()
            .next()
            .is_none_or(|next| BLANKS.contains(&next) || "()[".contains(next))
        {
            return Ok(());
        }
        input.reset(&start);
        Err(ErrMode::Backtrack(Left::from_input(input)))
    }
}

fn section(input: &mut &str) -> Parsed<Option<Vec<u8>>> {
    blanks(input)?;
    let Some(inside) = input.strip_prefix('[') else {
        return Ok(None);
    };
    let mut depth = 1usize;
    let close = inside.bytes().position(|byte| {
        match byte {
            b'[' => depth += 1,
            b']' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    let Some(close) = close else {
        return Err(stop(
            input,
            "this '[' has no ']'; write [SECTION]KEY".to_owned(),
        ));
    };
    let name = inside[..close].trim_matches(BLANKS).as_bytes().to_vec();
    *input = &inside[close + 1..];
    blanks(input)?;
    Ok(Some(name))
}

struct Grammar<'g> {
    context: &'g Context<'g>,
}

/// What stands between a key and its value.
#[derive(Clone, Copy)]
enum Operator {
    Equal,
    Unequal,
    Like,
    Unlike,
    Ordered(fn(Ordering) -> bool),
    Missing,
    Present,
}

/// Longer ones first, so that `<=` is not read as `<`.
const SYMBOLS: &[(&str, Operator)] = &[
    ("==", Operator::Equal),
    ("!=", Operator::Unequal),
    ("!~", Operator::Unlike),
    ("<=", Operator::Ordered(Ordering::is_le)),
    (">=", Operator::Ordered(Ordering::is_ge)),
    ("=", Operator::Equal),
    ("~", Operator::Like),
    ("<", Operator::Ordered(Ordering::is_lt)),
    (">", Operator::Ordered(Ordering::is_gt)),
];

const WORDS: &[(&str, Operator)] = &[
    ("eq", Operator::Equal),
    ("ne", Operator::Unequal),
    ("like", Operator::Like),
    ("unlike", Operator::Unlike),
    ("lt", Operator::Ordered(Ordering::is_lt)),
    ("le", Operator::Ordered(Ordering::is_le)),
    ("gt", Operator::Ordered(Ordering::is_gt)),
    ("ge", Operator::Ordered(Ordering::is_ge)),
    ("missing", Operator::Missing),
    ("present", Operator::Present),
];

impl Grammar<'_> {
    fn or(&self, input: &mut &str, depth: usize) -> Parsed<Expression> {
        let all: Vec<Expression> =
            separated(1.., |input: &mut &str| self.and(input, depth), word("or"))
                .parse_next(input)?;
        Ok(several(all, Expression::Or))
    }

    fn and(&self, input: &mut &str, depth: usize) -> Parsed<Expression> {
        let all: Vec<Expression> =
            separated(1.., |input: &mut &str| self.not(input, depth), word("and"))
                .parse_next(input)?;
        Ok(several(all, Expression::And))
    }

    fn not(&self, input: &mut &str, depth: usize) -> Parsed<Expression> {
        if depth > DEPTH {
            return Err(stop(input, format!("nested deeper than {DEPTH}")));
        }
        let negated = preceded(
            word("not"),
            cut_err(|input: &mut &str| self.not(input, depth + 1)),
        )
        .map(|inner| Expression::Not(Box::new(inner)));
        let closed = |input: &mut &str| {
            blanks(input)?;
            if input.starts_with(')') {
                *input = &input[1..];
                return Ok(());
            }
            Err(stop(input, "a ')' is missing here".to_owned()))
        };
        let group = delimited(
            (blanks, '('),
            cut_err(|input: &mut &str| self.or(input, depth + 1)),
            closed,
        );
        alt((negated, group, |input: &mut &str| self.term(input))).parse_next(input)
    }

    fn term(&self, input: &mut &str) -> Parsed<Expression> {
        let section = section(input)?;
        let (key, operator) = key_and_operator(input)?;
        let name = KeyName { section, key };
        blanks(input)?;
        let term = match operator {
            Operator::Missing => Term::Missing,
            Operator::Present => Term::Present,
            Operator::Equal | Operator::Unequal => Term::Compare {
                comparison: Comparison::Equal {
                    value: value(input)?.as_bytes().to_vec(),
                    fold: self.context.fold,
                },
                negated: matches!(operator, Operator::Unequal),
            },
            Operator::Like | Operator::Unlike => {
                let at = *input;
                let pattern = value(input)?;
                let test = (self.context.compile)(pattern).map_err(|message| stop(at, message))?;
                let negated = matches!(operator, Operator::Unlike);
                Term::Compare {
                    comparison: Comparison::Like(test),
                    negated,
                }
            }
            Operator::Ordered(holds) => {
                let at = *input;
                let value = value(input)?.as_bytes().to_vec();
                if super::condition::compare_numbers(&value, b"0").is_none() {
                    return Err(stop(
                        at,
                        "a number is missing here: < <= > >= compare numbers".to_owned(),
                    ));
                }
                Term::Compare {
                    comparison: Comparison::Ordered { value, holds },
                    negated: false,
                }
            }
        };
        Ok(Expression::Term(name, term))
    }
}

fn several(mut all: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    if all.len() == 1 {
        all.remove(0)
    } else {
        join(all)
    }
}

/// A key runs to its operator: a symbol anywhere, or a word between blanks.
fn key_and_operator(input: &mut &str) -> Parsed<(Vec<u8>, Operator)> {
    let whole = *input;
    if let Some(quoted) = quoted(input)? {
        blanks(input)?;
        let symbol = SYMBOLS.iter().find(|(text, _)| input.starts_with(text));
        let found = symbol.or_else(|| {
            WORDS
                .iter()
                .find(|(text, _)| word(text)(&mut &**input).is_ok())
        });
        let Some((text, operator)) = found else {
            return Err(stop(input, format!("an operator is missing here; {TERM}")));
        };
        *input = &input[text.len()..];
        return Ok((quoted.as_bytes().to_vec(), *operator));
    }
    for (at, _) in whole.char_indices() {
        let rest = &whole[at..];
        let key = whole[..at].trim_matches(BLANKS);
        let symbol = SYMBOLS.iter().find(|(text, _)| rest.starts_with(text));
        let after_blank = at > 0 && whole[..at].ends_with(BLANKS);
        let is_word =
            |text: &str| after_blank && word(text)(&mut &*rest).is_ok() && rest.starts_with(text);
        let found = symbol.or_else(|| WORDS.iter().find(|(text, _)| is_word(text)));
        if let Some((text, operator)) = found {
            if key.is_empty() {
                return Err(stop(
                    whole,
                    format!("a key is missing before '{text}'; {TERM}"),
                ));
            }
            *input = &rest[text.len()..];
            return Ok((key.as_bytes().to_vec(), *operator));
        }
        if rest.starts_with(')') || is_word("and") || is_word("or") {
            break;
        }
    }
    let message = if whole.trim_matches(BLANKS).is_empty() {
        format!("a condition is missing here; {TERM}")
    } else {
        format!("this is no condition; {TERM}")
    };
    Err(stop(whole, message))
}

/// A stretch in quotes, if the input starts with a quote.
fn quoted<'s>(input: &mut &'s str) -> Parsed<Option<&'s str>> {
    let Some(quote) = input
        .chars()
        .next()
        .filter(|first| matches!(first, '"' | '\''))
    else {
        return Ok(None);
    };
    let inside = &input[1..];
    let Some(end) = inside.find(quote) else {
        return Err(stop(input, format!("this {quote} is not closed")));
    };
    *input = &inside[end + 1..];
    Ok(Some(&inside[..end]))
}

/// A value: quoted, or up to ` and `, ` or `, an unbalanced `)`, or the end.
fn value<'s>(input: &mut &'s str) -> Parsed<&'s str> {
    if let Some(value) = quoted(input)? {
        return Ok(value);
    }
    let whole = *input;
    let mut depth = 0usize;
    let mut end = whole.len();
    for (at, char) in whole.char_indices() {
        let joint = |text: &str| {
            let mut rest = &whole[at..];
            BLANKS.contains(&char)
                && word(text)(&mut rest).is_ok()
                && rest.offset_from_start(whole) > at
        };
        match char {
            '(' => depth += 1,
            ')' if depth == 0 => {
                end = at;
                break;
            }
            ')' => depth -= 1,
            _ if depth == 0 && (joint("and") || joint("or")) => {
                end = at;
                break;
            }
            _ => {}
        }
    }
    *input = &whole[end..];
    Ok(whole[..end].trim_matches(BLANKS))
}

trait OffsetFromStart {
    fn offset_from_start(&self, whole: &str) -> usize;
}

impl OffsetFromStart for &str {
    fn offset_from_start(&self, whole: &str) -> usize {
        self.offset_from(&whole)
    }
}

#[cfg(test)]
mod tests;
