//! The job: everything a run needs to know, decided.

use super::action::{self, Action};
use super::dialect::dialects;
use super::edits::{self, Change, EditRules};
use super::environment::Environment;
use super::ini::{self, IniRules};
use super::named::Asked;
use super::operands::Operands;
use super::patterns::{self, Matchers, Patterns};
use super::walk::Binary;
use super::{conflicts, hints, names, numbers, output, walk};
use crate::files::walk::{Folders, Rules};
use crate::flags::{Called, Id, Typed, UsageError};
use crate::ini::record::{Column, KeyName};
use crate::output::OutputSettings;
use std::path::PathBuf;
use std::sync::Arc;

/// Everything a run needs to know.
pub struct Job {
    /// The name that messages start with.
    pub program: String,
    /// The name the program was called by.
    pub called: Called,
    /// What to do.
    pub action: Action,
    /// Nothing is printed, and the first that is selected, or would change, ends the run (`-q`).
    pub quiet: bool,
    /// Files and folders, in order; `-` is standard input.
    pub operands: Vec<Vec<u8>>,
    /// How folders are walked.
    pub walk: Arc<Rules>,
    /// PATTERNS, compiled; none with `--records`.
    pub matchers: Matchers,
    /// How INI files are read.
    pub ini: IniRules,
    /// How lines are printed.
    pub output: OutputSettings,
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
    /// Standard input is read because no FILE is named.
    pub stdin_by_default: bool,
    /// Rows of values are CSV.
    pub csv: bool,
    /// Rows of values have a column with the section.
    pub show_section: bool,
    /// No messages about missing or unreadable files.
    pub no_messages: bool,
    /// Where journals of edits are; none: there is no such place.
    pub state_dir: Option<PathBuf>,
    /// Warnings to print first.
    pub warnings: Vec<String>,
    /// What to say on a terminal where nothing is selected.
    pub hint: Option<String>,
}

/// Decides what `typed` means.
///
/// # Errors
/// What is wrong, and what to write instead.
pub fn plan(program: &str, typed: &Typed, environment: &Environment) -> Result<Job, UsageError> {
    let called = typed.called;
    let mut warnings = Vec::new();
    if typed.has(Id::UnixByteOffsets) {
        warnings.push("warning: --unix-byte-offsets (-u) is obsolete".to_owned());
    }
    let records = conflicts::without_patterns(typed);
    let mut operands = typed.operands();
    // A condition at fault comes first: what the shell took from it (`--where Tries > 3`) also shifts the operands.
    let dialects = dialects(typed)?;
    let dialect = dialects.of(b"");
    let columns = typed
        .values(Id::Get)
        .map(|text| names::column(text, dialect));
    let columns: Vec<Column> = columns.collect::<Result<_, _>>()?;
    let tally = typed
        .values(Id::Tally)
        .map(|text| names::key_name(Id::Tally, text));
    let tally: Vec<KeyName> = tally.collect::<Result<_, _>>()?;
    let changes = edits::changes(typed, records, dialect)?;
    let asked = Asked {
        records,
        columns: &columns,
        tally: &tally,
        changes: &changes,
    };
    let rules = ini::rules(typed, dialects.clone(), &asked, &mut warnings)?;
    // As in GNU grep, an option's value at fault is reported before a missing pattern.
    let max_count = numbers::max_count(typed)?;
    let context = numbers::context(typed)?;
    let binary = walk::binary(typed)?;
    let mut walk = walk::rules(typed, environment)?;
    let hint = hints::of_condition(typed, &operands).filter(|_| !records && !typed.has(Id::Quiet));
    let texts = patterns::collect(typed, &mut operands, records, &mut warnings)?;
    hints::of_operands(typed, records, &operands, &mut warnings);
    let operands = Operands::named(typed, &operands)?;
    walk.omit_dot_slash = operands.is_default();
    let settings = output::settings(typed, environment, operands.count(), &mut warnings)?;
    let edit = edits::rules(typed, changes)?;
    if edit.is_some() && texts.as_ref().is_some_and(Patterns::has_empty) {
        return Err(UsageError::plain(
            "an empty pattern matches every line; to edit every record, say --records instead of a pattern",
        ));
    }
    let search = action::of_search(typed, environment, columns, tally)?;
    let none_selected = texts
        .as_ref()
        .is_some_and(|texts| texts.select_nothing(typed));
    let nothing = edit.is_none()
        && !matches!(search, Action::FilesWithout)
        && (max_count == Some(0) || none_selected);
    // As in GNU grep, patterns that cannot matter are not compiled.
    let texts = texts.filter(|_| !nothing);
    let (matchers, compile_warnings) =
        Matchers::compile(typed, texts.as_ref(), &rules, environment)?;
    let warning = |text: String| format!("warning: {text}");
    warnings.extend(compile_warnings.into_iter().map(warning));
    let edit = edit
        .map(|edit| resolve_groups(edit, &matchers, &mut warnings))
        .transpose()?;
    let action = match edit {
        Some(_) if typed.has(Id::InPlace) && operands.is_default() => {
            return Err(UsageError::plain(
                "--in-place needs a FILE or a folder to write; name it after the other arguments",
            ));
        }
        Some(edit) => Action::Edit(edit),
        None if nothing => Action::Nothing,
        None => search,
    };
    let asked = walk::recursion_asked(typed);
    let by_default = operands.is_default();
    let operands = resolve_operands(operands, &walk, asked, environment);
    Ok(Job {
        program: program.to_owned(),
        called,
        action,
        quiet: typed.has(Id::Quiet) && !typed.has(Id::InPlace),
        walk: Arc::new(walk),
        matchers,
        ini: rules,
        output: settings,
        max_count,
        before: context.before,
        after: context.after,
        binary,
        stats: typed.has(Id::Stats),
        stdin_by_default: by_default && operands == [b"-".to_vec()],
        operands,
        csv: typed.has(Id::Csv),
        show_section: typed.has(Id::ShowSection),
        state_dir: super::journal::state_dir(typed, |name| std::env::var_os(name))?,
        no_messages: typed.has(Id::NoMessages),
        warnings,
        hint,
    })
}

/// Checks the groups of `--replace` against those of the pattern.
fn resolve_groups(
    mut edit: EditRules,
    matchers: &Matchers,
    warnings: &mut Vec<String>,
) -> Result<EditRules, UsageError> {
    for change in &mut edit.changes {
        if let Change::Replace(template) = change {
            let matcher = match matchers.ini() {
                Some(matcher) => matcher,
                None => matchers.text().map_err(UsageError::plain)?,
            };
            let group = (1..=matcher.group_count().min(9)).map(|at| format!("\\{at}"));
            warnings.extend(
                group
                    .filter(|group| template.text.contains(group))
                    .map(|group| {
                        format!(
                            "warning: '{group}' in --replace is that text; a group is ${}",
                            &group[1..]
                        )
                    }),
            );
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
) -> Vec<Vec<u8>> {
    if let Operands::Named(names) = operands {
        return names;
    }
    let recursive = matches!(walk.folders, Folders::Recurse { .. });
    let folder = recursive && (asked || !environment.stdin_given);
    vec![if folder { b".".to_vec() } else { b"-".to_vec() }]
}
