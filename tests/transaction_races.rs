//! Other programs, and other grinis, at the same files at the same time: no one's bytes are lost.
#![cfg(unix)]

mod transaction_support;

use std::fs;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use grini::transaction::{Settings, apply_on, recover, recover_on};
use transaction_support::faulty::{Faulty, Plan};
use transaction_support::{Store, apply, replace, said};

/// Runs an edit of three files and calls `meanwhile` just before the call `call` with that number.
fn disturbed(
    store: &Store,
    settings: &Settings,
    (call, number): (&'static str, usize),
    meanwhile: impl FnMut() + Send + 'static,
) -> Result<grini::transaction::Applied, grini::transaction::Failed> {
    let names = ["a.ini", "b.ini", "c.ini"];
    let changes = names.map(|name| replace(&store.write(name, "State = 4\n"), "4", "1"));
    let mut system = Faulty::new(Plan::None);
    let meanwhile: Mutex<Box<dyn FnMut() + Send>> = Mutex::new(Box::new(meanwhile));
    system.before = Some((call, number, meanwhile));
    apply_on(&system, changes.into(), settings, &|_| {})
}

fn contents(store: &Store, names: &[&str]) -> Vec<String> {
    names.iter().map(|name| store.read(name)).collect()
}

#[test]
fn a_file_written_to_before_its_exchange_stops_the_edit() {
    for how in ["append", "replace", "same size", "remove"] {
        let store = Store::new();
        let path = store.path("b.ini");
        let meanwhile = move || match how {
            "append" => {
                let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
                file.write_all(b"more\n").unwrap();
            }
            "replace" => {
                fs::write(path.with_extension("tmp"), "other\n").unwrap();
                fs::rename(path.with_extension("tmp"), &path).unwrap();
            }
            "same size" => {
                let time = fs::metadata(&path).unwrap().modified().unwrap();
                fs::write(&path, "State = 9\n").unwrap();
                let file = fs::File::options().write(true).open(&path).unwrap();
                file.set_modified(time).unwrap();
            }
            _ => fs::remove_file(&path).unwrap(),
        };
        let failed = disturbed(&store, &store.settings(), ("exchange", 1), meanwhile).unwrap_err();
        assert!(
            said(&failed).contains("another program changed it"),
            "{how}"
        );
        assert!(!failed.left);
        let expected = match how {
            "append" => Some("State = 4\nmore\n"),
            "replace" => Some("other\n"),
            "same size" => Some("State = 9\n"),
            _ => None,
        };
        let mut files = vec![("a.ini", "State = 4\n"), ("c.ini", "State = 4\n")];
        if let Some(expected) = expected {
            files.insert(1, ("b.ini", expected));
        }
        let files: Vec<_> = files
            .into_iter()
            .map(|(name, content)| (name.to_owned(), content.to_owned()))
            .collect();
        assert_eq!(store.contents(), files, "{how}");
        assert_eq!(store.journals(), [""; 0]);
    }
}

#[test]
fn with_keep_going_the_other_files_are_edited() {
    let store = Store::new();
    let path = store.path("b.ini");
    let settings = Settings {
        keep_going: true,
        ..store.settings()
    };
    let meanwhile = move || fs::write(&path, "State = 4\nother\n").unwrap();
    let applied = disturbed(&store, &settings, ("exchange", 1), meanwhile).unwrap();
    assert_eq!((applied.files, applied.refused.len()), (2, 1));
    let expected = ["State = 1\n", "State = 4\nother\n", "State = 1\n"];
    assert_eq!(contents(&store, &["a.ini", "b.ini", "c.ini"]), expected);
    grini::transaction::undo(None, &settings, &|_| {}).unwrap();
    assert_eq!(store.read("a.ini"), "State = 4\n");
}

#[test]
fn a_file_replaced_after_its_exchange_stays_when_all_is_put_back() {
    let store = Store::new();
    let (path, settings) = (store.path("a.ini"), store.settings());
    let stop = Arc::new(AtomicBool::new(false));
    let settings = Settings {
        stop: Some(Arc::clone(&stop)),
        ..settings
    };
    let meanwhile = move || {
        fs::write(path.with_extension("tmp"), "other\n").unwrap();
        fs::rename(path.with_extension("tmp"), &path).unwrap();
        stop.store(true, Ordering::Relaxed);
    };
    let failed = disturbed(&store, &settings, ("exchange", 2), meanwhile).unwrap_err();
    assert!(failed.interrupted && !failed.left);
    assert_eq!(store.read("a.ini"), "other\n");
    let said = said(&failed);
    assert!(
        said.contains("what was there before is kept as a.ini.grini-"),
        "{said}"
    );
    let found = store.contents();
    let kept = found
        .iter()
        .find(|(name, _)| name.starts_with("a.ini.grini-"));
    assert_eq!(kept.unwrap().1, "State = 4\n");
    assert_eq!(found.len(), 4);
}

#[test]
fn a_late_writer_s_bytes_are_kept() {
    let store = Store::new();
    store.write("b.ini", "State = 4\n");
    let path = store.path("b.ini");
    let mut file = None;
    let mut calls = 0;
    // It opens the file before the exchange, and writes after it, after the commit, and at the end.
    let meanwhile = move || {
        calls += 1;
        if calls == 1 {
            file = fs::OpenOptions::new().append(true).open(&path).ok();
        } else if let Some(file) = &mut file {
            file.write_all(b"late\n").unwrap();
        }
    };
    let names = ["a.ini", "b.ini", "c.ini"];
    let changes = names.map(|name| replace(&store.write(name, "State = 4\n"), "4", "1"));
    let mut system = Faulty::new(Plan::None);
    let meanwhile: Mutex<Box<dyn FnMut() + Send>> = Mutex::new(Box::new(meanwhile));
    system.before = Some(("rename", usize::MAX, meanwhile));
    let applied = apply_on(&system, changes.into(), &store.settings(), &|_| {}).unwrap();
    assert_eq!(applied.warnings.len(), 1);
    let warning = applied.warnings[0].to_string();
    assert!(
        warning.contains("what it wrote is kept as b.ini.grini-"),
        "{warning}"
    );
    assert_eq!(contents(&store, &names), ["State = 1\n"; 3]);
    let kept = format!("b.ini.grini-{}", applied.id);
    assert_eq!(store.read(&kept), "State = 4\nlate\nlate\nlate\n");
    assert_eq!(store.contents().len(), 4);
}

#[test]
fn a_signal_before_the_commit_leaves_everything_old() {
    let calls = {
        let store = Store::new();
        let changes =
            ["a.ini", "b.ini"].map(|name| replace(&store.write(name, "State = 4\n"), "4", "1"));
        let system = Faulty::new(Plan::None);
        apply_on(&system, changes.into(), &store.settings(), &|_| {}).unwrap();
        system.calls().len()
    };
    let (mut old, mut new) = (0, 0);
    for number in 0..calls {
        let store = Store::new();
        let changes =
            ["a.ini", "b.ini"].map(|name| replace(&store.write(name, "State = 4\n"), "4", "1"));
        let stop = Arc::new(AtomicBool::new(false));
        let settings = Settings {
            stop: Some(Arc::clone(&stop)),
            ..store.settings()
        };
        let mut system = Faulty::new(Plan::None);
        let set = move || stop.store(true, Ordering::Relaxed);
        let set: Mutex<Box<dyn FnMut() + Send>> = Mutex::new(Box::new(set));
        system.before = Some(("", number, set));
        let content = match apply_on(&system, changes.into(), &settings, &|_| {}) {
            Ok(applied) => {
                assert_eq!(applied.warnings, []);
                new += 1;
                "State = 1\n"
            }
            Err(failed) => {
                assert!(failed.interrupted && !failed.left);
                assert_eq!(said(&failed), "interrupted; nothing was changed");
                assert_eq!(store.journals(), [""; 0]);
                old += 1;
                "State = 4\n"
            }
        };
        let expected = ["a.ini", "b.ini"].map(|name| (name.to_owned(), content.to_owned()));
        assert_eq!(store.contents(), expected);
    }
    assert!(old > 0 && new > 0);
}

#[test]
fn twenty_edits_of_one_file_at_once_lose_nothing() {
    for _ in 0..5 {
        let store = Store::new();
        let text: String = (0..20).map(|key| format!("key{key:02} = old\n")).collect();
        let path = store.write("a.ini", &text);
        let done: Vec<bool> = thread::scope(|scope| {
            let runs: Vec<_> = (0..20)
                .map(|key| {
                    let (path, settings) = (&path, store.settings());
                    scope.spawn(move || {
                        let old = format!("key{key:02} = old");
                        let new = format!("key{key:02} = a longer one");
                        let change = loop {
                            // The file may be exchanged between the reading and the stat.
                            let change = replace(path, &old, &new);
                            if change.edits.len() == 1 {
                                break change;
                            }
                        };
                        match apply(vec![change], &settings) {
                            Ok(applied) => applied.files == 1,
                            Err(failed) => {
                                let said = said(&failed);
                                assert!(said.contains("run the command again"), "{said}");
                                assert!(!failed.left);
                                false
                            }
                        }
                    })
                })
                .collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        let expected: String = (done.iter().enumerate())
            .map(|(key, done)| {
                let value = if *done { "a longer one" } else { "old" };
                format!("key{key:02} = {value}\n")
            })
            .collect();
        assert_eq!(store.read("a.ini"), expected);
        assert!(done.contains(&true));
        assert_eq!(store.contents().len(), 1);
    }
}

#[test]
fn a_live_transaction_is_left_alone_and_named() {
    let store = Store::new();
    let (state, data) = (store.settings(), store.data());
    let path = store.write("d.ini", "State = 4\n");
    let said_meanwhile = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&said_meanwhile);
    let meanwhile = move || {
        let impatient = Settings {
            wait: Duration::from_millis(20),
            ..state.clone()
        };
        let failed = apply(vec![replace(&path, "4", "1")], &impatient).unwrap_err();
        let recovered = recover(std::slice::from_ref(&data), &impatient);
        assert_eq!(recovered.live.len(), 1);
        assert_eq!(recovered.live[0].1, std::process::id());
        assert_eq!(
            (recovered.rolled_back.len(), recovered.completed.len()),
            (0, 0)
        );
        note.lock().unwrap().push(said(&failed));
    };
    disturbed(&store, &store.settings(), ("exchange", 1), meanwhile).unwrap();
    let pid = std::process::id();
    let expected = format!(
        "{}: another grini (pid {pid}) is editing there; run the command again when it is done\n\
         nothing was changed",
        store.data().canonicalize().unwrap().display()
    );
    assert_eq!(*said_meanwhile.lock().unwrap(), [expected]);
    assert_eq!(store.read("d.ini"), "State = 4\n");
}

#[test]
fn the_next_edit_recovers_what_a_killed_one_left() {
    for state_dir in [true, false] {
        let store = Store::new();
        let settings = Settings {
            state_dir: state_dir.then(|| store.state()),
            undo: state_dir,
            ..store.settings()
        };
        let names = ["a.ini", "sub/b.ini", "sub/c.ini"];
        let changes = names.map(|name| replace(&store.write(name, "State = 4\n"), "4", "1"));
        let counted = Faulty::new(Plan::None);
        let all = Store::new();
        let same = names.map(|name| replace(&all.write(name, "State = 4\n"), "4", "1"));
        let elsewhere = Settings {
            state_dir: state_dir.then(|| all.state()),
            ..settings.clone()
        };
        apply_on(&counted, same.into(), &elsewhere, &|_| {}).unwrap();
        let last = counted.calls().iter().rposition(|call| *call == "exchange");
        let system = Faulty::new(Plan::KillAfter(last.unwrap()));
        let _ = apply_on(&system, changes.into(), &settings, &|_| {});
        assert_eq!(contents(&store, &names), ["State = 1\n"; 3]);
        if state_dir {
            assert_eq!(grini::transaction::pending(&store.state()).len(), 1);
        }
        // Another file, deeper than the staging folder.
        let other = store.write("sub/d.ini", "State = 4\n");
        let applied = apply(vec![replace(&other, "4", "1")], &settings).unwrap();
        assert_eq!(applied.warnings.len(), 1);
        assert!(applied.warnings[0].what.contains("was taken back"));
        assert_eq!(contents(&store, &names), ["State = 4\n"; 3]);
        assert_eq!(store.contents().len(), 4);
    }
}

#[test]
fn what_others_may_have_made_is_not_trusted() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let store = Store::new();
    let settings = Settings {
        state_dir: None,
        undo: false,
        ..store.settings()
    };
    let path = store.write("a.ini", "State = 4\n");
    let system = Faulty::new(Plan::None);
    apply_on(&system, vec![replace(&path, "4", "5")], &settings, &|_| {}).unwrap();
    let at = system.calls().iter().position(|call| *call == "exchange");
    let system = Faulty::new(Plan::KillAfter(at.unwrap()));
    let _ = apply_on(&system, vec![replace(&path, "5", "6")], &settings, &|_| {});
    let staging = fs::read_dir(store.data())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.is_dir())
        .unwrap();
    std::os::unix::fs::chown(&staging, Some(12), None).unwrap();
    let roots = [store.data()];
    let quick = Faulty::new(Plan::None);
    let recovered = recover_on(&quick, &roots, &settings);
    assert_eq!(recovered.rolled_back.len(), 0);
    assert_eq!(store.read("a.ini"), "State = 6\n");
    std::os::unix::fs::chown(&staging, Some(0), None).unwrap();
    assert_eq!(recover(&roots, &settings).rolled_back.len(), 1);
    assert_eq!(store.read("a.ini"), "State = 5\n");
    assert!(!staging.exists());
}
