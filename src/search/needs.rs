//! What a job needs to know of the records of a file.

use crate::ini::dialect::{Case, Dialect, KeyForm};
use crate::ini::glob::NameGlob;
use crate::plan::{Action, Headers, Job};

/// Whether a large file may be searched by pieces: what is printed of one depends on no other, and nothing sums them up.
pub(super) fn may_cut(job: &Job) -> bool {
    let context = job.before > 0 || job.after > 0 || job.output.groups;
    let sums = job.stats || job.output.json || job.max_count.is_some();
    !context && !sums && !job.output.heading
}

/// Whether this holds of one that is read as INI, too.
pub(super) fn may_cut_ini(job: &Job) -> bool {
    let fallback = job.ini.fallback;
    let by_byte = fallback.is_single_byte() || fallback == encoding_rs::UTF_8;
    may_cut(job) && by_byte && !matches!(job.action, Action::Lint | Action::Edit(_))
}

/// Whether anything is shown with selected lines at all.
pub(super) fn shows(job: &Job) -> bool {
    let some = !job.ini.show.is_empty() || job.ini.headers != Headers::Never;
    let lines = matches!(job.action, Action::Lines);
    some && lines && !job.output.only_matching && !job.output.invert
}

/// Whether the records of matching lines matter.
pub(super) fn needs_records(job: &Job) -> bool {
    let edits = matches!(job.action, Action::Edit(_));
    !job.ini.conditions.is_empty() || prints_rows(job) || edits || shows(job)
}

/// Whether what is found depends on which sections are one record.
pub(super) fn has_records(job: &Job) -> bool {
    job.ini.records || needs_records(job)
}

/// Whether what is selected, or what values are printed of, is a record.
pub(super) fn selects_records(job: &Job) -> bool {
    job.ini.records || !job.ini.conditions.is_empty() || prints_rows(job)
}

/// Whether the records that are selected matter once their lines are known.
pub(super) fn keeps_records(job: &Job) -> bool {
    prints_rows(job) || job.output.json || matches!(job.action, Action::Edit(_))
}

/// Whether values of records are printed or counted.
fn prints_rows(job: &Job) -> bool {
    matches!(job.action, Action::Values(_) | Action::Tally(_))
}

/// The keys of the lines that are shown with those that match, where no other line of a record matters, and keys stand in
/// files as they are typed.
pub(super) fn only_shown<'j>(job: &'j Job, dialect: &Dialect) -> Option<Vec<&'j [u8]>> {
    let as_typed = dialect.key_form == KeyForm::Plain && dialect.key_case != Case::Unicode;
    let keys = job.ini.show.iter().map(NameGlob::literal);
    match selects_records(job) || !as_typed {
        true => None,
        false => keys.collect(),
    }
}

/// Whether no more is wanted than how many records are selected.
pub(super) fn only_counts(job: &Job) -> bool {
    matches!(
        job.action,
        Action::Count | Action::FilesWith | Action::FilesWithout | Action::Quiet | Action::Discard
    )
}
