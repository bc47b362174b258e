//! Whatever comes in, the answer says in words what is wrong and what to do, nothing that was said is lost, and the
//! server stays up.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::http::{Request, Response};
use crate::support::patience::in_time;
use crate::support::patience::until;
use crate::support::receiver::Receiver;
use crate::support::site::{Server, Settings, Site, person};
use crate::whole::ledger::Ledger;

/// The longest text that is kept, in characters.
const TEXT_CHARS_MAX: usize = domain::incident::report::TEXT_CHARS_MAX;

struct World {
    _site: Site,
    _receiver: Receiver,
    server: Server,
    token: String,
}

impl World {
    async fn new() -> Self {
        let receiver = Receiver::start().await;
        let directory = person("per_suzuki", "", &[("webhook", &receiver.url("/ok/suzuki"))])
            + &person("per_tanaka", "per_suzuki", &[]);
        let site = Site::new(&Settings { directory, ..Settings::default() });
        let token = site.token("per_tanaka");
        let server = site.start().await;
        Self { _site: site, _receiver: receiver, server, token }
    }

    async fn ask(&self, request: Request) -> Response {
        self.server.send(&request.bearer(&self.token)).await
    }

    async fn report(&self, body: &Value) -> String {
        self.server.report(&self.token, body).await
    }

    async fn ledger(&self, incident: &str) -> Ledger {
        Ledger::read(&self.server.export(&self.token, incident).await)
    }
}

/// The answer is a problem with this status and code, and says what to do.
#[track_caller]
fn check_problem(what: &str, answer: &Response, status: u16, code: &str) {
    let text = answer.text();
    assert_eq!(answer.status, status, "{what}: {text}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{what}: {text}");
    let problem = answer.json();
    assert_eq!(problem["code"], code, "{what}: {text}");
    assert_eq!(problem["status"], status, "{what}: {text}");
    for field in ["type", "title", "remedy"] {
        assert!(problem[field].as_str().is_some_and(|said| !said.is_empty()), "{what}: {text}");
    }
}

