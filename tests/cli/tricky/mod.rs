//! Tricky files: how each is read, and the program or manual that says so.
//!
//! `contract` is this project's own rule for .ini files in general (grini(1), RECORDS and DIALECTS). A program named
//! with its version was asked; `dialects.rs` asks most of them again on generated files.

mod bytes;
mod comments;
mod continuation;
mod git;
mod headers;
mod mysql;
mod php;
mod python;
mod quotes;
mod systemd;
mod values;

use encoding_rs::WINDOWS_1252;
use grini::files::Document;
use grini::ini::dialect::{Continuation, Dialect, InlineComment};
use grini::ini::presets::Preset;
use grini::ini::scan::{Kind, Scan};
use grini::ini::value;

/// Dialect (with switches after a space), file, reading, source.
///
/// In a reading the items stand between `|`: `[section]`, `key=value`, `key` (bare), `;` (comment), `!` (malformed).
/// Blank lines are left out; a line end within a value is `\n`.
type Row = (&'static str, &'static [u8], &'static str, &'static str);

const TABLES: &[&[Row]] = &[
    headers::TABLE,
    values::TABLE,
    comments::TABLE,
    quotes::TABLE,
    continuation::TABLE,
    bytes::TABLE,
    git::TABLE,
    mysql::TABLE,
    php::TABLE,
    python::TABLE,
    systemd::TABLE,
];

fn dialect(name: &str) -> Dialect {
    let (preset, switches) = name.split_once(' ').unwrap_or((name, ""));
    let mut dialect =
        Preset::named(preset).map_or_else(Dialect::default, |preset| (preset.rules)());
    for switch in switches.split_whitespace() {
        let (switch, chars) = switch.split_once('=').expect("a value");
        match switch {
            "delim" => dialect.delimiters = chars.into(),
            "comment" => dialect.comments = chars.into(),
            "inline" => dialect.inline_comment = InlineComment::AfterBlank(chars.into()),
            "cont" if chars == "indent" => dialect.continuation = Continuation::Indent,
            _ => {
                dialect.continuation = Continuation::Backslash {
                    blank: false,
                    trims: false,
                    escaped: false,
                    over_comments: false,
                };
            }
        }
    }
    dialect
}

fn reading(bytes: &[u8], dialect: &Dialect) -> String {
    let document = Document::new(bytes, WINDOWS_1252);
    let text = document.text();
    let string = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\n', "\\n");
    let scan = Scan::new(text, dialect);
    let items = scan.items.iter().filter_map(|item| {
        let key = string(item.key.of(text));
        Some(match item.kind {
            Kind::Blank => return None,
            Kind::Comment => ";".to_owned(),
            Kind::Malformed => "!".to_owned(),
            Kind::Header => format!("[{key}]"),
            Kind::Bare => key,
            Kind::Key => {
                let value = value::logical(text, item, dialect).expect("a value");
                format!("{key}={}", string(&value))
            }
        })
    });
    items.collect::<Vec<_>>().join("|")
}

#[test]
fn tricky_files_read_as_their_source_says() {
    let mut wrong = Vec::new();
    let rows = || TABLES.iter().copied().flatten();
    for (name, bytes, expected, source) in rows() {
        let found = reading(bytes, &dialect(name));
        if found != *expected {
            wrong.push(format!(
                "{name:?} {:?}: {found:?}, not {expected:?} ({source})",
                String::from_utf8_lossy(bytes)
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} wrong:\n{}",
        wrong.len(),
        rows().count(),
        wrong.join("\n")
    );
    assert!(rows().count() >= 350);
}
