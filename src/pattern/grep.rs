//! [`grep_matcher::Matcher`] for [`Matcher`], so that `grep_searcher::Searcher` can drive it.

use std::ops::Range;

use grep_matcher::{Captures, LineMatchKind, LineTerminator, Match};

use super::error::MatchError;
use super::matcher::{Groups, Matcher};

impl Captures for Groups {
    fn len(&self) -> usize {
        Groups::len(self)
    }

    fn get(&self, index: usize) -> Option<Match> {
        Groups::get(self, index).map(|range| Match::new(range.start, range.end))
    }
}

impl Matcher {
    /// Looks through the lines of `text` from `at` on; the answer's offsets are those of `text`.
    fn in_lines<T>(
        &self,
        text: &[u8],
        mut at: usize,
        mut look: impl FnMut(&[u8], usize) -> Result<Option<T>, MatchError>,
    ) -> Result<Option<(usize, T)>, MatchError> {
        let lines = self.inner.lines;
        loop {
            let line: Range<usize> = lines.around(text, at);
            let content = lines.content(&text[line.clone()]);
            if at - line.start <= content.len()
                && let Some(found) = look(content, at - line.start)?
            {
                return Ok(Some((line.start, found)));
            }
            if line.end >= text.len() {
                return Ok(None);
            }
            at = line.end;
        }
    }
}

impl grep_matcher::Matcher for Matcher {
    type Captures = Groups;
    type Error = MatchError;

    fn find_at(&self, haystack: &[u8], at: usize) -> Result<Option<Match>, MatchError> {
        let found = self.in_lines(haystack, at, |line, from| self.find_at(line, from))?;
        Ok(found.map(|(base, range)| Match::new(base + range.start, base + range.end)))
    }

    fn new_captures(&self) -> Result<Groups, MatchError> {
        Ok(Groups::default())
    }

    fn capture_count(&self) -> usize {
        self.group_count() + 1
    }

    fn capture_index(&self, name: &str) -> Option<usize> {
        self.group_names()
            .iter()
            .position(|n| n.as_deref() == Some(name))
    }

    fn captures_at(
        &self,
        haystack: &[u8],
        at: usize,
        groups: &mut Groups,
    ) -> Result<bool, MatchError> {
        let found = self.in_lines(haystack, at, |line, from| {
            Ok(self.captures_at(line, from, groups)?.then_some(()))
        })?;
        if let Some((base, ())) = found {
            groups
                .slots
                .iter_mut()
                .filter(|at| **at != usize::MAX)
                .for_each(|at| *at += base);
        }
        Ok(found.is_some())
    }

    fn is_match_at(&self, haystack: &[u8], at: usize) -> Result<bool, MatchError> {
        let found = self.in_lines(haystack, at, |line, from| {
            let matched = if from == 0 {
                self.is_match(line)?
            } else {
                self.find_at(line, from)?.is_some()
            };
            Ok(matched.then_some(()))
        })?;
        Ok(found.is_some())
    }

    fn shortest_match_at(&self, haystack: &[u8], at: usize) -> Result<Option<usize>, MatchError> {
        Ok(grep_matcher::Matcher::find_at(self, haystack, at)?.map(|m| m.end()))
    }

    fn line_terminator(&self) -> Option<LineTerminator> {
        Some(if self.inner.lines.crlf {
            LineTerminator::crlf()
        } else {
            LineTerminator::byte(self.inner.lines.terminator)
        })
    }

    fn find_candidate_line(&self, haystack: &[u8]) -> Result<Option<LineMatchKind>, MatchError> {
        // Any offset within the line will do; its start is one.
        Ok(self
            .find_line(haystack, 0)?
            .map(|line| LineMatchKind::Confirmed(line.start)))
    }
}
