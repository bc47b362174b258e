//! The events of the calling, version 1 each.

use serde::{Deserialize, Serialize};

use crate::id::{AttemptId, PersonId};
use crate::incident::escalation::{Answer, AttemptState, AttemptWhy, How};
use crate::incident::report::Via;
use crate::line::{Because, Member, PassedOver};
use crate::policy::Policy;
use crate::port::{Purpose, Why};
use crate::time::Timestamp;

/// `calling.started`: the line as it was drawn and the policy it is called by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallingStarted {
    /// In order.
    pub line: Vec<Member>,
    /// Who is away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<PassedOver>,
    /// Whether people who are away are called because nobody else is left.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_everybody_away: bool,
    /// How they are called.
    pub policy: Policy,
}

/// `line.extended`: people who were found since, at the end of the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineExtended {
    /// Who; may be nobody, which says that the line was looked at again.
    pub line: Vec<Member>,
}

/// `line.restarted`: everybody said they cannot, so everybody is asked again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineRestarted {}

/// Why a person joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinWhy {
    /// Their turn has come.
    InTurn,
    /// Somebody before them cannot.
    Cannot,
    /// Every message to those before them failed.
    Failed,
    /// Those before them have no working contact.
    Unreachable,
    /// Somebody named them.
    HandedOver,
}

/// `person.joined`: the person is called from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonJoined {
    /// Who.
    pub person: PersonId,
    /// Why them.
    pub because: Because,
    /// Why now.
    pub why: JoinWhy,
    /// Whether there is no way to reach them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_unreachable: bool,
}

/// `attempt.planned`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptPlanned {
    /// Its id.
    pub attempt: AttemptId,
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
    /// When it is to be sent.
    pub due_at_ms: Timestamp,
    /// Whether it rings.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_call: bool,
}

/// `attempt.outcome`: what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptOutcome {
    /// Which.
    pub attempt: AttemptId,
    /// How far it came.
    pub state: AttemptState,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    /// Whether the address was refused for good.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_final: bool,
    /// The configuration key that is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The provider's own name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_ref: Option<String>,
}

/// `answer.given`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerGiven {
    /// Who.
    pub person: PersonId,
    /// What.
    #[serde(flatten)]
    pub answer: Answer,
    /// From where.
    pub via: Via,
}

/// `promise.lapsed`: the time is up and nobody accepted; calling resumes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromiseLapsed {
    /// Whose promise.
    pub person: PersonId,
}

/// `reached.stated`: the reporter says they reached somebody themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReachedStated {
    /// Whom.
    pub person: PersonId,
    /// How.
    pub how: How,
    /// When calling them resumes unless they confirm.
    pub until_ms: Timestamp,
}

/// `calling.stood_down`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoodDown {
    /// Why, in their words; may be empty.
    pub why: String,
}
