//! What may not be edited because the file leaves in doubt what it means: each with the option that decides.

use super::substitute::{Refusal, TextEdit, applied, shown};
use crate::ini::dialect::Continuation;
use crate::ini::extent::goes_on;
use crate::ini::record::View;
use crate::ini::scan::{Item, Kind, is_blank, line_at};
use crate::ini::value;

/// Refuses files whose structure or content is in doubt.
///
/// # Errors
/// A header without its end, or NUL bytes.
pub fn check_file(view: &View<'_>) -> Result<(), Refusal> {
    let broken = view.scan.items.iter().find(|item| {
        item.kind == Kind::Malformed
            && view.text[view.dialect.blanks.trim(view.text, item.span.range())].starts_with(b"[")
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
    if may_hold_comment(view, line) {
        let reason = format!(
            "the value of '{}' may end in a comment; say --inline-comment=none, or --inline-comment=';#'",
            shown(line.key.of(view.text))
        );
        return Err(Refusal::at(line.span.start as usize, reason));
    }
    check_continuation(view, item)
}

/// Refuses a line that an edit made and would not edit again. The view is of a part of the new text, `whole` the old one,
/// and `at` the edit's place in that.
///
/// # Errors
/// A possible inline comment or continuation.
pub(super) fn check_new_line(
    view: &View<'_>,
    item: usize,
    whole: &[u8],
    at: usize,
) -> Result<(), Refusal> {
    let line = &view.scan.items[item];
    let key = || shown(line.key.of(view.text));
    if may_hold_comment(view, line) {
        let reason = format!(
            "the new value of '{}' may end in a comment; say --inline-comment=none, or --inline-comment=';#'",
            key()
        );
        return Err(Refusal::at(at, reason));
    }
    match continuation(view, item, whole).filter(|_| !view.dialect.continuation_known) {
        None => Ok(()),
        Some(which) => {
            let reason = format!(
                "the new line of '{}' {which}; say --continuation=none, indent or backslash",
                key()
            );
            Err(Refusal::at(at, reason))
        }
    }
}

/// Whether the value of a key line may end in a comment, for all that is known of the file's program.
fn may_hold_comment(view: &View<'_>, line: &Item) -> bool {
    // The blank may stand before the value: `key = ; comment`.
    let behind_key = line.key.range().end..line.value.range().end.max(line.key.range().end);
    let mut pairs = view.text[behind_key].windows(2);
    !view.dialect.inline_comment_known
        && pairs.any(|pair| is_blank(pair[0]) && matches!(pair[1], b';' | b'#'))
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
    if let Some(which) = continuation(view, item, view.text) {
        let reason = format!(
            "the line of '{}' {which}; say --continuation=none, indent or backslash",
            key()
        );
        return Err(Refusal::at(at, reason));
    }
    Ok(())
}

/// How the line of `item` may be, or may have, a continuation; `whole`: the file's text, of which the view's is a part.
fn continuation(view: &View<'_>, item: usize, whole: &[u8]) -> Option<&'static str> {
    let text = view.text;
    let items = &view.scan.items;
    let content = |at: usize| {
        let start = items[at].span.start as usize;
        start..line_at(text, start).0
    };
    let indent = |at: usize| view.dialect.blanks.indent(&text[content(at)]).0;
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
    let backslash = |at: usize| text[content(at)].ends_with(b"\\");
    if backslash(item) && !has_crlf(whole) {
        return Some("ends in a backslash and may go on in the next line");
    }
    if item > 0 && backslash(item - 1) && !has_crlf(whole) {
        return Some("follows a backslash and may go on with the line before");
    }
    None
}

/// Refuses a line that ends in a backslash after the edits and did not before, or the other way round: it would take in
/// the next line, or let go of it. The edits are in order.
///
/// # Errors
/// There is such a line, and it is not known that a value ends with its line.
pub fn check_line_ends(view: &View<'_>, edits: &[TextEdit]) -> Result<(), Refusal> {
    let text = view.text;
    let escaped = match view.dialect.continuation {
        _ if !view.dialect.continuation_known => false,
        Continuation::Backslash { escaped, .. } => escaped,
        Continuation::None | Continuation::Indent => return Ok(()),
    };
    if !view.dialect.continuation_known && has_crlf(text) {
        return Ok(());
    }
    let mut left = edits;
    while let Some(first) = left.first() {
        let before = &text[..first.span.start];
        let start = memchr::memrchr2(b'\n', b'\r', before).map_or(0, |end| end + 1);
        let (end, _) = line_at(text, start);
        let count = left.iter().take_while(|edit| edit.span.start <= end);
        let (mine, rest) = left.split_at(count.count().max(1));
        left = rest;
        let moved = mine.iter().map(|edit| TextEdit {
            span: edit.span.start - start..edit.span.end.min(end).max(edit.span.start) - start,
            ..edit.clone()
        });
        let old = &text[start..end.max(first.span.start)];
        let new = applied(old, &moved.collect::<Vec<_>>());
        let comment = old[view.dialect.blanks.trim(old, 0..old.len())]
            .first()
            .is_some_and(|byte| view.dialect.comments.contains(byte));
        if !comment && goes_on(old, escaped) != goes_on(&new, escaped) {
            let way_out = if view.dialect.continuation_known {
                "change the lines by hand"
            } else {
                "say --continuation=none, indent or backslash"
            };
            let which = if goes_on(&new, escaped) {
                "the new line ends in a backslash and may go on in the next line"
            } else {
                "the line ends in a backslash and may go on in the next line, and the new one would not"
            };
            return Err(Refusal::at(first.span.start, format!("{which}; {way_out}")));
        }
    }
    Ok(())
}

fn has_crlf(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"\r\n").is_some()
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
