//! Whole runs of grini against its peers: `cargo bench --bench compare`.
//!
//! Makes its stores and files in a temporary folder (GRINI_BENCH_DIR: another place for it), runs the commands of a row in
//! turn, and prints for each the median, the median ratio to the row's first command, and the peak memory. A peer that is not
//! installed is named. GRINI_BENCH_FILES and GRINI_BENCH_MIB make the store and the large file smaller or larger.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[path = "store.rs"]
#[allow(dead_code)]
mod store;

/// Runs of each command that are counted.
const ROUNDS: usize = 7;

/// One row: commands that do the same work, the first being what the others are compared with.
struct Row {
    name: &'static str,
    commands: Vec<Vec<String>>,
    /// Files that each run edits: made anew before it.
    fresh: Option<usize>,
}

fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for char in line.chars() {
        match (char, words.last_mut()) {
            ('\'', _) => quoted = !quoted,
            (' ', _) if !quoted => words.push(String::new()),
            (_, Some(word)) => word.push(char),
            (_, None) => {}
        }
    }
    words
}

fn number(variable: &str, default: usize) -> usize {
    std::env::var(variable)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

/// A program that only lists, opens, reads, searches and closes, with two threads: what cannot be undercut by system calls.
fn floor(needle: &str, folder: &Path) -> io::Result<usize> {
    let names: Vec<PathBuf> = std::fs::read_dir(folder)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .collect();
    let finder = memchr::memmem::Finder::new(needle);
    let search = |names: &[PathBuf]| {
        let mut buffer = vec![0; 1 << 16];
        let read = |path: &PathBuf, buffer: &mut Vec<u8>| -> io::Result<bool> {
            let length = io::Read::read(&mut std::fs::File::open(path)?, buffer)?;
            Ok(finder.find(&buffer[..length]).is_some())
        };
        names
            .iter()
            .filter(|path| read(path, &mut buffer).unwrap_or(false))
            .count()
    };
    let (first, second) = names.split_at(names.len() / 2);
    Ok(std::thread::scope(|scope| {
        let other = scope.spawn(|| search(first));
        search(second) + other.join().unwrap_or(0)
    }))
}

/// A tree of 400 folders with 10 in each, one of five files being an INI file.
fn deep(tree: &Path) -> io::Result<()> {
    for above in 0..400 {
        for below in 0..10 {
            let folder = tree.join(format!("a{above}/b{below}"));
            std::fs::create_dir_all(&folder)?;
            for at in 0..4 {
                std::fs::write(folder.join(format!("{at}.txt")), "text\n")?;
            }
            std::fs::write(folder.join("a.ini"), "[Client]\nName = Anna\n")?;
        }
    }
    Ok(())
}

/// Large files of NUL bytes, written and not, one of binary content, and INI files.
fn special(folder: &Path, mib: usize) -> io::Result<()> {
    let written = |name: &str, block: &[u8], mib: usize| {
        let mut out = io::BufWriter::new(std::fs::File::create(folder.join(name))?);
        for _ in 0..(mib << 20) / block.len() {
            out.write_all(block)?;
        }
        out.flush()
    };
    written("nul", &[0; 1 << 20], mib)?;
    std::fs::File::create(folder.join("sparse"))?.set_len((5 * mib as u64) << 20)?;
    let mut seed = 1u32;
    let noise = (0..1 << 20).map(|_| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8 & (seed >> 16) as u8
    });
    written("library", &noise.collect::<Vec<u8>>(), mib / 8)?;
    let mut ini = io::BufWriter::new(std::fs::File::create(folder.join("big.ini"))?);
    let keys = format!("Key = {}\r\n", "0123456789abcdefABCDEF+/".repeat(14)).repeat(10);
    for at in 0..mib * 200 {
        write!(
            ini,
            "[Client{at}]\r\nSite = Site{}\r\nState = 4\r\n{keys}\r\n",
            at % 40
        )?;
    }
    ini.flush()?;
    for (name, lines) in [("half.ini", 40_000), ("whole.ini", 80_000)] {
        let section = |at: usize| format!("[Client{at}]\n\tState = 4\n");
        let sections: String = (0..lines).map(section).collect();
        let records = format!("{sections}[Last]\n{}", "\tState = 4\n".repeat(lines));
        std::fs::write(folder.join(name), records)?;
    }
    let line = |at: usize| format!("line {at} of user{} with text and z\n", at * 7919 % 20_000);
    let lines: String = (0..200_000).map(line).collect();
    std::fs::write(folder.join("lines"), lines)?;
    let patterns: String = (0..10_000)
        .map(|at| format!("user{at}.*z[0-9]\n"))
        .collect();
    std::fs::write(folder.join("patterns"), patterns)?;
    let words: String = (0..100_000).map(|at| format!("user{at}\n")).collect();
    std::fs::write(folder.join("words"), words)
}

