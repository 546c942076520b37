//! Random choices by proptest's generator, the same on every run for the same seed.
#![allow(
    dead_code,
    reason = "each of the tests that include this file uses a part of it"
)]

use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};

/// A source of choices.
pub(crate) struct Random(TestRng);

impl Random {
    /// The choices of a seed.
    pub(crate) fn new(seed: u64) -> Random {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        Random(TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
    }

    /// The `index`th case of GRINI_SEED (default: `seed`).
    pub(crate) fn of_case(seed: u64, index: u32) -> Random {
        let seed = std::env::var("GRINI_SEED").map_or(seed, |seed| seed.parse().expect("a number"));
        Random::new((seed << 32) + u64::from(index))
    }

    /// A number below `count`.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        (self.0.next_u64() % count as u64) as usize
    }

    /// True in `percent` of a hundred.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of them.
    pub(crate) fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// Up to `most` pieces, one after another.
    pub(crate) fn text(&mut self, most: usize, pieces: &[&[u8]]) -> Vec<u8> {
        (0..self.below(most + 1))
            .flat_map(|_| self.pick(pieces))
            .copied()
            .collect()
    }
}
