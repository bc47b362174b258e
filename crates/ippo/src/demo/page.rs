//! `/demo`: the simulated phones and mailboxes, live, and the buttons that let the reader be anybody.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use channels::SimulatedWorld;
use channels::simulated::Delivered;
use domain::directory::Directory;
use domain::id::{IncidentId, PersonId};
use domain::incident::escalation::Status;
use domain::time::Timestamp;
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use web::App;
use web::view::demo::{Demo, Item, Person};
use web::view::{Moment, Page, Section};
use wording::{Locale, Words, time};

/// How long a telephone is shown as ringing.
const RINGS_FOR: Duration = Duration::from_secs(20);
/// How many messages one person's card shows.
const ITEMS_MAX: usize = 12;
/// The cookies of the pages: the chosen language, and the session of a device on plain http.
const LOCALE_COOKIE: &str = "ippo_locale";
const SESSION_COOKIE: &str = "ippo";
/// What the pages may load; the same as everywhere else in the product.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What the page is made from.
#[derive(Clone)]
pub(crate) struct Stage {
    /// The product.
    pub(crate) app: App,
    /// The phones and mailboxes.
    pub(crate) world: SimulatedWorld,
    /// Everybody, in the order of the page.
    pub(crate) order: Vec<PersonId>,
    /// Whether all delays are a tenth.
    pub(crate) is_fast: bool,
}

/// The routes of the demonstration.
pub(crate) fn router(stage: Stage) -> Router {
    Router::new()
        .route("/demo", get(show))
        .route("/demo/events", get(events))
        .route("/demo/sign-in", post(sign_in))
        .with_state(stage)
}

async fn show(State(stage): State<Stage>, headers: HeaderMap) -> Response {
    let world = stage.app.engine().world();
    let now = stage.app.engine().now();
    let w = words(&headers, &world.directory);
    let zone = &world.directory.organisation.timezone;
    let reader = reader(&stage.app, &headers).await;
    let page = Page {
        here: "/demo".to_owned(),
        organisation: world.directory.organisation.name.clone(),
        now_ms: now.as_millisecond(),
        printed_at: time::exact(w, now, zone),
        ..Page::new(w, Section::None, w.t("demo-title"))
    };
    let calling = list_calling(&stage, now).await;
    let cards = Cards { stage: &stage, directory: &world.directory, w, now, calling };
    let people = stage.order.iter().map(|id| cards.card(id, reader.as_ref())).collect();
    let view = Demo { w, page, is_fast: stage.is_fast, people };
    let mut response = Html(web::view::page::render(&view)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The language: chosen on this device, else the browser's, else the company's.
fn words(headers: &HeaderMap, directory: &Directory) -> Words {
    let fallback = Locale::parse(&directory.organisation.locale).unwrap_or(Locale::En);
    let chosen = find_cookie(headers, LOCALE_COOKIE).and_then(Locale::parse);
    let asked = || headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok();
    Words::of(
        chosen
            .unwrap_or_else(|| asked().map_or(fallback, |text| Locale::negotiate(text, fallback))),
    )
}

/// Whom the reader uses ippo as.
async fn reader(app: &App, headers: &HeaderMap) -> Option<PersonId> {
    let token = find_cookie(headers, SESSION_COOKIE)?;
    let session = app.engine().store().find_session(&web::digest(token)).await.ok()??;
    (app.engine().now() < session.expires_at).then_some(session.person)
}

fn find_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs =
        lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs
        .into_iter()
        .find(|(found, value)| *found == name && !value.is_empty())
        .map(|(_, value)| value)
}

/// Whether this is a call that is recent enough to ring, as far as it alone can tell.
fn may_ring(one: &Delivered, now: Timestamp) -> bool {
    one.channel == "voice" && now.since(one.at) < RINGS_FOR
}

/// The incidents with a recent call in which nobody has answered yet.
async fn list_calling(stage: &Stage, now: Timestamp) -> BTreeSet<IncidentId> {
    let devices = stage.world.devices();
    let calls = devices.iter().flat_map(|device| &device.inbox).filter(|one| may_ring(one, now));
    let recent: BTreeSet<IncidentId> = calls.map(|one| one.incident.clone()).collect();
    let mut calling = BTreeSet::new();
    for id in recent {
        let incident = stage.app.engine().load(&id).await.ok().flatten();
        let status =
            incident.and_then(|incident| Some(incident.escalation.as_ref()?.status.clone()));
        if matches!(status, Some(Status::Calling)) {
            calling.insert(id);
        }
    }
    calling
}

struct Cards<'a> {
    stage: &'a Stage,
    directory: &'a Directory,
    w: Words,
    now: Timestamp,
    /// Incidents whose calling goes on: only their telephones ring.
    calling: BTreeSet<IncidentId>,
}

