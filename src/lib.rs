//! grini: a grep for .ini files that can also repair them.
//!
//! Data flows one way: argv → `flags` → a job (`plan`) → [`files`] → `search` → [`output`] or [`transaction`] → exit
//! status. The rooms that are not public here are the program's alone: what nothing in them uses, the compiler finds, an
//! option that is never read too.

pub mod change;
pub mod files;
#[allow(unreachable_pub, reason = "`pub` is what another room may use")]
mod flags;
pub mod ini;
#[allow(unreachable_pub, reason = "`pub` is what another room may use")]
mod locale;
pub mod output;
pub mod pattern;
#[allow(unreachable_pub, reason = "`pub` is what another room may use")]
mod plan;
pub mod run;
#[allow(unreachable_pub, reason = "`pub` is what another room may use")]
mod search;
pub mod system;
pub mod transaction;
