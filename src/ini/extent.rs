//! How far a value goes: to an inline comment, over joined or indented lines, over quoted ones.

use super::blank::is_blank;
use super::dialect::{Continuation, Dialect, InlineComment, Quoting};
use super::item::line_at;
use memchr::{memchr, memchr2};
use std::ops::Range;

/// Where an inline comment starts in a line without continuation, if one does.
pub(crate) fn inline_comment_at(
    text: &[u8],
    content: Range<usize>,
    dialect: &Dialect,
) -> Option<usize> {
    let marks = inline_marks(dialect);
    if marks.is_empty() {
        return None;
    }
    let mut quote = None;
    let mut at = content.start;
    // Whether a value starts here, blanks aside.
    let mut fresh = false;
    let mut in_value = false;
    while at < content.end {
        let byte = text[at];
        match quote {
            Some(open) if byte == b'\\' && escapes(dialect, open) => at += 1,
            Some(open) if byte == open => quote = None,
            Some(_) => {}
            None if byte == b'\\' && dialect.quoting == Quoting::Git => at += 1,
            None if opens_quote(byte, fresh, dialect) => quote = Some(byte),
            None if marks.contains(&byte) => {
                let starts = match dialect.inline_comment {
                    InlineComment::None => false,
                    InlineComment::AfterBlank(_) => at == content.start || is_blank(text[at - 1]),
                    InlineComment::Anywhere(_) => true,
                    InlineComment::WithinValue(_) => in_value && !fresh && text[at - 1] == b' ',
                };
                if starts {
                    return Some(at);
                }
            }
            None => {}
        }
        let begins = !in_value && dialect.delimiters.contains(&byte);
        in_value |= begins;
        fresh = begins || fresh && dialect.blanks.has(byte);
        at += 1;
    }
    None
}

/// Whether a backslash within quotes that `open` opened escapes the character after it.
fn escapes(dialect: &Dialect, open: u8) -> bool {
    match dialect.quoting {
        Quoting::Git | Quoting::Escapes | Quoting::Registry => true,
        Quoting::MultiLine => open == b'"',
        Quoting::Literal | Quoting::OneBlank | Quoting::OuterPair | Quoting::DoublePair => false,
    }
}

/// Whether `byte` opens a quoted stretch in which comment marks are text; `fresh`: a value starts there.
fn opens_quote(byte: u8, fresh: bool, dialect: &Dialect) -> bool {
    let quote = matches!(byte, b'"' | b'\'');
    match dialect.quoting {
        Quoting::Literal | Quoting::OneBlank => false,
        Quoting::Git | Quoting::Registry | Quoting::DoublePair => byte == b'"',
        Quoting::MultiLine | Quoting::Escapes => quote,
        Quoting::OuterPair => quote && fresh,
    }
}

/// Where the value that starts after the delimiter ends, and where its item ends.
pub(crate) fn value_end(
    text: &[u8],
    line_start: usize,
    value_start: usize,
    line_end: usize,
    dialect: &Dialect,
) -> (usize, usize) {
    let (content_end, _) = line_at(text, line_start);
    if dialect.quoting == Quoting::MultiLine {
        return quoted_end(text, value_start, dialect);
    }
    let joins = matches!(dialect.continuation, Continuation::Backslash { .. });
    if dialect.quoting == Quoting::Git && joins {
        return git_end(text, value_start, dialect);
    }
    match dialect.continuation {
        Continuation::None => {
            let stop = inline_comment_at(text, line_start..content_end, dialect);
            (stop.unwrap_or(content_end).max(value_start), line_end)
        }
        Continuation::Indent => {
            indented_end(text, line_start, line_end, dialect).unwrap_or_else(|| {
                let stop = inline_comment_at(text, line_start..content_end, dialect);
                (stop.unwrap_or(content_end).max(value_start), line_end)
            })
        }
        Continuation::Backslash {
            escaped,
            over_comments,
            ..
        } => {
            let mut first = line_start;
            let (mut end, mut next) = (content_end, line_end);
            loop {
                let stop = inline_comment_at(text, first..end, dialect);
                if let Some(stop) = stop {
                    return (stop.max(value_start), next);
                }
                let joins = goes_on(&text[value_start.max(first)..end], escaped);
                if !joins || next >= text.len() {
                    return (end, next);
                }
                let mut line = next;
                let (mut line_content, mut line_next) = line_at(text, line);
                while over_comments && is_comment(text, line..line_content, dialect) {
                    if line_next >= text.len() {
                        return (end, next);
                    }
                    line = line_next;
                    (line_content, line_next) = line_at(text, line);
                }
                first = line;
                (end, next) = (line_content, line_next);
            }
        }
    }
}

