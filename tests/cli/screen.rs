//! The real binary on a pseudo-terminal of a real size.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::process::{Child, Command};

/// A run of the binary on a terminal.
pub(crate) struct Screen {
    child: Child,
    master: File,
    seen: Vec<u8>,
    waited_for: usize,
}

impl Screen {
    /// Starts it in `folder`, on a terminal of 60 columns.
    pub(crate) fn start(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> Screen {
        Screen::wide(60, folder, args, variables)
    }

    /// Starts it in `folder`, on a terminal of so many columns.
    pub(crate) fn wide(
        columns: u16,
        folder: &Path,
        args: &[&str],
        variables: &[(&str, &str)],
    ) -> Screen {
        Screen::with(columns, folder, args, |command| {
            command.envs(variables.iter().copied());
        })
    }

    /// Starts it in `folder`, on a terminal of so many columns, its command changed by `change`.
    pub(crate) fn with(
        columns: u16,
        folder: &Path,
        args: &[&str],
        change: impl FnOnce(&mut Command),
    ) -> Screen {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
        grantpt(&master).expect("it is ours");
        unlockpt(&master).expect("it opens");
        let name = ptsname(&master, Vec::new()).expect("it has a name");
        let size = Winsize {
            ws_row: 20,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let open = || {
            let mut options = OpenOptions::new();
            let end = options.read(true).write(true);
            end.open(name.to_str().expect("a plain name"))
                .expect("the other end")
        };
        let slave = open();
        tcsetwinsize(&slave, size).expect("it has a size");
        let mut command = Command::new(env!("CARGO_BIN_EXE_grini"));
        command
            .args(args)
            .current_dir(folder)
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            .env("TERM", "xterm")
            .env("HOME", folder.join(".home"))
            .stdin(open())
            .stdout(open())
            .stderr(slave);
        change(&mut command);
        let child = command.spawn().expect("the binary starts");
        Screen {
            child,
            master: File::from(master),
            seen: Vec::new(),
            waited_for: 0,
        }
    }

    /// Reads what comes next; false: the other end is closed.
    fn read(&mut self) -> bool {
        let patience = Timespec {
            tv_sec: 30,
            tv_nsec: 0,
        };
        let mut ready = [PollFd::new(&self.master, PollFlags::IN)];
        let count = poll(&mut ready, Some(&patience)).expect("a terminal can be waited for");
        assert!(count > 0, "nothing comes after {:?}", self.text());
        let mut piece = [0; 4096];
        // Linux says EIO where the other end is closed.
        let count = self.master.read(&mut piece).unwrap_or(0);
        self.seen.extend_from_slice(&piece[..count]);
        count > 0
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    /// Waits for `text`.
    pub(crate) fn wait_for(&mut self, text: &str) {
        while !self.text()[self.waited_for..].contains(text) {
            assert!(self.read(), "it ends without {text:?}: {:?}", self.text());
        }
        self.waited_for = self.text().len();
    }

    /// Waits for `prompt`, and types `answer` and Enter.
    pub(crate) fn answer(&mut self, prompt: &str, answer: &str) {
        self.wait_for(prompt);
        writeln!(self.master, "{answer}").expect("it can be typed to");
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it is there");
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        let ended = self.child.try_wait();
        ended.expect("it can be waited for").is_some()
    }

    /// Panics where it has ended.
    pub(crate) fn must_run(&mut self) {
        let ended = self.child.try_wait().expect("it can be waited for");
        assert!(ended.is_none(), "it ended: {ended:?} {:?}", self.text());
    }

    /// All that was shown, line ends as a file has them, and the exit status.
    pub(crate) fn end(mut self) -> (String, i32) {
        while self.read() {}
        let status = self.child.wait().expect("it ends");
        (
            // The terminal turns LF into CR LF; one before it is of a file's own line end.
            self.text().replace("\r\r\n", "\n").replace("\r\n", "\n"),
            status.code().unwrap_or(-1),
        )
    }
}

/// `text` without its colours; any other sequence stays.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        out.push_str(before);
        let parameters = |char: char| char.is_ascii_digit() || char == ';';
        let end = after.trim_start_matches(parameters);
        match end.strip_prefix(['m', 'K']) {
            Some(after) => rest = after,
            None => {
                out.push_str("\x1b[");
                rest = after;
            }
        }
    }
    out + rest
}

/// What a terminal of so many columns shows in the end, one line a row.
pub(crate) fn rows(text: &str, columns: u16) -> Vec<String> {
    let size = |number| NonZero::new(number).expect("a size");
    let mut terminal = vt100::Parser::new(size(20), size(columns), 0);
    terminal.process(text.replace('\n', "\r\n").as_bytes());
    terminal.screen().rows(0, columns).collect()
}
