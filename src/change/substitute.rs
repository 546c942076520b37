//! From what is asked for to edits of one file's text. Pure: text and records in, edits or refusals out.

use super::doubt;
use super::locate::{lines_to_edit, section_to_add};
use crate::ini::dialect::QuotedEdit;
use crate::ini::record::{KeyName, Record, View};
use crate::ini::scan::Kind;
use crate::ini::value::outer_quote;
use std::ops::Range;

pub use super::template::Template;

/// A change of the text: the bytes at `span` become `new`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEdit {
    /// Byte offsets in the text.
    pub span: Range<usize>,
    /// UTF-8 (or, where the text is not, bytes).
    pub new: Vec<u8>,
    /// What it means to the line it is in.
    pub effect: Effect,
}

/// What an edit means to the lines of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Text is replaced, whatever it is.
    Text,
    /// The value of a key line becomes the new text.
    Value,
    /// A key line comes in, behind the line before it.
    Insert {
        /// Its key.
        key: Vec<u8>,
        /// Its value.
        value: Vec<u8>,
    },
    /// A key line goes.
    Remove,
}

/// Why a file is not edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Byte offset in the text of the line it is about; none: the whole file.
    pub at: Option<usize>,
    /// What is in the way, and the way out.
    pub reason: String,
}

impl Refusal {
    /// A refusal for the line at `at`.
    pub fn at(at: usize, reason: impl Into<String>) -> Refusal {
        Refusal {
            at: Some(at),
            reason: reason.into(),
        }
    }

    /// A refusal for the whole file.
    pub fn file(reason: impl Into<String>) -> Refusal {
        Refusal {
            at: None,
            reason: reason.into(),
        }
    }
}

/// A selected record, and the lines it was selected by.
#[derive(Clone, Debug)]
pub struct Target {
    /// The record.
    pub record: Record,
    /// Its matching or witness lines, as indices of items.
    pub lines: Vec<usize>,
}

/// What a change came to in one record.
#[derive(Debug, Default)]
pub struct Change {
    /// The edits.
    pub edits: Vec<TextEdit>,
    /// Whether the record lacks the key to set, or the section to add it to.
    pub lacking: bool,
}

/// Sets the value of `name` in `target`. `confined`: an edited line must stand in a section of the target's lines.
///
/// # Errors
/// The first thing in the way.
pub fn set(
    view: &View<'_>,
    target: &Target,
    name: &KeyName,
    value: &str,
    confined: bool,
) -> Result<Change, Refusal> {
    let mut outcome = Change::default();
    let lines = lines_to_edit(view, target, name, confined, false)?;
    outcome.lacking = lines.is_empty();
    if view.dialect.empty_resets && value.is_empty() {
        let other = view.lines_of(&target.record, name).nth(1);
        if let Some(other) = other {
            let reason = format!(
                "an empty value forgets the other lines of '{}'; take them out with --unset",
                shown(&name.key)
            );
            return Err(Refusal::at(
                view.scan.items[other].span.start as usize,
                reason,
            ));
        }
    }
    for item in lines {
        doubt::check_line(view, item)?;
        let line = &view.scan.items[item];
        let at = line.span.start as usize;
        let key = shown(line.key.of(view.text));
        if line.kind == Kind::Bare {
            let reason = format!("key '{key}' stands without a value, so there is none to set");
            return Err(Refusal::at(at, reason));
        }
        let raw = line.value.of(view.text);
        let mut span = line.value.range();
        if matches!(raw.first(), Some(b'"' | b'\'')) {
            match view.dialect.quoted_edit {
                None => {
                    return Err(Refusal::at(
                        at,
                        format!(
                            "the value of '{key}' stands in quotes; say --quotes=keep or --quotes=replace"
                        ),
                    ));
                }
                Some(QuotedEdit::Replace) => {}
                // A new value that brings such quotes along takes the place of the old ones.
                Some(QuotedEdit::Keep)
                    if outer_quote(raw).is_some()
                        && outer_quote(raw) == outer_quote(value.as_bytes()) => {}
                Some(QuotedEdit::Keep) if outer_quote(raw).is_some() => {
                    span = span.start + 1..span.end - 1;
                }
                Some(QuotedEdit::Keep) => {
                    return Err(Refusal::at(
                        at,
                        format!(
                            "the quote before the value of '{key}' has no partner to keep; say --quotes=replace"
                        ),
                    ));
                }
            }
        }
        if &view.text[span.clone()] != value.as_bytes() {
            let mut new = value.as_bytes().to_vec();
            // A value that was empty keeps its distance from the comment behind it.
            let behind = view.text.get(span.end);
            let bare = span == line.value.range() && span.is_empty();
            if bare && behind.is_some_and(|byte| !matches!(byte, b'\r' | b'\n')) {
                new.push(b' ');
            }
            outcome.edits.push(TextEdit {
                span,
                new,
                effect: Effect::Value,
            });
        }
    }
    Ok(outcome)
}

