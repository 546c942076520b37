//! What is to be changed and whether it may be: selected records → edits or refusals. Pure: text in, values out.

pub mod doubt;
pub mod edit;
pub mod insert;
pub mod lint;
pub mod reread;
pub mod substitute;
pub mod template;

mod locate;
