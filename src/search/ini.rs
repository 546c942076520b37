//! The search of a file that is read as INI: matching lines, their records, the conditions, the State lines.

use super::findings::{Findings, Selected};
use super::prefilter::Prefilter;
use super::worker::{Failure, Opened, Worker};
use crate::change::substitute::Target;
use crate::files::{Document, Source, read};
use crate::ini::dialect::Dialect;
use crate::ini::record::{KeyName, Record, View};
use crate::ini::scan::{self, Kind, line_at};
use crate::ini::{Scan, Scope};
use crate::output::Slot;
use crate::pattern::Matcher;
use crate::plan::{Binary, Job, Part, Task, Want};
use rustix::io::Errno;
use std::ops::Range;

impl Worker<'_> {
    /// Searches a file as INI and prints what is wanted of it.
    pub(super) fn search_ini(
        &mut self,
        opened: &Opened<'_>,
        slot: &mut Slot<'_>,
    ) -> Result<(), Failure> {
        let (file, short_read_ends) = match opened.source {
            Source::Bytes(bytes) => return self.search_document(bytes, opened, slot),
            Source::File {
                file,
                short_read_ends,
            } => (file, short_read_ends),
        };
        let mut buffer = std::mem::take(&mut self.buffer);
        let result = read::read_all(file, short_read_ends, scan::LIMIT, &mut buffer)
            .map_err(not_read)
            .and_then(|()| self.search_document(&buffer, opened, slot));
        self.buffer = buffer;
        result
    }

    fn search_document(
        &mut self,
        bytes: &[u8],
        opened: &Opened<'_>,
        slot: &mut Slot<'_>,
    ) -> Result<(), Failure> {
        let hopeless = |prefilter: &Prefilter| !prefilter.may_match(bytes);
        // A key that a warning may be about is looked for in every file.
        if self.shared.prefilter.as_ref().is_some_and(hopeless) && self.shared.all_keys_seen() {
            let nothing = Document::raw(bytes);
            self.scan.items.clear();
            let view = self.view(&[], &self.scan);
            return self.report(&nothing, &view, &Findings::default(), opened, slot);
        }
        let document = Document::new(bytes, self.job.ini.fallback);
        let mut scan = std::mem::take(&mut self.scan);
        let result = self.find(&document, &mut scan).and_then(|findings| {
            let view = self.view(document.text(), &scan);
            self.report(&document, &view, &findings, opened, slot)
        });
        self.scan = scan;
        result
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
            dialect: &ini.dialect,
            confine,
        }
    }

    /// Finds the selected lines and records of a document. `scan` holds its items afterwards if they were needed.
    pub(super) fn find(
        &self,
        document: &Document<'_>,
        scan: &mut Scan,
    ) -> Result<Findings, Failure> {
        let text = document.text();
        let job = self.job;
        if text.len() > scan::LIMIT {
            return Err(too_large());
        }
        let binary = job.binary == Binary::WithoutMatch && memchr::memchr(0, text).is_some();
        let mut findings = Findings::default();
        scan.items.clear();
        scan.sections.clear();
        if binary {
            return Ok(findings);
        }
        let needed = needs_records(job);
        // Until each key of a condition was met once, every file is read for it.
        let waiting = self.shared.unseen_keys().next().is_some();
        if !waiting
            && job
                .ini
                .need
                .as_ref()
                .is_some_and(|need| !need.may_hold(text))
        {
            return Ok(findings);
        }
        if job.ini.records || job.ini.confined() || needed && waiting {
            scan.read(text, &job.ini.dialect);
            self.note_keys(&self.view(text, scan));
        }
        if job.ini.records {
            self.select_records(&self.view(text, scan), &mut findings);
            return Ok(findings);
        }
        let Some(matcher) = job.matchers.ini() else {
            return Ok(findings);
        };
        let limit = if job.ini.conditions.is_empty() {
            job.max_count
        } else {
            None
        };
        findings.lines = if job.ini.confined() {
            confined_lines(job, &self.view(text, scan), matcher, limit)?
        } else {
            matching_lines(job, text, matcher, limit)?
        };
        if findings.lines.is_empty() {
            return Ok(findings);
        }
        if needed {
            if scan.items.is_empty() {
                scan.read(text, &job.ini.dialect);
            }
            self.keep_selected(&self.view(text, scan), &mut findings);
        }
        findings.count = findings.lines.len() as u64;
        Ok(findings)
    }

    /// Remembers which of the conditions' keys exist.
    fn note_keys(&self, view: &View<'_>) {
        for at in self.shared.unseen_keys() {
            let wanted = &self.job.ini.condition_keys[at].key;
            let mut keys = view.scan.items.iter().filter(|item| item.has_key());
            if keys.any(|item| view.dialect.same_key(item.key.of(view.text), wanted)) {
                self.shared.see_key(at);
            }
        }
    }

    fn by_section(&self, view: &View<'_>, line_keys: &[&[u8]]) -> bool {
        match self.job.ini.scope {
            Scope::File => false,
            Scope::Section => true,
            Scope::Auto => {
                let deciding = self.job.ini.deciding.iter().map(Vec::as_slice);
                let keys: Vec<&[u8]> = deciding.chain(line_keys.iter().copied()).collect();
                view.splits(&keys)
            }
        }
    }

    /// Whether all conditions hold for a record; adds its witness lines.
    fn meets(&self, view: &View<'_>, record: &Record, witnesses: &mut Vec<usize>) -> bool {
        self.job
            .ini
            .conditions
            .iter()
            .all(|condition| condition.holds(view, record, witnesses))
    }

    /// `--records`: every record that meets the conditions, its witness lines selected.
    fn select_records(&self, view: &View<'_>, findings: &mut Findings) {
        let by_section = self.by_section(view, &[]);
        let mut witnesses = Vec::new();
        for record in view.records(by_section) {
            if self
                .job
                .max_count
                .is_some_and(|limit| findings.count >= limit)
            {
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
            if only_counts(self.job) {
                continue;
            }
            // A large file has many records: none is kept for a count, and no lines where none is printed.
            if let Some(key) = only_tallies(self.job) {
                self.tally(view, &record, key);
                continue;
            }
            if only_values(self.job) {
                let lines = Vec::new();
                findings.records.push(Target { record, lines });
                continue;
            }
            if witnesses.is_empty() {
                witnesses.push(representative);
            }
            witnesses.sort_unstable();
            witnesses.dedup();
            for &item in &witnesses {
                let line = first_line(view.text, view.scan.items[item].span.start as usize);
                let field = line.start..line.start;
                findings.lines.push(Selected { line, field });
            }
            self.add_state(view, &record, &witnesses, findings);
            findings.records.push(Target {
                record,
                lines: witnesses.clone(),
            });
        }
    }

    /// Of the matching lines, keeps those whose record meets the conditions.
    fn keep_selected(&self, view: &View<'_>, findings: &mut Findings) {
        let item_of = |line: &Selected| view.scan.item_at(line.line.start);
        let items: Vec<Option<usize>> = findings.lines.iter().map(item_of).collect();
        let line_keys: Vec<&[u8]> = items
            .iter()
            .flatten()
            .map(|&item| &view.scan.items[item])
            .filter(|item| item.has_key())
            .map(|item| item.key.of(view.text))
            .collect();
        let by_section = self.by_section(view, &line_keys);
        let lines = std::mem::take(&mut findings.lines);
        let limit = self.job.max_count.unwrap_or(u64::MAX);
        let mut next = 0;
        for record in view.records(by_section) {
            let of_record = view.items(&record);
            let first = next;
            while next < lines.len() && items[next].is_none_or(|item| item < of_record.end) {
                next += 1;
            }
            let mine = first..next;
            if mine.is_empty() || !self.meets(view, &record, &mut Vec::new()) {
                continue;
            }
            let room = usize::try_from(limit - findings.lines.len() as u64).unwrap_or(usize::MAX);
            let mine = mine.start..mine.end.min(mine.start.saturating_add(room));
            if mine.is_empty() {
                break;
            }
            findings.lines.extend(lines[mine.clone()].iter().cloned());
            let mut matching: Vec<usize> = items[mine].iter().flatten().copied().collect();
            matching.dedup();
            self.add_state(view, &record, &matching, findings);
            findings.records.push(Target {
                record,
                lines: matching,
            });
        }
    }

    /// Adds the State lines of a selected record: those in a matching line's section, else those of the only other
    /// section that has any.
    fn add_state(
        &self,
        view: &View<'_>,
        record: &Record,
        matching: &[usize],
        findings: &mut Findings,
    ) {
        let globs = &self.job.ini.show;
        if globs.is_empty() || !shows(self.job) {
            return;
        }
        if globs.iter().any(|glob| glob.is_every()) {
            findings.state.extend(view.items(record));
            return;
        }
        let shown_in = |section: usize| {
            view.scan.sections[section].items.clone().filter(|&at| {
                let item = &view.scan.items[at];
                item.has_key()
                    && globs
                        .iter()
                        .any(|glob| glob.matches(item.key.of(view.text)))
            })
        };
        let mut sections: Vec<usize> = matching
            .iter()
            .map(|&item| view.scan.section_of(item))
            .collect();
        sections.dedup();
        // Only the record's own lines are put in order: a large file has many records.
        let mut state: Vec<usize> = Vec::new();
        let mut without = false;
        for section in sections {
            let before = state.len();
            state.extend(shown_in(section));
            without |= state.len() == before;
        }
        if without {
            let mut with = (record.sections.clone()).filter(|&at| shown_in(at).next().is_some());
            if let (Some(only), None) = (with.next(), with.next()) {
                state.extend(shown_in(only));
                findings.lent.push(only);
            }
        }
        state.sort_unstable();
        state.dedup();
        findings.state.extend(state);
    }
}

