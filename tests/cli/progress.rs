//! The progress bar: on the terminal of standard error where the work takes over a second, and nowhere else.

use crate::screen::{Screen, rows};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::Signal;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

/// Its operands are FIFOs at the places where files are handed out together: the first one keeps it at work for as long
/// as the test likes, the last one keeps it from ending.
const OPERANDS: [&str; 9] = [
    "first", "a.ini", "a.ini", "a.ini", "a.ini", "a.ini", "a.ini", "a.ini", "last",
];

/// What it finds in them.
const FOUND: &str = "a.ini:x=1\n";

/// A folder with the operands.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("a.ini"), "x=1\n").expect("it is written");
    for name in ["first", "last"] {
        let mode = Mode::RUSR | Mode::WUSR;
        mknodat(CWD, folder.path().join(name), FileType::Fifo, mode, 0).expect("a FIFO is made");
    }
    folder
}

/// Waits until the binary reads a FIFO, and holds it open.
fn hold(screen: &mut Screen, fifo: &Path) -> File {
    loop {
        let mut options = OpenOptions::new();
        // Where nothing reads it, this fails at once.
        let nonblocking = rustix::fs::OFlags::NONBLOCK.bits() as i32;
        match options.write(true).custom_flags(nonblocking).open(fifo) {
            Ok(file) => return file,
            Err(_) => screen.must_run(),
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Starts it with one stream or more sent to a file, and holds its first operand.
fn started(folder: &Path, to_files: &[&str]) -> (Screen, File) {
    let args = [&["x"], &OPERANDS[..]].concat();
    let mut screen = Screen::with(60, folder, &args, |command| {
        for stream in to_files {
            let file = File::create(folder.join(stream)).expect("a file");
            match *stream {
                "out" => command.stdout(file),
                _ => command.stderr(file),
            };
        }
    });
    let held = hold(&mut screen, &folder.join("first"));
    (screen, held)
}

#[test]
fn a_bar_is_shown_on_standard_error_while_it_takes_long() {
    let seen = folder();
    let both = folder();
    let none = folder();
    let (mut on_error, first) = started(seen.path(), &["out"]);
    let (mut on_both, first_of_both) = started(both.path(), &[]);
    let (mut on_none, first_of_none) = started(none.path(), &["out", "err"]);
    // It is at work by now, as it reads; this makes the work last, however fast or slow the machine.
    std::thread::sleep(Duration::from_millis(1100));
    drop((first, first_of_both, first_of_none));

    on_error.wait_for("searched 8 files");
    drop(hold(&mut on_error, &seen.path().join("last")));
    let (text, status) = on_error.end();
    assert_eq!(status, 0, "{text:?}");
    let left: String = rows(&text, 60).concat();
    assert_eq!(left.trim(), "", "{text:?}");
    let read = |folder: &tempfile::TempDir, name| {
        fs::read_to_string(folder.path().join(name)).expect("the file")
    };
    assert_eq!(read(&seen, "out"), FOUND.repeat(7));

    // Where lines are shown on the same terminal, it would stand between them.
    on_both.wait_for("a.ini");
    drop(hold(&mut on_both, &both.path().join("last")));
    let (text, _) = on_both.end();
    assert_eq!(crate::screen::plain(&text), FOUND.repeat(7));

    drop(hold(&mut on_none, &none.path().join("last")));
    let (text, _) = on_none.end();
    assert_eq!(text, "");
    assert_eq!(read(&none, "out"), FOUND.repeat(7));
    assert_eq!(read(&none, "err"), "");
}

/// Whether a transaction keeps its staging folder in `folder`.
fn is_staging(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names = entries.map(|entry| entry.expect("an entry").file_name());
    names.any(|name| name.to_string_lossy().starts_with(".grini-"))
}

#[test]
fn a_long_edit_shows_how_far_it_is() {
    const FILES: usize = 1500;
    // It is stopped while it is staging, for longer than work goes on without a bar. A busy machine may see it too late.
    for _ in 0..10 {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = folder.path().join("s");
        fs::create_dir(&store).expect("a folder");
        for at in 0..FILES {
            fs::write(store.join(format!("{at}.ini")), "x=1\n").expect("it is written");
        }
        let args = ["--records", "--set=x=22", "--in-place", "s"];
        let mut screen = Screen::start(folder.path(), &args, &[]);
        while !is_staging(&store) && !screen.has_ended() {
            std::thread::sleep(Duration::from_millis(1));
        }
        if screen.has_ended() {
            continue;
        }
        screen.signal(Signal::STOP);
        std::thread::sleep(Duration::from_millis(1100));
        screen.signal(Signal::CONT);
        let (text, status) = screen.end();
        assert_eq!(status, 0, "{text:?}");
        assert_eq!(fs::read_to_string(store.join("7.ini")).unwrap(), "x=22\n");
        if !text.contains("staging") && !text.contains("writing") {
            continue;
        }
        assert!(text.contains(&format!("/{FILES}")), "{text:?}");
        let left = rows(&text, 60).concat();
        assert!(
            left.starts_with(&format!("grini: {FILES} files changed")),
            "{left:?}"
        );
        return;
    }
    panic!("no bar was seen");
}
