//! From what was typed, and the environment, to one validated [`Job`]. Makes values, starts nothing.

mod ini;
mod job;
mod journal;
mod numbers;
mod operands;
mod output;
mod patterns;
mod walk;

pub use ini::{IniRules, IniWhen, Part};
pub use job::{Binary, Change, EditMode, EditRules, Environment, InPlace, Job, Task, Want, plan};
pub use journal::{JournalAction, JournalTask, journal_task, transaction_settings};
pub use patterns::Matchers;
