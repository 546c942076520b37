//! `-w`: what stands beside a match.

use super::ctype::Locale;
use super::parse::{Unit, unit};

/// Whether a word constituent begins at `at`; an encoding error is none.
pub fn after(locale: Locale, line: &[u8], at: usize) -> bool {
    match line.get(at) {
        None => false,
        Some(&byte) if byte < 0x80 || !locale.utf8 => locale.is_word(u32::from(byte)),
        Some(_) => match unit(&line[at..], true) {
            (Unit::Char(c), _) => locale.is_word(c),
            (Unit::Bad(_), _) => false,
        },
    }
}

/// Whether a word constituent ends at `at`.
pub fn before(locale: Locale, line: &[u8], at: usize) -> bool {
    match line[..at].last() {
        None => false,
        Some(&byte) if byte < 0x80 || !locale.utf8 => locale.is_word(u32::from(byte)),
        Some(_) => match bstr::decode_last_utf8(&line[..at]) {
            (Some(c), _) => locale.is_word(u32::from(c)),
            (None, _) => false,
        },
    }
}

/// The first character boundary at `at` or later.
pub fn boundary(locale: Locale, line: &[u8], at: usize) -> usize {
    if locale.utf8 && line.get(at).is_some_and(|byte| byte & 0xc0 == 0x80) {
        for back in 1..=at.min(3) {
            let lead = line[at - back];
            if lead & 0xc0 != 0x80 {
                return match unit(&line[at - back..], true) {
                    (Unit::Char(_), len) if len > back => at - back + len,
                    _ => at,
                };
            }
        }
    }
    at
}
