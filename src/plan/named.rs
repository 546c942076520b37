//! The names that options give, of which those that no file has are warned of.

use super::edits::Change;
use super::names::{glob, key_name};
use crate::flags::{Id, Typed, UsageError};
use crate::ini::condition::Condition;
use crate::ini::dialect::Dialect;
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
    fn of(name: &KeyName, dialect: &Dialect) -> Named {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Named {
            section: (name.section.as_ref())
                .map(|section| NameGlob::literally(&text(section), dialect.section_case)),
            key: Some(NameGlob::literally(&text(&name.key), dialect.key_case)),
        }
    }
}

/// Every name that a condition, `--get`, `--tally`, `--section`, `--key`, `--show` or an edit other than `--add` and `--put`
/// gives, each once.
///
/// # Errors
/// A bad glob.
pub(super) fn all(
    typed: &Typed,
    conditions: &[Condition],
    columns: &[Column],
    changes: &[Change],
    dialect: &Dialect,
) -> Result<Vec<Named>, UsageError> {
    let mut all = Vec::new();
    let named = |name: &KeyName| Named::of(name, dialect);
    all.extend(conditions.iter().flat_map(Condition::keys).map(named));
    let column = |column: &Column| Named {
        section: (column.section.as_ref())
            .map(|name| NameGlob::literally(&String::from_utf8_lossy(name), dialect.section_case)),
        key: Some(column.key.clone()),
    };
    all.extend(columns.iter().map(column));
    for value in typed.values(Id::Tally) {
        all.push(named(&key_name(Id::Tally, value)?));
    }
    for change in changes {
        match change {
            Change::Set(name, _) | Change::Unset(name, _) => all.push(named(name)),
            Change::Append(line) => all.extend(line.name.section.as_ref().map(|_| Named {
                key: None,
                ..named(&line.name)
            })),
            Change::UnsetSection(name) => {
                let name = String::from_utf8_lossy(name);
                all.push(Named {
                    section: Some(NameGlob::literally(&name, dialect.section_case)),
                    key: None,
                });
            }
            Change::Replace(_) | Change::Add(_) | Change::Put(_) => {}
        }
    }
    for id in [Id::Section, Id::SectionIs, Id::Key, Id::KeyIs, Id::Show] {
        for value in typed.values(id) {
            let glob = glob(id, value, dialect)?;
            all.push(match id {
                Id::Section | Id::SectionIs => Named {
                    section: Some(glob),
                    key: None,
                },
                _ => Named {
                    section: None,
                    key: Some(glob),
                },
            });
        }
    }
    let text = |glob: &Option<NameGlob>| glob.as_ref().map(|glob| glob.text().to_owned());
    let mut seen = std::collections::HashSet::new();
    all.retain(|named: &Named| seen.insert((text(&named.section), text(&named.key))));
    Ok(all)
}
