//! The folders' locks, by which two runs of grini keep out of each other's way.
//!
//! A run locks the deepest folder that holds all its files for itself, and every folder above it
//! together with others. So two runs exclude each other exactly when one works at or beneath the
//! other's folder, whatever users they run as. The locks end with the process. They are an agreement
//! among grinis: what protects a file from other programs is the check of what an exchange brought out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::problem::{Problem, no_locks};
use super::settings::Settings;
use crate::system::{Dir, Lock, System};

/// Locks held until this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Locks {
    _held: Vec<Dir>,
}

/// Why the locks could not be had.
#[derive(Debug)]
pub(crate) enum Locked {
    /// Another process has this folder.
    Busy(PathBuf),
    /// A signal came while waiting.
    Stopped,
    Failed(Problem),
}

impl Locks {
    /// Locks each of `folders` (absolute, resolved) and those above them; waits as `settings` say.
    pub fn take(
        system: &dyn System,
        folders: &[PathBuf],
        settings: &Settings,
    ) -> Result<Locks, Locked> {
        let wanted = wanted(folders);
        let end = Instant::now() + settings.wait;
        let mut pause = Duration::from_millis(1);
        loop {
            let busy = match attempt(system, &wanted)? {
                Ok(locks) => return Ok(locks),
                Err(busy) => busy,
            };
            if settings.stopped() {
                return Err(Locked::Stopped);
            }
            if Instant::now() >= end {
                return Err(Locked::Busy(busy));
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        }
    }
}

/// Every folder to lock, and how, in an order that is the same for all runs.
fn wanted(folders: &[PathBuf]) -> BTreeMap<&Path, Lock> {
    let mut wanted = BTreeMap::new();
    for folder in folders {
        for above in folder.ancestors().skip(1) {
            wanted.entry(above).or_insert(Lock::Shared);
        }
        wanted.insert(folder, Lock::Exclusive);
    }
    wanted
}

/// Takes all locks or, at the first that another holds, none; then gives that folder.
fn attempt(
    system: &dyn System,
    wanted: &BTreeMap<&Path, Lock>,
) -> Result<Result<Locks, PathBuf>, Locked> {
    // One folder may have two paths here (a bind mount): two locks on it would exclude each other.
    let mut folders: Vec<(Dir, (u64, u64), Lock, &Path)> = Vec::new();
    for (&path, &how) in wanted {
        // A folder that cannot be opened cannot be locked, by no one who runs as this user.
        let Ok(dir) = system.open_dir(path) else {
            continue;
        };
        let Ok(meta) = system.dir_meta(&dir) else {
            continue;
        };
        let identity = (meta.device, meta.inode);
        match folders.iter_mut().find(|known| known.1 == identity) {
            Some(known) if how == Lock::Exclusive => known.2 = how,
            Some(_) => {}
            None => folders.push((dir, identity, how, path)),
        }
    }
    let mut held = Vec::with_capacity(folders.len());
    for (dir, _, how, path) in folders {
        match system.lock_dir(&dir, how) {
            Ok(true) => held.push(dir),
            Ok(false) => return Ok(Err(path.to_owned())),
            Err(error) if no_locks(&error) => {}
            Err(error) => {
                return Err(Locked::Failed(Problem::call(
                    path,
                    "locking the folder",
                    &error,
                )));
            }
        }
    }
    Ok(Ok(Locks { _held: held }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_locked_alone_and_those_above_it_together() {
        let folders = ["/a/b".into(), "/a/c".into(), "/a".into()];
        let wanted: Vec<_> = wanted(&folders).into_iter().collect();
        let expected = [
            (Path::new("/"), Lock::Shared),
            (Path::new("/a"), Lock::Exclusive),
            (Path::new("/a/b"), Lock::Exclusive),
            (Path::new("/a/c"), Lock::Exclusive),
        ];
        assert_eq!(wanted, expected);
    }
}
