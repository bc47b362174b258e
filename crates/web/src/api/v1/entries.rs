//! Entries of the time line: add, correct, redact (C1, C2).

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::id::EntryId;
use domain::incident::Command;
use domain::incident::timeline::{EntryKind, Source, Statement};
use engine::Handled;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::body::{Body, Fields, wrong};
use crate::api::caller::Caller;
use crate::api::problem::{CallError, Problem};
use crate::api::v1::incidents::Done;
use crate::api::v1::shape::{EntryShape, NoteShape};

const KINDS: &str = "fact, guess, unknown, action or decision";

/// An entry that was written.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Written {
    /// The entry.
    entry: Option<EntryShape>,
    /// What the fact lint marks; empty as long as this version brings none.
    #[schema(value_type = Vec<Object>)]
    marks: Vec<serde_json::Value>,
    /// What the caller should be told.
    notes: Vec<NoteShape>,
}

fn read_statement(fields: &Fields) -> Result<Statement, CallError> {
    let kind = fields.word("kind", KINDS, EntryKind::parse)?;
    Ok(Statement {
        kind: kind.ok_or_else(|| wrong("kind", KINDS))?,
        text: fields.required_text("text")?,
        happened: fields.happened()?,
        source: fields.word("source", "saw, log, told or did", Source::parse)?,
        source_ref: fields.text("source_ref")?,
        chip: None,
    })
}

fn written(caller: &Caller, handled: &Handled) -> Response {
    let world = caller.app.engine().world();
    let entry = handled.incident.timeline.entries.last();
    let written = Written {
        entry: entry.map(|entry| EntryShape::of(&world.directory, entry)),
        marks: Vec::new(),
        notes: handled.notes.iter().map(NoteShape::from).collect(),
    };
    (StatusCode::CREATED, Json(written)).into_response()
}

/// Adds an entry.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/entries", tag = "entries", params(("id" = String, Path)),
    request_body(content = Object, description = "kind, text, happened? ({at_ms} | {about_ms} | {from_ms,to_ms}), source?, source_ref?"),
    responses((status = 201, body = Written), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn create(
    caller: Caller,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response, Problem> {
    let statement = read_statement(&Fields::read(&body)?)?;
    let handled = caller.command(&id, &Command::AddEntry { statement }).await?;
    Ok(written(&caller, &handled))
}

/// Says something instead. Both stay visible.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/entries/{entry}/corrections", tag = "entries",
    params(("id" = String, Path), ("entry" = String, Path)),
    request_body(content = Object, description = "as for an entry, and why"),
    responses((status = 201, body = Written), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn correct(
    caller: Caller,
    Path((id, entry)): Path<(String, String)>,
    Body(body): Body,
) -> Result<Response, Problem> {
    let fields = Fields::read(&body)?;
    let statement = read_statement(&fields)?;
    let why = fields.required_text("why")?;
    let entry = EntryId::new(&entry);
    let handled = caller.command(&id, &Command::CorrectEntry { entry, statement, why }).await?;
    Ok(written(&caller, &handled))
}

/// Erases the words of an entry. Who did it, when and why stays; so does the chain.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/entries/{entry}/redaction", tag = "entries",
    params(("id" = String, Path), ("entry" = String, Path)),
    request_body(content = Object, description = "why"),
    responses((status = 201, body = Done), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn redact(
    caller: Caller,
    Path((id, entry)): Path<(String, String)>,
    Body(body): Body,
) -> Result<Response, Problem> {
    let why = Fields::read(&body)?.required_text("why")?;
    let entry = EntryId::new(&entry);
    let handled = caller.command(&id, &Command::RedactEntry { entry, why }).await?;
    Ok(caller.done(&handled))
}
