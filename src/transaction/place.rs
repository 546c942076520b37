//! Where new files are staged: one folder for each mount that has files to edit, and room in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::folders::{FolderId, Folders, common};
use super::manifest::{Entry, How};
use super::problem::Problem;
use super::staging;
use crate::system::{Meta, System};

/// How many of the files' folders are tried, where the folder that holds them all is not writable.
const TRIES: usize = 64;
/// Bytes a manifest and a journal take per file, names apart; generous.
const RECORD: u64 = 512;

/// The files that are staged in one folder.
pub(crate) struct Place {
    /// The folder in which the staging folder is to be made.
    pub parent: PathBuf,
    pub entries: Vec<Entry>,
}

/// The folders to lock: for each mount the deepest that holds all files on it.
pub(crate) fn tops(folders: &Folders) -> Vec<PathBuf> {
    let mut mounts: BTreeMap<(u64, u64), Vec<&Path>> = BTreeMap::new();
    for folder in folders.all() {
        let key = folder.meta.map(mount).unwrap_or_default();
        mounts.entry(key).or_default().push(&folder.path);
    }
    mounts.into_values().filter_map(common).collect()
}

fn mount(meta: Meta) -> (u64, u64) {
    (meta.device, meta.mount)
}

/// Divides `entries` among staging places. Where a mount has no folder to stage in, its files are
/// edited in place, with what they lose staged elsewhere: with other files, or in `state`.
pub(crate) fn choose(
    system: &dyn System,
    folders: &Folders,
    writable: &[bool],
    entries: Vec<Entry>,
    state: Option<&Path>,
) -> Result<Vec<Place>, Problem> {
    let mut mounts: BTreeMap<(u64, u64), Vec<Entry>> = BTreeMap::new();
    for entry in entries {
        let meta = folders.get(entry.folder).meta;
        mounts
            .entry(meta.map(mount).unwrap_or_default())
            .or_default()
            .push(entry);
    }
    let mut places: Vec<Place> = Vec::new();
    let mut homeless: Vec<Entry> = Vec::new();
    for (key, entries) in mounts {
        match parent(system, folders, writable, key, &entries) {
            Some(parent) => places.push(Place { parent, entries }),
            None => homeless.extend(entries),
        }
    }
    for entry in &mut homeless {
        entry.how = How::InPlace;
        if entry.backup.is_some() {
            let what = "no folder on its file system is writable, so no backup can be made; leave \
                        out the suffix";
            return Err(Problem::at(&entry.shown, what));
        }
    }
    if let Some(first) = homeless.first() {
        match (places.first_mut(), state) {
            (Some(place), _) => place.entries.extend(homeless),
            (None, Some(state)) => places.push(Place {
                parent: state.to_owned(),
                entries: homeless,
            }),
            (None, None) => {
                let what = "there is no folder to save what the edit overwrites: its own is not \
                            writable, and there is no state folder; set XDG_STATE_HOME";
                return Err(Problem::at(&first.shown, what));
            }
        }
    }
    for place in &mut places {
        for (slot, entry) in place.entries.iter_mut().enumerate() {
            entry.slot = u32::try_from(slot).unwrap_or(u32::MAX);
        }
        room(system, place)?;
    }
    Ok(places)
}

/// A folder on the mount `key` that a staging folder can be made in: the one that holds all the
/// files' folders, else one of these.
fn parent(
    system: &dyn System,
    folders: &Folders,
    writable: &[bool],
    key: (u64, u64),
    entries: &[Entry],
) -> Option<PathBuf> {
    let mut ids: Vec<FolderId> = entries.iter().map(|entry| entry.folder).collect();
    ids.sort_unstable();
    ids.dedup();
    let path = |id: &FolderId| folders.get(*id).path.as_path();
    let top = common(ids.iter().map(path))?;
    let known = ids.iter().find(|id| path(id) == top);
    let usable = match known {
        Some(&id) => writable[id as usize],
        None => system.open_dir(&top).is_ok_and(|dir| {
            let here = system.dir_meta(&dir).is_ok_and(|meta| mount(meta) == key);
            here && system.dir_writable(&dir).unwrap_or(false)
        }),
    };
    if usable {
        return Some(top);
    }
    let mut tried = ids.iter().take(TRIES);
    let found = tried.find(|id| writable[**id as usize])?;
    Some(path(found).to_owned())
}

/// Refuses what does not fit on the disk.
fn room(system: &dyn System, place: &Place) -> Result<(), Problem> {
    let space = system
        .open_dir(&place.parent)
        .and_then(|dir| system.space(&dir))
        .map_err(|error| Problem::call(&place.parent, "asking for the room on the disk", &error))?;
    let blocks = |bytes: u64| bytes.div_ceil(space.block) * space.block;
    let mut bytes = blocks(place.entries.len() as u64 * RECORD);
    let mut files: u64 = 2;
    for entry in &place.entries {
        let staged = match entry.how {
            How::Exchange => entry.new_size(),
            How::InPlace => {
                let region = entry.region();
                let grown = entry.new_size().saturating_sub(entry.old.size);
                let copy = entry.backup.as_ref().map_or(0, |_| entry.old.size);
                region.end - region.start + blocks(grown) + blocks(copy)
            }
        };
        bytes += blocks(staged);
        files += 1 + u64::from(entry.backup.is_some());
    }
    if bytes > space.bytes {
        let what = format!(
            "no room on its file system: {bytes} bytes are needed until the edit is done, {} are \
             free; free {} bytes or edit fewer files at once",
            space.bytes,
            bytes - space.bytes
        );
        return Err(Problem::at(&place.parent, what));
    }
    if space.files.is_some_and(|free| files > free) {
        let what = "its file system has no room for more files (inodes); remove some files or edit \
                    fewer at once";
        return Err(Problem::at(&place.parent, what));
    }
    Ok(())
}

/// The staging folder that `place` is to get.
pub(crate) fn path(place: &Place, id: &str) -> PathBuf {
    place.parent.join(staging::name_for(id))
}
