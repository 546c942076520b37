//! Patterns that are plain strings: memmem for one, Aho-Corasick for many, a hash table for whole
//! lines. No regex is built for them.

use std::borrow::Cow;
use std::collections::HashSet;
use std::convert::Infallible;
use std::ops::{ControlFlow, Range};

use memchr::memmem::Finder;

use super::automaton::Automaton;
use super::ctype::{Cases, Ctype};
use super::error::TOO_BIG;
use super::lines::Lines;
use super::options::Whole;
use super::required::Required;
use super::transcode::in_one_case;

/// Plain strings.
#[derive(Debug)]
pub(super) struct Literals {
    pub(super) whole: Whole,
    pub(super) locale: Ctype,
    lines: Lines,
    strings: Vec<Vec<u8>>,
    engine: Strings,
    /// What several strings begin with.
    required: Option<Required>,
    /// A string holds a CR, which may turn out to belong to the line's end.
    confirm: bool,
    cases: Cases,
    /// One of them is empty: it is found wherever a search begins, unless a longer one is.
    pub(super) empty: bool,
    /// Under `-w`, what stands before the place where a search begins is not looked at: so does
    /// GNU's matcher for strings.
    pub(super) blind: bool,
}

/// How strings are looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// What a match must also be.
    pub whole: Whole,
    /// The cases in which they match.
    pub cases: Cases,
    /// As GNU's matcher for strings does it, rather than that for regular expressions.
    pub blind: bool,
}

#[derive(Debug)]
enum Strings {
    One(Box<Finder<'static>>),
    Many(Automaton),
    Table(HashSet<Vec<u8>>),
}

impl Literals {
    /// Builds the engine for `strings` (at least one).
    ///
    /// # Errors
    /// When there are too many for the automaton.
    pub(super) fn new(
        mut strings: Vec<Vec<u8>>,
        manner: Manner,
        locale: Ctype,
        lines: Lines,
    ) -> Result<Literals, String> {
        let Manner {
            whole,
            cases,
            blind,
        } = manner;
        for string in &mut strings {
            if let Cow::Owned(common) = in_one_case(string, cases, locale) {
                *string = common;
            }
        }
        strings.sort_unstable();
        strings.dedup();
        let engine = if strings.len() == 1 && !strings[0].is_empty() && cases == Cases::One {
            Strings::One(Box::new(Finder::new(&strings[0]).into_owned()))
        } else if whole == Whole::Lines {
            Strings::Table(strings.iter().cloned().collect())
        } else {
            let automaton = Automaton::new(&strings, cases, locale, lines.terminator);
            Strings::Many(automaton.map_err(|_| TOO_BIG.to_string())?)
        };
        let required = match &strings[..] {
            [first, .., last] if cases == Cases::One => {
                let same = first.iter().zip(last).take_while(|(a, b)| a == b).count();
                Required::new(&first[..same])
            }
            _ => None,
        };
        let empty = strings.iter().any(Vec::is_empty);
        let confirm = lines.crlf && strings.iter().any(|s| s.contains(&b'\r'));
        Ok(Literals {
            whole,
            locale,
            lines,
            strings,
            engine,
            required,
            confirm,
            cases,
            empty,
            blind,
        })
    }

    /// The strings, one of which every matching line holds.
    pub(super) fn strings(&self) -> &[Vec<u8>] {
        &self.strings
    }

    /// The leftmost-longest match at `from` or later.
    pub(super) fn find(&self, line: &[u8], from: usize) -> Option<Range<usize>> {
        match self.whole {
            Whole::Any => self.search(line, from),
            Whole::Words => self.search_word(line, from, if self.blind { 0 } else { from }),
            Whole::Lines => (from == 0 && self.is_string(line)).then_some(0..line.len()),
        }
    }

    /// Whether `line` is selected.
    pub(super) fn is_match(&self, line: &[u8]) -> bool {
        self.find(line, 0).is_some() || (self.empty_words() && self.has_empty_word(line))
    }

    /// Whether every line is selected.
    pub(super) fn is_in_all(&self) -> bool {
        self.empty && self.whole == Whole::Any
    }

    fn is_string(&self, line: &[u8]) -> bool {
        match &self.engine {
            Strings::One(finder) => finder.needle() == line,
            Strings::Table(table) => table.contains(&*in_one_case(line, self.cases, self.locale)),
            Strings::Many(_) => self.strings.iter().any(|s| s == line),
        }
    }

    pub(super) fn search(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        match &self.engine {
            Strings::One(finder) => {
                let start = from + finder.find(text.get(from..)?)?;
                Some(start..start + finder.needle().len())
            }
            Strings::Many(many) if self.empty => {
                Some(many.find_at(text, from).unwrap_or(from..from))
            }
            Strings::Many(many) => many.find(text, from, &self.strings),
            Strings::Table(_) => None,
        }
    }

    /// The first matching line at `at` (a line's start) or later, terminator included.
    pub(super) fn find_line(&self, buffer: &[u8], mut at: usize) -> Option<Range<usize>> {
        if self.is_in_all() {
            return Some(at..self.lines.end(buffer, at));
        }
        if let Some(required) = &self.required {
            let is_match = |line: &[u8]| Ok::<_, Infallible>(self.is_match(line));
            match required.find_line(self.lines, buffer, at, is_match) {
                Ok(ControlFlow::Break(line)) => return line,
                Ok(ControlFlow::Continue(next)) => at = next,
            }
        }
        if matches!(self.engine, Strings::Table(_)) || self.empty_words() {
            while at < buffer.len() {
                let end = self.lines.end(buffer, at);
                if self.is_match(self.lines.content(&buffer[at..end])) {
                    return Some(at..end);
                }
                at = end;
            }
            return None;
        }
        loop {
            let found = match self.whole {
                Whole::Words => self.search_word(buffer, at, 0)?,
                _ => self.search(buffer, at)?,
            };
            if found.start == buffer.len() && buffer.ends_with(&[self.lines.terminator]) {
                // An empty string after the last line's end.
                return None;
            }
            let before = memchr::memrchr(self.lines.terminator, &buffer[at..found.start]);
            let line = before.map_or(at, |i| at + i + 1)..self.lines.end(buffer, found.start);
            let sure = self.whole != Whole::Lines && !self.confirm;
            if sure
                || self
                    .find(self.lines.content(&buffer[line.clone()]), 0)
                    .is_some()
            {
                return Some(line);
            }
            at = line.end;
        }
    }
}
