//! Home: the button, one optional line, and who will be reached (A1, A4, A5).

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{PersonId, ProjectId};
use domain::incident::escalation::Status;
use domain::incident::report::{FirstReport, TEXT_CHARS_MAX, Via};
use domain::rehearsal::{HORIZON, Question};
use engine::EngineError;
use store::IncidentState;

use crate::api::v1::reports::key_of;
use crate::page::form::Form;
use crate::page::problem::retry_later;
use crate::page::show::{self, Scene, either, is_fragment};
use crate::page::{PRESS_COOKIE, Visit, see_other};
use crate::session::{Reader, SignedIn, find_cookie};
use crate::view::home::{Home, OpenCall};
use crate::view::{Choice, Flash, Section};

/// How many of the reader's own reports are looked at for open ones.
const OWN_MAX: u32 = 20;

/// What was typed already.
#[derive(Debug, Default)]
struct Typed {
    text: String,
    project: String,
    key: Option<String>,
}

/// The page with the button.
pub(crate) async fn show(visit: Visit) -> Response {
    let Some(device) = visit.reader.may_report() else { return visit.to_sign_in() };
    let project = show::query(&visit).text("project").trim().to_owned();
    let view = view(&visit, device, Typed { project, ..Typed::default() }).await;
    if is_fragment(&visit, "line") { visit.ok(&view.as_line()) } else { visit.ok(&view) }
}

/// Sends a first report. Answered only once it is on disk; the same form again is the same incident.
pub(crate) async fn create(mut visit: Visit, body: Result<Bytes, BytesRejection>) -> Response {
    // Where a sign-in leads back to, and the language switch of a page that answers this.
    "/".clone_into(&mut visit.here);
    either(take(&visit, body).await)
}

