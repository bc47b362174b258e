//! Who may see what: every route and call, in every role, against the table beside the routes.
//!
//! The router is made from that table, so a new route cannot be without a row; this test gives each row its meaning.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use domain::id::IncidentId;
use domain::incident::escalation::reply::Reply;
use domain::incident::report::{FirstReport, Via};
use domain::incident::{Actor, Command};
use engine::{Engine, EngineConfig, EngineParts};
use http_body_util::BodyExt as _;
use std::sync::Arc;
use std::time::Duration;
use store::{ApiToken, Invitation, Store, StoreConfig};
use testkit::{FakeChannel, FakeClock, Office, Outside, SeededEntropy, per, person};
use tower::ServiceExt as _;
use web::{App, ROLES, Row, Seen, WebConfig, digest};

const URL: &str = "http://ippo.test";

/// Tanaka reports; Sato and Ito are called; Sato leads; Mori is a colleague; Admin set ippo up.
const PEOPLE: [Option<&str>; 6] =
    [None, Some("mori"), Some("tanaka"), Some("ito"), Some("sato"), Some("admin")];

struct House {
    app: App,
    router: Router,
    clock: FakeClock,
    engine: Engine,
    cookies: Vec<Option<(String, String)>>,
    tokens: Vec<Option<String>>,
}

async fn house(name: &str) -> House {
    let clock = FakeClock::default();
    let outside = Outside::new(&clock);
    let mut office = Office::empty()
        .person(person("tanaka").managed_by("sato").mail().voice())
        .person(person("sato").deputy("ito").mail().voice())
        .person(person("ito").mail().voice())
        .person(person("mori").mail())
        .person(person("admin").mail())
        .person(person("spare").mail())
        .last_resort("ito");
    for found in &mut office.parts.people {
        found.admin = found.id == per("admin");
    }
    let config = StoreConfig::new(&format!("sqlite::memory:{name}"));
    let store = Store::open(&config, clock_now(&clock)).await.unwrap();
    store.replace_directory(&office.parts).await.unwrap();
    let channel = |id, manner| {
        Arc::new(FakeChannel::new(id, manner, &outside)) as Arc<dyn domain::port::Channel>
    };
    let parts = EngineParts {
        store,
        clock: Arc::new(clock.clone()),
        entropy: Arc::new(SeededEntropy::new(7)),
        channels: vec![
            channel("mail", domain::port::Manner::Silent),
            channel("voice", domain::port::Manner::Voice),
        ],
    };
    let config = EngineConfig {
        organisation: office.organisation,
        policy: domain::policy::Policy::default(),
        public_url: URL.to_owned(),
    };
    let engine = Engine::start(parts, config).await.unwrap();
    let app = App::new(engine.clone(), WebConfig { public_url: URL.to_owned(), demo: false });
    let router = web::router(app.clone());
    let mut house = House { app, router, clock, engine, cookies: Vec::new(), tokens: Vec::new() };
    for name in PEOPLE {
        house.let_in(name).await;
    }
    house
}

fn clock_now(clock: &FakeClock) -> domain::time::Timestamp {
    domain::port::Clock::now(clock)
}

impl House {
    /// A device on which that person is signed in: its cookie, and what its forms carry.
    async fn device(&self, name: &str) -> (String, String) {
        let cookie = web::sign_in_cookie(&self.app, &per(name), "test").await.unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let request = Request::get("/settings").header(header::COOKIE, &cookie);
        let page = text(self.send(request.body(Body::empty()).unwrap()).await).await;
        let csrf = page.split("name=\"csrf\" value=\"").nth(1).expect("a form with its proof");
        (cookie, csrf.split('"').next().unwrap().to_owned())
    }

    async fn let_in(&mut self, name: Option<&str>) {
        let Some(name) = name else {
            self.cookies.push(None);
            self.tokens.push(None);
            return;
        };
        let device = self.device(name).await;
        self.cookies.push(Some(device));
        let token = format!("ippo_test_{name}");
        let row = ApiToken {
            token_hash: digest(&token),
            id: format!("tok_{name}"),
            person: per(name),
            label: String::new(),
            created_at: self.engine.now(),
            revoked_at: None,
            used_at: None,
        };
        self.engine.store().insert_token(&row).await.unwrap();
        self.tokens.push(Some(token));
    }

