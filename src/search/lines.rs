//! The lines of a text that match: anywhere in them, or in the part that is asked for.

use super::findings::Selected;
use super::opened::Failure;
use crate::ini::dialect::Dialect;
use crate::ini::record::View;
use crate::ini::scan::{self, Kind, line_at};
use crate::pattern::Matcher;
use crate::plan::{Job, Part};
use std::ops::Range;

/// The physical line that starts at `start`, line end included.
pub(super) fn first_line(text: &[u8], start: usize) -> Range<usize> {
    start..line_at(text, start).1
}

/// The lines in a stretch of whole lines.
pub(super) fn lines_in(
    text: &[u8],
    mut span: Range<usize>,
) -> impl Iterator<Item = Range<usize>> + use<'_> {
    std::iter::from_fn(move || {
        let line = (span.start < span.end).then(|| first_line(text, span.start))?;
        span.start = line.end;
        Some(line)
    })
}

/// The lines in a stretch of whole lines, the last one first.
pub(super) fn lines_back(
    text: &[u8],
    mut span: Range<usize>,
) -> impl Iterator<Item = Range<usize>> + use<'_> {
    std::iter::from_fn(move || {
        let last = span.end.checked_sub(1).filter(|last| *last >= span.start)?;
        let start = memchr::memrchr(b'\n', &text[..last]).map_or(0, |end| end + 1);
        let line = start..span.end;
        span.end = start;
        Some(line)
    })
}

/// A line's content: without LF, and without a CR before it.
pub(super) fn content(text: &[u8], line: &Range<usize>) -> Range<usize> {
    let bytes = &text[line.clone()];
    let bytes = bytes
        .strip_suffix(b"\n")
        .map_or(bytes, |bytes| bytes.strip_suffix(b"\r").unwrap_or(bytes));
    line.start..line.start + bytes.len()
}

/// The lines of `text` that match (or do not, with `-v`), at most `limit`.
pub(super) fn matching_lines(
    job: &Job,
    text: &[u8],
    matcher: &Matcher,
    limit: Option<u64>,
) -> Result<Vec<Selected>, Failure> {
    let limit = limit.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    });
    let selected = |line: Range<usize>| Selected {
        field: content(text, &line),
        line,
    };
    let mut lines = Vec::new();
    let mut at = 0;
    while at < text.len() && lines.len() < limit {
        let found = matcher.find_line(text, at)?;
        let next = found.as_ref().map_or(text.len(), |line| line.end);
        if job.output.invert {
            let end = found.map_or(text.len(), |line| line.start);
            let others = lines_in(text, at..end).take(limit - lines.len());
            lines.extend(others.map(selected));
        } else {
            lines.extend(found.map(selected));
        }
        at = next;
    }
    Ok(lines)
}

/// The lines whose part, section or key is asked for and matches (or does not, with `-v`), at most `limit`.
pub(super) fn confined_lines(
    job: &Job,
    view: &View<'_>,
    matcher: &Matcher,
    limit: Option<u64>,
) -> Result<Vec<Selected>, Failure> {
    let ini = &job.ini;
    let mut lines = Vec::new();
    for (section_at, section) in view.scan.sections.iter().enumerate() {
        let name = view.section_name(section_at);
        let in_section = ini
            .section
            .as_ref()
            .is_none_or(|glob| glob.matches_section(name, view.dialect));
        for item in &view.scan.items[section.items.clone()] {
            let key_matches = ini.key.as_ref().is_none_or(|glob| {
                item.kind == Kind::Key && glob.matches_key(item.key.of(view.text), view.dialect)
            });
            let part = if ini.key.is_some() {
                Part::Value
            } else {
                ini.part
            };
            for line in lines_in(view.text, item.span.range()) {
                let field = match in_section && key_matches {
                    true => part_of(view, item, &line, part),
                    false => None,
                };
                let matched = match &field {
                    Some(field) => matcher.is_match(&view.text[field.clone()])?,
                    None => false,
                };
                if matched != job.output.invert {
                    if limit.is_some_and(|limit| lines.len() as u64 >= limit) {
                        return Ok(lines);
                    }
                    let field = field.unwrap_or_else(|| content(view.text, &line));
                    lines.push(Selected { line, field });
                }
            }
        }
    }
    Ok(lines)
}

/// The part of one physical line of `item` that patterns see, if it has that part.
fn part_of(
    view: &View<'_>,
    item: &scan::Item,
    line: &Range<usize>,
    part: Part,
) -> Option<Range<usize>> {
    let first = line.start == item.span.start as usize;
    match (part, item.kind) {
        (Part::Line, _) => Some(content(view.text, line)),
        (Part::Section, Kind::Header) => Some(item.key.range()),
        (Part::Key, Kind::Key | Kind::Bare) if first => Some(item.key.range()),
        (Part::Value, Kind::Key) => {
            let value = item.value.range();
            let here = content(view.text, line);
            let here = here.start.max(value.start)..here.end.min(value.end);
            (here.start <= here.end && (first || here.start < here.end)).then(|| {
                let trimmed = view.dialect.blanks.trim(view.text, here);
                if first {
                    inner_value(view.text, trimmed, item, view.dialect)
                } else {
                    trimmed
                }
            })
        }
        (Part::Comment, Kind::Comment) => Some(content(view.text, line)),
        _ => None,
    }
}

/// A value without its outer quotes, where the dialect drops them.
fn inner_value(
    text: &[u8],
    value: Range<usize>,
    item: &scan::Item,
    dialect: &Dialect,
) -> Range<usize> {
    use crate::ini::dialect::Quoting;
    let whole = value == item.value.range();
    let quoted = crate::ini::value::outer_quote(&text[value.clone()]).is_some();
    if whole && quoted && dialect.quoting != Quoting::Literal {
        return value.start + 1..value.end - 1;
    }
    value
}
