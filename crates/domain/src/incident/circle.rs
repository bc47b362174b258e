//! Who may see an incident (D1): the reporter, those who are asked, and whom the lead brings in by name. To anybody
//! else it does not exist.

use serde::{Deserialize, Serialize};

use crate::circle::Circle;
use crate::id::PersonId;
use crate::time::Timestamp;

/// `person.brought_in`, version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonBroughtIn {
    /// Who may see the incident from now on.
    pub person: PersonId,
}

/// Somebody brought in by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroughtIn {
    /// Who.
    pub person: PersonId,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// The state of this capability.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Membership {
    /// Those brought in by name, in order.
    pub brought_in: Vec<BroughtIn>,
}

impl Membership {
    /// How far the incident has been opened.
    #[must_use]
    pub const fn circle(&self) -> Circle {
        if self.brought_in.is_empty() { Circle::Reached } else { Circle::Responders }
    }
}