/// Whether the records of matching lines matter.
fn needs_records(job: &Job) -> bool {
    !job.ini.conditions.is_empty()
        || matches!(job.want, Want::Values(_) | Want::Tally(_))
        || matches!(job.task, Task::Edit(_))
        || !job.ini.show.is_empty() && shows(job)
}

/// Why a file that is to be read as INI was not read.
pub(super) fn not_read(errno: Errno) -> Failure {
    match errno {
        Errno::FBIG => too_large(),
        errno => errno.into(),
    }
}

fn too_large() -> Failure {
    Failure::new(format!(
        "over {} bytes, too large to be read as INI; search it with --no-ini",
        scan::LIMIT
    ))
}

/// Whether no more is wanted than how many records are selected.
fn only_counts(job: &Job) -> bool {
    let counts = matches!(
        job.want,
        Want::Count | Want::FilesWith | Want::FilesWithout | Want::Quiet | Want::Discard
    );
    counts && !matches!(job.task, Task::Edit(_))
}

/// The key whose values are counted, where no more is wanted of the selected records.
fn only_tallies(job: &Job) -> Option<&KeyName> {
    match (&job.want, &job.task) {
        (_, Task::Edit(_)) => None,
        (Want::Tally(key), _) => Some(key),
        _ => None,
    }
}

