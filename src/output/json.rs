//! JSON Lines in ripgrep's schema: begin, match, context, end, summary; a match brings its record, too.

use super::escape::controls;
use super::text::{Line, Printer, Role};
use crate::pattern::MatchError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use std::io::Write;
use std::time::{Duration, Instant};
use termcolor::Buffer;

/// Bytes as `{"text": …}`, or as `{"bytes": …}` in base64 where they are not UTF-8.
pub struct Data<'b>(pub &'b [u8]);

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(self.0) {
            Ok(text) => to.collect_map([("text", text)]),
            Err(_) => to.collect_map([("bytes", STANDARD.encode(self.0))]),
        }
    }
}

#[derive(Serialize)]
struct Message<'m, T> {
    #[serde(rename = "type")]
    kind: &'m str,
    data: &'m T,
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
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Stats {
    /// Time spent.
    #[serde(serialize_with = "duration")]
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
}

fn duration<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
    let human = format!("{:.6}s", time.as_secs_f64());
    json!({ "secs": time.as_secs(), "nanos": time.subsec_nanos(), "human": human }).serialize(to)
}

/// The end of all.
pub fn summary(out: &mut Buffer, stats: &Stats) {
    #[derive(Serialize)]
    struct Summary<'s> {
        #[serde(serialize_with = "duration")]
        elapsed_total: Duration,
        stats: &'s Stats,
    }
    let elapsed_total = stats.elapsed;
    message(
        out,
        "summary",
        &Summary {
            elapsed_total,
            stats,
        },
    );
}

/// The lines of one file, between its begin and its end, which are printed where there are any.
pub struct JsonFile<'p> {
    printer: &'p Printer<'p>,
    stats: Stats,
}

#[derive(Serialize)]
struct JsonLine<'l> {
    path: Data<'l>,
    lines: Data<'l>,
    line_number: Option<u64>,
    absolute_offset: u64,
    submatches: &'l [Submatch<'l>],
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<Value>,
}

/// One match of a line.
#[derive(Serialize)]
struct Submatch<'l> {
    #[serde(rename = "match")]
    text: Data<'l>,
    start: usize,
    end: usize,
}

impl<'p> JsonFile<'p> {
    /// That of a printer's path.
    pub fn new(printer: &'p Printer<'p>) -> JsonFile<'p> {
        JsonFile {
            printer,
            stats: Stats::default(),
        }
    }

    /// Prints a line that begins at that offset in the file, with its record: section, and keys shown with it.
    ///
    /// # Errors
    /// A match that took too much.
    pub fn line(
        &mut self,
        out: &mut Buffer,
        line: &Line<'_>,
        offset: u64,
        record: Option<Value>,
    ) -> Result<(), MatchError> {
        let Printer { path, settings, .. } = *self.printer;
        let path = || Data(path);
        if self.stats.bytes_printed == 0 {
            self.stats.bytes_printed = message(out, "begin", &json!({ "path": path() }));
        }
        let matching = line.role == Role::Selected;
        let mut submatches = Vec::new();
        if matching && !settings.invert {
            self.printer.each_match(line, |found| {
                submatches.push(Submatch {
                    text: Data(&line.text[found.clone()]),
                    start: found.start,
                    end: found.end,
                });
            })?;
        }
        self.stats.matched_lines += u64::from(matching);
        self.stats.matches += submatches.len() as u64;
        let kind = if matching { "match" } else { "context" };
        let line = JsonLine {
            path: path(),
            lines: Data(line.text),
            line_number: settings.line_number.then_some(line.number),
            absolute_offset: offset,
            submatches: &submatches,
            record,
        };
        self.stats.bytes_printed += message(out, kind, &line);
        Ok(())
    }

    /// Ends the file, of which `bytes` were searched since `started` and `found` lines were selected; what that came to.
    pub fn end(&self, out: &mut Buffer, bytes: u64, found: u64, started: Instant) -> Stats {
        let stats = self.stats.of_file(bytes, found, started);
        if stats.bytes_printed > 0 {
            let path = Data(self.printer.path);
            let end = json!({ "path": path, "binary_offset": Value::Null, "stats": stats });
            message(out, "end", &end);
        }
        stats
    }
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
