//! Putting the new contents into place: the exchanges, the edits in place, the backups' names.

use std::collections::BTreeMap;
use std::time::Duration;

use super::content::Buffers;
use super::folders::{FolderId, Folders};
use super::in_place::{self, InPlace};
use super::manifest::{Entry, How};
use super::preflight::CHANGED;
use super::problem::{Problem, cannot_exchange};
use super::staging::Staging;
use crate::system::{SYNCS_ALL, System, missing};

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

/// Exchanges `entry`'s file with the new one in its slot, and checks what came out. `began`: when the first file of the
/// transaction was staged, as a time since the epoch.
pub(crate) fn exchange(
    system: &dyn System,
    folders: &Folders,
    staging: &Staging,
    entry: &Entry,
    began: Duration,
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
    if may_hide_a_change(entry.old.modified, began) {
        let file = system.open(&staging.dir, &slot).map_err(call)?;
        let digest = buffers.digest(system, &file, out.size).map_err(call)?;
        if digest != entry.old.digest {
            return Ok(Placed::Changed);
        }
    }
    Ok(Placed::In)
}

/// Whether a file modified at `modified` (seconds and nanoseconds since the epoch) may have been changed once more after
/// it was read, at `began` or later, and yet show the same time. Times have a grain: the kernel's tick, 10 ms at most;
/// where no fraction of a second is kept, up to two seconds (FAT).
fn may_hide_a_change(modified: (i64, u32), began: Duration) -> bool {
    let (seconds, nanoseconds) = modified;
    let grain = match nanoseconds {
        0 => Duration::from_secs(2),
        _ => Duration::from_millis(100),
    };
    let modified = Duration::new(seconds.max(0).unsigned_abs(), nanoseconds);
    began <= modified + grain
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_file_changed_just_before_it_was_read_may_hide_a_change() {
        let began = Duration::from_millis(10_500);
        for (modified, may) in [
            ((10, 450_000_000), true),
            ((10, 390_000_000), false),
            ((9, 0), true),
            ((8, 0), false),
            // A clock that was set back.
            ((11, 1), true),
            ((-1, 5), false),
        ] {
            assert_eq!(may_hide_a_change(modified, began), may, "{modified:?}");
        }
    }
}
