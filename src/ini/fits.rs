//! What the program that reads a file takes for a key or a value at all: its own grammar, where that is narrower than
//! what the scanner reads.

use super::dialect::{Continuation, Dialect, Quoting};
use super::extent::{closing_quote, goes_on};

/// Whether the program takes `raw`, as it stands in the file, for a value.
pub fn value(raw: &[u8], dialect: &Dialect) -> bool {
    match dialect.quoting {
        Quoting::Git => git_value(raw),
        Quoting::MultiLine => php_value(raw),
        // A backslash that joins the next line joins nothing else, not even at the file's end.
        _ => match dialect.continuation {
            Continuation::Backslash { escaped, .. } => !goes_on(raw, escaped),
            _ => true,
        },
    }
}

/// Whether the program takes `key` for a key.
pub fn key(key: &[u8], dialect: &Dialect) -> bool {
    match dialect.quoting {
        // git-config(1), Syntax: alphanumeric characters and '-', the first of them a letter.
        Quoting::Git => {
            let known = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
            key.first().is_some_and(u8::is_ascii_alphabetic) && key.iter().all(known)
        }
        // parse_ini_file, Notes: the words that a key must not be, and the characters that it must not hold.
        Quoting::MultiLine => {
            let reserved: [&[u8]; 8] = [
                b"null", b"yes", b"no", b"true", b"false", b"on", b"off", b"none",
            ];
            !reserved.iter().any(|word| key.eq_ignore_ascii_case(word))
                && !key.iter().any(|byte| b"?{}|&~!()^\"'$".contains(byte))
        }
        _ => true,
    }
}

/// git's `parse_value`: quotes close, and each backslash has one of `n t b " \` or a line end behind it.
fn git_value(raw: &[u8]) -> bool {
    let mut quoted = false;
    let mut bytes = raw.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => quoted = !quoted,
            b'\\' => match bytes.next() {
                Some(b'n' | b't' | b'b' | b'"' | b'\\' | b'\r' | b'\n') => {}
                _ => return false,
            },
            _ => {}
        }
    }
    !quoted
}

/// php: outside quotes no operator and no variable, quotes close, and no variable stands in double ones.
fn php_value(raw: &[u8]) -> bool {
    let mut at = 0;
    while at < raw.len() {
        match raw[at] {
            quote @ (b'"' | b'\'') => {
                let Some(close) = closing_quote(raw, at + 1, quote) else {
                    return false;
                };
                let inner = &raw[at + 1..close];
                if quote == b'"' && memchr::memmem::find(inner, b"${").is_some() {
                    return false;
                }
                at = close;
            }
            b'|' | b'&' | b'^' | b'~' | b'!' | b'(' | b')' | b'{' | b'}' | b'$' | b'=' => {
                return false;
            }
            _ => {}
        }
        at += 1;
    }
    true
}
