//! How many columns text takes on a terminal, and which part of a line is shown where it takes too many.

use super::escape;
use std::ops::Range;
use unicode_width::UnicodeWidthChar;

/// Columns from one tab stop to the next.
const TAB: usize = 8;

/// What stands for what is cut off, one column wide; `unicode`: the terminal shows more than ASCII.
pub fn cut_mark(unicode: bool) -> &'static str {
    if unicode { "…" } else { "~" }
}

/// How many columns something takes that is printed from column `column` on, tabs reaching to the next stop. `escape`:
/// what controls a terminal is printed escaped.
pub fn width(text: &[u8], column: usize, escape: bool) -> usize {
    let mut at = column;
    let mut rest = text;
    while !rest.is_empty() {
        let (char, size) = bstr::decode_utf8(rest);
        at += width_of(char, size, at, escape);
        rest = &rest[size..];
    }
    at - column
}

/// How many columns one character takes at `column`; none: `size` bytes that are no text.
fn width_of(char: Option<char>, size: usize, column: usize, escape: bool) -> usize {
    match char {
        Some('\t') => TAB - column % TAB,
        Some(char) if escape && escape::controls(char) => escape::length(char),
        Some(char) => char.width().unwrap_or(0),
        None if escape => size * escape::BYTE,
        None => size,
    }
}

/// Room for a line on a terminal.
#[derive(Clone, Copy, Debug)]
pub struct CellRoom {
    /// The column in which its text begins.
    pub start: usize,
    /// How many columns its text may take.
    pub columns: usize,
    /// Whether what controls a terminal is printed escaped.
    pub escape: bool,
}

impl CellRoom {
    /// The part of `text` that is shown: all of it, or so much as there is room for next to a mark of one column for each
    /// end that is cut off. `first` is the first match, which stays in sight.
    ///
    /// # Errors
    /// What `first` says.
    pub fn window<E>(
        self,
        text: &[u8],
        first: impl FnOnce() -> Result<Option<Range<usize>>, E>,
    ) -> Result<Range<usize>, E> {
        let end = self.end(text, 0);
        if end == text.len() {
            return Ok(0..end);
        }
        let Some(found) = first()?.filter(|found| found.end > end) else {
            return Ok(0..end);
        };
        // A mark on either side, and the match in the middle.
        let room = self.columns.saturating_sub(2);
        let matched = width(&text[found.clone()], 0, self.escape);
        let lead = self.start_before(text, found.start, room.saturating_sub(matched) / 2);
        // Near the end of the line, no room is left empty.
        let tail = self.start_before(text, text.len(), self.columns.saturating_sub(1));
        let start = lead.min(tail);
        Ok(start..self.end(text, start))
    }

    /// The beginning and the end of `text` that fit with a mark between them.
    pub fn ends(self, text: &[u8]) -> (Range<usize>, Range<usize>) {
        let room = self.columns.saturating_sub(1);
        let tail = self.start_before(text, text.len(), room / 2);
        let left = CellRoom {
            columns: room - width(&text[tail..], 0, self.escape).min(room) + 1,
            ..self
        };
        let head = left.end(text, 0).min(tail);
        (0..head, tail..text.len())
    }

    /// Where the part of `text` ends that begins at `from` and fits with its marks.
    fn end(self, text: &[u8], from: usize) -> usize {
        let last = self.start + self.columns;
        let mut column = self.start + usize::from(from > 0);
        let (mut at, mut kept) = (from, from);
        while at < text.len() {
            let (char, size) = bstr::decode_utf8(&text[at..]);
            column += width_of(char, size, column, self.escape);
            if column > last {
                return kept;
            }
            at += size;
            // Short of the end, a mark follows.
            if column < last {
                kept = at;
            }
        }
        text.len()
    }

    /// The earliest place from which the text before `end` takes at most `columns`, wherever its tabs stop.
    fn start_before(self, text: &[u8], end: usize, columns: usize) -> usize {
        let (mut start, mut at, mut used) = (end, end, 0);
        while at > 0 {
            let (char, size) = bstr::decode_last_utf8(&text[..at]);
            let width = width_of(char, size, 0, self.escape);
            used += width;
            if used > columns {
                break;
            }
            at -= size;
            // A mark that joins the character before it stays with it.
            if width > 0 {
                start = at;
            }
        }
        start
    }
}

#[cfg(test)]
mod tests {
    use super::super::escape::escaped;
    use super::*;
    use bstr::ByteSlice;
    use proptest::prelude::*;

