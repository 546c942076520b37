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

/// What `--set` came to in one record.
#[derive(Debug, Default)]
pub struct SetOutcome {
    /// The edits.
    pub edits: Vec<TextEdit>,
    /// Whether the record lacks the key.
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
) -> Result<SetOutcome, Refusal> {
    let mut outcome = SetOutcome::default();
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
            });
        }
    }
    Ok(outcome)
}

/// The lines with key `name` in `target` that an edit means.
fn lines_to_edit(
    view: &View<'_>,
    target: &Target,
    name: &KeyName,
    confined: bool,
) -> Result<Vec<usize>, Refusal> {
    let named: Vec<usize> = target
        .record
        .sections
        .clone()
        .filter(|&section| name.section.is_some() && view.names_section(name, section))
        .collect();
    if let [_, second, ..] = named[..] {
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
