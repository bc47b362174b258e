//! Random courses of events: time, outcomes, answers, entries and clock steps, in any order.

use std::time::Duration;

use domain::id::{EntryId, PersonId};
use domain::incident::escalation::How;
use domain::incident::escalation::reply::Reply;
use domain::incident::report::Via;
use domain::incident::timeline::{EntryKind, Happened, Statement};
use domain::incident::{Actor, Command};
use domain::port::{Outcome, Proof, Why};
use domain::time::Timestamp;
use proptest::prelude::*;

use crate::properties::given::Given;
use crate::properties::invariants::Watch;
use crate::world::{Scene, accepted, refused, secs, try_again};

/// What happens next.
#[derive(Debug, Clone)]
pub(crate) enum Move {
    /// Time goes on; every wake-up is kept. Messages stay on their way.
    Seconds(u64),
    /// Nobody looks for a while: a restart, a slow machine.
    Late(u64),
    /// The clock is set.
    Step(i64),
    /// Something comes of the nth message on its way.
    Settle(usize, Came),
    /// The same comes of every message on its way.
    SettleAll(Came),
    /// The nth message on its way is being sent at this moment.
    Sending(usize),
    /// The nth person answers; whether they may is for ippo to say.
    Answer(usize, Said),
    /// "I reached them myself."
    Reached(usize),
    /// It is over, or was nothing.
    StandDown(usize),
    /// Somebody writes.
    Write(usize, usize, Writing),
    /// Somebody closes it.
    Close(usize),
}

/// What came of a message.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Came {
    Arrived(u8),
    TryAgain,
    TryAgainAfter(u64),
    Refused,
    Misconfigured,
    Withdrawn,
}

/// What somebody answers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Said {
    Accept,
    Promise(u32),
    Cannot,
    HandOver(usize),
}

/// What somebody writes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Writing {
    Words,
    Entry,
    Correction,
    Redaction,
    BringIn,
}

fn came() -> impl Strategy<Value = Came> {
    prop_oneof![
        4 => (0_u8..4).prop_map(Came::Arrived),
        3 => Just(Came::TryAgain),
        1 => (0_u64..900).prop_map(Came::TryAgainAfter),
        2 => Just(Came::Refused),
        1 => Just(Came::Misconfigured),
        1 => Just(Came::Withdrawn),
    ]
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        1 => Just(Said::Accept),
        2 => (0_u32..90).prop_map(Said::Promise),
        3 => Just(Said::Cannot),
        2 => (0_usize..12).prop_map(Said::HandOver),
    ]
}

fn writing() -> impl Strategy<Value = Writing> {
    prop_oneof![
        Just(Writing::Words),
        Just(Writing::Entry),
        Just(Writing::Correction),
        Just(Writing::Redaction),
        Just(Writing::BringIn),
    ]
}

impl Move {
    pub(crate) fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            12 => Self::without_people(),
            6 => (0_usize..12, said()).prop_map(|(who, said)| Self::Answer(who, said)),
            2 => (0_usize..12).prop_map(Self::Reached),
            1 => (0_usize..12).prop_map(Self::StandDown),
            3 => (0_usize..12, 0_usize..9, writing())
                .prop_map(|(who, entry, writing)| Self::Write(who, entry, writing)),
            1 => (0_usize..12).prop_map(Self::Close),
        ]
    }

    /// Mostly answers, with little else between them.
    pub(crate) fn of_people() -> impl Strategy<Value = Self> {
        let said = prop_oneof![
            3 => Just(Said::Accept),
            2 => (0_u32..90).prop_map(Said::Promise),
            2 => Just(Said::Cannot),
            5 => (0_usize..12).prop_map(Said::HandOver),
        ];
        prop_oneof![
            8 => (0_usize..6, said).prop_map(|(who, said)| Self::Answer(who, said)),
            2 => (0_u64..900).prop_map(Self::Seconds),
            1 => came().prop_map(Self::SettleAll),
            1 => (0_usize..12).prop_map(Self::Reached),
        ]
    }

    pub(crate) fn without_people() -> impl Strategy<Value = Self> {
        prop_oneof![
            8 => (0_u64..900).prop_map(Self::Seconds),
            1 => (0_u64..7_200).prop_map(Self::Late),
            1 => (-7_200_000_i64..7_200_000).prop_map(Self::Step),
            6 => (0_usize..20, came()).prop_map(|(which, came)| Self::Settle(which, came)),
            3 => came().prop_map(Self::SettleAll),
            1 => (0_usize..20).prop_map(Self::Sending),
        ]
    }
}

/// A calling under way, watched.
pub(crate) struct Course {
    given: Given,
    scene: Scene,
    watch: Watch,
}

impl Course {
    pub(crate) fn begin(given: &Given) -> Self {
        let world = |_: &domain::incident::Send| None;
        let scene = Scene::file(given.directory(), given.policy(), world, &given.report());
        let mut watch = Watch::begin(&scene);
        watch.check(&scene, None);
        Self { given: given.clone(), scene, watch }
    }

    fn give(&mut self, actor: &Actor, command: &Command) {
        if self.scene.give(actor, command).is_ok() {
            self.watch.check(&self.scene, Some(command));
        }
    }

    fn tick(&mut self) {
        self.give(&Actor::System, &Command::Tick);
    }

