//! Closing (G1, its plain beginning): it ends when the lead says so, never by itself.

use serde::{Deserialize, Serialize};

use crate::id::PersonId;
use crate::time::Timestamp;

/// `incident.closed`, version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentClosed {
    /// A last word; may be empty.
    pub note: String,
}

/// Who closed it, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// The last word.
    pub note: String,
}
