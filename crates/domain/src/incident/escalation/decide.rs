//! What follows from time passing and from what came of attempts (B2, B4).

use std::time::Duration;

use crate::id::{AttemptId, PersonId};
use crate::incident::escalation::event::{
    AttemptOutcome, AttemptPlanned, CallingStarted, JoinWhy, LineExtended, LineRestarted,
    PersonJoined, PromiseLapsed,
};
use crate::incident::escalation::planner::{self, Step};
use crate::incident::escalation::{Attempt, AttemptState, AttemptWhy, Standing, Status};
use crate::incident::report::Note;
use crate::incident::{Draft, Event, Refusal, Send};
use crate::line::{Because, responsible_line};
use crate::port::{Outcome, Purpose};
use crate::route::{Route, Routes};
use crate::time::Timestamp;

/// The most steps one tick takes; what is left is due at once and taken by the next.
const STEPS_MAX: usize = 64;

/// The first pause before the same way is tried again; it doubles each time.
const RETRY_FIRST: Duration = Duration::from_secs(5);

/// Draws the line and calls the first person.
pub(in crate::incident) fn start(draft: &mut Draft<'_>) {
    let report = &draft.state.report.received;
    let line = responsible_line(
        draft.facts.directory,
        &report.reporter,
        report.project.as_ref(),
        draft.facts.now,
    );
    if line.is_everybody_away {
        draft.notes.push(Note::EverybodyAway);
    }
    if line.members.is_empty() {
        draft.notes.push(Note::NobodyToCall);
    }
    draft.record(Event::CallingStarted(CallingStarted {
        line: line.members,
        passed_over: line.passed_over,
        is_everybody_away: line.is_everybody_away,
        policy: draft.facts.policy.clone(),
    }));
    tick(draft);
}

/// Does everything that is due now.
pub(in crate::incident) fn tick(draft: &mut Draft<'_>) {
    for _ in 0..STEPS_MAX {
        let now = draft.facts.now;
        let Some(escalation) = draft.state.escalation.as_ref() else { return };
        let reach = |person: &PersonId| draft.reach(person);
        let due = planner::upcoming(escalation, &reach, now);
        let Some((_, step)) = due.into_iter().next().filter(|(at, _)| *at <= now) else { return };
        take(draft, step);
    }
}

fn take(draft: &mut Draft<'_>, step: Step) {
    match step {
        Step::Lapse(person) => {
            draft.record(Event::PromiseLapsed(PromiseLapsed { person }));
        }
        Step::Silent(person) => {
            let is_first = draft
                .state
                .escalation
                .as_ref()
                .and_then(|e| e.find(&person))
                .is_some_and(|called| called.silent_at.is_none() && called.calls.is_empty());
            let because = if is_first { AttemptWhy::Joined } else { AttemptWhy::Reminder };
            send_silent(draft, &person, because);
        }
        Step::Call(person) => call(draft, &person, AttemptWhy::Call),
        Step::Join(person) => join(draft, person, JoinWhy::InTurn),
        Step::Restart => draft.record(Event::LineRestarted(LineRestarted {})),
        Step::Redraw => redraw(draft),
    }
}

fn redraw(draft: &mut Draft<'_>) {
    let report = &draft.state.report.received;
    let now = draft.facts.now;
    let line =
        responsible_line(draft.facts.directory, &report.reporter, report.project.as_ref(), now);
    let known = draft.state.escalation.as_ref();
    let is_new = |person: &PersonId| known.is_some_and(|e| e.find(person).is_none());
    let line = line.members.into_iter().filter(|member| is_new(&member.person)).collect();
    draft.record(Event::LineExtended(LineExtended { line }));
}

/// Calls a person from now on; goes on to the next at once when there is no way to reach them.
pub(super) fn join(draft: &mut Draft<'_>, person: PersonId, why: JoinWhy) {
    let mut next = Some((person, why));
    while let Some((person, why)) = next.take() {
        let called = draft.state.escalation.as_ref().and_then(|e| e.find(&person));
        let because = called.map_or(Because::HandedOver, |called| called.because);
        let is_unreachable = draft.routes(&person).is_empty();
        draft.record(Event::PersonJoined(PersonJoined {
            person: person.clone(),
            because,
            why,
            is_unreachable,
        }));
        if is_unreachable && matches!(draft.status(), Some(Status::Calling)) {
            next = next_waiting(draft).map(|person| (person, JoinWhy::Unreachable));
        } else if !matches!(draft.status(), Some(Status::Promised { .. })) {
            // During a promise nobody is called; the round begins by itself when the promise is over.
            send_silent(draft, &person, AttemptWhy::Joined);
        }
    }
}

