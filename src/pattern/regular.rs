//! BRE and ERE (and strings that are not plain): a grep-regex matcher finds candidate lines in a
//! buffer; what it cannot tell exactly is asked of [`Extents`].

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use grep_matcher::{LineMatchKind, Matcher as _};
use grep_regex::RegexMatcher;

use super::ast::{Assertion, Node};
use super::backtrack::Slots;
use super::ctype::Ctype;
use super::error::{MatchError, TOO_BIG};
use super::extent::Extents;
use super::gnu::select::{Select, Trust};
use super::lines::Lines;
use super::options::Whole;
use super::required::Required;
use super::scan::LineScan;
use super::translate::{Anchors, Style, WORD_END, WORD_START, Words, translate};
use super::{build, deep};

/// More ranges of characters are not tried: regexes with so many take half a second to build, or are too big.
const TOO_MANY: usize = 400_000;

/// A compiled set of alternatives.
#[derive(Clone, Debug)]
pub(super) struct Regular {
    whole: Whole,
    pub(super) locale: Ctype,
    lines: Lines,
    /// One for each pattern with back-references, one for all the others together: so GNU has it.
    units: Arc<[Extents]>,
    /// Finds lines; every line that matches is found.
    scan: LineScan,
    /// The longest string that every selected line holds.
    required: Option<Required>,
    /// Its matches begin where the one unit's do.
    shares: bool,
    /// What the DFA lets pass, where the two readings of the patterns differ.
    filter: Option<RegexMatcher>,
    trust: Trust,
    /// `^` and `$` would match at line feeds within NUL-terminated lines: ask line by line.
    singly: bool,
    /// `$` may match before a CR that belongs to the line's end, or before one that does not.
    before_cr: bool,
}

impl Regular {
    /// Compiles the two readings of the patterns.
    ///
    /// # Errors
    /// GNU's message.
    pub(super) fn new(
        units: Vec<Extents>,
        select: &Select,
        whole: Whole,
        locale: Ctype,
        ignore_case: bool,
        lines: Lines,
    ) -> Result<Regular, String> {
        for unit in &units {
            unit.check()?;
        }
        let (trees, wrapped) = if select.undecided {
            (units.iter().map(Extents::tree).collect(), false)
        } else {
            (vec![(&select.ast, select.root)], select.wrapped)
        };
        let required = match &trees[..] {
            [(ast, root)] => ast.required(*root, locale.utf8),
            _ => Vec::new(),
        };
        let any = |test: fn(&Node) -> bool| trees.iter().any(|(ast, _)| ast.any(test));
        let whole_here = if wrapped { Whole::Any } else { whole };
        let anchored = whole_here == Whole::Lines
            || any(|n| matches!(n, Node::Assertion(Assertion::Start | Assertion::End)));
        let ends =
            whole_here == Whole::Lines || any(|n| matches!(n, Node::Assertion(Assertion::End)));
        let singly = anchored && lines.terminator != b'\n';
        let before_cr = ends && lines.crlf;
        let beyond = select.undecided && units.iter().any(Extents::may_be_beyond_regex);
        let style = Style {
            anchors: match (singly, before_cr) {
                (true, _) => Anchors::Text,
                (false, true) => Anchors::LineCr,
                (false, false) => Anchors::Line,
            },
            words: if beyond && locale.utf8 {
                Words::Superset
            } else {
                Words::Ascii
            },
            terminator: lines.terminator,
            uncounted: false,
            ignore_case,
        };
        let nullable = trees.iter().any(|(ast, root)| ast.nullable(*root, true));
        let depth = trees.iter().map(|(ast, _)| ast.depth()).max().unwrap_or(0);
        let text = |style| {
            let texts: Vec<String> = trees
                .iter()
                .map(|(ast, root)| translate(ast, *root, style))
                .collect();
            let mut text = texts.join("|");
            match whole_here {
                Whole::Any => {}
                Whole::Words => text = format!("{WORD_START}(?:{text}){WORD_END}"),
                Whole::Lines => {
                    let (start, end) = match style.anchors {
                        Anchors::Text => ("\\A", "\\z"),
                        Anchors::LineCr => ("(?m:^)", "\\r??(?m:$)"),
                        _ => ("(?m:^)", "(?m:$)"),
                    };
                    text = format!("{start}(?:{text}){end}");
                }
            }
            text
        };
        let filter = select.filter(style, locale)?;
        let mut trust = select.trust(beyond, whole_here, nullable);
        let mut shares = style.anchors == Anchors::Line
            && whole == Whole::Any
            && style.words == Words::Ascii
            && lines.terminator == b'\n'
            && matches!(&units[..], [unit] if !unit.has_backrefs()
                && (select.undecided || select.is(unit)));
        let waits = shares
            && trust == Trust::All
            && filter.is_none()
            && !units[0].may_be_beyond_regex()
            && units[0].is_small();
        let scan = deep::run(depth, || {
            let exact = text(style);
            if waits {
                return Ok(LineScan::waiting(exact, locale.utf8, lines.terminator));
            }
            let ranges = trees
                .iter()
                .map(|(ast, root)| ast.ranges_written_out(*root));
            let scan = match ranges.max() > Some(TOO_MANY) {
                true => Err(TOO_BIG.to_string()),
                false => LineScan::new(&exact, locale.utf8, lines.terminator),
            };
            scan.or_else(|error| {
                let uncounted = text(Style {
                    uncounted: true,
                    ..style
                });
                if uncounted == exact {
                    return Err(error);
                }
                units.iter().try_for_each(Extents::only_simulate)?;
                (trust, shares) = (Trust::None, false);
                LineScan::new(&uncounted, locale.utf8, lines.terminator)
            })
        })??;
        Ok(Regular {
            whole,
            locale,
            lines,
            units: units.into(),
            scan,
            required: Required::new(&required),
            shares,
            filter,
            trust,
            singly,
            before_cr,
        })
    }

