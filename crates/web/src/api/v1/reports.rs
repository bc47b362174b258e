//! `POST /reports`: the first report (A1–A3).

use axum::Json;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::incident::report::{FirstReport, Kind, Via};
use domain::incident::timeline::Happened;
use engine::{EngineError, Receipt, Reported};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::body::{Body, Fields};
use crate::api::caller::Caller;
use crate::api::problem::{CallError, Problem};
use crate::api::v1::shape::{LineMember, NoteShape, incident_url, line};
use crate::app::digest;

/// The longest key that is kept as it is; a longer one is kept as its digest.
const KEY_BYTES_MAX: usize = 200;

/// The incident that a report opened.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Opened {
    id: String,
    url: String,
    opened_at_ms: i64,
}

/// The answer to a report.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReportAnswer {
    incident: Opened,
    line: Vec<LineMember>,
    /// The signed receipt: incident, seq, hash, at_ms, signature, public_key, and who was told so far.
    #[schema(value_type = Object)]
    receipt: Receipt,
    notes: Vec<NoteShape>,
}

/// Files a first report. Answered once it is on disk.
#[utoipa::path(
    post, path = "/api/v1/reports", tag = "reports",
    params(("Idempotency-Key" = Option<String>, Header, description = "the same key again gives the same incident; other text is added to it")),
    request_body(content = Object, description = "text?, project?, kind? (leak, data_loss, outage), happened_at_ms?"),
    responses(
        (status = 201, description = "received and on disk", body = ReportAnswer),
        (status = 200, description = "the same key again: the same incident", body = ReportAnswer),
        (status = 422, description = "a field is wrong", body = Problem),
        (status = 503, description = "could not be stored; see Retry-After", body = Problem),
    ),
)]
pub(crate) async fn create(
    caller: Caller,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    let report = read(&caller, &headers, &body)?;
    let key = headers.get("idempotency-key").map(|key| key_of(key.as_bytes()));
    let engine = caller.app.engine();
    match engine.report(report, key.as_deref()).await {
        Ok(reported) => {
            caller.app.0.metrics.count_report();
            let status = if reported.is_new { StatusCode::CREATED } else { StatusCode::OK };
            Ok((status, Json(answer(&caller, reported))).into_response())
        }
        Err(why) => {
            if matches!(why, EngineError::NotStored(_)) {
                caller.app.0.metrics.count_report_refused();
            }
            Err(caller.problem(&why))
        }
    }
}

fn answer(caller: &Caller, reported: Reported) -> ReportAnswer {
    let engine = caller.app.engine();
    let incident = &reported.incident;
    ReportAnswer {
        incident: Opened {
            id: incident.id.to_string(),
            url: incident_url(engine, incident),
            opened_at_ms: incident.report.at.as_millisecond(),
        },
        line: line(&engine.world().directory, incident),
        receipt: reported.receipt,
        notes: reported.notes.iter().map(NoteShape::from).collect(),
    }
}

/// A key of any bytes, as text that can be kept.
pub(crate) fn key_of(given: &[u8]) -> String {
    match std::str::from_utf8(given) {
        Ok(key) if key.len() <= KEY_BYTES_MAX && !key.is_empty() => key.to_owned(),
        _ => hex::encode(digest(&String::from_utf8_lossy(given))),
    }
}

fn read(caller: &Caller, headers: &HeaderMap, body: &Bytes) -> Result<FirstReport, CallError> {
    let fields = Fields::read(body)?;
    let at = fields.moment("happened_at_ms")?;
    let via = headers.get("x-ippo-via").map(|via| via.as_bytes());
    Ok(FirstReport {
        reporter: caller.person.clone(),
        text: fields.text("text")?.unwrap_or_default(),
        project: fields.text("project")?,
        kind: fields.word("kind", "leak, data_loss or outage", Kind::parse)?,
        happened: at.map(|at_ms| Happened::At { at_ms }),
        via: if via == Some(b"cli") { Via::Cli } else { Via::Api },
        is_sign_in_expired: false,
        is_text_repaired: fields.is_repaired,
    })
}

/// A receipt as JSON, for pages that hand it to the browser.
pub(crate) fn receipt_json(receipt: &Receipt) -> Value {
    serde_json::to_value(receipt).unwrap_or(Value::Null)
}
