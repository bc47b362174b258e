//! The figure of the line of people: of a calling as it stands now, and of a rehearsal.

use std::collections::BTreeMap;

use domain::id::PersonId;
use domain::incident::escalation::planner::Step;
use domain::incident::escalation::{
    self, Answer, AttemptState, Called, Escalation, Standing as Stands, Status,
};
use domain::policy::CONFIRM_WITHIN;
use domain::port::Purpose;
use domain::rehearsal::{HORIZON, Rehearsal};
use domain::time::{Timestamp, millis};

use crate::page::Visit;
use crate::page::show::line::is_unreachable;
use crate::page::show::{Scene, channel_word};
use crate::view::lanes::{Facts, Figure, Lane, Mark, Point, Standing};

/// How many people who are still waiting have a lane.
const WAITING_MAX: usize = 2;
/// How many lanes a rehearsal has at most.
const LANES_MAX: usize = 8;

/// The mark of an attempt.
pub(crate) const fn mark(state: AttemptState) -> Mark {
    match state {
        AttemptState::Planned => Mark::Planned,
        AttemptState::Cancelled => Mark::Cancelled,
        AttemptState::Failed => Mark::Failed,
        AttemptState::HandedOver => Mark::HandedOver,
        AttemptState::Delivered => Mark::Delivered,
        AttemptState::Seen => Mark::Seen,
        AttemptState::PickedUp => Mark::PickedUp,
    }
}

/// When the reporter stated that they reached somebody, from when calling resumes.
pub(crate) fn stated_at(escalation: &Escalation, until: Timestamp) -> Timestamp {
    let pause = CONFIRM_WITHIN.min(escalation.policy.promise_max);
    Timestamp::from_millisecond(until.as_millisecond().saturating_sub(millis(pause)))
}

impl Scene<'_> {
    /// Whether nobody has to be called any more.
    fn is_settled(&self) -> bool {
        self.incident.closed.is_some()
            || self.escalation().is_none_or(|e| {
                matches!(e.status, Status::Accepted { .. } | Status::StoodDown { .. })
            })
    }

    /// Whether some contact of the person may still work.
    pub(crate) fn is_reachable(&self, called: &Called) -> bool {
        let routes = self.routes(&called.person);
        let is_dead = |channel: &str, hint: &str| {
            called.dead.iter().any(|(dead, dead_hint)| dead == channel && dead_hint == hint)
        };
        routes.silent.iter().chain(&routes.voice).any(|r| !is_dead(&r.channel, &r.hint))
    }

    /// Where a person stands.
    pub(crate) fn standing(&self, called: &Called) -> Standing {
        let status = self.escalation().map(|escalation| &escalation.status);
        let hand_over_to = self.escalation().and_then(|e| e.hand_over_to.as_ref());
        let is_asked_to_take_over =
            self.incident.closed.is_none() && hand_over_to == Some(&called.person);
        let is_over = self.is_settled() && !is_asked_to_take_over;
        match &called.standing {
            Stands::Accepted => Standing::Accepted,
            Stands::Cannot => Standing::Cannot,
            Stands::HandedOver { .. } => Standing::Stopped,
            _ if is_over => Standing::Stopped,
            Stands::StatedReached { .. } => Standing::Stated,
            Stands::Promised { .. } => Standing::Promised,
            Stands::Asked if is_promise_of(status, &called.person) => Standing::Promised,
            Stands::Asked | Stands::Waiting if !self.is_reachable(called) => Standing::Unreachable,
            Stands::Asked => Standing::Calling,
            Stands::Waiting => Standing::Waiting,
        }
    }

    /// The figure of the calling, with what comes next where it is not over.
    pub(crate) fn figure(&self, upcoming: &[(Timestamp, Step)]) -> Figure {
        let Some(escalation) = self.escalation() else {
            let start = self.incident.report.at.as_millisecond();
            let facts = Facts { start_ms: start, now_ms: None, end_ms: start, lanes: Vec::new() };
            return Figure::lay_out(self.w, &facts);
        };
        let joins = expected_joins(escalation, upcoming, self.now);
        let next = self.next_points(upcoming);
        let is_over = self.is_settled();
        let mut end_ms = self.end_of(escalation);
        if !is_over {
            let planned = next.values().map(|point: &Point| point.at_ms);
            end_ms = planned.fold(end_ms.max(self.now.as_millisecond()), i64::max);
        }
        let mut waiting = 0_usize;
        let mut lanes = Vec::new();
        for called in &escalation.people {
            if called.joined_at.is_none() {
                waiting = waiting.saturating_add(1);
                if waiting > WAITING_MAX {
                    continue;
                }
            }
            let joins_at = joins.get(&called.person).map_or(end_ms, |at| at.as_millisecond());
            let joins_at_ms = if is_over && called.joined_at.is_none() { end_ms } else { joins_at };
            let mut points = self.points(escalation, called);
            points.extend(next.get(&called.person).filter(|_| !is_over).cloned());
            let name = self.name(&called.person).to_owned();
            lanes.push(Lane { name, standing: self.standing(called), joins_at_ms, points });
        }
        let now_ms = (!is_over).then(|| self.now.as_millisecond());
        let start_ms = escalation.started_at.as_millisecond();
        Figure::lay_out(self.w, &Facts { start_ms, now_ms, end_ms, lanes })
    }

    /// When the figure ends, as far as the past goes.
    fn end_of(&self, escalation: &Escalation) -> i64 {
        let ended = match &escalation.status {
            Status::Accepted { at, .. } | Status::StoodDown { at, .. } => Some(*at),
            Status::Calling | Status::Promised { .. } => None,
        };
        ended.unwrap_or(escalation.started_at).as_millisecond()
    }

    /// What was tried and answered. News that asks nothing is not a try.
    fn points(&self, escalation: &Escalation, called: &Called) -> Vec<Point> {
        let mut points: Vec<Point> = escalation
            .attempts
            .iter()
            .filter(|a| a.person == called.person)
            .filter(|a| matches!(a.purpose, Purpose::Summon | Purpose::Confirm))
            .map(|a| Point {
                at_ms: attempt_at(a).as_millisecond(),
                mark: mark(a.state),
                channel: channel_word(self.w, &a.channel),
            })
            .collect();
        let answer = |at: Timestamp, mark| Point {
            at_ms: at.as_millisecond(),
            mark,
            channel: String::new(),
        };
        for given in escalation.answers.iter().filter(|given| given.person == called.person) {
            points.extend(answer_mark(&given.answer).map(|mark| answer(given.at, mark)));
        }
        if let Stands::StatedReached { until, .. } = called.standing {
            points.push(answer(stated_at(escalation, until), Mark::Stated));
        }
        points
    }

    /// The next thing for each person.
    fn next_points(&self, upcoming: &[(Timestamp, Step)]) -> BTreeMap<PersonId, Point> {
        let mut found = BTreeMap::new();
        for (at, step) in upcoming {
            let Some((person, channel)) = self.step_channel(step) else { continue };
            let at_ms = (*at).max(self.now).as_millisecond();
            let point = Point { at_ms, mark: Mark::Planned, channel };
            found.entry(person.clone()).or_insert(point);
        }
        found
    }

    /// Whom a step reaches, and by which channel in words; nothing for steps that reach nobody.
    pub(crate) fn step_channel<'b>(&self, step: &'b Step) -> Option<(&'b PersonId, String)> {
        let (Step::Silent(person) | Step::Call(person) | Step::Join(person)) = step else {
            return None;
        };
        let routes = self.routes(person);
        let ways = match step {
            Step::Call(_) => &routes.voice,
            _ if routes.silent.is_empty() => &routes.voice,
            _ => &routes.silent,
        };
        let mut words: Vec<String> = Vec::new();
        for route in ways {
            let word = channel_word(self.w, &route.channel);
            if !words.contains(&word) {
                words.push(word);
            }
        }
        (!words.is_empty()).then(|| (person, words.join(&self.w.t("list-comma"))))
    }
}

