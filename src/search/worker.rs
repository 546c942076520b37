//! One worker: opens the files of a batch, decides how each is read, and hands it to the text or the INI search.

use super::found::Reached;
use super::pieces::{self, Huge, Room};
use super::shared::Shared;
use super::slot::Slot;
use super::work::Work;
use crate::files::walk::{Folders, Step};
use crate::files::walk_error::{Problem, WalkError};
use crate::files::{Batch, Haystack, Origin, Source, select};
use crate::ini::{Dialect, Scan};
use crate::output::json::{self, Data};
use crate::output::text::Printer;
use crate::pattern::{MatchError, Matcher};
use crate::plan::{IniWhen, Job, Task, Want};
use crate::system::files::{self, Opening};
use crate::system::{Dir, FileKind, errors, streams};
use grep_searcher::{Searcher, SearcherBuilder};
use serde_json::json;
use std::fs::File;
use std::io::{self, Write};

/// What a worker keeps from file to file.
pub(super) struct Worker<'j> {
    pub(super) job: &'j Job,
    pub(super) shared: &'j Shared,
    pub(super) buffer: Vec<u8>,
    pub(super) scan: Scan,
    /// For text; made when the first such file comes.
    pub(super) searcher: Option<Searcher>,
    /// For text that is in memory.
    pub(super) whole_searcher: Option<Searcher>,
    /// What text is read into.
    pub(super) chunk: Vec<u8>,
    /// For pieces of huge files.
    pub(super) room: Room,
    /// Huge files are searched by pieces.
    cuts: bool,
    /// The rules of the file that is searched.
    pub(super) dialect: &'j Dialect,
    /// The path of a file.
    path: Vec<u8>,
}

/// A file to search, its content at hand.
pub(super) struct Opened<'f> {
    /// Its content.
    pub source: Source<'f>,
    /// Its name as it is shown.
    pub shown: &'f [u8],
    /// How it was found.
    pub origin: Origin,
}

/// What came of a file.
pub(super) enum Searched {
    /// All that was to be done.
    Done,
    /// It is to be cut in pieces, from there on, where NUL bytes may end lines.
    Cut(Reached, bool),
}

/// Why a file was not searched or edited to its end; the message follows the file's name.
#[derive(Debug)]
pub(super) struct Failure {
    /// The line it is about, from 1.
    pub line: Option<u64>,
    /// What happened, and the way out.
    pub what: String,
    /// For a refused edit: what it has in common with others.
    pub kind: Option<String>,
    /// A line took too much to match: GNU grep ends there.
    pub too_hard: bool,
}

impl Failure {
    /// A failure of the whole file.
    pub(super) fn new(what: impl Into<String>) -> Failure {
        Failure {
            line: None,
            what: what.into(),
            kind: None,
            too_hard: false,
        }
    }

    /// The same, a line having taken too much to match.
    pub(super) fn too_hard(what: impl Into<String>) -> Failure {
        Failure {
            too_hard: true,
            ..Failure::new(what)
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::new(errors::text(&error))
    }
}

impl From<MatchError> for Failure {
    fn from(error: MatchError) -> Failure {
        Failure::too_hard(error.to_string())
    }
}

impl<'j> Worker<'j> {
    /// A worker for `job`; `parallel`: others may work at the same time.
    pub(super) fn new(job: &'j Job, shared: &'j Shared, parallel: bool) -> Worker<'j> {
        Worker {
            job,
            shared,
            buffer: Vec::new(),
            scan: Scan::default(),
            searcher: None,
            whole_searcher: None,
            chunk: Vec::new(),
            room: Room::default(),
            dialect: job.ini.dialects.of(b""),
            cuts: parallel && pieces::may_cut(job),
            path: Vec::new(),
        }
    }

    /// A searcher for text; `heap` bounds its buffer for streams, in bytes.
    pub(super) fn new_searcher(&self, heap: Option<usize>) -> Searcher {
        SearcherBuilder::new()
            .line_terminator(grep_matcher::LineTerminator::byte(
                self.job.output.terminator,
            ))
            .line_number(self.job.output.line_number)
            .invert_match(self.job.output.invert)
            .before_context(self.job.before)
            .after_context(self.job.after)
            .bom_sniffing(false)
            .heap_limit(heap)
            .build()
    }

