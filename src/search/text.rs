//! The search of a file as text: GNU grep's rules for binary files, context and counts.

use super::buffers::{self, Ended, ReadLoop};
use super::found::{Found, Reached};
use super::huge::{self, Huge};
use super::input::Input;
use super::opened::{Failure, Opened, Searched};
use super::shared::Shared;
use super::slot::Slot;
use super::worker::Worker;
use crate::files::{Origin, Source};
use crate::output::json::{self, JsonLine, Stats};
use crate::output::text::{Line, Printer, Role, content};
use crate::pattern::{Charset, Matcher};
use crate::plan::{Action, Binary, Job};
use crate::system::{errors, files};
use grep_searcher::{Searcher, Sink, SinkContext, SinkMatch};
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::time::Instant;

impl Worker<'_> {
    /// Searches a file as text and prints what is wanted of it, unless it is to be cut in pieces, if it `cuts` such.
    pub(super) fn search_text(
        &mut self,
        opened: &Opened<'_>,
        cuts: bool,
        slot: &mut Slot<'_>,
    ) -> Result<Searched, Failure> {
        let job = self.job;
        job.matchers.text().map_err(Failure::new)?;
        // Standard input may stand anywhere in its file, and is left where the search came to.
        let begins = || {
            let start = stdin_of(opened).and_then(|mut file| file.stream_position().ok());
            start == Some(0) && reads_on(job)
        };
        let mut chunk = std::mem::take(&mut self.chunk);
        let nul = Cell::new(false);
        let mut input = Input::new(opened.source, &mut chunk, &nul, huge::detects(job));
        let more = match opened.origin {
            Origin::Stdin => begins(),
            _ if cuts => !input.is_whole().unwrap_or(true),
            _ => false,
        };
        let huge = cuts && more && huge::is_huge(&opened.source);
        let nul_at_start = || {
            let unread = opened.origin == Origin::Stdin && huge::detects(job);
            nul.get() || unread && files::has_hole(opened.source.file, 0)
        };
        let binary = huge && nul_at_start();
        let result = if huge && !(binary && job.binary == Binary::WithoutMatch) {
            Ok(Searched::Cut(Reached::default(), binary))
        } else {
            self.search_input(opened, &mut input, Reached::default(), slot)
        };
        self.chunk = chunk;
        result
    }

    /// Searches a huge file from where the search by pieces came to.
    pub(super) fn search_rest(
        &mut self,
        huge: &Huge,
        reached: Reached,
        slot: &mut Slot<'_>,
    ) -> Result<Searched, Failure> {
        let opened = huge.opened();
        let mut chunk = std::mem::take(&mut self.chunk);
        let nul = Cell::new(huge.binary);
        let mut input = Input::new(opened.source, &mut chunk, &nul, huge::detects(self.job));
        let Source { mut file, .. } = opened.source;
        file.seek(SeekFrom::Start(reached.offset))?;
        input.goes_on(reached.offset);
        let result = self.search_input(&opened, &mut input, reached, slot);
        self.chunk = chunk;
        result
    }

    /// The printer of a file's lines.
    pub(super) fn text_printer<'p>(&self, opened: &Opened<'p>, matcher: &'p Matcher) -> Printer<'p>
    where
        Self: 'p,
    {
        Printer {
            valid: validity(self.job),
            ..self.printer(opened, Some(matcher))
        }
    }

    fn search_input(
        &mut self,
        opened: &Opened<'_>,
        input: &mut Input<'_>,
        mut reached: Reached,
        slot: &mut Slot<'_>,
    ) -> Result<Searched, Failure> {
        let job = self.job;
        let nul = input.nul;
        let matcher = job.matchers.text().map_err(Failure::new)?;
        let printer = self.text_printer(opened, matcher);
        let started = Instant::now();
        let start = stdin_of(opened).and_then(|mut file| file.stream_position().ok());
        let mut matches = 0;
        let mut result = Ok(());
        if !reached.ended {
            let whole = opened.origin != Origin::Stdin && reached.offset == 0;
            let whole = whole && !buffers::has_context(job);
            let whole = if whole { input.is_whole() } else { Ok(false) };
            if let Err(error) = whole {
                result = Err(error);
            } else if job.output.json || whole.is_ok_and(|whole| whole) {
                let mut sink = TextSink::new(job, self.shared, &printer, slot, nul, reached);
                result = self.by_searcher(matcher, input, &mut sink);
                reached.found = sink.found;
                matches = sink.stats.matches;
                if job.output.json || job.stats {
                    sink.finish(input.taken, started);
                }
            } else {
                let buffer = std::mem::take(&mut self.buffer);
                let common = (job, self.shared);
                let mut search = ReadLoop::new(common, reached, &printer, matcher, slot, buffer);
                search.until_nul = input.goes_on && self.job.binary == Binary::Binary;
                let ended = search.run(input, nul);
                reached.found = search.found;
                matches = search.stats.matches;
                if job.stats {
                    let (taken, found) = (input.taken, search.found.count);
                    self.shared
                        .add(&search.stats.of_file(taken, found, started));
                }
                self.buffer = search.into_buffer();
                match ended {
                    Ok(()) => {}
                    Err(Ended::Read(error)) => result = Err(error),
                    Err(Ended::Match(error)) => return Err(error.into()),
                    Err(Ended::Nul(reached)) => return Ok(Searched::Cut(reached, true)),
                }
            }
        }
        let found = reached.found;
        let ended = input.ended;
        let count = if nul.get() && job.binary == Binary::WithoutMatch {
            0
        } else {
            found.count
        };
        if count > 0 {
            self.shared.select(&job.action);
        }
        let binary_match = nul.get() && found.before_nul < count;
        if matches!(job.action, Action::Lines)
            && job.binary == Binary::Binary
            && (found.garbled || binary_match)
        {
            slot.message(opened.shown, None, "binary file matches");
        }
        if let Err(error) = result {
            // What the system says has a number.
            if error.raw_os_error().is_none() {
                return Err(Failure::too_hard(errors::text(&error)));
            }
            self.report_failure(opened.shown, Failure::new(errors::text(&error)), slot);
        }
        let counted = match job.action {
            Action::CountMatches => {
                if count == 0 {
                    0
                } else {
                    matches
                }
            }
            _ => count,
        };
        self.summary(&printer, counted, slot);
        if let Some(file) = stdin_of(opened)
            && reads_on(job)
        {
            let limited = job.max_count.is_some_and(|limit| count >= limit);
            let next = if limited {
                start.map(|start| start + found.consumed)
            } else {
                None
            };
            leave_stdin(file, next, limited || ended);
        }
        Ok(Searched::Done)
    }
}