/// A large text file of client records.
fn large(path: &Path, mib: usize) -> io::Result<()> {
    let mut block = String::new();
    for at in 0..1000 {
        block.push_str(&format!(
            "[Client{at}]\nName = User {at}\nMailbox = /o=Fabrikam/cn=user{at:07}\nState = 4\n\n[Keys]\n"
        ));
        for key in 0..5 {
            block.push_str(&format!(
                "Key{key} = {}\n",
                "0123456789abcdefABCDEF+/".repeat(6)
            ));
        }
    }
    let mut out = io::BufWriter::new(std::fs::File::create(path)?);
    for _ in 0..(mib << 20) / block.len() {
        out.write_all(block.as_bytes())?;
    }
    out.flush()
}

/// Runs a command to its end, its output drained; its time, and its peak memory in KiB.
fn run(words: &[String]) -> io::Result<(Duration, u64)> {
    let start = Instant::now();
    let mut child = Command::new(&words[0])
        .args(&words[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut out = child.stdout.take();
    if let Some(out) = &mut out {
        io::copy(out, &mut io::sink())?;
    }
    let memory = wait(&child)?;
    Ok((start.elapsed(), memory))
}

/// Waits for a child's end; its peak memory in KiB.
fn wait(child: &std::process::Child) -> io::Result<u64> {
    let mut status = 0;
    // SAFETY: zeros are a usage, and both places live as long as the call.
    let (ended, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        let ended = libc::wait4(child.id() as i32, &raw mut status, 0, &raw mut usage);
        (ended, usage)
    };
    match ended {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(usage.ru_maxrss as u64),
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn measure(row: &Row, folder: &Path) -> io::Result<()> {
    println!("\n{}", row.name);
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); row.commands.len()];
    let mut memory = vec![0; row.commands.len()];
    let mut absent = vec![false; row.commands.len()];
    for round in 0..=ROUNDS {
        for (at, command) in row.commands.iter().enumerate() {
            if absent[at] {
                continue;
            }
            let mut command = command.clone();
            if let Some(files) = row.fresh {
                let store = folder.join(format!("edit-{round}-{at}"));
                store::make(files, &store)?;
                // Files as they stand on a disk, not ones whose blocks were never written.
                rustix::fs::sync();
                for word in &mut command {
                    *word = word.replace("FRESH", &store.to_string_lossy());
                }
            }
            match run(&command) {
                Ok((time, peak)) => {
                    if round > 0 {
                        times[at].push(time.as_secs_f64());
                    }
                    memory[at] = memory[at].max(peak);
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => absent[at] = true,
                Err(error) => return Err(error),
            }
        }
    }
    for (at, command) in row.commands.iter().enumerate() {
        let shown: String = command.join(" ").chars().take(90).collect();
        if absent[at] || times[0].is_empty() {
            println!("  not installed                    {shown}");
            continue;
        }
        let mut ratios: Vec<f64> = times[at]
            .iter()
            .zip(&times[0])
            .map(|(time, first)| time / first)
            .collect();
        let ratio = median(&mut ratios);
        let time = median(&mut times[at].clone());
        println!(
            "  {time:8.4} s  x{ratio:6.3}  {:>7} KiB  {shown}",
            memory[at]
        );
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| arg != "--bench")
        .collect();
    if let [mode, needle, folder] = args.as_slice()
        && mode == "--floor"
    {
        println!("{}", floor(needle, Path::new(folder))?);
        return Ok(());
    }
    let temporary = tempfile::Builder::new().prefix("grini-bench-").tempdir_in(
        std::env::var_os("GRINI_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from),
    )?;
    let folder = temporary.path();
    let store = folder.join("store");
    let big = folder.join("big.txt");
    let tenth = folder.join("tenth");
    let files = number("GRINI_BENCH_FILES", 100_000);
    store::make(files, &store)?;
    store::make(files / 10, &tenth)?;
    large(&big, number("GRINI_BENCH_MIB", 1024))?;
    let grini = env!("CARGO_BIN_EXE_grini");
    let grep = folder.join("grep");
    // Copied as an installation does it: the linker leaves its output in the page cache in single pages, from which a
    // program starts slower than from those that are read or written in larger runs.
    std::fs::copy(grini, &grep)?;
    let this = std::env::current_exe()?;
    let one = folder.join("one.txt");
    std::fs::write(&one, "x\n")?;
    let many = folder.join("words.txt");
    let tree = folder.join("tree");
    deep(&tree)?;
    special(folder, number("GRINI_BENCH_MIB", 1024))?;
    let list: String = (0..10_000).map(|at| format!("nobody{at:05}\n")).collect();
    std::fs::write(&many, list)?;
    let fill = |line: &str| {
        let line = line
            .replace("STORE", &store.to_string_lossy())
            .replace("TENTH", &tenth.to_string_lossy())
            .replace("BIG", &big.to_string_lossy())
            .replace("TREE", &tree.to_string_lossy())
            .replace("GREP", &grep.to_string_lossy())
            .replace("GRINI", grini)
            .replace("FLOOR", &format!("{} --floor", this.display()))
            .replace("ONE", &one.to_string_lossy())
            .replace("WORDS", &many.to_string_lossy())
            .replace("HERE", &folder.to_string_lossy());
        words(&line)
    };
    let rows: &[(&'static str, Option<usize>, &[&str])] = &[
        (
            "a mailbox in a store",
            None,
            &[
                "FLOOR user0058932 STORE",
                "GRINI user0058932 STORE",
                "rg -u user0058932 STORE",
                "grep -r user0058932 STORE",
                "ugrep -r user0058932 STORE",
            ],
        ),
        (
            "a line of every file",
            None,
            &["rg -u -n State STORE", "GRINI -n State STORE"],
        ),
        (
            "broken records",
            None,
            &[
                "rg -u -l 'State = 4' STORE",
                "GRINI --where State=4 --missing NumSCerts -l STORE",
            ],
        ),
        (
            "a tree of 4,400 folders",
            None,
            &[
                "rg -u -g *.ini nobody TREE",
                "GRINI nobody TREE",
                "grep -r --include=*.ini nobody TREE",
            ],
        ),
        (
            "*.ini files of a system",
            None,
            &["rg -uuu -g *.ini Jane /usr", "GRINI Jane /usr"],
        ),
        (
            "all files of its libraries",
            None,
            &["rg -uuu Jane /usr/lib", "GRINI -r Jane /usr/lib"],
        ),
        (
            "counts of small files",
            None,
            &[
                "rg -uuu -c Created STORE",
                "GRINI -rc Created STORE",
                "grep -rc Created STORE",
            ],
        ),
        (
            "a tenth of the files",
            None,
            &["GRINI user0058932 STORE", "GRINI user0058932 TENTH"],
        ),
        (
            "one core",
            None,
            &[
                "GRINI user0058932 STORE",
                "taskset -c 0 GRINI user0058932 STORE",
            ],
        ),
        (
            "many matches in a large file",
            None,
            &[
                "rg -n 'State = 4' BIG",
                "GRINI -n 'State = 4' BIG",
                "grep -n 'State = 4' BIG",
                "GREP -n 'State = 4' BIG",
            ],
        ),
        (
            "JSON Lines of them",
            None,
            &["rg --json 'State = 4' BIG", "GRINI --json 'State = 4' BIG"],
        ),
        (
            "a string that is not there",
            None,
            &[
                "rg user9999999 BIG",
                "GRINI user9999999 BIG",
                "grep user9999999 BIG",
            ],
        ),
        (
            "classes and repeats",
            None,
            &["rg '[a-z]+[0-9]{3}x' BIG", "GRINI -E '[a-z]+[0-9]{3}x' BIG"],
        ),
        (
            "10,000 words",
            None,
            &["rg -F -f WORDS BIG", "GRINI -F -f WORDS BIG"],
        ),
        (
            "without case, beyond ASCII",
            None,
            &["rg -i jürgen BIG", "GRINI -i jürgen BIG"],
        ),
        (
            "10,000 regular expressions",
            None,
            &[
                "grep -c -f HERE/patterns HERE/lines",
                "GREP -c -f HERE/patterns HERE/lines",
            ],
        ),
        (
            "100,000 numbered words",
            None,
            &[
                "grep -c -F -f HERE/words HERE/lines",
                "GREP -c -F -f HERE/words HERE/lines",
                "rg -c -F -f HERE/words HERE/lines",
            ],
        ),
        (
            "these words in any case",
            None,
            &[
                "grep -c -i -F -f HERE/words HERE/lines",
                "GREP -c -i -F -f HERE/words HERE/lines",
            ],
        ),
        (
            "NUL bytes",
            None,
            &[
                "grep Jane HERE/nul",
                "GREP Jane HERE/nul",
                "rg Jane HERE/nul",
            ],
        ),
        (
            "a hole",
            None,
            &["grep Jane HERE/sparse", "GREP Jane HERE/sparse"],
        ),
        (
            "a binary file",
            None,
            &[
                "rg user9999999 HERE/library",
                "GREP user9999999 HERE/library",
                "grep user9999999 HERE/library",
            ],
        ),
        (
            "classes around one byte",
            None,
            &[
                "rg '[A-Z][a-z]+.=.[0-9]' BIG",
                "GRINI -E '[A-Z][a-z]+.=.[0-9]' BIG",
            ],
        ),
        (
            "anything around words",
            None,
            &["rg '.*user.*State' BIG", "GRINI '.*user.*State' BIG"],
        ),
        (
            "Perl's look-ahead",
            None,
            &["grep -P 'State(?= =)' BIG", "GREP -P 'State(?= =)' BIG"],
        ),
        (
            "a large INI file",
            None,
            &[
                "rg -n 'State = 4' HERE/big.ini",
                "GRINI -n 'State = 4' HERE/big.ini",
            ],
        ),
        (
            "values of a large INI file",
            None,
            &[
                "rg -c 'State = 4' HERE/big.ini",
                "GRINI --where State=4 --tally Site HERE/big.ini",
            ],
        ),
        (
            "twice the lines to edit",
            None,
            &[
                "GRINI --records --set State=5 --dup=all --diff HERE/half.ini",
                "GRINI --records --set State=5 --dup=all --diff HERE/whole.ini",
            ],
        ),
        (
            "twice the sections to find one in",
            None,
            &[
                "GRINI --records --put [Client7]New=1 --diff HERE/half.ini",
                "GRINI --records --put [Client7]New=1 --diff HERE/whole.ini",
            ],
        ),
        ("start, a literal", None, &["grep x ONE", "GREP x ONE"]),
        (
            "start, a regular expression",
            None,
            &["grep 'x[0-9]*y*' ONE", "GREP 'x[0-9]*y*' ONE"],
        ),
        (
            "an edit of 10,000 files",
            Some(10_000),
            &[
                "sh -c 'find FRESH -type f -print0 | xargs -0 sed -i s/Created/Made/'",
                "GRINI Created --replace Made --in-place FRESH",
                "fastmod --accept-all Created Made FRESH",
                "sh -c 'find FRESH -type f -print0 | xargs -0 sd Created Made'",
            ],
        ),
    ];
    for (name, fresh, commands) in rows {
        let commands = commands.iter().map(|line| fill(line)).collect();
        measure(
            &Row {
                name,
                commands,
                fresh: *fresh,
            },
            folder,
        )?;
    }
    Ok(())
}
