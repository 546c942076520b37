//! Values of selected records: a row for each (`--get`), or how many have each (`--tally`).

use super::findings::Findings;
use super::opened::ReadIni;
use super::shared::Tally;
use super::slot::Slot;
use super::worker::Worker;
use crate::ini::dialect::Duplicates;
use crate::ini::record::{Column, KeyName, Record, View};
use crate::output::escape::escaped;
use crate::output::json::{self, Data};
use crate::output::tally as table;
use crate::output::text::Printer;
use crate::plan::{Action, Job};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::io::{self, Write};

/// The values of a key in a record: several where the program takes all lines of the key; none where it is missing.
struct Cell<'t> {
    key: Vec<u8>,
    /// Each with its item.
    values: Vec<(Cow<'t, [u8]>, usize)>,
}

impl Cell<'_> {
    /// All values as one text, a line each; none where the key is missing.
    fn text(&self) -> Option<Cow<'_, [u8]>> {
        match self.values.as_slice() {
            [] => None,
            [(only, _)] => Some(Cow::Borrowed(only)),
            all => {
                let all: Vec<&[u8]> = all.iter().map(|(value, _)| value.as_ref()).collect();
                Some(Cow::Owned(all.join(&b'\n')))
            }
        }
    }
}

impl Worker<'_> {
    /// Prints a row for each selected record that has one of the columns, where there is one column of one key for each of
    /// its values.
    pub(super) fn values(
        &self,
        file: &ReadIni<'_>,
        findings: &Findings,
        columns: &[Column],
        slot: &mut Slot<'_>,
    ) {
        let (view, mut numbers) = (&file.view, file.numbers());
        let printer = &self.printer(file.opened, None);
        let one_key = columns.len() == 1 && columns[0].key.literal().is_some();
        let by_value = one_key && !self.job.csv && !self.job.output.json;
        let rows = findings.records.iter().flat_map(|target| {
            let mut cells = cells(view, &target.record, columns);
            match cells.as_mut_slice() {
                [only] if by_value => {
                    let row = |value| {
                        let key = only.key.clone();
                        let values = vec![value];
                        vec![Cell { key, values }]
                    };
                    only.values.drain(..).map(row).collect()
                }
                _ => vec![cells],
            }
        });
        for cells in rows {
            let items = cells.iter().flat_map(|cell| &cell.values);
            let Some(first) = items.map(|(_, item)| *item).min() else {
                continue;
            };
            self.shared.select(&self.job.action);
            let start = view.scan.items[first].span.start as usize;
            let number = numbers.at(start);
            let section = view.section_name(view.scan.section_of(first));
            if self.job.output.json {
                json_row(slot, printer.path, (number, section), &cells);
            } else {
                self.row(&cells, (number, section), printer, slot);
            }
            slot.line_done(self.job.output.line_buffered);
        }
    }

    fn row(
        &self,
        cells: &[Cell<'_>],
        (number, section): (u64, &[u8]),
        printer: &Printer<'_>,
        slot: &mut Slot<'_>,
    ) {
        let settings = printer.settings;
        let digits = number.to_string();
        let before = [
            settings.names_asked.then_some(printer.path),
            settings.line_number.then_some(digits.as_bytes()),
            self.job.show_section.then_some(section),
        ];
        let before = before.into_iter().flatten();
        let values: Vec<Cow<'_, [u8]>> = cells
            .iter()
            .map(|cell| cell.text().unwrap_or_default())
            .collect();
        let all: Vec<&[u8]> = before.chain(values.iter().map(AsRef::as_ref)).collect();
        let out = slot.buffer();
        if self.job.csv {
            let _ = out.write_all(&csv_row(&all));
            return;
        }
        for (at, text) in all.iter().enumerate() {
            let path = at == 0 && settings.names_asked;
            let text = if path {
                Cow::Borrowed(*text)
            } else {
                one_line(text)
            };
            let text = if settings.escape {
                escaped(&text, false)
            } else {
                text
            };
            let end: &[u8] = match at + 1 == all.len() {
                true => b"\n",
                false if path && settings.null_after_name => b"\0",
                false => b"\t",
            };
            let _ = out.write_all(&text).and_then(|()| out.write_all(end));
        }
    }

    /// Counts the values of a selected record.
    pub(super) fn tally(&self, view: &View<'_>, record: &Record, keys: &[KeyName]) {
        let cell = |key: &KeyName| cell(view, record, key);
        if let [key] = keys {
            // A record has each of several values once.
            let mut values: Vec<_> = cell(key)
                .values
                .into_iter()
                .map(|(value, _)| value)
                .collect();
            values.sort_unstable();
            values.dedup();
            match values.is_empty() {
                true => self.shared.count_values(vec![None]),
                false => (values.into_iter())
                    .for_each(|value| self.shared.count_values(vec![Some(value.into_owned())])),
            }
            return;
        }
        let text = |key| cell(key).text().map(Cow::into_owned);
        self.shared.count_values(keys.iter().map(text).collect());
    }
}

