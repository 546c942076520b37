//! Lines that come in: keys where they are missing, further lines of a key, sections.

use super::doubt;
use super::editor::{Editor, KeyChange, KeyLook};
use super::locate::named_section;
use super::text_edit::{Effect, Refusal, TextEdit};
use crate::ini::dialect::KeyForm;
use crate::ini::grammar::Assignment;
use crate::ini::scan::Kind;
use std::collections::HashMap;

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
        if section == 0 && view.dialect.strict {
            let reason = "the file's program wants a header before a key; name a section";
            return Err(Refusal::at(0, reason));
        }
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
            std::iter::successors(Some(at), |&at| view.opener(at).filter(|_| blocks)).last()
        };
        let indent = last_key.and_then(outer).map_or(&b""[..], |at| {
            let item = &view.scan.items[at];
            &view.text[item.span.range().start..item.key.range().start]
        });
        let new = [indent, &self.look.written(section, line)].concat();
        let after = last_key.or_else(|| match section {
            // Nothing but comments.
            0 if view.scan.sections.len() == 1 => items.last(),
            0 => None,
            _ => items.next(),
        });
        Ok(KeyChange::of(self.look.inserted(after, new, line)))
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
        let Editor { view, target, .. } = *self;
        named_section(view, &target.record, &line.name)?;
        let Some(last) = view.lines_of(&target.record, &line.name).last() else {
            return self.add(line);
        };
        if view.dialect.strict {
            let reason =
                "the file's program refuses a key that is there twice; add to its value by hand";
            return Err(Refusal::of(view, last, reason));
        }
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
                [key, &self.look.delimiter(section, line)].concat()
            }
        };
        let value = line.value.as_deref().unwrap_or_default();
        let new = [&head, value.as_bytes()].concat();
        let mut line = line.clone();
        line.name.key = item.key.of(view.text).to_vec();
        Ok(KeyChange::of(self.look.inserted(Some(last), new, &line)))
    }
}

impl KeyLook<'_> {
    /// Makes the sections that `lines` name, each once, at the end of the file: after a blank line where the last section of
    /// the file has one before it.
    pub fn sections(&self, lines: &[Assignment]) -> Vec<TextEdit> {
        let view = self.view;
        let at = view.text.len();
        let ended = at == 0 || (self.line_end)(at).is_some();
        let apart = self.blank_before_headers();
        // Whether a blank line comes in before the next section.
        let last = view.scan.items.last();
        let mut blank = apart && last.is_some_and(|item| item.kind != Kind::Blank);
        let name = |line: &Assignment| line.name.section.clone().unwrap_or_default();
        let mut known = HashMap::new();
        let mut sections: Vec<Vec<&Assignment>> = Vec::new();
        for line in lines {
            let section = known.entry(view.dialect.section_identity(&name(line)));
            let section = *section.or_insert(sections.len());
            sections.resize(sections.len().max(section + 1), Vec::new());
            sections[section].push(line);
        }
        let mut edits = Vec::new();
        for lines in sections {
            let (name, end) = (name(lines[0]), self.any_line_end());
            let before = if blank { end.as_bytes() } else { b"" };
            blank = apart;
            // The line end that a last line lacks comes before each new one, so that the last of these lacks it too.
            edits.push(TextEdit {
                span: at..at,
                new: whole_line(&[before, b"[", &name, b"]"].concat(), end, ended),
                effect: Effect::Header { name },
            });
            edits.extend(lines.into_iter().map(|line| {
                let new = whole_line(&self.written(0, line), end, ended);
                self.edit(at, new, line)
            }));
        }
        edits
    }

    /// Whether the last header of the file, the first line aside, has a blank line before it and its comments.
    fn blank_before_headers(&self) -> bool {
        let items = &self.view.scan.items;
        let header = items.iter().rposition(|item| item.kind == Kind::Header);
        let mut before = items[..header.unwrap_or(0)].iter();
        let before = before.rfind(|item| item.kind != Kind::Comment);
        before.is_some_and(|item| item.kind == Kind::Blank)
    }

    fn any_line_end(&self) -> &'static str {
        let mut items = self.view.scan.items.iter();
        let end = items.find_map(|item| (self.line_end)(item.span.range().end));
        end.unwrap_or("\n")
    }

    /// The edit that brings `new` in after the item `after`, or at the top.
    fn inserted(&self, after: Option<usize>, new: Vec<u8>, line: &Assignment) -> TextEdit {
        let at = after.map_or(0, |item| self.view.scan.items[item].span.range().end);
        let before = after.and_then(|_| (self.line_end)(at));
        let end = before.unwrap_or_else(|| self.any_line_end());
        // A last line without its end keeps being one: the new line takes its place.
        let ended = after.is_none() || before.is_some();
        self.edit(at, whole_line(&new, end, ended), line)
    }

    fn edit(&self, at: usize, new: Vec<u8>, line: &Assignment) -> TextEdit {
        TextEdit {
            span: at..at,
            new,
            effect: Effect::Insert {
                key: self.written_key(line),
                value: line.value.as_ref().map(|value| value.clone().into_bytes()),
            },
        }
    }

    /// A new line of `section`, without indentation and line end.
    fn written(&self, section: usize, line: &Assignment) -> Vec<u8> {
        let key = self.written_key(line);
        match &line.value {
            None => key,
            Some(value) => [&key, &self.delimiter(section, line), value.as_bytes()].concat(),
        }
    }

    /// The key of a new line: in quotes where the dialect has it so, as typed elsewhere.
    fn written_key(&self, line: &Assignment) -> Vec<u8> {
        let key = &line.name.key;
        let in_quotes = self.view.dialect.key_form == KeyForm::Quoted;
        match in_quotes && key != b"@" && !key.starts_with(b"\"") {
            true => [b"\"", &key[..], b"\""].concat(),
            false => key.clone(),
        }
    }

    /// The delimiter of a new line with the blanks around it: that of the last key line with a value in its section, else of
    /// the first one in the file, else as typed.
    fn delimiter(&self, section: usize, line: &Assignment) -> Vec<u8> {
        let view = self.view;
        let blocks = !view.dialect.continuation_known;
        let shows = |&at: &usize| {
            let item = &view.scan.items[at];
            item.kind == Kind::Key && !item.value.is_empty()
        };
        let outside = |&at: &usize| !(blocks && view.opener(at).is_some());
        let near = view.scan.sections[section].items.clone().rev();
        let near = || near.clone().filter(shows);
        let all = 0..view.scan.items.len();
        let of_file = || all.filter(shows).find(outside);
        let model = (near().find(outside))
            .or_else(|| near().next())
            .or_else(|| *self.model.get_or_init(of_file));
        if let Some(item) = model.map(|at| &view.scan.items[at]) {
            return view.text[item.key.range().end..item.value.range().start].to_vec();
        }
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
    }
}

/// A line with its end: after it, or before it where the file's last line has none.
fn whole_line(line: &[u8], end: &str, ended: bool) -> Vec<u8> {
    match ended {
        true => [line, end.as_bytes()].concat(),
        false => [end.as_bytes(), line].concat(),
    }
}
