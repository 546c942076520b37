//! The manifest: what a transaction does to each file, written into its staging folder before any
//! file is touched, so that whoever finds the folder can take everything back.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::content::Digest;
use super::folders::{FolderId, Folders};
use super::frames::{Reader, Writer};
use crate::change::edit::{self as change, Edit};
use crate::system::{Meta, System};

const MAGIC: u64 = u64::from_le_bytes(*b"griniM1\n");

/// What a file's content is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub inode: u64,
    pub size: u64,
    pub modified: (i64, u32),
    pub digest: Digest,
}

impl Facts {
    pub const NONE: Facts = Facts {
        inode: 0,
        size: 0,
        modified: (0, 0),
        digest: [0; 32],
    };
    /// Whether `meta` is of this file, its content untouched as far as can be told without reading.
    /// The time of the last status change (ctime) does not count: an exchange changes it.
    pub fn fit(&self, meta: &Meta) -> bool {
        self.inode == meta.inode && self.size == meta.size && self.modified == meta.modified
    }
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// A new file changes places with it; the slot holds the new file before, the old one after.
    Exchange,
    /// It is overwritten from its first changed byte; the slot holds the bytes it loses.
    InPlace,
}

/// A second name for the old content, made before the commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Backup {
    pub name: OsString,
    /// The inode that gets the name: the old file's, or that of a copy (in place).
    pub inode: u64,
}

/// What happens to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The path for messages: as the user named it; in a recovery the absolute one.
    pub shown: PathBuf,
    pub folder: FolderId,
    pub name: OsString,
    /// Number of the file's slot in the staging folder.
    pub slot: u32,
    pub how: How,
    pub old: Facts,
    pub new: Facts,
    pub backup: Option<Backup>,
    pub edits: Vec<Edit>,
    /// The owner need not be kept (`--force` on another owner's file).
    pub any_owner: bool,
}

impl Entry {
    /// The slot's name in the staging folder. It is long because a folder's blocks are searched from
    /// their beginning: 60 names in a block instead of 300 halve the time to make 10,000 files on ext4.
    pub fn slot_name(&self) -> OsString {
        format!("{:064}", self.slot).into()
    }
    /// The name in the staging folder of the copy that becomes the backup, for an edit in place.
    pub fn backup_slot(&self) -> OsString {
        format!("b{}", self.slot).into()
    }
    /// The part of the old content that an edit in place overwrites or moves.
    pub fn region(&self) -> std::ops::Range<u64> {
        change::region(self.old.size, &self.edits)
    }
    /// The length of the new content.
    pub fn new_size(&self) -> u64 {
        change::size_after(self.old.size, &self.edits)
    }
}

/// A manifest as read back.
#[derive(Default)]
pub(crate) struct Manifest {
    /// The staging folder whose state decides about this one; `None`: this one's own.
    pub decided_by: Option<PathBuf>,
    /// The transaction's other staging folders, about which this one's state decides.
    pub decides: Vec<PathBuf>,
    pub folders: Folders,
    pub entries: Vec<Entry>,
}

/// What a manifest says besides its entries.
pub(crate) struct Heading<'a> {
    pub decided_by: Option<&'a Path>,
    pub decides: Vec<&'a Path>,
}

/// Writes a manifest. Folders beneath `parent` (where the staging folder is) are named relative to
/// it, so that it also serves when the file system is mounted elsewhere.
pub(crate) fn write(
    system: &dyn System,
    file: &File,
    heading: &Heading<'_>,
    parent: &Path,
    folders: &Folders,
    entries: &[Entry],
) -> io::Result<()> {
    let mut out = Writer::new(system, file, 0);
    out.number(MAGIC);
    out.name(heading.decided_by.unwrap_or(Path::new("")));
    out.number(heading.decides.len() as u64);
    for other in &heading.decides {
        out.name(other);
    }
    out.number(folders.all().len() as u64);
    for folder in folders.all() {
        out.name(folder.path.strip_prefix(parent).unwrap_or(&folder.path));
        out.settle()?;
    }
    out.number(entries.len() as u64);
    for entry in entries {
        out.number(u64::from(entry.folder));
        out.name(&entry.name);
        out.number(u64::from(entry.slot));
        facts(&mut out, &entry.old);
        facts(&mut out, &entry.new);
        match &entry.backup {
            None => out.number(0),
            Some(backup) => {
                out.number(1);
                out.name(&backup.name);
                out.number(backup.inode);
            }
        }
        // An exchange is taken back without its edits; they are in the journal.
        match entry.how {
            How::Exchange => out.number(0),
            How::InPlace => {
                out.number(1);
                out.edits(&entry.edits);
            }
        }
        out.settle()?;
    }
    out.finish()
}

fn facts(out: &mut Writer<'_>, facts: &Facts) {
    out.number(facts.inode);
    out.number(facts.size);
    out.raw(&facts.modified.0.to_le_bytes());
    out.number(u64::from(facts.modified.1));
    out.raw(&facts.digest);
}

fn read_facts(reader: &mut Reader) -> io::Result<Facts> {
    Ok(Facts {
        inode: reader.number()?,
        size: reader.number()?,
        modified: (i64::from_le_bytes(reader.array()?), reader.small()?),
        digest: reader.array()?,
    })
}

/// Reads a manifest back; `None`: the content is not that of a complete manifest. Errors are those of
/// opening its folders.
pub(crate) fn read(
    system: &dyn System,
    content: &[u8],
    parent: &Path,
) -> io::Result<Option<Manifest>> {
    let mut reader = Reader::new(content);
    if !reader.complete || reader.number()? != MAGIC {
        return Ok(None);
    }
    let decided_by = Some(PathBuf::from(reader.name()?)).filter(|path| path != Path::new(""));
    let decides = reader.list(|reader| Ok(PathBuf::from(reader.name()?)))?;
    let mut folders = Folders::default();
    let numbers = reader.list(|reader| {
        let relative = PathBuf::from(reader.name()?);
        let path = if relative == Path::new("") {
            parent.to_owned()
        } else {
            parent.join(relative)
        };
        folders.add_known(system, path)
    })?;
    let entries = reader.list(|reader| entry(reader, &numbers, &folders))?;
    Ok(Some(Manifest {
        decided_by,
        decides,
        folders,
        entries,
    }))
}

fn entry(reader: &mut Reader, numbers: &[FolderId], folders: &Folders) -> io::Result<Entry> {
    let folder: usize = reader.small()?;
    let folder = *numbers.get(folder).ok_or(io::ErrorKind::InvalidData)?;
    let name = reader.name()?;
    let slot = reader.small()?;
    let old = read_facts(reader)?;
    let new = read_facts(reader)?;
    let backup = match reader.number()? {
        0 => None,
        _ => Some(Backup {
            name: reader.name()?,
            inode: reader.number()?,
        }),
    };
    let (how, edits) = match reader.number()? {
        0 => (How::Exchange, Vec::new()),
        _ => (How::InPlace, reader.edits()?),
    };
    if !is_name(&name) || backup.as_ref().is_some_and(|backup| !is_name(&backup.name)) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(Entry {
        shown: folders.get(folder).path.join(&name),
        folder,
        name,
        slot,
        how,
        old,
        new,
        backup,
        edits,
        any_owner: false,
    })
}

/// Whether `name` is a name in a folder rather than a path.
fn is_name(name: &OsStr) -> bool {
    Path::new(name).file_name() == Some(name)
}
