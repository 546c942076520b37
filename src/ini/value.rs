//! What a value says: quotes dropped, escapes read, continuation lines joined, as its dialect does.

use super::blank::Blanks;
use super::dialect::{Continuation, Dialect, Quoting};
use super::extent::{closing_quote, goes_on};
use super::item::{Item, Kind, line_at};
use bstr::ByteSlice;
use std::borrow::Cow;

/// The value of `item` as the program that reads the file would have it; none for an item without one.
pub fn logical<'t>(text: &'t [u8], item: &Item, dialect: &Dialect) -> Option<Cow<'t, [u8]>> {
    match item.kind {
        Kind::Key => {}
        Kind::Bare => {
            return dialect
                .bare_value
                .map(|value| Cow::Borrowed(value.as_bytes()));
        }
        _ => return None,
    }
    let raw = item.value.of(text);
    let joined = match dialect.quoting {
        Quoting::MultiLine | Quoting::Git => Cow::Borrowed(raw),
        _ if is_joined(raw, dialect) => Cow::Owned(join(text, item, dialect)),
        _ => Cow::Borrowed(raw),
    };
    Some(match dialect.quoting {
        Quoting::Literal => joined,
        Quoting::OneBlank => one_blank(joined, dialect.blanks),
        Quoting::OuterPair => match outer_quote(&joined) {
            Some(_) => slice(joined, 1),
            None => joined,
        },
        Quoting::DoublePair => match outer_quote(&joined) {
            Some(b'"') => Cow::Owned(slice(joined, 1).replace("\"\"", "\"")),
            _ => joined,
        },
        Quoting::MultiLine => php(joined),
        Quoting::Registry => match outer_quote(&joined) {
            Some(b'"') => unescape(slice(joined, 1), |byte| {
                matches!(byte, b'"' | b'\\').then_some(byte)
            }),
            _ => joined,
        },
        Quoting::Escapes => {
            let inner = if outer_quote(&joined).is_some() {
                slice(joined, 1)
            } else {
                joined
            };
            unescape(inner, |byte| match byte {
                b'b' => Some(8),
                b't' => Some(b'\t'),
                b'n' => Some(b'\n'),
                b'r' => Some(b'\r'),
                b's' => Some(b' '),
                b'"' | b'\'' | b'\\' => Some(byte),
                _ => None,
            })
        }
        Quoting::Git => git(joined),
    })
}

/// Whether `value` stands in quotes as `dialect` knows them.
pub fn is_quoted(value: &[u8], dialect: &Dialect) -> bool {
    match (dialect.quoting, outer_quote(value)) {
        (_, None) | (Quoting::Literal | Quoting::OneBlank, _) => false,
        (Quoting::Git | Quoting::Registry | Quoting::DoublePair, Some(quote)) => quote == b'"',
        _ => true,
    }
}

/// The quote that stands around the whole of `value`, if one does.
pub fn outer_quote(value: &[u8]) -> Option<u8> {
    match value {
        [first @ (b'"' | b'\''), .., last] if first == last => Some(*first),
        _ => None,
    }
}

fn slice(value: Cow<'_, [u8]>, edge: usize) -> Cow<'_, [u8]> {
    match value {
        Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[edge..bytes.len() - edge]),
        Cow::Owned(bytes) => Cow::Owned(bytes[edge..bytes.len() - edge].to_vec()),
    }
}

/// Of each run of blanks the first.
fn one_blank(value: Cow<'_, [u8]>, blanks: Blanks) -> Cow<'_, [u8]> {
    let both = |pair: &[u8]| blanks.has(pair[0]) && blanks.has(pair[1]);
    if !value.windows(2).any(both) {
        return value;
    }
    let mut out = value.into_owned();
    out.dedup_by(|next, last| blanks.has(*next) && blanks.has(*last));
    Cow::Owned(out)
}

fn unescape(value: Cow<'_, [u8]>, escape: impl Fn(u8) -> Option<u8>) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', &value).is_none() {
        return value;
    }
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value.iter().copied();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match rest.next() {
            None => out.push(b'\\'),
            Some(next) => match escape(next) {
                Some(meant) => out.push(meant),
                None => out.extend([b'\\', next]),
            },
        }
    }
    Cow::Owned(out)
}

