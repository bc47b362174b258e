//! The description of the API (OpenAPI 3.1), made from the calls themselves.

use axum::Json;
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};

use crate::api::problem::Problem;
use crate::api::v1::{answers, attempts, entries, events, incidents, login, rehearsal, reports};

/// All calls of version 1.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "ippo",
        description = "The first report reaches a human being. Times are integers in milliseconds UTC. Errors are application/problem+json with a stable `code` and what to do in `remedy`.",
        license(name = "Apache-2.0 OR MIT"),
    ),
    paths(
        reports::create,
        incidents::list,
        incidents::show,
        incidents::export,
        incidents::receipt,
        incidents::stand_down,
        incidents::reached,
        incidents::bring_in,
        incidents::close,
        attempts::list,
        answers::create,
        entries::create,
        entries::correct,
        entries::redact,
        events::stream,
        rehearsal::show,
        login::start,
        login::poll,
    ),
    components(schemas(Problem)),
    security(("token" = [])),
)]
pub(crate) struct Document;

/// Serves the description.
pub(crate) async fn show() -> Json<utoipa::openapi::OpenApi> {
    Json(document())
}

/// The description.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    document.components.get_or_insert_default().add_security_scheme("token", token);
    document
}
