//! Many patterns, each with a string that its lines must hold: one pass finds the strings, and only the patterns whose strings
//! a line holds are tried on it. Patterns without such a string are searched for together, as many at a time as one regex is
//! good for.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::automaton::filler;
use super::ctype::{Cases, Ctype};
use super::error::MatchError;
use super::lines::Lines;
use super::transcode::{Decoded, in_one_case};

/// Fewer patterns than these are searched for together.
pub(super) const FEW: usize = 32;
/// Shorter strings are in too many lines.
const SHORTEST: usize = 3;
/// Patterns tried for one string, at most.
const SHARERS: usize = 8;
/// Bytes of patterns that are searched for together: with more, the lazy DFA has more states than it can keep.
pub(super) const TOGETHER: usize = 16 << 10;
/// Bytes that are first searched for strings; what the other patterns find before a string need not be searched again.
const WINDOW: usize = 1 << 10;

/// A matcher of one pattern, or of several that are searched for together.
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

/// The patterns that a line may match, each with its next match, where that is known.
pub(super) type Upcoming<'a, M> = Vec<(Option<Range<usize>>, &'a M)>;

/// Compiles one pattern, or says in GNU's words why that cannot be.
pub(super) type Compile<M> = dyn Fn(&[u8]) -> Result<M, String> + Send + Sync;

/// Many patterns.
pub(super) struct Many<M> {
    strings: AhoCorasick,
    /// By string: the patterns that need it.
    owners: Vec<Vec<usize>>,
    ones: Vec<One<M>>,
    /// All other patterns, many in each.
    rest: Vec<M>,
    lines: Lines,
    locale: Ctype,
    /// The cases in which the strings match.
    cases: Cases,
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

/// Patterns that are found by a string, and those that are not.
pub(super) struct Sorted<M> {
    ones: Vec<One<M>>,
    owners: HashMap<Vec<u8>, Vec<usize>>,
    rest: Vec<usize>,
}

impl<M> Sorted<M> {
    /// Sorts patterns, each with what stands in its lines, in order; none where they are as well searched for together.
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
            let owners = &mut sorted.owners;
            let shared = |run: &Vec<u8>| owners.get(run).is_some_and(|all| all.len() == SHARERS);
            let own = runs
                .iter()
                .filter(|run| run.len() >= SHORTEST && !shared(run));
            let Some(string) = own.rev().max_by_key(|run| run.len()) else {
                sorted.rest.push(at);
                continue;
            };
            let owners = owners.entry(string.clone()).or_default();
            owners.push(sorted.ones.len());
            sorted.ones.push(One {
                runs,
                pattern: pattern.clone(),
                matcher: OnceLock::new(),
            });
        }
        let bytes: usize = patterns.iter().map(Vec::len).sum();
        (sorted.ones.len() >= FEW || bytes > TOGETHER).then_some(sorted)
    }

    /// The indices of the patterns that are not found by a string, as many at a time as are searched for together.
    pub(super) fn together<'s>(
        &'s self,
        patterns: &'s [Vec<u8>],
    ) -> impl Iterator<Item = &'s [usize]> {
        let mut left = &self.rest[..];
        std::iter::from_fn(move || {
            let mut bytes = 0;
            let fits = left.iter().take_while(|&&at| {
                bytes += patterns[at].len();
                bytes <= TOGETHER
            });
            let (some, others) = left.split_at(fits.count().max(1).min(left.len()));
            left = others;
            (!some.is_empty()).then_some(some)
        })
    }
}

impl<M: FindsLines> Many<M> {
    /// Patterns that are sorted, with matchers of the rest of them; `compile` compiles one.
    ///
    /// # Errors
    /// There are too many strings.
    pub(super) fn new(
        sorted: Sorted<M>,
        rest: Vec<M>,
        (lines, locale, cases): (Lines, Ctype, Cases),
        compile: Box<Compile<M>>,
    ) -> Result<Many<M>, String> {
        let filler =
            filler(sorted.owners.len(), lines.terminator).map(|string| (string, Vec::new()));
        let owned = filler.into_iter().chain(sorted.owners);
        let (strings, owners): (Vec<_>, Vec<_>) = owned.unzip();
        let strings = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(cases != Cases::One)
            .build(&strings)
            .map_err(|error| error.to_string())?;
        Ok(Many {
            strings,
            owners,
            ones: sorted.ones,
            rest,
            lines,
            locale,
            cases,
            compile,
        })
    }

    /// The matcher of a pattern, if a line may match it.
    fn candidate(&self, one: usize, line: &[u8]) -> Result<Option<&M>, MatchError> {
        let one = &self.ones[one];
        let line = in_one_case(line, self.cases, self.locale);
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
        let line = in_one_case(line, self.cases, self.locale);
        let found = self.strings.find_overlapping_iter(&*line);
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
        for rest in &self.rest {
            if rest.is_match(line)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The leftmost, then longest match from `from` on, and the first pattern that has it. `upcoming` is what was left of it
    /// for an earlier place in this line.
    pub(super) fn find<'a>(
        &'a self,
        line: &[u8],
        from: usize,
        upcoming: &mut Option<Upcoming<'a, M>>,
    ) -> Result<Option<(Range<usize>, &'a M)>, MatchError> {
        let candidates = match upcoming.take() {
            Some(left) => left,
            None => self.candidates(line)?,
        };
        let mut left = Vec::with_capacity(candidates.len());
        for (found, matcher) in candidates {
            let next = match found {
                Some(found) if found.start >= from => Some(found),
                _ => matcher.find(line, from)?,
            };
            left.extend(next.map(|next| (Some(next), matcher)));
        }
        let spans = left
            .iter()
            .filter_map(|(found, matcher)| Some((found.clone()?, *matcher)));
        let best = spans.min_by_key(|(span, _)| (span.start, usize::MAX - span.end));
        *upcoming = Some(left);
        Ok(best)
    }

    /// The patterns that a line may match.
    fn candidates(&self, line: &[u8]) -> Result<Upcoming<'_, M>, MatchError> {
        let ones = self.ones_in(line).into_iter();
        let ones = ones.filter_map(|one| self.candidate(one, line).transpose());
        let all = ones.chain(self.rest.iter().map(Ok));
        all.map(|matcher| Ok((None, matcher?))).collect()
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
            let mut found = self.line_of_ones(&buffer[..end], at)?;
            for rest in &self.rest {
                let before = found.as_ref().map_or(end, |line| line.start);
                found = rest.find_line(&buffer[..before], at)?.or(found);
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
        let text = &buffer[from..];
        let beyond = self.cases == Cases::All && !text.is_ascii();
        let decoded = beyond.then(|| Decoded::in_one_case(self.locale, text));
        let text = decoded.as_ref().map_or(text, |decoded| &decoded.text);
        for found in self.strings.find_overlapping_iter(text) {
            let at = found.start();
            let start = from + decoded.as_ref().map_or(at, |decoded| decoded.offset(at));
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
