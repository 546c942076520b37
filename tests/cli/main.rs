//! The real binary, as a user runs it.

#[cfg(unix)]
mod against;
#[cfg(unix)]
mod charsets;
#[cfg(unix)]
mod dialects;
mod edit;
#[cfg(unix)]
mod encodings;
mod errors;
#[cfg(unix)]
mod globs;
#[cfg(unix)]
mod grep;
mod ini;
#[cfg(unix)]
mod json;
#[cfg(unix)]
mod large;
#[cfg(unix)]
mod pages;
#[cfg(unix)]
mod peer;
#[cfg(unix)]
mod picture;
mod placed;
#[cfg(unix)]
mod programs;
#[cfg(unix)]
mod progress;
#[cfg(unix)]
mod prompt;
#[cfg(unix)]
mod properties;
#[cfg(unix)]
#[path = "../random/mod.rs"]
mod random;
mod reach;
mod refusals;
#[cfg(unix)]
mod screen;
#[cfg(unix)]
mod set_and_read;
#[path = "../started/mod.rs"]
mod started;
#[cfg(unix)]
mod store;
mod support;
#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod trees;
mod tricky;
#[cfg(unix)]
mod typed;
#[cfg(unix)]
mod typed_edits;
#[cfg(unix)]
mod typed_options;
#[cfg(unix)]
mod typed_records;
mod written;
