//! The lossless scanner: cuts a text into items, and the items into sections.

use super::dialect::{Continuation, Dialect, Header, InlineComment, Quoting};
use memchr::{memchr, memchr2, memrchr};
use std::ops::Range;

/// Byte offsets into the scanned text; 32 bits, so that a scan stays small beside its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    fn new(range: Range<usize>) -> Span {
        Span {
            start: range.start as u32,
            end: range.end as u32,
        }
    }

    /// The same offsets as a range.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The bytes at these offsets.
    pub fn of(self, text: &[u8]) -> &[u8] {
        &text[self.range()]
    }

    /// Whether no byte is in it.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing but blanks.
    Blank,
    /// A comment line.
    Comment,
    /// A section header; [`Item::key`] is its name.
    Header,
    /// A key with a value, which may be empty.
    Key,
    /// A key without a delimiter.
    Bare,
    /// Neither of these; a header without its `]`, or a delimiter without a key.
    Malformed,
}

/// One line of the file with its line end, or a key with all lines its value goes on over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// All of its bytes, line end included.
    pub span: Span,
    /// The key, or the header's name, without blanks around it.
    pub key: Span,
    /// The value as it stands, quotes and continuation lines included, without blanks or comment around it.
    pub value: Span,
    /// What it is.
    pub kind: Kind,
}

impl Item {
    /// Whether it holds a key, with or without a value.
    pub fn has_key(&self) -> bool {
        matches!(self.kind, Kind::Key | Kind::Bare)
    }
}

/// One section instance: a header and what follows it up to the next header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The name; empty before the first header.
    pub name: Span,
    /// Its items, header first (if it has one), as indices into [`Scan::items`].
    pub items: Range<usize>,
}

/// A text cut into items and sections. Reusable: [`Scan::read`] clears it first.
#[derive(Debug, Default)]
pub struct Scan {
    /// All items in order; together they are the whole text.
    pub items: Vec<Item>,
    /// All section instances in order; the first is section "", which may be empty.
    pub sections: Vec<Section>,
}

/// The longest text that is scanned, in bytes.
pub const LIMIT: usize = u32::MAX as usize - 1;

/// Blank in the sense of the contract: space, tab, vertical tab, form feed.
pub fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0b | 0x0c)
}

/// `range` without the blanks around it.
pub fn trim(text: &[u8], mut range: Range<usize>) -> Range<usize> {
    while range.start < range.end && is_blank(text[range.start]) {
        range.start += 1;
    }
    while range.start < range.end && is_blank(text[range.end - 1]) {
        range.end -= 1;
    }
    range
}

/// The physical line that starts at `start`: the end of its content, and the end of its line end.
pub fn line_at(text: &[u8], start: usize) -> (usize, usize) {
    match memchr2(b'\n', b'\r', &text[start..]) {
        None => (text.len(), text.len()),
        Some(at) => {
            let at = start + at;
            let crlf = text[at] == b'\r' && text.get(at + 1) == Some(&b'\n');
            (at, at + 1 + usize::from(crlf))
        }
    }
}

impl Scan {
    /// Scans `text` (at most [`LIMIT`] bytes) anew.
    pub fn new(text: &[u8], dialect: &Dialect) -> Scan {
        let mut scan = Scan::default();
        scan.read(text, dialect);
        scan
    }

    /// Scans `text` (at most [`LIMIT`] bytes) in place of what was scanned before.
    pub fn read(&mut self, text: &[u8], dialect: &Dialect) {
        assert!(
            text.len() <= LIMIT,
            "a text over {LIMIT} bytes is not scanned"
        );
        self.items.clear();
        self.sections.clear();
        self.sections.push(Section {
            name: Span::default(),
            items: 0..0,
        });
        let mut start = 0;
        while start < text.len() {
            start = self.item(text, start, dialect);
        }
        if let Some(last) = self.sections.last_mut() {
            last.items.end = self.items.len();
        }
    }

