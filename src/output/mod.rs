//! What the user sees: lines, colours, diffs, messages, and the order of it all.

pub mod colors;
pub mod columns;
pub mod diff;
pub mod escape;
pub mod json;
pub mod messages;
pub mod ordered;
pub mod settings;

pub use colors::Colors;
pub use ordered::{Gate, Part, Slot};
pub use settings::Settings;
pub mod tally;
pub mod text;
mod window;
