//! Everybody at a glance, and one person: how they can be reached, and who is called when they report.

use axum::response::Response;
use domain::directory::{Directory, Person, Problem};
use domain::id::PersonId;
use domain::rehearsal::{HORIZON, Question};
use domain::route::{Routes, Unusable, mask, routes};
use wording::{Locale, Words};

use crate::page::Visit;
use crate::page::rehearsal::words::{problem_words, unusable_key};
use crate::page::show::line::day;
use crate::page::show::{channel_word, passed_over, rehearsal_line};
use crate::view::people::{ContactRow, People, PersonPage, Row};
use crate::view::{Phone, Section};

/// The channels whose addresses can be dialled.
const DIALLED: [&str; 2] = ["voice", "sms"];

/// Everybody and everything, by name.
pub(super) fn people(visit: &Visit) -> People {
    let w = visit.w;
    let world = visit.app.engine().world();
    let directory = &world.directory;
    let is_admin = visit.is_admin();
    let edit = |path: &str, id: &str| {
        if is_admin { format!("/{path}/{id}/edit") } else { String::new() }
    };
    let mut people: Vec<_> = directory.people.values().collect();
    people.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    let mut teams: Vec<_> = directory.teams.values().collect();
    teams.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    let mut projects: Vec<_> = directory.projects.values().collect();
    projects.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    let group = |url, name: &str, lead: Option<&PersonId>| Row {
        url,
        name: name.to_owned(),
        detail: match lead {
            Some(lead) => w.tn("people-led-by", &[("name", directory.name_of(lead))]),
            None => w.t("people-no-lead"),
        },
        problem: None,
    };
    People {
        w,
        page: visit.page(Section::People, w.t("people-title")),
        people: people.iter().map(|person| row(visit, directory, person)).collect(),
        teams: teams
            .iter()
            .map(|team| group(edit("teams", team.id.as_str()), &team.name, team.lead.as_ref()))
            .collect(),
        projects: projects
            .iter()
            .map(|project| {
                let team = project.team.as_ref().and_then(|team| directory.teams.get(team));
                let lead = project.lead.as_ref().or_else(|| team?.lead.as_ref());
                group(edit("projects", project.id.as_str()), &project.name, lead)
            })
            .collect(),
        problems: problems_of(w, directory),
        is_admin,
    }
}

/// One person.
pub(super) fn show_person(visit: &Visit, id: &str) -> Result<Response, Box<Response>> {
    let reader = visit.signed_in()?;
    let w = visit.w;
    let engine = visit.app.engine();
    let world = engine.world();
    let directory = &world.directory;
    let Some(person) = directory.find_person(&PersonId::new(id)) else {
        return Err(Box::new(visit.not_found()));
    };
    let ways = routes(directory, &world.channels, &world.policy, &person.id);
    let sees_all = reader.person == person.id || visit.is_admin();
    let question =
        Question { reporter: &person.id, project: None, at: visit.now, horizon: HORIZON };
    let rehearsal = engine.rehearse(&question);
    let of_all = rehearsal.problems.iter().filter(|problem| problem.person().is_none());
    let own = reach_problem(w, person, &ways);
    let page = PersonPage {
        w,
        page: visit.page(Section::People, person.name.clone()),
        name: person.name.clone(),
        facts: facts(w, directory, person),
        contacts: contacts(w, person, &ways, sees_all),
        absences: absences(visit, person),
        line: rehearsal_line(visit, &rehearsal, &person.id, None),
        passed_over: passed_over(visit, &rehearsal),
        problems: own.into_iter().chain(of_all.map(|p| problem_words(w, directory, p))).collect(),
        edit_url: visit.is_admin().then(|| format!("/people/{id}/edit")),
        rehearsal_url: format!("/rehearsal?reporter={id}"),
    };
    Ok(visit.ok(&page))
}

fn row(visit: &Visit, directory: &Directory, person: &Person) -> Row {
    let w = visit.w;
    let world = visit.app.engine().world();
    let mut words: Vec<String> = Vec::new();
    for contact in &person.contact {
        let word = channel_word(w, &contact.channel);
        if !words.contains(&word) {
            words.push(word);
        }
    }
    let ways = routes(directory, &world.channels, &world.policy, &person.id);
    let detail = match directory.away_until(&person.id, visit.now) {
        Some(date) => w.tn("people-away", &[("date", &day(w, date, visit.now))]),
        None => words.join(&w.t("list-comma")),
    };
    Row {
        url: format!("/people/{}", person.id),
        name: person.name.clone(),
        detail,
        problem: reach_problem(w, person, &ways),
    }
}

