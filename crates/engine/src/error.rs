//! What can go wrong when something is asked of an incident.

use domain::incident::Refusal;
use store::StoreError;

/// *No*, *not now*, or *bug* (kept apart).
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A rule of the product forbids it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store cannot take or give it now. Nothing was kept.
    #[error("the store cannot be used now: {0}")]
    NotStored(#[source] StoreError),
    /// What the store holds cannot be read. Our own mistake.
    #[error("{what} of {id} cannot be read")]
    Inconsistent {
        /// What.
        what: &'static str,
        /// Of which incident.
        id: String,
    },
}

impl EngineError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::NotStored(_) => "not_stored",
            Self::Inconsistent { .. } => "inconsistent",
        }
    }

    /// What to do now.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.remedy(),
            Self::NotStored(_) => {
                "send it again in a few seconds with the same Idempotency-Key; meanwhile call the person yourself"
            }
            Self::Inconsistent { .. } => {
                "run `ippo doctor` and restore the last backup if it says so"
            }
        }
    }
}

impl From<StoreError> for EngineError {
    fn from(why: StoreError) -> Self {
        Self::NotStored(why)
    }
}
