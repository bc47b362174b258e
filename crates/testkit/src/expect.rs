//! What a story expects of a message that was sent.

use std::time::Duration;

use domain::id::IncidentId;
use domain::port::Purpose;
use domain::time::Timestamp;

use crate::channel::Sent;
use crate::clock::BEGINNING;

/// A message that was expected and found. Each method fails the test when the message is not so.
#[derive(Debug)]
pub struct Expected {
    pub(crate) sent: Sent,
    pub(crate) acted_at: Timestamp,
}

impl Expected {
    /// It went over that channel.
    #[track_caller]
    pub fn by(self, channel: &str) -> Self {
        assert_eq!(self.sent.channel, channel, "another channel was used: {:?}", self.sent);
        self
    }

    /// It went out at most so long after the story's last act.
    #[track_caller]
    pub fn within(self, amount: Duration) -> Self {
        let took = self.sent.at.since(self.acted_at);
        assert!(took <= amount, "it went out after {took:?}: {:?}", self.sent);
        self
    }

    /// It went out exactly so long after the world began.
    #[track_caller]
    pub fn at(self, amount: Duration) -> Self {
        let took = self.sent.at.since(BEGINNING);
        assert_eq!(took, amount, "it went out at another time: {:?}", self.sent);
        self
    }

    /// It is about that incident.
    #[track_caller]
    pub fn naming(self, incident: &IncidentId) -> Self {
        assert_eq!(self.sent.message.incident, *incident, "it is about another incident");
        self
    }

    /// It is for that.
    #[track_caller]
    pub fn meant_as(self, purpose: Purpose) -> Self {
        assert_eq!(self.sent.message.purpose, purpose, "it is for something else");
        self
    }

    /// The message itself.
    #[must_use]
    pub fn sent(&self) -> &Sent {
        &self.sent
    }
}
