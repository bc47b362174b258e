//! Mistakes that are built in on purpose, to prove that the watch sees them.
//!
//! The first four drive the real engine wrongly, as a mutant of its loop would; the others change what it left behind.

/// One mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meddling {
    /// None.
    None,
    /// The loop now and then takes a look off its list and does not look.
    ForgetTick,
    /// After a restart, messages that were waiting are not sent.
    ForgetOutbox,
    /// The task that waits for a channel dies, and its outcome is never recorded.
    DropOutcome,
    /// The loop sleeps far too long.
    Oversleep,
    /// A message asks for an answer after somebody has accepted.
    SendAfterAccept,
    /// A message is sent a second time although nothing crashed.
    SendTwice,
    /// A message goes to an address outside.
    SendOutside,
    /// A wake-up is lost from the database.
    LoseWakeUp,
    /// A row of the outbox is lost from the database.
    LoseOutboxRow,
    /// Words in the ledger are changed.
    ChangeWords,
    /// A redaction leaves the words where they were.
    KeepRedactedWords,
}

impl Meddling {
    /// Every mistake.
    pub const ALL: [Self; 11] = [
        Self::ForgetTick,
        Self::ForgetOutbox,
        Self::DropOutcome,
        Self::Oversleep,
        Self::SendAfterAccept,
        Self::SendTwice,
        Self::SendOutside,
        Self::LoseWakeUp,
        Self::LoseOutboxRow,
        Self::ChangeWords,
        Self::KeepRedactedWords,
    ];
}
