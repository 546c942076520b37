//! Aho-Corasick automata of many strings, none of which holds a line's terminator.

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use aho_corasick::{AhoCorasick, AhoCorasickKind, Anchored, BuildError, Input};
use aho_corasick::{MatchKind, StartKind};

use super::ctype::{Cases, Ctype};
use super::transcode::Decoded;
use super::words;

/// Strings looked for together: by an automaton that is small and soon built, and after some time by one that is faster.
#[derive(Debug)]
pub(super) struct Automaton {
    small: AhoCorasick,
    fast: OnceLock<Option<AhoCorasick>>,
    /// Bytes passed over so far.
    passed: AtomicUsize,
    cases: Cases,
    locale: Ctype,
    /// Bytes that the longest string takes in any case, at most.
    longest: usize,
    terminator: u8,
}

/// Bytes that are first put in one case.
const WINDOW: usize = 128;

/// Bytes to pass over before the faster automaton pays.
const WORTH: usize = 16 << 20;
/// Bytes of strings it may be built for: it takes about a hundred times as many.
const SMALL: usize = 256 << 10;

impl Automaton {
    /// For the strings that are not empty, in one case.
    ///
    /// # Errors
    /// There are too many.
    pub(super) fn new(
        strings: &[Vec<u8>],
        cases: Cases,
        locale: Ctype,
        terminator: u8,
    ) -> Result<Automaton, BuildError> {
        Ok(Automaton {
            small: build(strings, cases, terminator, None)?,
            fast: OnceLock::new(),
            passed: AtomicUsize::new(0),
            cases,
            locale,
            longest: 4 * strings.iter().map(Vec::len).max().unwrap_or(0),
            terminator,
        })
    }

    /// The leftmost, then longest of the `strings` it was made for, at `from` or later.
    pub(super) fn find(
        &self,
        text: &[u8],
        mut from: usize,
        strings: &[Vec<u8>],
    ) -> Option<Range<usize>> {
        if self.cases != Cases::All {
            return self.find_in_one_case(text, from, strings);
        }
        let mut window = WINDOW;
        loop {
            let end = self.boundary(text, from + window);
            let reach = self.boundary(text, end + self.longest);
            let found = self.find_in(text, from..reach, |text, from| {
                self.find_in_one_case(text, from, strings)
            });
            if reach == text.len() || found.as_ref().is_some_and(|found| found.start < end) {
                return found;
            }
            from = end;
            window *= 2;
        }
    }

    /// The end of a character at `at` or later, or that of the text.
    fn boundary(&self, text: &[u8], at: usize) -> usize {
        words::boundary(self.locale, text, at.min(text.len()))
    }

    /// What `find` finds in a part of a text when the part is put in one case.
    fn find_in(
        &self,
        text: &[u8],
        part: Range<usize>,
        find: impl Fn(&[u8], usize) -> Option<Range<usize>>,
    ) -> Option<Range<usize>> {
        if text[part.clone()].is_ascii() {
            return find(&text[..part.end], part.start);
        }
        let decoded = Decoded::in_one_case(self.locale, &text[part.clone()]);
        let found = decoded.outward(&find(&decoded.text, 0)?);
        Some(part.start + found.start..part.start + found.end)
    }

    fn find_in_one_case(
        &self,
        text: &[u8],
        from: usize,
        strings: &[Vec<u8>],
    ) -> Option<Range<usize>> {
        let fast = self.fast.get().and_then(Option::as_ref);
        let mut input = Input::new(text).span(from..text.len());
        let found = loop {
            match fast.unwrap_or(&self.small).find(input.clone()) {
                Some(filler) if text[filler.start()] == self.terminator => {
                    input.set_start(filler.start() + 1);
                }
                found => break found.map(|found| found.start()..found.end()),
            }
        };
        let passed = found.as_ref().map_or(text.len(), |found| found.end) - from;
        if self.fast.get().is_none()
            && self.passed.fetch_add(passed, Ordering::Relaxed) + passed > WORTH
        {
            self.fast.get_or_init(|| {
                let bytes: usize = strings.iter().map(Vec::len).sum();
                let fast = Some(AhoCorasickKind::DFA);
                let built = || build(strings, self.cases, self.terminator, fast).ok();
                (bytes <= SMALL).then(built).flatten()
            });
        }
        found
    }

    /// The longest string at `from`, where an empty one is among them; none: that one.
    pub(super) fn find_at(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        let find = |text: &[u8], from: usize| {
            let input = Input::new(text).span(from..text.len());
            let found = self.small.find(input.anchored(Anchored::Yes))?;
            (text[from] != self.terminator).then(|| found.start()..found.end())
        };
        match self.cases {
            Cases::All => self.find_in(text, from..self.boundary(text, from + self.longest), find),
            _ => find(text, from),
        }
    }
}

fn build(
    strings: &[Vec<u8>],
    cases: Cases,
    terminator: u8,
    kind: Option<AhoCorasickKind>,
) -> Result<AhoCorasick, BuildError> {
    let some = strings.iter().filter(|string| !string.is_empty());
    let filler = filler(strings.len(), terminator);
    // Beside an empty string, one place is looked at at a time.
    let starts = match some.clone().count() < strings.len() {
        true => StartKind::Both,
        false => StartKind::Unanchored,
    };
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .ascii_case_insensitive(cases != Cases::One)
        .kind(kind)
        .start_kind(starts)
        .build(filler.iter().chain(some))
}

/// Fewer strings than that need no filler.
const VERY_MANY: usize = 4096;

/// What is to be put before very many strings: one that is in no line, as it begins with the terminator.
///
/// Building moves the states in which strings end before all others, and follows each through all the moves of those that
/// took each other's places (`Remapper::remap` of aho-corasick 1.1). These are all strings where few states stand before
/// theirs, as of `user1` to `user100000`, and the time grows with their square. Those of the filler do. No end of its
/// beginnings begins it, which would make building slow, too.
pub(super) fn filler(strings: usize, terminator: u8) -> Option<Vec<u8>> {
    (strings > VERY_MANY).then(|| {
        let mut filler = vec![0xff; strings / 8];
        filler[0] = terminator;
        filler
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filler_that_stands_in_a_text_hides_nothing() {
        let mut strings: Vec<Vec<u8>> = (0..5000)
            .map(|at| format!("user{at}").into_bytes())
            .collect();
        let filler = filler(strings.len(), b'\n').unwrap();
        let before = [&filler[..], &filler, b"x"].concat();
        let text = [&before[..], b"user49990\n", &filler].concat();
        let at = before.len();
        for empty in [false, true] {
            strings.extend(empty.then(Vec::new));
            let locale = Ctype {
                utf8: true,
                turkish: false,
            };
            let automaton = Automaton::new(&strings, Cases::One, locale, b'\n').unwrap();
            if empty {
                assert_eq!(automaton.find_at(&text, at), Some(at..at + 8));
                assert_eq!(automaton.find_at(&text, 0), None);
            }
            for from in [0, filler.len(), at] {
                let found = automaton.find(&text, from, &strings);
                assert_eq!(found, Some(at..at + 8));
            }
            assert_eq!(automaton.find(&text, at + 1, &strings), None);
        }
    }
}
