//! Answer: the page behind the link in a message (B3). Opening it changes nothing, whoever opens it.

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::PersonId;
use domain::incident::escalation::{Escalation, Standing, Status};
use domain::incident::report::Via;
use domain::incident::{Actor, Command};
use engine::{AnswerPage, EngineError};
use wording::{Locale, Words};

use crate::api::v1::answers::read_reply;
use crate::page::form::Form;
use crate::page::show::lanes::stated_at;
use crate::page::show::{Scene, either, is_fragment, phones_of};
use crate::page::{LOCALE_COOKIE, Visit, see_other};
use crate::session::find_cookie;
use crate::view::Section;
use crate::view::answer::{Answer, Asked};

/// The promises that are offered, in minutes, as far as the policy allows them.
const MINUTES: [i64; 4] = [5, 10, 15, 30];

/// Shows where things stand and what may be answered.
pub(crate) async fn show(mut visit: Visit, Path(token): Path<String>) -> Response {
    either(look(&mut visit, &token).await)
}

/// Takes an answer. The token is the proof; no other is asked for.
pub(crate) async fn create(mut visit: Visit, Path(token): Path<String>, body: Bytes) -> Response {
    either(take(&mut visit, &token, &body).await)
}

async fn find(visit: &mut Visit, token: &str) -> Result<AnswerPage, Box<Response>> {
    let found = visit.app.engine().find_answer(token).await;
    let found = found.map_err(|why| Box::new(visit.refused(&why, "", Vec::new())))?;
    let found = found.ok_or_else(|| Box::new(visit.not_found()))?;
    // In the language of the person who is asked, unless another was chosen on this device.
    if find_cookie(&visit.headers, LOCALE_COOKIE).and_then(Locale::parse).is_none() {
        let world = visit.app.engine().world();
        let own = Locale::parse(world.directory.locale_of(&found.person));
        visit.w = own.map_or(visit.w, Words::of);
    }
    Ok(found)
}

async fn look(visit: &mut Visit, token: &str) -> Result<Response, Box<Response>> {
    let found = find(visit, token).await?;
    let view = view(visit, &found, token);
    Ok(if is_fragment(visit, "live") { visit.ok(&view.as_live()) } else { visit.ok(&view) })
}

async fn take(visit: &mut Visit, token: &str, body: &Bytes) -> Result<Response, Box<Response>> {
    let found = find(visit, token).await?;
    let form = Form::read(body);
    let minutes = form.given("minutes").and_then(|text| text.parse().ok());
    let Ok(reply) = read_reply(form.text("answer"), minutes, None) else {
        return Err(Box::new(visit.form_is_broken(StatusCode::UNPROCESSABLE_ENTITY)));
    };
    let engine = visit.app.engine();
    let actor = Actor::Person(found.person.clone());
    let command = Command::Answer { reply, via: Via::Link };
    match engine.handle(&found.incident.id, &actor, &command).await {
        // A "no" of the product is a state that the page shows: somebody else has it, it is over.
        Ok(_) | Err(EngineError::Refused(_)) => Ok(see_other(&format!("/a/{token}"))),
        Err(why) => {
            let reporter = [&found.incident.report.received.reporter];
            let phones = phones_of(&engine.world().directory, reporter.into_iter());
            Err(Box::new(visit.refused(&why, "", phones)))
        }
    }
}

fn view(visit: &Visit, found: &AnswerPage, token: &str) -> Answer {
    let incident = &found.incident;
    let mut scene = Scene::new(visit, incident);
    scene.zone = scene.directory().timezone_of(&found.person).to_owned();
    let received = &incident.report.received;
    let asked = asked(&scene, &found.person);
    let is_lead = matches!(asked, Asked::Yours { .. });
    let mut page = visit.page(Section::None, visit.w.t("answer-title"));
    // Whoever opens the link, the page speaks to the person who is asked.
    page.person = None;
    Answer {
        w: visit.w,
        page,
        action: format!("/a/{token}"),
        live_url: String::new(),
        is_drill: received.is_drill,
        asked,
        person: scene.name(&found.person).to_owned(),
        reporter: scene.name(&received.reporter).to_owned(),
        reported_at: scene.clock(incident.report.at),
        waiting: scene.relative(incident.report.at),
        project: scene.project(),
        first_words: incident.first_words().unwrap_or_default().to_owned(),
        phone: scene.phone(&received.reporter),
        minutes: Answer::list_minutes(visit.w, &minutes(&scene)),
        incident_url: is_lead.then(|| format!("/incidents/{}", incident.id)),
    }
}

