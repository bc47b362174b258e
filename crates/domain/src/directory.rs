//! People, teams, projects, rotas and absences: the facts from which the responsible line is drawn.
//!
//! A [`Directory`] is read whole and never changed in place; setup makes a new one. [`Directory::problems`] is
//! what setup refuses or warns of, so that the page, the import and `ippo doctor` say the same.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{PersonId, ProjectId, RotaId, TeamId};
use crate::time::Timestamp;

/// One way of reaching a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// The channel's id: `mail`, `voice`, `sms`, `push`, `chat`, `webhook`.
    pub channel: String,
    /// The address as that channel understands it.
    pub address: String,
}

/// Days on which a person is away, in their own time zone, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Absence {
    /// The first day away.
    pub from: jiff::civil::Date,
    /// The last day away.
    pub to: jiff::civil::Date,
}

/// Somebody who can report, be called, or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Their name, as colleagues know it.
    pub name: String,
    /// `ja` or `en`; empty means the organisation's.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub locale: String,
    /// An IANA time zone; empty means the organisation's.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub timezone: String,
    /// Whom they report to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<PersonId>,
    /// Who stands in for them, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deputies: Vec<PersonId>,
    /// How to reach them, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contact: Vec<Contact>,
    /// When they are away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absence: Vec<Absence>,
    /// Whether they set ippo up. Gives no sight of any incident.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub admin: bool,
}

/// A group of people with a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// Its name.
    pub name: String,
    /// Who leads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<PersonId>,
    /// Who stands in for the lead, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deputies: Vec<PersonId>,
    /// Who belongs to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<PersonId>,
}

/// Something people work on, which has somebody responsible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
    /// The team that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// Who leads it; otherwise the team's lead does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<PersonId>,
    /// Who stands in for the lead, best first; otherwise the team's do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deputies: Vec<PersonId>,
}

/// Who is on call for a team: the members in turn, each for a shift, from `start` on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rota {
    /// Its id.
    pub id: RotaId,
    /// The team it covers.
    pub team: TeamId,
    /// When the first shift begins.
    pub start: jiff::Timestamp,
    /// How long a shift lasts, in hours; at least one.
    pub shift_hours: u32,
    /// In turn.
    pub members: Vec<PersonId>,
}

impl Rota {
    /// Who has the shift at `at`; `None` before the first one or when nobody is in it.
    #[must_use]
    pub fn on_call(&self, at: Timestamp) -> Option<&PersonId> {
        let start = Timestamp::from(self.start);
        if at < start || self.members.is_empty() {
            return None;
        }
        let shift_ms = u128::from(self.shift_hours.max(1)) * 3_600_000;
        let turn = at.since(start).as_millis().checked_div(shift_ms)?;
        let turn = turn.checked_rem(u128::try_from(self.members.len()).ok()?)?;
        self.members.get(usize::try_from(turn).ok()?)
    }
}

/// What is true of the whole organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Organisation {
    /// Its name.
    pub name: String,
    /// Mail domains that are inside; subdomains count as inside.
    pub domains: Vec<String>,
    /// Hosts of other names that are nevertheless the organisation's own.
    pub inside_hosts: Vec<String>,
    /// `ja` or `en`.
    pub locale: String,
    /// An IANA time zone.
    pub timezone: String,
    /// Who is called when nobody else is left. Never empty in a working set-up.
    pub last_resort: Vec<PersonId>,
}

/// Everybody and everything, at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directory {
    /// The organisation.
    pub organisation: Organisation,
    /// People by id.
    pub people: BTreeMap<PersonId, Person>,
    /// Teams by id.
    pub teams: BTreeMap<TeamId, Team>,
    /// Projects by id.
    pub projects: BTreeMap<ProjectId, Project>,
    /// Rotas by id.
    pub rotas: BTreeMap<RotaId, Rota>,
}

impl Directory {
    /// The person of that id.
    #[must_use]
    pub fn find_person(&self, id: &PersonId) -> Option<&Person> {
        self.people.get(id)
    }

    /// The person's name; their id when the directory no longer knows them.
    #[must_use]
    pub fn name_of<'a>(&'a self, id: &'a PersonId) -> &'a str {
        self.people.get(id).map_or(id.as_str(), |person| &person.name)
    }

    /// The person's language: their own, else the organisation's, else `en`.
    #[must_use]
    pub fn locale_of(&self, id: &PersonId) -> &str {
        let own = self.people.get(id).map_or("", |person| person.locale.as_str());
        [own, &self.organisation.locale].into_iter().find(|text| !text.is_empty()).unwrap_or("en")
    }

    /// The person's time zone: their own, else the organisation's, else UTC.
    #[must_use]
    pub fn timezone_of(&self, id: &PersonId) -> &str {
        let own = self.people.get(id).map_or("", |person| person.timezone.as_str());
        [own, &self.organisation.timezone]
            .into_iter()
            .find(|text| !text.is_empty())
            .unwrap_or("UTC")
    }

    /// The first telephone number of a person, voice before text message.
    #[must_use]
    pub fn phone_of(&self, id: &PersonId) -> Option<&str> {
        let contacts = &self.people.get(id)?.contact;
        ["voice", "sms"].into_iter().find_map(|channel| {
            contacts.iter().find(|c| c.channel == channel).map(|c| c.address.as_str())
        })
    }

