//! The fold: how a ledger becomes the state of an incident. Never refuses: what is in the ledger has happened.

use std::sync::Arc;

use crate::id::{EntryId, IncidentId, PersonId};
use crate::incident::circle::{BroughtIn, Membership};
use crate::incident::closing::Closed;
use crate::incident::escalation::Escalation;
use crate::incident::escalation::event::AnswerGiven;
use crate::incident::event::{ENTRY_ADDED, ENTRY_CORRECTED};
use crate::incident::report::Report;
use crate::incident::timeline::{EntryKind, Place, Timeline};
use crate::incident::{Event, Incident, Recorded};

impl Incident {
    /// Folds a whole ledger. `None` when it does not begin with a report that this program can read.
    #[must_use]
    pub fn fold<'a>(
        id: &IncidentId,
        ledger: impl IntoIterator<Item = (Recorded, Place<'a>)>,
    ) -> Option<Self> {
        let mut events = ledger.into_iter();
        let (first, place) = events.next()?;
        let Recorded::Known(first) = first else { return None };
        let Event::ReportReceived(received) = *first else { return None };
        let mut incident = Self {
            id: id.clone(),
            seq: place.seq,
            report: Report { received, at: place.at },
            escalation: None,
            timeline: Timeline::default(),
            membership: Membership::default(),
            closed: None,
        };
        for (event, place) in events {
            incident.evolve(&event, place);
        }
        Some(incident)
    }

    /// Takes one more event.
    pub fn evolve(&mut self, event: &Recorded, place: Place<'_>) {
        self.seq = place.seq;
        match event {
            Recorded::Known(event) => self.evolve_known(event, place),
            Recorded::Redacted { kind } => {
                if kind == ENTRY_ADDED || kind == ENTRY_CORRECTED {
                    let id = self.entry_id(place.seq);
                    self.timeline.add(id, place, None, None);
                }
            }
            Recorded::Unknown { .. } => {}
        }
    }

    fn entry_id(&self, seq: u64) -> EntryId {
        EntryId::nth(&self.id, u32::try_from(seq).unwrap_or(u32::MAX))
    }

    fn evolve_known(&mut self, event: &Event, place: Place<'_>) {
        let at = place.at;
        match event {
            Event::ReportReceived(_) => {}
            Event::CallingStarted(started) => {
                self.escalation = Some(Escalation::start(started, at));
            }
            Event::EntryAdded(statement) => {
                let id = self.entry_id(place.seq);
                self.timeline.add(id, place, Some(statement.clone()), None);
            }
            Event::EntryCorrected(corrected) => {
                let id = self.entry_id(place.seq);
                let corrects = (corrected.entry.clone(), corrected.why.clone());
                let statement = corrected.statement.clone();
                self.timeline.add(id, place, Some(statement), Some(corrects));
            }
            Event::EntryRedacted(redacted) => self.timeline.redact(place, redacted),
            Event::PersonBroughtIn(brought_in) => self.membership.brought_in.push(BroughtIn {
                person: brought_in.person.clone(),
                by: PersonId::new(place.actor),
                at,
            }),
            Event::IncidentClosed(closed) => {
                let by = PersonId::new(place.actor);
                self.closed = Some(Closed { by, at, note: closed.note.clone() });
            }
            Event::LineExtended(_)
            | Event::LineRestarted(_)
            | Event::PersonJoined(_)
            | Event::AttemptPlanned(_)
            | Event::AttemptOutcome(_)
            | Event::AnswerGiven(AnswerGiven { .. })
            | Event::PromiseLapsed(_)
            | Event::ReachedStated(_)
            | Event::StoodDown(_) => self.evolve_calling(event, place),
        }
    }

    fn evolve_calling(&mut self, event: &Event, place: Place<'_>) {
        let at = place.at;
        let Some(escalation) = self.escalation.as_mut() else { return };
        match event {
            Event::LineExtended(extended) => escalation.extend(&extended.line, at),
            Event::LineRestarted(_) => escalation.restart(at),
            Event::PersonJoined(joined) => escalation.join(joined, at),
            Event::AttemptPlanned(planned) => escalation.plan(planned, at),
            Event::AttemptOutcome(outcome) => escalation.settle(outcome, at),
            Event::AnswerGiven(given) => escalation.answer(given, at),
            Event::PromiseLapsed(lapsed) => escalation.lapse(lapsed),
            Event::ReachedStated(stated) => escalation.state_reached(stated, at),
            Event::StoodDown(stood_down) => {
                escalation.stand_down(&PersonId::new(place.actor), stood_down, at);
            }
            Event::ReportReceived(_)
            | Event::CallingStarted(_)
            | Event::EntryAdded(_)
            | Event::EntryCorrected(_)
            | Event::EntryRedacted(_)
            | Event::PersonBroughtIn(_)
            | Event::IncidentClosed(_) => {}
        }
    }

    /// The reporter's first words, as long as they have not been redacted.
    #[must_use]
    pub fn first_words(&self) -> Option<&str> {
        self.timeline
            .entries
            .iter()
            .map(Arc::as_ref)
            .filter_map(|entry| entry.statement.as_ref())
            .find(|statement| statement.kind == EntryKind::Report)
            .map(|statement| statement.text.as_str())
    }
}