    /// Scans the item that starts at `start`; returns where the next one starts.
    fn item(&mut self, text: &[u8], start: usize, dialect: &Dialect) -> usize {
        let (content_end, line_end) = line_at(text, start);
        let content = trim(text, start..content_end);
        let plain = |kind| Item {
            span: Span::new(start..line_end),
            key: Span::new(content.start..content.start),
            value: Span::new(content.end..content.end),
            kind,
        };
        let Some(&first) = text[content.clone()].first() else {
            self.items.push(plain(Kind::Blank));
            return line_end;
        };
        if dialect.comments.contains(&first) {
            self.items.push(plain(Kind::Comment));
            return line_end;
        }
        if first == b'[' {
            let Some(close) = header_end(text, content.clone(), dialect.header) else {
                let key = key_item(text, start, content.clone(), line_end, dialect);
                if dialect.header == Header::Last && key.kind == Kind::Key {
                    self.items.push(key);
                    return key.span.end as usize;
                }
                self.items.push(plain(Kind::Malformed));
                return line_end;
            };
            let name = Span::new(trim(text, content.start + 1..close));
            let at = self.items.len();
            if let Some(last) = self.sections.last_mut() {
                last.items.end = at;
            }
            self.sections.push(Section {
                name,
                items: at..at,
            });
            let mut end = line_end;
            if matches!(dialect.header, Header::Git | Header::FirstThenKey) {
                let tail = trim(text, close + 1..content_end);
                if !tail.is_empty() {
                    end = tail.start;
                }
            }
            self.items.push(Item {
                span: Span::new(start..end),
                key: name,
                value: Span::new(close + 1..close + 1),
                kind: Kind::Header,
            });
            return end;
        }
        let item = key_item(text, start, content, line_end, dialect);
        let next = item.span.end as usize;
        self.items.push(item);
        next
    }

    /// The index of the section that holds item `item`.
    pub fn section_of(&self, item: usize) -> usize {
        self.sections
            .partition_point(|section| section.items.start <= item)
            .saturating_sub(1)
    }

    /// The index of the item that holds the byte at `offset`.
    pub fn item_at(&self, offset: usize) -> Option<usize> {
        let at = self
            .items
            .partition_point(|item| item.span.end as usize <= offset);
        (at < self.items.len()).then_some(at)
    }

    /// The items of one section.
    pub fn items_of(&self, section: usize) -> &[Item] {
        &self.items[self.sections[section].items.clone()]
    }
}

/// Where the `]` of a header is; `content` starts at its `[`.
fn header_end(text: &[u8], content: Range<usize>, rule: Header) -> Option<usize> {
    let inside = &text[content.start + 1..content.end];
    let first = memchr(b']', inside);
    let at = match rule {
        Header::First | Header::FirstThenKey => first,
        // An empty name is none.
        Header::Last => memrchr(b']', inside).filter(|&at| at > 0),
        Header::WholeLine => inside.len().checked_sub(1).filter(|&at| inside[at] == b']'),
        Header::Balanced => {
            let mut depth = 1usize;
            let balanced = inside.iter().position(|byte| {
                match byte {
                    b'[' => depth += 1,
                    b']' => depth -= 1,
                    _ => {}
                }
                depth == 0
            });
            balanced.or(first)
        }
        Header::Git => {
            let (mut quoted, mut escaped) = (false, false);
            inside.iter().position(|&byte| {
                let ends = byte == b']' && !quoted;
                if escaped {
                    escaped = false;
                } else {
                    match byte {
                        b'"' => quoted = !quoted,
                        b'\\' if quoted => escaped = true,
                        _ => {}
                    }
                }
                ends
            })
        }
    };
    at.map(|at| content.start + 1 + at)
}

