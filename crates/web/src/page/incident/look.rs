//! Looking at an incident and at the forms of its entries.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::access::{self, Role};
use domain::id::{EntryId, PersonId};
use domain::incident::escalation::Status;
use domain::incident::timeline::EntryKind;
use domain::incident::{Command, Incident, Refusal};

use crate::api::v1::incidents::export_response;
use crate::page::Visit;
use crate::page::show::{self, Scene, either, entry_form, heading, inside, is_fragment};
use crate::view::entry::EntryFields;
use crate::view::incident::{self as view, Insider, May};
use crate::view::{Choice, Section};

/// How much of the time line is on one page.
const TIMELINE_MAX: usize = 500;
/// What the time line can be filtered by, besides everything.
const FILTERS: [&str; 6] = ["all", "fact", "guess", "unknown", "action", "decision"];

/// The incident as it stands.
pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> Response {
    let looked = async {
        let (person, incident) = inside(&visit, &id).await?;
        let fields = EntryFields::empty(visit.w, "new", &visit.zone());
        let view = page(&visit, &person, &incident, fields).await;
        Ok(if is_fragment(&visit, "live") { visit.ok(&view.as_live()) } else { visit.ok(&view) })
    };
    either(looked.await)
}

/// The page, with the form for a new entry as given.
pub(super) async fn page(
    visit: &Visit,
    reader: &PersonId,
    incident: &Incident,
    fields: EntryFields,
) -> view::Incident {
    let w = visit.w;
    let scene = Scene::new(visit, incident);
    let query = show::query(visit);
    let kind = EntryKind::parse(query.text("kind"));
    let from: usize = query.given("from").and_then(|text| text.parse().ok()).unwrap_or(0);
    let items = scene.items(kind);
    let chosen = kind.map_or("all", EntryKind::word);
    let end = from.saturating_add(TIMELINE_MAX);
    let more_url = (items.len() > end).then(|| format!("?kind={chosen}&from={end}#timeline-title"));
    let timeline = items.iter().skip(from).take(TIMELINE_MAX);
    let received = &incident.report.received;
    let mut page = visit.page(Section::Incidents, w.t("incident-title"));
    page.ledger_hash = head_hash(visit, incident).await;
    view::Incident {
        w,
        page,
        id: incident.id.to_string(),
        heading: heading(w, incident),
        is_drill: received.is_drill,
        state: scene.state(),
        sentence: scene.record_sentence(),
        project: scene.project(),
        reporter: scene.name(&received.reporter).to_owned(),
        reported_at: scene.clock(incident.report.at),
        lead: scene.escalation().and_then(|e| e.lead()).map(|lead| scene.name(lead).to_owned()),
        circle: w.t(&format!("circle-{}", incident.membership.circle().number())),
        next_update: None,
        // Until closing asks for the decision itself (D4), it is at least never out of sight.
        duties: if incident.closed.is_none() { vec![w.t("duty-disclosure")] } else { Vec::new() },
        guide: scene.guide(reader),
        known: scene.claims(&[EntryKind::Fact, EntryKind::Action, EntryKind::Decision]),
        open: scene.claims(&[EntryKind::Guess, EntryKind::Unknown]),
        timeline: timeline.map(|item| scene.entry_of(item, reader)).collect(),
        filters: FILTERS
            .into_iter()
            .map(|code| Choice::new(code, &w.t(&format!("filter-{code}"))).chosen(chosen))
            .collect(),
        more_url,
        insiders: insiders(&scene),
        candidates: candidates(&scene, reader),
        fields,
        key: visit.app.new_token(),
        may: may(&scene, reader),
    }
}

/// The hash at the head of the ledger, for the printed page. Without it the page is still worth reading.
async fn head_hash(visit: &Visit, incident: &Incident) -> Option<String> {
    let before = incident.seq.saturating_sub(1);
    let last = visit.app.engine().store().load_ledger_after(&incident.id, before).await.ok()?;
    last.last().map(|sealed| hex::encode(sealed.hash))
}

/// What the reader may do. The engine decides again when they do it.
fn may(scene: &Scene<'_>, reader: &PersonId) -> May {
    let incident = scene.incident;
    let is_open = incident.closed.is_none();
    let (is_lead, is_reporter) = (scene.is(reader, Role::Lead), scene.is(reader, Role::Reporter));
    let escalation = scene.escalation();
    let is_stood_down = escalation.is_some_and(|e| matches!(e.status, Status::StoodDown { .. }));
    let is_led = escalation.is_some_and(|e| e.lead().is_some());
    let is_settled = escalation.is_some_and(|e| !e.is_open());
    May {
        write: is_open,
        bring_in: is_open && is_lead,
        hand_over: is_open && is_lead,
        close: is_open && is_settled && (is_lead || is_stood_down && is_reporter),
        // Once a human has it, it is theirs to stand down.
        stand_down: is_open && !is_stood_down && (is_lead || is_reporter && !is_led),
    }
}

