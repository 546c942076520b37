//! What may not be edited because the file leaves in doubt what it means: each with the option that decides.

use super::substitute::{Effect, Refusal, TextEdit, applied, shown};
use crate::ini::record::View;
use crate::ini::scan::{self, Item, Kind, Scan, is_blank, line_at};
use crate::ini::value;

/// Refuses files whose structure or content is in doubt.
///
/// # Errors
/// A header without its end, or NUL bytes.
pub fn check_file(view: &View<'_>) -> Result<(), Refusal> {
    let broken = view.scan.items.iter().find(|item| {
        item.kind == Kind::Malformed
            && view.text[scan::trim(view.text, item.span.range())].starts_with(b"[")
    });
    if let Some(item) = broken {
        return Err(Refusal::at(
            item.span.start as usize,
            "a section header without ']' leaves the sections in doubt; mend it first",
        ));
    }
    check_nul(view.text)
}

/// Refuses NUL bytes.
///
/// # Errors
/// There is one.
pub fn check_nul(text: &[u8]) -> Result<(), Refusal> {
    match memchr::memchr(0, text) {
        Some(at) => Err(Refusal::at(
            at,
            "a NUL byte: the file is not text; if it is UTF-16 without a byte order mark, say --encoding=utf-16le",
        )),
        None => Ok(()),
    }
}

/// Refuses a key line whose value may not be what it seems.
///
/// # Errors
/// A possible inline comment or continuation.
pub fn check_line(view: &View<'_>, item: usize) -> Result<(), Refusal> {
    let line = &view.scan.items[item];
    let at = line.span.start as usize;
    let key = || shown(line.key.of(view.text));
    // The blank may stand before the value: `key = ; comment`.
    let behind_key = line.key.range().end..line.value.range().end.max(line.key.range().end);
    let comment = view.text[behind_key]
        .windows(2)
        .any(|pair| is_blank(pair[0]) && matches!(pair[1], b';' | b'#'));
    if comment && !view.dialect.inline_comment_known {
        let reason = format!(
            "the value of '{}' may end in a comment; say --inline-comment=none, or --inline-comment=';#'",
            key()
        );
        return Err(Refusal::at(at, reason));
    }
    check_continuation(view, item)
}

/// Refuses a line that may be, or may have, a continuation.
///
/// # Errors
/// It may.
pub fn check_continuation(view: &View<'_>, item: usize) -> Result<(), Refusal> {
    let line = &view.scan.items[item];
    let at = line.span.start as usize;
    let key = || shown(line.key.of(view.text));
    if view.dialect.continuation_known {
        return Ok(());
    }
    if let Some(which) = continuation(view, item) {
        let reason = format!(
            "the line of '{}' {which}; say --continuation=none, indent or backslash",
            key()
        );
        return Err(Refusal::at(at, reason));
    }
    Ok(())
}

