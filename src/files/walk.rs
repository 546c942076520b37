//! The ordered walk: operands in their order, and beneath a folder its files in byte order of their paths.
//!
//! Files come in [`Batch`]es, the unit of parallel work. Names stay bytes; files are opened relative to their folder.

use super::select::Selection;
use bstr::ByteSlice;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, fstat, openat, statat};
use rustix::io::Errno;
use std::ffi::{CStr, CString, OsStr};
use std::fmt;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

/// How a file came to be searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Standard input.
    Stdin,
    /// Named on the command line.
    Operand,
    /// Met beneath a folder.
    Walked,
}

/// One file to search, borrowed from its batch.
#[derive(Clone, Copy, Debug)]
pub struct Haystack<'b> {
    /// The path as it is shown.
    pub path: &'b [u8],
    /// What to open, relative to [`Batch::folder`].
    pub name: &'b CStr,
    /// How it was found.
    pub origin: Origin,
}

/// A run of files of one folder, or of operands.
#[derive(Debug, Default)]
pub struct Batch {
    /// Position in the order of all batches, from 0.
    pub index: u64,
    /// The folder the names are relative to; none: the current folder.
    pub folder: Option<Arc<OwnedFd>>,
    /// Complaints met before these files.
    pub problems: Vec<Problem>,
    paths: Vec<u8>,
    ends: Vec<usize>,
    prefix: usize,
    origin: Option<Origin>,
}

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

/// Files in a batch, at most.
const BATCH: usize = 128;

/// Walks operands and folders; [`Walk::next_batch`] is called by whoever needs work.
pub struct Walk {
    rules: Arc<Rules>,
    operands: std::vec::IntoIter<Vec<u8>>,
    stack: Vec<Frame>,
    index: u64,
    pending: Vec<Problem>,
    /// The folder operand being walked, and whether a file of it was found.
    root: Option<(Vec<u8>, bool)>,
}

/// A folder being walked.
struct Frame {
    folder: Arc<OwnedFd>,
    /// Its path as shown, ending in a slash (or empty).
    prefix: Vec<u8>,
    names: Vec<u8>,
    entries: Vec<Entry>,
    next: usize,
    identity: (u64, u64),
}

/// A name in [`Frame::names`]; a folder's name ends in a slash there, which makes byte order path order.
#[derive(Clone, Copy)]
struct Entry {
    key: u64,
    start: u32,
    end: u32,
    folder: bool,
}

impl Batch {
    /// Number of files.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it holds no file.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The files, in order.
    pub fn haystacks(&self) -> impl Iterator<Item = Haystack<'_>> {
        let origin = self.origin.unwrap_or(Origin::Operand);
        self.ends.iter().scan(0, move |start, &end| {
            let with_nul = &self.paths[*start..end];
            *start = end;
            let name = CStr::from_bytes_with_nul(&with_nul[self.prefix..]).unwrap_or(c"");
            Some(Haystack {
                path: &with_nul[..with_nul.len() - 1],
                name,
                origin,
            })
        })
    }

    fn push(&mut self, parts: [&[u8]; 2]) {
        for part in parts {
            self.paths.extend_from_slice(part);
        }
        self.paths.push(0);
        self.ends.push(self.paths.len());
    }
}

impl Walk {
    /// A walk over `operands`, each as given; `-` is standard input.
    pub fn new(operands: Vec<Vec<u8>>, rules: Arc<Rules>) -> Walk {
        Walk {
            rules,
            operands: operands.into_iter(),
            stack: Vec::new(),
            index: 0,
            pending: Vec::new(),
            root: None,
        }
    }

    /// The next files in order; none when all are done.
    pub fn next_batch(&mut self) -> Option<Batch> {
        let mut batch = Batch::default();
        loop {
            let more = if self.stack.is_empty() {
                self.finish_root();
                self.take_operand(&mut batch)
            } else {
                self.take_from_folder(&mut batch);
                true
            };
            if !batch.is_empty() || (!more && !self.pending.is_empty()) {
                break;
            }
            if !more {
                return None;
            }
        }
        batch.problems = std::mem::take(&mut self.pending);
        batch.index = self.index;
        self.index += 1;
        Some(batch)
    }

