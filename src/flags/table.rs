//! Every option, once: its row makes its [`Id`], what is read of the command line, the help, the man page and the
//! completions.

use super::option::Takes::{Nothing, Optional, Value};
use super::option::{Group, Opt, gnu, letter, own};
use crate::ini::presets;

/// Makes [`Id`] and the table of the options' rows: under its [`Group`], each row has the text of the help, the id and
/// what is typed.
macro_rules! options {
    ($($group:ident { $($(#[doc = $help:literal])+ $id:ident = $row:expr,)+ })+) => {
        /// Which option.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(rustdoc::broken_intra_doc_links)]
        pub enum Id {
            $($($(#[doc = $help])+ $id,)+)+
        }

        /// The options, in the order of their ids.
        pub static OPTIONS: &[Opt] = &[$($(
            Opt { group: Group::$group, help: concat!($($help),+).trim_ascii_start(), ..$row },
        )+)+];
    };
}

options! {
    Matching {
        /// PATTERNS are basic regular expressions (default)
        BasicRegexp = gnu("basic-regexp", "G", Nothing),
        /// PATTERNS are extended regular expressions
        ExtendedRegexp = gnu("extended-regexp", "E", Nothing),
        /// PATTERNS are strings
        FixedStrings = gnu("fixed-strings", "F", Nothing).alias("fixed-regexp"),
        /// PATTERNS are Perl-compatible regular expressions
        PerlRegexp = gnu("perl-regexp", "P", Nothing),
        /// GNU grep's name of a matcher
        Matcher = letter("X").takes(Value("MATCHER")).hidden(),
        /// use PATTERNS for matching; repeatable
        Regexp = gnu("regexp", "e", Value("PATTERNS")),
        /// take PATTERNS from FILE (-: standard input), one a line
        File = gnu("file", "f", Value("FILE")),
        /// ignore case distinctions in patterns and data
        IgnoreCase = gnu("ignore-case", "iy", Nothing),
        /// do not ignore case distinctions (default)
        NoIgnoreCase = gnu("no-ignore-case", "", Nothing),
        /// ignore case in patterns without a capital letter
        SmartCase = own("smart-case", Nothing).with_letter("S"),
        /// select lines that do not match
        InvertMatch = gnu("invert-match", "v", Nothing),
        /// match only whole words
        WordRegexp = gnu("word-regexp", "w", Nothing),
        /// match only whole lines
        LineRegexp = gnu("line-regexp", "x", Nothing),
        /// a line ends in a NUL byte, not in a newline
        NullData = gnu("null-data", "z", Nothing),
        /// lines of INI files that are not UTF-8 are in this encoding (default windows-1252; on Windows its ANSI code
        /// page)
        Encoding = own("encoding", Value("LABEL")),
    }
    Files {
        /// search every file beneath each folder, not only *.ini
        Recursive = gnu("recursive", "r", Nothing),
        /// likewise, and follow all symbolic links
        DereferenceRecursive = gnu("dereference-recursive", "R", Nothing),
        /// beneath folders search only files whose name matches GLOB; repeatable
        Include = gnu("include", "", Value("GLOB")),
        /// skip files whose name matches GLOB; repeatable
        Exclude = gnu("exclude", "", Value("GLOB")),
        /// skip files whose name matches a GLOB in FILE, one a line
        ExcludeFrom = gnu("exclude-from", "", Value("FILE")),
        /// do not enter folders whose name matches GLOB; repeatable
        ExcludeDir = gnu("exclude-dir", "", Value("GLOB")),
        /// beneath folders skip what .gitignore and .ignore files there, or above in the git repository, name
        IgnoreFiles = own("ignore-files", Nothing),
        /// what to do with a folder: read, recurse or skip
        Directories = gnu("directories", "d", Value("ACTION")).one_of(&["read", "recurse", "skip"]),
        /// what to do with devices, FIFOs and sockets: read or skip
        Devices = gnu("devices", "D", Value("ACTION")).one_of(&["read", "skip"]),
        /// read the operands from FILE (-: standard input), each ended by a NUL byte
        Files0From = own("files0-from", Value("FILE")),
        /// treat binary files as TYPE: binary, text or without-match
        BinaryFiles = gnu("binary-files", "", Value("TYPE")).one_of(&["binary", "text", "without-match"]),
        /// treat binary files as text
        Text = gnu("text", "a", Nothing),
        /// skip binary files
        SkipBinary = letter("I"),
        /// do not strip CR at line ends (no effect on this system)
        Binary = gnu("binary", "U", Nothing),
    }
    Records {
        /// take no PATTERNS: select every record
        Records = own("records", Nothing),
        /// select records for which EXPR holds, such as State=4 or 'Tries > 3 and Name in @list.txt'; takes no
        /// PATTERNS; repeatable
        Where = own("where", Value("EXPR")),
        /// select records that have KEY ([SECTION]KEY: in that section); repeatable
        Has = own("has", Value("KEY")),
        /// select records that lack KEY ([SECTION]KEY: in that section); repeatable
        Missing = own("missing", Value("KEY")),
        /// match only in sections whose name matches GLOB; without PATTERNS (--records, --where, --has, --missing) each of
        /// them is a record
        Section = own("section", Value("GLOB")),
        /// as --section, for the section NAME, whatever characters are in it
        SectionIs = own("section-is", Value("NAME")),
        /// match only the values of keys whose name matches GLOB
        Key = own("key", Value("GLOB")),
        /// as --key, for the key NAME, whatever characters are in it
        KeyIs = own("key-is", Value("NAME")),
        /// match only in this part of a line: line, section, key, value or comment
        Part = own("part", Value("PART")).one_of(&["line", "section", "key", "value", "comment"]),
        /// what a record is: auto, section or file (default auto)
        Scope = own("scope", Value("SCOPE")).one_of(&["auto", "section", "file"]),
        /// print the lines of the record whose key matches GLOB as well (default State; '*': its whole section);
        /// repeatable
        Show = own("show", Value("GLOB")),
        /// print no such lines, and no section headers
        NoShow = own("no-show", Nothing),
        /// print the header of each section with lines printed; with --get: a column with its name
        ShowSection = own("show-section", Nothing).with_letter("p"),
        /// print the values of KEY (a GLOB of * and ?, too), a row for each selected record; repeatable
        Get = own("get", Value("KEY")),
        /// print how many selected records have each value of KEY; twice: a cross table
        Tally = own("tally", Value("KEY")),
        /// print the rows of --get or --tally as CSV, names first
        Csv = own("csv", Nothing),
        /// print what is wrong with each file: malformed, duplicate, mixed; takes no PATTERNS
        Lint = own("lint", Nothing),
        /// read every file as INI, whatever its name
        Ini = own("ini", Nothing),
        /// read no file as INI
        NoIni = own("no-ini", Nothing),
    }
    Dialects {
        /// read files as their program does: {words}, which takes each by its name
        Dialect = own("dialect", Value("NAME")).one_of(&presets::NAMES),
        /// characters that separate key and value (default =)
        Delim = own("delim", Value("CHARS")),
        /// characters that start a comment line (default ;#)
        Comment = own("comment", Value("CHARS")),
        /// characters that start a comment after a blank, or none
        InlineComment = own("inline-comment", Value("CHARS")),
        /// how a value goes on over lines: none, backslash or indent
        Continuation = own("continuation", Value("HOW")).one_of(&["none", "backslash", "indent"]),
        /// keys and section names compare with case
        CaseSensitive = own("case-sensitive", Nothing),
        /// an edited value in quotes: keep the quotes (default), or replace them too
        Quotes = own("quotes", Value("HOW")).one_of(&["keep", "replace"]),
        /// which of several lines with one key counts: first, last, all, or (for edits) met: those that met the
        /// condition
        Dup = own("dup", Value("WHICH")).one_of(&["first", "last", "all", "met"]),
    }
    Output {
        /// print only a count of selected lines (records) per file
        Count = gnu("count", "c", Nothing),
        /// print only a count of matches per file
        CountMatches = own("count-matches", Nothing),
        /// print only the names of files with selected lines
        FilesWithMatches = gnu("files-with-matches", "l", Nothing),
        /// print only the names of files without
        FilesWithoutMatch = gnu("files-without-match", "L", Nothing),
        /// stop after NUM selected lines (records) of a file
        MaxCount = gnu("max-count", "m", Value("NUM")),
        /// print only the nonempty parts of lines that match
        OnlyMatching = gnu("only-matching", "o", Nothing),
        /// print nothing; the exit status says it
        Quiet = gnu("quiet", "q", Nothing).alias("silent"),
        /// no messages about missing or unreadable files
        NoMessages = gnu("no-messages", "s", Nothing),
        /// print the line number
        LineNumber = gnu("line-number", "n", Nothing),
        /// print the byte offset
        ByteOffset = gnu("byte-offset", "b", Nothing),
        /// print the file name
        WithFilename = gnu("with-filename", "H", Nothing),
        /// print no file name
        NoFilename = gnu("no-filename", "h", Nothing),
        /// the file name to print for standard input
        Label = gnu("label", "", Value("LABEL")),
        /// line up the text of lines after a tab
        InitialTab = gnu("initial-tab", "T", Nothing),
        /// print a NUL byte after a file name
        Null = gnu("null", "Z", Nothing),
        /// print each line at once
        LineBuffered = gnu("line-buffered", "", Nothing),
        /// colour matches and State lines: auto, always or never
        Color = gnu("color", "", Optional("WHEN")).alias("colour").one_of(&["auto", "always", "never"]),
        /// obsolete, and warned of
        UnixByteOffsets = gnu("unix-byte-offsets", "u", Nothing).hidden(),
        /// print JSON Lines in ripgrep's schema, each match with its record
        Json = own("json", Nothing),
        /// print counts and times at the end
        Stats = own("stats", Nothing),
        /// show control characters of names and contents escaped: auto (on a terminal), always or never
        Escape = own("escape", Value("WHEN")).one_of(&["auto", "always", "never"]),
        /// print the name of a file once, above its lines
        Heading = own("heading", Nothing),
        /// make links of file names, on terminals that are known to take them
        Hyperlink = own("hyperlink", Nothing),
        /// cut lines to NUM columns around their first match; auto (default): to the width of a terminal; 0: never
        MaxColumns = own("max-columns", Value("NUM")),
    }
    ContextLines {
        /// print NUM lines of leading context
        BeforeContext = gnu("before-context", "B", Value("NUM")),
        /// print NUM lines of trailing context
        AfterContext = gnu("after-context", "A", Value("NUM")),
        /// print NUM lines of context, in a diff too; -NUM is the same
        Context = gnu("context", "C", Value("NUM")),
        /// print SEP between groups of lines (default --)
        GroupSeparator = gnu("group-separator", "", Value("SEP")),
        /// print nothing between groups of lines
        NoGroupSeparator = gnu("no-group-separator", "", Nothing),
    }
    Substitution {
        /// put TEXT in place of each match ($0 the match, $1 or ${name} a group, $$ a dollar)
        Replace = own("replace", Value("TEXT")),
        /// change the value of KEY in selected records; [SECTION]KEY here and below: in that section; repeatable
        Set = own("set", Value("KEY=VALUE")),
        /// add KEY where it is missing, after the last key of the section, which is made where there is none;
        /// repeatable
        Add = own("add", Value("KEY[=VALUE]")),
        /// set KEY where it is, add it where it is not; repeatable
        Put = own("put", Value("KEY=VALUE")),
        /// add one more line of KEY, after its last; repeatable
        Append = own("append", Value("KEY=VALUE")),
        /// remove the lines of KEY (those with VALUE), or with [SECTION] alone the section; repeatable
        Unset = own("unset", Value("KEY[=VALUE]")),
        /// write the changes into the files, all of them or none; SUFFIX keeps the old ones
        InPlace = own("in-place", Optional("SUFFIX")),
        /// with --in-place or --undo: print the diff as well (--undo: only)
        Diff = own("diff", Nothing),
        /// with --in-place: ask for each change
        Confirm = own("confirm", Nothing),
        /// skip the files that are refused and write the others
        KeepGoing = own("keep-going", Nothing),
        /// also write files that are read-only or another owner's
        Force = own("force", Nothing),
    }
    Transactions {
        /// take the newest edit back that is not taken back yet, or that with this ID; with FILEs only those
        Undo = own("undo", Optional("ID")),
        /// make the edit again that was taken back last; with FILEs only those
        Redo = own("redo", Nothing),
        /// list the edits that can be taken back, or show the files and changes of one
        History = own("history", Optional("ID")),
        /// remove the last edit, that with this ID, or all, from the history, each with what took it back
        Forget = own("forget", Optional("ID|all")),
        /// end what an edit left that was killed; report foreign leftovers beneath the FILEs named
        Recover = own("recover", Nothing),
        /// keep journals of edits in DIR
        StateDir = own("state-dir", Value("DIR")),
        /// keep nothing of this edit to take it back
        NoUndo = own("no-undo", Nothing),
    }
    Other {
        /// print this help
        Help = gnu("help", "", Nothing),
        /// print the version
        Version = gnu("version", "V", Nothing),
        /// print the man page (man) or a completion script (complete-bash, complete-zsh, complete-fish,
        /// complete-powershell)
        Generate = own("generate", Value("WHAT")).one_of(&[
            "man",
            "complete-bash",
            "complete-zsh",
            "complete-fish",
            "complete-powershell",
        ]),
    }
}

/// Nothing reads it: files are searched as they are.
const _: Id = Id::Binary;

impl Id {
    /// What is typed for it.
    pub fn option(self) -> &'static Opt {
        &OPTIONS[self as usize]
    }
}

impl std::fmt::Display for Id {
    /// Its name, without dashes.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.option().name())
    }
}
