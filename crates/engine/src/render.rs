//! From an attempt to the words of its message, in the language of the one who gets it.

use domain::directory::Directory;
use domain::id::PersonId;
use domain::incident::Incident;
use domain::incident::escalation::{Attempt, Standing, Status};
use domain::port::{Message, Purpose};
use domain::time::Timestamp;
use wording::message::{self, Accepted, Confirm, StoodDown, Summon, Written};
use wording::{Locale, Words, time};

use crate::door::Engine;

/// Writes the message of `attempt`.
pub(crate) fn render(engine: &Engine, incident: &Incident, attempt: &Attempt) -> Message {
    let world = engine.world();
    let directory = &world.directory;
    let person = &attempt.person;
    let locale = directory.locale_of(person);
    let words = Words::of(Locale::parse(locale).unwrap_or(Locale::En));
    let letter = Letter {
        directory,
        incident,
        person,
        words,
        zone: directory.timezone_of(person),
        now: attempt.planned_at,
    };
    let written = match attempt.purpose {
        Purpose::Summon => letter.summon(attempt.number.saturating_sub(1)),
        Purpose::Confirm => letter.confirm(),
        Purpose::Accepted => letter.accepted(),
        Purpose::StoodDown => letter.stood_down(),
    };
    let wants_answer = matches!(attempt.purpose, Purpose::Summon | Purpose::Confirm);
    Message {
        incident: incident.id.clone(),
        attempt: attempt.id.clone(),
        number: attempt.number,
        purpose: attempt.purpose,
        is_drill: incident.report.received.is_drill,
        person: person.clone(),
        person_name: directory.name_of(person).to_owned(),
        locale: locale.to_owned(),
        subject: written.subject,
        text: written.text,
        answer_url: wants_answer.then(|| engine.answer_url(incident, person)).flatten(),
        answer_label: message::answer_label(words, attempt.purpose),
        reporter_phone: letter.call_back().map(str::to_owned),
        at: attempt.planned_at,
    }
}

struct Letter<'a> {
    directory: &'a Directory,
    incident: &'a Incident,
    person: &'a PersonId,
    words: Words,
    zone: &'a str,
    now: Timestamp,
}

impl Letter<'_> {
    fn reporter(&self) -> &str {
        self.directory.name_of(&self.incident.report.received.reporter)
    }

    fn call_back(&self) -> Option<&str> {
        self.directory.phone_of(&self.incident.report.received.reporter)
    }

    fn clock(&self, at: Timestamp) -> String {
        time::clock_with_zone(self.words, at, self.now, self.zone)
    }

    fn status(&self) -> Option<&Status> {
        self.incident.escalation.as_ref().map(|escalation| &escalation.status)
    }

    fn summon(&self, reminder: u32) -> Written {
        let received = &self.incident.report.received;
        let project = received.project.as_ref().and_then(|id| self.directory.projects.get(id));
        message::summon(
            self.words,
            &Summon {
                is_drill: received.is_drill,
                organisation: &self.directory.organisation.name,
                reporter: self.reporter(),
                reported_at: &self.clock(self.incident.report.at),
                call_back: self.call_back(),
                project: project.map(|project| project.name.as_str()),
                first_words: self.incident.first_words(),
                reminder,
            },
        )
    }

    fn confirm(&self) -> Written {
        let escalation = self.incident.escalation.as_ref();
        let called = escalation.and_then(|escalation| escalation.find(self.person));
        let resumes_at = match called.map(|called| &called.standing) {
            Some(Standing::StatedReached { until, .. } | Standing::Promised { until }) => *until,
            Some(
                Standing::Waiting
                | Standing::Asked
                | Standing::Cannot
                | Standing::HandedOver { .. }
                | Standing::Accepted,
            )
            | None => self.now,
        };
        message::confirm(
            self.words,
            &Confirm {
                is_drill: self.incident.report.received.is_drill,
                reporter: self.reporter(),
                stated_at: &self.clock(self.now),
                call_back: self.call_back(),
                resumes_at: &self.clock(resumes_at),
            },
        )
    }

    fn accepted(&self) -> Written {
        let (lead, at) = match self.status() {
            Some(Status::Accepted { lead, at }) => (self.directory.name_of(lead), *at),
            Some(Status::Calling | Status::Promised { .. } | Status::StoodDown { .. }) | None => {
                ("", self.now)
            }
        };
        message::accepted(
            self.words,
            &Accepted {
                is_drill: self.incident.report.received.is_drill,
                reporter: self.reporter(),
                lead,
                accepted_at: &self.clock(at),
            },
        )
    }

    fn stood_down(&self) -> Written {
        let (by, why) = match self.status() {
            Some(Status::StoodDown { by, why, .. }) => (self.directory.name_of(by), why.as_str()),
            Some(Status::Calling | Status::Promised { .. } | Status::Accepted { .. }) | None => {
                ("", "")
            }
        };
        message::stood_down(
            self.words,
            &StoodDown {
                is_drill: self.incident.report.received.is_drill,
                reporter: self.reporter(),
                by,
                stood_down_at: &self.clock(self.now),
                why,
            },
        )
    }
}
