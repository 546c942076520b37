//! The parallel driver: workers take what the work list has, in order, until it is empty.

use super::shared::{Outcome, Shared};
use super::slot::Look;
use super::work::WorkList;
use super::worker::{Work, Worker};
use crate::files::walk::{Folders, Step};
use crate::output::json::{self, Stats};
use crate::output::messages::Messages;
use crate::output::text::group_separator;
use crate::plan::{Action, Job};
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
    if let Action::Tally(keys) = &job.action {
        super::rows::tally(job, keys, shared.take_tally())?;
    }
    if job.output.json || job.stats {
        closing(job, &shared, started)?;
    }
    // A run that stopped early has not looked everywhere.
    let everywhere = shared.files() > 0 && !shared.stopped();
    let warnings = everywhere.then(|| shared.names.missing(&job.ini));
    Ok(Outcome {
        warnings: warnings.unwrap_or_default(),
        ..shared.outcome(changes)
    })
}

/// Does all the work, by `threads` at most. Others than the calling one help once there is work for them, as many as can be
/// had.
fn work(
    job: &Job,
    shared: &Shared,
    list: &WorkList<Work>,
    threads: usize,
    progress: &(dyn Fn(u64) + Sync),
) {
    let stopped = || shared.stopped();
    let worker = || Worker::new(job, shared, threads > 1);
    let next = |worker: &mut Worker<'_>| {
        let Some((work, mut slot)) = list.next(stopped) else {
            return false;
        };
        let leaves = worker.work(work, &mut slot);
        list.leave(&slot, leaves);
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
    if job.quiet && !job.operands.iter().any(folder)
        || inputs.count() > 1
        || matches!(job.action, Action::Edit(_)) && overlap(&job.operands)
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
    let endless =
        !job.quiet && job.action.prints_lines() && job.max_count.is_none_or(|count| count > 1);
    let meta = streams::output_file()?;
    endless.then_some((meta.device, meta.inode))
}

#[cfg(test)]
mod tests {
    use super::super::large::Sizes;
    use super::super::printed::Printed;
    use super::super::shared::Tally;
    use super::*;
    use crate::flags::{self, Called};
    use crate::plan::{self, Environment};
    use proptest::prelude::*;
    use std::ffi::OsString;
    use std::path::Path;

    /// What is printed, counted and warned of, whether something was selected, and whether something failed.
    type Answer = (String, Tally, Vec<String>, bool, bool);

    /// The answer of `grini --ini ARGS FILE`.
    fn answer(args: &[&str], file: &Path, sizes: Sizes) -> Answer {
        let args = ["--ini"].iter().chain(args).map(OsString::from);
        let args: Vec<OsString> = args.chain([file.into()]).collect();
        let typed = flags::parse(Called::Grini, args, false).unwrap();
        let environment = Environment {
            terminal: false,
            color_terminal: false,
            columns: None,
            out_is_null: false,
            stdin_given: false,
            variable: |_| None,
            locale: crate::locale::current(),
        };
        let job = plan::plan("grini", &typed, &environment).unwrap();
        let mut shared = Shared::new(&job, None);
        shared.sizes = sizes;
        let out = Printed::default();
        let look = Look {
            color: job.output.colors.is_some(),
            separator: group_separator(&job.output),
            eager: false,
        };
        let messages = Messages::new("grini", false);
        let first = Work::Walk(Step::Operands(0));
        let list = WorkList::new(first, Box::new(out.clone()), messages, look);
        work(&job, &shared, &list, threads(&job), &|_| ());
        list.finish().unwrap();
        let warnings = match shared.stopped() {
            true => Vec::new(),
            false => shared.names.missing(&job.ini),
        };
        let tally = shared.take_tally();
        let outcome = shared.outcome(Vec::new());
        let printed = out.text();
        (printed, tally, warnings, outcome.selected, outcome.failed)
    }

