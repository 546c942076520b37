//! The parallel driver: workers take what the work list has, in order, until it is empty.

use super::shared::{Outcome, Shared};
use super::work::{Look, Work, WorkList};
use super::worker::Worker;
use crate::files::walk::{Folders, Step};
use crate::output::json::{self, Stats};
use crate::output::messages::{Messages, message};
use crate::output::text::group_separator;
use crate::plan::{Job, Task, Want};
use crate::system::{names, streams};
use std::io::{self, Write};
use std::time::Instant;

/// Threads at most; more gain nothing where the disk or the page cache is the limit.
const WORKERS: usize = 12;

/// Runs the search of `job`, printing to standard output. `progress` is called now and then with how many files were searched.
///
/// # Errors
/// Standard output cannot be written.
pub fn run(job: &Job, progress: &(dyn Fn(u64) + Sync)) -> io::Result<Outcome> {
    let started = Instant::now();
    let shared = Shared::new(job, output_identity(job));
    if let Some(head) = super::rows::csv_head(job) {
        job.output.out()?.write_all(&head)?;
    }
    let list = WorkList::new(
        Work::Walk(Step::Operands(0)),
        job.output.out()?,
        Messages::new(&job.program, job.called.as_grep()),
        Look {
            color: job.output.colors.is_some(),
            separator: group_separator(&job.output),
            eager: job.output.terminal || job.output.line_buffered,
        },
    );
    let threads = match &job.operands[..] {
        [only] if is_small(only) => 1,
        _ => threads(job),
    };
    work(job, &shared, &list, threads, progress);
    let changes = list.finish()?;
    if let Want::Tally(keys) = &job.want {
        super::rows::tally(job, keys, shared.take_tally())?;
    }
    if job.output.json || job.stats {
        closing(job, &shared, started)?;
    }
    // A run that stopped early has not looked everywhere.
    if shared.files() > 0 && !shared.stopped() {
        for text in shared.names.missing(&job.ini) {
            message(&job.program, text);
        }
    }
    Ok(shared.outcome(changes))
}

/// Does all the work, by `threads` at most. Others than the calling one help once there is work for them, as many as can be
/// had.
fn work(
    job: &Job,
    shared: &Shared,
    list: &WorkList,
    threads: usize,
    progress: &(dyn Fn(u64) + Sync),
) {
    let stopped = || shared.stopped();
    let worker = || Worker::new(job, shared, threads > 1);
    let next = |worker: &mut Worker<'_>| {
        let Some((work, mut slot)) = list.next(stopped) else {
            return false;
        };
        worker.work(work, &mut slot);
        drop(slot);
        progress(shared.files());
        true
    };
    std::thread::scope(|scope| {
        let mut first = worker();
        let mut others = threads - 1;
        while next(&mut first) {
            if others > 0 && list.has_work() {
                job.matchers.prepare();
                for _ in 0..std::mem::take(&mut others) {
                    let work = || {
                        let mut worker = worker();
                        while next(&mut worker) {}
                    };
                    if std::thread::Builder::new()
                        .spawn_scoped(scope, work)
                        .is_err()
                    {
                        break;
                    }
                }
            }
        }
    });
}

/// Prints the summary.
fn closing(job: &Job, shared: &Shared, started: Instant) -> io::Result<()> {
    let stats = Stats {
        elapsed: started.elapsed(),
        ..shared.stats()
    };
    let mut out = job.output.out()?;
    if job.output.json {
        let mut buffer = termcolor::Buffer::no_color();
        json::summary(&mut buffer, &stats);
        return out.write_all(buffer.as_slice());
    }
    let text = format!(
        "\n{} matches\n{} matched lines\n{} files contained matches\n{} files searched\n{} bytes searched\n{:.6} seconds\n",
        stats.matches,
        stats.matched_lines,
        stats.searches_with_match,
        stats.searches,
        stats.bytes_searched,
        stats.elapsed.as_secs_f64()
    );
    out.write_all(text.as_bytes())
}

/// How many threads may work at once.
fn threads(job: &Job) -> usize {
    // With -q nothing after the first match is read; of several that read standard input, the first one is to have it; and
    // a file that is named twice is edited in its first place.
    let inputs = job.operands.iter().filter(|operand| *operand == b"-");
    let walks = matches!(job.walk.folders, Folders::Recurse { .. });
    let folder = |operand: &Vec<u8>| walks && operand != b"-" && names::path(operand).is_dir();
    if matches!(job.want, Want::Quiet) && !job.operands.iter().any(folder)
        || inputs.count() > 1
        || matches!(job.task, Task::Edit(_)) && overlap(&job.operands)
    {
        return 1;
    }
    std::thread::available_parallelism().map_or(1, |cores| usize::from(cores).min(WORKERS))
}

/// Whether an operand is no work for two: to ask how many threads may run takes a tenth of a short run.
fn is_small(operand: &[u8]) -> bool {
    /// A file of that size is not cut in pieces.
    const SMALL: u64 = 1 << 20;
    if operand == b"-" {
        return streams::input_file().is_none_or(|meta| meta.size < SMALL);
    }
    let meta = names::path(operand).metadata();
    meta.is_ok_and(|meta| meta.is_file() && meta.len() < SMALL)
}

/// Whether one operand is another one, or is in or beneath it.
fn overlap(operands: &[Vec<u8>]) -> bool {
    if operands.len() < 2 {
        return false;
    }
    let real = operands
        .iter()
        .filter_map(|operand| names::path(operand).canonicalize().ok());
    let mut real: Vec<std::path::PathBuf> = real.collect();
    real.sort();
    // A folder comes right before what is beneath it.
    real.windows(2).any(|pair| pair[1].starts_with(&pair[0]))
}

/// Device and inode of standard output where reading it while writing it would never end.
fn output_identity(job: &Job) -> Option<(u64, u64)> {
    let endless = matches!(job.want, Want::Lines) && job.max_count.is_none_or(|count| count > 1);
    let meta = streams::output_file()?;
    endless.then_some((meta.device, meta.inode))
}
