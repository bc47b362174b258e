//! What follows from what people say: answers, "I reached them myself", stand-down (B3, A6, A1).

use std::time::Duration;

use crate::id::{AttemptId, PersonId};
use crate::incident::escalation::decide::{join, living, next_waiting, plan, tick};
use crate::incident::escalation::event::{
    AnswerGiven, AttemptOutcome, JoinWhy, ReachedStated, StoodDown,
};
use crate::incident::escalation::{Answer, AttemptState, AttemptWhy, How, Standing, Status};
use crate::incident::report::{Note, Via};
use crate::incident::{Actor, Draft, Event, Refusal};
use crate::policy::CONFIRM_WITHIN;
use crate::port::Purpose;
use crate::route::Route;

/// What a person answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// "I have it."
    Accept,
    /// "With you in N minutes."
    Promise {
        /// From 1; the policy's longest at most.
        minutes: u32,
    },
    /// "I cannot."
    Cannot,
    /// "They should have it."
    HandOver {
        /// Who.
        to: PersonId,
    },
}

/// Takes an answer.
pub(in crate::incident) fn answer(
    draft: &mut Draft<'_>,
    person: &PersonId,
    reply: &Reply,
    via: Via,
) -> Result<(), Refusal> {
    check_answer(draft, person, reply)?;
    if is_said_already(draft, person, reply) {
        return Ok(());
    }
    let answer = match reply {
        Reply::Accept => Answer::Accept,
        Reply::Promise { minutes } => promise(draft, *minutes),
        Reply::Cannot => Answer::Cannot,
        Reply::HandOver { to } => Answer::HandOver { to: to.clone() },
    };
    let given = AnswerGiven { person: person.clone(), answer: answer.clone(), via };
    draft.record(Event::AnswerGiven(given));
    cancel_unwanted(draft);
    match answer {
        Answer::Accept => tell_others(draft, person),
        Answer::Promise { .. } => {}
        Answer::Cannot => {
            if matches!(draft.status(), Some(Status::Calling))
                && let Some(next) = next_waiting(draft)
            {
                join(draft, next, JoinWhy::Cannot);
            }
            tick(draft);
        }
        // The lead has it already: handed back, it only stays where it is.
        Answer::HandOver { to } if draft.lead() == Some(&to) => {}
        Answer::HandOver { to } => {
            join(draft, to, JoinWhy::HandedOver);
            tick(draft);
        }
    }
    Ok(())
}

/// Whether the answer is the one that stands, so that a second tap on the same button changes nothing.
fn is_said_already(draft: &Draft<'_>, person: &PersonId, reply: &Reply) -> bool {
    let Some(escalation) = draft.state.escalation.as_ref() else { return false };
    let standing = escalation.find(person).map(|called| &called.standing);
    match reply {
        Reply::Accept => escalation.lead() == Some(person),
        Reply::Promise { .. } => false,
        Reply::Cannot => standing == Some(&Standing::Cannot),
        Reply::HandOver { to } if escalation.lead() == Some(person) => {
            escalation.hand_over_to.as_ref() == Some(to)
        }
        Reply::HandOver { to } => standing == Some(&Standing::HandedOver { to: to.clone() }),
    }
}

fn check_answer(draft: &Draft<'_>, person: &PersonId, reply: &Reply) -> Result<(), Refusal> {
    let Some(escalation) = draft.state.escalation.as_ref() else { return Err(Refusal::NotAsked) };
    if draft.state.closed.is_some() {
        return Err(Refusal::Closed);
    }
    if matches!(escalation.status, Status::StoodDown { .. }) {
        return Err(Refusal::StoodDown);
    }
    if !escalation.may_answer(person) {
        return Err(Refusal::NotAsked);
    }
    if let Some(lead) = escalation.lead() {
        let is_handed = escalation.hand_over_to.as_ref() == Some(person);
        if lead != person && !is_handed {
            return Err(Refusal::AlreadyAccepted { lead: lead.clone() });
        }
        if lead == person && matches!(reply, Reply::Promise { .. }) {
            return Err(Refusal::AlreadyAccepted { lead: lead.clone() });
        }
    }
    if let Reply::HandOver { to } = reply {
        if draft.facts.directory.find_person(to).is_none() {
            return Err(Refusal::UnknownPerson { person: to.to_string() });
        }
        if to == person || *to == draft.state.report.received.reporter {
            return Err(Refusal::CannotHandOverTo { person: to.clone() });
        }
    }
    Ok(())
}

fn promise(draft: &mut Draft<'_>, minutes: u32) -> Answer {
    let given = Duration::from_secs(u64::from(minutes.max(1)).saturating_mul(60));
    let max = draft.state.escalation.as_ref().map_or(given, |e| e.policy.promise_max);
    let kept = given.min(max);
    let minutes = u32::try_from(kept.as_secs().div_ceil(60)).unwrap_or(u32::MAX);
    if kept < given {
        draft.notes.push(Note::PromiseShortened { minutes });
    }
    Answer::Promise { until_ms: draft.facts.now.after(kept), minutes }
}

