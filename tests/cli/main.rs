//! The real binary, as a user runs it.

mod against;
mod dialects;
mod edit;
mod errors;
mod grep;
mod ini;
mod json;
mod large;
mod pages;
mod programs;
mod store;
mod support;
