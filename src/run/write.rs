//! The end of an edit: the transaction, or the message of a preview.

use super::confirm::AskError;
use super::{Status, confirm, journal, nothing, print_errors};
use crate::change::count;
use crate::output::messages::message;
use crate::plan::{EditMode, EditRules, InPlace, Job, transaction_settings};
use crate::search::Outcome;
use crate::system::Real;
use crate::transaction;

/// Whether the edit can begin; else why not is said.
pub(super) fn prepare(job: &Job, rules: &EditRules) -> bool {
    let EditMode::InPlace(how) = &rules.mode else {
        return true;
    };
    if how.confirm && !confirm::can_ask() {
        message(
            &job.program,
            "--confirm asks on a terminal, and there is none; look at the diff (without --in-place) instead",
        );
        return false;
    }
    // What a killed edit left is rolled back before any file is read.
    journal::report(
        &job.program,
        &transaction::recover(&Real, &[], &settings(job, how)),
    );
    true
}

fn settings(job: &Job, how: &InPlace) -> transaction::Settings {
    transaction_settings(how, job.state_dir.clone(), std::env::args_os().collect())
}

/// Writes the changes, or says what would be written.
pub(super) fn finish(job: &Job, rules: &EditRules, outcome: Outcome) -> Status {
    let EditMode::InPlace(how) = &rules.mode else {
        nothing::preview(job, rules, &outcome);
        let something = match rules.mode {
            EditMode::Matches => outcome.selected,
            _ => outcome.changing > 0,
        };
        return match (outcome.failed, something) {
            (true, _) => Status::Error,
            (false, true) => Status::Selected,
            (false, false) => Status::Nothing,
        };
    };
    nothing::lacking(job, &outcome);
    if outcome.failed && !how.keep_going {
        message(
            &job.program,
            "no file was changed: all are written or none (--keep-going writes the others)",
        );
        return Status::Error;
    }
    let changes = if how.confirm {
        match confirm::ask(job, outcome.changes) {
            Ok(changes) => changes,
            Err(AskError::Terminal(error)) => return super::write_error(&job.program, &error),
            Err(AskError::File(error)) => {
                message(&job.program, error);
                return Status::Error;
            }
        }
    } else {
        outcome.changes
    };
    let none = if outcome.failed {
        Status::Error
    } else {
        Status::Nothing
    };
    if changes.is_empty() {
        if !outcome.failed && !how.confirm {
            nothing::say(job, &outcome.edits);
        }
        return none;
    }
    let mut settings = settings(job, how);
    settings.stop = crate::system::signals::stop_on_signals().ok();
    let progress = super::progress::Bar::new();
    let result = transaction::apply(&Real, changes, &settings, &|at| progress.transaction(at));
    progress.clear();
    match result {
        Ok(applied) => {
            print_errors(&job.program, &applied.warnings);
            print_errors(&job.program, &applied.refused);
            if applied.files == 0 {
                return none;
            }
            let undo = if how.undo {
                format!("take it back with: {} --undo={}", job.program, applied.id)
            } else {
                applied.id
            };
            let count = count(applied.files as u64, "file");
            message(&job.program, format_args!("{count} changed ({undo})"));
            if outcome.failed || !applied.refused.is_empty() {
                Status::Error
            } else {
                Status::Selected
            }
        }
        Err(failed) => {
            print_errors(&job.program, &failed.errors);
            Status::Error
        }
    }
}
