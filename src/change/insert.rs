//! Lines that come in: keys where they are missing, further lines of a key, sections.

use super::doubt;
use super::editor::{Editor, KeyChange, KeyLook};
use super::locate::named_section;
use super::text_edit::{Effect, Refusal, TextEdit};
use crate::ini::dialect::KeyForm;
use crate::ini::grammar::Assignment;
use crate::ini::record::View;
use crate::ini::scan::{Item, Kind};
use std::ops::Range;

impl Editor<'_> {
    /// Adds `line` to `target` where its key is missing: after the last key line of its section, in that line's indentation,
    /// and in the delimiter and spacing found there.
    ///
    /// # Errors
    /// What is in doubt.
    pub fn add(&self, line: &Assignment) -> Result<KeyChange, Refusal> {
        let Editor { view, target, .. } = *self;
        let already = KeyChange {
            already: true,
            ..KeyChange::default()
        };
        if view.lines_of(&target.record, &line.name).next().is_some() {
            return Ok(already);
        }
        let Some(section) = self.place_to_add(&line.name)? else {
            return Ok(KeyChange {
                new_section: Some(line.clone()),
                ..KeyChange::default()
            });
        };
        let mut there = view.scan.items_of(section).iter();
        if there.any(|item| view.is_key(item, &line.name.key)) {
            return Ok(already);
        }
        let mut items = view.scan.sections[section].items.clone();
        let last_key = (items.clone().rev()).find(|&at| view.scan.items[at].has_key());
        if let Some(item) = last_key {
            doubt::check_join(view, item)?;
        }
        // A line that may go on with the value of one before it is no model: nothing comes in within such a block.
        let blocks = !view.dialect.continuation_known;
        let outer = |at: usize| {
            std::iter::successors(Some(at), |&at| doubt::opener(view, at).filter(|_| blocks)).last()
        };
        let indent = last_key.and_then(outer).map_or(&b""[..], |at| {
            let item = &view.scan.items[at];
            &view.text[item.span.range().start..item.key.range().start]
        });
        let new = [indent, &written(view, section, line, self.look)].concat();
        let after = last_key.or_else(|| items.next().filter(|_| section > 0));
        Ok(KeyChange::of(inserted(view, after, new, line, self.look)))
    }

    /// Sets the key of `line` where it is, adds it where it is not.
    ///
    /// # Errors
    /// What is in doubt.
    pub fn put(&self, line: &Assignment) -> Result<KeyChange, Refusal> {
        let Editor { view, target, .. } = *self;
        let Some(value) = &line.value else {
            return self.add(line);
        };
        let everywhere = view.everywhere();
        let mut there = target.clone();
        if line.name.section.is_some()
            && let Some(section) = self.place_to_add(&line.name)?
        {
            there.record = everywhere.of_section(section);
        }
        let mut lines = everywhere.lines_of(&there.record, &line.name);
        if lines.next().is_none() {
            return self.add(line);
        }
        let editor = Editor {
            view: &everywhere,
            target: &there,
            ..*self
        };
        editor.set(&line.name, value)
    }

    /// Adds `line` after the last line of its key, in that line's look; where `target` has none, as [`add`](Editor::add) does.
    ///
    /// # Errors
    /// What is in doubt.
    pub fn append(&self, line: &Assignment) -> Result<KeyChange, Refusal> {
        let Editor {
            view, target, look, ..
        } = *self;
        named_section(view, &target.record, &line.name)?;
        let Some(last) = view.lines_of(&target.record, &line.name).last() else {
            return self.add(line);
        };
        self.check_confined(&line.name, &[last])?;
        doubt::check_continuation(view, last)?;
        let item = &view.scan.items[last];
        let head = match item.kind {
            Kind::Key => {
                let value = item.value.range().start;
                view.text[item.span.range().start..value].to_vec()
            }
            _ => {
                let section = view.scan.section_of(last);
                let key = &view.text[item.span.range().start..item.key.range().end];
                [key, &delimiter(view, section, line, look)].concat()
            }
        };
        let value = line.value.as_deref().unwrap_or_default();
        let new = [&head, value.as_bytes()].concat();
        let mut line = line.clone();
        line.name.key = item.key.of(view.text).to_vec();
        Ok(KeyChange::of(inserted(view, Some(last), new, &line, look)))
    }
}

