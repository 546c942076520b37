//! Character classes and case folding as a C library's locale has them: the facts for
//! `[[:alpha:]]`, `\w` and `-i`.

use super::set::CharSet;
use super::tables::{ALPHA, GRAPH, LOWER, UPPER};

const SPACE: &[(u32, u32)] = &[
    (0x9, 0xd),
    (0x20, 0x20),
    (0x1680, 0x1680),
    (0x2000, 0x2006),
    (0x2008, 0x200a),
    (0x2028, 0x2029),
    (0x205f, 0x205f),
    (0x3000, 0x3000),
];
const BLANK: &[(u32, u32)] = &[
    (0x9, 0x9),
    (0x20, 0x20),
    (0x1680, 0x1680),
    (0x2000, 0x2006),
    (0x2008, 0x200a),
    (0x205f, 0x205f),
    (0x3000, 0x3000),
];
const CNTRL: &[(u32, u32)] = &[(0, 0x1f), (0x7f, 0x9f), (0x2028, 0x2029)];
const DIGIT: &[(u32, u32)] = &[(0x30, 0x39)];
const XDIGIT: &[(u32, u32)] = &[(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)];

/// Lower-case characters that no upper-case character maps to, so that folding upper → lower
/// would miss them (`ı`, `ſ`, `µ`, titlecase `ǅ`, final sigma, …), and their upper case. GNU looks at exactly these.
const LOWER_WITHOUT_UPPER: &[(u32, u32)] = &[
    (0x00b5, 0x039c),
    (0x0131, 0x0049),
    (0x017f, 0x0053),
    (0x01c5, 0x01c4),
    (0x01c8, 0x01c7),
    (0x01cb, 0x01ca),
    (0x01f2, 0x01f1),
    (0x0345, 0x0399),
    (0x03c2, 0x03a3),
    (0x03d0, 0x0392),
    (0x03d1, 0x0398),
    (0x03d5, 0x03a6),
    (0x03d6, 0x03a0),
    (0x03f0, 0x039a),
    (0x03f1, 0x03a1),
    (0x03f2, 0x03f9),
    (0x03f5, 0x0395),
    (0x1e9b, 0x1e60),
    (0x1fbe, 0x0399),
];

/// In which cases a string matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cases {
    /// Its own.
    One,
    /// Those of ASCII letters.
    Ascii,
    /// Those that have a case in common with it.
    All,
    /// None of these.
    Unknown,
}

/// What the locale says about characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ctype {
    /// Characters are Unicode scalar values in UTF-8; otherwise they are bytes, ASCII alone having
    /// classes and case.
    pub utf8: bool,
    /// `i` pairs with `İ` and `ı` with `I`, as in Turkish and Azeri.
    pub turkish: bool,
}

impl Ctype {
    /// The largest character.
    pub fn max(self) -> u32 {
        if self.utf8 { 0x10_ffff } else { 0xff }
    }

    /// The members of `[:name:]`; `None` if there is no such class.
    pub fn class(self, name: &str) -> Option<CharSet> {
        let of = |ranges: &[(u32, u32)]| {
            let mut set = CharSet::from_sorted(ranges.to_vec());
            if !self.utf8 {
                set.clip(0x7f);
            }
            set
        };
        Some(match name {
            "alpha" => of(ALPHA),
            "upper" => of(UPPER),
            "lower" => of(LOWER),
            "digit" => of(DIGIT),
            "xdigit" => of(XDIGIT),
            "space" => of(SPACE),
            "blank" => of(BLANK),
            "cntrl" => of(CNTRL),
            "graph" => of(GRAPH),
            "alnum" => of(ALPHA).union(&of(DIGIT)),
            "print" => {
                let mut blank = of(BLANK);
                blank.remove(9);
                of(GRAPH).union(&blank)
            }
            "punct" => of(GRAPH).minus(&of(ALPHA).union(&of(DIGIT))),
            _ => return None,
        })
    }

