//! Journals that are damaged, or whole and yet nonsense: nothing panics, and no file changes that the edit did not name.

mod random;
mod transaction_support;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use grini::system::Real;
use grini::transaction::{
    Direction, Selection, Settings, contents, history, recover, take_back_preview,
};
use random::Random;
use transaction_support::faulty::{Faulty, Plan};
use transaction_support::{Store, replace};

const MAGIC: usize = 16;
const HEAD: usize = 20;
const BYSTANDER: &str = "Bystander = 1\n";

/// The payloads of a journal's frames.
fn payloads(journal: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = &journal[MAGIC..];
    let mut payloads = Vec::new();
    while rest.len() >= HEAD {
        let length = u32::from_le_bytes(rest[..4].try_into().unwrap()) as usize;
        payloads.push(rest[HEAD..HEAD + length].to_vec());
        rest = &rest[HEAD + length..];
    }
    payloads
}

/// A journal of these payloads, with the digests that make it look whole.
fn journal(magic: &[u8], payloads: &[Vec<u8>]) -> Vec<u8> {
    let mut journal = magic.to_vec();
    for payload in payloads {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(journal.len() as u64).to_le_bytes());
        hasher.update(payload);
        journal.extend((payload.len() as u32).to_le_bytes());
        journal.extend(&hasher.finalize().as_bytes()[..16]);
        journal.extend(payload);
    }
    journal
}

/// One edit of each way of writing, in the state that `call` leaves when the process ends after its last.
fn left_by(call: Option<&str>) -> (Store, PathBuf) {
    let run = |plan| {
        let store = Store::in_memory();
        for name in ["1.ini", "sub/2.ini", "a.inj", "b.ini0"] {
            store.write(name, BYSTANDER);
        }
        let path = |name: &str| store.write(name, "State = 4\nlast = 4\n");
        let linked = path("c.ini");
        fs::hard_link(&linked, store.path("link")).unwrap();
        let changes = vec![
            replace(&path("a.ini"), "4", "1"),
            replace(&path("sub/b.ini"), "4", "44"),
            replace(&linked, "4", "444"),
        ];
        let system = Faulty::new(plan);
        let _ = grini::transaction::apply(&system, changes, &store.settings(), &|_| {});
        (store, system.calls())
    };
    let (mut store, calls) = run(Plan::None);
    if let Some(call) = call {
        let last = calls.iter().rposition(|made| *made == call).unwrap();
        store = run(Plan::KillAfter(last)).0;
    }
    let journal = store.state().join(&store.journals()[0]);
    (store, journal)
}

/// Does everything that reads journals. Files that the edit did not name stay as they are.
fn use_all(store: &Store, what: &str) {
    let settings = Settings {
        keep_going: true,
        wait: std::time::Duration::ZERO,
        ..store.settings()
    };
    let used = catch_unwind(AssertUnwindSafe(|| {
        let quick = Faulty::new(Plan::None);
        let _ = recover(&quick, &[], &settings);
        let ids: Vec<String> = history(&Real, &settings)
            .unwrap_or_default()
            .edits
            .into_iter()
            .map(|entry| entry.id)
            .collect();
        for direction in [Direction::Undo, Direction::Redo] {
            for id in ids.iter().cloned().map(Some).chain([None]) {
                if let Some(id) = &id {
                    let _ = contents(&Real, id, &settings);
                }
                let selection = Selection {
                    direction,
                    id,
                    paths: Vec::new(),
                };
                let _ = take_back_preview(&Real, &selection, &settings);
                let _ = grini::transaction::take_back(&quick, &selection, &settings, &|_| {});
            }
        }
    }));
    assert!(used.is_ok(), "{what}: it panicked");
    for (name, content) in store.contents() {
        let named = ["a.ini", "sub/b.ini", "c.ini", "link"].contains(&name.as_str());
        let own = name.contains(".grini-");
        assert!(
            named || own || content == BYSTANDER,
            "{what}: {name} is {content:?}"
        );
    }
}

