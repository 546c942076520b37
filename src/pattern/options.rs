//! How patterns are to be read.

use super::transcode::Codepage;

/// How patterns are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// POSIX basic regular expressions with GNU's extensions.
    Basic,
    /// POSIX extended ones (`-E`).
    Extended,
    /// Plain strings (`-F`).
    Fixed,
    /// Perl's, by PCRE2 (`-P`).
    Perl,
}

/// What a match must also be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    /// Nothing.
    Any,
    /// A word of its own (`-w`).
    Words,
    /// The whole line (`-x`).
    Lines,
}

/// What the bytes of patterns and lines mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// Each byte is a character, ASCII alone having classes and case (the C locale).
    Bytes,
    /// UTF-8; what is not valid is no character and matched by nothing but itself.
    Utf8,
    /// Another one.
    Other(&'static Codepage),
}

/// How to compile patterns.
#[derive(Clone, Debug)]
pub struct Options {
    /// How they are written.
    pub syntax: Syntax,
    /// Without regard to case (`-i`).
    pub ignore_case: bool,
    /// What a match must also be.
    pub whole: Whole,
    /// What bytes mean.
    pub charset: Charset,
    /// The byte that ends a line: `b'\n'`, or 0 with `-z` (then `.` and `[^x]` match a line feed).
    pub terminator: u8,
    /// A CR before a terminating LF belongs to the line's end: the line is matched without it.
    pub crlf: bool,
    /// Under `ignore_case`, `i` pairs with `İ` and `ı` with `I` (Turkish and Azeri locales).
    pub turkish: bool,
    /// `[à-ý]` is a range by code point. Without it, an error, as in GNU's C.UTF-8.
    pub wide_ranges: bool,
    /// Warn of backslashes that mean nothing. Debian's GNU grep does so on demand alone.
    pub warn_of_stray: bool,
}

impl Options {
    /// Options with nothing special: lines end with LF, case counts, ranges are by code point.
    pub fn new(syntax: Syntax, charset: Charset) -> Options {
        Options {
            syntax,
            ignore_case: false,
            whole: Whole::Any,
            charset,
            terminator: b'\n',
            crlf: false,
            turkish: false,
            wide_ranges: true,
            warn_of_stray: true,
        }
    }
}
