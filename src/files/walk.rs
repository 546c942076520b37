//! The walk, step by step: operands in their order, and beneath a folder its files in byte order of their paths.
//!
//! A [`Step`] that is not yet one of files leads to the steps that stand in its place. They may be taken by several threads
//! at once: the order is that of the places.

use super::batch::{Batch, Folder};
use super::ignored::Ignored;
use super::list;
use super::select::{ByDefault, FileSelection};
use super::walk_error::{Problem, WalkError};
use crate::system::{Dir, FileKind, errors, files, folders, names};
use std::ffi::{CStr, CString};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
    pub selection: FileSelection,
    /// Read devices, FIFOs and sockets met beneath a folder (`-D read`).
    pub devices: bool,
    /// Pass over operands that are devices, FIFOs or sockets (`-D skip`).
    pub skip_device_operands: bool,
    /// Files and folders are left out that lists of ignored files name.
    pub ignore_files: bool,
    /// Folders of that prefix are never entered.
    pub never_enter: Option<&'static [u8]>,
    /// Leave off the `./` of an operand that nobody typed.
    pub omit_dot_slash: bool,
}

/// What stands at one place of the walk.
pub enum Step {
    /// The operands from that one on.
    Operands(usize),
    /// A folder to list.
    Folder(Request),
    /// Files to search.
    Files(Batch),
    /// Something to report.
    Problem(Problem),
    /// All that lies beneath a folder operand comes before it: there is to be a file.
    End(Vec<u8>, Arc<AtomicBool>),
}

/// A folder to list.
pub enum Request {
    /// An operand, and whether a file was met beneath it.
    Operand(Vec<u8>, Arc<AtomicBool>),
    /// The folder with the name at a place of a folder.
    Below(Arc<Folder>, usize),
}

/// Files in a batch of a folder, at most.
const BATCH: usize = 256;
/// Files in a batch of operands, at most: they may be large. As few are searched by one thread alone.
const OPERANDS: usize = 2;
/// Operands that are looked at in one step.
const LOOKED_AT: usize = 64;
/// Folders kept open, one within the other; of deeper ones every so many is, and the others are opened from there.
const OPEN: usize = 48;
/// See [`OPEN`].
const EVERY: usize = 512;
/// Folders within one another that are walked.
const DEEPEST: usize = 10_000;

impl Rules {
    /// The steps that stand in the place of `step`, in order.
    pub fn expand(&self, operands: &[Vec<u8>], step: Step) -> Vec<Step> {
        match step {
            Step::Operands(from) => self.operands(operands, from),
            Step::Folder(request) => self.list(&request),
            Step::End(operand, met) if !met.load(Ordering::Relaxed) => {
                let by_default = self.selection.by_default();
                let what = match by_default {
                    ByDefault::Included => WalkError::NotIncluded,
                    by_default => WalkError::NoFile {
                        of_dialect: matches!(by_default, ByDefault::Named(_)),
                        ignores: self.ignore_files,
                    },
                };
                vec![problem(operand, what)]
            }
            Step::End(..) => Vec::new(),
            step => vec![step],
        }
    }

    /// Every link is followed.
    fn follows(&self) -> bool {
        self.folders == Folders::Recurse { follow: true }
    }

    /// Whether an entry of a folder is wanted: as a folder (true) or as a file (false).
    fn wants(
        &self,
        folder: &Dir,
        name: &CStr,
        known: Option<FileKind>,
    ) -> io::Result<Option<bool>> {
        let bytes = name.to_bytes();
        if bytes == b"." || bytes == b".." {
            return Ok(None);
        }
        let mut kind = match known {
            None => folders::kind(folder, name, false)?,
            Some(kind) => kind,
        };
        let takes_file = || self.selection.takes_file(bytes);
        if kind == FileKind::Symlink && self.follows() {
            kind = match folders::kind(folder, name, true) {
                Err(error) if takes_file() => return Err(error),
                kind => kind.unwrap_or(FileKind::Symlink),
            };
        }
        let never = |prefix| bytes.starts_with(prefix);
        Ok(match kind {
            FileKind::Dir if self.never_enter.is_some_and(never) => None,
            FileKind::Dir => self.selection.enters(bytes).then_some(true),
            FileKind::File => takes_file().then_some(false),
            FileKind::Symlink => None,
            FileKind::Other => (self.devices && takes_file()).then_some(false),
        })
    }