fn insiders(scene: &Scene<'_>) -> Vec<Insider> {
    let insider = |person: PersonId| {
        let roles = access::roles(scene.incident, &person);
        let role = match roles.as_slice() {
            roles if roles.contains(&Role::Lead) => "lead",
            roles if roles.contains(&Role::Reporter) => "reporter",
            roles if roles.contains(&Role::Asked) => "called",
            _ => "brought_in",
        };
        Insider {
            name: scene.name(&person).to_owned(),
            role: scene.w.t(&format!("role-{role}")),
            is_lead: role == "lead",
            phone: scene.phone(&person),
        }
    };
    access::who_may_see(scene.incident).into_iter().map(insider).collect()
}

/// Everybody but the reader and the reporter.
fn candidates(scene: &Scene<'_>, reader: &PersonId) -> Vec<Choice> {
    let reporter = &scene.incident.report.received.reporter;
    let people = scene.directory().people.values();
    let others = people.filter(|person| person.id != *reader && person.id != *reporter);
    others.map(|person| Choice::new(person.id.as_str(), &person.name)).collect()
}

/// The whole ledger as a file that anybody can check.
pub(crate) async fn export(visit: Visit, Path(id): Path<String>) -> Response {
    let exported = async {
        let (person, incident) = inside(&visit, &id).await?;
        let lines = visit.app.engine().export(&incident.id, Some(&person)).await;
        let lines = lines.map_err(|why| Box::new(visit.refused(&why, "", Vec::new())))?;
        Ok(export_response(&incident.id, &lines))
    };
    either(exported.await)
}

/// The form that corrects an entry.
pub(crate) async fn correct_form(
    visit: Visit,
    Path((id, entry)): Path<(String, String)>,
) -> Response {
    let looked = async {
        let (person, incident) = inside(&visit, &id).await?;
        let entry = EntryId::new(&entry);
        let found = incident.timeline.find(&entry).ok_or(Refusal::UnknownEntry);
        let said = found.and_then(|found| found.statement.as_ref().ok_or(Refusal::EntryRedacted));
        let said = said.map_err(|why| Box::new(visit.refused(&why.into(), "", Vec::new())))?;
        let fields = entry_form::filled(visit.w, "correct", &visit.zone(), said);
        correct_page(&visit, &person, &incident, (&entry, fields, "")).await
    };
    either(looked.await)
}

/// The page that corrects an entry: which one, the fields and the reason as typed.
pub(super) async fn correct_page(
    visit: &Visit,
    reader: &PersonId,
    incident: &Incident,
    (entry, fields, why): (&EntryId, EntryFields, &str),
) -> Result<Response, Box<Response>> {
    let not_there = || Box::new(visit.not_found());
    let found = incident.timeline.find(entry).ok_or_else(not_there)?;
    let status =
        if fields.problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = view::Correct {
        w: visit.w,
        page: visit.page(Section::Incidents, visit.w.t("correct-title")),
        entry: Scene::new(visit, incident).entry(found, reader),
        fields,
        why: why.to_owned(),
    };
    Ok(visit.respond(status, &view))
}

/// The form that has the words of an entry erased; for those who may.
pub(crate) async fn redact_form(
    visit: Visit,
    Path((id, entry)): Path<(String, String)>,
) -> Response {
    let looked = async {
        let (person, incident) = inside(&visit, &id).await?;
        let entry = EntryId::new(&entry);
        redact_page(&visit, &person, &incident, (&entry, "", None)).await
    };
    either(looked.await)
}

/// The page that has words erased: of which entry, the reason as typed, and what is wrong with it.
pub(super) async fn redact_page(
    visit: &Visit,
    reader: &PersonId,
    incident: &Incident,
    (entry, why, problem): (&EntryId, &str, Option<String>),
) -> Result<Response, Box<Response>> {
    let refused = |why: Refusal| Box::new(visit.refused(&why.into(), "", Vec::new()));
    let found = incident.timeline.find(entry).ok_or(Refusal::UnknownEntry).map_err(refused)?;
    let erase = Command::RedactEntry { entry: entry.clone(), why: String::new() };
    access::check_command(incident, reader, &erase).map_err(refused)?;
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = view::Redact {
        w: visit.w,
        page: visit.page(Section::Incidents, visit.w.t("redact-title")),
        entry: Scene::new(visit, incident).entry(found, reader),
        why: why.to_owned(),
        problem,
    };
    Ok(visit.respond(status, &view))
}
