//! A whole site in memory, for tests of pages: real store, real engine, real router; fake clock, chance and channels.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use domain::id::{IncidentId, PersonId};
use domain::incident::escalation::reply::Reply;
use domain::incident::report::{FirstReport, Via};
use domain::incident::{Actor, Command, Incident};
use domain::policy::Policy;
use domain::port::{Channel, Clock, Manner};
use domain::time::Timestamp;
use engine::{Engine, EngineConfig, EngineParts};
use http_body_util::BodyExt;
use store::{Store, StoreConfig};
use testkit::{
    FakeChannel, FakeClock, Office, Outside, Sabotage, SeededEntropy, per, person, project,
};
use tower::ServiceExt;

use crate::app::{App, WebConfig};

const PUBLIC_URL: &str = "http://ippo.example.co.jp";

/// What a request brought back.
#[derive(Debug)]
pub(crate) struct Found {
    /// The status.
    pub(crate) status: StatusCode,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) text: String,
}

impl Found {
    /// Where it leads; empty for nowhere.
    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    /// A header as text; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A site. carol reports to ann, ann to bob, who is the last resort; erin has nothing to do with it and root is an
/// admin. Nothing is delivered by itself.
pub(crate) struct Site {
    /// The application.
    pub(crate) app: App,
    /// Its clock.
    pub(crate) clock: FakeClock,
    /// Its database, to break it.
    pub(crate) url: String,
}

impl Site {
    /// The usual office, with one project that bob leads.
    pub(crate) async fn new() -> Self {
        let office =
            Office::usual().person(person("root").admin()).project(project("shop").led_by("bob"));
        Self::of(office).await
    }

    /// Another office.
    pub(crate) async fn of(office: Office) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let url = format!("sqlite::memory:web-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let clock = FakeClock::default();
        let store = Store::open(&StoreConfig::new(&url), clock.now()).await.unwrap();
        store.replace_directory(&office.parts).await.unwrap();
        let outside = Outside::new(&clock);
        let channel =
            |id, manner| Arc::new(FakeChannel::new(id, manner, &outside)) as Arc<dyn Channel>;
        let parts = EngineParts {
            store,
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(SeededEntropy::new(1)),
            channels: vec![channel("mail", Manner::Silent), channel("voice", Manner::Voice)],
        };
        let config = EngineConfig {
            organisation: office.organisation,
            policy: Policy::default(),
            public_url: PUBLIC_URL.to_owned(),
        };
        let engine = Engine::start(parts, config).await.unwrap();
        let config = WebConfig { public_url: PUBLIC_URL.to_owned(), demo: false };
        Self { app: App::new(engine, config), clock, url }
    }

    /// Hands on the database.
    pub(crate) fn sabotage(&self) -> Sabotage {
        Sabotage::on(&self.url)
    }

    /// A device on which that person is signed in: the `Cookie` header and the proof that forms carry.
    pub(crate) async fn device(&self, who: &str) -> (String, String) {
        self.device_until(who, None).await
    }

    /// A device whose sign-in has run out.
    pub(crate) async fn expired_device(&self, who: &str) -> (String, String) {
        let long_ago = self.clock.now().as_millisecond() - 86_400_000;
        self.device_until(who, Some(Timestamp::from_millisecond(long_ago))).await
    }

    async fn device_until(&self, who: &str, until: Option<Timestamp>) -> (String, String) {
        let (mut session, cookie) = self.app.new_session(&per(who), "a test");
        session.expires_at = until.unwrap_or(session.expires_at);
        self.app.engine().store().insert_session(&session).await.unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookie.parse().unwrap());
        let csrf = self.app.reader(&headers).await.may_report().unwrap().csrf.clone();
        (cookie, csrf)
    }

    /// Sends a request as it stands.
    pub(crate) async fn send(&self, request: Request<Body>) -> Found {
        let response = crate::router(self.app.clone()).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Found { status: parts.status, headers: parts.headers, text }
    }

    /// GET as that person.
    pub(crate) async fn get(&self, path: &str, who: &str) -> Found {
        let (cookie, _) = self.device(who).await;
        self.get_with(path, &[("cookie", &cookie)]).await
    }

    /// GET as nobody.
    pub(crate) async fn get_as_stranger(&self, path: &str) -> Found {
        self.get_with(path, &[]).await
    }

    /// GET with headers.
    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Found {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// POST of a form as that person, from a page of ours.
    pub(crate) async fn post(&self, path: &str, who: &str, form: &str) -> Found {
        let device = self.device(who).await;
        self.post_from(path, &device, form).await
    }

    /// POST of a form from that device, from a page of ours.
    pub(crate) async fn post_from(
        &self,
        path: &str,
        device: &(String, String),
        form: &str,
    ) -> Found {
        let (cookie, csrf) = device;
        let request = Request::post(path)
            .header("cookie", cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(format!("{form}&csrf={csrf}")))
            .unwrap();
        self.send(request).await
    }

    /// POST of a form exactly as it stands, as that person or as nobody.
    pub(crate) async fn post_raw(&self, path: &str, who: Option<&str>, form: &str) -> Found {
        let mut request = Request::post(path);
        if let Some(who) = who {
            request = request.header("cookie", self.device(who).await.0);
        }
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// carol reports.
    pub(crate) async fn report(&self, text: &str) -> IncidentId {
        let report = FirstReport {
            reporter: per("carol"),
            text: text.to_owned(),
            project: None,
            kind: None,
            happened: None,
            via: Via::Web,
            is_sign_in_expired: false,
            is_text_repaired: false,
        };
        self.app.engine().report(report, None).await.unwrap().incident.id.clone()
    }

    /// That person gives a command.
    pub(crate) async fn handle(&self, id: &IncidentId, who: &str, command: Command) {
        self.app.engine().handle(id, &Actor::Person(per(who)), &command).await.unwrap();
    }

    /// That person accepts.
    pub(crate) async fn accept(&self, id: &IncidentId, who: &str) {
        self.handle(id, who, Command::Answer { reply: Reply::Accept, via: Via::Link }).await;
    }

    /// ippo looks at the incident, as it does by itself when something is due.
    pub(crate) async fn tick(&self, id: &IncidentId) {
        self.app.engine().handle(id, &Actor::System, &Command::Tick).await.unwrap();
    }

    /// The incident as it stands.
    pub(crate) async fn incident(&self, id: &IncidentId) -> Incident {
        Incident::clone(&*self.app.engine().load(id).await.unwrap().unwrap())
    }

    /// Every incident that `who` reported.
    pub(crate) async fn reports_of(&self, who: &str) -> Vec<IncidentId> {
        let rows = self.app.engine().store().list_incidents_of_reporter(&per(who), None, 50).await;
        rows.unwrap().into_iter().map(|row| row.id).collect()
    }

    /// The path of the page on which `who` answers.
    pub(crate) async fn answer_path(&self, id: &IncidentId, who: &str) -> String {
        let incident = self.incident(id).await;
        let url = self.app.engine().answer_url(&incident, &PersonId::new(per(who).as_str()));
        url.unwrap().strip_prefix(PUBLIC_URL).unwrap().to_owned()
    }
}
