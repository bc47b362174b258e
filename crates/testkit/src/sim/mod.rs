//! The simulator: the real engine, domain and store under a fake clock, with everything going wrong that can.
//!
//! A seed decides it all: who there is, how they are called, what fails, crashes and is answered when. After every
//! step the watch compares what the database, the engine and the channels say with what must always be true. The
//! same seed gives the same run, so that a failure can be looked at again.
//!
//! One node for now. A second one would be another life on the same store; the watch looks at the
//! store and at what was sent, and does not care how many there are.

mod commands;
mod finish;
mod life;
mod meddling;
mod setup;
mod story;
mod trouble;
mod watch;
mod watch_sends;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub use meddling::Meddling;
pub use watch::{Invariant, Violation};

use story::Story;

/// What came of one seed.
#[derive(Debug, Clone)]
pub struct Run {
    /// The seed.
    pub seed: u64,
    /// How many steps were taken and checked.
    pub steps: usize,
    /// How many messages were sent.
    pub sent: usize,
    /// What was wrong, if anything was.
    pub violation: Option<Violation>,
    /// What happened, a line for each step.
    pub trace: Vec<String>,
}

/// Runs one seed.
#[must_use]
pub fn simulate(seed: u64) -> Run {
    simulate_with(seed, Meddling::None)
}

/// Runs one seed with a mistake built in, to show that the watch sees it.
#[must_use]
pub fn simulate_with(seed: u64, meddling: Meddling) -> Run {
    let mut story = Story::begin(seed, meddling);
    let told = catch_unwind(AssertUnwindSafe(|| story.tell()));
    let violation = match told {
        Ok(Ok(())) => None,
        Ok(Err(violation)) => Some(violation),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            let what = text.unwrap_or_else(|| "something that is no text".to_owned());
            Some(Violation { invariant: Invariant::NoPanic, what })
        }
    };
    story.into_run(seed, violation)
}
