//! The forms for teams and projects: the same fields, but a team has members and a project has a team.

use axum::http::StatusCode;
use axum::response::Response;
use domain::directory::{Directory, Project, Team};
use domain::id::{PersonId, ProjectId, TeamId};

use crate::page::Visit;
use crate::page::form::Form;
use crate::page::people::check::{Check, deputy_slots, numbered, person_choices, person_slot};
use crate::page::people::{forget_gone, still_needed};
use crate::view::person_form::{GroupForm, Slot};
use crate::view::{Choice, Section};

/// What the form is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// People with a lead.
    Team,
    /// Something they work on.
    Project,
}

impl Kind {
    const fn path(self) -> &'static str {
        match self {
            Self::Team => "/teams",
            Self::Project => "/projects",
        }
    }

    const fn add_key(self) -> &'static str {
        match self {
            Self::Team => "teams-add",
            Self::Project => "projects-add",
        }
    }
}

/// The form: empty, or with what is known.
pub(super) fn form(visit: &Visit, kind: Kind, id: Option<&str>) -> Result<Response, Box<Response>> {
    visit.admin()?;
    let draft = match id {
        None => Draft::default(),
        Some(id) => find(visit, kind, id)?,
    };
    Ok(visit.ok(&draft.view(visit, kind, id.is_none(), Vec::new())))
}

/// Keeps what was typed, or shows it again with what is wrong.
pub(super) async fn save(
    visit: &Visit,
    kind: Kind,
    id: Option<&str>,
    form: &Form,
) -> Result<Response, Box<Response>> {
    visit.admin()?;
    visit.check_form(form.csrf())?;
    if let Some(id) = id {
        find(visit, kind, id)?;
    }
    let draft = Draft::read(id, form);
    let checked = match draft.check(visit, kind, id.is_none()) {
        Ok(checked) => checked,
        Err(problems) => {
            let view = draft.view(visit, kind, id.is_none(), problems);
            return Ok(visit.respond(StatusCode::UNPROCESSABLE_ENTITY, &view));
        }
    };
    let store = visit.app.engine().store();
    let kept = match checked {
        Checked::Team(team) => store.upsert_team(&team).await,
        Checked::Project(project) => store.upsert_project(&project).await,
    };
    visit.stored(kept, &draft.name)?;
    visit.reload().await?;
    Ok(visit.done("/people", "saved"))
}

/// Removes it. A team that projects or rotas still name stays.
pub(super) async fn delete(
    visit: &Visit,
    kind: Kind,
    id: &str,
    form: &Form,
) -> Result<Response, Box<Response>> {
    visit.admin()?;
    visit.check_form(form.csrf())?;
    let draft = find(visit, kind, id)?;
    let engine = visit.app.engine();
    let holders = match kind {
        Kind::Team => holders_of(&engine.world().directory, &TeamId::new(id)),
        Kind::Project => Vec::new(),
    };
    if !holders.is_empty() {
        let holders = holders.join(&visit.w.t("list-comma"));
        let values = [("name", draft.name.as_str()), ("holders", &holders)];
        let happened = visit.w.tn("team-delete-used", &values);
        return Ok(still_needed(visit, happened, format!("{}/{id}/edit", kind.path())));
    }
    let deleted = match kind {
        Kind::Team => engine.store().delete_team(&TeamId::new(id)).await,
        Kind::Project => engine.store().delete_project(&ProjectId::new(id)).await,
    };
    forget_gone(visit, deleted)?;
    visit.reload().await?;
    Ok(visit.done("/people", "deleted"))
}

/// The names of everything that names a team.
fn holders_of(directory: &Directory, team: &TeamId) -> Vec<String> {
    let projects = directory.projects.values().filter(|p| p.team.as_ref() == Some(team));
    let rotas = directory.rotas.values().filter(|rota| rota.team == *team);
    let projects = projects.map(|project| project.name.clone());
    projects.chain(rotas.map(|rota| rota.id.to_string())).collect()
}

fn find(visit: &Visit, kind: Kind, id: &str) -> Result<Draft, Box<Response>> {
    let world = visit.app.engine().world();
    let found = match kind {
        Kind::Team => world.directory.teams.get(&TeamId::new(id)).map(Draft::of_team),
        Kind::Project => world.directory.projects.get(&ProjectId::new(id)).map(Draft::of_project),
    };
    found.ok_or_else(|| Box::new(visit.not_found()))
}

enum Checked {
    Team(Team),
    Project(Project),
}

/// A team or a project as typed.
#[derive(Debug, Default)]
struct Draft {
    id: String,
    name: String,
    team: String,
    lead: String,
    deputies: Vec<String>,
    members: Vec<String>,
}

