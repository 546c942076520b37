//! The job: everything a run needs to know, decided.

use super::ini::{self, IniRules};
use super::operands::Operands;
use super::patterns::{self, Matchers};
use super::{numbers, output, walk};
use crate::change::doubt::check_value;
use crate::change::substitute::Template;
use crate::files::walk::{Folders, Rules};
use crate::flags::{Called, Typed, UsageError};
use crate::ini::record::KeyName;
use crate::output::Settings;
use std::ffi::{OsStr, OsString};
use std::sync::Arc;

/// Everything a run needs to know.
pub struct Job {
    /// The name that messages start with.
    pub program: String,
    /// The name the program was called by.
    pub called: Called,
    /// What to do.
    pub task: Task,
    /// Files and folders, in order; `-` is standard input.
    pub operands: Vec<Vec<u8>>,
    /// How folders are walked.
    pub walk: Arc<Rules>,
    /// PATTERNS, compiled; none with `--records`.
    pub matchers: Matchers,
    /// How INI files are read.
    pub ini: IniRules,
    /// What a search prints.
    pub want: Want,
    /// How lines are printed.
    pub output: Settings,
    /// Stop after so many selected lines of a file.
    pub max_count: Option<u64>,
    /// Lines of leading context.
    pub before: usize,
    /// Lines of trailing context.
    pub after: usize,
    /// Treatment of binary files.
    pub binary: Binary,
    /// Print counts and times at the end.
    pub stats: bool,
    /// Small files may be read by io_uring.
    pub rings: bool,
    /// No messages about missing or unreadable files.
    pub no_messages: bool,
    /// Warnings to print first.
    pub warnings: Vec<String>,
}

/// What to do.
#[derive(Clone, Debug)]
pub enum Task {
    /// Search.
    Search,
    /// Compute edits, and preview or write them.
    Edit(EditRules),
    /// Nothing can be selected: exit with 1.
    Nothing,
}

/// What a search prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    /// The selected lines.
    Lines,
    /// How many there are in each file (`-c`).
    Count,
    /// The names of files with some (`-l`).
    FilesWith,
    /// The names of files with none (`-L`).
    FilesWithout,
    /// Nothing; the first one ends the run (`-q`).
    Quiet,
    /// Nothing, as it goes to /dev/null; the first one ends the search of its file.
    Discard,
    /// The values of keys (`--get`).
    Values(Vec<KeyName>),
    /// How many records have each value of a key (`--tally`).
    Tally(KeyName),
}

/// Treatment of binary files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// Say that they match, and print no line of them.
    Binary,
    /// As text.
    Text,
    /// As if they had no match.
    WithoutMatch,
}

/// What is edited and how.
#[derive(Clone, Debug)]
pub struct EditRules {
    /// What to change.
    pub changes: Vec<Change>,
    /// What becomes of it.
    pub mode: EditMode,
}

/// One change asked for.
#[derive(Clone, Debug)]
pub enum Change {
    /// Each match of PATTERNS becomes this.
    Replace(Template),
    /// The value of a key becomes this.
    Set(KeyName, String),
    /// A key with this value comes in where it is missing.
    Add(KeyName, String),
    /// A key goes.
    Unset(KeyName),
}

/// What becomes of an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditMode {
    /// A unified diff on standard output.
    Diff,
    /// The names of the files that would change (`-l`).
    Names,
    /// How many changes each file would have (`-c`).
    Counts,
    /// Nothing; the exit status tells (`-q`).
    Quiet,
    /// Each match as replaced (`-o`).
    Matches,
    /// The files are written.
    InPlace(InPlace),
}

/// How files are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InPlace {
    /// A suffix for backups; none: no backup.
    pub suffix: Option<OsString>,
    /// Print the diff as well.
    pub diff: bool,
    /// Ask for each change.
    pub confirm: bool,
    /// Leave out refused files.
    pub keep_going: bool,
    /// Write read-only files and those of others, too.
    pub force: bool,
    /// Keep what an undo needs.
    pub undo: bool,
}

/// What of the environment matters.
pub struct Environment {
    /// Whether standard output is a terminal.
    pub terminal: bool,
    /// Whether that terminal can show colours.
    pub color_terminal: bool,
    /// Width of that terminal, in characters, if it is known.
    pub columns: Option<usize>,
    /// Whether standard output is /dev/null.
    pub out_is_null: bool,
    /// Whether standard input is a terminal.
    pub stdin_terminal: bool,
    /// The value of a variable, if it is set and UTF-8.
    pub variable: fn(&str) -> Option<String>,
    /// The locale.
    pub locale: crate::locale::Locale,
}

