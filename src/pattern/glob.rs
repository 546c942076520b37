//! Globs, as fnmatch(3) of the GNU C library reads them with no flag but, on demand, that for case: `*`, `?`, `[…]`
//! and a backslash; a slash or a leading dot is a character like any other.
//!
//! A bracket expression is read while it is compared, and no further than the character that decides needs it: so the
//! C library does it, and `[a` is then three things (a character on its own, an error, no match) depending on the name.

use super::ctype::Ctype;
use super::equivalence;
use super::options::Charset;
use super::transcode;
use super::unit::{Unit, unit};
use std::borrow::Cow;

/// How globs are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GlobRules {
    /// What characters are.
    pub charset: Charset,
    /// Letters of ASCII match in either case.
    pub ignore_case: bool,
    /// Ranges and equivalence classes of characters beyond Latin-1, by code point; the C library has none in C.UTF-8.
    pub wide_ranges: bool,
    /// Where the characters do not match, the bytes may: `??` matches `é`, as the C library has it.
    pub or_bytes: bool,
    /// `[^a]` is `[!a]` (not so under POSIXLY_CORRECT).
    pub caret: bool,
}

/// A compiled glob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    rules: GlobRules,
    bytes: Vec<u8>,
    /// As characters; none where it is not text.
    characters: Option<Vec<u32>>,
}

impl Glob {
    /// Reads `pattern`. No glob is wrong: one that makes no sense matches nothing.
    pub fn new(pattern: &[u8], rules: GlobRules) -> Glob {
        Glob {
            rules,
            bytes: pattern.to_vec(),
            characters: characters(pattern, rules.charset).map(Cow::into_owned),
        }
    }

    /// Whether all of `name` matches.
    pub fn matches(&self, name: &[u8]) -> bool {
        let ascii = name.is_ascii() && self.bytes.is_ascii();
        let by_characters = || {
            let pattern = self.characters.as_deref()?;
            let name = characters(name, self.rules.charset)?;
            Some(self.compare(pattern, &name, false))
        };
        match by_characters() {
            Some(true) => true,
            Some(false) if ascii || !self.rules.or_bytes => false,
            _ => self.compare(&widened(&self.bytes), &widened(name), true),
        }
    }

    fn compare(&self, pattern: &[u32], name: &[u32], bytes: bool) -> bool {
        let reader = GlobReader {
            rules: self.rules,
            locale: Ctype {
                utf8: !bytes && self.rules.charset != Charset::Bytes,
                turkish: false,
            },
            pattern,
        };
        let (mut at, mut here) = (0, 0);
        // Where to go on if what follows the last `*` does not match: it takes one character more.
        let mut star = None;
        loop {
            let next = match pattern.get(at) {
                None if here == name.len() => return true,
                None => None,
                Some(&STAR) => {
                    at += 1;
                    star = Some((at, here));
                    continue;
                }
                Some(_) => name.get(here).and_then(|&c| reader.one(at, c)),
            };
            match (next, star) {
                (Some(next), _) => (at, here) = (next, here + 1),
                (None, Some((after, from))) if from < name.len() => {
                    (at, here) = (after, from + 1);
                    star = Some((at, here));
                }
                _ => return false,
            }
        }
    }

    /// Whether it has `*`, `?` or `[` that no backslash makes a plain character.
    pub fn has_wildcards(pattern: &[u8]) -> bool {
        let mut rest = pattern;
        loop {
            rest = match rest {
                [] => return false,
                [b'*' | b'?' | b'[', ..] => return true,
                [b'\\', _, rest @ ..] | [_, rest @ ..] => rest,
            };
        }
    }

    /// The text of a glob without wildcards: backslashes go, but for one at the end.
    pub fn unescaped(pattern: &[u8]) -> Vec<u8> {
        let mut text = Vec::with_capacity(pattern.len());
        let mut rest = pattern;
        while let [first, after @ ..] = rest {
            let (byte, after) = match (first, after) {
                (b'\\', [second, after @ ..]) => (second, after),
                _ => (first, after),
            };
            text.push(*byte);
            rest = after;
        }
        text
    }
}

const STAR: u32 = b'*' as u32;
const ANY: u32 = b'?' as u32;
const ESCAPE: u32 = b'\\' as u32;
const OPEN: u32 = b'[' as u32;
const CLOSE: u32 = b']' as u32;
const HYPHEN: u32 = b'-' as u32;
const COLON: u32 = b':' as u32;
const EQUALS: u32 = b'=' as u32;
const DOT: u32 = b'.' as u32;

