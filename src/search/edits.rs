//! The edits of one file: computed from its records or matches, then previewed or gathered for the transaction.

use super::encode::{check_encoding, digest_after, file_edits};
use super::findings::Findings;
use super::ini::not_read;
use super::lines::matching_lines;
use super::opened::{Failure, Opened, ReadIni};
use super::record_json::json_edits;
use super::shared::EditCounts;
use super::slot::Slot;
use super::worker::{Worker, print_total};
use crate::change::edit::{Edits, FileChange, Seen};
use crate::change::editor::{Editor, KeyChange, KeyLook};
use crate::change::template::Template;
use crate::change::text_edit::{self, Effect, Refusal, TextEdit};
use crate::change::{doubt, reread};
use crate::files::{Document, Origin, read};
use crate::ini::grammar::Assignment;
use crate::ini::scan::LIMIT;
use crate::ini::{Scan, Scope};
use crate::output::diff::{self, DiffChange};
use crate::pattern::{Groups, MatchError, Matcher};
use crate::plan::{Change, EditMode, EditRules, InPlace};
use crate::system::{FileKind, Meta, Real, System, errors, names};
use std::borrow::Cow;
use std::io::Write;
use std::ops::Range;

/// A file that is to be edited, read.
struct EditedFile<'f> {
    read: ReadIni<'f>,
    /// What it is opened by.
    path: &'f [u8],
    /// It is read as INI.
    ini: bool,
    rules: &'f EditRules,
    /// What it was when it was opened.
    meta: Meta,
}

