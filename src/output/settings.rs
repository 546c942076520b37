//! How lines are printed.

use super::colors::Colors;
use super::diff::DiffLook;
use super::escape::escaped;
use crate::system::streams;
use std::borrow::Cow;
use std::io::{self, Write};
use termcolor::Buffer;

/// Which lines get their file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathShown {
    /// All.
    Always,
    /// None.
    Never,
    /// Those of files that were met beneath a folder.
    Walked,
}

impl PathShown {
    /// Whether the lines of a file get its name; `walked`: it was met beneath a folder.
    pub fn shown(self, walked: bool) -> bool {
        match self {
            PathShown::Always => true,
            PathShown::Never => false,
            PathShown::Walked => walked,
        }
    }
}

/// How long a line that is shown may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// As long as it is.
    Any,
    /// Its text takes at most so many columns.
    Text(usize),
    /// With what stands before its text it takes at most so many columns.
    Whole(usize),
}

/// How lines are printed: which prefixes, colours and separators.
#[derive(Clone, Debug)]
pub struct OutputSettings {
    /// Which lines get the file name before them.
    pub names: PathShown,
    /// Whether `-H` was given, so that rows of values begin with the name.
    pub names_asked: bool,
    /// Print line numbers.
    pub line_number: bool,
    /// Print byte offsets.
    pub byte_offset: bool,
    /// Line up the text after a tab.
    pub initial_tab: bool,
    /// A NUL byte follows a file name, in place of the separator.
    pub null_after_name: bool,
    /// Print only the matches.
    pub only_matching: bool,
    /// Matching lines are those that do not match.
    pub invert: bool,
    /// Colours; none: no colour.
    pub colors: Option<Colors>,
    /// Whether standard output is a terminal.
    pub terminal: bool,
    /// What stands between groups of lines; none: nothing. Only used where [`OutputSettings::groups`] is set.
    pub group_separator: Option<Vec<u8>>,
    /// Whether context was asked for, so that groups are separated.
    pub groups: bool,
    /// Print each line at once.
    pub line_buffered: bool,
    /// JSON Lines instead of lines.
    pub json: bool,
    /// Control characters of names and contents are shown escaped.
    pub escape: bool,
    /// How long a line that is shown may be.
    pub columns: Columns,
    /// Columns of the terminal, where standard output is one and they are known.
    pub width: Option<usize>,
    /// What is printed may hold more than ASCII.
    pub unicode: bool,
    /// The name of a file is printed once, above its lines.
    pub heading: bool,
    /// The current folder, which links of file names begin with; none: no links.
    pub links: Option<Vec<u8>>,
    /// Lines of context in a diff.
    pub diff_context: usize,
    /// What ends a line: newline or NUL.
    pub terminator: u8,
    /// The name shown for standard input.
    pub label: Vec<u8>,
}

impl OutputSettings {
    /// Standard output, in the form that is asked for: all that a search prints goes through it.
    ///
    /// # Errors
    /// It is closed.
    pub fn out(&self) -> io::Result<Box<dyn Write + Send>> {
        Ok(Box::new(streams::output()?))
    }

    /// Content or a name as it is printed: where it is to be, with its control characters escaped, tabs where `tabs` says so.
    pub fn escaped<'b>(&self, bytes: &'b [u8], tabs: bool) -> Cow<'b, [u8]> {
        match self.escape {
            true => escaped(bytes, tabs),
            false => Cow::Borrowed(bytes),
        }
    }

    /// One of the colours; empty without colours.
    pub(super) fn sgr<'s>(&'s self, pick: impl FnOnce(&'s Colors) -> &'s str) -> &'s str {
        self.colors.as_ref().map_or("", pick)
    }

    /// Prints in a colour; an empty one is none.
    pub(super) fn in_color(&self, out: &mut Buffer, sgr: &str, print: impl FnOnce(&mut Buffer)) {
        match &self.colors {
            Some(colors) if !sgr.is_empty() => {
                colors.start(out, sgr);
                print(out);
                colors.end(out);
            }
            _ => print(out),
        }
    }

    /// Whether whole lines are printed byte for byte, after what stands before them.
    pub(super) fn is_plain(&self) -> bool {
        self.colors.is_none() && !self.escape && self.columns == Columns::Any
    }

    /// How a diff is shown.
    pub fn diff_look(&self) -> DiffLook {
        DiffLook {
            color: self.colors.is_some(),
            escape: self.escape,
            context: self.diff_context,
        }
    }
}
