//! Everything that can stand in an incident's ledger, as a public, versioned format.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::incident::circle::PersonBroughtIn;
use crate::incident::closing::IncidentClosed;
use crate::incident::escalation::event::{
    AnswerGiven, AttemptOutcome, AttemptPlanned, CallingStarted, LineExtended, LineRestarted,
    PersonJoined, PromiseLapsed, ReachedStated, StoodDown,
};
use crate::incident::report::ReportReceived;
use crate::incident::timeline::{EntryCorrected, EntryRedacted, Statement};

/// Something that happened to an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body")]
pub enum Event {
    /// The first report came in.
    #[serde(rename = "report.received")]
    ReportReceived(ReportReceived),
    /// The line was drawn.
    #[serde(rename = "calling.started")]
    CallingStarted(CallingStarted),
    /// The line was looked at again.
    #[serde(rename = "line.extended")]
    LineExtended(LineExtended),
    /// Everybody is asked once more.
    #[serde(rename = "line.restarted")]
    LineRestarted(LineRestarted),
    /// A person is called from now on.
    #[serde(rename = "person.joined")]
    PersonJoined(PersonJoined),
    /// A message is to be sent.
    #[serde(rename = "attempt.planned")]
    AttemptPlanned(AttemptPlanned),
    /// What came of it.
    #[serde(rename = "attempt.outcome")]
    AttemptOutcome(AttemptOutcome),
    /// A person answered.
    #[serde(rename = "answer.given")]
    AnswerGiven(AnswerGiven),
    /// A promise is over.
    #[serde(rename = "promise.lapsed")]
    PromiseLapsed(PromiseLapsed),
    /// The reporter reached somebody.
    #[serde(rename = "reached.stated")]
    ReachedStated(ReachedStated),
    /// The calling was taken back.
    #[serde(rename = "calling.stood_down")]
    StoodDown(StoodDown),
    /// Something was said.
    #[serde(rename = "entry.added")]
    EntryAdded(Statement),
    /// Something is said instead.
    #[serde(rename = "entry.corrected")]
    EntryCorrected(EntryCorrected),
    /// Words were erased.
    #[serde(rename = "entry.redacted")]
    EntryRedacted(EntryRedacted),
    /// Somebody may see it now.
    #[serde(rename = "person.brought_in")]
    PersonBroughtIn(PersonBroughtIn),
    /// It is over.
    #[serde(rename = "incident.closed")]
    IncidentClosed(IncidentClosed),
}

impl Event {
    /// The kind, as in the ledger.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ReportReceived(_) => "report.received",
            Self::CallingStarted(_) => "calling.started",
            Self::LineExtended(_) => "line.extended",
            Self::LineRestarted(_) => "line.restarted",
            Self::PersonJoined(_) => "person.joined",
            Self::AttemptPlanned(_) => "attempt.planned",
            Self::AttemptOutcome(_) => "attempt.outcome",
            Self::AnswerGiven(_) => "answer.given",
            Self::PromiseLapsed(_) => "promise.lapsed",
            Self::ReachedStated(_) => "reached.stated",
            Self::StoodDown(_) => "calling.stood_down",
            Self::EntryAdded(_) => ENTRY_ADDED,
            Self::EntryCorrected(_) => ENTRY_CORRECTED,
            Self::EntryRedacted(_) => "entry.redacted",
            Self::PersonBroughtIn(_) => "person.brought_in",
            Self::IncidentClosed(_) => "incident.closed",
        }
    }

    /// The version of the body that this program writes.
    #[must_use]
    pub const fn version(&self) -> u32 {
        1
    }

    /// The body.
    ///
    /// # Errors
    /// Never for the types above; the signature is that of the library.
    pub fn body(&self) -> Result<Value, serde_json::Error> {
        let mut whole = serde_json::to_value(self)?;
        let body = whole.get_mut("body").map(Value::take);
        Ok(body.unwrap_or_else(|| Value::Object(Map::new())))
    }

    /// Reads an event back.
    #[must_use]
    pub fn read(kind: &str, version: u32, body: Option<&str>) -> Recorded {
        let Some(body) = body else { return Recorded::Redacted { kind: kind.to_owned() } };
        let unknown = || Recorded::Unknown { kind: kind.to_owned(), version };
        if version != 1 {
            return unknown();
        }
        let Ok(body) = serde_json::from_str::<Value>(body) else { return unknown() };
        let mut whole = Map::new();
        whole.insert("kind".into(), Value::String(kind.to_owned()));
        whole.insert("body".into(), body);
        serde_json::from_value(Value::Object(whole))
            .map_or_else(|_| unknown(), |event| Recorded::Known(Box::new(event)))
    }
}

/// The kind of [`Event::EntryAdded`].
pub const ENTRY_ADDED: &str = "entry.added";
/// The kind of [`Event::EntryCorrected`].
pub const ENTRY_CORRECTED: &str = "entry.corrected";

/// An event as it was read from the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// One that this program knows.
    Known(Box<Event>),
    /// One whose body was erased.
    Redacted {
        /// Its kind.
        kind: String,
    },
    /// One that a later version wrote. Kept, exported and verified; left out of the fold.
    Unknown {
        /// Its kind.
        kind: String,
        /// Its version.
        version: u32,
    },
}
