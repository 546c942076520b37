//! What was typed: plain facts, before any of it is weighed.

use super::argv::{self, Argv, ArgvError, Own};
use super::called::Called;
use super::command::command_with;
use super::foreign;
use super::option::{Opt, Takes};
use super::table::{OPTIONS, by_id};
use crate::system::os_string;
use clap::ArgMatches;
use std::ffi::{OsStr, OsString};

/// The options and operands of one command line.
#[derive(Debug)]
pub struct Typed {
    /// The name the program was called by.
    pub called: Called,
    /// The ids of the options that were given; only these are known to `matches`.
    given: Vec<&'static str>,
    matches: ArgMatches,
    operands: Vec<OsString>,
    /// How many of them, at the end, came after `--`.
    literal: usize,
    /// `-NUM`'s digits.
    digits: Option<OsString>,
}

/// What is wrong with the command line.
#[derive(Debug)]
pub struct UsageError {
    /// Sentences without the program's name.
    pub messages: Vec<String>,
    /// Whether the usage lines follow.
    pub usage: bool,
    /// The exit status is 1: so GNU's argmatch ends.
    pub one: bool,
}

impl UsageError {
    /// An error that the usage lines do not help with.
    pub fn plain(message: impl Into<String>) -> UsageError {
        UsageError::several(vec![message.into()])
    }

    /// Several errors that the usage lines do not help with.
    pub fn several(messages: Vec<String>) -> UsageError {
        UsageError {
            messages,
            usage: false,
            one: false,
        }
    }

    /// An error followed by the usage lines.
    pub fn with_usage(message: impl Into<String>) -> UsageError {
        UsageError {
            messages: vec![message.into()],
            usage: true,
            one: false,
        }
    }

    /// The word of an option that is none of a few known ones, or begins several of them (`ambiguous`), in the words of
    /// GNU's argmatch, with quotes of UTF-8 or of ASCII.
    pub fn word(
        option: &str,
        word: &str,
        known: &[&str],
        ambiguous: bool,
        utf8: bool,
    ) -> UsageError {
        let (open, close) = if utf8 { ('‘', '’') } else { ('\'', '\'') };
        let what = if ambiguous { "ambiguous" } else { "invalid" };
        let mut message = format!(
            "{what} argument {open}{word}{close} for {open}--{option}{close}\nValid arguments are:"
        );
        for known in known {
            message += &format!("\n  - {open}{known}{close}");
        }
        UsageError {
            one: true,
            ..UsageError::with_usage(message)
        }
    }
}

/// Reads `args` (without `argv[0]`). `posixly_correct`: options end at the first operand.
///
/// # Errors
/// An option that is unknown, ambiguous, or lacks its value.
pub fn parse(
    called: Called,
    args: Vec<OsString>,
    posixly_correct: bool,
) -> Result<Typed, UsageError> {
    let own = if called.as_grep() {
        Own::Long
    } else {
        Own::All
    };
    let argv =
        argv::read(args, own, !posixly_correct).map_err(|error| usage_error(called, error))?;
    let Argv {
        options,
        operands,
        literal,
        digits,
    } = argv;
    let mut given: Vec<&'static Opt> = Vec::new();
    for (option, _) in &options {
        if !given.iter().any(|known| known.id == option.id) {
            given.push(option);
        }
    }
    let mut canonical: Vec<OsString> = vec![OsString::from(called.name())];
    canonical.extend(
        options
            .into_iter()
            .map(|(option, value)| canonical_option(option, value)),
    );
    // Without options there is nothing to ask clap, which takes longer than the search of a small file.
    let matches = if given.is_empty() {
        ArgMatches::default()
    } else {
        command_with(called.name(), given.iter().copied())
            .try_get_matches_from(canonical)
            .map_err(|error| UsageError::with_usage(error.kind().to_string()))?
    };
    Ok(Typed {
        called,
        given: given.iter().map(|option| option.id).collect(),
        matches,
        operands,
        literal,
        digits,
    })
}

/// One argument per option, in the one form that clap cannot misread.
fn canonical_option(option: &'static Opt, value: Option<OsString>) -> OsString {
    let mut arg = if option.long.is_empty() {
        format!("-{}", option.short).into_bytes()
    } else {
        format!("--{}", option.long).into_bytes()
    };
    if let Some(value) = value {
        if !option.long.is_empty() {
            arg.push(b'=');
        }
        arg.extend_from_slice(value.as_encoded_bytes());
    }
    os_string(arg)
}

