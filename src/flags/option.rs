//! What an option of the command line is.

use Group::*;

/// Whether an option takes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// None.
    Nothing,
    /// One, so named in the help.
    Value(&'static str),
    /// One after `=`, or none.
    Optional(&'static str),
}

/// Under which heading the help lists an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// What a pattern means.
    Matching,
    /// What is searched.
    Files,
    /// INI structure.
    Records,
    /// The dialect's switches.
    Dialects,
    /// What is printed.
    Output,
    /// Lines around a match.
    ContextLines,
    /// Edits.
    Substitution,
    /// What became of edits.
    Transactions,
    /// The rest.
    Other,
}

impl Group {
    /// All groups, in the order of the help.
    pub const ALL: &'static [Group] = &[
        Matching,
        Files,
        Records,
        Dialects,
        Output,
        ContextLines,
        Substitution,
        Transactions,
        Other,
    ];

    /// The heading.
    pub fn heading(self) -> &'static str {
        match self {
            Matching => "Matching",
            Files => "Files",
            Records => "Records",
            Dialects => "Dialect",
            Output => "Output",
            ContextLines => "Context",
            Substitution => "Substitution",
            Transactions => "Recovery and undo",
            Other => "Other",
        }
    }
}

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct Opt {
    /// Its name in the program; the long name where it has one.
    pub id: &'static str,
    /// Long name without dashes; empty: none.
    pub long: &'static str,
    /// Further long names.
    pub aliases: &'static [&'static str],
    /// Short letters, the one to show first.
    pub short: &'static str,
    /// Whether it takes a value.
    pub takes: Takes,
    /// Whether GNU grep has it; else it is grini's own.
    pub gnu: bool,
    /// Its heading.
    pub group: Group,
    /// What it does, for the help and the man page. Empty: not shown.
    pub help: &'static str,
    /// The words its value may be, for completion; none: anything.
    pub words: &'static [&'static str],
}

impl Opt {
    /// The same, with a value that is one of these words.
    pub(super) const fn one_of(self, words: &'static [&'static str]) -> Opt {
        Opt { words, ..self }
    }

    /// The same, with a letter that it has as grini only.
    pub(super) const fn with_letter(self, short: &'static str) -> Opt {
        Opt { short, ..self }
    }
}

/// One of GNU grep's.
pub(super) const fn gnu(
    long: &'static str,
    short: &'static str,
    takes: Takes,
    group: Group,
    help: &'static str,
) -> Opt {
    Opt {
        id: long,
        long,
        aliases: &[],
        short,
        takes,
        gnu: true,
        group,
        help,
        words: &[],
    }
}

/// One of grini's own.
pub(super) const fn own(long: &'static str, takes: Takes, group: Group, help: &'static str) -> Opt {
    Opt {
        id: long,
        long,
        aliases: &[],
        short: "",
        takes,
        gnu: false,
        group,
        help,
        words: &[],
    }
}

/// One of GNU grep's that has a letter alone.
pub(super) const fn letter(id: &'static str, help: &'static str, group: Group) -> Opt {
    Opt {
        id,
        long: "",
        aliases: &[],
        short: id,
        takes: Takes::Nothing,
        gnu: true,
        group,
        help,
        words: &[],
    }
}
