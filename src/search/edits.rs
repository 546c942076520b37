//! The edits of one file: computed from its records or matches, then previewed or gathered for the transaction.

use super::encode::{check_encoding, digest_after, file_edits};
use super::findings::Findings;
use super::ini::not_read;
use super::lines::matching_lines;
use super::numbers::Numbers;
use super::opened::{Failure, Opened, ReadIni};
use super::shared::EditCounts;
use super::slot::Slot;
use super::worker::Worker;
use crate::change::edit::{Edits, FileChange, Seen};
use crate::change::editor::{self, Editor, KeyLook, Target};
use crate::change::template::Template;
use crate::change::text_edit::{self, Effect, Refusal, TextEdit};
use crate::change::{doubt, reread};
use crate::files::{Document, Origin, read};
use crate::ini::grammar::Assignment;
use crate::ini::record::View;
use crate::ini::scan::LIMIT;
use crate::ini::{Scan, Scope};
use crate::output::diff;
use crate::output::json::{self, Data};
use crate::pattern::{Groups, Matcher};
use crate::plan::{Change, EditMode, EditRules, InPlace};
use crate::system::{FileKind, Meta, Real, System, errors, names};
use serde_json::json;
use std::io::Write;
use std::ops::Range;

/// A file that is to be edited.
struct EditedFile<'f> {
    opened: &'f Opened<'f>,
    path: &'f [u8],
    /// It is read as INI.
    ini: bool,
    rules: &'f EditRules,
    /// What it was when it was opened.
    meta: Meta,
}

/// The edits of one file, as they were made.
#[derive(Default)]
struct MadeEdits {
    /// In the text, in order.
    text: Vec<TextEdit>,
    /// The same in the file's bytes.
    bytes: Edits,
    /// What they came to.
    counts: EditCounts,
}

