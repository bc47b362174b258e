//! What must be true after every step, whatever happened.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::id::AttemptId;
use domain::incident::escalation::event::AttemptPlanned;
use domain::incident::escalation::{AttemptState, Status};
use domain::incident::timeline::Place;
use domain::incident::{Actor, Command, Event, Incident, Recorded};
use domain::port::Purpose;
use domain::route::routes;
use domain::time::Timestamp;

use crate::world::Scene;

/// The most that one look can lead to: a round, a call and a join for each of twelve people, with room for repeats.
const EVENTS_AT_MOST: usize = 12 * 8;

/// Watches a calling from outside, with a memory of its own.
pub(crate) struct Watch {
    /// How many events have been seen.
    seen: usize,
    /// The state as it was before them.
    before: Option<Incident>,
    attempts: BTreeSet<AttemptId>,
    /// When somebody was last tried or joined, or a person last said something.
    mark: Timestamp,
    /// How late somebody looked since then.
    late: Duration,
    was_set_back: bool,
}

impl Watch {
    pub(crate) const fn begin(scene: &Scene) -> Self {
        Self {
            seen: 0,
            before: None,
            attempts: BTreeSet::new(),
            mark: scene.now,
            late: Duration::ZERO,
            was_set_back: false,
        }
    }

    /// Nobody looked for so long: the gap may be longer by that.
    pub(crate) fn excuse(&mut self, amount: Duration) {
        self.late += amount;
    }

    /// The clock was set: from here the gap is counted anew.
    pub(crate) fn step(&mut self, scene: &Scene, ms: i64) {
        (self.mark, self.late) = (scene.now, Duration::ZERO);
        self.was_set_back |= ms < 0;
    }

    /// Checks everything after a decision. The fold itself is compared by [`Scene`].
    pub(crate) fn check(&mut self, scene: &Scene, command: Option<&Command>) {
        let escalation = self.before.as_ref().and_then(|incident| incident.escalation.as_ref());
        let status = escalation.map(|escalation| escalation.status.clone());
        self.read_new_events(scene, command);
        self.check_gap(scene);
        check_wake_up(scene);
        check_people(scene);
        match command {
            Some(Command::Tick) => check_tick(scene),
            Some(Command::Settle { .. } | Command::Withdraw { .. }) => {
                // What came of a message never counts as an answer.
                assert_eq!(status.as_ref(), Some(scene.status()));
            }
            Some(_) | None => {}
        }
    }

    fn read_new_events(&mut self, scene: &Scene, command: Option<&Command>) {
        for (index, (event, at, actor)) in scene.ledger.iter().enumerate().skip(self.seen) {
            let place = Place { seq: index as u64 + 1, at: *at, actor };
            self.check_event(scene, event, command);
            let recorded = Recorded::Known(Box::new(event.clone()));
            match self.before.as_mut() {
                Some(incident) => incident.evolve(&recorded, place),
                None => self.before = Incident::fold(&scene.incident.id, [(recorded, place)]),
            }
        }
        self.seen = scene.ledger.len();
    }

    fn check_event(&mut self, scene: &Scene, event: &Event, command: Option<&Command>) {
        match event {
            Event::AttemptPlanned(planned) => {
                assert!(self.attempts.insert(planned.attempt.clone()), "{planned:?} came twice");
                self.check_wanted(planned);
                if planned.is_call {
                    self.check_cap(scene, planned);
                }
                let is_repeat = planned.because == domain::incident::escalation::AttemptWhy::Retry;
                if !is_repeat && planned.purpose == Purpose::Summon {
                    self.marked(scene);
                }
            }
            Event::PersonJoined(_)
            | Event::AnswerGiven(_)
            | Event::PromiseLapsed(_)
            | Event::ReachedStated(_) => self.marked(scene),
            Event::AttemptOutcome(outcome) => {
                let by_time = matches!(command, Some(Command::Tick));
                assert!(!by_time, "time alone took back {outcome:?}");
            }
            _ => {}
        }
    }

    const fn marked(&mut self, scene: &Scene) {
        (self.mark, self.late) = (scene.now, Duration::ZERO);
    }