fn with_journal(call: Option<&str>, change: impl Fn(&Path, &[u8]), what: &str) {
    let (store, path) = left_by(call);
    let whole = fs::read(&path).unwrap();
    change(&path, &whole);
    use_all(&store, what);
}

/// By how much there are fewer cases where files are slow, as under wine.
const FEWER: usize = if cfg!(windows) { 16 } else { 1 };

const STATES: &[Option<&str>] = &[
    None,
    #[cfg(not(windows))]
    Some("exchange"),
    Some("write_at"),
    Some("rename"),
];

#[test]
fn random_damage_is_noticed() {
    let mut random = Random::new(1);
    for case in 0..400 / FEWER {
        let state = STATES[case % STATES.len()];
        let (at, with, cut) = (
            random.below(1 << 20),
            random.below(255) as u8 + 1,
            random.below(8),
        );
        with_journal(
            state,
            |path, whole| {
                let mut damaged = whole.to_vec();
                let place = at % damaged.len();
                damaged[place] ^= with;
                if cut == 0 {
                    damaged.truncate(place);
                }
                fs::write(path, damaged).unwrap();
            },
            &format!("case {case}"),
        );
    }
}

#[test]
fn nonsense_with_valid_digests_changes_nothing_else() {
    let mut random = Random::new(2);
    for case in 0..1600 / FEWER {
        let state = STATES[case % STATES.len()];
        let picks: [usize; 6] = std::array::from_fn(|_| random.below(1 << 20));
        with_journal(
            state,
            |path, whole| {
                let mut frames = payloads(whole);
                let frame = picks[0] % frames.len();
                match picks[1] % 5 {
                    // Bytes changed, one or several.
                    0 | 1 => {
                        for pick in &picks[3..4 + picks[2] % 3] {
                            let length = frames[frame].len().max(1);
                            if let Some(byte) = frames[frame].get_mut(pick % length) {
                                *byte = (pick / length) as u8;
                            }
                        }
                    }
                    2 => {
                        let length = frames[frame].len();
                        frames[frame].truncate(picks[2] % (length + 1));
                    }
                    // Frames in another order, or twice.
                    3 => {
                        let other = picks[2] % frames.len();
                        frames.swap(frame, other);
                    }
                    _ => {
                        let twice = frames[frame].clone();
                        frames.insert(picks[2] % frames.len(), twice);
                    }
                }
                fs::write(path, journal(&whole[..MAGIC], &frames)).unwrap();
            },
            &format!("case {case}"),
        );
    }
}

#[test]
fn numbers_at_their_limits_are_no_numbers_to_count_on() {
    // Each byte of each frame in turn becomes the beginning of the largest number, the smallest, or is taken out.
    for state in STATES {
        let (_store, path) = left_by(*state);
        let frames = payloads(&fs::read(path).unwrap());
        let file = frames.iter().position(|payload| payload[0] == 2).unwrap();
        for frame in [0, file, frames.len() - 2, frames.len() - 1] {
            let places = frames[frame].len();
            for place in (0..places).step_by(if frame == file { FEWER } else { 3 * FEWER }) {
                for new in [&[0xff; 9][..], &[0x00], &[]] {
                    with_journal(
                        *state,
                        |path, whole| {
                            let mut frames = payloads(whole);
                            let Some(frame) =
                                frames.get_mut(frame).filter(|frame| frame.len() > place)
                            else {
                                return;
                            };
                            let ended = if new.len() > 1 { &[0x01][..] } else { &[] };
                            let new: Vec<u8> = [new, ended].concat();
                            frame.splice(place..=place, new);
                            fs::write(path, journal(&whole[..MAGIC], &frames)).unwrap();
                        },
                        &format!("{state:?}: frame {frame}, byte {place}: {new:?}"),
                    );
                }
            }
        }
    }
}
