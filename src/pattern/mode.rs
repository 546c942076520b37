//! How a pattern is read.

use super::ctype::Ctype;

/// Whose reading of the corners is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// `regcomp`'s: where a match begins and ends. One pattern at a time.
    Extent,
    /// The DFA's: which lines are selected. A newline separates alternatives.
    Select,
}

/// How to read a pattern.
#[derive(Clone, Copy, Debug)]
pub struct Mode {
    /// ERE rather than BRE.
    pub extended: bool,
    /// Without regard to case.
    pub ignore_case: bool,
    /// What characters are.
    pub locale: Ctype,
    /// Ranges between characters outside ASCII, by code point; otherwise an error, as in GNU's
    /// C.UTF-8.
    pub wide_ranges: bool,
    /// Warn of backslashes that mean nothing.
    pub warn_of_stray: bool,
    /// Whose reading.
    pub view: Reading,
}
