//! Reads again what edits make of a text: every line must be what it was, but for what the edits say.
//!
//! Only the lines around the edits are read: an item depends on nothing before the last line that starts at the margin,
//! and on no more after it than the next one that is neither blank nor a comment. Where quotes span lines, all is read.

use super::doubt::check_new_line;
use super::text_edit::{Effect, Refusal, TextEdit, applied_within};
use crate::ini::dialect::{Blanks, Quoting};
use crate::ini::record::View;
use crate::ini::scan::{Item, Kind, Scan};
use crate::ini::{fits, value};
use std::ops::Range;

/// Checks that the edited text reads as it was meant: every line as before but for what the edits say. The edits are in
/// order, and none is [`Effect::Text`].
///
/// # Errors
/// A line would be read in another way, or would be in doubt.
pub fn check(view: &View<'_>, edits: &[TextEdit]) -> Result<(), Refusal> {
    let mut left = edits;
    let mut scan = Scan::default();
    while !left.is_empty() {
        let (items, count) = window(view, left);
        let (mine, rest) = left.split_at(count);
        check_window(view, items, mine, &mut scan)?;
        left = rest;
    }
    Ok(())
}

/// The items around the first edits that must be read together, and how many edits these are.
fn window(view: &View<'_>, edits: &[TextEdit]) -> (Range<usize>, usize) {
    let items = &view.scan.items;
    if view.dialect.quoting == Quoting::MultiLine {
        return (0..items.len(), edits.len());
    }
    let says = |at: &usize| !matches!(items[*at].kind, Kind::Blank | Kind::Comment);
    // From the line before the edit, of whose value it might be now,
    let first = |edit: &TextEdit, from: usize| {
        let at = items.partition_point(|item| (item.span.end as usize) < edit.span.start);
        (from..at)
            .rev()
            .find(|at| says(at) && view.indent(*at) == 0)
    };
    // to the next line that could go on with the edit's.
    let end = |edit: &TextEdit| {
        let at = items.partition_point(|item| (item.span.start as usize) < edit.span.end.max(1));
        let next = (at..items.len()).find(says);
        next.map_or(items.len(), |next| next + 1)
    };
    let mut all = first(&edits[0], 0).unwrap_or(0)..end(&edits[0]);
    let mut count = 1;
    let near = |edit: &&TextEdit, end: usize| first(edit, end).is_none();
    while let Some(edit) = edits.get(count).filter(|edit| near(edit, all.end)) {
        all.end = all.end.max(end(edit));
        count += 1;
    }
    (all, count)
}

/// Checks the `items` of the old text, which the edits are in.
fn check_window(
    view: &View<'_>,
    items: Range<usize>,
    edits: &[TextEdit],
    scan: &mut Scan,
) -> Result<(), Refusal> {
    let all = &view.scan.items;
    let offset = |item: usize| all.get(item).map(|item| item.span.start as usize);
    let start = offset(items.start).unwrap_or(0);
    let end = offset(items.end).unwrap_or(view.text.len());
    let new_text = applied_within(view.text, start..end, edits);
    scan.read(&new_text, view.dialect);
    let new_view = View {
        text: &new_text,
        scan,
        ..*view
    };
    let misread = |edit: Option<&TextEdit>| {
        Refusal::at(
            edit.or(edits.first()).map_or(0, |edit| edit.span.start),
            "the new text would be read as something else (a comment, a quote, another line, or a name that the program does not take); quote it as the file's program wants, or choose another --dialect",
        )
    };
    let new_value = |item: &Item| value::logical(&new_text, item, view.dialect);
    // In quotes a value may be typed as the file's program writes it; else it must be read as it was typed.
    let is_meant = |item: &Item, meant: &[u8]| {
        let raw = item.value.of(&new_text);
        let quoted = raw == meant && value::is_quoted(meant, view.dialect);
        (quoted || new_value(item).as_deref() == Some(meant))
            && fits::line(&new_text, item, view.dialect)
    };
    let doubts =
        |edit: &TextEdit, item: usize| check_new_line(&new_view, item, view, edit.span.start);
    let mut new_items = new_view.scan.items.iter().enumerate();
    let check_inserted = |edit: &TextEdit, new_items: &mut dyn Iterator<Item = (usize, &Item)>| {
        let is_header = matches!(edit.effect, Effect::Header { .. });
        let mut item = new_items.next();
        if is_header && item.is_some_and(|(_, item)| item.kind == Kind::Blank) {
            item = new_items.next();
        }
        let (at, item) = item.ok_or_else(|| misread(Some(edit)))?;
        let is_named = |name: &Vec<u8>| item.key.of(&new_text) == name;
        let as_meant = match &edit.effect {
            Effect::Header { name } => is_named(name) && fits::header(item, name, view.dialect),
            Effect::Insert { key, value: None } => item.kind == Kind::Bare && is_named(key),
            Effect::Insert {
                key,
                value: Some(value),
            } => item.kind == Kind::Key && is_named(key) && is_meant(item, trimmed(value)),
            _ => false,
        };
        match as_meant {
            false if is_header => Err(Refusal::at(
                edit.span.start,
                "the file's program takes no section of that name; write it as its manual says",
            )),
            false => Err(misread(Some(edit))),
            true if is_header => Ok(()),
            true => doubts(edit, at),
        }
    };
    let mut left = edits.iter().peekable();
    while let Some(edit) = left.next_if(|edit| edit.effect.inserts() && edit.span.start == 0) {
        check_inserted(edit, &mut new_items)?;
    }
    for old in &all[items] {
        let (start, end) = (old.span.start as usize, old.span.end as usize);
        let removes = |edit: &&&TextEdit| {
            // The line end before may go too.
            edit.effect == Effect::Remove && edit.span.end >= end && edit.span.start <= start
        };
        if let Some(edit) = left.peek().filter(removes) {
            // A whole section is gone after its last line.
            if edit.span.end == end {
                left.next();
            }
        } else {
            let edit = left.next_if(|edit| match edit.effect {
                Effect::Insert { .. } | Effect::Header { .. } | Effect::Remove => false,
                // At the file's end an empty value is where its line ends.
                _ => edit.span.start < end || edit.span.end <= old.value.range().end,
            });
            let Some((new_at, new)) = new_items.next() else {
                return Err(misread(edit));
            };
            let same_line = old.kind == new.kind && old.key.of(view.text) == new.key.of(&new_text);
            let as_meant = match edit {
                None => new_value(new) == value::logical(view.text, old, view.dialect),
                Some(edit) => is_meant(new, trimmed(&edit.new)),
            };
            if !same_line || !as_meant {
                return Err(misread(edit));
            }
            if let Some(edit) = edit {
                doubts(edit, new_at)?;
            }
        }
        while let Some(edit) = left.next_if(|edit| edit.effect.inserts() && edit.span.start <= end)
        {
            check_inserted(edit, &mut new_items)?;
        }
    }
    match (new_items.next(), left.next()) {
        (None, None) => Ok(()),
        (_, edit) => Err(misread(edit)),
    }
}

