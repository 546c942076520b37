//! Equivalence classes (`[=a=]`) where the locale collates: characters that differ by accent, case or style alone.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Where characters with a Latin, Greek or Cyrillic base, and their styled forms, stand.
const RANGES: &[(u32, u32)] = &[
    (0x41, 0x52f),
    (0x1d2c, 0x1fff),
    (0x2070, 0x24ff),
    (0xff21, 0xff5a),
];

/// The letter under a character's accents, case and style; none where it is no single one.
fn base(char: char) -> Option<char> {
    let mut decomposed = std::iter::once(char).nfkd();
    let first = decomposed.next()?;
    if !decomposed.all(is_combining_mark) {
        return None;
    }
    let mut lower = first.to_lowercase();
    let only = lower.next()?;
    lower.next().is_none().then_some(only)
}

/// All characters equivalent to `code`, as ranges of code points; itself alone where it has no letter as its base.
pub(super) fn class(code: u32) -> Vec<(u32, u32)> {
    let mut class = vec![(code, code)];
    let Some(wanted) = char::from_u32(code)
        .and_then(base)
        .filter(|base| base.is_alphabetic())
    else {
        return class;
    };
    let all = RANGES.iter().flat_map(|&(first, last)| first..=last);
    class.extend(
        all.filter(|&other| char::from_u32(other).and_then(base) == Some(wanted))
            .map(|other| (other, other)),
    );
    class
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_case_do_not_part() {
        let is = |class: &[(u32, u32)], char: char| class.contains(&(char as u32, char as u32));
        let a = class('a' as u32);
        for char in ['a', 'A', 'à', 'À', 'ą', 'ª', 'ａ', 'ⓐ', 'ᵃ'] {
            assert!(is(&a, char), "{char}");
        }
        assert!(!is(&a, 'æ') && !is(&a, 'b'));
        assert_eq!(class('é' as u32).len(), class('E' as u32).len());
        assert_eq!(class('.' as u32), [(0x2e, 0x2e)]);
    }
}