    fn operands(&self, operands: &[Vec<u8>], from: usize) -> Vec<Step> {
        let to = operands.len().min(from + LOOKED_AT);
        let mut steps = Vec::new();
        for operand in &operands[from..to] {
            let (stdin, selection) = (operand == b"-", &self.selection);
            let looks = self.folders != Folders::Read || selection.has_rules();
            let folder = !stdin && looks && names::path(operand).is_dir();
            let recurses = matches!(self.folders, Folders::Recurse { .. });
            let taken = match folder {
                false => stdin || selection.takes_operand(operand),
                true if self.folders == Folders::Skip => false,
                true => recurses && self.omit_dot_slash || selection.enters_operand(operand),
            };
            if !taken {
                steps.extend(left_out(operand));
            } else if folder && recurses {
                let met = Arc::new(AtomicBool::new(false));
                let request = Request::Operand(operand.clone(), Arc::clone(&met));
                steps.push(Step::Folder(request));
                if !selection.by_default().is_all() {
                    steps.push(Step::End(operand.clone(), met));
                }
            } else if let Ok(name) = CString::new(operand.as_slice()) {
                match steps.last_mut() {
                    Some(Step::Files(Batch::Operands(batch))) if batch.len() < OPERANDS => {
                        batch.push(name);
                    }
                    _ => steps.push(Step::Files(Batch::Operands(vec![name]))),
                }
            } else {
                let error = WalkError::Failed(errors::invalid());
                steps.push(problem(operand.clone(), error));
            }
        }
        if to < operands.len() {
            steps.push(Step::Operands(to));
        }
        steps
    }

    /// The path of a folder operand as it stands before the names in it.
    fn prefix(&self, operand: &[u8]) -> Vec<u8> {
        let mut prefix = operand.to_vec();
        // As in fts(3), one slash at the end is enough.
        while prefix.len() > 2 && prefix.ends_with(b"//") {
            prefix.pop();
        }
        if self.omit_dot_slash && operand == b"." {
            prefix.clear();
        } else if !names::takes_a_name(operand) {
            prefix.push(names::separator_after(operand));
        }
        prefix
    }

    /// Lists a folder: the problems met, then its files in batches and its folders, in path order.
    fn list(&self, request: &Request) -> Vec<Step> {
        let mut problems = Vec::new();
        let folder = match self.open(request, &mut problems) {
            Ok(folder) => Arc::new(folder),
            Err(what) => {
                // Of what could not be looked at, nothing more is to be said.
                if !matches!(what, WalkError::Loop) {
                    request.met().store(true, Ordering::Relaxed);
                }
                return vec![problem(request.shown(), what)];
            }
        };
        let mut steps: Vec<Step> = problems.into_iter().map(Step::Problem).collect();
        let mut start = 0;
        for at in 0..=folder.names.count() {
            let below = at < folder.names.count() && folder.names.get(at).ends_with(b"/");
            if at > start && (below || at == folder.names.count() || at - start == BATCH) {
                steps.push(Step::Files(Batch::Files(Arc::clone(&folder), start..at)));
                start = at;
            }
            if below {
                steps.push(Step::Folder(Request::Below(Arc::clone(&folder), at)));
                start = at + 1;
            }
        }
        let files = |step: &Step| matches!(step, Step::Files(_));
        if steps.iter().any(files) {
            folder.met.store(true, Ordering::Relaxed);
        }
        steps
    }

