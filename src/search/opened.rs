//! A file to search, its content at hand, and why it was not searched to its end.

use super::found::Reached;
use super::numbers::Numbers;
use crate::files::{Document, Origin, Source, Survey};
use crate::ini::record::View;
use crate::pattern::MatchError;
use crate::system::errors;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64};

/// A file to search, its content at hand.
pub(super) struct Opened<'f> {
    /// Its content.
    pub source: Source<'f>,
    /// Its name as it is shown.
    pub shown: &'f [u8],
    /// How it was found.
    pub origin: Origin,
    /// Which part of it is searched.
    pub within: Within<'f>,
}

/// A file, or a piece of one, that was read as INI.
#[derive(Clone, Copy)]
pub(super) struct ReadIni<'f> {
    pub opened: &'f Opened<'f>,
    pub document: &'f Document<'f>,
    pub view: View<'f>,
}

impl<'f> ReadIni<'f> {
    /// The numbers of its lines.
    pub(super) fn numbers(&self) -> Numbers<'f> {
        Numbers::new(self.view.text, self.before().lines)
    }

    /// What is before it.
    pub(super) fn before(&self) -> Before {
        let before = self.opened.within.before;
        before.map_or_else(Before::default, |before| before())
    }

    /// The offset in the file of a place in the text.
    pub(super) fn offset(&self, at: usize) -> u64 {
        self.opened.within.offset + self.document.to_file(at) as u64
    }
}

/// Where in its file a text stands; by default it is all of it.
#[derive(Clone, Copy, Default)]
pub(super) struct Within<'f> {
    /// Gives what is before it, which may have to be waited for; none: nothing that matters.
    pub before: Option<&'f dyn Fn() -> Before>,
    /// Bytes before it.
    pub offset: u64,
    /// What the pieces of its file come to; none: it is no piece.
    pub totals: Option<&'f Totals>,
}

/// What stands before a piece of a file.
#[derive(Clone, Copy, Default)]
pub(super) struct Before {
    /// Number of lines.
    pub lines: u64,
    /// There is a NUL byte.
    pub nul: bool,
}

impl From<&Survey> for Before {
    fn from(survey: &Survey) -> Before {
        Before {
            lines: survey.line_ends(),
            nul: survey.nul,
        }
    }
}

/// What the pieces of a file come to together.
#[derive(Default)]
pub(super) struct Totals {
    /// Selected lines or records, or matches in them.
    pub count: AtomicU64,
    /// The file was said to be binary.
    pub binary: AtomicBool,
}

/// What came of a file.
pub(super) enum Searched {
    /// All that was to be done.
    Done,
    /// It is to be cut in pieces, from there on, where NUL bytes may end lines.
    Cut(Reached, bool),
}

/// Why a file was not searched or edited to its end; the message follows the file's name.
#[derive(Debug)]
pub(super) struct Failure {
    /// The line it is about, from 1.
    pub line: Option<u64>,
    /// What happened, and the way out.
    pub what: String,
    /// For a refused edit: what it has in common with others.
    pub kind: Option<String>,
    /// A line took too much to match: GNU grep ends there.
    pub too_hard: bool,
}

impl Failure {
    /// A failure of the whole file.
    pub(super) fn new(what: impl Into<String>) -> Failure {
        Failure {
            line: None,
            what: what.into(),
            kind: None,
            too_hard: false,
        }
    }

    /// The same, a line having taken too much to match.
    pub(super) fn too_hard(what: impl Into<String>) -> Failure {
        Failure {
            too_hard: true,
            ..Failure::new(what)
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::new(errors::text(&error))
    }
}

impl From<MatchError> for Failure {
    fn from(error: MatchError) -> Failure {
        Failure::too_hard(error.to_string())
    }
}
