//! The responsible line before the fact: who would be reached, why they, and when they join (A4, B1).

use std::time::Duration;

use domain::directory::Directory;
use domain::id::{PersonId, ProjectId};
use domain::incident::Incident;
use domain::incident::escalation::Answer;
use domain::line::{Because, PassedOver};
use domain::rehearsal::{Problem, Rehearsal};
use domain::time::Timestamp;
use wording::{Words, time};

use crate::page::Visit;
use crate::view::{Called, Phone};

/// Whose line it is, so that a reason can name what it speaks of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    /// The language.
    pub(crate) w: Words,
    /// Who there is.
    pub(crate) directory: &'a Directory,
    /// Who reports.
    pub(crate) reporter: &'a PersonId,
    /// On which project.
    pub(crate) project: Option<&'a ProjectId>,
}

impl Line<'_> {
    /// Why a person stands in the line, in words.
    pub(crate) fn because(
        &self,
        person: &PersonId,
        because: Because,
        by: Option<&PersonId>,
    ) -> String {
        let of = match because {
            Because::ProjectLead | Because::ProjectDeputy => self.project_name(),
            Because::ManagerDeputy => self.manager_with_deputy(person),
            Because::TeamLead | Because::TeamDeputy => self.own_team(person),
            Because::OnCall => self.team_on_call(person),
            Because::HandedOver => self.directory.name_of(by.unwrap_or(self.reporter)).to_owned(),
            Because::Manager
            | Because::ManagerAbove
            | Because::LastResort
            | Because::AnyoneLeft => String::new(),
        };
        self.w.tn(&format!("because-{}", because.word()), &[("of", &of)])
    }

    fn project_name(&self) -> String {
        let Some(id) = self.project else { return String::new() };
        let known = self.directory.projects.get(id);
        known.map_or_else(|| id.to_string(), |project| project.name.clone())
    }

    /// The name of the first manager above the reporter whose deputy the person is.
    fn manager_with_deputy(&self, deputy: &PersonId) -> String {
        let manager_of = |id: &PersonId| self.directory.find_person(id)?.manager.clone();
        let is_deputy = |id: &PersonId| {
            self.directory.find_person(id).is_some_and(|p| p.deputies.contains(deputy))
        };
        // A chain of managers may be a loop; nobody has more managers than there are people.
        let chain = std::iter::successors(manager_of(self.reporter), manager_of);
        let found = chain.take(self.directory.people.len()).find(is_deputy);
        let nearest = found.or_else(|| manager_of(self.reporter));
        nearest.map(|id| self.directory.name_of(&id).to_owned()).unwrap_or_default()
    }

    fn own_team(&self, person: &PersonId) -> String {
        let reporter = self.reporter;
        let mut own = self.directory.teams.values().filter(|team| {
            team.members.contains(reporter)
                || team.deputies.contains(reporter)
                || team.lead.as_ref() == Some(reporter)
        });
        let leads = |lead: &PersonId| {
            let deputies = self.directory.find_person(lead).map(|p| &p.deputies);
            lead == person || deputies.is_some_and(|deputies| deputies.contains(person))
        };
        let found = own
            .find(|team| team.deputies.contains(person) || team.lead.as_ref().is_some_and(leads));
        found.map(|team| team.name.clone()).unwrap_or_default()
    }

    fn team_on_call(&self, person: &PersonId) -> String {
        let rota = self.directory.rotas.values().find(|rota| rota.members.contains(person));
        let team = rota.and_then(|rota| self.directory.teams.get(&rota.team));
        team.map(|team| team.name.clone()).unwrap_or_default()
    }
}

/// Who handed it to `person`, in a calling.
pub(crate) fn handed_by<'a>(incident: &'a Incident, person: &PersonId) -> Option<&'a PersonId> {
    let answers = &incident.escalation.as_ref()?.answers;
    let is_to = |answer: &Answer| matches!(answer, Answer::HandOver { to } if to == person);
    answers.iter().rev().find(|given| is_to(&given.answer)).map(|given| &given.person)
}

/// When somebody joins, in words.
pub(crate) fn joins(visit: &Visit, after: Duration) -> String {
    if after.is_zero() {
        return visit.w.t("joins-at-once");
    }
    time::relative(visit.w, visit.now.after(after), visit.now)
}