    fn shown(text: &str, columns: usize, first: Option<Range<usize>>) -> String {
        let room = CellRoom {
            start: 0,
            columns,
            escape: true,
        };
        let window = room.window(text.as_bytes(), || Ok::<_, ()>(first)).unwrap();
        let mark = |cut: bool| if cut { "…" } else { "" };
        let kept = escaped(&text.as_bytes()[window.clone()], true).into_owned();
        let kept = String::from_utf8(kept).unwrap();
        format!(
            "{}{kept}{}",
            mark(window.start > 0),
            mark(window.end < text.len())
        )
    }

    #[test]
    fn columns_are_what_a_terminal_takes() {
        for (text, column, escaped, raw) in [
            (&b"plain"[..], 0, 5, 5),
            ("日本".as_bytes(), 0, 4, 4),
            ("e\u{301}".as_bytes(), 0, 1, 1),
            ("a\u{200d}b".as_bytes(), 0, 2, 2),
            (b"a\tb", 0, 9, 9),
            (b"a\tb", 6, 3, 3),
            (b"\t", 8, 8, 8),
            (b"\x1b[m", 0, 6, 2),
            ("\u{202e}".as_bytes(), 0, 8, 0),
            ("\u{9b}".as_bytes(), 0, 6, 0),
            (b"\xff\xe6\x97", 0, 12, 3),
        ] {
            assert_eq!(width(text, column, true), escaped, "{text:?}");
            assert_eq!(width(text, column, false), raw, "{text:?}");
        }
    }

    #[test]
    fn a_line_is_cut_where_the_room_ends() {
        for (text, columns, expected) in [
            ("abcdef", 6, "abcdef"),
            ("abcdefg", 6, "abcde…"),
            ("日本語", 6, "日本語"),
            ("日本語x", 6, "日本…"),
            ("e\u{301}e\u{301}e\u{301}", 3, "e\u{301}e\u{301}e\u{301}"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
            ("a\tbc", 10, "a\tbc"),
            ("a\tbc", 9, "a\t…"),
            ("a\tbc", 8, "a…"),
            ("ab\x1b", 6, "ab\\x1b"),
            ("ab\x1b", 5, "ab…"),
            ("ab", 1, "…"),
        ] {
            assert_eq!(shown(text, columns, None), expected);
        }
    }

    #[test]
    fn the_first_match_stays_in_sight() {
        let text = "日".repeat(20) + "NEEDLE" + &"本".repeat(20);
        let at = text.find("NEEDLE").unwrap();
        let found = Some(at..at + 6);
        assert_eq!(shown(&text, 16, found.clone()), "…日日NEEDLE本本…");
        assert_eq!(shown(&text, 15, found), "…日NEEDLE本本…");
        let text = "x".repeat(40) + "NEEDLE";
        let expected = format!("…{}NEEDLE", "x".repeat(9));
        assert_eq!(shown(&text, 16, Some(40..46)), expected);
        assert_eq!(shown(&text, 4, Some(40..46)), "…NE…");
        let room = CellRoom {
            start: 0,
            columns: 20,
            escape: true,
        };
        let value = "Mailbox = /o=F/ou=Leeds/cn=Recipients/cn=jdoe";
        let (head, tail) = room.ends(value.as_bytes());
        assert_eq!((&value[head], &value[tail]), ("Mailbox = ", "s/cn=jdoe"));
    }

    proptest! {
        #[test]
        fn no_line_takes_more_than_its_room(
            text in "[a-c\t\u{1b}日\u{301}é\u{202e}]{0,40}",
            start in 0..20_usize,
            columns in 1..50_usize,
            escape: bool,
            at in 0..100_usize,
        ) {
            let text = text.as_bytes();
            let first = text.char_indices().nth(at).map(|(start, end, _)| start..end);
            let room = CellRoom { start, columns, escape };
            let window = room.window(text, || Ok::<_, ()>(first.clone())).unwrap();
            let (left, right) = (window.start > 0, window.end < text.len());
            let marks = usize::from(left) + usize::from(right);
            let taken = width(&text[window.clone()], start + usize::from(left), escape);
            prop_assert!(taken + marks <= columns.max(2), "{window:?} {taken}");
            if let Some(first) = first.filter(|_| columns > 10) {
                prop_assert!(window.start <= first.start && first.end <= window.end);
            }
        }
    }
}