/// Whether a line ends in a backslash that joins the next one; `escaped`: two of them are one and join nothing.
pub(crate) fn goes_on(line: &[u8], escaped: bool) -> bool {
    let backslashes = line.iter().rev().take_while(|&&byte| byte == b'\\').count();
    if escaped {
        backslashes % 2 == 1
    } else {
        backslashes > 0
    }
}

/// Whether a line, without its end, is a comment.
pub(crate) fn is_comment(text: &[u8], line: Range<usize>, dialect: &Dialect) -> bool {
    text[dialect.blanks.trim(text, line)]
        .first()
        .is_some_and(|byte| dialect.comments.contains(byte))
}

/// The end of a value that deeper indented lines go on with, or none where no such line follows.
pub(crate) fn indented_end(
    text: &[u8],
    line_start: usize,
    line_end: usize,
    dialect: &Dialect,
) -> Option<(usize, usize)> {
    let (content_end, _) = line_at(text, line_start);
    let level = dialect.blanks.indent(&text[line_start..content_end]).0;
    let mut found = None;
    let mut at = line_end;
    while at < text.len() {
        let (content, next) = line_at(text, at);
        let line = at..content;
        let blank = dialect.blanks.trim(text, line.clone()).is_empty();
        if !blank && !is_comment(text, line.clone(), dialect) {
            if dialect.blanks.indent(&text[line.clone()]).0 <= level {
                break;
            }
            found = Some((content, next));
        }
        at = next;
    }
    found
}

/// The end of a value in which quotes may stand anywhere and span lines, and where its item ends. A quote that nothing
/// closes is text.
fn quoted_end(text: &[u8], value_start: usize, dialect: &Dialect) -> (usize, usize) {
    let marks = inline_marks(dialect);
    let mut at = value_start;
    while at < text.len() {
        match text[at] {
            b'\n' | b'\r' => return (at, line_at(text, at).1),
            quote @ (b'"' | b'\'') => {
                if let Some(close) = closing_quote(text, at + 1, quote) {
                    at = close;
                }
            }
            byte if marks.contains(&byte) => return (at, line_at(text, at).1),
            _ => {}
        }
        at += 1;
    }
    (text.len(), text.len())
}

/// As [`quoted_end`], by git's rules: a backslash escapes anything, the line's end too, in quotes as outside.
fn git_end(text: &[u8], value_start: usize, dialect: &Dialect) -> (usize, usize) {
    let marks = inline_marks(dialect);
    let mut quoted = false;
    let mut at = value_start;
    while at < text.len() {
        match text[at] {
            b'\\' if text[at + 1..].starts_with(b"\r\n") => at += 2,
            b'\\' => at += 1,
            b'\n' | b'\r' => return (at, line_at(text, at).1),
            b'"' => quoted = !quoted,
            byte if !quoted && marks.contains(&byte) => return (at, line_at(text, at).1),
            _ => {}
        }
        at += 1;
    }
    (text.len(), text.len())
}

fn inline_marks(dialect: &Dialect) -> &[u8] {
    match &dialect.inline_comment {
        InlineComment::None => b"",
        InlineComment::AfterBlank(marks)
        | InlineComment::Anywhere(marks)
        | InlineComment::WithinValue(marks) => marks,
    }
}

/// Where the quote that stands before `from` closes, as php has it: before a line's end a double one closes after a
/// backslash too.
pub(crate) fn closing_quote(text: &[u8], from: usize, quote: u8) -> Option<usize> {
    let mut at = from;
    if quote == b'\'' {
        return memchr(quote, &text[at..]).map(|found| at + found);
    }
    loop {
        at += memchr2(b'\\', quote, text.get(at..)?)?;
        let last = matches!(text.get(at + 2), None | Some(b'\r' | b'\n'));
        if text[at] == quote {
            return Some(at);
        }
        if last && text.get(at + 1) == Some(&quote) {
            return Some(at + 1);
        }
        at += 2;
    }
}
