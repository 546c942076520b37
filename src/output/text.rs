//! Lines as grep prints them: prefix, separator, text, with the matches coloured.

use super::columns;
use super::escape;
use super::settings::OutputSettings;
use crate::pattern::{Charset, MatchError, Matcher};
use crate::system::names;
use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Range;
use termcolor::Buffer;

/// Why a line is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is selected: `:` follows its prefix.
    Selected,
    /// It is context, or shown with its record: `-` follows its prefix.
    Context,
}

impl Role {
    /// What follows each part of a line's prefix.
    fn separator(self) -> u8 {
        match self {
            Role::Selected => b':',
            Role::Context => b'-',
        }
    }
}

/// One line to print.
#[derive(Clone, Debug)]
pub struct Line<'l> {
    /// The line, with its terminator if it has one.
    pub text: &'l [u8],
    /// Its number, from 1; only read where line numbers are printed.
    pub number: u64,
    /// Why it is printed.
    pub role: Role,
    /// Whether it is a State line, which stands out.
    pub state: bool,
    /// The part of `text` that patterns are matched against.
    pub field: Range<usize>,
}

/// Prints the lines of one file.
pub struct Printer<'p> {
    /// How.
    pub settings: &'p OutputSettings,
    /// Finds the matches to colour or to print alone; none: nothing is.
    pub matcher: Option<&'p Matcher>,
    /// The file's name as it is shown.
    pub path: &'p [u8],
    /// The character set in which a line that is printed must be text; none: any bytes are.
    pub valid: Option<Charset>,
    /// Whether the name stands before each line.
    pub named: bool,
    /// Whether the name is printed once, above the lines.
    pub above: bool,
    /// Least width of numbers, in characters (`-T`).
    pub width: usize,
}

