//! Directories that hold together badly: a report still reaches somebody, nobody is called twice, and never the
//! reporter alone.

use serde_json::{Value, json};

use crate::support::http::Request;
use crate::support::patience::until;
use crate::support::receiver::Receiver;
use crate::support::site::{Server, Settings, Site, person};

fn away(person: &str) -> String {
    format!("{person}absence = [{{ from = \"2000-01-01\", to = \"2999-12-31\" }}]\n")
}

/// The ids of the people in the line, in order.
fn line(answer: &Value) -> Vec<String> {
    let people = answer["line"].as_array().unwrap().iter();
    people.map(|member| member["person"]["id"].as_str().unwrap().to_owned()).collect()
}

/// Files a report that must be taken.
async fn report(server: &Server, token: &str, text: &str) -> Value {
    let answer = server.post(token, "/api/v1/reports", &json!({ "text": text })).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn loops_gaps_and_dead_contacts_in_the_directory_still_reach_somebody_at_once() {
    let receiver = Receiver::start().await;
    let mut directory = person("per_suzuki", "", &[("webhook", &receiver.url("/ok/suzuki"))]);
    directory += &person("per_alone", "", &[]);
    directory += &person("per_own", "per_own", &[("webhook", &receiver.url("/ok/own"))]);
    directory += &person("per_left", "per_right", &[("voice", "+819000000001")]);
    directory += &person("per_right", "per_left", &[("pigeon", "roof")]);
    directory += &person("per_under", "per_left", &[]);
    directory += &person("per_outside", "", &[("webhook", "https://evil.example.org/hook")]);
    directory += &person("per_guest", "per_outside", &[]);
    directory += &person("per_tired", "per_absent", &[]);
    directory +=
        &away(&person("per_absent", "per_absent2", &[("webhook", &receiver.url("/ok/absent"))]));
    directory += &away(&person("per_absent2", "", &[]));
    let site = Site::new(&Settings { directory, ..Settings::default() });
    let cases: [(&str, &[&str]); 7] = [
        ("per_alone", &["per_suzuki"]),
        ("per_own", &["per_suzuki"]),
        ("per_left", &["per_right", "per_suzuki"]),
        ("per_under", &["per_left", "per_right", "per_suzuki"]),
        ("per_guest", &["per_outside", "per_suzuki"]),
        ("per_tired", &["per_suzuki"]),
        ("per_suzuki", &[]),
    ];
    let tokens: Vec<String> = cases.iter().map(|(reporter, _)| site.token(reporter)).collect();
    let server = site.start().await;
    for ((reporter, expected), token) in cases.iter().zip(&tokens) {
        let answer = report(&server, token, reporter).await;
        let line = line(&answer);
        assert!(
            !line.is_empty() && !line.contains(&(*reporter).to_owned()),
            "{reporter}: {line:?}"
        );
        if !expected.is_empty() {
            assert_eq!(line, *expected, "{reporter}");
        }
        let incident = answer["incident"]["id"].as_str().unwrap().to_owned();
        receiver
            .wait_for(&format!("message for {reporter}"), |hooks| {
                hooks.iter().any(|hook| hook.text("incident") == incident).then_some(())
            })
            .await;
    }
    // The one whose address is outside was not written to, and the reporter sees why.
    let guest = server.get(&tokens[4], "/api/v1/incidents").await.json();
    let incident = guest["items"][0]["id"].as_str().unwrap().to_owned();
    let attempts = server.attempts(&tokens[4], &incident).await;
    let outside = attempts.iter().find(|a| a["person"]["id"] == "per_outside").unwrap();
    assert_eq!(outside["why"], "wider_circle", "{attempts:?}");
}

#[tokio::test]
async fn when_everybody_is_away_they_are_called_all_the_same_and_the_reporter_is_told() {
    let receiver = Receiver::start().await;
    let manager = person("per_sato", "per_suzuki", &[("webhook", &receiver.url("/ok/sato"))]);
    let last = person("per_suzuki", "", &[("webhook", &receiver.url("/ok/suzuki"))]);
    let directory = person("per_tanaka", "per_sato", &[]) + &away(&manager) + &away(&last);
    let site = Site::new(&Settings { directory, ..Settings::default() });
    let token = site.token("per_tanaka");
    let server = site.start().await;
    let answer = report(&server, &token, "a").await;
    assert_eq!(line(&answer), ["per_sato", "per_suzuki"]);
    assert_eq!(answer["notes"][0]["code"], "everybody_away");
    receiver.wait_for_count(1).await;
    assert_eq!(receiver.hooks()[0].path, "/ok/sato");
}

#[tokio::test]
async fn a_directory_of_nobody_but_the_reporter_says_so_and_calls_as_soon_as_it_knows_somebody() {
    let receiver = Receiver::start().await;
    let alone = person("per_suzuki", "", &[]);
    let escalation = "loop_every = \"1s\"\nremind_every = \"1s\"".to_owned();
    let settings = Settings { directory: alone.clone(), escalation, ..Settings::default() };
    let site = Site::new(&settings);
    let token = site.token("per_suzuki");
    let server = site.start().await;
    let answer = report(&server, &token, "a").await;
    assert_eq!(line(&answer), Vec::<String>::new());
    assert_eq!(answer["notes"][0]["code"], "nobody_to_call");
    // The same server learns of the new colleague by itself.
    site.import(&(alone + &person("per_sato", "", &[("webhook", &receiver.url("/ok/sato"))])));
    receiver.wait_for_count(1).await;
    assert_eq!(receiver.hooks()[0].path, "/ok/sato");
}

#[tokio::test]
async fn somebody_who_left_the_directory_can_no_longer_report_with_an_old_token() {
    let receiver = Receiver::start().await;
    let rest = person("per_suzuki", "", &[("webhook", &receiver.url("/ok/suzuki"))]);
    let directory = rest.clone() + &person("per_tanaka", "per_suzuki", &[]);
    let site = Site::new(&Settings { directory, ..Settings::default() });
    let token = site.token("per_tanaka");
    let server = site.start().await;
    report(&server, &token, "a").await;
    site.import(&rest);
    until("refusal", async || {
        let answer = server.send(&Request::post("/api/v1/reports").bearer(&token)).await;
        (answer.status == 401).then_some(())
    })
    .await;
}
