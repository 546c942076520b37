//! Values of selected records: a row for each (`--get`), or how many have each (`--tally`).

use super::findings::Findings;
use super::opened::ReadIni;
use super::shared::Tally;
use super::slot::Slot;
use super::worker::Worker;
use crate::ini::dialect::Duplicates;
use crate::ini::record::{Column, KeyName, Record, View};
use crate::output::json::{self, Data};
use crate::output::tally as table;
use crate::plan::{Action, Job};
use bstr::ByteSlice;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Write};
use termcolor::Buffer;

/// The values of a key in a record, each with its item: several where the program takes all lines of the key; none where it
/// is missing.
type KeyValues<'t> = Vec<(Cow<'t, [u8]>, usize)>;

/// A key as it is named, and its values.
struct Cell<'t> {
    key: String,
    values: KeyValues<'t>,
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
        let (job, view, mut numbers) = (self.job, &file.view, file.numbers());
        let path = file.opened.shown;
        let one_key = columns.len() == 1 && columns[0].key.literal().is_some();
        let by_value = one_key && !job.csv && !job.output.json;
        let mut row = |cells: &[Cell<'_>]| {
            let items = cells.iter().flat_map(|cell| &cell.values);
            let Some(first) = items.map(|(_, item)| *item).min() else {
                return;
            };
            self.shared.select();
            if job.quiet {
                return;
            }
            let number = numbers.at(view.scan.items[first].span.start as usize);
            let section = view.section_name(view.scan.section_of(first));
            let out = slot.buffer();
            if job.output.json {
                json_row(out, path, (number, section), cells);
            } else {
                let number = number.to_string();
                let values: Vec<_> = cells.iter().map(|cell| joined(&cell.values)).collect();
                let values = values
                    .iter()
                    .map(|value| value.as_deref().unwrap_or_default());
                // Writing to memory does not fail.
                let _ = print_row(out, job, [path, number.as_bytes(), section], values);
            }
            slot.line_done(job.output.line_buffered);
        };
        for target in &findings.records {
            match cells(view, &target.record, columns).as_slice() {
                [Cell { key, values }] if by_value => {
                    for value in values.chunks(1) {
                        row(&[Cell {
                            key: key.clone(),
                            values: value.to_vec(),
                        }]);
                    }
                }
                all => row(all),
            }
        }
    }

    /// Counts the values of a selected record.
    pub(super) fn tally(&self, view: &View<'_>, record: &Record, keys: &[KeyName]) {
        let count = |values: Vec<Option<Cow<'_, [u8]>>>| {
            let values = values.into_iter().map(|value| value.map(Cow::into_owned));
            self.shared.count_values(values.collect());
        };
        let values = |name| values_of(view, name, view.effective(record, name));
        let all = keys.iter().map(values);
        match all.collect::<Vec<_>>().as_mut_slice() {
            [values] if !values.is_empty() => {
                // A record has each of several values once.
                values.sort_unstable();
                values.dedup_by(|a, b| a.0 == b.0);
                for (value, _) in values {
                    count(vec![Some(std::mem::take(value))]);
                }
            }
            all => count(all.iter().map(|values| joined(values)).collect()),
        }
    }
}

/// The values of a record: one for each column of one key, else one for each key that the column's glob matches, in order
/// of the file.
fn cells<'t>(view: &View<'t>, record: &Record, columns: &[Column]) -> Vec<Cell<'t>> {
    let cell = |name: &KeyName, lines| Cell {
        key: name.to_string(),
        values: values_of(view, name, lines),
    };
    let mut cells = Vec::new();
    for column in columns {
        let mut name = KeyName {
            section: column.section.clone(),
            key: column.key.literal().unwrap_or_default().to_vec(),
        };
        if column.key.literal().is_some() {
            cells.push(cell(&name, view.effective(record, &name)));
            continue;
        }
        let (mut met, mut keys) = (HashMap::new(), Vec::<Vec<usize>>::new());
        for item in view.items(record) {
            let line = &view.scan.items[item];
            let key = line.key.of(view.text);
            if line.has_key()
                && column.key.matches_key(key, view.dialect)
                && view.names_section(&name, view.scan.section_of(item))
            {
                let at = *met
                    .entry(view.dialect.key_identity(key))
                    .or_insert(keys.len());
                keys.resize_with(keys.len().max(at + 1), Vec::new);
                keys[at].push(item);
            }
        }
        for lines in keys {
            name.key = view.scan.items[lines[0]].key.of(view.text).to_vec();
            cells.push(cell(&name, view.counting(lines, &name.key)));
        }
    }
    cells
}

/// Of the line that counts, or of all where each does.
fn values_of<'t>(view: &View<'t>, key: &KeyName, lines: Vec<usize>) -> KeyValues<'t> {
    let counting = match view.dialect.duplicates_of(&key.key) {
        Some(Duplicates::All) => &lines[..],
        Some(Duplicates::Last) => &lines[lines.len().saturating_sub(1)..],
        _ => &lines[..lines.len().min(1)],
    };
    let value = |&item: &usize| (view.value(item).unwrap_or_default(), item);
    counting.iter().map(value).collect()
}

