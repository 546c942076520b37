//! What became of edits: taken back, made again, listed, shown, forgotten, recovered.

use super::{Status, content, print_errors, print_failed};
use crate::change::count;
use crate::change::edit::{Edit, FileChange};
use crate::output::diff;
use crate::output::messages::{message, shown_path};
use crate::plan::{JournalAction, JournalTask};
use crate::system::{Real, System as _, errors, names, signals};
use crate::transaction::{
    self, Direction, Forget, History, HistoryEntry, Purpose, Recovered, Selection, Settings,
};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use termcolor::Buffer;

/// Does `task`.
pub(super) fn run(program: &str, task: &JournalTask) -> Status {
    let settings = &task.settings;
    match &task.action {
        JournalAction::TakeBack { selection, preview } if *preview => {
            preview_taking_back(program, selection, settings)
        }
        JournalAction::TakeBack { selection, .. } => take_back(program, selection, settings),
        JournalAction::History { id, json } => {
            warn_of_pending(program, settings.state_dir.as_deref());
            match id {
                None => history(program, settings, *json),
                Some(id) => show(program, id, settings, *json),
            }
        }
        JournalAction::Forget(which) => forget(program, which, settings),
        JournalAction::Recover(roots) => {
            let here = [PathBuf::from(".")];
            let roots = if roots.is_empty() { &here[..] } else { roots };
            let found = transaction::recover(&Real, roots, settings);
            report(program, &found);
            let mut failed = !(found.errors.is_empty() && found.kept.is_empty());
            for root in roots {
                if let Err(error) = Real.resolve(root) {
                    message(
                        program,
                        format!("{}: {}", root.display(), errors::text(&error)),
                    );
                    failed = true;
                }
            }
            if failed {
                return Status::Error;
            }
            if found.rolled_back.is_empty() && found.completed.is_empty() {
                message(program, "nothing to recover");
                return Status::Nothing;
            }
            Status::Selected
        }
    }
}

fn forget(program: &str, which: &Forget, settings: &Settings) -> Status {
    // What an edit left that did not come to its end is the only way back.
    let found = transaction::recover(&Real, &[], settings);
    report(program, &found);
    if matches!(which, Forget::Id(id) if found.rolled_back.contains(id)) {
        return Status::Selected;
    }
    match transaction::forget(&Real, which, settings) {
        Ok(ids) if ids.is_empty() => {
            message(program, "the history holds no edit");
            Status::Nothing
        }
        Ok(ids) => {
            let ids = ids.join(", ");
            message(program, format!("removed from the history: {ids}"));
            Status::Selected
        }
        Err(error) => {
            message(program, error);
            Status::Error
        }
    }
}