/// Adds `name` with `value` to `target` where it is missing: behind the last key line of its section, in that line's
/// indentation, delimiter and spacing. `line_end` tells the line end that stands before an offset of the text.
///
/// # Errors
/// The first thing in the way.
pub fn add(
    view: &View<'_>,
    target: &Target,
    name: &KeyName,
    value: &str,
    line_end: &dyn Fn(usize) -> Option<&'static str>,
) -> Result<Change, Refusal> {
    let mut change = Change::default();
    if view.lines_of(&target.record, name).next().is_some() {
        return Ok(change);
    }
    let Some(section) = section_to_add(view, target, name)? else {
        change.lacking = true;
        return Ok(change);
    };
    let items = view.scan.sections[section].items.clone();
    let items_of = |range: Range<usize>| range.map(|at| &view.scan.items[at]);
    let last_key = items
        .clone()
        .rev()
        .find(|&at| view.scan.items[at].has_key());
    if let Some(item) = last_key {
        doubt::check_continuation(view, item)?;
    }
    // A model for indentation and spacing: a key line with a value, of this section or of the file.
    let whole = 0..view.scan.items.len();
    let model = items_of(items.clone())
        .rev()
        .chain(items_of(whole.clone()))
        .find(|item| item.kind == Kind::Key && !item.value.is_empty());
    let (indent, delimiter) = match model {
        Some(item) => (
            &view.text[item.span.start as usize..item.key.start as usize],
            &view.text[item.key.end as usize..item.value.start as usize],
        ),
        None => (&b""[..], &view.dialect.delimiters[..1]),
    };
    let line = [indent, &name.key, delimiter, value.as_bytes()].concat();
    let before = last_key.or_else(|| items.clone().next().filter(|_| section > 0));
    let at = before.map_or(0, |item| view.scan.items[item].span.end as usize);
    let any_end = items_of(whole).find_map(|item| line_end(item.span.end as usize));
    let end = any_end.unwrap_or("\n").as_bytes();
    // A last line without its end keeps being one: the new line takes its place.
    let new = match before.map(|_| line_end(at)) {
        Some(None) => [end, &line].concat(),
        Some(Some(end)) => [&line, end.as_bytes()].concat(),
        None => [&line, end].concat(),
    };
    let effect = Effect::Insert {
        key: name.key.clone(),
        value: value.as_bytes().to_vec(),
    };
    change.edits.push(TextEdit {
        span: at..at,
        new,
        effect,
    });
    Ok(change)
}

/// Removes the lines of `name` from `target`.
///
/// # Errors
/// The first thing in the way.
pub fn unset(
    view: &View<'_>,
    target: &Target,
    name: &KeyName,
    confined: bool,
) -> Result<Change, Refusal> {
    let mut change = Change::default();
    for item in lines_to_edit(view, target, name, confined, true)? {
        doubt::check_continuation(view, item)?;
        let span = view.scan.items[item].span.range();
        change.edits.push(TextEdit {
            span,
            new: Vec::new(),
            effect: Effect::Remove,
        });
    }
    Ok(change)
}

/// A name or value for a message.
pub fn shown(bytes: &[u8]) -> String {
    crate::output::messages::shown_path(bytes)
}

/// A file whose last line has no end keeps having none: where lines go from its end, the line end before them goes too.
/// The edits are in order.
pub fn keep_missing_end(text: &[u8], edits: &mut [TextEdit]) {
    let mut end = text.len();
    if text.ends_with(b"\n") {
        return;
    }
    // A line that comes in behind the last one brings the line end along that stood before it.
    let gone = edits.iter().rposition(|edit| !edit.span.is_empty());
    let gone = gone.map_or(0, |last| last + 1);
    for at in (0..gone).rev() {
        if edits[at].effect != Effect::Remove || edits[at].span.end != end {
            return;
        }
        let before = &text[..edits[at].span.start];
        let line_end = if before.ends_with(b"\r\n") {
            2
        } else {
            usize::from(before.ends_with(b"\n"))
        };
        end = edits[at].span.start;
        let more =
            at > 0 && edits[at - 1].effect == Effect::Remove && edits[at - 1].span.end == end;
        if !more {
            edits[at].span.start -= line_end;
        }
    }
}

/// Puts edits in order and checks that no two touch.
///
/// # Errors
/// Two changes of one place.
pub fn ordered(mut edits: Vec<TextEdit>) -> Result<Vec<TextEdit>, Refusal> {
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    edits.dedup();
    let inserts = |edit: &TextEdit| matches!(edit.effect, Effect::Insert { .. });
    // Several lines may come in at one place, each key once.
    let same_key = |pair: &[TextEdit]| match (&pair[0].effect, &pair[1].effect) {
        (Effect::Insert { key: a, .. }, Effect::Insert { key: b, .. }) => a == b,
        _ => false,
    };
    let clash = edits.windows(2).find(|pair| {
        pair[0].span.end > pair[1].span.start
            || pair[0].span.start == pair[1].span.start
                && (!(inserts(&pair[0]) && inserts(&pair[1])) || same_key(pair))
    });
    match clash {
        Some(pair) => Err(Refusal::at(
            pair[1].span.start,
            "two changes of one place; make them in two runs",
        )),
        None => Ok(edits),
    }
}

/// The text with its edits made; they are in order and do not touch.
pub fn applied(text: &[u8], edits: &[TextEdit]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 64);
    let mut at = 0;
    for edit in edits {
        out.extend_from_slice(&text[at..edit.span.start]);
        out.extend_from_slice(&edit.new);
        at = edit.span.end;
    }
    out.extend_from_slice(&text[at..]);
    out
}