impl Worker<'_> {
    /// Computes the edits of a file, and previews or gathers them.
    pub(super) fn edit(
        &mut self,
        opened: &Opened<'_>,
        path: &[u8],
        ini: bool,
        rules: &EditRules,
        slot: &mut Slot<'_>,
    ) -> Result<(), Failure> {
        let meta = Real.meta(opened.source.file)?;
        let in_place = matches!(rules.mode, EditMode::InPlace(_));
        match (meta.kind, opened.origin) {
            (_, Origin::Stdin) if in_place => {
                return Err(Failure::new(
                    "standard input cannot be edited in place; name a file",
                ));
            }
            (FileKind::File, _) | (_, Origin::Stdin) => {}
            (FileKind::Dir, _) => return Err(errors::is_a_folder().into()),
            _ => return Err(Failure::new("not a regular file, so it is not edited")),
        }
        // A file that was named twice is edited once.
        if opened.origin != Origin::Stdin && !self.shared.first_time(meta.device, meta.inode) {
            return Ok(());
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut scan = std::mem::take(&mut self.scan);
        let most = if ini { LIMIT } else { usize::MAX };
        let result = read::read_all(opened.source, most, &mut buffer)
            .map_err(not_read)
            .and_then(|()| {
                let document = if ini {
                    Document::new(&buffer, self.job.ini.fallback)
                } else {
                    Document::raw(&buffer)
                };
                let file = EditedFile {
                    opened,
                    path,
                    ini,
                    rules,
                    meta,
                };
                self.edit_document(&document, &mut scan, &file, slot)
            });
        self.buffer = buffer;
        self.scan = scan;
        result
    }

    fn edit_document(
        &self,
        document: &Document<'_>,
        scan: &mut Scan,
        file: &EditedFile<'_>,
        slot: &mut Slot<'_>,
    ) -> Result<(), Failure> {
        let EditedFile { ini, rules, .. } = *file;
        let refused = |refusal: Refusal| {
            let text = document.text();
            let line = |at: usize| Numbers::new(text, 0).at(at.min(text.len()));
            let line = refusal.at.map(line);
            let changed = match rules.mode {
                EditMode::InPlace(_) => "not edited",
                _ => "would not be edited",
            };
            Failure {
                line,
                kind: Some(refusal.kind()),
                ..Failure::new(format!("{changed}: {}", refusal.reason))
            }
        };
        let matcher = if ini {
            self.job.matchers.ini()
        } else {
            Some(self.job.matchers.text().map_err(Failure::new)?)
        };
        let findings = if ini {
            self.find(document, scan)?
        } else {
            self.find_text(document.text(), matcher)?
        };
        self.count_stats(document.bytes().len(), &findings, document.text())?;
        if rules.mode == EditMode::Matches {
            return self.replaced_matches(document, &findings, matcher, file, slot);
        }
        let mut edits = self
            .text_edits(document, scan, &findings, matcher, file)
            .map_err(|error| match error {
                AttemptError::Refused(refusal) => refused(refusal),
                AttemptError::Failed(failure) => failure,
            })?;
        self.shared.count_edits(edits.counts);
        if edits.counts.selected > 0 {
            self.shared.select(&self.job.action);
        }
        edits.bytes = file_edits(
            document,
            &edits.text,
            self.job.ini.fallback,
            self.job.ini.fallback_chosen,
            ini,
        )
        .map_err(refused)?;
        let view = self.view(document.text(), scan);
        self.preview(document, &view, &edits, file, slot);
        if !edits.bytes.is_empty() {
            self.shared.count_changing();
            if matches!(rules.mode, EditMode::InPlace(_)) {
                gather(document.bytes(), edits.bytes, file, slot);
            }
        }
        Ok(())
    }

    /// The matching lines of a file that is not read as INI.
    fn find_text(&self, text: &[u8], matcher: Option<&Matcher>) -> Result<Findings, Failure> {
        let Some(matcher) = matcher else {
            return Ok(Findings::default());
        };
        let lines = matching_lines(self.job, text, matcher, None)?;
        let count = lines.len() as u64;
        Ok(Findings {
            lines,
            count,
            ..Findings::default()
        })
    }

    fn text_edits(
        &self,
        document: &Document<'_>,
        scan: &Scan,
        findings: &Findings,
        matcher: Option<&Matcher>,
        file: &EditedFile<'_>,
    ) -> Result<MadeEdits, AttemptError> {
        let EditedFile { ini, rules, .. } = *file;
        let mut edits = MadeEdits::default();
        edits.counts.selected = findings.count;
        if findings.count == 0 {
            return Ok(edits);
        }
        if document.ends_within_character() {
            return Err(Refusal::at(
                document.text().len(),
                "the last byte is half a character of UTF-16; mend that first",
            )
            .into());
        }
        if !ini {
            check_encoding(document.text(), &rules.changes)?;
        }
        let view = self.view(document.text(), scan);
        let structural = rules
            .changes
            .iter()
            .any(|change| !matches!(change, Change::Replace(_)));
        if structural || ini && !self.job.ini.conditions.is_empty() {
            doubt::check_file(&view)?;
        } else {
            doubt::check_nul(view.text)?;
        }
        let line_end = |at: usize| document.line_end_before(at);
        let look = KeyLook::new(&view, &line_end);
        let mut new_sections: Vec<Assignment> = Vec::new();
        for change in &rules.changes {
            match change {
                Change::Replace(template) => {
                    let Some(matcher) = matcher else { continue };
                    for selected in &findings.lines {
                        let field = &selected.field;
                        replace(view.text, field, matcher, template, &mut edits.text)?;
                    }
                    let matches = edits.text.len();
                    edits
                        .text
                        .retain(|edit| view.text[edit.span.clone()] != edit.new);
                    edits.counts.already += (matches - edits.text.len()) as u64;
                }
                keyed => {
                    for target in &findings.records {
                        let made = self.keyed(&view, target, keyed, &look)?;
                        edits.counts.lacking += u64::from(made.lacking);
                        edits.counts.already += u64::from(made.already);
                        edits.text.extend(made.edits);
                        new_sections.extend(made.new_section);
                    }
                }
            }
        }
        if !new_sections.is_empty() {
            new_sections.dedup();
            edits.text.extend(look.sections(&new_sections));
        }
        edits.text = text_edit::ordered(edits.text)?;
        text_edit::keep_missing_end(view.text, &mut edits.text);
        let is_text = |edit: &TextEdit| edit.effect == Effect::Text;
        if ini && edits.text.iter().any(is_text) {
            doubt::check_line_ends(&view, &edits.text)?;
        }
        if structural {
            let keyed = edits.text.iter().filter(|edit| !is_text(edit)).cloned();
            reread::check(&view, &keyed.collect::<Vec<_>>())?;
        }
        Ok(edits)
    }

    /// What one change of keys comes to in one record.
    fn keyed(
        &self,
        view: &View<'_>,
        target: &Target,
        change: &Change,
        look: &KeyLook<'_>,
    ) -> Result<editor::KeyChange, Refusal> {
        let editor = Editor {
            view,
            target,
            confined: self.job.ini.scope == Scope::Auto,
            look,
        };
        match change {
            Change::Set(name, value) => editor.set(name, value),
            Change::Add(line) => editor.add(line),
            Change::Put(line) => editor.put(line),
            Change::Append(line) => editor.append(line),
            Change::Unset(name, value) => editor.unset(name, value.as_deref()),
            Change::UnsetSection(name) => editor.unset_section(name),
            Change::Replace(_) => Ok(editor::KeyChange::default()),
        }
    }

    /// Prints each match as replaced (`-o --replace`).
    fn replaced_matches(
        &self,
        document: &Document<'_>,
        findings: &Findings,
        matcher: Option<&Matcher>,
        file: &EditedFile<'_>,
        slot: &mut Slot<'_>,
    ) -> Result<(), Failure> {
        let EditedFile { opened, rules, .. } = *file;
        let Some(matcher) = matcher else {
            return Ok(());
        };
        if findings.count > 0 {
            self.shared.select(&self.job.action);
        }
        let printer = self.printer(opened, None);
        let text = document.text();
        let mut numbers = Numbers::new(text, 0);
        for selected in &findings.lines {
            let number = numbers.at(selected.line.start);
            for change in &rules.changes {
                let Change::Replace(template) = change else {
                    continue;
                };
                let mut edits = Vec::new();
                replace(text, &selected.field, matcher, template, &mut edits).map_err(|error| {
                    match error {
                        AttemptError::Failed(failure) => failure,
                        AttemptError::Refused(refusal) => Failure::new(refusal.reason),
                    }
                })?;
                for edit in edits {
                    let offset = document.to_file(edit.span.start) as u64;
                    printer.replaced(slot.buffer(), &edit.new, number, offset);
                    slot.line_done(self.job.output.line_buffered);
                }
            }
        }
        Ok(())
    }

    /// Prints what is wanted of the edits.
    fn preview(
        &self,
        document: &Document<'_>,
        view: &View<'_>,
        edits: &MadeEdits,
        file: &EditedFile<'_>,
        slot: &mut Slot<'_>,
    ) {
        let EditedFile {
            opened,
            path,
            rules,
            ..
        } = *file;
        let file_edits = &edits.bytes;
        let stdin = opened.origin == Origin::Stdin;
        let changes = !file_edits.is_empty();
        let printer = self.printer(opened, None);
        if self.job.output.json {
            let path = Data(printer.path);
            let count = file_edits.len();
            match &rules.mode {
                EditMode::Names if changes => {
                    json::message(slot.buffer(), "file", &json!({ "path": path }));
                }
                EditMode::Counts => {
                    let body = json!({ "path": path, "count": count });
                    json::message(slot.buffer(), "count", &body);
                }
                EditMode::Names | EditMode::Quiet => {}
                _ => {
                    let places: Vec<usize> =
                        edits.text.iter().map(|edit| edit.span.start).collect();
                    let file = ReadIni {
                        opened,
                        document,
                        view: *view,
                    };
                    self.json_edits(&file, &places, file_edits, slot);
                }
            }
        }
        match &rules.mode {
            _ if self.job.output.json => {}
            EditMode::Names if changes => printer.name_alone(slot.buffer()),
            EditMode::Counts => {
                if printer.named {
                    printer.name(slot.buffer(), b':');
                }
                let _ = writeln!(slot.buffer(), "{}", file_edits.len());
            }
            EditMode::Diff if stdin => {
                file_edits.pieces(document.bytes(), |piece| {
                    let _ = slot.buffer().write_all(piece);
                });
            }
            EditMode::Diff | EditMode::InPlace(InPlace { diff: true, .. }) if changes => {
                self.print_diff(document, edits, path, slot);
            }
            _ => {}
        }
        slot.line_done(self.job.output.line_buffered);
    }

    /// A terminal gets the diff as text; a pipe gets the file's own bytes.
    fn print_diff(
        &self,
        document: &Document<'_>,
        edits: &MadeEdits,
        path: &[u8],
        slot: &mut Slot<'_>,
    ) {
        let look = self.job.output.diff_look();
        let context = self.job.output.diff_context;
        let name = diff::name_of(path);
        let (old, changes): (_, Vec<diff::DiffChange<'_>>) = if self.job.output.terminal {
            let new = edits.text.iter().map(|edit| diff::DiffChange {
                span: edit.span.clone(),
                new: &edit.new,
            });
            (document.text(), new.collect())
        } else {
            let new = edits.bytes.iter().map(|edit| diff::DiffChange {
                span: edit.start as usize..edit.end() as usize,
                new: edit.new,
            });
            (document.bytes(), new.collect())
        };
        diff::unified_with(slot.buffer(), &name, old, &changes, look, context);
    }
}

