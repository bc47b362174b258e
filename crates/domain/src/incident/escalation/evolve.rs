//! How each event changes the state of the calling. Never refuses: what is in the ledger has happened.

use crate::id::PersonId;
use crate::incident::escalation::event::{
    AnswerGiven, AttemptOutcome, AttemptPlanned, CallingStarted, PersonJoined, PromiseLapsed,
    ReachedStated, StoodDown,
};
use crate::incident::escalation::{
    Answer, Attempt, AttemptState, AttemptWhy, Called, Escalation, Given, Standing, Status,
};
use crate::line::{Because, Member};
use crate::port::Purpose;
use crate::time::Timestamp;

impl Called {
    fn waiting(member: &Member) -> Self {
        Self {
            person: member.person.clone(),
            because: member.because,
            joined_at: None,
            standing: Standing::Waiting,
            silent_at: None,
            calls: Vec::new(),
            promises: 0,
            dead: Vec::new(),
        }
    }
}

impl Escalation {
    pub(in crate::incident) fn start(started: &CallingStarted, at: Timestamp) -> Self {
        Self {
            policy: started.policy.clone(),
            started_at: at,
            status: Status::Calling,
            people: started.line.iter().map(Called::waiting).collect(),
            passed_over: started.passed_over.clone(),
            climbed_at: at,
            changed_at: at,
            hand_over_to: None,
            attempts: Vec::new(),
            answers: Vec::new(),
        }
    }

    fn find_mut(&mut self, person: &PersonId) -> Option<&mut Called> {
        self.people.iter_mut().find(|called| called.person == *person)
    }

    pub(in crate::incident) fn extend(&mut self, line: &[Member], at: Timestamp) {
        self.changed_at = at;
        for member in line {
            if self.find(&member.person).is_none() {
                self.people.push(Called::waiting(member));
            }
        }
    }

    pub(in crate::incident) fn restart(&mut self, at: Timestamp) {
        self.changed_at = at;
        for called in &mut self.people {
            if matches!(called.standing, Standing::Cannot | Standing::HandedOver { .. }) {
                called.standing = Standing::Asked;
                called.silent_at = None;
            }
        }
    }

    pub(in crate::incident) fn join(&mut self, joined: &PersonJoined, at: Timestamp) {
        self.climbed_at = at;
        self.changed_at = at;
        if self.find(&joined.person).is_none() {
            let member = Member { person: joined.person.clone(), because: joined.because };
            self.people.push(Called::waiting(&member));
        }
        if let Some(called) = self.find_mut(&joined.person) {
            called.joined_at.get_or_insert(at);
            called.standing = Standing::Asked;
            called.silent_at = None;
        }
    }

    pub(in crate::incident) fn plan(&mut self, planned: &AttemptPlanned, at: Timestamp) {
        if matches!(planned.purpose, Purpose::Summon | Purpose::Confirm)
            && let Some(called) = self.find_mut(&planned.person)
        {
            if planned.is_call {
                // Calls that lie in the future were made before the clock was set back: they count no more.
                called.calls.retain(|call| *call <= at);
                called.calls.push(at);
            } else if planned.because != AttemptWhy::Retry {
                // A repeat belongs to the round it repeats.
                called.silent_at = Some(at);
            }
        }
        self.attempts.push(Attempt {
            id: planned.attempt.clone(),
            person: planned.person.clone(),
            channel: planned.channel.clone(),
            hint: planned.hint.clone(),
            number: planned.number,
            purpose: planned.purpose,
            because: planned.because,
            planned_at: at,
            due_at: planned.due_at_ms,
            state: AttemptState::Planned,
            why: None,
            settled_at: None,
        });
    }

    pub(in crate::incident) fn settle(&mut self, outcome: &AttemptOutcome, at: Timestamp) {
        let Some(attempt) =
            self.attempts.iter_mut().rev().find(|attempt| attempt.id == outcome.attempt)
        else {
            return;
        };
        attempt.state = outcome.state;
        attempt.why = outcome.why;
        attempt.settled_at = Some(at);
        if outcome.is_final {
            let contact = (attempt.channel.clone(), attempt.hint.clone());
            let person = attempt.person.clone();
            if let Some(called) = self.find_mut(&person)
                && !called.dead.contains(&contact)
            {
                called.dead.push(contact);
            }
        }
    }

