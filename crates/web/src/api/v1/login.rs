//! Linking a computer to a person (`ippo login`): a code, confirmed in the browser, becomes a token.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::id::PersonId;
use engine::EngineError;
use serde::Serialize;
use store::ApiToken;
use utoipa::ToSchema;

use crate::api::body::{Body, Fields};
use crate::api::problem::{CallError, Problem};
use crate::api::v1::shape::PersonRef;
use crate::app::{App, digest};
use crate::device_login::{Poll, VALID_FOR};

/// A login that has begun.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Begun {
    /// What the computer shows and its owner compares.
    code: String,
    /// Where the owner confirms it.
    verify_url: String,
    /// What the computer asks with.
    poll_token: String,
    /// How long the code is valid, in seconds.
    valid_for_secs: u64,
}

/// Begins a login.
#[utoipa::path(post, path = "/api/v1/login/start", tag = "login",
    request_body(content = Object, description = "device: what the computer calls itself"),
    responses((status = 200, body = Begun), (status = 429, body = Problem)))]
pub(crate) async fn start(
    State(app): State<App>,
    Body(body): Body,
) -> Result<Json<Begun>, Problem> {
    let device = Fields::read(&body)?.text("device")?.unwrap_or_default();
    let poll_token = app.new_token();
    let engine = app.engine();
    let code =
        app.0.device_logins.begin(digest(&poll_token), &device, engine.now(), engine.entropy());
    let code = code.ok_or(CallError::TooManyTries { seconds: 60 })?;
    let verify_url = format!("{}/link?code={code}", engine.public_url());
    Ok(Json(Begun { code, verify_url, poll_token, valid_for_secs: VALID_FOR.as_secs() }))
}

/// A login that was confirmed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Linked {
    /// The token; shown once.
    token: String,
    /// Whose it is.
    person: PersonRef,
}

/// Asks whether a login was confirmed.
#[utoipa::path(post, path = "/api/v1/login/poll", tag = "login",
    request_body(content = Object, description = "poll_token"),
    responses((status = 200, body = Linked), (status = 202, description = "not confirmed yet"), (status = 410, body = Problem)))]
pub(crate) async fn poll(State(app): State<App>, Body(body): Body) -> Result<Response, Problem> {
    let poll_token = Fields::read(&body)?.required_text("poll_token")?;
    let engine = app.engine();
    match app.0.device_logins.poll(&digest(&poll_token), engine.now()) {
        Poll::Gone => Err(CallError::LoginGone.into()),
        Poll::Waiting => Ok(StatusCode::ACCEPTED.into_response()),
        Poll::Confirmed { person, device } => {
            let world = engine.world();
            let token = make_token(&app, &person, &device).await;
            let token = token.map_err(|why| Problem::from_engine(&why, &world.directory))?;
            let person = PersonRef::of(&world.directory, &person);
            Ok(Json(Linked { token, person }).into_response())
        }
    }
}

/// Makes a token for `person` and gives it back; only its digest is kept.
pub(crate) async fn make_token(
    app: &App,
    person: &PersonId,
    label: &str,
) -> Result<String, EngineError> {
    let token = format!("ippo_{}", app.new_token());
    let id = format!("tok_{}", app.new_token().chars().take(16).collect::<String>());
    let row = ApiToken {
        token_hash: digest(&token),
        id,
        person: person.clone(),
        label: label.chars().filter(|c| !c.is_control()).take(120).collect(),
        created_at: app.engine().now(),
        revoked_at: None,
        used_at: None,
    };
    app.engine().store().insert_token(&row).await?;
    Ok(token)
}
