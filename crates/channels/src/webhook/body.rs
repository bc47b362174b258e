//! The JSON that a receiver gets. Its shape is a public interface: fields may be added, never changed.

use domain::id::{AttemptId, IncidentId, PersonId};
use domain::port::{Message, Purpose};
use serde::Serialize;

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    incident: &'a IncidentId,
    attempt: &'a AttemptId,
    number: u32,
    drill: bool,
    person: Person<'a>,
    text: &'a str,
    answer_url: Option<&'a str>,
    purpose: Purpose,
}

#[derive(Serialize)]
struct Person<'a> {
    id: &'a PersonId,
    name: &'a str,
}

/// The body for `message`, as bytes to sign and to send.
///
/// # Errors
/// What the JSON library returns; nothing known leads there.
pub(super) fn render_body(message: &Message) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&Body {
        r#type: "attempt",
        incident: &message.incident,
        attempt: &message.attempt,
        number: message.number,
        drill: message.is_drill,
        person: Person { id: &message.person, name: &message.person_name },
        text: &message.text,
        answer_url: message.answer_url.as_deref(),
        purpose: message.purpose,
    })
}
