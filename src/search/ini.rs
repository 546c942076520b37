//! The search of a file that is read as INI: matching lines, their records, the conditions, the State lines.

use super::findings::{Findings, Selected};
use super::lines::{confined_lines, content, first_line, matching_lines};
use super::needs::{keeps_records, needs_records, only_counts, only_shown, selects_records};
use super::opened::{Failure, Opened, ReadIni};
use super::slot::Slot;
use super::worker::Worker;
use crate::change::editor::Target;
use crate::files::{Document, Origin, read};
use crate::ini::glob::NameGlob;
use crate::ini::record::{Record, View};
use crate::ini::scan::{self, Kind};
use crate::ini::{Condition, Scan, Scope, cut};
use crate::plan::{Action, Binary, Change};
use std::io;

impl Worker<'_> {
    /// Searches a file as INI and prints what is wanted of it, unless it is to be cut in pieces (then false), if it `cuts`
    /// such.
    pub(super) fn search_ini(
        &mut self,
        opened: &Opened<'_>,
        cuts: bool,
        slot: &mut Slot<'_>,
    ) -> Result<bool, Failure> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let result = self.read_and_search(&mut buffer, opened, cuts, slot);
        self.buffer = buffer;
        result
    }

    fn read_and_search(
        &mut self,
        buffer: &mut Vec<u8>,
        opened: &Opened<'_>,
        cuts: bool,
        slot: &mut Slot<'_>,
    ) -> Result<bool, Failure> {
        let source = opened.source;
        if !read::read_start(source, buffer)? {
            if cuts && self.is_large(buffer, opened) {
                return Ok(false);
            }
            read::read_on(source, scan::LIMIT, buffer).map_err(not_read)?;
        }
        if self.may_match(buffer) {
            let document = Document::new(buffer, self.job.ini.fallback);
            self.search_document(&document, opened, slot)?;
        } else {
            self.scan.clear();
            let nothing = Document::raw(buffer);
            let file = self.read_ini(opened, &nothing, &self.scan);
            self.report(&file, &Findings::default(), slot)?;
        }
        Ok(true)
    }

    /// Whether a file that starts with these bytes is large, and its pieces can be searched each by itself.
    fn is_large(&self, start: &[u8], opened: &Opened<'_>) -> bool {
        let size = opened.source.size();
        size.is_some_and(|size| size >= self.shared.sizes.large)
            && opened.origin != Origin::Stdin
            && !matches!(start, [0xff, 0xfe, ..] | [0xfe, 0xff, ..])
            && cut::may_cut(self.dialect)
    }

    /// Whether a text of these bytes need be read as INI.
    pub(super) fn may_match(&self, bytes: &[u8]) -> bool {
        let filter = self.shared.prefilter.as_ref();
        // A name that a warning may be about is looked for in every file.
        filter.is_none_or(|filter| filter.may_match(bytes)) || self.shared.names.waiting()
    }

    /// Searches a text and prints what is wanted of it.
    pub(super) fn search_document(
        &mut self,
        document: &Document<'_>,
        opened: &Opened<'_>,
        slot: &mut Slot<'_>,
    ) -> Result<(), Failure> {
        let mut scan = std::mem::take(&mut self.scan);
        let result = self.find(document, &mut scan).and_then(|findings| {
            let file = self.read_ini(opened, document, &scan);
            self.report(&file, &findings, slot)
        });
        self.scan = scan;
        result
    }

    pub(super) fn read_ini<'f>(
        &'f self,
        opened: &'f Opened<'f>,
        document: &'f Document<'f>,
        scan: &'f Scan,
    ) -> ReadIni<'f> {
        ReadIni {
            opened,
            document,
            view: self.view(document.text(), scan),
        }
    }

    /// A view of a scanned text.
    pub(super) fn view<'v>(&'v self, text: &'v [u8], scan: &'v Scan) -> View<'v> {
        let ini = &self.job.ini;
        let confine = if ini.records {
            ini.section.as_ref()
        } else {
            None
        };
        View {
            text,
            scan,
            dialect: self.dialect,
            confine,
        }
    }

    /// Finds the selected lines and records of a document. `scan` holds its items afterwards if they were needed.
    pub(super) fn find(
        &self,
        document: &Document<'_>,
        scan: &mut Scan,
    ) -> Result<Findings, Failure> {
        let (job, text) = (self.job, document.text());
        let ini = &job.ini;
        let mut findings = Findings::default();
        if text.len() > scan::LIMIT {
            return Err(too_large());
        }
        scan.clear();
        if matches!(job.action, Action::Lint) {
            scan.read(text, self.dialect);
            return Ok(findings);
        }
        // Until each name was met once, every file is read for it.
        let waiting = self.shared.names.waiting();
        let binary = job.binary == Binary::WithoutMatch && document.survey().nul;
        if binary || !waiting && ini.need.as_ref().is_some_and(|need| !need.may_hold(text)) {
            return Ok(findings);
        }
        if ini.records || ini.confined() || waiting {
            match (&ini.need, self.decided) {
                (Some(need), Some(true)) if ini.records && !waiting => {
                    let place = |from: usize| need.find_from(text, from);
                    let may_hold = |section: &[u8]| need.may_hold(section);
                    let parts = cut::sections_of(text, self.dialect, place, may_hold);
                    scan.read_parts(text, &parts, self.dialect);
                }
                _ => scan.read(text, self.dialect),
            }
            if waiting {
                self.shared.names.note(&self.view(text, scan), ini);
            }
        }
        if ini.records {
            let view = self.view(text, scan);
            self.select_records(&view, &mut findings);
            findings.put_in_order(&view);
            self.select_empty(&view, &mut findings);
            return Ok(findings);
        }
        let Some(matcher) = job.matchers.ini() else {
            return Ok(findings);
        };
        let limit = job.max_count.filter(|_| ini.conditions.is_empty());
        findings.lines = match ini.confined() {
            true => confined_lines(job, &self.view(text, scan), matcher, limit)?,
            false => matching_lines(job, text, matcher, limit)?,
        };
        if !findings.lines.is_empty() && needs_records(job) {
            if scan.items.is_empty() {
                self.scan_around(text, &findings.lines, scan);
            }
            self.keep_selected(&self.view(text, scan), &mut findings);
        }
        findings.count = findings.lines.len() as u64;
        Ok(findings)
    }

    /// Scans what is needed of a text in which these lines match: all, or of a piece of a large file their sections.
    fn scan_around(&self, text: &[u8], lines: &[Selected], scan: &mut Scan) {
        if self.decided.is_none() {
            return scan.read(text, self.dialect);
        }
        let mut starts = lines.iter().map(|line| line.line.start);
        let parts = match only_shown(self.job, self.dialect) {
            Some(keys) => cut::lines_of(text, self.dialect, &keys, starts),
            None => {
                let place = |from: usize| starts.find(|&start| start >= from);
                cut::sections_of(text, self.dialect, place, |_| true)
            }
        };
        scan.read_parts(text, &parts, self.dialect);
    }

    /// Whether sections are records, given the keys of lines that match.
    pub(super) fn by_section(&self, view: &View<'_>, line_keys: &[&[u8]]) -> bool {
        match (self.decided, self.job.ini.scope) {
            (Some(decided), _) => decided,
            (None, Scope::File) => false,
            (None, Scope::Section) => true,
            (None, Scope::Auto) => {
                let deciding = &self.job.ini.deciding;
                let (named, globs): (Vec<&NameGlob>, Vec<&NameGlob>) =
                    deciding.iter().partition(|glob| glob.literal().is_some());
                let named = named.into_iter().filter_map(NameGlob::literal);
                let mut keys: Vec<&[u8]> = named.chain(line_keys.iter().copied()).collect();
                if !globs.is_empty() {
                    let all = view.scan.items.iter().filter(|item| item.has_key());
                    let all = all.map(|item| item.key.of(view.text));
                    keys.extend(all.filter(|key| {
                        globs.iter().any(|glob| glob.matches_key(key, view.dialect))
                    }));
                }
                view.splits(&keys)
            }
        }
    }

    /// Whether a record is one that is meant, and all conditions hold for it; adds its witness lines.
    fn meets(&self, view: &View<'_>, record: &Record, witnesses: &mut Vec<usize>) -> bool {
        let ini = &self.job.ini;
        let hold = |condition: &Condition| condition.holds(view, record, witnesses);
        ini.confine.admits(view, record) && ini.conditions.iter().all(hold)
    }

    /// Without PATTERNS: every record that meets the conditions, its witness lines selected.
    fn select_records(&self, view: &View<'_>, findings: &mut Findings) {
        let by_section = self.by_section(view, &[]);
        let limit = self.job.max_count.unwrap_or(u64::MAX);
        let mut witnesses = Vec::new();
        for record in view.records(by_section) {
            if findings.count >= limit {
                break;
            }
            witnesses.clear();
            let Some(representative) = view.representative(&record) else {
                continue;
            };
            if !self.meets(view, &record, &mut witnesses) {
                continue;
            }
            findings.count += 1;
            // A large file has many records: none is kept for a count, and no lines where none is printed.
            if only_counts(self.job) {
                continue;
            }
            if let Action::Tally(keys) = &self.job.action {
                self.tally(view, &record, keys);
                continue;
            }
            let witnessed = !witnesses.is_empty();
            if !witnessed {
                witnesses.push(representative);
            }
            witnesses.sort_unstable();
            witnesses.dedup();
            let rows = matches!(self.job.action, Action::Values(_) | Action::Edit(_));
            if !rows || self.job.output.json || self.job.stats {
                let lines = witnesses.iter().map(|&item| witness(view, item));
                findings.lines.extend(lines);
                self.add_shown(view, &record, &witnesses, by_section, findings);
            }
            findings.records.push(Target {
                record,
                lines: witnesses.clone(),
                witnessed,
            });
        }
    }

    /// A file without a key and a section is a record for what would come in.
    fn select_empty(&self, view: &View<'_>, findings: &mut Findings) {
        let Action::Edit(rules) = &self.job.action else {
            return;
        };
        let adds =
            |change: &Change| matches!(change, Change::Add(_) | Change::Put(_) | Change::Append(_));
        let record = view.whole();
        if view.everywhere().representative(&record).is_none()
            && rules.changes.iter().any(adds)
            && self.meets(view, &record, &mut Vec::new())
        {
            findings.count += 1;
            findings.records.push(Target {
                record,
                lines: Vec::new(),
                witnessed: false,
            });
        }
    }

    /// Of the matching lines, keeps those whose record meets the conditions.
    fn keep_selected(&self, view: &View<'_>, findings: &mut Findings) {
        let lines = std::mem::take(&mut findings.lines).into_iter();
        let with_item = |line: Selected| (view.scan.item_at(line.line.start), line);
        let mut lines: Vec<(Option<usize>, Selected)> = lines.map(with_item).collect();
        let items = lines.iter().filter_map(|(item, _)| *item);
        let with_key = (items.map(|item| &view.scan.items[item])).filter(|item| item.has_key());
        let line_keys: Vec<&[u8]> = with_key.map(|item| item.key.of(view.text)).collect();
        let by_section = self.by_section(view, &line_keys);
        let merges = by_section && view.merges();
        let section = |line: &(Option<usize>, Selected)| match line.0 {
            Some(item) if merges => view.first_of(item),
            Some(item) if by_section => view.scan.section_of(item),
            _ => 0,
        };
        if merges {
            lines.sort_by_key(section);
        }
        // A line in a section that the dialect's program passes over belongs to no record, but matches.
        let records_alone = selects_records(self.job) || matches!(self.job.action, Action::Edit(_));
        let limit = self.job.max_count.unwrap_or(u64::MAX);
        let keeps = keeps_records(self.job);
        let mut matching = Vec::new();
        for mine in lines.chunk_by(|a, b| section(a) == section(b)) {
            let record = match (by_section, mine.first()) {
                (true, Some(first)) => view.of_section(section(first)),
                _ => view.whole(),
            };
            let passed_over = view.sections(&record).next().is_none();
            if passed_over && records_alone || !self.meets(view, &record, &mut Vec::new()) {
                continue;
            }
            let room = usize::try_from(limit - findings.lines.len() as u64).unwrap_or(usize::MAX);
            let mine = &mine[..mine.len().min(room)];
            if mine.is_empty() {
                break;
            }
            let selected = mine.iter().map(|(_, selected)| selected.clone());
            findings.lines.extend(selected);
            matching.clear();
            matching.extend(mine.iter().filter_map(|(item, _)| *item));
            matching.dedup();
            self.add_shown(view, &record, &matching, by_section, findings);
            if keeps {
                findings.records.push(Target {
                    record,
                    lines: matching.clone(),
                    witnessed: true,
                });
            }
        }
        findings.put_in_order(view);
    }
}

/// The line of a witness, and what of it stands out.
fn witness(view: &View<'_>, item: usize) -> Selected {
    let item = &view.scan.items[item];
    let line = first_line(view.text, item.span.start as usize);
    let end = content(view.text, &line).end;
    let field = view.dialect.blanks.trim(view.text, line.start..end);
    let field = match item.kind {
        Kind::Key | Kind::Bare => {
            let value = item.value.range().end.min(end);
            item.key.range().start..value.max(item.key.range().end)
        }
        _ => field,
    };
    Selected { line, field }
}

/// Why a file that is to be read as INI was not read.
pub(super) fn not_read(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::FileTooLarge => too_large(),
        _ => error.into(),
    }
}

fn too_large() -> Failure {
    Failure::new(format!(
        "over {} bytes, too large to be read as INI; search it with --no-ini",
        scan::LIMIT
    ))
}
