//! The scanner, records, values and edits: any bytes, in any dialect with any switches.
#![no_main]

use encoding_rs::WINDOWS_1252;
use grini::change::editor::{Editor, Look, Target};
use grini::change::text_edit::{self, Refusal, TextEdit, applied};
use grini::change::{doubt, reread};
use grini::files::Document;
use grini::ini::dialect::{Case, Continuation, Duplicates, InlineComment, QuotedEdit};
use grini::ini::presets::PRESETS;
use grini::ini::grammar::Assignment;
use grini::ini::record::{KeyName, View};
use grini::ini::scan::{Kind, line_at};
use grini::ini::{Dialect, Scan, value};
use libfuzzer_sys::fuzz_target;

/// A dialect made from the first bytes: a preset, and each switch as the command line has it.
fn dialect(bytes: &[u8]) -> Dialect {
    let at = |at: usize| bytes.get(at).copied().unwrap_or(0) as usize;
    let mut dialect = match PRESETS.get(at(0) % (PRESETS.len() + 1)) {
        Some(preset) => (preset.rules)(),
        None => Dialect::default(),
    };
    let backslash = Continuation::Backslash {
        blank: false,
        trims: false,
        escaped: false,
        over_comments: false,
    };
    let how = [Continuation::None, backslash, Continuation::Indent];
    if let Some(&how) = how.get(at(1) % 8) {
        dialect.continuation = how;
        dialect.continuation_known = true;
    }
    let inline = [
        InlineComment::None,
        InlineComment::AfterBlank(b";#".to_vec()),
    ];
    if let Some(inline) = inline.get(at(1) / 8 % 8) {
        dialect.inline_comment = inline.clone();
        dialect.inline_comment_known = true;
    }
    match at(2) % 8 {
        0 => dialect.delimiters = b":".to_vec(),
        1 => dialect.delimiters = b"=: ".to_vec(),
        2 => dialect.delimiters = b"\"\\".to_vec(),
        _ => {}
    }
    match at(2) / 8 % 8 {
        0 => dialect.comments = b"#".to_vec(),
        1 => dialect.comments = b"/!'".to_vec(),
        _ => {}
    }
    if at(3) % 4 == 0 {
        (dialect.key_case, dialect.section_case) = (Case::Exact, Case::Exact);
    }
    dialect.quoted_edit = match at(3) / 4 % 4 {
        0 => Some(QuotedEdit::Keep),
        1 => Some(QuotedEdit::Replace),
        _ => dialect.quoted_edit,
    };
    let chosen = [Duplicates::First, Duplicates::Last, Duplicates::All];
    if let Some(&which) = chosen.get(at(3) / 16 % 6) {
        dialect.duplicates = Some(which);
        dialect.duplicates_chosen = true;
    }
    dialect
}

/// Glued together the items are the text, each in order and all its parts within.
fn check_scan(text: &[u8], dialect: &Dialect) {
    let scan = Scan::new(text, dialect);
    let mut at = 0;
    for (index, item) in scan.items.iter().enumerate() {
        assert_eq!(item.span.start as usize, at);
        assert!(!item.span.is_empty());
        at = item.span.end as usize;
        for part in [item.key, item.value] {
            assert!(item.span.start <= part.start && part.start <= part.end);
            assert!(part.end <= item.span.end);
        }
        assert!(item.key.end <= item.value.start);
        assert_eq!(item.has_key() && item.key.is_empty(), false);
        if !matches!(item.kind, Kind::Key) {
            // Only a value goes on over lines, or the body of a bare key.
            let whole = matches!(item.kind, Kind::Malformed | Kind::Bare)
                || line_at(text, item.span.start as usize).1 >= at;
            assert!(whole);
        }
        let _ = value::logical(text, item, dialect);
        assert_eq!(scan.item_at(item.span.start as usize), Some(index));
    }
    assert_eq!(at, text.len());
    let mut next = 0;
    for (index, section) in scan.sections.iter().enumerate() {
        assert_eq!(section.items.start, next);
        next = section.items.end;
        for item in section.items.clone() {
            assert_eq!(scan.section_of(item), index);
        }
    }
    assert_eq!(next, scan.items.len());
    // Every item is in one record.
    let view = View {
        text,
        scan: &scan,
        dialect,
        confine: None,
    };
    for by_section in [false, true] {
        let mut covered: Vec<usize> = view
            .records(by_section)
            .flat_map(|record| view.items(&record).collect::<Vec<_>>())
            .collect();
        covered.sort_unstable();
        let belong = (0..scan.items.len()).filter(|&item| view.belongs(scan.section_of(item)));
        assert_eq!(covered, belong.collect::<Vec<_>>());
    }
}

enum Change {
    Set,
    Add,
    Unset,
}