/// Everybody who would be called, in order, with the reason and the number.
pub(crate) fn rehearsal_line(
    visit: &Visit,
    rehearsal: &Rehearsal,
    reporter: &PersonId,
    project: Option<&ProjectId>,
) -> Vec<Called> {
    let world = visit.app.engine().world();
    let line = Line { w: visit.w, directory: &world.directory, reporter, project };
    let called = |(index, found): (usize, &domain::rehearsal::RehearsedMember)| {
        let person = &found.member.person;
        let after = found.joins_after.unwrap_or_else(|| world.policy.joins_after(index));
        Called {
            name: world.directory.name_of(person).to_owned(),
            because: line.because(person, found.member.because, None),
            joins: joins(visit, after),
            phone: world.directory.phone_of(person).map(Phone::new),
            is_unreachable: is_unreachable(rehearsal, person),
        }
    };
    rehearsal.line.iter().enumerate().map(called).collect()
}

/// Whether the rehearsal found no way to reach the person.
pub(crate) fn is_unreachable(rehearsal: &Rehearsal, person: &PersonId) -> bool {
    let is_about = |problem: &Problem| matches!(problem, Problem::NoRoute(who) if who == person);
    rehearsal.problems.iter().any(is_about)
}

/// One sentence for each person who is passed over because they are away; when everybody is, that instead.
pub(crate) fn passed_over(visit: &Visit, rehearsal: &Rehearsal) -> Vec<String> {
    if rehearsal.problems.contains(&Problem::EverybodyAway) {
        return vec![visit.w.t("line-everybody-away")];
    }
    let world = visit.app.engine().world();
    let sentence = |away: &PassedOver| {
        let name = world.directory.name_of(&away.person);
        let date = day(visit.w, away.until, visit.now);
        visit.w.tn("line-passed-over", &[("name", name), ("date", &date)])
    };
    rehearsal.passed_over.iter().map(sentence).collect()
}

/// A calendar day in words, whatever the zone.
pub(crate) fn day(w: Words, date: jiff::civil::Date, now: Timestamp) -> String {
    let noon = date.at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC);
    noon.map_or_else(
        |_| date.to_string(),
        |noon| time::date(w, Timestamp::from(noon.timestamp()), now, "UTC"),
    )
}

#[cfg(test)]
mod tests {
    use domain::directory::{Person, Team};
    use domain::id::TeamId;
    use wording::Locale;

    use super::*;

    fn person(id: &str, manager: Option<&str>, deputies: &[&str]) -> (PersonId, Person) {
        let found = Person {
            id: PersonId::new(id),
            name: id.to_uppercase(),
            locale: String::new(),
            timezone: String::new(),
            manager: manager.map(PersonId::new),
            deputies: deputies.iter().map(|id| PersonId::new(id)).collect(),
            contact: Vec::new(),
            absence: Vec::new(),
            admin: false,
        };
        (found.id.clone(), found)
    }

    #[test]
    fn a_reason_names_whose_deputy_somebody_is_even_in_a_loop_of_managers() {
        let mut directory = Directory::default();
        directory.people.extend([
            person("carol", Some("ann"), &[]),
            person("ann", Some("bob"), &[]),
            person("bob", Some("ann"), &["dave"]),
            person("dave", None, &[]),
            person("erin", None, &[]),
        ]);
        let team = Team {
            id: TeamId::new("team_x"),
            name: "Billing".into(),
            lead: Some(PersonId::new("bob")),
            deputies: Vec::new(),
            members: vec![PersonId::new("carol")],
        };
        directory.teams.insert(team.id.clone(), team);
        let reporter = PersonId::new("carol");
        let w = Words::of(Locale::En);
        let line = Line { w, directory: &directory, reporter: &reporter, project: None };
        let why = |who: &str, because| line.because(&PersonId::new(who), because, None);
        assert_eq!(why("dave", Because::ManagerDeputy), "Deputy of BOB");
        assert_eq!(why("erin", Because::ManagerDeputy), "Deputy of ANN");
        assert_eq!(why("dave", Because::TeamDeputy), "Deputy for team Billing");
        assert_eq!(why("ann", Because::Manager), "The reporter’s manager");
        assert_eq!(why("erin", Because::HandedOver), "Named by CAROL");
    }
}
