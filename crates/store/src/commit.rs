//! The one way in which an incident changes: events, lists, wake-up and outbox in one transaction.

use domain::id::{AttemptId, IncidentId, PersonId};
use domain::ledger::{Hash, Sealed};
use domain::time::Timestamp;

use crate::Store;
use crate::db::{Step, Unit, Value};
use crate::error::StoreError;
use crate::incident::Summary;

sql! {
    INSERT_KEY = "INSERT INTO idempotency_key (person_id, key, incident_id, text_digest, at_ms)
        VALUES ($1, $2, $3, $4, $5)";
    INSERT_INCIDENT = "INSERT INTO incident
            (id, reporter_id, project_id, kind, opened_at_ms, state, escalation, lead_id, seq_last, updated_at_ms, is_drill)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    UPDATE_INCIDENT = "UPDATE incident SET reporter_id = $1, project_id = $2, kind = $3, opened_at_ms = $4, state = $5,
            escalation = $6, lead_id = $7, seq_last = $8, updated_at_ms = $9, is_drill = $10
        WHERE id = $11";
    INSERT_MEMBER = "INSERT INTO incident_member (incident_id, person_id) VALUES ($1, $2)
        ON CONFLICT (incident_id, person_id) DO NOTHING";
    UPSERT_WAKE_UP = "INSERT INTO wake_up (incident_id, due_at_ms) VALUES ($1, $2)
        ON CONFLICT (incident_id) DO UPDATE SET
            due_at_ms = excluded.due_at_ms, lease_owner = NULL, lease_until_ms = NULL";
    DELETE_WAKE_UP = "DELETE FROM wake_up WHERE incident_id = $1";
    INSERT_OUTBOX = "INSERT INTO outbox (attempt_id, incident_id, person_id, channel, address, due_at_ms)
        VALUES ($1, $2, $3, $4, $5, $6)";
    DELETE_OUTBOX = "DELETE FROM outbox WHERE attempt_id = $1";
    INSERT_EVENT = "INSERT INTO ledger_event
            (incident_id, seq, at_ms, kind, version, actor, salt, body_json, digest, prev, hash)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    REDACT_EVENT = "UPDATE ledger_event SET salt = NULL, body_json = NULL WHERE incident_id = $1 AND seq = $2";
}

/// What becomes of the incident's one wake-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WakeUpChange {
    /// It stays as it is.
    #[default]
    Keep,
    /// There is none any more.
    Clear,
    /// It is at this moment, and at no other.
    At(Timestamp),
}

/// A message to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// The attempt; one row for each.
    pub attempt: AttemptId,
    /// Its incident.
    pub incident: IncidentId,
    /// Whom it goes to.
    pub person: PersonId,
    /// Over which channel.
    pub channel: String,
    /// The address as that channel understands it.
    pub address: String,
    /// Not before this moment.
    pub due_at: Timestamp,
}

/// That a person's report with this key became this incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// Who reported.
    pub person: PersonId,
    /// The key as their client chose it.
    pub key: String,
    /// What it became.
    pub incident: IncidentId,
    /// Digest of the text, to tell a repeat from another text under the same key.
    pub text_digest: Hash,
    /// When.
    pub at: Timestamp,
}

/// Everything that one decision changes; kept together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The incident.
    pub incident: IncidentId,
    /// Events behind those that are stored.
    pub events: Vec<Sealed>,
    /// Places of stored events whose salt and body are erased; digest and chain stay.
    pub redact: Vec<u64>,
    /// What lists show from now on. The batch with the first event must bring it.
    pub summary: Option<Summary>,
    /// Who may see the incident from now on, besides those who could; naming somebody again changes nothing.
    pub members_add: Vec<PersonId>,
    /// What becomes of the wake-up.
    pub wake_up: WakeUpChange,
    /// Messages to be sent.
    pub outbox_add: Vec<OutboxRow>,
    /// Attempts that are over; one that is not there any more changes nothing.
    pub outbox_remove: Vec<AttemptId>,
    /// The key of the report that this is.
    pub key: Option<KeyRow>,
}

impl Batch {
    /// A batch that changes nothing yet.
    #[must_use]
    pub fn new(incident: IncidentId) -> Self {
        Self {
            incident,
            events: Vec::new(),
            redact: Vec::new(),
            summary: None,
            members_add: Vec::new(),
            wake_up: WakeUpChange::Keep,
            outbox_add: Vec::new(),
            outbox_remove: Vec::new(),
            key: None,
        }
    }

