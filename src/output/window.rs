//! Which part of a line is shown where it has more columns than there is room for.

use super::columns::{self, CellRoom};
use super::settings::Columns;
use super::text::{Line, Printer, Role, emit, without_line_end};
use crate::pattern::MatchError;
use std::ops::Range;
use termcolor::Buffer;

/// Columns that a line gets on a terminal even where what stands before it takes nearly all of the width.
const LEAST: usize = 20;

impl Printer<'_> {
    /// The part of a line that is shown: all of it, or so much as there is room for, with the first match in sight.
    pub(super) fn window(&self, line: &Line<'_>, offset: u64) -> Result<Range<usize>, MatchError> {
        let all = 0..line.text.len();
        let settings = self.settings;
        if settings.columns == Columns::Any {
            return Ok(all);
        }
        let start = self.head_width(line.number, offset);
        let columns = match settings.columns {
            Columns::Any => return Ok(all),
            Columns::Text(columns) => columns,
            // A terminal's width has to hold what stands before the text as well.
            Columns::Whole(width) => width.saturating_sub(start).max(LEAST),
        };
        let room = CellRoom {
            start,
            columns,
            escape: settings.escape,
        };
        let body = without_line_end(line.text, settings.terminator);
        let mut matches = Vec::new();
        let mut window = room.window(body, || {
            if line.role == Role::Selected {
                self.each_match(line, |found| matches.push(found))?;
            }
            Ok(matches.first().cloned())
        })?;
        // No match is cut: the first one is in sight whole, another one whole or not at all.
        for (at, found) in matches.iter().enumerate() {
            if found.start < window.start && window.start < found.end {
                window.start = found.start;
            }
            if found.start < window.end && window.end < found.end {
                window.end = if at == 0 { found.end } else { found.start };
            }
        }
        if window.end == body.len() {
            return Ok(window.start..all.end);
        }
        Ok(window)
    }

    /// For a State line that is cut: what of it is shown of its beginning and of its end, as values that begin alike often
    /// differ in their ends.
    pub(super) fn middle_cut(
        &self,
        line: &Line<'_>,
        window: &Range<usize>,
        offset: u64,
    ) -> Option<(Range<usize>, Range<usize>)> {
        let cut = line.state && line.role == Role::Context && window.end < line.text.len();
        let Columns::Whole(width) = self.settings.columns else {
            return None;
        };
        let start = self.head_width(line.number, offset);
        let room = CellRoom {
            start,
            columns: width.saturating_sub(start).max(LEAST),
            escape: self.settings.escape,
        };
        cut.then(|| room.ends(without_line_end(line.text, self.settings.terminator)))
    }

    pub(super) fn both_ends(
        &self,
        out: &mut Buffer,
        line: &Line<'_>,
        head: Range<usize>,
        tail: Range<usize>,
    ) {
        let print = |out: &mut Buffer| {
            self.text(out, &line.text[head.clone()]);
            emit(out, columns::cut_mark(self.settings.unicode).as_bytes());
            self.text(out, &line.text[tail.clone()]);
        };
        self.in_color(out, |colors| &colors.state, print);
        emit(out, &[self.settings.terminator]);
    }

    /// Columns of what stands before the text.
    fn head_width(&self, number: u64, offset: u64) -> usize {
        let settings = self.settings;
        let digits = |value: u64| value.to_string().len().max(self.width) + 1;
        let name = || {
            let separator = usize::from(!settings.null_after_name);
            let name = self.shown_name();
            columns::width(&name, 0, false) + separator
        };
        let parts = [
            self.named.then(name),
            settings.line_number.then(|| digits(number)),
            settings.byte_offset.then(|| digits(offset)),
        ];
        let head = parts.into_iter().flatten().sum();
        if settings.initial_tab && head > 0 {
            return head + columns::width(b"\t", head, false);
        }
        head
    }
}
