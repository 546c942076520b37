//! The fault test: the process ended at every call of an edit, every error at every call, and the
//! recovery itself treated in the same way. Afterwards all files are old or all are new, and nothing
//! else is there.

mod transaction_support;

use std::fs;

use grini::change::edit::FileChange;
use grini::system::Real;
use grini::transaction::{
    Applied, Direction, Failed, Selection, Settings, contents, history, recover,
};
use transaction_support::faulty::{Faulty, Plan};
use transaction_support::{Store, replace};

/// Numbers of errors: no space, a bad disk, no permission, too many open files, a read-only file system, no such call, a
/// quota, an interruption.
#[cfg(unix)]
const ERRORS: [i32; 10] = {
    use rustix::io::Errno;
    [
        Errno::NOSPC.raw_os_error(),
        Errno::IO.raw_os_error(),
        Errno::PERM.raw_os_error(),
        Errno::ACCESS.raw_os_error(),
        Errno::MFILE.raw_os_error(),
        Errno::ROFS.raw_os_error(),
        Errno::INVAL.raw_os_error(),
        Errno::NOTSUP.raw_os_error(),
        Errno::DQUOT.raw_os_error(),
        Errno::INTR.raw_os_error(),
    ]
};
/// Numbers of errors: no space, a bad disk, no permission. Files are slow under wine.
#[cfg(windows)]
const ERRORS: [i32; 3] = [112, 1117, 5];

/// The calls that change what a recovery finds.
const CHANGING: [&str; 10] = [
    "create",
    "write_at",
    "set_len",
    "set_modified",
    "make_dir",
    "remove_dir",
    "exchange",
    "rename",
    "link",
    "unlink",
];

/// An edit to be done again and again, each time on new files.
struct Scenario {
    name: &'static str,
    /// Files to edit in the way `how` says.
    files: &'static [(&'static str, How)],
    backup: bool,
    /// The journal is kept when the edit is done.
    keep: bool,
    no_exchange: bool,
    /// Other programs cannot be kept from a file.
    no_hold: bool,
    /// The edit is the undo of an edit.
    undo: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum How {
    /// A file with one name, which becomes longer: it is exchanged.
    Alone,
    /// The same, but it keeps its length: it is written in place.
    Same,
    /// A file with two names, which becomes longer.
    LinkedLonger,
    /// The same, but shorter.
    LinkedShorter,
}
use How::{Alone, LinkedLonger, LinkedShorter, Same};

const OLD: &str = "[S]\nState = 4\nName = Jane\nlast = 1\n";

/// The files of one run, and what they are before and after.
struct Files {
    store: Store,
    old: Vec<(String, String)>,
}

impl Scenario {
    fn settings(&self, store: &Store) -> Settings {
        Settings {
            backup_suffix: self.backup.then(|| ".bak".into()),
            undo: self.keep,
            ..store.settings()
        }
    }
    fn changes(&self, store: &Store) -> Vec<FileChange> {
        let change = |(name, how): &(&str, How)| {
            let path = store.path(name);
            match how {
                Alone => replace(&path, "4", "1000"),
                Same => replace(&path, "4", "1"),
                LinkedLonger => replace(&path, "Jane", "Jane Doe"),
                LinkedShorter => replace(&path, "State = 4\n", ""),
            }
        };
        self.files.iter().map(change).collect()
    }
    fn files(&self) -> Files {
        let store = if self.files.iter().any(|(name, _)| name.starts_with("far/")) {
            Store::on_two_file_systems()
        } else {
            Store::in_memory()
        };
        for (name, how) in self.files {
            let path = store.write(name, OLD);
            if matches!(how, LinkedLonger | LinkedShorter) {
                fs::hard_link(&path, store.path(&format!("{name}.link"))).unwrap();
            }
        }
        if self.undo {
            let settings = self.settings(&store);
            let quick = Faulty::new(Plan::None);
            grini::transaction::apply(&quick, self.changes(&store), &settings, &|_| {}).unwrap();
        }
        let old = store.contents();
        Files { store, old }
    }
    fn run(&self, files: &Files, plan: Plan) -> (Faulty, Result<Applied, Failed>) {
        let mut system = Faulty::new(plan);
        system.no_exchange = self.no_exchange;
        system.no_hold = self.no_hold;
        let settings = self.settings(&files.store);
        let result = if self.undo {
            grini::transaction::take_back(&system, &LAST, &settings, &|_| {})
        } else {
            grini::transaction::apply(&system, self.changes(&files.store), &settings, &|_| {})
        };
        (system, result)
    }
    fn recover(&self, files: &Files, plan: Plan) -> (Faulty, grini::transaction::Recovered) {
        let system = Faulty::new(plan);
        let settings = self.settings(&files.store);
        let recovered = recover(&system, &[], &settings);
        (system, recovered)
    }
    /// Recovers for good and checks that all files are `old` or all are `new`.
    fn whole(&self, files: &Files, new: &[(String, String)], what: &str) {
        let (_, recovered) = self.recover(files, Plan::None);
        assert_eq!(recovered.errors, [], "{}: {what}", self.name);
        let now = files.store.contents();
        assert!(
            now == files.old || now == new,
            "{}: {what}: neither old nor new: {now:#?}",
            self.name
        );
        self.no_journal_open(files, what);
        if self.keep && now == new {
            let settings = self.settings(&files.store);
            let done = history(&Real, &settings).unwrap().edits.pop().unwrap();
            let (_, kept) = contents(&Real, &done.id, &settings).unwrap();
            assert_eq!(kept.len(), self.files.len(), "{}: {what}", self.name);
        }
    }
    fn no_journal_open(&self, files: &Files, what: &str) {
        let journals = files.store.journals();
        let ended = journals.iter().all(|name| name.ends_with(".kept"));
        assert!(ended, "{}: {what}: {journals:?}", self.name);
    }
    /// The calls of a run without faults, and the files after it.
    fn faultless(&self) -> (Vec<&'static str>, Vec<(String, String)>) {
        let files = self.files();
        let (system, result) = self.run(&files, Plan::None);
        let applied = result.unwrap();
        assert_eq!(applied.warnings, []);
        assert_eq!(applied.files, self.files.len());
        let new = files.store.contents();
        assert_ne!(new, files.old);
        self.no_journal_open(&files, "without faults");
        (system.calls(), new)
    }

