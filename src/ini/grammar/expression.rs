//! The conditions of `--where`.
//!
//! ```text
//! expr  = and { or and }            term  = name op value | name "missing" | name "present"
//! and   = not { and not }                 | name ["not"] "in" ( "(" value { "," value } ")" | "@" file )
//! not   = not not | "(" expr ")" | term
//! name  = [ "[" section "]" ] key
//! ```
//!
//! `or`, `and` and `not` are these words in any case, or `||`, `&&` and `!`.

use super::{BLANKS, Context, GrammarError, Left, Parsed, TERM, blanks, fault, section, stop};
use crate::ini::condition::{Comparison, Expression, Term, ValueSet, compare_numbers};
use crate::ini::record::KeyName;
use std::cmp::Ordering;
use std::sync::Arc;
use winnow::ascii::Caseless;
use winnow::combinator::{alt, cut_err, delimited, preceded, separated};
use winnow::error::{ErrMode, ParserError};
use winnow::prelude::*;
use winnow::stream::Stream;

/// The deepest nesting of parentheses and `not`.
const DEPTH: usize = 100;

/// Parses the argument of `--where`.
///
/// # Errors
/// A [`GrammarError`] that points at the place.
pub fn expression(text: &str, context: &Context<'_>) -> Result<Expression, GrammarError> {
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

/// A word, in any case, that is not the start of a longer one.
fn word<'w>(wanted: &'w str) -> impl FnMut(&mut &str) -> Parsed<()> + 'w {
    move |input: &mut &str| {
        let start = input.checkpoint();
        (blanks, Caseless(wanted)).void().parse_next(input)?;
        if input
            .chars()
            .next()
            .is_none_or(|next| BLANKS.contains(&next) || "()[!@".contains(next))
        {
            return Ok(());
        }
        input.reset(&start);
        Err(ErrMode::Backtrack(Left::from_input(input)))
    }
}

/// A word, or the sign that means the same.
fn joint<'w>(wanted: &'w str, sign: &'w str) -> impl FnMut(&mut &str) -> Parsed<()> + 'w {
    move |input: &mut &str| alt((word(wanted), (blanks, sign).void())).parse_next(input)
}

/// Whether `rest` starts with a word, without blanks before it.
fn starts_with_word(rest: &str, wanted: &str) -> bool {
    !rest.starts_with(BLANKS) && word(wanted)(&mut &*rest).is_ok()
}

/// `!`, but not that of `!=` or `!~`.
fn exclamation(input: &mut &str) -> Parsed<()> {
    let start = input.checkpoint();
    (blanks, '!').void().parse_next(input)?;
    if input.starts_with(['=', '~']) {
        input.reset(&start);
        return Err(ErrMode::Backtrack(Left::from_input(input)));
    }
    Ok(())
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
    In,
    NotIn,
    Missing,
    Present,
}

