//! An incident: everything that follows one first report.
//!
//! One module for each capability; this file composes them and holds no rule of its own. [`open`] and [`decide`]
//! turn a command into events, purely; [`Incident::evolve`] (in `fold`) folds events into the state. Nothing else is the truth.

pub mod circle;
pub mod closing;
pub mod escalation;
pub mod event;
mod fold;
mod refusal;
pub mod report;
pub mod timeline;

use std::collections::BTreeSet;

pub use event::{Event, Recorded};
pub use refusal::Refusal;

use crate::access;
use crate::directory::Directory;
use crate::id::{AttemptId, EntryId, IncidentId, PersonId, ProjectId};
use crate::incident::circle::{Membership, PersonBroughtIn};
use crate::incident::closing::{Closed, IncidentClosed};
use crate::incident::escalation::planner::{self, Reach};
use crate::incident::escalation::reply::{self, Reply};
use crate::incident::escalation::{Escalation, How, Status};
use crate::incident::report::{FirstReport, Note, Report, ReportReceived, Via, keep_text};
use crate::incident::timeline::{
    EntryCorrected, EntryKind, EntryRedacted, Happened, Place, Statement, Timeline,
};
use crate::policy::Policy;
use crate::port::{Manner, Outcome};
use crate::route::{Channels, Routes, routes};
use crate::time::Timestamp;

/// The actor of what ippo does by itself.
pub const SYSTEM: &str = "system";

/// The state of an incident: the fold of its ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// The number of its last event.
    pub seq: u64,
    /// The first report.
    pub report: Report,
    /// The calling. `None` only between the first two events.
    pub escalation: Option<Escalation>,
    /// The time line.
    pub timeline: Timeline,
    /// Who was brought in.
    pub membership: Membership,
    /// Who closed it.
    pub closed: Option<Closed>,
}

/// What a decision looks at besides the state.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The time.
    pub now: Timestamp,
    /// Who there is.
    pub directory: &'a Directory,
    /// Which channels are set up.
    pub channels: &'a Channels,
    /// How people are called; used when a calling starts.
    pub policy: &'a Policy,
    /// Attempts that are being sent at this moment.
    pub in_flight: &'a BTreeSet<AttemptId>,
}

/// Who gives a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person.
    Person(PersonId),
    /// ippo itself.
    System,
}

impl Actor {
    /// As in the ledger.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Person(person) => person.as_str(),
            Self::System => SYSTEM,
        }
    }
}

/// What can be asked of an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// More words under the same report.
    AddWords {
        /// The words.
        text: String,
    },
    /// Time has passed.
    Tick,
    /// An attempt came to something.
    Settle {
        /// Which.
        attempt: AttemptId,
        /// To what.
        outcome: Outcome,
    },
    /// An attempt is no longer wanted and was not sent.
    Withdraw {
        /// Which.
        attempt: AttemptId,
    },
    /// Somebody answers.
    Answer {
        /// What.
        reply: Reply,
        /// From where.
        via: Via,
    },
    /// "I reached them myself."
    StateReached {
        /// Whom.
        person: PersonId,
        /// How.
        how: How,
    },
    /// It is over, or was nothing.
    StandDown {
        /// Why; may be empty.
        why: String,
    },
    /// Says something.
    AddEntry {
        /// What.
        statement: Statement,
    },
    /// Says something instead.
    CorrectEntry {
        /// Instead of what.
        entry: EntryId,
        /// What.
        statement: Statement,
        /// Why.
        why: String,
    },
    /// Erases words.
    RedactEntry {
        /// Of which entry.
        entry: EntryId,
        /// Why.
        why: String,
    },
    /// Lets somebody see the incident.
    BringIn {
        /// Whom.
        person: PersonId,
    },
    /// Ends it.
    Close {
        /// A last word.
        note: String,
    },
}

/// A message that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Send {
    /// Which attempt it is.
    pub attempt: AttemptId,
    /// To whom.
    pub person: PersonId,
    /// By which channel.
    pub channel: String,
    /// To which address. Never in the ledger.
    pub address: String,
    /// When.
    pub due_at: Timestamp,
}

/// What was decided.
#[derive(Debug, Clone)]
pub struct Decision {
    /// What has happened, in order. Empty: nothing had to.
    pub events: Vec<Event>,
    /// The state after it.
    pub state: Incident,
    /// What is to be sent.
    pub sends: Vec<Send>,
    /// What whoever asked should be told.
    pub notes: Vec<Note>,
    /// When to look at the incident next.
    pub wake_up: Option<Timestamp>,
}

