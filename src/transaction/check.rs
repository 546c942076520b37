//! Everything that can be found out before anything is written: where each file is, whether it is still what was
//! read, and whether and how it may be written.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use super::error::{EditError, Obstacle, found};
use super::folders::KnownFolders;
use super::record::{FileEntry, Staged};
use super::settings::{Failed, Phase, Settings};
use super::staging;
use super::workers::EditWork;
use crate::change::edit::FileChange;
use crate::system::{EXCHANGES, FileKind, HOLDS, System, errors};

/// What a check found.
pub(super) struct Checked {
    pub(super) folders: KnownFolders,
    pub(super) entries: Vec<FileEntry>,
    /// The folders to stage in.
    pub(super) places: Vec<PathBuf>,
    /// What is in the way of the files that are no entries.
    pub(super) refused: Vec<EditError>,
}

/// Checks every file, and finds where new ones are to be staged.
pub(super) fn check(work: EditWork<'_>, changes: Vec<FileChange>) -> Result<Checked, Failed> {
    let (system, settings) = (work.system, work.settings);
    let mut folders = KnownFolders::default();
    let (mut located, mut refused) = locate(system, changes, &mut folders);
    if !refused.is_empty() && !settings.keep_going {
        return Err(refused.into());
    }
    let checker = Checker {
        system,
        folders: &folders,
        settings,
        user: system.user(),
    };
    let checked = work.each(Phase::Checking, &mut located, |entry, _| {
        checker.choose_way(entry)?;
        checker.check_backup(entry)
    })?;
    let mut entries = Vec::with_capacity(located.len());
    for (entry, checked) in located.into_iter().zip(checked) {
        match checked {
            Ok(()) => entries.push(entry),
            Err(obstacle) => refused.push(obstacle.at(&entry.shown, "checking the file")),
        }
    }
    let backup = settings.backup_suffix.is_some();
    let needs = |entry: &FileEntry| backup || entry.exchangeable;
    let places = staging::places(system, &folders, &mut entries, needs);
    entries.retain_mut(|entry| {
        entry.exchangeable &= entry.stage.is_some();
        let stays = entry.stage.is_some() || !backup && !entry.staged.exchanged;
        if !stays {
            let what =
                "no folder on its file system can hold the new file; make its folder writable";
            refused.push(EditError::at(&entry.shown, what));
        }
        stays
    });
    for (number, entry) in entries.iter_mut().enumerate() {
        entry.number = number as u32;
    }
    if entries.is_empty() || !refused.is_empty() && !settings.keep_going {
        return Err(refused.into());
    }
    Ok(Checked {
        folders,
        entries,
        places,
        refused,
    })
}

/// Finds the folder and name of every file, the target's where a path is a symbolic link. A file that is named twice
/// with the same edits counts once.
fn locate(
    system: &dyn System,
    changes: Vec<FileChange>,
    folders: &mut KnownFolders,
) -> (Vec<FileEntry>, Vec<EditError>) {
    let mut located: Vec<FileEntry> = Vec::with_capacity(changes.len());
    let mut errors = Vec::new();
    let mut known: HashMap<(u64, u64), usize> = HashMap::with_capacity(changes.len());
    for change in changes {
        let identity = (change.seen.meta.device, change.seen.meta.inode);
        if let Some(&first) = known.get(&identity) {
            let first = &located[first];
            if first.edits != change.edits {
                let what = format!(
                    "it is the same file as {}, but would be edited differently; name it once",
                    first.shown.display()
                );
                errors.push(EditError::at(change.path, what));
            }
            continue;
        }
        let target = match change.is_link || change.path.file_name().is_none() {
            true => system.resolve(&change.path).map(Cow::Owned),
            false => Ok(Cow::Borrowed(&*change.path)),
        };
        let place = target.and_then(|target| match (target.parent(), target.file_name()) {
            (Some(parent), Some(name)) => Ok((folders.add(system, parent)?, name.to_owned())),
            _ => Err(io::ErrorKind::IsADirectory.into()),
        });
        match place {
            Ok((folder, name)) => {
                known.insert(identity, located.len());
                located.push(FileEntry {
                    shown: change.path,
                    folder,
                    name,
                    number: 0,
                    stage: None,
                    old: change.seen,
                    edits: change.edits,
                    becomes: change.becomes,
                    staged: Staged::default(),
                    old_attributes: Default::default(),
                    held: None,
                    exchangeable: false,
                });
            }
            Err(error) => errors.push(EditError::call(
                &change.path,
                "looking for the file",
                &error,
            )),
        }
    }
    (located, errors)
}

