//! The picture of a terminal in README.md: drawn from what the binary writes to one.

use crate::pages::shell_words;
use crate::screen::Screen;
use crate::support::{CLIENTS, contents};
use anstyle::{Color, RgbColor as Rgb};
use anstyle_svg::{Palette, Term};
use std::fs;
use std::path::Path;

/// What is typed, one after the other.
const SESSION: &[&str] = &[
    "grini 'Jane Doe' Clients",
    "grini --where State=4 --missing NumSCerts --get Mailbox Clients",
    "grini --set State=1 'Jane Doe' Clients",
    "grini --records --tally State Clients",
];

/// Columns of the terminal.
const COLUMNS: u16 = 80;

const FOREGROUND: Color = Color::Rgb(Rgb(0xd6, 0xd9, 0xde));
const BACKGROUND: Color = Color::Rgb(Rgb(0x1c, 0x20, 0x26));

/// The sixteen colours, as legible on the background as today's terminals show them.
const PALETTE: Palette = Palette([
    Rgb(0x1c, 0x20, 0x26),
    Rgb(0xe0, 0x6c, 0x75),
    Rgb(0x98, 0xc3, 0x79),
    Rgb(0xf2, 0xc9, 0x4c),
    Rgb(0x61, 0xaf, 0xef),
    Rgb(0xc6, 0x8a, 0xee),
    Rgb(0x56, 0xb6, 0xc2),
    Rgb(0xd6, 0xd9, 0xde),
    Rgb(0x7f, 0x84, 0x8e),
    Rgb(0xff, 0x7b, 0x85),
    Rgb(0xb5, 0xe8, 0x90),
    Rgb(0xff, 0xdd, 0x6b),
    Rgb(0x82, 0xc4, 0xff),
    Rgb(0xdd, 0xa8, 0xff),
    Rgb(0x70, 0xd7, 0xe2),
    Rgb(0xff, 0xff, 0xff),
]);

#[test]
fn the_picture_in_the_readme_is_what_a_terminal_shows() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("Clients");
    fs::create_dir(&store).unwrap();
    for (name, content) in contents(Path::new(CLIENTS)) {
        fs::write(store.join(name), content).unwrap();
    }
    let mut seen = String::new();
    for command in SESSION {
        let words = shell_words(command);
        let args: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        let (text, status) = Screen::wide(COLUMNS, folder.path(), &args, &[]).end();
        assert_eq!(status, 0, "{command}");
        seen += &format!("\x1b[90m$\x1b[m \x1b[1m{command}\x1b[m\n{text}\n");
    }
    let columns = usize::from(COLUMNS);
    for line in crate::screen::plain(&seen).lines() {
        assert!(
            line.chars().count() <= columns,
            "it would be broken: {line}"
        );
    }
    let svg = Term::new()
        .palette(PALETTE)
        .fg_color(FOREGROUND)
        .bg_color(BACKGROUND)
        .render_svg(seen.trim_end());
    let readme = fs::read_to_string("README.md").unwrap();
    assert!(readme.contains("](man/terminal.svg)"));
    // SNAPSHOTS=overwrite draws it anew.
    snapbox::assert_data_eq!(svg, snapbox::file!["../../man/terminal.svg": Text].raw());
}
