//! Finding, ordering, reading and decoding files.

pub mod batch;
pub mod decode;
pub mod ignored;
pub mod list;
pub mod read;
pub mod select;
mod survey;
pub mod walk;
pub mod walk_error;

pub use batch::{Batch, Haystack, Origin};
pub use decode::Document;
pub use read::Source;
pub use select::FileSelection;
pub use survey::Survey;
