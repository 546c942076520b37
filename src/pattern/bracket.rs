//! Bracket expressions: `[a-z]`, `[^[:space:]]`, `[[.hyphen.][=e=]]`.
//!
//! Read as `regcomp` reads them; under `-i` their own text is put in upper case first, and they
//! match a character whose upper case is a member. That makes `[Z-a]` an error and `[^x]` reject `X`.

use super::equivalence;
use super::mode::{Mode, Reading};
use super::set::CharSet;
use super::unit::{Unit, unit};

/// The longest name within `[: :]`, `[. .]`, `[= =]`, in bytes.
const MAX_NAME: usize = 32;

/// A bracket expression.
#[derive(Debug)]
pub(super) struct Bracket {
    /// What it matches, a leading `^` and `-i` applied.
    pub set: CharSet,
    /// Bytes read, the closing bracket included.
    pub len: usize,
    /// GNU's DFA cannot decide it.
    pub undecided: bool,
    /// It is more than a list of ASCII characters.
    pub complex: bool,
}

/// What stands between the brackets.
enum BracketItem {
    Char(u32),
    /// A byte that is no character: it matches nothing.
    Bad(u8),
    Class(String),
    /// `None`: no such element.
    Equivalent(Option<u32>),
    Collating(Option<u32>),
}

const UNMATCHED: &str = "Unmatched [, [^, [:, [., or [=";
const COLLATION: &str = "Invalid collation character";
const RANGE: &str = "Invalid range end";

/// Reads a bracket expression; `text` begins after the opening bracket.
///
/// # Errors
/// GNU's message.
pub(super) fn parse(text: &[u8], mode: Mode) -> Result<Bracket, String> {
    BracketReader {
        text,
        at: 0,
        mode,
        undecided: false,
    }
    .run()
}

struct BracketReader<'a> {
    text: &'a [u8],
    at: usize,
    mode: Mode,
    undecided: bool,
}

