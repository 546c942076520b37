//! Names that options give and no file has, and entries of lists that no record has: said at the end.

use crate::ini::glob::NameGlob;
use crate::ini::record::View;
use crate::output::messages::shown_path;
use crate::plan::{IniRules, Job, Named};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Names of keys and of sections that are kept to find the nearest one, at most.
const KEPT: usize = 10_000;
/// Entries of a list that are named, at most.
const NAMED: usize = 20;
/// How alike two names must be, from 0 to 1, for one to be meant by the other.
const ALIKE: f64 = 0.6;

/// Which of the names given were met, by all workers together.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// For each name: its section was met, its key was met there.
    seen: Vec<[AtomicBool; 2]>,
    /// For each list, which entries were met.
    entries: Vec<Vec<AtomicBool>>,
    met: Mutex<Met>,
}

/// What was met while a name was still looked for.
#[derive(Debug, Default)]
struct Met {
    /// Keys, with a section that had them.
    keys: HashMap<Vec<u8>, Vec<u8>>,
    sections: HashMap<Vec<u8>, ()>,
}

impl Names {
    /// For a run of `job`.
    pub(super) fn new(job: &Job) -> Names {
        let unseen = |named: &Named| {
            [
                AtomicBool::new(named.section.is_none()),
                AtomicBool::new(named.key.is_none()),
            ]
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
        let unseen = |seen: &AtomicBool| !seen.load(Ordering::Relaxed);
        self.seen.iter().flatten().any(unseen)
    }

    /// Notes the names and values of a file.
    pub(super) fn note(&self, view: &View<'_>, rules: &IniRules) {
        for ((name, values), met) in rules.lists.iter().zip(&self.entries) {
            for section in 0..view.scan.sections.len() {
                if !view.names_section(name, section) {
                    continue;
                }
                for item in view.scan.sections[section].items.clone() {
                    if view.is_key(&view.scan.items[item], &name.key)
                        && let Some(value) = view.value(item)
                    {
                        for &at in values.find(&value) {
                            met[at].store(true, Ordering::Relaxed);
                        }
                    }
                }
            }
        }
        if !self.searching() {
            return;
        }
        for (named, [section_seen, key_seen]) in rules.names.iter().zip(&self.seen) {
            if section_seen.load(Ordering::Relaxed) && key_seen.load(Ordering::Relaxed) {
                continue;
            }
            for at in 0..view.scan.sections.len() {
                let name = view.section_name(at);
                let fallen_back_on = view
                    .dialect
                    .defaults
                    .is_some_and(|all| name == all.as_bytes());
                let mine = in_section(view, named, at);
                if view.scan.sections[at].items.is_empty() || !mine && !fallen_back_on {
                    continue;
                }
                if mine {
                    section_seen.store(true, Ordering::Relaxed);
                }
                let Some(key) = &named.key else {
                    continue;
                };
                let mut keys = view.scan.items_of(at).iter().filter(|item| item.has_key());
                if keys.any(|item| same_key(view, key, item.key.of(view.text))) {
                    key_seen.store(true, Ordering::Relaxed);
                }
                if section_seen.load(Ordering::Relaxed) && key_seen.load(Ordering::Relaxed) {
                    break;
                }
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
            if met.sections.len() < KEPT && section > 0 && !met.sections.contains_key(name) {
                met.sections.insert(name.to_vec(), ());
            }
            for item in view.scan.items_of(section) {
                let key = item.key.of(view.text);
                if !item.has_key() {
                    continue;
                }
                // Whatever comes first, the hint is the same: of named sections the first in order.
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
        for (named, [section_seen, key_seen]) in rules.names.iter().zip(&self.seen) {
            let seen = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
            if !seen(section_seen) {
                let section = named.section.as_ref().map_or("", NameGlob::text);
                let what = format!("a section [{section}]");
                let bare = section
                    .strip_prefix('[')
                    .and_then(|name| name.strip_suffix(']'));
                let meant = match met.sections.contains_key(section.as_bytes()) {
                    true => section,
                    false => bare.unwrap_or(section),
                };
                let nearest = nearest(meant, met.sections.keys());
                all.push(match &named.section {
                    Some(glob) if is_glob_of(glob, nearest.as_deref()) => {
                        literally(&what, "--section-is", section)
                    }
                    _ => unmet(&what, nearest.map(|name| format!("[{name}]"))),
                });
            } else if let Some(key) = named.key.as_ref().filter(|_| !seen(key_seen)) {
                let mut what = format!("a key '{}'", key.text());
                if let Some(section) = &named.section {
                    what += &format!(" in section [{}]", section.text());
                }
                let meant = met.meant(key.text(), named.section.as_ref());
                all.push(match is_glob_of(key, meant.as_deref()) {
                    true => literally(&what, "--key-is", key.text()),
                    false => unmet(&what, meant),
                });
            }
        }
        for ((name, values), met) in rules.lists.iter().zip(&self.entries) {
            let path = values.path.as_deref().unwrap_or_default();
            let unmet = values.entries.iter().zip(met);
            let unmet: Vec<_> = unmet
                .filter(|(_, met)| !met.load(Ordering::Relaxed))
                .map(|(entry, _)| entry)
                .collect();
            for (line, value) in unmet.iter().take(NAMED) {
                let value = shown_path(value);
                all.push(format!("{path}:{line}: no record has {name} = {value}"));
            }
            if unmet.len() > NAMED {
                let more = unmet.len() - NAMED;
                all.push(format!(
                    "{path}: and {more} more entries that no record has"
                ));
            }
        }
        all
    }
}

impl Met {
    /// What was probably meant by a key that no file has.
    fn meant(&self, key: &str, section: Option<&NameGlob>) -> Option<String> {
        let has_key = |key: &str| {
            self.keys
                .keys()
                .any(|met| met.eq_ignore_ascii_case(key.as_bytes()))
        };
        let has_section = |name: &str| {
            (self.sections.keys()).any(|met| met.eq_ignore_ascii_case(name.as_bytes()))
        };
        if section.is_some() && has_key(key) {
            let same = |met: &[u8]| met.eq_ignore_ascii_case(key.as_bytes());
            let found = self.keys.iter().filter(|(met, _)| same(met)).min();
            return found
                .map(|(key, section)| format!("[{}]{}", shown_path(section), shown_path(key)));
        }
        if let Some((section, key)) = key.split_once('.')
            && has_section(section)
            && has_key(key)
        {
            return Some(format!("[{section}]{key}"));
        }
        let parts: Vec<&str> = key.split(',').map(str::trim).collect();
        if parts.len() > 1 && parts.iter().all(|part| has_key(part)) {
            return Some(format!("one option each: {}", parts.join("', '")));
        }
        nearest(key, self.keys.keys())
    }
}

/// Which of two sections with a key a hint names: the lesser one.
fn rank(section: &[u8]) -> (bool, &[u8]) {
    (section.is_empty(), section)
}

/// Whether a glob is, letter by letter, a name that it does not match.
fn is_glob_of(glob: &NameGlob, name: Option<&str>) -> bool {
    glob.literal().is_none() && name == Some(glob.text())
}

fn literally(what: &str, option: &str, name: &str) -> String {
    format!(
        "warning: no file read has {what}, as [ ] are a glob's; {option}='{name}' means that very name"
    )
}

fn unmet(what: &str, meant: Option<String>) -> String {
    let hint = meant.map_or(String::new(), |meant| {
        match meant.strip_prefix("one option each: ") {
            Some(each) => format!("; give each its own option: '{each}'"),
            None if meant.starts_with('[') && meant.ends_with(']') => {
                format!("; did you mean {meant}?")
            }
            None => format!("; did you mean '{meant}'?"),
        }
    });
    format!("warning: no file read has {what}{hint}")
}

/// The name most like a wanted one, if one is; of several the first in order.
fn nearest<'n>(wanted: &str, names: impl Iterator<Item = &'n Vec<u8>>) -> Option<String> {
    let likeness = strsim::normalized_damerau_levenshtein;
    let lower = wanted.to_lowercase();
    // Of names that differ in case alone, that in the case that was typed.
    let mut alike: Vec<(f64, f64, String)> = names
        .map(|name| {
            let name = shown_path(name);
            let folded = likeness(&lower, &name.to_lowercase());
            (folded, likeness(wanted, &name), name)
        })
        .filter(|(folded, ..)| *folded >= ALIKE)
        .collect();
    alike.sort_by(|a, b| {
        (b.0.total_cmp(&a.0))
            .then_with(|| b.1.total_cmp(&a.1))
            .then_with(|| a.2.cmp(&b.2))
    });
    alike.into_iter().next().map(|(.., name)| name)
}

fn in_section(view: &View<'_>, named: &Named, section: usize) -> bool {
    let name = view.section_name(section);
    named
        .section
        .as_ref()
        .is_none_or(|glob| match glob.literal() {
            Some(literal) => view.dialect.same_section(literal, name),
            None => glob.matches(name),
        })
}

fn same_key(view: &View<'_>, glob: &NameGlob, key: &[u8]) -> bool {
    match glob.literal() {
        Some(literal) => view.dialect.same_key(literal, key),
        None => glob.matches(key),
    }
}
