//! Options that exclude each other, or that have no effect without another: a usage error, never silence.

use crate::flags::{Id, Typed, UsageError};
use std::ffi::OsStr;

/// Options.
type Ids = &'static [Id];

/// What changes files.
pub(super) const EDITS: &[Id] = &[
    Id::Replace,
    Id::Set,
    Id::Add,
    Id::Put,
    Id::Append,
    Id::Unset,
];

/// Edits of keys.
pub(super) const KEYED: &[Id] = &[Id::Set, Id::Add, Id::Put, Id::Append, Id::Unset];

/// What chooses the lines or records that are selected.
const SELECTING: &[Id] = &[
    Id::Records,
    Id::Where,
    Id::Has,
    Id::Missing,
    Id::Section,
    Id::SectionIs,
    Id::Key,
    Id::KeyIs,
    Id::Part,
    Id::Scope,
    Id::Regexp,
    Id::File,
];

/// Tasks of their own.
const TASKS: &[Id] = &[Id::Undo, Id::Redo, Id::History, Id::Forget, Id::Recover];

/// What is printed in place of lines.
const FORMS: &[Id] = &[Id::Get, Id::Tally, Id::Lint, Id::CountMatches];

/// Options of the first list exclude those of the second, for the reason given.
const EXCLUSIVE: &[(Ids, Ids, &str)] = &[
    (TASKS, EDITS, ""),
    (TASKS, SELECTING, ""),
    (TASKS, FORMS, ""),
    (FORMS, EDITS, ""),
    (
        EDITS,
        &[
            Id::InvertMatch,
            Id::MaxCount,
            Id::FilesWithoutMatch,
            Id::AfterContext,
            Id::BeforeContext,
        ],
        "",
    ),
    (
        &[Id::InPlace],
        &[Id::FilesWithMatches, Id::Count, Id::OnlyMatching],
        "they are for the preview; --diff prints what is written",
    ),
    (
        &[Id::OnlyMatching],
        KEYED,
        "only --replace has matches to print",
    ),
    (
        &[Id::Get, Id::Tally, Id::Lint],
        &[
            Id::Count,
            Id::FilesWithMatches,
            Id::FilesWithoutMatch,
            Id::OnlyMatching,
            Id::AfterContext,
            Id::BeforeContext,
            Id::Context,
            Id::Heading,
            Id::Show,
        ],
        "",
    ),
    (&[Id::Get], &[Id::Tally, Id::Lint, Id::CountMatches], ""),
    (&[Id::Tally], &[Id::Lint, Id::CountMatches], ""),
    (&[Id::Lint], &[Id::CountMatches, Id::MaxCount], ""),
    (&[Id::Lint], SELECTING, "all of each file is looked at"),
    (
        &[Id::Tally],
        &[Id::LineNumber, Id::ByteOffset, Id::ShowSection],
        "",
    ),
    (
        &[Id::CountMatches],
        &[Id::Count, Id::FilesWithMatches, Id::FilesWithoutMatch],
        "",
    ),
    (&[Id::Json], &[Id::Csv, Id::Heading], ""),
];

/// Options of the first list have no effect without one of the second; the message.
const NEEDS: &[(Ids, &[Ids], &str)] = &[
    (
        &[Id::Confirm, Id::NoUndo],
        &[&[Id::InPlace]],
        "goes with --in-place only",
    ),
    (
        &[Id::KeepGoing, Id::Force],
        &[&[Id::InPlace], TASKS],
        "goes with --in-place only",
    ),
    (
        &[Id::InPlace],
        &[EDITS, TASKS],
        "has nothing to write: give --set, --put, --add, --append, --unset or --replace with it",
    ),
    (
        &[Id::Diff],
        &[EDITS, TASKS],
        "shows an edit: give --set, --put, --add, --append, --unset, --replace or --undo with it",
    ),
    (
        &[Id::Csv],
        &[&[Id::Get, Id::Tally]],
        "goes with --get or --tally only",
    ),
];

/// Options of which one can be given, once; what is there for several.
const ONCE: &[(Ids, &str)] = &[
    (
        &[Id::Key, Id::KeyIs],
        "a glob such as 'Name*' stands for several keys",
    ),
    (
        &[Id::Section, Id::SectionIs],
        "a glob such as 'web*' stands for several sections",
    ),
    (&[Id::Part], "it takes one word"),
];

