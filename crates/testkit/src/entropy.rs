//! Chance that repeats itself: the same seed gives the same bytes.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use domain::port::Entropy;

/// One step of SplitMix64: well mixed, tiny, and in no way secret.
fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Bytes from a seed. The engine draws them right before each commit, so this is also where a crash before a commit
/// can be arranged.
#[derive(Debug)]
pub struct SeededEntropy {
    drawn: AtomicU64,
    seed: u64,
    is_armed: AtomicBool,
    has_fired: AtomicBool,
}

impl SeededEntropy {
    /// The bytes of that seed, from the first one on.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self {
            drawn: AtomicU64::new(0),
            seed,
            is_armed: AtomicBool::new(false),
            has_fired: AtomicBool::new(false),
        }
    }

    /// Makes the next draw panic, quietly: what asked for it is stopped right before its commit.
    pub fn panic_at_next_draw(&self) {
        self.is_armed.store(true, Ordering::SeqCst);
    }

    /// Whether that has happened since it was last asked; an armed panic that has not happened is taken back.
    pub fn take_panicked(&self) -> bool {
        self.is_armed.store(false, Ordering::SeqCst);
        self.has_fired.swap(false, Ordering::SeqCst)
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        if self.is_armed.swap(false, Ordering::SeqCst) {
            self.has_fired.store(true, Ordering::SeqCst);
            // Not `panic!`: the hook would print a trace for something that is meant.
            std::panic::resume_unwind(Box::new("stopped before a commit"));
        }
        for chunk in buffer.chunks_mut(8) {
            let nth = self.drawn.fetch_add(1, Ordering::SeqCst);
            let bytes = mix(self.seed ^ mix(nth)).to_le_bytes();
            chunk.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        }
    }
}

/// Dice for a simulation: the same seed throws the same numbers.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The dice of that seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(mix(seed.wrapping_add(1)))
    }

    /// Any number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number from 0 up to, but not, `end`; 0 when `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.roll().checked_rem(end).unwrap_or(0)
    }

    /// A number from `first` to `last`.
    pub fn between(&mut self, first: u64, last: u64) -> u64 {
        first.saturating_add(self.below(last.saturating_sub(first).saturating_add(1)))
    }

    /// True in so many of a hundred cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of `among`; `None` when there is none.
    pub fn pick<'a, T>(&mut self, among: &'a [T]) -> Option<&'a T> {
        let end = u64::try_from(among.len()).unwrap_or(0);
        among.get(usize::try_from(self.below(end)).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
        let draw = |seed| {
            let entropy = SeededEntropy::new(seed);
            let mut bytes = [0; 20];
            entropy.fill(&mut bytes);
            bytes
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn dice_stay_within_their_bounds_and_reach_both_ends() {
        let mut dice = Dice::new(1);
        let thrown: Vec<u64> = (0..200).map(|_| dice.between(3, 5)).collect();
        assert!(thrown.iter().all(|number| (3..=5).contains(number)));
        assert!([3, 4, 5].iter().all(|number| thrown.contains(number)));
    }
}
