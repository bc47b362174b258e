//! The guide (H1): for each person, at every moment, the two or three things to do now and the one not to do.
//!
//! A pure function of what somebody is to the incident and where the incident stands. The words themselves are in
//! the message catalogue, under `guide-` and the code of the line.

use crate::access::{Role, roles};
use crate::id::PersonId;
use crate::incident::Incident;
use crate::incident::escalation::{Standing, Status};
use crate::incident::timeline::EntryKind;

/// One line of advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Advice {
    /// It is sent; the most important thing is done.
    Sent,
    /// Call them yourself too.
    CallToo,
    /// Write what you saw.
    WriteWhatYouSaw,
    /// Tell somebody near you.
    TellSomebodyNear,
    /// Somebody has it; wait for their word.
    LeadHasIt,
    /// Tell the lead what you did, also what is hard to say.
    TellTheLead,
    /// Rest as soon as you are told you can.
    RestWhenYouCan,
    /// The record stays; a new report can be sent at any time.
    RecordStays,
    /// Answer: accept, promise, or say that you cannot.
    Answer,
    /// Thank them first.
    Thank,
    /// Listen without interrupting.
    Listen,
    /// Give one next step.
    OneNextStep,
    /// Call the reporter.
    CallReporter,
    /// Sort what is known from what is thought.
    SortFacts,
    /// Bring in by name whoever you need.
    BringIn,
    /// Read the time line first.
    ReadFirst,
    /// Say what you can do, and wait for the lead's word.
    OfferHelp,
    /// Nothing is asked of you now.
    NothingNow,
    /// Do not delete, restart or repair alone.
    NotAlone,
    /// Do not write to customers first.
    NotToCustomers,
    /// Do not ask why they did it.
    NotWhy,
    /// Do not guess in the column of facts.
    NotGuessing,
    /// Do not forward it.
    NotForward,
}

impl Advice {
    /// Every line, for the catalogue test.
    pub const ALL: [Self; 23] = [
        Self::Sent,
        Self::CallToo,
        Self::WriteWhatYouSaw,
        Self::TellSomebodyNear,
        Self::LeadHasIt,
        Self::TellTheLead,
        Self::RestWhenYouCan,
        Self::RecordStays,
        Self::Answer,
        Self::Thank,
        Self::Listen,
        Self::OneNextStep,
        Self::CallReporter,
        Self::SortFacts,
        Self::BringIn,
        Self::ReadFirst,
        Self::OfferHelp,
        Self::NothingNow,
        Self::NotAlone,
        Self::NotToCustomers,
        Self::NotWhy,
        Self::NotGuessing,
        Self::NotForward,
    ];

    /// The key of its words in the catalogue, after `guide-`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::CallToo => "call-too",
            Self::WriteWhatYouSaw => "write-what-you-saw",
            Self::TellSomebodyNear => "tell-somebody-near",
            Self::LeadHasIt => "lead-has-it",
            Self::TellTheLead => "tell-the-lead",
            Self::RestWhenYouCan => "rest-when-you-can",
            Self::RecordStays => "record-stays",
            Self::Answer => "answer",
            Self::Thank => "thank",
            Self::Listen => "listen",
            Self::OneNextStep => "one-next-step",
            Self::CallReporter => "call-reporter",
            Self::SortFacts => "sort-facts",
            Self::BringIn => "bring-in",
            Self::ReadFirst => "read-first",
            Self::OfferHelp => "offer-help",
            Self::NothingNow => "nothing-now",
            Self::NotAlone => "not-alone",
            Self::NotToCustomers => "not-to-customers",
            Self::NotWhy => "not-why",
            Self::NotGuessing => "not-guessing",
            Self::NotForward => "not-forward",
        }
    }
}

/// What to do now, and what not to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guide {
    /// One to three things.
    pub now: Vec<Advice>,
    /// One thing.
    pub not: Advice,
}

/// The guide of one person at this moment. `None` for somebody for whom the incident does not exist.
#[must_use]
pub fn guide(incident: &Incident, person: &PersonId) -> Option<Guide> {
    let roles = roles(incident, person);
    let escalation = incident.escalation.as_ref()?;
    let is = |role| roles.contains(&role);
    let guide = |now: &[Advice], not| Some(Guide { now: now.to_vec(), not });
    if is(Role::Stranger) {
        return None;
    }
    if incident.closed.is_some() {
        return guide(&[Advice::RestWhenYouCan, Advice::RecordStays], Advice::NotForward);
    }
    if is(Role::Lead) {
        let has_facts = incident
            .timeline
            .entries
            .iter()
            .filter_map(|entry| entry.statement.as_ref())
            .any(|statement| statement.kind == EntryKind::Fact);
        let last = if has_facts { Advice::BringIn } else { Advice::SortFacts };
        return guide(&[Advice::CallReporter, Advice::OneNextStep, last], Advice::NotWhy);
    }
    if is(Role::Reporter) {
        return match &escalation.status {
            Status::Calling | Status::Promised { .. } => {
                guide(&[Advice::Sent, Advice::CallToo, Advice::WriteWhatYouSaw], Advice::NotAlone)
            }
            Status::Accepted { .. } => guide(
                &[Advice::LeadHasIt, Advice::TellTheLead, Advice::WriteWhatYouSaw],
                Advice::NotToCustomers,
            ),
            Status::StoodDown { .. } => {
                guide(&[Advice::RecordStays, Advice::RestWhenYouCan], Advice::NotForward)
            }
        };
    }
    let standing = escalation.find(person).map(|called| &called.standing);
    let is_asked = matches!(
        standing,
        Some(Standing::Asked | Standing::StatedReached { .. } | Standing::Promised { .. })
    );
    if is_asked && escalation.is_open() {
        return guide(&[Advice::Answer, Advice::Thank, Advice::Listen], Advice::NotWhy);
    }
    match escalation.status {
        Status::Accepted { .. } if is(Role::BroughtIn) => {
            guide(&[Advice::ReadFirst, Advice::OfferHelp], Advice::NotGuessing)
        }
        Status::Accepted { .. }
        | Status::Calling
        | Status::Promised { .. }
        | Status::StoodDown { .. } => guide(&[Advice::NothingNow], Advice::NotForward),
    }
}