fn widened(bytes: &[u8]) -> Vec<u32> {
    bytes.iter().map(|&byte| u32::from(byte)).collect()
}

/// The characters of `text`; none if some of it is not text.
fn characters(text: &[u8], charset: Charset) -> Option<Cow<'static, [u32]>> {
    let text = match charset {
        Charset::Bytes => return Some(widened(text).into()),
        Charset::Utf8 => Cow::Borrowed(text),
        Charset::Other(codepage) => Cow::Owned(transcode::pattern(codepage, text)),
    };
    let mut all = Vec::with_capacity(text.len());
    let mut rest = &text[..];
    while !rest.is_empty() {
        let (Unit::Char(c), len) = unit(rest, true) else {
            return None;
        };
        all.push(c);
        rest = &rest[len..];
    }
    Some(all.into())
}

/// What stands in a bracket expression.
enum GlobItem {
    Class(String),
    Equivalent(u32),
    /// A character, or the start of a range.
    Char {
        start: u32,
        /// It was written as `[.a.]`.
        collating: bool,
    },
}

/// What comes of comparing a bracket expression with a character.
enum InBracket {
    /// It matches; the rest of the expression, up to its end, begins there.
    Yes(usize),
    /// It does not; what follows the expression begins there.
    No(usize),
    /// The expression has no end: the bracket is a character.
    Endless,
    /// The expression is wrong.
    Wrong,
}

/// Reads a pattern.
#[derive(Clone, Copy)]
struct GlobReader<'p> {
    rules: GlobRules,
    locale: Ctype,
    pattern: &'p [u32],
}

