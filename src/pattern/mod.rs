//! POSIX and Perl patterns compiled into one [`Matcher`] that serves search and substitution.
//!
//! ```text
//! pattern text -> parse (bracket) -> Ast -> literal     plain strings: memmem, Aho-Corasick
//!                                        -> regular     grep-regex finds lines, extent says where
//!                                             extent    leftmost-longest: regexes, else simulate
//!                                             backtrack back-references, groups
//!              -> perl                                  PCRE2
//! ```
//!
//! GNU grep 3.8 is followed to the letter. What it does otherwise than POSIX would is in `gnu`.

mod assemble;
pub mod ast;
mod automaton;
mod backtrack;
mod bracket;
mod build;
mod compile;
mod ctype;
mod deep;
mod equivalence;
mod error;
mod extent;
mod glob;
mod gnu;
mod grep;
mod interval;
mod lines;
mod literal;
mod many;
mod matcher;
mod mode;
mod options;
pub mod parse;
mod perl;
mod program;
mod regular;
mod required;
mod scan;
mod set;
mod simulate;
mod strings;
mod tables;
mod transcode;
mod translate;
mod unit;
mod words;

pub use error::{Error, MatchError};
pub use glob::{Glob, GlobRules};
pub use matcher::{Compiled, Groups, Matcher};
pub use options::{Charset, Options, Syntax, Whole};
pub use transcode::{Codepage, Single, stand_in};
