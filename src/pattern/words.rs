//! `-w`: what stands next to a match.

use super::ctype::Ctype;
use super::unit::{Unit, unit};

/// Whether a word constituent begins at `at`; an encoding error is none.
pub(super) fn after(locale: Ctype, line: &[u8], at: usize) -> bool {
    match line.get(at) {
        None => false,
        Some(&byte) if byte < 0x80 || !locale.utf8 => locale.is_word(u32::from(byte)),
        Some(_) => match unit(&line[at..], true) {
            (Unit::Char(c), _) => locale.is_word(c),
            (Unit::Bad(_), _) => false,
        },
    }
}

/// Whether the character that holds the byte before `at` is a word constituent.
pub(super) fn before(locale: Ctype, line: &[u8], at: usize) -> bool {
    match line[..at].last() {
        None => false,
        Some(&byte) if byte < 0x80 || !locale.utf8 => locale.is_word(u32::from(byte)),
        Some(_) => match start(line, at - 1) {
            Some(start) => after(locale, line, start),
            None => false,
        },
    }
}

/// Where the character of several bytes begins that holds the byte at `at`, if one does.
fn start(line: &[u8], at: usize) -> Option<usize> {
    let start = (at.saturating_sub(3)..=at)
        .rev()
        .find(|&i| line[i] & 0xc0 != 0x80)?;
    match unit(&line[start..], true) {
        (Unit::Char(_), len) if start + len > at => Some(start),
        _ => None,
    }
}

/// Where the word constituents that begin at `at` end.
pub(super) fn end(locale: Ctype, line: &[u8], mut at: usize) -> usize {
    while after(locale, line, at) {
        at += unit(&line[at..], locale.utf8).1;
    }
    at
}

/// The first character boundary at `at` or later.
pub(super) fn boundary(locale: Ctype, line: &[u8], at: usize) -> usize {
    if locale.utf8 && line.get(at).is_some_and(|byte| byte & 0xc0 == 0x80) {
        return start(line, at).map_or(at, |start| start + unit(&line[start..], true).1);
    }
    at
}
