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
mod picture;
mod placed;
mod programs;
mod progress;
mod prompt;
mod properties;
mod reach;
mod refusals;
mod screen;
mod set_and_read;
mod store;
mod support;
mod terminal;
mod trees;
mod tricky;
mod written;
