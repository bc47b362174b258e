//! The only traits that cross rooms: the clock, chance, and a way to reach a person.
//!
//! Each has one real implementation and a fake in `testkit`.

use std::future::Future;
use std::pin::Pin;

use serde::{Deserialize, Serialize};

use crate::circle::Cleared;
use crate::id::{AttemptId, IncidentId, PersonId};
use crate::time::Timestamp;

/// What time it is.
pub trait Clock: Send + Sync {
    /// The time now. May step backwards; callers must survive that.
    fn now(&self) -> Timestamp;
}

/// Bytes nobody can guess.
pub trait Entropy: Send + Sync {
    /// Fills the whole of `buffer`.
    fn fill(&self, buffer: &mut [u8]);
}

/// What a message is for. Every one but [`Purpose::Summon`] is news, not a call for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Asks the person to answer.
    Summon,
    /// Asks the person to confirm that the reporter reached them.
    Confirm,
    /// Somebody has it: calls to this person have stopped.
    Accepted,
    /// The reporter or the lead stood it down.
    StoodDown,
}

impl Purpose {
    /// The word for it, as in the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Summon => "summon",
            Self::Confirm => "confirm",
            Self::Accepted => "accepted",
            Self::StoodDown => "stood_down",
        }
    }
}

/// One message to one person, written out in their language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The incident it is about.
    pub incident: IncidentId,
    /// The attempt: the same on a repeat, so that receivers can tell a repeat.
    pub attempt: AttemptId,
    /// The how-manieth attempt this is for this person and channel, from 1.
    pub number: u32,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether this is a drill. Every channel must show it.
    pub is_drill: bool,
    /// Who it is for.
    pub person: PersonId,
    /// Their name.
    pub person_name: String,
    /// Their language, `ja` or `en`.
    pub locale: String,
    /// One line; begins with `【緊急】` / `[URGENT]` or `【訓練】` / `[DRILL]`.
    pub subject: String,
    /// The whole text, without the answer link.
    pub text: String,
    /// Where they answer. `None` when no answer is asked for.
    pub answer_url: Option<String>,
    /// The label of the answer link, in their language.
    pub answer_label: String,
    /// The reporter's own number, to call back; shown as it stands.
    pub reporter_phone: Option<String>,
    /// When the message was planned.
    pub at: Timestamp,
}

/// How far a channel can prove arrival. Only a human answer is worth more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The next machine has taken it.
    HandedOver,
    /// It is on the person's device or in their mailbox.
    Delivered,
    /// The person opened it.
    Seen,
    /// The telephone was picked up.
    PickedUp,
}

/// Whether a channel rings, or arrives silently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Arrives without ringing; may be sent at once to everybody asked.
    Silent,
    /// Rings; limited in number for each person.
    Voice,
}

/// What a channel says about itself: data that pages, checks and tests are driven by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelInfo {
    /// Stable id, as in a contact's `channel`.
    pub id: &'static str,
    /// Rings or not.
    pub manner: Manner,
    /// The most it can prove.
    pub proof: Proof,
    /// The longest text it carries, in characters.
    pub text_chars_max: usize,
    /// How many sends may run at once over the whole channel.
    pub parallel_max: usize,
    /// An address of the right shape, to show in errors.
    pub address_example: &'static str,
}

/// What came of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The next machine took it; `proof` says how far that is.
    Accepted {
        /// The provider's own name for it.
        provider_ref: Option<String>,
        /// What arrival is proved.
        proof: Proof,
    },
    /// Not now.
    TryAgain {
        /// Not before this moment, when the other side named one.
        not_before: Option<Timestamp>,
        /// Why, as a typed reason.
        why: Why,
    },
    /// Never, to this address.
    Refused {
        /// Why, as a typed reason.
        why: Why,
    },
    /// Our own set-up is wrong.
    Misconfigured {
        /// The configuration key to look at.
        field: &'static str,
        /// Why, as a typed reason.
        why: Why,
    },
}

/// Why an attempt failed. Stable codes: pages turn them into words, the ledger keeps them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Nothing listens there.
    Unreachable,
    /// The name of the host is not known.
    UnknownHost,
    /// No answer within the channel's time limit.
    TimedOut,
    /// The connection was closed in the middle.
    Closed,
    /// The certificate is not for that name, or not trusted.
    Tls,
    /// The other side refused our name or password.
    Authentication,
    /// The address does not exist there.
    UnknownAddress,
    /// The address cannot be read by this channel.
    BadAddress,
    /// Private, link-local and metadata addresses are refused unless allowed.
    AddressNotAllowed,
    /// The mailbox is full.
    MailboxFull,
    /// Too many at once; the other side asked to wait.
    RateLimited,
    /// The other side is busy or broken for now.
    Busy,
    /// The other side refused the message.
    Rejected,
    /// The endpoint is gone for good.
    Gone,
    /// The endpoint sends us elsewhere; we do not follow.
    Redirected,
    /// The destination is read by a wider circle than the message is for.
    WiderCircle,
    /// The channel itself broke; a bug, recorded so that nothing is silent.
    Broken,
}

impl Why {
    /// Every reason, for the catalogue test and the pages.
    pub const ALL: [Self; 17] = [
        Self::Unreachable,
        Self::UnknownHost,
        Self::TimedOut,
        Self::Closed,
        Self::Tls,
        Self::Authentication,
        Self::UnknownAddress,
        Self::BadAddress,
        Self::AddressNotAllowed,
        Self::MailboxFull,
        Self::RateLimited,
        Self::Busy,
        Self::Rejected,
        Self::Gone,
        Self::Redirected,
        Self::WiderCircle,
        Self::Broken,
    ];

    /// The stable code, as in the ledger.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::UnknownHost => "unknown_host",
            Self::TimedOut => "timed_out",
            Self::Closed => "closed",
            Self::Tls => "tls",
            Self::Authentication => "authentication",
            Self::UnknownAddress => "unknown_address",
            Self::BadAddress => "bad_address",
            Self::AddressNotAllowed => "address_not_allowed",
            Self::MailboxFull => "mailbox_full",
            Self::RateLimited => "rate_limited",
            Self::Busy => "busy",
            Self::Rejected => "rejected",
            Self::Gone => "gone",
            Self::Redirected => "redirected",
            Self::WiderCircle => "wider_circle",
            Self::Broken => "broken",
        }
    }
}

/// A send on its way.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

/// A way of reaching a person.
pub trait Channel: Send + Sync {
    /// What it can do.
    fn info(&self) -> ChannelInfo;

    /// Whether `address` has a shape this channel can use. `Err` holds what is wrong, in English, for setup.
    ///
    /// # Errors
    /// When the address can never work.
    fn check_address(&self, address: &str) -> Result<(), String>;

    /// Makes **one** attempt. Never sleeps, never repeats: the engine decides what follows.
    fn send<'a>(&'a self, message: &'a Cleared<Message>) -> Sending<'a>;

    /// Looks whether the channel could work now, without sending anything to anybody.
    fn check<'a>(&'a self) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;
}
