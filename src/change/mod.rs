//! What is to be changed and whether it may be: selected records → edits or refusals. Pure: text in, values out.

pub mod doubt;
pub mod edit;
pub mod editor;
pub mod reread;
pub mod template;
pub mod text_edit;

mod insert;
mod locate;
mod substitute;

/// A number of things, in words: `1 file`, `3 files`.
pub fn count(number: u64, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    }
}
