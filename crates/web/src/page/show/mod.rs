//! From the state of the domain to what pages show. Every page that speaks of an incident goes through here, so that
//! the same thing is called the same everywhere. Nothing is decided: the domain has done that.

pub(crate) mod attempts;
pub(crate) mod calling;
pub(crate) mod entries;
pub(crate) mod entry_form;
pub(crate) mod known;
pub(crate) mod lanes;
pub(crate) mod line;

use std::sync::Arc;

use axum::body::Bytes;
use axum::response::Response;
use domain::directory::Directory;
use domain::id::{IncidentId, PersonId};
use domain::incident::escalation::{Escalation, Status};
use domain::incident::{Actor, Command, Incident};
use domain::route::{Routes, routes};
use domain::time::Timestamp;
use domain::{access, guidance};
use engine::{EngineError, Handled, World};
use wording::{Words, time};

use crate::page::Visit;
use crate::page::form::Form;
use crate::view::calling::State;
use crate::view::{Guide, Moment, Phone};

pub(crate) use lanes::rehearsal_figure;
pub(crate) use line::{passed_over, rehearsal_line};

/// The longest heading, in characters.
const HEADING_CHARS_MAX: usize = 120;

/// An incident and everything that is needed to show it to one reader.
pub(crate) struct Scene<'a> {
    /// The language.
    pub(crate) w: Words,
    /// When.
    pub(crate) now: Timestamp,
    /// The time zone in which times are shown.
    pub(crate) zone: String,
    /// Directory, channels and policy.
    pub(crate) world: Arc<World>,
    /// The incident.
    pub(crate) incident: &'a Incident,
}

impl<'a> Scene<'a> {
    /// The incident as the reader sees it.
    pub(crate) fn new(visit: &Visit, incident: &'a Incident) -> Self {
        let world = visit.app.engine().world();
        Self { w: visit.w, now: visit.now, zone: visit.zone(), world, incident }
    }

    /// The directory.
    pub(crate) fn directory(&self) -> &Directory {
        &self.world.directory
    }

    /// The calling.
    pub(crate) const fn escalation(&self) -> Option<&'a Escalation> {
        self.incident.escalation.as_ref()
    }

    /// The name of a person.
    pub(crate) fn name<'b>(&'b self, person: &'b PersonId) -> &'b str {
        self.directory().name_of(person)
    }

    /// The number of a person.
    pub(crate) fn phone(&self, person: &PersonId) -> Option<Phone> {
        self.directory().phone_of(person).map(Phone::new)
    }

    /// Hour and minute, as text.
    pub(crate) fn clock_text(&self, at: Timestamp) -> String {
        time::clock(self.w, at, self.now, &self.zone)
    }

    /// Hour and minute.
    pub(crate) fn clock(&self, at: Timestamp) -> Moment {
        Moment::clock(self.w, at, self.now, &self.zone)
    }

    /// Hour, minute and second.
    pub(crate) fn seconds(&self, at: Timestamp) -> Moment {
        Moment::seconds(self.w, at, &self.zone)
    }

    /// Relative to now.
    pub(crate) fn relative(&self, at: Timestamp) -> Moment {
        Moment::relative(self.w, at, self.now, &self.zone)
    }

    /// How a person can be reached in this calling.
    pub(crate) fn routes(&self, person: &PersonId) -> Routes {
        let policy = self.escalation().map_or(&self.world.policy, |e| &e.policy);
        routes(&self.world.directory, &self.world.channels, policy, person)
    }

    /// How it stands.
    pub(crate) fn state(&self) -> State {
        if self.incident.closed.is_some() {
            return State::Closed;
        }
        match self.escalation().map(|escalation| &escalation.status) {
            None | Some(Status::Calling) => State::Calling,
            Some(Status::Promised { .. }) => State::Promised,
            Some(Status::Accepted { .. }) => State::Accepted,
            Some(Status::StoodDown { .. }) => State::StoodDown,
        }
    }

    /// The project's name.
    pub(crate) fn project(&self) -> Option<String> {
        let id = self.incident.report.received.project.as_ref()?;
        let known = self.directory().projects.get(id);
        Some(known.map_or_else(|| id.to_string(), |project| project.name.clone()))
    }

    /// The numbers of everybody in the line who has one, in order.
    pub(crate) fn phones(&self) -> Vec<(String, Phone)> {
        let people = self.escalation().into_iter().flat_map(|escalation| &escalation.people);
        let people = people.map(|called| &called.person);
        phones_of(self.directory(), people)
    }

    /// What a person should do now, and what not.
    pub(crate) fn guide(&self, person: &PersonId) -> Guide {
        let words = |advice: guidance::Advice| self.w.t(&format!("guide-{}", advice.key()));
        let found = guidance::guide(self.incident, person);
        Guide {
            w: self.w,
            dos: found.iter().flat_map(|guide| &guide.now).copied().map(words).collect(),
            dont: found.as_ref().map(|guide| words(guide.not)),
        }
    }

    /// Whether the person is `role` to the incident.
    pub(crate) fn is(&self, person: &PersonId, role: access::Role) -> bool {
        access::roles(self.incident, person).contains(&role)
    }
}

