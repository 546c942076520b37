//! Where matches begin and end: POSIX's leftmost, then longest, without `-w` and `-x`.
//!
//! The start comes from a leftmost search by regex-automata; the end from a lazy DFA with
//! `MatchKind::All`, anchored there. Lines on which Rust's idea of a word, or of a character,
//! differs from the C library's go to [`simulate`]; patterns with back-references to
//! [`backtrack`](super::backtrack). Each engine is built when it is first needed.

use std::ops::Range;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, OnceLock};

use grep_matcher::Matcher as _;
use regex_automata::hybrid::dfa::{Cache, DFA, OverlappingState};
use regex_automata::nfa::thompson;
use regex_automata::util::pool::Pool;
use regex_automata::{Anchored, Input, MatchKind, meta};

use super::ast::{Ast, Node, NodeId};
use super::backtrack::{Aim, Search, Slots};
use super::ctype::Ctype;
use super::error::{MatchError, TOO_BIG};
use super::program::Program;
use super::simulate::{self, Scratch};
use super::translate::{Anchors, Style, Words, translate};
use super::{build, deep, words};

/// Instructions of the longest program that is small.
const SMALL: usize = 200;

type Make<T> = Box<dyn Fn() -> T + Send + Sync + UnwindSafe + RefUnwindSafe>;

/// The parsed patterns, and the engines built from them so far.
#[derive(Debug)]
pub(super) struct Extents {
    ast: Ast,
    root: NodeId,
    locale: Ctype,
    ignore_case: bool,
    terminator: u8,
    backrefs: bool,
    /// Lines beyond ASCII need GNU's idea of a word.
    words: bool,
    /// The patterns hold bytes that are no characters.
    bytes: bool,
    /// `regcomp` matches byte by byte, so a match may begin within a character.
    bytewise: bool,
    /// A matcher of lines that finds the same starts.
    shared: OnceLock<grep_regex::RegexMatcher>,
    regexes: OnceLock<Option<Regexes>>,
    program: OnceLock<Result<Own, String>>,
}

#[derive(Debug)]
struct Regexes {
    start: Option<meta::Regex>,
    dfa: DFA,
    caches: Pool<Cache, Make<Cache>>,
}

#[derive(Debug)]
struct Own {
    program: Arc<Program>,
    spaces: Pool<Scratch, fn() -> Scratch>,
}

impl Extents {
    /// For the alternatives in `ast` under `root`. `bytewise`: see the field.
    pub(super) fn new(
        ast: Ast,
        root: NodeId,
        locale: Ctype,
        ignore_case: bool,
        terminator: u8,
        bytewise: bool,
    ) -> Extents {
        let words =
            locale.utf8 && ast.any(|n| matches!(n, Node::Assertion(look) if look.is_word()));
        let backrefs = ast.any(|n| matches!(n, Node::Backref(_)));
        let bytes = ast.any(|n| matches!(n, Node::Byte(_)));
        Extents {
            ast,
            root,
            locale,
            ignore_case,
            terminator,
            backrefs,
            words,
            bytes,
            bytewise,
            shared: OnceLock::new(),
            regexes: OnceLock::new(),
            program: OnceLock::new(),
        }
    }

    /// The tree and its root.
    pub(super) fn tree(&self) -> (&Ast, NodeId) {
        (&self.ast, self.root)
    }

    /// Whether there are back-references.
    pub(super) fn has_backrefs(&self) -> bool {
        self.backrefs
    }

    /// Whether Rust's regexes, written with ASCII words, are wrong about this line.
    pub(super) fn is_beyond_regex(&self, line: &[u8]) -> bool {
        self.backrefs || self.bytes || (self.words && !line.is_ascii())
    }

    /// Whether there are lines for which [`Extents::is_beyond_regex`] holds.
    pub(super) fn may_be_beyond_regex(&self) -> bool {
        self.backrefs || self.bytes || self.words
    }

    /// Lends a matcher whose matches begin where this one's do, so that none need be built.
    pub(super) fn share(&self, matcher: &grep_regex::RegexMatcher) {
        self.shared.get_or_init(|| matcher.clone());
    }

