//! Options of other programs, and what does that here.

use super::table::Id;

/// Options that are never suggested for a mistyped one: they remove something, or override a check.
pub(super) const HARMFUL: &[Id] = &[
    Id::Forget,
    Id::Undo,
    Id::Redo,
    Id::Recover,
    Id::Force,
    Id::NoUndo,
];

/// Long names of other programs.
const LONG: &[(&[&str], &str)] = &[
    (
        &["--dry-run", "--preview", "--simulate", "--what-if"],
        "an edit is only shown until --in-place is given",
    ),
    (
        &["--sort", "--sort-files", "--sortr"],
        "files always come in byte order of their paths",
    ),
    (
        &["--glob", "--iglob", "--type", "--type-add"],
        "--include=GLOB and --exclude=GLOB choose files beneath folders",
    ),
    (
        &["--crlf", "--dos2unix"],
        "a CR before LF belongs to the line's end in INI files already",
    ),
    (
        &["--vimgrep", "--column"],
        "-nH --no-show prints what editors read",
    ),
    (
        &["--hidden", "--no-ignore", "--unrestricted", "--no-hidden"],
        "hidden files are searched, and ignore files are read by --ignore-files alone",
    ),
    (
        &["--write", "--inplace", "--save", "--existing"],
        "--in-place writes an edit",
    ),
    (
        &["--delete", "--del", "--remove"],
        "--unset KEY removes a key",
    ),
    (
        &["--multiline"],
        "--where finds records by several of their lines",
    ),
    (
        &["--files"],
        "grini '' -l FOLDER lists the files that are searched",
    ),
    (&["--pcre2"], "-P takes Perl's regular expressions"),
    (
        &["--pretty"],
        "--color=always --heading -n prints so, whatever the output is",
    ),
    (&["--backup"], "--in-place=SUFFIX keeps the old files"),
];

/// Letters of other programs.
const LETTERS: &[(u8, &str)] = &[
    (
        b'g',
        "--include=GLOB and --exclude=GLOB choose files beneath folders",
    ),
    (
        b't',
        "--include=GLOB and --exclude=GLOB choose files beneath folders",
    ),
    (b'N', "line numbers are only printed with -n"),
    (
        b'.',
        "-i ignores case; --in-place=.bak writes an edit and keeps the old files",
    ),
    (b'j', "as many threads as there are cores are used"),
];

/// What does here what a long option does in another program.
pub(super) fn meant(long: &str) -> Option<&'static str> {
    let found = LONG.iter().find(|(names, _)| names.contains(&long));
    found.map(|(_, meant)| *meant)
}

/// What does here what a letter does in another program.
pub(super) fn letter(letter: &[u8]) -> Option<&'static str> {
    let found = LETTERS.iter().find(|(known, _)| letter == [*known]);
    found.map(|(_, meant)| *meant)
}