async fn take(
    visit: &Visit,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Box<Response>> {
    let Some(device) = visit.reader.may_report() else { return Err(Box::new(visit.to_sign_in())) };
    let Ok(body) = body else {
        return Err(Box::new(visit.form_is_broken(StatusCode::PAYLOAD_TOO_LARGE)));
    };
    let form = Form::read(&body);
    let typed = Typed {
        text: form.text("text").to_owned(),
        project: form.text("project").to_owned(),
        key: form.given("key").map(str::to_owned),
    };
    if visit.check_form(form.csrf()).is_err() {
        // Nobody starts again from nothing here: the same page, with the same text and a fresh proof.
        return Ok(again(visit, device, typed, StatusCode::FORBIDDEN).await);
    }
    let key = typed.key.clone().unwrap_or_else(|| visit.app.new_token());
    let report = FirstReport {
        reporter: device.person.clone(),
        text: typed.text.clone(),
        project: form.given("project").map(str::to_owned),
        kind: None,
        happened: None,
        via: Via::Web,
        is_sign_in_expired: matches!(visit.reader, Reader::Expired(_)),
        is_text_repaired: form.is_repaired,
    };
    let metrics = &visit.app.0.metrics;
    match visit.app.engine().report(report, Some(&key_of(key.as_bytes()))).await {
        Ok(reported) => {
            metrics.count_report();
            Ok(see_other(&format!("/incidents/{}/calling", reported.incident.id)))
        }
        Err(EngineError::NotStored(why)) => {
            tracing::warn!(code = why.code(), "a report could not be stored");
            metrics.count_report_refused();
            let typed = Typed { key: Some(key), ..typed };
            let page = again(visit, device, typed, StatusCode::SERVICE_UNAVAILABLE).await;
            Ok(retry_later(page))
        }
        Err(why) => {
            let phones = numbers(visit, &device.person, form.given("project"));
            Err(Box::new(visit.refused(&why, &typed.text, phones)))
        }
    }
}

/// The page once more, with what was typed, why it was not taken, and whom to call.
async fn again(visit: &Visit, device: &SignedIn, typed: Typed, status: StatusCode) -> Response {
    let w = visit.w;
    let text = if status == StatusCode::SERVICE_UNAVAILABLE {
        let project = Some(typed.project.as_str()).filter(|project| !project.is_empty());
        let phones = numbers(visit, &device.person, project);
        let phones = phones.iter().map(|(name, phone)| format!("{name} {}", phone.shown));
        let phones = phones.collect::<Vec<_>>().join(&w.t("list-comma"));
        format!("{} {} {phones}", w.t("error-not_stored"), w.t("error-not_stored-remedy"))
    } else {
        format!("{} {}", w.t("error-form_expired"), w.t("error-form_expired-kept"))
    };
    let mut view = view(visit, device, typed).await;
    view.page.flash = Some(Flash { is_done: false, text: text.trim_end().to_owned() });
    visit.respond(status, &view)
}

fn numbers(
    visit: &Visit,
    reporter: &PersonId,
    project: Option<&str>,
) -> Vec<(String, crate::view::Phone)> {
    let engine = visit.app.engine();
    let question = Question { reporter, project, at: visit.now, horizon: HORIZON };
    let rehearsal = engine.rehearse(&question);
    let people = rehearsal.line.iter().map(|found| &found.member.person);
    show::phones_of(&engine.world().directory, people)
}

async fn view(visit: &Visit, device: &SignedIn, typed: Typed) -> Home {
    let engine = visit.app.engine();
    let world = engine.world();
    let w = visit.w;
    let id = ProjectId::new(&typed.project);
    let project = world.directory.projects.get(&id).map(|project| &project.id);
    let question = Question {
        reporter: &device.person,
        project: project.map(ProjectId::as_str),
        at: visit.now,
        horizon: HORIZON,
    };
    let rehearsal = engine.rehearse(&question);
    let none = Choice::new("", &w.t("home-no-project"));
    let all = world.directory.projects.values();
    let known = all.map(|project| Choice::new(project.id.as_str(), &project.name));
    let projects: Vec<Choice> =
        std::iter::once(none).chain(known).map(|c| c.chosen(&typed.project)).collect();
    let is_expired = matches!(visit.reader, Reader::Expired(_));
    Home {
        w,
        page: visit.page(Section::Home, w.t("home-title")),
        key: typed.key.unwrap_or_else(|| visit.app.new_token()),
        is_held: find_cookie(&visit.headers, PRESS_COOKIE).is_none(),
        text: typed.text,
        text_chars_max: TEXT_CHARS_MAX,
        projects: if projects.len() > 1 { projects } else { Vec::new() },
        line: show::rehearsal_line(visit, &rehearsal, &device.person, project),
        passed_over: show::passed_over(visit, &rehearsal),
        // A device whose sign-in has run out may report, and sees nothing else.
        open: if is_expired { Vec::new() } else { open_calls(visit, &device.person).await },
        is_expired,
    }
}

/// The reader's own callings that are still open. A store that cannot be read shows none: the button stays.
async fn open_calls(visit: &Visit, reporter: &PersonId) -> Vec<OpenCall> {
    let engine = visit.app.engine();
    let own = engine.store().list_incidents_of_reporter(reporter, None, OWN_MAX).await;
    let mut open = Vec::new();
    for row in own.unwrap_or_default() {
        if row.summary.state != IncidentState::Open {
            continue;
        }
        if let Ok(Some(incident)) = engine.load(&row.id).await {
            open.extend(open_call(&Scene::new(visit, &incident)));
        }
    }
    open
}

fn open_call(scene: &Scene<'_>) -> Option<OpenCall> {
    let called = scene.called_now();
    let (key, person, is_calling) = match &scene.escalation()?.status {
        Status::Calling => ("home-open-calling", called.first().copied(), true),
        Status::Promised { by, .. } => ("home-open-promised", Some(by), true),
        Status::Accepted { lead, .. } => ("home-open-accepted", Some(lead), false),
        Status::StoodDown { .. } => return None,
    };
    let time = scene.clock_text(scene.incident.report.at);
    let text = match person {
        Some(person) => scene.w.tn(key, &[("time", &time), ("name", scene.name(person))]),
        None => scene.sentence(),
    };
    Some(OpenCall { url: format!("/incidents/{}/calling", scene.incident.id), text, is_calling })
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use domain::incident::Command;

    use crate::test_support::Site;

    #[tokio::test]
    async fn home_shows_the_button_and_who_will_be_reached_with_their_numbers() {
        let site = Site::new().await;
        let found = site.get("/", "carol").await;
        assert_eq!(found.status, StatusCode::OK);
        for part in [
            "Urgent!",
            "The reporter’s manager",
            "at once",
            "in 3 minutes",
            "tel:+8190",
            "data-hold",
        ] {
            assert!(found.text.contains(part), "{part} is not in {}", found.text);
        }
        let stranger = site.get_as_stranger("/").await;
        assert_eq!(
            (stranger.status, stranger.location()),
            (StatusCode::SEE_OTHER, "/sign-in?then=%2F")
        );
    }

    #[tokio::test]
    async fn choosing_a_project_fetches_its_line_alone() {
        let site = Site::new().await;
        let (cookie, _) = site.device("carol").await;
        let headers = [("cookie", cookie.as_str()), ("x-ippo-fragment", "line")];
        let found = site.get_with("/?project=prj_shop", &headers).await;
        assert!(found.text.trim_start().starts_with("<section id=\"line\""), "{}", found.text);
        assert!(found.text.contains("Leads shop"), "{}", found.text);
    }

    #[tokio::test]
    async fn an_empty_press_is_a_report_and_the_same_form_again_is_the_same_one() {
        let site = Site::new().await;
        let first = site.post("/report", "carol", "key=k1&text=").await;
        assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.text);
        assert!(first.location().ends_with("/calling"), "{}", first.location());
        let again = site.post("/report", "carol", "key=k1&text=and+more").await;
        assert_eq!(again.location(), first.location());
        let own = site.reports_of("carol").await;
        assert_eq!(own.len(), 1);
        assert_eq!(site.incident(&own[0]).await.first_words(), Some("and more"));
        assert_ne!(site.post("/report", "carol", "text=").await.location(), first.location());
    }

    #[tokio::test]
    async fn an_unknown_project_and_broken_bytes_never_stop_a_report() {
        let site = Site::new().await;
        let found = site.post("/report", "carol", "text=%ff&project=nowhere").await;
        assert_eq!(found.status, StatusCode::SEE_OTHER);
        let page = site.get(found.location(), "carol").await;
        assert!(page.text.contains("so your own line is called"), "{}", page.text);
    }

    #[tokio::test]
    async fn a_report_that_could_not_be_stored_is_kept_in_the_form_with_its_key_and_numbers_to_call()
     {
        let site = Site::new().await;
        let device = site.device("carol").await;
        site.sabotage().break_ledger();
        let found =
            site.post_from("/report", &device, "key=k1&text=it+leaked&project=prj_shop").await;
        assert_eq!(found.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(found.header("retry-after"), "2");
        for part in [
            "value=\"it leaked\"",
            "name=\"key\" value=\"k1\"",
            "value=\"prj_shop\" selected",
            "Nobody has been told",
            "+81-90-bob",
        ] {
            assert!(found.text.contains(part), "{part} is not in {}", found.text);
        }
        assert!(site.reports_of("carol").await.is_empty());
        site.sabotage().mend_ledger();
        let again = site.post_from("/report", &device, "key=k1&text=it+leaked").await;
        assert_eq!(again.status, StatusCode::SEE_OTHER);
        assert_eq!(site.reports_of("carol").await.len(), 1);
    }

    #[tokio::test]
    async fn a_form_without_its_proof_reports_nothing_and_keeps_the_text() {
        let site = Site::new().await;
        let found = site.post_raw("/report", Some("carol"), "key=k1&text=it+leaked&csrf=old").await;
        assert_eq!(found.status, StatusCode::FORBIDDEN);
        assert!(found.text.contains("value=\"it leaked\""), "{}", found.text);
        assert!(site.reports_of("carol").await.is_empty());
        let stranger = site.post_raw("/report", None, "text=x").await;
        assert_eq!(stranger.location(), "/sign-in?then=%2F");
    }

    #[tokio::test]
    async fn a_device_whose_sign_in_ran_out_reports_marked_so_and_sees_nothing_else() {
        let site = Site::new().await;
        let mine = site.report("signed in").await;
        let device = site.expired_device("carol").await;
        let home = site.get_with("/", &[("cookie", &device.0)]).await;
        assert!(home.text.contains("has run out"), "{}", home.text);
        assert!(!home.text.contains("open-call"), "{}", home.text);
        let sent = site.post_from("/report", &device, "text=x").await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER);
        let calling = site.get_with(sent.location(), &[("cookie", &device.0)]).await;
        assert_eq!(calling.status, StatusCode::OK);
        assert!(!calling.text.contains("/stand_down"), "{}", calling.text);
        for path in [
            format!("/incidents/{mine}/calling"),
            format!("/incidents/{mine}"),
            "/incidents".into(),
        ] {
            let found = site.get_with(&path, &[("cookie", &device.0)]).await;
            assert_eq!(found.status, StatusCode::SEE_OTHER, "{path}");
        }
        let reported = site.reports_of("carol").await;
        let marked = reported.iter().find(|id| **id != mine).unwrap();
        assert!(site.incident(marked).await.report.received.is_sign_in_expired);
    }

    #[tokio::test]
    async fn open_callings_of_ones_own_stand_above_the_button_until_they_are_stood_down() {
        let site = Site::new().await;
        let incident = site.report("x").await;
        let text = site.get("/", "carol").await.text;
        assert!(text.contains(&format!("/incidents/{incident}/calling")), "{text}");
        assert!(text.contains("calling ann"), "{text}");
        site.accept(&incident, "ann").await;
        assert!(site.get("/", "carol").await.text.contains("ann has it"));
        assert!(!site.get("/", "erin").await.text.contains("open-call"));
        site.handle(&incident, "ann", Command::StandDown { why: "x".into() }).await;
        assert!(!site.get("/", "carol").await.text.contains("open-call"));
    }
}
