//! Names that options give and no file has, and entries of lists that no record has: said at the end.

use crate::ini::dialect::Dialect;
use crate::ini::glob::NameGlob;
use crate::ini::record::View;
use crate::output::messages::shown_path;
use crate::plan::{IniRules, Job, Named};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Names of keys and of sections that are kept to find the nearest one, at most.
const KEPT: usize = 10_000;
/// Names, and entries of a list, that are named, at most.
const NAMED: usize = 20;
/// Bytes of a name that others are compared with, at most.
const LONG: usize = 200;
/// How alike two names must be, from 0 to 1, for one to be meant by the other.
const ALIKE: f64 = 0.6;

/// Which of the names given were met, by all workers together.
#[derive(Debug, Default)]
pub(super) struct Names {
    seen: Vec<NameSeen>,
    /// For each list, which entries were met.
    entries: Vec<Vec<AtomicBool>>,
    met: Mutex<Met>,
}

/// What was met of one name; what it does not name counts as met.
#[derive(Debug)]
struct NameSeen {
    section: AtomicBool,
    /// In that section.
    key: AtomicBool,
}

impl NameSeen {
    fn all(&self) -> bool {
        is(&self.section) && is(&self.key)
    }
}

/// What was met while a name was still looked for, each in order of the bytes.
#[derive(Debug, Default)]
struct Met {
    /// Keys, with the first of the named sections that had them.
    keys: BTreeMap<Vec<u8>, Vec<u8>>,
    sections: BTreeSet<Vec<u8>>,
}

impl Names {
    /// For a run of `job`.
    pub(super) fn new(job: &Job) -> Names {
        let unseen = |named: &Named| NameSeen {
            section: AtomicBool::new(named.section.is_none()),
            key: AtomicBool::new(named.key.is_none()),
        };
        let entries = job.ini.lists.iter().map(|(_, values)| {
            let unseen = values.entries.iter().map(|_| AtomicBool::new(false));
            unseen.collect()
        });
        Names {
            seen: job.ini.names.iter().map(unseen).collect(),
            entries: entries.collect(),
            met: Mutex::default(),
        }
    }

    /// Whether a file must be read for its names and values, whatever else it holds.
    pub(super) fn waiting(&self) -> bool {
        !self.entries.is_empty() || self.searching()
    }

    fn searching(&self) -> bool {
        !self.seen.iter().all(NameSeen::all)
    }

    /// Notes the names and values of a file.
    pub(super) fn note(&self, view: &View<'_>, rules: &IniRules) {
        let everywhere = View {
            confine: None,
            ..*view
        };
        for ((name, values), met) in rules.lists.iter().zip(&self.entries) {
            for item in everywhere.lines_of(&everywhere.whole(), name) {
                let value = view.value(item);
                for &at in value.iter().flat_map(|value| values.find(value)) {
                    set(&met[at]);
                }
            }
        }
        if self.searching() {
            for (named, seen) in rules.names.iter().zip(&self.seen) {
                note_name(view, named, seen);
            }
        }
        if self.searching() {
            self.keep(view);
        }
    }

    /// Keeps the names of a file.
    fn keep(&self, view: &View<'_>) {
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        for section in 0..view.scan.sections.len() {
            let name = view.section_name(section);
            if met.sections.len() < KEPT && section > 0 && !met.sections.contains(name) {
                met.sections.insert(name.to_vec());
            }
            let items = view.scan.items_of(section).iter();
            for item in items.filter(|item| item.has_key()) {
                let key = item.key.of(view.text);
                // Whatever comes first, the hint is the same.
                let room = met.keys.len() < KEPT;
                match met.keys.get_mut(key) {
                    Some(section) if rank(name) < rank(section) => *section = name.to_vec(),
                    None if room => {
                        met.keys.insert(key.to_vec(), name.to_vec());
                    }
                    _ => {}
                }
            }
        }
    }

    /// A sentence for each name that was not met, and for each entry of a list.
    pub(super) fn missing(&self, rules: &IniRules) -> Vec<String> {
        let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = Vec::new();
        let names = rules.names.iter().zip(&self.seen);
        let mut unmet = names.filter(|(_, seen)| !seen.all());
        for (named, seen) in unmet.by_ref().take(NAMED) {
            let section = named.section.as_ref();
            match (section, &named.key) {
                (Some(section), _) if !is(&seen.section) => all.push(met.unmet_section(section)),
                (_, Some(key)) if !is(&seen.key) => all.push(met.unmet_key(key, section)),
                _ => {}
            }
        }
        if let more @ 1.. = unmet.count() {
            all.push(format!("warning: and {more} more names that no file has"));
        }
        for ((name, values), met) in rules.lists.iter().zip(&self.entries) {
            let path = values.path.as_deref().unwrap_or_default();
            let entries = values.entries.iter().zip(met);
            let unmet: Vec<_> = entries.filter(|(_, met)| !is(met)).collect();
            for ((line, value), _) in unmet.iter().take(NAMED) {
                let value = shown_path(value);
                all.push(format!("{path}:{line}: no record has {name} = {value}"));
            }
            if let Some(more @ 1..) = unmet.len().checked_sub(NAMED) {
                all.push(format!(
                    "{path}: and {more} more entries that no record has"
                ));
            }
        }
        all
    }
}

