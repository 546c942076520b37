//! Records: which sections of a file make one record, and the key lines in it.

use super::dialect::{Dialect, Duplicates, Repeated};
use super::glob::NameGlob;
use super::scan::{Item, Kind, Scan};
use super::value;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The file, unless a section name or a key that matters occurs in several sections.
    Auto,
    /// Each section instance.
    Section,
    /// The whole file.
    File,
}

/// A key, and the section it is looked up in where one is named.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyName {
    /// Section name, literal; none: any section of the record.
    pub section: Option<Vec<u8>>,
    /// Key, literal.
    pub key: Vec<u8>,
}

impl fmt::Display for KeyName {
    /// As it is typed: `[SECTION]KEY`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(section) = &self.section {
            write!(out, "[{}]", String::from_utf8_lossy(section))?;
        }
        out.write_str(&String::from_utf8_lossy(&self.key))
    }
}

/// A column of values: those of the keys that a glob matches, in the section where one is named.
#[derive(Clone, Debug)]
pub struct Column {
    /// Section name, literal; none: any section of the record.
    pub section: Option<Vec<u8>>,
    /// The keys.
    pub key: NameGlob,
}

/// One record: the section instances it is made of, as indices into [`Scan::sections`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// All sections of the file, or one.
    sections: Range<usize>,
    /// Of these only the ones that are one section with this one.
    only: Option<usize>,
}

impl Record {
    /// The first section it may have.
    pub fn start(&self) -> usize {
        self.sections.start
    }
}

/// A scanned text with the rules it was scanned by.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The text.
    pub text: &'a [u8],
    /// Its items and sections.
    pub scan: &'a Scan,
    /// The rules.
    pub dialect: &'a Dialect,
    /// Only sections of such a name belong to records; none: all do.
    pub confine: Option<&'a NameGlob>,
}

/// Keys that are looked for one by one.
const FEW: usize = 4;

/// Sections that are asked one by one for their names.
const FEW_SECTIONS: usize = 16;

impl<'a> View<'a> {
    /// Whether a section belongs to records at all.
    pub fn belongs(&self, section: usize) -> bool {
        let read = self.dialect.repeated != Repeated::First || self.first(section) == section;
        let name = || self.section_name(section);
        read && self
            .confine
            .is_none_or(|glob| glob.matches_section(name(), self.dialect))
    }

