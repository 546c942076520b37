//! The parallel driver: workers take batches from the walk, the gate prints them in order.

use super::shared::{Outcome, Shared};
use super::worker::Worker;
use crate::files::walk::{Trouble, Walk};
use crate::output::messages::{message, shown_path};
use crate::output::{Gate, text};
use crate::plan::{Job, Want};
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

/// Threads at most; more gain nothing where the disk or the page cache is the limit.
const WORKERS: usize = 12;
/// Operands that are not worth a second thread.
const FEW: usize = 2;

/// Runs the search of `job`, printing to standard output.
///
/// # Errors
/// Standard output cannot be written.
pub fn run(job: &Job) -> io::Result<Outcome> {
    let shared = Shared::new(job, output_identity(job));
    let separator = text::group_separator(&job.output);
    let gate = Gate::new(
        Box::new(io::stdout()),
        job.output.colors.is_some(),
        separator,
    );
    let walk = Mutex::new(Walk::new(job.operands.clone(), job.walk.clone()));
    let work = || {
        let mut worker = Worker::new(job, &shared);
        while !shared.stopped() && !gate.failed() {
            let batch = walk
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .next_batch();
            let Some(batch) = batch else { break };
            let mut slot = gate.slot(batch.index);
            for problem in &batch.problems {
                if problem.what != Trouble::Loop {
                    shared.fail();
                }
                if !job.no_messages {
                    let path = shown_path(&problem.path);
                    let warning = if problem.what == Trouble::Loop {
                        "warning: "
                    } else {
                        ""
                    };
                    slot.message(format!(
                        "{}: {path}: {warning}{}",
                        job.program, problem.what
                    ));
                }
            }
            for haystack in batch.haystacks() {
                if shared.stopped() || gate.failed() {
                    break;
                }
                worker.search(&batch, &haystack, &mut slot);
            }
        }
    };
    let workers = worker_count(job);
    if workers == 1 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 1..workers {
                scope.spawn(work);
            }
            work();
        });
    }
    gate.finish()?;
    if let Want::Tally(_) = job.want {
        let tally = shared.take_tally();
        if !tally.values.is_empty() || tally.missing > 0 {
            let mut out = io::stdout().lock();
            super::report::tally(&mut out, tally)?;
            out.flush()?;
        }
    }
    for key in shared.unseen_keys() {
        let name = &job.ini.condition_keys[key];
        let key = shown_path(&name.key);
        message(
            &job.program,
            format_args!("warning: no file read has a key '{key}'"),
        );
    }
    Ok(shared.outcome())
}

fn worker_count(job: &Job) -> usize {
    let folder = |operand: &Vec<u8>| {
        use std::os::unix::ffi::OsStrExt;
        operand != b"-" && std::path::Path::new(std::ffi::OsStr::from_bytes(operand)).is_dir()
    };
    if job.operands.len() <= FEW && !job.operands.iter().any(folder) {
        return 1;
    }
    std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(WORKERS)
}

/// Device and inode of standard output where reading it while writing it would never end.
fn output_identity(job: &Job) -> Option<(u64, u64)> {
    let endless = job.want == Want::Lines && job.max_count.is_none_or(|count| count > 1);
    let stat = rustix::fs::fstat(rustix::stdio::stdout()).ok()?;
    let regular =
        rustix::fs::FileType::from_raw_mode(stat.st_mode) == rustix::fs::FileType::RegularFile;
    (endless && regular).then_some((stat.st_dev as u64, stat.st_ino as u64))
}
