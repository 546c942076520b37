//! JSON Lines in ripgrep's schema: begin, match, context, end, summary; a match brings its record besides.

use super::escape::controls;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::ops::Range;
use std::time::Duration;
use termcolor::Buffer;

/// Bytes as `{"text": …}`, or as `{"bytes": …}` in base64 where they are not UTF-8.
pub fn data(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => json!({ "text": text }),
        Err(_) => json!({ "bytes": STANDARD.encode(bytes) }),
    }
}

/// Prints one message on a line of its own; how many bytes that were.
pub fn message(out: &mut Buffer, kind: &str, data: Value) -> u64 {
    let before = out.len();
    let text = json!({ "type": kind, "data": data }).to_string();
    // Writing to memory does not fail.
    let _ = writeln!(out, "{}", plain(text));
    (out.len() - before) as u64
}

/// JSON text with those characters escaped, too, that JSON allows as they are: DEL, C1, what changes the direction of text
/// and what is not seen. They stand in strings only.
fn plain(text: String) -> String {
    if !text.contains(controls) {
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
    /// Bytes printed as JSON for files with a match, less the end message, which tells it.
    pub bytes_printed: u64,
    /// Lines that matched.
    pub matched_lines: u64,
    /// Matches in them.
    pub matches: u64,
}

impl Stats {
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
    message(out, "begin", json!({ "path": data(path) }))
}

/// The end of a file with matches.
pub fn end(out: &mut Buffer, path: &[u8], binary_offset: Option<u64>, stats: &Stats) {
    let end = json!({ "path": data(path), "binary_offset": binary_offset, "stats": stats.value() });
    message(out, "end", end);
}

/// The end of all.
pub fn summary(out: &mut Buffer, stats: &Stats) {
    let summary = json!({ "elapsed_total": duration(stats.elapsed), "stats": stats.value() });
    message(out, "summary", summary);
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

/// A matching line (`matching`) or one of context; how many bytes were printed.
pub fn line(out: &mut Buffer, line: &JsonLine<'_>, matching: bool) -> u64 {
    let submatches: Vec<Value> = line
        .matches
        .iter()
        .map(
            |at| json!({ "match": data(&line.text[at.clone()]), "start": at.start, "end": at.end }),
        )
        .collect();
    let mut body = Map::new();
    body.insert("path".into(), data(line.path));
    body.insert("lines".into(), data(line.text));
    body.insert("line_number".into(), json!(line.number));
    body.insert("absolute_offset".into(), json!(line.offset));
    body.insert("submatches".into(), Value::Array(submatches));
    if let Some(record) = &line.record {
        body.insert("record".into(), record.clone());
    }
    message(
        out,
        if matching { "match" } else { "context" },
        Value::Object(body),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_text_or_base64() {
        assert_eq!(data("é".as_bytes()), json!({ "text": "é" }));
        assert_eq!(data(b"\xff"), json!({ "bytes": "/w==" }));
    }

    #[test]
    fn what_controls_a_terminal_is_escaped_and_read_back() {
        let text = "é\u{9b}\u{202e}\u{e0041}\u{7f}\n";
        let shown = plain(json!(text).to_string());
        assert_eq!(shown, r#""é\u009b\u202e\udb40\udc41\u007f\n""#);
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
    }
}
