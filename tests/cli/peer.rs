//! GNU grep, to compare with.

use crate::support::called;
use bstr::ByteSlice;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Says what was not compared because `tool` is missing. Under GRINI_REQUIRE_TOOLS=1 that fails the test, unless
/// GRINI_WITHOUT, a list with blanks between, has the tool.
#[track_caller]
pub(crate) fn missing(tool: &str, what: &str) {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let required = variable("GRINI_REQUIRE_TOOLS") == "1"
        && !variable("GRINI_WITHOUT")
            .split(' ')
            .any(|without| without == tool);
    assert!(
        !required,
        "{tool} is not installed, and GRINI_REQUIRE_TOOLS=1: {what}"
    );
    eprintln!("{tool} is not installed: {what}");
}

/// GNU grep 3.8 as the system has it; none, and said so: there is no such program.
#[track_caller]
pub(crate) fn gnu_grep() -> Option<PathBuf> {
    let found = ["/usr/bin/grep", "/bin/grep"]
        .iter()
        .map(PathBuf::from)
        .find(|path| {
            let version = Command::new(path).arg("--version").output();
            version.is_ok_and(|version| version.stdout.starts_with(b"grep (GNU grep) 3.8"))
        });
    if found.is_none() {
        missing("GNU grep 3.8", "nothing is compared with it");
    }
    found
}

/// The binary under the name grep, in a folder that stays as long as the run.
pub(crate) fn our_grep() -> (crate::support::Run, PathBuf) {
    let run = called("grep", [""; 0]);
    let _ = run.output();
    let program = run.folder().join(".bin/grep");
    (run, program)
}

/// One command line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    /// Its arguments.
    pub args: Vec<Vec<u8>>,
    /// LC_ALL.
    pub locale: &'static str,
    /// What standard input is.
    pub stdin: Vec<u8>,
    /// LOCPATH: where compiled locales are.
    pub locales: Option<PathBuf>,
    /// The user whose rights it runs with; none: this one.
    pub user: Option<u32>,
}

impl Line {
    /// Runs it in `folder`; after 20 s of processor time it is killed.
    pub(crate) fn run(&self, program: &Path, folder: &Path) -> Output {
        use std::os::unix::process::CommandExt;
        let stdin = folder.join("../stdin");
        fs::write(&stdin, &self.stdin).expect("standard input is written");
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", "ulimit -t 20; exec \"$@\"", "sh"])
            .arg(program)
            .args(self.args.iter().map(|arg| std::ffi::OsStr::from_bytes(arg)))
            .current_dir(folder)
            .env_clear()
            .env("LC_ALL", self.locale)
            .envs(self.locales.iter().map(|path| ("LOCPATH", path)))
            .stdin(fs::File::open(stdin).expect("standard input"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        command.output().expect("it runs")
    }

    /// As a shell would be given it.
    pub(crate) fn shown(&self) -> String {
        let mut text = format!("LC_ALL={} grep", self.locale);
        for arg in &self.args {
            write!(text, " {}", quoted(arg)).expect("text");
        }
        if !self.stdin.is_empty() {
            write!(text, " <<< {}", quoted(&self.stdin)).expect("text");
        }
        text
    }
}

/// Text as bash reads it.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./=".contains(byte);
    if !bytes.is_empty() && bytes.iter().all(plain) {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let mut out = String::from("$'");
    for &byte in bytes {
        match byte {
            b'\'' | b'\\' => write!(out, "\\{}", char::from(byte)).expect("text"),
            0x20..=0x7e => out.push(char::from(byte)),
            _ => write!(out, "\\x{byte:02x}").expect("text"),
        }
    }
    out + "'"
}

/// What a program printed.
#[derive(PartialEq, Eq)]
pub(crate) struct Printed {
    out: Vec<Vec<u8>>,
    err: Vec<Vec<u8>>,
    status: Option<i32>,
}

impl Printed {
    /// Whether it was killed, as a command is that takes more than its time.
    pub(crate) fn is_killed(&self) -> bool {
        self.status.is_none()
    }

    /// Whether both differ in messages alone.
    pub(crate) fn same_but_messages(&self, other: &Printed) -> bool {
        (&self.out, self.status) == (&other.out, other.status)
    }

