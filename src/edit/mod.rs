//! Substitution: edits as values, and the transaction that writes them.

pub mod change;
