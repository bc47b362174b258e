//! Channels that do as they are told, and remember everything that was sent.

use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, pending, ready};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::circle::{Circle, Cleared};
use domain::id::AttemptId;
use domain::port::{Channel, ChannelInfo, Clock, Manner, Message, Outcome, Proof, Sending, Why};
use domain::time::Timestamp;
use tokio::sync::{Notify, oneshot};

use crate::clock::FakeClock;

/// What a fake channel does with one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Delivers it, and proves so much.
    Accept(Proof),
    /// Says that it took it, and loses it.
    Lie,
    /// Cannot now.
    TryAgain {
        /// Not before this moment.
        not_before: Option<Timestamp>,
        /// Why.
        why: Why,
    },
    /// Never to this address.
    Refuse(Why),
    /// Is set up wrongly.
    Misconfigure,
    /// Takes it and does not answer until it is released.
    Hang,
    /// Does not answer either, and has not even taken it.
    HangUnsent,
    /// Breaks.
    Panic,
}

/// A message that was handed to a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Over which channel.
    pub channel: &'static str,
    /// To which address.
    pub address: String,
    /// Who can read what arrives there, as the sender found.
    pub circle: Circle,
    /// What.
    pub message: Message,
    /// When.
    pub at: Timestamp,
    /// Whether it is where the person can see it.
    pub has_arrived: bool,
}

/// A send that waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hanging {
    /// Which attempt.
    pub attempt: AttemptId,
    /// Whether the message has been taken.
    pub is_sent: bool,
}

#[derive(Default)]
struct State {
    sent: Vec<Sent>,
    next: BTreeMap<String, VecDeque<Behaviour>>,
    always: BTreeMap<String, Behaviour>,
    hanging: Vec<(Hanging, oneshot::Sender<Outcome>)>,
}

/// Everything behind the channels: what is sent to whom, and how each address behaves. Clones are the same.
#[derive(Clone)]
pub struct Outside {
    state: Arc<Mutex<State>>,
    has_hung: Arc<Notify>,
    clock: FakeClock,
}

