//! The command line: every option once, in [`table`]; parsing, help, man page and completions come from it.

pub mod argv;
pub mod called;
pub mod command;
mod foreign;
pub mod help;
pub mod man;
pub mod option;
pub mod table;
pub mod typed;

pub use called::Called;
pub use option::{Group, Opt};
pub use table::Id;
pub use typed::{Color, Typed, UsageError, parse};