/// Gathers the edits of a file with these bytes for the transaction.
fn gather(bytes: &[u8], edits: Edits, file: &EditedFile<'_>, slot: &mut Slot<'_>) {
    let path = names::path(file.path);
    slot.change(FileChange {
        // Beneath a folder no link is followed.
        is_link: file.opened.origin == Origin::Operand && path.is_symlink(),
        path: path.into_owned(),
        seen: Seen {
            meta: Meta {
                size: bytes.len() as u64,
                ..file.meta
            },
            digest: blake3::hash(bytes).into(),
        },
        becomes: digest_after(bytes, &edits),
        edits,
    });
}

/// Why there are no edits.
enum AttemptError {
    Refused(Refusal),
    Failed(Failure),
}

impl From<Refusal> for AttemptError {
    fn from(refusal: Refusal) -> AttemptError {
        AttemptError::Refused(refusal)
    }
}

/// The edits that replace each match in a field, changed or not, as sed's `s///g`: an empty match counts unless it touches
/// the one before it.
fn replace(
    text: &[u8],
    field_at: &Range<usize>,
    matcher: &Matcher,
    template: &Template,
    edits: &mut Vec<TextEdit>,
) -> Result<(), AttemptError> {
    let field = &text[field_at.clone()];
    let mut groups = Groups::default();
    let mut at = 0;
    let mut last_end = None;
    while at <= field.len() {
        let found = matcher
            .captures_at(field, at, &mut groups)
            .map_err(|error| AttemptError::Failed(error.into()))?;
        let Some(whole) = groups.get(0).filter(|_| found) else {
            break;
        };
        if !whole.is_empty() || last_end != Some(whole.start) {
            let new = template.expand(|group| groups.get(group).map_or(&[], |at| &field[at]));
            let span = field_at.start + whole.start..field_at.start + whole.end;
            edits.push(TextEdit {
                span,
                new,
                effect: Effect::Text,
            });
            last_end = Some(whole.end);
        }
        at = if whole.is_empty() {
            next_character(field, whole.end)
        } else {
            whole.end
        };
    }
    Ok(())
}

fn next_character(text: &[u8], at: usize) -> usize {
    let next = (at + 1..text.len()).find(|&next| text[next] & 0xc0 != 0x80);
    next.unwrap_or(text.len().max(at + 1))
}