pub(super) fn next_waiting(draft: &Draft<'_>) -> Option<PersonId> {
    let escalation = draft.state.escalation.as_ref()?;
    escalation
        .people
        .iter()
        .find(|called| called.standing == Standing::Waiting)
        .map(|called| called.person.clone())
}

fn send_silent(draft: &mut Draft<'_>, person: &PersonId, because: AttemptWhy) {
    for route in living(draft, person, |routes| routes.silent) {
        plan(draft, person, &route, Purpose::Summon, because, draft.facts.now);
    }
}

fn call(draft: &mut Draft<'_>, person: &PersonId, because: AttemptWhy) {
    let made = draft
        .state
        .escalation
        .as_ref()
        .and_then(|escalation| escalation.find(person))
        .map_or(0, |called| called.calls.len());
    let routes = living(draft, person, |routes| routes.voice);
    // One number after the other, so that a dead one does not take all the calls.
    if let Some(route) = made.checked_rem(routes.len()).and_then(|turn| routes.get(turn)) {
        plan(draft, person, route, Purpose::Summon, because, draft.facts.now);
    }
}

/// The routes that were not refused for good; all of them when every one was, because nobody is ever given up.
pub(super) fn living(
    draft: &Draft<'_>,
    person: &PersonId,
    which: impl Fn(Routes) -> Vec<Route>,
) -> Vec<Route> {
    let routes = which(draft.routes(person));
    let called = draft.state.escalation.as_ref().and_then(|escalation| escalation.find(person));
    let is_dead = |route: &Route| {
        called.is_some_and(|called| {
            called
                .dead
                .iter()
                .any(|(channel, hint)| *channel == route.channel && *hint == route.hint)
        })
    };
    let living: Vec<Route> = routes.iter().filter(|route| !is_dead(route)).cloned().collect();
    if living.is_empty() { routes } else { living }
}

pub(super) fn plan(
    draft: &mut Draft<'_>,
    person: &PersonId,
    route: &Route,
    purpose: Purpose,
    because: AttemptWhy,
    due_at: Timestamp,
) {
    let Some(escalation) = draft.state.escalation.as_ref() else { return };
    let nth = u32::try_from(escalation.attempts.len()).unwrap_or(u32::MAX).saturating_add(1);
    let earlier = escalation
        .attempts
        .iter()
        .filter(|a| a.person == *person && a.channel == route.channel && a.purpose == purpose)
        .count();
    let attempt = AttemptId::nth(&draft.state.id, nth);
    draft.sends.push(Send {
        attempt: attempt.clone(),
        person: person.clone(),
        channel: route.channel.clone(),
        address: route.address.clone(),
        due_at,
    });
    draft.record(Event::AttemptPlanned(AttemptPlanned {
        attempt,
        person: person.clone(),
        channel: route.channel.clone(),
        hint: route.hint.clone(),
        number: u32::try_from(earlier).unwrap_or(u32::MAX).saturating_add(1),
        purpose,
        because,
        due_at_ms: due_at,
        is_call: draft.is_call(&route.channel),
    }));
}

/// Records what came of an attempt and, when it failed, goes on at once (B4).
pub(in crate::incident) fn settle(
    draft: &mut Draft<'_>,
    id: &AttemptId,
    outcome: &Outcome,
) -> Result<(), Refusal> {
    let attempt = draft.state.escalation.as_ref().and_then(|e| e.find_attempt(id)).cloned();
    let Some(attempt) = attempt else { return Err(Refusal::UnknownAttempt) };
    let recorded = to_event(id, outcome);
    let is_news = attempt.state == AttemptState::Planned
        || attempt.state == AttemptState::Cancelled
        || recorded.state > attempt.state;
    if !is_news {
        return Ok(());
    }
    let has_failed = recorded.state == AttemptState::Failed;
    draft.record(Event::AttemptOutcome(recorded));
    let is_summons = matches!(attempt.purpose, Purpose::Summon | Purpose::Confirm);
    if has_failed && is_summons && attempt.state == AttemptState::Planned {
        if let Outcome::TryAgain { not_before, .. } = outcome {
            retry(draft, &attempt, *not_before);
        }
        go_on_after_failure(draft, &attempt.person);
    }
    Ok(())
}

fn to_event(attempt: &AttemptId, outcome: &Outcome) -> AttemptOutcome {
    let mut event = AttemptOutcome {
        attempt: attempt.clone(),
        state: AttemptState::Failed,
        why: None,
        is_final: false,
        field: None,
        provider_ref: None,
    };
    match outcome {
        Outcome::Accepted { provider_ref, proof } => {
            event.state = AttemptState::from(*proof);
            event.provider_ref.clone_from(provider_ref);
        }
        Outcome::TryAgain { why, .. } => event.why = Some(*why),
        Outcome::Refused { why } => {
            event.why = Some(*why);
            event.is_final = true;
        }
        Outcome::Misconfigured { field, why } => {
            event.why = Some(*why);
            event.field = Some((*field).to_owned());
        }
    }
    event
}

