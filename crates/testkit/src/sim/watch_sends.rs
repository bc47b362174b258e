//! What must be true of every message, looked at from outside: by what reached the channels.

use std::collections::BTreeMap;

use domain::access;
use domain::circle::Circle;
use domain::id::{AttemptId, IncidentId, PersonId};
use domain::incident::Incident;
use domain::incident::escalation::{AttemptState, Status};
use domain::port::Purpose;

use crate::channel::Sent;
use crate::sim::life::Life;
use crate::sim::watch::{Invariant, Violation, Watched, expect};

/// What was sent so far.
#[derive(Default)]
pub(super) struct Sends {
    seen: usize,
    /// In which life of the engine each attempt was last sent.
    last_life: BTreeMap<AttemptId, usize>,
}

impl Sends {
    /// Looks at what was sent since the last look, against what was recorded by then.
    pub(super) fn check(
        &mut self,
        life: &Life,
        incidents: &BTreeMap<IncidentId, Watched>,
    ) -> Result<(), Violation> {
        let new = life.outside().sent_after(self.seen);
        self.seen += new.len();
        for sent in &new {
            let about = incidents.get(&sent.message.incident);
            let shadow = about.map(|watched| &watched.shadow).ok_or_else(|| Violation {
                invariant: Invariant::Outbox,
                what: format!("{} was sent before it was recorded", sent.message.attempt),
            })?;
            check_circle(shadow, sent)?;
            self.check_once(life, sent)?;
            check_wanted(shadow, sent)?;
        }
        Ok(())
    }

    fn check_once(&mut self, life: &Life, sent: &Sent) -> Result<(), Violation> {
        let attempt = &sent.message.attempt;
        let before = self.last_life.insert(attempt.clone(), life.number);
        expect(before != Some(life.number), Invariant::Doubled, || {
            format!("{attempt} was sent twice without a crash in between")
        })
    }
}

/// Whether that person may be sent something for that purpose, as things stand.
pub(super) fn may_ask(incident: &Incident, person: &PersonId, purpose: Purpose) -> bool {
    let Some(escalation) = &incident.escalation else { return false };
    match (purpose, &escalation.status) {
        (Purpose::Accepted | Purpose::StoodDown, _)
        | (Purpose::Summon | Purpose::Confirm, Status::Calling)
        | (Purpose::Confirm, Status::Promised { .. }) => true,
        (Purpose::Summon | Purpose::Confirm, Status::Accepted { .. }) => {
            escalation.hand_over_to.as_ref() == Some(person)
        }
        (Purpose::Summon, Status::Promised { .. })
        | (Purpose::Summon | Purpose::Confirm, Status::StoodDown { .. }) => false,
    }
}

fn check_circle(shadow: &Incident, sent: &Sent) -> Result<(), Violation> {
    // Not asked of the product's own rule: an address is inside when it is, and nothing else is mail.
    let is_inside = sent.channel != "mail" || sent.address.ends_with("@example.co.jp");
    let may_know = access::who_may_see(shadow).contains(&sent.message.person);
    let is_in_circle = is_inside && may_know && sent.circle == Circle::Reached;
    expect(is_in_circle, Invariant::Circle, || {
        format!("{} went to {}", sent.message.attempt, sent.address)
    })
}

fn check_wanted(shadow: &Incident, sent: &Sent) -> Result<(), Violation> {
    let message = &sent.message;
    let may = may_ask(shadow, &message.person, message.purpose) && shadow.closed.is_none();
    expect(may, Invariant::AfterAnswer, || {
        let status = shadow.escalation.as_ref().map(|escalation| &escalation.status);
        format!("{} was sent while it is {status:?}", message.attempt)
    })?;
    let attempt = shadow.escalation.as_ref().and_then(|e| e.find_attempt(&message.attempt));
    let is_planned = attempt.is_some_and(|attempt| attempt.state == AttemptState::Planned);
    expect(is_planned, Invariant::Outcome, || {
        format!("{} was sent though it is settled: {attempt:?}", message.attempt)
    })
}
