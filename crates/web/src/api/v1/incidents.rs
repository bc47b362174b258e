//! `GET /incidents`, `GET /incidents/{id}`, its export and receipt, standing down, "I reached them", closing.

use axum::Json;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::id::{IncidentId, PersonId};
use domain::incident::escalation::How;
use domain::incident::{Actor, Command};
use engine::Handled;
use serde::{Deserialize, Serialize};
use store::{Cursor, IncidentState, ListFilter};
use utoipa::{IntoParams, ToSchema};

use crate::api::body::{Asked, Body, Fields, read_number, wrong};
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::api::v1::shape::{IncidentShape, NoteShape, PersonRef};

/// How many incidents a page of the list has when nobody says otherwise, and at most.
const LIMIT: (u32, u32) = (50, 200);

/// Which incidents to list.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct ListQuery {
    /// `open` or `closed`; nothing = `open`.
    state: Option<String>,
    /// 1 to 200; nothing = 50.
    #[param(value_type = Option<u32>)]
    limit: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
}

/// One incident of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedIncident {
    id: String,
    url: String,
    state: &'static str,
    kind: Option<String>,
    project: Option<String>,
    reporter: PersonRef,
    lead: Option<PersonRef>,
    escalation: ListedEscalation,
    is_drill: bool,
    opened_at_ms: i64,
    updated_at_ms: i64,
}

/// How the calling of a listed incident stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedEscalation {
    /// `calling`, `promised`, `accepted` or `stood_down`.
    state: &'static str,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncidentList {
    items: Vec<ListedIncident>,
    /// What to give as `after` for the next page; nothing at the end.
    next: Option<String>,
}

/// Lists the incidents that exist for the caller, newest first.
#[utoipa::path(get, path = "/api/v1/incidents", tag = "incidents", params(ListQuery),
    responses((status = 200, body = IncidentList), (status = 422, body = Problem)))]
pub(crate) async fn list(
    caller: Caller,
    Asked(query): Asked<ListQuery>,
) -> Result<Json<IncidentList>, Problem> {
    let state = match query.state.as_deref() {
        None | Some("open") => IncidentState::Open,
        Some("closed") => IncidentState::Closed,
        Some(_) => return Err(wrong("state", "open or closed").into()),
    };
    let after = match query.after.as_deref() {
        None => None,
        Some(text) => {
            let cursor: Result<Cursor, ()> = text.parse();
            Some(cursor.map_err(|()| wrong("after", "the `next` of the page before"))?)
        }
    };
    let limit = match read_number("limit", query.limit.as_deref())? {
        None => LIMIT.0,
        Some(limit) => {
            u32::try_from(limit).map_err(|_| wrong("limit", "a number from 1 to 200"))?
        }
    };
    let limit = limit.clamp(1, LIMIT.1);
    let filter = ListFilter {
        state: Some(state),
        visible_to: Some(caller.person.clone()),
        after,
        limit: limit.saturating_add(1),
    };
    let engine = caller.app.engine();
    let rows = engine.store().list_incidents(&filter).await;
    let mut rows = rows.map_err(|why| caller.problem(&why.into()))?;
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = rows.len() > page;
    rows.truncate(page);
    let next = rows.last().filter(|_| has_more).map(|row| row.cursor().to_string());
    let world = engine.world();
    let person = |id: &PersonId| PersonRef::of(&world.directory, id);
    let items = rows
        .into_iter()
        .map(|row| ListedIncident {
            url: format!("{}/incidents/{}", engine.public_url(), row.id),
            id: row.id.to_string(),
            state: row.summary.state.as_str(),
            kind: row.summary.kind.clone(),
            project: row.summary.project.as_ref().map(ToString::to_string),
            reporter: person(&row.summary.reporter),
            lead: row.summary.lead.as_ref().map(person),
            escalation: ListedEscalation { state: row.summary.escalation.as_str() },
            is_drill: row.summary.is_drill,
            opened_at_ms: row.summary.opened_at.as_millisecond(),
            updated_at_ms: row.summary.updated_at.as_millisecond(),
        })
        .collect();
    Ok(Json(IncidentList { items, next }))
}

/// One incident as it stands.
#[utoipa::path(get, path = "/api/v1/incidents/{id}", tag = "incidents", params(("id" = String, Path)),
    responses((status = 200, body = IncidentShape), (status = 404, body = Problem)))]
pub(crate) async fn show(
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<IncidentShape>, Problem> {
    let engine = caller.app.engine();
    let incident = engine.load_for(&IncidentId::new(&id), &caller.person).await;
    let incident = incident.map_err(|why| caller.problem(&why))?;
    Ok(Json(IncidentShape::of(engine, &incident)))
}

/// The whole ledger as JSON Lines, to be checked off line with `ippo verify`.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/export", tag = "incidents", params(("id" = String, Path)),
    responses((status = 200, description = "one event a line", content_type = "application/jsonl"), (status = 404, body = Problem)))]
