//! The findings of a file read as INI, as JSON Lines.

use super::findings::Findings;
use super::opened::{Failure, ReadIni};
use super::report::Row;
use super::slot::Slot;
use super::worker::Worker;
use crate::change::edit::Edits;
use crate::change::text_edit::TextEdit;
use crate::ini::record::View;
use crate::output::json::{self, Data, JsonFile};
use crate::output::text::Role;
use serde_json::{Value, json};
use std::ops::Range;
use std::time::Instant;

impl Worker<'_> {
    /// Prints begin, the lines and end.
    pub(super) fn json_rows(
        &self,
        file: &ReadIni<'_>,
        findings: &Findings,
        rows: &[Row],
        slot: &mut Slot<'_>,
    ) -> Result<(), Failure> {
        let started = Instant::now();
        let printer = self.printer(file.opened, self.job.matchers.ini());
        let mut lines = JsonFile::new(&printer);
        let mut numbers = file.numbers();
        for row in rows {
            let start = row.span.start;
            let line = row.line(file.view.text, numbers.at(start));
            let record = match line.role {
                Role::Selected => self.record_of(&file.view, findings, start),
                Role::Context => None,
            };
            lines.line(slot.buffer(), &line, file.offset(start), record)?;
            slot.line_done(self.job.output.line_buffered);
        }
        let bytes = file.document.bytes().len() as u64;
        let stats = lines.end(slot.buffer(), bytes, findings.count, started);
        self.shared.add(&stats);
        Ok(())
    }

    /// Section, and keys shown, of the record that holds the matching line at `offset`: those of its section, or where that
    /// has none, of the only other one that has.
    fn record_of(&self, view: &View<'_>, findings: &Findings, offset: usize) -> Option<Value> {
        let item = view.scan.item_at(offset)?;
        let section = view.scan.section_of(item);
        let (records, state, fallbacks) = (
            &findings.records,
            &findings.state,
            &findings.fallback_sections,
        );
        let first = if view.merges() {
            view.first(section)
        } else {
            section
        };
        let until = records.partition_point(|target| target.record.start() <= first);
        let record = &records.get(until.checked_sub(1)?)?.record;
        if !view.has(record, section) {
            return None;
        }
        let shown_in = |items: Range<usize>| {
            let first = state.partition_point(|&state| state < items.start);
            let end = state.partition_point(|&state| state < items.end);
            &state[first..end]
        };
        let mut shown = shown_in(view.scan.sections[section].items.clone());
        if shown.is_empty() {
            let at = fallbacks.partition_point(|&section| section < record.start());
            // Of records that lie apart the next one's would be met first.
            let most = if view.merges() { fallbacks.len() } else { 1 };
            let mut of_record = fallbacks[at..].iter().take(most);
            let section = of_record.find(|&&section| view.has(record, section));
            let items = section.map(|&section| view.scan.sections[section].items.clone());
            shown = items.map_or(&[], shown_in);
        }
        let keys: Vec<Value> = shown
            .iter()
            .map(|&state| {
                let key = Data(view.scan.items[state].key.of(view.text));
                json!({ "key": key, "value": view.value(state).map(|value| json!(Data(&value))) })
            })
            .collect();
        Some(json!({ "section": Data(view.section_name(section)), "keys": keys }))
    }
}

/// Prints each edit of a file, as it is in the text and in the file's own bytes.
pub(super) fn json_edits(
    file: &ReadIni<'_>,
    edits: &[TextEdit],
    file_edits: &Edits,
    slot: &mut Slot<'_>,
) {
    let (view, text) = (&file.view, file.view.text);
    let mut numbers = file.numbers();
    for (edit, at) in file_edits
        .iter()
        .zip(edits.iter().map(|edit| edit.span.start))
    {
        let item = view.scan.item_at(at.min(text.len().saturating_sub(1)));
        let found = item.map(|item| &view.scan.items[item]);
        let section = item.map(|item| view.section_name(view.scan.section_of(item)));
        let key = found
            .filter(|item| item.has_key())
            .map(|item| Data(item.key.of(text)));
        let body = json!({
            "path": Data(file.opened.shown),
            "line_number": numbers.at(at),
            "span": { "start": edit.start, "end": edit.end() },
            "old": Data(edit.old),
            "new": Data(edit.new),
            "section": section.map(Data),
            "key": key,
        });
        json::message(slot.buffer(), "edit", &body);
    }
}
