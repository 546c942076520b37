//! The findings of a file read as INI, as JSON Lines.

use super::findings::Findings;
use super::opened::ReadIni;
use super::slot::Slot;
use crate::change::edit::Edits;
use crate::change::text_edit::TextEdit;
use crate::ini::record::View;
use crate::output::json::{self, Data};
use serde_json::{Value, json};

/// Section, and keys shown, of the record that holds the matching line at `offset`: those of its section, or where that
/// has none, of the only other one that has.
pub(super) fn record_of(view: &View<'_>, findings: &Findings, offset: usize) -> Option<Value> {
    let item = view.scan.item_at(offset)?;
    let section = view.scan.section_of(item);
    let (records, state) = (&findings.records, &findings.state);
    let first = match view.merges() {
        true => view.first(section),
        false => section,
    };
    let until = records.partition_point(|target| target.record.start() <= first);
    let record = until.checked_sub(1)?;
    if !view.has(&records[record].record, section) {
        return None;
    }
    // A section is all that are one with it.
    let shown_in = |section: usize| -> Vec<usize> {
        let instances = view.of_section(section);
        let shown = view.sections(&instances).flat_map(|at| {
            let items = &view.scan.sections[at].items;
            let first = state.partition_point(|&state| state < items.start);
            let end = state.partition_point(|&state| state < items.end);
            &state[first..end]
        });
        shown.copied().collect()
    };
    let mut shown = shown_in(section);
    let fallbacks = &findings.fallbacks;
    if shown.is_empty()
        && let Ok(at) = fallbacks.binary_search_by_key(&record, |(record, _)| *record)
    {
        shown = shown_in(fallbacks[at].1);
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
