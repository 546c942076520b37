//! The ordered walk: operands in their order, and beneath a folder its files in byte order of their paths.
//!
//! The walk hands [`Batch`]es to a [`Consumer`]. While a large folder is still being listed, its files are offered in
//! listing order, ahead of their turn, so that the search begins at once; what is found in them comes back to the walk
//! and goes out at its place in the order, as [`Early`] findings.

use super::batch::{Batch, Folder};
use super::list::{self, Names, Opened, Request, Wanted};
use super::scout::{Candidate, Scouted, Scouts};
use super::select::Selection;
use super::trouble::{Problem, Trouble};
use crate::system::{Dir, errors, files, folders, names};
use std::collections::VecDeque;
use std::ffi::CString;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

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

impl Rules {
    /// What of a folder is wanted.
    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            selection: &self.selection,
            follow: self.folders == Folders::Recurse { follow: true },
            devices: self.devices,
            never_enter: self.never_enter,
        }
    }
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
/// Folders kept open, one within the other; of deeper ones only the last.
const OPEN: usize = 64;
/// Folders within one another that are walked: each takes a part of the stack.
const DEEPEST: usize = 10_000;
/// Folders that are listed before others help.
const SERIAL: usize = 16;
/// Folders of one folder that may be listed ahead.
const WINDOW: usize = 64;
/// Files in a batch of operands, at most: they may be large.
const OPERANDS: usize = 8;

/// Walks all `operands`, each as given; `-` is standard input.
pub fn walk<C: Consumer>(operands: &[Vec<u8>], rules: &Rules, consumer: &mut C) {
    let scouts = Scouts::new(rules.wanted());
    scouts.run(|start| {
        let mut walk = Walk {
            rules,
            consumer,
            scouts: &scouts,
            start,
            listed: 0,
            pending: Vec::new(),
            above: Vec::new(),
            found_file: false,
        };
        if walk.operands(operands) && !walk.pending.is_empty() {
            walk.send(Batch::default(), Vec::new());
        }
    });
}

struct Walk<'w, C> {
    rules: &'w Rules,
    consumer: &'w mut C,
    scouts: &'w Scouts<'w>,
    /// Starts the scouts, and says whether there are any.
    start: &'w dyn Fn() -> bool,
    /// Folders listed here.
    listed: usize,
    pending: Vec<Problem>,
    /// Device and inode of the folders being walked, outermost first.
    above: Vec<(u64, u64)>,
    /// Whether the folder operand being walked has a file to search.
    found_file: bool,
}

