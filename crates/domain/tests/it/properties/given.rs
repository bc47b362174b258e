//! Random companies, policies and first reports, written as small numbers so that a failing case can be read.

use domain::directory::{Absence, Contact, Directory, Person, Project, Rota, Team};
use domain::id::{PersonId, ProjectId, RotaId, TeamId};
use domain::incident::report::FirstReport;
use domain::policy::{Amount, Policy};
use proptest::prelude::*;

use crate::world::{START, person, report, secs};

/// The contacts that somebody may have: by channel and address. The last two can never be used.
const CONTACTS: [(&str, &str); 7] = [
    ("mail", "NAME@example.co.jp"),
    ("voice", "+81901111NAME"),
    ("voice", "+81902222NAME"),
    ("sms", "+81903333NAME"),
    ("webhook", "https://hooks.example.co.jp/NAME"),
    ("mail", "NAME@elsewhere.test"),
    ("pigeon", "NAME"),
];

/// One person, by numbers that are taken modulo the number of people.
#[derive(Debug, Clone)]
struct Somebody {
    manager: Option<usize>,
    deputies: Vec<usize>,
    contacts: Vec<usize>,
    is_away: bool,
    is_admin: bool,
}

/// What is given before anything happens.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    people: Vec<Somebody>,
    last_resort: Vec<usize>,
    team: Option<(Option<usize>, Vec<usize>, Vec<usize>)>,
    project: Option<(Option<usize>, bool)>,
    on_call: Vec<usize>,
    has_domains: bool,
    /// `None`: somebody the directory does not know.
    reporter: Option<usize>,
    policy: Numbers,
}

/// A policy in seconds.
#[derive(Debug, Clone)]
struct Numbers {
    silent: Vec<&'static str>,
    voice_after: u64,
    voice_every: u64,
    voice_calls_max: u32,
    voice_within: u64,
    remind_every: u64,
    climb_after: Vec<u64>,
    loop_every: u64,
    promise_max: u64,
}

fn somebody() -> impl Strategy<Value = Somebody> {
    (
        prop::option::of(0_usize..12),
        prop::collection::vec(0_usize..12, 0..3),
        prop::collection::vec(0..CONTACTS.len(), 0..4),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.1),
    )
        .prop_map(|(manager, deputies, contacts, is_away, is_admin)| Somebody {
            manager,
            deputies,
            contacts,
            is_away,
            is_admin,
        })
}

fn numbers() -> impl Strategy<Value = Numbers> {
    (
        prop::sample::subsequence(vec!["mail", "sms", "webhook"], 1..=3),
        (0_u64..300, 10_u64..600, 1_u32..5, 60_u64..3_600),
        (30_u64..1_200, prop::collection::vec(5_u64..900, 1..4), 30_u64..1_800, 30_u64..3_600),
    )
        .prop_map(|(silent, voice, pace)| Numbers {
            silent,
            voice_after: voice.0,
            voice_every: voice.1,
            voice_calls_max: voice.2,
            voice_within: voice.3,
            remind_every: pace.0,
            climb_after: pace.1,
            loop_every: pace.2,
            promise_max: pace.3,
        })
}

impl Given {
    pub(crate) fn any() -> impl Strategy<Value = Self> {
        let index = || 0_usize..12;
        let some = |most| prop::collection::vec(index(), 0..most);
        (
            prop::collection::vec(somebody(), 0..12),
            some(4),
            prop::option::of((prop::option::of(index()), some(3), some(5))),
            prop::option::of((prop::option::of(index()), any::<bool>())),
            some(3),
            any::<bool>(),
            prop::option::weighted(0.9, index()),
            numbers(),
        )
            .prop_map(
                |(people, last_resort, team, project, on_call, has_domains, reporter, policy)| {
                    Self {
                        people,
                        last_resort,
                        team,
                        project,
                        on_call,
                        has_domains,
                        reporter,
                        policy,
                    }
                },
            )
    }

    /// The person of that number; somebody unknown when there is nobody.
    pub(crate) fn id(&self, number: usize) -> PersonId {
        let number = number.checked_rem(self.people.len());
        number.map_or(PersonId::new("unknown"), |number| PersonId::new(&format!("p{number:02}")))
    }

    fn ids(&self, numbers: &[usize]) -> Vec<PersonId> {
        numbers.iter().map(|number| self.id(*number)).collect()
    }

    pub(crate) fn report(&self) -> FirstReport {
        let reporter = self.reporter.map_or(PersonId::new("visitor"), |number| self.id(number));
        let project = self.project.as_ref().map(|_| "prj".to_owned());
        FirstReport { reporter, project, ..report("緊急です!") }
    }

    pub(crate) fn policy(&self) -> Policy {
        let numbers = &self.policy;
        Policy {
            silent: numbers.silent.iter().map(|channel| (*channel).to_owned()).collect(),
            voice_after: secs(numbers.voice_after),
            voice_every: secs(numbers.voice_every),
            voice_calls_max: numbers.voice_calls_max,
            voice_within: secs(numbers.voice_within),
            remind_every: secs(numbers.remind_every),
            climb_after: numbers.climb_after.iter().map(|n| Amount(secs(*n))).collect(),
            loop_every: secs(numbers.loop_every),
            promise_max: secs(numbers.promise_max),
        }
    }

    pub(crate) fn directory(&self) -> Directory {
        let mut directory = Directory::default();
        for (number, somebody) in self.people.iter().enumerate() {
            let person = self.person(number, somebody);
            directory.people.insert(person.id.clone(), person);
        }
        directory.organisation.last_resort = self.ids(&self.last_resort);
        if self.has_domains {
            directory.organisation.domains = vec!["example.co.jp".into()];
        }
        self.add_groups(&mut directory);
        directory
    }

    fn person(&self, number: usize, somebody: &Somebody) -> Person {
        let id = self.id(number);
        let contact = |index: &usize| {
            let (channel, address) = CONTACTS[*index];
            let address = address.replace("NAME", id.as_str());
            Contact { channel: channel.to_owned(), address }
        };
        let today = START.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date();
        let absence = Absence { from: today, to: today.tomorrow().unwrap() };
        Person {
            manager: somebody.manager.map(|manager| self.id(manager)),
            deputies: self.ids(&somebody.deputies),
            contact: somebody.contacts.iter().map(contact).collect(),
            absence: if somebody.is_away { vec![absence] } else { vec![] },
            admin: somebody.is_admin,
            ..person(id.as_str(), &[])
        }
    }

    fn add_groups(&self, directory: &mut Directory) {
        let id = TeamId::new("team");
        if let Some((lead, deputies, members)) = &self.team {
            let team = Team {
                id: id.clone(),
                name: "team".into(),
                lead: lead.map(|lead| self.id(lead)),
                deputies: self.ids(deputies),
                members: self.ids(members),
            };
            directory.teams.insert(id.clone(), team);
        }
        if let Some((lead, is_known)) = &self.project
            && *is_known
        {
            let project = Project {
                id: ProjectId::new("prj"),
                name: "project".into(),
                team: Some(id.clone()),
                lead: lead.map(|lead| self.id(lead)),
                deputies: vec![],
            };
            directory.projects.insert(project.id.clone(), project);
        }
        let rota = Rota {
            id: RotaId::new("rota"),
            team: id,
            start: "2026-01-01T00:00:00Z".parse().unwrap(),
            shift_hours: 8,
            members: self.ids(&self.on_call),
        };
        directory.rotas.insert(rota.id.clone(), rota);
    }
}
