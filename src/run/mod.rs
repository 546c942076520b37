//! A whole run: argv in, exit status out. The one place that turns an outcome into 0, 1 or 2.

use crate::change::edit::FileChange;
use crate::flags::{self, Called, UsageError};
use crate::output::messages::message;
use crate::plan::{self, Action, Environment, Job, JournalTask};
use crate::search::{self, Outcome};
use crate::system::{Opening, errors, files, streams};
use crate::transaction::{EditError, Failed};
use std::ffi::OsString;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::time::Duration;

mod confirm;
mod journal;
mod nothing;
mod progress;
mod write;

/// All of a file that is to be changed.
fn content(change: &FileChange) -> io::Result<Vec<u8>> {
    let path = change.path.as_os_str().as_encoded_bytes();
    let mut bytes = Vec::new();
    files::open_by_path(path, Opening::PLAIN)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Exit statuses, as POSIX has them for grep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Something was selected, or changed.
    Selected,
    /// Nothing was.
    Nothing,
    /// An error or a refusal.
    Error,
    /// Whoever read standard output is gone.
    BrokenPipe,
}

impl Status {
    /// The number for the system.
    pub fn code(self) -> u8 {
        match self {
            Status::Selected => 0,
            Status::Nothing => 1,
            Status::Error => 2,
            // What a shell shows of a process that SIGPIPE ended.
            Status::BrokenPipe => 141,
        }
    }
}

/// What a command line asks for.
enum Planned {
    Job(Box<Job>),
    Journal(Box<JournalTask>),
    Print(Vec<u8>),
}

/// Runs the program with `args` (`argv[0]` first).
pub fn run(args: Vec<OsString>) -> Status {
    let mut args = args.into_iter();
    let called = Called::from_argv0(&args.next().unwrap_or_default());
    let args: Vec<OsString> = args.collect();
    let posixly_correct = std::env::var_os("POSIXLY_CORRECT").is_some();
    let program = called.name();
    answer_panics(program);
    let planned = flags::parse(called, args, posixly_correct).and_then(|typed| {
        if let Some(text) = flags::help::asked(&typed)? {
            return Ok(Planned::Print(text));
        }
        plan::check_options(&typed)?;
        if let Some(task) = plan::journal_task(
            &typed,
            |name| std::env::var_os(name),
            std::env::args_os().collect(),
        )? {
            return Ok(Planned::Journal(Box::new(task)));
        }
        plan::plan(program, &typed, &environment()).map(|job| Planned::Job(Box::new(job)))
    });
    match planned {
        Ok(Planned::Job(job)) => execute(&job),
        Ok(Planned::Print(text)) => print(program, &text),
        Ok(Planned::Journal(task)) => journal::run(program, &task),
        Err(UsageError {
            messages,
            usage,
            one,
        }) => {
            for text in messages.iter().filter(|text| !text.is_empty()) {
                message(program, text);
            }
            if usage {
                let _ = io::stderr()
                    .lock()
                    .write_all(flags::help::usage(called).as_bytes());
            }
            if one { Status::Nothing } else { Status::Error }
        }
    }
}

/// Makes any panic, on any thread, one message and the end of the process: a thread that waited for the one that
/// panicked would wait for ever. An edit that it interrupts is rolled back as after a kill.
fn answer_panics(program: &'static str) {
    std::panic::set_hook(Box::new(move |info| {
        let place = info
            .location()
            .map_or_else(String::new, |at| format!(" at {at}"));
        let payload = info.payload();
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let what = text.unwrap_or("an unknown error");
        message(
            program,
            format_args!(
                "internal error{place}: {what}; this is a bug of grini, please report it (an edit is rolled back by: {program} --recover)"
            ),
        );
        std::process::exit(i32::from(Status::Error.code()));
    }));
}

fn environment() -> Environment {
    let terminal = io::stdout().is_terminal();
    Environment {
        terminal,
        color_terminal: terminal && streams::terminal_has_colors(),
        columns: terminal.then(streams::columns).flatten(),
        out_is_null: streams::output_is_null(),
        stdin_given: streams::input_is_given(),
        variable: |name| std::env::var(name).ok(),
        locale: crate::locale::current(),
    }
}

