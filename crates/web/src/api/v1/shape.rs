//! The shapes that calls answer with, and how they are made from the state.

use domain::directory::Directory;
use domain::id::PersonId;
use domain::incident::Incident;
use domain::incident::escalation::planner::Step;
use domain::incident::escalation::{Attempt, AttemptState, Standing, Status};
use domain::incident::report::Note;
use domain::incident::timeline::{Entry, EntryKind, Happened};
use domain::{access, time};
use engine::Engine;
use serde::Serialize;
use utoipa::ToSchema;

/// A person, by id and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct PersonRef {
    /// Their id.
    id: String,
    /// Their name.
    name: String,
}

impl PersonRef {
    pub(crate) fn of(directory: &Directory, person: &PersonId) -> Self {
        Self { id: person.to_string(), name: directory.name_of(person).to_owned() }
    }
}

/// One person of the responsible line.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LineMember {
    /// Who.
    person: PersonRef,
    /// Why them: `project_lead`, `manager`, ….
    because: &'static str,
    /// How long after the report they join; less when somebody before them cannot or cannot be reached.
    joins_after_ms: i64,
    /// Their telephone number: calling them yourself is always allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
}

/// The line of an incident, as it was drawn.
pub(crate) fn line(directory: &Directory, incident: &Incident) -> Vec<LineMember> {
    let Some(escalation) = incident.escalation.as_ref() else { return Vec::new() };
    let people = escalation.people.iter().enumerate();
    people
        .map(|(index, called)| LineMember {
            person: PersonRef::of(directory, &called.person),
            because: called.because.word(),
            joins_after_ms: called.joined_at.map_or_else(
                || time::millis(escalation.joins_after(index)),
                |at| time::millis(at.since(escalation.started_at)),
            ),
            phone: directory.phone_of(&called.person).map(str::to_owned),
        })
        .collect()
}

/// Something the caller should be told.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct NoteShape {
    /// `text_cut`, `text_repaired`, `project_unknown`, `everybody_away`, `nobody_to_call`, `promise_shortened`.
    code: &'static str,
    /// In words.
    detail: String,
}

impl From<&Note> for NoteShape {
    fn from(note: &Note) -> Self {
        let detail = match note {
            Note::TextCut { kept_chars, given_chars } => {
                format!("the text has {given_chars} characters, {kept_chars} are kept")
            }
            Note::TextRepaired => {
                "the text held bytes that are not UTF-8; they were replaced".to_owned()
            }
            Note::ProjectUnknown { project } => {
                format!("the project {project} is not in the directory; your own line is called")
            }
            Note::EverybodyAway => "everybody is away; they are called all the same".to_owned(),
            Note::NobodyToCall => "nobody is in the directory to be called".to_owned(),
            Note::PromiseShortened { minutes } => {
                format!("the promise was shortened to {minutes} minutes")
            }
        };
        Self { code: note.word(), detail }
    }
}

/// One person in the calling.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CalledShape {
    /// Who.
    person: PersonRef,
    /// Why them.
    because: &'static str,
    /// `waiting`, `asked`, `promised`, `stated_reached`, `cannot`, `handed_over` or `accepted`.
    standing: &'static str,
    /// When they joined.
    joined_at_ms: Option<i64>,
    /// Their telephone number.
    phone: Option<String>,
}

/// The calling.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct EscalationShape {
    /// `calling`, `promised`, `accepted` or `stood_down`.
    state: &'static str,
    /// Everybody in the line, in order.
    people: Vec<CalledShape>,
    /// When the next message will be sent or the next call made, if nobody answers.
    next_attempt_at_ms: Option<i64>,
    /// Until when a promise quiets the calling.
    promised_until_ms: Option<i64>,
    /// Since when somebody has it.
    accepted_at_ms: Option<i64>,
}

