//! The escalation planner (B2, B3): what is due, and when the next thing will be.
//!
//! A pure function of the state and of how people can be reached now. The engine runs it at each wake-up and the
//! rehearsal runs it against made-up time, so that what is rehearsed is what happens.

use std::time::Duration;

use crate::id::PersonId;
use crate::incident::escalation::{Called, Escalation, Standing, Status};
use crate::route::Routes;
use crate::time::Timestamp;

/// How a person can be reached, as far as the planner needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// By at least one silent channel.
    pub silent: bool,
    /// By at least one telephone.
    pub voice: bool,
}

impl From<&Routes> for Reach {
    fn from(routes: &Routes) -> Self {
        Self { silent: !routes.silent.is_empty(), voice: !routes.voice.is_empty() }
    }
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A promise is over.
    Lapse(PersonId),
    /// Begin a round of silent channels for somebody who has joined.
    Silent(PersonId),
    /// Ring somebody.
    Call(PersonId),
    /// The next person joins.
    Join(PersonId),
    /// Everybody said they cannot: ask them all again.
    Restart,
    /// Nobody in the line can be reached: look whether the directory knows better by now.
    Redraw,
}

/// Everything that will be due, with its time, earliest first. Empty only when nobody has to be reached any more.
#[must_use]
pub fn upcoming(
    escalation: &Escalation,
    reach: &dyn Fn(&PersonId) -> Reach,
    now: Timestamp,
) -> Vec<(Timestamp, Step)> {
    let mut found = match &escalation.status {
        Status::StoodDown { .. } => Vec::new(),
        Status::Accepted { .. } => hand_over(escalation, reach, now),
        Status::Promised { by, until } => {
            // Nothing but the end of the promise. What was due meanwhile follows at once.
            vec![(not_too_far(escalation, *until, now), Step::Lapse(by.clone()))]
        }
        Status::Calling => calling(escalation, reach, now),
    };
    found.sort();
    found
}

fn hand_over(
    escalation: &Escalation,
    reach: &dyn Fn(&PersonId) -> Reach,
    now: Timestamp,
) -> Vec<(Timestamp, Step)> {
    let next = escalation.hand_over_to.as_ref().and_then(|to| escalation.find(to));
    next.map_or_else(Vec::new, |called| {
        person_steps(escalation, called, reach(&called.person), now)
    })
}

fn calling(
    escalation: &Escalation,
    reach: &dyn Fn(&PersonId) -> Reach,
    now: Timestamp,
) -> Vec<(Timestamp, Step)> {
    let policy = &escalation.policy;
    let mut found = Vec::new();
    let mut is_anybody_reachable = false;
    let mut has_anybody_left_it = false;
    for called in &escalation.people {
        let can = reach(&called.person);
        let is_in_play = !matches!(
            called.standing,
            Standing::Cannot | Standing::HandedOver { .. } | Standing::Accepted
        );
        has_anybody_left_it |= !is_in_play;
        is_anybody_reachable |= is_in_play && (can.silent || can.voice);
        found.extend(person_steps(escalation, called, can, now));
    }
    let mut waiting = escalation.people.iter().filter(|c| c.standing == Standing::Waiting);
    if let Some(next) = waiting.next() {
        let joined = escalation.people.iter().filter(|c| c.joined_at.is_some()).count();
        let at = if joined == 0 {
            escalation.started_at.min(now)
        } else {
            paced(escalation.climbed_at, policy.climb_after(joined), now)
        };
        found.push((at, Step::Join(next.person.clone())));
    } else if !is_anybody_reachable {
        // Whoever can be called has said no: ask them again rather than nobody.
        let step = if has_anybody_left_it { Step::Restart } else { Step::Redraw };
        found.push((paced(escalation.changed_at, policy.loop_every, now), step));
    }
    found
}

