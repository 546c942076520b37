//! The ordered walk: operands in their order, and beneath a folder its files in byte order of their paths.
//!
//! The walk hands [`Batch`]es to a [`Consumer`]. While a large folder is still being listed, its files are offered in
//! listing order, ahead of their turn, so that the search begins at once; what is found in them comes back to the walk
//! and goes out at its place in the order, as an [`Item::Early`].

use super::batch::{Batch, Folder};
use super::list::{self, Names, Wanted};
use super::select::Selection;
use bstr::ByteSlice;
use rustix::fs::{Mode, OFlags, fstat, fstatfs, openat};
use rustix::io::Errno;
use std::ffi::{CStr, CString, OsStr};
use std::fmt;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

/// What went wrong with a folder or an operand.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The path as it is shown.
    pub path: Vec<u8>,
    /// What happened.
    pub what: Trouble,
}

/// The kinds of trouble a walk meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A system call failed.
    Failed(Errno),
    /// A link leads back to a folder above it.
    Loop,
    /// A folder operand holds no file that would be searched.
    NoFile,
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Failed(errno) => out.write_str(&errno_text(*errno)),
            Trouble::Loop => out.write_str("recursive directory loop"),
            Trouble::NoFile => out.write_str(
                "no .ini file beneath this folder; name others with --include=GLOB, or search every file with -r",
            ),
        }
    }
}

/// The system's text for an error, without Rust's "(os error N)".
pub fn errno_text(errno: Errno) -> String {
    io_error_text(&errno.into())
}

/// The text of an error, without Rust's "(os error N)".
pub fn io_error_text(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

/// What to do with folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folders {
    /// Open them as files (grep's default: an error message).
    Read,
    /// Pass over them.
    Skip,
    /// Search what is beneath them.
    Recurse {
        /// Follow every link, not only operands.
        follow: bool,
    },
}

/// Rules of the walk.
#[derive(Clone, Debug)]
pub struct Rules {
    /// What to do with folders.
    pub folders: Folders,
    /// Which files are searched.
    pub selection: Selection,
    /// Read devices, FIFOs and sockets met beneath a folder (`-D read`).
    pub devices: bool,
    /// Pass over operands that are devices, FIFOs or sockets (`-D skip`).
    pub skip_device_operands: bool,
    /// Folders of that prefix are never entered.
    pub never_enter: Option<&'static [u8]>,
    /// Complain of a folder operand without a file to search.
    pub expect_files: bool,
    /// Leave off the `./` of an operand that nobody typed.
    pub omit_dot_slash: bool,
}

/// What takes the files of a walk.
pub trait Consumer {
    /// What was found in a file that was searched ahead of its turn.
    type Found;

    /// Takes files to search, in order; `early` are findings that go out before the file at an index (or behind the
    /// last one). False: no more is wanted.
    fn batch(&mut self, batch: Batch, early: Vec<(usize, Self::Found)>) -> bool;

    /// Offers files of a folder that is still being listed, ahead of their turn; an error gives them back: there is no
    /// room for them now. `first` is the index of the first file in listing order.
    fn offer(&mut self, batch: Batch, first: usize) -> Result<(), Batch>;

    /// Ends the search ahead of this folder's files: what was found, by index in listing order. A file that is missing
    /// in `searched` comes again in its turn.
    fn collect(&mut self) -> Early<Self::Found>;
}

/// What came of the files that were searched ahead of their turn.
pub struct Early<F> {
    /// By index in listing order: the file was searched.
    pub searched: Vec<bool>,
    /// Findings by index in listing order.
    pub found: Vec<(usize, F)>,
}

/// Files in a batch of a folder, at most.
const BATCH: usize = 256;
/// Files in a batch of operands, at most: they may be large.
const OPERANDS: usize = 8;

/// Walks all `operands`, each as given; `-` is standard input.
pub fn walk<C: Consumer>(operands: &[Vec<u8>], rules: &Rules, consumer: &mut C) {
    let mut walk = Walk {
        rules,
        consumer,
        pending: Vec::new(),
        above: Vec::new(),
        found_file: false,
    };
    if walk.operands(operands) && !walk.pending.is_empty() {
        walk.send(Batch::default(), Vec::new());
    }
}