/// A folder that is listed.
struct Listed<F> {
    /// None where it was closed again.
    file: Option<Arc<Dir>>,
    folder: Arc<Folder>,
    names: Names,
    early: Early<F>,
    /// Its first folders, in order, as far as they were listed ahead.
    below: VecDeque<Option<Scouted>>,
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
                        self.rules.omit_dot_slash || self.rules.selection.enters_operand(operand)
                    }
                    _ => false,
                };
                if enters {
                    let go_on = self.send(std::mem::take(&mut batch), Vec::new())
                        && self.folder_operand(operand);
                    if !go_on {
                        return false;
                    }
                } else if !self.leaves_out(operand, &mut batch) {
                    return false;
                }
            } else if operand.contains(&0) {
                self.problem(operand.clone(), Trouble::Failed(errors::invalid()));
            } else if self.takes(operand) {
                batch.push([operand, b""]);
                if batch.len() >= OPERANDS && !self.send(std::mem::take(&mut batch), Vec::new()) {
                    return false;
                }
            } else if !self.leaves_out(operand, &mut batch) {
                return false;
            }
        }
        self.send(batch, Vec::new())
    }

    /// Says so where an operand that is left out could not be read: GNU grep opens it first. False: no more is wanted.
    fn leaves_out(&mut self, operand: &[u8], batch: &mut Batch) -> bool {
        if let Err(error) = files::may_read(operand) {
            if !self.send(std::mem::take(batch), Vec::new()) {
                return false;
            }
            self.problem(operand.to_vec(), Trouble::Failed(error));
        }
        true
    }

    /// Whether a file operand, or a folder that is not walked, is to be searched.
    fn takes(&self, operand: &[u8]) -> bool {
        let selection = &self.rules.selection;
        if !selection.has_rules() {
            return true;
        }
        if self.rules.folders == Folders::Read && names::path(operand).is_dir() {
            return selection.enters_operand(operand);
        }
        selection.takes_operand(operand)
    }

    fn is_folder(&self, operand: &[u8]) -> bool {
        self.rules.folders != Folders::Read && names::path(operand).is_dir()
    }

    fn folder_operand(&mut self, operand: &[u8]) -> bool {
        let mut prefix = operand.to_vec();
        // As in fts(3), one slash at the end is enough.
        while prefix.len() > 2 && prefix.ends_with(b"//") {
            prefix.pop();
        }
        if self.rules.omit_dot_slash && operand == b"." {
            prefix.clear();
        } else if !names::takes_a_name(operand) {
            prefix.push(names::separator_after(operand));
        }
        let Ok(name) = CString::new(operand) else {
            return true;
        };
        self.found_file = false;
        let request = Request {
            above: None,
            name,
            prefix,
            operand: true,
        };
        let go_on = self.folder(&request.prefix, Some(operand), |walk| walk.list(&request));
        if go_on && !self.found_file && self.rules.expect_files {
            self.problem(operand.to_vec(), Trouble::NoFile);
        }
        go_on
    }

    /// Walks one folder once `enter` has listed it; false: no more is wanted.
    fn folder(
        &mut self,
        prefix: &[u8],
        operand: Option<&[u8]>,
        enter: impl FnOnce(&mut Self) -> Result<Listed<C::Found>, Trouble>,
    ) -> bool {
        let depth = self.above.len();
        let go_on = match enter(self) {
            Ok(listed) => self.files(listed, prefix),
            Err(what) => {
                let shown = operand.unwrap_or(&prefix[..prefix.len().saturating_sub(1)]);
                self.problem(shown.to_vec(), what);
                // The complaint says enough.
                self.found_file |= operand.is_some();
                true
            }
        };
        self.above.truncate(depth);
        go_on
    }

    /// Enters a folder that was listed ahead.
    fn enter_scouted(&mut self, scouted: Scouted) -> Result<Listed<C::Found>, Trouble> {
        self.enter(scouted.identity)?;
        self.pending.extend(scouted.problems);
        Ok(Listed {
            file: None,
            folder: scouted.folder,
            names: scouted.names,
            early: Early {
                searched: Vec::new(),
                found: Vec::new(),
            },
            below: scouted.below,
        })
    }

    /// Notes that a folder is being walked.
    fn enter(&mut self, identity: (u64, u64)) -> Result<(), Trouble> {
        if self.above.contains(&identity) {
            return Err(Trouble::Loop);
        }
        if self.above.len() >= DEEPEST {
            return Err(Trouble::Deep);
        }
        self.above.push(identity);
        Ok(())
    }

    /// Lists a folder, offering files while it goes on.
    fn list(&mut self, request: &Request) -> Result<Listed<C::Found>, Trouble> {
        self.listed += 1;
        let wanted = self.rules.wanted();
        let Opened {
            file,
            folder,
            identity,
        } = list::open(request, wanted.follow).map_err(Trouble::Failed)?;
        self.enter(identity)?;
        let prefix = &request.prefix;
        let (consumer, pending) = (&mut *self.consumer, &mut self.pending);
        let mut offered = 0;
        let mut refused = None;
        let mut pieces = 0;
        let names = list::list(&file, prefix, &wanted, pending, |names| {
            // A folder that is listed in one piece is searched in order at once.
            pieces += 1;
            if pieces == 1 {
                return ControlFlow::Continue(());
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
                    None => break,
                };
                if batch.is_empty() {
                    offered += 1;
                } else if let Err(batch) = consumer.offer(batch, first) {
                    refused = Some((batch, first));
                    break;
                }
            }
            ControlFlow::Continue(())
        });
        let mut names = names.map_err(Trouble::Failed)?;
        names.sort();
        let early = self.consumer.collect();
        Ok(Listed {
            file: Some(Arc::new(file)),
            folder,
            names,
            early,
            below: VecDeque::new(),
        })
    }

    /// Passes on the files of a listed folder, and walks its folders, in path order; false: no more is wanted.
    fn files(&mut self, listed: Listed<C::Found>, prefix: &[u8]) -> bool {
        let Listed {
            file,
            folder,
            names,
            early,
            below,
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
        let mut below = Below {
            file,
            folder: &folder,
            names: &names,
            prefix,
            scouted: below,
            ahead: VecDeque::new(),
        };
        for at in 0..names.len() {
            let name = names.get(at);
            if name.is_folder() {
                let full = std::mem::replace(&mut batch, new_batch(&folder, prefix));
                if !self.send(full, std::mem::take(&mut early)) {
                    return false;
                }
                if !self.below(&mut below, at) {
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

    /// Walks the folder in a folder whose name is at `at`; false: no more is wanted.
    fn below(&mut self, below: &mut Below<'_>, at: usize) -> bool {
        if let Some(Some(scouted)) = below.scouted.pop_front() {
            let prefix = [below.prefix, below.names.get(at).bytes].concat();
            return self.folder(&prefix, None, |walk| walk.enter_scouted(scouted));
        }
        let file = match below.file() {
            Ok(file) => file,
            Err(error) => {
                let prefix = [below.prefix, below.names.get(at).bytes].concat();
                return self.folder(&prefix, None, |_| Err(Trouble::Failed(error)));
            }
        };
        let depth = self.above.len();
        if depth > OPEN {
            below.file = None;
        }
        let may_scout = below.scouted.is_empty() && self.listed >= SERIAL && depth <= OPEN;
        if below.ahead.is_empty() && may_scout && (self.start)() {
            let folders = (at..below.names.len()).filter(|&at| below.names.get(at).is_folder());
            let requests = folders.map(|at| below.names.below(at, &file, below.prefix));
            let above = self.above.as_slice().into();
            let candidates = requests.map(|request| Candidate::new(request, &above));
            below.ahead = candidates.take(WINDOW).collect();
            self.scouts.offer(depth, below.ahead.iter());
        }
        let Some(candidate) = below.ahead.pop_front() else {
            let request = below.names.below(at, &file, below.prefix);
            drop(file);
            let prefix = request.prefix.clone();
            // The request, which holds the folder open, ends with the listing.
            return self.folder(&prefix, None, move |walk| walk.list(&request));
        };
        let request = &candidate.request;
        match self.scouts.take(depth, &candidate) {
            Some(scouted) => self.folder(&request.prefix, None, |walk| walk.enter_scouted(scouted)),
            None => self.folder(&request.prefix, None, |walk| walk.list(request)),
        }
    }
}

/// The folders in a folder.
struct Below<'l> {
    /// The folder; none where it was closed again.
    file: Option<Arc<Dir>>,
    folder: &'l Folder,
    names: &'l Names,
    prefix: &'l [u8],
    /// The first ones, in order, as far as they were listed ahead.
    scouted: VecDeque<Option<Scouted>>,
    /// The next ones, which may be listed ahead.
    ahead: VecDeque<Arc<Candidate>>,
}

impl Below<'_> {
    fn file(&mut self) -> io::Result<Arc<Dir>> {
        let file = match self.file.take() {
            Some(file) => file,
            None => Arc::new(folders::open_by_path(&self.folder.path)?),
        };
        Ok(Arc::clone(self.file.insert(file)))
    }
}

fn new_batch(folder: &Arc<Folder>, prefix: &[u8]) -> Batch {
    Batch::of_folder(Arc::clone(folder), prefix.len())
}
