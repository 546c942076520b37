//! `--undo`, `--history`, `--forget`, `--recover`.

use super::{Status, write};
use crate::output::diff;
use crate::output::messages::{message, shown_path};
use crate::plan::{InPlace, Job, JournalTask, transaction_settings};
use crate::transaction::{self, Recovered, Settings};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use termcolor::Buffer;

/// Runs one of these tasks.
pub fn run(program: &str, task: &JournalTask) -> Status {
    match task {
        JournalTask::Undo {
            id,
            preview,
            keep_going,
            force,
        } => {
            let settings = settings(*keep_going, *force);
            if *preview {
                return preview_undo(program, id.as_deref(), &settings);
            }
            undo(program, id.as_deref(), settings)
        }
        JournalTask::History => history(program),
        JournalTask::Forget(which) => match transaction::forget(which, &settings(false, false)) {
            Ok(0) => {
                message(
                    program,
                    "there is no such edit to forget; --history lists them",
                );
                Status::Nothing
            }
            Ok(_) => Status::Selected,
            Err(problem) => {
                message(program, problem);
                Status::Trouble
            }
        },
        JournalTask::Recover(roots) => {
            let here = [PathBuf::from(".")];
            let roots = if roots.is_empty() { &here[..] } else { roots };
            let found = transaction::recover(roots, &settings(false, false));
            let nothing = found == Recovered::default();
            let fine = tell(program, &found);
            match (fine, nothing) {
                (false, _) => Status::Trouble,
                (true, true) => {
                    message(program, "nothing to recover");
                    Status::Nothing
                }
                (true, false) => Status::Selected,
            }
        }
    }
}

fn settings(keep_going: bool, force: bool) -> Settings {
    let how = InPlace {
        suffix: None,
        diff: false,
        confirm: false,
        keep_going,
        force,
        undo: true,
    };
    transaction_settings(
        &how,
        |name| std::env::var_os(name),
        std::env::args_os().collect(),
    )
}

/// Puts right what killed edits left; false: something could not be.
pub fn recover(program: &str, roots: &[PathBuf], settings: &Settings) -> bool {
    tell(program, &transaction::recover(roots, settings))
}

/// Says what a recovery did; false: something could not be put right.
fn tell(program: &str, found: &Recovered) -> bool {
    for id in &found.rolled_back {
        message(
            program,
            format_args!("{id}: an unfinished edit was taken back; its files are as before it"),
        );
    }
    for id in &found.completed {
        message(
            program,
            format_args!("{id}: an edit was done, and is now cleaned up"),
        );
    }
    for (id, process) in &found.live {
        message(
            program,
            format_args!("{id}: process {process} is still at this edit; left alone"),
        );
    }
    write::problems(program, &found.problems);
    found.problems.is_empty()
}

/// A search changes nothing; it only warns of what a killed edit left.
pub fn warn_of_pending(job: &Job) {
    if job.called.as_grep() {
        return;
    }
    let Some(folder) = transaction::state_dir(|name| std::env::var_os(name)) else {
        return;
    };
    for id in transaction::pending(&folder) {
        message(
            &job.program,
            format_args!(
                "warning: the edit {id} did not come to its end; take it back with: {} --recover",
                job.program
            ),
        );
    }
}

fn undo(program: &str, id: Option<&str>, mut settings: Settings) -> Status {
    if !recover(program, &[], &settings) {
        return Status::Trouble;
    }
    settings.stop = transaction::stop_on_signals().ok();
    match transaction::undo(id, &settings, &|_| ()) {
        Ok(applied) => {
            write::problems(program, &applied.warnings);
            write::problems(program, &applied.refused);
            if applied.files == 0 {
                return if applied.refused.is_empty() {
                    Status::Nothing
                } else {
                    Status::Trouble
                };
            }
            let count = write::files(applied.files as u64);
            let id = applied.id;
            message(
                program,
                format_args!("{count} taken back (again with: {program} --undo={id})"),
            );
            if applied.refused.is_empty() {
                Status::Selected
            } else {
                Status::Trouble
            }
        }
        Err(failed) => {
            write::problems(program, &failed.problems);
            Status::Trouble
        }
    }
}

fn preview_undo(program: &str, id: Option<&str>, settings: &Settings) -> Status {
    let (changes, problems) = match transaction::undo_preview(id, settings) {
        Ok(found) => found,
        Err(problem) => {
            message(program, problem);
            return Status::Trouble;
        }
    };
    let environment = super::environment();
    let unwanted = (environment.variable)("NO_COLOR").is_some_and(|value| !value.is_empty());
    let look = diff::Look {
        color: environment.color_terminal && !unwanted,
        escape: environment.terminal,
    };
    let mut out = if look.color {
        Buffer::ansi()
    } else {
        Buffer::no_color()
    };
    let mut fine = problems.is_empty();
    for change in &changes {
        match std::fs::read(&change.path) {
            Ok(old) => {
                let name = diff::name_of(change.path.as_os_str().as_bytes());
                let edits: Vec<diff::Change<'_>> = change
                    .edits
                    .iter()
                    .map(|edit| diff::Change {
                        span: edit.span.start as usize..edit.span.end as usize,
                        new: &edit.new,
                    })
                    .collect();
                diff::unified(&mut out, &name, &old, &edits, look);
            }
            Err(error) => {
                fine = false;
                let path = shown_path(change.path.as_os_str().as_bytes());
                message(program, format_args!("{path}: {error}"));
            }
        }
    }
    write::problems(program, &problems);
    let status = super::print(program, out.as_slice());
    match (status, fine, changes.is_empty()) {
        (Status::Selected, true, false) => Status::Selected,
        (Status::Selected, true, true) => Status::Nothing,
        (Status::Selected, false, _) => Status::Trouble,
        (other, ..) => other,
    }
}

fn history(program: &str) -> Status {
    let entries = match transaction::history(&settings(false, false)) {
        Ok(entries) => entries,
        Err(problem) => {
            message(program, problem);
            return Status::Trouble;
        }
    };
    let mut out = Vec::new();
    for entry in &entries {
        let words: Vec<String> = entry
            .command_line
            .iter()
            .map(|word| quoted(&word.to_string_lossy()))
            .collect();
        let state = match (&entry.undoes, entry.undone) {
            (Some(other), true) => format!("took back {other}, taken back"),
            (Some(other), false) => format!("took back {other}"),
            (None, true) => "taken back".to_owned(),
            (None, false) => "done".to_owned(),
        };
        let _ = writeln!(
            out,
            "{}\t{}\t{}\t{state}\t{}",
            entry.id,
            when(&entry.id),
            write::files(entry.files),
            words.join(" ")
        );
    }
    if entries.is_empty() {
        message(program, "no edit is kept");
        return Status::Nothing;
    }
    super::print(program, &out)
}

/// The time in an ID (`20261122-101955-452864`, in UTC) as people write it.
fn when(id: &str) -> String {
    let part = |from: usize, to: usize| id.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-{} {}:{}:{} UTC",
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(9, 11),
        part(11, 13),
        part(13, 15)
    )
}

/// A word as a shell would take it, less what controls a terminal.
fn quoted(word: &str) -> String {
    let plain = |char: char| char.is_alphanumeric() || "-_=./:,+@%".contains(char);
    let shown = shown_path(word.as_bytes());
    if !word.is_empty() && word.chars().all(plain) {
        return shown;
    }
    format!("'{}'", shown.replace('\'', "'\\''"))
}
