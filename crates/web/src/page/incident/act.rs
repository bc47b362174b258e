//! What can be done on the page of an incident. Whatever is wrong with a form, what was typed stays on the page.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{EntryId, PersonId};
use domain::incident::escalation::reply::Reply;
use domain::incident::report::Via;
use domain::incident::{Command, Incident};

use super::look::{correct_page, page, redact_page};
use crate::page::Visit;
use crate::page::form::Form;
use crate::page::show::entry_form::{self, Wrong, is_same_tap, read_statement};
use crate::page::show::{command, either, inside};

/// Reads what a form brings, from somebody for whom the incident exists.
async fn read(
    visit: &mut Visit,
    id: &str,
    body: &Bytes,
) -> Result<(PersonId, Arc<Incident>, Form), Box<Response>> {
    // Where a sign-in leads back to, and the language switch of a page that answers this.
    visit.here = format!("/incidents/{id}");
    let (person, incident) = inside(visit, id).await?;
    let form = Form::read(body);
    visit.check_form(form.csrf())?;
    Ok((person, incident, form))
}

/// Adds an entry.
pub(crate) async fn add_entry(mut visit: Visit, Path(id): Path<String>, body: Bytes) -> Response {
    let visit = &mut visit;
    let done = async {
        let (person, incident, form) = read(visit, &id, &body).await?;
        match read_statement(&form, &visit.zone()) {
            Ok(statement) => {
                if !is_same_tap(&incident, &person, &statement, visit.now) {
                    let typed = statement.text.clone();
                    command(visit, &id, &Command::AddEntry { statement }, &typed).await?;
                }
                Ok(visit.done(&visit.here, "entry-added"))
            }
            Err(wrong) => {
                let mut fields = entry_form::typed(visit.w, "new", &visit.zone(), &form);
                fields.problem = Some(wrong.text(visit.w));
                let view = page(visit, &person, &incident, fields).await;
                Ok(visit.respond(StatusCode::UNPROCESSABLE_ENTITY, &view))
            }
        }
    };
    either(done.await)
}

/// Says something instead. Both stay visible.
pub(crate) async fn correct(
    mut visit: Visit,
    Path((id, entry)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let visit = &mut visit;
    let done = async {
        let (person, incident, form) = read(visit, &id, &body).await?;
        let entry = EntryId::new(&entry);
        let why = form.text("why").trim().to_owned();
        let statement = read_statement(&form, &visit.zone());
        let statement =
            statement.and_then(|s| if why.is_empty() { Err(Wrong::Why) } else { Ok(s) });
        match statement {
            Ok(statement) => {
                let typed = format!("{}\n{why}", statement.text);
                let correct = Command::CorrectEntry { entry, statement, why };
                command(visit, &id, &correct, &typed).await?;
                Ok(visit.done(&visit.here, "entry-corrected"))
            }
            Err(wrong) => {
                visit.here = format!("/incidents/{id}/entries/{entry}/correct");
                let mut fields = entry_form::typed(visit.w, "correct", &visit.zone(), &form);
                fields.problem = Some(wrong.text(visit.w));
                correct_page(visit, &person, &incident, (&entry, fields, &why)).await
            }
        }
    };
    either(done.await)
}

/// Erases the words of an entry. Who did it, when and why stays.
pub(crate) async fn redact(
    mut visit: Visit,
    Path((id, entry)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let visit = &mut visit;
    let done = async {
        let (person, incident, form) = read(visit, &id, &body).await?;
        let entry = EntryId::new(&entry);
        let Some(why) = form.given("why").map(str::to_owned) else {
            visit.here = format!("/incidents/{id}/entries/{entry}/redact");
            let problem = Some(Wrong::Why.text(visit.w));
            return redact_page(visit, &person, &incident, (&entry, "", problem)).await;
        };
        command(visit, &id, &Command::RedactEntry { entry, why: why.clone() }, &why).await?;
        Ok(visit.done(&visit.here, "entry-redacted"))
    };
    either(done.await)
}

/// Lets somebody see the incident (D1).
pub(crate) async fn circle(mut visit: Visit, Path(id): Path<String>, body: Bytes) -> Response {
    let visit = &mut visit;
    let done = async {
        let (_, _, form) = read(visit, &id, &body).await?;
        let person = PersonId::new(form.text("person").trim());
        command(visit, &id, &Command::BringIn { person }, "").await?;
        Ok(visit.done(&visit.here, "brought-in"))
    };
    either(done.await)
}

/// Asks somebody else to take over.
pub(crate) async fn hand_over(mut visit: Visit, Path(id): Path<String>, body: Bytes) -> Response {
    let visit = &mut visit;
    let done = async {
        let (_, _, form) = read(visit, &id, &body).await?;
        let to = PersonId::new(form.text("to").trim());
        let answer = Command::Answer { reply: Reply::HandOver { to }, via: Via::Web };
        command(visit, &id, &answer, "").await?;
        Ok(visit.done(&visit.here, "hand-over-asked"))
    };
    either(done.await)
}

/// Ends the incident.
pub(crate) async fn close(mut visit: Visit, Path(id): Path<String>, body: Bytes) -> Response {
    let visit = &mut visit;
    let done = async {
        let (_, _, form) = read(visit, &id, &body).await?;
        let note = form.text("why").to_owned();
        command(visit, &id, &Command::Close { note: note.clone() }, &note).await?;
        Ok(visit.done(&visit.here, "closed"))
    };
    either(done.await)
}
