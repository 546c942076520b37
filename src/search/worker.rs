//! One worker: opens the files of a batch, decides how each is read, and hands it to the text or the INI search.

use super::aligned::LongFile;
use super::huge::{Huge, Room};
use super::large::{LargeIni, Stage};
use super::needs;
use super::opened::{Failure, Opened, Searched, Within};
use super::shared::Shared;
use super::slot::Slot;
use super::work::Waits;
use crate::files::walk::{Folders, Step};
use crate::files::walk_error::{Problem, WalkError};
use crate::files::{Batch, Haystack, Origin, Source, select};
use crate::ini::{Dialect, Scan};
use crate::output::json::{self, Data};
use crate::output::text::Printer;
use crate::pattern::Matcher;
use crate::plan::{Action, IniWhen, Job};
use crate::system::{Dir, FileKind, Opening, errors, files, streams};
use grep_searcher::{Searcher, SearcherBuilder};
use serde_json::json;
use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// One piece of work.
pub(super) enum Work {
    /// A step of the walk.
    Walk(Step),
    /// The piece of a huge file with that number.
    Piece(Arc<Huge>, usize),
    /// What follows when all pieces of a huge file are done.
    Rest(Arc<Huge>),
    /// A stage of the search of a large file that is read as INI.
    Large(Arc<LargeIni>, Stage),
}

impl Waits for Work {
    fn waits(&self) -> bool {
        match self {
            Work::Walk(Step::End(_, met)) => !met.load(Ordering::Relaxed),
            Work::Rest(_) | Work::Large(_, Stage::Decide { .. } | Stage::End) => true,
            _ => false,
        }
    }
}

impl Work {
    fn pieces(huge: Huge) -> Vec<Work> {
        let huge = Arc::new(huge);
        let pieces = (0..huge.places.len()).map(|index| Work::Piece(Arc::clone(&huge), index));
        let mut work: Vec<Work> = pieces.collect();
        work.push(Work::Rest(huge));
        work
    }

    fn stages(large: &Arc<LargeIni>, stages: Vec<Stage>) -> Vec<Work> {
        let work = |stage| Work::Large(Arc::clone(large), stage);
        stages.into_iter().map(work).collect()
    }
}

