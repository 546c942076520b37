//! What the user sees: lines, colours, diffs, messages.

pub mod colors;
pub mod columns;
pub mod diff;
pub mod escape;
pub mod json;
pub mod messages;
pub mod settings;

pub use colors::Colors;
pub use settings::OutputSettings;
pub mod tally;
pub mod text;
mod window;