/// git's `parse_value`: quotes anywhere, escapes, continuation lines, trailing blanks outside quotes dropped.
fn git(value: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    if memchr::memchr2(b'\\', b'"', &value).is_none() {
        return value;
    }
    let mut out = Vec::with_capacity(value.len());
    let mut quoted = false;
    // How long the value is without the blanks at its end.
    let mut kept = None;
    let mut rest = value.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if Blanks::SpaceTab.has(byte) && !quoted {
            if !out.is_empty() {
                kept = kept.or(Some(out.len()));
                out.push(byte);
            }
            continue;
        }
        kept = None;
        match byte {
            b'"' => quoted = !quoted,
            b'\\' => match rest.next() {
                Some(b'n') => out.push(b'\n'),
                Some(b't') => out.push(b'\t'),
                Some(b'b') => out.push(8),
                Some(b'\r') => {
                    rest.next_if_eq(&b'\n');
                }
                Some(b'\n') | None => {}
                Some(other) => out.push(other),
            },
            _ => out.push(byte),
        }
    }
    out.truncate(kept.unwrap_or(out.len()));
    Cow::Owned(out)
}

/// php: quoted stretches anywhere, `\"` and `\\` read in double ones, blanks around those dropped; a quote that nothing
/// closes ends all.
fn php(value: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    if memchr::memchr2(b'"', b'\'', &value).is_none() {
        return value;
    }
    let mut out = Vec::with_capacity(value.len());
    // How far blanks before a double quote may be dropped.
    let mut kept = 0;
    let mut at = 0;
    while at < value.len() {
        let quote = value[at];
        if !matches!(quote, b'"' | b'\'') {
            out.push(quote);
            at += 1;
            continue;
        }
        let Some(close) = closing_quote(&value, at + 1, quote) else {
            break;
        };
        let inner = Cow::Borrowed(&value[at + 1..close]);
        at = close + 1;
        if quote == b'"' {
            while out.len() > kept && out.pop_if(|byte| Blanks::SpaceTab.has(*byte)).is_some() {}
            at += Blanks::SpaceTab.indent(&value[at..]).1;
            let read = unescape(inner, |byte| matches!(byte, b'"' | b'\\').then_some(byte));
            out.extend_from_slice(&read);
        } else {
            out.extend_from_slice(&inner);
        }
        kept = out.len();
    }
    Cow::Owned(out)
}

/// Whether a value goes on over several lines, or would if the file did.
fn is_joined(raw: &[u8], dialect: &Dialect) -> bool {
    memchr::memchr2(b'\n', b'\r', raw).is_some()
        || matches!(dialect.continuation, Continuation::Backslash { .. }) && raw.ends_with(b"\\")
}

/// The lines of a value, joined as the dialect joins them.
fn join(text: &[u8], item: &Item, dialect: &Dialect) -> Vec<u8> {
    let mut out = Vec::with_capacity(item.value.range().len());
    let end = item.value.end as usize;
    let mut at = item.value.start as usize;
    let mut first = true;
    while at < end {
        let (content, next) = line_at(text, at);
        let content = content.min(end);
        let line = dialect.blanks.trim(text, at..content);
        let comment = !first
            && text[line.clone()]
                .first()
                .is_some_and(|byte| dialect.comments.contains(byte));
        match dialect.continuation {
            Continuation::Indent if comment => {}
            Continuation::Indent => {
                if !first {
                    out.push(b'\n');
                }
                out.extend_from_slice(&text[line]);
            }
            Continuation::Backslash {
                over_comments: true,
                ..
            } if comment => {}
            Continuation::Backslash {
                blank,
                trims,
                escaped,
                ..
            } => {
                let kept = if first || !(blank || trims) {
                    at..content
                } else {
                    at + dialect.blanks.indent(&text[at..content]).1..content
                };
                out.extend_from_slice(&text[kept]);
                if next < end || goes_on(&text[at..content], escaped) {
                    out.pop();
                    if blank {
                        out.push(b' ');
                    }
                }
            }
            Continuation::None => out.extend_from_slice(&text[line]),
        }
        first = false;
        at = next;
    }
    let kept = dialect.blanks.trim(&out, 0..out.len());
    out.truncate(if kept.is_empty() { 0 } else { kept.end });
    if dialect.continuation != Continuation::Indent {
        out.drain(..kept.start.min(out.len()));
    }
    out
}
