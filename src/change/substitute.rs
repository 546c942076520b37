//! From what is asked for to edits of one file's text. Pure: text and records in, edits or refusals out.

use super::doubt;
use super::insert::LineEnd;
use super::locate::named_section;
use crate::ini::dialect::QuotedEdit;
use crate::ini::grammar::Assignment;
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
    /// A key line comes in, after the line before it.
    Insert {
        /// Its key.
        key: Vec<u8>,
        /// Its value; none: it has none.
        value: Option<Vec<u8>>,
    },
    /// A header comes in, maybe with a blank line before it.
    Header {
        /// The section's name.
        name: Vec<u8>,
    },
    /// One or more lines go.
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

    /// A refusal for the line of `item`.
    pub fn of(view: &View<'_>, item: usize, reason: impl Into<String>) -> Refusal {
        let item = view.scan.items.get(item);
        Refusal::at(item.map_or(0, |item| item.span.start as usize), reason)
    }

    /// What it has in common with refusals of other lines: the first thing in the way, without names and numbers.
    pub fn kind(&self) -> String {
        let first = self.reason.split(';').next().unwrap_or_default();
        let mut kind = String::new();
        let mut chars = first.chars();
        while let Some(char) = chars.next() {
            match char {
                '0'..='9' if kind.ends_with('N') => {}
                '0'..='9' => kind.push('N'),
                '\'' | '[' => {
                    let close = if char == '[' { ']' } else { char };
                    kind.extend([char, '.', '.', '.']);
                    kind.extend(chars.find(|char| *char == close));
                }
                _ => kind.push(char),
            }
        }
        kind
    }
}

/// A selected record, and the lines it was selected by.
#[derive(Clone, Debug)]
pub struct Target {
    /// The record.
    pub record: Record,
    /// Its matching or witness lines, as indices of items; where a record has none, the line that stands for it.
    pub lines: Vec<usize>,
    /// Whether a pattern or a condition selected these lines.
    pub witnessed: bool,
}

impl Target {
    /// The section of each of its lines.
    pub(super) fn sections(&self, view: &View<'_>) -> Vec<usize> {
        let lines = self.lines.iter();
        lines.map(|&item| view.scan.section_of(item)).collect()
    }
}

/// Computes the edits of one record.
#[derive(Clone, Copy)]
pub struct Editor<'a> {
    /// The file's text.
    pub view: &'a View<'a>,
    /// The record.
    pub target: &'a Target,
    /// Whether a key without a section must be in one of those of the lines that selected the record.
    pub confined: bool,
    /// The line ends of the file.
    pub line_end: LineEnd<'a>,
}

/// What a change came to in one record.
#[derive(Debug, Default)]
pub struct Change {
    /// The edits.
    pub edits: Vec<TextEdit>,
    /// A line that a section is to be made for.
    pub new_section: Option<Assignment>,
    /// Whether the record lacks the key, or the section.
    pub lacking: bool,
    /// Whether all is as it is to be.
    pub already: bool,
}

impl Editor<'_> {
    /// Sets the value of `name` in `target`.
    ///
    /// # Errors
    /// The first line that is in doubt.
    pub fn set(&self, name: &KeyName, value: &str) -> Result<Change, Refusal> {
        let Editor { view, target, .. } = *self;
        let mut outcome = Change::default();
        let lines = self.lines_to_edit(name, false)?;
        outcome.lacking = lines.is_empty();
        outcome.already = !lines.is_empty();
        if view.dialect.empty_resets && value.is_empty() {
            let other = view.lines_of(&target.record, name).nth(1);
            if let Some(other) = other {
                let reason = format!(
                    "an empty value forgets the other lines of '{}'; take them out with --unset",
                    shown(&name.key)
                );
                return Err(Refusal::of(view, other, reason));
            }
        }
        for item in lines {
            let line = &view.scan.items[item];
            // What says so already needs no decision.
            if line.kind == Kind::Key && line.value.of(view.text) == value.as_bytes() {
                continue;
            }
            let mut doubts = doubt::line_doubts(view, item);
            let span = value_span(view, item, value).unwrap_or_else(|doubt| {
                doubts.push(doubt);
                line.value.range()
            });
            doubt::refuse(view, item, doubts)?;
            if &view.text[span.clone()] != value.as_bytes() {
                let mut new = value.as_bytes().to_vec();
                // A value that was empty keeps its distance from the comment after it.
                let next = view.text.get(span.end);
                let bare = span == line.value.range() && span.is_empty();
                if bare && next.is_some_and(|byte| !matches!(byte, b'\r' | b'\n')) {
                    new.push(b' ');
                }
                outcome.already = false;
                outcome.edits.push(TextEdit {
                    span,
                    new,
                    effect: Effect::Value,
                });
            }
        }
        Ok(outcome)
    }
}

