//! Other programs, and other grinis, at the same files at the same time: no one's bytes or attributes are lost.

mod transaction_support;

use std::fs;
#[cfg(unix)]
use std::fs::File;
use std::io::Write;
#[cfg(unix)]
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use grini::system::Real;
#[cfg(unix)]
use grini::system::System as _;
#[cfg(unix)]
use grini::transaction::history;
use grini::transaction::{Applied, Failed, Settings, recover};
use transaction_support::faulty::{Faulty, Plan};
#[cfg(unix)]
use transaction_support::take_back;
use transaction_support::{NAMES, OLD, Store, apply, killed_after, meta, replace, said};

/// Edits three files to `new` and calls `meanwhile` just before the call `call` with that number.
fn disturbed(
    store: &Store,
    settings: &Settings,
    new: &str,
    (call, number): (&'static str, usize),
    meanwhile: impl FnMut() + Send + 'static,
) -> (Faulty, Result<Applied, Failed>) {
    let changes = NAMES.map(|name| replace(&store.write(name, OLD), "4", new));
    let mut system = Faulty::new(Plan::None);
    let meanwhile: Mutex<Box<dyn FnMut() + Send>> = Mutex::new(Box::new(meanwhile));
    system.before = Some((call, number, meanwhile));
    let result = grini::transaction::apply(&system, changes.into(), settings, &|_| {});
    (system, result)
}

/// What another program does to a file, and how it shows that it is not lost.
type Doing = (&'static str, fn(&Path), fn(&Path) -> bool);

/// Does what the edit may keep it from for a while.
fn patiently<T>(mut call: impl FnMut() -> std::io::Result<T>) -> T {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        match call() {
            Err(_) if cfg!(windows) && Instant::now() < end => {
                thread::sleep(Duration::from_millis(1));
            }
            done => return done.unwrap(),
        }
    }
}

const DOINGS: &[Doing] = &[
    (
        "appends",
        |path| {
            let mut file = patiently(|| fs::OpenOptions::new().append(true).open(path));
            file.write_all(b"more\n").unwrap();
        },
        |path| fs::read_to_string(path).unwrap().ends_with("more\n"),
    ),
    (
        "rewrites",
        |path| patiently(|| fs::write(path, "other\n")),
        |path| fs::read(path).unwrap() == b"other\n",
    ),
    (
        "saves by renaming",
        |path| {
            fs::write(path.with_extension("tmp"), "other\n").unwrap();
            patiently(|| fs::rename(path.with_extension("tmp"), path));
        },
        |path| fs::read(path).unwrap() == b"other\n",
    ),
    (
        "writes the same size and sets the time back",
        |path| {
            let size = fs::metadata(path).unwrap().len() as usize;
            let time = fs::metadata(path).unwrap().modified().unwrap();
            patiently(|| fs::write(path, "x".repeat(size)));
            let file = patiently(|| fs::File::options().write(true).open(path));
            file.set_modified(time).unwrap();
        },
        |path| fs::read(path).unwrap().iter().all(|byte| *byte == b'x'),
    ),
    (
        "cuts it short",
        |path| patiently(|| fs::write(path, "")),
        |path| fs::read(path).unwrap().is_empty(),
    ),
    (
        "removes it",
        |path| patiently(|| fs::remove_file(path)),
        |path| !path.exists(),
    ),
    #[cfg(unix)]
    (
        "changes its mode",
        |path| fs::set_permissions(path, fs::Permissions::from_mode(0o640)).unwrap(),
        |path| fs::metadata(path).unwrap().mode() & 0o777 == 0o640,
    ),
    #[cfg(unix)]
    (
        "gives it an attribute",
        |path| {
            let none = rustix::fs::XattrFlags::empty();
            rustix::fs::setxattr(path, "user.note", b"kept", none).unwrap();
        },
        |path| rustix::fs::getxattr(path, "user.note", &mut [0; 9]) == Ok(4),
    ),
    (
        "gives it a second name",
        |path| fs::hard_link(path, path.with_extension("link")).unwrap(),
        |path| meta(path).inode == meta(&path.with_extension("link")).inode,
    ),
    (
        "renames the folder",
        |path| {
            let folder = path.parent().unwrap();
            patiently(|| fs::rename(folder, folder.with_extension("renamed")));
        },
        |path| path.parent().unwrap().with_extension("renamed").is_dir() && !path.exists(),
    ),
];

/// At each call of an edit by `new`, with `doing` done just before it: nothing of it is lost, and the other files are
/// all old or all new.
fn at_every_call(&(what, doing, kept): &Doing, new: &'static str, keep_going: bool) {
    let edited = OLD.replace('4', new);
    for number in 0.. {
        let store = Store::in_memory();
        let settings = Settings {
            keep_going,
            wait: Duration::ZERO,
            ..store.settings()
        };
        let path = store.path("sub/b.ini");
        let target = path.clone();
        let other = Arc::new(Mutex::new(None));
        let started = Arc::clone(&other);
        // Where the file is held against it, it waits until the edit lets go. Nothing is held for an exchange, and what
        // another program writes later to a file that it opened before is written to the old file, as with any editor.
        let patience = match cfg!(unix) && new.len() > 1 {
            true => Duration::from_secs(60),
            false => Duration::from_millis(30),
        };
        let meanwhile = move || {
            let target = target.clone();
            let thread = thread::spawn(move || doing(&target));
            let end = Instant::now() + patience;
            while !thread.is_finished() && Instant::now() < end {
                thread::sleep(Duration::from_micros(50));
            }
            *started.lock().unwrap() = Some(thread);
        };
        let (system, result) = disturbed(&store, &settings, new, ("", number), meanwhile);
        if let Some(thread) = other.lock().unwrap().take() {
            thread.join().unwrap();
        }
        let calls = system.calls();
        let Some(call) = calls.get(number) else {
            assert!(number > 20);
            return;
        };
        let case =
            format!("another program {what} before call {number} ({call}) of an edit to {new}");
        assert!(kept(&path), "{case}: {result:?}");
        let folder = match what {
            "renames the folder" => path.parent().unwrap().with_extension("renamed"),
            _ => path.parent().unwrap().to_owned(),
        };
        let others = ["a.ini", "c.ini"].map(|name| fs::read_to_string(folder.join(name)).unwrap());
        let done = result.is_ok();
        let expected = if done { edited.as_str() } else { OLD };
        assert_eq!(others, [expected; 2], "{case}: {result:?}");
        let stray = |name: &str| name.contains(".grini-");
        let left: Vec<_> = store
            .contents()
            .into_iter()
            .filter(|(name, _)| stray(name))
            .collect();
        assert_eq!(left, [], "{case}: {result:?}");
        let ended = |name: &String| done && name.ends_with(".kept");
        assert!(store.journals().iter().all(ended), "{case}: {result:?}");
        if let Err(failed) = result {
            assert!(
                !failed.left && !failed.errors.is_empty(),
                "{case}: {failed:?}"
            );
            let said = said(&failed);
            assert_ne!(failed.mixed, said.contains("nothing was changed"), "{said}");
            let text = fs::read_to_string(folder.join("b.ini")).unwrap_or_default();
            assert_eq!(
                failed.mixed,
                text.starts_with(edited.trim_end()),
                "{case}: {said}"
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn nothing_another_program_does_at_any_moment_of_an_exchange_is_lost() {
    for doing in DOINGS {
        at_every_call(doing, "44", false);
    }
}

#[test]
fn nothing_another_program_does_at_any_moment_of_an_edit_in_place_is_lost() {
    for doing in DOINGS {
        at_every_call(doing, "1", false);
        if cfg!(windows) {
            at_every_call(doing, "44", false);
        }
    }
}

#[cfg(unix)]
#[test]
fn with_keep_going_nothing_another_program_does_is_lost_either() {
    for doing in DOINGS {
        at_every_call(doing, "44", true);
        at_every_call(doing, "1", true);
    }
}

#[cfg(unix)]
#[test]
fn with_keep_going_the_other_files_are_edited() {
    let store = Store::new();
    let path = store.path("sub/b.ini");
    let settings = Settings {
        keep_going: true,
        ..store.settings()
    };
    let meanwhile = move || fs::write(&path, "State = 4\nother\n").unwrap();
    let (_, applied) = disturbed(&store, &settings, "44", ("exchange", 2), meanwhile);
    let applied = applied.unwrap();
    assert_eq!(
        (applied.files, applied.refused.len(), applied.warnings.len()),
        (2, 1, 0)
    );
    let expected = ["State = 44\n", "State = 4\nother\n", "State = 44\n"];
    assert_eq!(NAMES.map(|name| store.read(name)), expected);
    let files = || {
        history(&Real, &settings)
            .unwrap()
            .edits
            .pop()
            .map(|edit| edit.files)
    };
    assert_eq!(files(), Some(2));
    take_back(None, &settings).unwrap();
    assert_eq!(store.read("sub/a.ini"), OLD);
    // All of it is taken back that was done: there is no more of it for another undo.
    let failed = take_back(None, &settings).unwrap_err();
    assert!(said(&failed).starts_with("every edit is taken back"));
}

#[cfg(unix)]
#[test]
fn a_file_that_another_program_has_open_is_exchanged() {
    let store = Store::new();
    let paths = NAMES.map(|name| store.write(name, OLD));
    let inodes = || paths.clone().map(|path| fs::metadata(path).unwrap().ino());
    let before = inodes();
    let reader = fs::File::open(&paths[1]).unwrap();
    let changes = paths.iter().map(|path| replace(path, "4", "1")).collect();
    apply(changes, &store.settings()).unwrap();
    let kept: Vec<bool> = before
        .iter()
        .zip(inodes())
        .map(|(old, new)| *old == new)
        .collect();
    assert_eq!(kept, [true, false, true]);
    assert_eq!(std::io::read_to_string(reader).unwrap(), OLD);
    assert_eq!(NAMES.map(|name| store.read(name)), ["State = 1\n"; 3]);
}

#[cfg(unix)]
#[test]
fn a_late_writer_s_bytes_are_kept() {
    let store = Store::new();
    let path = store.path("sub/b.ini");
    let mut file = None;
    let mut calls = 0;
    // It opens the file before the exchange, and writes after the last look before the commit.
    let meanwhile = move || {
        calls += 1;
        if calls == 1 {
            file = fs::OpenOptions::new().append(true).open(&path).ok();
        } else if let Some(file) = &mut file {
            file.write_all(b"late\n").unwrap();
        }
    };
    let (_, applied) = disturbed(
        &store,
        &store.settings(),
        "44",
        ("rename", usize::MAX),
        meanwhile,
    );
    let applied = applied.unwrap();
    let kept = format!("sub/b.ini.grini-{}", applied.id);
    let expected = format!(
        "{}: another program wrote to it during the edit; what it wrote is kept as b.ini.grini-{} next to it",
        store.path("sub/b.ini").display(),
        applied.id
    );
    let warnings: Vec<String> = applied.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings, [expected]);
    assert_eq!(NAMES.map(|name| store.read(name)), ["State = 44\n"; 3]);
    assert_eq!(store.read(&kept), "State = 4\nlate\nlate\n");
    assert_eq!(store.contents().len(), 4);
}

#[test]
fn a_signal_before_the_commit_leaves_everything_old() {
    let calls = {
        let store = Store::new();
        let changes =
            ["a.ini", "b.ini"].map(|name| replace(&store.write(name, "State = 4\n"), "4", "1"));
        let system = Faulty::new(Plan::None);
        grini::transaction::apply(&system, changes.into(), &store.settings(), &|_| {}).unwrap();
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
        let content = match grini::transaction::apply(&system, changes.into(), &settings, &|_| {}) {
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

/// Twenty edits of one file at once: those that are done are in it, those that are refused are not, and nothing else is
/// in its folder. `values`: what edit `n` writes is the one at `n` modulo their number; "old" is there.
fn twenty_edits_at_once(values: &[&str]) {
    for _ in 0..10 {
        let store = Store::new();
        let text: String = (0..20).map(|key| format!("key{key:02} = old\n")).collect();
        let path = store.write("a.ini", &text);
        let done: Vec<bool> = thread::scope(|scope| {
            let runs: Vec<_> = (0..20)
                .map(|key| {
                    let (path, settings) = (&path, store.settings());
                    scope.spawn(move || {
                        let old = format!("key{key:02} = old");
                        let new = format!("key{key:02} = {}", values[key % values.len()]);
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
                let value = if *done {
                    values[key % values.len()]
                } else {
                    "old"
                };
                format!("key{key:02} = {value}\n")
            })
            .collect();
        assert_eq!(store.contents(), [("a.ini".to_owned(), expected)]);
        assert!(done.contains(&true));
    }
}

#[test]
fn twenty_edits_of_one_file_by_exchange_at_once_lose_nothing() {
    twenty_edits_at_once(&["a longer one"]);
}

#[test]
fn twenty_edits_of_one_file_in_place_at_once_lose_nothing() {
    twenty_edits_at_once(&["new"]);
}

#[test]
fn twenty_edits_of_one_file_in_both_ways_at_once_lose_nothing() {
    twenty_edits_at_once(&["a longer one", "new", "sh"]);
}

#[test]
#[cfg(unix)]
fn a_lock_that_anybody_holds_stops_no_edit() {
    let store = Store::new();
    let paths: Vec<_> = (0..20)
        .map(|n| store.write(&format!("{n}.ini"), OLD))
        .collect();
    let files: Vec<_> = paths.iter().map(|path| File::open(path).unwrap()).collect();
    assert!(files.iter().all(|file| Real.lock(file).unwrap()));
    let settings = Settings {
        wait: Duration::from_millis(20),
        ..store.settings()
    };
    for (from, to) in [("4", "44"), ("44", "4"), ("4", "1")] {
        let changes = paths.iter().map(|path| replace(path, from, to)).collect();
        assert_eq!(apply(changes, &settings).unwrap().files, 20);
    }
    for path in &paths {
        assert_eq!(fs::read_to_string(path).unwrap(), OLD.replace('4', "1"));
    }
}

#[test]
fn a_live_transaction_is_left_alone_and_stops_no_other() {
    let store = Store::new();
    let settings = store.settings();
    let path = store.write("sub/d.ini", OLD);
    let found = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&found);
    let meanwhile = move || {
        let applied = apply(vec![replace(&path, "4", "9")], &settings).unwrap();
        assert_eq!((applied.files, applied.warnings.len()), (1, 0));
        let recovered = recover(&Real, &[], &settings);
        assert_eq!(recovered.rolled_back.len() + recovered.completed.len(), 0);
        note.lock().unwrap().extend(recovered.live);
    };
    let (_, applied) = disturbed(&store, &store.settings(), "44", MIDDLE, meanwhile);
    let applied = applied.unwrap();
    assert_eq!(*found.lock().unwrap(), [(applied.id, std::process::id())]);
    assert_eq!(NAMES.map(|name| store.read(name)), ["State = 44\n"; 3]);
    assert_eq!(store.read("sub/d.ini"), "State = 9\n");
}

/// A call in the middle of an edit to a longer text.
const MIDDLE: (&str, usize) = if cfg!(windows) {
    ("rename", 1)
} else {
    ("exchange", 2)
};

/// The last call of each way of writing, and what it writes.
#[cfg(unix)]
const WAYS: &[(&str, &str)] = &[("exchange", "44"), ("write_at", "1")];
#[cfg(windows)]
const WAYS: &[(&str, &str)] = &[("sync", "44"), ("write_at", "1")];

#[test]
fn what_a_killed_edit_left_is_recovered_before_the_next_one() {
    for &(call, new) in WAYS {
        let store = killed_after(call, new);
        assert_eq!(
            NAMES.map(|name| store.read(name)),
            NAMES.map(|_| OLD.replace('4', new))
        );
        assert_eq!(grini::transaction::pending(&Real, &store.state()).len(), 1);
        let other = store.write("other/d.ini", OLD);
        let recovered = recover(&Real, &[], &store.settings());
        assert_eq!(
            (recovered.rolled_back.len(), recovered.errors.len()),
            (1, 0)
        );
        let applied = apply(vec![replace(&other, "4", "1")], &store.settings()).unwrap();
        assert_eq!(applied.warnings, []);
        assert_eq!(NAMES.map(|name| store.read(name)), [OLD; 3]);
        assert_eq!(store.contents().len(), 4);
    }
}

#[test]
fn what_another_program_changed_since_a_killed_edit_is_left_and_named() {
    for &(call, new) in WAYS {
        for (what, doing, kept) in &DOINGS[..6] {
            let store = killed_after(call, new);
            doing(&store.path("sub/b.ini"));
            let recovered = recover(&Real, &[], &store.settings());
            assert!(kept(&store.path("sub/b.ini")), "{what}");
            assert_eq!(recovered.errors, [], "{what}");
            assert_eq!(
                (recovered.rolled_back.len(), recovered.kept.len()),
                (1, 1),
                "{what}"
            );
            assert_eq!(store.read("sub/a.ini"), OLD);
            assert_eq!(store.read("sub/c.ini"), OLD);
            assert_eq!(store.journals(), [""; 0]);
            assert!(store.contents().len() <= 3, "{what}");
        }
    }
}

#[test]
fn an_unreachable_leftover_stops_no_other_edit() {
    for &(call, new) in WAYS {
        let store = killed_after(call, new);
        let away = store.data().with_extension("away");
        fs::rename(store.path("sub"), &away).unwrap();
        let other = store.write("other/d.ini", OLD);
        let applied = apply(vec![replace(&other, "4", "1")], &store.settings()).unwrap();
        assert_eq!(applied.warnings, []);
        let recovered = recover(&Real, &[], &store.settings());
        let warnings: Vec<String> = recovered.errors.iter().map(ToString::to_string).collect();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(
            warnings[0].contains("its folder is gone or not mounted; grini --recover tries again"),
            "{warnings:?}"
        );
        // It is there again.
        fs::rename(&away, store.path("sub")).unwrap();
        assert_eq!(recover(&Real, &[], &store.settings()).rolled_back.len(), 1);
        assert_eq!(NAMES.map(|name| store.read(name)), [OLD; 3]);
        assert_eq!(store.contents().len(), 4);
    }
}

#[cfg(unix)]
#[test]
fn a_leftover_that_cannot_be_reached_can_be_forgotten() {
    let store = killed_after("exchange", "44");
    fs::remove_dir_all(store.path("sub")).unwrap();
    let id = grini::transaction::pending(&Real, &store.state()).remove(0);
    assert_eq!(recover(&Real, &[], &store.settings()).errors.len(), 1);
    let forget = grini::transaction::Forget::Id(id.clone());
    assert_eq!(
        grini::transaction::forget(&Real, &forget, &store.settings()),
        Ok(vec![id])
    );
    assert_eq!(recover(&Real, &[], &store.settings()), Default::default());
}

#[cfg(unix)]
#[test]
fn a_staging_folder_that_no_journal_names_is_left_alone_and_reported() {
    let store = killed_after("exchange", "44");
    fs::remove_dir_all(store.state()).unwrap();
    let before = store.contents();
    let quick = Faulty::new(Plan::None);
    let recovered = recover(&quick, &[store.data()], &store.settings());
    assert_eq!((recovered.foreign.len(), recovered.errors.len()), (1, 0));
    let said = recovered.foreign[0].to_string();
    assert!(
        said.ends_with(
            "is not of an edit of yours, and is left alone; remove it if nobody needs it"
        ),
        "{said}"
    );
    assert_eq!(store.contents(), before);
    let applied = apply(
        vec![replace(&store.path("sub/a.ini"), "44", "5")],
        &store.settings(),
    )
    .unwrap();
    assert_eq!(applied.warnings, recovered.foreign);
}