/// What a worker keeps from file to file.
pub(super) struct Worker<'j> {
    pub(super) job: &'j Job,
    pub(super) shared: &'j Shared,
    pub(super) buffer: Vec<u8>,
    pub(super) scan: Scan,
    /// For text that is printed as JSON; made when the first such file comes.
    pub(super) searcher: Option<Searcher>,
    /// What text is read into.
    pub(super) chunk: Vec<u8>,
    /// For pieces of huge files.
    pub(super) room: Room,
    /// Huge files are searched by pieces.
    cuts: bool,
    /// Large files that are read as INI are, too.
    cuts_ini: bool,
    /// Whether sections are records, where that is known of a file that is searched by pieces.
    pub(super) decided: Option<bool>,
    /// The rules of the file that is searched.
    pub(super) dialect: &'j Dialect,
    /// The path of a file.
    path: Vec<u8>,
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
            chunk: Vec::new(),
            room: Room::default(),
            dialect: job.ini.dialects.of(b""),
            cuts: parallel && needs::may_cut(job) && !matches!(job.action, Action::CountMatches),
            cuts_ini: needs::may_cut_ini(job),
            decided: None,
            path: Vec::new(),
        }
    }

    /// A searcher for text.
    pub(super) fn new_searcher(&self) -> Searcher {
        SearcherBuilder::new()
            .line_terminator(grep_matcher::LineTerminator::byte(
                self.job.output.terminator,
            ))
            .line_number(self.job.output.line_number)
            .invert_match(self.job.output.invert)
            .before_context(self.job.before)
            .after_context(self.job.after)
            .bom_sniffing(false)
            .build()
    }

    /// Does one piece of work; returns what it leads to.
    pub(super) fn work(&mut self, work: Work, slot: &mut Slot<'_>) -> Vec<Work> {
        match work {
            Work::Walk(Step::Files(batch)) => return self.files(batch, slot),
            Work::Walk(Step::Problem(problem)) => self.problem(&problem, slot),
            Work::Walk(step) => {
                let mut steps = self.job.walk.expand(&self.job.operands, step);
                return match steps.pop() {
                    // A small folder is searched at once.
                    Some(Step::Files(batch)) if steps.is_empty() => self.files(batch, slot),
                    last => steps.into_iter().chain(last).map(Work::Walk).collect(),
                };
            }
            Work::Piece(huge, index) => self.piece(&huge, index, slot),
            Work::Large(large, stage) => {
                let stages = self.large(&large, stage, slot);
                return Work::stages(&large, stages);
            }
            Work::Rest(huge) => {
                let rest = huge.reached().map(|at| self.search_rest(&huge, at, slot));
                match rest {
                    None | Some(Ok(Searched::Done)) => {}
                    Some(Ok(Searched::Cut(reached, binary))) => {
                        let long = Arc::clone(&huge.long);
                        return Work::pieces(Huge::new(long, reached, binary, self.job));
                    }
                    Some(Err(failure)) => self.report_failure(&huge.long.shown, failure, slot),
                }
            }
        }
        Vec::new()
    }

    fn problem(&self, problem: &Problem, slot: &mut Slot<'_>) {
        let warns = matches!(problem.what, WalkError::Loop | WalkError::NotIncluded);
        if !warns {
            self.shared.fail();
        }
        if !self.job.no_messages {
            let warning = if warns { "warning: " } else { "" };
            let text = format_args!("{warning}{}", problem.what);
            slot.message(&problem.path, None, text);
        }
    }

    /// Searches each file of a batch, up to one that is cut in pieces: these and what follows it are left.
    fn files(&mut self, batch: Batch, slot: &mut Slot<'_>) -> Vec<Work> {
        let mut left = Vec::new();
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
                Ok(pieces) if pieces.is_empty() => {}
                Ok(pieces) => {
                    left = pieces;
                    left.extend(batch.rest(at + 1).map(|rest| Work::Walk(Step::Files(rest))));
                    break;
                }
                Err(failure) => self.report_file(&haystack, failure, slot),
            }
        }
        self.path = path;
        left
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
    ) -> Result<Vec<Work>, Failure> {
        let file = match haystack.origin {
            // A copy, so that closing it leaves standard input open.
            Origin::Stdin => streams::input()?,
            _ => self.open(folder, haystack)?,
        };
        if !self.wanted(&file, haystack)? {
            return Ok(Vec::new());
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
            within: Within::default(),
        };
        self.dialect = self.job.ini.dialects.of(haystack.path);
        match (&self.job.action, ini) {
            (Action::Edit(rules), _) => self.edit(&opened, haystack.path, ini, rules, slot)?,
            (_, true) => {
                if !self.search_ini(&opened, self.cuts_ini, slot)? {
                    let (shown, sizes) = (self.shown(haystack), self.shared.sizes);
                    let large = LargeIni::new(file, shown, haystack.origin, sizes, self.job);
                    let stages = large.begin();
                    return Ok(Work::stages(&Arc::new(large), stages));
                }
            }
            (_, false) => {
                if let Searched::Cut(reached, binary) =
                    self.search_text(&opened, self.cuts, slot)?
                {
                    let (local, origin) = (source.short_read_ends, haystack.origin);
                    let long = LongFile::new(file, self.shown(haystack), origin, local);
                    let huge = Huge::new(Arc::new(long), reached, binary, self.job);
                    return Ok(Work::pieces(huge));
                }
            }
        }
        Ok(Vec::new())
    }

    /// Opens a file. Opening a FIFO does not wait for its writer where it is passed over or refused; and where a file is to be
    /// edited that another program keeps from being opened, it is waited for a while, once in a run.
    fn open(&self, folder: Option<&Dir>, haystack: &Haystack<'_>) -> Result<File, Failure> {
        let (walk, edits) = (&self.job.walk, matches!(self.job.action, Action::Edit(_)));
        let operand = haystack.origin == Origin::Operand;
        let how = Opening {
            follow: operand || walk.folders == Folders::Recurse { follow: true },
            wait: !(edits || operand && walk.skip_device_operands),
        };
        let mut end = None;
        loop {
            let opened = files::open(folder.filter(|_| !operand), haystack.name, how);
            match opened {
                Err(error) if edits && errors::held_by_another(&error) => {
                    let end = end.get_or_insert_with(|| Instant::now() + self.shared.patience());
                    if Instant::now() >= *end {
                        self.shared.lose_patience();
                        let what =
                            "another program has it open; run the command again when that is done";
                        return Err(Failure::new(what));
                    }
                    std::thread::sleep(Duration::from_millis(10));
                }
                opened => return Ok(opened?),
            }
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
        let above = settings.heading && self.job.action.prints_lines();
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
            self.shared.select();
        }
        match self.job.action {
            Action::Count | Action::CountMatches => print_total(printer, Some(count), slot),
            Action::FilesWith if count > 0 => print_total(printer, None, slot),
            Action::FilesWithout if count == 0 => print_total(printer, None, slot),
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

/// Prints how many there are in a file, or its name alone.
pub(super) fn print_total(printer: &Printer<'_>, count: Option<u64>, slot: &mut Slot<'_>) {
    let (out, path) = (slot.buffer(), Data(printer.path));
    match (printer.settings.json, count) {
        (true, None) => {
            json::message(out, "file", &json!({ "path": path }));
        }
        (true, Some(count)) => {
            json::message(out, "count", &json!({ "path": path, "count": count }));
        }
        (false, None) => printer.name_alone(out),
        (false, Some(count)) => {
            if printer.named {
                printer.name(out, b':');
            }
            let _ = writeln!(out, "{count}");
        }
    }
}