fn is_promise_of(status: Option<&Status>, person: &PersonId) -> bool {
    matches!(status, Some(Status::Promised { by, .. }) if by == person)
}

/// The moment at which an attempt is shown: when it was made, or when it was taken back.
pub(crate) fn attempt_at(attempt: &escalation::Attempt) -> Timestamp {
    let is_cancelled = attempt.state == AttemptState::Cancelled;
    let settled = attempt.settled_at.filter(|at| is_cancelled && *at < attempt.due_at);
    settled.unwrap_or(attempt.due_at)
}

const fn answer_mark(answer: &Answer) -> Option<Mark> {
    match answer {
        Answer::Accept => Some(Mark::Accepted),
        Answer::Promise { .. } => Some(Mark::Promised),
        Answer::Cannot => Some(Mark::Cannot),
        Answer::HandOver { .. } => None,
    }
}

/// When each person joined, or will if nobody answers.
pub(crate) fn expected_joins(
    escalation: &Escalation,
    upcoming: &[(Timestamp, Step)],
    now: Timestamp,
) -> BTreeMap<PersonId, Timestamp> {
    let mut joins = BTreeMap::new();
    let mut joined = escalation.people.iter().filter(|called| called.joined_at.is_some()).count();
    let mut next = upcoming.iter().find_map(|(at, step)| match step {
        Step::Join(_) => Some((*at).max(now)),
        _ => None,
    });
    for called in &escalation.people {
        if let Some(at) = called.joined_at {
            joins.insert(called.person.clone(), at);
        } else if let Some(at) = next {
            joins.insert(called.person.clone(), at);
            joined = joined.saturating_add(1);
            next = Some(at.after(escalation.policy.climb_after(joined)));
        }
    }
    joins
}

/// The figure of a rehearsal that begins at `at`.
pub(crate) fn rehearsal_figure(visit: &Visit, rehearsal: &Rehearsal, at: Timestamp) -> Figure {
    let world = visit.app.engine().world();
    let lane = |(index, found): (usize, &domain::rehearsal::RehearsedMember)| {
        let person = &found.member.person;
        let after = found.joins_after.unwrap_or_else(|| world.policy.joins_after(index));
        let points = rehearsal.steps.iter().filter(|step| step.person == *person);
        let is_lost = is_unreachable(rehearsal, person);
        Lane {
            name: world.directory.name_of(person).to_owned(),
            standing: if is_lost { Standing::Unreachable } else { Standing::Waiting },
            joins_at_ms: at.after(after).as_millisecond(),
            points: points
                .map(|step| Point {
                    at_ms: at.after(step.after).as_millisecond(),
                    mark: Mark::Planned,
                    channel: channel_word(visit.w, &step.channel),
                })
                .collect(),
        }
    };
    let lanes: Vec<Lane> = rehearsal.line.iter().enumerate().take(LANES_MAX).map(lane).collect();
    let last = rehearsal.steps.iter().map(|step| step.after).max().unwrap_or(HORIZON);
    let facts = Facts {
        start_ms: at.as_millisecond(),
        now_ms: None,
        end_ms: at.after(last).as_millisecond(),
        lanes,
    };
    Figure::lay_out(visit.w, &facts)
}