    /// The leftmost, then longest match at `from` or later.
    ///
    /// # Errors
    /// When back-references are too hard.
    pub(super) fn find(
        &self,
        line: &[u8],
        from: usize,
    ) -> Result<Option<Range<usize>>, MatchError> {
        let from = self.boundary(line, from);
        if self.backrefs {
            let own = self.own()?;
            let found = Search::new(&own.program, line).find(from, Aim::Longest)?;
            return Ok(found.map(|slots| slots[0]..slots[1]));
        }
        if !self.is_beyond_regex(line)
            && let Some(regexes) = self.regexes()
        {
            let start = match (self.shared.get(), &regexes.start) {
                (Some(shared), _) => build::sure(shared.find_at(line, from)).map(|m| m.start()),
                (None, Some(start)) => start
                    .search(&Input::new(line).range(from..))
                    .map(|m| m.start()),
                (None, None) => None,
            };
            let Some(start) = start else {
                return Ok(None);
            };
            let mut cache = regexes.caches.get();
            let input = Input::new(line).range(start..).anchored(Anchored::Yes);
            if let Ok(Some(half)) = regexes.dfa.try_search_fwd(&mut cache, &input) {
                return Ok(Some(start..half.offset()));
            }
        }
        let own = self.own()?;
        Ok(simulate::find(
            &own.program,
            &mut own.spaces.get(),
            line,
            from,
        ))
    }

    /// The first place at `at` or later where a match may begin.
    pub(super) fn boundary(&self, line: &[u8], at: usize) -> usize {
        if self.bytewise {
            at
        } else {
            words::boundary(self.locale, line, at)
        }
    }

    /// Whether anything in `line` matches.
    ///
    /// # Errors
    /// When back-references are too hard.
    pub(super) fn is_match(&self, line: &[u8]) -> Result<bool, MatchError> {
        if self.backrefs {
            let own = self.own()?;
            return Ok(Search::new(&own.program, line).find(0, Aim::Any)?.is_some());
        }
        if self.is_beyond_regex(line) {
            return self.simulates_match(line);
        }
        Ok(self.find(line, 0)?.is_some())
    }

    /// Whether anything in `line` matches, asked of the simulation: it takes longer for each byte, and no time to build.
    ///
    /// # Errors
    /// When the pattern is too big for it.
    pub(super) fn simulates_match(&self, line: &[u8]) -> Result<bool, MatchError> {
        let own = self.own()?;
        Ok(simulate::is_match(
            &own.program,
            &mut own.spaces.get(),
            line,
        ))
    }

    /// Whether the simulation is quick: for patterns without back-references.
    pub(super) fn is_small(&self) -> bool {
        self.own().is_ok_and(|own| own.program.insts.len() <= SMALL)
    }

    /// Whether the whole of `line` matches.
    ///
    /// # Errors
    /// When back-references are too hard.
    pub(super) fn is_whole(&self, line: &[u8]) -> Result<bool, MatchError> {
        if self.backrefs {
            let own = self.own()?;
            let want = Aim::EndingAt(line.len());
            return Ok(Search::new(&own.program, line)
                .find_from(0, want)?
                .is_some());
        }
        let mut ends = Vec::new();
        self.ends(line, 0, &mut ends)?;
        Ok(ends.last() == Some(&line.len()))
    }

