//! Everything that can be found out before anything is written: where each file is, whether it is still what was
//! read, and whether and how it may be written.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::error::EditError;
use super::files::{Entry, IN_PLACE, is_as_seen, is_small};
use super::folders::{Folder, FolderId, Folders};
use super::record::Way;
use super::settings::Settings;
use super::workers;
use crate::change::edit::FileChange;
use crate::system::{Kind, Meta, System, errors, missing};

/// What is said of a file that is not what it was when its edits were computed.
pub(super) const CHANGED: &str =
    "another program changed it since it was read; run the command again";

/// A change, where its file is, and what it is there.
pub(super) struct Located {
    change: FileChange,
    folder: FolderId,
    name: OsString,
    meta: io::Result<Meta>,
}

impl Located {
    /// The file as the transaction keeps it.
    pub(super) fn into_entry(self, planned: Planned) -> Entry {
        let change = self.change;
        let mut entry = Entry {
            shown: change.path,
            folder: self.folder,
            name: self.name,
            number: 0,
            stage: 0,
            old: change.seen,
            exchangeable: planned.exchangeable,
            edits: change.edits,
            becomes: change.becomes,
            staged: IN_PLACE,
            old_attributes: Default::default(),
            any_owner: planned.any_owner,
        };
        entry.staged.way = planned.way;
        entry
    }

    fn meta(&self) -> Result<&Meta, Refused> {
        match &self.meta {
            Ok(meta) => Ok(meta),
            Err(error) => Err(io::Error::from(error.kind()).into()),
        }
    }
}

/// Finds the folder and name of every file, the target's where a path is a symbolic link. A file that is named twice
/// with the same edits counts once.
pub(super) fn locate(
    system: &dyn System,
    changes: Vec<FileChange>,
    folders: &mut Folders,
    workers: usize,
) -> (Vec<Located>, Vec<EditError>) {
    let mut located: Vec<Located> = Vec::with_capacity(changes.len());
    let mut errors = Vec::new();
    let mut known: HashMap<(u64, u64), usize> = HashMap::with_capacity(changes.len());
    for change in changes {
        let identity = (change.seen.device, change.seen.inode);
        if let Some(&first) = known.get(&identity) {
            let first = &located[first].change;
            if first.edits != change.edits {
                let what = format!(
                    "it is the same file as {}, but would be edited differently; name it once",
                    first.path.display()
                );
                errors.push(EditError::at(change.path, what));
            }
            continue;
        }
        match place(system, &change.path, folders) {
            Ok((folder, name)) => {
                known.insert(identity, located.len());
                located.push(Located {
                    change,
                    folder,
                    name,
                    meta: Err(io::ErrorKind::NotFound.into()),
                });
            }
            Err(error) => errors.push(not_found(change.path, &error)),
        }
    }
    let look = |located: &mut Located, folders: &Folders| {
        let dir = folders.dir(system, located.folder);
        located.meta = dir.and_then(|dir| system.meta_at(&dir, &located.name));
    };
    workers::each(workers, &mut located, |located, _| look(located, folders));
    for located in &mut located {
        if matches!(&located.meta, Ok(meta) if meta.kind == Kind::Symlink) {
            let target = system.resolve(&located.change.path);
            match target.and_then(|target| place(system, &target, folders)) {
                Ok(place) => {
                    (located.folder, located.name) = place;
                    look(located, folders);
                }
                Err(error) => located.meta = Err(error),
            }
        }
    }
    located.retain_mut(|located| {
        let path = &mut located.change.path;
        match &located.meta {
            // It is not even opened: to open a device may already do something.
            Ok(meta) if meta.kind != Kind::File => {
                let what = "not a regular file; only those are edited";
                errors.push(EditError::at(std::mem::take(path), what));
                false
            }
            Ok(_) => true,
            Err(error) => {
                errors.push(not_found(std::mem::take(path), error));
                false
            }
        }
    });
    (located, errors)
}

fn not_found(path: PathBuf, error: &io::Error) -> EditError {
    EditError::call(&path, "looking for the file", error)
}

fn place(
    system: &dyn System,
    path: &Path,
    folders: &mut Folders,
) -> io::Result<(FolderId, OsString)> {
    if let (Some(parent), Some(name)) = (path.parent(), path.file_name()) {
        return Ok((folders.add(system, parent)?, name.to_owned()));
    }
    let real = system.resolve(path)?;
    match (real.parent(), real.file_name()) {
        (Some(parent), Some(name)) => Ok((folders.add(system, parent)?, name.to_owned())),
        _ => Err(io::ErrorKind::IsADirectory.into()),
    }
}

/// Checks files one by one.
pub(super) struct Checker<'a> {
    system: &'a dyn System,
    folders: &'a Folders,
    /// Per folder: whether names in it may be changed.
    writable: Vec<bool>,
    settings: &'a Settings,
    user: u32,
}

/// How a file is to be written.
#[derive(Clone, Copy)]
pub(super) struct Planned {
    way: Way,
    /// It can be exchanged.
    exchangeable: bool,
    /// A new file need not have the old one's owner.
    any_owner: bool,
}

