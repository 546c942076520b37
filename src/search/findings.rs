//! What was found in a file that is read as INI.

use crate::change::editor::Target;
use crate::ini::record::View;
use std::ops::Range;

/// A selected line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selected {
    /// Its bytes in the text, terminator included.
    pub line: Range<usize>,
    /// The part of it that patterns see, as offsets into the text.
    pub field: Range<usize>,
}

/// The selected lines of a file, and the records they belong to.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Selected lines in file order.
    pub lines: Vec<Selected>,
    /// Selected records in file order, where the file was scanned.
    pub records: Vec<Target>,
    /// Items that are State lines of selected records, ascending, as indices.
    pub state: Vec<usize>,
    /// Items that are shown with them, as indices in no order: headers, and what stands between with `--show '*'`.
    pub around: Vec<usize>,
    /// Records, ascending, as indices, each with the section whose State lines stand for those of its sections that have none.
    pub fallbacks: Vec<(usize, usize)>,
    /// How many lines are selected, or records where there are no patterns.
    pub count: u64,
}

impl Findings {
    /// Puts lines and State lines in file order, which those of records are not in where sections of one name are one.
    pub(super) fn put_in_order(&mut self, view: &View<'_>) {
        if view.merges() {
            self.lines.sort_by_key(|selected| selected.line.start);
            self.state.sort_unstable();
        }
    }
}
