//! What every command works with: the doors to the outside, and the way from a configuration to an open store.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use channels::Registry;
use domain::directory::Directory;
use domain::port::{Clock, Entropy};
use store::{Store, StoreConfig};
use wording::{Locale, Words};

use crate::clock::SystemClock;
use crate::config::{self, Config, Environment};
use crate::entropy::OsEntropy;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// The doors to the outside. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Context {
    /// What time it is.
    pub(crate) clock: Arc<dyn Clock>,
    /// Chance.
    pub(crate) entropy: Arc<dyn Entropy>,
    /// The environment, as it was at the start.
    pub(crate) environment: Arc<Environment>,
    /// What is read by people and scripts.
    pub(crate) terminal: Terminal,
    /// Folders of ours that go with the process.
    pub(crate) leftovers: Leftovers,
}

/// Folders that are removed when nothing uses them any more: after the runtime, and with it the store, has ended.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leftovers(Arc<Mutex<Vec<PathBuf>>>);

impl Leftovers {
    /// Remembers a folder.
    pub(crate) fn add(&self, folder: PathBuf) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(folder);
    }

    /// Removes every folder. What cannot be removed is in the system's own folder for such things.
    pub(crate) fn remove(&self) {
        for folder in self.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            drop(std::fs::remove_dir_all(folder));
        }
    }
}

impl Context {
    /// Opens the doors.
    pub(crate) fn start() -> Self {
        let environment = Environment::read();
        let locale = environment.locale().unwrap_or(Locale::En);
        Self {
            clock: Arc::new(SystemClock::start()),
            entropy: Arc::new(OsEntropy),
            environment: Arc::new(environment),
            terminal: Terminal { words: Words::of(locale) },
            leftovers: Leftovers::default(),
        }
    }

    /// Reads the configuration, for commands that reach nobody.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub(crate) fn load_config(&self, file: Option<&Path>) -> Result<Config, Failure> {
        Ok(config::load(file, &self.environment)?)
    }

    /// Reads the configuration and sets the channels up.
    ///
    /// # Errors
    /// Everything that is wrong with either, at once.
    pub(crate) fn load_with_channels(
        &self,
        file: Option<&Path>,
    ) -> Result<(Config, Registry), Failure> {
        Ok(config::load_with_channels(file, &self.environment, &self.clock)?)
    }

    /// Opens the store, and makes it when it is not there.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(crate) async fn open_or_make(&self, config: &Config) -> Result<Store, Failure> {
        Ok(Store::open(&StoreConfig::new(&config.store_url), self.clock.now()).await?)
    }

    /// Opens a store that has to be there: a wrong path must not look like an empty installation.
    ///
    /// # Errors
    /// When it is not there or cannot be opened.
    pub(crate) async fn open_existing(&self, config: &Config) -> Result<Store, Failure> {
        if let Some(file) = config.store_file().filter(|file| !file.exists()) {
            return Err(Failure::not_now(format!("there is no database at {}", file.display()))
                .with_remedy(
                    "name the configuration of the server with --config, or run ippo init first",
                ));
        }
        self.open_or_make(config).await
    }

    /// The directory as it is kept now, with the organisation of the configuration.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn load_directory(
        &self,
        store: &Store,
        config: &Config,
    ) -> Result<Directory, Failure> {
        Ok(engine::to_directory(store.load_directory().await?, config.organisation.clone()))
    }

    /// The terminal in the language of the organisation, when the person has chosen none for their terminal.
    pub(crate) fn terminal_for(&self, config: &Config) -> Terminal {
        let own = self.environment.locale();
        let locale =
            own.or_else(|| Locale::parse(&config.organisation.locale)).unwrap_or(Locale::En);
        Terminal { words: Words::of(locale) }
    }
}
