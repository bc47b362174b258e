//! Tests of the page after the press.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use domain::incident::Command;
use domain::incident::escalation::AttemptState;
use domain::incident::timeline::{EntryKind, Source};
use domain::port::{Outcome, Why};
use http_body_util::BodyExt;
use testkit::{mins, per};
use tower::ServiceExt;

use crate::test_support::Site;

#[tokio::test]
async fn the_page_says_who_is_called_what_comes_next_and_what_to_say() {
    let site = Site::new().await;
    let incident = site.report("it <b>leaked").await;
    let text = site.get(&format!("/incidents/{incident}/calling"), "carol").await.text;
    for part in [
        "Calling ann.",
        "Next for ann",
        "Call ann yourself, too",
        "This is urgent. carol speaking.",
        "I will tell bob as well.",
        "joins in 3 minutes",
        "/receipt",
        "/stand_down",
        "name=\"person\" value=\"per_ann\"",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains("<b>"));
}

#[tokio::test]
async fn a_failed_message_and_a_climb_are_told_to_the_reporter() {
    let site = Site::new().await;
    let incident = site.report("x").await;
    let state = site.incident(&incident).await;
    let attempts = state.escalation.unwrap().attempts;
    let planned = attempts.iter().find(|a| a.state == AttemptState::Planned).unwrap();
    let outcome = Outcome::Refused { why: Why::MailboxFull };
    let settle = Command::Settle { attempt: planned.id.clone(), outcome };
    let system = domain::incident::Actor::System;
    site.app.engine().handle(&incident, &system, &settle).await.unwrap();
    site.clock.forward(mins(6));
    site.tick(&incident).await;
    let text = site.get(&format!("/incidents/{incident}/calling"), "carol").await.text;
    assert!(text.contains("the mailbox is full"), "{text}");
    assert!(text.contains("Calling ann and bob."), "{text}");
    assert!(text.contains("No answer yet. bob is being called as well."), "{text}");
}

#[tokio::test]
async fn an_acceptance_ends_the_calling_on_the_page() {
    let site = Site::new().await;
    let incident = site.report("x").await;
    site.accept(&incident, "ann").await;
    let text = site.get(&format!("/incidents/{incident}/calling"), "carol").await.text;
    assert!(text.contains("ann accepted at"), "{text}");
    assert!(!text.contains("class=\"state-next\""), "{text}");
    assert!(!text.contains("name=\"how\""), "nobody can be stated any more: {text}");
}

#[tokio::test]
async fn only_the_part_that_changes_is_fetched_again() {
    let site = Site::new().await;
    let incident = site.report("x").await;
    let (cookie, _) = site.device("carol").await;
    let headers = [("cookie", cookie.as_str()), ("x-ippo-fragment", "live")];
    let found = site.get_with(&format!("/incidents/{incident}/calling"), &headers).await;
    assert!(found.text.trim_start().starts_with("<div id=\"live\""), "{}", found.text);
}

#[tokio::test]
async fn chips_become_typed_entries_once_and_the_script_says_them() {
    let site = Site::new().await;
    let incident = site.report("x").await;
    let path = format!("/incidents/{incident}/known");
    let form = "what=data_deleted&when=checking&done_text=I+stopped+the+job";
    for _ in 0..2 {
        let found = site.post(&path, "carol", form).await;
        assert_eq!(found.location(), format!("/incidents/{incident}/calling"));
        assert!(found.header("set-cookie").contains("known-added"));
    }
    let entries = site.incident(&incident).await.timeline.entries;
    let said: Vec<_> = entries.iter().filter_map(|e| e.statement.as_ref()).collect();
    let kinds: Vec<_> = said.iter().map(|s| (s.kind, s.source)).collect();
    assert_eq!(
        kinds,
        [
            (EntryKind::Report, None),
            (EntryKind::Fact, Some(Source::Saw)),
            (EntryKind::Unknown, None),
            (EntryKind::Action, Some(Source::Did)),
        ]
    );
    let text = site.get(&format!("/incidents/{incident}/calling"), "carol").await.text;
    assert!(text.contains("What I did: I stopped the job."), "{text}");
    assert!(text.contains("value=\"data_deleted\" checked"), "{text}");
}

