//! Lines as grep prints them: prefix, separator, text, with the matches coloured.

use super::colors::Colors;
use super::columns::cut_mark;
use super::settings::OutputSettings;
use crate::pattern::{Charset, MatchError, Matcher};
use crate::system::names;
use std::io::Write;
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
            return match matching {
                true => self.matches(out, line, offset),
                false => Ok(true),
            };
        }
        let content = content(line.text, settings.terminator);
        if !self.is_text(content) {
            return Ok(false);
        }
        self.head(out, line, !content.is_empty(), || offset(0));
        if settings.is_plain() {
            emit(out, line.text);
        } else {
            self.shown(out, line, matching, offset(0))?;
        }
        if out.as_slice().last() != Some(&settings.terminator) {
            emit(out, &[settings.terminator]);
        }
        Ok(true)
    }

    /// Prints the text of a line as a terminal shows it: in colour, and cut where it has more columns than there is room for.
    fn shown(
        &self,
        out: &mut Buffer,
        line: &Line<'_>,
        matching: bool,
        offset: u64,
    ) -> Result<(), MatchError> {
        let settings = self.settings;
        let selected = line.role == Role::Selected;
        let (body, end) =
            (line.text).split_at(without_line_end(line.text, settings.terminator).len());
        let mark = cut_mark(settings.unicode).as_bytes();
        let (window, gap) = self.window(line, body, offset)?;
        if window.start > 0 {
            emit(out, mark);
        }
        let mut printed = window.start;
        let cut = window.end < body.len();
        // A match may reach into what ends the line, up to the terminator.
        let last = match cut {
            true => window.end,
            false => content(line.text, settings.terminator).len(),
        };
        let line_color = settings.sgr(|colors| match () {
            () if line.state => &colors.state,
            () if selected != (settings.invert && colors.reverse) => &colors.selected_line,
            () => &colors.context_line,
        });
        if let Some(colors) = settings.colors.as_ref().filter(|_| matching)
            && !colors.of_match(selected).is_empty()
        {
            self.each_match(line, |found| {
                let found = found.start.max(window.start)..found.end.min(last);
                if found.is_empty() {
                    return;
                }
                colors.start(out, line_color);
                self.text(out, &line.text[printed..found.start]);
                settings.in_color(out, colors.of_match(selected), |out| {
                    self.text(out, &line.text[found.clone()]);
                });
                printed = found.end;
            })?;
        }
        if printed < window.end {
            settings.in_color(out, line_color, |out| match gap {
                None => self.text(out, &body[printed..window.end]),
                Some(gap) => {
                    self.text(out, &body[printed..gap.start]);
                    emit(out, mark);
                    self.text(out, &body[gap.end..window.end]);
                }
            });
        }
        emit(
            out,
            match cut {
                true => mark,
                false => &end[printed.saturating_sub(body.len())..],
            },
        );
        Ok(())
    }

    fn is_text(&self, bytes: &[u8]) -> bool {
        match self.valid {
            None | Some(Charset::Bytes) => true,
            Some(Charset::Utf8) => bytes.is_ascii() || std::str::from_utf8(bytes).is_ok(),
            Some(Charset::Other(codepage)) => codepage.is_text(bytes),
        }
    }

    /// Prints each nonempty match as a line of its own, up to one that is no text (then false).
    fn matches(
        &self,
        out: &mut Buffer,
        line: &Line<'_>,
        offset: &dyn Fn(usize) -> u64,
    ) -> Result<bool, MatchError> {
        let settings = self.settings;
        let color = settings.sgr(|colors| colors.of_match(line.role == Role::Selected));
        let mut all_text = true;
        self.each_match(line, |found| {
            let text = &line.text[found.clone()];
            all_text &= self.is_text(text);
            if all_text {
                self.head(out, line, true, || offset(found.start));
                settings.in_color(out, color, |out| self.text(out, text));
                emit(out, &[settings.terminator]);
            }
        })?;
        Ok(all_text)
    }

    /// Prints content.
    fn text(&self, out: &mut Buffer, bytes: &[u8]) {
        emit(out, &self.settings.escaped(bytes, true));
    }

    fn file_name(&self, out: &mut Buffer) {
        let name = self.settings.escaped(self.path, false);
        self.colored(
            out,
            |colors| &colors.file_name,
            |out| {
                let Some(here) = &self.settings.links else {
                    return emit(out, &name);
                };
                // OSC 8: a link to a URI up to the empty one.
                emit(out, b"\x1b]8;;file://");
                for byte in names::uri_path(here, self.path) {
                    if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
                        emit(out, &[byte]);
                    } else {
                        emit(out, format!("%{byte:02X}").as_bytes());
                    }
                }
                emit(out, b"\x1b\\");
                emit(out, &name);
                emit(out, b"\x1b]8;;\x1b\\");
            },
        );
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
    fn head(
        &self,
        out: &mut Buffer,
        line: &Line<'_>,
        has_text: bool,
        offset: impl FnOnce() -> u64,
    ) {
        let settings = self.settings;
        let separator = line.role.separator();
        if self.named {
            self.name(out, separator);
        }
        if settings.line_number {
            self.number(out, line.number, |colors| &colors.line_number, separator);
        }
        if settings.byte_offset {
            self.number(out, offset(), |colors| &colors.byte_offset, separator);
        }
        let any = self.named || settings.line_number || settings.byte_offset;
        if settings.initial_tab && any && has_text {
            emit(out, b"\t");
        }
    }

    /// Prints a number, right-aligned in the width of numbers, and what separates it from what follows.
    fn number(&self, out: &mut Buffer, value: u64, color: fn(&Colors) -> &str, separator: u8) {
        const MOST: usize = 20;
        let mut formatted = itoa::Buffer::new();
        let digits = formatted.format(value).as_bytes();
        let mut text = [b' '; MOST + 1];
        let end = self.width.clamp(digits.len(), MOST);
        text[end - digits.len()..end].copy_from_slice(digits);
        text[end] = separator;
        // A text may have millions of lines: without colours, this is one write.
        if self.settings.colors.is_none() {
            return emit(out, &text[..=end]);
        }
        self.colored(out, color, |out| emit(out, &text[..end]));
        self.separator(out, separator);
    }

    /// Prints a match as it was replaced, on a line of its own.
    pub fn replaced(&self, out: &mut Buffer, text: &[u8], number: u64, offset: u64) {
        let line = Line {
            text,
            number,
            role: Role::Selected,
            state: false,
            field: 0..text.len(),
        };
        self.head(out, &line, true, || offset);
        self.text(out, text);
        emit(out, &[self.settings.terminator]);
    }

    /// Prints what is wrong with a line.
    pub fn fault(&self, out: &mut Buffer, number: u64, what: &str) {
        self.file_name(out);
        self.separator(out, b':');
        self.number(out, number, |colors| &colors.line_number, b':');
        emit(out, b" ");
        self.text(out, what.as_bytes());
        emit(out, b"\n");
    }

    /// Prints the file name, and what separates it from what follows.
    pub fn name(&self, out: &mut Buffer, separator: u8) {
        self.file_name(out);
        if self.settings.null_after_name {
            emit(out, b"\0");
        } else {
            self.separator(out, separator);
        }
    }

    /// Prints the file name on a line of its own: for `-l`, or above the file's lines.
    pub fn name_alone(&self, out: &mut Buffer) {
        self.file_name(out);
        let null = self.settings.null_after_name;
        emit(out, if null { b"\0" } else { b"\n" });
    }

    fn separator(&self, out: &mut Buffer, separator: u8) {
        self.colored(
            out,
            |colors| &colors.separator,
            |out| emit(out, &[separator]),
        );
    }

    fn colored(
        &self,
        out: &mut Buffer,
        color: fn(&Colors) -> &str,
        print: impl FnOnce(&mut Buffer),
    ) {
        let sgr = self.settings.sgr(color);
        self.settings.in_color(out, sgr, print);
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
    let mut matches = matcher.matches(field);
    let mut at = 0;
    while at < field.len() {
        let Some(found) = matches.find_at(at)? else {
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
    let mut out = Buffer::no_color();
    match &settings.group_separator {
        Some(text) if settings.groups => {
            let sgr = settings.sgr(|colors| &colors.separator);
            settings.in_color(&mut out, sgr, |out| {
                emit(out, &settings.escaped(text, true));
            });
            emit(&mut out, b"\n");
        }
        _ if settings.heading && !settings.groups => emit(&mut out, b"\n"),
        _ => {}
    }
    out.into_inner()
}

/// A line without its terminator.
pub fn content(line: &[u8], terminator: u8) -> &[u8] {
    line.strip_suffix(&[terminator]).unwrap_or(line)
}

/// A line without its terminator and a CR before it.
fn without_line_end(line: &[u8], terminator: u8) -> &[u8] {
    let content = content(line, terminator);
    content.strip_suffix(b"\r").unwrap_or(content)
}

/// All text goes through here. Writing to memory does not fail.
fn emit(out: &mut Buffer, bytes: &[u8]) {
    let result = out.write_all(bytes);
    debug_assert!(result.is_ok());
}