/// The promises that the policy allows.
fn minutes(scene: &Scene<'_>) -> Vec<i64> {
    let max = scene.escalation().map_or(scene.world.policy.promise_max, |e| e.policy.promise_max);
    let max = i64::try_from(max.as_secs() / 60).unwrap_or(i64::MAX).max(1);
    let allowed: Vec<i64> = MINUTES.into_iter().filter(|minutes| *minutes <= max).collect();
    if allowed.is_empty() { (1..=max).collect() } else { allowed }
}

/// Where the person and the incident stand.
fn asked(scene: &Scene<'_>, person: &PersonId) -> Asked {
    if scene.incident.closed.is_some() {
        return Asked::Closed;
    }
    let Some(escalation) = scene.escalation() else { return Asked::NoLonger };
    match &escalation.status {
        Status::StoodDown { by, at, .. } => {
            Asked::StoodDown { name: scene.name(by).to_owned(), at: scene.clock(*at) }
        }
        Status::Accepted { lead, at } if lead == person => Asked::Yours { since: scene.clock(*at) },
        Status::Accepted { lead, at } if escalation.hand_over_to.as_ref() != Some(person) => {
            Asked::Taken { name: scene.name(lead).to_owned(), since: scene.clock(*at) }
        }
        Status::Promised { by, until } if by == person => {
            Asked::Promised { until: scene.clock(*until) }
        }
        Status::Accepted { .. } | Status::Promised { .. } | Status::Calling => {
            asked_in_line(scene, escalation, person)
        }
    }
}

