//! The matcher: one of several engines, asked about lines and buffers.

use super::backtrack::Slots;
use super::error::MatchError;
use super::extent::Extents;
use super::lines::Lines;
use super::literal::Literals;
use super::many::{FindsLines, Many, Upcoming};
use super::perl::Perl;
use super::regular::Regular;
use super::transcode::{Codepage, Decoded};
use std::ops::Range;
use std::sync::Arc;

/// Compiled patterns, and what GNU would say about them.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The matcher.
    pub matcher: Matcher,
    /// GNU's warnings, each without its `grep: warning: `.
    pub warnings: Vec<String>,
}

/// The groups of a match: byte ranges within the line, group 0 the whole match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    pub(super) slots: Slots,
}

impl Groups {
    /// Group `index`; `None` if there is no such group or it took no part in the match.
    pub fn get(&self, index: usize) -> Option<Range<usize>> {
        let (start, end) = (*self.slots.get(2 * index)?, *self.slots.get(2 * index + 1)?);
        (start <= end && end != usize::MAX).then_some(start..end)
    }

    /// How many there are, group 0 included; 0 before the first match.
    pub fn len(&self) -> usize {
        self.slots.len() / 2
    }

    /// Whether nothing was matched yet.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }
}

/// Compiled patterns. Cheap to clone; threads may share one.
#[derive(Clone, Debug)]
pub struct Matcher {
    pub(super) inner: Arc<MatcherInner>,
}

/// A line, and what is known of its matches.
pub struct Matches<'a> {
    inner: &'a MatcherInner,
    line: &'a [u8],
    decoded: Option<Decoded>,
    upcoming: Option<Upcoming<'a, Matcher>>,
}

impl Matches<'_> {
    /// As [`Matcher::find_at`], from a place no earlier than the last.
    ///
    /// # Errors
    /// A limit was met.
    pub fn find_at(&mut self, from: usize) -> Result<Option<Range<usize>>, MatchError> {
        let engine = &self.inner.engine;
        let Some(decoded) = &self.decoded else {
            return engine.find(self.line, from, &mut self.upcoming);
        };
        let found = engine.find(&decoded.text, decoded.inward(from), &mut self.upcoming)?;
        Ok(found.map(|range| decoded.outward(&range)))
    }

    /// As [`Matcher::captures_at`], from a place no earlier than the last.
    ///
    /// # Errors
    /// A limit was met.
    pub fn captures_at(&mut self, from: usize, groups: &mut Groups) -> Result<bool, MatchError> {
        let (line, at) = match &self.decoded {
            None => (self.line, from),
            Some(decoded) => (&decoded.text[..], decoded.inward(from)),
        };
        let engine = &self.inner.engine;
        let mut found = engine.groups(line, at, self.inner.groups, &mut self.upcoming)?;
        if let (Some(decoded), Some(slots)) = (&self.decoded, &mut found) {
            for at in slots.iter_mut().filter(|at| **at != usize::MAX) {
                *at = decoded.offset(*at);
            }
        }
        let matched = found.is_some();
        groups.slots = found.unwrap_or_default();
        Ok(matched)
    }
}

#[derive(Debug)]
pub(super) struct MatcherInner {
    pub engine: Engine,
    pub lines: Lines,
    /// Lines are decoded first.
    pub codepage: Option<&'static Codepage>,
    pub groups: usize,
    pub names: Vec<Option<String>>,
    pub required: Option<Vec<Vec<u8>>>,
}

#[derive(Debug)]
pub(super) enum Engine {
    /// No pattern.
    Never,
    /// Every line matches; where, the tree says.
    Always(Box<Extents>),
    Literals(Box<Literals>),
    Regular(Box<Regular>),
    Many(Box<Many<Matcher>>),
    Perl(Box<Perl>),
}

impl Matcher {
    /// Whether `line` is selected. It comes without its terminator (and CR, with
    /// [`Options::crlf`](super::Options::crlf)).
    ///
    /// # Errors
    /// A limit was met.
    pub fn is_match(&self, line: &[u8]) -> Result<bool, MatchError> {
        match self.inner.codepage {
            None => self.inner.engine.is_match(line),
            Some(codepage) => self
                .inner
                .engine
                .is_match(&Decoded::new(codepage, line).text),
        }
    }

    /// The leftmost, then longest match (for Perl patterns: the first) that begins at byte `from`
    /// of `line` or later. What stands before `from` is context.
    ///
    /// # Errors
    /// A limit was met.
    pub fn find_at(&self, line: &[u8], from: usize) -> Result<Option<Range<usize>>, MatchError> {
        self.matches(line).find_at(from)
    }

    /// The same match with its groups; false: none.
    ///
    /// # Errors
    /// A limit was met.
    pub fn captures_at(
        &self,
        line: &[u8],
        from: usize,
        groups: &mut Groups,
    ) -> Result<bool, MatchError> {
        self.matches(line).captures_at(from, groups)
    }

    /// For all the matches of a line, one after the other: what was found out for one serves the next.
    pub fn matches<'a>(&'a self, line: &'a [u8]) -> Matches<'a> {
        let codepage = self.inner.codepage;
        Matches {
            inner: &self.inner,
            line,
            decoded: codepage.map(|codepage| Decoded::new(codepage, line)),
            upcoming: None,
        }
    }

