//! What an edit of a record starts from, and what it comes to.

use super::text_edit::TextEdit;
use crate::ini::grammar::Assignment;
use crate::ini::record::{Record, View};
use std::cell::OnceCell;

/// What a new line takes from the lines of the file.
pub struct KeyLook<'e> {
    pub(super) view: &'e View<'e>,
    /// The line end that is before an offset of the text; none where none is.
    pub(super) line_end: &'e dyn Fn(usize) -> Option<&'static str>,
    /// The first key line with a value, as an item index; found once.
    pub(super) model: OnceCell<Option<usize>>,
}

impl<'e> KeyLook<'e> {
    /// That of a file with those line ends.
    pub fn new(
        view: &'e View<'e>,
        line_end: &'e dyn Fn(usize) -> Option<&'static str>,
    ) -> KeyLook<'e> {
        KeyLook {
            view,
            line_end,
            model: OnceCell::new(),
        }
    }
}

/// A selected record, and the lines it was selected by.
#[derive(Clone, Debug)]
pub struct Target {
    /// The record.
    pub record: Record,
    /// Its matching or witness lines, as indices of items; where a record has none, the line that stands for it.
    pub lines: Vec<usize>,
    /// Whether a pattern or a condition selected these lines.
    pub witnessed: bool,
}

impl Target {
    /// The section of each of its lines.
    pub(super) fn sections(&self, view: &View<'_>) -> Vec<usize> {
        let lines = self.lines.iter();
        lines.map(|&item| view.scan.section_of(item)).collect()
    }
}

/// Computes the edits of one record.
#[derive(Clone, Copy)]
pub struct Editor<'a> {
    /// The file's text.
    pub view: &'a View<'a>,
    /// The record.
    pub target: &'a Target,
    /// Whether a key without a section must be in one of those of the lines that selected the record.
    pub confined: bool,
    /// What new lines are to look like.
    pub look: &'a KeyLook<'a>,
}

/// What a change came to in one record.
#[derive(Debug, Default)]
pub struct KeyChange {
    /// The edits.
    pub edits: Vec<TextEdit>,
    /// A line that a section is to be made for.
    pub new_section: Option<Assignment>,
    /// Whether the record lacks the key, or the section.
    pub lacking: bool,
    /// Whether all is as it is to be.
    pub already: bool,
}

impl KeyChange {
    /// One line comes in.
    pub(super) fn of(edit: TextEdit) -> KeyChange {
        KeyChange {
            edits: vec![edit],
            ..KeyChange::default()
        }
    }

    /// Lines go.
    pub(super) fn removing(edits: Vec<TextEdit>) -> KeyChange {
        KeyChange {
            lacking: edits.is_empty(),
            edits,
            ..KeyChange::default()
        }
    }
}
