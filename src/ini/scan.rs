//! The lossless scanner: cuts a text into items, and the items into sections.

use super::dialect::{Continuation, Dialect, Header, KeyForm, Repeated};
use super::extent::{indented_end, inline_comment_at, value_end};
pub use super::item::{Item, Kind, Span, line_at};
use super::value::outer_quote;
use memchr::{memchr, memchr2, memrchr};
use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;

/// One section instance: a header and what follows it up to the next header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The name; empty before the first header.
    pub name: Span,
    /// Its items, header first (if it has one), as indices into [`Scan::items`].
    pub items: Range<usize>,
    /// The index of the first section that is one with it to the dialect's program; without such a one its own.
    pub first: usize,
    /// The index of the next section that is one with it to the dialect's program.
    pub next: Option<usize>,
}

/// A text cut into items and sections. Reusable: [`Scan::read`] clears it first.
#[derive(Debug, Default)]
pub struct Scan {
    /// All items in order; together they are the whole text.
    pub items: Vec<Item>,
    /// All section instances in order; the first is section "", which may be empty.
    pub sections: Vec<Section>,
    pub(super) asked: Asked,
}

/// What is found out of a scanned text when it is first asked for.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// The sections of each name, in order, by [`Dialect::section_identity`].
    pub(super) names: OnceCell<HashMap<Vec<u8>, Vec<usize>>>,
    /// For each item the last one before it whose line is indented less.
    pub(super) outer: OnceCell<Vec<Option<u32>>>,
    /// Whether a line ends in CR LF.
    pub(super) crlf: OnceCell<bool>,
}

/// The longest text that is scanned, in bytes.
pub const LIMIT: usize = u32::MAX as usize - 1;

impl Scan {
    /// Scans `text` (at most [`LIMIT`] bytes) anew.
    pub fn new(text: &[u8], dialect: &Dialect) -> Scan {
        let mut scan = Scan::default();
        scan.read(text, dialect);
        scan
    }

    /// Forgets what was scanned, and what was found out of it.
    pub fn clear(&mut self) {
        self.items.clear();
        self.sections.clear();
        self.asked = Asked::default();
    }

    /// Scans `text` (at most [`LIMIT`] bytes) in place of what was scanned before.
    pub fn read(&mut self, text: &[u8], dialect: &Dialect) {
        assert!(
            text.len() <= LIMIT,
            "a text over {LIMIT} bytes is not scanned"
        );
        self.read_parts(text, std::slice::from_ref(&(0..text.len())), dialect);
        if dialect.repeated != Repeated::Separate && self.sections.len() > 2 {
            let mut known = HashMap::new();
            for at in 0..self.sections.len() {
                let name = dialect.section_identity(self.sections[at].name.of(text));
                // What stands before the first header has no name.
                let (first, last) = known.entry((at == 0, name)).or_insert((at, at));
                self.sections[at].first = *first;
                if *last < at {
                    self.sections[*last].next = Some(at);
                    *last = at;
                }
            }
        }
    }

    /// As [`Scan::read`], only these stretches of the text, each of whole sections of a dialect that can be cut.
    pub fn read_parts(&mut self, text: &[u8], parts: &[Range<usize>], dialect: &Dialect) {
        self.clear();
        self.sections.push(Section {
            name: Span::default(),
            items: 0..0,
            first: 0,
            next: None,
        });
        for part in parts {
            let mut start = part.start;
            while start < part.end {
                start = self.item(text, start, dialect);
            }
        }
        if let Some(last) = self.sections.last_mut() {
            last.items.end = self.items.len();
        }
    }

