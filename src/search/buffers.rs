//! The search of a file as text, read by read: GNU grep's loop over its buffers.
//!
//! What is printed around a selected line, and whether a separator comes before it, GNU grep decides by where it printed
//! last in its buffer; what of a binary file is printed, by the read that holds the first NUL byte. Both can be seen (a line
//! that is no text is not printed; a NUL byte comes late): hence the same buffers and the same marks.

use super::found::{End, Found, Reached};
use super::input::Input;
use super::shared::Shared;
use super::slot::Slot;
use crate::output::OutputSettings;
use crate::output::json::Stats;
use crate::output::text::{Line, Printer, Role, content};
use crate::pattern::{MatchError, Matcher};
use crate::plan::{Action, Binary, Job};
use std::cell::Cell;
use std::io;
use std::ops::Range;

/// The search of one file.
pub(super) struct ReadLoop<'c, 'g> {
    job: &'c Job,
    shared: &'c Shared,
    printer: &'c Printer<'c>,
    slot: &'c mut Slot<'g>,
    matcher: &'c Matcher,
    /// What was read and is still needed.
    buffer: Vec<u8>,
    /// Offset in the file of its first byte.
    base: u64,
    /// End of the line that was printed last, in the buffer.
    last_out: Option<usize>,
    /// Lines of trailing context that are still to be printed.
    pending: usize,
    /// Lines that may still be selected.
    left: u64,
    /// No lines are printed, or no more of them since a NUL byte was read.
    quiet: bool,
    /// One more selected line ends the search.
    one_is_enough: bool,
    /// Lines counted so far, up to `counted` in the buffer.
    lines: u64,
    counted: usize,
    /// What was found.
    pub found: Found,
    /// The same for `--stats`.
    pub stats: Stats,
    /// The path stands above the lines.
    headed: bool,
    /// The search ends with the lines before the first NUL byte.
    pub until_nul: bool,
}

/// Why a search ended early.
pub(super) enum Ended {
    /// The file cannot be read on.
    Read(io::Error),
    /// A line took too much.
    Match(MatchError),
    /// A NUL byte was read: what follows may be searched by pieces.
    Nul(Reached),
}

impl From<MatchError> for Ended {
    fn from(error: MatchError) -> Ended {
        Ended::Match(error)
    }
}

impl<'c, 'g> ReadLoop<'c, 'g> {
    pub(super) fn new(
        (job, shared): (&'c Job, &'c Shared),
        reached: Reached,
        printer: &'c Printer<'c>,
        matcher: &'c Matcher,
        slot: &'c mut Slot<'g>,
        mut buffer: Vec<u8>,
    ) -> ReadLoop<'c, 'g> {
        buffer.clear();
        ReadLoop {
            job,
            shared,
            printer,
            slot,
            matcher,
            buffer,
            base: reached.offset,
            last_out: None,
            pending: 0,
            left: job.max_count.unwrap_or(u64::MAX),
            quiet: !matches!(job.action, Action::Lines),
            one_is_enough: !matches!(
                job.action,
                Action::Lines | Action::Count | Action::CountMatches
            ),
            lines: reached.lines,
            counted: 0,
            found: reached.found,
            stats: Stats::default(),
            headed: false,
            until_nul: false,
        }
    }

    /// Searches all of `input`; `nul` is set once a NUL byte was read that makes the file binary.
    ///
    /// # Errors
    /// The input cannot be read, or a line took too much.
    pub(super) fn run(&mut self, input: &mut Input<'_>, nul: &Cell<bool>) -> Result<(), Ended> {
        let terminator = self.job.output.terminator;
        let mut nul_seen = false;
        // Bytes at the buffer's end that were read before: of them a line without its end.
        let (mut save, mut residue) = (0, 0);
        loop {
            let chunk = input.chunk().map_err(Ended::Read)?;
            self.shift(save);
            self.buffer.extend_from_slice(chunk);
            if self.buffer.len() == save {
                break;
            }
            if nul.get() && !nul_seen {
                nul_seen = true;
                self.found.before_nul = self.found.count;
                if self.job.binary == Binary::WithoutMatch {
                    return Ok(());
                }
                if self.until_nul {
                    return Err(Ended::Nul(Reached {
                        offset: self.base + (save - residue) as u64,
                        lines: self.lines,
                        found: self.found,
                        end: End::Goes,
                    }));
                }
                if !matches!(self.job.action, Action::Count | Action::CountMatches) {
                    (self.quiet, self.one_is_enough) = (true, true);
                }
            }
            let begin = save - residue;
            let end =
                memchr::memrchr(terminator, &self.buffer[save..]).map_or(begin, |at| save + at + 1);
            residue = self.buffer.len() - end;
            if begin < end {
                if self.left > 0 {
                    self.lines(begin, end)?;
                }
                if self.pending > 0 {
                    self.print_pending(end)?;
                }
                let full = self.left == 0 && self.pending == 0;
                let enough = self.one_is_enough && self.found.before_nul < self.found.count;
                if full || enough || self.shared.stopped() || self.slot.failed() {
                    return Ok(());
                }
            }
            let mut keep = end;
            for _ in 0..self.job.before {
                if keep == 0 || Some(keep) == self.last_out {
                    break;
                }
                keep = self.line_start(keep);
            }
            if Some(keep) != self.last_out {
                self.last_out = None;
            }
            save = residue + end - keep;
            self.count(keep);
        }
        if residue > 0 {
            self.buffer.push(terminator);
            let end = self.buffer.len();
            if self.left > 0 {
                self.lines(save - residue, end)?;
            }
            if self.pending > 0 {
                self.print_pending(end)?;
            }
        }
        Ok(())
    }

