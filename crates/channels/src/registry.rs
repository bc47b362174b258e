//! Every channel that is set up, sorted by id.

use std::fmt;
use std::sync::Arc;

use domain::port::{Channel, Clock};

use crate::config::{ChannelsConfig, ConfigError};
use crate::mail::Mail;
use crate::webhook::Webhook;

/// Two channels with one id, so that a contact would not say which is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there are two channels with the id {0}")]
pub struct DuplicateChannel(pub &'static str);

/// The channels of this installation; cheap to clone.
#[derive(Clone, Default)]
pub struct Registry {
    /// Sorted by id, no id twice: [`Registry::new`] sees to it.
    channels: Arc<[Arc<dyn Channel>]>,
}

impl Registry {
    /// Takes the channels, in any order.
    ///
    /// # Errors
    /// [`DuplicateChannel`] when two have the same id.
    pub fn new(mut channels: Vec<Arc<dyn Channel>>) -> Result<Self, DuplicateChannel> {
        channels.sort_by_key(|channel| channel.info().id);
        let mut last = None;
        for channel in &channels {
            let id = channel.info().id;
            if last == Some(id) {
                return Err(DuplicateChannel(id));
            }
            last = Some(id);
        }
        Ok(Self { channels: channels.into() })
    }

    /// Builds every channel that has a section in the configuration. Reads secret and certificate files; opens no
    /// connection.
    ///
    /// # Errors
    /// Everything that is wrong, one [`ConfigError`] for each channel, not only the first.
    pub fn from_config(
        config: &ChannelsConfig,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, Vec<ConfigError>> {
        let mail = config.mail.as_ref().map(|mail| Mail::new(mail, Arc::clone(clock)).map(boxed));
        let webhook =
            config.webhook.as_ref().map(|hook| Webhook::new(hook, Arc::clone(clock)).map(boxed));

        let mut channels = Vec::new();
        let mut errors = Vec::new();
        for built in [mail, webhook].into_iter().flatten() {
            match built {
                Ok(channel) => channels.push(channel),
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Self::new(channels).map_err(|duplicate| {
            vec![ConfigError::new("channels", duplicate.to_string(), "remove one of the two")]
        })
    }

    /// Every channel, sorted by id.
    #[must_use]
    pub fn channels(&self) -> &[Arc<dyn Channel>] {
        &self.channels
    }

    /// The channel with this id, as a contact names it.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Arc<dyn Channel>> {
        let place = self.channels.binary_search_by(|channel| channel.info().id.cmp(id)).ok()?;
        self.channels.get(place)
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.channels.iter().map(|channel| channel.info().id)).finish()
    }
}

fn boxed(channel: impl Channel + 'static) -> Arc<dyn Channel> {
    Arc::new(channel)
}