    /// How many groups there are, group 0 not counted. Of several patterns, that of the one with
    /// most: each counts its own from 1.
    pub fn group_count(&self) -> usize {
        self.inner.groups
    }

    /// The names of the groups, group 0 first (Perl patterns alone have names).
    pub fn group_names(&self) -> &[Option<String>] {
        &self.inner.names
    }

    /// The first selected line that begins at `from` (a line's start) or later in `buffer`: its
    /// range, terminator included. The last line may lack one. Time grows with the bytes passed
    /// over.
    ///
    /// # Errors
    /// A limit was met.
    pub fn find_line(
        &self,
        buffer: &[u8],
        from: usize,
    ) -> Result<Option<Range<usize>>, MatchError> {
        if from >= buffer.len() {
            return Ok(None);
        }
        let lines = self.inner.lines;
        if self.inner.codepage.is_some() {
            let mut at = from;
            while at < buffer.len() {
                let end = lines.end(buffer, at);
                if self.is_match(lines.content(&buffer[at..end]))? {
                    return Ok(Some(at..end));
                }
                at = end;
            }
            return Ok(None);
        }
        match &self.inner.engine {
            Engine::Never => Ok(None),
            Engine::Always(_) => Ok(Some(from..lines.end(buffer, from))),
            Engine::Literals(literals) => Ok(literals.find_line(buffer, from)),
            Engine::Regular(regular) => regular.find_line(buffer, from),
            Engine::Many(many) => many.find_line(buffer, from),
            Engine::Perl(perl) => perl.find_line(buffer, from),
        }
    }

    /// Builds now what otherwise waits until enough was searched for it to pay off.
    pub fn prepare(&self) {
        if let Engine::Regular(regular) = &self.inner.engine {
            regular.prepare();
        }
    }

    /// The same patterns for one thread alone: threads that share a matcher wait for each other, each time it is asked.
    pub fn for_one_thread(&self) -> Matcher {
        let Engine::Regular(regular) = &self.inner.engine else {
            return self.clone();
        };
        Matcher {
            inner: Arc::new(MatcherInner {
                engine: Engine::Regular(regular.clone()),
                names: self.inner.names.clone(),
                required: self.inner.required.clone(),
                ..*self.inner
            }),
        }
    }

    /// Byte strings one of which every selected line holds; `None`: not known.
    pub fn required_literals(&self) -> Option<&[Vec<u8>]> {
        self.inner.required.as_deref()
    }
}

impl FindsLines for Matcher {
    fn is_match(&self, line: &[u8]) -> Result<bool, MatchError> {
        Matcher::is_match(self, line)
    }
    fn find(&self, line: &[u8], from: usize) -> Result<Option<Range<usize>>, MatchError> {
        self.find_at(line, from)
    }
    fn find_line(&self, buffer: &[u8], at: usize) -> Result<Option<Range<usize>>, MatchError> {
        Matcher::find_line(self, buffer, at)
    }
}

impl Engine {
    fn is_match(&self, line: &[u8]) -> Result<bool, MatchError> {
        match self {
            Engine::Never => Ok(false),
            Engine::Always(_) => Ok(true),
            Engine::Literals(literals) => Ok(literals.is_match(line)),
            Engine::Regular(regular) => regular.is_match(line),
            Engine::Many(many) => many.is_match(line),
            Engine::Perl(perl) => perl.is_match(line),
        }
    }

    fn find<'a>(
        &'a self,
        line: &[u8],
        from: usize,
        upcoming: &mut Option<Upcoming<'a, Matcher>>,
    ) -> Result<Option<Range<usize>>, MatchError> {
        if from > line.len() {
            return Ok(None);
        }
        match self {
            Engine::Never => Ok(None),
            Engine::Always(extents) => extents.find(line, from),
            Engine::Literals(literals) => Ok(literals.find(line, from)),
            Engine::Regular(regular) => regular.find(line, from),
            Engine::Many(many) => Ok(many.find(line, from, upcoming)?.map(|(span, _)| span)),
            Engine::Perl(perl) => perl.find(line, from),
        }
    }

    fn groups<'a>(
        &'a self,
        line: &[u8],
        from: usize,
        groups: usize,
        upcoming: &mut Option<Upcoming<'a, Matcher>>,
    ) -> Result<Option<Slots>, MatchError> {
        if from > line.len() {
            return Ok(None);
        }
        if let Engine::Perl(perl) = self {
            return perl.groups(line, from);
        }
        if let Engine::Many(many) = self {
            return match many.find(line, from, upcoming)? {
                Some((_, one)) => one.inner.engine.groups(line, from, groups, &mut None),
                None => Ok(None),
            };
        }
        let Some(span) = self.find(line, from, upcoming)? else {
            return Ok(None);
        };
        let whole = || vec![span.start, span.end];
        match self {
            Engine::Always(extents) if groups > 0 => {
                Ok(Some(extents.groups(line, &span)?.unwrap_or_else(whole)))
            }
            Engine::Regular(regular) if groups > 0 => regular.groups(line, &span).map(Some),
            _ => Ok(Some(whole())),
        }
    }
}
