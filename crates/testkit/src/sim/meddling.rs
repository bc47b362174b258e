//! Mistakes that are built in on purpose, to prove that the watch sees them.
//!
//! The first four drive the real engine wrongly, as a mutant of its loop would; the others change what it left behind.

use domain::id::AttemptId;
use engine::Work;

use crate::channel::Sent;
use crate::sim::story::Story;
use crate::sim::watch::Violation;
use crate::sim::watch_sends::may_ask;

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

impl Story {
    /// Makes the mistake that is built in, if it can be made now.
    pub(super) fn meddle(&mut self) -> Result<(), Violation> {
        let sent = self.life.outside().sent();
        match self.meddling {
            Meddling::None | Meddling::ForgetOutbox => return Ok(()),
            Meddling::ForgetTick => self.life.queue.retain(|w| !matches!(w, Work::Tick(_))),
            Meddling::DropOutcome => drop(self.life.abandon()),
            Meddling::Oversleep => {
                let longest = self.life.policy().longest_gap();
                self.life.pass(longest.saturating_mul(3));
            }
            Meddling::SendAfterAccept => {
                let is_over = |sent: &&Sent| {
                    let shadow = &self.watch.incidents[&sent.message.incident].shadow;
                    let person = &sent.message.person;
                    !may_ask(shadow, person, sent.message.purpose)
                };
                if let Some(mut late) = sent.iter().find(is_over).cloned() {
                    // The repeat of a message under an id of its own.
                    late.message.attempt = AttemptId::new("att_late");
                    self.life.outside().forge(late);
                }
            }
            Meddling::SendTwice => sent.last().cloned().into_iter().for_each(|last| {
                self.life.outside().forge(last);
            }),
            Meddling::SendOutside => sent.last().cloned().into_iter().for_each(|mut last| {
                last.channel = "mail";
                last.address = "ann@elsewhere.test".to_owned();
                self.life.outside().forge(last);
            }),
            Meddling::LoseWakeUp => self.life.sabotage.run("DELETE FROM wake_up"),
            Meddling::LoseOutboxRow => self.life.sabotage.run("DELETE FROM outbox"),
            Meddling::ChangeWords => self
                .life
                .sabotage
                .run("UPDATE ledger_event SET body_json = replace(body_json, 'words', 'lies')"),
            Meddling::KeepRedactedWords => {
                if let Some(words) = self.erased.first() {
                    self.life.sabotage.run(&format!(
                        "UPDATE ledger_event SET actor = actor, body_json = '{{\"text\":\"{words}\"}}'
                         WHERE kind = 'entry.redacted'"
                    ));
                }
            }
        }
        self.watch.read_anew();
        self.note("a mistake is made")
    }
}