/// An incident.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct IncidentShape {
    /// Its id.
    id: String,
    /// Its page.
    url: String,
    /// `open` or `closed`.
    state: &'static str,
    /// `leak`, `data_loss`, `outage`, or nothing said.
    kind: Option<&'static str>,
    /// The project.
    project: Option<String>,
    /// Who reported.
    reporter: PersonRef,
    /// Who leads.
    lead: Option<PersonRef>,
    /// How far the news has been opened, 1 to 4.
    circle: u8,
    /// Whether it is a drill.
    is_drill: bool,
    /// When it was reported.
    opened_at_ms: i64,
    /// The number of its last event.
    seq: u64,
    /// The calling.
    escalation: EscalationShape,
    /// The time line, in the order in which things happened, corrected entries left out.
    entries: Vec<EntryShape>,
    /// Everybody for whom the incident exists.
    people: Vec<PersonRef>,
}

const fn standing_word(standing: &Standing) -> &'static str {
    match standing {
        Standing::Waiting => "waiting",
        Standing::Asked => "asked",
        Standing::Promised { .. } => "promised",
        Standing::StatedReached { .. } => "stated_reached",
        Standing::Cannot => "cannot",
        Standing::HandedOver { .. } => "handed_over",
        Standing::Accepted => "accepted",
    }
}

fn escalation(engine: &Engine, directory: &Directory, incident: &Incident) -> EscalationShape {
    let Some(escalation) = incident.escalation.as_ref() else {
        return EscalationShape {
            state: "calling",
            people: Vec::new(),
            next_attempt_at_ms: None,
            promised_until_ms: None,
            accepted_at_ms: None,
        };
    };
    let planned = escalation.attempts.iter().filter(|a| a.state == AttemptState::Planned);
    let planned = planned.map(|attempt| attempt.due_at).min();
    let upcoming = engine
        .upcoming(incident)
        .into_iter()
        .find(|(_, step)| matches!(step, Step::Silent(_) | Step::Call(_) | Step::Join(_)))
        .map(|(at, _)| at);
    let next = [planned, upcoming].into_iter().flatten().min();
    EscalationShape {
        state: escalation.status.word(),
        people: escalation
            .people
            .iter()
            .map(|called| CalledShape {
                person: PersonRef::of(directory, &called.person),
                because: called.because.word(),
                standing: standing_word(&called.standing),
                joined_at_ms: called.joined_at.map(time::Timestamp::as_millisecond),
                phone: directory.phone_of(&called.person).map(str::to_owned),
            })
            .collect(),
        next_attempt_at_ms: next.map(time::Timestamp::as_millisecond),
        promised_until_ms: match escalation.status {
            Status::Promised { until, .. } => Some(until.as_millisecond()),
            Status::Calling | Status::Accepted { .. } | Status::StoodDown { .. } => None,
        },
        accepted_at_ms: match escalation.status {
            Status::Accepted { at, .. } => Some(at.as_millisecond()),
            Status::Calling | Status::Promised { .. } | Status::StoodDown { .. } => None,
        },
    }
}

impl IncidentShape {
    pub(crate) fn of(engine: &Engine, incident: &Incident) -> Self {
        let world = engine.world();
        let directory = &world.directory;
        let received = &incident.report.received;
        let person = |id: &PersonId| PersonRef::of(directory, id);
        Self {
            id: incident.id.to_string(),
            url: incident_url(engine, incident),
            state: if incident.closed.is_some() { "closed" } else { "open" },
            kind: received.kind.map(domain::incident::report::Kind::word),
            project: received.project.as_ref().map(ToString::to_string),
            reporter: person(&received.reporter),
            lead: incident.escalation.as_ref().and_then(|e| e.lead()).map(person),
            circle: incident.membership.circle().number(),
            is_drill: received.is_drill,
            opened_at_ms: incident.report.at.as_millisecond(),
            seq: incident.seq,
            escalation: escalation(engine, directory, incident),
            entries: incident
                .timeline
                .current()
                .into_iter()
                .map(|entry| EntryShape::of(directory, entry))
                .collect(),
            people: access::who_may_see(incident).iter().map(person).collect(),
        }
    }
}

/// The page of an incident.
pub(crate) fn incident_url(engine: &Engine, incident: &Incident) -> String {
    format!("{}/incidents/{}", engine.public_url(), incident.id)
}