    /// Lines as they are, or, also cut at the byte `sorted`, in order; the program's name in messages is `grep`.
    pub(crate) fn new(output: &Output, program: &Path, sorted: Option<u8>) -> Printed {
        let lines = |bytes: &[u8], end: u8| -> Vec<Vec<u8>> {
            bytes
                .split_inclusive(|&byte| byte == end || byte == b'\n')
                .map(<[u8]>::to_vec)
                .collect()
        };
        let name = program.as_os_str().as_bytes();
        let named = |line: Vec<u8>| match line.strip_prefix(name) {
            Some(rest) => [b"grep", rest].concat(),
            None => line,
        };
        let mut printed = Printed {
            out: lines(&output.stdout, sorted.unwrap_or(b'\n')),
            err: lines(&output.stderr, b'\n')
                .into_iter()
                .map(named)
                .collect(),
            status: output.status.code(),
        };
        if sorted.is_some() {
            printed.out.sort();
            printed.err.sort();
        }
        printed
    }

    /// Whether both differ in lines that separate groups alone.
    pub(crate) fn same_but_separators(&self, other: &Printed) -> bool {
        let lines = |printed: &Printed| -> Vec<Vec<u8>> {
            let separates = |line: &&Vec<u8>| {
                [
                    &b"--\n"[..],
                    b"##\n",
                    b"\x1b[36m\x1b[K--\x1b[m\x1b[K\n",
                    b"\x1b[36m\x1b[K##\x1b[m\x1b[K\n",
                ]
                .contains(&&line[..])
            };
            let lines = printed.out.iter().filter(|line| !separates(line));
            lines.cloned().collect()
        };
        // With -z a separator's line begins where the last line ended.
        let bytes = |printed: &Printed| {
            let mut bytes = printed.out.concat().replace("--\n", "").replace("##\n", "");
            bytes.sort_unstable();
            bytes
        };
        (lines(self) == lines(other) || bytes(self) == bytes(other))
            && (&self.err, self.status) == (&other.err, other.status)
    }

    /// Whether both printed pages and nothing else.
    pub(crate) fn is_long_as(&self, other: &Printed) -> bool {
        let pages = |printed: &Printed| printed.out.len() > 40 && printed.err.is_empty();
        pages(self) && pages(other) && self.status == other.status
    }

    /// Whether there are messages that are no text.
    pub(crate) fn has_no_text(&self) -> bool {
        std::str::from_utf8(&self.err.concat()).is_err()
    }

    /// Whether nothing was searched for an error on the command line.
    pub(crate) fn is_usage_error(&self) -> bool {
        self.out.is_empty() && self.status != Some(0) && !self.err.is_empty()
    }

    /// Its first lines, those left out that the other one has, too.
    pub(crate) fn shown(&self, other: &Printed) -> String {
        let mut text = format!("status {:?}", self.status);
        for (mark, mine, others) in [
            ("out", &self.out, &other.out),
            ("err", &self.err, &other.err),
        ] {
            let same = mine.iter().zip(others).take_while(|(a, b)| a == b).count();
            if mine == others {
                continue;
            }
            write!(text, "; {mark} from line {}:", same + 1).expect("text");
            for line in mine[same..].iter().take(4) {
                write!(text, " {}", quoted(line)).expect("text");
            }
        }
        text
    }
}

/// A folder for the trees of a generator, which other users may enter.
pub(crate) fn place() -> (tempfile::TempDir, PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    let folder = crate::support::folder();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("its mode");
    let tree = folder.path().join("tree");
    (folder, tree)
}

/// Collects what differs.
#[derive(Default)]
pub(crate) struct Differences {
    found: Vec<String>,
    /// Cases by the name of the known difference that explains them.
    pub known: std::collections::BTreeMap<&'static str, u32>,
}

impl Differences {
    /// Adds one.
    pub(crate) fn push(&mut self, text: String) {
        self.found.push(text);
    }

    /// Prints the counts, and fails where anything differs that no rule explains.
    #[track_caller]
    pub(crate) fn end(self, what: &str, cases: u32, seed: u64) {
        let seed = std::env::var("GRINI_SEED").unwrap_or_else(|_| seed.to_string());
        let known: Vec<String> = self
            .known
            .iter()
            .map(|(rule, count)| format!("{count} by '{rule}'"))
            .collect();
        eprintln!(
            "{what}: {cases} cases, seed {seed}: {} differ; known differences: {}",
            self.found.len(),
            if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            },
        );
        let shown = &self.found[..self.found.len().min(25)];
        assert!(self.found.is_empty(), "{}", shown.join("\n"));
    }
}
