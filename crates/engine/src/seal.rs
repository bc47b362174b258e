//! From decided events to sealed ones: fresh salt for each, chained behind the last.

use domain::id::IncidentId;
use domain::incident::{Event, Recorded};
use domain::ledger::{FIRST_PREV, Hash, SALT_BYTES, Sealed, Unsealed, seal};
use domain::port::Entropy;
use domain::time::Timestamp;

use crate::error::EngineError;

/// The end of a ledger: what the next event is chained to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// Number of the last event; 0 when there is none.
    pub(crate) seq: u64,
    /// Its hash.
    pub(crate) hash: Hash,
}

impl Head {
    pub(crate) const EMPTY: Self = Self { seq: 0, hash: FIRST_PREV };

    pub(crate) fn of(ledger: &[Sealed]) -> Self {
        ledger.last().map_or(Self::EMPTY, |last| Self { seq: last.seq, hash: last.hash })
    }
}

/// Who did what when, to be sealed.
pub(crate) struct ToSeal<'a> {
    pub(crate) incident: &'a IncidentId,
    pub(crate) actor: &'a str,
    pub(crate) at: Timestamp,
    pub(crate) events: &'a [Event],
}

/// Seals all events in order.
///
/// # Errors
/// Only when an event has no JSON, which none of ours can cause.
pub(crate) fn seal_all(
    to_seal: &ToSeal<'_>,
    mut head: Head,
    entropy: &dyn Entropy,
) -> Result<Vec<Sealed>, EngineError> {
    let inconsistent =
        || EngineError::Inconsistent { what: "an event", id: to_seal.incident.to_string() };
    // One draw for all salts: the source is a call into the system.
    let mut salts = vec![0_u8; SALT_BYTES.saturating_mul(to_seal.events.len())];
    entropy.fill(&mut salts);
    let mut sealed = Vec::with_capacity(to_seal.events.len());
    for (event, salt) in to_seal.events.iter().zip(salts.chunks_exact(SALT_BYTES)) {
        let body = event.body().map_err(|_| inconsistent())?;
        let unsealed = Unsealed {
            incident: to_seal.incident,
            at: to_seal.at,
            kind: event.kind(),
            version: event.version(),
            actor: to_seal.actor,
            body: &body,
        };
        let salt = salt.try_into().map_err(|_| inconsistent())?;
        let next = seal(&unsealed, head.seq.saturating_add(1), head.hash, salt)
            .map_err(|_| inconsistent())?;
        head = Head { seq: next.seq, hash: next.hash };
        sealed.push(next);
    }
    Ok(sealed)
}

/// Reads a sealed event back.
pub(crate) fn read(sealed: &Sealed) -> Recorded {
    Event::read(&sealed.kind, sealed.version, sealed.body.as_deref())
}
