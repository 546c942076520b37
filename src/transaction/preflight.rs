//! Everything that can be found out before anything is written: where each file is, whether it is
//! still what was read, and whether and how it may be written.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::folders::{Folder, FolderId, Folders};
use super::manifest::{Backup, Entry, Facts, How};
use super::problem::Problem;
use super::settings::Settings;
use crate::change::edit::FileChange;
use crate::system::{Kind, Meta, System, missing};

/// What is said of a file that is not what it was when its edits were computed.
pub(crate) const CHANGED: &str =
    "another program changed it since it was read; run the command again";

/// A change, where its file is, and what it is there.
pub(crate) struct Located {
    pub change: FileChange,
    pub folder: FolderId,
    pub name: OsString,
    pub meta: Meta,
}

/// Finds the folder and name of every file, the target's where a path is a symbolic link.
///
/// A file that is named twice with the same edits counts once.
pub(crate) fn locate(
    system: &dyn System,
    changes: Vec<FileChange>,
    folders: &mut Folders,
) -> (Vec<Located>, Vec<Problem>) {
    let mut located: Vec<Located> = Vec::with_capacity(changes.len());
    let mut problems = Vec::new();
    let mut seen: HashMap<(u64, u64), usize> = HashMap::with_capacity(changes.len());
    for change in changes {
        let identity = (change.seen.device, change.seen.inode);
        if let Some(&first) = seen.get(&identity) {
            let first = &located[first].change;
            if first.edits != change.edits {
                let what = format!(
                    "it is the same file as {}, but would be edited differently; name it once",
                    first.path.display()
                );
                problems.push(Problem::at(change.path, what));
            }
            continue;
        }
        match place(system, &change.path, folders) {
            // It is not even opened: to open a device may already do something.
            Ok((_, _, meta)) if meta.kind != Kind::File => {
                let what = "not a regular file; only those are edited";
                problems.push(Problem::at(change.path, what));
            }
            Ok((folder, name, meta)) => {
                seen.insert(identity, located.len());
                located.push(Located {
                    change,
                    folder,
                    name,
                    meta,
                });
            }
            Err(error) => {
                problems.push(Problem::call(&change.path, "looking for the file", &error))
            }
        }
    }
    (located, problems)
}

fn place(
    system: &dyn System,
    path: &Path,
    folders: &mut Folders,
) -> io::Result<(FolderId, OsString, Meta)> {
    if let (Some(parent), Some(name)) = (path.parent(), path.file_name()) {
        let folder = folders.add(system, parent)?;
        let dir = folders.dir(system, folder)?;
        let meta = system.meta_at(&dir, name)?;
        if meta.kind != Kind::Symlink {
            return Ok((folder, name.to_owned(), meta));
        }
    }
    let real = system.resolve(path)?;
    let (Some(parent), Some(name)) = (real.parent(), real.file_name()) else {
        return Err(io::ErrorKind::IsADirectory.into());
    };
    let folder = folders.add_real(system, parent.to_owned())?;
    let meta = system.meta_at(&*folders.dir(system, folder)?, name)?;
    Ok((folder, name.to_owned(), meta))
}

/// What the check of one file needs to know besides the file.
pub(crate) struct Checker<'a> {
    pub system: &'a dyn System,
    pub folders: &'a Folders,
    /// Per folder: whether names in it may be changed.
    pub writable: Vec<bool>,
    pub settings: &'a Settings,
    pub user: u32,
}