/// The first words on one line, or the urgent line when there were none.
pub(crate) fn heading(w: Words, incident: &Incident) -> String {
    let first = incident.first_words().and_then(|text| text.lines().next()).unwrap_or_default();
    if first.is_empty() {
        return w.t("message-urgent");
    }
    let short: String = first.chars().take(HEADING_CHARS_MAX).collect();
    if short.len() < first.len() { format!("{short}…") } else { short }
}

/// The names and numbers of those who have one.
pub(crate) fn phones_of<'a>(
    directory: &Directory,
    people: impl Iterator<Item = &'a PersonId>,
) -> Vec<(String, Phone)> {
    let with_name = |person| {
        let number = directory.phone_of(person)?;
        Some((directory.name_of(person).to_owned(), Phone::new(number)))
    };
    people.filter_map(with_name).collect()
}

/// A channel in words; one that the catalogue does not know is shown by its id.
pub(crate) fn channel_word(w: Words, channel: &str) -> String {
    let key = format!("channel-{channel}");
    if w.has(&key) { w.t(&key) } else { channel.to_owned() }
}

/// The query of the address, read as a form is: never refused.
pub(crate) fn query(visit: &Visit) -> Form {
    let text = visit.here.split_once('?').map_or("", |(_, query)| query);
    Form::read(&Bytes::copy_from_slice(text.as_bytes()))
}

/// Whether the script asks for one part of the page only.
pub(crate) fn is_fragment(visit: &Visit, id: &str) -> bool {
    visit.headers.get("x-ippo-fragment").is_some_and(|asked| asked.as_bytes() == id.as_bytes())
}

/// What a handler has come to, as it is sent.
pub(crate) fn either(result: Result<Response, Box<Response>>) -> Response {
    result.unwrap_or_else(|response| *response)
}

/// The person signed in and the incident, when it exists for them.
pub(crate) async fn inside(
    visit: &Visit,
    id: &str,
) -> Result<(PersonId, Arc<Incident>), Box<Response>> {
    let person = visit.signed_in()?.person.clone();
    let found = visit.app.engine().load_for(&IncidentId::new(id), &person).await;
    let incident = found.map_err(|why| Box::new(visit.refused(&why, "", Vec::new())))?;
    Ok((person, incident))
}

/// Carries out a command of the person signed in. Refused, it answers with a page on which `typed` is kept.
pub(crate) async fn command(
    visit: &Visit,
    id: &str,
    command: &Command,
    typed: &str,
) -> Result<Handled, Box<Response>> {
    let person = visit.signed_in()?.person.clone();
    let engine = visit.app.engine();
    let id = IncidentId::new(id);
    match engine.handle(&id, &Actor::Person(person.clone()), command).await {
        Ok(handled) => Ok(handled),
        Err(why) => {
            let phones = match &why {
                EngineError::NotStored(_) => {
                    let incident = engine.load_for(&id, &person).await.ok();
                    incident.map(|i| Scene::new(visit, &i).phones()).unwrap_or_default()
                }
                EngineError::Refused(_) | EngineError::Inconsistent { .. } => Vec::new(),
            };
            Err(Box::new(visit.refused(&why, typed, phones)))
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::guidance::Advice;
    use wording::{Locale, Words};

    use super::*;

    #[test]
    fn every_line_of_the_guide_has_words_in_both_languages() {
        for w in Locale::ALL.map(Words::of) {
            for advice in Advice::ALL {
                assert!(w.has(&format!("guide-{}", advice.key())), "guide-{}", advice.key());
            }
        }
    }

    #[test]
    fn a_channel_that_no_catalogue_knows_is_shown_by_its_id() {
        let w = Words::of(Locale::En);
        assert_eq!(channel_word(w, "voice"), "Phone");
        assert_eq!(channel_word(w, "pigeon"), "pigeon");
    }
}
