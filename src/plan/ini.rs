//! How INI files are read, and which records are meant.

use super::conditions::{conditions, folds};
use super::conflicts::KEYED;
use super::dialect::Dialects;
use super::edits::Change;
use super::named::{self, Asked, Globs, Named};
use super::names::{choice, glob};
use crate::files::decode;
use crate::flags::{Called, Group, Id, Opt, Typed, UsageError};
use crate::ini::condition::{Condition, ValueSet};
use crate::ini::glob::NameGlob;
use crate::ini::need::Need;
use crate::ini::record::{Column, KeyName, Record, Scope, View};
use crate::system::locale;
use encoding_rs::Encoding;
use std::sync::Arc;

/// Which files are read as INI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IniWhen {
    /// None.
    Never,
    /// Those named `*.ini`.
    ByName,
    /// All.
    Always,
}

/// The part of a line that patterns are matched against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Line,
    /// A header's name.
    Section,
    /// A key.
    Key,
    /// A value.
    Value,
    /// A comment line.
    Comment,
}

/// How INI files are read, and which records are meant.
pub struct IniRules {
    /// Which files are read as INI.
    pub when: IniWhen,
    /// The rules to scan each file by.
    pub dialects: Dialects,
    /// The encoding of lines that are not valid UTF-8.
    pub fallback: &'static Encoding,
    /// Whether that encoding was asked for by name.
    pub fallback_chosen: bool,
    /// What a record is.
    pub scope: Scope,
    /// Keys whose lines are shown with a selected record.
    pub show: Vec<NameGlob>,
    /// Where the header of a matching line's section is shown.
    pub headers: Headers,
    /// What must hold for a record.
    pub conditions: Vec<Condition>,
    /// What a file must hold for that.
    pub need: Option<Need>,
    /// Every record that meets the conditions is selected; there are no patterns.
    pub records: bool,
    /// Where in a line patterns match.
    pub part: Part,
    /// In which sections.
    pub section: Option<NameGlob>,
    /// In the values of which keys.
    pub key: Option<NameGlob>,
    /// The keys named without a section, whose place decides whether sections are records, under [`Scope::Auto`].
    pub deciding: Vec<NameGlob>,
    /// The sections that a selected record must contain.
    pub confine: Confine,
    /// The names that are warned of where no file has them.
    pub names: Vec<Named>,
    /// The lists that conditions name, and the key of each.
    pub lists: Vec<(KeyName, Arc<ValueSet>)>,
}

/// Where the header of a section is shown with its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Headers {
    /// Nowhere.
    Never,
    /// Where a record is a section.
    OfRecords,
    /// In every file with sections.
    Always,
}

/// Sections that edits, `--get` and `--tally` name: records without them are not meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confine {
    /// The record must contain each of these.
    all: Vec<KeyName>,
    /// And one of these, if there are any.
    any: Vec<KeyName>,
}

impl Confine {
    /// Whether a record contains the sections.
    pub fn admits(&self, view: &View<'_>, record: &Record) -> bool {
        let has = |name: &KeyName| view.has_section(record, name);
        self.all.iter().all(has) && (self.any.is_empty() || self.any.iter().any(has))
    }

    fn new(columns: &[Column], tally: &[KeyName], changes: &[Change]) -> Confine {
        let only_section = |section: &Vec<u8>| KeyName {
            section: Some(section.clone()),
            key: Vec::new(),
        };
        let mut all: Vec<KeyName> = (tally.iter())
            .filter_map(|name| name.section.as_ref().map(only_section))
            .collect();
        for change in changes {
            let section = match change {
                Change::Set(name, _) | Change::Unset(name, _) => name.section.as_ref(),
                Change::Append(line) => line.name.section.as_ref(),
                Change::UnsetSection(section) => Some(section),
                Change::Replace(_) | Change::Add(_) | Change::Put(_) => None,
            };
            all.extend(section.map(only_section));
        }
        let sections = columns.iter().map(|column| column.section.as_ref());
        let any: Option<Vec<KeyName>> = sections.map(|name| name.map(only_section)).collect();
        Confine {
            all,
            any: any.unwrap_or_default(),
        }
    }
}

impl IniRules {
    /// Whether patterns are confined to a part, a section or a key.
    pub fn confined(&self) -> bool {
        self.part != Part::Line || self.section.is_some() || self.key.is_some()
    }
}

/// The option given that turns INI reading on for every file, if there is one.
fn record_option(typed: &Typed) -> Option<&'static Opt> {
    let apart = [Id::NoShow, Id::Csv, Id::Ini, Id::NoIni].map(Id::option);
    let edits = KEYED.iter().map(|id| id.option());
    typed.options().find(|option| {
        let of_records = matches!(option.group, Group::Records | Group::Dialects);
        of_records && !apart.contains(option) || edits.clone().any(|edit| edit == *option)
    })
}

