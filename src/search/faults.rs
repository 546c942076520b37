//! What is wrong with a file: what an edit would refuse, or a program might read otherwise than another.

use crate::change::doubt;
use crate::ini::dialect::{Duplicates, Repeated};
use crate::ini::record::View;
use crate::ini::scan::{Kind, line_at};
use crate::output::messages::shown_path;
use std::collections::HashMap;

/// A fault: the offset in the text of its line, and a sentence about it.
pub(super) type Fault = (usize, String);

/// A line as the file has it, for what its text does not show.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileLine<'f> {
    /// Its bytes, line end included.
    pub bytes: &'f [u8],
    /// Its end as the file has it; none: it has none.
    pub end: Option<&'static str>,
}

/// The faults of a file, by line. `line` gives a line of the text, from the offset of its start to that of its end, as the
/// file has it; `utf16`: the file is UTF-16, so that its bytes are no text.
pub(super) fn faults<'f>(
    view: &View<'_>,
    utf16: bool,
    line: &dyn Fn(usize, usize) -> FileLine<'f>,
) -> Vec<Fault> {
    let mut all = Vec::new();
    structure(view, &mut all);
    duplicates(view, &mut all);
    lines(view.text, utf16, line, &mut all);
    if let Err(refusal) = doubt::check_nul(view.text) {
        all.push((refusal.at.unwrap_or(0), refusal.reason));
    }
    all.sort();
    all
}

fn structure(view: &View<'_>, all: &mut Vec<Fault>) {
    for item in &view.scan.items {
        if item.kind != Kind::Malformed {
            continue;
        }
        let line = &view.text[view.dialect.blanks.trim(view.text, item.span.range())];
        let what = if line.starts_with(b"[") {
            "a section header without ']'"
        } else {
            "no key before the delimiter"
        };
        all.push((item.span.start as usize, what.to_owned()));
    }
}

fn duplicates(view: &View<'_>, all: &mut Vec<Fault>) {
    // Lines are counted once: offsets ascend.
    let (mut counted, mut number) = (0, 1);
    let mut line_number = |at: usize| {
        number += memchr::memchr_iter(b'\n', &view.text[counted..at]).count();
        counted = at;
        number
    };
    let mut sections: HashMap<Vec<u8>, usize> = HashMap::new();
    for section in 0..view.scan.sections.len() {
        let mut keys: HashMap<_, usize> = HashMap::new();
        for item in view.scan.items_of(section) {
            let at = item.span.start as usize;
            let here = line_number(at);
            if item.kind == Kind::Header && view.dialect.repeated != Repeated::Merged {
                let name = view.section_name(section);
                let identity = view.dialect.section_identity(name);
                let first = *sections.entry(identity).or_insert(here);
                if first != here {
                    let name = shown_path(name);
                    all.push((at, format!("section [{name}] is in line {first} already")));
                }
            } else if item.has_key() {
                let key = item.key.of(view.text);
                // The file's program takes each of its lines.
                if view.dialect.duplicates_of(key) == Some(Duplicates::All) {
                    continue;
                }
                let identity = view.dialect.key_identity(key).into_owned();
                let first = *keys.entry(identity).or_insert(here);
                if first != here {
                    let key = shown_path(key);
                    all.push((
                        at,
                        format!("key '{key}' is in line {first} of its section already"),
                    ));
                }
            }
        }
    }
}

fn lines<'f>(
    text: &[u8],
    utf16: bool,
    line: &dyn Fn(usize, usize) -> FileLine<'f>,
    all: &mut Vec<Fault>,
) {
    let (mut at, mut number) = (0, 0);
    let mut first_end: Option<&str> = None;
    let mut ends_mixed = false;
    // The number of a line that is UTF-8 beyond ASCII, and of one that is not UTF-8.
    let (mut utf8, mut other): (Option<usize>, Option<usize>) = (None, None);
    while at < text.len() {
        let (_, next) = line_at(text, at);
        let here = line(at, next);
        number += 1;
        match (here.end, first_end) {
            (None, _) => all.push((at, "the last line has no line end".to_owned())),
            (Some(end), None) => first_end = Some(end),
            (Some(end), Some(first)) if end != first && !ends_mixed => {
                ends_mixed = true;
                let (end, first) = (name_of(end), name_of(first));
                let what = format!("the line ends in {end}, the lines before in {first}");
                all.push((at, what));
            }
            _ => {}
        }
        if !utf16 && !here.bytes.is_ascii() && (utf8.is_none() || other.is_none()) {
            let is_utf8 = std::str::from_utf8(here.bytes).is_ok();
            let (mine, its) = if is_utf8 {
                (&mut utf8, other)
            } else {
                (&mut other, utf8)
            };
            if mine.is_none()
                && let Some(before) = its
            {
                let what = if is_utf8 {
                    format!("the line is UTF-8, line {before} is not")
                } else {
                    format!("the line is not UTF-8, line {before} is")
                };
                all.push((at, what));
            }
            mine.get_or_insert(number);
        }
        at = next;
    }
}

fn name_of(end: &str) -> &'static str {
    match end {
        "\r\n" => "CRLF",
        "\r" => "CR",
        _ => "LF",
    }
}
