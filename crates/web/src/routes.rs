//! Every route, with who may use it. The router is made from this table, so a route without a row cannot exist; a
//! test goes through every row in every role and compares.
//!
//! The rows speak of an incident that Tanaka reported, that calls Sato, and that Sato leads. A colleague is anybody
//! else who is signed in; the admin is a colleague who set ippo up. For both the incident does not exist.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use crate::api::body::BODY_BYTES_MAX;
use crate::api::problem::CallError;
use crate::api::v1;
use crate::app::App;
use crate::page::{
    answer, calling, home, incident, incidents, link, people, problem, rehearsal, settings, sign_in,
};
use crate::{assets, metrics};

/// What somebody gets from a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// It answers them.
    Yes,
    /// It asks them to sign in: 303 on a page, 401 on a call.
    SignIn,
    /// For them it does not exist: 404.
    Hidden,
    /// They know that it exists, and may not: 403.
    No,
}

/// What each role gets, in the order of [`ROLES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access(pub [Seen; 6]);

/// The roles of the table.
pub const ROLES: [&str; 6] = ["stranger", "colleague", "reporter", "asked", "lead", "admin"];

/// One route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The method.
    pub method: &'static str,
    /// The path, with `{name}` for what varies.
    pub path: &'static str,
    /// Who gets what.
    pub access: Access,
}

struct Route {
    row: Row,
    handler: MethodRouter<App>,
}

use Seen::{Hidden, No, SignIn, Yes};

/// Everybody, also without signing in.
const EVERYBODY: Access = Access([Yes; 6]);
/// Everybody signed in.
const SIGNED_IN: Access = Access([SignIn, Yes, Yes, Yes, Yes, Yes]);
/// Admins; to others it does not exist.
const ADMINS: Access = Access([SignIn, Hidden, Hidden, Hidden, Hidden, Yes]);
/// Whoever may see the incident.
const INSIDE: Access = Access([SignIn, Hidden, Yes, Yes, Yes, Hidden]);
/// The reporter alone.
const REPORTER: Access = Access([SignIn, Hidden, Yes, No, No, Hidden]);
/// The reporter and the lead.
const REPORTER_AND_LEAD: Access = Access([SignIn, Hidden, Yes, No, Yes, Hidden]);
/// Those who are asked for an answer; the lead is one of them.
const ASKED: Access = Access([SignIn, Hidden, No, Yes, Yes, Hidden]);
/// The lead alone.
const LEAD: Access = Access([SignIn, Hidden, No, No, Yes, Hidden]);

macro_rules! route {
    ($method:ident $path:literal $access:ident $handler:expr) => {
        Route {
            row: Row { method: stringify!($method), path: $path, access: $access },
            handler: $method($handler),
        }
    };
}

/// Every row of the table.
#[must_use]
pub fn rows() -> Vec<Row> {
    all().into_iter().map(|route| route.row).collect()
}

fn all() -> Vec<Route> {
    [open_pages(), incident_pages(), people_pages(), settings_pages(), calls(), operations()]
        .into_iter()
        .flatten()
        .collect()
}

fn open_pages() -> Vec<Route> {
    vec![
        route!(get "/" SIGNED_IN home::show),
        route!(post "/report" SIGNED_IN home::create),
        route!(get "/a/{token}" EVERYBODY answer::show),
        route!(post "/a/{token}" EVERYBODY answer::create),
        route!(get "/sign-in" EVERYBODY sign_in::show),
        route!(post "/sign-in" EVERYBODY sign_in::create),
        route!(post "/sign-out" EVERYBODY sign_in::sign_out),
        route!(get "/invite/{token}" EVERYBODY sign_in::invite_show),
        route!(post "/invite/{token}" EVERYBODY sign_in::invite_create),
        route!(post "/language" EVERYBODY sign_in::language),
        route!(get "/link" SIGNED_IN link::show),
        route!(post "/link" SIGNED_IN link::confirm),
        route!(get "/assets/{name}" EVERYBODY assets::show),
        route!(get "/docs/errors/{code}" EVERYBODY problem::explain),
    ]
}

fn incident_pages() -> Vec<Route> {
    vec![
        route!(get "/incidents" SIGNED_IN incidents::show),
        route!(get "/incidents/events" SIGNED_IN incidents::live),
        route!(get "/incidents/{id}" INSIDE incident::show),
        route!(get "/incidents/{id}/calling" INSIDE calling::show),
        route!(get "/incidents/{id}/events" INSIDE calling::live),
        route!(get "/incidents/{id}/receipt" REPORTER calling::receipt),
        route!(post "/incidents/{id}/known" INSIDE calling::known),
        route!(post "/incidents/{id}/words" REPORTER calling::words),
        route!(post "/incidents/{id}/reached" REPORTER_AND_LEAD calling::reached),
        route!(post "/incidents/{id}/stand_down" REPORTER_AND_LEAD calling::stand_down),
        route!(post "/incidents/{id}/entries" INSIDE incident::add_entry),
        route!(get "/incidents/{id}/entries/{entry}/correct" INSIDE incident::correct_form),
        route!(post "/incidents/{id}/entries/{entry}/corrections" INSIDE incident::correct),
        route!(get "/incidents/{id}/entries/{entry}/redact" REPORTER_AND_LEAD incident::redact_form),
        route!(post "/incidents/{id}/entries/{entry}/redaction" REPORTER_AND_LEAD incident::redact),
        route!(post "/incidents/{id}/circle" LEAD incident::circle),
        route!(post "/incidents/{id}/hand_over" ASKED incident::hand_over),
        route!(post "/incidents/{id}/close" LEAD incident::close),
        route!(get "/incidents/{id}/export" INSIDE incident::export),
    ]
}

