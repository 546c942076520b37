//! Searching: each file against the job, in parallel, printed in order.

mod aligned;
mod buffers;
mod driver;
mod edits;
mod encode;
mod faults;
mod findings;
mod found;
mod huge;
mod in_order;
mod ini;
mod input;
mod large;
mod lines;
mod lint;
mod names;
mod needs;
mod numbers;
mod opened;
mod pieces;
mod prefilter;
#[cfg(test)]
mod printed;
mod record_json;
mod report;
mod rows;
mod sections;
mod shared;
mod shown;
mod slot;
mod text;
mod text_json;
mod work;
mod worker;

pub use driver::run;
pub use shared::{EditCounts, Outcome};