    fn finish_root(&mut self) {
        if let Some((path, false)) = self.root.take()
            && self.rules.expect_files
        {
            self.pending.push(Problem {
                path,
                what: Trouble::NoFile,
            });
        }
    }

    /// Takes operands up to the first folder; false when there are none left.
    fn take_operand(&mut self, batch: &mut Batch) -> bool {
        let mut took = false;
        while batch.len() < BATCH {
            // Standard input is a batch of its own.
            let Some(next) = self.operands.as_slice().first() else {
                break;
            };
            if next == b"-" && !batch.is_empty() {
                break;
            }
            took = true;
            let Some(operand) = self.operands.next() else {
                break;
            };
            if operand == b"-" {
                batch.origin = Some(Origin::Stdin);
                batch.push([b"-", b""]);
                return true;
            }
            if self.enter_operand(&operand, batch) {
                break;
            }
        }
        took
    }

    /// Puts an operand into the batch, or enters it if it is a folder to walk (then true).
    fn enter_operand(&mut self, operand: &[u8], batch: &mut Batch) -> bool {
        if operand.contains(&0) {
            self.problem(operand.to_vec(), Trouble::Failed(Errno::INVAL));
            return false;
        }
        let is_folder = self.rules.folders != Folders::Read
            && std::fs::metadata(OsStr::from_bytes(operand)).is_ok_and(|data| data.is_dir());
        if is_folder {
            match self.rules.folders {
                Folders::Skip => return false,
                Folders::Recurse { .. }
                    if self.rules.omit_dot_slash || self.rules.selection.enters(operand) => {}
                _ => return false,
            }
            let mut prefix = operand.to_vec();
            if self.rules.omit_dot_slash && operand == b"." {
                prefix.clear();
            } else if !operand.ends_with(b"/") {
                prefix.push(b'/');
            }
            let Ok(name) = CString::new(operand) else {
                return false;
            };
            self.root = Some((operand.to_vec(), false));
            self.enter(None, &name, prefix, true);
            return true;
        }
        if self.rules.selection.takes_operand(operand) {
            batch.push([operand, b""]);
        }
        false
    }

    fn problem(&mut self, path: Vec<u8>, what: Trouble) {
        self.pending.push(Problem { path, what });
    }

    /// Lists a folder and puts it on the stack.
    fn enter(&mut self, parent: Option<&OwnedFd>, name: &CStr, prefix: Vec<u8>, operand: bool) {
        let follow = operand || self.rules.folders == Folders::Recurse { follow: true };
        match self.list(parent, name, &prefix, follow) {
            Ok(frame) => self.stack.push(frame),
            Err(what) => {
                let shown = prefix.strip_suffix(b"/").unwrap_or(&prefix).to_vec();
                if let Some(root) = &mut self.root
                    && operand
                {
                    root.1 = true;
                }
                self.problem(shown, what);
            }
        }
    }

    fn list(
        &mut self,
        parent: Option<&OwnedFd>,
        name: &CStr,
        prefix: &[u8],
        follow: bool,
    ) -> Result<Frame, Trouble> {
        let mut flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOCTTY;
        if !follow {
            flags |= OFlags::NOFOLLOW;
        }
        let folder = match parent {
            Some(parent) => openat(parent, name, flags, Mode::empty()),
            None => openat(rustix::fs::CWD, name, flags, Mode::empty()),
        }
        .map_err(Trouble::Failed)?;
        let stat = fstat(&folder).map_err(Trouble::Failed)?;
        let identity = (stat.st_dev as u64, stat.st_ino as u64);
        if self.stack.iter().any(|frame| frame.identity == identity) {
            return Err(Trouble::Loop);
        }
        let mut frame = Frame {
            folder: Arc::new(folder),
            prefix: prefix.to_vec(),
            names: Vec::new(),
            entries: Vec::new(),
            next: 0,
            identity,
        };
        let folder = Arc::clone(&frame.folder);
        let mut reader = Dir::read_from(&*folder).map_err(Trouble::Failed)?;
        while let Some(entry) = reader.read() {
            let entry = entry.map_err(Trouble::Failed)?;
            self.add(&mut frame, entry.file_name(), entry.file_type());
        }
        let names = &frame.names;
        frame.entries.sort_unstable_by(|a, b| {
            a.key.cmp(&b.key).then_with(|| {
                names[a.start as usize..a.end as usize]
                    .cmp(&names[b.start as usize..b.end as usize])
            })
        });
        Ok(frame)
    }

