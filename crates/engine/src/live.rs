//! News for open pages: which incident has changed.

use domain::id::IncidentId;
use tokio::sync::broadcast;

/// An incident has a new last event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub incident: IncidentId,
    /// The number of its last event.
    pub seq: u64,
}

/// How many changes a slow listener may fall behind before it has to look for itself.
const BACKLOG: usize = 1_024;

/// The sender of changes.
pub(crate) struct Live(broadcast::Sender<Change>);

impl Live {
    pub(crate) fn new() -> Self {
        Self(broadcast::Sender::new(BACKLOG))
    }

    pub(crate) fn tell(&self, incident: &IncidentId, seq: u64) {
        if self.0.receiver_count() > 0 {
            // Fails only when the last listener has just left, and then nobody misses it.
            drop(self.0.send(Change { incident: incident.clone(), seq }));
        }
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<Change> {
        self.0.subscribe()
    }
}