/// Whether no more is wanted than values of the selected records.
fn only_values(job: &Job) -> bool {
    let values = matches!(job.want, Want::Values(_)) && !job.output.json;
    values && !matches!(job.task, Task::Edit(_))
}

/// Whether State lines are printed at all.
fn shows(job: &Job) -> bool {
    job.want == Want::Lines && !job.output.only_matching && !job.output.invert
}

/// The physical line that starts at `start`, line end included.
pub(super) fn first_line(text: &[u8], start: usize) -> Range<usize> {
    start..line_at(text, start).1
}

/// A line's content: without LF, and without a CR before it.
pub(super) fn content(text: &[u8], line: &Range<usize>) -> Range<usize> {
    let bytes = &text[line.clone()];
    let bytes = bytes
        .strip_suffix(b"\n")
        .map_or(bytes, |bytes| bytes.strip_suffix(b"\r").unwrap_or(bytes));
    line.start..line.start + bytes.len()
}

/// The lines of `text` that match (or do not, with `-v`), at most `limit`.
pub(super) fn matching_lines(
    job: &Job,
    text: &[u8],
    matcher: &Matcher,
    limit: Option<u64>,
) -> Result<Vec<Selected>, Failure> {
    let limit = limit.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    });
    let mut lines = Vec::new();
    let mut at = 0;
    let select = |line: Range<usize>, lines: &mut Vec<Selected>| {
        let field = content(text, &line);
        lines.push(Selected { line, field });
    };
    while at < text.len() && lines.len() < limit {
        let found = matcher.find_line(text, at)?;
        if !job.output.invert {
            let Some(line) = found else { break };
            at = line.end;
            select(line, &mut lines);
            continue;
        }
        let (end, next) = found.map_or((text.len(), text.len()), |line| (line.start, line.end));
        while at < end && lines.len() < limit {
            let line = first_line(text, at);
            at = line.end;
            select(line, &mut lines);
        }
        at = next.max(at);
    }
    Ok(lines)
}