pub(crate) async fn export(caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let id = IncidentId::new(&id);
    let lines = caller.app.engine().export(&id, Some(&caller.person)).await;
    let lines = lines.map_err(|why| caller.problem(&why))?;
    Ok(export_response(&id, &lines))
}

/// The lines of a ledger as a file to keep.
pub(crate) fn export_response(id: &IncidentId, lines: &[domain::ledger::Line]) -> Response {
    let mut text = String::new();
    for line in lines {
        text.push_str(&serde_json::to_string(line).unwrap_or_default());
        text.push('\n');
    }
    let name = format!("attachment; filename=\"{id}.jsonl\"");
    let headers = [(header::CONTENT_TYPE, "application/jsonl; charset=utf-8".to_owned())];
    (headers, [(header::CONTENT_DISPOSITION, name)], text).into_response()
}

/// The signed receipt, for the reporter.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/receipt", tag = "incidents", params(("id" = String, Path)),
    responses((status = 200, description = "the receipt as it stands now", body = Object), (status = 404, body = Problem)))]
pub(crate) async fn receipt(caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let engine = caller.app.engine();
    let id = IncidentId::new(&id);
    let incident = engine.load_for(&id, &caller.person).await;
    let incident = incident.map_err(|why| caller.problem(&why))?;
    if incident.report.received.reporter != caller.person {
        let refusal = domain::incident::Refusal::NotYours { who: "the reporter" };
        return Err(caller.problem(&refusal.into()));
    }
    let receipt = engine.receipt(&id).await.map_err(|why| caller.problem(&why))?;
    Ok(Json(receipt).into_response())
}

/// What a command came to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Done {
    /// The incident after it.
    incident: IncidentShape,
    /// What the caller should be told.
    notes: Vec<NoteShape>,
}

impl Caller {
    /// Carries out a command for the caller.
    pub(crate) async fn command(&self, id: &str, command: &Command) -> Result<Handled, Problem> {
        let actor = Actor::Person(self.person.clone());
        let handled = self.app.engine().handle(&IncidentId::new(id), &actor, command).await;
        handled.map_err(|why| self.problem(&why))
    }

    /// The answer to a command that was carried out.
    pub(crate) fn done(&self, handled: &Handled) -> Response {
        let done = Done {
            incident: IncidentShape::of(self.app.engine(), &handled.incident),
            notes: handled.notes.iter().map(NoteShape::from).collect(),
        };
        (StatusCode::CREATED, Json(done)).into_response()
    }
}

/// Stands the calling down. Never unsends; tells the same people.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/stand_down", tag = "incidents", params(("id" = String, Path)),
    request_body(content = Object, description = "why"),
    responses((status = 201, body = Done), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn stand_down(
    caller: Caller,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response, Problem> {
    let why = Fields::read(&body)?.text("why")?.unwrap_or_default();
    let handled = caller.command(&id, &Command::StandDown { why }).await?;
    Ok(caller.done(&handled))
}

/// States that the reporter reached somebody; the person is asked to confirm (A6).
#[utoipa::path(post, path = "/api/v1/incidents/{id}/reached", tag = "incidents", params(("id" = String, Path)),
    request_body(content = Object, description = "person, how (phone or in_person)"),
    responses((status = 201, body = Done), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn reached(
    caller: Caller,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response, Problem> {
    let fields = Fields::read(&body)?;
    let person = PersonId::new(&fields.required_text("person")?);
    let how = fields.word("how", "phone or in_person", parse_how)?.unwrap_or(How::Phone);
    let handled = caller.command(&id, &Command::StateReached { person, how }).await?;
    Ok(caller.done(&handled))
}

/// How somebody was reached, from its word.
pub(crate) fn parse_how(word: &str) -> Option<How> {
    match word {
        "phone" => Some(How::Phone),
        "in_person" => Some(How::InPerson),
        _ => None,
    }
}

/// Lets somebody see the incident. Only the lead may (D1).
#[utoipa::path(post, path = "/api/v1/incidents/{id}/people", tag = "incidents", params(("id" = String, Path)),
    request_body(content = Object, description = "person"),
    responses((status = 201, body = Done), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn bring_in(
    caller: Caller,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response, Problem> {
    let person = PersonId::new(&Fields::read(&body)?.required_text("person")?);
    let handled = caller.command(&id, &Command::BringIn { person }).await?;
    Ok(caller.done(&handled))
}

/// Ends the incident.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/close", tag = "incidents", params(("id" = String, Path)),
    request_body(content = Object, description = "note?"),
    responses((status = 201, body = Done), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn close(
    caller: Caller,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response, Problem> {
    let note = Fields::read(&body)?.text("note")?.unwrap_or_default();
    let handled = caller.command(&id, &Command::Close { note }).await?;
    Ok(caller.done(&handled))
}
