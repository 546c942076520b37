//! Putting the new contents into place: the exchanges, the edits in place, the backups' names.

use std::collections::BTreeMap;

use super::content::Buffers;
use super::folders::{FolderId, Folders};
use super::id;
use super::in_place::{self, InPlace};
use super::manifest::{Entry, How};
use super::preflight::CHANGED;
use super::problem::{Problem, cannot_exchange};
use super::staging::Staging;
use super::system::{SYNCS_ALL, System, missing};

/// Above this number of files, folders or the like, a whole file system is synced at once.
pub(crate) const FEW: usize = 32;

/// What an attempt to put one file into place came to, when nothing failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placed {
    In,
    /// It is not the file that was read.
    Changed,
    /// It can only be edited in place.
    NotExchangeable,
}

/// Exchanges `entry`'s file with the new one in its slot, and checks what came out.
pub(crate) fn exchange(
    system: &dyn System,
    folders: &Folders,
    staging: &Staging,
    entry: &Entry,
    buffers: &mut Buffers,
) -> Result<Placed, Problem> {
    let call = |error| Problem::call(&entry.shown, "putting the new file into place", &error);
    let dir = folders.dir(system, entry.folder).map_err(call)?;
    let slot = entry.slot_name();
    match system.exchange(&staging.dir, &slot, &dir, &entry.name) {
        Ok(()) => {}
        Err(error) if cannot_exchange(&error) => return Ok(Placed::NotExchangeable),
        Err(error) if missing(&error) => return Ok(Placed::Changed),
        Err(error) => return Err(call(error)),
    }
    let out = system.meta_at(&staging.dir, &slot).map_err(call)?;
    if !entry.old.fit(&out) {
        return Ok(Placed::Changed);
    }
    // Times have a grain: a file changed twice within a moment may show the time of the first change.
    let age = id::now().as_secs() as i64 - entry.old.modified.0;
    if age <= 2 {
        let file = system.open(&staging.dir, &slot).map_err(call)?;
        let digest = buffers.digest(system, &file, out.size).map_err(call)?;
        if digest != entry.old.digest {
            return Ok(Placed::Changed);
        }
    }
    Ok(Placed::In)
}

/// Writes the new content of `entry` into its file.
pub(crate) fn write_in_place(
    system: &dyn System,
    folders: &Folders,
    staging: &Staging,
    entry: &Entry,
    durable: bool,
) -> Result<Placed, Problem> {
    let written = folders
        .dir(system, entry.folder)
        .and_then(|dir| in_place::write(system, staging, &dir, entry, durable));
    match written {
        Ok(InPlace::Done) => Ok(Placed::In),
        Ok(InPlace::Foreign) => Ok(Placed::Changed),
        Err(error) => Err(Problem::call(
            &entry.shown,
            "writing the new content",
            &error,
        )),
    }
}

/// Gives the old content of `entry` its backup name.
pub(crate) fn back_up(
    system: &dyn System,
    folders: &Folders,
    staging: &Staging,
    entry: &Entry,
) -> Result<(), Problem> {
    let Some(backup) = &entry.backup else {
        return Ok(());
    };
    let slot = match entry.how {
        How::Exchange => entry.slot_name(),
        How::InPlace => entry.backup_slot(),
    };
    folders
        .dir(system, entry.folder)
        .and_then(|dir| system.link(&staging.dir, &slot, &dir, &backup.name))
        .map_err(|error| {
            let doing = format!("making the backup {}", backup.name.display());
            Problem::call(&entry.shown, &doing, &error)
        })
}

/// The message for a file that is not what was read.
pub(crate) fn changed(entry: &Entry) -> Problem {
    Problem::at(&entry.shown, CHANGED)
}

/// Makes the names in the folders of `entries`, and in the staging folder, durable; where many files
/// were written in place, their contents, too.
pub(crate) fn sync_folders(
    system: &dyn System,
    folders: &Folders,
    staging: &Staging,
    entries: &[Entry],
) -> Result<(), Problem> {
    let mut devices: BTreeMap<u64, Vec<FolderId>> = BTreeMap::new();
    let mut last = None;
    for entry in entries {
        if last.replace(entry.folder) != Some(entry.folder) {
            let device = folders.get(entry.folder).meta.map_or(0, |meta| meta.device);
            devices.entry(device).or_default().push(entry.folder);
        }
    }
    let in_place = entries.iter().filter(|entry| entry.how == How::InPlace);
    let in_place = in_place.count();
    let call = |id: FolderId| {
        let path = &folders.get(id).path;
        move |error| Problem::call(path, "making the folder durable", &error)
    };
    for ids in devices.values_mut() {
        ids.sort_unstable();
        ids.dedup();
        if SYNCS_ALL && (ids.len() > FEW || in_place > FEW) {
            let dir = folders.dir(system, ids[0]).map_err(call(ids[0]))?;
            system.sync_all(&dir).map_err(call(ids[0]))?;
            continue;
        }
        for &id in &*ids {
            let dir = folders.dir(system, id).map_err(call(id))?;
            system.sync_dir(&dir).map_err(call(id))?;
        }
    }
    system.sync_dir(&staging.dir).map_err(|error| {
        Problem::call(&staging.path(), "making the staging folder durable", &error)
    })
}