/// The values of a record: one for each column of one key, else one for each key that the column's glob matches, in order
/// of the file.
fn cells<'t>(view: &View<'t>, record: &Record, columns: &[Column]) -> Vec<Cell<'t>> {
    let mut cells = Vec::new();
    for column in columns {
        let named = |key: &[u8]| KeyName {
            section: column.section.clone(),
            key: key.to_vec(),
        };
        if let Some(key) = column.key.literal() {
            cells.push(cell(view, record, &named(key)));
            continue;
        }
        let mut met: Vec<Cow<'_, [u8]>> = Vec::new();
        for item in view.items(record) {
            let line = &view.scan.items[item];
            let key = line.key.of(view.text);
            let section = view.scan.section_of(item);
            let wanted = line.has_key()
                && column.key.matches(key)
                && view.belongs(section)
                && view.names_section(&named(key), section);
            let identity = view.dialect.key_identity(key);
            if wanted && !met.contains(&identity) {
                met.push(identity);
                cells.push(cell(view, record, &named(key)));
            }
        }
    }
    cells
}

/// The values of a key in a record: of the line that counts, or of all where each does.
fn cell<'t>(view: &View<'t>, record: &Record, key: &KeyName) -> Cell<'t> {
    let lines = view.effective(record, key);
    let counting = match view.dialect.duplicates_of(&key.key) {
        Some(Duplicates::All) => &lines[..],
        Some(Duplicates::Last) => &lines[lines.len().saturating_sub(1)..],
        _ => &lines[..lines.len().min(1)],
    };
    let value = |item: usize| view.value(item).unwrap_or(Cow::Borrowed(b""));
    Cell {
        key: key.to_string().into_bytes(),
        values: counting.iter().map(|&item| (value(item), item)).collect(),
    }
}

/// A value within one column of one line: TAB, CR and LF as `\t`, `\r` and `\n`.
fn one_line(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr3(b'\t', b'\r', b'\n', value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut out = Vec::with_capacity(value.len() + 8);
    for &byte in value {
        match byte {
            b'\t' => out.extend(b"\\t"),
            b'\r' => out.extend(b"\\r"),
            b'\n' => out.extend(b"\\n"),
            _ => out.push(byte),
        }
    }
    Cow::Owned(out)
}

/// A row as RFC 4180 has it.
fn csv_row(cells: &[&[u8]]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    // Writing to memory does not fail, and each row is whole.
    let _ = writer.write_record(cells);
    writer.into_inner().unwrap_or_default()
}

/// The first row of `--csv --get`: what its columns are.
pub(super) fn csv_head(job: &Job) -> Option<Vec<u8>> {
    let Action::Values(columns) = &job.action else {
        return None;
    };
    let names: Vec<String> = columns
        .iter()
        .map(|column| {
            let name = KeyName {
                section: column.section.clone(),
                key: column.key.text().as_bytes().to_vec(),
            };
            name.to_string()
        })
        .collect();
    let before = [
        job.output.names_asked.then_some(&b"file"[..]),
        job.output.line_number.then_some(b"line"),
        job.show_section.then_some(b"section"),
    ];
    let all: Vec<&[u8]> = (before.into_iter().flatten())
        .chain(names.iter().map(|name| name.as_bytes()))
        .collect();
    job.csv.then(|| csv_row(&all))
}

fn json_row(slot: &mut Slot<'_>, path: &[u8], (number, section): (u64, &[u8]), cells: &[Cell<'_>]) {
    let mut values = Map::new();
    for cell in cells {
        let key = String::from_utf8_lossy(&cell.key).into_owned();
        let value = match cell.values.as_slice() {
            [] => Value::Null,
            [(only, _)] => json!(Data(only)),
            all => all.iter().map(|(value, _)| json!(Data(value))).collect(),
        };
        values.insert(key, value);
    }
    let body = json!({
        "path": Data(path),
        "line_number": number,
        "section": Data(section),
        "values": values,
    });
    json::message(slot.buffer(), "values", &body);
}

