//! What may not be edited because the file leaves in doubt what it means: each with the option that decides.

use super::text_edit::{Refusal, TextEdit, applied_within, shown};
use crate::ini::dialect::{Continuation, is_blank};
use crate::ini::extent::{goes_on, is_comment};
use crate::ini::record::View;
use crate::ini::scan::{Item, Kind, line_at};
use crate::ini::{fits, value};

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
    let stop = (view.scan.items.iter())
        .find(|item| item.kind == Kind::Key && fits::stops(item.value.of(view.text), view.dialect));
    if let Some(item) = stop {
        return Err(Refusal::at(
            item.span.start as usize,
            "a quote that is not closed ends the program's reading of the file here; close it, or put the value in quotes, first",
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

/// What is to be said of a comment between the lines of a value, which would go with them.
pub(super) fn comment_within(view: &View<'_>, item: usize) -> Option<String> {
    let passed_over = match view.dialect.continuation {
        Continuation::None => false,
        Continuation::Backslash { over_comments, .. } => over_comments,
        Continuation::Indent => true,
    };
    let value = view.scan.items[item].value.range();
    let (_, mut at) = line_at(view.text, value.start);
    while passed_over && at < value.end {
        let (end, next) = line_at(view.text, at);
        if is_comment(view.text, at..end, view.dialect) {
            let key = shown(view.scan.items[item].key.of(view.text));
            return Some(format!(
                "a comment stands within the value of '{key}', and would go with it; take it out first"
            ));
        }
        at = next;
    }
    None
}

/// Refuses the line of `item` where there are doubts.
pub(super) fn refuse(
    view: &View<'_>,
    item: usize,
    doubts: impl IntoIterator<Item = String>,
) -> Result<(), Refusal> {
    let doubts: Vec<String> = doubts.into_iter().collect();
    match doubts.is_empty() {
        true => Ok(()),
        false => Err(Refusal::of(view, item, doubts.join("; and "))),
    }
}

/// All that is in doubt of a key line: a possible inline comment, a possible continuation.
pub(super) fn line_doubts(view: &View<'_>, item: usize) -> Vec<String> {
    doubts(view, item, view, "").collect()
}

/// Refuses a line that an edit made and would not edit again. The view is of a part of the new text, `whole` of the old one,
/// and `at` the edit's place in that.
pub(super) fn check_new_line(
    view: &View<'_>,
    item: usize,
    whole: &View<'_>,
    at: usize,
) -> Result<(), Refusal> {
    let doubt = doubts(view, item, whole, "new ").next();
    doubt.map_or(Ok(()), |doubt| Err(Refusal::at(at, doubt)))
}

/// What is in doubt of a key line, which is a `new` one, of the file `whole`.
fn doubts(
    view: &View<'_>,
    item: usize,
    whole: &View<'_>,
    new: &str,
) -> impl Iterator<Item = String> {
    let comment = comment_doubt(view, item, &format!("the {new}value"));
    let which = continuation(view, item, whole);
    let continuation = continuation_doubt(view, item, which, &format!("the {new}line"));
    comment.into_iter().chain(continuation)
}

fn comment_doubt(view: &View<'_>, item: usize, what: &str) -> Option<String> {
    let line = &view.scan.items[item];
    may_hold_comment(view, line).then(|| {
        format!(
            "{what} of '{}' may end in a comment; say --inline-comment=none, or --inline-comment=';#'",
            shown(line.key.of(view.text))
        )
    })
}

/// Whether the value of a key line may end in a comment, for all that is known of the file's program.
fn may_hold_comment(view: &View<'_>, line: &Item) -> bool {
    let value = line.value.of(view.text);
    if view.dialect.inline_comment_known || is_color(value) {
        return false;
    }
    // The blank may be before the value: `key = ; comment`.
    let after_key = line.key.range().end..line.value.range().end.max(line.key.range().end);
    let mut pairs = view.text[after_key].windows(2);
    value.starts_with(b";")
        || value.starts_with(b"#")
        || pairs.any(|pair| is_blank(pair[0]) && matches!(pair[1], b';' | b'#'))
}

/// Whether a value, in quotes or not, is a colour and nothing else, as `#1CCA00` is.
fn is_color(value: &[u8]) -> bool {
    let inner = match value::outer_quote(value) {
        Some(_) => &value[1..value.len() - 1],
        None => value,
    };
    inner.strip_prefix(b"#").is_some_and(|digits| {
        matches!(digits.len(), 3 | 4 | 6 | 8) && digits.iter().all(u8::is_ascii_hexdigit)
    })
}

/// Refuses a line that may be, or may have, a continuation.
pub(super) fn check_continuation(view: &View<'_>, item: usize) -> Result<(), Refusal> {
    let continuation = continuation(view, item, view);
    let doubt = continuation_doubt(view, item, continuation, "the line");
    refuse(view, item, doubt)
}

/// Refuses a line after or before which nothing may come in, as a backslash may join them.
pub(super) fn check_join(view: &View<'_>, item: usize) -> Result<(), Refusal> {
    let joined = joined(view, item, view);
    let doubt = continuation_doubt(view, item, joined, "the line");
    refuse(view, item, doubt)
}

/// A sentence on a `continuation` of what may be the file's program's.
fn continuation_doubt(
    view: &View<'_>,
    item: usize,
    continuation: Option<&str>,
    what: &str,
) -> Option<String> {
    let which = continuation.filter(|_| !view.dialect.continuation_known)?;
    let line = &view.scan.items[item];
    let key = shown(line.key.of(view.text));
    let of = match line.kind {
        Kind::Header => format!("section [{key}]"),
        _ => format!("'{key}'"),
    };
    let python = match which.contains("indented") {
        true => " (--dialect=python reads such lists)",
        false => "",
    };
    Some(format!(
        "{what} of {of} {which}; say --continuation=none, indent or backslash{python}"
    ))
}

/// How the line of `item` may be, or may have, a continuation; `whole`: the file, of whose text the view's is a part.
fn continuation(view: &View<'_>, item: usize, whole: &View<'_>) -> Option<&'static str> {
    let items = &view.scan.items;
    if items[item].kind != Kind::Header {
        if view.opener(item).is_some() {
            return Some(
                "is indented deeper than a key line before it and may go on with its value",
            );
        }
        let after = (item + 1..items.len())
            .find(|&at| !matches!(items[at].kind, Kind::Blank | Kind::Comment));
        if after.is_some_and(|after| view.indent(after) > view.indent(item)) {
            return Some("is followed by a line indented deeper, which may go on with its value");
        }
    }
    joined(view, item, whole)
}

/// How a backslash may join the line of `item` with the one before or after it. In a file from Windows a backslash at a
/// line's end is a path's, unless the next line has no delimiter.
fn joined(view: &View<'_>, item: usize, whole: &View<'_>) -> Option<&'static str> {
    let (text, items) = (view.text, &view.scan.items);
    let backslash = |at: usize| {
        let start = items[at].span.start as usize;
        text[start..line_at(text, start).0].ends_with(b"\\")
    };
    let bare = |at: usize| items.get(at).is_some_and(|item| item.kind == Kind::Bare);
    if backslash(item) && (!whole.has_crlf() || bare(item + 1)) {
        return Some("ends in a backslash and may go on in the next line");
    }
    if item > 0 && backslash(item - 1) && (!whole.has_crlf() || bare(item)) {
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
    if !view.dialect.continuation_known && view.has_crlf() {
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
        let line = start..end.max(first.span.start);
        let old = &text[line.clone()];
        let new = applied_within(text, line, mine);
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