/// Prints each error of a transaction.
fn print_errors(program: &str, errors: &[EditError]) {
    for error in errors {
        message(program, error);
    }
}

/// Says why an edit was not done, and what became of it.
fn print_failed(program: &str, failed: &Failed, state_dir: Option<&Path>) -> Status {
    print_errors(program, &failed.errors);
    // The outcome ends with the command that takes back what is left.
    let option = match failed.left {
        true => journal::option(state_dir),
        false => String::new(),
    };
    message(program, format_args!("{}{option}", failed.outcome()));
    Status::Error
}

fn print(program: &str, text: &[u8]) -> Status {
    let printed = streams::output().and_then(|mut out| {
        out.write_all(text)?;
        out.flush()
    });
    match printed {
        Ok(()) => Status::Selected,
        Err(error) => write_error(program, &error),
    }
}

fn write_error(program: &str, error: &io::Error) -> Status {
    if errors::broken_pipe(error) {
        return Status::BrokenPipe;
    }
    let what = errors::text(error);
    message(program, format_args!("write error: {what}"));
    Status::Error
}

fn execute(job: &Job) -> Status {
    for warning in &job.warnings {
        message(&job.program, warning);
    }
    match &job.action {
        Action::Nothing => Status::Nothing,
        Action::Edit(rules) => {
            if !write::prepare(job, rules) {
                return Status::Error;
            }
            match search(job) {
                Err(error) => write_error(&job.program, &error),
                Ok(outcome) => write::finish(job, rules, outcome),
            }
        }
        _ => {
            if !job.called.as_grep() {
                journal::warn_of_pending(&job.program, job.state_dir.as_deref());
            }
            match search(job) {
                Err(error) => write_error(&job.program, &error),
                Ok(outcome) => status(job, &outcome),
            }
        }
    }
}

/// Searches, with a progress bar where the output leaves room for one.
fn search(job: &Job) -> io::Result<Outcome> {
    if job.stdin_by_default && !job.called.as_grep() && io::stderr().is_terminal() {
        note_silence(job.program.clone());
    }
    let writes = matches!(&job.action, Action::Edit(rules) if matches!(rules.mode, plan::EditMode::InPlace(_)));
    let outcome = if job.called.as_grep() || job.output.terminal && !writes {
        search::run(job, &|_| ())?
    } else {
        let bar = progress::Bar::new();
        let outcome = search::run(job, &|files| bar.searched(files));
        bar.clear();
        outcome?
    };
    let nothing = !outcome.selected && !outcome.failed && io::stderr().is_terminal();
    let hint = job.hint.iter().filter(|_| nothing);
    for warning in outcome.warnings.iter().chain(hint) {
        message(&job.program, warning);
    }
    Ok(outcome)
}

/// Says what is waited for where standard input stays silent for a second. The thread ends with the process.
fn note_silence(program: String) {
    std::thread::spawn(move || {
        if !streams::input_comes_within(Duration::from_secs(1)) {
            message(
                &program,
                "standard input is searched, as no FILE is named, and nothing has come yet",
            );
        }
    });
}

fn status(job: &Job, outcome: &Outcome) -> Status {
    match (outcome.selected, outcome.failed) {
        // What came after the first that was selected does not count.
        (true, true) if job.quiet => Status::Selected,
        (_, true) => Status::Error,
        (true, false) => Status::Selected,
        (false, false) => Status::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::answer_panics;
    use std::process::Command;

    /// The test runs itself again, and panics there.
    #[test]
    fn a_panic_on_any_thread_is_one_message_and_the_end() {
        const PANICS: &str = "GRINI_TEST_PANICS";
        if std::env::var_os(PANICS).is_some() {
            answer_panics("grini");
            let _ = std::thread::spawn(|| panic!("as asked")).join();
        }
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture"])
            .arg("run::tests::a_panic_on_any_thread_is_one_message_and_the_end")
            .env(PANICS, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let (place, rest) = said.split_once(": as asked; ").unwrap();
        assert!(place.starts_with("grini: internal error at src"), "{said}");
        assert_eq!(
            rest,
            "this is a bug of grini, please report it (an edit is rolled back by: grini --recover)\n"
        );
        assert_eq!(output.status.code(), Some(2));
    }
}
