//! Many patterns, each with a string that its lines must hold: one pass finds the strings, and only the patterns whose strings
//! a line holds are tried on it. Patterns without such a string are searched for together, as fewer patterns are.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::automaton::filler;
use super::error::MatchError;
use super::lines::Lines;

/// Fewer patterns than these are searched for together.
pub(super) const FEW: usize = 32;
/// Shorter strings are in too many lines.
const SHORTEST: usize = 3;
/// Patterns tried for one string, at most.
const SHARERS: usize = 8;
/// Bytes that are first searched for strings; what the other patterns find before a string need not be searched again.
const WINDOW: usize = 1 << 10;

/// A matcher of one pattern, or of some that are searched for together.
pub(super) trait FindsLines {
    /// Whether a line, without its end, is selected.
    fn is_match(&self, line: &[u8]) -> Result<bool, MatchError>;
    /// The leftmost, then longest match from `from` on.
    fn find(&self, line: &[u8], from: usize) -> Result<Option<Range<usize>>, MatchError>;
    /// The first selected line at `at` (a line's start) or later, terminator included.
    fn find_line(&self, buffer: &[u8], at: usize) -> Result<Option<Range<usize>>, MatchError>;
}

/// One of the patterns.
#[derive(Debug)]
struct One<M> {
    /// What stands in each of its lines, in this order.
    runs: Vec<Vec<u8>>,
    pattern: Vec<u8>,
    /// Compiled when it is first tried.
    matcher: OnceLock<Result<M, String>>,
}

/// Compiles one pattern, or says in GNU's words why that cannot be.
pub(super) type Compile<M> = dyn Fn(&[u8]) -> Result<M, String> + Send + Sync;

/// Many patterns.
pub(super) struct Many<M> {
    strings: AhoCorasick,
    /// By string: the patterns that need it.
    owners: Vec<Vec<usize>>,
    ones: Vec<One<M>>,
    /// All other patterns.
    rest: Option<M>,
    lines: Lines,
    compile: Box<Compile<M>>,
}

impl<M: std::fmt::Debug> std::fmt::Debug for Many<M> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Many")
            .field("ones", &self.ones)
            .field("rest", &self.rest)
            .finish_non_exhaustive()
    }
}

/// Patterns that are found by a string, and the indices of those that are not.
pub(super) struct Sorted<M> {
    ones: Vec<One<M>>,
    owners: HashMap<Vec<u8>, Vec<usize>>,
    pub rest: Vec<usize>,
}

impl<M> Sorted<M> {
    /// Sorts patterns, each with what stands in its lines, in order; none where too few have a string of their own.
    pub(super) fn new(
        patterns: &[Vec<u8>],
        runs: impl Iterator<Item = Vec<Vec<u8>>>,
    ) -> Option<Sorted<M>> {
        let mut sorted = Sorted {
            ones: Vec::new(),
            owners: HashMap::new(),
            rest: Vec::new(),
        };
        for (at, (pattern, runs)) in patterns.iter().zip(runs).enumerate() {
            let longest = runs.iter().rev().max_by_key(|run| run.len());
            let Some(string) = longest.filter(|run| run.len() >= SHORTEST) else {
                sorted.rest.push(at);
                continue;
            };
            let owners = sorted.owners.entry(string.clone()).or_default();
            if owners.len() == SHARERS {
                sorted.rest.push(at);
                continue;
            }
            owners.push(sorted.ones.len());
            sorted.ones.push(One {
                runs,
                pattern: pattern.clone(),
                matcher: OnceLock::new(),
            });
        }
        (sorted.ones.len() >= FEW).then_some(sorted)
    }
}

impl<M: FindsLines> Many<M> {
    /// Patterns that are sorted, with the matcher of the rest of them; `compile` compiles one.
    ///
    /// # Errors
    /// There are too many strings.
    pub(super) fn new(
        sorted: Sorted<M>,
        rest: Option<M>,
        lines: Lines,
        compile: Box<Compile<M>>,
    ) -> Result<Many<M>, String> {
        let filler =
            filler(sorted.owners.len(), lines.terminator).map(|string| (string, Vec::new()));
        let owned = filler.into_iter().chain(sorted.owners);
        let (strings, owners): (Vec<_>, Vec<_>) = owned.unzip();
        let strings = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(&strings)
            .map_err(|error| error.to_string())?;
        Ok(Many {
            strings,
            owners,
            ones: sorted.ones,
            rest,
            lines,
            compile,
        })
    }

