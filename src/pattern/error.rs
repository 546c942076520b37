//! What can go wrong: in a pattern, and while matching.

use std::fmt;

/// GNU's message for a pattern that takes too much memory.
pub(super) const TOO_BIG: &str = "Regular expression too big";

/// Patterns that do not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    failures: Vec<(Option<usize>, String)>,
    warnings: Vec<String>,
}

impl Error {
    /// One message; `pattern` is the index of the pattern at fault, where one is.
    pub fn new(pattern: Option<usize>, message: impl Into<String>) -> Error {
        Error {
            failures: vec![(pattern, message.into())],
            warnings: Vec::new(),
        }
    }

    /// Several messages, at least one.
    pub fn several(failures: Vec<(Option<usize>, String)>) -> Error {
        assert!(!failures.is_empty(), "an error says something");
        Error {
            failures,
            warnings: Vec::new(),
        }
    }

    /// The same, after these warnings.
    pub(super) fn after(mut self, warnings: Vec<String>) -> Error {
        self.warnings = warnings;
        self
    }

    /// Warnings that come before it; see [`Compiled`](super::Compiled).
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The same about the patterns that `indices` gives.
    pub(super) fn renumbered(mut self, indices: &[usize]) -> Error {
        for (pattern, _) in &mut self.failures {
            *pattern = pattern.map(|at| indices[at]);
        }
        self
    }

    /// Every message, in GNU's words where GNU has some, with the index of its pattern: GNU prints
    /// one line for each.
    pub fn failures(&self) -> &[(Option<usize>, String)] {
        &self.failures
    }
}

/// The first message alone.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.failures[0].1)
    }
}

impl std::error::Error for Error {}

/// A line on which matching had to be given up. GNU prints it after the file's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MatchError {
    /// PCRE2 backtracked too often.
    BacktrackingLimit,
    /// PCRE2 nested too deep.
    DepthLimit,
    /// PCRE2's JIT stack is full.
    JitStack,
    /// PCRE2 ran out of heap.
    HeapLimit,
    /// PCRE2 ran out of memory.
    Memory,
    /// A pattern that calls itself without end.
    RecursionLoop,
    /// Another PCRE2 error.
    Pcre2(i32),
    /// A pattern with back-references that needs more states on this line than are allowed.
    TooHard,
    /// What a pattern that is compiled when it is first needed turned out to be.
    Pattern(String),
}

impl fmt::Display for MatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MatchError::BacktrackingLimit => "exceeded PCRE's backtracking limit",
            MatchError::DepthLimit => "exceeded PCRE's nested backtracking limit",
            MatchError::JitStack => "exhausted PCRE JIT stack",
            MatchError::HeapLimit => "exceeded PCRE's heap limit",
            MatchError::Memory => "memory exhausted",
            MatchError::RecursionLoop => "PCRE detected recurse loop",
            MatchError::Pattern(text) => text,
            MatchError::Pcre2(code) => return write!(f, "internal PCRE error: {code}"),
            MatchError::TooHard => "a line is too hard to match against the back-references; use -P, or a pattern that leaves less open",
        })
    }
}

impl std::error::Error for MatchError {}
