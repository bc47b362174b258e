//! What every stream of server-sent events shares.

use std::time::Duration;

use axum::response::sse::KeepAlive;

/// A sign of life every 15 seconds, so that no machine in between closes the line.
pub(crate) fn keep_alive() -> KeepAlive {
    KeepAlive::new().interval(Duration::from_secs(15))
}