    /// (a) The process ends before and after every call; (c) the recovery, too, at each of its calls.
    fn kill(&self) {
        let (calls, new) = self.faultless();
        for (number, call) in calls.iter().enumerate() {
            for plan in [Plan::KillBefore(number), Plan::KillAfter(number)] {
                let files = self.files();
                let (system, _) = self.run(&files, plan);
                assert!(system.killed());
                self.whole(&files, &new, &format!("{plan:?} {call}"));
            }
            // A call that changes nothing leaves what the one before it left.
            let left_out = cfg!(windows) && number % 8 != 0;
            let steps = if CHANGING.contains(call) && !left_out {
                usize::MAX
            } else {
                0
            };
            for step in 0..steps {
                let files = self.files();
                let _ = self.run(&files, Plan::KillAfter(number));
                let (system, _) = self.recover(&files, Plan::KillAfter(step));
                if !system.killed() {
                    break;
                }
                let what = format!("killed after {number} {call}, recovery after {step}");
                self.whole(&files, &new, &what);
            }
        }
    }

    /// (b) Every error at every call; nothing is killed.
    fn fail(&self) {
        let (calls, new) = self.faultless();
        for (number, call) in calls.iter().enumerate() {
            let mut plans: Vec<Plan> = ERRORS
                .iter()
                .map(|error| Plan::Fail(number, *error))
                .collect();
            if *call == "read_at" || *call == "write_at" {
                plans.push(Plan::Short(number));
            }
            for plan in plans {
                let what = format!("{plan:?} {call}");
                let files = self.files();
                let (_, result) = self.run(&files, plan);
                match result {
                    Ok(applied) => {
                        if applied.warnings.is_empty() {
                            let now = files.store.contents();
                            assert_eq!(now, new, "{}: {what}", self.name);
                            self.no_journal_open(&files, &what);
                        }
                        self.whole(&files, &new, &what);
                        assert_eq!(files.store.contents(), new, "{}: {what}", self.name);
                    }
                    Err(failed) => {
                        assert!(!failed.left, "{}: {what}: {failed:?}", self.name);
                        assert!(!failed.errors.is_empty(), "{}: {what}", self.name);
                        let now = files.store.contents();
                        assert_eq!(now, files.old, "{}: {what}", self.name);
                        self.no_journal_open(&files, &what);
                    }
                }
            }
        }
    }

    /// Every error at every call of a recovery, after which another one finds everything as it needs it.
    fn fail_in_recovery(&self) {
        let (calls, new) = self.faultless();
        let last = calls.len() - 1;
        let changing = [
            "exchange", "rename", "link", "unlink", "write_at", "set_len",
        ];
        let at = |number: &usize| changing.contains(&calls[*number]);
        for number in (0..=last).filter(at) {
            let mut step = 0;
            loop {
                let error = ERRORS[(number + step) % ERRORS.len()];
                let files = self.files();
                let _ = self.run(&files, Plan::KillAfter(number));
                let (system, _) = self.recover(&files, Plan::Fail(step, error));
                if system.calls().len() <= step {
                    break;
                }
                let what = format!("killed after {number}, recovery fails at {step}");
                self.whole(&files, &new, &what);
                step += 1;
            }
        }
    }
}