impl Worker<'_> {
    /// Searches what is read at once, or what is printed as JSON.
    fn by_searcher(
        &mut self,
        matcher: &Matcher,
        input: &mut Input<'_>,
        sink: &mut TextSink<'_, '_>,
    ) -> io::Result<()> {
        if input.is_whole()? {
            // A searcher of whole texts needs no buffer of its own.
            let searcher = self.whole_searcher.take();
            let mut searcher = searcher.unwrap_or_else(|| self.new_searcher(Some(1)));
            let result = searcher.search_slice(matcher, input.chunk()?, sink);
            self.whole_searcher = Some(searcher);
            return result;
        }
        let searcher = self.searcher.take();
        let mut searcher = searcher.unwrap_or_else(|| self.new_searcher(None));
        let result = searcher.search_reader(matcher, input, sink);
        self.searcher = Some(searcher);
        result
    }
}

/// The file, if it is standard input.
fn stdin_of<'f>(opened: &Opened<'f>) -> Option<&'f File> {
    (opened.origin == Origin::Stdin).then_some(opened.source.file)
}

/// Whether standard input is read to its end.
fn reads_on(job: &Job) -> bool {
    matches!(
        job.action,
        Action::Lines | Action::Count | Action::CountMatches | Action::Discard
    )
}

/// Leaves standard input where its next reader expects it: at `next` after the last line used, else at its end. A pipe
/// is read to its end, so that its writer is not cut off.
fn leave_stdin(mut file: &File, next: Option<u64>, done: bool) {
    if let Some(next) = next {
        let _ = file.seek(SeekFrom::Start(next));
    }
    if done || file.seek(SeekFrom::End(0)).is_ok() {
        return;
    }
    let mut rest = [0; 4096];
    while file.read(&mut rest).is_ok_and(|read| read > 0) {}
}

/// What recognises a line that is no text in the job's character set; none: every line is.
fn validity(job: &Job) -> Option<Charset> {
    (job.binary != Binary::Text).then_some(*job.matchers.charset())
}

/// Prints lines as they are found.
struct TextSink<'s, 'g> {
    job: &'s Job,
    shared: &'s Shared,
    printer: &'s Printer<'s>,
    slot: &'s mut Slot<'g>,
    nul: &'s Cell<bool>,
    nul_seen: bool,
    /// What lies before the input's first byte.
    base: Reached,
    found: Found,
    /// Context lines printed after the last selected line that counts.
    trailing: usize,
    stats: Stats,
    /// The file's JSON has begun.
    begun: bool,
    /// The file's name was printed above its lines.
    headed: bool,
}

impl<'s, 'g> TextSink<'s, 'g> {
    fn new(
        job: &'s Job,
        shared: &'s Shared,
        printer: &'s Printer<'s>,
        slot: &'s mut Slot<'g>,
        nul: &'s Cell<bool>,
        base: Reached,
    ) -> TextSink<'s, 'g> {
        TextSink {
            job,
            shared,
            printer,
            slot,
            nul,
            nul_seen: false,
            base,
            found: base.found,
            trailing: 0,
            stats: Stats::default(),
            begun: false,
            headed: false,
        }
    }