    /// Nobody is summoned once somebody has it, but the one to whom it is offered; nobody during a promise.
    fn check_wanted(&self, planned: &AttemptPlanned) {
        let escalation = self.before.as_ref().and_then(|incident| incident.escalation.as_ref());
        let escalation = escalation.unwrap();
        let is_offered = escalation.hand_over_to.as_ref() == Some(&planned.person);
        let may = match (&escalation.status, planned.purpose) {
            (Status::Calling, Purpose::Summon | Purpose::Confirm) => true,
            (Status::Promised { .. }, Purpose::Confirm) => true,
            (Status::Accepted { .. }, Purpose::Summon | Purpose::Confirm) => is_offered,
            (Status::Accepted { .. }, Purpose::Accepted) => true,
            (Status::StoodDown { .. }, Purpose::StoodDown) => true,
            _ => false,
        };
        assert!(may, "{planned:?} during {:?}", escalation.status);
        assert!(self.before.as_ref().is_some_and(|incident| incident.closed.is_none()));
    }

    /// No more calls to one person than the policy allows in its window.
    fn check_cap(&self, scene: &Scene, planned: &AttemptPlanned) {
        if self.was_set_back {
            return;
        }
        let policy = &scene.calling().policy;
        let calls = &scene.calling().find(&planned.person).unwrap().calls;
        for (index, call) in calls.iter().enumerate() {
            let window = calls.iter().skip(index).filter(|c| c.since(*call) < policy.voice_within);
            assert!(window.count() <= policy.voice_calls_max as usize, "{calls:?}");
        }
    }

    /// While somebody has to be reached and somebody can be, nobody is left alone for longer than the longest gap.
    pub(crate) fn check_gap(&self, scene: &Scene) {
        let escalation = scene.calling();
        let can = |person| {
            let (directory, channels) = (&scene.directory, &scene.channels);
            !routes(directory, channels, &escalation.policy, person).is_empty()
        };
        let is_due = scene.incident.closed.is_none()
            && match &escalation.status {
                Status::Calling => escalation.people.iter().any(|called| can(&called.person)),
                Status::Accepted { .. } => escalation.hand_over_to.as_ref().is_some_and(can),
                Status::Promised { .. } | Status::StoodDown { .. } => false,
            };
        let gap = scene.now.since(self.mark);
        // A clock that was set back may stretch one pause that had begun before it, by no more than another pause.
        let pauses = if self.was_set_back { 2 } else { 1 };
        let most = escalation.policy.longest_gap() * pauses + self.late;
        assert!(!is_due || gap <= most, "{gap:?} without a try, {most:?} at most");
    }
}

/// An open calling is looked at again within the longest gap; any other never.
fn check_wake_up(scene: &Scene) {
    let escalation = scene.calling();
    if escalation.is_open() && scene.incident.closed.is_none() {
        let latest = scene.now.after(escalation.policy.longest_gap());
        assert!(scene.wake_up.is_some_and(|at| at <= latest), "{:?}", scene.wake_up);
    } else {
        assert_eq!(scene.wake_up, None);
    }
}

fn check_people(scene: &Scene) {
    let escalation = scene.calling();
    let reporter = &scene.incident.report.received.reporter;
    let mut people = BTreeSet::new();
    for called in &escalation.people {
        assert!(called.person != *reporter, "the reporter is called");
        assert!(people.insert(&called.person), "{} stands in it twice", called.person);
    }
    for attempt in &escalation.attempts {
        let is_settled = attempt.state != AttemptState::Planned;
        assert_eq!(is_settled, attempt.settled_at.is_some());
    }
}

/// A look does all that is due, once.
fn check_tick(scene: &Scene) {
    let new = scene.ledger.len() - scene.seen;
    assert!(new <= EVENTS_AT_MOST, "{new} events in one look");
    assert!(scene.wake_up.is_none_or(|at| at > scene.now), "something is left to do");
    let again = scene.ask(&Actor::System, &Command::Tick).unwrap();
    assert!(again.events.is_empty(), "{:?}", again.events);
}
