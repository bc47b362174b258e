//! Calling: what goes on after the press, and what the reporter can do meanwhile (A4-A9).

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::header;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use domain::access::Role;
use domain::id::{IncidentId, PersonId};
use domain::incident::escalation::{How, Status};
use domain::incident::{Command, Incident, Refusal};
use engine::{Change, Receipt};
use futures_util::{Stream, stream};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::api::v1::incidents::parse_how;
use crate::api::v1::reports::receipt_json;
use crate::page::Visit;
use crate::page::form::Form;
use crate::page::show::entry_form::is_same_tap;
use crate::page::show::known::Known;
use crate::page::show::{Scene, command, either, inside, is_fragment};
use crate::session::Reader;
use crate::sse::keep_alive;
use crate::view::Section;
use crate::view::calling::{self, Calling, ChipGroup};

/// How the calling goes.
pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> Response {
    either(look(&visit, &id).await)
}

/// Who may watch: whoever may see the incident, and a device whose sign-in has run out for what it reported itself.
async fn watcher(visit: &Visit, id: &str) -> Result<(PersonId, Arc<Incident>), Box<Response>> {
    let Reader::Expired(device) = &visit.reader else { return inside(visit, id).await };
    let found = visit.app.engine().load_for(&IncidentId::new(id), &device.person).await;
    let is_own = |incident: &Arc<Incident>| {
        let received = &incident.report.received;
        received.reporter == device.person && received.is_sign_in_expired
    };
    match found.ok().filter(is_own) {
        Some(incident) => Ok((device.person.clone(), incident)),
        None => Err(Box::new(visit.to_sign_in())),
    }
}

async fn look(visit: &Visit, id: &str) -> Result<Response, Box<Response>> {
    let (person, incident) = watcher(visit, id).await?;
    let mut view = view(visit, &person, &incident);
    if incident.report.received.reporter == person {
        let receipt = visit.app.engine().receipt(&incident.id).await;
        let receipt = receipt.map_err(|why| Box::new(visit.refused(&why, "", Vec::new())))?;
        view.receipt = Some(receipt_of(&Scene::new(visit, &incident), &receipt));
    }
    Ok(if is_fragment(visit, "live") { visit.ok(&view.as_live()) } else { visit.ok(&view) })
}

fn view(visit: &Visit, person: &PersonId, incident: &Incident) -> Calling {
    let scene = Scene::new(visit, incident);
    let upcoming = visit.app.engine().upcoming(incident);
    let upcoming = if incident.closed.is_some() { Vec::new() } else { upcoming };
    let is_signed_in = visit.reader.signed_in().is_some();
    let is_open = incident.closed.is_none();
    let may_act = is_signed_in
        && is_open
        && (scene.is(person, Role::Reporter) || scene.is(person, Role::Lead));
    let status = scene.escalation().map(|escalation| &escalation.status);
    let is_stood_down = matches!(status, Some(Status::StoodDown { .. }));
    let is_led = matches!(status, Some(Status::Accepted { .. }));
    let known = Known::of(incident);
    let (first_phone, next_name) = scene.call_first();
    let state = scene.state();
    Calling {
        w: visit.w,
        page: visit.page(Section::Incidents, visit.w.t("calling-title")),
        id: incident.id.to_string(),
        is_drill: incident.report.received.is_drill,
        sent_at: scene.clock(incident.report.at),
        state,
        sentence: scene.sentence(),
        next: if state.is_over() { None } else { scene.next(&upcoming) },
        nudge: scene.nudge(),
        trouble: scene.trouble(),
        first_phone,
        figure: scene.figure(&upcoming),
        people: scene.people(&upcoming, may_act && !is_led && !is_stood_down),
        guide: scene.guide(person),
        script: scene.script(&known),
        next_name,
        chips: ChipGroup::all(visit.w, |group| known.choice(group).map(str::to_owned)),
        done_text: known.done_text.clone(),
        receipt: None,
        may_add_words: is_open && scene.is(person, Role::Reporter),
        // Once a human has it, it is theirs to stand down.
        may_stand_down: may_act && !is_stood_down && (!is_led || scene.is(person, Role::Lead)),
        may_open_incident: is_signed_in,
    }
}

fn receipt_of(scene: &Scene<'_>, receipt: &Receipt) -> calling::Receipt {
    calling::Receipt {
        json: receipt_json(receipt).to_string(),
        pressed_at: scene.clock(scene.incident.report.at),
        hash: receipt.hash.clone(),
        url: format!("/incidents/{}/receipt", scene.incident.id),
    }
}

/// Reads what a form of this page brings, from somebody for whom the incident exists.
async fn read(
    visit: &mut Visit,
    id: &str,
    body: &Bytes,
) -> Result<(PersonId, Arc<Incident>, Form), Box<Response>> {
    visit.here = format!("/incidents/{id}/calling");
    let (person, incident) = inside(visit, id).await?;
    let form = Form::read(body);
    visit.check_form(form.csrf())?;
    Ok((person, incident, form))
}