    /// Adds a directory entry to the frame if it is to be searched or entered.
    fn add(&mut self, frame: &mut Frame, name: &CStr, kind: FileType) {
        let bytes = name.to_bytes();
        if bytes == b"." || bytes == b".." {
            return;
        }
        let follow = self.rules.folders == Folders::Recurse { follow: true };
        let kind = match kind {
            FileType::Unknown => stat_kind(&frame.folder, name, AtFlags::SYMLINK_NOFOLLOW),
            kind => Ok(kind),
        };
        let kind = match kind {
            Ok(FileType::Symlink) if follow => stat_kind(&frame.folder, name, AtFlags::empty()),
            kind => kind,
        };
        let folder = match kind {
            Ok(FileType::Directory) => true,
            Ok(FileType::RegularFile) => false,
            Ok(FileType::Symlink) => return,
            Ok(_) if self.rules.devices => false,
            Ok(_) => return,
            Err(errno) => {
                if self.rules.selection.takes_file(bytes) {
                    self.problem([&frame.prefix, bytes].concat(), Trouble::Failed(errno));
                }
                return;
            }
        };
        let taken = if folder {
            self.rules.selection.enters(bytes)
                && !self
                    .rules
                    .never_enter
                    .is_some_and(|prefix| bytes.starts_with(prefix))
        } else {
            self.rules.selection.takes_file(bytes)
        };
        if !taken {
            return;
        }
        let start = frame.names.len();
        frame.names.extend_from_slice(bytes);
        if folder {
            frame.names.push(b'/');
        }
        let end = frame.names.len();
        let mut key = [0; 8];
        let head = &frame.names[start..end.min(start + 8)];
        key[..head.len()].copy_from_slice(head);
        frame.entries.push(Entry {
            key: u64::from_be_bytes(key),
            start: start as u32,
            end: end as u32,
            folder,
        });
    }

    /// Takes files of the folder on top of the stack, or enters its next folder.
    fn take_from_folder(&mut self, batch: &mut Batch) {
        let Some(frame) = self.stack.last_mut() else {
            return;
        };
        batch.origin = Some(Origin::Walked);
        batch.folder = Some(Arc::clone(&frame.folder));
        batch.prefix = frame.prefix.len();
        while let Some(&entry) = frame.entries.get(frame.next) {
            if entry.folder && !batch.is_empty() || batch.len() >= BATCH {
                return;
            }
            frame.next += 1;
            let name = &frame.names[entry.start as usize..entry.end as usize];
            if entry.folder {
                let prefix = [&frame.prefix, name].concat();
                let folder = Arc::clone(&frame.folder);
                if let Ok(name) = CString::new(name.trim_end_with(|char| char == '/')) {
                    self.enter(Some(&folder), &name, prefix, false);
                }
                return;
            }
            batch.push([&frame.prefix, name]);
            if let Some(root) = &mut self.root {
                root.1 = true;
            }
        }
        if batch.is_empty() {
            self.stack.pop();
        }
    }
}

fn stat_kind(folder: &OwnedFd, name: &CStr, flags: AtFlags) -> Result<FileType, Errno> {
    statat(folder, name, flags).map(|stat| FileType::from_raw_mode(stat.st_mode))
}
