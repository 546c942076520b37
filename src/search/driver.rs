//! The parallel driver: workers take batches from the walk, the gate prints them in order.

use super::queue::{Done, Feeder, Queue, Work};
use super::shared::{Outcome, Shared};
use super::worker::Worker;
use crate::files::Batch;
use crate::files::walk::{Consumer, Early, Folders, walk};
use crate::output::json::{self, Stats};
use crate::output::messages::{Messages, message};
use crate::output::ordered::TooMuch;
use crate::output::{Gate, Part, text};
use crate::plan::{Job, Task, Want};
use crate::system::{names, streams, threads};
use std::io::{self, Write};
use std::time::Instant;

/// Threads at most; more gain nothing where the disk or the page cache is the limit.
const WORKERS: usize = 12;
/// Operands that are not worth a second thread.
const FEW: usize = 2;
/// Stack of the thread that walks: folders may be nested deep.
const WALK_STACK: usize = 64 << 20;

/// Runs the search of `job`, printing to standard output. `progress` is told now and then how many files were searched.
///
/// # Errors
/// Standard output cannot be written.
pub fn run(job: &Job, progress: &(dyn Fn(u64) + Sync)) -> io::Result<Outcome> {
    let started = Instant::now();
    let shared = Shared::new(job, output_identity(job));
    if let Some(head) = super::rows::csv_head(job) {
        io::stdout().lock().write_all(&head)?;
    }
    let separator = text::group_separator(&job.output);
    let out = streams::output()?;
    let eager = job.output.terminal || job.output.line_buffered;
    let messages = Messages::new(&job.program, job.called.as_grep());
    let color = job.output.colors.is_some();
    let gate = Gate::new(Box::new(out), messages, color, separator, eager);
    let parallel = match worker_count(job) {
        0 => false,
        workers => work_in_parallel(job, workers, &shared, &gate, progress),
    };
    if !parallel {
        let mut worker = Worker::new(job, &shared);
        worker.threads = cores;
        let mut inline = Inline {
            worker,
            gate: &gate,
            index: 0,
            progress,
        };
        walk(&job.operands, &job.walk, &mut inline);
    }
    gate.finish()?;
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
    Ok(shared.outcome())
}

/// Walks on a thread of its own and searches with the others; `false`: there is no thread for it, and nothing was done.
/// The calling thread is one of the workers, so that there is always one.
fn work_in_parallel(
    job: &Job,
    workers: usize,
    shared: &Shared,
    gate: &Gate,
    progress: &(dyn Fn(u64) + Sync),
) -> bool {
    let queue = Queue::default();
    let work = || {
        let mut worker = Worker::new(job, shared);
        threads::own_descriptors();
        while let Some(work) = queue.next() {
            take(&mut worker, work, gate, &queue);
            progress(shared.files());
        }
    };
    std::thread::scope(|scope| {
        let walker = std::thread::Builder::new().stack_size(WALK_STACK);
        let walking = walker.spawn_scoped(scope, || {
            let ahead = !matches!(job.task, Task::Edit(_));
            walk(
                &job.operands,
                &job.walk,
                &mut Feeder::new(&queue, shared, ahead),
            );
            queue.close();
        });
        if walking.is_err() {
            return false;
        }
        job.matchers.prepare();
        for _ in 1..workers {
            let worker = std::thread::Builder::new().spawn_scoped(scope, work);
            if worker.is_err() {
                break;
            }
        }
        work();
        true
    })
}

/// Prints the summary.
fn closing(job: &Job, shared: &Shared, started: Instant) -> io::Result<()> {
    let stats = Stats {
        elapsed: started.elapsed(),
        ..shared.stats()
    };
    let mut out = io::stdout().lock();
    if job.output.json {
        let mut buffer = termcolor::Buffer::no_color();
        json::summary(&mut buffer, &stats);
        return out.write_all(buffer.as_slice());
    }
    writeln!(
        out,
        "\n{} matches\n{} matched lines\n{} files contained matches\n{} files searched\n{} bytes searched\n{:.6} seconds",
        stats.matches,
        stats.matched_lines,
        stats.searches_with_match,
        stats.searches,
        stats.bytes_searched,
        stats.elapsed.as_secs_f64()
    )
}

/// One piece of work by one worker.
fn take(worker: &mut Worker<'_>, work: Work, gate: &Gate, queue: &Queue) {
    match work {
        Work::Turn {
            index,
            batch,
            early,
        } => {
            let mut slot = gate.slot(index);
            worker.in_turn(&batch, early, &mut slot, gate);
        }
        Work::Ahead { batch, first } => {
            let mut found = Vec::new();
            let mut searched = Vec::with_capacity(batch.len());
            let mut slot = gate.aside();
            worker.each(&batch, &mut slot, |at, slot| {
                searched.push(match slot.take() {
                    Ok(part) => {
                        found.extend(part.map(|part| (first + at, part)));
                        true
                    }
                    // It comes again in its turn.
                    Err(TooMuch) => false,
                });
            });
            queue.done(Done {
                first,
                searched,
                found,
            });
        }
    }
}

/// Searches where the walk goes, without threads.
struct Inline<'i> {
    worker: Worker<'i>,
    gate: &'i Gate,
    index: u64,
    progress: &'i (dyn Fn(u64) + Sync),
}

impl Consumer for Inline<'_> {
    type Found = Part;

    fn batch(&mut self, batch: Batch, early: Vec<(usize, Part)>) -> bool {
        let mut slot = self.gate.slot(self.index);
        self.index += 1;
        let go_on = self.worker.in_turn(&batch, early, &mut slot, self.gate);
        (self.progress)(self.worker.shared.files());
        go_on
    }

    fn offer(&mut self, batch: Batch, _: usize) -> Result<(), Batch> {
        Err(batch)
    }

    fn collect(&mut self) -> Early<Part> {
        Early {
            searched: Vec::new(),
            found: Vec::new(),
        }
    }
}

/// How many workers there are; 0: the walk itself searches.
fn worker_count(job: &Job) -> usize {
    let walks = matches!(job.walk.folders, Folders::Recurse { .. });
    let folder = |operand: &Vec<u8>| walks && operand != b"-" && names::path(operand).is_dir();
    // Of several that read standard input, the first one is to have it; and with -q nothing behind the first match is read.
    let inputs = job.operands.iter().filter(|operand| *operand == b"-");
    let in_turn = matches!(job.want, Want::Quiet) || inputs.count() > 1;
    // A file that is named twice is edited in its first place.
    if matches!(job.task, Task::Edit(_)) && overlap(&job.operands) {
        return 0;
    }
    if (in_turn || job.operands.len() <= FEW) && !job.operands.iter().any(folder) {
        return 0;
    }
    cores()
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

/// Threads that work at once.
fn cores() -> usize {
    std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(WORKERS)
}

/// Device and inode of standard output where reading it while writing it would never end.
fn output_identity(job: &Job) -> Option<(u64, u64)> {
    let endless = matches!(job.want, Want::Lines) && job.max_count.is_none_or(|count| count > 1);
    let meta = streams::output_file()?;
    endless.then_some((meta.device, meta.inode))
}