    /// Whether `c` is a member of `[:name:]`; `None` if there is no such class.
    pub fn is_in(self, name: &str, c: u32) -> Option<bool> {
        let known = c < 0x80 || self.utf8;
        let is = |ranges| known && within(ranges, c);
        let alnum = || is(ALPHA) || is(DIGIT);
        Some(match name {
            "alpha" => is(ALPHA),
            "upper" => is(UPPER),
            "lower" => is(LOWER),
            "digit" => is(DIGIT),
            "xdigit" => is(XDIGIT),
            "space" => is(SPACE),
            "blank" => is(BLANK),
            "cntrl" => is(CNTRL),
            "graph" => is(GRAPH),
            "alnum" => alnum(),
            "print" => is(GRAPH) || (is(BLANK) && c != 9),
            "punct" => is(GRAPH) && !alnum(),
            _ => return None,
        })
    }

    /// The members of `\w`: letters, digits and `_`.
    pub fn word(self) -> CharSet {
        let mut set = self.class("alnum").expect("alnum is a class");
        set.add(u32::from(b'_'), u32::from(b'_'));
        set
    }

    /// Whether `c` is a member of `\w`.
    pub fn is_word(self, c: u32) -> bool {
        match c {
            0x30..=0x39 | 0x41..=0x5a | 0x5f | 0x61..=0x7a => true,
            0..=0x7f => false,
            _ => self.utf8 && within(ALPHA, c),
        }
    }

    /// Whether `c` is printable (the test of the stray-backslash message).
    pub fn is_print(self, c: u32) -> bool {
        match c {
            0x20..=0x7e => true,
            0..=0x7f => false,
            _ => self.utf8 && (within(GRAPH, c) || within(BLANK, c)),
        }
    }

    /// Whether `c` is white space.
    pub fn is_space(self, c: u32) -> bool {
        within(SPACE, c) && (c < 0x80 || self.utf8)
    }

    /// `towupper`.
    pub fn upper(self, c: u32) -> u32 {
        match c {
            0x69 if self.turkish => 0x130,
            0x61..=0x7a => c - 32,
            0..=0x7f => c,
            _ if !self.utf8 => c,
            // Simple mappings of characters whose full mapping has several characters.
            0x1f80..=0x1f87 | 0x1f90..=0x1f97 | 0x1fa0..=0x1fa7 => c + 8,
            0x1fb3 | 0x1fc3 | 0x1ff3 => c + 9,
            _ => simple(c, char::from_u32(c).map(char::to_uppercase)),
        }
    }

    /// `towlower`.
    pub fn lower(self, c: u32) -> u32 {
        match c {
            0x49 if self.turkish => 0x131,
            0x41..=0x5a => c + 32,
            0..=0x7f => c,
            _ if !self.utf8 => c,
            0x130 => 0x69,
            _ => simple(c, char::from_u32(c).map(char::to_lowercase)),
        }
    }

    /// Every character that `c`, in a pattern, matches without regard to case; `c` is the first.
    pub fn folded(self, c: u32) -> Vec<u32> {
        let upper = self.upper(c);
        let lower = self.lower(upper);
        let mut all = vec![c];
        if upper != c {
            all.push(upper);
        }
        if lower != upper && lower != c && self.upper(lower) == upper {
            all.push(lower);
        }
        if self.utf8 {
            for &(extra, its_upper) in LOWER_WITHOUT_UPPER {
                if its_upper == upper && extra != lower && extra != upper && extra != c {
                    all.push(extra);
                }
            }
        }
        all
    }

    /// The cases in which `c`, in a pattern, matches without regard to case.
    pub fn cases(self, c: u32) -> Cases {
        let folded = self.folded(c);
        match c {
            0x1c80..=0x1c88 => Cases::Unknown,
            0x49 | 0x69 | 0x130 | 0x131 if self.turkish => Cases::Unknown,
            _ if folded.len() == 1 => Cases::One,
            _ if folded.iter().all(|&c| c < 0x80) => Cases::Ascii,
            _ => Cases::All,
        }
    }

    /// The character that stands for all in `set`, if it stands for just these.
    pub fn common_case_of(self, set: &CharSet) -> Option<u32> {
        let first = set.ranges().first()?.0;
        let folds = || CharSet::from_ranges(self.folded(first).iter().map(|&c| (c, c)).collect());
        (self.cases(first) <= Cases::All && *set == folds()).then(|| self.common_case(first))
    }