fn trimmed(value: &[u8]) -> &[u8] {
    &value[Blanks::Ascii.trim(value, 0..value.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ini::dialect::Dialect;
    use crate::ini::presets::PRESETS;
    use proptest::prelude::*;

    #[test]
    fn the_line_that_a_new_one_may_go_on_with_is_read_too() {
        let dialect = Dialect::default();
        let text = b"a=\n b=1\n c=2\n";
        let scan = Scan::new(text, &dialect);
        let view = View {
            text,
            scan: &scan,
            dialect: &dialect,
            confine: None,
        };
        let (key, value) = (b"n".to_vec(), Some(b"3".to_vec()));
        let inserted = TextEdit {
            span: text.len()..text.len(),
            new: b" n=3\n".to_vec(),
            effect: Effect::Insert { key, value },
        };
        let refusal = check(&view, &[inserted]).unwrap_err();
        assert!(
            refusal
                .reason
                .contains("is indented deeper than a key line before it"),
            "{refusal:?}"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn the_lines_around_an_edit_show_what_the_whole_text_shows(
            text in "([ \t]?([ab]|k|k)[ ]?=[ ]?[a\"'\\\\;# ]{0,3}\r?\n|\\[[ab]\\]\r?\n|[;#]?c?\\\\?\n|[ ]?b\n){0,14}",
            value in "[a\"'\\\\;# =]{0,3}",
            preset in 0..=PRESETS.len(),
            which in prop::collection::vec(0..4u8, 14),
        ) {
            let dialect = PRESETS.get(preset).map_or_else(Dialect::default, |preset| (preset.rules)());
            let scan = Scan::new(text.as_bytes(), &dialect);
            let view = View { text: text.as_bytes(), scan: &scan, dialect: &dialect, confine: None };
            let keys = scan.items.iter().filter(|item| item.has_key());
            let edits: Vec<TextEdit> = keys.zip(which).filter_map(|(item, which)| {
                let end = item.span.range().end;
                let value = value.as_bytes().to_vec();
                let key = b"n".to_vec();
                Some(match which {
                    0 => TextEdit { span: item.value.range(), new: value, effect: Effect::Value },
                    1 => TextEdit { span: item.span.range(), new: Vec::new(), effect: Effect::Remove },
                    2 => TextEdit {
                        span: end..end,
                        new: [b"n=", value.as_slice(), b"\n"].concat(),
                        effect: Effect::Insert { key, value: Some(value) },
                    },
                    _ => return None,
                })
            }).collect();
            let whole = check_window(&view, 0..scan.items.len(), &edits, &mut Scan::default());
            prop_assert_eq!(check(&view, &edits).is_ok(), whole.is_ok(), "{:?}", whole);
        }
    }
}