/// Back to the page, saying that it was added.
fn added(visit: &Visit, id: &str, incident: &Incident) -> Response {
    let is_open = incident.escalation.as_ref().is_some_and(|escalation| escalation.is_open());
    let flash = if is_open { "known-added" } else { "entry-added" };
    visit.done(&format!("/incidents/{id}/calling"), flash)
}

/// Adds what was chosen among the chips; only what has changed (A7).
pub(crate) async fn known(mut visit: Visit, Path(id): Path<String>, body: Bytes) -> Response {
    let visit = &mut visit;
    either(
        async {
            let (_, incident, form) = read(visit, &id, &body).await?;
            let new = Known::of(&incident).list_new(visit.w, &form);
            let typed: Vec<&str> = new.iter().map(|said| said.text.as_str()).collect();
            let typed = typed.join("\n");
            for statement in new {
                command(visit, &id, &Command::AddEntry { statement }, &typed).await?;
            }
            Ok(added(visit, &id, &incident))
        }
        .await,
    )
}

/// Adds words under the report.
pub(crate) async fn words(mut visit: Visit, Path(id): Path<String>, body: Bytes) -> Response {
    let visit = &mut visit;
    either(
        async {
            let (person, incident, form) = read(visit, &id, &body).await?;
            let text = form.text("text").to_owned();
            if !is_same_tap(&incident, &person, &own_words(&text), visit.now) {
                let add = Command::AddWords { text: text.clone() };
                command(visit, &id, &add, &text).await?;
            }
            Ok(added(visit, &id, &incident))
        }
        .await,
    )
}

fn own_words(text: &str) -> domain::incident::timeline::Statement {
    domain::incident::timeline::Statement {
        kind: domain::incident::timeline::EntryKind::Report,
        text: domain::incident::report::keep_text(text).0,
        happened: None,
        source: None,
        source_ref: None,
        chip: None,
    }
}

/// States that the reporter reached somebody; that person is asked to confirm it (A6).
pub(crate) async fn reached(mut visit: Visit, Path(id): Path<String>, body: Bytes) -> Response {
    let visit = &mut visit;
    either(
        async {
            let (_, _, form) = read(visit, &id, &body).await?;
            let person = PersonId::new(form.text("person").trim());
            let how = parse_how(form.text("how")).unwrap_or(How::Phone);
            command(visit, &id, &Command::StateReached { person, how }, "").await?;
            Ok(visit.done(&visit.here, "stated"))
        }
        .await,
    )
}

/// Stands the calling down. Never unsends; tells the same people.
pub(crate) async fn stand_down(mut visit: Visit, Path(id): Path<String>, body: Bytes) -> Response {
    let visit = &mut visit;
    either(
        async {
            let (person, incident, form) = read(visit, &id, &body).await?;
            let why = form.text("why").to_owned();
            command(visit, &id, &Command::StandDown { why: why.clone() }, &why).await?;
            let is_reporter = incident.report.received.reporter == person;
            let end = if is_reporter { "/calling" } else { "" };
            Ok(visit.done(&format!("/incidents/{id}{end}"), "stood-down"))
        }
        .await,
    )
}

/// The receipt as it stands now, as a file to keep (A8).
pub(crate) async fn receipt(visit: Visit, Path(id): Path<String>) -> Response {
    either(download(&visit, &id).await)
}

async fn download(visit: &Visit, id: &str) -> Result<Response, Box<Response>> {
    let (person, incident) = inside(visit, id).await?;
    if incident.report.received.reporter != person {
        let why = Refusal::NotYours { who: "the reporter" }.into();
        return Err(Box::new(visit.refused(&why, "", Vec::new())));
    }
    let receipt = visit.app.engine().receipt(&incident.id).await;
    let receipt = receipt.map_err(|why| Box::new(visit.refused(&why, "", Vec::new())))?;
    let name = format!("attachment; filename=\"ippo-receipt-{}.json\"", incident.id);
    Ok(([(header::CONTENT_DISPOSITION, name)], Json(receipt)).into_response())
}

/// Says when the incident has changed, as server-sent events: `change`, with the number of its last event.
pub(crate) async fn live(visit: Visit, Path(id): Path<String>) -> Response {
    // Listening begins before looking, so that nothing falls in between.
    let changes = visit.app.engine().listen();
    match watcher(&visit, &id).await {
        Err(response) => *response,
        Ok((_, incident)) => {
            let events = changes_of(changes, incident.id.clone());
            Sse::new(events).keep_alive(keep_alive()).into_response()
        }
    }
}

fn changes_of(
    changes: Receiver<Change>,
    incident: IncidentId,
) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold((changes, incident), |(mut changes, incident)| async move {
        let seq = loop {
            match changes.recv().await {
                Ok(change) if change.incident == incident => break change.seq.to_string(),
                Ok(_) => {}
                // Something was missed; whether it was this incident nobody knows, so the page looks.
                Err(RecvError::Lagged(_)) => break String::from("0"),
                Err(RecvError::Closed) => return None,
            }
        };
        let event = Event::default().event("change").data(seq);
        Some((Ok(event), (changes, incident)))
    })
}

#[cfg(test)]
#[path = "calling_tests.rs"]
mod tests;
