//! The engine's lives, one after the other, on a store that outlives them.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use domain::id::AttemptId;
use domain::policy::Policy;
use domain::port::Clock as _;
use domain::time::{Timestamp, millis};
use engine::{Engine, EngineConfig, EngineError, Work};
use store::{Store, StoreConfig};
use tokio::runtime::{Builder, Runtime};

use crate::channel::Outside;
use crate::clock::FakeClock;
use crate::database::Sabotage;
use crate::entropy::SeededEntropy;
use crate::node::{Node, Surroundings};
use crate::people::Office;
use crate::world_builder::{PARALLEL_MAX, usual_channels};

/// The engine, when it is up, and everything that stays when it falls.
pub(super) struct Life {
    node: Option<Node>,
    with: Surroundings,
    pub(super) entropy: Arc<SeededEntropy>,
    pub(super) sabotage: Sabotage,
    /// Runs what only needs the store.
    aside: Runtime,
    /// What the loop has taken off the list and not done yet.
    pub(super) queue: VecDeque<Work>,
    /// Real time since the beginning, which no clock step changes.
    pub(super) elapsed: Duration,
    /// How often the engine has been started.
    pub(super) number: usize,
    /// Whether the ledger takes nothing at the moment.
    pub(super) is_store_broken: bool,
}

impl Life {
    pub(super) fn begin(seed: u64, office: &Office, policy: Policy) -> Self {
        static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let url = format!("sqlite::memory:simulation-{number}");
        let aside = Builder::new_current_thread().build().unwrap();
        let clock = FakeClock::default();
        let outside = Outside::new(&clock);
        let entropy = Arc::new(SeededEntropy::new(seed));
        let store = aside.block_on(Store::open(&StoreConfig::new(&url), clock.now())).unwrap();
        aside.block_on(store.replace_directory(&office.parts)).unwrap();
        let with = Surroundings {
            store,
            channels: usual_channels(&outside, PARALLEL_MAX),
            entropy: entropy.clone(),
            config: EngineConfig {
                organisation: office.organisation.clone(),
                policy,
                public_url: "https://ippo.example.co.jp".to_owned(),
            },
            clock,
            outside,
        };
        Self {
            node: None,
            with,
            entropy,
            sabotage: Sabotage::on(&url),
            aside,
            queue: VecDeque::new(),
            elapsed: Duration::ZERO,
            number: 0,
            is_store_broken: false,
        }
    }

    /// The running engine.
    pub(super) fn engine(&self) -> Option<&Engine> {
        self.node.as_ref().map(Node::engine)
    }

    pub(super) const fn store(&self) -> &Store {
        &self.with.store
    }

    pub(super) const fn outside(&self) -> &Outside {
        &self.with.outside
    }

    pub(super) fn now(&self) -> Timestamp {
        self.with.clock.now()
    }

    pub(super) const fn policy(&self) -> &Policy {
        &self.with.config.policy
    }

    /// Starts the engine, if it is down.
    pub(super) fn start(&mut self) {
        if self.node.is_none() {
            // A crash that was arranged and has not happened does not happen to the next life.
            self.entropy.take_panicked();
            self.node = Some(Node::start(&self.with).unwrap());
            self.number += 1;
        }
    }

    /// The engine falls over; whatever was under way is gone.
    pub(super) fn crash(&mut self) {
        self.queue.clear();
        self.node = None;
    }

    /// Both clocks go on.
    pub(super) fn pass(&mut self, amount: Duration) {
        self.elapsed = self.elapsed.saturating_add(amount);
        self.with.clock.forward(amount);
    }

    /// Only the clock on the wall is set; the loop sees it within a moment.
    pub(super) fn step_clock(&mut self, amount: Duration, is_back: bool) {
        if is_back {
            self.with.clock.back(amount);
        } else {
            self.with.clock.forward(amount);
        }
        self.take_due();
    }

    /// Takes what is due off the engine's list.
    pub(super) fn take_due(&mut self) {
        if let Some(node) = &self.node {
            self.queue.extend(node.engine().take_due());
        }
    }

    /// How long until something is due; `None` when nothing will be.
    pub(super) fn next_due_in(&self) -> Option<Duration> {
        let next = self.engine()?.next_due()?;
        Some(next.since(self.now()))
    }

    /// Does one piece of work. `false` when the engine fell over right before a commit.
    pub(super) fn work(&mut self, work: Work) -> bool {
        let Some(node) = self.node.as_mut() else { return true };
        node.work(work);
        !self.entropy.take_panicked()
    }

    /// Waits until whatever was released has been recorded. `false` as in [`Self::work`].
    pub(super) fn settle(&mut self) -> bool {
        if let Some(node) = self.node.as_mut() {
            node.settle();
        }
        !self.entropy.take_panicked()
    }

    /// Lets the tasks that wait for channels die.
    pub(super) fn abandon(&mut self) -> Vec<AttemptId> {
        let hanging = self.outside().hanging().into_iter().map(|hanging| hanging.attempt).collect();
        if let Some(node) = self.node.as_mut() {
            node.abandon();
        }
        hanging
    }

    /// Asks the engine something. `None` when it is down or fell over right before a commit.
    pub(super) fn ask<T>(
        &mut self,
        ask: impl AsyncFnOnce(&Engine) -> Result<T, EngineError>,
    ) -> Option<Result<T, EngineError>> {
        let node = self.node.as_ref()?;
        let answer = catch_unwind(AssertUnwindSafe(|| node.run(ask(node.engine()))));
        match (answer, self.entropy.take_panicked()) {
            (Ok(answer), false) => Some(answer),
            (Ok(_) | Err(_), true) => None,
            (Err(panic), false) => std::panic::resume_unwind(panic),
        }
    }

    /// Runs what only needs the store.
    pub(super) fn aside<T>(&self, work: impl Future<Output = T>) -> T {
        self.aside.block_on(work)
    }

    /// Real time since the beginning, as traces show it.
    pub(super) fn stamp(&self) -> String {
        format!("{:>9.3}s", f64::from(i32::try_from(millis(self.elapsed)).unwrap_or(0)) / 1000.0)
    }
}
