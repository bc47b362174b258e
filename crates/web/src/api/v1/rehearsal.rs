//! `GET /rehearsal`: who would be called when (B6).

use axum::Json;
use domain::id::PersonId;
use domain::rehearsal::{HORIZON, Question, Rehearsal};
use domain::time::{Timestamp, millis};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::body::{Asked, wrong};
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::api::v1::shape::PersonRef;

/// What to rehearse.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct RehearsalQuery {
    /// Who would report; nothing = the caller.
    reporter: Option<String>,
    /// On which project.
    project: Option<String>,
    /// When, RFC 3339 or milliseconds UTC; nothing = now.
    at: Option<String>,
}

/// One person of the line.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RehearsedPerson {
    person: PersonRef,
    because: &'static str,
    /// Nothing when that is later than the rehearsal looks.
    joins_after_ms: Option<i64>,
    /// Their telephone number: calling them yourself is always allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
}

/// One message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RehearsedMessage {
    after_ms: i64,
    person: PersonRef,
    channel: String,
    because: &'static str,
}

/// A hole in the line.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RehearsedProblem {
    /// `no_route`, `no_voice`, `one_deep`, `everybody_away`, ….
    code: &'static str,
    /// Whom it is about.
    person: Option<PersonRef>,
}

/// What would happen.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RehearsalAnswer {
    line: Vec<RehearsedPerson>,
    steps: Vec<RehearsedMessage>,
    problems: Vec<RehearsedProblem>,
}

/// Plays a calling through without calling anybody.
#[utoipa::path(get, path = "/api/v1/rehearsal", tag = "rehearsal", params(RehearsalQuery),
    responses((status = 200, body = RehearsalAnswer), (status = 422, body = Problem)))]
pub(crate) async fn show(
    caller: Caller,
    Asked(query): Asked<RehearsalQuery>,
) -> Result<Json<RehearsalAnswer>, Problem> {
    let engine = caller.app.engine();
    let at = match query.at.as_deref().map(read_moment) {
        None => engine.now(),
        Some(Some(at)) => at,
        Some(None) => {
            return Err(wrong("at", "RFC 3339, 2026-12-30T03:00:00+09:00 for example").into());
        }
    };
    let reporter = query.reporter.as_deref().map_or_else(|| caller.person.clone(), PersonId::new);
    let question =
        Question { reporter: &reporter, project: query.project.as_deref(), at, horizon: HORIZON };
    let rehearsal = engine.rehearse(&question);
    let world = engine.world();
    Ok(Json(shape(&rehearsal, &world.directory)))
}

/// A moment as RFC 3339 or as milliseconds.
pub(crate) fn read_moment(text: &str) -> Option<Timestamp> {
    if let Ok(ms) = text.parse::<i64>() {
        return Some(Timestamp::from_millisecond(ms));
    }
    // A plus sign in a query stands for a space when it was not escaped.
    let text = text.trim().replace(' ', "+");
    text.parse::<jiff::Timestamp>().ok().map(Timestamp::from)
}

fn shape(rehearsal: &Rehearsal, directory: &domain::directory::Directory) -> RehearsalAnswer {
    let person = |id: &PersonId| PersonRef::of(directory, id);
    RehearsalAnswer {
        line: rehearsal
            .line
            .iter()
            .map(|found| RehearsedPerson {
                person: person(&found.member.person),
                because: found.member.because.word(),
                joins_after_ms: found.joins_after.map(millis),
                phone: directory.phone_of(&found.member.person).map(str::to_owned),
            })
            .collect(),
        steps: rehearsal
            .steps
            .iter()
            .map(|step| RehearsedMessage {
                after_ms: millis(step.after),
                person: person(&step.person),
                channel: step.channel.clone(),
                because: step.because.word(),
            })
            .collect(),
        problems: rehearsal
            .problems
            .iter()
            .map(|problem| RehearsedProblem {
                code: problem.word(),
                person: problem.person().map(person),
            })
            .collect(),
    }
}
