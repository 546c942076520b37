//! The table of all options.

use Group::*;
use Takes::*;

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
}

const fn gnu(
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
    }
}

const fn own(long: &'static str, takes: Takes, group: Group, help: &'static str) -> Opt {
    Opt {
        id: long,
        long,
        aliases: &[],
        short: "",
        takes,
        gnu: false,
        group,
        help,
    }
}

const fn letter(id: &'static str, help: &'static str, group: Group) -> Opt {
    Opt {
        id,
        long: "",
        aliases: &[],
        short: id,
        takes: Nothing,
        gnu: true,
        group,
        help,
    }
}

/// Every option, by group.
pub static OPTIONS: &[Opt] = &[
    gnu(
        "basic-regexp",
        "G",
        Nothing,
        Matching,
        "PATTERNS are basic regular expressions (default)",
    ),
    gnu(
        "extended-regexp",
        "E",
        Nothing,
        Matching,
        "PATTERNS are extended regular expressions",
    ),
    Opt {
        aliases: &["fixed-regexp"],
        ..gnu(
            "fixed-strings",
            "F",
            Nothing,
            Matching,
            "PATTERNS are strings",
        )
    },
    gnu(
        "perl-regexp",
        "P",
        Nothing,
        Matching,
        "PATTERNS are Perl-compatible regular expressions",
    ),
    Opt {
        id: "matcher",
        long: "",
        short: "X",
        help: "",
        ..gnu("", "", Value("MATCHER"), Matching, "")
    },
    gnu(
        "regexp",
        "e",
        Value("PATTERNS"),
        Matching,
        "use PATTERNS for matching; repeatable",
    ),
    gnu(
        "file",
        "f",
        Value("FILE"),
        Matching,
        "take PATTERNS from FILE (-: standard input), one a line",
    ),
    gnu(
        "ignore-case",
        "iy",
        Nothing,
        Matching,
        "ignore case distinctions in patterns and data",
    ),
    gnu(
        "no-ignore-case",
        "",
        Nothing,
        Matching,
        "do not ignore case distinctions (default)",
    ),
    gnu(
        "invert-match",
        "v",
        Nothing,
        Matching,
        "select lines that do not match",
    ),
    gnu(
        "word-regexp",
        "w",
        Nothing,
        Matching,
        "match only whole words",
    ),
    gnu(
        "line-regexp",
        "x",
        Nothing,
        Matching,
        "match only whole lines",
    ),
    gnu(
        "null-data",
        "z",
        Nothing,
        Matching,
        "a line ends in a NUL byte, not in a newline",
    ),
    own(
        "encoding",
        Value("LABEL"),
        Matching,
        "lines of INI files that are not valid UTF-8 are in this encoding (default windows-1252)",
    ),
    gnu(
        "recursive",
        "r",
        Nothing,
        Files,
        "search every file beneath each folder, not only *.ini",
    ),
    gnu(
        "dereference-recursive",
        "R",
        Nothing,
        Files,
        "likewise, and follow all symbolic links",
    ),
    gnu(
        "include",
        "",
        Value("GLOB"),
        Files,
        "beneath folders search only files whose name matches GLOB; repeatable",
    ),
    gnu(
        "exclude",
        "",
        Value("GLOB"),
        Files,
        "skip files whose name matches GLOB; repeatable",
    ),
    gnu(
        "exclude-from",
        "",
        Value("FILE"),
        Files,
        "skip files whose name matches a GLOB in FILE, one a line",
    ),
    gnu(
        "exclude-dir",
        "",
        Value("GLOB"),
        Files,
        "do not enter folders whose name matches GLOB; repeatable",
    ),
    gnu(
        "directories",
        "d",
        Value("ACTION"),
        Files,
        "what to do with a folder: read, recurse or skip",
    ),
    gnu(
        "devices",
        "D",
        Value("ACTION"),
        Files,
        "what to do with devices, FIFOs and sockets: read or skip",
    ),
    own(
        "files0-from",
        Value("FILE"),
        Files,
        "read the operands from FILE (-: standard input), each ended by a NUL byte",
    ),
    gnu(
        "binary-files",
        "",
        Value("TYPE"),
        Files,
        "treat binary files as TYPE: binary, text or without-match",
    ),
    gnu("text", "a", Nothing, Files, "treat binary files as text"),
    letter("I", "pass over binary files", Files),
    gnu(
        "binary",
        "U",
        Nothing,
        Files,
        "do not strip CR at line ends (no effect on this system)",
    ),
    own(
        "records",
        Nothing,
        Records,
        "take no PATTERNS: every record that meets the conditions is selected",
    ),
    own(
        "where",
        Value("EXPR"),
        Records,
        "select records for which EXPR holds, such as State=4, [Client]State!=1 or 'Tries > 3 and not (Name ~ ^x)'; repeatable",
    ),
    own(
        "has",
        Value("KEY"),
        Records,
        "select records that have KEY ([SECTION]KEY: in that section); repeatable",
    ),
    own(
        "missing",
        Value("KEY"),
        Records,
        "select records that lack KEY ([SECTION]KEY: in that section); repeatable",
    ),
    own(
        "section",
        Value("GLOB"),
        Records,
        "match only in sections whose name matches GLOB; with --records: select only records in them",
    ),
    own(
        "key",
        Value("GLOB"),
        Records,
        "match only the values of keys whose name matches GLOB",
    ),
    own(
        "part",
        Value("PART"),
        Records,
        "match only in this part of a line: line, section, key, value or comment",
    ),
    own(
        "scope",
        Value("SCOPE"),
        Records,
        "what a record is: auto, section or file (default auto)",
    ),
    own(
        "show",
        Value("GLOB"),
        Records,
        "print the lines of the record whose key matches GLOB as well (default State); repeatable",
    ),
    own("no-show", Nothing, Records, "print no such lines"),
    own(
        "get",
        Value("KEY"),
        Records,
        "print the value of KEY for each selected record instead of lines; repeatable",
    ),
    own(
        "tally",
        Value("KEY"),
        Records,
        "print how many selected records have each value of KEY",
    ),
    own(
        "ini",
        Nothing,
        Records,
        "read every file as INI, whatever its name",
    ),
    own("no-ini", Nothing, Records, "read no file as INI"),
    own(
        "dialect",
        Value("NAME"),
        Dialects,
        "read files as windows, python, git, systemd, php or mysql does",
    ),
    own(
        "delim",
        Value("CHARS"),
        Dialects,
        "characters that part key and value (default =)",
    ),
    own(
        "comment",
        Value("CHARS"),
        Dialects,
        "characters that start a comment line (default ;#)",
    ),
    own(
        "inline-comment",
        Value("CHARS"),
        Dialects,
        "characters that start a comment after a blank, or none",
    ),
    own(
        "continuation",
        Value("HOW"),
        Dialects,
        "how a value goes on over lines: none, backslash or indent",
    ),
    own(
        "case-sensitive",
        Nothing,
        Dialects,
        "keys and section names compare with case",
    ),
    own(
        "quotes",
        Value("HOW"),
        Dialects,
        "an edited value in quotes: keep the quotes, or replace them too",
    ),
    own(
        "dup",
        Value("WHICH"),
        Dialects,
        "which of several lines with one key counts: first, last or all",
    ),
    gnu(
        "count",
        "c",
        Nothing,
        Output,
        "print only a count of selected lines (records) per file",
    ),
    gnu(
        "files-with-matches",
        "l",
        Nothing,
        Output,
        "print only the names of files with selected lines",
    ),
    gnu(
        "files-without-match",
        "L",
        Nothing,
        Output,
        "print only the names of files without",
    ),
    gnu(
        "max-count",
        "m",
        Value("NUM"),
        Output,
        "stop after NUM selected lines (records) of a file",
    ),
    gnu(
        "only-matching",
        "o",
        Nothing,
        Output,
        "print only the nonempty parts of lines that match",
    ),
    Opt {
        aliases: &["silent"],
        ..gnu(
            "quiet",
            "q",
            Nothing,
            Output,
            "print nothing; the exit status tells",
        )
    },
    gnu(
        "no-messages",
        "s",
        Nothing,
        Output,
        "no messages about missing or unreadable files",
    ),
    gnu("line-number", "n", Nothing, Output, "print the line number"),
    gnu("byte-offset", "b", Nothing, Output, "print the byte offset"),
    gnu("with-filename", "H", Nothing, Output, "print the file name"),
    gnu("no-filename", "h", Nothing, Output, "print no file name"),
    gnu(
        "label",
        "",
        Value("LABEL"),
        Output,
        "the file name to print for standard input",
    ),
    gnu(
        "initial-tab",
        "T",
        Nothing,
        Output,
        "line up the text of lines behind a tab",
    ),
    gnu(
        "null",
        "Z",
        Nothing,
        Output,
        "print a NUL byte after a file name",
    ),
    gnu(
        "line-buffered",
        "",
        Nothing,
        Output,
        "print each line at once",
    ),
    Opt {
        aliases: &["colour"],
        ..gnu(
            "color",
            "",
            Optional("WHEN"),
            Output,
            "colour matches and State lines: auto, always or never",
        )
    },
    Opt {
        id: "unix-byte-offsets",
        ..gnu("unix-byte-offsets", "u", Nothing, Output, "")
    },
    own(
        "json",
        Nothing,
        Output,
        "print JSON Lines in ripgrep's schema, each match with its record",
    ),
    own(
        "stats",
        Nothing,
        Output,
        "print counts and times at the end",
    ),
    own(
        "escape",
        Value("WHEN"),
        Output,
        "show control characters of names and contents escaped: auto (on a terminal), always or never",
    ),
    own(
        "max-columns",
        Value("NUM"),
        Output,
        "cut lines to NUM columns around their first match",
    ),
    gnu(
        "before-context",
        "B",
        Value("NUM"),
        ContextLines,
        "print NUM lines of leading context",
    ),
    gnu(
        "after-context",
        "A",
        Value("NUM"),
        ContextLines,
        "print NUM lines of trailing context",
    ),
    gnu(
        "context",
        "C",
        Value("NUM"),
        ContextLines,
        "print NUM lines of context; -NUM is the same",
    ),
    gnu(
        "group-separator",
        "",
        Value("SEP"),
        ContextLines,
        "print SEP between groups of lines (default --)",
    ),
    gnu(
        "no-group-separator",
        "",
        Nothing,
        ContextLines,
        "print nothing between groups of lines",
    ),
    own(
        "replace",
        Value("TEXT"),
        Substitution,
        "put TEXT in place of each match ($0 the match, $1 or ${name} a group, $$ a dollar)",
    ),
    own(
        "set",
        Value("KEY=VALUE"),
        Substitution,
        "change the value of KEY in selected records; repeatable",
    ),
    own(
        "add",
        Value("KEY=VALUE"),
        Substitution,
        "add KEY to selected records that lack it, behind the last key of the section; repeatable",
    ),
    own(
        "unset",
        Value("KEY"),
        Substitution,
        "remove the line of KEY from selected records; repeatable",
    ),
    own(
        "in-place",
        Optional("SUFFIX"),
        Substitution,
        "write the changes into the files, all of them or none; SUFFIX keeps the old ones",
    ),
    own(
        "diff",
        Nothing,
        Substitution,
        "with --in-place or --undo: print the diff as well (--undo: only)",
    ),
    own(
        "confirm",
        Nothing,
        Substitution,
        "with --in-place: ask for each change",
    ),
    own(
        "keep-going",
        Nothing,
        Substitution,
        "leave out the files that are refused and write the others",
    ),
    own(
        "force",
        Nothing,
        Substitution,
        "also write files that are read-only or another owner's",
    ),
    own(
        "undo",
        Optional("ID"),
        Transactions,
        "take the last edit back, or that with this ID",
    ),
    own(
        "history",
        Nothing,
        Transactions,
        "list the edits that can be taken back",
    ),
    own(
        "forget",
        Optional("ID|all"),
        Transactions,
        "remove the last edit, that with this ID, or all, from the history",
    ),
    own(
        "recover",
        Nothing,
        Transactions,
        "put right what an edit left that was killed, also in and beneath the FILEs named",
    ),
    own(
        "no-undo",
        Nothing,
        Transactions,
        "keep nothing of this edit to take it back",
    ),
    own(
        "no-io-uring",
        Nothing,
        Other,
        "read small files by ordinary system calls where io_uring could be used",
    ),
    gnu("help", "", Nothing, Other, "print this help"),
    gnu("version", "V", Nothing, Other, "print the version"),
    own(
        "generate",
        Value("WHAT"),
        Other,
        "print the man page (man) or a completion script (complete-bash, complete-zsh, complete-fish, complete-powershell)",
    ),
];

/// The option of that id.
pub fn by_id(id: &str) -> Option<&'static Opt> {
    OPTIONS.iter().find(|option| option.id == id)
}