impl GlobReader<'_> {
    fn get(&self, at: usize) -> Option<u32> {
        self.pattern.get(at).copied()
    }

    fn fold(&self, c: u32) -> u32 {
        if self.rules.ignore_case && (0x41..=0x5a).contains(&c) {
            c + 0x20
        } else {
            c
        }
    }

    /// Compares what stands at `at`, no `*`, with one character; where the pattern goes on, if it matches.
    fn one(&self, at: usize, c: u32) -> Option<usize> {
        let plain = |at: usize| {
            let same = self.fold(self.get(at)?) == self.fold(c);
            same.then_some(at + 1)
        };
        match self.get(at)? {
            ANY => Some(at + 1),
            ESCAPE => plain(at + 1),
            OPEN => {
                let caret = self.rules.caret && self.get(at + 1) == Some(u32::from(b'^'));
                let negated = caret || self.get(at + 1) == Some(u32::from(b'!'));
                match self.bracket(at + 1 + usize::from(negated), c) {
                    InBracket::Yes(rest) => self.end(rest).filter(|_| !negated),
                    InBracket::No(next) => negated.then_some(next),
                    InBracket::Endless => plain(at),
                    InBracket::Wrong => None,
                }
            }
            _ => plain(at),
        }
    }

    /// Looks for `c` in the bracket expression whose items begin at `at`.
    fn bracket(&self, mut at: usize, c: u32) -> InBracket {
        let mut first = true;
        loop {
            match self.get(at) {
                None => return InBracket::Endless,
                Some(CLOSE) if !first => return InBracket::No(at + 1),
                Some(_) => first = false,
            }
            let Some((item, next)) = self.item(at) else {
                return InBracket::Wrong;
            };
            at = next;
            let matches = match item {
                GlobItem::Class(name) => self.locale.is_in(&name, c),
                GlobItem::Equivalent(of) => Some(self.is_equivalent(of, c)),
                GlobItem::Char { start, collating } => {
                    let same = self.fold(start) == self.fold(c);
                    match (self.get(at), self.get(at + 1)) {
                        (Some(HYPHEN), None) => same.then_some(true),
                        // The C library takes the `-` of `[[.a.]-]` for that of a range, and `a` for nothing.
                        (Some(HYPHEN), Some(CLOSE)) => Some(same && !collating),
                        (Some(HYPHEN), Some(_)) => {
                            let ranged = self.range(start, at + 1, c);
                            ranged.map(|(within, next)| {
                                at = next;
                                within
                            })
                        }
                        _ => Some(same),
                    }
                }
            };
            match matches {
                None => return InBracket::Wrong,
                Some(true) => return InBracket::Yes(at),
                Some(false) => {}
            }
        }
    }

    /// The item at `at`, and what follows it; none where it is wrong.
    fn item(&self, at: usize) -> Option<(GlobItem, usize)> {
        let plain = |start| GlobItem::Char {
            start,
            collating: false,
        };
        let c = self.get(at)?;
        match (c, self.get(at + 1)) {
            (ESCAPE, escaped) => return escaped.map(|start| (plain(start), at + 2)),
            (OPEN, Some(COLON)) => {
                if let Some(end) = self.class_end(at + 1) {
                    let name = &self.pattern[at + 2..end];
                    let name = name.iter().filter_map(|&c| char::from_u32(c)).collect();
                    return Some((GlobItem::Class(name), end + 2));
                }
            }
            (OPEN, Some(EQUALS)) => {
                if let Some(of) = self.equivalence(at + 1) {
                    return Some((GlobItem::Equivalent(of), at + 5));
                }
            }
            (OPEN, Some(DOT)) => {
                let (start, next) = self.collating(at + 1)?;
                let collating = true;
                return Some((GlobItem::Char { start, collating }, next));
            }
            _ => {}
        }
        Some((plain(c), at + 1))
    }

    /// Whether `c` is in the range from `start` to what stands at `at`, and what follows; none where that is wrong.
    fn range(&self, start: u32, at: usize, c: u32) -> Option<(bool, usize)> {
        if self.known(c).is_none() {
            // No more of the end is read than one character.
            return Some((false, at + 1));
        }
        let (end, next) = match (self.get(at)?, self.get(at + 1)) {
            (OPEN, Some(DOT)) => self.collating(at + 1)?,
            (ESCAPE, escaped) => (escaped?, at + 2),
            (end, _) => (end, at + 1),
        };
        Some((
            self.in_range(self.fold(start), self.fold(end), self.fold(c)),
            next,
        ))
    }

    /// A character's place in collating order, as far as the C library knows one.
    fn known(&self, c: u32) -> Option<u32> {
        (self.rules.wide_ranges || c <= 0xff).then_some(c)
    }

    fn in_range(&self, start: u32, end: u32, c: u32) -> bool {
        match (self.known(start), self.known(end), self.known(c)) {
            (Some(start), Some(end), Some(c)) => (start..=end).contains(&c),
            (Some(start), None, Some(c)) => start == c,
            _ => false,
        }
    }

    /// Where the name of a class that begins at the colon at `at` ends; none where it is no name.
    fn class_end(&self, at: usize) -> Option<usize> {
        // The C library takes no `z`, in no name there is one.
        let letter = |c: &u32| (u32::from(b'a')..u32::from(b'z')).contains(c);
        let rest = self.pattern.get(at + 1..)?;
        let len = rest.iter().take_while(|c| letter(c)).count();
        (rest.get(len..)?.starts_with(&[COLON, CLOSE])).then_some(at + 1 + len)
    }

    /// The character of an equivalence class whose first `=` stands at `at`; none where it is not one.
    fn equivalence(&self, at: usize) -> Option<u32> {
        match self.pattern.get(at..)? {
            [_, of, EQUALS, CLOSE, ..] => Some(*of),
            _ => None,
        }
    }

    fn is_equivalent(&self, of: u32, c: u32) -> bool {
        let (of, c) = (self.fold(of), self.fold(c));
        of == c
            || (self.rules.wide_ranges && self.locale.utf8)
                && equivalence::class(of).contains(&(c, c))
    }

    /// The character of a collating element whose first `.` stands at `at`, and where it ends.
    fn collating(&self, at: usize) -> Option<(u32, usize)> {
        let rest = self.pattern.get(at + 1..)?;
        let len = rest.windows(2).position(|pair| pair == [DOT, CLOSE])?;
        (len == 1).then(|| (rest[0], at + 1 + len + 2))
    }

    /// Where a bracket expression ends whose rest, after the item that matched, begins at `at`; none where it does not.
    fn end(&self, mut at: usize) -> Option<usize> {
        loop {
            let c = self.get(at)?;
            at += 1;
            match (c, self.get(at)) {
                (CLOSE, _) => return Some(at),
                (ESCAPE, escaped) => {
                    escaped?;
                    at += 1;
                }
                (OPEN, Some(COLON)) => at = self.class_end(at).map_or(at, |end| end + 2),
                (OPEN, Some(EQUALS)) => {
                    self.equivalence(at)?;
                    at += 4;
                }
                (OPEN, Some(DOT)) => {
                    let rest = self.pattern.get(at + 1..)?;
                    at += 3 + rest.windows(2).position(|pair| pair == [DOT, CLOSE])?;
                }
                _ => {}
            }
        }
    }
}