    /// Scans the item that starts at `start`; returns where the next one starts.
    fn item(&mut self, text: &[u8], start: usize, dialect: &Dialect) -> usize {
        let (content_end, line_end) = line_at(text, start);
        let content = dialect.blanks.trim(text, start..content_end);
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
            let name = Span::new(header_name(text, content.start + 1..close, dialect));
            let at = self.items.len();
            if let Some(last) = self.sections.last_mut() {
                last.items.end = at;
            }
            self.sections.push(Section {
                name,
                items: at..at,
                first: self.sections.len(),
                next: None,
            });
            let mut end = line_end;
            if matches!(dialect.header, Header::Git | Header::FirstThenKey) {
                let tail = dialect.blanks.trim(text, close + 1..content_end);
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

/// Whether the line that a text starts with, with a `[`, is a header.
pub(super) fn is_header(text: &[u8], dialect: &Dialect) -> bool {
    let (end, _) = line_at(text, 0);
    let content = dialect.blanks.trim(text, 0..end);
    !dialect.comments.contains(&b'[') && header_end(text, content, dialect.header).is_some()
}

/// Where the `]` of a header is; `content` starts at its `[`.
fn header_end(text: &[u8], content: Range<usize>, rule: Header) -> Option<usize> {
    let inside = &text[content.start + 1..content.end];
    let first = memchr(b']', inside);
    let at = match rule {
        Header::First | Header::FirstFromStart => first,
        Header::FirstThenKey => unquoted_bracket(inside),
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
            match balanced {
                // KDE's [AC][X]: the name goes on.
                Some(close) if inside[close + 1..].starts_with(b"[") => memrchr(b']', inside)
                    .filter(|&last| last > close)
                    .or(balanced),
                _ => balanced.or(first),
            }
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

/// Where php sees the first `]`: outside quotes, with no backslash before it.
fn unquoted_bracket(inside: &[u8]) -> Option<usize> {
    let mut quote = None;
    let mut at = 0;
    while let Some(&byte) = inside.get(at) {
        match (byte, quote) {
            (b'\\', None | Some(b'"')) => at += 1,
            (b'"' | b'\'', None) => quote = Some(byte),
            (b']', None) => return Some(at),
            _ if quote == Some(byte) => quote = None,
            _ => {}
        }
        at += 1;
    }
    None
}

/// The name within a header's brackets.
fn header_name(text: &[u8], inside: Range<usize>, dialect: &Dialect) -> Range<usize> {
    let trimmed = dialect.blanks.trim(text, inside.clone());
    match dialect.header {
        Header::FirstThenKey if outer_quote(&text[trimmed.clone()]).is_some() => {
            trimmed.start + 1..trimmed.end - 1
        }
        Header::Balanced | Header::First => trimmed,
        Header::FirstFromStart if trimmed.is_empty() => inside.start..inside.start,
        Header::FirstFromStart => inside.start..trimmed.end,
        Header::Last | Header::WholeLine | Header::FirstThenKey | Header::Git => inside,
    }
}

/// How long the name in quotes is that a line starts with; 0: it starts with none.
fn quoted_length(line: &[u8]) -> usize {
    if line.first() != Some(&b'"') {
        return 0;
    }
    let mut at = 1;
    while let Some(byte) = line.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    0
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
    let named = match dialect.key_form {
        KeyForm::Quoted => quoted_length(line),
        _ => 0,
    };
    let delimiter = match dialect.delimiters.as_slice() {
        [one] => memchr(*one, &line[named..]).map(|at| named + at),
        [one, two] => memchr2(*one, *two, line),
        many => line.iter().position(|byte| many.contains(byte)),
    };
    let inline = inline_comment_at(text, content.clone(), dialect);
    // A delimiter after an inline comment's start belongs to the comment.
    let delimiter = delimiter.filter(|&at| inline.is_none_or(|stop| content.start + at < stop));
    let Some(delimiter) = delimiter else {
        let key = dialect
            .blanks
            .trim(text, content.start..inline.unwrap_or(content.end));
        let kind = if key.is_empty() {
            Kind::Malformed
        } else {
            Kind::Bare
        };
        // What is indented deeper is its body, though it has no value.
        let body = match (kind, dialect.continuation) {
            (Kind::Bare, Continuation::Indent) => indented_end(text, start, line_end, dialect),
            _ => None,
        };
        let end = body.map_or(line_end, |(_, next)| next);
        return Item {
            span: Span::new(start..end),
            value: Span::new(key.end..key.end),
            key: Span::new(key),
            kind,
        };
    };
    let at = content.start + delimiter;
    let key = dialect.blanks.trim(text, content.start..at);
    let (value_end, item_end) = value_end(text, start, at + 1, line_end, dialect);
    let mut value = dialect.blanks.trim(text, at + 1..value_end);
    if dialect.keeps_end && !value.is_empty() {
        value.end = value_end;
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ini::presets::PRESETS;
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
        let text = "; c\r\n [ Sec ] tail\r\nKey = a = b \rbare\n= x\n[open\n\u{a0}N\u{a0}=v\n\n[a[b]c]\n[AC][X]\n[a]b[c]";
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
            (Kind::Header, "AC][X", ""),
            (Kind::Header, "a", ""),
        ];
        let expect: Vec<_> = expect
            .iter()
            .map(|(kind, key, value)| (*kind, (*key).into(), (*value).into()))
            .collect();
        assert_eq!(got, expect);
    }

    #[test]
    fn nothing_of_one_text_is_known_of_the_next() {
        use crate::ini::record::View;
        let dialect = Dialect::default();
        let mut scan = Scan::new(b"a=1\r\n", &dialect);
        for (text, crlf) in [(&b"a=1\r\n"[..], true), (b"a=1\n", false)] {
            let view = View {
                text,
                scan: &scan,
                dialect: &dialect,
                confine: None,
            };
            assert_eq!(view.has_crlf(), crlf);
            scan.clear();
        }
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
        fn any_bytes_are_scanned_without_loss(
            bytes in prop::collection::vec(
                prop_oneof![
                    4 => prop::sample::select(&b"[]=:;#\"'\\ \t\r\n\x0b\x0cak"[..]),
                    1 => any::<u8>(),
                ],
                0..60,
            ),
            preset in 0..=PRESETS.len(),
            continuation in 0..4usize,
        ) {
            let mut dialect = PRESETS.get(preset).map_or_else(Dialect::default, |preset| (preset.rules)());
            match continuation {
                0 => dialect.continuation = Continuation::None,
                1 => dialect.continuation = Continuation::Indent,
                2 => dialect.continuation = Continuation::Backslash { trims: false,
                    blank: false, escaped: false, over_comments: false,
                },
                _ => {}
            }
            let scan = Scan::new(&bytes, &dialect);
            let mut glued = Vec::new();
            for item in &scan.items {
                prop_assert!(!item.span.is_empty());
                for part in [item.key, item.value] {
                    prop_assert!(part.start <= part.end);
                    prop_assert!(part.start >= item.span.start && part.end <= item.span.end);
                }
                glued.extend_from_slice(item.span.of(&bytes));
                let _ = crate::ini::value::logical(&bytes, item, &dialect);
            }
            prop_assert_eq!(glued, bytes);
        }

        #[test]
        fn items_glued_together_are_the_text(
            text in "([\\[\\]=:;#\"'\\\\ \t\ra-c\n]|\r\n|\\PC){0,80}",
            preset in 0..=PRESETS.len(),
        ) {
            let dialect = PRESETS.get(preset).map_or_else(Dialect::default, |preset| (preset.rules)());
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
