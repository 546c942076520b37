//! The man page: synopsis and options from the table, the rest written here.

use super::command::command;
use crate::ini::presets::PRESETS;
use crate::ini::{Dialect, describe};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, italic, roman};
use std::io;

/// A section of the page: its heading and paragraphs.
struct PageSection {
    heading: &'static str,
    paragraphs: &'static [Paragraph],
}

/// A paragraph of the page.
enum Paragraph {
    /// Running text.
    Text(&'static str),
    /// A term and what it means.
    Term(&'static str, &'static str),
    /// A command as typed, and what it does.
    Example(&'static str, &'static str),
    /// Each dialect and its rules.
    Dialects,
}

use Paragraph::{Dialects, Example, Term, Text};

const DESCRIPTION: &[Paragraph] = &[
    Text(
        "grini searches for PATTERNS in each FILE and prints the lines that match, as grep does. Beneath a folder it searches every *.ini file (name in any case, hidden ones too), unless --include or -r says otherwise. In an .ini file it knows sections, keys and records: with a matching line it prints the State lines of its record, it can select records by their values, and it can change values in place, in all files or in none, touching no other byte.",
    ),
    Text(
        "With no FILE it reads standard input where that is a pipe, a socket or a file; else it searches the current folder. Files named *.ini are read as INI; with --ini, a dialect or any option about records or edits all that are searched are, and with -z none. Called grep, egrep or fgrep (by a link), it is GNU grep 3.8 as Debian 12 has it: folders, options, patterns and messages as there; ranges in brackets follow code points and messages are English in every locale. A GLOB is one of fnmatch(3): *, ?, [...] with classes such as [[:alpha:]], and a backslash before a character that is to mean itself.",
    ),
];

const BEFORE_OPTIONS: &[PageSection] = &[PageSection {
    heading: "DESCRIPTION",
    paragraphs: DESCRIPTION,
}];

const AFTER_OPTIONS: &[PageSection] = &[
    PageSection {
        heading: "PATTERNS",
        paragraphs: &[
            Text(
                "Patterns are POSIX basic regular expressions with GNU's extensions; -E, -F and -P choose extended ones, strings and Perl's. Where the extent of a match shows (-o, colour, substitution), the leftmost longest match counts. Several patterns, by -e, -f or newlines, are alternatives.",
            ),
            Text(
                "A list of patterns (-f) or of values (in @FILE) may come from another system: a byte order mark and line ends of CRLF are no part of its lines, it may be UTF-16 or Windows-1252, and blank lines are left out with a warning. An empty pattern does not go with an edit.",
            ),
            Text(
                "In a file read as INI a CR before LF belongs to the line's end, so that 'State = 4$' matches in a file from Windows; a lone CR ends a line, too. A byte order mark decides between UTF-8 and UTF-16 (UTF-16 without one: --encoding=utf-16le); otherwise each line that is not valid UTF-8 is read in --encoding, so that a name typed in a UTF-8 terminal is found whatever the file's encoding and the locale. Lines are printed as UTF-8.",
            ),
        ],
    },
    PageSection {
        heading: "RECORDS",
        paragraphs: &[
            Text(
                "A section is a header and what follows it up to the next one. A record is, with --scope=file, the file, with --scope=section each section. By default the file is one record, unless a section name repeats, or a key that is named without a section (by a condition, an edit, --get or --tally), or that of a matching line, occurs in several sections: then each section is a record. With --section or --section-is and without PATTERNS, each section of such a name is one. [SECTION]KEY means that key in that section and never splits a file; []KEY means what stands before the first header. A section whose name has a ] or blanks at its ends is named by --section-is alone.",
            ),
            Text(
                "A record is selected when it holds a matching line and meets every condition. With --where, --has, --missing or --records no PATTERNS are taken, unless they come by -e or -f, and every record that meets the conditions is selected; the lines that met them are printed as matches are, else its header or first key line, and -c and -m count records. A [SECTION]KEY in a condition, --set, --append, --unset, --get or --tally confines selection to records that contain the section.",
            ),
            Text(
                "A condition is made of terms joined by or, and, not (in any case; ||, &&, ! mean the same) and parentheses. A term is [SECTION]KEY OPERATOR VALUE, KEY missing, KEY present, KEY in (A, B) or KEY in @FILE, with one value a line in FILE; the section may be left out. The operators:",
            ),
            Term(
                "= == eq",
                "the same text, after one pair of outer quotes is dropped (with -i, without case)",
            ),
            Term("!= ne", "another text; false where the key is absent"),
            Term(
                "~ =~ like, !~ unlike",
                "an extended regular expression matches, or does not",
            ),
            Term("< <= > >= lt le gt ge", "as numbers"),
            Text(
                "An unquoted value runs to the next and or or, to an unbalanced ')', or to the end. One that starts with an operator, or in which another term follows a comma or a blank, is an error, so that nothing typed becomes part of a value in silence: put such a value in quotes. A section that a condition names must be in the record. Of several lines with one key, any may satisfy a term. Entries of a list (in @FILE) that no record had are named at the end.",
            ),
            Text(
                "--show prints lines of the record next to the selected ones, as context lines: those in the section of the matching line, else those of the only other section that has any; --show '*' its whole section. Where a record is a section, its header is printed, too; -p prints it in every file with sections. --no-show prints neither.",
            ),
            Text(
                "--get prints the values of keys, tabs between, a row for each record that has one of them; TAB, CR and LF in a value are written \\t, \\r and \\n. -H puts the file's name first, then -n the line's number, -p the section's name. --tally counts values: as a table with bars on a terminal, records without the key last; as COUNT, tab, VALUE in a pipe; given twice, as a cross table. --csv prints either as RFC 4180 has it.",
            ),
            Text(
                "--lint prints, as FILE:LINE: TEXT, what is wrong with the file as a whole: malformed headers, lines without a key, duplicate keys and sections, mixed line ends and encodings, a missing last line end, and NUL bytes. The exit status is 0 where there is something wrong, and 1 where there is not.",
            ),
            Text(
                "Where a key has several lines in a record, a condition may hold on any of them, and --get prints the first. With --dup=first or --dup=last that line alone counts, for conditions, --get, --tally and edits alike; with --dup=all each does, and --get prints each on a line of its own, or beside other columns \\n between them; with --dup=met an edit means those that met the condition.",
            ),
            Text(
                "A file of 8 MiB or more that is read as INI is searched in pieces of whole sections, by all cores and in little memory. Searched as a whole, by one core and in memory for all of it, are UTF-16 files and, with --encoding, encodings of several bytes a character; dialects in which a value may take several lines or sections of one name are one; standard input; with -m, -A, -B, -C, --json, --stats, --heading, --lint and edits; and a file that is one record, where records are selected or lines of one section are to be printed with those of another. As in GNU grep, a NUL byte near the start of a file (in the first 96 KiB) makes it binary, and after a later one no more lines are printed.",
            ),
            Text(
                "A key or section that is named and in no file that was read gets a warning with the nearest name: it may be a typing error, and with --missing it would widen an edit. --add and --put may name what is new.",
            ),
        ],
    },
    PageSection {
        heading: "DIALECTS",
        paragraphs: &[
            Text(
                "--dialect reads files as their program does, and leaves nothing in doubt; beneath a folder it searches that program's files in place of *.ini. --dialect=auto searches those of all dialects and reads each as the first one whose names match, but for *.ini, *.conf and config, which many programs have: these it reads as without --dialect. Includes are never followed. Words and numbers stay as they are written.",
            ),
            Dialects,
            Text(
                "The single switches (--delim, --comment, --inline-comment, --continuation, --case-sensitive, --quotes, --dup) change the default or the dialect. A rule of a dialect for several lines holds within a section; --dup holds for the record.",
            ),
        ],
    },
    PageSection {
        heading: "SUBSTITUTION",
        paragraphs: &[
            Text(
                "Edits act on selected records (--replace on selected lines). Without --in-place the change is shown as a unified diff, with -C NUM lines of context, that patch -p0 --binary takes (of files outside the current folder with -d /); -l lists the files that would change, -c counts changes. With --in-place the files are written: every one is checked before the first is touched, and if one cannot be written, none is. A preview does not look at whether the files may be written. Standard input is printed as edited, or with --diff as a diff. Only the bytes meant change: encoding, line ends, spacing, quotes, permissions and attributes stay. Every edited text is read again before anything is written. A key is changed by one edit in a run.",
            ),
            Term("--set KEY=VALUE", "the value of an existing key"),
            Term(
                "--add KEY=VALUE, --add KEY",
                "a line where the key is missing: after the last key line of the section that is named, else of the section of the lines that selected the record, in the delimiter, spacing and line end found there; a section that the file lacks is made at its end; without = a key without a value",
            ),
            Term(
                "--put KEY=VALUE",
                "set where the key is, add where it is not",
            ),
            Term(
                "--append KEY=VALUE",
                "one more line of the key, after its last one; where there is none, as --add, but in a section that is there",
            ),
            Term(
                "--unset KEY, --unset KEY=VALUE, --unset '[SECTION]'",
                "the lines of the key go, or those with that value, or the section from its header to before the next one, less the comments directly above that",
            ),
            Text(
                "Where nothing changes, a message says why. Refused, with the line, all that is in doubt of it and the option that decides, are: a key that occurs twice in the record (--dup), a value in quotes whose new text holds that quote or a backslash (--quotes), a value with what may be a comment in it (--inline-comment; a colour such as #1CCA00 is none), a line that may go on over several lines, or is one of these (--continuation), a new value that would leave one of these in doubt, or that the file's program would read as something else, a key without a section in another section than the lines that selected the record (--scope), a key without a value, a header without its end, a name that the file's program does not take for a section's or a key's, NUL bytes, characters that the file's encoding lacks or would read as others, a value with a comment between its lines, and anything but a regular file.",
            ),
        ],
    },
    PageSection {
        heading: "EXIT STATUS",
        paragraphs: &[
            Term(
                "0",
                "a line or record was selected; with --get there was a value, with --lint something wrong; with a substitution, something changed or would change",
            ),
            Term("1", "none was; nothing to change"),
            Term(
                "2",
                "an error or a refusal (0 with -q where there was something before it)",
            ),
        ],
    },
    PageSection {
        heading: "ENVIRONMENT",
        paragraphs: &[
            Term(
                "LC_ALL, LC_CTYPE, LANG",
                "the character set of patterns and of text that is not read as INI",
            ),
            Term(
                "GREP_COLORS",
                "colours as in GNU grep, and st= for State lines (default 1;33)",
            ),
            Term(
                "NO_COLOR",
                "where set and not empty, no colour unless --color=always",
            ),
            Term("TERM", "where dumb or not set, no colour"),
            Term(
                "TERM, TERM_PROGRAM, VTE_VERSION, KONSOLE_VERSION, WT_SESSION",
                "whether the terminal is known to show links (--hyperlink)",
            ),
            Term("POSIXLY_CORRECT", "options end at the first operand"),
            Term(
                "XDG_STATE_HOME, HOME",
                "where what an undo needs is kept: $XDG_STATE_HOME/grini, else ~/.local/state/grini; on Windows %LOCALAPPDATA%\\grini",
            ),
        ],
    },
    PageSection {
        heading: "EXAMPLES",
        paragraphs: &[
            Example(
                "grini 'Jane Doe' Clients",
                "In which file is she, and what is her State?",
            ),
            Example(
                "grini --where State=4 --missing NumSCerts Clients",
                "Every client in recovery without certificates.",
            ),
            Example(
                "grini --where State=4 --missing NumSCerts --get Mailbox Clients",
                "Just their mailboxes, for a pipe.",
            ),
            Example(
                "grini --where State=4 --missing NumSCerts --set State=1 Clients",
                "The diff that would mend them.",
            ),
            Example(
                "grini --where State=4 --missing NumSCerts --set State=1 --in-place Clients",
                "Mend all of them, or none.",
            ),
            Example(
                "grini --key State '^4$' -l Clients",
                "The files with that State.",
            ),
            Example(
                "grini --records --tally State Clients",
                "How many clients are in each State?",
            ),
            Example(
                "grini --records --tally State --tally NumSCerts Clients",
                "The same, by the number of certificates.",
            ),
            Example("grini --lint Clients", "What is wrong with the files?"),
        ],
    },
    PageSection {
        heading: "SEE ALSO",
        paragraphs: &[Text("grep(1), sed(1), patch(1), crudini(1)")],
    },
];

/// What the page begins with; the date is that of its text.
const TITLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n.TH GRINI 1 \"2026-11-26\" \"grini\" \"User Commands\"\n.ad l\n";

/// The forms of a command line.
const SYNOPSIS: &[&str] = &[
    "[OPTION]... PATTERNS [FILE]...",
    "[OPTION]... -e PATTERNS... [FILE]...",
    "--where EXPR [OPTION]... [FILE]...",
];

/// The page as roff.
///
/// # Errors
/// Those of writing.
pub fn page() -> io::Result<Vec<u8>> {
    let command = command();
    let man = Man::new(command);
    let mut out = TITLE.as_bytes().to_vec();
    man.render_name_section(&mut out)?;
    let mut synopsis = Roff::new();
    synopsis.control("SH", ["SYNOPSIS"]);
    for (at, form) in SYNOPSIS.iter().enumerate() {
        if at > 0 {
            synopsis.control("br", []);
        }
        synopsis.text([bold("grini"), roman(" "), italic(*form)]);
    }
    synopsis.to_writer(&mut out)?;
    sections(BEFORE_OPTIONS, &mut out)?;
    options(&man, &mut out)?;
    sections(AFTER_OPTIONS, &mut out)?;
    Ok(wrapped(&String::from_utf8_lossy(&out)).into_bytes())
}

/// The longest line of the page's source that mandoc finds good style.
const WIDTH: usize = 79;

/// Text lines broken at blanks, and after sentences.
fn wrapped(page: &str) -> String {
    let mut out = String::with_capacity(page.len() + page.len() / 40);
    let mut term = false;
    for (at, line) in page.lines().enumerate() {
        // Each piece brings the definition of an apostrophe with it; one is enough.
        if at > 1 && (line.starts_with(".ie ") || line.starts_with(".el ")) {
            continue;
        }
        // A term is one line: what follows it is its meaning.
        if line.starts_with('.') || term {
            out.push_str(line);
            out.push('\n');
            term = line == ".TP";
            continue;
        }
        let mut length = 0;
        let mut sentence_ended = false;
        for word in line.split(' ') {
            if length > 0 {
                if length + 1 + word.len() > WIDTH || sentence_ended {
                    out.push('\n');
                    length = 0;
                } else {
                    out.push(' ');
                    length += 1;
                }
            }
            if length == 0 && word.starts_with(['.', '\'']) {
                out.push_str("\\&");
                length = 2;
            }
            out.push_str(word);
            length += word.len();
            sentence_ended = word.ends_with('.') && !word.ends_with("..");
        }
        out.push('\n');
    }
    out
}

/// The options, their groups as subsections.
fn options(man: &Man, out: &mut Vec<u8>) -> io::Result<()> {
    let mut groups = Vec::new();
    man.render_options_section(&mut groups)?;
    out.extend_from_slice(b".SH OPTIONS\n");
    for line in groups.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_prefix(b".SH ") {
            Some(heading) => {
                out.extend_from_slice(b".SS ");
                out.extend_from_slice(heading);
            }
            None => out.extend_from_slice(line),
        }
    }
    Ok(())
}

