//! The real clock: wall time that never steps backwards while the process lives.
//!
//! The wall clock is read once and carried on by the monotonic one. When the wall clock is found ahead (it was set,
//! or the machine slept) the step is followed at once, so that nothing that is due waits. When it is found behind,
//! the time already given out goes on: two events of one process are never recorded the wrong way round.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use domain::port::Clock;
use domain::time::{Timestamp, millis};

/// How far ahead the wall clock may be before it is followed. Below that, reading two clocks is the difference.
const FOLLOW_AHEAD_MS: i64 = 50;

/// What time it is, for everything that runs in this process.
pub(crate) struct SystemClock {
    anchor: Mutex<Anchor>,
}

/// A wall time and the monotonic moment at which it was true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Anchor {
    wall_ms: i64,
    at: Instant,
}

impl SystemClock {
    /// A clock that starts at the wall time of now.
    pub(crate) fn start() -> Self {
        Self { anchor: Mutex::new(Anchor { wall_ms: wall_ms(), at: monotonic() }) }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let mut anchor = self.anchor.lock().unwrap_or_else(PoisonError::into_inner);
        Timestamp::from_millisecond(anchor.read(wall_ms(), monotonic()))
    }
}

impl Anchor {
    /// The time at `at`, when the wall clock says `wall_ms`.
    fn read(&mut self, wall_ms: i64, at: Instant) -> i64 {
        let carried_on = self.wall_ms.saturating_add(millis(at.saturating_duration_since(self.at)));
        if wall_ms.saturating_sub(carried_on) > FOLLOW_AHEAD_MS {
            *self = Self { wall_ms, at };
            return wall_ms;
        }
        carried_on
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the door of the wall clock")]
fn wall_ms() -> i64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => millis(since),
        Err(before) => millis(before.duration()).saturating_neg(),
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the door of the monotonic clock")]
fn monotonic() -> Instant {
    Instant::now()
}

/// Waits. The commands and the page of the demo wait here; everything else wakes on the clock.
#[expect(clippy::disallowed_methods, reason = "this is the binary's one door for waiting")]
pub(crate) async fn pause(amount: Duration) {
    tokio::time::sleep(amount).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_forwards_is_followed_and_a_step_backwards_is_not() {
        let start = monotonic();
        let mut anchor = Anchor { wall_ms: 1_000_000, at: start };
        let after = |ms: u64| start + Duration::from_millis(ms);
        // In step.
        assert_eq!(anchor.read(1_000_010, after(10)), 1_000_010);
        // A little ahead is the difference of reading two clocks.
        assert_eq!(anchor.read(1_000_070, after(20)), 1_000_020);
        // Set back by an hour: goes on as before.
        assert_eq!(anchor.read(1_000_000 - 3_600_000, after(30)), 1_000_030);
        // Set forward by an hour: followed, and carried on from there.
        assert_eq!(anchor.read(1_000_000 + 3_600_000, after(40)), 4_600_000);
        assert_eq!(anchor.read(1_000_000, after(50)), 4_600_010);
    }

    #[test]
    fn the_real_clock_never_goes_backwards() {
        let clock = SystemClock::start();
        let readings: Vec<_> = (0..1_000).map(|_| clock.now()).collect();
        assert!(readings.is_sorted());
        assert!(readings[0] > Timestamp::from_millisecond(1_600_000_000_000));
    }
}
