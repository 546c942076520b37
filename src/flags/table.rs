//! The table of all options.

use super::option::Group::*;
use super::option::Takes::*;
use super::option::{Opt, gnu, letter, own};

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
    own(
        "smart-case",
        Nothing,
        Matching,
        "ignore case in patterns without a capital letter",
    )
    .with_letter("S"),
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
        "lines of INI files that are not UTF-8 are in this encoding (default windows-1252; on Windows its ANSI code page)",
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
    )
    .one_of(&["read", "recurse", "skip"]),
    gnu(
        "devices",
        "D",
        Value("ACTION"),
        Files,
        "what to do with devices, FIFOs and sockets: read or skip",
    )
    .one_of(&["read", "skip"]),
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
    )
    .one_of(&["binary", "text", "without-match"]),
    gnu("text", "a", Nothing, Files, "treat binary files as text"),
    letter("I", "skip binary files", Files),
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
        "take no PATTERNS: select every record",
    ),
    own(
        "where",
        Value("EXPR"),
        Records,
        "select records for which EXPR holds, such as State=4 or 'Tries > 3 and Name in @list.txt'; takes no PATTERNS; repeatable",
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
        "match, or without PATTERNS select records, only in sections whose name matches GLOB",
    ),
    own(
        "section-is",
        Value("NAME"),
        Records,
        "as --section, for the section NAME, whatever characters are in it",
    ),
    own(
        "key",
        Value("GLOB"),
        Records,
        "match only the values of keys whose name matches GLOB",
    ),
    own(
        "key-is",
        Value("NAME"),
        Records,
        "as --key, for the key NAME, whatever characters are in it",
    ),
    own(
        "part",
        Value("PART"),
        Records,
        "match only in this part of a line: line, section, key, value or comment",
    )
    .one_of(&["line", "section", "key", "value", "comment"]),
    own(
        "scope",
        Value("SCOPE"),
        Records,
        "what a record is: auto, section or file (default auto)",
    )
    .one_of(&["auto", "section", "file"]),
    own(
        "show",
        Value("GLOB"),
        Records,
        "print the lines of the record whose key matches GLOB as well (default State; '*': its whole section); repeatable",
    ),
    own(
        "no-show",
        Nothing,
        Records,
        "print no such lines, and no section headers",
    ),
    own(
        "show-section",
        Nothing,
        Records,
        "print the header of each section with lines printed; with --get: a column with its name",
    )
    .with_letter("p"),
    own(
        "get",
        Value("KEY"),
        Records,
        "print the values of KEY (a GLOB of * and ?, too), a row for each selected record; repeatable",
    ),
    own(
        "tally",
        Value("KEY"),
        Records,
        "print how many selected records have each value of KEY; twice: a cross table",
    ),
    own(
        "csv",
        Nothing,
        Records,
        "print the rows of --get or --tally as CSV, names first",
    ),
    own(
        "lint",
        Nothing,
        Records,
        "print what an edit would refuse, or a program might read otherwise; takes no PATTERNS",
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
        "read files as their program does: windows, reg, inf, python, git, systemd, desktop, editorconfig, samba, php, mysql or unreal; auto: each by its name",
    )
    .one_of(&[
        "windows", "reg", "inf", "python", "git", "systemd", "desktop", "editorconfig", "samba", "php", "mysql", "unreal", "auto",
    ]),
    own(
        "delim",
        Value("CHARS"),
        Dialects,
        "characters that separate key and value (default =)",
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
    )
    .one_of(&["none", "backslash", "indent"]),
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
        "an edited value in quotes: keep the quotes (default), or replace them too",
    )
    .one_of(&["keep", "replace"]),
    own(
        "dup",
        Value("WHICH"),
        Dialects,
        "which of several lines with one key counts: first, last, all, or (for edits) met: those that met the condition",
    )
    .one_of(&["first", "last", "all", "met"]),
    gnu(
        "count",
        "c",
        Nothing,
        Output,
        "print only a count of selected lines (records) per file",
    ),
    own(
        "count-matches",
        Nothing,
        Output,
        "print only a count of matches per file",
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
            "print nothing; the exit status says it",
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
        "line up the text of lines after a tab",
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
        .one_of(&["auto", "always", "never"])
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
    )
    .one_of(&["auto", "always", "never"]),
    own(
        "heading",
        Nothing,
        Output,
        "print the name of a file once, above its lines",
    ),
    own(
        "hyperlink",
        Nothing,
        Output,
        "make links of file names, on terminals that are known to take them",
    ),
    own(
        "max-columns",
        Value("NUM"),
        Output,
        "cut lines to NUM columns around their first match; auto (default): to the width of a terminal; 0: never",
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
        "print NUM lines of context, in a diff too; -NUM is the same",
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
        "change the value of KEY in selected records; [SECTION]KEY here and below: in that section; repeatable",
    ),
    own(
        "add",
        Value("KEY[=VALUE]"),
        Substitution,
        "add KEY where it is missing, after the last key of the section, which is made where there is none; repeatable",
    ),
    own(
        "put",
        Value("KEY=VALUE"),
        Substitution,
        "set KEY where it is, add it where it is not; repeatable",
    ),
    own(
        "append",
        Value("KEY=VALUE"),
        Substitution,
        "add one more line of KEY, after its last; repeatable",
    ),
    own(
        "unset",
        Value("KEY[=VALUE]"),
        Substitution,
        "remove the lines of KEY (those with VALUE), or with [SECTION] alone the section; repeatable",
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
        "skip the files that are refused and write the others",
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
        "take the newest edit back that is not taken back yet, or that with this ID; with FILEs only those",
    ),
    own(
        "redo",
        Nothing,
        Transactions,
        "make the edit again that was taken back last; with FILEs only those",
    ),
    own(
        "history",
        Optional("ID"),
        Transactions,
        "list the edits that can be taken back, or show the files and changes of one",
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
        "end what an edit left that was killed; report foreign leftovers beneath the FILEs named",
    ),
    own(
        "state-dir",
        Value("DIR"),
        Transactions,
        "keep journals of edits in DIR",
    ),
    own(
        "no-undo",
        Nothing,
        Transactions,
        "keep nothing of this edit to take it back",
    ),
    gnu("help", "", Nothing, Other, "print this help"),
    gnu("version", "V", Nothing, Other, "print the version"),
    own(
        "generate",
        Value("WHAT"),
        Other,
        "print the man page (man) or a completion script (complete-bash, complete-zsh, complete-fish, complete-powershell)",
    )
    .one_of(&["man", "complete-bash", "complete-zsh", "complete-fish", "complete-powershell"]),
];

/// The option of that id.
pub fn by_id(id: &str) -> Option<&'static Opt> {
    OPTIONS.iter().find(|option| option.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ini::presets::PRESETS;

    #[test]
    fn the_option_takes_every_dialect() {
        let dialect = by_id("dialect").unwrap();
        let names = PRESETS.iter().map(|preset| preset.name);
        let names: Vec<&str> = names.chain(["auto"]).collect();
        assert_eq!(dialect.words, names);
    }
}