impl Printer<'_> {
    /// Prints one line; false: it is no text and was not printed. `offset` gives the offset in the file of a place in
    /// the line's text.
    ///
    /// # Errors
    /// A match that took too much.
    pub fn line(
        &self,
        out: &mut Buffer,
        line: &Line<'_>,
        offset: &dyn Fn(usize) -> u64,
    ) -> Result<bool, MatchError> {
        let settings = self.settings;
        let selected = line.role == Role::Selected;
        let matching = selected != settings.invert;
        if settings.only_matching {
            return if matching {
                self.matches(out, line, offset)
            } else {
                Ok(true)
            };
        }
        if !self.is_text(content(line.text, settings.terminator)) {
            return Ok(false);
        }
        if settings.is_plain() {
            self.plain(out, line, offset);
            return Ok(true);
        }
        let has_text = !content(line.text, settings.terminator).is_empty();
        self.head(out, line.number, line.role, has_text, offset(0));
        let window = self.window(line, offset(0))?;
        if let Some((head, tail)) = self.middle_cut(line, &window, offset(0)) {
            self.both_ends(out, line, head, tail);
            return Ok(true);
        }
        let mut rest = &line.text[window.clone()];
        if window.start > 0 {
            emit(out, columns::cut_mark(settings.unicode).as_bytes());
        }
        if let Some(colors) = &settings.colors {
            let line_color = match () {
                () if line.state => &colors.state,
                () if selected != (settings.invert && colors.reverse) => &colors.selected_line,
                () => &colors.context_line,
            };
            let match_color = colors.of_match(selected);
            if matching && !match_color.is_empty() {
                let printed = self.colored(out, line, &window, line_color, match_color)?;
                rest = &line.text[printed..window.end];
            }
            if !line_color.is_empty() {
                let tail = without_line_end(rest, settings.terminator);
                if !tail.is_empty() {
                    let _ = colors.start(out, line_color);
                    self.text(out, tail);
                    let _ = colors.end(out, line_color);
                    rest = &rest[tail.len()..];
                }
            }
        }
        if window.end < line.text.len() {
            self.text(out, rest);
            emit(out, columns::cut_mark(settings.unicode).as_bytes());
            emit(out, &[settings.terminator]);
            return Ok(true);
        }
        let (body, end) = rest.split_at(without_line_end(rest, settings.terminator).len());
        self.text(out, body);
        emit(out, end);
        if line.text.last() != Some(&settings.terminator) {
            emit(out, &[settings.terminator]);
        }
        Ok(true)
    }

    /// Prints a line as it is, after what stands before it.
    fn plain(&self, out: &mut Buffer, line: &Line<'_>, offset: &dyn Fn(usize) -> u64) {
        let (settings, separator) = (self.settings, line.role.separator());
        if self.named {
            self.name(out, separator);
        }
        if settings.line_number {
            decimal(out, line.number, self.width, Some(separator));
        }
        if settings.byte_offset {
            decimal(out, offset(0), self.width, Some(separator));
        }
        emit(out, line.text);
        if line.text.last() != Some(&settings.terminator) {
            emit(out, &[settings.terminator]);
        }
    }

    fn is_text(&self, bytes: &[u8]) -> bool {
        match self.valid {
            None | Some(Charset::Bytes) => true,
            Some(Charset::Utf8) => bytes.is_ascii() || std::str::from_utf8(bytes).is_ok(),
            Some(Charset::Other(codepage)) => codepage.is_text(bytes),
        }
    }

    /// Prints the text of a window up to the end of the last match in it, matches coloured; returns where it came to.
    fn colored(
        &self,
        out: &mut Buffer,
        line: &Line<'_>,
        window: &Range<usize>,
        line_color: &str,
        match_color: &str,
    ) -> Result<usize, MatchError> {
        let Some(colors) = &self.settings.colors else {
            return Ok(window.start);
        };
        let mut printed = window.start;
        self.each_match(line, |found| {
            let found = found.start.max(window.start)..found.end.min(window.end);
            if found.is_empty() {
                return;
            }
            let _ = colors.start(out, line_color);
            self.text(out, &line.text[printed..found.start]);
            let _ = colors.start(out, match_color);
            self.text(out, &line.text[found.clone()]);
            let _ = colors.end(out, match_color);
            printed = found.end;
        })?;
        Ok(printed)
    }

    /// Prints each nonempty match as a line of its own, up to one that is no text (then false).
    fn matches(
        &self,
        out: &mut Buffer,
        line: &Line<'_>,
        offset: &dyn Fn(usize) -> u64,
    ) -> Result<bool, MatchError> {
        let settings = self.settings;
        let selected = line.role == Role::Selected;
        let mut all_text = true;
        self.each_match(line, |found| {
            let text = &line.text[found.clone()];
            all_text &= self.is_text(text);
            if !all_text {
                return;
            }
            self.head(out, line.number, line.role, true, offset(found.start));
            match &settings.colors {
                Some(colors) => {
                    let color = colors.of_match(selected);
                    let _ = colors.start(out, color);
                    self.text(out, text);
                    let _ = colors.end(out, color);
                }
                None => self.text(out, text),
            }
            emit(out, &[settings.terminator]);
        })?;
        Ok(all_text)
    }

    /// Prints content.
    pub(super) fn text(&self, out: &mut Buffer, bytes: &[u8]) {
        if self.settings.escape {
            emit(out, &escape::escaped(bytes, true));
        } else {
            emit(out, bytes);
        }
    }

    /// The file's name, escaped where control characters are.
    pub(super) fn shown_name(&self) -> Cow<'_, [u8]> {
        if self.settings.escape {
            escape::escaped(self.path, false)
        } else {
            Cow::Borrowed(self.path)
        }
    }

    fn file_name(&self, out: &mut Buffer) {
        let Some(here) = &self.settings.links else {
            emit(out, &self.shown_name());
            return;
        };
        // OSC 8: a link to a URI up to the empty one.
        let mut uri = String::from("file://");
        for byte in names::uri_path(here, self.path) {
            if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
                uri.push(char::from(byte));
            } else {
                uri.push_str(&format!("%{byte:02X}"));
            }
        }
        emit(out, format!("\x1b]8;;{uri}\x1b\\").as_bytes());
        emit(out, &self.shown_name());
        emit(out, b"\x1b]8;;\x1b\\");
    }

    /// Calls `visit` with each nonempty match in the line's field, as offsets into the line's text.
    ///
    /// # Errors
    /// When the line is too hard for the matcher.
    pub fn each_match(
        &self,
        line: &Line<'_>,
        mut visit: impl FnMut(Range<usize>),
    ) -> Result<(), MatchError> {
        let Some(matcher) = self.matcher else {
            // Without a pattern, what stands out of a line is its field.
            if !line.field.is_empty() {
                visit(line.field.clone());
            }
            return Ok(());
        };
        let start = line.field.start;
        each_match(matcher, &line.text[line.field.clone()], |found| {
            visit(start + found.start..start + found.end);
        })
    }

    /// Prints what stands before the text.
    fn head(&self, out: &mut Buffer, number: u64, role: Role, has_text: bool, offset: u64) {
        let settings = self.settings;
        let separator = role.separator();
        if self.named {
            self.name(out, separator);
        }
        let print = |out: &mut Buffer, value: u64, color: fn(&super::Colors) -> &str| {
            self.in_color(out, color, |out| {
                decimal(out, value, self.width, None);
            });
            self.separator(out, separator);
        };
        if settings.line_number {
            print(out, number, |colors| &colors.line_number);
        }
        if settings.byte_offset {
            print(out, offset, |colors| &colors.byte_offset);
        }
        let any = self.named || settings.line_number || settings.byte_offset;
        if settings.initial_tab && any && has_text {
            emit(out, b"\t");
        }
    }

    /// Prints a match as it was replaced, on a line of its own.
    pub fn replaced(&self, out: &mut Buffer, text: &[u8], number: u64, offset: u64) {
        self.head(out, number, Role::Selected, true, offset);
        self.text(out, text);
        emit(out, &[self.settings.terminator]);
    }

    /// Prints what is wrong with a line.
    pub fn fault(&self, out: &mut Buffer, number: u64, what: &str) {
        self.in_color(out, |colors| &colors.file_name, |out| self.file_name(out));
        self.separator(out, b':');
        self.in_color(
            out,
            |colors| &colors.line_number,
            |out| decimal(out, number, 0, None),
        );
        self.separator(out, b':');
        emit(out, b" ");
        self.text(out, what.as_bytes());
        emit(out, b"\n");
    }

    /// Prints the file name, and what separates it from what follows.
    pub fn name(&self, out: &mut Buffer, separator: u8) {
        self.in_color(out, |colors| &colors.file_name, |out| self.file_name(out));
        if self.settings.null_after_name {
            emit(out, b"\0");
        } else {
            self.separator(out, separator);
        }
    }

    /// Prints the file name on a line of its own: for `-l`, or above the file's lines.
    pub fn name_alone(&self, out: &mut Buffer) {
        self.in_color(out, |colors| &colors.file_name, |out| self.file_name(out));
        emit(
            out,
            if self.settings.null_after_name {
                b"\0"
            } else {
                b"\n"
            },
        );
    }

    fn separator(&self, out: &mut Buffer, separator: u8) {
        self.in_color(
            out,
            |colors| &colors.separator,
            |out| emit(out, &[separator]),
        );
    }

    pub(super) fn in_color(
        &self,
        out: &mut Buffer,
        color: fn(&super::Colors) -> &str,
        print: impl FnOnce(&mut Buffer),
    ) {
        match &self.settings.colors {
            Some(colors) => {
                let _ = colors.start(out, color(colors));
                print(out);
                let _ = colors.end(out, color(colors));
            }
            None => print(out),
        }
    }
}

