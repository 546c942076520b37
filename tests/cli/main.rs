//! The real binary, as a user runs it.

mod against;
mod dialects;
mod edit;
mod encodings;
mod errors;
mod grep;
mod ini;
mod json;
mod large;
mod pages;
mod placed;
mod programs;
mod prompt;
mod properties;
mod reach;
mod refusals;
mod set_and_read;
mod store;
mod support;
mod terminal;
mod tricky;
mod written;
