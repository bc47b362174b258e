//! The incidents that exist for the reader.

use std::convert::Infallible;

use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use domain::id::PersonId;
use futures_util::stream;
use store::{Cursor, Escalation, IncidentRow, IncidentState, ListFilter};

use tokio::sync::broadcast::error::RecvError;

use crate::page::Visit;
use crate::page::show::{self, either, heading, is_fragment};
use crate::sse::keep_alive;
use crate::view::Section;
use crate::view::calling::State;
use crate::view::incidents::{Incidents, Item};

/// How many incidents a page has.
const PAGE: u32 = 30;

/// The list, newest first.
pub(crate) async fn show(visit: Visit) -> Response {
    either(list(&visit).await)
}

/// A sign for each change of an incident that exists for the reader. It carries nothing but that.
pub(crate) async fn live(visit: Visit) -> Response {
    let engine = visit.app.engine().clone();
    // Listening begins before anything is shown, so that nothing falls in between.
    let changes = engine.listen();
    let person = match visit.signed_in() {
        Ok(signed_in) => signed_in.person.clone(),
        Err(response) => return *response,
    };
    let events = stream::unfold((changes, engine, person), |(mut changes, engine, person)| async {
        loop {
            let is_theirs = match changes.recv().await {
                Ok(change) => engine.load_for(&change.incident, &person).await.is_ok(),
                Err(RecvError::Lagged(_)) => true,
                Err(RecvError::Closed) => return None,
            };
            if is_theirs {
                let event = Event::default().event("change").data("1");
                return Some((Ok::<Event, Infallible>(event), (changes, engine, person)));
            }
        }
    });
    Sse::new(events).keep_alive(keep_alive()).into_response()
}

async fn list(visit: &Visit) -> Result<Response, Box<Response>> {
    let person = visit.signed_in()?.person.clone();
    let query = show::query(visit);
    let is_open = query.text("state") != "closed";
    let after: Option<Cursor> = match query.given("after").map(str::parse) {
        None => None,
        Some(Ok(cursor)) => Some(cursor),
        Some(Err(())) => {
            return Err(Box::new(visit.form_is_broken(StatusCode::UNPROCESSABLE_ENTITY)));
        }
    };
    let filter = ListFilter {
        state: Some(if is_open { IncidentState::Open } else { IncidentState::Closed }),
        visible_to: Some(person),
        after,
        limit: PAGE.saturating_add(1),
    };
    let rows = visit.app.engine().store().list_incidents(&filter).await;
    let mut rows = rows.map_err(|why| Box::new(visit.refused(&why.into(), "", Vec::new())))?;
    let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let has_more = rows.len() > page;
    rows.truncate(page);
    let state = if is_open { "open" } else { "closed" };
    let next = rows.last().filter(|_| has_more).map(IncidentRow::cursor);
    let mut items = Vec::with_capacity(rows.len());
    for row in &rows {
        items.push(item(visit, row).await);
    }
    let view = Incidents {
        w: visit.w,
        page: visit.page(Section::Incidents, visit.w.t("incidents-title")),
        is_open,
        items,
        next_url: next.map(|cursor| format!("/incidents?state={state}&after={cursor}")),
    };
    Ok(if is_fragment(visit, "live") { visit.ok(&view.as_live()) } else { visit.ok(&view) })
}

async fn item(visit: &Visit, row: &IncidentRow) -> Item {
    let engine = visit.app.engine();
    let world = engine.world();
    let summary = &row.summary;
    let name = |person: &PersonId| world.directory.name_of(person).to_owned();
    // The first words are not in the list's table; without them the line of the button stands for them.
    let incident = engine.load(&row.id).await.ok().flatten();
    let words = incident.map(|incident| heading(visit.w, &incident));
    Item {
        url: format!("/incidents/{}", row.id),
        heading: words.unwrap_or_else(|| visit.w.t("message-urgent")),
        is_drill: summary.is_drill,
        state: match (summary.state, summary.escalation) {
            (IncidentState::Closed, _) => State::Closed,
            (IncidentState::Open, Escalation::Calling) => State::Calling,
            (IncidentState::Open, Escalation::Promised) => State::Promised,
            (IncidentState::Open, Escalation::Accepted) => State::Accepted,
            (IncidentState::Open, Escalation::StoodDown) => State::StoodDown,
        },
        reporter: name(&summary.reporter),
        reported_at: visit.clock(summary.opened_at),
        lead: summary.lead.as_ref().map(name),
    }
}
