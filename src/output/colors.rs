//! Colours: GREP_COLORS, as in GNU grep, with the capability `st=` for State lines.

use std::io::Write;
use termcolor::Buffer;

/// SGR parameters by capability; empty: no colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colors {
    /// `ms=`: matching text in a selected line.
    pub selected_match: String,
    /// `mc=`: matching text in a context line.
    pub context_match: String,
    /// `sl=`: whole selected lines.
    pub selected_line: String,
    /// `cx=`: whole context lines.
    pub context_line: String,
    /// `fn=`: file names.
    pub file_name: String,
    /// `ln=`: line numbers.
    pub line_number: String,
    /// `bn=`: byte offsets.
    pub byte_offset: String,
    /// `se=`: separators.
    pub separator: String,
    /// `st=`: State lines.
    pub state: String,
    /// `rv`: with `-v`, `sl=` and `cx=` change places.
    pub reverse: bool,
    /// `ne`: no "erase in line" after a colour.
    pub no_erase: bool,
}

impl Default for Colors {
    fn default() -> Self {
        let text = str::to_owned;
        Colors {
            selected_match: text("01;31"),
            context_match: text("01;31"),
            selected_line: String::new(),
            context_line: String::new(),
            file_name: text("35"),
            line_number: text("32"),
            byte_offset: text("32"),
            separator: text("36"),
            state: text("1;33"),
            reverse: false,
            no_erase: false,
        }
    }
}

impl Colors {
    /// Reads the deprecated GREP_COLOR and then GREP_COLORS. The second value is GREP_COLOR if it had an effect, which
    /// asks for a warning.
    pub fn from_environment(
        grep_color: Option<&str>,
        grep_colors: Option<&str>,
    ) -> (Colors, Option<String>) {
        let mut colors = Colors::default();
        let legacy = grep_color.filter(|value| is_sgr(value) && !value.is_empty());
        if let Some(value) = legacy {
            value.clone_into(&mut colors.selected_match);
            value.clone_into(&mut colors.context_match);
        }
        let mut replaced = [false; 2];
        // The first thing that is malformed ends the reading, as in GNU grep.
        for part in grep_colors.unwrap_or_default().split(':') {
            let (name, value) = match part.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (part, None),
            };
            if value.is_some_and(|value| !is_sgr(value)) {
                break;
            }
            let set = |field: &mut String| {
                if let Some(value) = value {
                    value.clone_into(field);
                }
            };
            replaced[0] |= value.is_some() && matches!(name, "mt" | "ms");
            replaced[1] |= value.is_some() && matches!(name, "mt" | "mc");
            match name {
                "mt" => {
                    set(&mut colors.selected_match);
                    set(&mut colors.context_match);
                }
                "ms" => set(&mut colors.selected_match),
                "mc" => set(&mut colors.context_match),
                "sl" => set(&mut colors.selected_line),
                "cx" => set(&mut colors.context_line),
                "fn" => set(&mut colors.file_name),
                "ln" => set(&mut colors.line_number),
                "bn" => set(&mut colors.byte_offset),
                "se" => set(&mut colors.separator),
                "st" => set(&mut colors.state),
                "rv" => colors.reverse = true,
                "ne" => colors.no_erase = true,
                _ => {}
            }
        }
        let warn = legacy.filter(|_| replaced != [true; 2]).map(str::to_owned);
        (colors, warn)
    }

    /// The colour of a match, in a selected line or in context.
    pub(super) fn of_match(&self, selected: bool) -> &str {
        match selected {
            true => &self.selected_match,
            false => &self.context_match,
        }
    }

    /// Starts a colour; nothing for an empty one.
    pub(super) fn start(&self, out: &mut Buffer, sgr: &str) {
        if !sgr.is_empty() {
            self.sequence(out, sgr);
        }
    }

    /// Ends a colour.
    pub(super) fn end(&self, out: &mut Buffer) {
        self.sequence(out, "");
    }

    fn sequence(&self, out: &mut Buffer, sgr: &str) {
        let erase = if self.no_erase { "" } else { "\x1b[K" };
        // Writing to memory does not fail.
        let _ = write!(out, "\x1b[{sgr}m{erase}");
    }
}

fn is_sgr(value: &str) -> bool {
    value
        .bytes()
        .all(|byte| byte == b';' || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_are_read_as_gnu_grep_reads_them() {
        let read = |value| Colors::from_environment(None, Some(value)).0;
        assert_eq!(read("mt=7").context_match, "7");
        assert_eq!(read("mt=7").selected_match, "7");
        assert_eq!(read("ms=7:mc=8:st=4").state, "4");
        assert_eq!(read("fn=x:ln=1").line_number, "32");
        assert_eq!(read("unknown=1:ln=1:ne:rv").line_number, "1");
        assert!(read("ne").no_erase && read("rv").reverse);
        assert_eq!(read("sl=").selected_line, "");
        assert_eq!(
            Colors::from_environment(Some("7"), None).1.as_deref(),
            Some("7")
        );
        assert_eq!(Colors::from_environment(Some("7"), Some("mt=1")).1, None);
        assert_eq!(Colors::from_environment(Some("x"), None).1, None);
    }
}
