//! Counting tries, so that nobody can guess passwords. Time comes in as an argument.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::time::Timestamp;

/// How many names are counted at once; the oldest go first.
const NAMES_MAX: usize = 10_000;

/// Allows so many failures for each name within a window.
pub(crate) struct Limiter {
    failures_max: u32,
    window: Duration,
    counted: Mutex<HashMap<String, (u32, Timestamp)>>,
}

impl Limiter {
    pub(crate) fn new(failures_max: u32, window: Duration) -> Self {
        Self { failures_max, window, counted: Mutex::default() }
    }

    /// How long `name` has to wait; `None` when it may try.
    pub(crate) fn check(&self, name: &str, now: Timestamp) -> Option<Duration> {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let (failures, since) = counted.get(name)?;
        let end = since.after(self.window);
        let is_open = now < end && now >= *since;
        (is_open && *failures >= self.failures_max).then(|| end.since(now))
    }

    /// Counts a failure of `name`.
    pub(crate) fn fail(&self, name: &str, now: Timestamp) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.len() >= NAMES_MAX {
            counted.retain(|_, (_, since)| now < since.after(self.window));
        }
        if counted.len() >= NAMES_MAX {
            counted.clear();
        }
        let entry = counted.entry(name.to_owned()).or_insert((0, now));
        if now >= entry.1.after(self.window) || now < entry.1 {
            *entry = (0, now);
        }
        entry.0 = entry.0.saturating_add(1);
    }

    /// Forgets the failures of `name`.
    pub(crate) fn succeed(&self, name: &str) {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_try_waits_until_the_window_is_over() {
        let limiter = Limiter::new(10, Duration::from_secs(900));
        let at = |s: i64| Timestamp::from_millisecond(s * 1_000);
        for n in 0..10 {
            assert_eq!(limiter.check("sato", at(n)), None);
            limiter.fail("sato", at(n));
        }
        assert_eq!(limiter.check("sato", at(10)), Some(Duration::from_secs(890)));
        assert_eq!(limiter.check("ito", at(10)), None);
        assert_eq!(limiter.check("sato", at(900)), None);
        limiter.fail("sato", at(900));
        assert_eq!(limiter.check("sato", at(901)), None);
        limiter.succeed("sato");
    }
}