/// Notes what of a name is met in a file.
fn note_name(view: &View<'_>, named: &Named, seen: &NameSeen) {
    for at in 0..view.scan.sections.len() {
        if seen.all() {
            return;
        }
        let name = view.section_name(at);
        let mine =
            (named.section.as_ref()).is_none_or(|glob| glob.matches_section(name, view.dialect));
        let fallback = view.dialect.defaults.map(str::as_bytes) == Some(name);
        let items = view.scan.items_of(at);
        if items.is_empty() || !mine && !fallback {
            continue;
        }
        if mine {
            set(&seen.section);
        }
        let has = |key: &NameGlob| {
            let mut items = items.iter().filter(|item| item.has_key());
            items.any(|item| key.matches_key(item.key.of(view.text), view.dialect))
        };
        if named.key.as_ref().is_some_and(has) {
            set(&seen.key);
        }
    }
}

impl Met {
    fn unmet_section(&self, section: &NameGlob) -> String {
        let text = section.text();
        let what = format!("a section [{text}]");
        if self.sections.contains(text.as_bytes()) {
            return literally(&what, "--section-is", text);
        }
        let doubled = NameGlob::new(&text.replace('\\', "\\\\"), false);
        let meant = |name: &Vec<u8>| doubled.matches_section(name, &Dialect::default());
        if text.contains('\\') && self.sections.iter().any(meant) {
            let text = doubled.text();
            return unmet(&what, None)
                + &format!("; \\ is a glob's: write '{text}', or --section-is");
        }
        let bare = text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'));
        let meant = nearest(bare.unwrap_or(text), self.sections.iter());
        unmet(&what, meant.map(|name| format!("[{name}]")))
    }

    fn unmet_key(&self, key: &NameGlob, section: Option<&NameGlob>) -> String {
        let text = key.text();
        let mut what = format!("a key '{text}'");
        if let Some(section) = section {
            what += &format!(" in section [{}]", section.text());
        }
        let quoted = |name: String| format!("'{name}'");
        let key_of = |key: &str| {
            let mut keys = self.keys.iter();
            keys.find(|(met, _)| met.eq_ignore_ascii_case(key.as_bytes()))
        };
        let elsewhere = section.and_then(|_| key_of(text));
        if let Some((key, section)) = elsewhere {
            let name = format!("[{}]{}", shown_path(section), shown_path(key));
            return unmet(&what, Some(quoted(name)));
        }
        if key.literal().is_none() && self.keys.contains_key(text.as_bytes()) {
            return literally(&what, "--key-is", text);
        }
        if let Some((section, key)) = text.split_once('.')
            && key_of(key).is_some()
            && (self.sections.iter()).any(|met| met.eq_ignore_ascii_case(section.as_bytes()))
        {
            return unmet(&what, Some(quoted(format!("[{section}]{key}"))));
        }
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        if parts.len() > 1 && parts.iter().all(|part| key_of(part).is_some()) {
            let each = parts.join("', '");
            return format!("{}; give each its own option: '{each}'", unmet(&what, None));
        }
        unmet(&what, nearest(text, self.keys.keys()).map(quoted))
    }
}

fn is(flag: &AtomicBool) -> bool {
    flag.load(Ordering::Relaxed)
}

fn set(flag: &AtomicBool) {
    flag.store(true, Ordering::Relaxed);
}

/// Which of two sections with a key a hint names: the lesser one.
fn rank(section: &[u8]) -> (bool, &[u8]) {
    (section.is_empty(), section)
}

fn literally(what: &str, option: &str, name: &str) -> String {
    format!(
        "warning: no file read has {what}, as [ ] are a glob's; {option}='{name}' means that very name"
    )
}

fn unmet(what: &str, meant: Option<String>) -> String {
    let hint = meant.map(|meant| format!("; did you mean {meant}?"));
    let hint = hint.unwrap_or_default();
    format!("warning: no file read has {what}{hint}")
}

/// The name most like a wanted one, if one is; of several the first in order.
fn nearest<'n>(wanted: &str, names: impl Iterator<Item = &'n Vec<u8>>) -> Option<String> {
    let likeness = strsim::normalized_damerau_levenshtein;
    let lower = wanted.to_lowercase();
    let short = |name: &[u8]| name.len() <= LONG;
    let names = names.filter(|name| short(name) && short(wanted.as_bytes()));
    let alike = names.map(|name| {
        let name = shown_path(name);
        let folded = likeness(&lower, &name.to_lowercase());
        (folded, likeness(wanted, &name), name)
    });
    // Of names that differ in case alone, that in the case that was typed.
    let best = alike
        .filter(|(folded, ..)| *folded >= ALIKE)
        .min_by(|a, b| {
            (b.0.total_cmp(&a.0))
                .then_with(|| b.1.total_cmp(&a.1))
                .then_with(|| a.2.cmp(&b.2))
        });
    best.map(|(.., name)| name)
}