impl EditedFile<'_> {
    fn refused(&self, refusal: Refusal) -> Failure {
        let text = self.read.view.text;
        let line = |at: usize| self.read.numbers().at(at.min(text.len()));
        let changed = match self.rules.mode {
            EditMode::InPlace(_) => "not edited",
            _ => "would not be edited",
        };
        Failure {
            line: refusal.at.map(line),
            kind: Some(refusal.kind()),
            ..Failure::new(format!("{changed}: {}", refusal.reason))
        }
    }
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
                let document = match ini {
                    true => Document::new(&buffer, self.job.ini.fallback),
                    false => Document::raw(&buffer),
                };
                let findings = self.find_edited(&document, &mut scan, ini)?;
                let file = EditedFile {
                    read: self.read_ini(opened, &document, &scan),
                    path,
                    ini,
                    rules,
                    meta,
                };
                self.edit_file(&file, findings, slot)
            });
        self.buffer = buffer;
        self.scan = scan;
        result
    }

    /// The lines and records to edit.
    fn find_edited(
        &self,
        document: &Document<'_>,
        scan: &mut Scan,
        ini: bool,
    ) -> Result<Findings, Failure> {
        if ini {
            return self.find(document, scan);
        }
        let matcher = self.job.matchers.text().map_err(Failure::new)?;
        let lines = matching_lines(self.job, document.text(), matcher, None)?;
        Ok(Findings {
            count: lines.len() as u64,
            lines,
            ..Findings::default()
        })
    }

    fn edit_file(
        &self,
        file: &EditedFile<'_>,
        findings: Findings,
        slot: &mut Slot<'_>,
    ) -> Result<(), Failure> {
        self.count_stats(&file.read, &findings)?;
        let replaced = self.replacements(file, &findings)?;
        if file.rules.mode == EditMode::Matches {
            if findings.count > 0 {
                self.shared.select();
            }
            if !self.job.quiet {
                self.print_replaced(file, &replaced, slot);
            }
            return Ok(());
        }
        let refused = |refusal| file.refused(refusal);
        let (edits, counts) = (self.text_edits(file, &findings, replaced)).map_err(refused)?;
        // A large file has many.
        drop(findings);
        self.shared.count_edits(counts);
        let ini = file.ini.then_some(&self.job.ini);
        let file_edits = file_edits(file.read.document, &edits, ini).map_err(refused)?;
        self.preview(file, &edits, &file_edits, slot);
        if !file_edits.is_empty() {
            self.shared.select();
            self.shared.count_changing();
            if matches!(file.rules.mode, EditMode::InPlace(_)) {
                gather(file, file_edits, slot);
            }
        }
        Ok(())
    }

    /// What each match becomes, where matches are replaced.
    fn replacements(
        &self,
        file: &EditedFile<'_>,
        findings: &Findings,
    ) -> Result<Vec<TextEdit>, Failure> {
        let mut edits = Vec::new();
        let matcher = match file.ini {
            true => self.job.matchers.ini(),
            false => Some(self.job.matchers.text().map_err(Failure::new)?),
        };
        for change in &file.rules.changes {
            if let (Change::Replace(template), Some(matcher)) = (change, matcher) {
                for selected in &findings.lines {
                    let field = &selected.field;
                    replace(file.read.view.text, field, matcher, template, &mut edits)?;
                }
            }
        }
        Ok(edits)
    }

    /// All edits of the text, in order, and what they come to; `replaced`: what matches become.
    fn text_edits(
        &self,
        file: &EditedFile<'_>,
        findings: &Findings,
        replaced: Vec<TextEdit>,
    ) -> Result<(Vec<TextEdit>, EditCounts), Refusal> {
        let EditedFile { ini, rules, .. } = *file;
        let ReadIni { document, view, .. } = file.read;
        let mut counts = EditCounts {
            selected: findings.count,
            ..EditCounts::default()
        };
        if findings.count == 0 {
            return Ok((Vec::new(), counts));
        }
        if document.ends_within_character() {
            return Err(Refusal::at(
                view.text.len(),
                "the last byte is half a character of UTF-16; mend that first",
            ));
        }
        if !ini {
            check_encoding(view.text, &rules.changes)?;
        }
        let keyed = |change: &&Change| !matches!(change, Change::Replace(_));
        let structural = rules.changes.iter().any(|change| keyed(&change));
        if structural || ini && !self.job.ini.conditions.is_empty() {
            doubt::check_file(&view)?;
        } else {
            doubt::check_nul(view.text)?;
        }
        let matches = replaced.len();
        let mut edits = replaced;
        edits.retain(|edit| view.text[edit.span.clone()] != edit.new);
        counts.already = (matches - edits.len()) as u64;
        let line_end = |at: usize| document.line_end_before(at);
        let look = KeyLook::new(&view, &line_end);
        let mut new_sections: Vec<Assignment> = Vec::new();
        for change in rules.changes.iter().filter(keyed) {
            for target in &findings.records {
                let editor = Editor {
                    view: &view,
                    target,
                    confined: self.job.ini.scope == Scope::Auto,
                    look: &look,
                };
                let made = keyed_edits(&editor, change)?;
                counts.lacking += u64::from(made.lacking);
                counts.already += u64::from(made.already);
                edits.extend(made.edits);
                new_sections.extend(made.new_section);
            }
        }
        if !new_sections.is_empty() {
            new_sections.dedup();
            edits.extend(look.sections(&new_sections));
        }
        let mut edits = text_edit::ordered(edits)?;
        text_edit::keep_missing_end(view.text, &mut edits);
        let is_text = |edit: &TextEdit| edit.effect == Effect::Text;
        if ini && edits.iter().any(is_text) {
            doubt::check_line_ends(&view, &edits)?;
        }
        if structural {
            let keyed = match edits.iter().any(is_text) {
                true => Cow::Owned(
                    edits
                        .iter()
                        .filter(|edit| !is_text(edit))
                        .cloned()
                        .collect(),
                ),
                false => Cow::Borrowed(&edits),
            };
            reread::check(&view, &keyed)?;
        }
        Ok((edits, counts))
    }

    /// Prints each match as replaced (`-o --replace`).
    fn print_replaced(&self, file: &EditedFile<'_>, edits: &[TextEdit], slot: &mut Slot<'_>) {
        let printer = self.printer(file.read.opened, None);
        let mut numbers = file.read.numbers();
        for edit in edits {
            let start = edit.span.start;
            let (number, offset) = (numbers.at(start), file.read.offset(start));
            printer.replaced(slot.buffer(), &edit.new, number, offset);
            slot.line_done(self.job.output.line_buffered);
        }
    }

    /// Prints what is wanted of the edits.
    fn preview(
        &self,
        file: &EditedFile<'_>,
        edits: &[TextEdit],
        file_edits: &Edits,
        slot: &mut Slot<'_>,
    ) {
        let (opened, count) = (file.read.opened, file_edits.len());
        let printer = self.printer(opened, None);
        match (&file.rules.mode, self.job.output.json) {
            _ if self.job.quiet => {}
            (EditMode::Matches, _) => {}
            (EditMode::Names, _) if count == 0 => {}
            (EditMode::Names, _) => print_total(&printer, None, slot),
            (EditMode::Counts, _) => print_total(&printer, Some(count as u64), slot),
            (_, true) => json_edits(&file.read, edits, file_edits, slot),
            (EditMode::Preview, false) if opened.origin == Origin::Stdin => {
                file_edits.pieces(file.read.document.bytes(), |piece| {
                    let _ = slot.buffer().write_all(piece);
                });
            }
            (EditMode::InPlace(InPlace { diff: false, .. }), false) => {}
            (EditMode::Diff | EditMode::Preview | EditMode::InPlace(_), false) => {
                self.print_diff(file, edits, file_edits, slot);
            }
        }
        slot.line_done(self.job.output.line_buffered);
    }

    /// A terminal gets the diff as text; a pipe gets the file's own bytes.
    fn print_diff(
        &self,
        file: &EditedFile<'_>,
        edits: &[TextEdit],
        file_edits: &Edits,
        slot: &mut Slot<'_>,
    ) {
        let in_text = edits.iter().map(|edit| DiffChange {
            span: edit.span.clone(),
            new: &edit.new,
        });
        let in_file = file_edits.iter().map(|edit| DiffChange {
            span: edit.start as usize..edit.end() as usize,
            new: edit.new,
        });
        let (old, changes): (_, Vec<_>) = match self.job.output.terminal {
            true => (file.read.view.text, in_text.collect()),
            false => (file.read.document.bytes(), in_file.collect()),
        };
        let (name, look) = (diff::name_of(file.path), self.job.output.diff_look());
        diff::unified(slot.buffer(), &name, old, &changes, look);
    }
}