/// The bytes of a line whose place a new value takes: within the quotes, where they stay.
fn value_span(view: &View<'_>, item: usize, value: &str) -> Result<Range<usize>, String> {
    let line = &view.scan.items[item];
    let key = shown(line.key.of(view.text));
    if line.kind == Kind::Bare {
        return Err(format!(
            "key '{key}' has no value, so there is none to set; take it out with --unset, then --add one with a value"
        ));
    }
    let raw = line.value.of(view.text);
    let span = line.value.range();
    let Some(quote @ (b'"' | b'\'')) = raw.first().copied() else {
        return Ok(span);
    };
    // Quotes that were typed take the place of the old ones.
    let typed = outer_quote(value.as_bytes()).is_some();
    if typed || view.dialect.quoted_edit == Some(QuotedEdit::Replace) {
        return Ok(span);
    }
    if outer_quote(raw).is_none() {
        // Another quote closes the first one within the value, which is no quoted one then.
        return if memchr::memchr(quote, &raw[1..]).is_some() {
            Ok(span)
        } else {
            Err(format!(
                "the quote before the value of '{key}' is not closed; say --quotes=replace"
            ))
        };
    }
    if value.contains([char::from(quote), '\\']) {
        return Err(format!(
            "the value of '{key}' is in quotes, and a quote or a backslash within them may need an escape; type the new value with its quotes, or say --quotes=replace to drop them"
        ));
    }
    Ok(span.start + 1..span.end - 1)
}

impl Editor<'_> {
    /// Removes the lines of `name` from `target`; with `value` only those that have it.
    ///
    /// # Errors
    /// The first line that is in doubt.
    pub fn unset(&self, name: &KeyName, value: Option<&str>) -> Result<Change, Refusal> {
        let Editor { view, target, .. } = *self;
        let mut change = Change::default();
        let lines = match value {
            None => self.lines_to_edit(name, true)?,
            Some(value) => {
                let has_value = |&item: &usize| {
                    let found = view.value(item);
                    found.is_some_and(|found| *found == *value.as_bytes())
                };
                view.lines_of(&target.record, name)
                    .filter(has_value)
                    .collect()
            }
        };
        change.lacking = lines.is_empty();
        for item in lines {
            doubt::check_continuation(view, item)?;
            change
                .edits
                .push(removal(view.scan.items[item].span.range()));
        }
        Ok(change)
    }

    /// Removes the section of that name from `target`: from its header to before the next one, less the comments directly above
    /// that.
    ///
    /// # Errors
    /// Several have that name, or a backslash may join its header to the line before.
    pub fn unset_section(&self, name: &[u8]) -> Result<Change, Refusal> {
        let Editor { view, target, .. } = *self;
        let mut change = Change::default();
        let named = KeyName {
            section: Some(name.to_vec()),
            key: Vec::new(),
        };
        let Some(section) =
            named_section(view, &target.record, &named)?.filter(|&section| section > 0)
        else {
            change.lacking = true;
            return Ok(change);
        };
        let items = view.scan.sections[section].items.clone();
        doubt::check_join(view, items.start)?;
        let comments = match view.scan.sections.get(section + 1) {
            None => 0,
            Some(_) => view.scan.items[items.clone()]
                .iter()
                .rev()
                .take_while(|item| item.kind == Kind::Comment)
                .count(),
        };
        let start = view.scan.items[items.start].span.range().start;
        let end = view.scan.items[items.end - 1 - comments].span.range().end;
        change.edits.push(removal(start..end));
        Ok(change)
    }
}

fn removal(span: Range<usize>) -> TextEdit {
    TextEdit {
        span,
        new: Vec::new(),
        effect: Effect::Remove,
    }
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
    // A line that comes in after the last one brings the line end along that stood before it.
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
        // An empty line before is a line of its own, and stays.
        let left = &before[..before.len() - line_end];
        if !more && !left.is_empty() && !left.ends_with(b"\n") {
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
    let inserts =
        |edit: &TextEdit| matches!(edit.effect, Effect::Insert { .. } | Effect::Header { .. });
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
