//! Back-references and groups: a backtracker over a [`Program`] that never tries the same state
//! twice and gives up, rather than explode, when a line needs too many.
//!
//! A state is a branch of the program, a position and what the groups referred back to hold. Their
//! text counts, not where it stands, so `(a|b)*\1c` has few states. A state that failed once fails
//! from every later start too.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use super::error::MatchError;
use super::program::{Inst, Program};
use super::unit::{Unit, unit};

/// States remembered for one question about one line, at most.
const MAX_STATES: usize = 2 << 20;
/// Instructions run for it, at most.
const MAX_STEPS: usize = 1 << 28;

/// Positions by slot; `usize::MAX`: not set.
pub(super) type Slots = Vec<usize>;

/// What stops the search among the matches from one start.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Aim {
    /// Any match will do.
    Any,
    /// The longest.
    Longest,
    /// The one that ends there.
    EndingAt(usize),
}

/// A hasher for small numbers of one's own.
#[derive(Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u32(&mut self, n: u32) {
        self.write_u64(u64::from(n));
    }

    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = (self.0.rotate_left(5) ^ n).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

enum Todo {
    At(u32, usize),
    Restore(usize, usize),
}

/// A line being searched.
pub(super) struct Search<'a> {
    program: &'a Program,
    line: &'a [u8],
    tried: HashSet<(u32, usize, u32), BuildHasherDefault<Mix>>,
    steps: usize,
    /// Numbers for the texts that referenced groups hold.
    texts: HashMap<Vec<u8>, u32>,
    todo: Vec<Todo>,
    slots: Slots,
    /// The number of the groups' present text; `None`: not known.
    held: Option<u32>,
}

