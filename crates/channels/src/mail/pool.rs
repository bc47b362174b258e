//! Open connections waiting for the next message.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::time::Timestamp;

/// Mail servers close idle connections after some minutes; after this long one is not trusted any more.
const IDLE_MAX: Duration = Duration::from_secs(60);

/// At most `size` idle connections, newest first out. What is too old is dropped when next looked at.
pub(super) struct Pool<C> {
    size: usize,
    idle: Mutex<Vec<(C, Timestamp)>>,
}

impl<C> Pool<C> {
    pub(super) const fn new(size: usize) -> Self {
        Self { size, idle: Mutex::new(Vec::new()) }
    }

    /// The connection that was used last, if there is one that is not too old.
    pub(super) fn take(&self, now: Timestamp) -> Option<C> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back makes a connection look younger than it is; then it fails and is replaced.
        idle.retain(|(_, since)| now.since(*since) < IDLE_MAX);
        idle.pop().map(|(connection, _)| connection)
    }

    /// Keeps `connection` for the next message, or drops it when enough are kept.
    pub(super) fn put(&self, connection: C, now: Timestamp) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < self.size {
            idle.push((connection, now));
        }
    }

    /// Drops every idle connection.
    pub(super) fn clear(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_connection_is_used_again_until_it_is_too_old() {
        let pool = Pool::new(2);
        let start = Timestamp::from_millisecond(0);
        let later = start.after(IDLE_MAX / 2);
        pool.put("first", start);
        pool.put("second", later);
        pool.put("one too many", later);
        assert_eq!(pool.take(later), Some("second"));
        pool.put("second", later);
        assert_eq!(pool.take(start.after(IDLE_MAX)), Some("second"));
        assert_eq!(pool.take(start.after(IDLE_MAX)), None);
    }

    #[test]
    fn a_cleared_pool_is_empty() {
        let pool = Pool::new(2);
        let now = Timestamp::from_millisecond(0);
        pool.put("first", now);
        pool.clear();
        assert_eq!(pool.take(now), None);
    }
}
