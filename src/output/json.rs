//! JSON Lines in ripgrep's schema: begin, match, context, end, summary; a match brings its record, too.

use super::escape::controls;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};
use std::io::Write;
use std::ops::Range;
use std::time::{Duration, Instant};
use termcolor::Buffer;

/// Bytes as `{"text": …}`, or as `{"bytes": …}` in base64 where they are not UTF-8.
pub struct Data<'b>(pub &'b [u8]);

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(1))?;
        match std::str::from_utf8(self.0) {
            Ok(text) => map.serialize_entry("text", text)?,
            Err(_) => map.serialize_entry("bytes", &STANDARD.encode(self.0))?,
        }
        map.end()
    }
}

struct Message<'m, T> {
    kind: &'m str,
    data: &'m T,
}

impl<T: Serialize> Serialize for Message<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(2))?;
        map.serialize_entry("type", self.kind)?;
        map.serialize_entry("data", self.data)?;
        map.end()
    }
}

/// Prints one message on a line of its own; how many bytes that were.
pub fn message(out: &mut Buffer, kind: &str, data: &impl Serialize) -> u64 {
    // All keys are strings, and writing to memory does not fail.
    let mut text = plain(serde_json::to_string(&Message { kind, data }).unwrap_or_default());
    text.push('\n');
    let _ = out.write_all(text.as_bytes());
    text.len() as u64
}

/// JSON text with those characters escaped, too, that JSON allows as they are: DEL, C1, what changes the direction of text
/// and what is not seen. They stand in strings only.
fn plain(text: String) -> String {
    // Most text is plain ASCII, which is recognised sooner.
    let ascii = text.is_ascii() && memchr::memchr(0x7f, text.as_bytes()).is_none();
    if ascii || !text.contains(controls) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 16);
    for char in text.chars() {
        if controls(char) {
            for unit in char.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(char);
        }
    }
    out
}

/// What a search came to, as ripgrep counts it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    /// Time spent.
    pub elapsed: Duration,
    /// Files searched.
    pub searches: u64,
    /// Files with a match.
    pub searches_with_match: u64,
    /// Bytes searched.
    pub bytes_searched: u64,
    /// Bytes printed as JSON for files with a match, less the end message, which holds the number.
    pub bytes_printed: u64,
    /// Lines that matched.
    pub matched_lines: u64,
    /// Matches in them.
    pub matches: u64,
}

impl Stats {
    /// Those of one file, of which `bytes` were searched since `started` and `found` lines were selected.
    pub fn of_file(self, bytes: u64, found: u64, started: Instant) -> Stats {
        Stats {
            searches: 1,
            bytes_searched: bytes,
            searches_with_match: u64::from(found > 0),
            elapsed: started.elapsed(),
            ..self
        }
    }

    fn value(&self) -> Value {
        json!({
            "elapsed": duration(self.elapsed),
            "searches": self.searches,
            "searches_with_match": self.searches_with_match,
            "bytes_searched": self.bytes_searched,
            "bytes_printed": self.bytes_printed,
            "matched_lines": self.matched_lines,
            "matches": self.matches,
        })
    }
}

fn duration(time: Duration) -> Value {
    json!({
        "secs": time.as_secs(),
        "nanos": time.subsec_nanos(),
        "human": format!("{:.6}s", time.as_secs_f64()),
    })
}

/// The start of a file with matches; how many bytes were printed.
pub fn begin(out: &mut Buffer, path: &[u8]) -> u64 {
    message(out, "begin", &json!({ "path": Data(path) }))
}

/// The end of a file with matches.
pub fn end(out: &mut Buffer, path: &[u8], binary_offset: Option<u64>, stats: &Stats) {
    let end = json!({ "path": Data(path), "binary_offset": binary_offset, "stats": stats.value() });
    message(out, "end", &end);
}

/// The end of all.
pub fn summary(out: &mut Buffer, stats: &Stats) {
    let summary = json!({ "elapsed_total": duration(stats.elapsed), "stats": stats.value() });
    message(out, "summary", &summary);
}

/// A line of a file.
pub struct JsonLine<'l> {
    /// The file's path.
    pub path: &'l [u8],
    /// The line, with its terminator.
    pub text: &'l [u8],
    /// Its number, from 1, if numbers are counted.
    pub number: Option<u64>,
    /// Its byte offset in the file.
    pub offset: u64,
    /// Its matches, as offsets into the line.
    pub matches: &'l [Range<usize>],
    /// Its record: section, keys shown with it.
    pub record: Option<Value>,
}

impl Serialize for JsonLine<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let submatches: Vec<Submatch<'_>> = (self.matches.iter())
            .map(|at| Submatch {
                text: &self.text[at.clone()],
                at,
            })
            .collect();
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("path", &Data(self.path))?;
        map.serialize_entry("lines", &Data(self.text))?;
        map.serialize_entry("line_number", &self.number)?;
        map.serialize_entry("absolute_offset", &self.offset)?;
        map.serialize_entry("submatches", &submatches)?;
        if let Some(record) = &self.record {
            map.serialize_entry("record", record)?;
        }
        map.end()
    }
}

/// One match of a line.
struct Submatch<'l> {
    text: &'l [u8],
    at: &'l Range<usize>,
}

impl Serialize for Submatch<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(3))?;
        map.serialize_entry("match", &Data(self.text))?;
        map.serialize_entry("start", &self.at.start)?;
        map.serialize_entry("end", &self.at.end)?;
        map.end()
    }
}

/// A matching line (`matching`) or one of context; how many bytes were printed.
pub fn line(out: &mut Buffer, line: &JsonLine<'_>, matching: bool) -> u64 {
    message(out, if matching { "match" } else { "context" }, line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_text_or_base64() {
        assert_eq!(json!(Data("é".as_bytes())), json!({ "text": "é" }));
        assert_eq!(json!(Data(b"\xff")), json!({ "bytes": "/w==" }));
    }

    #[test]
    fn what_controls_a_terminal_is_escaped_and_read_back() {
        let text = "é\u{9b}\u{202e}\u{e0041}\u{7f}\n";
        let shown = plain(json!(text).to_string());
        assert_eq!(shown, r#""é\u009b\u202e\udb40\udc41\u007f\n""#);
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
    }
}