/// Decides what `typed` means.
///
/// # Errors
/// What is wrong, and what to write instead.
pub fn plan(program: &str, typed: &Typed, environment: &Environment) -> Result<Job, UsageError> {
    let called = typed.called;
    let mut warnings = Vec::new();
    if typed.has("unix-byte-offsets") {
        warnings.push("warning: --unix-byte-offsets (-u) is obsolete".to_owned());
    }
    let records = typed.has("records");
    let mut operands = typed.operands();
    // A condition at fault is told first: what the shell took from it (`--where Tries > 3`) also shifts the operands.
    let rules = ini::rules(typed, records)?;
    // As in GNU grep, an option's value at fault is reported before a missing pattern.
    let max_count = numbers::max_count(typed)?;
    let context = numbers::context(typed)?;
    let binary = walk::binary(typed)?;
    let mut walk = walk::rules(typed, environment)?;
    let texts = patterns::collect(typed, &mut operands, records)?;
    let operands = Operands::named(typed, &operands)?;
    walk.omit_dot_slash = operands.is_default();
    let settings = output::settings(typed, environment, operands.count(), &mut warnings)?;
    let edit = edit_rules(typed, texts.is_none())?;
    let want = want(typed, environment, edit.is_some())?;
    let none_selected = texts
        .as_ref()
        .is_some_and(|texts| texts.select_nothing(typed));
    let nothing =
        edit.is_none() && want != Want::FilesWithout && (max_count == Some(0) || none_selected);
    // As in GNU grep, patterns that cannot matter are not compiled.
    let texts = texts.filter(|_| !nothing);
    let (matchers, compile_warnings) =
        Matchers::compile(typed, texts.as_ref(), &rules, environment)?;
    let warning = |text: String| format!("warning: {text}");
    warnings.extend(compile_warnings.into_iter().map(warning));
    let edit = edit
        .map(|edit| resolve_groups(edit, &matchers))
        .transpose()?;
    let task = match edit {
        Some(_) if typed.has("in-place") && operands.is_default() => {
            return Err(UsageError::plain(
                "--in-place needs a FILE or a folder to write; name it behind the other arguments",
            ));
        }
        Some(edit) => Task::Edit(edit),
        None if typed.has("in-place") => {
            return Err(UsageError::plain(
                "--in-place has nothing to write: give --replace, --set, --add or --unset with it",
            ));
        }
        None if nothing => Task::Nothing,
        None => Task::Search,
    };
    let asked = walk::recursion_asked(typed);
    let operands = resolve_operands(operands, &walk, asked, environment, &task);
    Ok(Job {
        program: program.to_owned(),
        called,
        task,
        operands,
        walk: Arc::new(walk),
        matchers,
        ini: rules,
        want,
        output: settings,
        max_count,
        before: context.before,
        after: context.after,
        binary,
        stats: typed.has("stats"),
        rings: !typed.has("no-io-uring"),
        no_messages: typed.has("no-messages"),
        warnings,
    })
}

/// Checks the groups of `--replace` against those of the pattern.
fn resolve_groups(mut edit: EditRules, matchers: &Matchers) -> Result<EditRules, UsageError> {
    for change in &mut edit.changes {
        if let Change::Replace(template) = change {
            let matcher = match matchers.ini() {
                Some(matcher) => matcher,
                None => matchers.text().map_err(UsageError::plain)?,
            };
            *template = template
                .clone()
                .resolve(matcher.group_count() + 1, matcher.group_names())
                .map_err(|error| UsageError::plain(format!("--replace: {error}")))?;
        }
    }
    Ok(edit)
}

/// The operands, or what stands for none.
fn resolve_operands(
    operands: Operands,
    walk: &Rules,
    asked: bool,
    environment: &Environment,
    task: &Task,
) -> Vec<Vec<u8>> {
    if let Operands::Named(names) = operands {
        return names;
    }
    let in_place = matches!(
        task,
        Task::Edit(EditRules {
            mode: EditMode::InPlace(_),
            ..
        })
    );
    let recursive = matches!(walk.folders, Folders::Recurse { .. });
    let folder = recursive && !in_place && (asked || environment.stdin_terminal);
    vec![if folder { b".".to_vec() } else { b"-".to_vec() }]
}