fn people_pages() -> Vec<Route> {
    vec![
        route!(get "/people" SIGNED_IN people::show),
        route!(get "/people/new" ADMINS people::person_new),
        route!(post "/people" ADMINS people::person_create),
        route!(get "/people/{id}" SIGNED_IN people::person_show),
        route!(get "/people/{id}/edit" ADMINS people::person_edit),
        route!(post "/people/{id}" ADMINS people::person_update),
        route!(post "/people/{id}/delete" ADMINS people::person_delete),
        route!(get "/teams/new" ADMINS people::team_new),
        route!(post "/teams" ADMINS people::team_create),
        route!(get "/teams/{id}/edit" ADMINS people::team_edit),
        route!(post "/teams/{id}" ADMINS people::team_update),
        route!(post "/teams/{id}/delete" ADMINS people::team_delete),
        route!(get "/projects/new" ADMINS people::project_new),
        route!(post "/projects" ADMINS people::project_create),
        route!(get "/projects/{id}/edit" ADMINS people::project_edit),
        route!(post "/projects/{id}" ADMINS people::project_update),
        route!(post "/projects/{id}/delete" ADMINS people::project_delete),
        route!(get "/rehearsal" SIGNED_IN rehearsal::show),
    ]
}

fn settings_pages() -> Vec<Route> {
    vec![
        route!(get "/settings" SIGNED_IN settings::show),
        route!(post "/settings/press" SIGNED_IN settings::press),
        route!(post "/settings/password" SIGNED_IN settings::password),
        route!(post "/settings/sessions/{id}/revoke" SIGNED_IN settings::session_revoke),
        route!(post "/settings/tokens" SIGNED_IN settings::token_create),
        route!(post "/settings/tokens/{id}/revoke" SIGNED_IN settings::token_revoke),
        route!(post "/settings/invitations" ADMINS settings::invitation_create),
    ]
}

fn calls() -> Vec<Route> {
    vec![
        route!(post "/api/v1/reports" SIGNED_IN v1::reports::create),
        route!(get "/api/v1/incidents" SIGNED_IN v1::incidents::list),
        route!(get "/api/v1/incidents/{id}" INSIDE v1::incidents::show),
        route!(get "/api/v1/incidents/{id}/attempts" INSIDE v1::attempts::list),
        route!(get "/api/v1/incidents/{id}/events" INSIDE v1::events::stream),
        route!(get "/api/v1/incidents/{id}/export" INSIDE v1::incidents::export),
        route!(get "/api/v1/incidents/{id}/receipt" REPORTER v1::incidents::receipt),
        route!(post "/api/v1/incidents/{id}/stand_down" REPORTER_AND_LEAD v1::incidents::stand_down),
        route!(post "/api/v1/incidents/{id}/reached" REPORTER_AND_LEAD v1::incidents::reached),
        route!(post "/api/v1/incidents/{id}/answers" ASKED v1::answers::create),
        route!(post "/api/v1/incidents/{id}/entries" INSIDE v1::entries::create),
        route!(post "/api/v1/incidents/{id}/entries/{entry}/corrections" INSIDE v1::entries::correct),
        route!(post "/api/v1/incidents/{id}/entries/{entry}/redaction" REPORTER_AND_LEAD v1::entries::redact),
        route!(post "/api/v1/incidents/{id}/people" LEAD v1::incidents::bring_in),
        route!(post "/api/v1/incidents/{id}/close" LEAD v1::incidents::close),
        route!(get "/api/v1/rehearsal" SIGNED_IN v1::rehearsal::show),
        route!(post "/api/v1/login/start" EVERYBODY v1::login::start),
        route!(post "/api/v1/login/poll" EVERYBODY v1::login::poll),
        route!(get "/api/v1/openapi.json" EVERYBODY v1::openapi::show),
    ]
}

fn operations() -> Vec<Route> {
    vec![
        route!(get "/healthz" EVERYBODY metrics::healthz),
        route!(get "/readyz" EVERYBODY metrics::readyz),
        route!(get "/metrics" EVERYBODY metrics::metrics),
    ]
}

/// The whole application.
pub fn router(app: App) -> Router {
    let mut router = Router::new();
    for route in all() {
        router = router.route(route.row.path, route.handler);
    }
    let api_fallback = Router::new().fallback(async || CallError::NoSuchCall);
    let compressed = SizeAbove::new(512)
        .and(NotForContentType::const_new("text/event-stream"))
        .and(NotForContentType::IMAGES);
    router
        .nest("/api", api_fallback)
        .fallback(problem::not_found)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(CompressionLayer::new().compress_when(compressed))
        .layer(middleware::from_fn(guard))
        .with_state(app)
}

/// The address exists, but not with this method.
async fn wrong_method(uri: Uri) -> Response {
    if uri.path().starts_with("/api/") {
        return CallError::MethodNotAllowed.into_response();
    }
    StatusCode::METHOD_NOT_ALLOWED.into_response()
}

/// What every answer carries: nothing from other hosts, no framing, no guessing of types, no trace of addresses.
async fn guard(request: axum::extract::Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "no-referrer");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()");
    set(HeaderName::from_static("x-robots-tag"), "noindex, nofollow");
    set(header::CACHE_CONTROL, "no-store");
    response
}