const EXCHANGE: Scenario = Scenario {
    name: "exchange",
    files: &[("a.ini", Alone), ("b.ini", Alone), ("sub/c.ini", Alone)],
    backup: false,
    keep: true,
    no_exchange: false,
    no_hold: false,
    undo: false,
};
const LAST: Selection = Selection {
    direction: Direction::Undo,
    id: None,
    paths: Vec::new(),
};

#[cfg(not(windows))]
const ONE_BYTE: Scenario = Scenario {
    name: "one byte",
    files: &[("a.ini", Same), ("b.ini", Same), ("sub/c.ini", Same)],
    ..EXCHANGE
};
#[cfg(not(windows))]
const EXCHANGED_LATE: Scenario = Scenario {
    name: "exchanged late",
    no_hold: true,
    ..ONE_BYTE
};
#[cfg(not(windows))]
const NEITHER_HELD_NOR_EXCHANGED: Scenario = Scenario {
    name: "neither held nor exchanged",
    no_hold: true,
    no_exchange: true,
    ..ONE_BYTE
};
#[cfg(not(windows))]
const BOTH_WAYS: Scenario = Scenario {
    name: "both ways",
    files: &[("a.ini", Same), ("b.ini", Alone)],
    ..EXCHANGE
};
const IN_PLACE: Scenario = Scenario {
    name: "in place",
    files: &[
        #[cfg(not(windows))]
        ("a.ini", Alone),
        ("longer.ini", LinkedLonger),
        ("sub/shorter.ini", LinkedShorter),
        #[cfg(windows)]
        ("same.ini", Same),
    ],
    ..EXCHANGE
};
const BACKUP: Scenario = Scenario {
    name: "backup",
    files: &[("a.ini", Alone), ("b.ini", LinkedLonger)],
    backup: true,
    ..EXCHANGE
};
const UNDO: Scenario = Scenario {
    name: "undo",
    files: &[("a.ini", Alone), ("b.ini", LinkedLonger)],
    undo: true,
    ..EXCHANGE
};
#[cfg(not(windows))]
const NO_UNDO: Scenario = Scenario {
    name: "no undo",
    files: &[("a.ini", Alone), ("sub/c.ini", Alone)],
    keep: false,
    ..EXCHANGE
};
#[cfg(not(windows))]
const NO_EXCHANGE: Scenario = Scenario {
    name: "no exchange",
    files: &[("a.ini", Alone), ("b.ini", Alone)],
    no_exchange: true,
    ..EXCHANGE
};

#[cfg(not(windows))]
const TWO_SYSTEMS: Scenario = Scenario {
    name: "two file systems",
    files: &[
        ("a.ini", Alone),
        ("far/b.ini", Alone),
        ("far/c.ini", LinkedLonger),
    ],
    ..EXCHANGE
};
#[cfg(not(windows))]
const TWO_SYSTEMS_NO_UNDO: Scenario = Scenario {
    name: "two file systems, no undo",
    files: &[("a.ini", Alone), ("far/b.ini", Alone)],
    keep: false,
    ..EXCHANGE
};

macro_rules! every_fault {
    ($($name:ident $scenario:expr;)*) => {$(
        mod $name {
            use super::*;
            #[test]
            fn killed_at_every_call() {
                $scenario.kill();
            }
            #[test]
            fn every_error_at_every_call() {
                $scenario.fail();
            }
            #[test]
            fn every_error_in_recovery() {
                $scenario.fail_in_recovery();
            }
        }
    )*};
}

every_fault! {
    in_place IN_PLACE;
}

#[cfg(not(windows))]
every_fault! {
    one_byte ONE_BYTE;
    backup BACKUP;
    undo UNDO;
    exchange EXCHANGE;
    both_ways BOTH_WAYS;
    exchanged_late EXCHANGED_LATE;
    neither_held_nor_exchanged NEITHER_HELD_NOR_EXCHANGED;
    no_undo NO_UNDO;
    no_exchange NO_EXCHANGE;
    two_systems TWO_SYSTEMS;
    two_systems_no_undo TWO_SYSTEMS_NO_UNDO;
}

/// Where names cannot be exchanged, every file is written in place, and these differ little from that.
#[cfg(windows)]
mod in_place_alone {
    use super::*;

    #[test]
    fn backups_are_whole_after_a_kill_at_every_call() {
        BACKUP.kill();
    }

    #[test]
    fn an_undo_is_whole_after_every_error_at_every_call() {
        UNDO.fail();
    }
}