    /// The buffer, to be used again.
    pub(super) fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }

    /// Leaves the last `save` bytes in the buffer.
    fn shift(&mut self, save: usize) {
        let gone = self.buffer.len() - save;
        self.buffer.drain(..gone);
        self.base += gone as u64;
        self.counted = 0;
        self.last_out = self.last_out.map(|_| 0);
    }

    /// Where the line that ends at `end` begins.
    fn line_start(&self, end: usize) -> usize {
        memchr::memrchr(self.job.output.terminator, &self.buffer[..end - 1]).map_or(0, |at| at + 1)
    }

    /// Where the line that begins at `start` ends.
    fn line_end(&self, start: usize) -> usize {
        let rest = &self.buffer[start..];
        memchr::memchr(self.job.output.terminator, rest)
            .map_or(self.buffer.len(), |at| start + at + 1)
    }

    /// Counts the lines up to `to`.
    fn count(&mut self, to: usize) {
        if self.job.output.line_number && self.counted < to {
            let text = &self.buffer[self.counted..to];
            self.lines += bytecount::count(text, self.job.output.terminator) as u64;
        }
        self.counted = to;
    }

    /// Searches whole lines.
    fn lines(&mut self, begin: usize, end: usize) -> Result<(), Ended> {
        let invert = self.job.output.invert;
        let mut at = begin;
        while at < end {
            let found = self.matcher.find_line(&self.buffer[..end], at)?;
            let range = match (found, invert) {
                (None, false) => break,
                (Some(line), false) => {
                    at = line.end;
                    line
                }
                (found, true) => {
                    let from = at;
                    let (to, next) = found.map_or((end, end), |line| (line.start, line.end));
                    at = next;
                    from..to
                }
            };
            if range.is_empty() {
                continue;
            }
            self.selected(range)?;
            if self.left == 0 || self.one_is_enough {
                break;
            }
        }
        Ok(())
    }

    /// Prints selected lines that follow one another, and what context there is.
    fn selected(&mut self, range: Range<usize>) -> Result<(), Ended> {
        if self.quiet {
            self.slot.skip_group();
        } else {
            if self.pending > 0 {
                self.print_pending(range.start)?;
            }
            let floor = self.last_out.unwrap_or(0);
            let mut start = range.start;
            for _ in 0..self.job.before {
                if start <= floor {
                    break;
                }
                start = self.line_start(start);
            }
            if self.job.output.groups && Some(start) != self.last_out {
                self.slot.separate();
            }
            while start < range.start {
                let end = self.line_end(start);
                self.print(start..end, Role::Context)?;
                start = end;
            }
        }
        let mut at = range.start;
        while at < range.end && self.left > 0 {
            let end = self.line_end(at);
            let counts = self.job.stats || self.job.output.json;
            if counts || matches!(self.job.action, Action::CountMatches) {
                self.count_matches(at..end)?;
            }
            if !self.quiet {
                self.print(at..end, Role::Selected)?;
            }
            at = end;
            self.left -= 1;
            self.found.count += 1;
        }
        self.found.consumed = self.base + at as u64;
        self.pending = if self.quiet { 0 } else { self.job.after };
        Ok(())
    }

    /// Counts the matches of a selected line.
    fn count_matches(&mut self, range: Range<usize>) -> Result<(), MatchError> {
        self.stats.matched_lines += 1;
        if !self.job.output.invert {
            let line = line(
                &self.job.output,
                &self.buffer[range],
                self.lines,
                Role::Selected,
            );
            let mut matches = 0;
            self.printer.each_match(&line, |_| matches += 1)?;
            self.stats.matches += matches;
        }
        Ok(())
    }

    /// Prints trailing context, from where the last line was printed up to `end`.
    fn print_pending(&mut self, end: usize) -> Result<(), Ended> {
        let mut at = *self.last_out.get_or_insert(0);
        while self.pending > 0 && at < end {
            let line_end = self.line_end(at);
            self.print(at..line_end, Role::Context)?;
            // A line that is no text stays where the next one is looked for.
            at = self.last_out.unwrap_or(0);
            self.pending -= 1;
        }
        Ok(())
    }

    fn print(&mut self, range: Range<usize>, role: Role) -> Result<(), Ended> {
        let settings = &self.job.output;
        if self.printer.above && !self.headed {
            self.headed = true;
            if !settings.groups {
                self.slot.separate();
            }
            self.printer.name_alone(self.slot.buffer());
        }
        let (mut lines, mut counted) = (self.lines, self.counted);
        // A line before the one that was counted last is given that one's number.
        if settings.line_number && counted < range.end {
            let before = &self.buffer[counted.min(range.start)..range.start];
            lines += bytecount::count(before, settings.terminator) as u64 + 1;
            counted = range.end;
        }
        let line = line(settings, &self.buffer[range.clone()], lines, role);
        let start = self.base + range.start as u64;
        let offset = |at: usize| start + at as u64;
        if self.printer.line(self.slot.buffer(), &line, &offset)? {
            self.last_out = Some(range.end);
            (self.lines, self.counted) = (lines, counted);
        } else {
            self.found.garbled = true;
        }
        self.slot.line_done(settings.line_buffered);
        Ok(())
    }
}

/// A line to print or to look at.
fn line<'l>(settings: &OutputSettings, text: &'l [u8], number: u64, role: Role) -> Line<'l> {
    Line {
        text,
        number,
        role,
        state: false,
        field: 0..content(text, settings.terminator).len(),
    }
}
