//! One worker: opens a file, decides how it is read, and hands it to the text or the INI search.

use super::shared::Shared;
use crate::files::walk::{Batch, Haystack, Origin, errno_text};
use crate::files::{read, select};
use crate::ini::Scan;
use crate::output::Slot;
use crate::output::messages::shown_path;
use crate::output::text::Printer;
use crate::pattern::MatchError;
use crate::plan::{IniWhen, Job, Task, Want};
use grep_searcher::{Searcher, SearcherBuilder};
use rustix::fs::{FileType, OFlags, fstat};
use rustix::io::Errno;
use std::borrow::Cow;
use std::os::fd::OwnedFd;

/// What a worker keeps from file to file.
pub struct Worker<'j> {
    pub(super) job: &'j Job,
    pub(super) shared: &'j Shared,
    pub(super) buffer: Vec<u8>,
    pub(super) scan: Scan,
    /// For text; made when the first such file comes.
    pub(super) searcher: Option<Searcher>,
    /// What text is read into.
    pub(super) chunk: Vec<u8>,
}

/// A file that is open for the search.
pub struct Opened<'f> {
    /// The file; standard input too.
    pub file: &'f OwnedFd,
    /// Its name as it is shown.
    pub shown: Cow<'f, [u8]>,
    /// How it was found.
    pub origin: Origin,
    /// Where its batch stands in the order.
    pub batch: u64,
}

/// Why a file was not searched or edited to its end; the message follows the file's name.
#[derive(Debug)]
pub struct Failure {
    /// The line it is about, from 1.
    pub line: Option<u64>,
    /// What happened, and the way out.
    pub what: String,
}

impl Failure {
    /// A failure of the whole file.
    pub fn new(what: impl Into<String>) -> Failure {
        Failure {
            line: None,
            what: what.into(),
        }
    }
}

impl From<Errno> for Failure {
    fn from(errno: Errno) -> Failure {
        Failure::new(errno_text(errno))
    }
}

impl From<MatchError> for Failure {
    fn from(error: MatchError) -> Failure {
        Failure::new(error.to_string())
    }
}

impl<'j> Worker<'j> {
    /// A worker for `job`.
    pub fn new(job: &'j Job, shared: &'j Shared) -> Worker<'j> {
        Worker {
            job,
            shared,
            buffer: Vec::new(),
            scan: Scan::default(),
            searcher: None,
            chunk: Vec::new(),
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

    /// Searches one file and prints what is wanted of it.
    pub fn search(&mut self, batch: &Batch, haystack: &Haystack<'_>, slot: &mut Slot<'_>) {
        let result = self.try_search(batch, haystack, slot);
        if let Err(failure) = result {
            self.shared.fail();
            if !self.job.no_messages {
                let path = shown_path(self.shown(haystack));
                let line = failure
                    .line
                    .map_or(String::new(), |line| format!("{line}:"));
                slot.message(format!(
                    "{}: {path}:{line} {}",
                    self.job.program, failure.what
                ));
            }
        }
    }

    fn shown<'h>(&'h self, haystack: &'h Haystack<'_>) -> &'h [u8] {
        match haystack.origin {
            Origin::Stdin => &self.job.output.label,
            _ => haystack.path,
        }
    }

    fn try_search(
        &mut self,
        batch: &Batch,
        haystack: &Haystack<'_>,
        slot: &mut Slot<'_>,
    ) -> Result<(), Failure> {
        let file = match haystack.origin {
            // A copy, so that closing it leaves standard input open.
            Origin::Stdin => rustix::io::dup(rustix::stdio::stdin())?,
            Origin::Operand if self.job.walk.skip_device_operands => {
                // Opening a FIFO must not wait for its writer.
                read::open(None, haystack.name, OFlags::NONBLOCK)?
            }
            Origin::Operand => read::open(None, haystack.name, OFlags::empty())?,
            Origin::Walked => {
                let follow =
                    self.job.walk.folders == crate::files::walk::Folders::Recurse { follow: true };
                let flags = if follow {
                    OFlags::empty()
                } else {
                    OFlags::NOFOLLOW
                };
                read::open(batch.folder.as_deref(), haystack.name, flags)?
            }
        };
        if !self.wanted(&file, haystack)? {
            return Ok(());
        }
        self.shared.count_file();
        let ini = match self.job.ini.when {
            IniWhen::Never => false,
            IniWhen::ByName => select::is_ini(haystack.path),
            IniWhen::Always => true,
        };
        let shown = Cow::Owned(self.shown(haystack).to_vec());
        let opened = Opened {
            file: &file,
            shown,
            origin: haystack.origin,
            batch: batch.index,
        };
        match (&self.job.task, ini) {
            (Task::Edit(rules), _) => self.edit(&opened, haystack.path, ini, rules, slot),
            (_, true) => self.search_ini(&opened, slot),
            (_, false) => self.search_text(&opened, slot),
        }
    }

    /// Whether an open file is to be searched: the rules for devices, and for standard output as input.
    fn wanted(&self, file: &OwnedFd, haystack: &Haystack<'_>) -> Result<bool, Failure> {
        let skip_devices = haystack.origin == Origin::Operand && self.job.walk.skip_device_operands;
        if !skip_devices && self.shared.output.is_none() {
            return Ok(true);
        }
        let stat = fstat(file)?;
        let kind = FileType::from_raw_mode(stat.st_mode);
        if skip_devices && !matches!(kind, FileType::RegularFile | FileType::Directory) {
            return Ok(false);
        }
        if self.shared.output == Some((stat.st_dev as u64, stat.st_ino as u64)) {
            return Err(Failure::new("input file is also the output"));
        }
        Ok(true)
    }

    /// A printer for the lines of a file.
    pub(super) fn printer<'p>(
        &self,
        opened: &'p Opened<'_>,
        matcher: Option<&'p crate::pattern::Matcher>,
        width: usize,
    ) -> Printer<'p>
    where
        'j: 'p,
    {
        let walked = opened.origin == Origin::Walked;
        Printer {
            settings: &self.job.output,
            matcher,
            path: &opened.shown,
            valid: None,
            named: self.job.output.names.shown(walked),
            width,
        }
    }

    /// Prints what `-c`, `-l` and `-L` want of a file with `count` selected lines or records.
    pub(super) fn summary(&self, printer: &Printer<'_>, count: u64, slot: &mut Slot<'_>) {
        use std::io::Write;
        if count > 0 {
            self.shared.select(&self.job.want);
        }
        match self.job.want {
            Want::Count => {
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

    /// Least width of numbers: with `-T` that of the largest in a file of `size` bytes.
    pub(super) fn number_width(&self, file: &OwnedFd) -> usize {
        if !self.job.output.initial_tab {
            return 0;
        }
        let size = fstat(file)
            .ok()
            .filter(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)
            .map_or(i64::MAX as u64, |stat| stat.st_size as u64);
        let largest = size.saturating_add(u64::from(self.job.output.line_number));
        largest.min(i64::MAX as u64).to_string().len()
    }
}
