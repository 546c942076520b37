//! The search of a file as text: GNU grep's rules for binary files, context and counts.

use super::buffers::{Ended, ReadLoop};
use super::found::{End, Reached};
use super::huge::{self, Huge};
use super::input::Input;
use super::opened::{Failure, Opened, Searched};
use super::slot::Slot;
use super::text_json::JsonSink;
use super::worker::Worker;
use crate::files::{Origin, Source};
use crate::output::text::Printer;
use crate::pattern::{Charset, Matcher};
use crate::plan::{Action, Binary, Job};
use crate::system::{errors, files};
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
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
        let opened = huge.long.opened();
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
        if reached.end != End::Last {
            if job.output.json && matches!(job.action, Action::Lines) {
                let searcher = self.searcher.take();
                let mut searcher = searcher.unwrap_or_else(|| self.new_searcher());
                let mut sink = JsonSink::new(job, self.shared, &printer, slot, nul);
                result = searcher.search_reader(matcher, &mut *input, &mut sink);
                sink.finish(input.taken, started);
                reached.found = sink.found;
                self.searcher = Some(searcher);
            } else {
                let buffer = std::mem::take(&mut self.buffer);
                let common = (job, self.shared);
                let mut search = ReadLoop::new(common, reached, &printer, matcher, slot, buffer);
                search.until_nul = input.goes_on && self.job.binary == Binary::Binary;
                let ended = search.run(input, nul);
                reached.found = search.found;
                matches = search.stats.matches;
                if job.stats || job.output.json {
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
        let count = match nul.get() && job.binary == Binary::WithoutMatch {
            true => 0,
            false => found.count,
        };
        if count > 0 {
            self.shared.select();
        }
        let binary_match = nul.get() && found.before_nul < count;
        if matches!(job.action, Action::Lines)
            && job.binary == Binary::Binary
            && (found.garbled || binary_match)
        {
            slot.message(opened.shown, None, "binary file matches");
        }
        if let Err(error) = result {
            // What the system says is of another kind.
            if error.kind() == io::ErrorKind::Other {
                return Err(Failure::too_hard(errors::text(&error)));
            }
            self.report_failure(opened.shown, Failure::new(errors::text(&error)), slot);
        }
        let counted = match job.action {
            Action::CountMatches if count > 0 => matches,
            _ => count,
        };
        self.summary(&printer, counted, slot);
        if let Some(file) = stdin_of(opened)
            && reads_on(job)
        {
            let limited = job.max_count.is_some_and(|limit| count >= limit);
            // The line end that the last line lacks is not in the file.
            let next = start
                .filter(|_| limited)
                .map(|start| start + found.consumed.min(input.taken));
            leave_stdin(file, next, limited || ended);
        }
        Ok(Searched::Done)
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
