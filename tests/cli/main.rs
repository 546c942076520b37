//! The real binary, as a user runs it.

mod against;
mod edit;
mod errors;
mod grep;
mod ini;
mod json;
mod large;
mod pages;
mod store;
mod support;