/// Plans the same way once more, later each time, as long as it comes before the next round anyway.
fn retry(draft: &mut Draft<'_>, failed: &Attempt, not_before: Option<Timestamp>) {
    let Some(escalation) = draft.state.escalation.as_ref() else { return };
    let Some(called) = escalation.find(&failed.person) else { return };
    if draft.is_call(&failed.channel) || !may_still_be_called(draft, &failed.person) {
        return;
    }
    let same = |attempt: &&Attempt| {
        attempt.person == failed.person
            && attempt.channel == failed.channel
            && attempt.hint == failed.hint
    };
    let failures = escalation
        .attempts
        .iter()
        .rev()
        .filter(same)
        .take_while(|attempt| attempt.state == AttemptState::Failed)
        .count();
    let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or(u32::MAX).min(16);
    let pause = RETRY_FIRST.saturating_mul(2_u32.saturating_pow(doublings));
    let every = planner::silent_every(escalation);
    let at = draft.facts.now.after(pause.min(every));
    let at = at.max(not_before.unwrap_or(draft.facts.now));
    let next_round = called.silent_at.map(|last| last.after(every));
    if next_round.is_some_and(|round| at >= round) {
        return;
    }
    let route = living(draft, &failed.person, |routes| routes.silent)
        .into_iter()
        .find(|route| route.channel == failed.channel && route.hint == failed.hint);
    if let Some(route) = route {
        plan(draft, &failed.person, &route, failed.purpose, AttemptWhy::Retry, at);
    }
}

fn may_still_be_called(draft: &Draft<'_>, person: &PersonId) -> bool {
    let Some(escalation) = draft.state.escalation.as_ref() else { return false };
    let is_turn = match escalation.status {
        Status::Calling => true,
        Status::Accepted { .. } => escalation.hand_over_to.as_ref() == Some(person),
        Status::Promised { .. } | Status::StoodDown { .. } => false,
    };
    let now = draft.facts.now;
    is_turn
        && escalation.find(person).is_some_and(|called| match called.standing {
            Standing::Asked => true,
            // Stated as reached, but the time to confirm it is over: they are called again.
            Standing::StatedReached { until, .. } => until <= now,
            Standing::Waiting
            | Standing::Promised { .. }
            | Standing::Cannot
            | Standing::HandedOver { .. }
            | Standing::Accepted => false,
        })
}

/// Rings the person, or else calls the next one, when nothing of what was sent to them is on its way.
fn go_on_after_failure(draft: &mut Draft<'_>, person: &PersonId) {
    if !may_still_be_called(draft, person) || is_anything_on_its_way(draft, person) {
        return;
    }
    let Some(escalation) = draft.state.escalation.as_ref() else { return };
    let Some(called) = escalation.find(person) else { return };
    let may_call = called.calls.is_empty()
        && planner::may_call_now(escalation, called, draft.facts.now)
        && !draft.routes(person).voice.is_empty();
    if may_call {
        call(draft, person, AttemptWhy::Fallback);
        return;
    }
    let asked = escalation.people.iter().filter(|called| called.standing == Standing::Asked);
    let is_nobody_reached = asked.clone().all(|c| !is_anything_on_its_way(draft, &c.person));
    if is_nobody_reached
        && matches!(escalation.status, Status::Calling)
        && let Some(next) = next_waiting(draft)
    {
        join(draft, next, JoinWhy::Failed);
    }
}

/// Whether something of the person's latest round may still arrive or has arrived.
fn is_anything_on_its_way(draft: &Draft<'_>, person: &PersonId) -> bool {
    let Some(escalation) = draft.state.escalation.as_ref() else { return false };
    let round = escalation.find(person).and_then(|called| called.silent_at);
    escalation
        .attempts
        .iter()
        .rev()
        .filter(|a| a.person == *person && matches!(a.purpose, Purpose::Summon | Purpose::Confirm))
        .take_while(|a| round.is_none_or(|round| a.planned_at >= round))
        .any(|attempt| match attempt.state {
            // A repeat that waits for its time is hope, not a message on its way.
            AttemptState::Planned => attempt.because != AttemptWhy::Retry,
            AttemptState::HandedOver
            | AttemptState::Delivered
            | AttemptState::Seen
            | AttemptState::PickedUp => true,
            AttemptState::Failed | AttemptState::Cancelled => false,
        })
}
