//! What is shown with the selected lines of a record: its State lines, the header of its section.

use super::findings::Findings;
use super::needs::shows;
use super::worker::Worker;
use crate::ini::Kind;
use crate::ini::record::{Record, View};
use crate::plan::Headers;
use std::collections::HashSet;

impl Worker<'_> {
    /// Adds what is shown of a selected record: the State lines in a matching line's section, else those of the only other
    /// section that has any; with `--show '*'` the whole section; and its header where that is wanted.
    pub(super) fn add_shown(
        &self,
        view: &View<'_>,
        record: &Record,
        matching: &[usize],
        by_section: bool,
        findings: &mut Findings,
    ) {
        if !shows(self.job) {
            return;
        }
        let mut sections: Vec<usize> = matching
            .iter()
            .map(|&item| view.scan.section_of(item))
            .collect();
        sections.dedup();
        if view.merges() {
            let firsts: HashSet<usize> = sections.iter().map(|&at| view.first(at)).collect();
            let all = view.sections(record);
            sections = all.filter(|&at| firsts.contains(&view.first(at))).collect();
        }
        let headers = match self.job.ini.headers {
            Headers::Never => false,
            Headers::OfRecords => by_section,
            Headers::Always => true,
        };
        if headers {
            let first = |&section: &usize| view.scan.sections[section].items.start;
            let header = |&item: &usize| {
                let found = view.scan.items.get(item);
                found.is_some_and(|item| item.kind == Kind::Header)
            };
            findings
                .around
                .extend(sections.iter().map(first).filter(header));
        }
        let globs = &self.job.ini.show;
        if globs.iter().any(|glob| glob.is_every()) {
            for section in sections {
                let all = view.scan.sections[section].items.clone();
                let has_key = |at: &usize| view.scan.items[*at].has_key();
                let last = all.clone().rev().find(has_key);
                let end = last.map_or(all.start + usize::from(section > 0), |last| last + 1);
                let (keys, others): (Vec<_>, Vec<_>) =
                    (all.start..end.min(all.end)).partition(has_key);
                findings.state.extend(keys);
                findings.around.extend(others);
            }
            return;
        }
        let shown_in = |section: usize| {
            view.scan.sections[section].items.clone().filter(|&at| {
                let item = &view.scan.items[at];
                item.has_key()
                    && globs
                        .iter()
                        .any(|glob| glob.matches_key(item.key.of(view.text), view.dialect))
            })
        };
        let from = findings.state.len();
        let mut without = false;
        for &section in &sections {
            let before = findings.state.len();
            findings.state.extend(shown_in(section));
            without |= findings.state.len() == before;
        }
        // In a file that is searched by pieces there are several such sections, or none.
        if without && self.decided.is_none() {
            let mut with = view
                .sections(record)
                .filter(|&at| shown_in(at).next().is_some());
            if let (Some(only), None) = (with.next(), with.next()) {
                if !sections.contains(&only) {
                    findings.state.extend(shown_in(only));
                    findings.state[from..].sort_unstable();
                }
                findings.fallbacks.push((findings.records.len(), only));
            }
        }
    }

    /// Whether a shown line stands out: with `--show '*'` only those that another glob names, or that are State lines.
    pub(super) fn stands_out(&self, key: &[u8]) -> bool {
        let globs = &self.job.ini.show;
        let every = globs.iter().any(|glob| glob.is_every());
        let mut others = globs.iter().filter(|glob| !glob.is_every());
        !every
            || key.eq_ignore_ascii_case(b"State")
            || others.any(|glob| glob.matches_key(key, self.dialect))
    }
}
