//! POSIX and Perl patterns compiled into one [`Matcher`] that serves search and substitution.
//!
//! ```text
//! pattern text -> parse (bracket) -> Ast -> literal     plain strings: memmem, Aho-Corasick
//!                                        -> regular     grep-regex finds lines, extent says where
//!                                             extent    leftmost-longest: regexes, else simulate
//!                                             backtrack back-references, groups
//!              -> perl                                  PCRE2
//! ```
//!
//! GNU grep 3.8 is followed to the letter, its corners included; see [`mode::View`].

pub mod ast;
mod backtrack;
mod bracket;
mod build;
mod compile;
mod ctype;
mod deep;
mod equivalence;
mod error;
mod extent;
mod glob;
mod grep;
mod interval;
mod lines;
mod literal;
mod mode;
pub mod parse;
mod perl;
mod program;
mod regular;
mod scan;
mod set;
mod shorten;
mod simulate;
mod strings;
mod tables;
mod transcode;
mod translate;
mod unit;
mod words;

use std::ops::Range;
use std::sync::Arc;

pub use error::{Error, MatchError};
pub use glob::{Glob, GlobRules};
pub use transcode::{Codepage, Single, stand_in};

use backtrack::Slots;
use extent::Extents;
use lines::Lines;
use literal::Literals;
use perl::Perl;
use regular::Regular;
use transcode::Decoded;

/// How patterns are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// POSIX basic regular expressions with GNU's extensions.
    Basic,
    /// POSIX extended ones (`-E`).
    Extended,
    /// Plain strings (`-F`).
    Fixed,
    /// Perl's, by PCRE2 (`-P`).
    Perl,
}

/// What a match must be besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    /// Nothing.
    Any,
    /// A word of its own (`-w`).
    Words,
    /// The whole line (`-x`).
    Lines,
}

/// What the bytes of patterns and lines mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// Each byte is a character, ASCII alone having classes and case (the C locale).
    Bytes,
    /// UTF-8; what is not valid is no character and matched by nothing but itself.
    Utf8,
    /// Another one.
    Other(&'static Codepage),
}

/// How to compile patterns.
#[derive(Clone, Debug)]
pub struct Options {
    /// How they are written.
    pub syntax: Syntax,
    /// Without regard to case (`-i`).
    pub ignore_case: bool,
    /// What a match must be besides.
    pub whole: Whole,
    /// What bytes mean.
    pub charset: Charset,
    /// The byte that ends a line: `b'\n'`, or 0 with `-z` (then `.` and `[^x]` match a line feed).
    pub terminator: u8,
    /// A CR before a terminating LF belongs to the line's end: the line is matched without it.
    pub crlf: bool,
    /// Under `ignore_case`, `i` pairs with `İ` and `ı` with `I` (Turkish and Azeri locales).
    pub turkish: bool,
    /// `[à-ý]` is a range by code point. Without it, an error, as in GNU's C.UTF-8.
    pub wide_ranges: bool,
    /// Warn of backslashes that mean nothing. Debian's GNU grep does so on demand alone.
    pub warn_of_stray: bool,
}

impl Options {
    /// Options with nothing special: lines end with LF, case counts, ranges are by code point.
    pub fn new(syntax: Syntax, charset: Charset) -> Options {
        Options {
            syntax,
            ignore_case: false,
            whole: Whole::Any,
            charset,
            terminator: b'\n',
            crlf: false,
            turkish: false,
            wide_ranges: true,
            warn_of_stray: true,
        }
    }
}

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
    slots: Slots,
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
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    engine: Engine,
    lines: Lines,
    /// Lines are decoded first.
    codepage: Option<&'static Codepage>,
    groups: usize,
    names: Vec<Option<String>>,
    required: Option<Vec<Vec<u8>>>,
}

#[derive(Debug)]
enum Engine {
    /// No pattern.
    Never,
    /// Every line matches; where, the tree says.
    Always(Box<Extents>),
    Literals(Box<Literals>),
    Regular(Box<Regular>),
    Perl(Perl),
}

impl Matcher {
    /// Compiles `patterns`, alternatives of each other, already split at line feeds. None at all
    /// match nothing; an empty one matches every line.
    ///
    /// # Errors
    /// Patterns that are wrong or too big, in GNU's words.
    pub fn compile(patterns: &[Vec<u8>], options: &Options) -> Result<Compiled, Error> {
        compile::compile(patterns, options)
    }

    /// Whether `line` is selected. It comes without its terminator (and CR, with
    /// [`Options::crlf`]).
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
        match self.inner.codepage {
            None => self.inner.engine.find(line, from),
            Some(codepage) => {
                let decoded = Decoded::new(codepage, line);
                let found = self
                    .inner
                    .engine
                    .find(&decoded.text, decoded.inward(from))?;
                Ok(found.map(|range| decoded.outward(&range)))
            }
        }
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
        let count = self.inner.groups;
        let found = match self.inner.codepage {
            None => self.inner.engine.groups(line, from, count)?,
            Some(codepage) => {
                let decoded = Decoded::new(codepage, line);
                let found = self
                    .inner
                    .engine
                    .groups(&decoded.text, decoded.inward(from), count)?;
                found.map(|slots| {
                    let outward = |at| {
                        if at == usize::MAX {
                            at
                        } else {
                            decoded.offset(at)
                        }
                    };
                    slots.into_iter().map(outward).collect()
                })
            }
        };
        let matched = found.is_some();
        groups.slots = found.unwrap_or_default();
        Ok(matched)
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
            inner: Arc::new(Inner {
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

    /// Whether every line is selected.
    pub fn matches_empty(&self) -> bool {
        matches!(self.inner.engine, Engine::Always(_))
    }
}

impl Engine {
    fn is_match(&self, line: &[u8]) -> Result<bool, MatchError> {
        match self {
            Engine::Never => Ok(false),
            Engine::Always(_) => Ok(true),
            Engine::Literals(literals) => Ok(literals.is_match(line)),
            Engine::Regular(regular) => regular.is_match(line),
            Engine::Perl(perl) => perl.is_match(line),
        }
    }

    fn find(&self, line: &[u8], from: usize) -> Result<Option<Range<usize>>, MatchError> {
        if from > line.len() {
            return Ok(None);
        }
        match self {
            Engine::Never => Ok(None),
            Engine::Always(extents) => extents.find(line, from),
            Engine::Literals(literals) => Ok(literals.find(line, from)),
            Engine::Regular(regular) => regular.find(line, from),
            Engine::Perl(perl) => perl.find(line, from),
        }
    }

    fn groups(&self, line: &[u8], from: usize, groups: usize) -> Result<Option<Slots>, MatchError> {
        if let Engine::Perl(perl) = self {
            return if from > line.len() {
                Ok(None)
            } else {
                perl.groups(line, from)
            };
        }
        let Some(span) = self.find(line, from)? else {
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