impl<'a> Search<'a> {
    /// Gets ready to search `line`.
    pub(super) fn new(program: &'a Program, line: &'a [u8]) -> Search<'a> {
        Search {
            program,
            line,
            tried: HashSet::default(),
            steps: 0,
            texts: HashMap::new(),
            todo: Vec::new(),
            slots: Vec::new(),
            held: None,
        }
    }

    /// The leftmost match that begins at `from` or later, as wanted, with its groups.
    ///
    /// # Errors
    /// When too many states were tried.
    pub(super) fn find(&mut self, from: usize, want: Aim) -> Result<Option<Slots>, MatchError> {
        let mut start = from;
        loop {
            if let Some(slots) = self.find_from(start, want)? {
                return Ok(Some(slots));
            }
            if start >= self.line.len() {
                return Ok(None);
            }
            start += if self.program.bytewise {
                1
            } else {
                unit(&self.line[start..], self.program.locale.utf8).1
            };
        }
    }

    /// The match that begins at `start`, as wanted, with its groups.
    ///
    /// # Errors
    /// When too many states were tried.
    pub(super) fn find_from(
        &mut self,
        start: usize,
        want: Aim,
    ) -> Result<Option<Slots>, MatchError> {
        let count = 2 * (self.program.groups as usize + 1);
        self.slots.clear();
        self.slots.resize(count, usize::MAX);
        self.slots[0] = start;
        self.held = None;
        let mut best: Option<Slots> = None;
        self.todo.clear();
        self.todo.push(Todo::At(0, start));
        while let Some(todo) = self.todo.pop() {
            match todo {
                Todo::Restore(slot, value) => {
                    self.slots[slot] = value;
                    self.forget_held(slot);
                }
                Todo::At(pc, at) => {
                    if self.follow(pc, at, want, &mut best)? {
                        return Ok(best);
                    }
                }
            }
        }
        Ok(best)
    }

    /// Runs one thread until it fails or matches; true: the search is over.
    fn follow(
        &mut self,
        mut pc: u32,
        mut at: usize,
        want: Aim,
        best: &mut Option<Slots>,
    ) -> Result<bool, MatchError> {
        let program = self.program;
        loop {
            let inst = &program.insts[pc as usize];
            self.steps += 1;
            if self.steps > MAX_STEPS {
                return Err(MatchError::TooHard);
            }
            match inst {
                Inst::Match => return Ok(self.matched(at, want, best)),
                Inst::Split(first, second) => {
                    // Every way to explode, or never to end, leads through branches.
                    let state = (pc, at, self.held());
                    if !self.tried.insert(state) {
                        return Ok(false);
                    }
                    if self.tried.len() > MAX_STATES {
                        return Err(MatchError::TooHard);
                    }
                    self.todo.push(Todo::At(*second, at));
                    pc = *first;
                    continue;
                }
                Inst::Jump(to) => {
                    pc = *to;
                    continue;
                }
                Inst::Save(slot) => {
                    let slot = *slot as usize;
                    self.set(slot, at);
                    if slot.is_multiple_of(2) {
                        // Begun again, it has no end yet.
                        self.set(slot + 1, usize::MAX);
                    }
                }
                Inst::Assertion(look) => {
                    if !program.holds(*look, self.line, at) {
                        return Ok(false);
                    }
                }
                Inst::Backref(group) => match self.group(*group).and_then(|text| {
                    let text = &self.line[text];
                    self.again(text, at)
                }) {
                    Some(end) => at = end,
                    None => return Ok(false),
                },
                inst => {
                    let here =
                        (at < self.line.len()).then(|| unit(&self.line[at..], program.locale.utf8));
                    match program.take(inst, here, self.line.get(at).copied()) {
                        Some(len) => at += len,
                        None => return Ok(false),
                    }
                }
            }
            pc += 1;
        }
    }

    /// Sets a slot until this thread and its branches have failed.
    fn set(&mut self, slot: usize, value: usize) {
        self.todo.push(Todo::Restore(slot, self.slots[slot]));
        self.slots[slot] = value;
        self.forget_held(slot);
    }

    fn forget_held(&mut self, slot: usize) {
        if self.program.referenced.contains(&(slot as u32 / 2)) {
            self.held = None;
        }
    }

    fn matched(&mut self, at: usize, want: Aim, best: &mut Option<Slots>) -> bool {
        let better = match want {
            Aim::Any => true,
            Aim::EndingAt(end) => at == end,
            Aim::Longest => best.as_ref().is_none_or(|best| at > best[1]),
        };
        if better {
            self.slots[1] = at;
            *best = Some(self.slots.clone());
            self.slots[1] = usize::MAX;
        }
        better && (want != Aim::Longest || at == self.line.len())
    }

    fn group(&self, group: u32) -> Option<Range<usize>> {
        let slot = 2 * group as usize;
        let (start, end) = (*self.slots.get(slot)?, *self.slots.get(slot + 1)?);
        (start != usize::MAX && end != usize::MAX && start <= end).then_some(start..end)
    }

    /// Where `text`, said again at `at`, ends.
    fn again(&self, text: &[u8], at: usize) -> Option<usize> {
        let rest = &self.line[at..];
        if !self.program.ignore_case {
            return rest.starts_with(text).then_some(at + text.len());
        }
        let locale = self.program.locale;
        let (mut i, mut j) = (0, 0);
        while i < text.len() {
            if j >= rest.len() {
                return None;
            }
            let (a, a_len) = unit(&text[i..], locale.utf8);
            let (b, b_len) = unit(&rest[j..], locale.utf8);
            let same = match (a, b) {
                (Unit::Char(a), Unit::Char(b)) => locale.upper(a) == locale.upper(b),
                (a, b) => a == b,
            };
            if !same {
                return None;
            }
            i += a_len;
            j += b_len;
        }
        Some(at + j)
    }

    /// A number for what the referenced groups hold.
    fn held(&mut self) -> u32 {
        if self.program.referenced.is_empty() {
            return 0;
        }
        if let Some(held) = self.held {
            return held;
        }
        let mut key = Vec::new();
        for &group in &self.program.referenced {
            // A group that has begun again will end elsewhere: where it began counts as well.
            let begun = self
                .slots
                .get(2 * group as usize)
                .copied()
                .unwrap_or(usize::MAX);
            let text = self.group(group);
            let open = text.is_none() && begun != usize::MAX;
            key.extend_from_slice(&(if open { begun } else { usize::MAX }).to_le_bytes());
            match text {
                None => key.extend_from_slice(&usize::MAX.to_le_bytes()),
                Some(text) => {
                    key.extend_from_slice(&text.len().to_le_bytes());
                    key.extend_from_slice(&self.line[text]);
                }
            }
        }
        let next = self.texts.len() as u32;
        let held = *self.texts.entry(key).or_insert(next);
        self.held = Some(held);
        held
    }
}