/// What one change of keys comes to in one record.
fn keyed_edits(editor: &Editor<'_>, change: &Change) -> Result<KeyChange, Refusal> {
    match change {
        Change::Set(name, value) => editor.set(name, value),
        Change::Add(line) => editor.add(line),
        Change::Put(line) => editor.put(line),
        Change::Append(line) => editor.append(line),
        Change::Unset(name, value) => editor.unset(name, value.as_deref()),
        Change::UnsetSection(name) => editor.unset_section(name),
        Change::Replace(_) => Ok(KeyChange::default()),
    }
}

/// Gathers the edits of a file for the transaction.
fn gather(file: &EditedFile<'_>, edits: Edits, slot: &mut Slot<'_>) {
    let (path, bytes) = (names::path(file.path), file.read.document.bytes());
    slot.change(FileChange {
        // Beneath a folder no link is followed.
        is_link: file.read.opened.origin == Origin::Operand && path.is_symlink(),
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

/// The edits that replace each match in a field, changed or not, as sed's `s///g`: an empty match counts unless it touches
/// the one before it.
fn replace(
    text: &[u8],
    field_at: &Range<usize>,
    matcher: &Matcher,
    template: &Template,
    edits: &mut Vec<TextEdit>,
) -> Result<(), MatchError> {
    let field = &text[field_at.clone()];
    let (mut groups, mut matches) = (Groups::default(), matcher.matches(field));
    let mut at = 0;
    let mut last_end = None;
    while at <= field.len() {
        let found = matches.captures_at(at, &mut groups)?;
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