impl BracketReader<'_> {
    fn run(mut self) -> Result<Bracket, String> {
        let locale = self.mode.locale;
        let negated = self.text.first() == Some(&b'^');
        self.at += usize::from(negated);
        if self.at == self.text.len() {
            return Err("Invalid regular expression".into());
        }
        let begin = self.at;
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        let mut classes = CharSet::default();
        let mut plain = true;
        let mut ranged = false;
        let mut first = true;
        loop {
            let item = self.item(first)?;
            first = false;
            let is_set = matches!(item, BracketItem::Class(_) | BracketItem::Equivalent(_));
            if let Some(end) = if is_set { None } else { self.range_end()? } {
                plain = false;
                ranged = true;
                ranges.push(self.range(&item, &end)?);
            } else {
                match item {
                    BracketItem::Char(c) => ranges.extend(self.one(c)),
                    BracketItem::Bad(_) => self.undecided = true,
                    BracketItem::Equivalent(Some(c)) if self.mode.wide_ranges && locale.utf8 => {
                        plain = false;
                        self.undecided = true;
                        ranges.extend(equivalence::class(c));
                    }
                    BracketItem::Equivalent(c) | BracketItem::Collating(c) => {
                        plain = false;
                        self.undecided = true;
                        ranges.extend(self.one(c.ok_or(COLLATION)?));
                    }
                    BracketItem::Class(name) => {
                        plain = false;
                        self.undecided |= locale.utf8 && name != "digit";
                        let name = match name.as_str() {
                            "upper" | "lower" if self.mode.ignore_case => "alpha",
                            name => name,
                        };
                        let class = locale.class(name).ok_or("Invalid character class name")?;
                        classes = classes.union(&class);
                    }
                }
            }
            match self.text.get(self.at) {
                None => return Err(UNMATCHED.into()),
                Some(b']') => break,
                Some(_) => {}
            }
        }
        let inside = &self.text[begin..self.at];
        self.at += 1;
        if plain && looks_like_class(inside) && self.mode.view == Reading::Select {
            return Err("character class syntax is [[:space:]], not [:space:]".into());
        }
        self.undecided |= negated && locale.utf8;
        let wide = ranges.iter().any(|range| range.1 > 0x7f);
        let complex = locale.utf8 && (negated || ranged || wide || !classes.is_empty());
        let mut set = CharSet::from_ranges(ranges).union(&classes);
        if self.mode.ignore_case && self.by_members() {
            let both = (b'a'..=b'z').filter(|&c| {
                set.contains(u32::from(c)) || set.contains(u32::from(c.to_ascii_uppercase()))
            });
            let both = both
                .flat_map(|c| [c, c.to_ascii_uppercase()])
                .map(u32::from);
            set = set.union(&CharSet::from_ranges(both.map(|c| (c, c)).collect()));
        } else if self.mode.ignore_case {
            set = locale.fold_to_upper(&set);
        }
        if negated {
            set = set.complement(locale.max());
        }
        Ok(Bracket {
            set,
            len: self.at,
            undecided: self.undecided,
            complex,
        })
    }

    /// The DFA, where characters are bytes, folds each member rather than the text.
    fn by_members(&self) -> bool {
        self.mode.view == Reading::Select && !self.mode.locale.utf8
    }

    /// A single character as ranges, with its other cases.
    fn one(&self, c: u32) -> Vec<(u32, u32)> {
        if !self.mode.ignore_case {
            return vec![(c, c)];
        }
        if self.mode.view == Reading::Select {
            self.mode
                .locale
                .folded(c)
                .into_iter()
                .map(|c| (c, c))
                .collect()
        } else {
            let upper = self.mode.locale.upper(c);
            vec![(upper, upper)]
        }
    }

    fn range(&mut self, start: &BracketItem, end: &BracketItem) -> Result<(u32, u32), String> {
        let locale = self.mode.locale;
        let upper = |c| {
            if self.mode.ignore_case {
                locale.upper(c)
            } else {
                c
            }
        };
        let side = |item: &BracketItem| match *item {
            BracketItem::Class(_) | BracketItem::Equivalent(_) => Err(RANGE),
            BracketItem::Char(c) if upper(c) >= 0x80 && locale.utf8 && !self.mode.wide_ranges => {
                Err(COLLATION)
            }
            BracketItem::Char(c) => Ok(Some(c)),
            BracketItem::Collating(c) => c.map(Some).ok_or(COLLATION),
            BracketItem::Bad(_) => Ok(None),
        };
        let bytes = |item: &BracketItem| {
            if let BracketItem::Bad(byte) = item {
                *byte
            } else {
                0
            }
        };
        // The class of a range end is looked at before its value.
        if matches!(end, BracketItem::Class(_) | BracketItem::Equivalent(_)) {
            return Err(RANGE.into());
        }
        let (from, to) = (side(start)?, side(end)?);
        let digits = |c: Option<u32>| c.is_some_and(|c| (0x30..=0x39).contains(&c));
        let named = |item: &BracketItem| matches!(item, BracketItem::Collating(_));
        self.undecided |= named(start) || named(end);
        // The DFA takes `x-x` for `x`.
        self.undecided |= locale.utf8 && from != to && !(digits(from) && digits(to));
        let upper = |c| {
            if self.mode.ignore_case {
                locale.upper(c)
            } else {
                c
            }
        };
        match (from, to) {
            // The DFA folds the members of a range, not its ends, and never gets a wrong one.
            (Some(from), Some(to)) if self.by_members() => Ok((from, to)),
            (Some(from), Some(to)) if upper(from) <= upper(to) => Ok((upper(from), upper(to))),
            // Up to the last byte that is a character.
            (Some(from), None) if from < 0x80 => Ok((upper(from), 0x7f)),
            (None, None) if bytes(start) <= bytes(end) => Ok((1, 0)),
            (Some(_), None) | (None, Some(0x80..)) => Ok((1, 0)),
            _ => Err(RANGE.into()),
        }
    }

    /// After an item: the end of the range that it starts, if it starts one.
    fn range_end(&mut self) -> Result<Option<BracketItem>, String> {
        match self.text[self.at..] {
            [] => Err(UNMATCHED.into()),
            [b'-'] => Err(UNMATCHED.into()),
            [b'-', b']', ..] => Ok(None),
            [b'-', ..] => {
                self.at += 1;
                self.item(true).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn item(&mut self, hyphen: bool) -> Result<BracketItem, String> {
        match self.text[self.at..] {
            [] => return Err(UNMATCHED.into()),
            [b'[', kind @ (b'.' | b'=' | b':'), ..] => {
                self.at += 2;
                return self.named(kind);
            }
            [b'-', ref rest @ ..] if !hyphen && rest.first() != Some(&b']') => {
                return Err(RANGE.into());
            }
            _ => {}
        }
        let (unit, len) = unit(&self.text[self.at..], self.mode.locale.utf8);
        self.at += len;
        Ok(match unit {
            Unit::Char(c) => BracketItem::Char(c),
            Unit::Bad(byte) => BracketItem::Bad(byte),
        })
    }

    /// `[:name:]`, `[.c.]` or `[=c=]`, after its opening.
    fn named(&mut self, kind: u8) -> Result<BracketItem, String> {
        let rest = &self.text[self.at..];
        let end = rest
            .windows(2)
            .take(MAX_NAME)
            .position(|pair| pair == [kind, b']'])
            .ok_or(UNMATCHED)?;
        let name = &rest[..end];
        self.at += end + 2;
        if kind == b':' {
            return Ok(BracketItem::Class(
                String::from_utf8_lossy(name).into_owned(),
            ));
        }
        // Without a collation order of the locale, a name is one byte; a single character beyond
        // ASCII is accepted where ranges by code point are.
        let c = match name {
            &[c] if c < 0x80 || !self.mode.locale.utf8 => Some(u32::from(c)),
            _ if self.mode.wide_ranges && !name.is_empty() => {
                match unit(name, self.mode.locale.utf8) {
                    (Unit::Char(c), len) if len == name.len() => Some(c),
                    _ => None,
                }
            }
            _ => None,
        };
        Ok(if kind == b'=' {
            BracketItem::Equivalent(c)
        } else {
            BracketItem::Collating(c)
        })
    }
}

/// Whether the text reads `:…:`, a class without its outer brackets.
fn looks_like_class(inside: &[u8]) -> bool {
    matches!(inside, [b':', middle @ .., b':'] if middle.iter().any(|&c| c != b':'))
}
