//! Where a large text may be cut, so that each piece reads as it does within the whole: before the headers of sections.

use super::dialect::{Continuation, Dialect, Quoting, Repeated};
use super::scan::is_header;
use memchr::{memchr, memchr_iter, memchr2, memrchr_iter};
use std::ops::Range;

/// Bytes that a header's line may have, its line end included, for a cut to be made before it.
pub const HEADER: usize = 4096;

/// Whether texts of this dialect can be cut: no value reaches over a header, and no section says what another one is.
pub fn may_cut(dialect: &Dialect) -> bool {
    dialect.continuation == Continuation::None
        && dialect.quoting != Quoting::MultiLine
        && dialect.repeated == Repeated::Separate
        && dialect.defaults.is_none()
}

/// The first place from `from` on, but before `to`, where a header starts a line after another one.
pub fn section_from(text: &[u8], from: usize, to: usize, dialect: &Dialect) -> Option<usize> {
    let from = from.max(1);
    let mut brackets = memchr_iter(b'[', text.get(from..to)?).map(|at| from + at);
    brackets.find(|&at| starts_section(text, at, dialect))
}

/// The sections in which the given places are, as stretches of the text: what lies between two cuts is not divided.
/// `places` is called with where it is to look on.
pub fn sections_of(
    text: &[u8],
    dialect: &Dialect,
    mut places: impl FnMut(usize) -> Option<usize>,
    wanted: impl Fn(&[u8]) -> bool,
) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut end = 0;
    while end < text.len()
        && let Some(place) = places(end)
    {
        let start = section_at(text, end, place, dialect);
        end = section_from(text, place + 1, text.len(), dialect).unwrap_or(text.len());
        if !wanted(&text[start..end]) {
            continue;
        }
        match parts.last_mut() {
            Some(last) if last.end == start => last.end = end,
            _ => parts.push(start..end),
        }
    }
    parts
}

/// Of the sections in which the given places are, ascending, the lines with these, and those that may be headers, or may have
/// one of these keys.
pub fn lines_of(
    text: &[u8],
    dialect: &Dialect,
    keys: &[&[u8]],
    places: impl Iterator<Item = usize>,
) -> Vec<Range<usize>> {
    let mut places = places.peekable();
    let mut lines = Vec::new();
    let mut end = 0;
    while let Some(&place) = places.peek() {
        let mut start = section_at(text, end, place, dialect);
        loop {
            end = memchr(b'\n', &text[start..]).map_or(text.len(), |at| start + at + 1);
            let line = &text[start..end];
            let first = line.iter().position(|&byte| !dialect.blanks.has(byte));
            let rest = &line[first.unwrap_or(0)..];
            let has = |key: &&[u8]| {
                let start = rest.get(..key.len());
                start.is_some_and(|start| start.eq_ignore_ascii_case(key))
            };
            let mut at_place = false;
            while places.next_if(|&place| place < end).is_some() {
                at_place = true;
            }
            if at_place || rest.starts_with(b"[") || keys.iter().any(has) {
                lines.push(start..end);
            }
            start = end;
            let next = text.get(start);
            if next.is_none() || next == Some(&b'[') && starts_section(text, start, dialect) {
                break;
            }
        }
    }
    lines
}

/// The start of the section in which a place is; `from`: a section starts there, or before it.
fn section_at(text: &[u8], from: usize, place: usize, dialect: &Dialect) -> usize {
    let mut brackets = memrchr_iter(b'[', &text[from..=place]).map(|at| from + at);
    let start = brackets.find(|&at| at > 0 && starts_section(text, at, dialect));
    start.unwrap_or(from)
}

/// Whether a `[` starts a header's line after another line, and that line is not too long.
fn starts_section(text: &[u8], at: usize, dialect: &Dialect) -> bool {
    let line = &text[at..text.len().min(at + HEADER)];
    text[at - 1] == b'\n'
        && (line.len() < HEADER || memchr2(b'\n', b'\r', line).is_some())
        && is_header(line, dialect)
}