    /// The ends of all matches that begin at `start`, ascending.
    ///
    /// # Errors
    /// When back-references are too hard.
    pub(super) fn ends(
        &self,
        line: &[u8],
        start: usize,
        out: &mut Vec<usize>,
    ) -> Result<(), MatchError> {
        out.clear();
        if self.backrefs {
            let own = self.own()?;
            let longest = Search::new(&own.program, line).find_from(start, Aim::Longest)?;
            let Some(longest) = longest else {
                return Ok(());
            };
            // Every end is asked for: matches with back-references are short.
            for end in start..=longest[1] {
                let mut search = Search::new(&own.program, line);
                if search.find_from(start, Aim::EndingAt(end))?.is_some() {
                    out.push(end);
                }
            }
            return Ok(());
        }
        if !self.is_beyond_regex(line)
            && let Some(regexes) = self.regexes()
        {
            let mut cache = regexes.caches.get();
            let input = Input::new(line).range(start..).anchored(Anchored::Yes);
            let mut state = OverlappingState::start();
            loop {
                let search = regexes
                    .dfa
                    .try_search_overlapping_fwd(&mut cache, &input, &mut state);
                match (search, state.get_match()) {
                    (Err(_), _) => {
                        out.clear();
                        break;
                    }
                    (Ok(()), None) => return Ok(()),
                    (Ok(()), Some(half)) => {
                        if out.last() != Some(&half.offset()) {
                            out.push(half.offset());
                        }
                    }
                }
            }
        }
        let own = self.own()?;
        simulate::ends(&own.program, &mut own.spaces.get(), line, start, out);
        Ok(())
    }

    /// The groups of the match at `span`, as slots; `None`: nothing matches just there.
    ///
    /// # Errors
    /// When the match is too long for its groups to be found.
    pub(super) fn groups(
        &self,
        line: &[u8],
        span: &Range<usize>,
    ) -> Result<Option<Slots>, MatchError> {
        let own = self.own()?;
        Search::new(&own.program, line).find_from(span.start, Aim::EndingAt(span.end))
    }

    fn own(&self) -> Result<&Own, MatchError> {
        self.program
            .get_or_init(|| {
                let program = deep::run(self.ast.depth(), || {
                    Program::new(
                        &self.ast,
                        self.root,
                        self.locale,
                        self.ignore_case,
                        self.bytewise,
                    )
                })??;
                Ok(Own {
                    program: Arc::new(program),
                    spaces: Pool::new(Scratch::default),
                })
            })
            .as_ref()
            .map_err(|_| MatchError::TooHard)
    }

    /// Builds what every line might need, so that a pattern that is too big is found at once.
    ///
    /// # Errors
    /// GNU's message.
    pub(super) fn check(&self) -> Result<(), String> {
        match self.backrefs || self.bytes {
            true => self.check_own(),
            false => Ok(()),
        }
    }

    /// Does without Rust's regexes, for which the pattern is too big.
    ///
    /// # Errors
    /// GNU's message, if it is too big for the simulation, too.
    pub(super) fn only_simulate(&self) -> Result<(), String> {
        self.regexes.get_or_init(|| None);
        self.check_own()
    }

    fn check_own(&self) -> Result<(), String> {
        let too_big = |_| TOO_BIG.to_string();
        self.own().map(drop).map_err(too_big)
    }

    fn regexes(&self) -> Option<&Regexes> {
        let build = || {
            let style = Style {
                anchors: Anchors::Text,
                words: Words::Ascii,
                terminator: self.terminator,
                uncounted: false,
                ignore_case: self.ignore_case,
            };
            let text = translate(&self.ast, self.root, style);
            let start = match self.shared.get() {
                Some(_) => None,
                None => Some(
                    meta::Regex::builder()
                        .syntax(build::syntax(self.locale.utf8))
                        .configure(build::meta_config())
                        .build(&text)
                        .ok()?,
                ),
            };
            let nfa = thompson::Config::new()
                .utf8(false)
                .nfa_size_limit(Some(build::NFA_LIMIT));
            let dfa = DFA::builder()
                .syntax(build::syntax(self.locale.utf8))
                .thompson(nfa)
                .configure(
                    DFA::config()
                        .match_kind(MatchKind::All)
                        .cache_capacity(build::CACHE)
                        .skip_cache_capacity_check(true),
                )
                .build(&text)
                .ok()?;
            let make: Make<Cache> = Box::new({
                let dfa = dfa.clone();
                move || dfa.create_cache()
            });
            Some(Regexes {
                start,
                dfa,
                caches: Pool::new(make),
            })
        };
        self.regexes
            .get_or_init(|| deep::run(self.ast.depth(), build).ok().flatten())
            .as_ref()
    }
}
