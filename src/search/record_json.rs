//! The findings of a file read as INI, as JSON Lines.

use super::findings::Findings;
use super::report::{Row, value_of};
use super::worker::{Failure, Opened, Worker};
use crate::edit::change::Edit;
use crate::files::Document;
use crate::ini::record::{KeyName, View};
use crate::output::Slot;
use crate::output::json::{self, JsonLine, Stats, data};
use crate::output::text::{Line, Printer, Role};
use serde_json::{Map, Value, json};
use std::time::Instant;

impl Worker<'_> {
    /// Prints begin, the lines and end.
    pub(super) fn json_rows(
        &self,
        document: &Document<'_>,
        view: &View<'_>,
        findings: &Findings,
        rows: &[Row],
        printer: &Printer<'_>,
        slot: &mut Slot<'_>,
    ) -> Result<(), Failure> {
        let started = Instant::now();
        let text = view.text;
        let mut stats = Stats {
            searches: 1,
            searches_with_match: 1,
            bytes_printed: json::begin(slot.buffer(), printer.path),
            ..Stats::default()
        };
        stats.bytes_searched = document.bytes().len() as u64;
        let (mut counted, mut number) = (0, 1);
        for row in rows {
            number += memchr::memchr_iter(b'\n', &text[counted..row.line.start]).count() as u64;
            counted = row.line.start;
            let matching = row.role() == Role::Selected;
            let line = Line {
                text: &text[row.line.clone()],
                number,
                role: row.role(),
                state: row.state,
                field: row.field.start - row.line.start..row.field.end - row.line.start,
            };
            let mut matches = Vec::new();
            if matching && !self.job.output.invert {
                printer.each_match(&line, |found| matches.push(found))?;
            }
            stats.matched_lines += u64::from(matching);
            stats.matches += matches.len() as u64;
            let record = matching
                .then(|| record_of(view, findings, row.line.start))
                .flatten();
            let line = JsonLine {
                path: printer.path,
                text: line.text,
                number: Some(number),
                offset: document.to_file(row.line.start) as u64,
                matches: &matches,
                record,
            };
            stats.bytes_printed += json::line(slot.buffer(), &line, matching);
            slot.line_done(self.job.output.line_buffered);
        }
        stats.elapsed = started.elapsed();
        json::end(slot.buffer(), printer.path, None, &stats);
        self.shared.add(&stats);
        Ok(())
    }

    /// Prints the values of each selected record.
    pub(super) fn json_values(
        &self,
        view: &View<'_>,
        findings: &Findings,
        keys: &[KeyName],
        opened: &Opened<'_>,
        slot: &mut Slot<'_>,
    ) {
        for target in &findings.records {
            let mut values = Map::new();
            for key in keys {
                let value = value_of(view, &target.record, key);
                values.insert(
                    key_text(key),
                    value.map_or(Value::Null, |value| data(&value)),
                );
            }
            let section = target.lines.first().map(|&item| view.scan.section_of(item));
            let section = section.map_or(Value::Null, |section| data(view.section_name(section)));
            let body = json!({ "path": data(opened.shown), "section": section, "values": values });
            json::message(slot.buffer(), "values", body);
            slot.line_done(self.job.output.line_buffered);
        }
    }

    /// Prints each edit of a file.
    pub(super) fn json_edits(
        &self,
        document: &Document<'_>,
        view: &View<'_>,
        places: &[usize],
        edits: &[Edit],
        opened: &Opened<'_>,
        slot: &mut Slot<'_>,
    ) {
        let text = document.text();
        for (edit, &at) in edits.iter().zip(places) {
            let item = view.scan.item_at(at.min(text.len().saturating_sub(1)));
            let found = item
                .map(|item| &view.scan.items[item])
                .filter(|item| item.has_key());
            let section = item.map(|item| view.section_name(view.scan.section_of(item)));
            let body = json!({
                "path": data(opened.shown),
                "line_number": 1 + memchr::memchr_iter(b'\n', &text[..at]).count(),
                "span": { "start": edit.span.start, "end": edit.span.end },
                "old": data(&edit.old),
                "new": data(&edit.new),
                "section": section.map(data),
                "key": found.map(|item| data(item.key.of(text))),
            });
            json::message(slot.buffer(), "edit", body);
        }
    }
}

/// A key as it was asked for.
fn key_text(name: &KeyName) -> String {
    let key = String::from_utf8_lossy(&name.key);
    match &name.section {
        Some(section) => format!("[{}]{key}", String::from_utf8_lossy(section)),
        None => key.into_owned(),
    }
}

/// Section, and keys shown, of the record that holds the line at `offset`.
fn record_of(view: &View<'_>, findings: &Findings, offset: usize) -> Option<Value> {
    let item = view.scan.item_at(offset)?;
    let target = findings
        .records
        .iter()
        .find(|target| view.items(&target.record).contains(&item))?;
    let items = view.items(&target.record);
    let keys: Vec<Value> = findings
        .state
        .iter()
        .filter(|state| items.contains(state))
        .map(|&state| {
            let key = data(view.scan.items[state].key.of(view.text));
            json!({ "key": key, "value": view.value(state).map(|value| data(&value)) })
        })
        .collect();
    let section = view.section_name(view.scan.section_of(item));
    Some(json!({ "section": data(section), "keys": keys }))
}