/// The lines whose part, section or key is asked for and matches (or does not, with `-v`), at most `limit`.
fn confined_lines(
    job: &Job,
    view: &View<'_>,
    matcher: &Matcher,
    limit: Option<u64>,
) -> Result<Vec<Selected>, Failure> {
    let ini = &job.ini;
    let mut lines = Vec::new();
    for (section_at, section) in view.scan.sections.iter().enumerate() {
        let name = view.section_name(section_at);
        let in_section = ini.section.as_ref().is_none_or(|glob| glob.matches(name));
        for item in &view.scan.items[section.items.clone()] {
            let key_matches = ini
                .key
                .as_ref()
                .is_none_or(|glob| item.kind == Kind::Key && glob.matches(item.key.of(view.text)));
            let mut start = item.span.start as usize;
            let end = item.span.end as usize;
            while start < end {
                let line = start..line_at(view.text, start).1.min(end);
                start = line.end;
                let field = if in_section && key_matches {
                    part_of(
                        view,
                        item,
                        &line,
                        if ini.key.is_some() {
                            Part::Value
                        } else {
                            ini.part
                        },
                    )
                } else {
                    None
                };
                let matched = match &field {
                    Some(field) => matcher.is_match(&view.text[field.clone()])?,
                    None => false,
                };
                if matched != job.output.invert {
                    if limit.is_some_and(|limit| lines.len() as u64 >= limit) {
                        return Ok(lines);
                    }
                    let field = field.unwrap_or_else(|| content(view.text, &line));
                    lines.push(Selected { line, field });
                }
            }
        }
    }
    Ok(lines)
}

/// The part of one physical line of `item` that patterns see, if it has that part.
fn part_of(
    view: &View<'_>,
    item: &scan::Item,
    line: &Range<usize>,
    part: Part,
) -> Option<Range<usize>> {
    let first = line.start == item.span.start as usize;
    match (part, item.kind) {
        (Part::Line, _) => Some(content(view.text, line)),
        (Part::Section, Kind::Header) => Some(item.key.range()),
        (Part::Key, Kind::Key | Kind::Bare) if first => Some(item.key.range()),
        (Part::Value, Kind::Key) => {
            let value = item.value.range();
            let here = content(view.text, line);
            let here = here.start.max(value.start)..here.end.min(value.end);
            (here.start <= here.end && (first || here.start < here.end)).then(|| {
                let trimmed = view.dialect.blanks.trim(view.text, here);
                if first {
                    inner_value(view.text, trimmed, item, view.dialect)
                } else {
                    trimmed
                }
            })
        }
        (Part::Comment, Kind::Comment) => Some(content(view.text, line)),
        _ => None,
    }
}

/// A value without its outer quotes, where the dialect drops them.
fn inner_value(
    text: &[u8],
    value: Range<usize>,
    item: &scan::Item,
    dialect: &Dialect,
) -> Range<usize> {
    use crate::ini::dialect::Quoting;
    let whole = value == item.value.range();
    let quoted = crate::ini::value::outer_quote(&text[value.clone()]).is_some();
    if whole && quoted && dialect.quoting != Quoting::Literal {
        return value.start + 1..value.end - 1;
    }
    value
}