    pub(crate) fn make(&mut self, made: &Move) {
        match made {
            Move::Seconds(amount) => self.pass(secs(*amount)),
            Move::Late(amount) => {
                self.watch.excuse(secs(*amount));
                self.scene.now = self.scene.now.after(secs(*amount));
                self.tick();
            }
            Move::Step(ms) => {
                let now = self.scene.now.as_millisecond().saturating_add(*ms);
                self.scene.now = Timestamp::from_millisecond(now);
                self.watch.step(&self.scene, *ms);
                self.tick();
            }
            Move::Settle(which, came) => self.settle(*which, *came),
            Move::SettleAll(came) => {
                for _ in 0..self.scene.pending.len() {
                    self.settle(0, *came);
                }
            }
            Move::Sending(which) => {
                if let Some(which) = which.checked_rem(self.scene.pending.len()) {
                    let attempt = self.scene.pending[which].attempt.clone();
                    self.scene.in_flight.insert(attempt);
                }
            }
            Move::Answer(who, said) => self.answer(*who, *said),
            Move::Reached(who) => {
                let command =
                    Command::StateReached { person: self.given.id(*who), how: How::Phone };
                self.give(&self.reporter(), &command);
            }
            Move::StandDown(who) => {
                let actor = if *who < 3 { self.reporter() } else { self.somebody(*who) };
                self.give(&actor, &Command::StandDown { why: "x".into() });
            }
            Move::Write(who, entry, writing) => self.write(*who, *entry, *writing),
            Move::Close(who) => {
                self.give(&self.somebody(*who), &Command::Close { note: String::new() });
            }
        }
    }

    /// Time goes on. What is looked at, is looked at when it was said it would be.
    fn pass(&mut self, amount: Duration) {
        let end = self.scene.now.after(amount);
        while let Some(next) = self.scene.wake_up.filter(|at| *at <= end) {
            self.scene.now = self.scene.now.max(next);
            self.tick();
        }
        self.scene.now = end;
        self.watch.check_gap(&self.scene);
    }

    fn settle(&mut self, which: usize, came: Came) {
        let Some(which) = which.checked_rem(self.scene.pending.len()) else { return };
        let attempt = self.scene.pending.remove(which).attempt;
        self.scene.in_flight.remove(&attempt);
        let outcome = match came {
            Came::Arrived(proof) => accepted(match proof {
                0 => Proof::HandedOver,
                1 => Proof::Delivered,
                2 => Proof::Seen,
                _ => Proof::PickedUp,
            }),
            Came::TryAgain => try_again(),
            Came::TryAgainAfter(amount) => Outcome::TryAgain {
                not_before: Some(self.scene.now.after(secs(amount))),
                why: Why::RateLimited,
            },
            Came::Refused => refused(),
            Came::Misconfigured => {
                Outcome::Misconfigured { field: "mail", why: Why::Authentication }
            }
            Came::Withdrawn => {
                return self.give(&Actor::System, &Command::Withdraw { attempt });
            }
        };
        let command = Command::Settle { attempt, outcome };
        self.give(&Actor::System, &command);
        // A second word about the same message is nothing new, unless it is better news.
        let again = self.scene.ask(&Actor::System, &command).unwrap();
        assert!(again.events.is_empty(), "{:?}", again.events);
    }

    fn answer(&mut self, who: usize, said: Said) {
        let reply = match said {
            Said::Accept => Reply::Accept,
            Said::Promise(minutes) => Reply::Promise { minutes },
            Said::Cannot => Reply::Cannot,
            Said::HandOver(to) => Reply::HandOver { to: self.given.id(to) },
        };
        self.give(&self.somebody(who), &Command::Answer { reply, via: Via::Link });
    }

    fn write(&mut self, who: usize, entry: usize, writing: Writing) {
        let actor = if who < 6 { self.reporter() } else { self.somebody(who) };
        let entries = &self.scene.incident.timeline.entries;
        let found = entry.checked_rem(entries.len()).map(|index| entries[index].id.clone());
        let entry = found.unwrap_or(EntryId::new("ent_none"));
        let happened = self.scene.now.as_millisecond().rem_euclid(7);
        let statement = Statement {
            kind: EntryKind::Guess,
            text: "x".into(),
            happened: Some(Happened::About { about_ms: Timestamp::from_millisecond(happened) }),
            source: None,
            source_ref: None,
            chip: None,
        };
        let why = "y".to_owned();
        let command = match writing {
            Writing::Words => Command::AddWords { text: "more".into() },
            Writing::Entry => Command::AddEntry { statement },
            Writing::Correction => Command::CorrectEntry { entry, statement, why },
            Writing::Redaction => Command::RedactEntry { entry, why },
            Writing::BringIn => Command::BringIn { person: self.given.id(who) },
        };
        self.give(&actor, &command);
    }

    fn reporter(&self) -> Actor {
        Actor::Person(self.scene.incident.report.received.reporter.clone())
    }

    /// One of those in the calling, whether they have been called yet or not. The lead and whoever is offered a
    /// hand-over come first, so that long courses get past them.
    fn somebody(&self, who: usize) -> Actor {
        let escalation = self.scene.calling();
        let named = match who {
            0 => escalation.lead(),
            1 => escalation.hand_over_to.as_ref(),
            _ => None,
        };
        let people = &escalation.people;
        let found = who.checked_rem(people.len()).map(|index| &people[index].person);
        Actor::Person(named.or(found).cloned().unwrap_or(PersonId::new("nobody")))
    }
}
