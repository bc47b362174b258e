//! Sending: one attempt, one recorded outcome.
//!
//! Whether a message may still go is looked at under the incident's lock, and the attempt is marked as being sent
//! under the same lock. An acceptance takes that lock too: so either the message was on its way before, or it is
//! taken back and never starts.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::circle::{Circle, Destination, classify_contact, clear};
use domain::incident::escalation::AttemptState;
use domain::incident::{Actor, Command};
use domain::port::{Message, Outcome, Why};
use futures_util::FutureExt as _;
use store::OutboxRow;

use crate::agenda::Work;
use crate::door::Engine;
use crate::error::EngineError;
use crate::render::render;

/// The longest that any channel may take, whatever its own limits. A net under the channels' own time-outs.
const SEND_MAX: Duration = Duration::from_secs(60);

/// Attempts by outcome since the start.
#[derive(Default)]
pub(crate) struct Counters {
    accepted: AtomicU64,
    failed: AtomicU64,
    withdrawn: AtomicU64,
}

/// Attempts by outcome since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Taken by the next machine.
    pub accepted: u64,
    /// Failed for now or for good.
    pub failed: u64,
    /// Not sent, being no longer wanted.
    pub withdrawn: u64,
}

enum Prepared {
    /// It may go.
    Go(Box<Message>),
    /// It is not wanted any more.
    Withdrawn,
    /// It is known to have been settled already.
    Settled,
}

impl Engine {
    /// Attempts by outcome since the start.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let counters = &self.0.counters;
        Totals {
            accepted: counters.accepted.load(Ordering::Relaxed),
            failed: counters.failed.load(Ordering::Relaxed),
            withdrawn: counters.withdrawn.load(Ordering::Relaxed),
        }
    }

    /// Sends one message and records what came of it. Gives back what is still to be recorded, if it could not be.
    ///
    /// # Errors
    /// When the store could not be read or written. The row is then still in the outbox, and nothing was sent.
    pub(crate) async fn deliver(&self, row: &OutboxRow) -> Result<Option<Work>, EngineError> {
        // Waiting here is waiting for this channel only, and for no other address of it that hangs.
        let lane = self.0.lanes.enter(&row.channel, &row.address).await;
        let outcome = match self.prepare(row).await? {
            Prepared::Settled => return Ok(None),
            Prepared::Withdrawn => {
                self.0.counters.withdrawn.fetch_add(1, Ordering::Relaxed);
                let command = Command::Withdraw { attempt: row.attempt.clone() };
                return self
                    .handle_here(&row.incident, &Actor::System, &command)
                    .await
                    .map(|_| None);
            }
            Prepared::Go(message) => self.send(row, *message).await,
        };
        drop(lane);
        let counter = match outcome {
            Outcome::Accepted { .. } => &self.0.counters.accepted,
            Outcome::TryAgain { .. } | Outcome::Refused { .. } | Outcome::Misconfigured { .. } => {
                &self.0.counters.failed
            }
        };
        counter.fetch_add(1, Ordering::Relaxed);
        // It has left. Whatever goes wrong from here on, only the record of it is owed; sending it again would be a
        // second message.
        let owed = match AssertUnwindSafe(self.record(row, &outcome)).catch_unwind().await {
            Ok(Ok(())) => return Ok(None),
            Ok(Err(why)) => why.code(),
            Err(_panic) => "panic",
        };
        tracing::warn!(code = owed, "an outcome could not be recorded yet");
        Ok(Some(Work::Record(Box::new(row.clone()), outcome)))
    }

    /// Looks under the lock whether the message may still go, and marks it as being sent.
    async fn prepare(&self, row: &OutboxRow) -> Result<Prepared, EngineError> {
        let slot = self.0.slots.slot(&row.incident);
        let mut held = slot.lock().await;
        self.fill(&mut held, &row.incident).await?;
        let Some(loaded) = held.as_mut() else { return Ok(Prepared::Settled) };
        let Some(escalation) = loaded.incident.escalation.as_ref() else {
            return Ok(Prepared::Settled);
        };
        let Some(attempt) = escalation.find_attempt(&row.attempt) else {
            return Ok(Prepared::Settled);
        };
        let is_planned = attempt.state == AttemptState::Planned;
        if !is_planned || loaded.in_flight.contains(&row.attempt) {
            return Ok(Prepared::Settled);
        }
        if !escalation.may_send(attempt) || loaded.incident.closed.is_some() {
            return Ok(Prepared::Withdrawn);
        }
        let message = render(self, &loaded.incident, attempt);
        loaded.in_flight.insert(row.attempt.clone());
        Ok(Prepared::Go(Box::new(message)))
    }

    async fn send(&self, row: &OutboxRow, message: Message) -> Outcome {
        let Some(channel) = self.0.channels.get(&row.channel).cloned() else {
            return Outcome::Misconfigured { field: "channels", why: Why::Broken };
        };
        let world = self.world();
        let organisation = &world.directory.organisation;
        let destination = Destination {
            channel: row.channel.clone(),
            circle: classify_contact(organisation, &row.channel, &row.address),
            address: row.address.clone(),
        };
        let Ok(cleared) = clear(message, Circle::Reached, destination) else {
            return Outcome::Refused { why: Why::WiderCircle };
        };
        let sending = AssertUnwindSafe(channel.send(&cleared)).catch_unwind();
        match tokio::time::timeout(SEND_MAX, sending).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_panic)) => {
                tracing::error!(channel = %row.channel, "a channel panicked while sending");
                Outcome::TryAgain { not_before: None, why: Why::Broken }
            }
            Err(_elapsed) => Outcome::TryAgain { not_before: None, why: Why::TimedOut },
        }
    }

    /// Records what came of a message; from then on it is not on its way any more.
    ///
    /// # Errors
    /// When the store could not keep it. It is then still counted as being on its way.
    pub(crate) async fn record(
        &self,
        row: &OutboxRow,
        outcome: &Outcome,
    ) -> Result<(), EngineError> {
        let command = Command::Settle { attempt: row.attempt.clone(), outcome: outcome.clone() };
        match self.handle_here(&row.incident, &Actor::System, &command).await {
            Ok(_) | Err(EngineError::Refused(_)) => {}
            Err(why) => return Err(why),
        }
        if let Some(loaded) = self.0.slots.slot(&row.incident).lock().await.as_mut() {
            loaded.in_flight.remove(&row.attempt);
        }
        Ok(())
    }
}