/// Prints the tally: as JSON, as CSV, as a table on a terminal, as lines elsewhere.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn tally(job: &Job, keys: &[KeyName], tally: Tally) -> io::Result<()> {
    let rows = table::sorted(tally);
    let mut out = io::BufWriter::new(job.output.out()?);
    let shown = |value: &Option<Vec<u8>>| match value {
        Some(value) => value.clone(),
        None => table::MISSING.to_vec(),
    };
    if job.output.json {
        let mut buffer = termcolor::Buffer::no_color();
        json::message(&mut buffer, "tally", &json_tally(keys, &rows));
        out.write_all(buffer.as_slice())?;
    } else if job.csv {
        let names: Vec<String> = keys.iter().map(KeyName::to_string).collect();
        let names = names.iter().map(|name| name.as_bytes());
        let head: Vec<&[u8]> = [&b"count"[..]].into_iter().chain(names).collect();
        out.write_all(&csv_row(&head))?;
        for (values, count) in &rows {
            let mut cells = vec![count.to_string().into_bytes()];
            cells.extend(values.iter().map(|value| value.clone().unwrap_or_default()));
            let cells: Vec<&[u8]> = cells.iter().map(Vec::as_slice).collect();
            out.write_all(&csv_row(&cells))?;
        }
    } else if job.output.terminal {
        let width = job.output.width.unwrap_or(80);
        let keys: Vec<String> = keys.iter().map(KeyName::to_string).collect();
        table::print(&mut out, &keys, &rows, width, job.output.unicode)?;
    } else {
        for (values, count) in &rows {
            write!(out, "{count}")?;
            for value in values {
                out.write_all(b"\t")?;
                out.write_all(&one_line(&shown(value)))?;
            }
            out.write_all(b"\n")?;
        }
    }
    out.flush()
}

fn json_tally(keys: &[KeyName], rows: &[table::TallyRow]) -> Value {
    let text = |name: &KeyName| json!(Data(name.to_string().as_bytes()));
    match keys {
        [key] => {
            let (missing, present): (Vec<_>, Vec<_>) =
                rows.iter().partition(|(values, _)| values == &[None]);
            let counts: Vec<Value> = present
                .iter()
                .map(|(values, count)| {
                    let value = values[0].as_deref().unwrap_or_default();
                    json!({ "value": Data(value), "count": count })
                })
                .collect();
            let missing: u64 = missing.iter().map(|(_, count)| count).sum();
            json!({ "key": text(key), "counts": counts, "missing": missing })
        }
        keys => {
            let counts: Vec<Value> = rows
                .iter()
                .map(|(values, count)| {
                    let value =
                        |value: &Option<Vec<u8>>| value.as_ref().map(|value| json!(Data(value)));
                    let values: Vec<Option<Value>> = values.iter().map(value).collect();
                    json!({ "values": values, "count": count })
                })
                .collect();
            let keys: Vec<Value> = keys.iter().map(text).collect();
            json!({ "keys": keys, "counts": counts })
        }
    }
}
