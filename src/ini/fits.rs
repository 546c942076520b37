//! What the program that reads a file takes for a key or a value at all: its own grammar, where that is narrower than
//! what the scanner reads.

use super::dialect::{Continuation, Dialect, Quoting};
use super::extent::{closing_quote, goes_on};
use super::scan::Item;

/// The words that php takes for true, false and null.
const PHP_WORDS: [&[u8]; 8] = [
    b"null", b"yes", b"no", b"true", b"false", b"on", b"off", b"none",
];

/// Whether the program takes a key line of `text` for one, with the value that it seems to have.
pub fn line(text: &[u8], item: &Item, dialect: &Dialect) -> bool {
    let (start, end) = (item.value.end as usize, item.span.end as usize);
    let behind = &text[start.min(end)..end];
    // At a file's end without a line end, php stumbles over a comment behind nothing, and takes blanks for text.
    let blank = || behind.iter().all(|&byte| dialect.blanks.has(byte));
    let stumbles = dialect.quoting == Quoting::MultiLine
        && end == text.len()
        && !behind.is_empty()
        && !behind.ends_with(b"\n")
        && (item.value.is_empty() || blank());
    !stumbles && key(item.key.of(text), dialect) && value(item.value.of(text), dialect)
}

/// Whether the program takes `raw`, as it stands in the file, for a value, and for no other than it seems.
fn value(raw: &[u8], dialect: &Dialect) -> bool {
    match dialect.quoting {
        Quoting::Git => git_value(raw),
        Quoting::MultiLine => php_value(raw),
        Quoting::Escapes => mysql_edges(raw),
        // A backslash that joins the next line joins nothing else, not even at the file's end.
        Quoting::Literal | Quoting::OuterPair => match dialect.continuation {
            Continuation::Backslash { escaped, .. } => !goes_on(raw, escaped),
            _ => true,
        },
    }
}

/// Whether the program takes `key` for a key.
fn key(key: &[u8], dialect: &Dialect) -> bool {
    match dialect.quoting {
        // git-config(1), Syntax: alphanumeric characters and '-', the first of them a letter.
        Quoting::Git => {
            let known = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
            key.first().is_some_and(u8::is_ascii_alphabetic) && key.iter().all(known)
        }
        // parse_ini_file, Notes: the words that a key must not be, and the characters that it must not hold. Brackets
        // behind it make it a list.
        Quoting::MultiLine => {
            let name = key.strip_suffix(b"]").and_then(|list| {
                let open = memchr::memchr(b'[', list)?;
                Some(&list[..open])
            });
            let name = name.unwrap_or(key);
            !PHP_WORDS.iter().any(|word| key.eq_ignore_ascii_case(word))
                && !key.iter().any(|byte| b"?{}|&~!()^\"'$".contains(byte))
                && !name.contains(&b'[')
        }
        // A line that starts with '!' is an order to the program.
        Quoting::Escapes => mysql_edges(key) && !key.starts_with(b"!"),
        Quoting::Literal | Quoting::OuterPair => true,
    }
}

/// MySQL and MariaDB read option files byte by byte as latin1, where A0 is blank: the last byte of `à` is taken for one.
fn mysql_edges(text: &[u8]) -> bool {
    text.first() != Some(&0xa0) && text.last() != Some(&0xa0)
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

/// php: outside quotes no operator, no variable and no reserved word, unless it is the whole value or all of it is an
/// expression of constants; quotes close, and no variable stands in double ones.
fn php_value(raw: &[u8]) -> bool {
    if php_expression(raw) {
        return true;
    }
    let mut words = vec![Vec::new()];
    let mut at = 0;
    let mut quoted = false;
    while at < raw.len() {
        match raw[at] {
            quote @ (b'"' | b'\'') => {
                let Some(close) = closing_quote(raw, at + 1, quote) else {
                    return false;
                };
                let inner = &raw[at + 1..close];
                // Whether a quote behind a backslash closes depends on what follows the value.
                let doubtful = memchr::memmem::find(inner, b"${").is_some() || goes_on(inner, true);
                if quote == b'"' && doubtful {
                    return false;
                }
                at = close;
                quoted = true;
                words.push(Vec::new());
            }
            byte if b"|&^~!(){}$=".contains(&byte) => return false,
            b' ' | b'\t' => words.push(Vec::new()),
            byte => {
                if let Some(word) = words.last_mut() {
                    word.push(byte);
                }
            }
        }
        at += 1;
    }
    words.retain(|word| !word.is_empty());
    let reserved = |word: &Vec<u8>| {
        PHP_WORDS
            .iter()
            .any(|known| word.eq_ignore_ascii_case(known))
    };
    !words.iter().any(reserved) || words.len() == 1 && !quoted
}

/// Whether `raw` is an expression of constants, such as `E_ALL & ~E_NOTICE`.
fn php_expression(raw: &[u8]) -> bool {
    let mut open = 0usize;
    let mut operand = false;
    // Numbers alone are no such expression: 2^3 is more likely text.
    let mut named = false;
    let mut at = 0;
    while at < raw.len() {
        let name = raw[at..].iter().take_while(|byte| {
            byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b'_'
        });
        let length = name.count();
        match raw[at] {
            b' ' | b'\t' => {}
            b'~' | b'!' if !operand => {}
            b'(' if !operand => open += 1,
            b')' if operand && open > 0 => open -= 1,
            b'|' | b'&' | b'^' if operand => operand = false,
            first if length > 0 && !operand => {
                operand = true;
                named |= first.is_ascii_uppercase();
            }
            _ => return false,
        }
        at += length.max(1);
    }
    operand && open == 0 && named
}
