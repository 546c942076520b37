//! A whole run: argv in, exit status out. The one place that turns an outcome into 0, 1 or 2.

use crate::edit::{self, Problem};
use crate::flags::{self, Called, UsageError};
use crate::output::messages::message;
use crate::plan::{self, EditMode, EditRules, Environment, Job, Task};
use crate::search::{self, Outcome};
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};

/// Exit statuses, as POSIX has them for grep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Something was selected, or changed.
    Selected,
    /// Nothing was.
    Nothing,
    /// An error or a refusal.
    Trouble,
    /// Whoever read standard output is gone.
    BrokenPipe,
}

impl Status {
    /// The number for the system.
    pub fn code(self) -> u8 {
        match self {
            Status::Selected => 0,
            Status::Nothing => 1,
            Status::Trouble => 2,
            // What a shell shows of a process that SIGPIPE ended.
            Status::BrokenPipe => 141,
        }
    }
}

/// Runs the program with `args` (`argv[0]` first).
pub fn run(args: Vec<OsString>) -> Status {
    let mut args = args.into_iter();
    let called = Called::from_argv0(&args.next().unwrap_or_default());
    let args: Vec<OsString> = args.collect();
    let posixly_correct = std::env::var_os("POSIXLY_CORRECT").is_some();
    let program = called.name();
    let planned = flags::parse(called, args, posixly_correct).and_then(|typed| {
        if let Some(text) = flags::help::asked(&typed)? {
            return Ok(Err(text));
        }
        plan::plan(program, &typed, &environment()).map(Ok)
    });
    match planned {
        Ok(Ok(job)) => execute(&job),
        Ok(Err(text)) => print(program, &text),
        Err(UsageError { messages, usage }) => {
            for text in messages.iter().filter(|text| !text.is_empty()) {
                message(program, text);
            }
            if usage {
                let _ = io::stderr()
                    .lock()
                    .write_all(flags::help::usage(called).as_bytes());
            }
            Status::Trouble
        }
    }
}

fn environment() -> Environment {
    let terminal = io::stdout().is_terminal();
    let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    Environment {
        terminal,
        color_terminal: terminal && !dumb,
        out_is_null: is_null(),
        stdin_terminal: io::stdin().is_terminal(),
        variable: |name| std::env::var(name).ok(),
        locale: crate::locale::current(),
    }
}

/// Whether standard output is /dev/null.
fn is_null() -> bool {
    let Ok(out) = rustix::fs::fstat(rustix::stdio::stdout()) else {
        return false;
    };
    let device =
        rustix::fs::FileType::from_raw_mode(out.st_mode) == rustix::fs::FileType::CharacterDevice;
    device && rustix::fs::stat("/dev/null").is_ok_and(|null| null.st_rdev == out.st_rdev)
}

fn print(program: &str, text: &[u8]) -> Status {
    let mut out = io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Ok(()) => Status::Selected,
        Err(error) => write_error(program, &error),
    }
}

fn write_error(program: &str, error: &io::Error) -> Status {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Status::BrokenPipe;
    }
    let what = crate::files::walk::io_error_text(error);
    message(program, format_args!("write error: {what}"));
    Status::Trouble
}

fn execute(job: &Job) -> Status {
    for warning in &job.warnings {
        message(&job.program, warning);
    }
    match &job.task {
        Task::Nothing => Status::Nothing,
        Task::Search | Task::Edit(_) => match search::run(job) {
            Err(error) => write_error(&job.program, &error),
            Ok(outcome) => match &job.task {
                Task::Edit(rules) => finish_edit(job, rules, outcome),
                _ => search_status(job, &outcome),
            },
        },
    }
}

fn search_status(job: &Job, outcome: &Outcome) -> Status {
    let quiet = job.want == plan::Want::Quiet;
    match (outcome.selected, outcome.failed) {
        (true, true) if quiet => Status::Selected,
        (_, true) => Status::Trouble,
        (true, false) => Status::Selected,
        (false, false) => Status::Nothing,
    }
}

fn finish_edit(job: &Job, rules: &EditRules, outcome: Outcome) -> Status {
    let EditMode::InPlace { suffix } = &rules.mode else {
        preview_message(job, rules, &outcome);
        let something = match rules.mode {
            EditMode::Matches => outcome.selected,
            _ => outcome.changing > 0,
        };
        return match (outcome.failed, something) {
            (true, _) => Status::Trouble,
            (false, true) => Status::Selected,
            (false, false) => Status::Nothing,
        };
    };
    lacking_message(job, &outcome);
    if outcome.failed {
        message(&job.program, "no file was changed: all are written or none");
        return Status::Trouble;
    }
    if outcome.changes.is_empty() {
        return Status::Nothing;
    }
    let settings = edit::Settings {
        backup_suffix: suffix.clone(),
        state_dir: edit::state_dir(|name| std::env::var_os(name)),
        command_line: std::env::args_os().collect(),
        stop: edit::stop_on_signals().ok(),
        ..edit::Settings::default()
    };
    match edit::apply(outcome.changes, &settings, &|_| ()) {
        Ok(applied) => {
            problems(job, &applied.warnings);
            message(
                &job.program,
                format_args!("{} changed ({})", files(applied.files as u64), applied.id),
            );
            Status::Selected
        }
        Err(failed) => {
            problems(job, &failed.problems);
            Status::Trouble
        }
    }
}

fn problems(job: &Job, problems: &[Problem]) {
    for problem in problems {
        message(&job.program, problem);
    }
}

fn files(count: u64) -> String {
    if count == 1 {
        "1 file".to_owned()
    } else {
        format!("{count} files")
    }
}

fn preview_message(job: &Job, rules: &EditRules, outcome: &Outcome) {
    if rules.mode == EditMode::Matches || !io::stderr().is_terminal() {
        return;
    }
    lacking_message(job, outcome);
    if outcome.changing > 0 && rules.mode == EditMode::Diff && job.operands != [b"-".to_vec()] {
        let files = files(outcome.changing);
        message(
            &job.program,
            format_args!("{files} would change; --in-place writes them"),
        );
    }
}

fn lacking_message(job: &Job, outcome: &Outcome) {
    if outcome.lacking > 0 {
        let (records, lack) = match outcome.lacking {
            1 => ("1 selected record".to_owned(), "lacks"),
            many => (format!("{many} selected records"), "lack"),
        };
        message(
            &job.program,
            format_args!("{records} {lack} the key to set; --add puts it there"),
        );
    }
}
