//! INI structure: dialects, a lossless scanner, sections and records, conditions. Pure: text in, spans out.
//!
//! The text is what [`crate::files::decode`] gives: UTF-8 without a byte order mark. A [`Scan`] cuts it into
//! [`Item`]s that follow each other without a gap, so that gluing them together gives the text back.

mod blank;
pub mod condition;
pub mod cut;
pub mod describe;
pub mod dialect;
pub(crate) mod extent;
pub mod fits;
pub mod glob;
pub mod grammar;
mod indent;
pub mod item;
pub mod need;
pub mod presets;
pub mod record;
pub mod scan;
pub mod value;

pub use condition::Condition;
pub use dialect::Dialect;
pub use record::{Record, Scope};
pub use scan::{Item, Kind, Scan, Section, Span};