/// A key line, with the lines its value goes on over.
fn key_item(
    text: &[u8],
    start: usize,
    content: Range<usize>,
    line_end: usize,
    dialect: &Dialect,
) -> Item {
    let line = &text[content.clone()];
    let delimiter = match dialect.delimiters.as_slice() {
        [one] => memchr(*one, line),
        [one, two] => memchr2(*one, *two, line),
        many => line.iter().position(|byte| many.contains(byte)),
    };
    let inline = inline_comment_at(text, content.clone(), dialect);
    // A delimiter behind an inline comment's start belongs to the comment.
    let delimiter = delimiter.filter(|&at| inline.is_none_or(|stop| content.start + at < stop));
    let Some(delimiter) = delimiter else {
        let key = trim(text, content.start..inline.unwrap_or(content.end));
        let kind = if key.is_empty() {
            Kind::Malformed
        } else {
            Kind::Bare
        };
        return Item {
            span: Span::new(start..line_end),
            value: Span::new(key.end..key.end),
            key: Span::new(key),
            kind,
        };
    };
    let at = content.start + delimiter;
    let key = trim(text, content.start..at);
    let (value_end, item_end) = value_end(text, start, at + 1, line_end, dialect);
    let value = trim(text, at + 1..value_end);
    let kind = if key.is_empty() {
        Kind::Malformed
    } else {
        Kind::Key
    };
    let span = Span::new(start..item_end);
    Item {
        span,
        key: Span::new(key),
        value: Span::new(value),
        kind,
    }
}

/// Where an inline comment starts in a line without continuation, if one does.
fn inline_comment_at(text: &[u8], content: Range<usize>, dialect: &Dialect) -> Option<usize> {
    let (marks, after_blank) = match &dialect.inline_comment {
        InlineComment::None => return None,
        InlineComment::AfterBlank(marks) => (marks, true),
        InlineComment::Anywhere(marks) => (marks, false),
    };
    let mut quote = None;
    let mut at = content.start;
    // Whether a value starts here, blanks aside.
    let mut fresh = false;
    while at < content.end {
        let byte = text[at];
        match quote {
            Some(open) if byte == b'\\' && escapes(dialect, open) => at += 1,
            Some(open) if byte == open => quote = None,
            Some(_) => {}
            None if byte == b'\\' && dialect.quoting == Quoting::Git => at += 1,
            None if opens_quote(byte, fresh, dialect) => quote = Some(byte),
            None if marks.contains(&byte)
                && (!after_blank || at == content.start || is_blank(text[at - 1])) =>
            {
                return Some(at);
            }
            None => {}
        }
        fresh = dialect.delimiters.contains(&byte) || fresh && is_blank(byte);
        at += 1;
    }
    None
}

/// Whether a backslash within quotes that `open` opened escapes the character after it.
fn escapes(dialect: &Dialect, open: u8) -> bool {
    match dialect.quoting {
        Quoting::Git | Quoting::Escapes => true,
        Quoting::MultiLine => open == b'"',
        Quoting::Literal | Quoting::OuterPair => false,
    }
}

/// Whether `byte` opens a quoted stretch in which comment marks are text; `fresh`: a value starts there.
fn opens_quote(byte: u8, fresh: bool, dialect: &Dialect) -> bool {
    let quote = matches!(byte, b'"' | b'\'');
    match dialect.quoting {
        Quoting::Literal => false,
        Quoting::Git => byte == b'"',
        Quoting::MultiLine | Quoting::Escapes => quote,
        Quoting::OuterPair => quote && fresh,
    }
}

