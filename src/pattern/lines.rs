//! Lines in a buffer: their ends, and their content.

use std::ops::Range;

/// How lines end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lines {
    /// The byte that ends a line.
    pub terminator: u8,
    /// A CR before it belongs to it.
    pub crlf: bool,
}

impl Lines {
    /// The line that holds `at` (or begins there), terminator included; `at < buffer.len()`, or the
    /// last line has no terminator.
    pub(super) fn around(self, buffer: &[u8], at: usize) -> Range<usize> {
        let start = memchr::memrchr(self.terminator, &buffer[..at]).map_or(0, |i| i + 1);
        start..self.end(buffer, at)
    }

    /// The end, terminator included, of the line that holds `at`.
    pub(super) fn end(self, buffer: &[u8], at: usize) -> usize {
        memchr::memchr(self.terminator, &buffer[at..]).map_or(buffer.len(), |i| at + i + 1)
    }

    /// A line without its end.
    pub(super) fn content(self, mut line: &[u8]) -> &[u8] {
        if let [rest @ .., last] = line
            && *last == self.terminator
        {
            line = rest;
            if self.crlf
                && let [rest @ .., b'\r'] = line
            {
                line = rest;
            }
        }
        line
    }
}
