//! Reading ledgers back, exactly as they were sealed.

use domain::id::IncidentId;
use domain::ledger::Sealed;

use crate::Store;
use crate::db::{Row, Step};
use crate::error::StoreError;

sql! {
    LIST_EVENTS_AFTER = "SELECT seq, at_ms, kind, version, actor, salt, body_json, digest, prev, hash
        FROM ledger_event WHERE incident_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
}

/// How many events are read at once.
const PAGE: u64 = 5000;

impl Store {
    /// The whole ledger of an incident in order; empty when there is no such incident.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn load_ledger(&self, incident: &IncidentId) -> Result<Vec<Sealed>, StoreError> {
        self.load_ledger_after(incident, 0).await
    }

    /// The events behind the place `seq`, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn load_ledger_after(
        &self,
        incident: &IncidentId,
        seq: u64,
    ) -> Result<Vec<Sealed>, StoreError> {
        let mut events: Vec<Sealed> = Vec::new();
        loop {
            let after = events.last().map_or(seq, |event| event.seq);
            let step = Step::any(&LIST_EVENTS_AFTER, values![incident, after, PAGE]);
            let page = self.list(step, |row| read_event(incident, row)).await?;
            let is_last = page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
            events.extend(page);
            if is_last {
                return Ok(events);
            }
        }
    }
}

fn read_event(incident: &IncidentId, mut row: Row) -> Result<Sealed, StoreError> {
    Ok(Sealed {
        incident: incident.clone(),
        seq: row.count("seq")?,
        at: row.time("at_ms")?,
        kind: row.text("kind")?,
        version: u32::try_from(row.int("version")?).map_err(|_| row.inconsistent("version"))?,
        actor: row.text("actor")?,
        salt: row.opt_bytes("salt")?,
        body: row.opt_text("body_json")?,
        digest: row.bytes("digest")?,
        prev: row.bytes("prev")?,
        hash: row.bytes("hash")?,
    })
}