/// Where the value that starts behind the delimiter ends, and where its item ends.
fn value_end(
    text: &[u8],
    line_start: usize,
    value_start: usize,
    line_end: usize,
    dialect: &Dialect,
) -> (usize, usize) {
    let (content_end, _) = line_at(text, line_start);
    if dialect.quoting == Quoting::MultiLine {
        return quoted_end(text, value_start, dialect);
    }
    let joins = matches!(dialect.continuation, Continuation::Backslash { .. });
    if dialect.quoting == Quoting::Git && joins {
        return git_end(text, value_start, dialect);
    }
    match dialect.continuation {
        Continuation::None => {
            let stop = inline_comment_at(text, line_start..content_end, dialect);
            (stop.unwrap_or(content_end).max(value_start), line_end)
        }
        Continuation::Indent => {
            indented_end(text, line_start, line_end, dialect).unwrap_or_else(|| {
                let stop = inline_comment_at(text, line_start..content_end, dialect);
                (stop.unwrap_or(content_end).max(value_start), line_end)
            })
        }
        Continuation::Backslash {
            escaped,
            over_comments,
            ..
        } => {
            let mut first = line_start;
            let (mut end, mut next) = (content_end, line_end);
            loop {
                let stop = inline_comment_at(text, first..end, dialect);
                if let Some(stop) = stop {
                    return (stop.max(value_start), next);
                }
                let joins = goes_on(&text[value_start.max(first)..end], escaped);
                if !joins || next >= text.len() {
                    return (end, next);
                }
                let mut line = next;
                let (mut line_content, mut line_next) = line_at(text, line);
                while over_comments && is_comment(text, line..line_content, dialect) {
                    if line_next >= text.len() {
                        return (end, next);
                    }
                    line = line_next;
                    (line_content, line_next) = line_at(text, line);
                }
                first = line;
                (end, next) = (line_content, line_next);
            }
        }
    }
}

/// Whether a line ends in a backslash that joins the next one; `escaped`: two of them are one and join nothing.
pub fn goes_on(line: &[u8], escaped: bool) -> bool {
    let backslashes = line.iter().rev().take_while(|&&byte| byte == b'\\').count();
    if escaped {
        backslashes % 2 == 1
    } else {
        backslashes > 0
    }
}

fn is_comment(text: &[u8], line: Range<usize>, dialect: &Dialect) -> bool {
    text[trim(text, line)]
        .first()
        .is_some_and(|byte| dialect.comments.contains(byte))
}

/// Number of blanks a line starts with.
pub fn indent(text: &[u8], line: Range<usize>) -> usize {
    text[line]
        .iter()
        .take_while(|byte| is_blank(**byte))
        .count()
}

/// The end of a value that deeper indented lines go on with, or none where no such line follows.
fn indented_end(
    text: &[u8],
    line_start: usize,
    line_end: usize,
    dialect: &Dialect,
) -> Option<(usize, usize)> {
    let (content_end, _) = line_at(text, line_start);
    let level = indent(text, line_start..content_end);
    let mut found = None;
    let mut at = line_end;
    while at < text.len() {
        let (content, next) = line_at(text, at);
        let line = at..content;
        let blank = trim(text, line.clone()).is_empty();
        if !blank && !is_comment(text, line.clone(), dialect) {
            if indent(text, line.clone()) <= level {
                break;
            }
            found = Some((content, next));
        }
        at = next;
    }
    found
}

/// The end of a value in which quotes may stand anywhere and span lines, and where its item ends. A quote that nothing
/// closes is text.
fn quoted_end(text: &[u8], value_start: usize, dialect: &Dialect) -> (usize, usize) {
    let marks = inline_marks(dialect);
    let mut at = value_start;
    while at < text.len() {
        match text[at] {
            b'\n' | b'\r' => return (at, line_at(text, at).1),
            quote @ (b'"' | b'\'') => {
                if let Some(close) = closing_quote(text, at + 1, quote) {
                    at = close;
                }
            }
            byte if marks.contains(&byte) => return (at, line_at(text, at).1),
            _ => {}
        }
        at += 1;
    }
    (text.len(), text.len())
}

/// As [`quoted_end`], by git's rules: a backslash escapes anything, the line's end too, in quotes as outside.
fn git_end(text: &[u8], value_start: usize, dialect: &Dialect) -> (usize, usize) {
    let marks = inline_marks(dialect);
    let mut quoted = false;
    let mut at = value_start;
    while at < text.len() {
        match text[at] {
            b'\\' if text[at + 1..].starts_with(b"\r\n") => at += 2,
            b'\\' => at += 1,
            b'\n' | b'\r' => return (at, line_at(text, at).1),
            b'"' => quoted = !quoted,
            byte if !quoted && marks.contains(&byte) => return (at, line_at(text, at).1),
            _ => {}
        }
        at += 1;
    }
    (text.len(), text.len())
}

