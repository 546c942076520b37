//! A large file that is read as INI: cut in pieces before sections, which several threads look at and search.
//!
//! What a piece cannot tell by itself is found out first, by looking at all of them, no further than needed: how many lines
//! lie before each, whether there is a NUL byte, whether sections are records. What then still depends on the whole file has it
//! read as a whole.

use super::aligned::{PIECE, Stretch};
use super::ini::needs_records;
use super::opened::{Opened, Within};
use crate::files::{Origin, Source, decode};
use crate::ini::Scope;
use crate::plan::{Binary, Job, Task, Want};
use crate::system::{files, streams};
use std::collections::HashSet;
use std::fs::File;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Sizes in bytes from which files read as INI are cut, and of their pieces.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub large: u64,
    pub piece: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Sizes {
            large: 8 << 20,
            piece: PIECE,
        }
    }
}

/// A file that is searched by pieces, each of whole sections.
pub(super) struct LargeIni {
    pub file: File,
    pub shown: Vec<u8>,
    pub origin: Origin,
    pub short_read_ends: bool,
    size: u64,
    piece: usize,
    /// What looking at the pieces is to find out.
    pub open: Open,
    /// Sections are records.
    pub splits: AtomicBool,
    /// There is a NUL byte.
    pub nul: AtomicBool,
    /// A piece could not be looked at.
    pub failed: AtomicBool,
    /// Selected lines or records, or matches in them.
    pub total: AtomicU64,
    facts: Mutex<Facts>,
}

/// What has to be found out before a file is searched by pieces.
#[derive(Clone, Copy)]
pub(super) struct Open {
    /// Whether there is a NUL byte.
    pub nul: bool,
    /// The number of lines before each piece.
    pub lines: bool,
    /// Whether sections are records.
    pub splits: bool,
}

/// What was found out.
#[derive(Default)]
pub(super) struct Facts {
    /// Of each piece: its lines, and whether something may be selected in it.
    pub pieces: Vec<(u64, bool)>,
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
    Search(Piece),
    /// Ends the search by pieces.
    End,
}

/// A piece to be searched.
#[derive(Clone, Copy)]
pub(super) struct Piece {
    pub index: usize,
    /// Lines before it.
    pub lines: u64,
    /// Sections are records.
    pub by_section: bool,
}

/// Whether large files can be searched by pieces: what is printed of a piece depends on no other one.
pub(super) fn may_cut(job: &Job) -> bool {
    let fallback = job.ini.fallback;
    job.before == 0
        && job.after == 0
        && !job.output.groups
        && job.max_count.is_none()
        && !job.output.json
        && !job.output.heading
        && !job.stats
        && !matches!(job.want, Want::Lint)
        && matches!(job.task, Task::Search)
        && (fallback.is_single_byte() || fallback == decode::utf8())
}

/// Whether what is selected depends on which sections are one record.
fn has_records(job: &Job) -> bool {
    job.ini.records || needs_records(job)
}

/// Whether what is selected, or a row of values, is a record.
fn selects_records(job: &Job) -> bool {
    let rows = matches!(job.want, Want::Values(_) | Want::Tally(_));
    job.ini.records || !job.ini.conditions.is_empty() || rows
}

impl LargeIni {
    /// A file with its name as it is shown, cut as `sizes` say.
    pub(super) fn new(
        file: File,
        opened: (&[u8], Origin, bool),
        sizes: Sizes,
        job: &Job,
    ) -> LargeIni {
        // A thread that prints a piece need not wait for the reader.
        streams::widen_output();
        let size = files::size(&file).unwrap_or(0);
        let (shown, origin, short_read_ends) = opened;
        let rows = matches!(job.want, Want::Lines | Want::Values(_));
        let open = Open {
            nul: match job.binary {
                Binary::WithoutMatch => true,
                Binary::Binary => matches!(job.want, Want::Lines),
                Binary::Text => false,
            },
            lines: rows && job.output.line_number,
            splits: has_records(job) && job.ini.scope == Scope::Auto,
        };
        let pieces = size.div_ceil(sizes.piece as u64);
        let facts = Facts {
            pieces: vec![(0, true); usize::try_from(pieces).unwrap_or(usize::MAX)],
            ..Facts::default()
        };
        LargeIni {
            file,
            shown: shown.to_vec(),
            origin,
            short_read_ends,
            size,
            piece: sizes.piece,
            open,
            splits: AtomicBool::new(false),
            nul: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            total: AtomicU64::new(0),
            facts: Mutex::new(facts),
        }
    }

    pub(super) fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn opened(&self) -> Opened<'_> {
        Opened {
            source: Source {
                file: &self.file,
                short_read_ends: self.short_read_ends,
            },
            shown: &self.shown,
            origin: self.origin,
            within: Within::default(),
        }
    }

    /// Where a piece begins.
    pub(super) fn stretch(&self, index: usize) -> Stretch {
        let start = index as u64 * self.piece as u64;
        Stretch {
            start,
            length: self.piece,
            floor: 0,
            last: start + self.piece as u64 >= self.size,
        }
    }

    /// Whether nothing need be looked for any more before the file is searched.
    pub(super) fn is_settled(&self) -> bool {
        let splits = !self.open.splits || self.splits.load(Ordering::Relaxed);
        splits && !self.open.nul && !self.open.lines || self.nul.load(Ordering::Relaxed)
    }

    /// What is to be done first.
    pub(super) fn begin(&self) -> Vec<Stage> {
        let pieces = match self.is_settled() {
            true => 0,
            false => self.facts().pieces.len(),
        };
        let looks = (0..pieces).map(Stage::Look);
        looks.chain([Stage::Decide { all: false }]).collect()
    }

    /// What follows, `all` sections and keys having been looked at or not; none: the file is to be searched as a whole.
    /// `everything`: where nothing may be selected is to be searched, too.
    pub(super) fn decide(&self, all: bool, everything: bool, job: &Job) -> Option<Vec<Stage>> {
        if self.nul.load(Ordering::Relaxed) {
            return None;
        }
        if self.failed.load(Ordering::Relaxed) {
            return Some(Vec::new());
        }
        let facts = self.facts();
        let by_section = match job.ini.scope {
            Scope::Section => true,
            Scope::File => false,
            Scope::Auto => self.splits.load(Ordering::Relaxed),
        };
        let may_be = |piece: &(u64, bool)| everything || piece.1;
        if has_records(job) && !by_section && facts.pieces.iter().any(may_be) {
            let whole = selects_records(job);
            let undecided = job.ini.scope == Scope::Auto || !whole;
            if undecided && !all {
                let structure = (0..facts.pieces.len()).map(Stage::Structure);
                return Some(structure.chain([Stage::Decide { all: true }]).collect());
            }
            // The only section with a line to be shown may be far from the lines that it is shown with.
            if whole || facts.shown == 1 {
                return None;
            }
        }
        let mut before = 0;
        let pieces = facts
            .pieces
            .iter()
            .enumerate()
            .filter_map(|(index, piece)| {
                let lines = before;
                before += piece.0;
                let piece = may_be(piece).then_some(Piece {
                    index,
                    lines,
                    by_section,
                });
                piece.map(Stage::Search)
            });
        Some(pieces.chain([Stage::End]).collect())
    }
}