struct Walk<'w, C> {
    rules: &'w Rules,
    consumer: &'w mut C,
    pending: Vec<Problem>,
    /// Device and inode of the folders being walked, outermost first.
    above: Vec<(u64, u64)>,
    /// Whether the folder operand being walked has a file to search.
    found_file: bool,
}

/// A folder that is open and listed.
struct Listed<F> {
    file: OwnedFd,
    folder: Arc<Folder>,
    names: Names,
    early: Early<F>,
}

impl<C: Consumer> Walk<'_, C> {
    /// Passes a batch on, with the complaints met before it.
    fn send(&mut self, mut batch: Batch, early: Vec<(usize, C::Found)>) -> bool {
        batch.problems = std::mem::take(&mut self.pending);
        if batch.is_empty() && batch.problems.is_empty() && early.is_empty() {
            return true;
        }
        self.consumer.batch(batch, early)
    }

    fn problem(&mut self, path: Vec<u8>, what: Trouble) {
        self.pending.push(Problem { path, what });
    }

    /// Walks the operands; false: no more is wanted.
    fn operands(&mut self, operands: &[Vec<u8>]) -> bool {
        let mut batch = Batch::default();
        for operand in operands {
            if operand == b"-" {
                if !self.send(std::mem::take(&mut batch), Vec::new()) {
                    return false;
                }
                if !self.send(Batch::stdin(), Vec::new()) {
                    return false;
                }
            } else if self.is_folder(operand) {
                let enters = match self.rules.folders {
                    Folders::Recurse { .. } => {
                        self.rules.omit_dot_slash || self.rules.selection.enters(operand)
                    }
                    _ => false,
                };
                if enters {
                    let go_on = self.send(std::mem::take(&mut batch), Vec::new())
                        && self.folder_operand(operand);
                    if !go_on {
                        return false;
                    }
                }
            } else if operand.contains(&0) {
                self.problem(operand.clone(), Trouble::Failed(Errno::INVAL));
            } else if self.rules.selection.takes_operand(operand) {
                batch.push([operand, b""]);
                if batch.len() >= OPERANDS && !self.send(std::mem::take(&mut batch), Vec::new()) {
                    return false;
                }
            }
        }
        self.send(batch, Vec::new())
    }

    fn is_folder(&self, operand: &[u8]) -> bool {
        self.rules.folders != Folders::Read
            && std::fs::metadata(OsStr::from_bytes(operand)).is_ok_and(|data| data.is_dir())
    }

    fn folder_operand(&mut self, operand: &[u8]) -> bool {
        let mut prefix = operand.to_vec();
        if self.rules.omit_dot_slash && operand == b"." {
            prefix.clear();
        } else if !operand.ends_with(b"/") {
            prefix.push(b'/');
        }
        let Ok(name) = CString::new(operand) else {
            return true;
        };
        self.found_file = false;
        let go_on = self.folder(None, &name, &prefix, true);
        if go_on && !self.found_file && self.rules.expect_files {
            self.problem(operand.to_vec(), Trouble::NoFile);
        }
        go_on
    }

    /// Walks one folder; false: no more is wanted.
    fn folder(
        &mut self,
        parent: Option<&OwnedFd>,
        name: &CStr,
        prefix: &[u8],
        operand: bool,
    ) -> bool {
        let depth = self.above.len();
        let go_on = match self.list(parent, name, prefix, operand) {
            Ok(listed) => self.files(listed, prefix),
            Err(what) => {
                self.problem(prefix.strip_suffix(b"/").unwrap_or(prefix).to_vec(), what);
                // The complaint says enough.
                self.found_file |= operand;
                true
            }
        };
        self.above.truncate(depth);
        go_on
    }

    /// Lists a folder, offering files while it goes on.
    fn list(
        &mut self,
        parent: Option<&OwnedFd>,
        name: &CStr,
        prefix: &[u8],
        operand: bool,
    ) -> Result<Listed<C::Found>, Trouble> {
        let follow = self.rules.folders == Folders::Recurse { follow: true };
        let mut flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOCTTY;
        if !follow && !operand {
            flags |= OFlags::NOFOLLOW;
        }
        let at = parent.map_or(rustix::fs::CWD, std::os::fd::AsFd::as_fd);
        let file = openat(at, name, flags, Mode::empty()).map_err(Trouble::Failed)?;
        let stat = fstat(&file).map_err(Trouble::Failed)?;
        let identity = (stat.st_dev, stat.st_ino);
        if self.above.contains(&identity) {
            return Err(Trouble::Loop);
        }
        self.above.push(identity);
        let path = if prefix.is_empty() {
            b"./".to_vec()
        } else {
            prefix.to_vec()
        };
        let folder = Arc::new(Folder {
            path,
            short_read_ends: is_local(&file),
        });
        let wanted = Wanted {
            selection: &self.rules.selection,
            follow,
            devices: self.rules.devices,
            never_enter: self.rules.never_enter,
        };
        let (consumer, pending) = (&mut *self.consumer, &mut self.pending);
        let mut offered = 0;
        let mut refused = None;
        let mut pieces = 0;
        let names = list::list(&file, prefix, &wanted, pending, |names| {
            // A folder that is listed in one piece is searched in order at once.
            pieces += 1;
            if pieces == 1 {
                return;
            }
            loop {
                let (batch, first) = match refused.take() {
                    Some(again) => again,
                    None if names.len() - offered >= BATCH => {
                        let first = offered;
                        let mut batch = new_batch(&folder, prefix);
                        while batch.len() < BATCH && offered < names.len() {
                            let name = names.get(offered);
                            if name.is_folder() {
                                break;
                            }
                            batch.push([prefix, name.bytes]);
                            offered += 1;
                        }
                        (batch, first)
                    }
                    None => return,
                };
                if batch.is_empty() {
                    offered += 1;
                } else if let Err(batch) = consumer.offer(batch, first) {
                    refused = Some((batch, first));
                    return;
                }
            }
        });
        let mut names = names.map_err(Trouble::Failed)?;
        names.sort();
        let early = self.consumer.collect();
        Ok(Listed {
            file,
            folder,
            names,
            early,
        })
    }

    /// Passes on the files of a listed folder, and walks its folders, in path order; false: no more is wanted.
    fn files(&mut self, listed: Listed<C::Found>, prefix: &[u8]) -> bool {
        let Listed {
            file,
            folder,
            names,
            early,
        } = listed;
        let searched = early.searched;
        let mut found: Vec<Option<C::Found>> = Vec::new();
        for (at, finding) in early.found {
            if found.len() <= at {
                found.resize_with(at + 1, || None);
            }
            found[at] = Some(finding);
        }
        let mut batch = new_batch(&folder, prefix);
        let mut early = Vec::new();
        for at in 0..names.len() {
            let name = names.get(at);
            if name.is_folder() {
                let full = std::mem::replace(&mut batch, new_batch(&folder, prefix));
                if !self.send(full, std::mem::take(&mut early)) {
                    return false;
                }
                let prefix = [prefix, name.bytes].concat();
                if let Ok(name) = CString::new(name.bytes.trim_end_with(|char| char == '/'))
                    && !self.folder(Some(&file), &name, &prefix, false)
                {
                    return false;
                }
                continue;
            }
            self.found_file = true;
            if searched.get(name.listed) == Some(&true) {
                let finding = found.get_mut(name.listed).and_then(Option::take);
                early.extend(finding.map(|finding| (batch.len(), finding)));
                continue;
            }
            batch.push([prefix, name.bytes]);
            if batch.len() >= BATCH {
                let full = std::mem::replace(&mut batch, new_batch(&folder, prefix));
                if !self.send(full, std::mem::take(&mut early)) {
                    return false;
                }
            }
        }
        self.send(batch, early)
    }
}

fn new_batch(folder: &Arc<Folder>, prefix: &[u8]) -> Batch {
    Batch::of_folder(Arc::clone(folder), prefix.len())
}

/// Whether a folder's file system is a local one, whose regular files end where a read comes short.
#[cfg(target_os = "linux")]
fn is_local(folder: &OwnedFd) -> bool {
    /// ext2 to ext4, XFS, btrfs, F2FS, tmpfs, overlayfs (linux/magic.h).
    const LOCAL: &[u32] = &[
        0xef53,
        0x5846_5342,
        0x9123_683e,
        0xf2f5_2010,
        0x0102_1994,
        0x794c_7630,
    ];
    fstatfs(folder).is_ok_and(|system| LOCAL.contains(&(system.f_type as u32)))
}

#[cfg(not(target_os = "linux"))]
fn is_local(_: &OwnedFd) -> bool {
    // Another read proves the end.
    false
}
