//! Printing what was found in a file that is read as INI.

use super::findings::Findings;
use super::ini::{content, first_line};
use super::shared::Tally;
use super::worker::{Failure, Opened, Worker};
use crate::files::Document;
use crate::ini::record::{KeyName, Record, View};
use crate::output::Slot;
use crate::output::messages::shown_path;
use crate::output::text::{Line, Printer, Role};
use crate::plan::{Binary, Want};
use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Range;

/// A line to print, and why.
struct Row {
    line: Range<usize>,
    field: Range<usize>,
    why: Why,
    state: bool,
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
        document: &Document<'_>,
        view: &View<'_>,
        findings: &Findings,
        opened: &Opened<'_>,
        slot: &mut Slot<'_>,
    ) -> Result<(), Failure> {
        let job = self.job;
        if findings.count > 0 {
            self.shared.select(&job.want);
        }
        let printer = self.printer(opened, job.matchers.ini());
        match &job.want {
            Want::Quiet | Want::Discard => {}
            Want::Lines => {
                if findings.lines.is_empty() {
                    return Ok(());
                }
                if job.binary == Binary::Binary && memchr::memchr(0, view.text).is_some() {
                    let path = shown_path(opened.shown);
                    slot.message(format!("{}: {path}: binary file matches", job.program));
                    return Ok(());
                }
                return self.lines(document, view, findings, &printer, slot);
            }
            Want::Values(keys) => {
                for target in &findings.records {
                    values(view, &target.record, keys, &printer, slot);
                    slot.line_done(job.output.line_buffered);
                }
            }
            Want::Tally(key) => {
                for target in &findings.records {
                    let value = value_of(view, &target.record, key);
                    self.shared.count_value(value.as_deref());
                }
            }
            Want::Count | Want::FilesWith | Want::FilesWithout => {
                self.summary(&printer, findings.count, slot);
            }
        }
        Ok(())
    }

    /// Prints selected lines, their context, and the State lines of their records, in file order.
    fn lines(
        &self,
        document: &Document<'_>,
        view: &View<'_>,
        findings: &Findings,
        printer: &Printer<'_>,
        slot: &mut Slot<'_>,
    ) -> Result<(), Failure> {
        let text = view.text;
        let settings = &self.job.output;
        let rows = self.rows(view, findings);
        let (mut counted, mut number) = (0, 1);
        let mut last_end = None;
        for row in rows {
            if settings.line_number {
                number += memchr::memchr_iter(b'\n', &text[counted..row.line.start]).count() as u64;
                counted = row.line.start;
            }
            if row.why != Why::Shown {
                if settings.groups && last_end != Some(row.line.start) {
                    slot.separate();
                }
                last_end = Some(row.line.end);
            }
            let line = Line {
                text: &text[row.line.clone()],
                number,
                role: if row.why == Why::Selected {
                    Role::Selected
                } else {
                    Role::Context
                },
                state: row.state,
                field: row.field.start - row.line.start..row.field.end - row.line.start,
            };
            let offset = |at: usize| document.to_file(row.line.start + at) as u64;
            printer.line(slot.buffer(), &line, &offset)?;
            slot.line_done(settings.line_buffered);
        }
        Ok(())
    }

    /// The lines to print, in file order.
    fn rows(&self, view: &View<'_>, findings: &Findings) -> Vec<Row> {
        let text = view.text;
        let job = self.job;
        let mut rows: Vec<Row> = findings
            .lines
            .iter()
            .map(|selected| Row {
                line: selected.line.clone(),
                field: selected.field.clone(),
                why: Why::Selected,
                state: false,
            })
            .collect();
        let context = |line: Range<usize>, why: Why, state: bool| Row {
            field: content(text, &line),
            line,
            why,
            state,
        };
        for selected in &findings.lines {
            let mut start = selected.line.start;
            for _ in 0..job.before.min(start) {
                let Some(end) = start.checked_sub(1) else {
                    break;
                };
                let line_start = memchr::memrchr(b'\n', &text[..end]).map_or(0, |at| at + 1);
                rows.push(context(line_start..start, Why::Context, false));
                start = line_start;
            }
            let mut at = selected.line.end;
            for _ in 0..job.after {
                if at >= text.len() {
                    break;
                }
                let line = first_line(text, at);
                at = line.end;
                rows.push(context(line, Why::Context, false));
            }
        }
        if !job.output.only_matching {
            for &item in &findings.state {
                let span = view.scan.items[item].span.range();
                let mut at = span.start;
                while at < span.end {
                    let line = first_line(text, at);
                    at = line.end;
                    rows.push(context(line, Why::Shown, true));
                }
            }
        }
        rows.sort_by_key(|row| (row.line.start, row.why));
        rows.dedup_by(|later, earlier| {
            let same = later.line.start == earlier.line.start;
            earlier.state |= same && later.state;
            same
        });
        rows
    }
}

/// The value of a key in a record: of the line that counts, line breaks as blanks; none where it is missing.
fn value_of<'t>(view: &View<'t>, record: &Record, key: &KeyName) -> Option<Cow<'t, [u8]>> {
    let lines = view.effective(record, key);
    let item = *lines.first()?;
    let value = view.value(item).unwrap_or(Cow::Borrowed(b""));
    if memchr::memchr2(b'\n', b'\r', &value).is_none() {
        return Some(value);
    }
    let one_line = value.iter().map(|&byte| {
        if matches!(byte, b'\n' | b'\r') {
            b' '
        } else {
            byte
        }
    });
    Some(Cow::Owned(one_line.collect()))
}

/// Prints the row of one record.
fn values(
    view: &View<'_>,
    record: &Record,
    keys: &[KeyName],
    printer: &Printer<'_>,
    slot: &mut Slot<'_>,
) {
    let out = slot.buffer();
    if printer.settings.names_asked {
        let end: &[u8] = if printer.settings.null_after_name {
            b"\0"
        } else {
            b"\t"
        };
        let _ = out
            .write_all(printer.path)
            .and_then(|()| out.write_all(end));
    }
    for (at, key) in keys.iter().enumerate() {
        if at > 0 {
            let _ = out.write_all(b"\t");
        }
        if let Some(value) = value_of(view, record, key) {
            let _ = out.write_all(&value);
        }
    }
    let _ = out.write_all(b"\n");
}

/// Prints a tally: most frequent value first, then by value; records without the key last.
pub(super) fn tally(out: &mut impl Write, tally: Tally) -> io::Result<()> {
    let mut rows: Vec<(Vec<u8>, u64)> = tally.values.into_iter().collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    if tally.missing > 0 {
        rows.push((b"(missing)".to_vec(), tally.missing));
    }
    for (value, count) in rows {
        write!(out, "{count}\t")?;
        out.write_all(&value)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