    /// The last day of the absence that covers `at`, read in the person's own zone; `None` when they are here.
    #[must_use]
    pub fn away_until(&self, id: &PersonId, at: Timestamp) -> Option<jiff::civil::Date> {
        let person = self.people.get(id)?;
        if person.absence.is_empty() {
            return None;
        }
        let zone = jiff::tz::TimeZone::get(self.timezone_of(id)).unwrap_or(jiff::tz::TimeZone::UTC);
        let today = at.to_jiff().to_zoned(zone).date();
        person
            .absence
            .iter()
            .filter(|absence| absence.from <= today && today <= absence.to)
            .map(|absence| absence.to)
            .max()
    }

    /// Everything that points at nothing, and what must not be missing.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut look = |holder: String, field: &'static str, person: &PersonId| {
            if !self.people.contains_key(person) {
                found.push(Problem::UnknownPerson { holder, field, person: person.clone() });
            }
        };
        for person in self.people.values() {
            let holder = || person.id.to_string();
            person.manager.iter().for_each(|id| look(holder(), "manager", id));
            person.deputies.iter().for_each(|id| look(holder(), "deputies", id));
        }
        for team in self.teams.values() {
            let holder = || team.id.to_string();
            team.lead.iter().for_each(|id| look(holder(), "lead", id));
            team.deputies.iter().for_each(|id| look(holder(), "deputies", id));
            team.members.iter().for_each(|id| look(holder(), "members", id));
        }
        for project in self.projects.values() {
            let holder = || project.id.to_string();
            project.lead.iter().for_each(|id| look(holder(), "lead", id));
            project.deputies.iter().for_each(|id| look(holder(), "deputies", id));
        }
        for rota in self.rotas.values() {
            rota.members.iter().for_each(|id| look(rota.id.to_string(), "members", id));
        }
        for id in &self.organisation.last_resort {
            look("organisation".into(), "last_resort", id);
        }
        let teams =
            self.projects.values().filter_map(|p| p.team.as_ref().map(|t| (p.id.to_string(), t)));
        let teams = teams.chain(self.rotas.values().map(|r| (r.id.to_string(), &r.team)));
        for (holder, team) in teams {
            if !self.teams.contains_key(team) {
                found.push(Problem::UnknownTeam { holder, team: team.clone() });
            }
        }
        if self.organisation.last_resort.is_empty() {
            found.push(Problem::NoLastResort);
        }
        found
    }
}

/// Something in the directory that does not hold together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A reference to a person who is not in the directory.
    #[error("{holder}: {field} names {person}, who is not in the directory")]
    UnknownPerson {
        /// What points at them.
        holder: String,
        /// Which field of it.
        field: &'static str,
        /// Whom it names.
        person: PersonId,
    },
    /// A reference to a team that is not in the directory.
    #[error("{holder}: team names {team}, which is not in the directory")]
    UnknownTeam {
        /// What points at it.
        holder: String,
        /// Which team it names.
        team: TeamId,
    },
    /// Nobody would be called when everybody else is away.
    #[error(
        "organisation.last_resort is empty: name at least one person who is called when nobody else is left"
    )]
    NoLastResort,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absence_is_read_in_the_persons_own_zone() {
        let mut directory = Directory::default();
        let id = PersonId::new("per_sato");
        directory.people.insert(
            id.clone(),
            Person {
                id: id.clone(),
                name: "佐藤".into(),
                timezone: "Asia/Tokyo".into(),
                absence: vec![Absence {
                    from: jiff::civil::date(2026, 12, 29),
                    to: jiff::civil::date(2027, 1, 3),
                }],
                locale: String::new(),
                manager: None,
                deputies: vec![],
                contact: vec![],
                admin: false,
            },
        );
        let at = |text: &str| Timestamp::from(text.parse::<jiff::Timestamp>().unwrap());
        assert_eq!(directory.away_until(&id, at("2026-12-28T14:59:59Z")), None);
        assert!(directory.away_until(&id, at("2026-12-28T15:00:00Z")).is_some());
        assert!(directory.away_until(&id, at("2027-01-03T14:59:59Z")).is_some());
        assert_eq!(directory.away_until(&id, at("2027-01-03T15:00:00Z")), None);
    }

    #[test]
    fn a_rota_turns_at_the_shift_and_is_silent_before_its_start() {
        let members = vec![PersonId::new("per_a"), PersonId::new("per_b")];
        let rota = Rota {
            id: RotaId::new("rota_x"),
            team: TeamId::new("team_x"),
            start: "2026-01-05T00:00:00Z".parse().unwrap(),
            shift_hours: 12,
            members,
        };
        let at = |text: &str| Timestamp::from(text.parse::<jiff::Timestamp>().unwrap());
        let who = |text: &str| rota.on_call(at(text)).map(PersonId::as_str);
        assert_eq!(who("2026-01-04T23:59:59Z"), None);
        assert_eq!(who("2026-01-05T11:59:59Z"), Some("per_a"));
        assert_eq!(who("2026-01-05T12:00:00Z"), Some("per_b"));
        assert_eq!(who("2026-01-06T00:00:00Z"), Some("per_a"));
    }
}