/// When something happened.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum HappenedShape {
    /// Exactly then.
    At {
        /// Milliseconds UTC.
        at_ms: i64,
    },
    /// About then.
    About {
        /// Milliseconds UTC.
        about_ms: i64,
    },
    /// Some time between.
    Between {
        /// Milliseconds UTC.
        from_ms: i64,
        /// Milliseconds UTC.
        to_ms: i64,
    },
}

impl From<Happened> for HappenedShape {
    fn from(happened: Happened) -> Self {
        match happened {
            Happened::At { at_ms } => Self::At { at_ms: at_ms.as_millisecond() },
            Happened::About { about_ms } => Self::About { about_ms: about_ms.as_millisecond() },
            Happened::Between { from_ms, to_ms } => {
                Self::Between { from_ms: from_ms.as_millisecond(), to_ms: to_ms.as_millisecond() }
            }
        }
    }
}

/// An entry on the time line.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct EntryShape {
    /// Its id.
    pub(crate) id: String,
    /// `report`, `fact`, `guess`, `unknown`, `action` or `decision`; nothing once redacted.
    kind: Option<&'static str>,
    /// In words; nothing once redacted.
    text: Option<String>,
    /// When it happened; nothing = not known.
    happened: Option<HappenedShape>,
    /// `saw`, `log`, `told` or `did`.
    source: Option<&'static str>,
    /// Where that can be looked up.
    source_ref: Option<String>,
    /// Who wrote it.
    author: PersonRef,
    /// When it was recorded.
    recorded_at_ms: i64,
    /// The entry that it corrects.
    corrects: Option<String>,
    /// Whether its words were erased.
    is_redacted: bool,
}

impl EntryShape {
    pub(crate) fn of(directory: &Directory, entry: &Entry) -> Self {
        let said = entry.statement.as_ref();
        Self {
            id: entry.id.to_string(),
            kind: said.map(|said| EntryKind::word(said.kind)),
            text: said.map(|said| said.text.clone()),
            happened: said.and_then(|said| said.happened).map(HappenedShape::from),
            source: said.and_then(|said| said.source).map(|source| source.word()),
            source_ref: said.and_then(|said| said.source_ref.clone()),
            author: PersonRef::of(directory, &entry.author),
            recorded_at_ms: entry.recorded_at.as_millisecond(),
            corrects: entry.corrects.as_ref().map(|(id, _)| id.to_string()),
            is_redacted: entry.redacted.is_some(),
        }
    }
}

/// One message to one person over one channel.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AttemptShape {
    /// Its id.
    id: String,
    /// To whom.
    person: PersonRef,
    /// By which channel.
    channel: String,
    /// Which contact, masked.
    hint: String,
    /// The how-manieth for this person and channel, from 1.
    number: u32,
    /// `summon`, `confirm`, `accepted` or `stood_down`.
    purpose: &'static str,
    /// `planned`, `handed_over`, `delivered`, `seen`, `picked_up`, `failed` or `cancelled`.
    state: &'static str,
    /// Why it failed, `timed_out` for example.
    why: Option<&'static str>,
    /// Why it is made: `joined`, `reminder`, `call`, `fallback`, `retry` or `news`.
    because: &'static str,
    /// When it is or was to be sent.
    planned_at_ms: i64,
    /// When the next machine took it.
    handed_over_at_ms: Option<i64>,
}

impl AttemptShape {
    pub(crate) fn of(directory: &Directory, attempt: &Attempt) -> Self {
        let has_left = attempt.state > AttemptState::Failed;
        let left_at = attempt.settled_at.filter(|_| has_left);
        Self {
            id: attempt.id.to_string(),
            person: PersonRef::of(directory, &attempt.person),
            channel: attempt.channel.clone(),
            hint: attempt.hint.clone(),
            number: attempt.number,
            purpose: attempt.purpose.word(),
            state: attempt.state.word(),
            why: attempt.why.map(|why| why.code()),
            because: attempt.because.word(),
            planned_at_ms: attempt.due_at.as_millisecond(),
            handed_over_at_ms: left_at.map(time::Timestamp::as_millisecond),
        }
    }
}