fn inline_marks(dialect: &Dialect) -> &[u8] {
    match &dialect.inline_comment {
        InlineComment::None => b"",
        InlineComment::AfterBlank(marks) | InlineComment::Anywhere(marks) => marks,
    }
}

/// Where the quote that stands before `from` closes.
pub fn closing_quote(text: &[u8], from: usize, quote: u8) -> Option<usize> {
    let mut at = from;
    if quote == b'\'' {
        return memchr(quote, &text[at..]).map(|found| at + found);
    }
    loop {
        at += memchr2(b'\\', quote, text.get(at..)?)?;
        if text[at] == quote {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ini::dialect::PRESETS;
    use proptest::prelude::*;

    fn kinds(text: &str) -> Vec<(Kind, String, String)> {
        let scan = Scan::new(text.as_bytes(), &Dialect::default());
        let get = |span: Span| String::from_utf8(span.of(text.as_bytes()).to_vec()).unwrap();
        scan.items
            .iter()
            .map(|item| (item.kind, get(item.key), get(item.value)))
            .collect()
    }

    #[test]
    fn lines_are_read_as_the_default_dialect_says() {
        let text =
            "; c\r\n [ Sec ] tail\r\nKey = a = b \rbare\n= x\n[open\n\u{a0}N\u{a0}=v\n\n[a[b]c]";
        let got = kinds(text);
        let expect = [
            (Kind::Comment, "", ""),
            (Kind::Header, "Sec", ""),
            (Kind::Key, "Key", "a = b"),
            (Kind::Bare, "bare", ""),
            (Kind::Malformed, "", "x"),
            (Kind::Malformed, "", ""),
            (Kind::Key, "\u{a0}N\u{a0}", "v"),
            (Kind::Blank, "", ""),
            (Kind::Header, "a[b]c", ""),
        ];
        let expect: Vec<_> = expect
            .iter()
            .map(|(kind, key, value)| (*kind, (*key).into(), (*value).into()))
            .collect();
        assert_eq!(got, expect);
    }

    #[test]
    fn sections_hold_their_items() {
        let text = b"a=1\n[x]\nb=2\n[y]\n";
        let scan = Scan::new(text, &Dialect::default());
        let items: Vec<_> = scan
            .sections
            .iter()
            .map(|section| section.items.clone())
            .collect();
        assert_eq!(items, [0..1, 1..3, 3..4]);
        assert_eq!(
            (0..4).map(|item| scan.section_of(item)).collect::<Vec<_>>(),
            [0, 1, 1, 2]
        );
        let scan = Scan::new(b"[x]\na=1\n", &Dialect::default());
        assert_eq!(
            (0..2).map(|item| scan.section_of(item)).collect::<Vec<_>>(),
            [1, 1]
        );
    }

    proptest! {
        #[test]
        fn items_glued_together_are_the_text(
            text in "([\\[\\]=:;#\"'\\\\ \t\ra-c\n]|\r\n|\\PC){0,80}",
            preset in 0..=PRESETS.len(),
        ) {
            let dialect = PRESETS.get(preset).map_or_else(Dialect::default, |(_, make)| make());
            let scan = Scan::new(text.as_bytes(), &dialect);
            let mut at = 0;
            for item in &scan.items {
                prop_assert_eq!(item.span.start as usize, at);
                prop_assert!(item.span.end > item.span.start);
                prop_assert!(item.span.range().end >= item.value.range().end);
                prop_assert!(item.key.range().end <= item.span.range().end);
                at = item.span.end as usize;
                let _ = crate::ini::value::logical(text.as_bytes(), item, &dialect);
            }
            prop_assert_eq!(at, text.len());
            let covered: usize = scan.sections.iter().map(|section| section.items.len()).sum();
            prop_assert_eq!(covered, scan.items.len());
        }
    }
}