#[tokio::test]
async fn more_words_are_added_once_for_a_double_tap_and_only_by_the_reporter() {
    let site = Site::new().await;
    let incident = site.report("first").await;
    let path = format!("/incidents/{incident}/words");
    for _ in 0..2 {
        assert_eq!(site.post(&path, "carol", "text=second").await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(site.incident(&incident).await.timeline.entries.len(), 2);
    let found = site.post(&path, "ann", "text=third+words").await;
    assert_eq!(found.status, StatusCode::FORBIDDEN);
    assert!(found.text.contains("third words"), "what was typed is kept: {}", found.text);
    assert_eq!(site.post(&path, "erin", "text=x").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_stated_contact_is_recorded_and_a_stand_down_never_unsends() {
    let site = Site::new().await;
    let incident = site.report("x").await;
    let path = |end: &str| format!("/incidents/{incident}/{end}");
    let found = site.post(&path("reached"), "carol", "person=per_ann&how=in_person").await;
    assert_eq!(found.status, StatusCode::SEE_OTHER, "{}", found.text);
    let text = site.get(&path("calling"), "carol").await.text;
    assert!(text.contains("Reached, to be confirmed"), "{text}");
    let before = site.incident(&incident).await.escalation.unwrap().attempts.len();
    let found = site.post(&path("stand_down"), "carol", "why=false+alarm").await;
    assert_eq!(found.location(), path("calling"));
    assert!(site.incident(&incident).await.escalation.unwrap().attempts.len() >= before);
    let text = site.get(&path("calling"), "carol").await.text;
    assert!(text.contains("carol stood it down at"), "{text}");
    assert_eq!(site.post(&path("stand_down"), "carol", "why=x").await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn the_receipt_is_a_file_for_the_reporter_alone() {
    let site = Site::new().await;
    let incident = site.report("x").await;
    let path = format!("/incidents/{incident}/receipt");
    let found = site.get(&path, "carol").await;
    assert!(found.header("content-disposition").starts_with("attachment"));
    let receipt: engine::Receipt = serde_json::from_str(&found.text).unwrap();
    assert_eq!((&receipt.incident, &receipt.reporter), (&incident, &per("carol")));
    assert_eq!(site.get(&path, "ann").await.status, StatusCode::FORBIDDEN);
    let others = site.get(&format!("/incidents/{}/calling", receipt.incident), "ann").await.text;
    assert!(!others.contains("data-receipt") && !others.contains("/words"), "{others}");
    assert_eq!(site.get(&path, "root").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_open_page_is_told_of_changes_of_its_own_incident_only() {
    let site = Site::new().await;
    let incident = site.report("x").await;
    let other = site.report("y").await;
    let (cookie, _) = site.device("carol").await;
    let request = Request::get(format!("/incidents/{incident}/events")).header("cookie", cookie);
    let request = request.body(Body::empty()).unwrap();
    let response = crate::router(site.app.clone()).oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    site.accept(&other, "ann").await;
    site.accept(&incident, "ann").await;
    let seq = site.incident(&incident).await.seq;
    let frame = response.into_body().frame().await.unwrap().unwrap();
    let text = String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap();
    assert_eq!(text, format!("event: change\ndata: {seq}\n\n"));
    let outside = site.get(&format!("/incidents/{incident}/events"), "erin").await;
    assert_eq!(outside.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_could_not_be_stored_is_shown_to_be_copied_with_numbers_to_call() {
    let site = Site::new().await;
    let incident = site.report("x").await;
    let device = site.device("carol").await;
    site.sabotage().break_ledger();
    let path = format!("/incidents/{incident}/words");
    let found = site.post_from(&path, &device, "text=it+goes+on").await;
    assert_eq!(found.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(found.header("retry-after"), "2");
    assert!(
        found.text.contains("it goes on") && found.text.contains("+81-90-ann"),
        "{}",
        found.text
    );
}
