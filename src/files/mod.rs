//! Finding, ordering, reading and decoding files.

pub mod decode;
pub mod read;
pub mod select;
pub mod walk;

pub use decode::Document;
pub use select::Selection;
pub use walk::{Haystack, Origin};
