//! Which part of a line is shown where it has more columns than there is room for.

use super::columns::{self, CellRoom};
use super::settings::Columns;
use super::text::{Line, Printer, Role};
use crate::pattern::MatchError;
use std::ops::Range;

/// Columns that a line gets on a terminal even where what stands before it takes nearly all of the width.
const LEAST: usize = 20;

impl Printer<'_> {
    /// The part of a line's text that is shown: all of it, or so much as there is room for, with the first match in sight;
    /// and what is cut out of its middle.
    pub(super) fn window(
        &self,
        line: &Line<'_>,
        body: &[u8],
        offset: u64,
    ) -> Result<(Range<usize>, Option<Range<usize>>), MatchError> {
        let settings = self.settings;
        let start = self.head_width(line.number, offset);
        let columns = match settings.columns {
            Columns::Any => return Ok((0..body.len(), None)),
            Columns::Text(columns) => columns,
            // A terminal's width has to hold what stands before the text as well.
            Columns::Whole(width) => width.saturating_sub(start).max(LEAST),
        };
        let room = CellRoom {
            start,
            columns,
            escape: settings.escape,
        };
        let mut matches = Vec::new();
        let mut window = room.window(body, || {
            if line.role == Role::Selected {
                self.each_match(line, |found| matches.push(found))?;
            }
            Ok(matches.first().cloned())
        })?;
        // Values that begin alike often differ in their ends: a State line keeps both.
        let whole = matches!(settings.columns, Columns::Whole(_));
        if whole && line.state && line.role == Role::Context && window.end < body.len() {
            let (head, tail) = room.ends(body);
            return Ok((0..body.len(), Some(head.end..tail.start)));
        }
        // No match is cut: the first one is in sight whole, another one whole or not at all.
        for (at, found) in matches.iter().enumerate() {
            if found.start < window.start && window.start < found.end {
                window.start = found.start;
            }
            if found.start < window.end && window.end < found.end {
                window.end = if at == 0 { found.end } else { found.start };
            }
        }
        Ok((window, None))
    }

    /// Columns of what stands before the text.
    fn head_width(&self, number: u64, offset: u64) -> usize {
        let settings = self.settings;
        let digits = |value: u64| value.to_string().len().max(self.width) + 1;
        let parts = [
            self.named.then(|| {
                let name = settings.escaped(self.path, false);
                columns::width(&name, 0, false) + usize::from(!settings.null_after_name)
            }),
            settings.line_number.then(|| digits(number)),
            settings.byte_offset.then(|| digits(offset)),
        ];
        match parts.into_iter().flatten().sum() {
            head if head > 0 && settings.initial_tab => head + columns::width(b"\t", head, false),
            head => head,
        }
    }
}
