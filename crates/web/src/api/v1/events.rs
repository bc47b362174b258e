//! `GET /incidents/{id}/events`: live updates as server-sent events, resumable with `Last-Event-ID`.
//!
//! Each event has the place in the ledger as its id, the kind as its name, and `{"seq","at_ms","kind","actor",
//! "body"}` as its data. A listener that falls behind misses nothing: the ledger itself is read from where it was.

use std::collections::VecDeque;
use std::convert::Infallible;

use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::sse::{Event, Sse};
use domain::id::IncidentId;
use domain::ledger::Sealed;
use engine::{Change, Engine};
use futures_util::{Stream, stream};
use serde::Deserialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use utoipa::IntoParams;

use crate::api::body::{Asked, read_number};
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::sse::keep_alive;

/// From where to begin.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct EventsQuery {
    /// Begin behind this place; 0 = from the first event; nothing = only what is new.
    #[param(value_type = Option<u64>)]
    after: Option<String>,
}

/// Streams what happens to an incident.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/events", tag = "incidents",
    params(("id" = String, Path), ("Last-Event-ID" = Option<u64>, Header), EventsQuery),
    responses((status = 200, description = "server-sent events", content_type = "text/event-stream"), (status = 404, body = Problem)))]
pub(crate) async fn stream(
    caller: Caller,
    Path(id): Path<String>,
    Asked(query): Asked<EventsQuery>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let engine = caller.app.engine().clone();
    let id = IncidentId::new(&id);
    // Listening begins before looking, so that nothing falls in between.
    let changes = engine.listen();
    let incident = engine.load_for(&id, &caller.person).await;
    let incident = incident.map_err(|why| caller.problem(&why))?;
    let asked = read_number("after", query.after.as_deref())?;
    let last_id = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let after = last_id.and_then(|text| text.parse().ok()).or(asked);
    let follow = Follow {
        engine,
        id,
        changes,
        after: after.unwrap_or(incident.seq),
        ready: VecDeque::new(),
        has_looked: false,
    };
    let events = stream::unfold(follow, |mut follow| async move {
        let event = follow.next().await?;
        Some((Ok(event), follow))
    });
    Ok(Sse::new(events).keep_alive(keep_alive()))
}

struct Follow {
    engine: Engine,
    id: IncidentId,
    changes: Receiver<Change>,
    after: u64,
    ready: VecDeque<Event>,
    has_looked: bool,
}

impl Follow {
    /// The next event; `None` ends the stream, and the listener comes back with where it was.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.has_looked {
                self.wait().await?;
            }
            self.has_looked = true;
            let new = self.engine.store().load_ledger_after(&self.id, self.after).await.ok()?;
            for sealed in new {
                self.after = sealed.seq;
                self.ready.push_back(to_event(&sealed));
            }
        }
    }

    async fn wait(&mut self) -> Option<()> {
        loop {
            match self.changes.recv().await {
                Ok(change) if change.incident == self.id && change.seq > self.after => {
                    return Some(());
                }
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return Some(()),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

fn to_event(sealed: &Sealed) -> Event {
    let body: serde_json::Value = sealed
        .body
        .as_deref()
        .and_then(|body| serde_json::from_str(body).ok())
        .unwrap_or(serde_json::Value::Null);
    let data = serde_json::json!({
        "seq": sealed.seq,
        "at_ms": sealed.at.as_millisecond(),
        "kind": sealed.kind,
        "actor": sealed.actor,
        "body": body,
    });
    Event::default().id(sealed.seq.to_string()).event(&sealed.kind).data(data.to_string())
}