    fn into_unit(self) -> Unit {
        let id = &self.incident;
        let is_first = self.events.first().is_some_and(|event| event.seq == 1);
        let mut steps = Vec::with_capacity(
            self.events.len().saturating_add(self.outbox_add.len()).saturating_add(4),
        );
        // The key first: a repeat then costs one statement.
        steps.extend(self.key.as_ref().map(key_step));
        steps.extend(self.summary.map(|summary| summary_step(id, summary, is_first)));
        for person in &self.members_add {
            steps.push(Step::any(&INSERT_MEMBER, values![id, person]));
        }
        match self.wake_up {
            WakeUpChange::Keep => {}
            WakeUpChange::Clear => steps.push(Step::any(&DELETE_WAKE_UP, values![id])),
            WakeUpChange::At(at) => steps.push(Step::one(&UPSERT_WAKE_UP, values![id, at])),
        }
        for attempt in &self.outbox_remove {
            steps.push(Step::any(&DELETE_OUTBOX, values![attempt]));
        }
        for row in self.outbox_add {
            let values = values![
                &row.attempt,
                &row.incident,
                &row.person,
                row.channel,
                row.address,
                row.due_at
            ];
            steps.push(Step::one(&INSERT_OUTBOX, values));
        }
        steps.extend(self.events.into_iter().map(|event| event_step(id, event)));
        for seq in &self.redact {
            steps.push(Step::one(&REDACT_EVENT, values![id, *seq]));
        }
        Unit { steps, erases: !self.redact.is_empty() }
    }
}

fn summary_step(id: &IncidentId, summary: Summary, is_first: bool) -> Step {
    let mut values = values![
        &summary.reporter,
        summary.project.as_ref(),
        summary.kind,
        summary.opened_at,
        summary.state.as_str(),
        summary.escalation.as_str(),
        summary.lead.as_ref(),
        summary.seq_last,
        summary.updated_at,
        summary.is_drill,
    ];
    // Two statements cost less than one that can do both: SQLite then needs no table on the side.
    if is_first {
        values.insert(0, Value::from(id));
        return Step::one(&INSERT_INCIDENT, values);
    }
    values.push(Value::from(id));
    Step::one(&UPDATE_INCIDENT, values)
}

fn key_step(key: &KeyRow) -> Step {
    let values = values![&key.person, &key.key, &key.incident, &key.text_digest, key.at];
    Step::one(&INSERT_KEY, values)
}

fn event_step(incident: &IncidentId, event: Sealed) -> Step {
    let values = values![
        incident,
        event.seq,
        event.at,
        event.kind,
        u64::from(event.version),
        event.actor,
        event.salt.as_ref(),
        event.body,
        &event.digest,
        &event.prev,
        &event.hash,
    ];
    Step::one(&INSERT_EVENT, values)
}

/// Why a batch was not kept. Nothing of it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// Somebody else was first: load the ledger and decide again.
    #[error("another event has taken that place in the ledger")]
    SeqTaken,
    /// This person's report with this key is stored already.
    #[error("the report with this key is stored already")]
    KeyTaken(KeyRow),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Keeps `batch`; answered once it is on disk. Many calls at once share one write to disk.
    ///
    /// # Errors
    /// [`CommitError::SeqTaken`] when one of the places is taken, [`CommitError::KeyTaken`] when the key is, and what
    /// stands in the way of storing at all. In each case nothing of the batch is stored.
    pub async fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        let key = batch.key.as_ref().map(|key| (key.person.clone(), key.key.clone()));
        match self.db().write(batch.into_unit()).await {
            Ok(_) => Ok(()),
            Err(StoreError::Conflict { what })
                if what == INSERT_EVENT.name || what == INSERT_INCIDENT.name =>
            {
                Err(CommitError::SeqTaken)
            }
            Err(error) => {
                let is_key = error == StoreError::Conflict { what: INSERT_KEY.name };
                if is_key
                    && let Some((person, key)) = key
                    && let Some(stored) = self.find_key(&person, &key).await?
                {
                    return Err(CommitError::KeyTaken(stored));
                }
                Err(error.into())
            }
        }
    }
}