    fn open(&self, request: &Request, problems: &mut Vec<Problem>) -> Result<Folder, WalkError> {
        let (above, prefix) = match request {
            Request::Operand(operand, _) => (None, self.prefix(operand)),
            Request::Below(above, at) => {
                let mut prefix = [&above.prefix, above.names.get(*at)].concat();
                if let Some(last) = prefix.last_mut() {
                    *last = names::separator_after(&above.prefix);
                }
                (Some(above), prefix)
            }
        };
        let dir = request.open(self.follows()).map_err(WalkError::Failed)?;
        let identity = folders::identity(&dir).map_err(WalkError::Failed)?;
        if above.is_some_and(|above| above.lies_in(identity)) {
            return Err(WalkError::Loop);
        }
        let depth = above.map_or(0, |above| above.depth + 1);
        if depth >= DEEPEST {
            return Err(WalkError::Deep);
        }
        let ignored = self.ignored(request, &dir, problems);
        let left_out = |name: &CStr, is_folder| {
            let ignored = ignored.as_ref();
            ignored.is_some_and(|ignored| ignored.leaves_out(name.to_bytes(), is_folder))
        };
        let wanted = |name: &CStr, known| {
            let wanted = self.wants(&dir, name, known)?;
            Ok(wanted.filter(|&is_folder| !left_out(name, is_folder)))
        };
        let names = list::list(&dir, &prefix, wanted, problems).map_err(WalkError::Failed)?;
        Ok(Folder {
            short_read_ends: folders::is_local(&dir),
            dir: (depth < OPEN || depth % EVERY == 0).then_some(dir),
            prefix,
            names,
            above: above.map(Arc::clone),
            ignored,
            identity,
            depth,
            met: Arc::clone(request.met()),
        })
    }
}

impl Rules {
    /// The lists of ignored files for a folder, where they are asked for.
    fn ignored(
        &self,
        request: &Request,
        dir: &Dir,
        problems: &mut Vec<Problem>,
    ) -> Option<Ignored> {
        match request {
            _ if !self.ignore_files => None,
            Request::Operand(operand, _) => Some(Ignored::of_operand(operand, dir, problems)),
            Request::Below(above, at) => {
                let name = above.names.get(*at);
                let name = name.strip_suffix(b"/").unwrap_or(name);
                above
                    .ignored
                    .as_ref()
                    .map(|above| above.beneath(name, dir, problems))
            }
        }
    }
}

impl Request {
    /// Whether there was something beneath the operand that it is, or lies in.
    fn met(&self) -> &Arc<AtomicBool> {
        match self {
            Request::Operand(_, met) => met,
            Request::Below(above, _) => &above.met,
        }
    }

    /// Opens the folder, following a link to it where links are followed or the user named it.
    fn open(&self, follow: bool) -> io::Result<Dir> {
        let name = |bytes: &[u8]| CString::new(bytes).map_err(|_| errors::invalid());
        match self {
            Request::Operand(operand, _) => folders::open(None, &name(operand)?, true),
            Request::Below(above, at) => {
                let plain = above.names.get(*at);
                let plain = name(plain.strip_suffix(b"/").unwrap_or(plain))?;
                match &above.dir {
                    Some(dir) => folders::open(Some(dir), &plain, follow),
                    None => folders::open(Some(&above.reopened()?), &plain, follow),
                }
            }
        }
    }

    /// The folder's path as messages show it.
    fn shown(&self) -> Vec<u8> {
        match self {
            Request::Operand(operand, _) => operand.clone(),
            Request::Below(above, at) => {
                let name = above.names.get(*at);
                [&above.prefix, name.strip_suffix(b"/").unwrap_or(name)].concat()
            }
        }
    }
}

/// What there is to say of an operand that is left out but could not be read: GNU grep opens it first.
fn left_out(operand: &[u8]) -> Option<Step> {
    let error = files::may_read(operand).err()?;
    Some(problem(operand.to_vec(), WalkError::Failed(error)))
}

fn problem(path: Vec<u8>, what: WalkError) -> Step {
    Step::Problem(Problem { path, what })
}
