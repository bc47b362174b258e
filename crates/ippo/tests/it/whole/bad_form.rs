//! The form behind the button, sent in every wrong way: a report that can be taken is taken, and one that cannot
//! comes back with everything that was typed.

use serde_json::json;

use crate::support::http::{Request, Response};
use crate::support::receiver::Receiver;
use crate::support::site::{Server, Settings, Site, person};
use crate::whole::ledger::Ledger;

struct World {
    _site: Site,
    _receiver: Receiver,
    server: Server,
    token: String,
    cookie: String,
    csrf: String,
}

/// The value of a hidden field on a page.
fn hidden(page: &Response, name: &str) -> String {
    let text = page.text();
    let (_, rest) = text.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

impl World {
    async fn new() -> Self {
        let receiver = Receiver::start().await;
        let directory = person("per_suzuki", "", &[("webhook", &receiver.url("/ok/suzuki"))])
            + &person("per_tanaka", "per_suzuki", &[]);
        let site = Site::new(&Settings { directory, ..Settings::default() });
        let token = site.token("per_tanaka");
        let cookie = site.sign_in("per_tanaka").await;
        let server = site.start().await;
        let home = server.send(&Request::get("/").header("cookie", &cookie)).await;
        assert_eq!(home.status, 200, "{}", home.text());
        let csrf = hidden(&home, "csrf");
        Self { _site: site, _receiver: receiver, server, token, cookie, csrf }
    }

    /// Sends the form with the proof that it came from our own page.
    async fn send(&self, fields: &str) -> Response {
        self.send_bare(&format!("csrf={}&{fields}", self.csrf)).await
    }

    async fn send_bare(&self, form: &str) -> Response {
        let request = Request::post("/report").header("cookie", &self.cookie).form(form);
        self.server.send(&request).await
    }

    /// The ledger of the incident that an answer leads to.
    async fn ledger(&self, answer: &Response) -> Ledger {
        assert_eq!(answer.status, 303, "{}", answer.text());
        let place = answer.header("location").unwrap();
        let incident = place.trim_start_matches("/incidents/").split('/').next().unwrap();
        Ledger::read(&self.server.export(&self.token, incident).await)
    }

    async fn count(&self) -> usize {
        let listed = self.server.get(&self.token, "/api/v1/incidents?limit=200").await.json();
        listed["items"].as_array().unwrap().len()
    }
}

#[tokio::test]
async fn whatever_is_typed_is_a_report() {
    let world = World::new().await;
    let long = "x".repeat(1_000_000);
    let kept = "x".repeat(domain::incident::report::TEXT_CHARS_MAX);
    let cases = [
        ("", ""),
        ("text=", ""),
        ("text=+%0a+&project=&key=", ""),
        ("text=a%ff%feb", "a\u{fffd}\u{fffd}b"),
        ("text=%zz%", "%zz%"),
        ("text=one&text=two", "one"),
        ("text=a&project=prj_nothing", "a"),
        ("text=%3Cscript%3Eboom(1)%3C%2Fscript%3E", "<script>boom(1)</script>"),
        (&format!("text={long}"), &kept),
    ];
    for (form, words) in cases {
        let what = &form[..form.len().min(40)];
        let answer = world.send(form).await;
        let ledger = world.ledger(&answer).await;
        assert_eq!(ledger.first_words(), words, "{what}");
        let place = answer.header("location").unwrap();
        let page = world.server.send(&Request::get(place).header("cookie", &world.cookie)).await;
        assert_eq!(page.status, 200, "{what}");
        assert!(!page.text().contains("<script>boom"), "{what}");
    }
    assert_eq!(world.count().await, cases.len());
}

#[tokio::test]
async fn a_second_press_is_the_same_report_and_other_words_are_added_to_it() {
    let world = World::new().await;
    let first = world.send("key=the-key&text=a").await;
    for again in ["key=the-key&text=a", "key=the-key&text=b", "key=the-key&text="] {
        let answer = world.send(again).await;
        assert_eq!(answer.header("location"), first.header("location"), "{again}");
    }
    let ledger = world.ledger(&first).await;
    assert_eq!(ledger.texts("entry.added", "text"), ["a", "b"]);
    assert_eq!(world.count().await, 1);
}

#[tokio::test]
async fn a_form_that_is_not_taken_comes_back_with_what_was_typed() {
    let mut world = World::new().await;
    let words = "本番のデータベースを消しました";
    let encoded: String = words.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let stale = [
        format!("text={encoded}"),
        format!("csrf=&text={encoded}"),
        format!("csrf=0123&text={encoded}"),
        format!("csrf=%ff&text={encoded}"),
    ];
    for form in stale {
        let answer = world.send_bare(&form).await;
        assert_eq!(answer.status, 403, "{form}");
        assert!(answer.text().contains(words), "{}", answer.text());
        assert_eq!(hidden(&answer, "csrf"), world.csrf, "one more press is enough");
    }
    let from_elsewhere = Request::post("/report").header("cookie", &world.cookie);
    let from_elsewhere = from_elsewhere.header("sec-fetch-site", "cross-site");
    let form = format!("csrf={}&text={encoded}", world.csrf);
    let answer = world.server.send(&from_elsewhere.form(&form)).await;
    assert_eq!(answer.status, 403);

    let large = format!("text={}", "x".repeat(9 * 1024 * 1024));
    assert_eq!(world.send(&large).await.status, 413);
    let nobody = Request::post("/report").form(&form);
    let answer = world.server.send(&nobody).await;
    assert_eq!(answer.status, 303);
    assert!(answer.header("location").unwrap().starts_with("/sign-in"));
    let json = Request::post("/report").header("cookie", &world.cookie).json(&json!({"text": "a"}));
    assert_eq!(world.server.send(&json).await.status, 403);
    assert_eq!(world.count().await, 0);
    assert!(world.server.is_running());
}