/// Calls `visit` with each nonempty match in `field`.
///
/// # Errors
/// A match that took too much.
pub fn each_match(
    matcher: &Matcher,
    field: &[u8],
    mut visit: impl FnMut(Range<usize>),
) -> Result<(), MatchError> {
    let mut at = 0;
    while at < field.len() {
        let Some(found) = matcher.find_at(field, at)? else {
            break;
        };
        if found.start >= field.len() {
            break;
        }
        if found.is_empty() {
            at = found.start + 1;
            continue;
        }
        at = found.end;
        visit(found);
    }
    Ok(())
}

/// The separator line between groups, with its line end; empty where there is none.
pub fn group_separator(settings: &OutputSettings) -> Vec<u8> {
    if settings.heading && !settings.groups {
        return b"\n".to_vec();
    }
    let Some(text) = settings
        .group_separator
        .as_ref()
        .filter(|_| settings.groups)
    else {
        return Vec::new();
    };
    let text = if settings.escape {
        escape::escaped(text, true)
    } else {
        Cow::Borrowed(&text[..])
    };
    let mut out = if settings.colors.is_some() {
        Buffer::ansi()
    } else {
        Buffer::no_color()
    };
    if let Some(colors) = &settings.colors {
        let _ = colors.start(&mut out, &colors.separator);
        emit(&mut out, &text);
        let _ = colors.end(&mut out, &colors.separator);
    } else {
        emit(&mut out, &text);
    }
    emit(&mut out, b"\n");
    out.into_inner()
}

/// A line without its terminator.
pub fn content(line: &[u8], terminator: u8) -> &[u8] {
    line.strip_suffix(&[terminator]).unwrap_or(line)
}

/// A line without its terminator and a CR before it.
pub(super) fn without_line_end(line: &[u8], terminator: u8) -> &[u8] {
    let content = content(line, terminator);
    content.strip_suffix(b"\r").unwrap_or(content)
}

/// Prints a number, right-aligned in `width` characters, and what follows it.
fn decimal(out: &mut Buffer, value: u64, width: usize, after: Option<u8>) {
    const MOST: usize = 20;
    let mut formatted = itoa::Buffer::new();
    let digits = formatted.format(value).as_bytes();
    let mut text = [b' '; MOST + 1];
    let blanks = width.min(MOST).saturating_sub(digits.len());
    let end = blanks + digits.len();
    text[blanks..end].copy_from_slice(digits);
    text[end] = after.unwrap_or_default();
    emit(out, &text[..end + usize::from(after.is_some())]);
}

/// All text goes through here. Writing to memory does not fail.
pub(super) fn emit(out: &mut Buffer, bytes: &[u8]) {
    let result: io::Result<()> = out.write_all(bytes);
    debug_assert!(result.is_ok());
}
