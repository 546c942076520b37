//! What was typed: plain facts, before any of it is weighed.

use super::argv::{self, Argv, ArgvError};
use super::called::Called;
use super::foreign;
use super::option::Opt;
use super::table::{Id, OPTIONS};
use std::ffi::{OsStr, OsString};

/// The options and operands of one command line.
#[derive(Debug)]
pub struct Typed {
    /// The name the program was called by.
    pub called: Called,
    argv: Argv,
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

    /// The word of an option that is none of those known, or begins several of them (`ambiguous`), in the words of
    /// GNU's argmatch, with quotes of UTF-8 or of ASCII.
    pub fn word(option: Id, word: &str, ambiguous: bool, utf8: bool) -> UsageError {
        let (open, close) = if utf8 { ('‘', '’') } else { ('\'', '\'') };
        let what = if ambiguous { "ambiguous" } else { "invalid" };
        let mut message = format!(
            "{what} argument {open}{word}{close} for {open}--{option}{close}\nValid arguments are:"
        );
        for known in option.option().words {
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
    argv::read(args, !called.as_grep(), !posixly_correct)
        .map(|argv| Typed { called, argv })
        .map_err(|error| usage_error(called, error))
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
            let shown = arg.to_string_lossy();
            match foreign::meant(&shown).filter(|_| !called.as_grep()) {
                Some(meant) => {
                    return UsageError::plain(format!("unrecognized option '{shown}'; {meant}"));
                }
                None => format!("option '{shown}' is ambiguous; possibilities:{possible}"),
            }
        }
        ArgvError::MissingLong(name) => format!("option '--{name}' requires an argument"),
        ArgvError::MissingShort(letter) => {
            format!("option requires an argument -- '{}'", char::from(letter))
        }
        ArgvError::Empty(name, what) => {
            return UsageError::plain(format!(
                "--{name}= lacks its {what}; write --{name}={what}, or --{name} alone"
            ));
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
    let alike = |name: &str| match name.starts_with(unknown) {
        true => ALIKE,
        false => strsim::normalized_damerau_levenshtein(unknown, name),
    };
    let known = OPTIONS.iter().filter(|option| {
        !option.hidden && !foreign::HARMFUL.iter().any(|id| id.option() == *option)
    });
    known
        .flat_map(Opt::long_names)
        .map(|name| (alike(name), name))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

impl Typed {
    /// Whether an option was given.
    pub fn has(&self, id: Id) -> bool {
        self.argv
            .options
            .iter()
            .any(|(option, _)| *option == id.option())
    }

    /// The last value of an option.
    pub fn value(&self, id: Id) -> Option<&OsStr> {
        self.values(id).next_back()
    }

    /// All values of an option, in order.
    pub fn values(&self, id: Id) -> impl DoubleEndedIterator<Item = &OsStr> {
        let given = self.argv.options.iter();
        given
            .filter(move |(option, _)| *option == id.option())
            .map(|(_, value)| value.as_deref().unwrap_or_default())
    }

    /// The options of `ids` that were given and their values, in order; empty: without one.
    pub fn in_order(&self, ids: &[Id]) -> impl DoubleEndedIterator<Item = (Id, &OsStr)> {
        self.argv.options.iter().filter_map(|(option, value)| {
            let id = ids.iter().find(|id| id.option() == *option)?;
            Some((*id, value.as_deref().unwrap_or_default()))
        })
    }

    /// The option of `ids` that was given last.
    pub fn last_of(&self, ids: &[Id]) -> Option<Id> {
        self.in_order(ids).next_back().map(|(id, _)| id)
    }

    /// The first of `ids` that was given.
    pub fn one_of(&self, ids: &[Id]) -> Option<Id> {
        ids.iter().copied().find(|id| self.has(*id))
    }

    /// Whether any of these options was given.
    pub fn any_given(&self, ids: &[Id]) -> bool {
        self.one_of(ids).is_some()
    }

    /// The options given, in order.
    pub fn options(&self) -> impl Iterator<Item = &'static Opt> {
        self.argv.options.iter().map(|(option, _)| *option)
    }

    /// PATTERNS and FILEs, as given.
    pub fn operands(&self) -> Vec<&OsStr> {
        self.argv.operands.iter().map(OsString::as_os_str).collect()
    }

    /// How many of the last operands came after `--`.
    pub fn literal_operands(&self) -> usize {
        self.argv.literal
    }

    /// `-NUM`'s digits.
    pub fn digits(&self) -> Option<&OsStr> {
        self.argv.digits.as_deref()
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
            "auto" | "tty" | "if-tty" => Some(Color::Auto),
            _ => None,
        }
    }
}
