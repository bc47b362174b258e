//! Why a command is refused, in words a person can act on.

use crate::id::PersonId;

/// A "no" of the product.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It does not exist, or not for the one who asks; the two are not told apart.
    #[error("there is no such incident for you")]
    NotFound,
    /// Only certain people may do this.
    #[error("only {who} may do this")]
    NotYours {
        /// Who may.
        who: &'static str,
    },
    /// The person is not asked for an answer.
    #[error("you are not asked for an answer to this incident")]
    NotAsked,
    /// Somebody has it already.
    #[error("{lead} has already accepted")]
    AlreadyAccepted {
        /// Who.
        lead: PersonId,
    },
    /// The calling was stood down.
    #[error("the calling was stood down")]
    StoodDown,
    /// The incident is closed.
    #[error("the incident is closed")]
    Closed,
    /// Somebody still has to be reached.
    #[error("people are still being called")]
    StillCalling,
    /// The directory does not know the person.
    #[error("{person} is not in the directory")]
    UnknownPerson {
        /// As given.
        person: String,
    },
    /// That person cannot take it.
    #[error("it cannot be handed to {person}")]
    CannotHandOverTo {
        /// Who.
        person: PersonId,
    },
    /// No such attempt.
    #[error("there is no such attempt")]
    UnknownAttempt,
    /// No such entry.
    #[error("there is no such entry")]
    UnknownEntry,
    /// The entry's words have been erased.
    #[error("the entry has been redacted")]
    EntryRedacted,
    /// The entry has been corrected already; the newest one is to be corrected.
    #[error("the entry has been corrected already")]
    EntryCorrected,
    /// An entry needs words.
    #[error("the text is empty")]
    EmptyText,
    /// A reason is needed.
    #[error("the reason is empty")]
    EmptyWhy,
    /// The time range ends before it begins.
    #[error("the time ends before it begins")]
    TimeReversed,
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::NotYours { .. } => "not_yours",
            Self::NotAsked => "not_asked",
            Self::AlreadyAccepted { .. } => "already_accepted",
            Self::StoodDown => "stood_down",
            Self::Closed => "incident_closed",
            Self::StillCalling => "still_calling",
            Self::UnknownPerson { .. } => "unknown_person",
            Self::CannotHandOverTo { .. } => "cannot_hand_over_to",
            Self::UnknownAttempt => "unknown_attempt",
            Self::UnknownEntry => "unknown_entry",
            Self::EntryRedacted => "entry_redacted",
            Self::EntryCorrected => "entry_corrected",
            Self::EmptyText => "empty_text",
            Self::EmptyWhy => "empty_why",
            Self::TimeReversed => "time_reversed",
        }
    }

    /// What to do now.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::NotFound => "check the id, or ask the lead to bring you in by name",
            Self::NotYours { .. } => "ask one of them",
            Self::NotAsked => "ask the lead, if you have something to say",
            Self::AlreadyAccepted { .. } => {
                "talk to the person named; they can hand it over to you"
            }
            Self::StoodDown => "send a new report if it is urgent after all",
            Self::Closed => "send a new report if something new has happened",
            Self::StillCalling => "wait until somebody has accepted, or stand the calling down",
            Self::UnknownPerson { .. } => "give the id of a person in the directory",
            Self::CannotHandOverTo { .. } => "name another colleague, not yourself or the reporter",
            Self::UnknownAttempt => "list the incident's attempts for their ids",
            Self::UnknownEntry => "look at the incident for the ids of its entries",
            Self::EntryRedacted => "add a new entry instead",
            Self::EntryCorrected => "correct the entry that corrected it",
            Self::EmptyText => "write what happened, in one line",
            Self::EmptyWhy => "write why, in one line",
            Self::TimeReversed => "give the earlier time first",
        }
    }
}
