//! The lines of a file that is searched as text, as JSON Lines.

use super::found::Found;
use super::shared::Shared;
use super::slot::Slot;
use crate::output::json::JsonFile;
use crate::output::text::{Line, Printer, Role, content};
use crate::plan::{Binary, Job};
use grep_searcher::{Searcher, Sink, SinkContext, SinkMatch};
use std::cell::Cell;
use std::io;
use std::time::Instant;

/// A line, its offset in the file, and its number where numbers are counted.
type FoundLine<'l> = (&'l [u8], u64, Option<u64>);

/// Prints lines as they are found.
pub(super) struct JsonSink<'s, 'g> {
    job: &'s Job,
    shared: &'s Shared,
    slot: &'s mut Slot<'g>,
    nul: &'s Cell<bool>,
    nul_seen: bool,
    /// What was found.
    pub found: Found,
    /// Context lines printed after the last selected line that counts.
    trailing: usize,
    lines: JsonFile<'s>,
}

impl<'s, 'g> JsonSink<'s, 'g> {
    /// `nul` is set once a NUL byte was read that makes the file binary.
    pub(super) fn new(
        job: &'s Job,
        shared: &'s Shared,
        printer: &'s Printer<'s>,
        slot: &'s mut Slot<'g>,
        nul: &'s Cell<bool>,
    ) -> JsonSink<'s, 'g> {
        JsonSink {
            job,
            shared,
            slot,
            nul,
            nul_seen: false,
            found: Found::default(),
            trailing: 0,
            lines: JsonFile::new(printer),
        }
    }

    /// Ends the file's JSON, and counts it: `bytes` were searched since `started`.
    pub(super) fn finish(&mut self, bytes: u64, started: Instant) {
        let (out, found) = (self.slot.buffer(), self.found.count);
        self.shared.add(&self.lines.end(out, bytes, found, started));
    }

    /// Whether as many lines were selected as `-m` allows.
    fn is_full(&self) -> bool {
        let limit = self.job.max_count;
        limit.is_some_and(|limit| self.found.count >= limit)
    }

    /// Prints a line of context, after the last selected line that counts as far as context reaches; whether it reaches further.
    fn context_line(&mut self, line: FoundLine<'_>) -> io::Result<bool> {
        let full = self.is_full();
        if self.nul.get() || full && self.trailing >= self.job.after {
            return Ok(!full);
        }
        self.trailing += usize::from(full);
        self.print(line, Role::Context)?;
        Ok(!full || self.trailing < self.job.after)
    }

    fn print(&mut self, (text, start, number): FoundLine<'_>, role: Role) -> io::Result<()> {
        let line = Line {
            text,
            number: number.unwrap_or_default(),
            role,
            state: false,
            field: 0..content(text, self.job.output.terminator).len(),
        };
        (self.lines)
            .line(self.slot.buffer(), &line, start, None)
            .map_err(io::Error::other)?;
        self.slot.line_done(self.job.output.line_buffered);
        Ok(())
    }
}

impl Sink for JsonSink<'_, '_> {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> io::Result<bool> {
        let binary = self.nul.get();
        if binary && !std::mem::replace(&mut self.nul_seen, true) {
            self.found.before_nul = self.found.count;
        }
        if binary && self.job.binary == Binary::WithoutMatch {
            return Ok(false);
        }
        let (text, start) = (found.bytes(), found.absolute_byte_offset());
        let line = (text, start, found.line_number());
        if self.is_full() {
            // After the last line that counts, even a matching line is context.
            return self.context_line(line);
        }
        self.found.count += 1;
        self.found.consumed = start + text.len() as u64;
        if binary {
            return Ok(false);
        }
        self.print(line, Role::Selected)?;
        Ok(!self.shared.stopped() && (self.job.after > 0 || !self.is_full()))
    }

    fn context(&mut self, _: &Searcher, context: &SinkContext<'_>) -> io::Result<bool> {
        let (text, start) = (context.bytes(), context.absolute_byte_offset());
        self.context_line((text, start, context.line_number()))
    }
}