    /// The same with all sections belonging to records.
    pub fn everywhere(&self) -> View<'a> {
        View {
            confine: None,
            ..*self
        }
    }

    /// The first section that is one with this one.
    pub fn first(&self, section: usize) -> usize {
        self.scan.sections[section].first
    }

    /// The first section that is one with that of an item.
    pub fn first_of(&self, item: usize) -> usize {
        self.first(self.scan.section_of(item))
    }

    /// Whether sections of one name are one section.
    pub fn merges(&self) -> bool {
        self.dialect.repeated == Repeated::Merged
    }

    /// The record that is the whole file.
    pub fn whole(&self) -> Record {
        Record {
            sections: 0..self.scan.sections.len(),
            only: None,
        }
    }

    /// The record that is a section.
    pub fn of_section(&self, section: usize) -> Record {
        match self.merges() {
            true => Record {
                sections: self.first(section)..self.scan.sections.len(),
                only: Some(self.first(section)),
            },
            false => Record {
                sections: section..section + 1,
                only: None,
            },
        }
    }

    /// The section instances of a record that belong to records at all, in order.
    pub fn sections<'r>(&'r self, record: &Record) -> impl Iterator<Item = usize> + use<'r, 'a> {
        let one = record.only.is_some();
        let end = record.sections.end;
        let first = Some(record.sections.start).filter(|&start| start < end);
        let next = move |&at: &usize| match one {
            true => self.scan.sections[at].next,
            false => Some(at + 1).filter(|&next| next < end),
        };
        std::iter::successors(first, next).filter(|&section| self.belongs(section))
    }

    /// Those of them that a key name may mean: the ones it names, all where it names none.
    pub fn sections_of<'r>(
        &'r self,
        record: &Record,
        name: &'r KeyName,
    ) -> impl Iterator<Item = usize> + use<'r, 'a> {
        let wanted = name.section.as_deref();
        let many = record.only.is_none() && record.sections.len() > FEW_SECTIONS;
        let known = wanted.filter(|_| many).map(|wanted| self.named(wanted));
        let all = known.is_none().then(|| self.sections(record));
        let all = all.into_iter().flatten();
        let known = known.into_iter().flatten().copied();
        let known = known.filter(|&at| self.belongs(at));
        all.filter(|&at| self.names_section(name, at)).chain(known)
    }

    /// The section instances of that name in the file, in order.
    fn named(&self, name: &[u8]) -> &'a [usize] {
        let names = self.scan.asked.names.get_or_init(|| {
            let mut names: HashMap<_, Vec<usize>> = HashMap::new();
            for at in 0..self.scan.sections.len() {
                let name = self.dialect.section_identity(self.section_name(at));
                names.entry(name).or_default().push(at);
            }
            names
        });
        let found = names.get(&self.dialect.section_identity(name));
        found.map_or(&[], Vec::as_slice)
    }

    /// The name of a section.
    pub fn section_name(&self, section: usize) -> &'a [u8] {
        self.scan.sections[section].name.of(self.text)
    }

    /// Whether records are section instances under [`Scope::Auto`], given the keys that matter.
    pub fn splits(&self, keys: &[&[u8]]) -> bool {
        let mut with_lines = self
            .scan
            .sections
            .iter()
            .filter(|section| !section.items.is_empty());
        if with_lines.nth(1).is_none() {
            return false;
        }
        // The keys first, and the first of them before all: in a file of many records they decide soonest.
        let Some((first, others)) = keys.split_first() else {
            return self.section_repeats();
        };
        self.in_several_sections(first)
            || self.any_in_several_sections(others)
            || self.section_repeats()
    }

    fn any_in_several_sections(&self, keys: &[&[u8]]) -> bool {
        let keys: HashSet<&[u8]> = keys.iter().copied().collect();
        if keys.len() <= FEW {
            return keys.iter().any(|key| self.in_several_sections(key));
        }
        let mut met: HashMap<Cow<'_, [u8]>, Option<usize>> = keys
            .iter()
            .map(|key| (self.dialect.key_identity(key), None))
            .collect();
        (0..self.scan.sections.len()).any(|section| {
            let mut with_key = self
                .scan
                .items_of(section)
                .iter()
                .filter(|item| item.has_key());
            with_key.any(|item| {
                let key = self.dialect.key_identity(item.key.of(self.text));
                met.get_mut(&key)
                    .and_then(|met| met.replace(section))
                    .is_some_and(|earlier| self.first(earlier) != self.first(section))
            })
        })
    }

    fn section_repeats(&self) -> bool {
        let sections = &self.scan.sections;
        if sections.len() <= 2 || self.dialect.repeated != Repeated::Separate {
            return false;
        }
        if sections.len() <= 16 {
            return (1..sections.len()).any(|a| {
                (1..a).any(|b| {
                    self.dialect
                        .same_section(self.section_name(a), self.section_name(b))
                })
            });
        }
        let mut names = HashSet::new();
        (1..sections.len())
            .any(|section| !names.insert(self.dialect.section_identity(self.section_name(section))))
    }

    fn in_several_sections(&self, key: &[u8]) -> bool {
        let has = |section: &usize| {
            self.scan
                .items_of(*section)
                .iter()
                .any(|item| self.is_key(item, key))
        };
        let mut with = (0..self.scan.sections.len()).filter(has);
        let first = with.next().map(|section| self.first(section));
        with.any(|section| Some(self.first(section)) != first)
    }

    /// Whether an item is a line with that key.
    pub fn is_key(&self, item: &Item, key: &[u8]) -> bool {
        item.has_key() && self.dialect.same_key(item.key.of(self.text), key)
    }

    /// The records of the file, given whether sections are records.
    pub fn records(&self, by_section: bool) -> impl Iterator<Item = Record> + use<'a> {
        let view = *self;
        let whole = (!by_section).then(|| view.whole());
        let last = if by_section {
            self.scan.sections.len()
        } else {
            0
        };
        let each = (0..last)
            .filter(move |&section| !view.merges() || view.first(section) == section)
            .map(move |section| view.of_section(section));
        whole.into_iter().chain(each).filter(move |record| {
            let mut sections = view.sections(record);
            sections.any(|section| !view.scan.sections[section].items.is_empty())
        })
    }

    /// Whether a section is one of a record.
    pub fn has(&self, record: &Record, section: usize) -> bool {
        let only = record.only;
        record.sections.contains(&section) && only.is_none_or(|only| self.first(section) == only)
    }

    /// The items of a record, as indices in order.
    pub fn items<'r>(&'r self, record: &Record) -> impl Iterator<Item = usize> + use<'r, 'a> {
        let sections = self.sections(record);
        sections.flat_map(|section| self.scan.sections[section].items.clone())
    }

    /// The line that stands for a record: its header, else its first key line, as an item index.
    pub fn representative(&self, record: &Record) -> Option<usize> {
        let find = |wanted: fn(&Item) -> bool| {
            let mut items = self.items(record);
            items.find(|&at| wanted(&self.scan.items[at]))
        };
        find(|item| item.kind == Kind::Header).or_else(|| find(Item::has_key))
    }

    /// All lines in `record` with that key, as item indices in file order, duplicates included.
    pub fn lines_of<'r>(
        &'r self,
        record: &Record,
        name: &'r KeyName,
    ) -> impl Iterator<Item = usize> + use<'r, 'a> {
        self.sections_of(record, name)
            .flat_map(|section| self.scan.sections[section].items.clone())
            .filter(|&at| self.is_key(&self.scan.items[at], &name.key))
    }

    /// The lines in `record` that the program reads for that key: as [`View::lines_of`], where there are none those of the
    /// section that every other one falls back on.
    pub fn read_lines(&self, record: &Record, name: &KeyName) -> Vec<usize> {
        let found: Vec<usize> = self.lines_of(record, name).collect();
        let Some(defaults) = self.dialect.defaults else {
            return found;
        };
        // A section that is not there has nothing, and what precedes all headers falls back on nothing.
        let mut sections = self.sections_of(record, name);
        if !found.is_empty() || !sections.any(|at| at > 0) {
            return found;
        }
        let everywhere = self.everywhere();
        let name = KeyName {
            section: Some(defaults.into()),
            key: name.key.clone(),
        };
        everywhere.lines_of(&everywhere.whole(), &name).collect()
    }

    /// Whether a key name's section is this one, or it names none.
    pub fn names_section(&self, name: &KeyName, section: usize) -> bool {
        name.section.as_ref().is_none_or(|wanted| {
            self.dialect
                .same_section(wanted, self.section_name(section))
        })
    }

    /// Whether the record contains the section that `name` names.
    pub fn has_section(&self, record: &Record, name: &KeyName) -> bool {
        name.section.is_none()
            || (self.sections_of(record, name))
                .any(|at| at > 0 || !self.scan.sections[0].items.is_empty())
    }

    /// The lines in `record` with that key that count: as [`View::lines_of`], less those that a duplicate overrides.
    pub fn effective(&self, record: &Record, name: &KeyName) -> Vec<usize> {
        self.counting(self.read_lines(record, name), &name.key)
    }

    /// Of the lines of a record with this key, those that count.
    pub fn counting(&self, mut found: Vec<usize>, key: &[u8]) -> Vec<usize> {
        if found.len() < 2 {
            return found;
        }
        let section = |item: usize| self.section_name(self.scan.section_of(item));
        // What --dup says holds for the record, what a preset says for a section.
        let group = |item: usize| match self.dialect.duplicates_chosen {
            true => Vec::new(),
            false => self.dialect.section_identity(section(item)),
        };
        if self.dialect.empty_resets {
            let empty = |&at: &usize| self.scan.items[at].value.is_empty();
            if let Some(last) = found.iter().rposition(empty) {
                found.drain(..=last);
            }
        }
        let mut met = HashSet::new();
        match self.dialect.duplicates_of(key) {
            None | Some(Duplicates::All | Duplicates::Met) => {}
            Some(Duplicates::First) => found.retain(|&at| met.insert(group(at))),
            Some(Duplicates::Last) => {
                found.reverse();
                found.retain(|&at| met.insert(group(at)));
                found.reverse();
            }
        }
        found
    }

    /// Whether a line of the text ends in CR LF.
    pub fn has_crlf(&self) -> bool {
        let found = || memchr::memmem::find(self.text, b"\r\n").is_some();
        *self.scan.asked.crlf.get_or_init(found)
    }

    /// The value of an item; none for one without a value.
    pub fn value(&self, item: usize) -> Option<Cow<'a, [u8]>> {
        value::logical(self.text, &self.scan.items[item], self.dialect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ini::presets::PRESETS;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn many_keys_are_looked_for_as_few_are(
            text in "((\\[[ab]\\]|[a-hA-H_-]{1,2}=1|É=2|é=3)\n){0,20}",
            preset in 0..=PRESETS.len(),
        ) {
            let dialect = PRESETS.get(preset).map_or_else(Dialect::default, |preset| (preset.rules)());
            let scan = Scan::new(text.as_bytes(), &dialect);
            let text = text.as_bytes();
            let view = View { text, scan: &scan, dialect: &dialect, confine: None };
            let with_key = scan.items.iter().filter(|item| item.has_key());
            let keys: Vec<&[u8]> = with_key.map(|item| item.key.of(text)).collect();
            let one_by_one = keys.iter().any(|key| view.in_several_sections(key));
            prop_assert_eq!(view.any_in_several_sections(&keys), one_by_one);
        }

        #[test]
        fn sections_of_a_name_are_found_as_one_by_one(
            text in "((\\[(a|A|b|é|É|a \"x\"|)\\]|k=1)\n){0,60}",
            name in "(a|A|b|É|a \"x\"|)",
            preset in 0..=PRESETS.len(),
        ) {
            let dialect = PRESETS.get(preset).map_or_else(Dialect::default, |preset| (preset.rules)());
            let scan = Scan::new(text.as_bytes(), &dialect);
            let view = View { text: text.as_bytes(), scan: &scan, dialect: &dialect, confine: None };
            let name = KeyName { section: Some(name.into_bytes()), key: b"k".to_vec() };
            let all = 0..scan.sections.len();
            for record in view.records(false).chain(view.records(true)) {
                let belongs = |&at: &usize| view.has(&record, at) && view.belongs(at);
                let of_record: Vec<usize> = all.clone().filter(belongs).collect();
                let named = of_record.iter().copied().filter(|&at| view.names_section(&name, at));
                let found: Vec<usize> = view.sections_of(&record, &name).collect();
                prop_assert_eq!(found, named.collect::<Vec<usize>>());
                prop_assert_eq!(view.sections(&record).collect::<Vec<usize>>(), of_record);
            }
        }
    }
}
