//! Each person of the line with everything that was tried (A4).

use domain::id::PersonId;
use domain::incident::escalation::planner::Step;
use domain::incident::escalation::{AttemptState, Called, Standing as Stands, Status};
use domain::time::Timestamp;
use wording::time;

use crate::page::show::lanes::{attempt_at, expected_joins, mark};
use crate::page::show::line::{Line, handed_by};
use crate::page::show::{Scene, channel_word};
use crate::view::calling::{Attempt, Person};
use crate::view::lanes::Standing;

/// How many attempts are listed for each person, newest first.
const ATTEMPTS_MAX: usize = 50;

impl Scene<'_> {
    /// Everybody in the line. `may_state` says whether the reader may state that they reached somebody.
    pub(crate) fn people(&self, upcoming: &[(Timestamp, Step)], may_state: bool) -> Vec<Person> {
        let Some(escalation) = self.escalation() else { return Vec::new() };
        let joins = expected_joins(escalation, upcoming, self.now);
        let received = &self.incident.report.received;
        let line = Line {
            w: self.w,
            directory: self.directory(),
            reporter: &received.reporter,
            project: received.project.as_ref(),
        };
        let person = |called: &Called| {
            let by = handed_by(self.incident, &called.person);
            let standing = self.standing(called);
            let is_stated = matches!(called.standing, Stands::StatedReached { .. });
            Person {
                id: called.person.to_string(),
                name: self.name(&called.person).to_owned(),
                because: line.because(&called.person, called.because, by),
                standing,
                detail: self.detail(called, standing, joins.get(&called.person)),
                phone: self.phone(&called.person),
                attempts: self.attempts(&called.person),
                may_be_stated: may_state && !is_stated,
            }
        };
        escalation.people.iter().map(person).collect()
    }

    /// What is behind a person's standing; empty when there is nothing to add.
    fn detail(&self, called: &Called, standing: Standing, joins: Option<&Timestamp>) -> String {
        let status = self.escalation().map(|escalation| &escalation.status);
        let until = |at: Timestamp| self.w.tn("calling-until", &[("time", &self.clock_text(at))]);
        let promised = match status {
            Some(Status::Promised { until, .. }) => Some(*until),
            Some(Status::Calling | Status::Accepted { .. } | Status::StoodDown { .. }) | None => {
                None
            }
        };
        match (standing, &called.standing) {
            (_, Stands::StatedReached { until: at, .. }) if standing == Standing::Stated => {
                until(*at)
            }
            (Standing::Promised, Stands::Promised { until: at }) => until(*at),
            (Standing::Promised, _) => promised.map(until).unwrap_or_default(),
            (Standing::Calling, _) => {
                let rests = |at| self.w.tn("calling-rests", &[("time", &self.clock_text(at))]);
                promised.map(rests).unwrap_or_default()
            }
            (Standing::Waiting, _) => {
                let sentence = |at: &Timestamp| {
                    let when = time::relative(self.w, (*at).max(self.now), self.now);
                    self.w.tn("calling-joins", &[("when", &when)])
                };
                joins.map(sentence).unwrap_or_default()
            }
            _ => String::new(),
        }
    }

    fn attempts(&self, person: &PersonId) -> Vec<Attempt> {
        let all = self.escalation().into_iter().flat_map(|escalation| &escalation.attempts);
        let mut own: Vec<_> = all.filter(|attempt| attempt.person == *person).collect();
        own.sort_by_key(|attempt| std::cmp::Reverse(attempt_at(attempt)));
        own.truncate(ATTEMPTS_MAX);
        own.into_iter()
            .map(|attempt| {
                let channel = channel_word(self.w, &attempt.channel);
                let is_first = attempt.number <= 1;
                Attempt {
                    at: self.seconds(attempt_at(attempt)),
                    channel: if is_first {
                        channel
                    } else {
                        format!("{channel} {}", attempt.number)
                    },
                    mark: mark(attempt.state),
                    why: attempt.why.map(|why| self.w.t(&format!("why-{}", why.code()))),
                }
            })
            .collect()
    }

    /// Failures that nothing has made good: one sentence for each person and channel.
    pub(crate) fn failures(&self) -> Vec<String> {
        let Some(escalation) = self.escalation() else { return Vec::new() };
        let mut last: Vec<&domain::incident::escalation::Attempt> = Vec::new();
        let has_come_back = |a: &&domain::incident::escalation::Attempt| {
            !matches!(a.state, AttemptState::Planned | AttemptState::Cancelled)
        };
        for attempt in escalation.attempts.iter().filter(has_come_back) {
            last.retain(|a| a.person != attempt.person || a.channel != attempt.channel);
            last.push(attempt);
        }
        let failed = last.into_iter().filter(|a| a.state == AttemptState::Failed);
        failed
            .map(|attempt| {
                let why = attempt.why.map(|why| self.w.t(&format!("why-{}", why.code())));
                self.w.tn(
                    "calling-failed",
                    &[
                        ("name", self.name(&attempt.person)),
                        ("channel", &channel_word(self.w, &attempt.channel)),
                        ("why", &why.unwrap_or_else(|| self.w.t("why-rejected"))),
                    ],
                )
            })
            .collect()
    }
}
