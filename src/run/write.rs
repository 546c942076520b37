//! The end of an edit: the transaction, or the message of a preview.

use super::confirm::AskError;
use super::{Status, confirm, journal, nothing, print_errors, print_failed, status};
use crate::change::count;
use crate::change::edit::FileChange;
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
    if let EditMode::InPlace(how) = &rules.mode {
        return in_place(job, how, outcome);
    }
    nothing::preview(job, rules, &outcome);
    status(job, &outcome)
}

fn in_place(job: &Job, how: &InPlace, outcome: Outcome) -> Status {
    if !how.quiet {
        nothing::lacking(job, &outcome);
    }
    if outcome.failed && !how.keep_going {
        message(
            &job.program,
            "no file was changed: all are written or none (--keep-going writes the others)",
        );
        return Status::Error;
    }
    let asked = how.confirm && !outcome.changes.is_empty();
    let changes = if asked {
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
    let status = if changes.is_empty() {
        match asked {
            _ if outcome.failed || how.quiet => {}
            true => message(&job.program, "nothing was changed"),
            false => nothing::say(job, &outcome.edits),
        }
        Status::Nothing
    } else {
        write(job, how, changes)
    };
    if outcome.failed {
        Status::Error
    } else {
        status
    }
}

fn write(job: &Job, how: &InPlace, changes: Vec<FileChange>) -> Status {
    let mut settings = settings(job, how);
    settings.stop = crate::system::signals::stop_on_signals().ok();
    let progress = super::progress::Bar::new();
    let result = transaction::apply(&Real, changes, &settings, &|at| progress.transaction(at));
    progress.clear();
    let applied = match result {
        Ok(applied) => applied,
        Err(failed) => return print_failed(&job.program, &failed, job.state_dir.as_deref()),
    };
    print_errors(&job.program, &applied.warnings);
    print_errors(&job.program, &applied.refused);
    if applied.files > 0 && !how.quiet {
        let count = count(applied.files as u64, "file");
        let undo = if how.undo {
            let option = journal::option(job.state_dir.as_deref());
            format!(
                "take it back with: {} --undo={}{option}",
                job.program, applied.id
            )
        } else {
            format!("as the edit {}, which cannot be taken back", applied.id)
        };
        message(&job.program, format_args!("{count} changed ({undo})"));
    }
    match (applied.refused.is_empty(), applied.files) {
        (false, _) => Status::Error,
        (true, 0) => Status::Nothing,
        (true, _) => Status::Selected,
    }
}
