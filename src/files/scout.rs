//! Folders listed ahead of the walk by threads of their own: in a tree of many folders the listing takes most of the time.
//!
//! The walk offers the folders that it will come to, and a scout lists one with what is beneath it, within bounds. What is
//! not listed ahead, or could not be, the walk lists itself, so that order and complaints are those of the walk alone.

use super::batch::Folder;
use super::list::{self, Names, Request, Wanted};
use super::trouble::Problem;
use std::cell::Cell;
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Scouts at most.
const SCOUTS: usize = 7;
/// Folders that one scout lists at once, one beneath another or beside it.
const FOLDERS: usize = 64;
/// How far beneath the first of them: so many folders are open at a time.
const DEPTH: usize = 8;
/// Names of these together; a folder of more is left to the walk, which has its files searched while it is listed.
const NAMES: usize = 4096;
/// Names listed ahead altogether, about.
const KEPT: usize = 16 * NAMES;

/// A folder that may be listed ahead.
pub struct Candidate {
    /// The folder.
    pub request: Request,
    /// Device and inode of the folders above it, outermost first.
    above: Arc<[(u64, u64)]>,
    /// What came of it, once a scout is done with it.
    done: Mutex<Option<Option<Scouted>>>,
}

impl Candidate {
    /// A folder that nobody has begun to list.
    pub fn new(request: Request, above: &Arc<[(u64, u64)]>) -> Arc<Candidate> {
        Arc::new(Candidate {
            request,
            above: Arc::clone(above),
            done: Mutex::new(None),
        })
    }

    fn done(&self) -> MutexGuard<'_, Option<Option<Scouted>>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A folder that was listed ahead; it is closed again.
pub struct Scouted {
    /// Its place.
    pub folder: Arc<Folder>,
    /// Device and inode.
    pub identity: (u64, u64),
    /// Its names, in path order.
    pub names: Names,
    /// Complaints about some of them.
    pub problems: Vec<Problem>,
    /// The first folders in it, in order; none where the walk is to list one.
    pub below: VecDeque<Option<Scouted>>,
}

impl Scouted {
    /// How much is kept of it, in names.
    fn size(&self) -> usize {
        let below: usize = self.below.iter().flatten().map(Scouted::size).sum();
        16 + self.names.len() + below
    }
}

/// Where a scout's round is, and what is left of its bounds.
struct Round {
    /// Device and inode of the folders above, outermost first.
    above: Vec<(u64, u64)>,
    folders: usize,
    depth: usize,
    names: usize,
}

#[derive(Default)]
struct State {
    /// By depth of the walk: the folders it will come to, in order, that nobody has begun to list.
    waiting: Vec<VecDeque<Arc<Candidate>>>,
    /// Names listed ahead.
    kept: usize,
    /// Scouts that wait for work.
    idle: usize,
    /// The walk waits for a scout.
    blocked: bool,
}

impl State {
    /// The next folder for a scout: the deepest that waits, but for the one that the walk comes to next.
    fn pick(&mut self) -> Option<Arc<Candidate>> {
        if self.kept >= KEPT {
            return None;
        }
        let mut next = 1;
        for level in self.waiting.iter_mut().rev() {
            if let Some(candidate) = level.remove(next) {
                return Some(candidate);
            }
            next -= level.len().min(next);
        }
        None
    }
}

/// What the walk and its scouts have in common.
pub struct Scouts<'w> {
    wanted: Wanted<'w>,
    state: Mutex<State>,
    /// There is something to list, or the walk has ended.
    work: Condvar,
    /// Something is listed.
    listed: Condvar,
    ended: AtomicBool,
}