    async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// A fresh incident that calls Sato and Ito; `is_led` says whether Sato has accepted.
    async fn incident(&self, is_led: bool) -> (IncidentId, String, String) {
        let report = FirstReport {
            reporter: per("tanaka"),
            text: "the first words".to_owned(),
            project: None,
            kind: None,
            happened: None,
            via: Via::Web,
            is_sign_in_expired: false,
            is_text_repaired: false,
        };
        let incident = self.engine.report(report, None).await.unwrap().incident;
        let id = incident.id.clone();
        self.clock.forward(Duration::from_secs(181));
        let ticked = self.engine.handle(&id, &Actor::System, &Command::Tick).await.unwrap();
        assert!(ticked.incident.escalation.as_ref().unwrap().may_answer(&per("ito")));
        if is_led {
            let accept = Command::Answer { reply: Reply::Accept, via: Via::Link };
            self.engine.handle(&id, &Actor::Person(per("sato")), &accept).await.unwrap();
        }
        let entry = incident.timeline.entries[0].id.to_string();
        let url = self.engine.answer_url(&ticked.incident, &per("ito")).unwrap();
        (id, entry, url.rsplit('/').next().unwrap().to_owned())
    }

    async fn invitation(&self, n: usize, row: usize) -> String {
        let token = format!("invitation-{n}-{row}");
        let now = self.engine.now();
        let invitation = Invitation {
            token_hash: digest(&token),
            person: per("mori"),
            is_admin: false,
            created_at: now,
            expires_at: now.after(Duration::from_secs(600)),
            used_at: None,
        };
        self.engine.store().insert_invitation(&invitation).await.unwrap();
        token
    }

    async fn path(&self, row: &Row, role: usize, number: usize) -> String {
        let mut path = row.path.to_owned();
        if path.contains("/incidents/{id}") || path.contains("/a/{token}") {
            // An answer is asked of people only while nobody leads.
            let is_led = !path.ends_with("/answers");
            let (id, entry, token) = self.incident(is_led).await;
            path = path.replace("{id}", id.as_str()).replace("{entry}", &entry);
            path = path.replace("/a/{token}", &format!("/a/{token}"));
        }
        if path.contains("/invite/{token}") {
            path = path.replace("{token}", &self.invitation(role, number).await);
        }
        let id = match row.path {
            p if p.starts_with("/people/") => "per_spare",
            p if p.starts_with("/teams/") => "team_none",
            p if p.starts_with("/projects/") => "prj_none",
            _ => "none",
        };
        path.replace("{id}", id).replace("{name}", "site.css").replace("{code}", "not_found")
    }

    async fn answer(&self, row: &Row, role: usize, path: &str) -> (StatusCode, String) {
        let response = self.ask(row, role, path).await;
        (response.status(), text(response).await)
    }

    async fn ask(&self, row: &Row, role: usize, path: &str) -> Response<Body> {
        let is_call = path.starts_with("/api/");
        let request = Request::builder().method(row.method.to_uppercase().as_str()).uri(path);
        let body = body_of(row, is_call);
        let request = if is_call {
            match &self.tokens[role] {
                Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
                None => request,
            }
        } else {
            request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        };
        // Signing out ends the device's session, so it gets one of its own.
        let device = match (PEOPLE[role], row.path) {
            (Some(name), "/sign-out") => Some(self.device(name).await),
            (_, _) => self.cookies[role].clone(),
        };
        let (request, body) = match (&device, is_call) {
            (Some((cookie, csrf)), false) => {
                (request.header(header::COOKIE, cookie), format!("csrf={csrf}&{body}"))
            }
            (_, _) => (request, body),
        };
        self.send(request.body(Body::from(body)).unwrap()).await
    }
}

