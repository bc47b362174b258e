//! From a decision to the one transaction that keeps it.

use domain::access;
use domain::id::{AttemptId, IncidentId};
use domain::incident::escalation::{AttemptState, Status};
use domain::incident::{Decision, Event, Incident, Send};
use domain::ledger::Sealed;
use domain::time::Timestamp;
use store::{Batch, Escalation, IncidentState, OutboxRow, Summary, WakeUpChange};

use crate::slot::Loaded;

/// Whether the attempt is still to be sent.
pub(crate) fn is_planned(incident: &Incident, attempt: &AttemptId) -> bool {
    incident
        .escalation
        .as_ref()
        .and_then(|escalation| escalation.find_attempt(attempt))
        .is_some_and(|attempt| attempt.state == AttemptState::Planned)
}

/// The row of a message that is to be sent.
pub(crate) fn to_row(id: &IncidentId, send: Send, now: Timestamp) -> OutboxRow {
    OutboxRow {
        attempt: send.attempt,
        incident: id.clone(),
        person: send.person,
        channel: send.channel,
        address: send.address,
        due_at: send.due_at.max(now),
    }
}

/// Everything that a decision changes in the store.
pub(crate) fn batch_of(
    decision: &Decision,
    before: Option<&Loaded>,
    events: Vec<Sealed>,
    now: Timestamp,
) -> Batch {
    let state = &decision.state;
    let mut batch = Batch::new(state.id.clone());
    batch.events = events;
    for event in &decision.events {
        match event {
            Event::EntryRedacted(redacted) => batch.redact.push(redacted.seq),
            Event::AttemptOutcome(outcome) => batch.outbox_remove.push(outcome.attempt.clone()),
            Event::ReportReceived(_)
            | Event::CallingStarted(_)
            | Event::LineExtended(_)
            | Event::LineRestarted(_)
            | Event::PersonJoined(_)
            | Event::AttemptPlanned(_)
            | Event::AnswerGiven(_)
            | Event::PromiseLapsed(_)
            | Event::ReachedStated(_)
            | Event::StoodDown(_)
            | Event::EntryAdded(_)
            | Event::EntryCorrected(_)
            | Event::PersonBroughtIn(_)
            | Event::IncidentClosed(_) => {}
        }
    }
    for send in &decision.sends {
        if is_planned(state, &send.attempt) {
            batch.outbox_add.push(to_row(&state.id, send.clone(), now));
        }
    }
    batch.summary = (!decision.events.is_empty()).then(|| summary_of(state, now));
    let had = before.map(|before| access::who_may_see(&before.incident)).unwrap_or_default();
    let people = access::who_may_see(state);
    batch.members_add = people.into_iter().filter(|person| !had.contains(person)).collect();
    batch.wake_up = match (before.and_then(|before| before.wake_up), decision.wake_up) {
        (Some(old), Some(new)) if old == new => WakeUpChange::Keep,
        (_, Some(at)) => WakeUpChange::At(at),
        (_, None) => WakeUpChange::Clear,
    };
    batch
}

fn summary_of(state: &Incident, now: Timestamp) -> Summary {
    let received = &state.report.received;
    let status = state.escalation.as_ref().map(|escalation| &escalation.status);
    Summary {
        reporter: received.reporter.clone(),
        project: received.project.clone(),
        kind: received.kind.map(|kind| kind.word().to_owned()),
        opened_at: state.report.at,
        state: if state.closed.is_some() { IncidentState::Closed } else { IncidentState::Open },
        escalation: match status {
            None | Some(Status::Calling) => Escalation::Calling,
            Some(Status::Promised { .. }) => Escalation::Promised,
            Some(Status::Accepted { .. }) => Escalation::Accepted,
            Some(Status::StoodDown { .. }) => Escalation::StoodDown,
        },
        lead: state.escalation.as_ref().and_then(|e| e.lead()).cloned(),
        seq_last: state.seq,
        updated_at: now,
        is_drill: received.is_drill,
    }
}