/// Says what a recovery did.
pub(super) fn report(program: &str, found: &Recovered) {
    let but = match found.kept.is_empty() {
        true => "",
        false => ", but for what follows",
    };
    for id in &found.rolled_back {
        message(
            program,
            format_args!(
                "{id}: an unfinished edit was rolled back; its files are as before it{but}"
            ),
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
    print_errors(program, &found.kept);
    print_errors(program, &found.foreign);
    print_errors(program, &found.errors);
}

/// What a command about the journals of a folder ends with, where the environment names another one.
pub(super) fn option(state_dir: Option<&Path>) -> String {
    let usual = transaction::state_dir(|name| std::env::var_os(name));
    match state_dir.filter(|folder| usual.as_deref() != Some(*folder)) {
        Some(folder) => format!(" --state-dir={}", quoted(&folder.to_string_lossy())),
        None => String::new(),
    }
}

/// Warns of what a killed edit left, where nothing is to be changed.
pub(super) fn warn_of_pending(program: &str, state_dir: Option<&Path>) {
    let pending = state_dir.map_or(Vec::new(), |folder| transaction::pending(&Real, folder));
    let option = option(state_dir);
    for id in pending {
        message(
            program,
            format_args!(
                "warning: the edit {id} did not come to its end; end it with: {program} --recover{option}"
            ),
        );
    }
}

fn take_back(program: &str, selection: &Selection, settings: &Settings) -> Status {
    report(program, &transaction::recover(&Real, &[], settings));
    let mut settings = settings.clone();
    settings.stop = signals::stop_on_signals().ok();
    let bar = super::progress::Bar::new();
    let done = transaction::take_back(&Real, selection, &settings, &|at| bar.transaction(at));
    bar.clear();
    match done {
        Ok(applied) => {
            print_errors(program, &applied.warnings);
            print_errors(program, &applied.refused);
            let files = count(applied.files as u64, "file");
            let option = option(settings.state_dir.as_deref());
            match selection.direction {
                _ if applied.files == 0 => {}
                Direction::Undo => message(
                    program,
                    format_args!("{files} taken back (made again with: {program} --redo{option})"),
                ),
                Direction::Redo => message(
                    program,
                    format_args!(
                        "{files} changed again (taken back with: {program} --undo={}{option})",
                        applied.id
                    ),
                ),
            }
            match (applied.refused.is_empty(), applied.files) {
                (false, _) => Status::Error,
                (true, 0) => Status::Nothing,
                (true, _) => Status::Selected,
            }
        }
        Err(failed) => print_failed(program, &failed, settings.state_dir.as_deref()),
    }
}

fn preview_taking_back(program: &str, selection: &Selection, settings: &Settings) -> Status {
    warn_of_pending(program, settings.state_dir.as_deref());
    let plan = match transaction::take_back_preview(&Real, selection, settings) {
        Ok(plan) => plan,
        Err(error) => {
            message(program, error);
            return Status::Error;
        }
    };
    let environment = super::environment();
    let unwanted = (environment.variable)("NO_COLOR").is_some_and(|value| !value.is_empty());
    let look = diff::DiffLook {
        color: environment.color_terminal && !unwanted,
        escape: environment.terminal,
        context: diff::CONTEXT,
    };
    let mut out = if look.color {
        Buffer::ansi()
    } else {
        Buffer::no_color()
    };
    let mut fine = plan.refused.is_empty();
    for change in &plan.changes {
        if let Err(what) = print_change(&mut out, change, look) {
            fine = false;
            let path = shown_path(change.path.as_os_str().as_encoded_bytes());
            message(program, format_args!("{path}: {what}"));
        }
    }
    print_errors(program, &plan.refused);
    let status = super::print(program, out.as_slice());
    match (status, fine, plan.changes.is_empty()) {
        (Status::Selected, true, false) => Status::Selected,
        (Status::Selected, true, true) => Status::Nothing,
        (Status::Selected, false, _) => Status::Error,
        (other, ..) => other,
    }
}

/// Prints a change of a file that is still what it was.
fn print_change(out: &mut Buffer, change: &FileChange, look: diff::DiffLook) -> Result<(), String> {
    let old = content(change).map_err(|error| errors::text(&error))?;
    if *blake3::hash(&old).as_bytes() != change.seen.digest {
        return Err("another program changed it meanwhile; run the command again".to_owned());
    }
    let name = diff::name_of(change.path.as_os_str().as_encoded_bytes());
    let edits: Vec<diff::DiffChange<'_>> = change
        .edits
        .iter()
        .map(|edit| diff::DiffChange {
            span: edit.start as usize..edit.end() as usize,
            new: edit.new,
        })
        .collect();
    diff::unified(out, &name, &old, &edits, look);
    Ok(())
}

fn history(program: &str, settings: &Settings, as_json: bool) -> Status {
    let History { edits, unread } = match transaction::history(&Real, settings) {
        Ok(history) => history,
        Err(error) => {
            message(program, error);
            return Status::Error;
        }
    };
    if edits.is_empty() && unread.is_empty() {
        message(program, "no edit is kept");
        return Status::Nothing;
    }
    let mut out = Vec::new();
    match as_json {
        true => {
            for entry in &edits {
                let _ = writeln!(out, "{}", json!({ "type": "edit", "data": values(entry) }));
            }
        }
        false => write_rows(&mut out, &edits),
    }
    let printed = super::print(program, &out);
    for error in &unread {
        message(program, error);
    }
    match unread.is_empty() {
        true => printed,
        false => Status::Error,
    }
}

fn write_rows(out: &mut Vec<u8>, entries: &[HistoryEntry]) {
    let rows: Vec<[String; 5]> = entries.iter().map(row).collect();
    let aligned = io::stdout().is_terminal();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..4).map(width).collect();
    for row in &rows {
        let cells = row.iter().enumerate().map(|(column, cell)| match column {
            _ if !aligned => cell.clone(),
            4 => cell.clone(),
            _ => format!("{cell:<width$}", width = widths[column]),
        });
        let separator = if aligned { "  " } else { "\t" };
        let _ = writeln!(out, "{}", cells.collect::<Vec<_>>().join(separator));
    }
}

/// ID, time, files, state, command line.
fn row(entry: &HistoryEntry) -> [String; 5] {
    let words: Vec<String> = entry
        .command_line
        .iter()
        .map(|word| quoted(&word.to_string_lossy()))
        .collect();
    [
        entry.id.clone(),
        when(entry).map_or_else(|| "?".to_owned(), |when| when.strftime("%F %T").to_string()),
        count(entry.files, "file"),
        state(entry),
        words.join(" "),
    ]
}

fn state(entry: &HistoryEntry) -> String {
    match &entry.purpose {
        Purpose::Undo(of) => format!("took {of} back"),
        Purpose::Redo(of) => format!("made {of} again"),
        Purpose::Edit if entry.undone == 0 => "done".to_owned(),
        Purpose::Edit if entry.undone >= entry.files => "taken back".to_owned(),
        Purpose::Edit => format!("{} taken back", count(entry.undone, "file")),
    }
}

/// When it began, in local time; a time that no calendar has is none.
fn when(entry: &HistoryEntry) -> Option<jiff::ZonedDateTime> {
    let moment = Timestamp::try_from(entry.when).ok()?;
    Some(moment.to_zoned_datetime(TimeZone::system()))
}

fn values(entry: &HistoryEntry) -> Value {
    let words = entry.command_line.iter();
    json!({
        "id": entry.id,
        "when": when(entry).map(|when| when.timestamp().to_string()),
        "files": entry.files,
        "undone": entry.undone,
        "undoes": match &entry.purpose { Purpose::Undo(of) => Some(of), _ => None },
        "redoes": match &entry.purpose { Purpose::Redo(of) => Some(of), _ => None },
        "command_line": words.map(|word| data(word.as_encoded_bytes())).collect::<Vec<_>>(),
    })
}

/// Text, or base64 where it is none, as in the other JSON.
fn data(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => json!({ "text": text }),
        Err(_) => json!({ "bytes": BASE64_STANDARD.encode(bytes) }),
    }
}

