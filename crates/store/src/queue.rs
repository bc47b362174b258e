//! What is still to be done: wake-ups and messages to be sent; and the keys of reports that were taken.

use domain::id::{AttemptId, IncidentId, PersonId};
use domain::time::Timestamp;

use crate::Store;
use crate::commit::{KeyRow, OutboxRow};
use crate::db::Step;
use crate::error::StoreError;

sql! {
    LIST_WAKE_UPS = "SELECT incident_id, due_at_ms FROM wake_up
        WHERE incident_id > $1 ORDER BY incident_id LIMIT $2";
    LIST_OUTBOX = "SELECT attempt_id, incident_id, person_id, channel, address, due_at_ms FROM outbox
        WHERE attempt_id > $1 ORDER BY attempt_id LIMIT $2";
    FIND_KEY = "SELECT incident_id, text_digest, at_ms FROM idempotency_key WHERE key = $1 AND person_id = $2";
}

/// How many rows are read at once.
const PAGE: usize = 5000;

impl Store {
    /// Every wake-up, in no order that means anything.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn list_wake_ups(&self) -> Result<Vec<(IncidentId, Timestamp)>, StoreError> {
        let mut found: Vec<(IncidentId, Timestamp)> = Vec::new();
        loop {
            let after = found.last().map_or("", |(incident, _)| incident.as_str());
            let step = Step::any(&LIST_WAKE_UPS, values![after, page()]);
            let rows = self.list(step, |mut row| {
                Ok((IncidentId::new(&row.text("incident_id")?), row.time("due_at_ms")?))
            });
            let rows = rows.await?;
            let is_last = rows.len() < PAGE;
            found.extend(rows);
            if is_last {
                return Ok(found);
            }
        }
    }

    /// Every message that is still to be sent, in no order that means anything.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn list_outbox(&self) -> Result<Vec<OutboxRow>, StoreError> {
        let mut found: Vec<OutboxRow> = Vec::new();
        loop {
            let after = found.last().map_or("", |row| row.attempt.as_str());
            let step = Step::any(&LIST_OUTBOX, values![after, page()]);
            let rows = self.list(step, |mut row| {
                Ok(OutboxRow {
                    attempt: AttemptId::new(&row.text("attempt_id")?),
                    incident: IncidentId::new(&row.text("incident_id")?),
                    person: PersonId::new(&row.text("person_id")?),
                    channel: row.text("channel")?,
                    address: row.text("address")?,
                    due_at: row.time("due_at_ms")?,
                })
            });
            let rows = rows.await?;
            let is_last = rows.len() < PAGE;
            found.extend(rows);
            if is_last {
                return Ok(found);
            }
        }
    }

    /// What a person's report with this key became.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn find_key(
        &self,
        person: &PersonId,
        key: &str,
    ) -> Result<Option<KeyRow>, StoreError> {
        let Some(mut row) = self.find(Step::any(&FIND_KEY, values![key, person])).await? else {
            return Ok(None);
        };
        Ok(Some(KeyRow {
            person: person.clone(),
            key: key.to_owned(),
            incident: IncidentId::new(&row.text("incident_id")?),
            text_digest: row.bytes("text_digest")?,
            at: row.time("at_ms")?,
        }))
    }
}

fn page() -> u64 {
    u64::try_from(PAGE).unwrap_or(u64::MAX)
}
