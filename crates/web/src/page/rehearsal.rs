//! Rehearsal (B6): who would be called when, and the holes in it.

pub(crate) mod words;

use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{PersonId, ProjectId};
use domain::rehearsal::{HORIZON, Question};
use domain::time::Timestamp;
use jiff::civil::DateTime;
use wording::time;

use crate::api::v1::rehearsal::read_moment;
use crate::page::Visit;
use crate::page::people::check::person_choices;
use crate::page::rehearsal::words::problem_words;
use crate::page::show::{channel_word, passed_over, query, rehearsal_figure, rehearsal_line};
use crate::view::rehearsal::{Plan, Rehearsal as RehearsalPage, Step};
use crate::view::{Choice, Flash, Section};

/// The most steps that are listed.
const STEPS_SHOWN_MAX: usize = 40;

/// The page; with a plan once somebody was chosen to report.
pub(crate) async fn show(visit: Visit) -> Response {
    let reader = match visit.signed_in() {
        Ok(reader) => reader.person.clone(),
        Err(early) => return *early,
    };
    let query = query(&visit);
    let chosen = query.given("reporter").map(PersonId::new);
    let project = query.given("project");
    let at = query.given("at").map_or(Some(visit.now), |text| read_at(text, &visit.zone()));
    let mut page = view(&visit, chosen.as_ref().unwrap_or(&reader), project, at);
    match (chosen, at) {
        (Some(reporter), Some(at)) => page.plan = Some(plan(&visit, &reporter, project, at)),
        (None, Some(_)) => {}
        (_, None) => {
            let text = visit.w.t("rehearsal-bad-at");
            page.page.flash = Some(Flash { is_done: false, text });
            return visit.respond(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    }
    visit.ok(&page)
}

/// A moment as a browser's date field writes it, in the reader's zone, or as programs write it.
fn read_at(text: &str, zone: &str) -> Option<Timestamp> {
    if let Some(at) = read_moment(text) {
        return Some(at);
    }
    let local = text.parse::<DateTime>().ok()?;
    let zoned = local.to_zoned(time::zone(zone)).ok()?;
    Some(Timestamp::from(zoned.timestamp()))
}

fn view(
    visit: &Visit,
    reporter: &PersonId,
    project: Option<&str>,
    at: Option<Timestamp>,
) -> RehearsalPage {
    let w = visit.w;
    let world = visit.app.engine().world();
    let reporters = person_choices(&world.directory);
    let mut projects: Vec<_> = world.directory.projects.values().collect();
    projects.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    let none = Choice::new("", &w.t("home-no-project"));
    let projects = projects.iter().map(|project| Choice::new(project.id.as_str(), &project.name));
    let project = project.unwrap_or_default();
    let local = at.unwrap_or(visit.now).to_jiff().to_zoned(time::zone(&visit.zone()));
    RehearsalPage {
        w,
        page: visit.page(Section::Rehearsal, w.t("rehearsal-title")),
        reporters: reporters.into_iter().map(|c| c.chosen(reporter.as_str())).collect(),
        projects: std::iter::once(none).chain(projects).map(|c| c.chosen(project)).collect(),
        at: local.strftime("%Y-%m-%dT%H:%M").to_string(),
        zone: visit.zone(),
        plan: None,
    }
}

fn plan(visit: &Visit, reporter: &PersonId, project: Option<&str>, at: Timestamp) -> Plan {
    let w = visit.w;
    let engine = visit.app.engine();
    let world = engine.world();
    let directory = &world.directory;
    let rehearsal = engine.rehearse(&Question { reporter, project, at, horizon: HORIZON });
    let zone = visit.zone();
    let moment = time::exact(w, at, &zone);
    let values = [("name", directory.name_of(reporter)), ("time", &moment)];
    let steps = rehearsal.steps.iter().take(STEPS_SHOWN_MAX).map(|step| Step {
        after: time::span(w, step.after),
        clock: time::clock_seconds(at.after(step.after), &zone),
        person: directory.name_of(&step.person).to_owned(),
        channel: channel_word(w, &step.channel),
    });
    Plan {
        sentence: w.tn("rehearsal-sentence", &values),
        figure: rehearsal_figure(visit, &rehearsal, at),
        line: rehearsal_line(visit, &rehearsal, reporter, project.map(ProjectId::new).as_ref()),
        passed_over: passed_over(visit, &rehearsal),
        problems: rehearsal.problems.iter().map(|p| problem_words(w, directory, p)).collect(),
        steps: steps.collect(),
    }
}

#[cfg(test)]
mod tests;