impl<'w> Scouts<'w> {
    /// Scouts for a walk after what is `wanted`.
    pub fn new(wanted: Wanted<'w>) -> Scouts<'w> {
        Scouts {
            wanted,
            state: Mutex::default(),
            work: Condvar::new(),
            listed: Condvar::new(),
            ended: AtomicBool::new(false),
        }
    }

    /// Runs the walk. It is given what starts the scouts, and says whether there are any.
    pub fn run(&self, walk: impl FnOnce(&dyn Fn() -> bool)) {
        let started = Cell::new(None);
        std::thread::scope(|scope| {
            let _end = End(self);
            walk(&|| {
                let number = started.get().unwrap_or_else(|| {
                    let cores = std::thread::available_parallelism().map_or(1, usize::from);
                    // A thread that cannot be had is done without.
                    let start = |_: &usize| {
                        let scout = std::thread::Builder::new();
                        scout.spawn_scoped(scope, || self.scout()).is_ok()
                    };
                    (0..(cores - 1).min(SCOUTS)).filter(start).count()
                });
                started.set(Some(number));
                number > 0
            });
        });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Offers folders that the walk will come to, in order, at that depth.
    pub fn offer<'c>(&self, depth: usize, folders: impl Iterator<Item = &'c Arc<Candidate>>) {
        let mut state = self.lock();
        if state.waiting.len() <= depth {
            state.waiting.resize_with(depth + 1, VecDeque::new);
        }
        let level = &mut state.waiting[depth];
        level.extend(folders.map(Arc::clone));
        // The walk comes to the first of them at once.
        let others = level.len() > 1;
        if others && state.idle > 0 {
            self.work.notify_all();
        }
    }

    /// Takes the folder that the walk comes to, the first one offered and not taken at that depth. None: the walk is to
    /// list it.
    pub fn take(&self, depth: usize, folder: &Arc<Candidate>) -> Option<Scouted> {
        let mut state = self.lock();
        loop {
            let level = &mut state.waiting[depth];
            if level
                .front()
                .is_some_and(|first| Arc::ptr_eq(first, folder))
            {
                level.pop_front();
                return None;
            }
            let done = folder.done().take();
            if let Some(scouted) = done {
                let size = scouted.as_ref().map_or(0, Scouted::size);
                let full = state.kept >= KEPT / 2;
                state.kept -= size;
                if full && state.kept < KEPT / 2 && state.idle > 0 {
                    self.work.notify_all();
                }
                return scouted;
            }
            // A scout is at it.
            if let Some(other) = state.pick() {
                drop(state);
                self.list(&other);
                state = self.lock();
            } else {
                state.blocked = true;
                state = self.wait(&self.listed, state);
                state.blocked = false;
            }
        }
    }

    fn wait<'s>(&self, until: &Condvar, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        until.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// Lists what is offered until the walk ends.
    fn scout(&self) {
        let mut state = self.lock();
        while !self.ended.load(Ordering::Relaxed) {
            if let Some(candidate) = state.pick() {
                drop(state);
                self.list(&candidate);
                state = self.lock();
            } else {
                state.idle += 1;
                state = self.wait(&self.work, state);
                state.idle -= 1;
            }
        }
    }

    fn list(&self, candidate: &Candidate) {
        let mut round = Round {
            above: candidate.above.to_vec(),
            folders: FOLDERS,
            depth: DEPTH,
            names: NAMES,
        };
        let mut result = Handed {
            scouts: self,
            candidate,
            scouted: None,
        };
        result.scouted = self.tree(&candidate.request, &mut round);
    }

    /// Lists a folder and what is beneath it within the bounds; none where that failed, or leads in a circle.
    fn tree(&self, request: &Request, round: &mut Round) -> Option<Scouted> {
        if self.ended.load(Ordering::Relaxed) {
            return None;
        }
        let opened = list::open(request, self.wanted.follow).ok()?;
        if round.above.contains(&opened.identity) {
            return None;
        }
        let mut problems = Vec::new();
        let most = round.names;
        let listed = list::list(
            &opened.file,
            &request.prefix,
            &self.wanted,
            &mut problems,
            |names| match names.len() > most {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            },
        );
        let mut names = listed.ok().filter(|names| names.len() <= most)?;
        names.sort();
        round.folders -= 1;
        round.names -= names.len();
        round.depth -= 1;
        round.above.push(opened.identity);
        let file = Arc::new(opened.file);
        let mut below = VecDeque::new();
        for at in 0..names.len() {
            if names.get(at).is_folder() && round.folders > 0 && round.depth > 0 {
                let request = names.below(at, &file, &request.prefix);
                below.push_back(self.tree(&request, round));
            }
        }
        round.above.pop();
        round.depth += 1;
        Some(Scouted {
            folder: opened.folder,
            identity: opened.identity,
            names,
            problems,
            below,
        })
    }
}

/// Hands in what came of a folder, whatever happens while it is listed: the walk may wait for it.
struct Handed<'h, 'w> {
    scouts: &'h Scouts<'w>,
    candidate: &'h Candidate,
    scouted: Option<Scouted>,
}

impl Drop for Handed<'_, '_> {
    fn drop(&mut self) {
        let mut state = self.scouts.lock();
        let scouted = self.scouted.take();
        state.kept += scouted.as_ref().map_or(0, Scouted::size);
        *self.candidate.done() = Some(scouted);
        if state.blocked {
            self.scouts.listed.notify_all();
        }
    }
}

/// Ends the scouts with the walk, however that ends.
struct End<'s, 'w>(&'s Scouts<'w>);

impl Drop for End<'_, '_> {
    fn drop(&mut self) {
        let state = self.0.lock();
        self.0.ended.store(true, Ordering::Relaxed);
        drop(state);
        self.0.work.notify_all();
    }
}
