//! Searching: each file against the job, in parallel, printed in order.

mod aligned;
mod buffers;
mod driver;
mod edits;
mod findings;
mod found;
mod ini;
mod input;
mod pieces;
mod prefilter;
mod queue;
mod record_json;
mod report;
mod shared;
mod text;
mod worker;

pub use driver::run;
pub use shared::Outcome;