/// A decision in the making.
pub(crate) struct Draft<'a> {
    pub(crate) facts: Facts<'a>,
    pub(crate) state: Incident,
    pub(crate) sends: Vec<Send>,
    pub(crate) notes: Vec<Note>,
    events: Vec<Event>,
    actor: &'a str,
}

impl Draft<'_> {
    pub(crate) fn record(&mut self, event: Event) {
        let seq = self.state.seq.saturating_add(1);
        self.state.evolve(
            &Recorded::Known(Box::new(event.clone())),
            Place { seq, at: self.facts.now, actor: self.actor },
        );
        self.events.push(event);
    }

    pub(crate) fn routes(&self, person: &PersonId) -> Routes {
        let policy = self.state.escalation.as_ref().map_or(self.facts.policy, |e| &e.policy);
        routes(self.facts.directory, self.facts.channels, policy, person)
    }

    pub(crate) fn reach(&self, person: &PersonId) -> Reach {
        Reach::from(&self.routes(person))
    }

    pub(crate) fn is_call(&self, channel: &str) -> bool {
        self.facts.channels.get(channel) == Some(&Manner::Voice)
    }

    pub(crate) fn status(&self) -> Option<&Status> {
        self.state.escalation.as_ref().map(|escalation| &escalation.status)
    }

    pub(crate) fn lead(&self) -> Option<&PersonId> {
        self.state.escalation.as_ref().and_then(Escalation::lead)
    }

    fn finish(self) -> Decision {
        let reach = |person: &PersonId| self.reach(person);
        let wake_up = self
            .state
            .escalation
            .as_ref()
            .filter(|_| self.state.closed.is_none())
            .and_then(|escalation| planner::next_wake_up(escalation, &reach, self.facts.now));
        Decision {
            wake_up,
            events: self.events,
            state: self.state,
            sends: self.sends,
            notes: self.notes,
        }
    }
}

/// Takes a first report (A1). Never refused: an empty one is valid, an unknown project is said and gone round.
#[must_use]
pub fn open(id: IncidentId, report: &FirstReport, facts: Facts<'_>) -> Decision {
    let mut notes = Vec::new();
    let named = report.project.as_deref().map(str::trim).filter(|project| !project.is_empty());
    let known =
        named.map(ProjectId::new).filter(|project| facts.directory.projects.contains_key(project));
    let unknown = named.filter(|_| known.is_none()).map(|project| keep_text(project).0);
    if let Some(project) = &unknown {
        notes.push(Note::ProjectUnknown { project: project.clone() });
    }
    let received = ReportReceived {
        reporter: report.reporter.clone(),
        project: known,
        project_unknown: unknown,
        kind: report.kind,
        happened: report.happened,
        via: report.via,
        is_sign_in_expired: report.is_sign_in_expired,
        is_drill: false,
    };
    let event = Event::ReportReceived(received.clone());
    let state = Incident {
        id,
        seq: 1,
        report: Report { received, at: facts.now },
        escalation: None,
        timeline: Timeline::default(),
        membership: Membership::default(),
        closed: None,
    };
    let actor = report.reporter.clone();
    let mut draft = Draft {
        facts,
        state,
        sends: Vec::new(),
        notes,
        events: vec![event],
        actor: actor.as_str(),
    };
    if report.is_text_repaired {
        draft.notes.push(Note::TextRepaired);
    }
    add_words(&mut draft, &report.text);
    escalation::decide::start(&mut draft);
    draft.finish()
}

