//! Values of keys that change, and lines and sections that go.

use super::doubt;
use super::editor::{Editor, KeyChange};
use super::locate::named_section;
use super::text_edit::{Effect, Refusal, TextEdit, shown};
use crate::ini::dialect::QuotedEdit;
use crate::ini::record::{KeyName, View};
use crate::ini::scan::Kind;
use crate::ini::value::outer_quote;
use std::ops::Range;

impl Editor<'_> {
    /// Sets the value of `name` in `target`.
    ///
    /// # Errors
    /// The first line that is in doubt.
    pub fn set(&self, name: &KeyName, value: &str) -> Result<KeyChange, Refusal> {
        let Editor { view, target, .. } = *self;
        let lines = self.lines_to_edit(name, false)?;
        let mut outcome = KeyChange {
            lacking: lines.is_empty(),
            ..KeyChange::default()
        };
        if view.dialect.empty_resets
            && value.is_empty()
            && let Some(other) = view.lines_of(&target.record, name).nth(1)
        {
            let reason = format!(
                "an empty value forgets the other lines of '{}'; take them out with --unset",
                shown(&name.key)
            );
            return Err(Refusal::of(view, other, reason));
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
            doubts.extend(doubt::comment_within(view, item));
            doubt::refuse(view, item, doubts)?;
            if &view.text[span.clone()] != value.as_bytes() {
                let mut new = value.as_bytes().to_vec();
                // A value that was empty keeps its distance from the comment after it.
                let next = view.text.get(span.end);
                let bare = span == line.value.range() && span.is_empty();
                if bare && next.is_some_and(|byte| !matches!(byte, b'\r' | b'\n')) {
                    new.push(b' ');
                }
                outcome.edits.push(TextEdit {
                    span,
                    new,
                    effect: Effect::Value,
                });
            }
        }
        outcome.already = !outcome.lacking && outcome.edits.is_empty();
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
        let closes = memchr::memchr(quote, &raw[1..]).is_some();
        return closes.then_some(span).ok_or_else(|| {
            format!("the quote before the value of '{key}' is not closed; say --quotes=replace")
        });
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
    pub fn unset(&self, name: &KeyName, value: Option<&str>) -> Result<KeyChange, Refusal> {
        let Editor { view, target, .. } = *self;
        let lines = match value {
            None => self.lines_to_edit(name, true)?,
            Some(value) => {
                let has_value = |&item: &usize| {
                    let found = view.value(item);
                    found.is_some_and(|found| *found == *value.as_bytes())
                };
                let lines = view.lines_of(&target.record, name);
                lines.filter(has_value).collect()
            }
        };
        let removals = lines.into_iter().map(|item| {
            doubt::check_continuation(view, item)?;
            Ok(removal(view.scan.items[item].span.range()))
        });
        Ok(KeyChange::removing(removals.collect::<Result<_, _>>()?))
    }

    /// Removes the section of that name from `target`: from its header to before the next one, less the comments directly above
    /// that.
    ///
    /// # Errors
    /// Several have that name, or a backslash may join its header to the line before.
    pub fn unset_section(&self, name: &[u8]) -> Result<KeyChange, Refusal> {
        let Editor { view, target, .. } = *self;
        let named = KeyName {
            section: Some(name.to_vec()),
            key: Vec::new(),
        };
        named_section(view, &target.record, &named)?;
        let mine = view.sections_of(&target.record, &named);
        let removals = (mine.filter(|&at| at > 0)).map(|at| section_removal(view, at));
        Ok(KeyChange::removing(removals.collect::<Result<_, _>>()?))
    }
}

/// The edit that takes a section out.
fn section_removal(view: &View<'_>, section: usize) -> Result<TextEdit, Refusal> {
    let items = view.scan.sections[section].items.clone();
    doubt::check_join(view, items.start)?;
    let comments = match view.scan.sections.get(section + 1) {
        None => 0,
        Some(_) => {
            let last = view.scan.items[items.clone()].iter().rev();
            last.take_while(|item| item.kind == Kind::Comment).count()
        }
    };
    let start = view.scan.items[items.start].span.range().start;
    let end = view.scan.items[items.end - 1 - comments].span.range().end;
    Ok(removal(start..end))
}

fn removal(span: Range<usize>) -> TextEdit {
    TextEdit {
        span,
        new: Vec::new(),
        effect: Effect::Remove,
    }
}
