//! Ending a transaction either way: putting every old file back, or removing every old file. Both are
//! decided file by file from what is there, so they may be cut off anywhere and done again.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::folders::Folders;
use super::frames::os_bytes;
use super::in_place::{self, InPlace};
use super::manifest::{Entry, How};
use super::problem::Problem;
use super::staging::Staging;
use super::workers;
use crate::system::{Dir, Meta, System, missing};

/// A staging folder, the folders of its files, and the files.
pub(crate) type Part<'a> = (&'a Staging, &'a Folders, &'a [Entry]);

/// The outcome for all files of a staging folder.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    /// What the user should know: files kept because another program had changed them.
    pub kept: Vec<Problem>,
    /// What could not be done; the staging folder must stay.
    pub failed: Vec<Problem>,
}

impl Settled {
    fn note(&mut self, entry: &Entry, doing: &str, result: io::Result<Option<Problem>>) {
        match result {
            Ok(None) => {}
            Ok(Some(kept)) => self.kept.push(kept),
            Err(error) => self.failed.push(Problem::call(&entry.shown, doing, &error)),
        }
    }
}

/// Puts the old files of `entries` back.
pub(crate) fn put_back(system: &dyn System, (staging, folders, entries): Part<'_>) -> Settled {
    let mut settled = Settled::default();
    let settler = Settler {
        system,
        folders,
        staging,
    };
    for entry in entries.iter().rev() {
        let result = match entry.how {
            How::Exchange => settler.exchange_back(entry),
            How::InPlace => settler.write_back(entry),
        };
        settled.note(entry, "putting the old content back", result);
        let result = settler.remove_backup(entry).map(|()| None);
        settled.note(entry, "removing the backup", result);
    }
    settled
}

/// Removes the old files of `entries`, which are replaced for good; those that another program wrote
/// to meanwhile are kept. `progress` is told how many are done.
pub(crate) fn drop_old(
    system: &dyn System,
    (staging, folders, entries): Part<'_>,
    workers: usize,
    progress: &(dyn Fn(usize) + Sync),
) -> Settled {
    let mut settled = Settled::default();
    let settler = Settler {
        system,
        folders,
        staging,
    };
    let done = AtomicUsize::new(0);
    let mut items: Vec<&Entry> = entries.iter().collect();
    let results = workers::each(workers, &mut items, |entry, _| {
        let dropped = settler.drop_slot(entry);
        progress(done.fetch_add(1, Ordering::Relaxed) + 1);
        dropped
    });
    for (entry, result) in items.into_iter().zip(results) {
        settled.note(entry, "removing the old file", result);
    }
    settled
}

struct Settler<'a> {
    system: &'a dyn System,
    folders: &'a Folders,
    staging: &'a Staging,
}