/// How the line of `item` may be, or may have, a continuation.
fn continuation(view: &View<'_>, item: usize) -> Option<&'static str> {
    let text = view.text;
    let items = &view.scan.items;
    let content = |at: usize| {
        let start = items[at].span.start as usize;
        start..line_at(text, start).0
    };
    let indent = |at: usize| scan::indent(text, content(at));
    let section = view.scan.section_of(item);
    let first = view.scan.sections[section].items.start;
    let before = (first..item).rev().find(|&at| items[at].has_key());
    if before.is_some_and(|before| indent(item) > indent(before)) {
        return Some("is indented deeper than the key line before it and may go on with its value");
    }
    let after =
        (item + 1..items.len()).find(|&at| !matches!(items[at].kind, Kind::Blank | Kind::Comment));
    if after.is_some_and(|after| indent(after) > indent(item)) {
        return Some("is followed by a line indented deeper, which may go on with its value");
    }
    let crlf = memchr::memmem::find(text, b"\r\n").is_some();
    let backslash = |at: usize| text[content(at)].ends_with(b"\\");
    if !crlf && backslash(item) {
        return Some("ends in a backslash and may go on in the next line");
    }
    if !crlf && item > 0 && backslash(item - 1) {
        return Some("follows a backslash and may go on with the line before");
    }
    None
}

/// Checks that the edited text reads as it was meant: every line as before but for what the edits say. The edits are in
/// order, and none is [`Effect::Text`].
///
/// # Errors
/// A line would be read in another way.
pub fn check_result(view: &View<'_>, edits: &[TextEdit]) -> Result<(), Refusal> {
    let new_text = applied(view.text, edits);
    let new_scan = Scan::new(&new_text, view.dialect);
    let misread = |edit: Option<&TextEdit>| {
        Refusal::at(
            edit.or(edits.first()).map_or(0, |edit| edit.span.start),
            "the new text would be read as something else (a comment, a quote or another line); quote it as the file's program wants, or choose another --dialect",
        )
    };
    let new_value = |item: &Item| {
        value::logical(&new_text, item, view.dialect).map(std::borrow::Cow::into_owned)
    };
    let is_meant = |item: &Item, meant: &[u8]| {
        item.value.of(&new_text) == meant || new_value(item).as_deref() == Some(meant)
    };
    let inserts = |edit: &&TextEdit| matches!(edit.effect, Effect::Insert { .. });
    let mut new_items = new_scan.items.iter();
    let mut left = edits.iter().peekable();
    let inserted = |edit: &TextEdit, item: Option<&Item>| match (&edit.effect, item) {
        (Effect::Insert { key, value }, Some(item)) => {
            item.kind == Kind::Key
                && item.key.of(&new_text) == key
                && is_meant(item, trimmed(value))
        }
        _ => false,
    };
    while let Some(edit) = left.next_if(|edit| inserts(edit) && edit.span.start == 0) {
        if !inserted(edit, new_items.next()) {
            return Err(misread(Some(edit)));
        }
    }
    for old in &view.scan.items {
        let end = old.span.end as usize;
        let edit = left.next_if(|edit| match edit.effect {
            Effect::Insert { .. } => false,
            // The line end before may go too.
            Effect::Remove => edit.span.end >= end && edit.span.start <= old.span.start as usize,
            _ => edit.span.start < end,
        });
        if edit.is_none_or(|edit| edit.effect != Effect::Remove) {
            let Some(new) = new_items.next() else {
                return Err(misread(edit));
            };
            let same_line = old.kind == new.kind && old.key.of(view.text) == new.key.of(&new_text);
            let as_meant = match edit {
                None => {
                    let before = value::logical(view.text, old, view.dialect);
                    new_value(new).as_deref() == before.as_deref()
                }
                Some(edit) => is_meant(new, trimmed(&edit.new)),
            };
            if !same_line || !as_meant {
                return Err(misread(edit));
            }
        }
        while let Some(edit) = left.next_if(|edit| inserts(edit) && edit.span.start <= end) {
            if !inserted(edit, new_items.next()) {
                return Err(misread(Some(edit)));
            }
        }
    }
    match new_items.next() {
        None => Ok(()),
        Some(_) => Err(misread(None)),
    }
}

fn trimmed(value: &[u8]) -> &[u8] {
    &value[scan::trim(value, 0..value.len())]
}

/// Refuses a new value that no line can hold.
///
/// # Errors
/// A line end or NUL byte in it, or quoted blanks at its edges.
pub fn check_value(value: &str) -> Result<(), String> {
    if value.contains(['\n', '\r', '\0']) {
        return Err("a new value holds no line end and no NUL byte".to_owned());
    }
    if value::outer_quote(value.as_bytes()).is_some() {
        let inner = &value[1..value.len() - 1];
        if inner.starts_with([' ', '\t']) || inner.ends_with([' ', '\t']) {
            return Err(format!(
                "{value}: whether the quotes are to be written is in doubt; leave out the blanks at the edges"
            ));
        }
    }
    Ok(())
}
