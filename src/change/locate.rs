//! Where in a record an edit applies: the lines of a key, the section for a new one. What is in doubt is refused.

use super::doubt::line_doubts;
use super::editor::Editor;
use super::text_edit::{Refusal, shown};
use crate::ini::dialect::Duplicates;
use crate::ini::record::{KeyName, Record, View};
use std::collections::HashSet;

impl Editor<'_> {
    /// Where `--add` and `--put` mean a new line to go: into the section that is named, wherever in the file it is, else into
    /// that of the target's lines. `None`: into a section that is made for it. Refused where it is in doubt which.
    pub(super) fn place_to_add(&self, name: &KeyName) -> Result<Option<usize>, Refusal> {
        let Editor { view, target, .. } = *self;
        if name.section.is_some() {
            if let Some(section) = named_section(view, &target.record, name)?
                && has_place(view, section)
            {
                return Ok(Some(section));
            }
            let everywhere = view.everywhere();
            return named_section(&everywhere, &everywhere.whole(), name);
        }
        let mut sections = target.sections(view);
        sections.dedup_by_key(|section| view.first(*section));
        match sections[..] {
            [only] => Ok(Some(only)),
            [] => Ok(view.sections(&target.record).next()),
            [_, second, ..] => {
                let item = view.scan.sections[second].items.start;
                let reason = format!(
                    "the record was selected by lines in several sections; name the one that gets the key: '[SECTION]{}=...'",
                    shown(&name.key)
                );
                Err(Refusal::of(view, item, reason))
            }
        }
    }
}

/// Whether a section is in the file: the one before the first header is where a line is.
fn has_place(view: &View<'_>, section: usize) -> bool {
    section > 0 || !view.scan.sections[0].items.is_empty()
}

/// The section that `name` names in `record`, of several that are one the last; none where the record lacks it, or where
/// no section is named. Refused where several have that name.
pub(super) fn named_section(
    view: &View<'_>,
    record: &Record,
    name: &KeyName,
) -> Result<Option<usize>, Refusal> {
    if name.section.is_none() {
        return Ok(None);
    }
    let mut named = view.sections_of(record, name);
    let first = named.next();
    if view.merges() {
        return Ok(named.last().or(first));
    }
    if let Some(second) = named.next() {
        let first_item = view.scan.sections[second].items.start;
        let reason = format!(
            "section [{}] occurs more than once; say --scope=section",
            shown(view.section_name(second))
        );
        return Err(Refusal::of(view, first_item, reason));
    }
    Ok(first)
}

impl Editor<'_> {
    /// The lines with key `name` in the record that an edit means; refused where it is in doubt which. `unset`: they are to go,
    /// so that lines an empty one forgets go too.
    pub(super) fn lines_to_edit(&self, name: &KeyName, unset: bool) -> Result<Vec<usize>, Refusal> {
        let Editor { view, target, .. } = *self;
        named_section(view, &target.record, name)?;
        let mut lines: Vec<usize> = view.lines_of(&target.record, name).collect();
        if lines.len() > 1 {
            lines = self.of_several(name, lines, unset)?;
        }
        self.check_confined(name, &lines)?;
        Ok(lines)
    }

    /// Of `all` lines of a key those that an edit means.
    fn of_several(
        &self,
        name: &KeyName,
        all: Vec<usize>,
        unset: bool,
    ) -> Result<Vec<usize>, Refusal> {
        let Editor { view, target, .. } = *self;
        let (dialect, key) = (view.dialect, shown(&name.key));
        let refused = |item: usize, reason: String| Err(Refusal::of(view, item, reason));
        let count = all.len();
        if dialect.duplicates == Some(Duplicates::Met) {
            let lines: HashSet<&usize> = target.lines.iter().collect();
            let is_met = |line: &usize| target.witnessed && lines.contains(line);
            let met: Vec<usize> = all.iter().copied().filter(is_met).collect();
            if met.is_empty() {
                let reason = format!(
                    "none of the {count} lines of '{key}' met a condition or matched; name one by --where, or say --dup=first, last or all"
                );
                return refused(all[0], reason);
            }
            return Ok(met);
        }
        let lines = view.effective(&target.record, name);
        // What an empty line forgets is no second line.
        let clear = dialect.duplicates_chosen || dialect.empty_resets && lines.len() < 2;
        let Some(which) = dialect.duplicates.filter(|_| clear) else {
            let mut doubts = vec![format!(
                "key '{key}' occurs {count} times in the record; say --dup=first, last, all or met"
            )];
            doubts.extend(line_doubts(view, all[1]));
            return refused(all[1], doubts.join("; and "));
        };
        if which == Duplicates::All && unset {
            return Ok(all);
        }
        let Some(&first) = lines.first() else {
            let reason = format!(
                "the empty line of '{key}' forgets those before it, and with a value it would not; take them out by hand"
            );
            return refused(all[count - 1], reason);
        };
        let section = |item: usize| view.section_name(view.scan.section_of(item));
        let is_elsewhere = |&&item: &&usize| !dialect.same_section(section(first), section(item));
        let other = lines.iter().find(is_elsewhere);
        if let Some(&other) = other.filter(|_| which != Duplicates::All) {
            let reason = format!(
                "key '{key}' is in the sections [{}] and [{}] of the record; say which: '[SECTION]{key}', or --scope=section",
                shown(section(first)),
                shown(section(other))
            );
            return refused(other, reason);
        }
        Ok(lines)
    }

    /// Refuses lines of a key without a section that are in another section than the lines that a pattern or a condition
    /// selected.
    pub(super) fn check_confined(&self, name: &KeyName, lines: &[usize]) -> Result<(), Refusal> {
        let Editor { view, target, .. } = *self;
        if !self.confined || name.section.is_some() || !target.witnessed {
            return Ok(());
        }
        let key = shown(&name.key);
        let sections: HashSet<usize> = target.lines.iter().map(|&at| view.first_of(at)).collect();
        let outside = |item: &&usize| !sections.contains(&view.first_of(**item));
        if let Some(&item) = lines.iter().find(outside) {
            let reason = format!(
                "key '{key}' is in section [{0}], the lines that selected the record are elsewhere; name its section ('[{0}]{key}'), or say --scope=file or --scope=section",
                shown(view.section_name(view.scan.section_of(item)))
            );
            return Err(Refusal::of(view, item, reason));
        }
        Ok(())
    }
}