fn texts(people: &[PersonId]) -> Vec<String> {
    people.iter().map(ToString::to_string).collect()
}

fn text<T: ToString>(id: Option<&T>) -> String {
    id.map(ToString::to_string).unwrap_or_default()
}

impl Draft {
    fn of_team(team: &Team) -> Self {
        Self {
            id: team.id.to_string(),
            name: team.name.clone(),
            team: String::new(),
            lead: text(team.lead.as_ref()),
            deputies: texts(&team.deputies),
            members: texts(&team.members),
        }
    }

    fn of_project(project: &Project) -> Self {
        Self {
            id: project.id.to_string(),
            name: project.name.clone(),
            team: text(project.team.as_ref()),
            lead: text(project.lead.as_ref()),
            deputies: texts(&project.deputies),
            members: Vec::new(),
        }
    }

    fn read(id: Option<&str>, form: &Form) -> Self {
        let text = |name: &str| form.text(name).trim().to_owned();
        Self {
            id: id.map_or_else(|| text("id"), str::to_owned),
            name: text("name"),
            team: text("team"),
            lead: text("lead"),
            deputies: numbered(form, "deputy"),
            members: form.all("member").map(|value| value.trim().to_owned()).collect(),
        }
    }

    /// What was typed, or everything that is wrong with it.
    fn check(&self, visit: &Visit, kind: Kind, is_new: bool) -> Result<Checked, Vec<String>> {
        let world = visit.app.engine().world();
        let directory = &world.directory;
        let mut check = Check::new(visit, directory, &self.id);
        if is_new {
            check.new_id(match kind {
                Kind::Team => directory.teams.contains_key(&TeamId::new(&self.id)),
                Kind::Project => directory.projects.contains_key(&ProjectId::new(&self.id)),
            });
        }
        let name = check.name(&self.name);
        let lead = check.person(&visit.w.t("form-lead"), &self.lead);
        let deputies = check.people(&visit.w.t("person-deputies"), &self.deputies);
        let checked = match kind {
            Kind::Team => {
                let members = check.people(&visit.w.t("form-members"), &self.members);
                Checked::Team(Team { id: TeamId::new(&self.id), name, lead, deputies, members })
            }
            Kind::Project => {
                let team = check.team(&self.team);
                let id = ProjectId::new(&self.id);
                Checked::Project(Project { id, name, team, lead, deputies })
            }
        };
        if check.problems.is_empty() { Ok(checked) } else { Err(check.problems) }
    }

    fn view(&self, visit: &Visit, kind: Kind, is_new: bool, problems: Vec<String>) -> GroupForm {
        let w = visit.w;
        let path = kind.path();
        let title = if is_new {
            w.t(kind.add_key())
        } else {
            w.tn("form-edit-name", &[("name", &self.name)])
        };
        let action = if is_new { path.to_owned() } else { format!("{path}/{}", self.id) };
        let mut page = visit.page(Section::People, title);
        page.here = if is_new { format!("{path}/new") } else { format!("{action}/edit") };
        let mut slots = Vec::new();
        let mut members = Vec::new();
        match kind {
            Kind::Team => members = self.member_choices(visit),
            Kind::Project => slots.push(self.team_slot(visit)),
        }
        slots.push(person_slot(visit, "lead", &w.t("form-lead"), &self.lead));
        slots.extend(deputy_slots(visit, &self.deputies));
        let (id, name) = (self.id.clone(), self.name.clone());
        GroupForm { w, page, action, is_new, id, name, slots, members, problems }
    }

    /// Everybody, with the members ticked. A member who is no longer there can be unticked.
    fn member_choices(&self, visit: &Visit) -> Vec<Choice> {
        let world = visit.app.engine().world();
        let mut choices = person_choices(&world.directory);
        for id in &self.members {
            match choices.iter_mut().find(|choice| choice.value == *id) {
                Some(choice) => choice.is_selected = true,
                None => choices.push(Choice::new(id, id).chosen(id)),
            }
        }
        choices
    }

    fn team_slot(&self, visit: &Visit) -> Slot {
        let world = visit.app.engine().world();
        let mut teams: Vec<_> = world.directory.teams.values().collect();
        teams.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        let mut choices = vec![Choice::new("", &visit.w.t("form-none"))];
        choices.extend(teams.iter().map(|team| Choice::new(team.id.as_str(), &team.name)));
        if choices.iter().all(|choice| choice.value != self.team) {
            choices.push(Choice::new(&self.team, &self.team));
        }
        let choices = choices.into_iter().map(|choice| choice.chosen(&self.team)).collect();
        Slot { name: "team".to_owned(), label: visit.w.t("form-team"), choices }
    }
}
