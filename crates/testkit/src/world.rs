//! A world to tell a story in: act, let time pass, expect.
//!
//! It runs the real engine on a real store under a fake clock with fake channels. Nothing happens between the
//! story's lines, and each line is over when it returns. When the world ends, no due work may be left, unless the
//! story said [`World::leave_pending`].

use std::sync::Arc;
use std::time::Duration;

use domain::id::IncidentId;
use domain::incident::escalation::reply::Reply;
use domain::incident::report::{FirstReport, Via};
use domain::incident::{Actor, Command, Incident};
use domain::port::{Clock as _, Purpose};
use domain::time::Timestamp;
use engine::{Engine, EngineError, Handled, Reported, Work};
use store::Store;
use tempfile::TempDir;

use crate::channel::{Outside, Sent};
use crate::clock::FakeClock;
use crate::database::Sabotage;
use crate::expect::Expected;
use crate::filing::{Filing, first_report};
use crate::node::{Node, Surroundings};
use crate::people::{Office, PersonBuilder, per};
use crate::world_builder::WorldBuilder;

/// More pieces of work than any story has. Beyond it something turns in circles.
const WORK_MAX: usize = 20_000;

/// A world to tell a story in.
pub struct World {
    /// `None` while the engine is down.
    node: Option<Node>,
    with: Surroundings,
    url: String,
    folder: Option<TempDir>,
    acted_at: Timestamp,
    /// For each message sent whether the story has expected it.
    is_expected: Vec<bool>,
    may_leave_pending: bool,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// The usual office under the usual policy.
    #[must_use]
    pub fn new() -> Self {
        Self::of(Office::usual()).start()
    }

    /// A world with other people.
    #[must_use]
    pub fn of(office: Office) -> WorldBuilder {
        WorldBuilder::new(office)
    }

    pub(crate) fn begin(with: Surroundings, url: String, folder: Option<TempDir>) -> Self {
        Self {
            node: Some(Node::start(&with).unwrap()),
            acted_at: with.clock.now(),
            with,
            url,
            folder,
            is_expected: Vec::new(),
            may_leave_pending: false,
        }
    }