/// Decides what follows from `command`.
///
/// # Errors
/// A [`Refusal`] when the product says no; the state is then as before.
pub fn decide(
    incident: &Incident,
    actor: &Actor,
    command: &Command,
    facts: Facts<'_>,
) -> Result<Decision, Refusal> {
    if let Actor::Person(person) = actor {
        access::check_command(incident, person, command)?;
    }
    let mut draft = Draft {
        facts,
        state: incident.clone(),
        sends: Vec::new(),
        notes: Vec::new(),
        events: Vec::new(),
        actor: actor.as_str(),
    };
    let is_closed = incident.closed.is_some();
    match command {
        Command::Tick if is_closed => {}
        Command::Tick => escalation::decide::tick(&mut draft),
        Command::Settle { attempt, outcome } => {
            escalation::decide::settle(&mut draft, attempt, outcome)?;
        }
        Command::Withdraw { attempt } => {
            let planned = incident.escalation.as_ref().and_then(|e| e.find_attempt(attempt));
            let planned = planned.ok_or(Refusal::UnknownAttempt)?;
            if planned.state == escalation::AttemptState::Planned {
                reply::cancel(&mut draft, attempt.clone());
            }
        }
        // A secret that is found later must still be erasable.
        Command::RedactEntry { entry, why } => redact(&mut draft, entry, why)?,
        _ if is_closed => return Err(Refusal::Closed),
        Command::AddWords { text } => add_words(&mut draft, text),
        Command::Answer { reply, via } => {
            let Actor::Person(person) = actor else { return Err(Refusal::NotAsked) };
            reply::answer(&mut draft, person, reply, *via)?;
        }
        Command::StateReached { person, how } => {
            reply::state_reached(&mut draft, person, *how)?;
        }
        Command::StandDown { why } => reply::stand_down(&mut draft, actor, &keep_text(why).0)?,
        Command::AddEntry { statement } => {
            let statement = check_statement(&mut draft, statement)?;
            draft.record(Event::EntryAdded(statement));
        }
        Command::CorrectEntry { entry, statement, why } => {
            correct(&mut draft, entry, statement, why)?;
        }
        Command::BringIn { person } => bring_in(&mut draft, person)?,
        Command::Close { note } => {
            if incident.escalation.as_ref().is_none_or(Escalation::is_open) {
                return Err(Refusal::StillCalling);
            }
            draft.record(Event::IncidentClosed(IncidentClosed { note: keep_text(note).0 }));
        }
    }
    Ok(draft.finish())
}

fn add_words(draft: &mut Draft<'_>, text: &str) {
    let (text, note) = keep_text(text);
    draft.notes.extend(note);
    if !text.is_empty() {
        draft.record(Event::EntryAdded(Statement {
            kind: EntryKind::Report,
            text,
            happened: None,
            source: None,
            source_ref: None,
            chip: None,
        }));
    }
}

fn check_statement(draft: &mut Draft<'_>, given: &Statement) -> Result<Statement, Refusal> {
    let (text, note) = keep_text(&given.text);
    draft.notes.extend(note);
    if text.is_empty() {
        return Err(Refusal::EmptyText);
    }
    if let Some(Happened::Between { from_ms, to_ms }) = given.happened
        && to_ms < from_ms
    {
        return Err(Refusal::TimeReversed);
    }
    let source_ref = given.source_ref.as_deref().map(|text| keep_text(text).0);
    let source_ref = source_ref.filter(|text| !text.is_empty());
    Ok(Statement { text, source_ref, ..given.clone() })
}

fn correct(
    draft: &mut Draft<'_>,
    entry: &EntryId,
    statement: &Statement,
    why: &str,
) -> Result<(), Refusal> {
    let statement = check_statement(draft, statement)?;
    let why = keep_text(why).0;
    let old = draft.state.timeline.find(entry).ok_or(Refusal::UnknownEntry)?;
    if old.corrected_by.is_some() {
        return Err(Refusal::EntryCorrected);
    }
    if old.redacted.is_some() {
        return Err(Refusal::EntryRedacted);
    }
    if why.is_empty() {
        return Err(Refusal::EmptyWhy);
    }
    draft.record(Event::EntryCorrected(EntryCorrected { entry: entry.clone(), statement, why }));
    Ok(())
}

fn redact(draft: &mut Draft<'_>, entry: &EntryId, why: &str) -> Result<(), Refusal> {
    let why = keep_text(why).0;
    let old = draft.state.timeline.find(entry).ok_or(Refusal::UnknownEntry)?;
    if old.redacted.is_some() {
        return Err(Refusal::EntryRedacted);
    }
    if why.is_empty() {
        return Err(Refusal::EmptyWhy);
    }
    let redacted = EntryRedacted {
        entry: entry.clone(),
        seq: old.seq,
        why,
        supersedes: old.corrects.as_ref().map(|(corrected, _)| corrected.clone()),
    };
    draft.record(Event::EntryRedacted(redacted));
    Ok(())
}

fn bring_in(draft: &mut Draft<'_>, person: &PersonId) -> Result<(), Refusal> {
    if draft.facts.directory.find_person(person).is_none() {
        return Err(Refusal::UnknownPerson { person: person.to_string() });
    }
    if !access::may_see(&draft.state, person) {
        draft.record(Event::PersonBroughtIn(PersonBroughtIn { person: person.clone() }));
    }
    Ok(())
}