    pub(in crate::incident) fn answer(&mut self, given: &AnswerGiven, at: Timestamp) {
        self.changed_at = at;
        self.answers.push(Given {
            person: given.person.clone(),
            answer: given.answer.clone(),
            via: given.via,
            at,
        });
        if self.find(&given.person).is_none() {
            let member = Member { person: given.person.clone(), because: Because::HandedOver };
            self.people.push(Called { joined_at: Some(at), ..Called::waiting(&member) });
        }
        match &given.answer {
            Answer::Accept => self.accept(&given.person, at),
            Answer::Promise { until_ms, .. } => self.promise(&given.person, *until_ms),
            Answer::Cannot => self.leave(&given.person, Standing::Cannot, at),
            Answer::HandOver { to } => self.hand_over(&given.person, to, at),
        }
    }

    fn accept(&mut self, person: &PersonId, at: Timestamp) {
        if let Some(old) = self.lead().cloned()
            && let Some(called) = self.find_mut(&old)
        {
            called.standing = Standing::HandedOver { to: person.clone() };
        }
        self.status = Status::Accepted { lead: person.clone(), at };
        self.hand_over_to = None;
        if let Some(called) = self.find_mut(person) {
            called.standing = Standing::Accepted;
        }
    }

    fn promise(&mut self, person: &PersonId, until: Timestamp) {
        // One promise quiets everybody. A second one by the same person quiets only their own telephone, so that no
        // row of promises can keep an incident silent; nor can somebody quiet others to whom only a hand-over was
        // offered.
        let is_calling = matches!(self.status, Status::Calling | Status::Promised { .. });
        let mut quiets_everybody = false;
        if let Some(called) = self.find_mut(person) {
            called.promises = called.promises.saturating_add(1);
            quiets_everybody = called.promises == 1 && is_calling;
            called.standing =
                if quiets_everybody { Standing::Asked } else { Standing::Promised { until } };
        }
        if quiets_everybody {
            self.status = Status::Promised { by: person.clone(), until };
        }
    }

    fn leave(&mut self, person: &PersonId, standing: Standing, at: Timestamp) {
        if let Some(called) = self.find_mut(person) {
            called.standing = standing;
        }
        let was_lead = self.lead() == Some(person);
        let was_promise = matches!(&self.status, Status::Promised { by, .. } if by == person);
        if was_lead || was_promise {
            self.status = Status::Calling;
            self.changed_at = at;
        }
        if was_lead {
            self.hand_over_to = None;
            self.resume_others(at);
        }
        if self.hand_over_to.as_ref() == Some(person) {
            self.hand_over_to = None;
        }
    }

    /// Everybody who had been asked before somebody accepted is asked again.
    fn resume_others(&mut self, at: Timestamp) {
        self.climbed_at = at;
        for called in &mut self.people {
            if called.standing == Standing::Asked {
                called.silent_at = None;
            }
        }
    }

    fn hand_over(&mut self, from: &PersonId, to: &PersonId, at: Timestamp) {
        if self.lead() == Some(from) {
            // The lead keeps it until the next person has accepted.
            self.hand_over_to = Some(to.clone());
            return;
        }
        let was_offered = self.hand_over_to.as_ref() == Some(from);
        self.leave(from, Standing::HandedOver { to: to.clone() }, at);
        if was_offered && self.lead() != Some(to) {
            // Passed on: the offer is now the next person's. Passed back to the lead, it is simply over.
            self.hand_over_to = Some(to.clone());
        }
    }

    pub(in crate::incident) fn lapse(&mut self, lapsed: &PromiseLapsed) {
        if matches!(&self.status, Status::Promised { by, .. } if *by == lapsed.person) {
            // A second promise by the same person, if there is one, has its own end.
            self.status = Status::Calling;
        } else if let Some(called) = self.find_mut(&lapsed.person)
            && matches!(called.standing, Standing::Promised { .. })
        {
            called.standing = Standing::Asked;
        }
    }

    pub(in crate::incident) fn state_reached(&mut self, stated: &ReachedStated, at: Timestamp) {
        if self.find(&stated.person).is_none() {
            let member = Member { person: stated.person.clone(), because: Because::HandedOver };
            self.people.push(Called::waiting(&member));
        }
        if let Some(called) = self.find_mut(&stated.person) {
            called.joined_at.get_or_insert(at);
            called.standing = Standing::StatedReached { how: stated.how, until: stated.until_ms };
        }
    }

    pub(in crate::incident) fn stand_down(
        &mut self,
        by: &PersonId,
        why: &StoodDown,
        at: Timestamp,
    ) {
        self.status = Status::StoodDown { by: by.clone(), at, why: why.why.clone() };
        self.hand_over_to = None;
    }
}