/// What keeps a person from being reached, by the same rule as in a rehearsal.
fn reach_problem(w: Words, person: &Person, ways: &Routes) -> Option<String> {
    let outside = ways.unusable.iter().filter(|(_, why)| *why == Unusable::Outside).count();
    let all = ways.silent.len().saturating_add(ways.voice.len());
    let values = [("person", person.name.as_str())];
    if all <= outside {
        Some(w.tn("problem-no_contact", &values))
    } else {
        ways.voice.is_empty().then(|| w.tn("problem-no_voice", &values))
    }
}

fn facts(w: Words, directory: &Directory, person: &Person) -> Vec<(String, String)> {
    let comma = w.t("list-comma");
    let names = |people: &mut dyn Iterator<Item = &PersonId>| {
        people.map(|id| directory.name_of(id).to_owned()).collect::<Vec<_>>().join(&comma)
    };
    let teams = directory.teams.values().filter(|team| {
        let mut everybody = team.members.iter().chain(&team.deputies).chain(&team.lead);
        everybody.any(|id| *id == person.id)
    });
    let teams: Vec<&str> = teams.map(|team| team.name.as_str()).collect();
    let locale = Locale::parse(directory.locale_of(&person.id)).unwrap_or(Locale::En);
    let all = [
        ("person-manager", names(&mut person.manager.iter())),
        ("person-deputies", names(&mut person.deputies.iter())),
        ("person-teams", teams.join(&comma)),
        ("person-locale", locale_name(locale).to_owned()),
        ("person-zone", directory.timezone_of(&person.id).to_owned()),
    ];
    let given = all.into_iter().filter(|(_, value)| !value.is_empty());
    given.map(|(key, value)| (w.t(key), value)).collect()
}

/// A language in its own words.
pub(super) const fn locale_name(locale: Locale) -> &'static str {
    match locale {
        Locale::Ja => "日本語",
        Locale::En => "English",
    }
}

/// Telephone numbers are shown to everybody, because calling somebody yourself is always allowed; other addresses
/// are not, because some of them hold a secret.
fn contacts(w: Words, person: &Person, ways: &Routes, sees_all: bool) -> Vec<ContactRow> {
    let shown = person.contact.iter().map(|contact| {
        let is_dialled = DIALLED.contains(&contact.channel.as_str());
        let address = if sees_all || is_dialled {
            contact.address.clone()
        } else {
            mask(&contact.channel, &contact.address)
        };
        let why = ways.unusable.iter().find(|(unusable, _)| unusable == contact);
        ContactRow {
            channel: channel_word(w, &contact.channel),
            phone: is_dialled.then(|| Phone::new(&contact.address)),
            address,
            problem: why.map(|(_, why)| w.t(unusable_key(*why))),
        }
    });
    shown.collect()
}

/// The absences that are not over, in words.
fn absences(visit: &Visit, person: &Person) -> Vec<String> {
    let world = visit.app.engine().world();
    let zone = wording::time::zone(world.directory.timezone_of(&person.id));
    let today = visit.now.to_jiff().to_zoned(zone).date();
    let days = |date| day(visit.w, date, visit.now);
    let coming = person.absence.iter().filter(|absence| absence.to >= today);
    coming
        .map(|absence| {
            let (from, to) = (days(absence.from), days(absence.to));
            visit.w.tn("person-away-days", &[("from", &from), ("to", &to)])
        })
        .collect()
}

/// What does not hold together, in words, and a last resort that is nobody's or one person's alone.
fn problems_of(w: Words, directory: &Directory) -> Vec<String> {
    let holder_name = |holder: &str| -> String {
        let team = directory.teams.get(&domain::id::TeamId::new(holder)).map(|t| &t.name);
        let project = directory.projects.get(&domain::id::ProjectId::new(holder)).map(|p| &p.name);
        let person = directory.find_person(&PersonId::new(holder)).map(|p| &p.name);
        team.or(project).or(person).cloned().unwrap_or_else(|| holder.to_owned())
    };
    let mut found: Vec<String> = Vec::new();
    for problem in directory.problems() {
        found.push(match problem {
            Problem::UnknownPerson { holder, person, .. } => {
                let values = [("holder", &*holder_name(&holder)), ("person", person.as_str())];
                w.tn("problem-unknown_person", &values)
            }
            Problem::UnknownTeam { holder, .. } => {
                w.tn("problem-unknown_team", &[("holder", &holder_name(&holder))])
            }
            Problem::NoLastResort => w.t("problem-no_last_resort"),
        });
    }
    if directory.organisation.last_resort.len() == 1 {
        found.push(w.t("problem-one_last_resort"));
    }
    found
}
