//! Waiting for a condition, never for an amount of time.

use std::time::Duration;

/// The latest that anything may take; only a broken program gets there.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// The result of `work`, which must come before [`PATIENCE`] runs out.
pub(crate) async fn in_time<T>(what: &str, work: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(done) => done,
        Err(_) => panic!("in {PATIENCE:?} there was no {what}"),
    }
}

/// Looks until `look` finds something.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        let mut beat = tokio::time::interval(LOOK_EVERY);
        loop {
            beat.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    };
    in_time(what, looking).await
}

/// Lets an amount of real time pass, for what only real time shows: a kill at a random moment, a rate.
pub(crate) async fn pass(amount: Duration) {
    let start = tokio::time::Instant::now() + amount;
    tokio::time::interval_at(start, Duration::from_secs(1)).tick().await;
}