    /// Does one piece of work; what it leads to is left in its place.
    pub(super) fn work(&mut self, work: Work, slot: &mut Slot<'_>) {
        match work {
            Work::Walk(Step::Files(batch)) => self.files(batch, slot),
            Work::Walk(Step::Problem(problem)) => self.problem(&problem, slot),
            Work::Walk(step) => {
                let mut steps = self.job.walk.expand(&self.job.operands, step);
                match steps.pop() {
                    // A small folder is searched at once.
                    Some(Step::Files(batch)) if steps.is_empty() => self.files(batch, slot),
                    last => slot.leave(steps.into_iter().chain(last).map(Work::Walk)),
                }
            }
            Work::Piece(huge, index) => self.piece(&huge, index, slot),
            Work::Rest(huge) => {
                if let Some(reached) = huge.reached()
                    && let Err(failure) = self.search_rest(&huge, reached, slot)
                {
                    self.report_failure(huge.opened().shown, failure, slot);
                }
            }
        }
    }

    fn problem(&self, problem: &Problem, slot: &mut Slot<'_>) {
        let is_loop = matches!(problem.what, WalkError::Loop);
        if !is_loop {
            self.shared.fail();
        }
        if !self.job.no_messages {
            let warning = if is_loop { "warning: " } else { "" };
            let text = format_args!("{warning}{}", problem.what);
            slot.message(&problem.path, None, text);
        }
    }

    /// Searches each file of a batch, up to one that is cut in pieces: what follows it is left.
    fn files(&mut self, batch: Batch, slot: &mut Slot<'_>) {
        let mut path = std::mem::take(&mut self.path);
        // A folder that lies too deep to be kept open.
        let reopened = match batch.folder() {
            Some(folder) if folder.dir.is_none() => Some(folder.reopened()),
            _ => None,
        };
        for at in 0..batch.count() {
            if self.shared.stopped() || slot.is_ended() || slot.failed() {
                break;
            }
            let haystack = batch.haystack(at, &mut path);
            let folder = match (&reopened, batch.folder()) {
                (Some(reopened), _) => reopened.as_ref().map(Some),
                (None, folder) => Ok(folder.and_then(|folder| folder.dir.as_ref())),
            };
            let local = batch.folder().is_some_and(|folder| folder.short_read_ends);
            let result = match folder {
                Ok(folder) => self.open_and_search(folder, local, &haystack, slot),
                Err(error) => Err(Failure::new(errors::text(error))),
            };
            match result {
                Ok(None) => {}
                Ok(Some(huge)) => {
                    huge.cut(self.job, slot);
                    let rest = batch.rest(at + 1).map(Step::Files);
                    slot.leave(rest.map(Work::Walk));
                    break;
                }
                Err(failure) => self.report_file(&haystack, failure, slot),
            }
        }
        self.path = path;
    }

    fn report_file(&self, haystack: &Haystack<'_>, failure: Failure, slot: &mut Slot<'_>) {
        self.report_failure(self.shown(haystack), failure, slot);
    }

    /// Reports why a file, by its name as it is shown, was not searched to its end.
    pub(super) fn report_failure(&self, shown: &[u8], failure: Failure, slot: &mut Slot<'_>) {
        self.shared.fail();
        if !self.job.no_messages || failure.too_hard {
            match failure.kind {
                Some(kind) => slot.refusal(shown, failure.line, failure.what, &kind),
                None => slot.message(shown, failure.line, failure.what),
            }
        }
        if failure.too_hard && self.job.called.as_grep() {
            self.shared.give_up();
            slot.end();
        }
    }

