//! The search of a large file that is read as INI, piece by piece.

use super::aligned::Cuts;
use super::large::{LargeIni, Stage};
use super::lines::{confined_lines, matching_lines};
use super::needs::shows;
use super::opened::{Before, Failure, Opened, Within};
use super::slot::Slot;
use super::worker::Worker;
use crate::files::{Document, Survey};
use crate::ini::Scan;
use crate::ini::glob::NameGlob;
use crate::plan::{Action, Binary};
use std::borrow::Cow;
use std::collections::HashSet;
use std::io::{Seek, SeekFrom};
use std::sync::atomic::Ordering;

impl Worker<'_> {
    /// Does what is next with a large file; returns what follows.
    pub(super) fn large(
        &mut self,
        large: &LargeIni,
        stage: Stage,
        slot: &mut Slot<'_>,
    ) -> Vec<Stage> {
        self.dialect = self.job.ini.dialects.of(&large.long.shown);
        let result = match stage {
            Stage::Look(_) if large.is_settled(self.job) => Ok(()),
            Stage::Look(index) => self.on_piece(large, index, |worker, _, bytes| {
                worker.look(large, index, bytes)
            }),
            Stage::Structure(index) => self.on_piece(large, index, |worker, _, bytes| {
                worker.structure(large, bytes);
                Ok(())
            }),
            Stage::Search(index) => self.search_sections(large, index, slot),
            Stage::Decide { all } => {
                match large.decide(all, self.shared.names.waiting(), self.job) {
                    Some(stages) => return stages,
                    None => self.search_whole(large, slot),
                }
            }
            Stage::End => {
                let printer = self.printer(&large.long.opened(), None);
                let total = large.totals.count.load(Ordering::Relaxed);
                if !large.failed.load(Ordering::Relaxed) && self.job.action.sums_up() {
                    self.summary(&printer, total, slot);
                }
                Ok(())
            }
        };
        if let Err(failure) = result {
            large.failed.store(true, Ordering::Relaxed);
            if let Stage::Search(index) = stage {
                large.note(index, Before::default(), false);
            }
            self.report_failure(&large.long.shown, failure, slot);
        }
        Vec::new()
    }

    /// Reads a piece, and does `act` with its offset and its bytes if it has any.
    fn on_piece(
        &mut self,
        large: &LargeIni,
        index: usize,
        act: impl FnOnce(&mut Self, u64, &[u8]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut room = std::mem::take(&mut self.room);
        let cuts = Cuts::Sections(self.dialect);
        let read = room
            .buffer
            .read(&large.long.file, large.stretch(index), &cuts);
        let result = match read {
            Ok((_, [])) => {
                large.note(index, Before::default(), false);
                Ok(())
            }
            Ok((offset, bytes)) => act(self, offset, bytes),
            Err(error) => Err(error.into()),
        };
        self.room = room;
        result
    }

    /// Looks for what is to be known of all pieces before any is searched.
    fn look(&mut self, large: &LargeIni, index: usize, bytes: &[u8]) -> Result<(), Failure> {
        if self.job.binary == Binary::WithoutMatch && memchr::memchr(0, bytes).is_some() {
            large.nul.store(true, Ordering::Relaxed);
            return Ok(());
        }
        let filter = self.shared.prefilter.as_ref();
        let mut maybe = filter.is_none_or(|filter| filter.may_match(bytes));
        if maybe && large.auto && !large.splits() {
            maybe = self.look_at_records(large, bytes)?;
        }
        let holds = match large.ordered {
            true => Before::from(&Survey::new(bytes)),
            false => Before::default(),
        };
        large.note(index, holds, maybe);
        Ok(())
    }

    /// Notes whether a piece shows that sections are records, and which keys its matching lines have; whether anything may
    /// be selected in it.
    fn look_at_records(&mut self, large: &LargeIni, bytes: &[u8]) -> Result<bool, Failure> {
        let document = Document::new(bytes, self.job.ini.fallback);
        let mut scan = std::mem::take(&mut self.scan);
        let result = self.matching_keys(&document, &mut scan).map(|keys| {
            let view = self.view(document.text(), &scan);
            let Some(keys) = keys else { return false };
            let keys: Vec<&[u8]> = keys
                .iter()
                .map(|&item| scan.items[item].key.of(view.text))
                .collect();
            if self.by_section(&view, &keys) {
                large.splits.store(true, Ordering::Relaxed);
            } else {
                let keys = keys
                    .iter()
                    .map(|key| self.dialect.key_identity(key).into_owned());
                large.facts().keys.extend(keys);
            }
            true
        });
        self.scan = scan;
        result
    }

    /// Scans a piece in which a line matches, or all do as there are no patterns; the items of such lines that have keys.
    fn matching_keys(
        &self,
        document: &Document<'_>,
        scan: &mut Scan,
    ) -> Result<Option<Vec<usize>>, Failure> {
        let (job, text) = (self.job, document.text());
        let Some(matcher) = job.matchers.ini().filter(|_| !job.ini.records) else {
            scan.read(text, self.dialect);
            return Ok(job.ini.records.then(Vec::new));
        };
        let confined = job.ini.confined();
        if confined {
            scan.read(text, self.dialect);
        }
        let lines = match confined {
            true => confined_lines(job, &self.view(text, scan), matcher, None)?,
            false => matching_lines(job, text, matcher, None)?,
        };
        if lines.is_empty() {
            return Ok(None);
        }
        scan.read(text, self.dialect);
        let items = lines
            .iter()
            .filter_map(|line| scan.item_at(line.line.start));
        Ok(Some(
            items.filter(|&item| scan.items[item].has_key()).collect(),
        ))
    }

    /// Notes the sections of a piece, and in it the keys that decide what a record is.
    fn structure(&mut self, large: &LargeIni, bytes: &[u8]) {
        let document = Document::new(bytes, self.job.ini.fallback);
        let mut scan = std::mem::take(&mut self.scan);
        scan.read(document.text(), self.dialect);
        let view = self.view(document.text(), &scan);
        let ini = &self.job.ini;
        let matching = large.facts().keys.clone();
        let decides = |key: &[u8], identity: &Cow<'_, [u8]>| {
            let named = |glob: &NameGlob| glob.matches_key(key, self.dialect);
            matching.contains(identity.as_ref()) || ini.deciding.iter().any(named)
        };
        let mut keys: HashSet<Cow<'_, [u8]>> = HashSet::new();
        let mut shown = 0;
        for section in 0..scan.sections.len() {
            let with_key = scan.items_of(section).iter().filter(|item| item.has_key());
            let mut shows_line = false;
            for item in with_key {
                let key = item.key.of(view.text);
                let identity = self.dialect.key_identity(key);
                if decides(key, &identity) {
                    keys.insert(identity);
                }
                shows_line = shows_line
                    || ini
                        .show
                        .iter()
                        .any(|glob| glob.matches_key(key, self.dialect));
            }
            shown += u64::from(shows_line && view.belongs(section));
        }
        let names: Vec<[u8; 32]> = (1..scan.sections.len())
            .map(|section| {
                blake3::hash(&self.dialect.section_identity(view.section_name(section))).into()
            })
            .collect();
        let mut facts = large.facts();
        facts.shown += if shows(self.job) { shown } else { 0 };
        let line_keys: Vec<&[u8]> = keys.iter().map(AsRef::as_ref).collect();
        let mut splits = large.auto && view.splits(&line_keys);
        if large.auto {
            for name in names {
                splits |= !facts.sections.insert(name);
            }
            for key in keys {
                splits |= !facts.met.insert(key.into_owned());
            }
        }
        large.splits.fetch_or(splits, Ordering::Relaxed);
        drop(facts);
        self.scan = scan;
    }

    fn search_sections(
        &mut self,
        large: &LargeIni,
        index: usize,
        slot: &mut Slot<'_>,
    ) -> Result<(), Failure> {
        // A name that a warning may be about is looked for everywhere.
        let one_is_enough = matches!(
            self.job.action,
            Action::FilesWith | Action::FilesWithout | Action::Discard
        ) && !self.shared.names.waiting();
        let enough = one_is_enough && large.totals.count.load(Ordering::Relaxed) > 0;
        if enough || self.shared.stopped() || slot.failed() || large.failed.load(Ordering::Relaxed)
        {
            large.note(index, Before::default(), false);
            return Ok(());
        }
        self.decided = Some(large.splits());
        let result = self.on_piece(large, index, |worker, offset, bytes| {
            let maybe = worker.may_match(bytes);
            let document = maybe.then(|| Document::new(bytes, worker.job.ini.fallback));
            if large.ordered {
                let survey = document.as_ref().map(Document::survey);
                let holds = survey.map_or_else(|| (&Survey::new(bytes)).into(), Before::from);
                large.note(index, holds, true);
            }
            let Some(document) = document else {
                return Ok(());
            };
            // By the time that something is printed, it is known what is before it.
            let before = || large.before(index);
            let within = Within {
                before: large.ordered.then_some(&before),
                offset,
                totals: Some(&large.totals),
            };
            let opened = Opened {
                within,
                ..large.long.opened()
            };
            worker.search_document(&document, &opened, slot)
        });
        self.decided = None;
        result
    }

    fn search_whole(&mut self, large: &LargeIni, slot: &mut Slot<'_>) -> Result<(), Failure> {
        (&large.long.file).seek(SeekFrom::Start(0))?;
        self.search_ini(&large.long.opened(), false, slot)
            .map(|_| ())
    }
}
