//! From what was typed, and the environment, to one validated [`Job`]. Makes values, starts nothing.

mod ini;
mod job;
mod numbers;
mod output;
mod patterns;
mod walk;

pub use ini::{IniRules, IniWhen, Part};
pub use job::{Binary, Change, EditMode, EditRules, Environment, Job, Task, Want, plan};
pub use patterns::Matchers;
