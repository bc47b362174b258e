//! The responsible line (B1): whom to reach for this reporter, this project and this moment, best first.
//!
//! A pure function of the directory. Nobody stands in it twice, the reporter never does, people who are away are
//! passed over and named as such, and it is only empty when the directory knows nobody but the reporter.

use serde::{Deserialize, Serialize};

use crate::directory::{Directory, Project};
use crate::id::{PersonId, ProjectId, TeamId};
use crate::time::Timestamp;

/// Why a person stands in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// Leads the project.
    ProjectLead,
    /// Stands in for the project's lead.
    ProjectDeputy,
    /// The reporter's manager.
    Manager,
    /// Stands in for a manager in the reporter's line.
    ManagerDeputy,
    /// A manager further up.
    ManagerAbove,
    /// Leads the reporter's own team.
    TeamLead,
    /// Stands in for the lead of the reporter's own team.
    TeamDeputy,
    /// On call for the team.
    OnCall,
    /// Named as the organisation's last resort.
    LastResort,
    /// Nobody else was left.
    AnyoneLeft,
    /// Somebody who was asked named them.
    HandedOver,
}

impl Because {
    /// Every reason, for the catalogue test.
    pub const ALL: [Self; 11] = [
        Self::ProjectLead,
        Self::ProjectDeputy,
        Self::Manager,
        Self::ManagerDeputy,
        Self::ManagerAbove,
        Self::TeamLead,
        Self::TeamDeputy,
        Self::OnCall,
        Self::LastResort,
        Self::AnyoneLeft,
        Self::HandedOver,
    ];

    /// The stable word for it, as in the API and the ledger.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ProjectLead => "project_lead",
            Self::ProjectDeputy => "project_deputy",
            Self::Manager => "manager",
            Self::ManagerDeputy => "manager_deputy",
            Self::ManagerAbove => "manager_above",
            Self::TeamLead => "team_lead",
            Self::TeamDeputy => "team_deputy",
            Self::OnCall => "on_call",
            Self::LastResort => "last_resort",
            Self::AnyoneLeft => "anyone_left",
            Self::HandedOver => "handed_over",
        }
    }
}

/// One person in the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// Why them.
    pub because: Because,
}

/// Somebody who would stand in the line but is away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOver {
    /// Who.
    pub person: PersonId,
    /// Why they would have been called.
    pub because: Because,
    /// The last day they are away.
    pub until: jiff::civil::Date,
}

/// Whom to reach, best first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResponsibleLine {
    /// In order.
    pub members: Vec<Member>,
    /// Those who are away.
    pub passed_over: Vec<PassedOver>,
    /// Whether everybody is away, so that people who are away are called after all.
    pub is_everybody_away: bool,
}

/// Draws the line. An unknown project counts as none.
#[must_use]
pub fn responsible_line(
    directory: &Directory,
    reporter: &PersonId,
    project: Option<&ProjectId>,
    at: Timestamp,
) -> ResponsibleLine {
    let candidates = list_candidates(directory, reporter, project, at);
    let mut line = ResponsibleLine::default();
    for member in &candidates {
        match directory.away_until(&member.person, at) {
            None => line.members.push(member.clone()),
            Some(until) => line.passed_over.push(PassedOver {
                person: member.person.clone(),
                because: member.because,
                until,
            }),
        }
    }
    if line.members.is_empty() {
        // Somebody who is away is better than nobody. Last resorts first: they agreed to it.
        line.is_everybody_away = !candidates.is_empty();
        line.members = candidates;
        line.members.sort_by_key(|member| member.because != Because::LastResort);
    }
    if line.members.is_empty() {
        line.members = list_anyone(directory, reporter);
    }
    line
}

fn list_candidates(
    directory: &Directory,
    reporter: &PersonId,
    project: Option<&ProjectId>,
    at: Timestamp,
) -> Vec<Member> {
    let mut found = Candidates { directory, reporter, members: Vec::new() };
    let project = project.and_then(|id| directory.projects.get(id));
    if let Some(project) = project {
        found.add_project(project);
    }
    found.add_managers();
    let own_teams: Vec<TeamId> = directory
        .teams
        .values()
        .filter(|team| {
            team.members.contains(reporter)
                || team.deputies.contains(reporter)
                || team.lead.as_ref() == Some(reporter)
        })
        .map(|team| team.id.clone())
        .collect();
    for id in &own_teams {
        found.add_team(id, Because::TeamLead, Because::TeamDeputy);
    }
    let project_team = project.and_then(|project| project.team.clone());
    for team in project_team.iter().chain(&own_teams) {
        for rota in directory.rotas.values().filter(|rota| rota.team == *team) {
            if let Some(person) = rota.on_call(at) {
                found.add(person, Because::OnCall);
            }
        }
    }
    for person in &directory.organisation.last_resort {
        found.add(person, Because::LastResort);
    }
    found.members
}

fn list_anyone(directory: &Directory, reporter: &PersonId) -> Vec<Member> {
    let mut people: Vec<_> = directory.people.values().filter(|p| p.id != *reporter).collect();
    people.sort_by_key(|person| (!person.admin, person.contact.is_empty()));
    people
        .into_iter()
        .map(|person| Member { person: person.id.clone(), because: Because::AnyoneLeft })
        .collect()
}

struct Candidates<'a> {
    directory: &'a Directory,
    reporter: &'a PersonId,
    members: Vec<Member>,
}

impl Candidates<'_> {
    /// Adds a person once; never the reporter, never somebody the directory does not know.
    fn add(&mut self, person: &PersonId, because: Because) {
        let is_new = self.members.iter().all(|member| member.person != *person);
        if is_new && person != self.reporter && self.directory.people.contains_key(person) {
            self.members.push(Member { person: person.clone(), because });
        }
    }

    fn add_deputies_of(&mut self, person: &PersonId, because: Because) {
        if let Some(person) = self.directory.people.get(person) {
            for deputy in &person.deputies {
                self.add(deputy, because);
            }
        }
    }

    fn add_project(&mut self, project: &Project) {
        if let Some(lead) = &project.lead {
            self.add(lead, Because::ProjectLead);
        }
        for deputy in &project.deputies {
            self.add(deputy, Because::ProjectDeputy);
        }
        if let Some(lead) = &project.lead {
            self.add_deputies_of(lead, Because::ProjectDeputy);
        }
        if let Some(team) = &project.team {
            let lead =
                if project.lead.is_some() { Because::ProjectDeputy } else { Because::ProjectLead };
            self.add_team(team, lead, Because::ProjectDeputy);
        }
    }

    fn add_team(&mut self, team: &TeamId, as_lead: Because, as_deputy: Because) {
        let Some(team) = self.directory.teams.get(team) else { return };
        if let Some(lead) = &team.lead {
            self.add(lead, as_lead);
        }
        for deputy in &team.deputies {
            self.add(deputy, as_deputy);
        }
        if let Some(lead) = &team.lead {
            self.add_deputies_of(lead, as_deputy);
        }
    }

    /// Upward from the reporter. A loop in the chain ends it.
    fn add_managers(&mut self) {
        let mut seen = vec![self.reporter.clone()];
        let mut because = Because::Manager;
        let mut at = self.reporter.clone();
        while let Some(manager) =
            self.directory.people.get(&at).and_then(|person| person.manager.clone())
        {
            if seen.contains(&manager) {
                return;
            }
            self.add(&manager, because);
            self.add_deputies_of(&manager, Because::ManagerDeputy);
            because = Because::ManagerAbove;
            seen.push(manager.clone());
            at = manager;
        }
    }
}