fn dialects(roff: &mut Roff) {
    roff.control("TP", []);
    roff.text([bold("(none)")]);
    roff.text([roman(describe::rules(&Dialect::default()))]);
    for preset in PRESETS {
        roff.control("TP", []);
        roff.text([bold(preset.name)]);
        let files = format!("Files: {}.", preset.files.join(" "));
        let program = format!("{}.", preset.program);
        let rules = describe::rules(&(preset.rules)());
        let all = [program.as_str(), &files, &rules, preset.note];
        roff.text([roman(all.join(" ").trim_end().to_owned())]);
    }
}

fn sections(sections: &[PageSection], out: &mut Vec<u8>) -> io::Result<()> {
    for section in sections {
        let mut roff = Roff::new();
        roff.control("SH", [section.heading]);
        for (at, paragraph) in section.paragraphs.iter().enumerate() {
            match paragraph {
                Text(text) => {
                    if at > 0 {
                        roff.control("PP", []);
                    }
                    roff.text([roman(*text)]);
                }
                Term(term, meaning) => {
                    roff.control("TP", []);
                    roff.text([bold(*term)]);
                    roff.text([roman(*meaning)]);
                }
                Example(typed, meaning) => {
                    roff.control("TP", []);
                    roff.text([bold(*typed)]);
                    roff.text([roman(*meaning)]);
                }
                Dialects => dialects(&mut roff),
            }
        }
        roff.to_writer(out)?;
    }
    Ok(())
}