/// What says how PATTERNS match, or prints what they matched.
const OF_PATTERNS: &[Id] = &[
    Id::Key,
    Id::KeyIs,
    Id::Part,
    Id::InvertMatch,
    Id::WordRegexp,
    Id::LineRegexp,
    Id::SmartCase,
    Id::BasicRegexp,
    Id::ExtendedRegexp,
    Id::FixedStrings,
    Id::PerlRegexp,
    Id::OnlyMatching,
    Id::CountMatches,
];

/// Whether records are selected without PATTERNS.
pub(super) fn without_patterns(typed: &Typed) -> bool {
    typed.any_given(SELECT_ALONE) && !typed.any_given(&[Id::Regexp, Id::File])
}

/// What selects without PATTERNS.
const SELECT_ALONE: &[Id] = &[Id::Where, Id::Has, Id::Missing, Id::Records, Id::Lint];

/// Checks the options of a command line against each other.
///
/// # Errors
/// Two that exclude each other, or one that has no effect.
pub fn check(typed: &Typed) -> Result<(), UsageError> {
    let records = without_patterns(typed);
    for (ids, instead) in ONCE {
        let mut given = typed.in_order(ids).map(|(id, _)| shown(id));
        if let (Some(one), Some(other)) = (given.next(), given.next()) {
            let both = match one == other {
                true => format!("{one} can be given once"),
                false => format!("{one} and {other} exclude each other"),
            };
            return Err(UsageError::plain(format!("{both}; {instead}")));
        }
    }
    for (some, others, why) in EXCLUSIVE {
        if let (Some(one), Some(other)) = (typed.one_of(some), typed.one_of(others)) {
            let why = if why.is_empty() {
                String::new()
            } else {
                format!(": {why}")
            };
            let (one, other) = (shown(one), shown(other));
            return Err(UsageError::plain(format!(
                "{one} and {other} exclude each other{why}"
            )));
        }
    }
    for (some, others, why) in NEEDS {
        if let Some(one) = typed.one_of(some)
            && !others.iter().any(|ids| typed.any_given(ids))
        {
            return Err(UsageError::plain(format!("{} {why}", shown(one))));
        }
    }
    if records && let Some(option) = typed.one_of(OF_PATTERNS) {
        let selecting = typed.one_of(SELECT_ALONE).unwrap_or(Id::Records);
        return Err(UsageError::plain(format!(
            "{} is about PATTERNS, and {} selects without any: give some by -e, or leave one of them out",
            shown(option),
            shown(selecting)
        )));
    }
    check_standard_input(typed)
}

/// Lists that may come from standard input, as they are typed then.
const LISTS: [(Id, &str); 3] = [
    (Id::File, "-f -"),
    (Id::ExcludeFrom, "--exclude-from=-"),
    (Id::Files0From, "--files0-from=-"),
];

/// Standard input can be one list: a second one would be empty, which GNU grep does not mind of its own two.
fn check_standard_input(typed: &Typed) -> Result<(), UsageError> {
    let of_words = |value: &OsStr| {
        let text = value.to_string_lossy();
        text.split([' ', '\t', '(', ')']).any(|word| word == "@-")
    };
    let lists = LISTS
        .iter()
        .filter(|(id, _)| typed.values(*id).any(|value| value == "-"));
    let mut readers: Vec<&str> = lists.map(|(_, shown)| *shown).collect();
    readers.extend(typed.values(Id::Where).any(of_words).then_some("@-"));
    match readers[..] {
        ["-f -", "--exclude-from=-"] if typed.called.as_grep() => Ok(()),
        [one, other, ..] => Err(UsageError::plain(format!(
            "{one} and {other} both read standard input"
        ))),
        _ => Ok(()),
    }
}

/// An option as it is typed: its letter, where it has one of GNU grep's, else its name.
fn shown(id: Id) -> String {
    let option = id.option();
    match option.short.chars().next() {
        Some(letter) if option.gnu => format!("-{letter}"),
        _ => option.typed(),
    }
}
