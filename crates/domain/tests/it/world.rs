//! A made-up company, and a calling in it that can be played through minute by minute.
//!
//! [`Scene`] does what the engine does: it keeps every wake-up, looks before each send whether the message may still
//! go, and records what came of it. After every decision it folds the new events through the public format and
//! compares the state with the one that was decided.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::directory::{Contact, Directory, Person};
use domain::id::{AttemptId, EntryId, IncidentId, PersonId};
use domain::incident::escalation::event::AttemptPlanned;
use domain::incident::escalation::reply::Reply;
use domain::incident::escalation::{AttemptState, Called, Escalation, Status};
use domain::incident::report::{FirstReport, Note, Via};
use domain::incident::timeline::Place;
use domain::incident::{
    Actor, Command, Decision, Event, Facts, Incident, Recorded, Refusal, Send, decide, open,
};
use domain::policy::Policy;
use domain::port::{Manner, Outcome, Proof, Purpose, Why};
use domain::route::Channels;
use domain::time::Timestamp;

/// The moment at which every report is filed.
pub(crate) const START: Timestamp = Timestamp::from_millisecond(1_800_000_000_000);

/// Who files it.
pub(crate) const REPORTER: &str = "tanaka";

pub(crate) fn id(name: &str) -> PersonId {
    PersonId::new(name)
}

pub(crate) const fn secs(amount: u64) -> Duration {
    Duration::from_secs(amount)
}

pub(crate) const fn mins(amount: u64) -> Duration {
    Duration::from_secs(amount * 60)
}

/// Somebody with one address for each channel named.
pub(crate) fn person(name: &str, channels: &[&str]) -> Person {
    let address = |(nth, channel): (usize, &&str)| match *channel {
        "mail" => format!("{name}@example.co.jp"),
        "webhook" => format!("https://hooks.example.co.jp/{name}"),
        _ => format!("+819012345{nth}{:02}", name.len()),
    };
    let contact = |(nth, channel): (usize, &&str)| Contact {
        channel: (*channel).to_owned(),
        address: address((nth, channel)),
    };
    Person {
        id: id(name),
        name: name.to_owned(),
        locale: String::new(),
        timezone: String::new(),
        manager: None,
        deputies: vec![],
        contact: channels.iter().enumerate().map(contact).collect(),
        absence: vec![],
        admin: false,
    }
}

/// The reporter and these people, who are the organisation's last resort in this order.
pub(crate) fn company(people: &[(&str, &[&str])]) -> Directory {
    let mut directory = Directory::default();
    directory.people.insert(id(REPORTER), person(REPORTER, &["mail"]));
    for (name, channels) in people {
        directory.people.insert(id(name), person(name, channels));
        directory.organisation.last_resort.push(id(name));
    }
    directory
}

/// Mail, text messages, webhooks and the telephone.
pub(crate) fn channels() -> Channels {
    [
        ("mail", Manner::Silent),
        ("sms", Manner::Silent),
        ("webhook", Manner::Silent),
        ("voice", Manner::Voice),
    ]
    .map(|(channel, manner)| (channel.to_owned(), manner))
    .into()
}

/// A report with those words.
pub(crate) fn report(text: &str) -> FirstReport {
    FirstReport {
        reporter: id(REPORTER),
        text: text.to_owned(),
        project: None,
        kind: None,
        happened: None,
        via: Via::Web,
        is_sign_in_expired: false,
        is_text_repaired: false,
    }
}

pub(crate) fn accepted(proof: Proof) -> Outcome {
    Outcome::Accepted { provider_ref: None, proof }
}

pub(crate) fn try_again() -> Outcome {
    Outcome::TryAgain { not_before: None, why: Why::Busy }
}

pub(crate) fn refused() -> Outcome {
    Outcome::Refused { why: Why::UnknownAddress }
}

/// What the world does with a message: `None` keeps it on its way.
pub(crate) type World = fn(&Send) -> Option<Outcome>;

/// Every message is taken by the next machine.
pub(crate) fn everything_arrives(_: &Send) -> Option<Outcome> {
    Some(accepted(Proof::HandedOver))
}

/// An incident, its surroundings and its time.
pub(crate) struct Scene {
    pub(crate) directory: Directory,
    pub(crate) channels: Channels,
    pub(crate) policy: Policy,
    pub(crate) in_flight: BTreeSet<AttemptId>,
    pub(crate) world: World,
    pub(crate) now: Timestamp,
    pub(crate) incident: Incident,
    pub(crate) wake_up: Option<Timestamp>,
    /// Messages that have not been tried yet.
    pub(crate) pending: Vec<Send>,
    /// Every event with its time and actor.
    pub(crate) ledger: Vec<(Event, Timestamp, String)>,
    /// What the last command noted.
    pub(crate) notes: Vec<Note>,
    /// How many events were there before the last command.
    pub(crate) seen: usize,
    folded: Option<Incident>,
}

