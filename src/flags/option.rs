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
#[derive(Debug)]
pub struct Opt {
    /// Long name without dashes; empty: none.
    pub long: &'static str,
    /// Another long name.
    pub alias: Option<&'static str>,
    /// Short letters, the one to show first.
    pub short: &'static str,
    /// Whether it takes a value.
    pub takes: Takes,
    /// Whether GNU grep has it; else it is grini's own.
    pub gnu: bool,
    /// Its heading.
    pub group: Group,
    /// What it does, for the help and the man page; `{words}` stands for its words.
    pub help: &'static str,
    /// Whether help, man page and completions leave it out.
    pub hidden: bool,
    /// The words its value may be, for completion; none: anything.
    pub words: &'static [&'static str],
}

impl PartialEq for Opt {
    /// Each option is in the table once.
    fn eq(&self, other: &Opt) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Opt {
    /// Its long name, or else its letter.
    pub fn name(&self) -> &'static str {
        if self.long.is_empty() {
            self.short
        } else {
            self.long
        }
    }

    /// Its long names.
    pub fn long_names(&self) -> impl Iterator<Item = &'static str> {
        let long = (!self.long.is_empty()).then_some(self.long);
        long.into_iter().chain(self.alias)
    }

    /// Its name as it is typed, the long one where it has one.
    pub fn typed(&self) -> String {
        let dashes = if self.long.is_empty() { "-" } else { "--" };
        format!("{dashes}{}", self.name())
    }

    /// What it does, in words.
    pub fn explained(&self) -> String {
        let words = match self.words {
            [first @ .., last] => format!("{} or {last}", first.join(", ")),
            [] => String::new(),
        };
        self.help.replace("{words}", &words)
    }

    /// The same, with a value that is one of these words.
    pub(super) const fn one_of(self, words: &'static [&'static str]) -> Opt {
        Opt { words, ..self }
    }

    /// The same, with a letter that it has as grini only.
    pub(super) const fn with_letter(self, short: &'static str) -> Opt {
        Opt { short, ..self }
    }

    /// The same, with another long name.
    pub(super) const fn alias(self, alias: &'static str) -> Opt {
        Opt {
            alias: Some(alias),
            ..self
        }
    }

    /// The same, with a value.
    pub(super) const fn takes(self, takes: Takes) -> Opt {
        Opt { takes, ..self }
    }

    /// The same, left out of help, man page and completions.
    pub(super) const fn hidden(self) -> Opt {
        Opt {
            hidden: true,
            ..self
        }
    }
}

/// One of GNU grep's.
pub(super) const fn gnu(long: &'static str, short: &'static str, takes: Takes) -> Opt {
    Opt {
        long,
        alias: None,
        short,
        takes,
        gnu: true,
        group: Group::Other,
        help: "",
        hidden: false,
        words: &[],
    }
}

/// One of grini's own.
pub(super) const fn own(long: &'static str, takes: Takes) -> Opt {
    Opt {
        gnu: false,
        ..gnu(long, "", takes)
    }
}

/// One of GNU grep's that has a letter alone.
pub(super) const fn letter(letter: &'static str) -> Opt {
    gnu("", letter, Takes::Nothing)
}
