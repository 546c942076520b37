//! What the tests of transactions share: a store of files, edits of them, and a look at what is left.
#![allow(dead_code, reason = "each test file uses its own part")]

pub(crate) mod faulty;

use std::fs;
use std::path::{Path, PathBuf};

use grini::change::edit::{Edits, FileChange, Seen};
use grini::system::{Meta, Real, System};
use grini::transaction::{Applied, Direction, Failed, Selection, Settings};
use tempfile::TempDir;

use faulty::{Faulty, Plan};

/// Three files, and what they hold before an edit.
pub(crate) const NAMES: [&str; 3] = ["sub/a.ini", "sub/b.ini", "sub/c.ini"];
pub(crate) const OLD: &str = "State = 4\n";

/// A folder of files to edit, and a state folder that is not yet there.
pub(crate) struct Store {
    base: TempDir,
    /// Where files are whose names begin with `far/`: on another file system, if there is one.
    far: Option<TempDir>,
}

impl Store {
    pub(crate) fn new() -> Store {
        Store::at(tempfile::tempdir().unwrap())
    }
    /// A store in memory, where the system has a place for that: for thousands of them.
    pub(crate) fn in_memory() -> Store {
        let memory = tempfile::tempdir_in("/dev/shm");
        Store::at(memory.or_else(|_| tempfile::tempdir()).unwrap())
    }
    /// The same, with a second folder on another file system.
    pub(crate) fn on_two_file_systems() -> Store {
        let mut store = Store::in_memory();
        store.far = Some(tempfile::tempdir().unwrap());
        store
    }
    fn at(base: TempDir) -> Store {
        fs::create_dir(base.path().join("data")).unwrap();
        Store { base, far: None }
    }
    /// The path of a file in the store.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        match (name.strip_prefix("far/"), &self.far) {
            (Some(name), Some(far)) => far.path().join(name),
            _ => self.base.path().join("data").join(name),
        }
    }
    /// The folders with files to edit.
    pub(crate) fn roots(&self) -> Vec<PathBuf> {
        let far = self.far.iter().map(|far| far.path().to_owned());
        [self.data()].into_iter().chain(far).collect()
    }
    pub(crate) fn data(&self) -> PathBuf {
        self.base.path().join("data")
    }
    pub(crate) fn state(&self) -> PathBuf {
        self.base.path().join("state/grini")
    }
    pub(crate) fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            state_dir: Some(self.state()),
            command_line: vec!["grini".into(), "--in-place".into()],
            workers: 1,
            ..Settings::default()
        }
    }
    /// Every file beneath the data folder, sorted, with its content.
    pub(crate) fn contents(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for root in self.roots() {
            contents_of(&root, &mut found);
        }
        found.sort();
        found
    }
    /// The names in the state folder, sorted.
    pub(crate) fn journals(&self) -> Vec<String> {
        let Ok(names) = fs::read_dir(self.state()) else {
            return Vec::new();
        };
        let mut names: Vec<_> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// Reads a file, which an edit may keep from readers for a while.
fn patiently<T>(path: &Path, mut read: impl FnMut() -> std::io::Result<T>) -> T {
    loop {
        match read() {
            Err(_) if cfg!(windows) && path.exists() => std::thread::yield_now(),
            read => return read.unwrap(),
        }
    }
}

/// What the system says of a file.
pub(crate) fn meta(path: &Path) -> Meta {
    let file = patiently(path, || fs::File::open(path));
    Real.meta(&file).unwrap()
}

/// The change that replaces every `old` in the file at `path` by `new`.
pub(crate) fn replace(path: &Path, old: &str, new: &str) -> FileChange {
    let content = patiently(path, || fs::read(path));
    let meta = meta(path);
    let mut edits = Edits::default();
    let mut at = 0;
    while let Some(found) = content[at..]
        .windows(old.len())
        .position(|window| window == old.as_bytes())
    {
        let start = (at + found) as u64;
        edits.push(start, old.as_bytes(), new.as_bytes());
        at += found + old.len();
    }
    FileChange {
        path: path.to_owned(),
        is_link: path.is_symlink(),
        seen: Seen {
            meta,
            digest: *blake3::hash(&content).as_bytes(),
        },
        becomes: *blake3::hash(&edits.applied(&content)).as_bytes(),
        edits,
    }
}

pub(crate) fn apply(changes: Vec<FileChange>, settings: &Settings) -> Result<Applied, Failed> {
    grini::transaction::apply(&Real, changes, settings, &|_| {})
}

/// Takes an edit back: the last, or that with this ID.
pub(crate) fn take_back(id: Option<&str>, settings: &Settings) -> Result<Applied, Failed> {
    let selection = Selection {
        direction: Direction::Undo,
        id: id.map(str::to_owned),
        paths: Vec::new(),
    };
    grini::transaction::take_back(&Real, &selection, settings, &|_| {})
}

/// The errors as a user reads them, one a line.
pub(crate) fn said(failed: &Failed) -> String {
    let mut lines: Vec<_> = failed.errors.iter().map(ToString::to_string).collect();
    lines.push(failed.outcome().to_owned());
    lines.join("\n")
}

fn contents_of(root: &Path, found: &mut Vec<(String, String)>) {
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap();
            let mut name = name.to_string_lossy().into_owned();
            if cfg!(windows) {
                name = name.replace('\\', "/");
            }
            if path.is_dir() && !path.is_symlink() {
                if name.contains(".grini-") {
                    found.push((format!("{name}/"), String::new()));
                }
                folders.push(path);
            } else {
                let content = fs::read(&path).unwrap_or_default();
                found.push((name, String::from_utf8_lossy(&content).into_owned()));
            }
        }
    }
}

/// A store in which an edit to `new` ended right after its last call of that name.
pub(crate) fn killed_after(call: &str, new: &str) -> Store {
    let run = |plan| {
        let store = Store::new();
        let changes = NAMES.map(|name| replace(&store.write(name, OLD), "4", new));
        let system = Faulty::new(plan);
        let _ = grini::transaction::apply(&system, changes.into(), &store.settings(), &|_| {});
        (store, system.calls())
    };
    let (_, calls) = run(Plan::None);
    let last = calls.iter().rposition(|made| *made == call).unwrap();
    run(Plan::KillAfter(last)).0
}
