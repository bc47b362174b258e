//! `GET /incidents/{id}/attempts`: every message, to whom, how far it came.

use axum::Json;
use axum::extract::Path;
use domain::id::IncidentId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::api::v1::shape::AttemptShape;

/// All attempts, in the order of planning.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttemptList {
    items: Vec<AttemptShape>,
    /// Always nothing: the list is whole.
    next: Option<String>,
}

/// Lists every attempt of an incident.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/attempts", tag = "incidents", params(("id" = String, Path)),
    responses((status = 200, body = AttemptList), (status = 404, body = Problem)))]
pub(crate) async fn list(
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<AttemptList>, Problem> {
    let engine = caller.app.engine();
    let incident = engine.load_for(&IncidentId::new(&id), &caller.person).await;
    let incident = incident.map_err(|why| caller.problem(&why))?;
    let world = engine.world();
    let attempts = incident.escalation.iter().flat_map(|escalation| &escalation.attempts);
    let items = attempts.map(|attempt| AttemptShape::of(&world.directory, attempt)).collect();
    Ok(Json(AttemptList { items, next: None }))
}
