//! Edits of a file's text, before they are edits of its bytes, and why there are none.

use crate::ini::record::View;
use std::ops::Range;

/// A change of the text: the bytes at `span` become `new`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEdit {
    /// Byte offsets in the text.
    pub span: Range<usize>,
    /// UTF-8 (or, where the text is not, bytes).
    pub new: Vec<u8>,
    /// What it means to the line it is in.
    pub effect: Effect,
}

/// What an edit means to the lines of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Text is replaced, whatever it is.
    Text,
    /// The value of a key line becomes the new text.
    Value,
    /// A key line comes in, after the line before it.
    Insert {
        /// Its key.
        key: Vec<u8>,
        /// Its value; none: it has none.
        value: Option<Vec<u8>>,
    },
    /// A header comes in, maybe with a blank line before it.
    Header {
        /// The section's name.
        name: Vec<u8>,
    },
    /// One or more lines go.
    Remove,
}

impl Effect {
    /// Whether a line comes in.
    pub(super) fn inserts(&self) -> bool {
        matches!(self, Effect::Insert { .. } | Effect::Header { .. })
    }
}

/// Why a file is not edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Byte offset in the text of the line it is about; none: the whole file.
    pub at: Option<usize>,
    /// What is in the way, and the way out.
    pub reason: String,
}

impl Refusal {
    /// A refusal for the line at `at`.
    pub fn at(at: usize, reason: impl Into<String>) -> Refusal {
        Refusal {
            at: Some(at),
            reason: reason.into(),
        }
    }

    /// A refusal for the line of `item`.
    pub fn of(view: &View<'_>, item: usize, reason: impl Into<String>) -> Refusal {
        let item = view.scan.items.get(item);
        Refusal::at(item.map_or(0, |item| item.span.start as usize), reason)
    }

    /// What it has in common with refusals of other lines: the first thing in the way, without names and numbers.
    pub fn kind(&self) -> String {
        let first = self.reason.split(';').next().unwrap_or_default();
        let mut kind = String::new();
        let mut chars = first.chars();
        while let Some(char) = chars.next() {
            match char {
                '0'..='9' if kind.ends_with('N') => {}
                '0'..='9' => kind.push('N'),
                '\'' | '[' => {
                    let close = if char == '[' { ']' } else { char };
                    kind.extend([char, '.', '.', '.']);
                    kind.extend(chars.find(|char| *char == close));
                }
                _ => kind.push(char),
            }
        }
        kind
    }
}

/// A name or value for a message.
pub(super) fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A file whose last line has no end keeps having none: where lines go from its end, the line end before them goes too.
/// The edits are in order.
pub fn keep_missing_end(text: &[u8], edits: &mut [TextEdit]) {
    let mut end = text.len();
    if text.ends_with(b"\n") {
        return;
    }
    // A line that comes in after the last one brings the line end along that stood before it.
    let gone = edits.iter().rposition(|edit| !edit.span.is_empty());
    let gone = gone.map_or(0, |last| last + 1);
    for at in (0..gone).rev() {
        if edits[at].effect != Effect::Remove || edits[at].span.end != end {
            return;
        }
        let before = &text[..edits[at].span.start];
        end = edits[at].span.start;
        let more =
            at > 0 && edits[at - 1].effect == Effect::Remove && edits[at - 1].span.end == end;
        // An empty line before is a line of its own, and stays.
        let left = before.strip_suffix(b"\r\n");
        let left = left.or(before.strip_suffix(b"\n")).unwrap_or(before);
        if !more && !left.is_empty() && !left.ends_with(b"\n") {
            edits[at].span.start = left.len();
        }
    }
}

/// Puts edits in order and checks that no two touch.
///
/// # Errors
/// Two changes of one place.
pub fn ordered(mut edits: Vec<TextEdit>) -> Result<Vec<TextEdit>, Refusal> {
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    edits.dedup();
    // Several lines may come in at one place, each key once.
    let same_key = |pair: &[TextEdit]| match (&pair[0].effect, &pair[1].effect) {
        (Effect::Insert { key: a, .. }, Effect::Insert { key: b, .. }) => a == b,
        _ => false,
    };
    let clash = edits.windows(2).find(|pair| {
        pair[0].span.end > pair[1].span.start
            || pair[0].span.start == pair[1].span.start
                && (!pair.iter().all(|edit| edit.effect.inserts()) || same_key(pair))
    });
    match clash {
        Some(pair) => Err(Refusal::at(
            pair[1].span.start,
            "two changes of one place; make them in two runs",
        )),
        None => Ok(edits),
    }
}

/// The text with its edits made; they are in order and do not touch.
pub fn applied(text: &[u8], edits: &[TextEdit]) -> Vec<u8> {
    applied_within(text, 0..text.len(), edits)
}

/// What a part of the text becomes by the edits in it.
pub(super) fn applied_within(text: &[u8], part: Range<usize>, edits: &[TextEdit]) -> Vec<u8> {
    let mut out = Vec::with_capacity(part.len() + 64);
    let mut at = part.start;
    for edit in edits {
        out.extend_from_slice(&text[at..edit.span.start]);
        out.extend_from_slice(&edit.new);
        at = edit.span.end.min(part.end).max(edit.span.start);
    }
    out.extend_from_slice(&text[at..part.end]);
    out
}