/// Longer ones first, so that `<=` is not read as `<`.
const SYMBOLS: &[(&str, Operator)] = &[
    ("==", Operator::Equal),
    ("=~", Operator::Like),
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

/// The operator that `rest` starts with, and its length; `words`: a word may be one.
fn operator(rest: &str, words: bool) -> Option<(usize, Operator)> {
    let symbol = SYMBOLS.iter().find(|(text, _)| rest.starts_with(text));
    let word = || {
        WORDS
            .iter()
            .find(|(text, _)| words && starts_with_word(rest, text))
    };
    let found = symbol.or_else(word);
    found
        .map(|(text, operator)| (text.len(), *operator))
        .or_else(|| membership(rest).filter(|_| words))
}

/// `in` or `not in` before a parenthesis or an `@`: in a key it is a word like any other.
fn membership(rest: &str) -> Option<(usize, Operator)> {
    let mut left = rest;
    let negated = starts_with_word(rest, "not") && word("not")(&mut left).is_ok();
    word("in")(&mut left).ok()?;
    let list = left.trim_start_matches(BLANKS).starts_with(['(', '@']);
    let operator = if negated {
        Operator::NotIn
    } else {
        Operator::In
    };
    (list && !rest.starts_with(BLANKS)).then_some((rest.len() - left.len(), operator))
}

impl Grammar<'_> {
    fn or(&self, input: &mut &str, depth: usize) -> Parsed<Expression> {
        let and = |input: &mut &str| self.and(input, depth);
        let all: Vec<Expression> = separated(1.., and, joint("or", "||")).parse_next(input)?;
        Ok(several(all, Expression::Or))
    }

    fn and(&self, input: &mut &str, depth: usize) -> Parsed<Expression> {
        let not = |input: &mut &str| self.not(input, depth);
        let all: Vec<Expression> = separated(1.., not, joint("and", "&&")).parse_next(input)?;
        Ok(several(all, Expression::And))
    }

    fn not(&self, input: &mut &str, depth: usize) -> Parsed<Expression> {
        if depth > DEPTH {
            return Err(stop(input, format!("nested deeper than {DEPTH}")));
        }
        let negated = preceded(
            alt((word("not"), exclamation)),
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
        let at = *input;
        let (comparison, negated) = match operator {
            Operator::Missing => return Ok(Expression::Term(name, Term::Missing)),
            Operator::Present => return Ok(Expression::Term(name, Term::Present)),
            Operator::Equal | Operator::Unequal => {
                let value = value(input, false)?.as_bytes().to_vec();
                let fold = self.context.fold;
                let negated = matches!(operator, Operator::Unequal);
                (Comparison::Equal { value, fold }, negated)
            }
            Operator::In | Operator::NotIn => {
                let values = self.values(input)?;
                let negated = matches!(operator, Operator::NotIn);
                (Comparison::OneOf(values), negated)
            }
            Operator::Like | Operator::Unlike => {
                let pattern = value(input, true)?;
                let test = (self.context.compile)(pattern).map_err(|message| stop(at, message))?;
                let negated = matches!(operator, Operator::Unlike);
                (Comparison::Like(test), negated)
            }
            Operator::Ordered(holds) => {
                let value = value(input, false)?.as_bytes().to_vec();
                if compare_numbers(&value, b"0").is_none() {
                    return Err(stop(
                        at,
                        "a number is missing here: < <= > >= compare numbers".to_owned(),
                    ));
                }
                (Comparison::Ordered { value, holds }, false)
            }
        };
        let term = Term::Compare {
            comparison,
            negated,
        };
        Ok(Expression::Term(name, term))
    }

    /// What follows `in`: `(A, B)` or `@FILE`.
    fn values(&self, input: &mut &str) -> Parsed<Arc<ValueSet>> {
        let at = *input;
        if let Some(file) = input.strip_prefix('@') {
            *input = file;
            let path = value(input, true)?;
            if path.is_empty() {
                return Err(stop(at, "a file is missing after '@'".to_owned()));
            }
            return (self.context.read_list)(path).map_err(|message| stop(at, message));
        }
        *input = &input[1..];
        let mut entries = Vec::new();
        loop {
            blanks(input)?;
            let here = *input;
            let value = match quoted(input)? {
                Some(value) => value,
                None => {
                    let end = here.find([',', ')']).unwrap_or(here.len());
                    *input = &here[end..];
                    here[..end].trim_matches(BLANKS)
                }
            };
            if value.is_empty() && !here.starts_with(['"', '\'']) {
                return Err(stop(
                    here,
                    "a value is missing here; write KEY in (A, B), or \"\" for an empty one"
                        .to_owned(),
                ));
            }
            entries.push((0, value.as_bytes().to_vec()));
            blanks(input)?;
            let next = input.chars().next();
            if !matches!(next, Some(',' | ')')) {
                return Err(stop(
                    input,
                    "a ')' is missing here; write KEY in (A, B)".to_owned(),
                ));
            }
            *input = &input[1..];
            if next == Some(')') {
                let set = ValueSet::new(None, entries, self.context.fold);
                return Ok(Arc::new(set));
            }
        }
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
        let Some((length, operator)) = operator(input, true) else {
            return Err(stop(input, format!("an operator is missing here; {TERM}")));
        };
        *input = &input[length..];
        return Ok((quoted.as_bytes().to_vec(), operator));
    }
    for (at, _) in whole.char_indices() {
        let rest = &whole[at..];
        let key = whole[..at].trim_matches(BLANKS);
        let after_blank = at > 0 && whole[..at].ends_with(BLANKS);
        if let Some((length, operator)) = operator(rest, after_blank) {
            if key.is_empty() {
                return Err(stop(
                    whole,
                    format!("a key is missing before '{}'; {TERM}", &rest[..length]),
                ));
            }
            *input = &rest[length..];
            return Ok((key.as_bytes().to_vec(), operator));
        }
        let is_joint = |text: &str| after_blank && starts_with_word(rest, text);
        let ends = rest.starts_with(')') || rest.starts_with("&&") || rest.starts_with("||");
        if ends || is_joint("and") || is_joint("or") {
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

/// A value: quoted, or up to the next and/or, an unbalanced `)`, or the end; `bars`: it may hold `|`.
///
/// An unquoted one in which something looks like a condition or an operator is a fault: nothing typed becomes part of a
/// value in silence, as that can select more than was meant.
fn value<'s>(input: &mut &'s str, bars: bool) -> Parsed<&'s str> {
    if let Some(value) = quoted(input)? {
        return Ok(value);
    }
    let whole = *input;
    let mut depth = 0usize;
    let mut end = whole.len();
    for (at, char) in whole.char_indices() {
        let rest = &whole[at..];
        let after_blank = at > 0 && whole[..at].ends_with(BLANKS);
        let is_joint = |text: &str| after_blank && starts_with_word(rest, text);
        match char {
            '(' => depth += 1,
            ')' if depth == 0 => {
                end = at;
                break;
            }
            ')' => depth -= 1,
            _ if rest.starts_with("&&") || rest.starts_with("||") => {
                end = at;
                break;
            }
            _ if depth == 0 && (is_joint("and") || is_joint("or")) => {
                end = at;
                break;
            }
            _ => {}
        }
    }
    *input = &whole[end..];
    let value = whole[..end].trim_matches(BLANKS);
    match doubtful(value, bars) {
        None => Ok(value),
        Some((at, message)) => Err(stop(&whole[at..], message)),
    }
}

/// Where an unquoted value holds what was hardly meant as part of it, and what to write instead.
fn doubtful(value: &str, bars: bool) -> Option<(usize, String)> {
    let quote =
        |what: &str| format!("{what}; a value that is to hold this needs quotes: KEY = \"...\"");
    if value.starts_with(['=', '!', '~', '<', '>']) {
        return Some((0, quote("this value starts with an operator")));
    }
    if let Some(at) = value.find('|').filter(|_| !bars) {
        let message =
            quote("'|' joins nothing here: write 'or' between conditions, or KEY in (A, B)");
        return Some((at, message));
    }
    let lone = |at: usize| value[..at].ends_with(BLANKS) && value[at + 1..].starts_with(BLANKS);
    if let Some((at, _)) = value.match_indices('&').find(|(at, _)| lone(*at)) {
        return Some((
            at,
            quote("'&' joins nothing here: write 'and' between conditions"),
        ));
    }
    let starts = value
        .char_indices()
        .filter(|(_, char)| BLANKS.contains(char) || matches!(char, ',' | ';' | '('));
    for (at, char) in starts {
        let rest = value[at + 1..].trim_start_matches(BLANKS);
        if is_term(rest, !BLANKS.contains(&char)) {
            let what = "this looks like another condition: write 'and' or 'or' between the two";
            return Some((at, quote(what)));
        }
    }
    None
}

/// Whether `rest` starts as a term does: a name and an operator; `words`: any word that is one counts, else only those that
/// names of people do not hold, as `le` is in some.
fn is_term(rest: &str, words: bool) -> bool {
    let rest = rest.strip_prefix("not ").unwrap_or(rest);
    let mut left = rest;
    if section(&mut left).is_err() {
        return false;
    }
    let name = |char: char| char.is_alphanumeric() || "_-.".contains(char);
    let after = left.trim_start_matches(name);
    let spaced = after.trim_start_matches(BLANKS);
    let certain = |found: Operator| {
        let plain_word = spaced.starts_with(char::is_alphabetic)
            && !matches!(
                found,
                Operator::Missing | Operator::Present | Operator::In | Operator::NotIn
            );
        words || !plain_word
    };
    let found = operator(spaced, spaced.len() < after.len());
    after.len() < left.len() && found.is_some_and(|(_, found)| certain(found))
}