/// The codes of what the caller is told beside.
fn notes(answer: &Response) -> Vec<String> {
    let notes = answer.json()["notes"].as_array().cloned().unwrap_or_default();
    notes.iter().map(|note| note["code"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_report_is_taken_whatever_its_words_are() {
    let world = World::new().await;
    let long = "あ".repeat(350_000);
    let kept = long.chars().take(TEXT_CHARS_MAX).collect::<String>();
    let cases: [(&str, Vec<u8>, &str, &[&str]); 9] = [
        ("no body", Vec::new(), "", &[]),
        ("white space", b" \n ".to_vec(), "", &[]),
        ("empty object", b"{}".to_vec(), "", &[]),
        ("empty text", br#"{"text":""}"#.to_vec(), "", &[]),
        ("null", br#"{"text":null,"project":null,"kind":null}"#.to_vec(), "", &[]),
        ("1 MB of text", json!({ "text": long }).to_string().into_bytes(), &kept, &["text_cut"]),
        (
            "no UTF-8",
            b"{\"text\":\"a\xff\xfeb\"}".to_vec(),
            "a\u{fffd}\u{fffd}b",
            &["text_repaired"],
        ),
        ("a mark in front", b"\xef\xbb\xbf{\"text\":\"a\"}".to_vec(), "a", &[]),
        ("unknown fields", br#"{"text":"a","severity":1,"title":[]}"#.to_vec(), "a", &[]),
    ];
    for (what, body, words, told) in cases {
        let answer = world.ask(Request::post("/api/v1/reports").bytes(body)).await;
        assert_eq!(answer.status, 201, "{what}: {}", answer.text());
        assert_eq!(notes(&answer), told, "{what}");
        let ledger = world.ledger(answer.json()["incident"]["id"].as_str().unwrap()).await;
        assert_eq!(ledger.first_words(), words, "{what}");
    }
    let unknown = json!({"text": "a", "project": "prj_\u{202e}nothing\n"});
    let answer = world.ask(Request::post("/api/v1/reports").json(&unknown)).await;
    assert_eq!(answer.status, 201);
    assert_eq!(notes(&answer), ["project_unknown"]);
    assert_eq!(answer.json()["line"][0]["person"]["id"], "per_suzuki");
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_in_words() {
    let world = World::new().await;
    let incident = world.report(&json!({})).await;
    let paths = ["/api/v1/reports".to_owned(), format!("/api/v1/incidents/{incident}/entries")];
    let deep = format!("{{\"text\":\"a\",\"x\":{}", "[".repeat(100_000));
    for path in &paths {
        for body in ["[1]", "\"text\"", "nonsense", "{\"text\":", "{\"a\":1}{\"b\":2}", &deep] {
            let answer = world.ask(Request::post(path).bytes(body)).await;
            check_problem(&body[..body.len().min(20)], &answer, 422, "body_not_json");
        }
        let large = vec![b' '; 9 * 1024 * 1024];
        let answer = world.ask(Request::post(path).bytes(large)).await;
        check_problem(path, &answer, 413, "body_too_large");
    }
}

/// Calls on an incident, with the fields that each takes; `{}` stands for the incident.
const CALLS: [(&str, &[&str]); 10] = [
    ("/api/v1/reports", &["text", "project", "kind", "happened_at_ms"]),
    ("/api/v1/incidents/{}/stand_down", &["why"]),
    ("/api/v1/incidents/{}/reached", &["person", "how"]),
    ("/api/v1/incidents/{}/answers", &["answer", "minutes", "to"]),
    (ENTRIES, &["kind", "text", "happened", "source", "source_ref"]),
    (
        "/api/v1/incidents/{}/entries/{e}/corrections",
        &["kind", "text", "happened", "source", "source_ref", "why"],
    ),
    ("/api/v1/incidents/{}/entries/{e}/redaction", &["why"]),
    ("/api/v1/incidents/{}/people", &["person"]),
    ("/api/v1/incidents/{}/close", &["note"]),
    ("/api/v1/login/start", &["device"]),
];
const ENTRIES: &str = "/api/v1/incidents/{}/entries";

/// What would be right in each field, so that the one that is wrong is the reason.
fn right_body() -> Value {
    json!({
        "text": "a", "kind": "fact", "why": "a", "person": "per_suzuki", "how": "phone", "answer": "promise",
        "minutes": 5, "to": "per_suzuki", "source": "saw", "source_ref": "a", "note": "a", "device": "a",
    })
}

#[tokio::test]
async fn a_field_of_the_wrong_type_is_named_in_every_call_and_changes_nothing() {
    let world = World::new().await;
    let incident = world.report(&json!({"text": "a"})).await;
    // The first message is on its way at this moment; what comes of it is the last thing that happens by itself.
    let before = until("what came of the first message", async || {
        let ledger = world.ledger(&incident).await;
        ledger.events.iter().any(|event| event["kind"] == "attempt.outcome").then_some(ledger)
    });
    let before = before.await;
    let entry = format!("ent_{}_1", incident.trim_start_matches("inc_"));
    for (path, fields) in CALLS {
        let path = path.replace("{}", &incident).replace("{e}", &entry);
        for field in fields {
            let mut wrong = vec![json!(true), json!([]), json!(1.5), json!(-1), json!(1e300)];
            match *field {
                "happened" => {
                    wrong.extend([json!("x"), json!({}), json!({"at_ms": 1, "about_ms": 2})])
                }
                "minutes" | "happened_at_ms" => wrong.extend([json!("5"), json!({})]),
                "kind" | "how" | "answer" | "source" => wrong.extend([json!("x"), json!({})]),
                _ => wrong.push(json!({"text": "a"})),
            }
            for value in wrong {
                let mut body = right_body();
                if path.ends_with("/reports") {
                    body["kind"] = json!("leak");
                }
                body[*field] = value.clone();
                if *field == "to" {
                    body["answer"] = json!("hand_over");
                }
                let what = format!("{path} {field} {value}");
                let answer = world.ask(Request::post(&path).json(&body)).await;
                check_problem(&what, &answer, 422, "wrong_field");
                assert_eq!(answer.json()["field"], *field, "{what}");
            }
        }
    }
    for query in ["state=x", "limit=x", "limit=-1", "limit=99999999999", "after=x", "state=%ff"] {
        let answer = world.ask(Request::get(&format!("/api/v1/incidents?{query}"))).await;
        check_problem(query, &answer, 422, "wrong_field");
    }
    for query in ["at=x", "at=99999999999999999999"] {
        let answer = world.ask(Request::get(&format!("/api/v1/rehearsal?{query}"))).await;
        assert!(matches!(answer.status, 404 | 422), "{query}: {}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{query}");
    }
    // A rehearsal of somebody whom nobody knows is an answer: it names the hole.
    let answer = world.ask(Request::get("/api/v1/rehearsal?reporter=%ff")).await;
    assert_eq!(answer.json()["problems"][0]["code"], "unknown_reporter");
    let poll = json!({"poll_token": 5});
    let answer = world.ask(Request::post("/api/v1/login/poll").json(&poll)).await;
    check_problem("poll_token", &answer, 422, "wrong_field");
    assert_eq!(world.ledger(&incident).await.events, before.events);
}

#[tokio::test]
async fn a_key_of_any_kind_makes_one_incident_and_other_words_under_it_are_kept() {
    let world = World::new().await;
    let long = "k".repeat(7_000);
    let keys: [&[u8]; 5] = [b"a", long.as_bytes(), b"\xff\x80\xfe", "鍵".as_bytes(), b"\"';--"];
    let mut incidents = Vec::new();
    for key in keys {
        let ask = |text: &str| {
            let request = Request::post("/api/v1/reports").header("idempotency-key", key);
            world.ask(request.json(&json!({ "text": text })))
        };
        let first = ask("the first words").await;
        assert_eq!(first.status, 201, "{}", first.text());
        let incident = first.json()["incident"]["id"].as_str().unwrap().to_owned();
        for text in ["the first words", "other words", "other words", ""] {
            let again = ask(text).await;
            assert_eq!(again.status, 200, "{}", again.text());
            assert_eq!(again.json()["incident"]["id"], incident.as_str());
        }
        let ledger = world.ledger(&incident).await;
        assert_eq!(ledger.texts("entry.added", "text"), ["the first words", "other words"]);
        assert_eq!(ledger.bodies("report.received").len(), 1);
        incidents.push(incident);
    }
    let count = incidents.len();
    incidents.sort();
    incidents.dedup();
    assert_eq!(incidents.len(), count, "other keys are other incidents");
}

#[tokio::test]
async fn unknown_addresses_methods_and_tokens_are_refused_in_words() {
    let world = World::new().await;
    let incident = world.report(&json!({})).await;
    let long = format!("/api/v1/incidents/{}", "x".repeat(5_000));
    for path in ["/api/v1/nothing", "/api/v2/reports", "/api", "/api/v1/incidents/a/b/c/d"] {
        let answer = world.ask(Request::get(path)).await;
        check_problem(path, &answer, 404, "no_such_call");
    }
    for path in [
        "/api/v1/incidents/inc_nothing",
        "/api/v1/incidents/%E2%98%83",
        "/api/v1/incidents/..%2f..",
        &long,
    ] {
        let answer = world.ask(Request::get(path)).await;
        check_problem(path, &answer, 404, "not_found");
    }
    for (method, path) in [
        ("GET", "/api/v1/reports".to_owned()),
        ("DELETE", format!("/api/v1/incidents/{incident}")),
        ("PUT", format!("/api/v1/incidents/{incident}/answers")),
        ("BREW", "/api/v1/incidents".to_owned()),
    ] {
        let answer = world.ask(Request::new(method, &path)).await;
        check_problem(&format!("{method} {path}"), &answer, 405, "method_not_allowed");
    }
    let long = format!("Bearer {}", "x".repeat(5_000));
    let tokens: [&[u8]; 8] = [
        b"",
        b"Bearer",
        b"Bearer ",
        b"Bearer x",
        b"Basic eDp5",
        b"Bearer \xff\xfe",
        long.as_bytes(),
        b"x y z",
    ];
    for token in tokens {
        let request = Request::post("/api/v1/reports").header("authorization", token);
        let answer = world.server.send(&request).await;
        check_problem(&String::from_utf8_lossy(token), &answer, 401, "unauthorized");
        assert!(answer.header("www-authenticate").is_some());
    }
    let answer = world.server.send(&Request::post("/api/v1/reports")).await;
    check_problem("no token", &answer, 401, "unauthorized");
}

#[tokio::test]
async fn nonsense_on_the_wire_harms_nobody() {
    let mut world = World::new().await;
    let nonsense: [&[u8]; 6] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"POST /api/v1/reports HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n",
        b"POST /api/v1/reports HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
    ];
    for bytes in nonsense {
        let mut stream = TcpStream::connect(world.server.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut said = Vec::new();
        // Closed in whatever way; what counts is that it is soon and that nothing was done.
        drop(in_time("end of nonsense", stream.read_to_end(&mut said)).await);
        let said = String::from_utf8_lossy(&said);
        assert!(
            said.is_empty() || said.starts_with("HTTP/1.1 4") || said.starts_with("HTTP/1.1 5"),
            "{said}"
        );
    }
    // Half a report, and then nobody: it is not taken.
    let mut half = TcpStream::connect(world.server.address).await.unwrap();
    let head = format!(
        "POST /api/v1/reports HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 50\r\n\r\n{{\"text\":",
        world.token
    );
    half.write_all(head.as_bytes()).await.unwrap();
    drop(half);
    let listed = world.ask(Request::get("/api/v1/incidents")).await;
    assert_eq!(listed.json()["items"], json!([]));
    assert!(world.server.is_running());
    assert!(!world.server.said().contains("panic"), "{}", world.server.said());
}
