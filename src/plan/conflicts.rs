//! Options that exclude each other, or that have no effect without another: a usage error, never silence.

use crate::flags::{Typed, UsageError, by_id};

/// Ids of options.
type Ids = &'static [&'static str];

/// What changes files.
pub(super) const EDITS: &[&str] = &["replace", "set", "add", "put", "append", "unset"];

/// Edits of keys.
const KEYED: &[&str] = &["set", "add", "put", "append", "unset"];

/// What chooses the lines or records that are selected.
const SELECTING: &[&str] = &[
    "records",
    "where",
    "has",
    "missing",
    "section",
    "section-is",
    "key",
    "key-is",
    "part",
    "scope",
    "regexp",
    "file",
];

/// Tasks of their own.
const TASKS: &[&str] = &["undo", "redo", "history", "forget", "recover"];

/// What is printed in place of lines.
const FORMS: &[&str] = &["get", "tally", "lint", "count-matches"];

/// Options of the first list exclude those of the second, for the reason given.
const EXCLUSIVE: &[(Ids, Ids, &str)] = &[
    (TASKS, EDITS, ""),
    (TASKS, SELECTING, ""),
    (TASKS, FORMS, ""),
    (FORMS, EDITS, ""),
    (
        EDITS,
        &[
            "invert-match",
            "max-count",
            "files-without-match",
            "after-context",
            "before-context",
        ],
        "",
    ),
    (
        &["in-place"],
        &["files-with-matches", "count", "only-matching"],
        "they are for the preview, and what is written is named at the end",
    ),
    (
        &["only-matching"],
        KEYED,
        "only --replace has matches to print",
    ),
    (
        &["get", "tally", "lint"],
        &[
            "count",
            "files-with-matches",
            "files-without-match",
            "only-matching",
            "after-context",
            "before-context",
            "context",
            "heading",
            "show",
        ],
        "",
    ),
    (&["get"], &["tally", "lint", "count-matches"], ""),
    (&["tally"], &["lint", "count-matches"], ""),
    (&["lint"], &["count-matches"], ""),
    (&["lint"], SELECTING, "all of each file is looked at"),
    (
        &["tally"],
        &["line-number", "byte-offset", "show-section"],
        "",
    ),
    (
        &["count-matches"],
        &["count", "files-with-matches", "files-without-match"],
        "",
    ),
    (&["json"], &["csv", "heading"], ""),
];

/// Options of the first list have no effect without one of the second; the message.
const NEEDS: &[(Ids, &[Ids], &str)] = &[
    (
        &["confirm", "no-undo"],
        &[&["in-place"]],
        "goes with --in-place only",
    ),
    (
        &["keep-going", "force"],
        &[&["in-place"], TASKS],
        "goes with --in-place only",
    ),
    (
        &["in-place"],
        &[EDITS, TASKS],
        "has nothing to write: give --set, --put, --add, --append, --unset or --replace with it",
    ),
    (
        &["diff"],
        &[EDITS, TASKS],
        "shows an edit: give --set, --put, --add, --append, --unset, --replace or --undo with it",
    ),
    (
        &["csv"],
        &[&["get", "tally"]],
        "goes with --get or --tally only",
    ),
];

/// What says how PATTERNS match, or prints what they matched.
const OF_PATTERNS: &[&str] = &[
    "key",
    "key-is",
    "part",
    "invert-match",
    "word-regexp",
    "line-regexp",
    "smart-case",
    "basic-regexp",
    "extended-regexp",
    "fixed-strings",
    "perl-regexp",
    "only-matching",
    "count-matches",
];

/// Whether records are selected without PATTERNS.
pub(super) fn without_patterns(typed: &Typed) -> bool {
    typed.any_given(SELECT_ALONE) && !typed.any_given(&["regexp", "file"])
}

/// What selects without PATTERNS.
const SELECT_ALONE: &[&str] = &["where", "has", "missing", "records", "lint"];

/// Checks the options of a command line against each other.
///
/// # Errors
/// Two that exclude each other, or one that has no effect.
pub fn check(typed: &Typed) -> Result<(), UsageError> {
    let records = without_patterns(typed);
    let given = |ids: &[&'static str]| ids.iter().copied().find(|id| typed.has(id));
    for (some, others, why) in EXCLUSIVE {
        if let (Some(one), Some(other)) = (given(some), given(others)) {
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
        if let Some(one) = given(some)
            && !others.iter().any(|ids| given(ids).is_some())
        {
            return Err(UsageError::plain(format!("{} {why}", shown(one))));
        }
    }
    if records && let Some(option) = given(OF_PATTERNS) {
        let selecting = given(SELECT_ALONE).unwrap_or("records");
        return Err(UsageError::plain(format!(
            "{} is about PATTERNS, and {} selects without any: give some by -e, or leave one of them out",
            shown(option),
            shown(selecting)
        )));
    }
    Ok(())
}

/// An option as it is typed: its letter, where it has one of GNU grep's, else its name.
fn shown(id: &str) -> String {
    match by_id(id) {
        Some(option) if option.gnu && !option.short.is_empty() => {
            format!("-{}", &option.short[..1])
        }
        _ => format!("--{id}"),
    }
}