impl<'a> Checker<'a> {
    pub fn new(
        system: &'a dyn System,
        folders: &'a Folders,
        settings: &'a Settings,
    ) -> Result<Checker<'a>, Problem> {
        let writable = |(id, folder): (usize, &Folder)| {
            folders
                .dir(system, id as FolderId)
                .and_then(|dir| system.dir_writable(&dir))
                .map_err(|error| Problem::call(&folder.path, "checking the folder", &error))
        };
        Ok(Checker {
            system,
            folders,
            writable: (folders.all().iter().enumerate())
                .map(writable)
                .collect::<Result<_, _>>()?,
            settings,
            user: system.user(),
        })
    }

    /// Checks one file by what its folder says of it. Its content is checked when it is staged: it is read then anyway.
    pub fn check(&self, located: &Located) -> Result<Entry, Problem> {
        let path = &located.change.path;
        self.check_calls(located).map_err(|error| match error {
            Refused::No(what) => Problem::at(path, what),
            Refused::Failed(error) if missing(&error) => {
                Problem::at(path, "it is gone; a file is never made anew")
            }
            Refused::Failed(error) => Problem::call(path, "checking the file", &error),
        })
    }

    fn check_calls(&self, located: &Located) -> Result<Entry, Refused> {
        let Located {
            change,
            folder,
            name,
            meta,
        } = located;
        let seen = &change.seen;
        let old = Facts {
            inode: seen.inode,
            size: seen.size,
            modified: seen.modified,
            digest: seen.digest,
        };
        if meta.device != seen.device || !old.fit(meta) {
            return Err(Refused::No(CHANGED.into()));
        }
        let (how, any_owner) = self.how(located)?;
        let backup = self.backup(located)?;
        Ok(Entry {
            shown: change.path.clone(),
            folder: *folder,
            name: name.clone(),
            slot: 0,
            how,
            old,
            new: Facts::NONE,
            backup,
            edits: Vec::new(),
            any_owner,
        })
    }

    /// How the file may be written, and whether its owner need not be kept.
    fn how(&self, located: &Located) -> Result<(How, bool), Refused> {
        let meta = &located.meta;
        let no = |what: &str| Err(Refused::No(what.into()));
        if meta.immutable {
            return no("it is immutable; chattr -i allows changes");
        }
        if meta.append_only {
            return no("it can only be appended to; chattr -a allows changes");
        }
        let (root, own) = (self.user == 0, meta.user == self.user);
        let dir = self.folders.dir(self.system, located.folder)?;
        // Root may write to any file, but a file no one is meant to write to is read-only to root, too.
        let may = if root || (own && meta.mode & 0o200 != 0) {
            true
        } else {
            self.system.writable(&dir, &located.name)?
        };
        if !self.settings.force {
            if meta.mode & 0o222 == 0 || (own && !may) {
                return no("it is read-only; make it writable (chmod u+w) or use --force");
            }
            if !may {
                let way_out = if self.writable[located.folder as usize] {
                    "--force replaces it, as its folder's permission allows"
                } else {
                    "run grini as that user"
                };
                let what = format!(
                    "it belongs to user {} and may not be written by you; {way_out}",
                    meta.user
                );
                return Err(Refused::No(what));
            }
        }
        let folder = self.folders.get(located.folder);
        let around = folder.meta.as_ref();
        let sticky =
            around.is_some_and(|around| around.mode & 0o1000 != 0 && around.user != self.user);
        let why = if !self.writable[located.folder as usize] {
            "its folder is not writable"
        } else if meta.links > 1 {
            "it has other names (hard links)"
        } else if meta.mount_root || around.is_none_or(|around| around.mount != meta.mount) {
            "it is a mount point"
        } else if sticky && !own && !root {
            "its folder is sticky (chmod +t)"
        } else if !own && !root && may {
            // A new file would be ours; written in place it stays the owner's.
            "it belongs to another user"
        } else {
            return Ok((How::Exchange, !own && !root));
        };
        // The file is opened for writing at the end; now is the time to know whether that works.
        if !(may && self.system.writable(&dir, &located.name)?) {
            let what = format!(
                "it cannot be replaced ({why}) nor written to; make the file or its folder writable"
            );
            return Err(Refused::No(what));
        }
        Ok((How::InPlace, false))
    }

    fn backup(&self, located: &Located) -> Result<Option<Backup>, Refused> {
        let Some(suffix) = &self.settings.backup_suffix else {
            return Ok(None);
        };
        let mut name = located.name.clone();
        name.push(suffix);
        if Path::new(&name).file_name() != Some(&name) || name == located.name {
            let what = format!("{} is not a name for a backup", name.display());
            return Err(Refused::No(what));
        }
        if !self.writable[located.folder as usize] {
            return Err(Refused::No(
                "its folder is not writable, so no backup can be made; leave out the suffix".into(),
            ));
        }
        let dir = self.folders.dir(self.system, located.folder)?;
        match self.system.meta_at(&dir, &name) {
            Ok(_) => {
                let folder: &PathBuf = &self.folders.get(located.folder).path;
                let what = format!(
                    "its backup {} is already there; remove it or choose another suffix",
                    folder.join(&name).display()
                );
                Err(Refused::No(what))
            }
            Err(error) if missing(&error) => Ok(Some(Backup { name, inode: 0 })),
            Err(error) => Err(error.into()),
        }
    }
}

enum Refused {
    No(String),
    Failed(io::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Refused {
        Refused::Failed(error)
    }
}