    /// Counts the matches of a line, where they are counted at all; what they are.
    fn count(&mut self, text: &[u8], role: Role) -> io::Result<Vec<Range<usize>>> {
        let matching = role == Role::Selected;
        let mut matches = Vec::new();
        let counts = matches!(self.job.action, Action::CountMatches);
        if !(self.job.output.json || self.job.stats || counts) {
            return Ok(matches);
        }
        if matching && !self.job.output.invert {
            let field = 0..content(text, self.job.output.terminator).len();
            let line = Line {
                text,
                number: 0,
                role,
                state: false,
                field,
            };
            self.printer
                .each_match(&line, |found| matches.push(found))
                .map_err(io::Error::other)?;
        }
        self.stats.matched_lines += u64::from(matching);
        self.stats.matches += matches.len() as u64;
        Ok(matches)
    }

    /// Prints a line as JSON.
    fn json_line(
        &mut self,
        text: &[u8],
        start: u64,
        number: Option<u64>,
        role: Role,
        matches: &[Range<usize>],
    ) {
        if !self.begun {
            self.begun = true;
            self.stats.bytes_printed += json::begin(self.slot.buffer(), self.printer.path);
        }
        let path = self.printer.path;
        let line = JsonLine {
            path,
            text,
            number,
            offset: start,
            matches,
            record: None,
        };
        let matching = role == Role::Selected;
        self.stats.bytes_printed += json::line(self.slot.buffer(), &line, matching);
    }

    /// Ends the file's JSON, and counts it.
    fn finish(&mut self, bytes: u64, started: Instant) {
        let stats = self.stats.of_file(bytes, self.found.count, started);
        if self.begun {
            json::end(self.slot.buffer(), self.printer.path, None, &stats);
        }
        self.shared.add(&stats);
    }

    /// Whether as many lines were selected as `-m` allows.
    fn is_full(&self) -> bool {
        self.job
            .max_count
            .is_some_and(|limit| self.found.count >= limit)
    }

    /// Prints a line after the last selected one, if context reaches it.
    fn trail(&mut self, text: &[u8], start: u64, number: Option<u64>) -> io::Result<bool> {
        if self.trailing >= self.job.after
            || !matches!(self.job.action, Action::Lines)
            || self.nul.get()
        {
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
        let number = number.map(|number| number + self.base.lines);
        let matches = self.count(text, role)?;
        if self.job.output.json {
            self.json_line(text, start, number, role, &matches);
            self.slot.line_done(self.job.output.line_buffered);
            return Ok(());
        }
        let settings = &self.job.output;
        if self.printer.above && !self.headed {
            self.headed = true;
            self.slot.separate();
            self.printer.heading(self.slot.buffer());
        }
        let field = 0..content(text, settings.terminator).len();
        let line = Line {
            text,
            number: number.unwrap_or(0),
            role,
            state: false,
            field,
        };
        let offset = |at: usize| start + at as u64;
        let printed = self
            .printer
            .line(self.slot.buffer(), &line, &offset)
            .map_err(io::Error::other)?;
        self.found.garbled |= !printed;
        self.slot.line_done(settings.line_buffered);
        Ok(())
    }
}

impl Sink for TextSink<'_, '_> {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> io::Result<bool> {
        let binary = self.nul.get();
        if binary && !self.nul_seen {
            self.nul_seen = true;
            self.found.before_nul = self.found.count;
        }
        if binary && self.job.binary == Binary::WithoutMatch {
            return Ok(false);
        }
        let start = self.base.offset + found.absolute_byte_offset();
        if self.is_full() {
            // Behind the last line that counts, even a matching line is context.
            return self.trail(found.bytes(), start, found.line_number());
        }
        self.found.count += 1;
        self.found.consumed = start + found.bytes().len() as u64;
        match self.job.action {
            Action::Lines if binary => Ok(false),
            Action::Lines => {
                self.print(found.bytes(), start, found.line_number(), Role::Selected)?;
                Ok(!self.shared.stopped() && (self.job.after > 0 || !self.is_full()))
            }
            Action::Count | Action::CountMatches => {
                self.count(found.bytes(), Role::Selected)?;
                Ok(!self.is_full())
            }
            _ => {
                self.count(found.bytes(), Role::Selected)?;
                Ok(false)
            }
        }
    }

    fn context(&mut self, _: &Searcher, context: &SinkContext<'_>) -> io::Result<bool> {
        let start = self.base.offset + context.absolute_byte_offset();
        if self.is_full() {
            return self.trail(context.bytes(), start, context.line_number());
        }
        if matches!(self.job.action, Action::Lines) && !self.nul.get() {
            self.print(context.bytes(), start, context.line_number(), Role::Context)?;
        }
        Ok(true)
    }
}