    fn shown<'h>(&self, haystack: &Haystack<'h>) -> &'h [u8]
    where
        'j: 'h,
    {
        match haystack.origin {
            Origin::Stdin => &self.job.output.label,
            _ => haystack.path,
        }
    }

    /// `local`: a read that gives less than was asked for came to the end of a regular file.
    fn open_and_search(
        &mut self,
        folder: Option<&Dir>,
        local: bool,
        haystack: &Haystack<'_>,
        slot: &mut Slot<'_>,
    ) -> Result<Option<Huge>, Failure> {
        let file = match haystack.origin {
            // A copy, so that closing it leaves standard input open.
            Origin::Stdin => streams::input()?,
            Origin::Operand => {
                // Opening a FIFO must not wait for its writer where it is passed over or refused.
                let skip =
                    self.job.walk.skip_device_operands || matches!(self.job.task, Task::Edit(_));
                let how = if skip {
                    Opening::NoWait
                } else {
                    Opening::Follow
                };
                files::open(None, haystack.name, how)?
            }
            Origin::Walked => files::open(folder, haystack.name, self.opening())?,
        };
        if !self.wanted(&file, haystack)? {
            return Ok(None);
        }
        let source = Source {
            file: &file,
            short_read_ends: local && !self.job.walk.devices,
        };
        self.shared.count_file();
        let ini = match self.job.ini.when {
            IniWhen::Never => false,
            IniWhen::ByName => select::is_ini(haystack.path),
            IniWhen::Always => true,
        };
        let opened = Opened {
            source,
            shown: self.shown(haystack),
            origin: haystack.origin,
        };
        self.dialect = self.job.ini.dialects.of(haystack.path);
        match (&self.job.task, ini) {
            (Task::Edit(rules), _) => self.edit(&opened, haystack.path, ini, rules, slot)?,
            (_, true) => self.search_ini(&opened, slot)?,
            (_, false) => {
                if let Searched::Cut(reached, binary) =
                    self.search_text(&opened, self.cuts, slot)?
                {
                    let (local, origin) = (source.short_read_ends, haystack.origin);
                    let huge = Huge::new(file, self.shown(haystack), origin, local);
                    return Ok(Some(huge.go_on(reached, binary)));
                }
            }
        }
        Ok(None)
    }

    /// How a file that was found by walking is opened.
    fn opening(&self) -> Opening {
        let follow = self.job.walk.folders == Folders::Recurse { follow: true };
        if follow {
            Opening::Follow
        } else {
            Opening::NoFollow
        }
    }

    /// Whether an open file is to be searched: the rules for devices, and for standard output as input.
    fn wanted(&self, file: &File, haystack: &Haystack<'_>) -> Result<bool, Failure> {
        let skip_devices = haystack.origin == Origin::Operand && self.job.walk.skip_device_operands;
        if !skip_devices && self.shared.output.is_none() {
            return Ok(true);
        }
        let meta = files::meta(file)?;
        if skip_devices && !matches!(meta.kind, FileKind::File | FileKind::Dir) {
            return Ok(false);
        }
        if self.shared.output == Some((meta.device, meta.inode)) {
            return Err(Failure::new("input file is also the output"));
        }
        Ok(true)
    }

    /// A printer for the lines of a file.
    pub(super) fn printer<'p>(
        &self,
        opened: &Opened<'p>,
        matcher: Option<&'p Matcher>,
    ) -> Printer<'p>
    where
        'j: 'p,
    {
        let settings = &self.job.output;
        let named = settings.names.shown(opened.origin == Origin::Walked);
        let above = settings.heading && matches!(self.job.want, Want::Lines);
        Printer {
            settings,
            matcher,
            path: opened.shown,
            valid: None,
            named: named && !above,
            above: named && above,
            width: self.number_width(&opened.source),
        }
    }

    /// Prints what `-c`, `-l` and `-L` want of a file with `count` selected lines or records.
    pub(super) fn summary(&self, printer: &Printer<'_>, count: u64, slot: &mut Slot<'_>) {
        if count > 0 {
            self.shared.select(&self.job.want);
        }
        if self.job.output.json {
            let path = Data(printer.path);
            let out = slot.buffer();
            match self.job.want {
                Want::Count | Want::CountMatches => {
                    json::message(out, "count", &json!({ "path": path, "count": count }));
                }
                Want::FilesWith if count > 0 => {
                    json::message(out, "file", &json!({ "path": path }));
                }
                Want::FilesWithout if count == 0 => {
                    json::message(out, "file", &json!({ "path": path }));
                }
                _ => return,
            }
            slot.line_done(self.job.output.line_buffered);
            return;
        }
        match self.job.want {
            Want::Count | Want::CountMatches => {
                if printer.named {
                    printer.name(slot.buffer(), b':');
                }
                let _ = writeln!(slot.buffer(), "{count}");
            }
            Want::FilesWith if count > 0 => printer.name_alone(slot.buffer()),
            Want::FilesWithout if count == 0 => printer.name_alone(slot.buffer()),
            _ => return,
        }
        slot.line_done(self.job.output.line_buffered);
    }

    /// Least width of numbers: with `-T` that of the largest in the file.
    fn number_width(&self, source: &Source<'_>) -> usize {
        if !self.job.output.initial_tab {
            return 0;
        }
        let size = source.size().unwrap_or(i64::MAX as u64);
        let largest = size.saturating_add(u64::from(self.job.output.line_number));
        largest.min(i64::MAX as u64).to_string().len()
    }
}
