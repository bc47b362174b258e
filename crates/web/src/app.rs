//! What every handler works with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::id::PersonId;
use domain::ledger::Hash;
use domain::time::Timestamp;
use engine::{Engine, EngineError};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::device_login::DeviceLogins;
use crate::limit::Limiter;
use crate::metrics::Metrics;

/// How long a token that was found is believed without looking again.
const TOKEN_KNOWN_FOR: Duration = Duration::from_secs(5);
/// How many tokens are remembered.
const TOKENS_MAX: usize = 4_096;
/// How many passwords are hashed at once; each takes 19 MiB for some 50 ms.
const HASHES_AT_ONCE: usize = 2;

/// What the web room is told.
#[derive(Debug, Clone)]
pub struct WebConfig {
    /// Where people find the pages, without a slash at the end.
    pub public_url: String,
    /// Whether this is the demonstration, which shows a way to its phones on every page.
    pub demo: bool,
}

/// What every handler works with. Cheap to clone.
#[derive(Clone)]
pub struct App(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) engine: Engine,
    pub(crate) config: WebConfig,
    pub(crate) sign_in_limit: Limiter,
    pub(crate) device_logins: DeviceLogins,
    pub(crate) hashing: Semaphore,
    pub(crate) metrics: Metrics,
    tokens: Mutex<HashMap<Hash, (PersonId, Timestamp)>>,
}

impl App {
    /// An application around `engine`.
    #[must_use]
    pub fn new(engine: Engine, config: WebConfig) -> Self {
        Self(Arc::new(Inner {
            engine,
            config,
            sign_in_limit: Limiter::new(10, Duration::from_secs(15 * 60)),
            device_logins: DeviceLogins::default(),
            hashing: Semaphore::new(HASHES_AT_ONCE),
            metrics: Metrics::default(),
            tokens: Mutex::default(),
        }))
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// Whether pages are reached by https, so that cookies may insist on it.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.0.config.public_url.starts_with("https://")
    }

    /// A new random token, 32 bytes as text.
    #[must_use]
    pub fn new_token(&self) -> String {
        use base64::Engine as _;
        let mut bytes = [0_u8; 32];
        self.engine().entropy().fill(&mut bytes);
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Whom an API token stands for; `None` when it is not one of ours or was revoked more than a few seconds ago.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn find_token(&self, token: &str) -> Result<Option<PersonId>, EngineError> {
        let hash = digest(token);
        let now = self.engine().now();
        let known = self.tokens().get(&hash).cloned();
        if let Some((person, until)) = known
            && now < until
            && until.since(now) <= TOKEN_KNOWN_FOR
        {
            return Ok(Some(person));
        }
        let found = self.engine().store().find_token(&hash).await?;
        let mut tokens = self.tokens();
        if tokens.len() >= TOKENS_MAX {
            tokens.clear();
        }
        match found {
            Some(token) => {
                tokens.insert(hash, (token.person.clone(), now.after(TOKEN_KNOWN_FOR)));
                Ok(Some(token.person))
            }
            None => {
                tokens.remove(&hash);
                Ok(None)
            }
        }
    }

    /// Forgets what was known of tokens, after one was revoked here.
    pub(crate) fn forget_tokens(&self) {
        self.tokens().clear();
    }

    fn tokens(&self) -> MutexGuard<'_, HashMap<Hash, (PersonId, Timestamp)>> {
        self.0.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The digest under which a secret is kept.
#[must_use]
pub fn digest(secret: &str) -> Hash {
    digest_bytes(secret.as_bytes())
}

/// SHA-256 of `bytes`.
pub(crate) fn digest_bytes(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}