impl Cards<'_> {
    fn card(&self, id: &PersonId, reader: Option<&PersonId>) -> Person {
        let mut inbox = self.stage.world.inbox(id);
        inbox.reverse();
        let items: Vec<Item> = inbox.iter().take(ITEMS_MAX).map(|one| self.item(one)).collect();
        Person {
            id: id.to_string(),
            name: self.directory.name_of(id).to_owned(),
            role: self.role(id),
            is_you: reader == Some(id),
            is_ringing: items.iter().any(|item| item.is_ringing),
            items,
        }
    }

    fn item(&self, one: &Delivered) -> Item {
        let is_ringing = may_ring(one, self.now) && self.calling.contains(&one.incident);
        let label = one.answer_label.clone();
        Item {
            id: one.sequence.to_string(),
            channel: self.w.t(&format!("channel-{}", one.channel)),
            is_ringing,
            subject: one.subject.clone(),
            text: one.text.clone(),
            at: Moment::relative(self.w, one.at, self.now, &self.directory.organisation.timezone),
            answer: one.answer_url.clone().map(|url| (url, label)),
        }
    }

    /// What somebody is in the company, in a few words.
    fn role(&self, id: &PersonId) -> String {
        let directory = self.directory;
        if directory.organisation.last_resort.contains(id) {
            return self.w.t("demo-role-last-resort");
        }
        if let Some(project) = directory.projects.values().find(|one| one.lead.as_ref() == Some(id))
        {
            return self.w.tn("demo-role-leads", &[("name", &project.name)]);
        }
        if let Some(team) = directory.teams.values().find(|team| team.lead.as_ref() == Some(id)) {
            return self.w.tn("demo-role-leads", &[("name", &team.name)]);
        }
        let team = directory.teams.values().find(|team| team.members.contains(id));
        let role = team.map(|team| self.w.tn("demo-role-member", &[("name", &team.name)]));
        match directory.away_until(id, self.now) {
            Some(_) => self.w.tn("demo-role-away", &[("role", &role.unwrap_or_default())]),
            None => role.unwrap_or_default(),
        }
    }
}

/// Says that something has arrived, changed, or stopped ringing; the page then looks for itself.
async fn events(State(stage): State<Stage>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let news = stage.world.watch();
    let changes = stage.app.engine().listen();
    let events = stream::unfold((news, changes), |(mut news, mut changes)| async move {
        tokio::select! {
            changed = news.changed() => changed.ok()?,
            // An answer stops telephones without a message to their owner. Falling behind is a change as well.
            change = changes.recv() => {
                if matches!(change, Err(tokio::sync::broadcast::error::RecvError::Closed)) {
                    return None;
                }
            }
            // A telephone stops ringing by itself.
            () = crate::clock::pause(RINGS_FOR) => {}
        }
        Some((Ok(Event::default().event("change").data("{}")), (news, changes)))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

#[derive(Deserialize)]
struct SignIn {
    person: String,
}

/// Signs the reader in as anybody. Only in the demonstration, and only from its own page.
async fn sign_in(
    State(stage): State<Stage>,
    headers: HeaderMap,
    Form(form): Form<SignIn>,
) -> Response {
    let from = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if from.is_some_and(|from| !matches!(from, "same-origin" | "none")) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let person = PersonId::new(&form.person);
    if !stage.order.contains(&person) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match web::sign_in_cookie(&stage.app, &person, "demo").await {
        Ok(cookie) => {
            let mut response = Redirect::to("/").into_response();
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(why) => {
            tracing::warn!(code = why.code(), "the demonstration could not sign somebody in");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
