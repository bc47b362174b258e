//! `POST /incidents/{id}/answers`: accept, promise, cannot, hand over (B3).

use axum::extract::Path;
use axum::response::Response;
use domain::id::PersonId;
use domain::incident::Command;
use domain::incident::escalation::reply::Reply;
use domain::incident::report::Via;

use crate::api::body::{Body, Fields, wrong};
use crate::api::caller::Caller;
use crate::api::problem::{CallError, Problem};
use crate::api::v1::incidents::Done;

const WANTED: &str = "accept, promise, cannot or hand_over";
/// The longest promise that is read at all; the policy shortens it further.
const MINUTES_MAX: i64 = 24 * 60;

/// Gives an answer. 409 with the name of the one who has accepted.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/answers", tag = "incidents", params(("id" = String, Path)),
    request_body(content = Object, description = "answer (accept, promise, cannot, hand_over), minutes? (with promise), to? (with hand_over)"),
    responses((status = 201, body = Done), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn create(
    caller: Caller,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response, Problem> {
    let fields = Fields::read(&body)?;
    let answer = fields.word("answer", WANTED, |word| Some(word.to_owned()))?;
    let answer = answer.ok_or_else(|| wrong("answer", WANTED))?;
    let to = fields.text("to")?;
    let reply = read_reply(&answer, fields.integer("minutes")?, to.as_deref())?;
    let handled = caller.command(&id, &Command::Answer { reply, via: Via::Api }).await?;
    Ok(caller.done(&handled))
}

/// An answer from its word and what belongs to it.
pub(crate) fn read_reply(
    answer: &str,
    minutes: Option<i64>,
    to: Option<&str>,
) -> Result<Reply, CallError> {
    match answer {
        "accept" => Ok(Reply::Accept),
        "cannot" => Ok(Reply::Cannot),
        "promise" => {
            let wanted = "a whole number of minutes from 1 to 1440";
            let minutes = minutes.filter(|n| (1..=MINUTES_MAX).contains(n));
            let minutes = minutes.and_then(|n| u32::try_from(n).ok());
            minutes
                .map(|minutes| Reply::Promise { minutes })
                .ok_or_else(|| wrong("minutes", wanted))
        }
        "hand_over" => {
            let to = to.map(str::trim).filter(|to| !to.is_empty());
            let to = to.ok_or_else(|| wrong("to", "the id of a person"))?;
            Ok(Reply::HandOver { to: PersonId::new(to) })
        }
        _ => Err(wrong("answer", WANTED)),
    }
}
