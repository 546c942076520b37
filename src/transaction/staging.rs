//! The staging folder `.grini-<id>`: made, locked, taken from state to state, removed.
//!
//! Its state is the name of the manifest in it. Each change of state is one rename, so there is
//! nothing between two states, whenever the process or the machine stops:
//!
//! ```text
//! (no manifest)  nothing was put into place; the slots are new files
//! writing        the same; a manifest is being written, or everything was put back
//! prepared       files may have been put into place: they are to be put back …
//! done           … unless this folder decides, and says this: all are in place, and stay
//! ```

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::id;
use crate::system::{Dir, Kind, Lock, System, missing};

/// What staging folders' names begin with.
pub const PREFIX: &str = ".grini-";

/// How far the transaction of a staging folder got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// There is no manifest.
    Bare,
    Writing,
    Prepared,
    Done,
}

impl State {
    /// The manifest's name in this state.
    pub fn manifest(self) -> &'static OsStr {
        OsStr::new(match self {
            State::Bare => "",
            State::Writing => "writing",
            State::Prepared => "prepared",
            State::Done => "done",
        })
    }
}

/// An open staging folder.
#[derive(Debug)]
pub(crate) struct Staging {
    /// The folder it is in.
    pub parent: Dir,
    /// The absolute path of that one.
    pub parent_path: PathBuf,
    /// The folder itself. It is locked until this is dropped.
    pub dir: Dir,
    /// The transaction it belongs to.
    pub id: String,
}

/// What a look at a staging folder gave.
#[derive(Debug)]
pub(crate) enum Found {
    /// It is not there, though the folder it would be in is.
    Missing,
    /// It belongs to another user, or others may write into it; it is left alone.
    NotOurs,
    /// A process that still runs has it locked.
    Live,
    /// It was left by a process that ended. Now it is locked for us.
    Left(Staging),
}

impl Staging {
    /// Makes the folder for the transaction `id` in `parent`, and locks it.
    pub fn make(system: &dyn System, parent: &Path, id: &str) -> io::Result<Staging> {
        let parent_dir = system.open_dir(parent)?;
        let name = name_for(id);
        system.make_dir(&parent_dir, &name)?;
        let opened = system.open_dir_at(&parent_dir, &name).and_then(|dir| {
            system.clear_acl(&dir)?;
            lock(system, &dir)?;
            Ok(dir)
        });
        match opened {
            Ok(dir) => Ok(Staging {
                parent: parent_dir,
                parent_path: parent.to_owned(),
                dir,
                id: id.to_owned(),
            }),
            Err(error) => {
                // Nothing is in it yet. If this fails, too, the journal names the folder.
                let _ = system.remove_dir(&parent_dir, &name);
                Err(error)
            }
        }
    }

    /// Looks at the staging folder `path` and locks it, if it was left behind.
    pub fn find(system: &dyn System, path: &Path) -> io::Result<Found> {
        let (Some(parent), Some(id)) = (path.parent(), id_of(path.file_name())) else {
            return Ok(Found::NotOurs);
        };
        let parent_dir = system.open_dir(parent)?;
        let dir = match system.open_dir_at(&parent_dir, &name_for(&id)) {
            Err(error) if missing(&error) => return Ok(Found::Missing),
            opened => opened?,
        };
        let meta = system.dir_meta(&dir)?;
        if meta.user != system.user() || meta.mode & 0o077 != 0 {
            return Ok(Found::NotOurs);
        }
        if !lock(system, &dir)? {
            return Ok(Found::Live);
        }
        // It may have been removed between the opening and the locking.
        match system.meta_at(&parent_dir, &name_for(&id)) {
            Ok(now) if now.inode == meta.inode => Ok(Found::Left(Staging {
                parent: parent_dir,
                parent_path: parent.to_owned(),
                dir,
                id,
            })),
            Ok(_) => Ok(Found::Live),
            Err(error) if missing(&error) => Ok(Found::Missing),
            Err(error) => Err(error),
        }
    }

    /// The folder's absolute path.
    pub fn path(&self) -> PathBuf {
        self.parent_path.join(name_for(&self.id))
    }

    /// How far the transaction got, and the manifest, open.
    pub fn state(&self, system: &dyn System) -> io::Result<(State, Option<File>)> {
        for state in [State::Done, State::Prepared, State::Writing] {
            match system.open(&self.dir, state.manifest()) {
                Ok(file) => return Ok((state, Some(file))),
                Err(error) if missing(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok((State::Bare, None))
    }

    /// Goes from one state to another, at one blow.
    pub fn advance(&self, system: &dyn System, from: State, to: State) -> io::Result<()> {
        system.rename(&self.dir, from.manifest(), &self.dir, to.manifest())
    }

    /// Removes everything grini made in the folder, the manifest last, and the folder. What is
    /// already gone is no error; a file that is not grini's stays, and the folder with it.
    pub fn remove(&self, system: &dyn System) -> io::Result<()> {
        let (manifests, slots): (Vec<_>, Vec<_>) = system
            .list(&self.dir)?
            .into_iter()
            .filter(|(name, kind)| *kind == Kind::File && (is_slot(name) || is_manifest(name)))
            .map(|(name, _)| name)
            .partition(|name| is_manifest(name));
        for name in slots.iter().chain(&manifests) {
            match system.unlink(&self.dir, name) {
                Err(error) if !missing(&error) => return Err(error),
                _ => {}
            }
        }
        match system.remove_dir(&self.parent, &name_for(&self.id)) {
            Err(error) if !missing(&error) => Err(error),
            _ => Ok(()),
        }
    }
}

fn lock(system: &dyn System, dir: &Dir) -> io::Result<bool> {
    match system.lock_dir(dir, Lock::Exclusive) {
        Err(error) if super::problem::no_locks(&error) => Ok(true),
        locked => locked,
    }
}

/// `.grini-<id>`.
pub(crate) fn name_for(id: &str) -> OsString {
    format!("{PREFIX}{id}").into()
}

/// The ID in a staging folder's name.
pub(crate) fn id_of(name: Option<&OsStr>) -> Option<String> {
    let id = name?.to_str()?.strip_prefix(PREFIX)?;
    id::is_id(id).then(|| id.to_owned())
}

fn is_manifest(name: &OsStr) -> bool {
    name == "writing" || name == "prepared" || name == "done"
}

fn is_slot(name: &OsStr) -> bool {
    let name = name.to_str().unwrap_or_default();
    let number = name.strip_prefix('b').unwrap_or(name);
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}