impl Outside {
    /// Nothing sent, and every address works.
    #[must_use]
    pub fn new(clock: &FakeClock) -> Self {
        Self { state: Arc::default(), has_hung: Arc::default(), clock: clock.clone() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next message to `address` is treated so; called again, the one after it.
    pub fn next(&self, address: &str, behaviour: Behaviour) {
        self.state().next.entry(address.to_owned()).or_default().push_back(behaviour);
    }

    /// Every message to `address` is treated so, unless something else is said for the next one.
    pub fn always(&self, address: &str, behaviour: Behaviour) {
        self.state().always.insert(address.to_owned(), behaviour);
    }

    /// Every address works again; what hangs goes on hanging.
    pub fn heal(&self) {
        let mut state = self.state();
        state.next.clear();
        state.always.clear();
    }

    /// Everything that was sent, in order.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.state().sent.clone()
    }

    /// How many messages were sent.
    #[must_use]
    pub fn sent_count(&self) -> usize {
        self.state().sent.len()
    }

    /// What was sent behind the first `count` messages.
    #[must_use]
    pub fn sent_after(&self, count: usize) -> Vec<Sent> {
        self.state().sent.iter().skip(count).cloned().collect()
    }

    /// What waits for its answer, in order. Sends whose engine is gone are not among them.
    #[must_use]
    pub fn hanging(&self) -> Vec<Hanging> {
        let mut state = self.state();
        state.hanging.retain(|(_, answer)| !answer.is_closed());
        state.hanging.iter().map(|(hanging, _)| hanging.clone()).collect()
    }

    /// Gives a hanging send its outcome. `false` when it does not hang.
    pub fn release(&self, attempt: &AttemptId, outcome: Outcome) -> bool {
        let mut state = self.state();
        let place = state
            .hanging
            .iter()
            .position(|(hanging, answer)| hanging.attempt == *attempt && !answer.is_closed());
        let Some(place) = place else { return false };
        state.hanging.remove(place).1.send(outcome).is_ok()
    }

    /// Done when more than `count` sends hang.
    pub(crate) async fn hangs_beyond(&self, count: usize) {
        loop {
            // Told first, so that one that comes in between is not missed.
            let told = self.has_hung.notified();
            if self.hanging().len() > count {
                return;
            }
            told.await;
        }
    }

    /// Puts a message into the book of what was sent, without any channel. For proving that checks see it.
    pub fn forge(&self, sent: Sent) {
        self.state().sent.push(sent);
    }

    fn take(&self, channel: &'static str, cleared: &Cleared<Message>) -> Taken {
        let destination = cleared.destination();
        let address = destination.address.clone();
        let mut state = self.state();
        let next = state.next.get_mut(&address).and_then(VecDeque::pop_front);
        let always = state.always.get(&address).copied();
        let behaviour = next.or(always).unwrap_or(Behaviour::Accept(Proof::HandedOver));
        let attempt = cleared.message().attempt.clone();
        if behaviour != Behaviour::HangUnsent {
            state.sent.push(Sent {
                channel,
                address,
                circle: destination.circle,
                message: cleared.message().clone(),
                at: self.clock.now(),
                has_arrived: matches!(behaviour, Behaviour::Accept(_) | Behaviour::Hang),
            });
        }
        match behaviour {
            Behaviour::Hang | Behaviour::HangUnsent => {
                let (answer, wait) = oneshot::channel();
                let is_sent = behaviour == Behaviour::Hang;
                state.hanging.push((Hanging { attempt, is_sent }, answer));
                drop(state);
                self.has_hung.notify_one();
                Taken::Waits(wait)
            }
            Behaviour::Panic => Taken::Breaks,
            Behaviour::Accept(proof) => Taken::Done(accepted(&attempt, proof)),
            Behaviour::Lie => Taken::Done(accepted(&attempt, Proof::HandedOver)),
            Behaviour::TryAgain { not_before, why } => {
                Taken::Done(Outcome::TryAgain { not_before, why })
            }
            Behaviour::Refuse(why) => Taken::Done(Outcome::Refused { why }),
            Behaviour::Misconfigure => Taken::Done(Outcome::Misconfigured {
                field: "channels.fake.password",
                why: Why::Authentication,
            }),
        }
    }
}

enum Taken {
    Done(Outcome),
    Waits(oneshot::Receiver<Outcome>),
    Breaks,
}

fn accepted(attempt: &AttemptId, proof: Proof) -> Outcome {
    Outcome::Accepted { provider_ref: Some(format!("fake-{attempt}")), proof }
}

/// One channel of an [`Outside`].
pub struct FakeChannel {
    id: &'static str,
    manner: Manner,
    outside: Outside,
    parallel_max: usize,
}

impl FakeChannel {
    /// A channel of that id and manner.
    #[must_use]
    pub fn new(id: &'static str, manner: Manner, outside: &Outside) -> Self {
        Self { id, manner, outside: outside.clone(), parallel_max: 1_024 }
    }

    /// The same, with so many sends at once.
    #[must_use]
    pub const fn parallel_max(mut self, sends: usize) -> Self {
        self.parallel_max = sends;
        self
    }
}

impl Channel for FakeChannel {
    fn info(&self) -> ChannelInfo {
        ChannelInfo {
            id: self.id,
            manner: self.manner,
            proof: Proof::PickedUp,
            text_chars_max: 100_000,
            parallel_max: self.parallel_max,
            address_example: "anything",
        }
    }

    fn check_address(&self, _address: &str) -> Result<(), String> {
        Ok(())
    }

    fn send<'a>(&'a self, message: &'a Cleared<Message>) -> Sending<'a> {
        Box::pin(async move {
            match self.outside.take(self.id, message) {
                Taken::Done(outcome) => outcome,
                Taken::Waits(answer) => match answer.await {
                    Ok(outcome) => outcome,
                    Err(_) => pending().await,
                },
                // Not `panic!`: the hook would print a trace for something that is meant.
                Taken::Breaks => std::panic::resume_unwind(Box::new("the channel broke")),
            }
        })
    }

    fn check<'a>(&'a self) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>> {
        Box::pin(ready(Ok(())))
    }
}
