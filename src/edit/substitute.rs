//! From what is asked for to edits of one file's text. Pure: text and records in, edits or refusals out.

use super::doubt;
use crate::ini::dialect::{Duplicates, QuotedEdit};
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
    let lines = lines_to_edit(view, target, name, confined)?;
    outcome.lacking = lines.is_empty();
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
            outcome.edits.push(TextEdit {
                span,
                new: value.as_bytes().to_vec(),
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
    if !view.lines_of(&target.record, name).is_empty() {
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

/// The section that `--add` means; none where the record lacks the one that is named.
fn section_to_add(
    view: &View<'_>,
    target: &Target,
    name: &KeyName,
) -> Result<Option<usize>, Refusal> {
    if name.section.is_some() {
        return Ok(named_section(view, target, name)?
            .filter(|&section| section > 0 || !view.scan.sections[0].items.is_empty()));
    }
    let mut sections: Vec<usize> = target
        .lines
        .iter()
        .map(|&item| view.scan.section_of(item))
        .collect();
    sections.dedup();
    match sections[..] {
        [only] => Ok(Some(only)),
        [] => Ok(Some(target.record.sections.start)),
        [_, second, ..] => {
            let item = view.scan.sections[second].items.start;
            let reason = format!(
                "the record was selected by lines in several sections; say which gets the key: --add '[SECTION]{}=...'",
                shown(&name.key)
            );
            Err(Refusal::at(
                view.scan.items[item].span.start as usize,
                reason,
            ))
        }
    }
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
    for item in lines_to_edit(view, target, name, confined)? {
        doubt::check_continuation(view, item)?;
        let mut span = view.scan.items[item].span.range();
        // A file whose last line has no end keeps having none.
        let ended = view.text[span.clone()].ends_with(b"\n");
        if !ended && span.end == view.text.len() {
            let before = &view.text[..span.start];
            span.start -= if before.ends_with(b"\r\n") {
                2
            } else {
                usize::from(before.ends_with(b"\n"))
            };
        }
        change.edits.push(TextEdit {
            span,
            new: Vec::new(),
            effect: Effect::Remove,
        });
    }
    Ok(change)
}

/// The section that `name` names in `target`; none where the record lacks it.
fn named_section(
    view: &View<'_>,
    target: &Target,
    name: &KeyName,
) -> Result<Option<usize>, Refusal> {
    let mut named = target
        .record
        .sections
        .clone()
        .filter(|&section| name.section.is_some() && view.names_section(name, section));
    let first = named.next();
    if let Some(second) = named.next() {
        let first_item = view.scan.sections[second].items.start;
        let at = view
            .scan
            .items
            .get(first_item)
            .map_or(0, |item| item.span.start as usize);
        let reason = format!(
            "section [{}] occurs more than once; say --scope=section",
            shown(view.section_name(second))
        );
        return Err(Refusal::at(at, reason));
    }
    Ok(first)
}

/// The lines with key `name` in `target` that an edit means.
fn lines_to_edit(
    view: &View<'_>,
    target: &Target,
    name: &KeyName,
    confined: bool,
) -> Result<Vec<usize>, Refusal> {
    named_section(view, target, name)?;
    let mut lines = view.lines_of(&target.record, name);
    let key = shown(&name.key);
    let start = |item: usize| view.scan.items[item].span.start as usize;
    if lines.len() > 1 {
        match view.dialect.duplicates {
            Some(Duplicates::First) => lines.truncate(1),
            Some(Duplicates::Last) => drop(lines.drain(..lines.len() - 1)),
            Some(Duplicates::All) => {}
            None => {
                let reason = format!(
                    "key '{key}' occurs {} times in the record; say --dup=first, last or all",
                    lines.len()
                );
                return Err(Refusal::at(start(lines[1]), reason));
            }
        }
    }
    if confined {
        let sections: Vec<usize> = target
            .lines
            .iter()
            .map(|&item| view.scan.section_of(item))
            .collect();
        let outside = lines
            .iter()
            .find(|&&item| !sections.contains(&view.scan.section_of(item)));
        if let Some(&item) = outside {
            let reason = format!(
                "key '{key}' stands in section [{}], the lines that selected the record elsewhere; say --scope=file or --scope=section",
                shown(view.section_name(view.scan.section_of(item)))
            );
            return Err(Refusal::at(start(item), reason));
        }
    }
    Ok(lines)
}

/// A name or value for a message.
pub fn shown(bytes: &[u8]) -> String {
    crate::output::messages::shown_path(bytes)
}

/// Puts edits in order and checks that no two touch.
///
/// # Errors
/// Two changes of one place.
pub fn ordered(mut edits: Vec<TextEdit>) -> Result<Vec<TextEdit>, Refusal> {
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    edits.dedup();
    let clash = edits.windows(2).find(|pair| {
        pair[0].span.end > pair[1].span.start || pair[0].span.start == pair[1].span.start
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