/// From one round of silent channels to the next, as things stand.
pub(super) fn silent_every(escalation: &Escalation) -> Duration {
    let is_climbing = escalation.people.iter().any(|c| c.standing == Standing::Waiting);
    if is_climbing { escalation.policy.remind_every } else { escalation.policy.loop_every }
}

fn person_steps(
    escalation: &Escalation,
    called: &Called,
    can: Reach,
    now: Timestamp,
) -> Vec<(Timestamp, Step)> {
    let person = || called.person.clone();
    let not_before = match called.standing {
        Standing::Asked => Timestamp::from_millisecond(i64::MIN),
        Standing::StatedReached { until, .. } => not_too_far(escalation, until, now),
        Standing::Promised { until } => {
            return vec![(not_too_far(escalation, until, now), Step::Lapse(person()))];
        }
        Standing::Waiting | Standing::Cannot | Standing::HandedOver { .. } | Standing::Accepted => {
            return Vec::new();
        }
    };
    let Some(joined_at) = called.joined_at else { return Vec::new() };
    let mut found = Vec::new();
    if can.silent {
        let every = silent_every(escalation);
        let at = called.silent_at.map_or(joined_at.min(now), |last| paced(last, every, now));
        found.push((at.max(not_before), Step::Silent(person())));
    }
    if can.voice {
        let first = if can.silent {
            paced(joined_at, escalation.policy.voice_after, now)
        } else {
            // With no other way there is nothing to wait for.
            joined_at.min(now)
        };
        let at = next_call(escalation, called, first, now);
        found.push((at.max(not_before), Step::Call(person())));
    }
    found
}

/// When a person may be rung next: the pace between calls, and never more than the policy's number in its window.
fn next_call(
    escalation: &Escalation,
    called: &Called,
    first: Timestamp,
    now: Timestamp,
) -> Timestamp {
    let policy = &escalation.policy;
    let made: Vec<Timestamp> = called.calls.iter().copied().filter(|call| *call <= now).collect();
    let Some(last) = made.last() else { return first };
    let oldest = usize::try_from(policy.voice_calls_max)
        .ok()
        .and_then(|max| made.len().checked_sub(max))
        .and_then(|oldest| made.get(oldest));
    let next = last.after(policy.voice_every);
    oldest.map_or(next, |oldest| oldest.after(policy.voice_within).max(next))
}

/// `every` after `last`; at once when `last` lies in the future, which only a clock that was set back can cause.
fn paced(last: Timestamp, every: Duration, now: Timestamp) -> Timestamp {
    if last > now { now } else { last.after(every) }
}

/// The end of a pause; now, when it is further away than any pause may be: then the clock was set back.
fn not_too_far(escalation: &Escalation, until: Timestamp, now: Timestamp) -> Timestamp {
    if until <= now.after(escalation.policy.promise_max) { until } else { now }
}

/// Whether a person may be rung now without passing the cap, whatever the pace.
#[must_use]
pub fn may_call_now(escalation: &Escalation, called: &Called, now: Timestamp) -> bool {
    let policy = &escalation.policy;
    let in_window = called
        .calls
        .iter()
        .filter(|call| **call <= now && call.after(policy.voice_within) > now)
        .count();
    usize::try_from(policy.voice_calls_max).is_ok_and(|max| in_window < max)
}

/// When the incident has to be looked at next. `None` only when nobody has to be reached any more.
#[must_use]
pub fn next_wake_up(
    escalation: &Escalation,
    reach: &dyn Fn(&PersonId) -> Reach,
    now: Timestamp,
) -> Option<Timestamp> {
    if !escalation.is_open() {
        return None;
    }
    // A heartbeat: whatever else is planned, an open calling is looked at again within one round.
    let heartbeat = now.after(escalation.policy.loop_every);
    let planned = upcoming(escalation, reach, now).into_iter().map(|(at, _)| at).next();
    Some(planned.map_or(heartbeat, |at| at.min(heartbeat)))
}