    /// A report about to be filed.
    pub fn report(&mut self, text: &str) -> Filing<'_> {
        let report = first_report(text);
        Filing::new(self, report)
    }

    /// Files `report` and does nothing that follows from it.
    ///
    /// # Errors
    /// What the engine says.
    pub fn file(
        &mut self,
        report: FirstReport,
        key: Option<&str>,
    ) -> Result<Reported, EngineError> {
        self.acted_at = self.now();
        let engine = self.engine();
        self.node().run(async move { engine.report(report, key).await })
    }

    /// Somebody gives a command; what follows at once is done.
    ///
    /// # Errors
    /// What the engine says.
    pub fn tell(
        &mut self,
        incident: &IncidentId,
        name: &str,
        command: Command,
    ) -> Result<Handled, EngineError> {
        self.acted_at = self.now();
        let actor = Actor::Person(per(name));
        let engine = self.engine();
        let handled = self.node().run(async { engine.handle(incident, &actor, &command).await });
        self.work();
        handled
    }

    /// Somebody answers.
    ///
    /// # Errors
    /// What the engine says.
    pub fn answer(
        &mut self,
        incident: &IncidentId,
        name: &str,
        reply: Reply,
    ) -> Result<Handled, EngineError> {
        self.tell(incident, name, Command::Answer { reply, via: Via::Web })
    }

    /// Does everything that is due now.
    pub fn work(&mut self) {
        self.advance(Duration::ZERO);
    }

    /// Lets time pass, and does in order whatever becomes due.
    pub fn advance(&mut self, amount: Duration) {
        self.acted_at = self.now();
        let end = self.now().after(amount);
        for _ in 0..WORK_MAX {
            let due = self.take_due();
            let next = self.node().engine().next_due();
            match (due.is_empty(), next.filter(|next| *next <= end)) {
                (true, Some(next)) => self.with.clock.set(next.max(self.now())),
                (true, None) => {
                    self.with.clock.set(end);
                    // As the loop does every second: so that the engine has seen what time it is.
                    assert!(self.take_due().is_empty());
                    return;
                }
                (false, _) => {
                    for work in due {
                        self.do_work(work);
                    }
                }
            }
        }
        panic!("the engine turns in circles");
    }

    /// Takes what is due off the engine's list, for a story that does it piece by piece.
    #[must_use]
    pub fn take_due(&mut self) -> Vec<Work> {
        self.node().engine().take_due()
    }

    /// Does one piece of work, until it is done or hangs. Whether it is done.
    pub fn do_work(&mut self, work: Work) -> bool {
        self.node.as_mut().expect("the engine is down").work(work)
    }

    /// Waits until whatever was released in the outside world has been recorded, and does what follows from it.
    pub fn settle(&mut self) {
        self.node.as_mut().expect("the engine is down").settle();
        self.work();
    }

    /// The engine falls over: whatever was under way is gone.
    pub fn crash(&mut self) {
        self.node = None;
    }

    /// A new engine on the same store; nothing is done yet. Falls over first, when one is running.
    pub fn restart(&mut self) {
        self.crash();
        self.acted_at = self.now();
        self.node = Some(Node::start(&self.with).unwrap());
    }

    /// Another engine on the same store, as a second node would be.
    #[must_use]
    pub fn second(&self) -> World {
        let mut second = World::begin(self.with.clone(), self.url.clone(), None);
        second.leave_pending();
        second
    }

    /// Changes the directory as setup would, beside the running engine, which reads it again.
    pub fn change(&mut self, person: PersonBuilder) {
        let person = person.build();
        let (store, engine) = (self.with.store.clone(), self.engine());
        self.node().run(async {
            store.upsert_person(&person).await.unwrap();
            engine.reload_directory().await.unwrap();
        });
    }

    /// This world may end with work left to do.
    pub const fn leave_pending(&mut self) {
        self.may_leave_pending = true;
    }

    /// The next message that asks this person for an answer and was not expected before.
    #[track_caller]
    pub fn expect_attempt(&mut self, name: &str) -> Expected {
        self.expect_sent(name, &[Purpose::Summon, Purpose::Confirm])
    }

    /// The next message that tells this person how it stands and was not expected before.
    #[track_caller]
    pub fn expect_news(&mut self, name: &str) -> Expected {
        self.expect_sent(name, &[Purpose::Accepted, Purpose::StoodDown])
    }

    #[track_caller]
    fn expect_sent(&mut self, name: &str, purposes: &[Purpose]) -> Expected {
        let (sent, acted_at) = (self.sent(), self.acted_at);
        self.is_expected.resize(sent.len(), false);
        let found = sent.iter().zip(&mut self.is_expected).find(|(sent, is_expected)| {
            !**is_expected
                && sent.message.person == per(name)
                && purposes.contains(&sent.message.purpose)
        });
        let Some((found, is_expected)) = found else {
            panic!("nothing more was sent to {name}; all that was sent: {}", list(&sent));
        };
        *is_expected = true;
        Expected { sent: found.clone(), acted_at }
    }

    /// Nothing was sent that the story has not expected.
    #[track_caller]
    pub fn expect_silence(&mut self) {
        let sent = self.sent();
        self.is_expected.resize(sent.len(), false);
        let more = sent.iter().zip(&self.is_expected).filter(|(_, is_expected)| !**is_expected);
        let more: Vec<Sent> = more.map(|(sent, _)| sent.clone()).collect();
        assert!(more.is_empty(), "something was sent: {}", list(&more));
    }

    /// Everything that was sent so far counts as expected.
    pub fn expect_all(&mut self) {
        let count = self.sent().len();
        self.is_expected.clear();
        self.is_expected.resize(count, true);
    }

    /// Everything that was sent.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.with.outside.sent()
    }

    /// The incident as it stands.
    #[must_use]
    pub fn incident(&self, id: &IncidentId) -> Arc<Incident> {
        let engine = self.engine();
        self.node().run(async { engine.load(id).await }).unwrap().unwrap()
    }

    /// Runs what needs a runtime, an engine's own call for example.
    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.node().run(work)
    }

    /// The running engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.node().engine().clone()
    }

    /// Its store.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.with.store
    }

    /// What stands behind the channels.
    #[must_use]
    pub const fn outside(&self) -> &Outside {
        &self.with.outside
    }

    /// The clock, for stories in which it is set.
    #[must_use]
    pub const fn clock(&self) -> &FakeClock {
        &self.with.clock
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.with.clock.now()
    }

    /// Hands on this world's database.
    #[must_use]
    pub fn sabotage(&self) -> Sabotage {
        Sabotage::on(&self.url)
    }

    /// Ends the engine and closes the store; gives back the folder with its files, if they are in one.
    #[must_use]
    pub fn close(mut self) -> Option<TempDir> {
        self.may_leave_pending = true;
        self.crash();
        self.folder.take()
    }

    fn node(&self) -> &Node {
        self.node.as_ref().expect("the engine is down")
    }

    /// What a good story does not leave behind.
    fn left_over(&mut self) -> Vec<String> {
        let now = self.now();
        let Some(node) = &self.node else { return Vec::new() };
        let engine = node.engine().clone();
        let rows = node.run(async { engine.store().list_outbox().await }).unwrap();
        let rows = rows.into_iter().filter(|row| row.due_at <= now);
        let work = engine.take_due();
        let rows =
            rows.map(|row| format!("unsent or unsettled: {} to {}", row.attempt, row.person));
        rows.chain(work.iter().map(|work| format!("due: {work:?}"))).collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if self.may_leave_pending || std::thread::panicking() {
            return;
        }
        let left = self.left_over();
        assert!(left.is_empty(), "the world ends with work left: {}", left.join("; "));
    }
}

fn list(sent: &[Sent]) -> String {
    let line = |sent: &Sent| {
        let Sent { message, channel, at, .. } = sent;
        let after = at.since(crate::clock::BEGINNING);
        format!("\n  {after:?} {:?} to {} by {channel}", message.purpose, message.person)
    };
    sent.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_that_leaves_due_work_behind_fails_unless_it_said_so() {
        let end = |may_leave: bool| {
            std::panic::catch_unwind(|| {
                let mut world = World::new();
                let draft = world.report("it is down").draft("carol");
                world.file(draft, None).unwrap();
                if may_leave {
                    world.leave_pending();
                }
            })
        };
        assert!(end(true).is_ok());
        assert!(end(false).is_err());
    }

    #[test]
    fn an_expectation_that_is_not_met_fails() {
        let fails = |expect: fn(&mut World)| {
            let told = std::panic::catch_unwind(|| {
                let mut world = World::new();
                world.report("it is down").by("carol");
                expect(&mut world);
            });
            told.is_err()
        };
        assert!(!fails(|world| drop(world.expect_attempt("ann").by("mail"))));
        assert!(fails(|world| drop(world.expect_attempt("ann").by("voice"))));
        assert!(fails(|world| drop(world.expect_attempt("bob"))));
        assert!(fails(|world| drop(world.expect_news("ann"))));
        assert!(fails(World::expect_silence));
    }
}
