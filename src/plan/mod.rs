//! From what was typed, and the environment, to one validated [`Job`]. Makes values, starts nothing.

mod action;
mod conditions;
mod conflicts;
mod dialect;
mod edits;
mod environment;
mod hints;
mod ini;
mod job;
mod journal;
mod lists;
mod named;
mod names;
mod numbers;
mod operands;
mod output;
mod patterns;
mod walk;

pub use action::Action;
pub use conflicts::check as check_options;
pub use edits::{Change, EditMode, EditRules, InPlace};
pub use environment::Environment;
pub use ini::{Headers, IniRules, IniWhen, Part};
pub use job::{Job, plan};
pub use journal::{JournalAction, JournalTask, journal_task, transaction_settings};
pub use named::Named;
pub use walk::Binary;