async fn text(response: Response<Body>) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Something that would be accepted from somebody who may.
fn body_of(row: &Row, is_call: bool) -> String {
    let end = row.path.rsplit('/').next().unwrap();
    let pairs: &[(&str, &str)] = match end {
        "entries" => &[("kind", "fact"), ("text", "a fact"), ("when", "unknown")],
        "corrections" => {
            &[("kind", "fact"), ("text", "a fact"), ("why", "clearer"), ("when", "unknown")]
        }
        "redaction" => &[("why", "a secret")],
        "stand_down" => &[("why", "nothing")],
        "reached" => &[("person", "per_sato"), ("how", "phone")],
        "circle" | "people" if row.path.contains("incidents") => &[("person", "per_mori")],
        "hand_over" => &[("to", "per_ito")],
        "answers" => &[("answer", "cannot")],
        "{token}" => &[("answer", "cannot")],
        "words" => &[("text", "more words")],
        "poll" => &[("poll_token", "x")],
        "sign-in" => &[("name", "nobody"), ("password", "wrong")],
        "language" => &[("locale", "en"), ("return", "/")],
        _ => &[],
    };
    if is_call {
        let fields = pairs.iter().filter(|(name, _)| *name != "when");
        let fields: serde_json::Map<_, _> =
            fields.map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        return serde_json::Value::Object(fields).to_string();
    }
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn seen(response: &Response<Body>) -> Seen {
    let to = response.headers().get(header::LOCATION).map(|to| to.to_str().unwrap_or_default());
    match response.status() {
        StatusCode::UNAUTHORIZED if response.headers().contains_key("www-authenticate") => {
            Seen::SignIn
        }
        StatusCode::SEE_OTHER if to.is_some_and(|to| to.starts_with("/sign-in?")) => Seen::SignIn,
        StatusCode::NOT_FOUND => Seen::Hidden,
        StatusCode::FORBIDDEN => Seen::No,
        _ => Seen::Yes,
    }
}

/// Rows in which the id of the path is made up, so that "there is none" is the answer of somebody who may ask.
const MADE_UP: [&str; 11] = [
    "/settings/sessions/{id}/revoke",
    "/settings/tokens/{id}/revoke",
    "/people/{id}/edit",
    "/people/{id}",
    "/people/{id}/delete",
    "/teams/{id}/edit",
    "/teams/{id}",
    "/teams/{id}/delete",
    "/projects/{id}/edit",
    "/projects/{id}",
    "/projects/{id}/delete",
];

#[tokio::test]
async fn every_route_answers_every_role_as_the_table_says() {
    let house = house("access-table").await;
    let mut differ = Vec::new();
    for (number, row) in web::rows().iter().enumerate() {
        for (role, name) in ROLES.iter().enumerate() {
            let expected = row.access.0[role];
            let path = house.path(row, role, number).await;
            let response = house.ask(row, role, &path).await;
            let status = response.status();
            let mut found = seen(&response);
            if found == Seen::Hidden && expected == Seen::Yes && MADE_UP.contains(&row.path) {
                found = Seen::Yes;
            }
            if status.is_server_error() || found != expected {
                differ.push(format!(
                    "{} {} as {name}: {found:?} ({status}), the table says {expected:?}",
                    row.method, row.path
                ));
            }
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

#[tokio::test]
async fn to_a_colleague_an_incident_is_the_same_as_none() {
    let house = house("access-none").await;
    let (id, entry, _) = house.incident(true).await;
    let (colleague, admin) = (1, 5);
    let incident_rows = web::rows().into_iter().filter(|row| row.path.contains("/incidents/{id}"));
    for row in incident_rows {
        for role in [colleague, admin] {
            let real = row.path.replace("{id}", id.as_str()).replace("{entry}", &entry);
            let none = "inc_01zzzzzzzzzzzzzzzzzzzzzzzz";
            let made_up = row.path.replace("{id}", none).replace("{entry}", "ent_none_2");
            let of_real = house.answer(&row, role, &real).await;
            let of_none = house.answer(&row, role, &made_up).await;
            let same = of_none.1.replace(none, id.as_str()).replace("ent_none_2", &entry);
            assert_eq!(of_real.0, of_none.0, "{} {}", row.method, row.path);
            assert_eq!(of_real.1, same, "{} {}", row.method, row.path);
        }
    }
}