impl Settler<'_> {
    fn exchange_back(&self, entry: &Entry) -> io::Result<Option<Problem>> {
        let slot = entry.slot_name();
        let Some(stored) = self.look(&self.staging.dir, &slot)? else {
            return Ok(None);
        };
        if stored.inode == entry.new.inode {
            // It was never put into place, or is back already.
            return Ok(None);
        }
        let dir = match self.folders.dir(self.system, entry.folder) {
            Err(error) if missing(&error) => return Err(gone()),
            dir => dir?,
        };
        let there = self.look(&dir, &entry.name)?;
        let ours = there
            .is_some_and(|there| there.inode == entry.new.inode && there.device == stored.device);
        if !ours {
            // Another program has put its own file there since, or taken ours away.
            return self.keep(&dir, entry, "what it replaced").map(Some);
        }
        self.system
            .exchange(&self.staging.dir, &slot, &dir, &entry.name)?;
        let out = self.system.meta_at(&self.staging.dir, &slot)?;
        if out.inode != entry.new.inode {
            // Between the look and the exchange another program put its file there: it stays.
            self.system
                .exchange(&self.staging.dir, &slot, &dir, &entry.name)?;
            return self.keep(&dir, entry, "what it replaced").map(Some);
        }
        if !entry.new.fit(&out) {
            return self.keep(&dir, entry, "what it wrote").map(Some);
        }
        Ok(None)
    }

    fn write_back(&self, entry: &Entry) -> io::Result<Option<Problem>> {
        if self.look(&self.staging.dir, &entry.slot_name())?.is_none() {
            return Ok(None);
        }
        let dir = self.folders.dir(self.system, entry.folder)?;
        let back = match in_place::put_back(self.system, self.staging, &dir, entry) {
            Err(error) if missing(&error) => InPlace::Foreign,
            back => back?,
        };
        Ok(match back {
            InPlace::Done => None,
            // Here there are only the bytes that the edit overwrote, and they are in the journal.
            InPlace::Foreign => Some(Problem::at(
                &entry.shown,
                "another program changed it during the edit; it is left as that program wrote it",
            )),
        })
    }

    /// Takes the backup's name away, if it is ours and not the content's last name.
    fn remove_backup(&self, entry: &Entry) -> io::Result<()> {
        let Some(backup) = &entry.backup else {
            return Ok(());
        };
        let dir = match self.folders.dir(self.system, entry.folder) {
            Err(error) if missing(&error) => return Ok(()),
            dir => dir?,
        };
        match self.look(&dir, &backup.name)? {
            Some(there) if there.inode == backup.inode && there.links > 1 => {
                self.system.unlink(&dir, &backup.name)
            }
            _ => Ok(()),
        }
    }

    fn drop_slot(&self, entry: &Entry) -> io::Result<Option<Problem>> {
        let slot = entry.slot_name();
        let mut kept = None;
        if entry.how == How::Exchange
            && let Some(stored) = self.look(&self.staging.dir, &slot)?
            // By now it is known to be the old file; on an overlay its inode's number may change.
            && (stored.size, stored.modified) != (entry.old.size, entry.old.modified)
        {
            let dir = self.folders.dir(self.system, entry.folder)?;
            kept = Some(match &entry.backup {
                // A writer that had the old file open wrote into what is now the backup.
                Some(backup) => late(entry, &backup.name.display().to_string()),
                None => self.keep(&dir, entry, "what it wrote")?,
            });
        }
        for slot in [
            Some(slot),
            entry.backup.as_ref().map(|_| entry.backup_slot()),
        ] {
            let Some(slot) = slot else { continue };
            match self.system.unlink(&self.staging.dir, &slot) {
                Err(error) if !missing(&error) => return Err(error),
                _ => {}
            }
        }
        Ok(kept)
    }

    /// Gives what is in the slot of `entry` a name beside the file, so that nothing is lost.
    fn keep(&self, dir: &Dir, entry: &Entry, what: &str) -> io::Result<Problem> {
        let slot = entry.slot_name();
        let stored = self.system.meta_at(&self.staging.dir, &slot)?;
        let mut name = entry.name.clone();
        // A name has at most 255 bytes almost everywhere.
        if os_bytes(&name).len() > 220 {
            name = entry.slot_name();
        }
        name.push(".grini-");
        name.push(&self.staging.id);
        match self.system.link(&self.staging.dir, &slot, dir, &name) {
            Ok(()) => {}
            Err(error) => match self.look(dir, &name)? {
                Some(there) if there.inode == stored.inode => {}
                _ => return Err(error),
            },
        }
        Ok(match what {
            "what it wrote" => late(entry, &name.display().to_string()),
            _ => Problem::at(
                &entry.shown,
                format!(
                    "another program replaced it during the edit and its file stays; what was \
                     there before is kept as {} beside it",
                    name.display()
                ),
            ),
        })
    }

    fn look(&self, dir: &Dir, name: &std::ffi::OsStr) -> io::Result<Option<Meta>> {
        match self.system.meta_at(dir, name) {
            Ok(meta) => Ok(Some(meta)),
            Err(error) if missing(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn late(entry: &Entry, name: &str) -> Problem {
    let what = format!(
        "another program wrote to it during the edit; what it wrote is kept as {name} beside it"
    );
    Problem::at(&entry.shown, what)
}

fn gone() -> io::Error {
    io::Error::new(
        io::ErrorKind::NotFound,
        "its folder is gone, and its old content is in the staging folder",
    )
}
