//! Where in a record an edit applies: the lines of a key, the section for a new one. What is in doubt is refused.

use super::substitute::{Refusal, Target, shown};
use crate::ini::dialect::Duplicates;
use crate::ini::record::{KeyName, View};

/// The section that `--add` means; none where the record lacks the one that is named.
///
/// # Errors
/// It is in doubt which.
pub fn section_to_add(
    view: &View<'_>,
    target: &Target,
    name: &KeyName,
) -> Result<Option<usize>, Refusal> {
    if name.section.is_some() {
        return Ok(named_section(view, target, name)?
            .filter(|&section| section > 0 || !view.scan.sections[0].items.is_empty()));
    }
    let mut sections: Vec<usize> = target
        .lines
        .iter()
        .map(|&item| view.scan.section_of(item))
        .collect();
    sections.dedup();
    match sections[..] {
        [only] => Ok(Some(only)),
        [] => Ok(Some(target.record.sections.start)),
        [_, second, ..] => {
            let item = view.scan.sections[second].items.start;
            let reason = format!(
                "the record was selected by lines in several sections; say which gets the key: --add '[SECTION]{}=...'",
                shown(&name.key)
            );
            Err(Refusal::at(
                view.scan.items[item].span.start as usize,
                reason,
            ))
        }
    }
}

/// The section that `name` names in `target`; none where the record lacks it.
fn named_section(
    view: &View<'_>,
    target: &Target,
    name: &KeyName,
) -> Result<Option<usize>, Refusal> {
    let mut named = target.record.sections.clone().filter(|&section| {
        name.section.is_some() && view.belongs(section) && view.names_section(name, section)
    });
    let first = named.next();
    if let Some(second) = named.next() {
        let first_item = view.scan.sections[second].items.start;
        let at = view
            .scan
            .items
            .get(first_item)
            .map_or(0, |item| item.span.start as usize);
        let reason = format!(
            "section [{}] occurs more than once; say --scope=section",
            shown(view.section_name(second))
        );
        return Err(Refusal::at(at, reason));
    }
    Ok(first)
}

/// The lines with key `name` in `target` that an edit means. `confined`: they must stand in a section of the target's lines.
/// `unset`: they are to go, so that lines an empty one forgets go too.
///
/// # Errors
/// It is in doubt which.
pub fn lines_to_edit(
    view: &View<'_>,
    target: &Target,
    name: &KeyName,
    confined: bool,
    unset: bool,
) -> Result<Vec<usize>, Refusal> {
    named_section(view, target, name)?;
    let mut lines: Vec<usize> = view.lines_of(&target.record, name).collect();
    let key = shown(&name.key);
    let start = |item: usize| view.scan.items[item].span.start as usize;
    if lines.len() > 1 {
        let section = |item: usize| view.section_name(view.scan.section_of(item));
        match view.dialect.duplicates {
            None => {
                let reason = format!(
                    "key '{key}' occurs {} times in the record; say --dup=first, last or all",
                    lines.len()
                );
                return Err(Refusal::at(start(lines[1]), reason));
            }
            Some(which) => {
                let all = lines;
                lines = view.effective(&target.record, name);
                if which == Duplicates::All && unset {
                    lines.clone_from(&all);
                }
                if lines.is_empty() {
                    let reason = format!(
                        "the empty line of '{key}' forgets those before it, and with a value it would not; take them out by hand"
                    );
                    return Err(Refusal::at(
                        all.last().map_or(0, |&last| start(last)),
                        reason,
                    ));
                }
                let other = lines[1..]
                    .iter()
                    .find(|&&item| !view.dialect.same_section(section(lines[0]), section(item)));
                if let Some(&other) = other.filter(|_| which != Duplicates::All) {
                    let reason = format!(
                        "key '{key}' stands in the sections [{}] and [{}] of the record; say which: '[SECTION]{key}', or --scope=section",
                        shown(section(lines[0])),
                        shown(section(other))
                    );
                    return Err(Refusal::at(start(other), reason));
                }
            }
        }
    }
    if confined {
        let sections: Vec<usize> = target
            .lines
            .iter()
            .map(|&item| view.scan.section_of(item))
            .collect();
        let outside = lines
            .iter()
            .find(|&&item| !sections.contains(&view.scan.section_of(item)));
        if let Some(&item) = outside {
            let reason = format!(
                "key '{key}' stands in section [{}], the lines that selected the record elsewhere; say --scope=file or --scope=section",
                shown(view.section_name(view.scan.section_of(item)))
            );
            return Err(Refusal::at(start(item), reason));
        }
    }
    Ok(lines)
}