    /// Whether a line (without its end) is selected.
    ///
    /// # Errors
    /// When back-references are too hard.
    pub(super) fn is_match(&self, line: &[u8]) -> Result<bool, MatchError> {
        let Some(scan) = self.scan(line.len()) else {
            self.scan.searched(line.len());
            return self.any(|unit| unit.simulates_match(line));
        };
        if !build::sure(scan.is_match(line)) {
            return Ok(false);
        }
        self.confirm(line)
    }

    /// The matcher to search `bytes` with; none: they are searched without it.
    fn scan(&self, bytes: usize) -> Option<&RegexMatcher> {
        if self.scan.spares(bytes) {
            return None;
        }
        let scan = self.scan.matcher()?;
        if self.shares {
            self.units[0].share(scan);
        }
        Some(scan)
    }

    /// The longest string that every selected line holds.
    pub(super) fn required(&self) -> Option<&[u8]> {
        self.required.as_ref().map(Required::string)
    }

    /// Builds now what otherwise waits until enough was searched.
    pub(super) fn prepare(&self) {
        self.scan.prepare();
    }

    /// Whether a line that the scan found is selected.
    fn confirm(&self, line: &[u8]) -> Result<bool, MatchError> {
        if let Some(filter) = &self.filter
            && !build::sure(filter.is_match(line))
        {
            return Ok(false);
        }
        let cr = self.before_cr && line.ends_with(b"\r");
        match self.trust {
            Trust::All if !cr => Ok(true),
            Trust::Ascii if !cr && line.is_ascii() => Ok(true),
            _ => match self.whole {
                Whole::Any => self.any(|unit| unit.is_match(line)),
                Whole::Words => self.any(|unit| Ok(self.find_word(unit, line, 0)?.is_some())),
                Whole::Lines => self.any(|unit| unit.is_whole(line)),
            },
        }
    }

