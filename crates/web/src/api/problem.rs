//! Errors of the API: RFC 9457 `application/problem+json` with a stable `code` and what to do in `remedy`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::directory::Directory;
use domain::incident::Refusal;
use engine::EngineError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::v1::shape::PersonRef;

/// Why a call was refused or failed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Where the code is explained.
    #[serde(rename = "type")]
    kind: String,
    /// In a few words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// Stable; what programs go by.
    code: &'static str,
    /// What to do now.
    remedy: String,
    /// The field of the request it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// Who has accepted, with `already_accepted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    lead: Option<PersonRef>,
    /// Seconds to wait, as in the header `Retry-After`.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_secs: Option<u32>,
}

/// A mistake in a call itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CallError {
    /// No token, or not one of ours.
    Unauthorized,
    /// The body is no JSON object.
    BodyNotJson,
    /// The body is larger than is read.
    BodyTooLarge,
    /// A field has the wrong type or value.
    Field {
        /// Which.
        field: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// There is nothing at that address.
    NoSuchCall,
    /// The address exists, but not with this method.
    MethodNotAllowed,
    /// Too many tries.
    TooManyTries {
        /// How long to wait.
        seconds: u32,
    },
    /// The login is not known or has run out.
    LoginGone,
}

impl CallError {
    /// The stable code.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::BodyNotJson => "body_not_json",
            Self::BodyTooLarge => "body_too_large",
            Self::Field { .. } => "wrong_field",
            Self::NoSuchCall => "no_such_call",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::TooManyTries { .. } => "too_many_tries",
            Self::LoginGone => "login_gone",
        }
    }

    fn parts(&self) -> (StatusCode, String, &'static str) {
        match self {
            Self::Unauthorized => (
                StatusCode::UNAUTHORIZED,
                "the call has no valid token".to_owned(),
                "send `Authorization: Bearer TOKEN`; make a token on the page Settings or with `ippo token create`",
            ),
            Self::BodyNotJson => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "the body is not a JSON object".to_owned(),
                "send a JSON object, or no body at all",
            ),
            Self::BodyTooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "the body is larger than 8 MiB".to_owned(),
                "send the report with a short text; more can be added to it afterwards",
            ),
            Self::Field { field, wanted } => (
                StatusCode::UNPROCESSABLE_ENTITY,
                format!("{field} must be {wanted}"),
                "correct that field and send the call again with the same Idempotency-Key",
            ),
            Self::NoSuchCall => (
                StatusCode::NOT_FOUND,
                "there is no such call".to_owned(),
                "see /api/v1/openapi.json for all calls",
            ),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "the call exists, but not with this method".to_owned(),
                "see /api/v1/openapi.json for all calls",
            ),
            Self::TooManyTries { .. } => (
                StatusCode::TOO_MANY_REQUESTS,
                "too many tries".to_owned(),
                "wait as long as Retry-After says",
            ),
            Self::LoginGone => (
                StatusCode::GONE,
                "the login is not known or has run out".to_owned(),
                "begin again with `ippo login`",
            ),
        }
    }
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        let (status, title, remedy) = error.parts();
        let mut problem = Self::new(status, error.code(), title, remedy);
        match error {
            CallError::Field { field, .. } => problem.field = Some(field),
            CallError::TooManyTries { seconds } => problem.retry_after_secs = Some(seconds),
            CallError::Unauthorized
            | CallError::BodyNotJson
            | CallError::BodyTooLarge
            | CallError::NoSuchCall
            | CallError::MethodNotAllowed
            | CallError::LoginGone => {}
        }
        problem
    }
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, title: String, remedy: &str) -> Self {
        Self {
            kind: format!("/docs/errors/{code}"),
            title,
            status: status.as_u16(),
            code,
            remedy: remedy.to_owned(),
            field: None,
            lead: None,
            retry_after_secs: None,
        }
    }

    /// A problem of the engine, with the name of the one who has accepted where that is the reason.
    pub(crate) fn from_engine(error: &EngineError, directory: &Directory) -> Self {
        let status = status_of(error);
        // What is inside stays inside: an error of the store is named, never quoted.
        let title = match error {
            EngineError::Refused(Refusal::AlreadyAccepted { lead }) => {
                format!("{} has already accepted", directory.name_of(lead))
            }
            EngineError::Refused(refusal) => refusal.to_string(),
            EngineError::NotStored(_) => "it could not be stored".to_owned(),
            EngineError::Inconsistent { .. } => "something stored cannot be read".to_owned(),
        };
        let mut problem = Self::new(status, error.code(), title, error.remedy());
        match error {
            EngineError::Refused(Refusal::AlreadyAccepted { lead }) => {
                problem.lead = Some(PersonRef::of(directory, lead));
            }
            EngineError::NotStored(_) => problem.retry_after_secs = Some(2),
            EngineError::Refused(_) | EngineError::Inconsistent { .. } => {}
        }
        problem
    }
}

/// The HTTP status of an engine's error, for pages and calls alike.
pub(crate) fn status_of(error: &EngineError) -> StatusCode {
    match error {
        EngineError::Refused(refusal) => match refusal {
            Refusal::NotFound | Refusal::UnknownEntry | Refusal::UnknownAttempt => {
                StatusCode::NOT_FOUND
            }
            Refusal::NotYours { .. } | Refusal::NotAsked => StatusCode::FORBIDDEN,
            Refusal::AlreadyAccepted { .. }
            | Refusal::StoodDown
            | Refusal::Closed
            | Refusal::StillCalling
            | Refusal::EntryRedacted
            | Refusal::EntryCorrected => StatusCode::CONFLICT,
            Refusal::UnknownPerson { .. }
            | Refusal::CannotHandOverTo { .. }
            | Refusal::EmptyText
            | Refusal::EmptyWhy
            | Refusal::TimeReversed => StatusCode::UNPROCESSABLE_ENTITY,
        },
        EngineError::NotStored(_) => StatusCode::SERVICE_UNAVAILABLE,
        EngineError::Inconsistent { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after_secs;
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, kind);
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            let ask = HeaderValue::from_static("Bearer realm=\"ippo\"");
            headers.insert(header::WWW_AUTHENTICATE, ask);
        }
        response
    }
}

impl IntoResponse for CallError {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
