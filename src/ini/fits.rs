//! What the program that reads a file takes for a key or a value at all: its own grammar, where that is narrower than
//! what the scanner reads.

use super::dialect::{Continuation, Dialect, Header, InlineComment, Quoting};
use super::extent::{closing_quote, goes_on};
use super::item::{Item, Kind};
use bstr::ByteSlice;
use std::borrow::Cow;

/// The words that php takes for true, false and null.
const PHP_WORDS: [&[u8]; 8] = [
    b"null", b"yes", b"no", b"true", b"false", b"on", b"off", b"none",
];

/// Whether the program takes a key line of `text` for one, with the value that it seems to have.
pub fn line(text: &[u8], item: &Item, dialect: &Dialect) -> bool {
    let (start, end) = (item.value.end as usize, item.span.end as usize);
    let after = &text[start.min(end)..end];
    // At a file's end without a line end, php stumbles over a comment after nothing, and takes blanks for text.
    let blank = || after.iter().all(|&byte| dialect.blanks.has(byte));
    let stumbles = dialect.quoting == Quoting::MultiLine
        && end == text.len()
        && !after.is_empty()
        && !after.ends_with(b"\n")
        && (item.value.is_empty() || blank());
    !stumbles && key(item.key.of(text), dialect) && value(item.value.of(text), dialect)
}

/// Whether the program takes `raw`, as it stands in the file, for a value, and for no other than it seems.
fn value(raw: &[u8], dialect: &Dialect) -> bool {
    // EditorConfig's Python core reads by lines as Unicode has them.
    let ends_line = |char| {
        matches!(
            char,
            '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    if matches!(dialect.inline_comment, InlineComment::WithinValue(_))
        && std::str::from_utf8(raw).is_ok_and(|raw| raw.contains(ends_line))
    {
        return false;
    }
    match dialect.quoting {
        Quoting::Git => git_value(raw),
        Quoting::MultiLine => php_value(raw),
        Quoting::Escapes => mysql_edges(raw),
        Quoting::Registry => registry_value(raw),
        Quoting::DoublePair => {
            let inner = raw
                .strip_prefix(b"\"")
                .and_then(|raw| raw.strip_suffix(b"\""));
            let rest = inner.map_or(Cow::Borrowed(raw), |inner| inner.replace("\"\"", "").into());
            !rest.contains(&b'"') && !goes_on(raw, false)
        }
        // A backslash that joins the next line joins nothing else, not even at the file's end.
        Quoting::Literal | Quoting::OneBlank | Quoting::OuterPair => match dialect.continuation {
            Continuation::Backslash { escaped, .. } => !goes_on(raw, escaped),
            _ => true,
        },
    }
}

/// Whether the program stops reading the file at that value: a quote in it is not closed (php).
pub fn stops(raw: &[u8], dialect: &Dialect) -> bool {
    let mut at = 0;
    while dialect.quoting == Quoting::MultiLine
        && let Some(found) = raw
            .get(at..)
            .and_then(|rest| memchr::memchr2(b'"', b'\'', rest))
    {
        let Some(close) = closing_quote(raw, at + found + 1, raw[at + found]) else {
            return true;
        };
        at = close + 1;
    }
    false
}

/// Whether an item is a header, and the program takes `name`, as it stands there, for a section's.
pub fn header(item: &Item, name: &[u8], dialect: &Dialect) -> bool {
    let fits = match dialect.header {
        // git-config(1), Syntax: alphanumeric characters, '-' and '.'; a subsection in quotes, where it has one.
        Header::Git => {
            let known = |byte: &u8| byte.is_ascii_alphanumeric() || b"-.".contains(byte);
            let head = name.iter().take_while(|byte| known(byte)).count();
            let rest = &name[head..];
            let subsection = rest.trim_ascii_start();
            let separated = subsection.len() < rest.len();
            head > 0 && (rest.is_empty() || separated && quoted_text(subsection))
        }
        // Comments, quotes, variables and escapes are read in php's, too.
        Header::FirstThenKey => !name.iter().any(|byte| b";\"'$\\".contains(byte)),
        Header::Last => !name.trim_ascii().is_empty(),
        _ => true,
    };
    item.kind == Kind::Header && fits
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
        // after it make it a list.
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
        // A name in quotes, of which each within it has a backslash, or the sign of the default value.
        Quoting::Registry => key == b"@" || quoted_text(key),
        // GKeyFile: brackets only around the language at its end.
        _ if dialect.keeps_end => {
            let language = key.strip_suffix(b"]").and_then(|rest| {
                let open = memchr::memchr(b'[', rest)?;
                let language = &rest[open + 1..];
                let known = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.@".contains(byte);
                (!language.is_empty() && language.iter().all(known)).then_some(&rest[..open])
            });
            let name = language.unwrap_or(key);
            !name.is_empty() && !name.iter().any(|byte| b"[]".contains(byte))
        }
        Quoting::Literal | Quoting::OneBlank | Quoting::OuterPair | Quoting::DoublePair => true,
    }
}

/// Text in double quotes that close at its end; a backslash stands before another one or a quote alone.
fn quoted_text(text: &[u8]) -> bool {
    let inner = text
        .strip_prefix(b"\"")
        .and_then(|text| text.strip_suffix(b"\""));
    let Some(inner) = inner else {
        return false;
    };
    let mut bytes = inner.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return false,
            b'\\' if !matches!(bytes.next(), Some(b'\\' | b'"')) => return false,
            _ => {}
        }
    }
    true
}

/// Text, a number, bytes, or `-` for a value that is to go.
fn registry_value(raw: &[u8]) -> bool {
    let Some((kind, data)) = raw
        .iter()
        .position(|&byte| byte == b':')
        .map(|colon| (&raw[..colon], &raw[colon + 1..]))
        .filter(|_| !raw.starts_with(b"\""))
    else {
        return raw == b"-" || quoted_text(raw);
    };
    let kind = kind.to_ascii_lowercase();
    match kind.as_slice() {
        b"dword" => (1..=8).contains(&data.len()) && data.iter().all(u8::is_ascii_hexdigit),
        kind if kind == b"hex" || kind.starts_with(b"hex(") && kind.ends_with(b")") => {
            let known = |byte: &u8| byte.is_ascii_hexdigit() || b", \\\r\n\t".contains(byte);
            data.iter().all(known) && !goes_on(data, false)
        }
        _ => false,
    }
}

/// MySQL and MariaDB read option files byte by byte as latin1, where A0 is blank: the last byte of `à` is taken for one.
fn mysql_edges(text: &[u8]) -> bool {
    text.first() != Some(&0xa0) && text.last() != Some(&0xa0)
}

/// git's `parse_value`: quotes close, and each backslash has one of `n t b " \` or a line end after it.
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
                // Whether a quote after a backslash closes depends on what follows the value.
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
