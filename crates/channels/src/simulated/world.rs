//! What has arrived at the simulated phones and mailboxes.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::id::{AttemptId, IncidentId, PersonId};
use domain::port::{Clock, Message, Outcome, Purpose, Why};
use domain::time::Timestamp;
use serde::Serialize;
use tokio::sync::watch;

/// How many messages are kept over all people; the oldest go first.
const DELIVERED_MAX: usize = 500;
/// How long a hanging address holds a send.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// One message that arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivered {
    /// Counts up over the whole world, from 1.
    pub sequence: u64,
    /// The channel it came over.
    pub channel: &'static str,
    /// The address it came to.
    pub address: String,
    /// The incident it is about.
    pub incident: IncidentId,
    /// The attempt; a repeat arrives once more with the same one.
    pub attempt: AttemptId,
    /// The how-manieth attempt for this person and channel, from 1.
    pub number: u32,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether it is a drill.
    pub is_drill: bool,
    /// Who it is for.
    pub person: PersonId,
    /// Their name.
    pub person_name: String,
    /// The language it is written in.
    pub locale: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// Where it is answered.
    pub answer_url: Option<String>,
    /// The label of the answer link.
    pub answer_label: String,
    /// The reporter's number.
    pub reporter_phone: Option<String>,
    /// When it arrived.
    pub at: Timestamp,
}

/// Everything one person has received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Device {
    /// Whose it is.
    pub person: PersonId,
    /// Their name, as in the newest message.
    pub person_name: String,
    /// What arrived, oldest first, over all channels.
    pub inbox: Vec<Delivered>,
}

/// What is wrong with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Every send fails for now.
    TryAgain(Why),
    /// Every send fails for good.
    Refuse(Why),
    /// Every send runs into its time limit.
    Hang,
}

/// The simulated phones and mailboxes; clones are the same world.
#[derive(Clone)]
pub struct SimulatedWorld {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Arc<dyn Clock>,
    time_limit: Duration,
    state: Mutex<State>,
    /// Goes up with every change; watchers then look at the state itself.
    version: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    delivered: VecDeque<Delivered>,
    last_sequence: u64,
    faults: BTreeMap<String, Fault>,
}

impl SimulatedWorld {
    /// An empty world, whose `clock` dates what arrives. A hanging address holds a send for ten seconds.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self::with_time_limit(clock, TIME_LIMIT)
    }

    /// As [`SimulatedWorld::new`], with another time limit for hanging addresses.
    #[must_use]
    pub fn with_time_limit(clock: Arc<dyn Clock>, time_limit: Duration) -> Self {
        let (version, _) = watch::channel(0);
        let state = Mutex::default();
        Self { inner: Arc::new(Inner { clock, time_limit, state, version }) }
    }

    /// What everybody has received, by person id.
    #[must_use]
    pub fn devices(&self) -> Vec<Device> {
        let mut devices = BTreeMap::<PersonId, Device>::new();
        for delivered in &self.state().delivered {
            let device = devices.entry(delivered.person.clone()).or_insert_with(|| Device {
                person: delivered.person.clone(),
                person_name: String::new(),
                inbox: Vec::new(),
            });
            device.person_name.clone_from(&delivered.person_name);
            device.inbox.push(delivered.clone());
        }
        devices.into_values().collect()
    }

    /// What one person has received, oldest first.
    #[must_use]
    pub fn inbox(&self, person: &PersonId) -> Vec<Delivered> {
        self.state().delivered.iter().filter(|one| one.person == *person).cloned().collect()
    }

    /// A counter that goes up with every change. Look at the state after each change of it, and once at first.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.inner.version.subscribe()
    }

    /// Makes every later send to `address` fail, over any channel, until it is mended.
    pub fn break_address(&self, address: &str, fault: Fault) {
        self.state().faults.insert(address.to_owned(), fault);
        self.announce();
    }

    /// Makes `address` work again. Messages that failed meanwhile do not come back.
    pub fn mend_address(&self, address: &str) {
        self.state().faults.remove(address);
        self.announce();
    }

    /// What is wrong with `address`, if anything is.
    #[must_use]
    pub fn find_fault(&self, address: &str) -> Option<Fault> {
        self.state().faults.get(address).copied()
    }

    /// Puts `message` into its person's inbox and says its number.
    pub(super) fn deliver(&self, channel: &'static str, address: &str, message: &Message) -> u64 {
        let at = self.inner.clock.now();
        let mut state = self.state();
        state.last_sequence += 1;
        let sequence = state.last_sequence;
        if state.delivered.len() >= DELIVERED_MAX {
            state.delivered.pop_front();
        }
        state.delivered.push_back(Delivered {
            sequence,
            channel,
            address: address.to_owned(),
            incident: message.incident.clone(),
            attempt: message.attempt.clone(),
            number: message.number,
            purpose: message.purpose,
            is_drill: message.is_drill,
            person: message.person.clone(),
            person_name: message.person_name.clone(),
            locale: message.locale.clone(),
            subject: message.subject.clone(),
            text: message.text.clone(),
            answer_url: message.answer_url.clone(),
            answer_label: message.answer_label.clone(),
            reporter_phone: message.reporter_phone.clone(),
            at,
        });
        drop(state);
        self.announce();
        sequence
    }

    /// Waits as long as a real channel would for somebody who never answers.
    pub(super) async fn hang(&self) -> Outcome {
        let never = std::future::pending::<Outcome>();
        tokio::time::timeout(self.inner.time_limit, never)
            .await
            .unwrap_or(Outcome::TryAgain { not_before: None, why: Why::TimedOut })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn announce(&self) {
        self.inner.version.send_modify(|version| *version += 1);
    }
}

impl fmt::Debug for SimulatedWorld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedWorld").field("version", &*self.inner.version.borrow()).finish()
    }
}