    /// The character that stands for all that match each other without regard to case; what `folded` gives for the letters
    /// U+1C80 to U+1C88 and those they are variants of depends on which is the pattern's, and they stand for themselves.
    pub fn common_case(self, c: u32) -> u32 {
        match c {
            0x1c80..=0x1c88 => c,
            _ => self.upper(c),
        }
    }

    /// The characters whose upper case is in `set`: what a bracket expression matches under `-i`
    /// once its own text has been put in upper case.
    pub fn fold_to_upper(self, set: &CharSet) -> CharSet {
        let mut out = set.clone();
        let mut one = |c: u32| {
            let upper = self.upper(c);
            if upper != c {
                if set.contains(upper) {
                    if !out.contains(c) {
                        out.add(c, c);
                    }
                } else if set.contains(c) {
                    out.remove(c);
                }
            }
        };
        if self.utf8 {
            // Every character with another upper case is in `lower` or is one of the rest.
            for &(a, b) in LOWER {
                (a..=b).for_each(&mut one);
            }
        } else {
            (0x61..=0x7a).for_each(one);
        }
        out
    }
}

fn simple(c: u32, mut mapped: Option<impl Iterator<Item = char>>) -> u32 {
    let Some(mapped) = mapped.as_mut() else {
        return c;
    };
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => u32::from(one),
        _ => c,
    }
}

fn within(ranges: &[(u32, u32)], c: u32) -> bool {
    let after = ranges.partition_point(|&(start, _)| start <= c);
    after > 0 && c <= ranges[after - 1].1
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    const UTF8: Ctype = Ctype {
        utf8: true,
        turkish: false,
    };
    const TURKISH: Ctype = Ctype {
        utf8: true,
        turkish: true,
    };

    fn folded(locale: Ctype, c: char) -> String {
        let mut all: Vec<char> = locale
            .folded(u32::from(c))
            .into_iter()
            .filter_map(char::from_u32)
            .collect();
        all.sort_unstable();
        all.into_iter().collect()
    }

    #[test]
    fn folding_is_gnus() {
        for (c, want) in [
            ('a', "Aa"),
            ('i', "Iiı"),
            ('ı', "Iiı"),
            ('İ', "İ"),
            ('s', "Ssſ"),
            ('k', "Kk"),
            ('\u{212a}', "\u{212a}"),
            ('ß', "ß"),
            ('ẞ', "ẞ"),
            ('ǆ', "Ǆǅǆ"),
            ('ǅ', "Ǆǅǆ"),
            ('σ', "Σςσ"),
            ('µ', "µΜμ"),
            ('ö', "Öö"),
            ('ᾀ', "ᾀᾈ"),
        ] {
            assert_eq!(folded(UTF8, c), want, "{c}");
        }
        for &(lower, upper) in LOWER_WITHOUT_UPPER {
            assert_eq!((UTF8.upper(lower), TURKISH.upper(lower)), (upper, upper));
        }
        assert_eq!(folded(TURKISH, 'i'), "iİ");
        assert_eq!(folded(TURKISH, 'I'), "Iı");
    }

    #[test]
    fn what_matches_has_a_case_in_common() {
        for locale in [UTF8, TURKISH] {
            let mut others: HashMap<u32, Vec<u32>> = HashMap::new();
            let chars = || (0..=0x10_ffff).filter(|c| !(0x1c80..=0x1c88).contains(c));
            for c in chars().filter(|&c| locale.common_case(c) != c) {
                others.entry(locale.common_case(c)).or_default().push(c);
            }
            for c in chars() {
                let common = locale.common_case(c);
                let mut all = others.get(&common).cloned().unwrap_or_default();
                all.push(common);
                all.sort_unstable();
                let mut folded = locale.folded(c);
                folded.sort_unstable();
                assert_eq!(folded, all, "{c:x}");
            }
        }
    }

    #[test]
    fn classes_are_the_locales() {
        let alpha = UTF8.class("alpha").unwrap();
        assert!(alpha.contains(u32::from('é')) && alpha.contains(u32::from('٣')));
        assert!(!alpha.contains(0x301), "a combining accent is no letter");
        let bytes = Ctype {
            utf8: false,
            turkish: false,
        };
        assert!(!bytes.class("alpha").unwrap().contains(0xe9));
        assert!(bytes.class("punct").unwrap().contains(u32::from(b'_')));
        assert_eq!(UTF8.class("nope"), None);
    }
}
