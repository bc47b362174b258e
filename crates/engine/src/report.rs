//! Taking a first report (A1, A3): durable before it is answered, the same key twice is one incident.

use std::collections::BTreeSet;

use domain::id::IncidentId;
use domain::incident::report::{FirstReport, keep_text};
use domain::incident::{Actor, Command, open};
use domain::ledger::Hash;
use store::{CommitError, KeyRow};

use crate::batch::batch_of;
use crate::door::{Committed, Engine, Reported, facts, finish};
use crate::error::EngineError;
use crate::seal::{Head, ToSeal, seal_all};

impl Engine {
    /// Takes a first report (A1, A3). Answered only once it is on disk. The same key again gives the same incident;
    /// another text under the same key is added to it. Once begun it is finished, even when whoever asked goes away.
    ///
    /// # Errors
    /// [`EngineError::NotStored`] when it could not be kept; nothing of it is then kept.
    pub async fn report(
        &self,
        report: FirstReport,
        key: Option<&str>,
    ) -> Result<Reported, EngineError> {
        let engine = self.clone();
        let key = key.map(str::to_owned);
        finish(async move { engine.take_report(report, key.as_deref()).await }).await
    }

    async fn take_report(
        &self,
        report: FirstReport,
        key: Option<&str>,
    ) -> Result<Reported, EngineError> {
        let now = self.now();
        let id = crate::keys::new_incident_id(now, self.0.entropy.as_ref());
        let world = self.world();
        let none = BTreeSet::new();
        let facts = facts(now, &world, &none);
        let decision = open(id.clone(), &report, facts);
        let text_digest = self.0.keys.text_digest(&keep_text(&report.text).0);
        let key = key.map(|key| KeyRow {
            person: report.reporter.clone(),
            key: key.to_owned(),
            incident: id.clone(),
            text_digest,
            at: now,
        });
        // Held from before the commit, so that nothing is sent or decided on an incident that is not in its slot yet.
        let slot = self.0.slots.slot(&id);
        let mut held = slot.lock().await;
        let to_seal = ToSeal {
            incident: &id,
            actor: report.reporter.as_str(),
            at: now,
            events: &decision.events,
        };
        let events = seal_all(&to_seal, Head::EMPTY, self.0.entropy.as_ref())?;
        let first = events.first().cloned();
        let head = Head::of(&events);
        let mut batch = batch_of(&decision, None, events, now);
        batch.key = key;
        match self.0.store.commit(batch).await {
            Ok(()) => {}
            Err(CommitError::KeyTaken(stored)) => {
                drop(held);
                return self.repeat(report, stored, text_digest).await;
            }
            Err(CommitError::SeqTaken) => {
                return Err(EngineError::Inconsistent { what: "the id", id: id.to_string() });
            }
            Err(CommitError::Store(why)) => return Err(why.into()),
        }
        let notes = decision.notes.clone();
        let incident = self.settle(&mut held, Committed { decision, head }, now);
        drop(held);
        let place = first
            .ok_or_else(|| EngineError::Inconsistent { what: "the report", id: id.to_string() })?;
        let receipt = self.receipt_of(&incident, &place, head, now);
        Ok(Reported { incident, is_new: true, notes, receipt })
    }

    /// The same key again.
    async fn repeat(
        &self,
        report: FirstReport,
        stored: KeyRow,
        text_digest: Hash,
    ) -> Result<Reported, EngineError> {
        let mut notes = Vec::new();
        let is_other_text =
            stored.text_digest != text_digest && !keep_text(&report.text).0.is_empty();
        // One after the other, so that two repeats at once do not both find the words missing.
        let one_at_a_time = self.0.repeats.lock().await;
        if is_other_text && !self.has_words(&stored.incident, &report.text).await? {
            let actor = Actor::Person(report.reporter);
            let command = Command::AddWords { text: report.text };
            match self.handle_here(&stored.incident, &actor, &command).await {
                Ok(handled) => notes = handled.notes,
                // A closed incident takes no more words; the caller still learns which it is.
                Err(EngineError::Refused(_)) => {}
                Err(why) => return Err(why),
            }
        }
        drop(one_at_a_time);
        if !self.0.agenda.has_tick(&stored.incident) {
            // A first try whose commit seemed to fail but did not has left nothing on the list.
            self.look_again().await?;
        }
        let incident = self.load(&stored.incident).await?;
        let incident = incident.ok_or_else(|| EngineError::Inconsistent {
            what: "the ledger",
            id: stored.incident.to_string(),
        })?;
        let receipt = self.receipt(&stored.incident).await?;
        Ok(Reported { incident, is_new: false, notes, receipt })
    }

    async fn has_words(&self, id: &IncidentId, text: &str) -> Result<bool, EngineError> {
        let (text, _) = keep_text(text);
        let incident = self.load(id).await?;
        Ok(incident.is_some_and(|incident| {
            let said = incident.timeline.entries.iter().filter_map(|e| e.statement.as_ref());
            said.into_iter().any(|statement| statement.text == text)
        }))
    }
}
