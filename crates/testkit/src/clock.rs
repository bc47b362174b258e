//! A clock that stands still until it is set.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::port::Clock;
use domain::time::{Timestamp, millis};

/// When every world begins: Monday, 2 November 2026, 09:00 in Tokyo.
pub const BEGINNING: Timestamp = Timestamp::from_millisecond(1_793_577_600_000);

/// A clock that stands still until it is set. Clones show the same time.
#[derive(Debug, Clone)]
pub struct FakeClock(Arc<AtomicI64>);

impl Default for FakeClock {
    fn default() -> Self {
        Self::at(BEGINNING)
    }
}

impl FakeClock {
    /// A clock that shows `start`.
    #[must_use]
    pub fn at(start: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(start.as_millisecond())))
    }

    /// Sets it, forward or back.
    pub fn set(&self, to: Timestamp) {
        self.0.store(to.as_millisecond(), Ordering::SeqCst);
    }

    /// Lets `amount` pass.
    pub fn forward(&self, amount: Duration) {
        self.0.fetch_add(millis(amount), Ordering::SeqCst);
    }

    /// Sets it back by `amount`.
    pub fn back(&self, amount: Duration) {
        self.0.fetch_sub(millis(amount), Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst))
    }
}
