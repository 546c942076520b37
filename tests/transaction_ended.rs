//! The binary at what an edit left that did not come to its end, and at signals that would end one.
#![cfg(unix)]

mod transaction_support;

use std::fs;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use grini::system::Real;
use rustix::process::{Pid, Signal, kill_process};
use transaction_support::{NAMES, OLD, Store, killed_after};

/// What a killed edit left. A program that another test starts at that moment holds its lock until it begins.
fn killed() -> Store {
    let store = killed_after("exchange", "44");
    let begun = Instant::now();
    while grini::transaction::pending(&Real, &store.state()).is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it left nothing");
        std::thread::sleep(Duration::from_millis(1));
    }
    store
}

fn grini(store: &Store, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_grini"))
        .args(args)
        .arg(format!("--state-dir={}", store.state().display()))
        .current_dir(store.data())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn said(output: &Output) -> (String, Option<i32>) {
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    (err, output.status.code())
}

#[test]
fn a_killed_edit_is_shown_and_is_rolled_back_before_it_is_forgotten() {
    let store = killed();
    let id = grini::transaction::pending(&Real, &store.state()).remove(0);
    let warning = format!(
        "grini: warning: the edit {id} did not come to its end; end it with: grini --recover --state-dir={}\n",
        store.state().display()
    );
    for (args, more, status) in [
        (&["--history"][..], "grini: no edit is kept\n", 1),
        (
            &["--undo", "--diff"],
            "grini: the history holds no edit\n",
            2,
        ),
    ] {
        let expected = (format!("{warning}{more}"), Some(status));
        assert_eq!(said(&grini(&store, args)), expected);
    }
    assert_eq!(NAMES.map(|name| store.read(name)), ["State = 44\n"; 3]);
    let forgotten = said(&grini(&store, &[&format!("--forget={id}")]));
    let rolled_back = "an unfinished edit was rolled back; its files are as before it";
    let expected = (format!("grini: {id}: {rolled_back}\n"), Some(0));
    assert_eq!(forgotten, expected);
    assert_eq!(NAMES.map(|name| store.read(name)), [OLD; 3]);
    assert_eq!(store.journals(), [""; 0]);
}

#[test]
fn a_recovery_that_leaves_a_file_is_none_that_went_well() {
    let store = killed();
    let other = store.write("other", "mine\n");
    fs::rename(other, store.path("sub/b.ini")).unwrap();
    let (err, status) = said(&grini(&store, &["--recover"]));
    assert_eq!(status, Some(2), "{err}");
    let mut lines = err.lines();
    let first = lines.next().unwrap();
    assert!(first.ends_with("its files are as before it, but for what follows"));
    assert!(
        lines.next().unwrap().contains("sub/b.ini: another program"),
        "{err}"
    );
    assert_eq!(store.read("sub/b.ini"), "mine\n");
}

#[test]
fn a_staging_folder_with_a_foreign_file_is_named() {
    let store = killed();
    let staging = |name: &str| name.contains(".grini-");
    let names = fs::read_dir(store.path("sub")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let staging = names.into_iter().find(|name| staging(name)).unwrap();
    let mine = store.write(&format!("sub/{staging}/mine"), "mine\n");
    for _ in 0..2 {
        let (err, status) = said(&grini(&store, &["--recover"]));
        assert_eq!(status, Some(2));
        assert!(err.contains(&format!("sub/{staging}: ")), "{err}");
        assert_eq!(NAMES.map(|name| store.read(name)), [OLD; 3]);
    }
    fs::remove_file(mine).unwrap();
    assert_eq!(grini(&store, &["--recover"]).status.code(), Some(0));
    assert_eq!(store.contents().len(), 3);
}

/// An edit of a file that is locked, which it waits for, and a signal meanwhile.
fn signalled(program: &str, signal: Signal) -> (Output, String) {
    let store = Store::new();
    let path = store.write("a.ini", OLD);
    let file = fs::File::open(&path).unwrap();
    rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let command = format!(
        "{program} exec {} --records --set State=44 --in-place --state-dir='{}' a.ini",
        env!("CARGO_BIN_EXE_grini"),
        store.state().display()
    );
    let child = Command::new("sh")
        .args(["-c", &command])
        .current_dir(store.data())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = Pid::from_child(&child);
    while store.journals().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(100));
    kill_process(pid, signal).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(store.contents().len(), 1);
    (output, store.read("a.ini"))
}

#[test]
fn a_signal_rolls_an_edit_back_unless_it_is_ignored() {
    let ending = [
        Signal::HUP,
        Signal::TERM,
        Signal::QUIT,
        Signal::XCPU,
        Signal::USR1,
    ];
    // What is handled here ends a program that is started from here, though it may have been ignored (by nohup).
    for signal in ending {
        signal_hook::flag::register(signal.as_raw(), Arc::default()).unwrap();
    }
    std::thread::scope(|scope| {
        for signal in ending {
            scope.spawn(move || {
                let (output, text) = signalled("", signal);
                let expected = "grini: interrupted; nothing was changed\n".to_owned();
                assert_eq!(said(&output), (expected, Some(2)), "{signal:?}");
                assert_eq!(text, OLD);
            });
        }
        let (output, text) = signalled("trap '' HUP;", Signal::HUP);
        assert_eq!(
            (output.status.code(), text.as_str()),
            (Some(0), "State = 44\n")
        );
    });
}
