//! The calling (B2–B4): who is asked, what was tried, what they answered.
//!
//! The state here is a fold of events. [`planner`] says what is due; [`decide`] and [`reply`] turn what is
//! due, what came back and what people answered into events. Delivered, seen or picked up is not an answer: only a person's own word
//! changes [`Status`].

pub mod decide;
pub mod event;
mod evolve;
pub mod planner;
pub mod reply;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::{AttemptId, PersonId};
use crate::incident::report::Via;
use crate::line::{Because, PassedOver};
use crate::policy::Policy;
use crate::port::{Proof, Purpose, Why};
use crate::time::Timestamp;

/// Where the calling as a whole stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Nobody has it yet.
    Calling,
    /// Somebody said "with you in N minutes". Calling resumes by itself at `until`.
    Promised {
        /// Who.
        by: PersonId,
        /// Until when nobody is called.
        until: Timestamp,
    },
    /// A human has it.
    Accepted {
        /// The lead.
        lead: PersonId,
        /// Since when.
        at: Timestamp,
    },
    /// The reporter or the lead took it back. What was sent stays sent.
    StoodDown {
        /// Who.
        by: PersonId,
        /// When.
        at: Timestamp,
        /// Why.
        why: String,
    },
}

impl Status {
    /// The word for it, as in the API.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Calling => "calling",
            Self::Promised { .. } => "promised",
            Self::Accepted { .. } => "accepted",
            Self::StoodDown { .. } => "stood_down",
        }
    }
}

/// Where one person stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Not yet called.
    Waiting,
    /// Is being called.
    Asked,
    /// Promised for the second time: only the calls to them pause.
    Promised {
        /// Until when.
        until: Timestamp,
    },
    /// The reporter says they reached them; they are asked to confirm.
    StatedReached {
        /// How.
        how: How,
        /// When calling them resumes if they do not confirm.
        until: Timestamp,
    },
    /// Said they cannot.
    Cannot,
    /// Named somebody else.
    HandedOver {
        /// Whom.
        to: PersonId,
    },
    /// Has it.
    Accepted,
}

/// How the reporter reached somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// By telephone.
    Phone,
    /// Face to face.
    InPerson,
}

/// An answer of a person who is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// "I have it."
    Accept,
    /// "With you in N minutes."
    Promise {
        /// Until when.
        until_ms: Timestamp,
        /// As they said it.
        minutes: u32,
    },
    /// "I cannot."
    Cannot,
    /// "They should have it."
    HandOver {
        /// Who.
        to: PersonId,
    },
}

impl Answer {
    /// The word for it, as in the API.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Promise { .. } => "promise",
            Self::Cannot => "cannot",
            Self::HandOver { .. } => "hand_over",
        }
    }
}

/// An answer with its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Who.
    pub person: PersonId,
    /// What.
    pub answer: Answer,
    /// From where.
    pub via: Via,
    /// When.
    pub at: Timestamp,
}

/// One person in the calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// Who.
    pub person: PersonId,
    /// Why them.
    pub because: Because,
    /// When they joined; `None` while they wait.
    pub joined_at: Option<Timestamp>,
    /// Where they stand.
    pub standing: Standing,
    /// When the last round of silent channels began.
    pub silent_at: Option<Timestamp>,
    /// When each call was planned.
    pub calls: Vec<Timestamp>,
    /// How many promises they made.
    pub promises: u32,
    /// Contacts that were refused for good, as (channel, hint).
    pub dead: Vec<(String, String)>,
}

/// How far an attempt has come. The order is the order of progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// Will be sent at its time.
    Planned,
    /// Was not sent, because it was no longer needed.
    Cancelled,
    /// Did not arrive.
    Failed,
    /// The next machine has it.
    HandedOver,
    /// It is on their device or in their mailbox.
    Delivered,
    /// They opened it.
    Seen,
    /// The telephone was picked up.
    PickedUp,
}

impl AttemptState {
    /// The word for it, as in the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::HandedOver => "handed_over",
            Self::Delivered => "delivered",
            Self::Seen => "seen",
            Self::PickedUp => "picked_up",
        }
    }
}

impl From<Proof> for AttemptState {
    fn from(proof: Proof) -> Self {
        match proof {
            Proof::HandedOver => Self::HandedOver,
            Proof::Delivered => Self::Delivered,
            Proof::Seen => Self::Seen,
            Proof::PickedUp => Self::PickedUp,
        }
    }
}