impl Scene {
    /// An empty report in this company, by the default policy, where every message arrives.
    pub(crate) fn of(people: &[(&str, &[&str])]) -> Self {
        Self::file(company(people), Policy::default(), everything_arrives, &report(""))
    }

    /// An empty report in this company, in that world.
    pub(crate) fn in_world(people: &[(&str, &[&str])], world: World) -> Self {
        Self::file(company(people), Policy::default(), world, &report(""))
    }

    pub(crate) fn file(
        directory: Directory,
        policy: Policy,
        world: World,
        first: &FirstReport,
    ) -> Self {
        let channels = channels();
        let in_flight = BTreeSet::new();
        let facts = Facts {
            now: START,
            directory: &directory,
            channels: &channels,
            policy: &policy,
            in_flight: &in_flight,
        };
        let decision = open(IncidentId::new("inc_1"), first, facts);
        let mut scene = Self {
            incident: decision.state.clone(),
            directory,
            channels,
            policy,
            in_flight,
            world,
            now: START,
            wake_up: None,
            pending: vec![],
            ledger: vec![],
            notes: vec![],
            seen: 0,
            folded: None,
        };
        scene.take(decision, first.reporter.as_str());
        scene.deliver();
        scene
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            now: self.now,
            directory: &self.directory,
            channels: &self.channels,
            policy: &self.policy,
            in_flight: &self.in_flight,
        }
    }

    /// What the command would lead to, without giving it.
    pub(crate) fn ask(&self, actor: &Actor, command: &Command) -> Result<Decision, Refusal> {
        decide(&self.incident, actor, command, self.facts())
    }

    /// Gives a command without sending anything.
    pub(crate) fn give(&mut self, actor: &Actor, command: &Command) -> Result<(), Refusal> {
        let decision = self.ask(actor, command)?;
        self.take(decision, actor.as_str());
        Ok(())
    }

    fn take(&mut self, decision: Decision, actor: &str) {
        self.seen = self.ledger.len();
        for event in &decision.events {
            self.ledger.push((event.clone(), self.now, actor.to_owned()));
        }
        self.fold_new_events();
        assert_eq!(self.folded.as_ref(), Some(&decision.state), "the fold is not the state");
        self.incident = decision.state;
        self.wake_up = decision.wake_up;
        self.notes = decision.notes;
        self.pending.extend(decision.sends);
    }

    fn fold_new_events(&mut self) {
        for (index, (event, at, actor)) in self.ledger.iter().enumerate().skip(self.seen) {
            let body = event.body().unwrap().to_string();
            let recorded = Event::read(event.kind(), event.version(), Some(&body));
            assert_eq!(recorded, Recorded::Known(Box::new(event.clone())), "{body}");
            let place = Place { seq: index as u64 + 1, at: *at, actor };
            match self.folded.as_mut() {
                Some(folded) => folded.evolve(&recorded, place),
                None => self.folded = Incident::fold(&self.incident.id, [(recorded, place)]),
            }
        }
    }

    /// A person gives a command; whatever follows is sent.
    pub(crate) fn by(&mut self, name: &str, command: Command) -> Result<(), Refusal> {
        self.give(&Actor::Person(id(name)), &command)?;
        self.deliver();
        Ok(())
    }

    pub(crate) fn answer(&mut self, name: &str, reply: Reply) -> Result<(), Refusal> {
        self.by(name, Command::Answer { reply, via: Via::Link })
    }

    pub(crate) fn accept(&mut self, name: &str) -> Result<(), Refusal> {
        self.answer(name, Reply::Accept)
    }

    pub(crate) fn promise(&mut self, name: &str, minutes: u32) -> Result<(), Refusal> {
        self.answer(name, Reply::Promise { minutes })
    }

    pub(crate) fn cannot(&mut self, name: &str) -> Result<(), Refusal> {
        self.answer(name, Reply::Cannot)
    }

    pub(crate) fn hand_over(&mut self, name: &str, to: &str) -> Result<(), Refusal> {
        self.answer(name, Reply::HandOver { to: id(to) })
    }

    /// Something came of an attempt.
    pub(crate) fn settle(&mut self, attempt: &AttemptId, outcome: Outcome) -> Result<(), Refusal> {
        let command = Command::Settle { attempt: attempt.clone(), outcome };
        self.give(&Actor::System, &command)?;
        self.deliver();
        Ok(())
    }

    pub(crate) fn tick(&mut self) {
        self.give(&Actor::System, &Command::Tick).unwrap();
        self.deliver();
    }

    /// Tries what is due, as the engine does after each commit.
    fn deliver(&mut self) {
        while let Some(index) = self.pending.iter().position(|send| send.due_at <= self.now) {
            let send = self.pending.remove(index);
            self.deliver_one(&send);
        }
    }

    fn deliver_one(&mut self, send: &Send) {
        let attempt = self.calling().find_attempt(&send.attempt).unwrap().clone();
        if attempt.state != AttemptState::Planned {
            return;
        }
        if !self.calling().may_send(&attempt) || self.incident.closed.is_some() {
            let command = Command::Withdraw { attempt: send.attempt.clone() };
            return self.give(&Actor::System, &command).unwrap();
        }
        match (self.world)(send) {
            Some(outcome) => {
                let command = Command::Settle { attempt: send.attempt.clone(), outcome };
                self.give(&Actor::System, &command).unwrap();
            }
            None => {
                self.in_flight.insert(send.attempt.clone());
            }
        }
    }

    /// Lets time go on, keeping every wake-up and sending what is due.
    pub(crate) fn pass(&mut self, amount: Duration) {
        let end = self.now.after(amount);
        for _ in 0..100_000 {
            let due = self.pending.iter().map(|send| send.due_at).min();
            let Some(next) = [due, self.wake_up].into_iter().flatten().min() else { break };
            if next > end {
                break;
            }
            self.now = self.now.max(next);
            if due == Some(next) {
                self.deliver();
            } else {
                self.tick();
                assert!(self.wake_up.is_none_or(|at| at > self.now), "the tick left work undone");
            }
        }
        self.now = end;
    }

    /// The clock is set, and the incident is looked at.
    pub(crate) fn set_clock(&mut self, ms: i64) {
        self.now = Timestamp::from_millisecond(self.now.as_millisecond() + ms);
        self.tick();
    }

    pub(crate) fn calling(&self) -> &Escalation {
        self.incident.escalation.as_ref().unwrap()
    }

    pub(crate) fn called(&self, name: &str) -> &Called {
        self.calling().find(&id(name)).unwrap()
    }

    pub(crate) fn status(&self) -> &Status {
        &self.calling().status
    }

    /// Every attempt planned so far, with the time at which it was recorded.
    pub(crate) fn planned(&self) -> impl Iterator<Item = (&AttemptPlanned, Timestamp)> {
        self.ledger.iter().filter_map(|(event, at, _)| match event {
            Event::AttemptPlanned(planned) => Some((planned, *at)),
            _ => None,
        })
    }

    /// Every attempt, as `minutes:seconds person channel why`.
    pub(crate) fn attempts(&self) -> Vec<String> {
        self.planned().map(|(planned, _)| show(planned)).collect()
    }

    /// Those of [`Self::attempts`] that hold `words`.
    pub(crate) fn attempts_of(&self, words: &str) -> Vec<String> {
        self.attempts().into_iter().filter(|line| line.contains(words)).collect()
    }

    /// The attempts planned while `act` was done.
    pub(crate) fn attempts_while(&mut self, act: impl FnOnce(&mut Self)) -> Vec<String> {
        let before = self.attempts().len();
        act(self);
        self.attempts().split_off(before)
    }

    /// The id of the last attempt to that person by that channel.
    pub(crate) fn last(&self, name: &str, channel: &str) -> AttemptId {
        let attempts = self.calling().attempts.iter().rev();
        let mut found = attempts.filter(|a| a.person == id(name) && a.channel == channel);
        found.next().unwrap().id.clone()
    }

    pub(crate) fn state_of(&self, attempt: &AttemptId) -> AttemptState {
        self.calling().find_attempt(attempt).unwrap().state
    }

    /// Those who have joined, in the order of the line.
    pub(crate) fn joined(&self) -> Vec<&str> {
        let called = self.calling().people.iter().filter(|called| called.joined_at.is_some());
        called.map(|called| called.person.as_str()).collect()
    }

    /// The id of the last entry.
    pub(crate) fn last_entry(&self) -> EntryId {
        self.incident.timeline.entries.last().unwrap().id.clone()
    }
}

fn show(planned: &AttemptPlanned) -> String {
    let after = planned.due_at_ms.since(START).as_secs();
    let purpose = match planned.purpose {
        Purpose::Summon => planned.because.word(),
        Purpose::Confirm => "confirm",
        Purpose::Accepted => "accepted",
        Purpose::StoodDown => "stood_down",
    };
    let (minutes, seconds) = (after / 60, after % 60);
    format!("{minutes}:{seconds:02} {} {} {purpose}", planned.person, planned.channel)
}
