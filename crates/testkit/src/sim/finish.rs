//! The end of a run: everything works again, everybody answers, and nothing may be left.

use std::time::Duration;

use domain::id::IncidentId;
use domain::incident::escalation::reply::Reply;
use domain::incident::escalation::{Standing, Status};
use domain::incident::report::Via;
use domain::incident::{Actor, Command};
use domain::port::{Outcome, Proof};

use crate::sim::story::Story;
use crate::sim::watch::{Invariant, Violation, expect};

/// Longer than any policy of a simulation waits for anything.
const LONG: Duration = Duration::from_secs(2 * 3_600);

impl Story {
    /// Heals everything, lets the calling go on, has it answered, and looks whether all is settled.
    pub(super) fn finish(&mut self) -> Result<(), Violation> {
        self.heal()?;
        // With everything in order somebody has to be called within the policy's time: the watch looks.
        let longest = self.life.policy().longest_gap();
        self.advance(longest.saturating_add(Duration::from_secs(10)))?;
        let ids: Vec<IncidentId> = self.watch.incidents.keys().cloned().collect();
        for id in &ids {
            self.end(id)?;
        }
        self.advance(LONG)?;
        let sent = self.life.outside().sent_count();
        self.watch.check_ledgers(&self.life, &self.erased)?;
        self.fall("falls over for the last time")?;
        self.rise()?;
        self.advance(LONG.saturating_mul(12))?;
        expect(!self.has_planned(), Invariant::Outcome, || {
            "something is still planned".to_owned()
        })?;
        let more = self.life.outside().sent_after(sent);
        expect(more.is_empty(), Invariant::AfterAnswer, || {
            format!("sent after the end: {more:?}")
        })?;
        let backlog = self.life.engine().map(engine::Engine::backlog).unwrap();
        let is_idle = backlog.ticks == 0 && backlog.deliveries == 0;
        expect(is_idle, Invariant::Outbox, || format!("the list is not empty: {backlog:?}"))
    }

    fn heal(&mut self) -> Result<(), Violation> {
        // A crash that was arranged and has not happened does not happen any more.
        self.life.entropy.take_panicked();
        self.life.outside().heal();
        self.mend()?;
        self.rise()?;
        while let Some(hanging) = self.life.outside().hanging().into_iter().next() {
            let outcome = Outcome::Accepted { provider_ref: None, proof: Proof::HandedOver };
            assert!(self.life.outside().release(&hanging.attempt, outcome));
            self.life.settle();
            self.note(&format!("{} is released", hanging.attempt))?;
        }
        while let Some((report, key)) = self.owed.pop() {
            self.file(report, &key)?;
            self.rise()?;
        }
        Ok(())
    }

    /// Somebody who is asked accepts; where nobody is, the reporter stands it down.
    fn end(&mut self, id: &IncidentId) -> Result<(), Violation> {
        let shadow = &self.watch.incidents[id].shadow;
        let reporter = shadow.report.received.reporter.clone();
        let Some(escalation) = &shadow.escalation else { return Ok(()) };
        if shadow.closed.is_some() || !escalation.is_open() {
            return Ok(());
        }
        let asked = escalation.people.iter().find(|called| called.standing == Standing::Asked);
        let asked = match escalation.status {
            Status::Accepted { .. } => escalation.hand_over_to.clone(),
            Status::Calling | Status::Promised { .. } | Status::StoodDown { .. } => {
                asked.map(|called| called.person.clone())
            }
        };
        let accept = Command::Answer { reply: Reply::Accept, via: Via::Web };
        let is_accepted = match asked {
            Some(person) => self.give(id, &Actor::Person(person), &accept)?,
            None => false,
        };
        if is_accepted {
            return Ok(());
        }
        let stand_down = Command::StandDown { why: String::new() };
        let is_over = self.give(id, &Actor::Person(reporter), &stand_down)?;
        expect(is_over, Invariant::State, || format!("{id} can be neither accepted nor stood down"))
    }
}
