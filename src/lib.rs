//! grini: a grep for .ini files that can also repair them.
//!
//! Data flows one way: argv → [`flags`] → a [`plan::Job`] → [`files`] → [`search`] → [`output`] or
//! [`edit`] → exit status.

pub mod edit;
pub mod pattern;
