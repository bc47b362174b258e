//! A world before its story begins: who is in it, how they are called, where it is kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::policy::Policy;
use domain::port::{Channel, Clock as _, Entropy, Manner};
use engine::EngineConfig;
use store::{Store, StoreConfig};

use crate::channel::{FakeChannel, Outside};
use crate::clock::FakeClock;
use crate::entropy::SeededEntropy;
use crate::node::Surroundings;
use crate::people::Office;
use crate::world::World;

/// More than any story has under way: a world does one thing after the other and must not wait for a place.
pub(crate) const PARALLEL_MAX: usize = 1_024;

/// A world in the making.
pub struct WorldBuilder {
    office: Office,
    policy: Policy,
    is_in_a_file: bool,
    entropy: Arc<dyn Entropy>,
    parallel_max: usize,
}

impl WorldBuilder {
    pub(crate) fn new(office: Office) -> Self {
        let policy = Policy::default();
        let entropy = Arc::new(SeededEntropy::new(1));
        Self { office, policy, is_in_a_file: false, entropy, parallel_max: PARALLEL_MAX }
    }

    /// Every channel carries so many sends at once.
    #[must_use]
    pub const fn parallel_max(mut self, sends: usize) -> Self {
        self.parallel_max = sends;
        self
    }

    /// People are called so.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Everything is kept in a file instead of in memory.
    #[must_use]
    pub const fn in_a_file(mut self) -> Self {
        self.is_in_a_file = true;
        self
    }

    /// Chance comes from there.
    #[must_use]
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = entropy;
        self
    }

    /// Opens the store, fills the directory and starts the engine.
    #[must_use]
    pub fn start(self) -> World {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let folder = self.is_in_a_file.then(|| tempfile::tempdir().unwrap());
        let url = match &folder {
            Some(folder) => format!("sqlite:{}", folder.path().join("ippo.db").display()),
            None => format!("sqlite::memory:world-{}", NUMBER.fetch_add(1, Ordering::Relaxed)),
        };
        let clock = FakeClock::default();
        let outside = Outside::new(&clock);
        let setup = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let store = setup.block_on(Store::open(&StoreConfig::new(&url), clock.now())).unwrap();
        setup.block_on(store.replace_directory(&self.office.parts)).unwrap();
        let with = Surroundings {
            store,
            channels: usual_channels(&outside, self.parallel_max),
            entropy: self.entropy,
            config: EngineConfig {
                organisation: self.office.organisation,
                policy: self.policy,
                public_url: "https://ippo.example.co.jp".to_owned(),
            },
            clock,
            outside,
        };
        World::begin(with, url, folder)
    }
}

/// Mail, a telephone, chat and text messages.
pub(crate) fn usual_channels(outside: &Outside, parallel_max: usize) -> Vec<Arc<dyn Channel>> {
    let silent = ["mail", "chat", "sms"].map(|id| FakeChannel::new(id, Manner::Silent, outside));
    let voice = FakeChannel::new("voice", Manner::Voice, outside);
    let all = silent.into_iter().chain([voice]).map(|channel| channel.parallel_max(parallel_max));
    all.map(|channel| Arc::new(channel) as Arc<dyn Channel>).collect()
}
