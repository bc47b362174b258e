//! The signed receipt (A8): that somebody came forward, and how soon; who was told; who answered.

use domain::id::{IncidentId, PersonId};
use domain::incident::escalation::AttemptState;
use domain::incident::{Incident, Refusal};
use domain::ledger::{Hash, Sealed};
use domain::time::Timestamp;

use crate::door::Engine;
use crate::error::EngineError;
use crate::keys::{Receipt, ReceiptAnswer, ReceiptDelivery, SignedHead, SignedPlace};
use crate::seal::Head;
use crate::slot::Loaded;

impl Engine {
    /// The receipt as it stands now: the report signed, and the end of the ledger signed.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is no such incident.
    pub async fn receipt(&self, id: &IncidentId) -> Result<Receipt, EngineError> {
        let ledger = self.0.store.load_ledger(id).await?;
        let (Some(first), Some(last)) = (ledger.first(), ledger.last()) else {
            return Err(Refusal::NotFound.into());
        };
        let loaded = Loaded::fold(id, &ledger)
            .ok_or_else(|| EngineError::Inconsistent { what: "the ledger", id: id.to_string() })?;
        Ok(self.receipt_of(&loaded.incident, first, Head::of(&ledger), last.at))
    }

    pub(crate) fn receipt_of(
        &self,
        incident: &Incident,
        first: &Sealed,
        head: Head,
        head_at: Timestamp,
    ) -> Receipt {
        let world = self.world();
        let name = |person: &PersonId| world.directory.name_of(person).to_owned();
        let sign = |seq: u64, hash: &Hash, at: Timestamp| {
            let hash_hex = hex::encode(hash);
            let place = SignedPlace { incident: &incident.id, seq, hash_hex: &hash_hex, at };
            (self.0.keys.sign(&place), hash_hex)
        };
        let (signature, hash) = sign(first.seq, &first.hash, first.at);
        let (head_signature, head_hash) = sign(head.seq, &head.hash, head_at);
        let escalation = incident.escalation.as_ref();
        let attempts = escalation.map(|e| e.attempts.as_slice()).unwrap_or_default();
        let answers = escalation.map(|e| e.answers.as_slice()).unwrap_or_default();
        let reporter = incident.report.received.reporter.clone();
        Receipt {
            incident: incident.id.clone(),
            seq: first.seq,
            hash,
            at_ms: first.at.as_millisecond(),
            reporter_name: name(&reporter),
            reporter,
            public_key: self.0.keys.public_key(),
            signature,
            head: SignedHead {
                seq: head.seq,
                hash: head_hash,
                at_ms: head_at.as_millisecond(),
                signature: head_signature,
            },
            delivered: attempts
                .iter()
                .filter(|attempt| attempt.state > AttemptState::Failed)
                .map(|attempt| ReceiptDelivery {
                    person: attempt.person.clone(),
                    name: name(&attempt.person),
                    channel: attempt.channel.clone(),
                    at_ms: attempt.settled_at.unwrap_or(attempt.due_at).as_millisecond(),
                    state: attempt.state.word().to_owned(),
                })
                .collect(),
            answered: answers
                .iter()
                .map(|given| ReceiptAnswer {
                    person: given.person.clone(),
                    name: name(&given.person),
                    answer: given.answer.word().to_owned(),
                    at_ms: given.at.as_millisecond(),
                })
                .collect(),
        }
    }
}