fn asked_in_line(scene: &Scene<'_>, escalation: &Escalation, person: &PersonId) -> Asked {
    match escalation.find(person).map(|called| &called.standing) {
        Some(Standing::Asked) => Asked::Open,
        Some(Standing::StatedReached { until, .. }) => {
            Asked::ToConfirm { stated_at: scene.clock(stated_at(escalation, *until)) }
        }
        Some(Standing::Promised { until }) => Asked::Promised { until: scene.clock(*until) },
        // Whoever has passed it on has said that they cannot; they may still take it.
        Some(Standing::Cannot | Standing::HandedOver { .. }) => Asked::Cannot,
        Some(Standing::Waiting | Standing::Accepted) | None => Asked::NoLonger,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use domain::incident::Command;
    use domain::incident::escalation::{How, Status};
    use testkit::per;

    use crate::test_support::Site;

    #[tokio::test]
    async fn looking_at_the_link_changes_nothing_and_names_who_what_and_where_to_call() {
        let site = Site::new().await;
        let incident = site.report("the table is gone").await;
        let path = site.answer_path(&incident, "ann").await;
        let seq = site.incident(&incident).await.seq;
        let found = site.get_as_stranger(&path).await;
        assert_eq!(found.status, StatusCode::OK);
        for part in [
            "carol reports something urgent",
            "the table is gone",
            "tel:+8190",
            "I take it",
            "30 min",
        ] {
            assert!(found.text.contains(part), "{part} is not in {}", found.text);
        }
        assert_eq!(found.header("cache-control"), "no-store");
        assert_eq!(site.incident(&incident).await.seq, seq);
    }

    #[tokio::test]
    async fn an_unknown_link_says_so_calmly() {
        let site = Site::new().await;
        let incident = site.report("x").await;
        let path = site.answer_path(&incident, "ann").await;
        let mut forged = path.clone();
        let last = if forged.pop() == Some('A') { 'Q' } else { 'A' };
        forged.push(last);
        for path in [forged.as_str(), "/a/x", "/a/%ff"] {
            let status = site.get_as_stranger(path).await.status;
            assert!(status == StatusCode::NOT_FOUND || path.contains('%'), "{path}: {status}");
            let found = site.post_raw(path, None, "answer=accept").await;
            assert_ne!(found.status, StatusCode::SEE_OTHER, "{path}");
        }
        assert!(site.incident(&incident).await.escalation.unwrap().answers.is_empty());
    }

    #[tokio::test]
    async fn an_acceptance_is_shown_to_the_one_who_has_it_and_to_the_others() {
        let site = Site::new().await;
        let incident = site.report("x").await;
        site.clock.forward(testkit::mins(4));
        site.tick(&incident).await;
        let (ann, bob) =
            (site.answer_path(&incident, "ann").await, site.answer_path(&incident, "bob").await);
        let found = site.post_raw(&ann, None, "answer=accept").await;
        assert_eq!((found.status, found.location()), (StatusCode::SEE_OTHER, ann.as_str()));
        let page = site.get_as_stranger(&ann).await.text;
        assert!(
            page.contains("You accepted at") && page.contains(&format!("/incidents/{incident}")),
            "{page}"
        );
        assert!(!page.contains("value=\"accept\""), "{page}");
        let late = site.post_raw(&bob, None, "answer=accept").await;
        assert_eq!(late.location(), bob);
        let page = site.get_as_stranger(&bob).await.text;
        assert!(
            page.contains("ann accepted at")
                && !page.contains("<form method=\"post\" action=\"/a/"),
            "{page}"
        );
    }

    #[tokio::test]
    async fn a_promise_and_a_cannot_are_taken_and_may_become_an_acceptance() {
        let site = Site::new().await;
        let incident = site.report("x").await;
        let path = site.answer_path(&incident, "ann").await;
        site.post_raw(&path, None, "answer=promise&minutes=10").await;
        let promised = site.incident(&incident).await.escalation.unwrap().status;
        assert!(matches!(promised, Status::Promised { by, .. } if by == per("ann")));
        let page = site.get_as_stranger(&path).await.text;
        assert!(
            page.contains("You promised to call back by") && page.contains("value=\"accept\""),
            "{page}"
        );
        site.post_raw(&path, None, "answer=cannot").await;
        let page = site.get_as_stranger(&path).await.text;
        assert!(
            page.contains("Thank you for saying so") && page.contains("value=\"accept\""),
            "{page}"
        );
        site.post_raw(&path, None, "answer=accept").await;
        assert_eq!(site.incident(&incident).await.escalation.unwrap().lead(), Some(&per("ann")));
    }

    #[tokio::test]
    async fn whoever_was_reached_is_asked_to_confirm_it() {
        let site = Site::new().await;
        let incident = site.report("x").await;
        let path = site.answer_path(&incident, "ann").await;
        let state = Command::StateReached { person: per("ann"), how: How::Phone };
        site.handle(&incident, "carol", state).await;
        let page = site.get_as_stranger(&path).await.text;
        assert!(page.contains("carol recorded at 09:00 that they spoke with you"), "{page}");
    }

    #[tokio::test]
    async fn an_answer_that_is_none_changes_nothing() {
        let site = Site::new().await;
        let incident = site.report("x").await;
        let path = site.answer_path(&incident, "ann").await;
        for form in [
            "",
            "answer=maybe",
            "answer=promise",
            "answer=promise&minutes=x",
            "answer=hand_over&to=per_bob",
        ] {
            let found = site.post_raw(&path, None, form).await;
            assert_eq!(found.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        }
        assert!(site.incident(&incident).await.escalation.unwrap().answers.is_empty());
    }

    #[tokio::test]
    async fn the_link_stops_with_the_incident_and_says_so() {
        let site = Site::new().await;
        let incident = site.report("x").await;
        let path = site.answer_path(&incident, "ann").await;
        site.accept(&incident, "ann").await;
        site.handle(&incident, "ann", Command::Close { note: "done".into() }).await;
        site.post_raw(&path, None, "answer=cannot").await;
        let page = site.get_as_stranger(&path).await.text;
        assert!(page.contains("The link no longer works"), "{page}");
        assert_eq!(site.incident(&incident).await.escalation.unwrap().answers.len(), 1);
    }
}