/// Why an attempt is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptWhy {
    /// The person has just joined.
    Joined,
    /// Nobody has answered yet.
    Reminder,
    /// It is time to ring.
    Call,
    /// Another way failed.
    Fallback,
    /// The same way failed for a moment.
    Retry,
    /// Something to know, no answer asked.
    News,
}

impl AttemptWhy {
    /// The word for it, as in the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Joined => "joined",
            Self::Reminder => "reminder",
            Self::Call => "call",
            Self::Fallback => "fallback",
            Self::Retry => "retry",
            Self::News => "news",
        }
    }
}

/// One message to one person over one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// To whom.
    pub person: PersonId,
    /// By which channel.
    pub channel: String,
    /// Which contact, masked.
    pub hint: String,
    /// The how-manieth for this person and channel, from 1.
    pub number: u32,
    /// What for.
    pub purpose: Purpose,
    /// Why now.
    pub because: AttemptWhy,
    /// When it was planned.
    pub planned_at: Timestamp,
    /// When it is to be sent.
    pub due_at: Timestamp,
    /// How far it has come.
    pub state: AttemptState,
    /// Why it failed.
    pub why: Option<Why>,
    /// When the outcome was recorded.
    pub settled_at: Option<Timestamp>,
}

/// The state of this capability.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalation {
    /// The policy this calling began with.
    pub policy: Policy,
    /// When it began.
    pub started_at: Timestamp,
    /// Where it stands.
    pub status: Status,
    /// The line, in order; people who are named later are added at its end.
    pub people: Vec<Called>,
    /// Who was passed over, being away.
    pub passed_over: Vec<PassedOver>,
    /// When somebody last joined.
    pub climbed_at: Timestamp,
    /// When somebody last joined or answered, or the line was last drawn anew or begun again: the last of these in
    /// the order of the ledger, whatever the clock said.
    pub changed_at: Timestamp,
    /// A hand-over that waits for its answer.
    pub hand_over_to: Option<PersonId>,
    /// Every attempt, in the order of planning.
    pub attempts: Vec<Attempt>,
    /// Every answer, in order.
    pub answers: Vec<Given>,
}

impl Escalation {
    /// The person in the calling.
    #[must_use]
    pub fn find(&self, person: &PersonId) -> Option<&Called> {
        self.people.iter().find(|called| called.person == *person)
    }

    /// The attempt of that id.
    #[must_use]
    pub fn find_attempt(&self, id: &AttemptId) -> Option<&Attempt> {
        self.attempts.iter().rev().find(|attempt| attempt.id == *id)
    }

    /// The lead, once somebody has accepted.
    #[must_use]
    pub const fn lead(&self) -> Option<&PersonId> {
        match &self.status {
            Status::Accepted { lead, .. } => Some(lead),
            Status::Calling | Status::Promised { .. } | Status::StoodDown { .. } => None,
        }
    }

    /// Whether somebody still has to be reached.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        match self.status {
            Status::Calling | Status::Promised { .. } => true,
            Status::Accepted { .. } => self.hand_over_to.is_some(),
            Status::StoodDown { .. } => false,
        }
    }

    /// Whether the attempt may still be sent.
    #[must_use]
    pub fn may_send(&self, attempt: &Attempt) -> bool {
        attempt.state == AttemptState::Planned
            && match attempt.purpose {
                Purpose::Accepted | Purpose::StoodDown => true,
                Purpose::Summon | Purpose::Confirm => self.is_wanted(attempt),
            }
    }

    fn is_wanted(&self, attempt: &Attempt) -> bool {
        match self.status {
            Status::Calling => true,
            Status::Accepted { .. } => self.hand_over_to.as_ref() == Some(&attempt.person),
            // During a promise only the question whether somebody was reached may still go out.
            Status::Promised { .. } => attempt.purpose == Purpose::Confirm,
            Status::StoodDown { .. } => false,
        }
    }

    /// Whether the person is asked for an answer now, or may change theirs.
    #[must_use]
    pub fn may_answer(&self, person: &PersonId) -> bool {
        self.find(person).is_some_and(|called| called.joined_at.is_some())
    }

    /// How long the next person's turn is away, counted from the start, for each in the line.
    #[must_use]
    pub fn joins_after(&self, index: usize) -> Duration {
        self.policy.joins_after(index)
    }
}
