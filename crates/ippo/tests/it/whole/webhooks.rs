//! What a receiver of webhooks can do to us, seen through the whole program: the reporter reads what came of each
//! attempt, and whoever is next is called at once when it failed.

use serde_json::{Value, json};

use crate::support::patience::until;
use crate::support::receiver::Receiver;
use crate::support::site::{Server, Settings, Site, person};

/// A manager's address, and what the reporter reads of the first attempt.
struct Case {
    name: &'static str,
    path: &'static str,
    state: &'static str,
    why: Option<&'static str>,
    /// Whether the same way is tried again before the next round.
    is_repeated: bool,
}

const fn failed(name: &'static str, path: &'static str, why: &'static str, again: bool) -> Case {
    Case { name, path, state: "failed", why: Some(why), is_repeated: again }
}

const CASES: [Case; 9] = [
    Case { name: "ok", path: "/status/200", state: "handed_over", why: None, is_repeated: false },
    Case { name: "flood", path: "/gigabyte", state: "handed_over", why: None, is_repeated: false },
    failed("moved", "/status/301", "redirected", false),
    failed("bad", "/status/400", "rejected", false),
    failed("gone", "/status/410", "gone", false),
    failed("later", "/status/429/20", "rate_limited", true),
    failed("broken", "/status/500", "busy", true),
    failed("hang", "/hang", "timed_out", true),
    failed("elsewhere", "", "unreachable", true),
];

fn people(receiver: &Receiver, closed: &str) -> String {
    let mut directory = person("per_suzuki", "", &[("webhook", &receiver.url("/ok/suzuki"))]);
    for case in &CASES {
        let name = case.name;
        let url = match case.path {
            "" => closed.to_owned(),
            path => receiver.url(path),
        };
        directory += &person(&format!("per_{name}_manager"), "", &[("webhook", &url)]);
        directory += &person(&format!("per_{name}"), &format!("per_{name}_manager"), &[]);
    }
    directory
}

/// The first attempt to a person, once it has an outcome.
async fn first_outcome(server: &Server, token: &str, incident: &str, person: &str) -> Value {
    until("outcome", async || {
        let attempts = server.attempts(token, incident).await;
        let mut of_person = attempts.into_iter().filter(|a| a["person"]["id"] == person);
        of_person.next().filter(|attempt| attempt["state"] != "planned")
    })
    .await
}

async fn check(server: &Server, receiver: &Receiver, token: &str, case: &Case) {
    let incident = server.report(token, &json!({"text": case.name})).await;
    let manager = format!("per_{}_manager", case.name);
    let first = first_outcome(server, token, &incident, &manager).await;
    let name = case.name;
    assert_eq!(first["state"], case.state, "{name}: {first}");
    assert_eq!(first["why"].as_str(), case.why, "{name}: {first}");
    assert_eq!(first["handed_over_at_ms"].is_null(), case.why.is_some(), "{name}: {first}");
    let attempts = server.attempts(token, &incident).await;
    let again: Vec<&Value> = attempts.iter().filter(|a| a["because"] == "retry").collect();
    assert_eq!(!again.is_empty(), case.is_repeated, "{name}: {attempts:?}");
    if name == "later" {
        let waits =
            again[0]["planned_at_ms"].as_i64().unwrap() - first["planned_at_ms"].as_i64().unwrap();
        assert!(waits >= 20_000, "{name} asked for 20 s and gets {waits} ms");
    }
    if case.why.is_none() {
        let others = attempts.iter().filter(|a| a["person"]["id"] != manager.as_str());
        assert_eq!(others.count(), 0, "{name}: nobody else is called yet");
        return;
    }
    // The default policy would call the next person after three minutes.
    let next = first_outcome(server, token, &incident, "per_suzuki").await;
    assert_eq!(next["state"], "handed_over", "{name}: {next}");
    let arrived = receiver
        .hooks()
        .into_iter()
        .any(|hook| hook.path == "/ok/suzuki" && hook.text("incident") == incident);
    assert!(arrived, "{name}: the next person has it");
}

#[tokio::test]
async fn whatever_a_receiver_does_the_reporter_sees_it_and_the_next_person_is_called_at_once() {
    let receiver = Receiver::start().await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let directory = people(&receiver, &format!("http://{nobody}/"));
    let site = Site::new(&Settings { directory, ..Settings::default() });
    let tokens: Vec<String> =
        CASES.iter().map(|case| site.token(&format!("per_{}", case.name))).collect();
    let mut server = site.start().await;
    let checks =
        CASES.iter().zip(&tokens).map(|(case, token)| check(&server, &receiver, token, case));
    futures_util::future::join_all(checks).await;
    assert!(
        !receiver.hooks().iter().any(|hook| hook.path == "/ok/followed"),
        "redirects are not followed"
    );
    assert!(server.is_running());
}

/// More messages than the channel carries at once, all to one address that never answers.
const HANGING: usize = 100;

#[tokio::test]
async fn an_address_that_hangs_delays_no_message_to_another() {
    let receiver = Receiver::start().await;
    let directory = person("per_suzuki", "", &[("webhook", &receiver.url("/ok/suzuki"))])
        + &person("per_ito", "", &[("webhook", &receiver.url("/hang"))])
        + &person("per_mori", "per_ito", &[])
        + &person("per_tanaka", "per_suzuki", &[]);
    let settings = Settings { directory, webhook_timeout: "60s", ..Settings::default() };
    let site = Site::new(&settings);
    let (stuck, free) = (site.token("per_mori"), site.token("per_tanaka"));
    let server = site.start().await;
    for _ in 0..HANGING {
        server.report(&stuck, &json!({})).await;
    }
    let incident = server.report(&free, &json!({})).await;
    // None of the others has come to its end by then: they would take longer than this test waits.
    receiver
        .wait_for("message to the other address", |hooks| {
            hooks.iter().any(|hook| hook.text("incident") == incident).then_some(())
        })
        .await;
}
