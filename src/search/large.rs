//! A large file that is read as INI: cut in pieces before sections, which several threads search.
//!
//! Whether sections are records, a piece may not tell by itself: that is found out first, by looking at all of them, no
//! further than needed. What then still depends on the whole file has it read as a whole. What a piece prints waits until it
//! is known how many lines lie before it, and whether a NUL byte does.

use super::aligned::{LongFile, PIECE, Stretch};
use super::in_order::{InOrder, Sum};
use super::input::CHUNK;
use super::needs::{has_records, selects_records};
use super::opened::{Before, Totals};
use crate::files::Origin;
use crate::ini::Scope;
use crate::plan::{Action, Binary, Job};
use std::collections::HashSet;
use std::fs::File;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Sizes of files that are read as INI, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// Of the smallest that is cut.
    pub large: u64,
    /// Of its pieces.
    pub piece: usize,
    /// Of the start in which a NUL byte makes the whole file binary, no larger than a piece.
    pub start: u64,
}

impl Default for Sizes {
    fn default() -> Self {
        Sizes {
            large: 8 << 20,
            piece: PIECE,
            start: CHUNK as u64,
        }
    }
}

/// A file that is searched by pieces, each of whole sections.
pub(super) struct LargeIni {
    pub long: LongFile,
    piece: usize,
    /// The sections and keys of the whole file may decide whether sections are records.
    pub auto: bool,
    /// Sections are records, as far as is known.
    pub splits: AtomicBool,
    /// There is a NUL byte, so that nothing is selected.
    pub nul: AtomicBool,
    /// A piece could not be searched.
    pub failed: AtomicBool,
    /// What a piece prints depends on what is before it.
    pub ordered: bool,
    pub totals: Totals,
    facts: Mutex<Facts>,
    before: InOrder<Before>,
}

/// What was found out.
pub(super) struct Facts {
    /// Whether something may be selected in each piece.
    maybe: Vec<bool>,
    /// Keys of lines that match, as they compare.
    pub keys: HashSet<Vec<u8>>,
    /// Digests of the names of sections, as they compare.
    pub sections: HashSet<[u8; 32]>,
    /// Keys that decide what a record is, and were met in one section.
    pub met: HashSet<Vec<u8>>,
    /// Sections with a line that is to be shown.
    pub shown: u64,
}

/// What is done with a large file, one after another.
#[derive(Clone, Copy)]
pub(super) enum Stage {
    /// Looks at a piece.
    Look(usize),
    /// Decides how to go on; `all`: sections and keys of the whole file were looked at.
    Decide { all: bool },
    /// Looks at the sections and keys of a piece.
    Structure(usize),
    /// Searches a piece.
    Search(usize),
    /// Ends the search by pieces.
    End,
}

impl LargeIni {
    /// A file with its name as it is shown, and how it was found.
    pub(super) fn new(
        file: File,
        shown: &[u8],
        origin: Origin,
        sizes: Sizes,
        job: &Job,
    ) -> LargeIni {
        let long = LongFile::new(file, shown, origin, false);
        let pieces = long.size.div_ceil(sizes.piece as u64);
        let pieces = usize::try_from(pieces).unwrap_or(usize::MAX);
        let lines = job.action.prints_lines();
        let rows = lines || matches!(job.action, Action::Values(_));
        LargeIni {
            long,
            piece: sizes.piece,
            auto: has_records(job) && job.ini.scope == Scope::Auto,
            splits: AtomicBool::new(job.ini.scope == Scope::Section),
            nul: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            ordered: rows && job.output.line_number || lines && job.binary == Binary::Binary,
            totals: Totals::default(),
            facts: Mutex::new(Facts {
                maybe: vec![true; pieces],
                keys: HashSet::new(),
                sections: HashSet::new(),
                met: HashSet::new(),
                shown: 0,
            }),
            before: InOrder::new(Before::default()),
        }
    }

    pub(super) fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a piece begins.
    pub(super) fn stretch(&self, index: usize) -> Stretch {
        let start = index as u64 * self.piece as u64;
        Stretch {
            start,
            length: self.piece,
            floor: 0,
            last: start + self.piece as u64 >= self.long.size,
        }
    }

    /// Whether sections are records, as far as is known.
    pub(super) fn splits(&self) -> bool {
        self.splits.load(Ordering::Relaxed)
    }

    /// Whether nothing more is to be found out by looking.
    pub(super) fn is_settled(&self, job: &Job) -> bool {
        let nul = self.nul.load(Ordering::Relaxed);
        nul || job.binary != Binary::WithoutMatch && (!self.auto || self.splits())
    }

    /// What is to be done first.
    pub(super) fn begin(&self) -> Vec<Stage> {
        let looks = (0..self.facts().maybe.len()).map(Stage::Look);
        looks.chain([Stage::Decide { all: false }]).collect()
    }

    /// What follows, `all` sections and keys having been looked at or not; none: the file is to be searched as a whole.
    /// `everything`: pieces in which nothing may be selected are to be searched, too.
    pub(super) fn decide(&self, all: bool, everything: bool, job: &Job) -> Option<Vec<Stage>> {
        if self.nul.load(Ordering::Relaxed) {
            return None;
        }
        if self.failed.load(Ordering::Relaxed) {
            return Some(Vec::new());
        }
        let facts = self.facts();
        let wanted = |index: &usize| everything || facts.maybe[*index];
        let pieces = 0..facts.maybe.len();
        if has_records(job) && !self.splits() && pieces.clone().any(|index| wanted(&index)) {
            let whole = selects_records(job);
            if !all && (self.auto || !whole) {
                let structure = pieces.map(Stage::Structure);
                return Some(structure.chain([Stage::Decide { all: true }]).collect());
            }
            // The only section with a line to be shown may be far from the lines that it is shown with.
            if whole || facts.shown == 1 {
                return None;
            }
        }
        let search = pieces.filter(wanted).map(Stage::Search);
        Some(search.chain([Stage::End]).collect())
    }

    /// What comes before a piece, once all pieces before it are known.
    pub(super) fn before(&self, index: usize) -> Before {
        self.before.before(index).unwrap_or_default()
    }

    /// Notes what a piece holds, and whether something may be selected in it.
    pub(super) fn note(&self, index: usize, holds: Before, maybe: bool) {
        self.facts().maybe[index] = maybe;
        self.before.note(index, holds);
    }
}

impl Sum for Before {
    fn and(self, next: Before) -> Before {
        Before {
            lines: self.lines + next.lines,
            nul: self.nul || next.nul,
        }
    }

    fn is_last(&self) -> bool {
        false
    }
}
