//! Printing what was found in a file that is read as INI.

use super::findings::{Findings, Selected};
use super::lines::{content, lines_back, lines_in};
use super::opened::{Failure, ReadIni};
use super::record_json::record_of;
use super::slot::Slot;
use super::worker::Worker;
use crate::ini::record::View;
use crate::output::json::{JsonFile, Stats};
use crate::output::text::{Line, Role, each_match};
use crate::plan::{Action, Binary};
use std::ops::Range;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// A line to print, and why.
struct Row {
    /// Its bytes in the text.
    span: Range<usize>,
    /// The part that patterns see.
    field: Range<usize>,
    why: Why,
    /// Whether it is a State line.
    state: bool,
}

impl Row {
    /// The line, with its number.
    fn line<'t>(&self, text: &'t [u8], number: u64) -> Line<'t> {
        let start = self.span.start;
        Line {
            text: &text[self.span.clone()],
            number,
            role: match self.why {
                Why::Selected => Role::Selected,
                Why::Context | Why::Shown => Role::Context,
            },
            state: self.state,
            field: self.field.start - start..self.field.end - start,
        }
    }
}

/// Why a line is printed; where several reasons meet, the first counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    Selected,
    Context,
    Shown,
}

impl Worker<'_> {
    /// Prints what is wanted of a file.
    pub(super) fn report(
        &self,
        file: &ReadIni<'_>,
        findings: &Findings,
        slot: &mut Slot<'_>,
    ) -> Result<(), Failure> {
        let (job, text) = (self.job, file.view.text);
        let by_row = matches!(job.action, Action::Values(_) | Action::Lint);
        if findings.count > 0 && !by_row {
            self.shared.select();
        }
        let lines = matches!(job.action, Action::Lines) && job.output.json;
        // As JSON, lines are counted where they are printed.
        if !lines || findings.lines.is_empty() {
            self.count_stats(file, findings)?;
        }
        match &job.action {
            Action::Lines if !findings.lines.is_empty() => self.lines(file, findings, slot)?,
            Action::Values(columns) => self.values(file, findings, columns, slot),
            Action::Tally(keys) => {
                for target in &findings.records {
                    self.tally(&file.view, &target.record, keys);
                }
            }
            Action::Lint => self.lint(file, slot),
            action if action.sums_up() => {
                let count = match action {
                    Action::CountMatches => self.matches(findings, text)?,
                    _ => findings.count,
                };
                match file.opened.within.totals {
                    Some(totals) => {
                        totals.count.fetch_add(count, Ordering::Relaxed);
                    }
                    None => self.summary(&self.printer(file.opened, None), count, slot),
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Prints selected lines, their context, and the State lines of their records, in file order.
    fn lines(
        &self,
        file: &ReadIni<'_>,
        findings: &Findings,
        slot: &mut Slot<'_>,
    ) -> Result<(), Failure> {
        let (opened, text) = (file.opened, file.view.text);
        let settings = &self.job.output;
        let printer = self.printer(opened, self.job.matchers.ini());
        let mut rows = self.rows(&file.view, findings);
        let end = self.text_end(file);
        rows.retain(|row| row.span.start < end);
        let totals = opened.within.totals;
        let said = || totals.is_some_and(|totals| totals.binary.swap(true, Ordering::Relaxed));
        let last = findings.lines.last();
        if last.is_some_and(|last| last.line.start >= end) && !said() {
            slot.message(opened.shown, None, "binary file matches");
        }
        if settings.json && rows.is_empty() {
            return self.count_stats(file, findings);
        }
        let started = Instant::now();
        let mut json = settings.json.then(|| JsonFile::new(&printer));
        let mut numbers = file.numbers();
        let mut last_end = None;
        let mut headed = false;
        for row in rows {
            let number = match settings.line_number {
                true => numbers.at(row.span.start),
                false => 0,
            };
            let line = row.line(text, number);
            let offset = |at: usize| file.offset(row.span.start + at);
            if let Some(json) = &mut json {
                let record = match line.role {
                    Role::Selected => record_of(&file.view, findings, row.span.start),
                    Role::Context => None,
                };
                json.line(slot.buffer(), &line, offset(0), record)?;
                slot.line_done(settings.line_buffered);
                continue;
            }
            if row.why != Why::Shown {
                if settings.groups && last_end != Some(row.span.start) {
                    slot.separate();
                }
                last_end = Some(row.span.end);
            }
            if printer.above && !std::mem::replace(&mut headed, true) {
                if !settings.groups {
                    slot.separate();
                }
                printer.name_alone(slot.buffer());
            }
            printer.line(slot.buffer(), &line, &offset)?;
            slot.line_done(settings.line_buffered);
        }
        if let Some(json) = json {
            let bytes = file.document.bytes().len() as u64;
            let stats = json.end(slot.buffer(), bytes, findings.count, started);
            self.shared.add(&stats);
        }
        Ok(())
    }

    /// Where the lines of a text end that can be printed: before that with the first NUL byte; there are none where that byte
    /// is in the first read of the file.
    fn text_end(&self, file: &ReadIni<'_>) -> usize {
        let text = file.view.text;
        if self.job.binary != Binary::Binary {
            return text.len();
        }
        let nul = file.document.survey().nul.then(|| memchr::memchr(0, text));
        match nul.flatten() {
            _ if file.before().nul => 0,
            None => text.len(),
            Some(at) if file.offset(at) < self.shared.sizes.start => 0,
            Some(at) => memchr::memrchr(b'\n', &text[..at]).map_or(0, |end| end + 1),
        }
    }

    /// Counts a file for `--stats` and for the summary of `--json`.
    pub(super) fn count_stats(
        &self,
        file: &ReadIni<'_>,
        findings: &Findings,
    ) -> Result<(), Failure> {
        if !(self.job.stats || self.job.output.json) {
            return Ok(());
        }
        let lines = findings.lines.len() as u64;
        self.shared.add(&Stats {
            searches: 1,
            searches_with_match: u64::from(findings.count > 0),
            bytes_searched: file.document.bytes().len() as u64,
            // Where only records are counted, each is one.
            matched_lines: lines.max(findings.count),
            matches: match lines {
                0 => findings.count,
                _ => self.matches(findings, file.view.text)?,
            },
            ..Stats::default()
        });
        Ok(())
    }

    /// How many matches the selected lines have; a witness is one.
    fn matches(&self, findings: &Findings, text: &[u8]) -> Result<u64, Failure> {
        if self.job.output.invert {
            return Ok(0);
        }
        let Some(matcher) = self.job.matchers.ini() else {
            return Ok(findings.lines.len() as u64);
        };
        let mut matches = 0;
        for selected in &findings.lines {
            each_match(matcher, &text[selected.field.clone()], |_| matches += 1)?;
        }
        Ok(matches)
    }

    /// The lines to print, in file order.
    fn rows(&self, view: &View<'_>, findings: &Findings) -> Vec<Row> {
        let (job, text) = (self.job, view.text);
        let selected = |selected: &Selected| Row {
            span: selected.line.clone(),
            field: selected.field.clone(),
            why: Why::Selected,
            state: false,
        };
        let mut rows: Vec<Row> = findings.lines.iter().map(selected).collect();
        let other = |span: Range<usize>, why: Why, state: bool| Row {
            field: content(text, &span),
            span,
            why,
            state,
        };
        let context = |span| other(span, Why::Context, false);
        if job.before > 0 || job.after > 0 {
            // Context reaches from one selected line to the next: what lies beyond is the other one's.
            let mut floor = 0;
            for (index, Selected { line, .. }) in findings.lines.iter().enumerate() {
                let next = findings.lines.get(index + 1);
                let ceiling = next.map_or(text.len(), |next| next.line.start);
                let before = lines_back(text, floor..line.start).take(job.before);
                let after = lines_in(text, line.end..ceiling).take(job.after);
                rows.extend(before.chain(after).map(context));
                floor = line.end;
            }
        }
        if !job.output.only_matching {
            let state = findings.state.iter().map(|&item| (item, true));
            let around = findings.around.iter().map(|&item| (item, false));
            for (item, state) in state.chain(around) {
                let item = &view.scan.items[item];
                let stands_out = state && self.stands_out(item.key.of(text));
                let lines = lines_in(text, item.span.range());
                rows.extend(lines.map(|line| other(line, Why::Shown, stands_out)));
            }
        }
        rows.sort_by_key(|row| (row.span.start, row.why));
        rows.dedup_by(|later, earlier| {
            let same = later.span.start == earlier.span.start;
            earlier.state |= same && later.state;
            same
        });
        rows
    }
}