/// Takes back what has not left yet and is not wanted any more. What left stays sent.
fn cancel_unwanted(draft: &mut Draft<'_>) {
    let Some(escalation) = draft.state.escalation.as_ref() else { return };
    let is_left_alone = |person: &PersonId| {
        escalation.find(person).is_some_and(|called| {
            matches!(
                called.standing,
                Standing::Cannot | Standing::HandedOver { .. } | Standing::Promised { .. }
            )
        })
    };
    let unwanted: Vec<AttemptId> = escalation
        .attempts
        .iter()
        .filter(|a| a.state == AttemptState::Planned)
        .filter(|a| matches!(a.purpose, Purpose::Summon | Purpose::Confirm))
        .filter(|a| !escalation.may_send(a) || is_left_alone(&a.person))
        .filter(|a| !draft.facts.in_flight.contains(&a.id))
        .map(|a| a.id.clone())
        .collect();
    for attempt in unwanted {
        cancel(draft, attempt);
    }
}

/// Records that an attempt was not made.
pub(in crate::incident) fn cancel(draft: &mut Draft<'_>, attempt: AttemptId) {
    draft.record(Event::AttemptOutcome(AttemptOutcome {
        attempt,
        state: AttemptState::Cancelled,
        why: None,
        is_final: false,
        field: None,
        provider_ref: None,
    }));
}

/// Tells everybody who was called, and the reporter, that a human has it.
fn tell_others(draft: &mut Draft<'_>, lead: &PersonId) {
    let reporter = draft.state.report.received.reporter.clone();
    let mut people = asked(draft);
    people.retain(|person| person != lead);
    people.push(reporter);
    for person in people {
        tell(draft, &person, Purpose::Accepted);
    }
}

fn asked(draft: &Draft<'_>) -> Vec<PersonId> {
    let people = draft.state.escalation.as_ref().map(|escalation| &escalation.people);
    let called = people.into_iter().flatten();
    called.filter(|c| c.joined_at.is_some()).map(|c| c.person.clone()).collect()
}

fn tell(draft: &mut Draft<'_>, person: &PersonId, purpose: Purpose) {
    let routes = living(draft, person, |routes| routes.silent);
    let used: Vec<Route> = routes.iter().filter(|r| was_used(draft, person, r)).cloned().collect();
    // The same ways by which they were called; otherwise the first there is.
    let ways = if used.is_empty() { routes.into_iter().take(1).collect() } else { used };
    for route in ways {
        plan(draft, person, &route, purpose, AttemptWhy::News, draft.facts.now);
    }
}

fn was_used(draft: &Draft<'_>, person: &PersonId, route: &Route) -> bool {
    let attempts = draft.state.escalation.as_ref().map(|escalation| &escalation.attempts);
    attempts.into_iter().flatten().any(|attempt| {
        attempt.person == *person
            && attempt.channel == route.channel
            && attempt.hint == route.hint
            && attempt.state > AttemptState::Failed
    })
}

/// "I reached them myself" (A6).
pub(in crate::incident) fn state_reached(
    draft: &mut Draft<'_>,
    person: &PersonId,
    how: How,
) -> Result<(), Refusal> {
    let Some(escalation) = draft.state.escalation.as_ref() else { return Err(Refusal::NotAsked) };
    if draft.facts.directory.find_person(person).is_none() {
        return Err(Refusal::UnknownPerson { person: person.to_string() });
    }
    if *person == draft.state.report.received.reporter {
        return Err(Refusal::CannotHandOverTo { person: person.clone() });
    }
    if let Some(lead) = escalation.lead() {
        return Err(Refusal::AlreadyAccepted { lead: lead.clone() });
    }
    if matches!(escalation.status, Status::StoodDown { .. }) {
        return Err(Refusal::StoodDown);
    }
    let until_ms = draft.facts.now.after(CONFIRM_WITHIN.min(escalation.policy.promise_max));
    draft.record(Event::ReachedStated(ReachedStated { person: person.clone(), how, until_ms }));
    let pending: Vec<AttemptId> = draft
        .state
        .escalation
        .iter()
        .flat_map(|escalation| &escalation.attempts)
        .filter(|a| a.person == *person && a.state == AttemptState::Planned)
        .filter(|a| a.purpose == Purpose::Summon && !draft.facts.in_flight.contains(&a.id))
        .map(|a| a.id.clone())
        .collect();
    for attempt in pending {
        cancel(draft, attempt);
    }
    for route in living(draft, person, |routes| routes.silent) {
        plan(draft, person, &route, Purpose::Confirm, AttemptWhy::News, draft.facts.now);
    }
    Ok(())
}

/// Ends the calling without an acceptance. Tells the people who were called.
pub(in crate::incident) fn stand_down(
    draft: &mut Draft<'_>,
    actor: &Actor,
    why: &str,
) -> Result<(), Refusal> {
    if matches!(draft.status(), None | Some(Status::StoodDown { .. })) {
        return Err(Refusal::StoodDown);
    }
    // Once a human has it, it is theirs to stand down: the reporter talks to them.
    if let Some(lead) = draft.lead().filter(|lead| actor.as_str() != lead.as_str()) {
        return Err(Refusal::AlreadyAccepted { lead: lead.clone() });
    }
    draft.record(Event::StoodDown(StoodDown { why: why.to_owned() }));
    cancel_unwanted(draft);
    for person in asked(draft) {
        tell(draft, &person, Purpose::StoodDown);
    }
    Ok(())
}