    /// The extent of the match at `from` or later.
    ///
    /// # Errors
    /// When back-references are too hard.
    pub(super) fn find(
        &self,
        line: &[u8],
        from: usize,
    ) -> Result<Option<Range<usize>>, MatchError> {
        match self.whole {
            Whole::Any => self.best(|unit| unit.find(line, from)),
            Whole::Words => self.best(|unit| self.find_word(unit, line, from)),
            Whole::Lines if !self.is_match(line)? => Ok(None),
            Whole::Lines if self.any(|unit| unit.is_whole(line))? => {
                Ok((from == 0).then_some(0..line.len()))
            }
            // Selected in one reading only: GNU shows what the other finds.
            Whole::Lines => self.best(|unit| unit.find(line, from)),
        }
    }

    fn any(&self, test: impl Fn(&Extents) -> Result<bool, MatchError>) -> Result<bool, MatchError> {
        for unit in self.units.iter() {
            if test(unit)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The leftmost, then longest of what the units find.
    fn best(
        &self,
        find: impl Fn(&Extents) -> Result<Option<Range<usize>>, MatchError>,
    ) -> Result<Option<Range<usize>>, MatchError> {
        let mut best: Option<Range<usize>> = None;
        for unit in self.units.iter() {
            if let Some(found) = find(unit)?
                && best.as_ref().is_none_or(|best| {
                    found.start < best.start || (found.start == best.start && found.end > best.end)
                })
            {
                best = Some(found);
            }
        }
        Ok(best)
    }

    /// The groups of the match at `span`; the first of the patterns that match there counts.
    ///
    /// # Errors
    /// When the match is too long for that.
    pub(super) fn groups(&self, line: &[u8], span: &Range<usize>) -> Result<Slots, MatchError> {
        for unit in self.units.iter() {
            if let Some(slots) = unit.groups(line, span)? {
                return Ok(slots);
            }
        }
        Ok(vec![span.start, span.end])
    }

    /// The first selected line at `at` (a line's start) or later, terminator included.
    ///
    /// # Errors
    /// When back-references are too hard.
    pub(super) fn find_line(
        &self,
        buffer: &[u8],
        mut at: usize,
    ) -> Result<Option<Range<usize>>, MatchError> {
        let scan = self.scan(buffer.len() - at);
        let Some(scan) = scan.filter(|_| !self.singly) else {
            while at < buffer.len() {
                let end = self.lines.end(buffer, at);
                if self.is_match(self.lines.content(&buffer[at..end]))? {
                    return Ok(Some(at..end));
                }
                at = end;
            }
            return Ok(None);
        };
        if let Some(required) = &self.required {
            match required.find_line(self.lines, buffer, at, |line| self.is_match(line))? {
                ControlFlow::Break(line) => return Ok(line),
                ControlFlow::Continue(next) => at = next,
            }
        }
        while at < buffer.len() {
            let rest = &buffer[at..];
            let found = build::sure(scan.find_candidate_line(rest));
            let (sure, offset) = match found {
                None => return Ok(None),
                Some(LineMatchKind::Confirmed(offset)) => (true, at + offset),
                Some(LineMatchKind::Candidate(offset)) => (false, at + offset),
            };
            if offset == buffer.len() && buffer.ends_with(&[self.lines.terminator]) {
                // An empty match after the last line's end.
                return Ok(None);
            }
            let start = memchr::memrchr(self.lines.terminator, &buffer[at..offset])
                .map_or(at, |i| at + i + 1);
            let line = start..self.lines.end(buffer, offset);
            let whole = &buffer[line.clone()];
            let content = self.lines.content(whole);
            // A match may have taken the CR that belongs to the line's end.
            let stripped = content.len() + 1 < whole.len();
            let selected = if sure && !stripped {
                self.confirm(content)?
            } else {
                self.is_match(content)?
            };
            if selected {
                return Ok(Some(line));
            }
            at = line.end;
        }
        Ok(None)
    }
}