fn want(typed: &Typed, environment: &Environment, edit: bool) -> Result<Want, UsageError> {
    let key = |id: &str| -> Result<Vec<KeyName>, UsageError> {
        typed
            .values(id)
            .map(|value| ini::key_name(id, value))
            .collect()
    };
    let get = key("get")?;
    let tally = key("tally")?;
    if tally.len() > 1 {
        return Err(UsageError::plain("--tally can be given once"));
    }
    if !get.is_empty() && !tally.is_empty() {
        return Err(UsageError::plain("--get and --tally exclude each other"));
    }
    if edit && !(get.is_empty() && tally.is_empty()) {
        return Err(UsageError::plain(
            "--get and --tally do not go with a substitution",
        ));
    }
    let list = match typed.last_of(&["files-with-matches", "files-without-match"]) {
        Some("files-with-matches") => Some(Want::FilesWith),
        Some(_) => Some(Want::FilesWithout),
        None => None,
    };
    Ok(if typed.has("quiet") {
        Want::Quiet
    } else if environment.out_is_null && !edit {
        Want::Discard
    } else if let Some(list) = list {
        list
    } else if typed.has("count") {
        Want::Count
    } else if let Some(tally) = tally.into_iter().next() {
        Want::Tally(tally)
    } else if !get.is_empty() {
        Want::Values(get)
    } else {
        Want::Lines
    })
}

/// Options that have no meaning with an edit.
const NOT_WITH_EDIT: &[(&str, &str)] = &[
    ("invert-match", "-v"),
    ("max-count", "-m"),
    ("files-without-match", "-L"),
    ("after-context", "-A"),
    ("before-context", "-B"),
    ("context", "-C"),
];

fn edit_rules(typed: &Typed, records: bool) -> Result<Option<EditRules>, UsageError> {
    let mut changes = Vec::new();
    if let Some(text) = typed.value("replace") {
        if typed.values("replace").count() > 1 {
            return Err(UsageError::plain("--replace can be given once"));
        }
        if records {
            return Err(UsageError::plain(
                "--replace needs PATTERNS to replace; with --records use --set KEY=VALUE",
            ));
        }
        let text = ini::utf8("replace", text)?;
        if text.contains(['\n', '\r', '\0']) {
            return Err(UsageError::plain(
                "--replace: a new text holds no line end and no NUL byte: a match is part of one line",
            ));
        }
        let template = Template::parse(text)
            .map_err(|error| UsageError::plain(format!("--replace: {error}")))?;
        changes.push(Change::Replace(template));
    }
    for text in typed.values("set") {
        let (name, value) = ini::assignment("set", text)?;
        check_value(&value).map_err(|error| UsageError::plain(format!("--set: {error}")))?;
        changes.push(Change::Set(name, value));
    }
    for text in typed.values("add") {
        let (name, value) = ini::assignment("add", text)?;
        check_value(&value).map_err(|error| UsageError::plain(format!("--add: {error}")))?;
        changes.push(Change::Add(name, value));
    }
    for text in typed.values("unset") {
        changes.push(Change::Unset(ini::key_name("unset", text)?));
    }
    if changes.is_empty() {
        return Ok(None);
    }
    if !typed.has("in-place") {
        for id in ["confirm", "keep-going", "force", "no-undo"] {
            if typed.has(id) {
                return Err(UsageError::plain(format!(
                    "--{id} goes with --in-place only"
                )));
            }
        }
    }
    if let Some((_, shown)) = NOT_WITH_EDIT.iter().find(|(id, _)| typed.has(id)) {
        return Err(UsageError::plain(format!(
            "{shown} does not go with a substitution"
        )));
    }
    if typed.digits().is_some() {
        return Err(UsageError::plain("-NUM does not go with a substitution"));
    }
    let recursive = typed.any_given(&["recursive", "dereference-recursive"]);
    if recursive && !typed.has("include") {
        return Err(UsageError::plain(
            "an edit under -r needs --include=GLOB, so that it reaches no file it was not meant for",
        ));
    }
    let mode = if typed.has("in-place") {
        let suffix = typed.value("in-place").filter(|suffix| !suffix.is_empty());
        if let Some(suffix) = suffix
            && suffix.as_encoded_bytes().contains(&b'/')
        {
            return Err(UsageError::plain(
                "--in-place=SUFFIX: a suffix holds no '/'",
            ));
        }
        EditMode::InPlace(InPlace {
            suffix: suffix.map(OsStr::to_owned),
            diff: typed.has("diff"),
            confirm: typed.has("confirm"),
            keep_going: typed.has("keep-going"),
            force: typed.has("force"),
            undo: !typed.has("no-undo"),
        })
    } else if typed.has("quiet") {
        EditMode::Quiet
    } else if typed.has("files-with-matches") {
        EditMode::Names
    } else if typed.has("count") {
        EditMode::Counts
    } else if typed.has("only-matching") {
        EditMode::Matches
    } else {
        EditMode::Diff
    };
    Ok(Some(EditRules { changes, mode }))
}
