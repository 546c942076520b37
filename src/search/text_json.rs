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

    /// Prints a line after the last selected one, if context reaches it; whether it reaches further.
    fn trail(&mut self, text: &[u8], start: u64, number: Option<u64>) -> io::Result<bool> {
        if self.trailing >= self.job.after || self.nul.get() {
            return Ok(false);
        }
        self.trailing += 1;
        self.print(text, start, number, Role::Context)?;
        Ok(self.trailing < self.job.after)
    }

    fn print(
        &mut self,
        text: &[u8],
        start: u64,
        number: Option<u64>,
        role: Role,
    ) -> io::Result<()> {
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
        let start = found.absolute_byte_offset();
        if self.is_full() {
            // After the last line that counts, even a matching line is context.
            return self.trail(found.bytes(), start, found.line_number());
        }
        self.found.count += 1;
        self.found.consumed = start + found.bytes().len() as u64;
        if binary {
            return Ok(false);
        }
        self.print(found.bytes(), start, found.line_number(), Role::Selected)?;
        Ok(!self.shared.stopped() && (self.job.after > 0 || !self.is_full()))
    }

    fn context(&mut self, _: &Searcher, context: &SinkContext<'_>) -> io::Result<bool> {
        let (text, start) = (context.bytes(), context.absolute_byte_offset());
        if self.is_full() {
            return self.trail(text, start, context.line_number());
        }
        if !self.nul.get() {
            self.print(text, start, context.line_number(), Role::Context)?;
        }
        Ok(true)
    }
}
