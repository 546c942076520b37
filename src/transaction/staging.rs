//! Staging folders: one `.grini-<id>` for each mount that has files to exchange or backups to make.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use super::attributes::Inherited;
use super::error::found;
use super::folders::{FolderId, KnownFolder, KnownFolders, common, gone};
use super::id;
use super::record::FileEntry;
use crate::system::{Dir, FileKind, Meta, System, errors};

/// What staging folders' names begin with.
const PREFIX: &str = ".grini-";
/// Files of a folder by which it is tried out.
const TRIED: [&str; 2] = ["0", "1"];

/// An open staging folder.
#[derive(Debug)]
pub(super) struct Staging {
    parent: Dir,
    parent_path: PathBuf,
    /// The folder itself. It is locked until this is dropped.
    pub(super) dir: Dir,
    name: OsString,
    /// Whether names can be exchanged on its file system; tried when it is made.
    pub(super) exchanges: bool,
    pub(super) inherited: Inherited,
}

impl Staging {
    /// Makes the folder for the transaction `id` in `parent`.
    pub(super) fn make(system: &dyn System, parent: &Path, id: &str) -> io::Result<Staging> {
        let (parent_dir, name) = (system.open_dir(parent)?, name_for(id));
        system.make_dir(&parent_dir, &name)?;
        let opened = system.open_dir_at(&parent_dir, &name);
        let dir = opened.inspect_err(|_| {
            let _ = system.remove_dir(&parent_dir, &name);
        })?;
        let mut staging = Staging::of(parent_dir, parent, dir, name);
        match staging.set_up(system) {
            Ok(()) => Ok(staging),
            Err(error) => {
                // To list it might want what is lacking now.
                for name in TRIED.map(OsStr::new) {
                    let _ = staging.unlink(system, name);
                }
                let _ = system.remove_dir(&staging.parent, &staging.name);
                Err(error)
            }
        }
    }

    fn of(parent: Dir, parent_path: &Path, dir: Dir, name: OsString) -> Staging {
        Staging {
            parent,
            parent_path: parent_path.to_owned(),
            dir,
            name,
            exchanges: true,
            inherited: Inherited::default(),
        }
    }

    /// Locks the folder, and tries whether names can be exchanged in it.
    fn set_up(&mut self, system: &dyn System) -> io::Result<()> {
        system.clear_acl(&self.dir)?;
        match system.lock_dir(&self.dir) {
            Err(error) if !errors::no_locks(&error) => return Err(error),
            _ => {}
        }
        let names = TRIED.map(OsStr::new);
        for name in names {
            system.create(&self.dir, name, 0o600)?;
        }
        let tried = system.exchange(&self.dir, names[0], &self.dir, names[1]);
        for name in names {
            system.unlink(&self.dir, name)?;
        }
        self.exchanges = match tried {
            Err(error) if !errors::cannot_exchange(&error) => return Err(error),
            tried => tried.is_ok(),
        };
        Ok(())
    }

    /// Opens the folder that the transaction `id` may have made in `parent`; `None`: it is not there, though its parent is.
    pub(super) fn find(
        system: &dyn System,
        parent: &Path,
        id: &str,
    ) -> io::Result<Option<Staging>> {
        let parent_dir = found(system.open_dir(parent))?.ok_or_else(gone)?;
        let name = name_for(id);
        let Some(dir) = found(system.open_dir_at(&parent_dir, &name))? else {
            return Ok(None);
        };
        let meta = system.dir_meta(&dir)?;
        if meta.user != system.user() || meta.mode & 0o077 != 0 {
            let what = "its staging folder is not, or not only, yours";
            return Err(io::Error::other(what));
        }
        Ok(Some(Staging::of(parent_dir, parent, dir, name)))
    }

    /// The folder's absolute path.
    pub(super) fn path(&self) -> PathBuf {
        self.parent_path.join(&self.name)
    }

    /// Makes what was staged, and its name, durable; `each`: the files are so already.
    pub(super) fn sync(&self, system: &dyn System, each: bool) -> io::Result<()> {
        if !each {
            return system.sync_all(&self.dir);
        }
        system.sync_dir(&self.dir)?;
        system.sync_dir(&self.parent)
    }

    /// Removes everything grini made in the folder, and the folder. What is already gone is no error; a file that is
    /// not grini's stays, and the folder with it.
    pub(super) fn remove(&self, system: &dyn System) -> io::Result<()> {
        for (name, kind) in system.list(&self.dir)? {
            let is_digit = |byte: &u8| byte.is_ascii_digit();
            if kind == FileKind::File && name.as_encoded_bytes().iter().all(is_digit) {
                self.unlink(system, &name)?;
            }
        }
        found(system.remove_dir(&self.parent, &self.name)).map(drop)
    }

    /// Removes a file in the folder, if it is there.
    pub(super) fn unlink(&self, system: &dyn System, name: &OsStr) -> io::Result<()> {
        found(system.unlink(&self.dir, name)).map(drop)
    }
}

/// `.grini-<id>`.
pub(super) fn name_for(id: &str) -> OsString {
    format!("{PREFIX}{id}").into()
}

/// Whether a name is one of a staging folder.
pub(super) fn is_name(name: &OsStr) -> bool {
    let id = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
    id.is_some_and(id::is_id)
}

type Mount = (u64, u64);

fn mount(meta: Meta) -> Mount {
    (meta.device, meta.mount)
}

/// The folders to stage in, and in each entry that `needs` one which it is, unless none of its mount can be used.
pub(super) fn places(
    system: &dyn System,
    folders: &KnownFolders,
    entries: &mut [FileEntry],
    needs: impl Fn(&FileEntry) -> bool,
) -> Vec<PathBuf> {
    let mut mounts: BTreeMap<Mount, Vec<&mut FileEntry>> = BTreeMap::new();
    for entry in entries.iter_mut().filter(|entry| needs(entry)) {
        let on = folders.get(entry.folder).meta.map(mount);
        let same = mounts.entry(on.unwrap_or_default()).or_default();
        same.push(entry);
    }
    let mut places = Vec::new();
    for (on, entries) in mounts {
        let ids: BTreeSet<FolderId> = entries.iter().map(|entry| entry.folder).collect();
        let here: Vec<&KnownFolder> = ids.into_iter().map(|id| folders.get(id)).collect();
        if let Some(place) = place(system, &here, on) {
            for entry in entries {
                entry.stage = Some(places.len() as u32);
            }
            places.push(place);
        }
    }
    places
}

/// A folder on a mount that a staging folder can be made in: the one that holds all of `folders`, else one of these.
fn place(system: &dyn System, folders: &[&KnownFolder], on: Mount) -> Option<PathBuf> {
    let top = common(folders.iter().map(|folder| folder.path.as_path()))?;
    let usable = system.open_dir(&top).and_then(|dir| {
        let here = mount(system.dir_meta(&dir)?) == on;
        Ok(here && system.dir_writable(&dir)?)
    });
    if usable.unwrap_or(false) {
        return Some(top);
    }
    let writable = folders.iter().find(|folder| folder.writable)?;
    Some(writable.path.clone())
}
