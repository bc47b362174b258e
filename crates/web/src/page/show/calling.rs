//! The calling in sentences: how it stands, what comes next, what went wrong.

use std::time::Duration;

use domain::id::PersonId;
use domain::incident::escalation::planner::Step;
use domain::incident::escalation::{AttemptState, Called, Escalation, Status};
use domain::incident::report::TEXT_CHARS_MAX;
use domain::time::Timestamp;

use crate::page::show::{Scene, channel_word};
use crate::view::Phone;
use crate::view::calling::Next;
use crate::view::lanes::Standing;

/// After how long without an answer the reporter is told to speak to those nearby.
const NUDGE_AFTER: Duration = Duration::from_secs(300);

impl Scene<'_> {
    /// How the calling stands, in one sentence, for the reporter.
    pub(crate) fn sentence(&self) -> String {
        let w = self.w;
        if let Some(closed) = &self.incident.closed {
            return w.tn("calling-closed", &[("time", &self.clock_text(closed.at))]);
        }
        let of = |key: &str, person: &PersonId, at: Timestamp| {
            w.tn(key, &[("name", self.name(person)), ("time", &self.clock_text(at))])
        };
        match self.escalation().map(|escalation| &escalation.status) {
            None | Some(Status::Calling) => self.calling_sentence(),
            Some(Status::Promised { by, until }) => of("calling-promised", by, *until),
            Some(Status::Accepted { lead, at }) => of("calling-accepted", lead, *at),
            Some(Status::StoodDown { by, at, .. }) => of("calling-stood-down", by, *at),
        }
    }

    /// The same for everybody who reads the record.
    pub(crate) fn record_sentence(&self) -> String {
        let of = |key: &str, person: &PersonId, at: Timestamp| {
            self.w.tn(key, &[("name", self.name(person)), ("time", &self.clock_text(at))])
        };
        if let Some(closed) = &self.incident.closed {
            return of("incident-closed", &closed.by, closed.at);
        }
        match self.escalation().map(|escalation| &escalation.status) {
            Some(Status::Accepted { lead, at }) => of("incident-led", lead, *at),
            None | Some(Status::Calling | Status::Promised { .. } | Status::StoodDown { .. }) => {
                self.sentence()
            }
        }
    }

    fn calling_sentence(&self) -> String {
        let w = self.w;
        let people = self.called_now();
        match people.as_slice() {
            [] => w.t("calling-nobody"),
            [one] => w.tn("calling-calling-one", &[("name", self.name(one))]),
            [first, second] => {
                let names = [("first", self.name(first)), ("second", self.name(second))];
                w.tn("calling-calling-two", &names)
            }
            [first, others @ ..] => {
                let count = i64::try_from(others.len()).unwrap_or(i64::MAX);
                w.tc("calling-calling-many", count, &[("first", self.name(first))])
            }
        }
    }

    /// Everybody who is being called at this moment.
    pub(crate) fn called_now(&self) -> Vec<&PersonId> {
        let people = self.escalation().into_iter().flat_map(|escalation| &escalation.people);
        let is_called = |called: &&Called| {
            called.joined_at.is_some() && self.standing(called) == Standing::Calling
        };
        people.filter(is_called).map(|called| &called.person).collect()
    }

    /// What is tried next, while somebody has to be reached.
    pub(crate) fn next(&self, upcoming: &[(Timestamp, Step)]) -> Option<Next> {
        let escalation = self.escalation().filter(|_| self.incident.closed.is_none())?;
        let planned = escalation
            .attempts
            .iter()
            .filter(|attempt| {
                attempt.state == AttemptState::Planned && escalation.may_send(attempt)
            })
            .min_by_key(|attempt| attempt.due_at)
            .map(|attempt| {
                (attempt.due_at, &attempt.person, channel_word(self.w, &attempt.channel))
            });
        let upcoming = upcoming.iter().find_map(|(at, step)| {
            let (person, channel) = self.step_channel(step)?;
            Some((*at, person, channel))
        });
        let (at, person, channel) =
            planned.into_iter().chain(upcoming).min_by_key(|(at, _, _)| *at)?;
        let values = [("name", self.name(person)), ("channel", channel.as_str())];
        Some(Next { text: self.w.tn("calling-next", &values), at: self.relative(at.max(self.now)) })
    }

    /// After five minutes without an answer: who else is called, and to speak to those nearby.
    pub(crate) fn nudge(&self) -> Option<String> {
        let escalation = self.escalation().filter(|_| self.incident.closed.is_none())?;
        let is_long = self.now.since(escalation.started_at) >= NUDGE_AFTER;
        let called = self.called_now();
        let last = called.last().filter(|_| called.len() > 1 && is_long)?;
        matches!(escalation.status, Status::Calling)
            .then(|| self.w.tn("calling-nudge", &[("name", self.name(last))]))
    }

    /// What ippo cannot do, and what was changed on the way in.
    pub(crate) fn trouble(&self) -> Vec<String> {
        let received = &self.incident.report.received;
        let mut found = Vec::new();
        if received.project_unknown.is_some() {
            found.push(self.w.t("calling-unknown-project"));
        }
        let kept = self.incident.first_words().map_or(0, |text| text.chars().count());
        if kept >= TEXT_CHARS_MAX {
            let count = i64::try_from(kept).unwrap_or(i64::MAX);
            found.push(self.w.tc("calling-text-cut", count, &[]));
        }
        let Some(escalation) = self.escalation() else { return found };
        if !escalation.is_open() || self.incident.closed.is_some() {
            return found;
        }
        if is_everybody_away(escalation) {
            found.push(self.w.t("line-everybody-away"));
        }
        if !escalation.people.iter().any(|called| self.is_reachable(called)) {
            found.push(self.w.t("calling-nobody"));
        }
        found.extend(self.failures());
        found
    }

    /// The person to call first oneself, and who is told next when one is brushed off.
    pub(crate) fn call_first(&self) -> (Option<(String, Phone)>, Option<String>) {
        let people = self.escalation().into_iter().flat_map(|escalation| &escalation.people);
        let is_left = |called: &&Called| {
            matches!(
                self.standing(called),
                Standing::Calling
                    | Standing::Promised
                    | Standing::Stated
                    | Standing::Waiting
                    | Standing::Unreachable
            )
        };
        let mut left = people.filter(is_left);
        let with_phone = |called: &Called| {
            let phone = self.phone(&called.person)?;
            Some((self.name(&called.person).to_owned(), phone))
        };
        let first = left.by_ref().find_map(with_phone);
        let next = left.next().map(|called| self.name(&called.person).to_owned());
        (first, next)
    }
}

/// Whether only people who are away could be called, so that they are called after all.
fn is_everybody_away(escalation: &Escalation) -> bool {
    let is_away = |person: &PersonId| escalation.passed_over.iter().any(|p| p.person == *person);
    !escalation.passed_over.is_empty() && escalation.people.iter().all(|c| is_away(&c.person))
}