/// All values as one text, a line each; none where the key is missing.
fn joined<'v>(values: &'v [(Cow<'_, [u8]>, usize)]) -> Option<Cow<'v, [u8]>> {
    match values {
        [] => None,
        [(only, _)] => Some(Cow::Borrowed(only)),
        all => {
            let all: Vec<&[u8]> = all.iter().map(|(value, _)| value.as_ref()).collect();
            Some(Cow::Owned(all.join(&b'\n')))
        }
    }
}

/// A row of values: before them the path, the line number and the section, where each is asked for.
fn print_row<'r>(
    out: &mut impl Write,
    job: &Job,
    before: [&'r [u8]; 3],
    values: impl Iterator<Item = &'r [u8]>,
) -> io::Result<()> {
    let settings = &job.output;
    let [path, number, section] = before;
    let path = settings.names_asked.then_some(path);
    let number = settings.line_number.then_some(number);
    let section = job.show_section.then_some(section);
    if job.csv {
        let all = [path, number, section].into_iter().flatten().chain(values);
        return csv_row(out, all);
    }
    if let Some(path) = path {
        out.write_all(&settings.escaped(path, false))?;
        out.write_all(if settings.null_after_name {
            b"\0"
        } else {
            b"\t"
        })?;
    }
    tab_row(
        out,
        job,
        [number, section].into_iter().flatten().chain(values),
    )
}

/// A row as RFC 4180 has it.
fn csv_row<'r>(out: &mut impl Write, cells: impl Iterator<Item = &'r [u8]>) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    writer.write_record(cells)?;
    writer.flush()
}

/// A row on one line, TAB between its cells: in these TAB, CR and LF are `\t`, `\r` and `\n`.
fn tab_row<'r>(
    out: &mut impl Write,
    job: &Job,
    cells: impl Iterator<Item = &'r [u8]>,
) -> io::Result<()> {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.write_all(b"\t")?;
        }
        let cell = match memchr::memchr3(b'\t', b'\r', b'\n', cell) {
            None => Cow::Borrowed(cell),
            Some(_) => Cow::Owned(
                cell.replace("\t", "\\t")
                    .replace("\r", "\\r")
                    .replace("\n", "\\n"),
            ),
        };
        out.write_all(&job.output.escaped(&cell, false))?;
    }
    out.write_all(b"\n")
}

/// The first row of `--csv --get`: what its columns are.
pub(super) fn csv_head(job: &Job) -> Option<Vec<u8>> {
    let Action::Values(columns) = &job.action else {
        return None;
    };
    let name = |column: &Column| {
        let key = column.key.text().as_bytes().to_vec();
        let section = column.section.clone();
        KeyName { section, key }.to_string()
    };
    let names: Vec<String> = columns.iter().map(name).collect();
    let names = names.iter().map(|name| name.as_bytes());
    let mut out = Vec::new();
    let head = [&b"file"[..], b"line", b"section"];
    // Writing to memory does not fail.
    let _ = print_row(&mut out, job, head, names);
    (job.csv && !job.quiet).then_some(out)
}

fn json_row(out: &mut Buffer, path: &[u8], (number, section): (u64, &[u8]), cells: &[Cell<'_>]) {
    let value = |cell: &Cell<'_>| match cell.values.as_slice() {
        [] => Value::Null,
        [(only, _)] => json!(Data(only)),
        all => all.iter().map(|(value, _)| json!(Data(value))).collect(),
    };
    let values: Map<String, Value> = (cells.iter())
        .map(|cell| (cell.key.clone(), value(cell)))
        .collect();
    let body = json!({
        "path": Data(path),
        "line_number": number,
        "section": Data(section),
        "values": values,
    });
    json::message(out, "values", &body);
}

/// Prints the tally: as JSON, as CSV, as a table on a terminal, as lines elsewhere.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn tally(job: &Job, keys: &[KeyName], tally: Tally) -> io::Result<()> {
    let rows = table::sorted(tally);
    let mut out = io::BufWriter::new(job.output.out()?);
    let names: Vec<String> = keys.iter().map(KeyName::to_string).collect();
    if job.output.json {
        let mut buffer = Buffer::no_color();
        json::message(&mut buffer, "tally", &json_tally(&names, &rows));
        out.write_all(buffer.as_slice())?;
    } else if job.output.terminal && !job.csv {
        let width = job.output.width.unwrap_or(80);
        table::print(&mut out, &names, &rows, width, job.output.unicode)?;
    } else {
        if job.csv {
            let names = names.iter().map(|name| name.as_bytes());
            csv_row(&mut out, [&b"count"[..]].into_iter().chain(names))?;
        }
        for (values, count) in &rows {
            let count = count.to_string();
            let values = values
                .iter()
                .map(|value| value.as_deref().unwrap_or(table::MISSING));
            let cells = [count.as_bytes()].into_iter().chain(values);
            match job.csv {
                true => csv_row(&mut out, cells)?,
                false => tab_row(&mut out, job, cells)?,
            }
        }
    }
    out.flush()
}

fn json_tally(names: &[String], rows: &[table::TallyRow]) -> Value {
    let text = |name: &String| json!(Data(name.as_bytes()));
    let value = |value: &Option<Vec<u8>>| value.as_ref().map(|value| json!(Data(value)));
    match names {
        [name] => {
            let counts = rows.iter().filter_map(|(values, count)| {
                let value = value(values.first()?)?;
                Some(json!({ "value": value, "count": count }))
            });
            let missing = rows.iter().filter(|(values, _)| values == &[None]);
            let missing: u64 = missing.map(|(_, count)| count).sum();
            json!({ "key": text(name), "counts": counts.collect::<Value>(), "missing": missing })
        }
        names => {
            let counts = rows.iter().map(|(values, count)| {
                let values: Vec<_> = values.iter().map(value).collect();
                json!({ "values": values, "count": count })
            });
            let keys: Vec<Value> = names.iter().map(text).collect();
            json!({ "keys": keys, "counts": counts.collect::<Value>() })
        }
    }
}
