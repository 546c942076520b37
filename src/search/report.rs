//! Printing what was found in a file that is read as INI.

use super::findings::{Findings, Selected};
use super::lines::{content, first_line};
use super::opened::{Failure, ReadIni};
use super::slot::Slot;
use super::worker::Worker;
use crate::ini::record::View;
use crate::output::json::Stats;
use crate::output::text::{Line, Role, each_match};
use crate::plan::{Action, Binary};
use std::ops::Range;
use std::sync::atomic::Ordering;

/// A line to print, and why.
pub(super) struct Row {
    /// Its bytes in the text.
    pub span: Range<usize>,
    /// The part that patterns see.
    pub field: Range<usize>,
    why: Why,
    /// Whether it is a State line.
    pub state: bool,
}

impl Row {
    /// The line, with its number.
    pub(super) fn line<'t>(&self, text: &'t [u8], number: u64) -> Line<'t> {
        let start = self.span.start;
        Line {
            text: &text[self.span.clone()],
            number,
            role: self.role(),
            state: self.state,
            field: self.field.start - start..self.field.end - start,
        }
    }

    /// How it is printed.
    pub(super) fn role(&self) -> Role {
        match self.why {
            Why::Selected => Role::Selected,
            Why::Context | Why::Shown => Role::Context,
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
        let (job, opened, text) = (self.job, file.opened, file.view.text);
        let by_row = matches!(job.action, Action::Values(_) | Action::Lint);
        if findings.count > 0 && !by_row {
            self.shared.select(&job.action);
        }
        let printer = self.printer(opened, job.matchers.ini());
        let count = |count: u64, slot: &mut Slot<'_>| match opened.within.totals {
            Some(totals) => {
                totals.count.fetch_add(count, Ordering::Relaxed);
            }
            None => self.summary(&printer, count, slot),
        };
        let lines = matches!(job.action, Action::Lines) && job.output.json;
        // As JSON, lines are counted where they are printed.
        if !lines || findings.lines.is_empty() {
            self.count_stats(file.document.bytes().len(), findings, text)?;
        }
        match &job.action {
            Action::Nothing | Action::Quiet | Action::Discard | Action::Edit(_) => {}
            Action::Lines => {
                if findings.lines.is_empty() {
                    return Ok(());
                }
                return self.lines(file, findings, slot);
            }
            Action::Values(columns) => {
                self.values(file, findings, columns, slot);
            }
            Action::Tally(keys) => {
                for target in &findings.records {
                    self.tally(&file.view, &target.record, keys);
                }
            }
            Action::Lint => self.lint(file, slot),
            Action::CountMatches => {
                let mut matches = 0;
                for selected in &findings.lines {
                    matches += self.matches_in(selected, text)?;
                }
                count(matches, slot);
            }
            Action::Count | Action::FilesWith | Action::FilesWithout => {
                count(findings.count, slot);
            }
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
        let last = findings.lines.last();
        let said = || {
            opened
                .within
                .totals
                .is_some_and(|totals| totals.binary.swap(true, Ordering::Relaxed))
        };
        if last.is_some_and(|last| last.line.start >= end) && !said() {
            slot.message(opened.shown, None, "binary file matches");
        }
        if settings.json {
            return match rows.is_empty() {
                true => Ok(()),
                false => self.json_rows(file, findings, &rows, slot),
            };
        }
        let mut numbers = file.numbers();
        let mut last_end = None;
        let mut headed = false;
        for row in rows {
            let number = match settings.line_number {
                true => numbers.at(row.span.start),
                false => 0,
            };
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
            let line = row.line(text, number);
            let offset = |at: usize| file.offset(row.span.start + at);
            printer.line(slot.buffer(), &line, &offset)?;
            slot.line_done(settings.line_buffered);
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
        bytes: usize,
        findings: &Findings,
        text: &[u8],
    ) -> Result<(), Failure> {
        if !(self.job.stats || self.job.output.json) {
            return Ok(());
        }
        let mut stats = Stats {
            searches: 1,
            searches_with_match: u64::from(findings.count > 0),
            bytes_searched: bytes as u64,
            // Where only records are counted, each is one.
            matched_lines: (findings.lines.len() as u64).max(findings.count),
            ..Stats::default()
        };
        for selected in &findings.lines {
            stats.matches += self.matches_in(selected, text)?;
        }
        if findings.lines.is_empty() {
            stats.matches = findings.count;
        }
        self.shared.add(&stats);
        Ok(())
    }

    /// How many matches a selected line has; a witness is one.
    fn matches_in(&self, selected: &Selected, text: &[u8]) -> Result<u64, Failure> {
        if self.job.output.invert {
            return Ok(0);
        }
        let Some(matcher) = self.job.matchers.ini() else {
            return Ok(1);
        };
        let field = &text[selected.field.clone()];
        let mut matches = 0;
        each_match(matcher, field, |_| matches += 1)?;
        Ok(matches)
    }

    /// The lines to print, in file order.
    fn rows(&self, view: &View<'_>, findings: &Findings) -> Vec<Row> {
        let text = view.text;
        let job = self.job;
        let mut rows: Vec<Row> = findings
            .lines
            .iter()
            .map(|selected| Row {
                span: selected.line.clone(),
                field: selected.field.clone(),
                why: Why::Selected,
                state: false,
            })
            .collect();
        let context = |span: Range<usize>, why: Why, state: bool| Row {
            field: content(text, &span),
            span,
            why,
            state,
        };
        for (index, selected) in findings.lines.iter().enumerate() {
            // Context reaches from one selected line to the next: what lies beyond is the other one's.
            let before = index.checked_sub(1).map(|before| &findings.lines[before]);
            let floor = before.map_or(0, |before| before.line.end);
            let after = findings.lines.get(index + 1);
            let ceiling = after.map_or(text.len(), |after| after.line.start);
            let mut start = selected.line.start;
            for _ in 0..job.before {
                if start <= floor {
                    break;
                }
                let end = start - 1;
                let line_start = memchr::memrchr(b'\n', &text[..end]).map_or(0, |at| at + 1);
                rows.push(context(line_start..start, Why::Context, false));
                start = line_start;
            }
            let mut at = selected.line.end;
            for _ in 0..job.after {
                if at >= ceiling {
                    break;
                }
                let line = first_line(text, at);
                at = line.end;
                rows.push(context(line, Why::Context, false));
            }
        }
        if !job.output.only_matching {
            let state = findings.state.iter().map(|&item| (item, true));
            let around = findings.around.iter().map(|&item| (item, false));
            for (item, state) in state.chain(around) {
                let item = &view.scan.items[item];
                let stands_out = state && self.stands_out(item.key.of(text));
                let span = item.span.range();
                let mut at = span.start;
                while at < span.end {
                    let line = first_line(text, at);
                    at = line.end;
                    rows.push(context(line, Why::Shown, stands_out));
                }
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
