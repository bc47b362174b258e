//! The client commands against a server that behaves as the test says, and against none at all.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex};

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::command::demo::Demo;
use crate::command::place::Place;

/// What a server of the test was asked.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<(String, String, Value)>>>);

impl Heard {
    /// Path, authorization and body of each call so far.
    fn all(&self) -> Vec<(String, String, Value)> {
        self.0.lock().unwrap().clone()
    }

    async fn note(&self, request: Request) {
        let path = request.uri().path().to_owned();
        let authorization = ["authorization", "idempotency-key"]
            .map(|name| {
                request
                    .headers()
                    .get(name)
                    .and_then(|value| value.to_str().ok())
                    .unwrap_or_default()
            })
            .concat();
        let bytes = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        self.0.lock().unwrap().push((path, authorization, body));
    }
}

/// A server of the test on a free port.
async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
    address
}

/// An address on which nothing listens.
fn nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

async fn run(place: &Arc<Place>, arguments: &[&str]) -> crate::command::place::Ran {
    let (place, arguments) =
        (Arc::clone(place), arguments.iter().map(|a| (*a).to_owned()).collect::<Vec<_>>());
    let ran = tokio::task::spawn_blocking(move || {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        place.ippo(&arguments)
    });
    ran.await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_numbers_to_call_are_on_the_screen_when_the_server_cannot_be_reached() {
    let place = Arc::new(Place::empty());
    let mut demo = Demo::start(&place, &[]);
    let token = demo.token(&place, "per_tanaka");
    let arguments = ["report", "--no-wait", "--server", &demo.address, "--token", &token];
    let ran = run(&place, &arguments).await.expect(0);
    assert!(ran.out.contains(&format!("{}/incidents/inc_", demo.address)), "{}", ran.out);
    demo.running.stop();
    let ran = run(&place, &arguments).await.expect(3);
    assert_eq!(ran.out, "", "nothing may look like a success");
    assert!(ran.err.contains("Not sent yet"), "{}", ran.err);
    assert!(ran.err.contains("+819000000002  佐藤 健一"), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_numbers_and_without_a_token_it_still_says_what_to_do() {
    let place = Arc::new(Place::empty());
    let ran = run(&place, &["report", "--server", &nobody(), "--token", "ippo_x"]).await.expect(3);
    assert!(ran.err.contains("Speak to someone near you"), "{}", ran.err);
    let ran = run(&place, &["report", "--server", &nobody()]).await.expect(3);
    assert!(ran.err.contains("ippo login --server URL"), "{}", ran.err);
    let ran =
        run(&place, &["report", "--server", "ippo.example.co.jp", "--token", "x"]).await.expect(2);
    assert!(ran.err.contains("is not the address of a server"), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_is_tried_again_under_the_same_key() {
    let heard = Heard::default();
    let answer = async |State(heard): State<Heard>, request: Request| -> Response {
        heard.note(request).await;
        if heard.all().len() < 3 {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        let body = json!({ "incident": { "id": "inc_1", "url": "http://x/incidents/inc_1", "opened_at_ms": 0 }, "line": [] });
        (StatusCode::CREATED, Json(body)).into_response()
    };
    let server =
        serve(Router::new().route("/api/v1/reports", post(answer)).with_state(heard.clone())).await;
    let place = Arc::new(Place::empty());
    run(
        &place,
        &[
            "report",
            "--no-wait",
            "--server",
            &server,
            "--token",
            "t",
            "--kind",
            "leak",
            "two",
            "words",
        ],
    )
    .await
    .expect(0);
    let heard = heard.all();
    assert_eq!(heard.len(), 3);
    assert!(heard.iter().all(|call| call == &heard[0]), "{heard:?}");
    assert!(heard[0].1.starts_with("Bearer tcli_"), "{heard:?}");
    assert_eq!(heard[0].2, json!({ "text": "two words", "kind": "leak" }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_not_tried_again_and_is_told_as_the_server_told_it() {
    let heard = Heard::default();
    let answer = async |State(heard): State<Heard>, request: Request| -> Response {
        heard.note(request).await;
        let body = json!({ "title": "the call has no valid token", "code": "unauthorized", "remedy": "make one" });
        (StatusCode::UNAUTHORIZED, Json(body)).into_response()
    };
    let server =
        serve(Router::new().route("/api/v1/reports", post(answer)).with_state(heard.clone())).await;
    let place = Arc::new(Place::empty());
    let ran = run(&place, &["report", "--server", &server, "--token", "t"]).await.expect(1);
    assert!(
        ran.err.contains("the call has no valid token (unauthorized)\n  -> make one"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("Do not wait: call someone."), "{}", ran.err);
    assert_eq!(heard.all().len(), 1);
}

/// A server that confirms the second time it is asked, and takes entries.
fn linking_server(heard: &Heard) -> Router {
    let start = async |State(heard): State<Heard>, request: Request| {
        heard.note(request).await;
        Json(
            json!({ "code": "BCDF-GHJK", "verify_url": "http://x/link?code=BCDF-GHJK", "poll_token": "secret" }),
        )
    };
    let poll = async |State(heard): State<Heard>, request: Request| -> Response {
        heard.note(request).await;
        let asked = heard.all().iter().filter(|call| call.0.ends_with("/poll")).count();
        if asked < 2 {
            return StatusCode::ACCEPTED.into_response();
        }
        Json(json!({ "token": "ippo_linked", "person": { "id": "per_tanaka", "name": "田中" } }))
            .into_response()
    };
    let list = async || {
        Json(json!({ "items": [
            { "id": "inc_other", "reporter": { "id": "per_x" } },
            { "id": "inc_own", "reporter": { "id": "per_tanaka" } },
        ], "next": null }))
    };
    let entry = async |State(heard): State<Heard>, Path(id): Path<String>, request: Request| {
        heard.note(request).await;
        (
            StatusCode::CREATED,
            Json(json!({ "entry": { "id": format!("ent_of_{id}") }, "marks": [] })),
        )
    };
    Router::new()
        .route("/api/v1/login/start", post(start))
        .route("/api/v1/login/poll", post(poll))
        .route("/api/v1/incidents", get(list))
        .route("/api/v1/incidents/{id}/entries", post(entry))
        .with_state(heard.clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_computer_is_linked_once_and_then_knows_whose_it_is() {
    let heard = Heard::default();
    let server = serve(linking_server(&heard)).await;
    let place = Arc::new(Place::empty());
    let ran = run(&place, &["login", "--server", &format!("{server}/"), "--device", "laptop"])
        .await
        .expect(0);
    assert!(
        ran.out.contains("http://x/link?code=BCDF-GHJK") && ran.out.contains("Linked to 田中"),
        "{}",
        ran.out
    );
    assert!(!(ran.out + &ran.err).contains("ippo_linked"), "the token is kept, not shown");
    let kept = place.path(".config/ippo/credentials.toml");
    assert_eq!(std::fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(heard.all()[0].2, json!({ "device": "laptop" }));
    assert_eq!(heard.all()[1].2, json!({ "poll_token": "secret" }));

    let arguments = [
        "log",
        "fact",
        "table",
        "gone",
        "--source",
        "log: nginx",
        "--happened",
        "2026-11-22T03:00:00Z",
    ];
    let ran = run(&place, &arguments).await.expect(0);
    assert_eq!(ran.out, "ent_of_inc_own\n", "one's own newest incident is meant");
    let (path, authorization, body) = heard.all().pop().unwrap();
    assert_eq!(
        (path.as_str(), authorization.as_str()),
        ("/api/v1/incidents/inc_own/entries", "Bearer ippo_linked")
    );
    let expected = json!({ "kind": "fact", "text": "table gone", "source": "log", "source_ref": "nginx",
        "happened": { "at_ms": 1_795_316_400_000_i64 } });
    assert_eq!(body, expected);
    let ran = run(&place, &["log", "fact", "x", "--happened", "yesterday"]).await.expect(2);
    assert!(ran.err.contains("is not a time"), "{}", ran.err);

    // A token is for the server that made it, and is never sent to another.
    let ran = run(&place, &["log", "fact", "x", "--server", &nobody()]).await.expect(3);
    assert!(ran.err.contains("not linked to a person yet"), "{}", ran.err);
}