/// Makes the sections that `lines` name, each once, at the end of the file: after a blank line where the last section of the
/// file has one before it.
pub fn sections(view: &View<'_>, lines: &[Assignment], look: &KeyLook<'_>) -> Vec<TextEdit> {
    let at = view.text.len();
    let end = any_line_end(view, look);
    let ended = at == 0 || (look.line_end)(at).is_some();
    let apart = blank_before_headers(view);
    // Whether a blank line comes in before the next section.
    let last = view.scan.items.last();
    let mut blank = apart && last.is_some_and(|item| item.kind != Kind::Blank);
    let name = |line: &Assignment| line.name.section.clone().unwrap_or_default();
    let same = |line: &Assignment, other: &Assignment| {
        view.dialect.same_section(&name(line), &name(other))
    };
    let mut edits = Vec::new();
    for (index, first) in lines.iter().enumerate() {
        if lines[..index].iter().any(|other| same(other, first)) {
            continue;
        }
        let name = name(first);
        let before = if blank { end.as_bytes() } else { b"" };
        // The line end that a last line lacks comes before each new one, so that the last of these lacks it too.
        edits.push(TextEdit {
            span: at..at,
            new: whole_line(&[before, b"[", &name, b"]"].concat(), end, ended),
            effect: Effect::Header { name },
        });
        for line in lines.iter().filter(|other| same(other, first)) {
            edits.push(TextEdit {
                span: at..at,
                new: whole_line(&written(view, 0, line, look), end, ended),
                effect: effect(view, line),
            });
        }
        blank = apart;
    }
    edits
}

/// A line with its end: after it, or before it where the file's last line has none.
fn whole_line(line: &[u8], end: &str, ended: bool) -> Vec<u8> {
    if ended {
        [line, end.as_bytes()].concat()
    } else {
        [end.as_bytes(), line].concat()
    }
}

/// Whether the last header of the file, the first line aside, has a blank line before it and its comments.
fn blank_before_headers(view: &View<'_>) -> bool {
    let items = &view.scan.items;
    let last = (1..items.len())
        .rev()
        .find(|&at| items[at].kind == Kind::Header);
    let before = |header: usize| {
        (0..header)
            .rev()
            .find(|&at| items[at].kind != Kind::Comment)
    };
    last.and_then(before)
        .is_some_and(|at| items[at].kind == Kind::Blank)
}

fn any_line_end(view: &View<'_>, look: &KeyLook<'_>) -> &'static str {
    let mut items = view.scan.items.iter();
    let end = items.find_map(|item| (look.line_end)(item.span.range().end));
    end.unwrap_or("\n")
}

fn effect(view: &View<'_>, line: &Assignment) -> Effect {
    Effect::Insert {
        key: written_key(view, line),
        value: line.value.as_ref().map(|value| value.clone().into_bytes()),
    }
}

/// The edit that brings `new` in after the item `after`, or at the top.
fn inserted(
    view: &View<'_>,
    after: Option<usize>,
    new: Vec<u8>,
    line: &Assignment,
    look: &KeyLook<'_>,
) -> TextEdit {
    let at = after.map_or(0, |item| view.scan.items[item].span.range().end);
    let before = after.and_then(|_| (look.line_end)(at));
    let end = before.unwrap_or_else(|| any_line_end(view, look));
    // A last line without its end keeps being one: the new line takes its place.
    let ended = after.is_none() || before.is_some();
    TextEdit {
        span: at..at,
        new: whole_line(&new, end, ended),
        effect: effect(view, line),
    }
}

/// A new line of `section`, without indentation and line end.
fn written(view: &View<'_>, section: usize, line: &Assignment, look: &KeyLook<'_>) -> Vec<u8> {
    let key = written_key(view, line);
    match &line.value {
        None => key,
        Some(value) => {
            let delimiter = delimiter(view, section, line, look);
            [&key, &delimiter, value.as_bytes()].concat()
        }
    }
}

/// The key of a new line: in quotes where the dialect has it so, as typed elsewhere.
fn written_key(view: &View<'_>, line: &Assignment) -> Vec<u8> {
    let key = &line.name.key;
    let quoted = view.dialect.key_form != KeyForm::Quoted || key == b"@" || key.starts_with(b"\"");
    match quoted {
        true => key.clone(),
        false => [b"\"", &key[..], b"\""].concat(),
    }
}

/// The delimiter of a new line with the blanks around it: that of the last key line with a value in its section, else of
/// the first one in the file, else as typed.
fn delimiter(view: &View<'_>, section: usize, line: &Assignment, look: &KeyLook<'_>) -> Vec<u8> {
    let blocks = !view.dialect.continuation_known;
    let shows = |&at: &usize| {
        let item = &view.scan.items[at];
        item.kind == Kind::Key && !item.value.is_empty()
    };
    let in_block = |at: usize| blocks && doubt::opener(view, at).is_some();
    let near: Range<usize> = view.scan.sections[section].items.clone();
    let all = 0..view.scan.items.len();
    let of_file = || all.filter(shows).find(|&at| !in_block(at));
    let model = (near.clone().rev().filter(shows).find(|&at| !in_block(at)))
        .or_else(|| near.rev().find(shows))
        .or_else(|| *look.model.get_or_init(of_file))
        .map(|at| &view.scan.items[at]);
    let between = |item: &Item| view.text[item.key.range().end..item.value.range().start].to_vec();
    let typed = || {
        let typed = match &*line.delimiter {
            "" => "=",
            typed => typed,
        };
        let known = &view.dialect.delimiters;
        match known.first() {
            Some(&first) if !known.contains(&b'=') => {
                typed.replace('=', &char::from(first).to_string()).into()
            }
            _ => typed.into(),
        }
    };
    model.map_or_else(typed, between)
}