/// Checks files one by one.
struct Checker<'a> {
    system: &'a dyn System,
    folders: &'a KnownFolders,
    settings: &'a Settings,
    user: u32,
}

fn no<T>(what: impl Into<String>) -> Result<T, Obstacle> {
    Err(Obstacle::Refused(what.into()))
}

impl Checker<'_> {
    /// Notes how the file is to be written. Whether it still is what was read is checked when it is written or staged.
    fn choose_way(&self, entry: &mut FileEntry) -> Result<(), Obstacle> {
        let meta = &entry.old.meta;
        if meta.kind != FileKind::File {
            return no("not a regular file; only those are edited");
        }
        if meta.immutable {
            return no("it is immutable; chattr -i allows changes");
        }
        if meta.append_only {
            return no("it can only be appended to; chattr -a allows changes");
        }
        self.may_be_written(entry)?;
        let Some(why) = self.no_exchange(entry) else {
            entry.staged.exchanged = !entry.is_small() || self.settings.backup_suffix.is_some();
            entry.exchangeable = true;
            return Ok(());
        };
        if HOLDS {
            // It is opened for good before anything is written.
            return Ok(());
        }
        // The file is opened for writing at the end; now is the time to know whether that works.
        let dir = self.folders.dir(self.system, entry.folder)?;
        match self.system.open_write(&dir, &entry.name) {
            Err(error) if errors::not_writable(&error) => no(format!(
                "it cannot be replaced ({why}) nor written to; make the file or its folder writable"
            )),
            opened => Ok(opened.map(drop)?),
        }
    }

    fn may_be_written(&self, entry: &FileEntry) -> Result<(), Obstacle> {
        let meta = &entry.old.meta;
        if self.settings.force {
            return Ok(());
        }
        let own = meta.user == self.user;
        // Root may write to any file, but a file no one is meant to write to is read-only to root, too.
        let may = if self.user == 0 || (own && meta.mode & 0o200 != 0) {
            true
        } else {
            self.is_writable(entry)?
        };
        if meta.mode & 0o222 == 0 || (own && !may) {
            return no(format!(
                "it is read-only; make it writable ({}) or use --force",
                errors::MAKE_WRITABLE
            ));
        }
        if !may {
            let way_out = if self.folders.get(entry.folder).writable {
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

    /// Whether the user may write to the file.
    fn is_writable(&self, entry: &FileEntry) -> io::Result<bool> {
        let dir = self.folders.dir(self.system, entry.folder)?;
        self.system.writable(&dir, &entry.name)
    }

    /// Why the file cannot be exchanged.
    fn no_exchange(&self, entry: &FileEntry) -> Option<&'static str> {
        let meta = &entry.old.meta;
        let folder = self.folders.get(entry.folder);
        let around = folder.meta.as_ref();
        let (root, own) = (self.user == 0, meta.user == self.user);
        let sticky =
            around.is_some_and(|around| around.mode & 0o1000 != 0 && around.user != self.user);
        if !EXCHANGES {
            Some("this system cannot exchange files")
        } else if !folder.writable {
            Some("its folder is not writable")
        } else if meta.links > 1 {
            Some("it has other names (hard links)")
        } else if meta.mount_root || around.is_none_or(|around| around.mount != meta.mount) {
            Some("it is a mount point")
        } else if sticky && !own && !root {
            Some("its folder is sticky (chmod +t)")
        } else if !own
            && !root
            && (!self.settings.force || self.is_writable(entry).unwrap_or(false))
        {
            // A new file would be ours; written in place it stays the owner's.
            Some("it belongs to another user")
        } else {
            None
        }
    }

    fn check_backup(&self, entry: &FileEntry) -> Result<(), Obstacle> {
        let Some(suffix) = &self.settings.backup_suffix else {
            return Ok(());
        };
        let name = entry.backup(suffix);
        if Path::new(&name).file_name() != Some(&name) || name == entry.name {
            return no(format!("{} is not a name for a backup", name.display()));
        }
        if !self.folders.get(entry.folder).writable {
            return no(
                "its folder is not writable, so no backup can be made; leave out the suffix",
            );
        }
        let dir = self.folders.dir(self.system, entry.folder)?;
        match found(self.system.meta_at(&dir, &name))? {
            Some(_) => no(format!(
                "its backup {} is already there; remove it or choose another suffix",
                self.folders.get(entry.folder).path.join(&name).display()
            )),
            None => Ok(()),
        }
    }
}
