//! The names that options give, of which those that no file has are warned of.

use super::edits::Change;
use crate::ini::condition::Condition;
use crate::ini::glob::NameGlob;
use crate::ini::record::{Column, KeyName};

/// A key, a section or both that an option names: one that no file has is warned of.
#[derive(Clone, Debug)]
pub struct Named {
    /// The section.
    pub section: Option<NameGlob>,
    /// The key, in that section where one is named.
    pub key: Option<NameGlob>,
}

impl Named {
    fn of(name: &KeyName) -> Named {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Named {
            section: (name.section.as_ref()).map(|section| NameGlob::literally(&text(section))),
            key: Some(NameGlob::literally(&text(&name.key))),
        }
    }
}

/// What else of the command line bears on records.
pub(super) struct Asked<'a> {
    /// There are no PATTERNS.
    pub records: bool,
    /// The columns of `--get`.
    pub columns: &'a [Column],
    /// The keys of `--tally`.
    pub tally: &'a [KeyName],
    /// What is to be changed.
    pub changes: &'a [Change],
}

/// The globs of `--section`, `--key` and `--show`, and of `--section-is` and `--key-is`, that have an effect.
pub(super) struct Globs<'a> {
    /// For names of sections.
    pub sections: Option<&'a NameGlob>,
    /// For keys.
    pub keys: Option<&'a NameGlob>,
    /// For the keys that are shown.
    pub shown: &'a [NameGlob],
}

/// Every name that a condition, `--get`, `--tally`, a glob or an edit other than `--add` and `--put` gives, each once.
pub(super) fn all(conditions: &[Condition], asked: &Asked<'_>, globs: &Globs<'_>) -> Vec<Named> {
    let mut all = Vec::new();
    let named = |name: &KeyName| Named::of(name);
    all.extend(conditions.iter().flat_map(Condition::keys).map(named));
    let column = |column: &Column| Named {
        section: (column.section.as_ref())
            .map(|name| NameGlob::literally(&String::from_utf8_lossy(name))),
        key: Some(column.key.clone()),
    };
    all.extend(asked.columns.iter().map(column));
    all.extend(asked.tally.iter().map(named));
    for change in asked.changes {
        match change {
            Change::Set(name, _) | Change::Unset(name, _) => all.push(named(name)),
            Change::Append(line) => all.extend(line.name.section.as_ref().map(|_| Named {
                key: None,
                ..named(&line.name)
            })),
            Change::UnsetSection(name) => {
                let name = String::from_utf8_lossy(name);
                all.push(Named {
                    section: Some(NameGlob::literally(&name)),
                    key: None,
                });
            }
            Change::Replace(_) | Change::Add(_) | Change::Put(_) => {}
        }
    }
    all.extend(globs.sections.map(|glob| Named {
        section: Some(glob.clone()),
        key: None,
    }));
    all.extend(globs.keys.into_iter().chain(globs.shown).map(|glob| Named {
        section: None,
        key: Some(glob.clone()),
    }));
    let text = |glob: &Option<NameGlob>| glob.as_ref().map(|glob| glob.text().to_owned());
    let mut seen = std::collections::HashSet::new();
    all.retain(|named: &Named| seen.insert((text(&named.section), text(&named.key))));
    all
}
