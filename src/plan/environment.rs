//! What a plan takes from outside the command line.

use crate::locale::Locale;

/// What of the environment matters.
pub struct Environment {
    /// Whether standard output is a terminal.
    pub terminal: bool,
    /// Whether that terminal can show colours.
    pub color_terminal: bool,
    /// Width of that terminal, in characters, if it is known.
    pub columns: Option<usize>,
    /// Whether standard output is /dev/null.
    pub out_is_null: bool,
    /// Whether standard input is a pipe, a socket or a file, so that something is to be read from it.
    pub stdin_given: bool,
    /// The value of a variable, if it is set and UTF-8.
    pub variable: fn(&str) -> Option<String>,
    /// The locale.
    pub locale: Locale,
}
