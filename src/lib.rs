//! grini: a grep for .ini files that can also repair them.
//!
//! Data flows one way: argv → [`flags`] → a [`plan::Job`] → [`files`] → [`search`] → [`output`] or
//! [`transaction`] → exit status.

pub mod change;
pub mod files;
pub mod flags;
pub mod ini;
pub mod locale;
pub mod output;
pub mod pattern;
pub mod plan;
pub mod run;
pub mod search;
pub mod system;
pub mod transaction;
