//! Tests of the page of an incident.

use axum::http::StatusCode;
use domain::access;
use domain::id::EntryId;
use domain::incident::Command;
use domain::incident::escalation::reply::Reply;
use domain::incident::report::Via;
use domain::incident::timeline::{EntryKind, Statement};
use testkit::per;

use crate::test_support::Site;

async fn led() -> (Site, domain::id::IncidentId) {
    let site = Site::new().await;
    let incident = site.report("the table\nis gone").await;
    site.accept(&incident, "ann").await;
    (site, incident)
}

fn said(kind: EntryKind, text: &str) -> Command {
    let text = text.to_owned();
    let statement =
        Statement { kind, text, happened: None, source: None, source_ref: None, chip: None };
    Command::AddEntry { statement }
}

#[tokio::test]
async fn facts_and_guesses_stand_apart_and_the_time_line_holds_everything() {
    let (site, incident) = led().await;
    site.handle(&incident, "carol", said(EntryKind::Fact, "deleted at nine")).await;
    site.handle(&incident, "ann", said(EntryKind::Guess, "by the nightly job")).await;
    let text = site.get(&format!("/incidents/{incident}"), "ann").await.text;
    let known = text.split("is-known").nth(1).unwrap().split("is-open").next().unwrap();
    assert!(known.contains("deleted at nine") && !known.contains("nightly job"), "{known}");
    for part in [
        "<h1>the table</h1>",
        "carol reported.",
        "ann accepted.",
        "accepted at 09:00 and leads",
        "Bring in",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(text.contains("class=\"hash\""), "the head of the ledger is printed: {text}");
    let guesses = site.get(&format!("/incidents/{incident}?kind=guess"), "ann").await.text;
    let timeline = guesses.split("class=\"timeline\"").nth(1).unwrap();
    assert!(
        timeline.contains("nightly job") && !timeline.contains("deleted at nine"),
        "{timeline}"
    );
}

#[tokio::test]
async fn an_entry_is_added_once_with_its_time_and_source() {
    let (site, incident) = led().await;
    let path = format!("/incidents/{incident}/entries");
    let form = "kind=fact&text=gone&when=about&from=2026-11-02T08:30&source=log&source_ref=db-01";
    for _ in 0..2 {
        let found = site.post(&path, "carol", form).await;
        assert_eq!(found.location(), format!("/incidents/{incident}"));
    }
    assert_eq!(site.incident(&incident).await.timeline.entries.len(), 2);
    let text = site.get(&format!("/incidents/{incident}"), "carol").await.text;
    assert!(
        text.contains("happened about 08:30") && text.contains("I saw it in a log: db-01"),
        "{text}"
    );
}

#[tokio::test]
async fn what_is_wrong_with_an_entry_is_said_and_what_was_typed_stays() {
    let (site, incident) = led().await;
    let path = format!("/incidents/{incident}/entries");
    let found =
        site.post(&path, "carol", "text=my+long+text&when=exact&from=2026-11-02T08:30").await;
    assert_eq!(found.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in ["my long text", "Please choose one type", "value=\"2026-11-02T08:30\""] {
        assert!(found.text.contains(part), "{part} is not in {}", found.text);
    }
    let here = format!("name=\"return\" value=\"/incidents/{incident}\"");
    assert!(
        found.text.contains(&here),
        "the language switch leads back to a page that can be seen"
    );
    assert_eq!(site.incident(&incident).await.timeline.entries.len(), 1);
}

#[tokio::test]
async fn a_correction_leaves_both_to_be_seen_and_needs_a_reason() {
    let (site, incident) = led().await;
    site.handle(&incident, "carol", said(EntryKind::Fact, "at nine")).await;
    let entry = site.incident(&incident).await.timeline.entries[1].id.clone();
    let path = format!("/incidents/{incident}/entries/{entry}");
    let form = site.get(&format!("{path}/correct"), "ann").await.text;
    assert!(form.contains(">at nine</textarea>"), "{form}");
    let path = format!("{path}/corrections");
    let found = site.post(&path, "ann", "kind=fact&text=at+eight&why=").await;
    assert_eq!(found.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        found.text.contains("Please say why") && found.text.contains("at eight"),
        "{}",
        found.text
    );
    let found = site.post(&path, "ann", "kind=fact&text=at+eight&why=the+log+says+so").await;
    assert_eq!(found.status, StatusCode::SEE_OTHER);
    let text = site.get(&format!("/incidents/{incident}"), "carol").await.text;
    assert!(text.contains("<s>at nine</s>") && text.contains("the log says so"), "{text}");
    assert_eq!(
        site.post(&path, "ann", "kind=fact&text=x&why=y").await.status,
        StatusCode::CONFLICT
    );
}

#[tokio::test]
async fn words_are_erased_only_by_those_who_may_and_the_entry_stays() {
    let (site, incident) = led().await;
    site.handle(&incident, "carol", said(EntryKind::Fact, "password hunter2")).await;
    site.handle(&incident, "ann", Command::BringIn { person: per("erin") }).await;
    let entry = site.incident(&incident).await.timeline.entries[1].id.clone();
    let path = format!("/incidents/{incident}/entries/{entry}");
    assert_eq!(site.get(&format!("{path}/redact"), "erin").await.status, StatusCode::FORBIDDEN);
    let refused = site.post(&format!("{path}/redaction"), "erin", "why=x").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(site.get(&format!("{path}/redact"), "carol").await.status, StatusCode::OK);
    let empty = site.post(&format!("{path}/redaction"), "carol", "why=+").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let found = site.post(&format!("{path}/redaction"), "ann", "why=a+secret").await;
    assert_eq!(found.status, StatusCode::SEE_OTHER, "{}", found.text);
    let text = site.get(&format!("/incidents/{incident}"), "carol").await.text;
    assert!(text.contains("ann erased the text") && !text.contains("hunter2"), "{text}");
}

#[tokio::test]
async fn only_the_lead_brings_in_hands_over_and_closes() {
    let (site, incident) = led().await;
    let path = |end: &str| format!("/incidents/{incident}/{end}");
    for (end, form) in
        [("circle", "person=per_erin"), ("hand_over", "to=per_bob"), ("close", "why=x")]
    {
        assert_eq!(
            site.post(&path(end), "carol", form).await.status,
            StatusCode::FORBIDDEN,
            "{end}"
        );
        assert_eq!(
            site.post(&path(end), "root", form).await.status,
            StatusCode::NOT_FOUND,
            "{end}"
        );
    }
    assert_eq!(
        site.post(&path("circle"), "ann", "person=per_erin").await.status,
        StatusCode::SEE_OTHER
    );
    assert!(access::may_see(&site.incident(&incident).await, &per("erin")));
    let nobody = site.post(&path("circle"), "ann", "person=per_nobody").await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        site.post(&path("hand_over"), "ann", "to=per_bob").await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(site.incident(&incident).await.escalation.unwrap().hand_over_to, Some(per("bob")));
    assert!(
        !site.get(&format!("/incidents/{incident}"), "carol").await.text.contains("/stand_down"),
        "it is the lead's"
    );
    assert_eq!(site.post(&path("stand_down"), "carol", "why=x").await.status, StatusCode::CONFLICT);
    // While somebody is asked to take over, it cannot be closed.
    assert_eq!(site.post(&path("close"), "ann", "why=x").await.status, StatusCode::CONFLICT);
    let cannot = Command::Answer { reply: Reply::Cannot, via: Via::Link };
    site.handle(&incident, "bob", cannot).await;
    assert_eq!(site.post(&path("close"), "ann", "why=x").await.status, StatusCode::SEE_OTHER);
    let closed = site.get(&format!("/incidents/{incident}"), "carol").await.text;
    assert!(closed.contains("ann closed it") && !closed.contains("/entries\""), "{closed}");
    let late = site.post(&path("entries"), "carol", "kind=fact&text=late+words").await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text.contains("late words"), "{}", late.text);
}

#[tokio::test]
async fn an_incident_that_one_may_not_see_is_like_one_that_is_not_there() {
    let (site, incident) = led().await;
    let missing = EntryId::new("ent_x");
    let pages = ["", "/calling", "/export", "/entries/ent_x/correct", "/entries/ent_x/redact"];
    for page in pages {
        let hidden = site.get(&format!("/incidents/{incident}{page}"), "root").await;
        let absent = site.get(&format!("/incidents/inc_none{page}"), "root").await;
        assert_eq!(
            (hidden.status, absent.status),
            (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND),
            "{page}"
        );
        let blank = |text: &str, id: &str| text.replace(id, "").lines().skip(1).collect::<String>();
        let hidden_text = blank(&hidden.text, incident.as_str());
        assert_eq!(
            without_csrf(&hidden_text),
            without_csrf(&blank(&absent.text, "inc_none")),
            "{page}"
        );
    }
    for action in ["entries", "close", "circle", "known", "stand_down"] {
        let found = site.post(&format!("/incidents/{incident}/{action}"), "erin", "").await;
        assert_eq!(found.status, StatusCode::NOT_FOUND, "{action}");
    }
    let stranger = site.get_as_stranger(&format!("/incidents/{incident}")).await;
    assert_eq!(stranger.status, StatusCode::SEE_OTHER);
    let unknown = format!("/incidents/{incident}/entries/{missing}/correct");
    assert_eq!(site.get(&unknown, "ann").await.status, StatusCode::NOT_FOUND);
}

/// Every device has its own proof in its forms.
fn without_csrf(html: &str) -> String {
    let mut kept = String::new();
    for piece in html.split("name=\"csrf\" value=\"") {
        kept.push_str(piece.split_once("\">").map_or(piece, |(_, rest)| rest));
    }
    kept
}

#[tokio::test]
async fn the_export_is_the_whole_ledger_as_lines() {
    let (site, incident) = led().await;
    let found = site.get(&format!("/incidents/{incident}/export"), "carol").await;
    assert!(found.header("content-disposition").contains(incident.as_str()));
    let lines = u64::try_from(found.text.lines().count()).unwrap();
    assert_eq!(lines, site.incident(&incident).await.seq);
}

#[tokio::test]
async fn a_long_time_line_goes_on_on_the_next_page() {
    let (site, incident) = led().await;
    for number in 0..505 {
        site.handle(&incident, "ann", said(EntryKind::Fact, &format!("fact {number}."))).await;
    }
    let path = format!("/incidents/{incident}");
    let first = site.get(&format!("{path}?kind=fact"), "ann").await.text;
    assert!(first.contains("?kind=fact&#38;from=500#timeline-title"), "no way on");
    let rest = site.get(&format!("{path}?kind=fact&from=500"), "ann").await.text;
    let timeline = rest.split("class=\"timeline\"").nth(1).unwrap();
    assert!(timeline.contains("fact 504.") && !timeline.contains("fact 499."), "{timeline}");
}

#[tokio::test]
async fn the_list_shows_what_exists_for_the_reader_open_and_closed() {
    let (site, incident) = led().await;
    let list = site.get("/incidents", "carol").await.text;
    assert!(
        list.contains(&format!("/incidents/{incident}")) && list.contains(">the table</a>"),
        "{list}"
    );
    assert!(!site.get("/incidents", "root").await.text.contains(incident.as_str()));
    assert!(!site.get("/incidents?state=closed", "carol").await.text.contains(incident.as_str()));
    site.handle(&incident, "ann", Command::Close { note: String::new() }).await;
    assert!(site.get("/incidents?state=closed", "carol").await.text.contains(incident.as_str()));
    let broken = site.get("/incidents?after=x", "carol").await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    for _ in 0..31 {
        site.report("more").await;
    }
    let first = site.get("/incidents", "carol").await.text;
    let next = first.split("/incidents?state=open&#38;after=").nth(1).expect("a way on");
    let next = next.split('"').next().unwrap();
    let rest = site.get(&format!("/incidents?state=open&after={next}"), "carol").await.text;
    assert_eq!(rest.matches("incident-item").count(), 1, "{rest}");
}
