//! Runs the real binary and compares all it says.

#![cfg_attr(windows, allow(dead_code, reason = "some tests run elsewhere alone"))]

use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The sample store.
pub(crate) const CLIENTS: &str = "tests/clients";

/// A run of the binary, in a folder of its own.
pub(crate) struct Run {
    folder: tempfile::TempDir,
    args: Vec<std::ffi::OsString>,
    stdin: Vec<u8>,
    name: &'static str,
    variables: Vec<(String, String)>,
}

/// What a run said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
    /// Exit status.
    pub status: i32,
}

/// A temporary folder; in memory where there is much room, as thousands of durable edits take long on a disk. Where
/// TMPDIR is set, it is there.
pub(crate) fn folder() -> tempfile::TempDir {
    #[cfg(target_os = "linux")]
    {
        const ROOM: u64 = 1 << 30;
        let memory = Path::new("/dev/shm");
        let room =
            rustix::fs::statvfs(memory).map_or(0, |system| system.f_bavail * system.f_frsize);
        if room > ROOM
            && std::env::var_os("TMPDIR").is_none()
            && let Ok(folder) = tempfile::tempdir_in(memory)
        {
            return folder;
        }
    }
    tempfile::tempdir().expect("a temporary folder")
}

/// A run of `grini` with these arguments.
pub(crate) fn grini<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Run {
    called("grini", args)
}

/// A run of the binary under another name.
pub(crate) fn called<A: AsRef<OsStr>>(
    name: &'static str,
    args: impl IntoIterator<Item = A>,
) -> Run {
    Run {
        folder: folder(),
        args: args
            .into_iter()
            .map(|arg| arg.as_ref().to_owned())
            .collect(),
        stdin: Vec::new(),
        name,
        variables: Vec::new(),
    }
}

impl Run {
    /// Standard input.
    pub(crate) fn stdin(mut self, text: impl AsRef<[u8]>) -> Run {
        self.stdin = text.as_ref().to_vec();
        self
    }

    /// A file in the run's folder.
    pub(crate) fn file(self, name: &str, content: impl AsRef<[u8]>) -> Run {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
        fs::write(path, content).expect("the file is written");
        self
    }

    /// A copy of the sample store, as `clients`.
    pub(crate) fn clients(self) -> Run {
        let target = self.folder.path().join("clients");
        fs::create_dir(&target).expect("the folder is made");
        for (name, content) in contents(Path::new(CLIENTS)) {
            fs::write(target.join(name), content).expect("the file is written");
        }
        self
    }

    /// An environment variable.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Run {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Further arguments, for another run in the same folder.
    pub(crate) fn again<A: AsRef<OsStr>>(&mut self, args: impl IntoIterator<Item = A>) -> Said {
        self.args = args
            .into_iter()
            .map(|arg| arg.as_ref().to_owned())
            .collect();
        self.said()
    }

    /// The run's folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs it.
    pub(crate) fn output(&self) -> Output {
        let mut command = self.command();
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = crate::started::started(&mut command);
        // A program that reads nothing closes its end, which is no fault.
        let _ = child.stdin.take().expect("a pipe").write_all(&self.stdin);
        child.wait_with_output().expect("the binary ends")
    }

    /// Runs it with standard output and error in one pipe; what came.
    pub(crate) fn interleaved(&self) -> String {
        let (mut reader, writer) = std::io::pipe().expect("a pipe");
        let mut command = self.command();
        command
            .stdin(Stdio::null())
            .stdout(writer.try_clone().expect("its end"))
            .stderr(writer);
        let mut child = crate::started::started(&mut command);
        // Its ends are closed with it.
        drop(command);
        let mut came = String::new();
        reader.read_to_string(&mut came).expect("it is text");
        child.wait().expect("the binary ends");
        came
    }

    fn command(&self) -> Command {
        let bin = self.folder.path().join(".bin");
        #[cfg(unix)]
        let program = bin.join(self.name);
        #[cfg(windows)]
        let program = match self.name {
            "grini" => PathBuf::from(env!("CARGO_BIN_EXE_grini")),
            name => bin.join(format!("{name}.exe")),
        };
        if !program.exists() {
            fs::create_dir_all(&bin).expect("the folder is made");
            #[cfg(unix)]
            std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_grini"), &program).expect("a link");
            #[cfg(windows)]
            fs::copy(env!("CARGO_BIN_EXE_grini"), &program).expect("a copy");
        }
        let mut command = Command::new(program);
        command
            .args(&self.args)
            .current_dir(self.folder.path())
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            .env("HOME", self.folder.path().join(".home"))
            .env("LOCALAPPDATA", self.folder.path().join(".home"))
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs it; what it said, as text.
    pub(crate) fn said(&self) -> Said {
        let output = self.output();
        Said {
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
            status: output.status.code().unwrap_or(-1),
        }
    }

    /// Runs it and compares all it said.
    #[track_caller]
    pub(crate) fn says(&self, out: &str, err: &str, status: i32) {
        let expected = Said {
            out: out.to_owned(),
            err: err.to_owned(),
            status,
        };
        let said = self.said();
        assert!(
            said == expected,
            "grini {:?}\nexpected {expected:#?}\nsaid {said:#?}",
            self.args
        );
    }
}

impl Run {
    /// Runs it, expects success, and compares the file that it edits.
    #[track_caller]
    pub(crate) fn edits(&self, name: &str, content: &str) {
        let said = self.said();
        assert_eq!(said.status, 0, "{:?} {said:?}", self.args);
        let found = fs::read(self.folder.path().join(name)).expect("the file");
        assert_eq!(String::from_utf8_lossy(&found), content, "{:?}", self.args);
    }
}

/// Name and content of every file in a folder (not beneath it), sorted by name.
pub(crate) fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .map(|path: PathBuf| {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, fs::read(path).expect("a file"))
        })
        .collect();
    all.sort();
    all
}

/// How many cases a generator makes: `default`, or what GRINI_CASES says.
pub(crate) fn cases(default: u32) -> u32 {
    std::env::var("GRINI_CASES").map_or(default, |cases| cases.parse().expect("a number"))
}