/// The rules for INI files, read by `dialects`. Warnings are added to `warnings`.
///
/// # Errors
/// What is wrong with an option, and what to write instead.
pub(super) fn rules(
    typed: &Typed,
    dialects: Dialects,
    asked: &Asked<'_>,
    warnings: &mut Vec<String>,
) -> Result<IniRules, UsageError> {
    let when = when(typed)?;
    let dialect = dialects.of(b"");
    let last = |ids: &[Id]| {
        let last = typed.in_order(ids).next_back();
        last.map(|(id, value)| glob(id, value, dialect)).transpose()
    };
    let key = last(&[Id::Key, Id::KeyIs])?;
    let part = part(typed)?;
    if key.is_some() && !matches!(part, Part::Line | Part::Value) {
        return Err(UsageError::plain(
            "--key matches values: it goes with --part=value only",
        ));
    }
    let shown = typed.in_order(&[Id::Show, Id::NoShow]).next_back();
    let show = match shown {
        Some((Id::NoShow, _)) => Vec::new(),
        Some(_) => typed
            .values(Id::Show)
            .map(|value| glob(Id::Show, value, dialect))
            .collect::<Result<_, _>>()?,
        None => vec![NameGlob::literally("State")],
    };
    let headers = match shown {
        _ if typed.has(Id::ShowSection) => Headers::Always,
        Some((Id::NoShow, _)) => Headers::Never,
        _ => Headers::OfRecords,
    };
    let label = typed.value(Id::Encoding);
    let fallback_chosen = label.is_some();
    let label = label.map_or_else(locale::text_encoding, |label| {
        label.to_string_lossy().into_owned()
    });
    let fallback = decode::encoding(&label).map_err(UsageError::plain)?;
    let fold = folds(typed);
    let conditions = conditions(typed, fold, fallback, warnings)?;
    let section = last(&[Id::Section, Id::SectionIs])?;
    let globs = Globs {
        sections: section.as_ref(),
        keys: key.as_ref(),
        shown: if typed.has(Id::Show) { &show } else { &[] },
    };
    let names = named::all(&conditions, asked, &globs);
    let lists = conditions.iter().flat_map(Condition::lists);
    Ok(IniRules {
        when,
        fallback,
        fallback_chosen,
        // Without PATTERNS, each section that is named is meant, by itself.
        scope: match typed.has(Id::Scope) || !asked.records || section.is_none() {
            true => scope(typed)?,
            false => Scope::Section,
        },
        show,
        headers,
        need: if dialects.differ() {
            None
        } else {
            Need::new(&conditions, dialect)
        },
        deciding: deciding(&conditions, asked),
        confine: Confine::new(asked.columns, asked.tally, asked.changes),
        lists: lists
            .map(|(name, values)| (name.clone(), Arc::clone(values)))
            .collect(),
        names,
        conditions,
        records: asked.records,
        part,
        section,
        key,
        dialects,
    })
}

/// Which files are read as INI.
fn when(typed: &Typed) -> Result<IniWhen, UsageError> {
    let record_option = record_option(typed);
    let when = match typed.last_of(&[Id::Ini, Id::NoIni]) {
        Some(Id::NoIni) => {
            if let Some(option) = record_option {
                let option = option.typed();
                return Err(UsageError::plain(format!(
                    "--no-ini and {option} contradict each other"
                )));
            }
            IniWhen::Never
        }
        Some(_) => IniWhen::Always,
        None if record_option.is_some() => IniWhen::Always,
        None if typed.called == Called::Grini && !typed.has(Id::NullData) => IniWhen::ByName,
        None => IniWhen::Never,
    };
    if typed.has(Id::NullData) && when == IniWhen::Always {
        let what = record_option.unwrap_or(Id::Ini.option()).typed();
        return Err(UsageError::plain(format!(
            "-z and {what} do not go together"
        )));
    }
    Ok(when)
}

/// The keys that conditions, `--get`, `--tally` and edits name without a section.
fn deciding(conditions: &[Condition], asked: &Asked<'_>) -> Vec<NameGlob> {
    let of_changes = asked.changes.iter().filter_map(|change| match change {
        Change::Set(name, _) | Change::Unset(name, _) => Some(name),
        Change::Add(line) | Change::Put(line) | Change::Append(line) => Some(&line.name),
        Change::Replace(_) | Change::UnsetSection(_) => None,
    });
    let names = (conditions.iter().flat_map(Condition::keys))
        .chain(asked.tally)
        .chain(of_changes)
        .filter(|name| name.section.is_none());
    let literally = |name: &KeyName| NameGlob::literally(&String::from_utf8_lossy(&name.key));
    let columns = asked
        .columns
        .iter()
        .filter(|column| column.section.is_none());
    let mut all: Vec<NameGlob> = names
        .map(literally)
        .chain(columns.map(|column| column.key.clone()))
        .collect();
    all.sort_by(|a, b| a.text().cmp(b.text()));
    all.dedup_by(|a, b| a.text() == b.text());
    all
}

fn part(typed: &Typed) -> Result<Part, UsageError> {
    choice(
        typed,
        Id::Part,
        Part::Line,
        &[
            ("line", Part::Line),
            ("section", Part::Section),
            ("key", Part::Key),
            ("value", Part::Value),
            ("comment", Part::Comment),
        ],
    )
}

fn scope(typed: &Typed) -> Result<Scope, UsageError> {
    choice(
        typed,
        Id::Scope,
        Scope::Auto,
        &[
            ("auto", Scope::Auto),
            ("section", Scope::Section),
            ("file", Scope::File),
        ],
    )
}