/// The edits of `change` in every record, as a run with `--records` makes them.
fn edits(
    view: &View<'_>,
    by_section: bool,
    change: &Change,
    name: &KeyName,
    value: &str,
    look: &Look<'_>,
) -> Result<Vec<TextEdit>, Refusal> {
    doubt::check_file(view)?;
    let mut all = Vec::new();
    for record in view.records(by_section) {
        let lines: Vec<usize> = view.lines_of(&record, name).collect();
        let lines = if lines.is_empty() {
            view.representative(&record).into_iter().collect()
        } else {
            lines
        };
        if lines.is_empty() {
            continue;
        }
        let target = Target {
            record,
            lines,
            witnessed: true,
        };
        let line = Assignment {
            name: name.clone(),
            delimiter: "=".to_owned(),
            value: Some(value.to_owned()),
        };
        let editor = Editor {
            view,
            target: &target,
            confined: !by_section,
            look,
        };
        let made = match change {
            Change::Set => editor.set(name, value)?,
            Change::Add => editor.add(&line)?,
            Change::Unset => editor.unset(name, None)?,
        };
        all.extend(made.edits);
    }
    let mut all = text_edit::ordered(all)?;
    text_edit::keep_missing_end(view.text, &mut all);
    reread::check(view, &all)?;
    Ok(all)
}

fn check_edit(
    text: &[u8],
    dialect: &Dialect,
    by_section: bool,
    change: &Change,
    name: &KeyName,
    value: &str,
) {
    let document = Document::new(text, WINDOWS_1252);
    let text = document.text();
    let scan = Scan::new(text, dialect);
    let view = View {
        text,
        scan: &scan,
        dialect,
        confine: None,
    };
    let line_end = |at: usize| document.line_end_before(at);
    let look = Look::new(&line_end);
    let Ok(made) = edits(&view, by_section, change, name, value, &look) else {
        return;
    };
    let said = || {
        format!(
            "{:?}: {value:?}\n{}\n{}\n{dialect:?}",
            name.key.escape_ascii().to_string(),
            text.escape_ascii(),
            applied(text, &made).escape_ascii()
        )
    };
    let mut at = 0;
    for edit in &made {
        assert!(at <= edit.span.start && edit.span.start <= edit.span.end);
        at = edit.span.end;
    }
    assert!(at <= text.len());
    if made.is_empty() {
        return;
    }
    let new_text = applied(text, &made);
    let new_scan = Scan::new(&new_text, dialect);
    let new_view = View {
        text: &new_text,
        scan: &new_scan,
        dialect,
        confine: None,
    };
    let count = |view: &View<'_>| -> usize {
        let lines = |record| view.lines_of(&record, name).count();
        view.records(false).map(lines).sum()
    };
    let lines = match change {
        Change::Set => scan.items.len(),
        Change::Add => scan.items.len() + made.len(),
        Change::Unset => scan.items.len() - made.len(),
    };
    assert_eq!(new_scan.items.len(), lines, "{}", said());
    let (before, after) = (count(&view), count(&new_view));
    match change {
        Change::Set => assert_eq!(before, after, "{}", said()),
        Change::Add => assert_eq!(before + made.len(), after, "{}", said()),
        Change::Unset => assert_eq!(before, after + made.len(), "{}", said()),
    }
    if matches!(change, Change::Unset) {
        return;
    }
    // What was set is read back, in each record that had it; in quotes it stands as it was typed.
    let mut read = 0;
    for record in new_view.records(by_section) {
        for item in new_view.effective(&record, name) {
            let raw = new_scan.items[item].value.of(&new_text);
            let logical = new_view.value(item).unwrap_or_default();
            read += usize::from(*logical == *value.as_bytes() || raw == value.as_bytes());
        }
    }
    assert!(read > 0, "{}", said());
    // Again, it changes nothing.
    let new_line_end = |at: usize| {
        let before = &new_text[..at];
        let ends = [("\r\n", &b"\r\n"[..]), ("\n", b"\n"), ("\r", b"\r")];
        ends.iter()
            .find(|(_, end)| before.ends_with(end))
            .map(|(end, _)| *end)
    };
    match edits(&new_view, by_section, change, name, value, &Look::new(&new_line_end)) {
        Ok(again) => assert!(again.is_empty(), "{again:?} {}", said()),
        // Quotes that were typed are in doubt themselves.
        Err(refusal) => assert!(
            refusal.reason.contains("--quotes="),
            "{refusal:?} {}",
            said()
        ),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((head, rest)) = bytes.split_at_checked(6) else {
        return;
    };
    let dialect = dialect(head);
    let (typed, text) = rest.split_at((head[4] % 16) as usize % (rest.len() + 1));
    check_scan(text, &dialect);
    let document = Document::new(text, WINDOWS_1252);
    check_scan(document.text(), &dialect);
    // The value as --set trims it; the key is one of the file's, or a new one.
    let Ok(typed) = std::str::from_utf8(typed) else {
        return;
    };
    let typed = typed.trim_matches([' ', '\t', '\x0b', '\x0c']);
    if doubt::check_value(typed).is_err() {
        return;
    }
    let scan = Scan::new(document.text(), &dialect);
    let keys: Vec<&[u8]> = scan
        .items
        .iter()
        .filter(|item| item.has_key())
        .map(|item| item.key.of(document.text()))
        .collect();
    let change = match head[5] % 4 {
        0 => Change::Add,
        1 => Change::Unset,
        _ => Change::Set,
    };
    let key = match keys.get(head[5] as usize / 8 % (keys.len() + 1)) {
        Some(key) if !matches!(change, Change::Add) => *key,
        _ => b"new",
    };
    let name = KeyName {
        section: None,
        key: key.to_vec(),
    };
    check_edit(text, &dialect, head[5] & 4 != 0, &change, &name, typed);
});
