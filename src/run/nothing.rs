//! What a preview comes to, and why nothing changes.

use crate::change::count;
use crate::output::messages::message;
use crate::plan::{Action, Change, EditMode, EditRules, Job};
use crate::search::{EditCounts, Outcome};
use std::io::{self, IsTerminal};

/// What a preview is followed by.
pub(super) fn preview(job: &Job, rules: &EditRules, outcome: &Outcome) {
    if job.quiet || rules.mode == EditMode::Matches {
        return;
    }
    if outcome.changing == 0 {
        if !outcome.failed {
            say(job, &outcome.edits);
        }
        return;
    }
    if !io::stderr().is_terminal() {
        return;
    }
    lacking(job, outcome);
    if matches!(rules.mode, EditMode::Diff | EditMode::Preview) && job.operands != [b"-".to_vec()] {
        let them = if outcome.changing == 1 { "it" } else { "them" };
        let files = count(outcome.changing, "file");
        message(
            &job.program,
            format_args!("{files} would change; --in-place writes {them}"),
        );
    }
}

/// How many of the selected records lack what is to be changed, where others have it.
pub(super) fn lacking(job: &Job, outcome: &Outcome) {
    let lacking = outcome.edits.lacking;
    if lacking > 0 && outcome.changing > 0 {
        let (records, lack) = records(lacking, "lacks", "lack");
        let what = what_is_lacking(job);
        message(&job.program, format_args!("{records} {lack} {what}"));
    }
}

/// Why nothing changes.
pub(super) fn say(job: &Job, counts: &EditCounts) {
    let replaces = changes(job)
        .iter()
        .all(|change| matches!(change, Change::Replace(_)));
    let mut reasons = Vec::new();
    if counts.selected == 0 {
        let what = if replaces {
            "no line is selected"
        } else {
            "no record is selected"
        };
        reasons.push(what.to_owned());
    }
    if counts.already > 0 && replaces {
        reasons.push("each match is as it would be already".to_owned());
    } else if counts.already > 0 {
        let (records, are) = records(counts.already, "is", "are");
        reasons.push(format!("{records} {are} so already"));
    }
    if counts.lacking > 0 {
        let (records, lack) = records(counts.lacking, "lacks", "lack");
        reasons.push(format!("{records} {lack} {}", what_is_lacking(job)));
    }
    if !reasons.is_empty() {
        message(
            &job.program,
            format_args!("nothing to change: {}", reasons.join(", ")),
        );
    }
}

fn records(count: u64, one: &'static str, many: &'static str) -> (String, &'static str) {
    match count {
        1 => ("1 selected record".to_owned(), one),
        count => (format!("{count} selected records"), many),
    }
}

fn changes(job: &Job) -> &[Change] {
    match &job.action {
        Action::Edit(rules) => &rules.changes,
        _ => &[],
    }
}

/// What the records lack, and how it can be put there.
fn what_is_lacking(job: &Job) -> String {
    match changes(job) {
        [Change::Set(name, _)] => {
            let name = name.to_string();
            format!("the key '{name}' (--put adds it where it is missing)")
        }
        [Change::Unset(name, None)] => format!("the key '{name}'"),
        [Change::Unset(name, Some(value))] => format!("the line '{name}={value}'"),
        [Change::UnsetSection(name)] => format!("the section [{}]", String::from_utf8_lossy(name)),
        _ => "a key that is to be changed".to_owned(),
    }
}