    /// The matcher of a pattern, if a line may match it.
    fn candidate(&self, one: usize, line: &[u8]) -> Result<Option<&M>, MatchError> {
        let one = &self.ones[one];
        let mut at = 0;
        for run in &one.runs {
            match memchr::memmem::find(&line[at..], run) {
                Some(found) => at += found + run.len(),
                None => return Ok(None),
            }
        }
        let compiled = one.matcher.get_or_init(|| (self.compile)(&one.pattern));
        let failed = |text: &String| MatchError::Pattern(text.clone());
        compiled.as_ref().map(Some).map_err(failed)
    }

    /// The patterns, by number, whose strings stand in a line.
    fn ones_in(&self, line: &[u8]) -> Vec<usize> {
        let found = self.strings.find_overlapping_iter(line);
        let owners = found.flat_map(|found| &self.owners[found.pattern().as_usize()]);
        let mut ones: Vec<usize> = owners.copied().collect();
        ones.sort_unstable();
        ones.dedup();
        ones
    }

    /// Whether a line, without its end, is selected.
    pub(super) fn is_match(&self, line: &[u8]) -> Result<bool, MatchError> {
        for one in self.ones_in(line) {
            if let Some(matcher) = self.candidate(one, line)?
                && matcher.is_match(line)?
            {
                return Ok(true);
            }
        }
        self.rest
            .as_ref()
            .map_or(Ok(false), |rest| rest.is_match(line))
    }

    /// The leftmost, then longest match from `from` on, and the first pattern that has it.
    pub(super) fn find(
        &self,
        line: &[u8],
        from: usize,
    ) -> Result<Option<(Range<usize>, &M)>, MatchError> {
        let mut best: Option<(Range<usize>, &M)> = None;
        let ones = self.ones_in(line).into_iter().map(Some);
        for one in ones.chain([None]) {
            let matcher = match one {
                Some(one) => self.candidate(one, line)?,
                None => self.rest.as_ref(),
            };
            let Some(matcher) = matcher else {
                continue;
            };
            if let Some(found) = matcher.find(line, from)? {
                let key = |range: &Range<usize>| (range.start, usize::MAX - range.end);
                if best
                    .as_ref()
                    .is_none_or(|(best, _)| key(&found) < key(best))
                {
                    best = Some((found, matcher));
                }
            }
        }
        Ok(best)
    }

    /// The first selected line at `at` (a line's start) or later, terminator included.
    pub(super) fn find_line(
        &self,
        buffer: &[u8],
        mut at: usize,
    ) -> Result<Option<Range<usize>>, MatchError> {
        let mut window = WINDOW;
        while at < buffer.len() {
            let end = self.lines.end(buffer, (at + window).min(buffer.len() - 1));
            let found = self.line_of_ones(&buffer[..end], at)?;
            let before = found.as_ref().map_or(end, |line| line.start);
            if let Some(rest) = &self.rest
                && let Some(line) = rest.find_line(&buffer[..before], at)?
            {
                return Ok(Some(line));
            }
            if found.is_some() {
                return Ok(found);
            }
            at = end;
            window *= 2;
        }
        Ok(None)
    }

    /// The first line that a pattern with a string selects.
    fn line_of_ones(&self, buffer: &[u8], from: usize) -> Result<Option<Range<usize>>, MatchError> {
        let mut line = from..from;
        let mut tried: Vec<usize> = Vec::new();
        for found in self.strings.find_overlapping_iter(&buffer[from..]) {
            let start = from + found.start();
            if start >= line.end {
                let begin = memchr::memrchr(self.lines.terminator, &buffer[line.end..start]);
                let begin = begin.map_or(line.end, |at| line.end + at + 1);
                line = begin..self.lines.end(buffer, start);
                tried.clear();
            }
            let content = self.lines.content(&buffer[line.clone()]);
            for &one in &self.owners[found.pattern().as_usize()] {
                if tried.contains(&one) {
                    continue;
                }
                tried.push(one);
                if let Some(matcher) = self.candidate(one, content)?
                    && matcher.is_match(content)?
                {
                    return Ok(Some(line));
                }
            }
        }
        Ok(None)
    }
}