    /// What is asked of a file: what is selected, and what is printed of it.
    const SELECTS: [&[&str]; 16] = [
        &["a"],
        &["-v", "a"],
        &["-E", "^(State|b) *= *[14]"],
        &["-w", "x"],
        &["--key", "State", "1"],
        &["--section", "[xy]*", "1"],
        &["--part=section", "x"],
        &["--part=comment", "a"],
        &["--where", "State=4"],
        &["--where", "State=1 or a ~ 1", "--missing", "b"],
        &["--where", "[x]State=4"],
        &["--where", "not State=4"],
        &["--has", "b", "-e", "1"],
        &["--has", "no", "-e", "1"],
        &["--records"],
        &["--records", "--section", "x"],
    ];
    const PRINTS: [&[&str]; 20] = [
        &["-q"],
        &["-on", "--show", "x.1"],
        &["--count-matches"],
        &["--csv", "--get=a", "--get=State", "-p"],
        &[],
        &["-n"],
        &["-nb", "--show", "b"],
        &["-H", "--show", "*"],
        &["--no-show", "-n"],
        &["-p"],
        &["-c"],
        &["-l"],
        &["-L"],
        &["-I", "-n"],
        &["-a", "--color=always"],
        &["--get", "State", "-n"],
        &["--get", "*", "--get", "[x]b"],
        &["--tally", "State"],
        &["--tally", "a", "--tally", "b"],
        &["-T", "-n", "-Z", "-H"],
    ];
    const READS: [&[&str]; 14] = [
        &[],
        &[],
        &["--scope=section"],
        &["--scope=file"],
        &["--dialect=windows"],
        &["--dialect=python"],
        &["--dialect=editorconfig"],
        &["--dialect=php"],
        &["--dialect=git"],
        &["--dialect=mysql"],
        &["--dialect=samba"],
        &["--continuation=indent"],
        &["--encoding=shift_jis"],
        &["--case-sensitive", "--inline-comment=;"],
    ];

    fn ini() -> impl Strategy<Value = Vec<u8>> {
        let line = prop_oneof![
            6 => r"\[[xyX]{1,2}\](\t|;c)?",
            6 => r"(State|b|a|x\.1) ?= ?([14]|State=4|a|\[x\])?",
            1 => r"( \[y\]|\[x|bare|;a|\[a\]b|a = \\|\t a)?",
            1 => Just("[é]".to_owned()),
        ];
        let ends = prop::sample::select(vec!["\n", "\n", "\r\n", "\r", "\n\n"]);
        let odd = prop_oneof![
            30 => Just(&b""[..]),
            1 => Just(&b"\xe9\x5b\n[\xe9\x5d\n"[..]),
            1 => Just(&b"\0"[..]),
            1 => Just(&b"\x1a"[..]),
            1 => Just(&b"\xef\xbb\xbf"[..]),
        ];
        let long = prop_oneof![30 => Just(0usize), 1 => Just(4090usize), 1 => Just(5000usize)];
        let lines = prop::collection::vec((odd, line, long, ends), 0..24);
        let text = lines.prop_map(|lines| {
            let line = |(odd, line, long, end): (&[u8], String, usize, &str)| {
                let long = "z".repeat(long);
                let line = match line.strip_suffix(']') {
                    Some(start) => format!("{start}{long}]"),
                    None => line + &long,
                };
                [odd, line.as_bytes(), end.as_bytes()].concat()
            };
            lines.into_iter().flat_map(line).collect::<Vec<u8>>()
        });
        (
            text,
            prop::sample::select(vec![&b""[..], b"\xef\xbb\xbf", b"\xff\xfe"]),
        )
            .prop_map(|(text, mark)| [mark, &text].concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]
        #[test]
        fn pieces_of_a_file_read_as_ini_are_answered_as_the_whole(
            text in ini(),
            select in prop::sample::select(&SELECTS[..]),
            print in prop::sample::select(&PRINTS[..]),
            read in prop::sample::select(&READS[..]),
            piece in prop_oneof![3 => 1..40usize, 1 => 4000..4200usize],
        ) {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("a.ini");
            std::fs::write(&file, &text).unwrap();
            let args = [select, print, read].concat();
            let start = piece as u64 - 1;
            let whole = answer(&args, &file, Sizes { large: u64::MAX, piece, start });
            let pieces = answer(&args, &file, Sizes { large: 1, piece, start });
            prop_assert_eq!(pieces, whole, "{:?}", args);
        }
    }
}