fn usage_error(called: Called, error: ArgvError) -> UsageError {
    let message = match error {
        ArgvError::UnknownLong(arg) => {
            let shown = arg.to_string_lossy();
            let shown = shown.split('=').next().unwrap_or_default();
            if !called.as_grep() {
                let hint = match foreign::meant(shown) {
                    Some(meant) => format!("; {meant}"),
                    None => nearest(shown).map_or(String::new(), |other| {
                        format!("; did you mean '--{other}'? ('grini --help' lists all)")
                    }),
                };
                if !hint.is_empty() {
                    return UsageError::plain(format!("unrecognized option '{shown}'{hint}"));
                }
            }
            format!("unrecognized option '{}'", arg.to_string_lossy())
        }
        ArgvError::UnknownShort(letter)
            if !called.as_grep() && foreign::letter(&letter).is_some() =>
        {
            let meant = foreign::letter(&letter).unwrap_or_default();
            let letter = String::from_utf8_lossy(&letter);
            return UsageError::plain(format!("invalid option -- '{letter}'; {meant}"));
        }
        ArgvError::UnknownShort(letter) => {
            format!("invalid option -- '{}'", String::from_utf8_lossy(&letter))
        }
        ArgvError::Ambiguous(arg, possible) => {
            let possible: String = possible.iter().map(|name| format!(" '--{name}'")).collect();
            format!(
                "option '{}' is ambiguous; possibilities:{possible}",
                arg.to_string_lossy()
            )
        }
        ArgvError::MissingLong(name) => format!("option '--{name}' requires an argument"),
        ArgvError::MissingShort(letter) => {
            format!("option requires an argument -- '{}'", char::from(letter))
        }
        ArgvError::Unwanted(name) => format!("option '--{name}' doesn't allow an argument"),
    };
    UsageError::with_usage(message)
}

/// How alike two names must be, from 0 to 1, for one to be meant by the other.
const ALIKE: f64 = 0.6;

/// The option whose name is most like an unknown one; never one that removes or overrides something.
fn nearest(unknown: &str) -> Option<&'static str> {
    let unknown = unknown.trim_start_matches('-');
    let alike = |name: &str| strsim::normalized_damerau_levenshtein(unknown, name);
    let known = OPTIONS
        .iter()
        .filter(|option| !option.help.is_empty() && !foreign::HARMFUL.contains(&option.id));
    known
        .flat_map(argv::names)
        .map(|name| (alike(name), name))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

impl Typed {
    /// Whether an option was given.
    pub fn has(&self, id: &str) -> bool {
        self.given.contains(&id)
    }

    /// The last value of an option.
    pub fn value(&self, id: &str) -> Option<&OsStr> {
        self.values(id).last()
    }

    /// All values of an option, in order.
    pub fn values(&self, id: &str) -> impl DoubleEndedIterator<Item = &OsStr> {
        let values = self.has(id).then(|| self.matches.get_many::<OsString>(id));
        values
            .flatten()
            .into_iter()
            .flatten()
            .map(OsString::as_os_str)
    }

    /// All values of the options `ids`, in the order given.
    pub fn in_order<'t>(&'t self, ids: &[&'static str]) -> Vec<(&'static str, &'t OsStr)> {
        let mut found: Vec<(usize, &'static str, &OsStr)> = Vec::new();
        for &id in ids {
            if !self.has(id) {
                continue;
            }
            let mut places = self.matches.indices_of(id).into_iter().flatten();
            if by_id(id).is_some_and(|option| option.takes == Takes::Nothing) {
                found.extend(places.next().map(|place| (place, id, OsStr::new(""))));
                continue;
            }
            found.extend(
                places
                    .zip(self.values(id))
                    .map(|(place, value)| (place, id, value)),
            );
        }
        found.sort_by_key(|(place, ..)| *place);
        found
            .into_iter()
            .map(|(_, id, value)| (id, value))
            .collect()
    }

    /// The option of `ids` that was given last.
    pub fn last_of(&self, ids: &[&'static str]) -> Option<&'static str> {
        self.in_order(ids).last().map(|(id, _)| *id)
    }

    /// PATTERNS and FILEs, as given.
    pub fn operands(&self) -> Vec<&OsStr> {
        self.operands.iter().map(OsString::as_os_str).collect()
    }

    /// How many of the last operands came after `--`.
    pub fn literal_operands(&self) -> usize {
        self.literal
    }

    /// `-NUM`'s digits.
    pub fn digits(&self) -> Option<&OsStr> {
        self.digits.as_deref()
    }

    /// Whether any of these options was given.
    pub fn any_given(&self, ids: &[&str]) -> bool {
        ids.iter().any(|id| self.has(id))
    }
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// Always.
    Always,
    /// Never.
    Never,
    /// On a terminal.
    Auto,
}

impl Color {
    /// The words of `--color`, in any case; none: there is no such word.
    pub fn read(word: &str) -> Option<Color> {
        match word.to_ascii_lowercase().as_str() {
            "always" | "yes" | "force" => Some(Color::Always),
            "never" | "no" | "none" => Some(Color::Never),
            "" | "auto" | "tty" | "if-tty" => Some(Color::Auto),
            _ => None,
        }
    }
}
