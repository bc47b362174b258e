//! What a directory must fulfil before it is taken, beyond being readable.

use std::collections::{BTreeMap, BTreeSet};

use channels::Registry;
use domain::circle::{Circle, classify_contact};
use domain::directory::{Contact, Directory, Organisation, Person, Problem};
use domain::id::check_text;
use store::DirectoryParts;
use wording::Locale;

use crate::directory_file::lines::{Findings, Kind, Lines};

/// What a directory is checked against.
pub(crate) struct Surroundings<'a> {
    /// The organisation, from the configuration.
    pub(crate) organisation: &'a Organisation,
    /// The channels that are set up.
    pub(crate) registry: &'a Registry,
}

/// Looks through the whole directory and adds everything to `findings`.
pub(crate) fn check(
    parts: &DirectoryParts,
    lines: &Lines,
    around: &Surroundings<'_>,
    findings: &mut Findings,
) {
    let mut look = Look { lines, around, findings, places: BTreeMap::new() };
    look.ids(
        Kind::Person,
        parts.people.iter().map(|person| (person.id.as_str(), person.name.as_str())),
    );
    look.ids(Kind::Team, parts.teams.iter().map(|team| (team.id.as_str(), team.name.as_str())));
    look.ids(Kind::Project, parts.projects.iter().map(|one| (one.id.as_str(), one.name.as_str())));
    look.ids(Kind::Rota, parts.rotas.iter().map(|rota| (rota.id.as_str(), "-")));
    for (index, person) in parts.people.iter().enumerate() {
        look.person(index, person);
    }
    for (index, rota) in parts.rotas.iter().enumerate() {
        if rota.shift_hours == 0 {
            look.refuse(
                Kind::Rota,
                index,
                "shift_hours",
                format!("{}: a shift lasts at least 1 hour", rota.id),
            );
        }
    }
    look.references(&engine::to_directory(first_of_each(parts), around.organisation.clone()));
}

/// The same without the entries whose id was there before, so that the first of two is the one that is looked at.
fn first_of_each(parts: &DirectoryParts) -> DirectoryParts {
    let mut first = parts.clone();
    let mut seen = BTreeSet::new();
    let mut is_first = |kind: Kind, id: &str| seen.insert((kind, id.to_owned()));
    first.people.retain(|person| is_first(Kind::Person, person.id.as_str()));
    first.teams.retain(|team| is_first(Kind::Team, team.id.as_str()));
    first.projects.retain(|project| is_first(Kind::Project, project.id.as_str()));
    first.rotas.retain(|rota| is_first(Kind::Rota, rota.id.as_str()));
    first
}

struct Look<'a> {
    lines: &'a Lines,
    around: &'a Surroundings<'a>,
    findings: &'a mut Findings,
    /// Where the entry of an id stands.
    places: BTreeMap<String, (Kind, usize)>,
}

impl Look<'_> {
    fn refuse(&mut self, kind: Kind, index: usize, field: &str, what: String) {
        self.findings.refuse(self.lines.find(kind, index, field), what);
    }

    fn warn(&mut self, kind: Kind, index: usize, field: &str, what: String) {
        self.findings.warn(self.lines.find(kind, index, field), what);
    }

    fn ids<'i>(&mut self, kind: Kind, entries: impl Iterator<Item = (&'i str, &'i str)>) {
        let mut seen = BTreeSet::new();
        for (index, (id, name)) in entries.enumerate() {
            let word = kind.word();
            if !check_text(id) {
                let what =
                    format!("{word}: {id:?} is not an id: write 1 to 64 of a-z A-Z 0-9 _ - .");
                self.refuse(kind, index, "id", what);
            } else if !seen.insert(id) {
                self.refuse(kind, index, "id", format!("{id} is there twice"));
            }
            if name.trim().is_empty() {
                self.refuse(kind, index, "name", format!("{id}: the name is empty"));
            }
            self.places.entry(id.to_owned()).or_insert((kind, index));
        }
    }

    fn person(&mut self, index: usize, person: &Person) {
        let id = &person.id;
        if !person.locale.is_empty() && Locale::parse(&person.locale).is_none() {
            let what = format!("{id}: locale is {:?}: write \"ja\" or \"en\"", person.locale);
            self.refuse(Kind::Person, index, "locale", what);
        }
        if !person.timezone.is_empty() && jiff::tz::TimeZone::get(&person.timezone).is_err() {
            let what = format!(
                "{id}: no time zone is called {:?}: write for example \"Asia/Tokyo\"",
                person.timezone
            );
            self.refuse(Kind::Person, index, "timezone", what);
        }
        if person.manager.as_ref() == Some(id) {
            self.warn(Kind::Person, index, "manager", format!("{id} is their own manager"));
        }
        for (place, absence) in person.absence.iter().enumerate() {
            if absence.to < absence.from {
                let what = format!(
                    "{id}: the absence ends on {} before it begins on {}",
                    absence.to, absence.from
                );
                self.refuse(Kind::Person, index, &format!("absence.{place}"), what);
            }
        }
        if person.contact.is_empty() {
            self.warn(
                Kind::Person,
                index,
                "contact",
                format!("{id} has no contact: they can report, but not be called"),
            );
        }
        for (place, contact) in person.contact.iter().enumerate() {
            self.contact(index, place, person, contact);
        }
    }

    fn contact(&mut self, index: usize, place: usize, person: &Person, contact: &Contact) {
        let (id, channel) = (&person.id, &contact.channel);
        let field = format!("contact.{place}");
        let Some(found) = self.around.registry.find(channel) else {
            let what = format!("{id}: no channel {channel:?} is set up; this contact is not used");
            return self.warn(Kind::Person, index, &field, what);
        };
        if let Err(why) = found.check_address(&contact.address) {
            return self.refuse(Kind::Person, index, &field, format!("{id}: {channel}: {why}"));
        }
        let circle = classify_contact(self.around.organisation, channel, &contact.address);
        if circle == Circle::Public {
            let what = format!(
                "{id}: the {channel} address is outside organisation.domains; nothing will be sent there"
            );
            self.warn(Kind::Person, index, &field, what);
        }
    }

    fn references(&mut self, directory: &Directory) {
        for problem in directory.problems() {
            let line = match &problem {
                Problem::UnknownPerson { holder, field, .. } => self.line_of(holder, field),
                Problem::UnknownTeam { holder, .. } => self.line_of(holder, "team"),
                Problem::NoLastResort => None,
            };
            self.findings.refuse(line, problem.to_string());
        }
    }

    fn line_of(&self, holder: &str, field: &str) -> Option<usize> {
        let (kind, index) = self.places.get(holder)?;
        self.lines.find(*kind, *index, field)
    }
}