/// Why a file is not edited.
enum Refused {
    No(String),
    Failed(io::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Refused {
        Refused::Failed(error)
    }
}

fn no<T>(what: impl Into<String>) -> Result<T, Refused> {
    Err(Refused::No(what.into()))
}

impl<'a> Checker<'a> {
    pub(super) fn new(
        system: &'a dyn System,
        folders: &'a Folders,
        settings: &'a Settings,
    ) -> Result<Checker<'a>, EditError> {
        let writable = |(id, folder): (usize, &Folder)| {
            folders
                .dir(system, id as FolderId)
                .and_then(|dir| system.dir_writable(&dir))
                .map_err(|error| EditError::call(&folder.path, "checking the folder", &error))
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

    /// Whether names in the folder may be changed.
    pub(super) fn may_name_in(&self, folder: FolderId) -> bool {
        self.writable[folder as usize]
    }

    /// Checks one file. Its content is checked when it is written or staged: it is read then anyway.
    pub(super) fn check(&self, located: &Located) -> Result<Planned, EditError> {
        let checked = self.way(located).and_then(|planned| {
            self.check_backup(located)?;
            Ok(planned)
        });
        let path = &located.change.path;
        checked.map_err(|refused| match refused {
            Refused::No(what) => EditError::at(path, what),
            Refused::Failed(error) if missing(&error) => {
                EditError::at(path, "it is gone; a file is never made anew")
            }
            Refused::Failed(error) => EditError::call(path, "checking the file", &error),
        })
    }

    /// How the file may be written.
    fn way(&self, located: &Located) -> Result<Planned, Refused> {
        let Located {
            change,
            folder,
            name,
            ..
        } = located;
        let meta = located.meta()?;
        if !is_as_seen(&change.seen, meta) {
            return no(CHANGED);
        }
        if meta.immutable {
            return no("it is immutable; chattr -i allows changes");
        }
        if meta.append_only {
            return no("it can only be appended to; chattr -a allows changes");
        }
        let dir = self.folders.dir(self.system, *folder)?;
        self.may_be_written(located)?;
        let (root, own) = (self.user == 0, meta.user == self.user);
        let Some(why) = self.no_exchange(located, meta) else {
            let small = is_small(&change.edits) && self.settings.backup_suffix.is_none();
            return Ok(Planned {
                way: if small { Way::InPlace } else { Way::Exchange },
                exchangeable: true,
                any_owner: !own && !root,
            });
        };
        // The file is opened for writing at the end; now is the time to know whether that works.
        match self.system.open_write(&dir, name) {
            Ok(_) => Ok(Planned {
                way: Way::InPlace,
                exchangeable: false,
                any_owner: false,
            }),
            Err(error) if errors::not_writable(&error) => no(format!(
                "it cannot be replaced ({why}) nor written to; make the file or its folder writable"
            )),
            Err(error) if errors::is_link(&error) => no(CHANGED),
            Err(error) => Err(error.into()),
        }
    }

    fn may_be_written(&self, located: &Located) -> Result<(), Refused> {
        if self.settings.force {
            return Ok(());
        }
        let meta = located.meta()?;
        let own = meta.user == self.user;
        // Root may write to any file, but a file no one is meant to write to is read-only to root, too.
        let may = if self.user == 0 || (own && meta.mode & 0o200 != 0) {
            true
        } else {
            let dir = self.folders.dir(self.system, located.folder)?;
            self.system.writable(&dir, &located.name)?
        };
        if meta.mode & 0o222 == 0 || (own && !may) {
            return no("it is read-only; make it writable (chmod u+w) or use --force");
        }
        if !may {
            let way_out = if self.may_name_in(located.folder) {
                "--force replaces it, as its folder's permission allows"
            } else {
                "run grini as that user"
            };
            return no(format!(
                "it belongs to user {} and may not be written by you; {way_out}",
                meta.user
            ));
        }
        Ok(())
    }

    /// Why the file cannot be exchanged.
    fn no_exchange(&self, located: &Located, meta: &Meta) -> Option<&'static str> {
        let around = self.folders.get(located.folder).meta.as_ref();
        let (root, own) = (self.user == 0, meta.user == self.user);
        let sticky =
            around.is_some_and(|around| around.mode & 0o1000 != 0 && around.user != self.user);
        if !self.may_name_in(located.folder) {
            Some("its folder is not writable")
        } else if meta.links > 1 {
            Some("it has other names (hard links)")
        } else if meta.mount_root || around.is_none_or(|around| around.mount != meta.mount) {
            Some("it is a mount point")
        } else if sticky && !own && !root {
            Some("its folder is sticky (chmod +t)")
        } else if !own && !root && !self.settings.force {
            // A new file would be ours; written in place it stays the owner's.
            Some("it belongs to another user")
        } else {
            None
        }
    }

    fn check_backup(&self, located: &Located) -> Result<(), Refused> {
        let Some(suffix) = &self.settings.backup_suffix else {
            return Ok(());
        };
        let mut name = located.name.clone();
        name.push(suffix);
        if Path::new(&name).file_name() != Some(&name) || name == located.name {
            return no(format!("{} is not a name for a backup", name.display()));
        }
        if !self.may_name_in(located.folder) {
            return no(
                "its folder is not writable, so no backup can be made; leave out the suffix",
            );
        }
        let dir = self.folders.dir(self.system, located.folder)?;
        match self.system.meta_at(&dir, &name) {
            Ok(_) => no(format!(
                "its backup {} is already there; remove it or choose another suffix",
                self.folders.get(located.folder).path.join(&name).display()
            )),
            Err(error) if missing(&error) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
