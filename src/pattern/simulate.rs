//! Leftmost-longest matching by simulating a [`Program`] without back-references, all threads at
//! once: time line × program, memory program.

use super::program::{Inst, Program};
use super::unit::unit;
use std::ops::Range;

/// Threads wait for at most this many bytes: the longest character.
const AHEAD: usize = 4;

/// Scratch space, to be used again for the next line.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// Threads due at a position (modulo `AHEAD + 1`): instruction and where their match began.
    due: [Vec<(u32, usize)>; AHEAD + 1],
    /// Instructions seen at this position.
    seen: Vec<usize>,
    stack: Vec<u32>,
}

/// The leftmost, then longest match that begins at `from` or later.
pub(super) fn find(
    program: &Program,
    space: &mut Scratch,
    line: &[u8],
    from: usize,
) -> Option<Range<usize>> {
    let mut best: Option<Range<usize>> = None;
    run(program, space, line, from, true, |start, end| {
        if best
            .as_ref()
            .is_none_or(|b| start < b.start || (start == b.start && end > b.end))
        {
            best = Some(start..end);
        }
        true
    });
    best
}

/// Whether there is a match.
pub(super) fn is_match(program: &Program, space: &mut Scratch, line: &[u8]) -> bool {
    let mut found = false;
    run(program, space, line, 0, true, |_, _| {
        found = true;
        false
    });
    found
}

/// The ends of all matches that begin at `start`, ascending.
pub(super) fn ends(
    program: &Program,
    space: &mut Scratch,
    line: &[u8],
    start: usize,
    out: &mut Vec<usize>,
) {
    out.clear();
    run(program, space, line, start, false, |_, end| {
        out.push(end);
        true
    });
}

fn run(
    program: &Program,
    space: &mut Scratch,
    line: &[u8],
    from: usize,
    anywhere: bool,
    mut found: impl FnMut(usize, usize) -> bool,
) {
    space.due.iter_mut().for_each(Vec::clear);
    space.seen.clear();
    space.seen.resize(program.insts.len(), usize::MAX);
    let utf8 = program.locale.utf8;
    let mut best = usize::MAX;
    // The next position where a match may begin: character boundaries only.
    let mut boundary = from;
    let mut at = from;
    loop {
        let mut now = std::mem::take(&mut space.due[at % (AHEAD + 1)]);
        now.sort_unstable_by_key(|thread| thread.1);
        let here = (at < line.len()).then(|| unit(&line[at..], utf8));
        if at == boundary {
            if best == usize::MAX && (anywhere || at == from) {
                now.push((0, at));
            }
            boundary += if program.bytewise {
                1
            } else {
                here.map_or(1, |(_, len)| len)
            };
        }
        for &(pc, start) in &now {
            if start > best {
                break;
            }
            space.stack.push(pc);
            while let Some(pc) = space.stack.pop() {
                if std::mem::replace(&mut space.seen[pc as usize], at) == at {
                    continue;
                }
                match &program.insts[pc as usize] {
                    Inst::Split(a, b) => space.stack.extend([*b, *a]),
                    Inst::Jump(to) => space.stack.push(*to),
                    Inst::Save(_) => space.stack.push(pc + 1),
                    Inst::Assertion(look) => {
                        if program.holds(*look, line, at) {
                            space.stack.push(pc + 1);
                        }
                    }
                    Inst::Match => {
                        best = start;
                        if !found(start, at) {
                            space.stack.clear();
                            return;
                        }
                    }
                    Inst::Backref(_) => {}
                    inst => {
                        if let Some(len) = program.take(inst, here, line.get(at).copied()) {
                            space.due[(at + len) % (AHEAD + 1)].push((pc + 1, start));
                        }
                    }
                }
            }
        }
        now.clear();
        space.due[at % (AHEAD + 1)] = now;
        at += 1;
        let idle = space.due.iter().all(Vec::is_empty);
        if at > line.len() || (idle && (best != usize::MAX || !anywhere)) {
            return;
        }
    }
}