/// One edit: its heading, and each change of each file.
fn show(program: &str, id: &str, settings: &Settings, as_json: bool) -> Status {
    let (entry, files) = match transaction::contents(&Real, id, settings) {
        Ok(contents) => contents,
        Err(error) => {
            message(program, error);
            return Status::Error;
        }
    };
    let mut out = Vec::new();
    if as_json {
        let _ = writeln!(out, "{}", json!({ "type": "edit", "data": values(&entry) }));
    } else {
        let [id, when, files, state, words] = row(&entry);
        let _ = writeln!(out, "{id}  {when}  {files}  {state}\n{words}");
    }
    for (path, edits) in &files {
        let path = path.as_os_str().as_encoded_bytes();
        if !as_json {
            let _ = writeln!(out, "{}", shown_path(path));
        }
        for edit in edits.iter() {
            if as_json {
                let change = json!({
                    "path": data(path),
                    "span": { "start": edit.start, "end": edit.end() },
                    "old": data(edit.old),
                    "new": data(edit.new),
                });
                let _ = writeln!(out, "{}", json!({ "type": "change", "data": change }));
            } else {
                write_edit(&mut out, edit);
            }
        }
    }
    super::print(program, &out)
}

/// `offset: "old" -> "new"`.
fn write_edit(out: &mut Vec<u8>, edit: Edit<'_>) {
    let shown = |bytes: &[u8]| shown_path(bytes);
    let _ = writeln!(
        out,
        "  at byte {}: '{}' -> '{}'",
        edit.start,
        shown(edit.old),
        shown(edit.new)
    );
}

/// A word as it is typed, less what controls a terminal.
fn quoted(word: &str) -> String {
    let plain = |char: char| {
        char.is_alphanumeric() || "-_=.:,+@%".contains(char) || std::path::is_separator(char)
    };
    let shown = shown_path(word.as_bytes());
    match !word.is_empty() && word.chars().all(plain) {
        true => shown,
        false => names::quoted(&shown),
    }
}
