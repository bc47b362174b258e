//! One folder for each way of reaching a person, and the registry that holds them.
//!
//! A channel makes **one** attempt and returns an outcome. It never repeats, never waits for a better moment and
//! never touches the store: the engine owns what follows. Every send ends within the channel's own time limit,
//! whatever the other side does. Nothing here writes a secret, an address or the text of a message to an error, a
//! log line or a `Debug` output.
//!
//! Adding a channel means adding its folder and one line in [`Registry::from_config`].

mod address_policy;
mod config;
pub mod http;
pub mod mail;
mod registry;
mod secret;
pub mod simulated;
pub mod webhook;

pub use crate::address_policy::{AddressNotAllowed, AddressPolicy};
pub use crate::config::{ChannelsConfig, ConfigError};
pub use crate::mail::{Mail, MailConfig};
pub use crate::registry::{DuplicateChannel, Registry};
pub use crate::secret::Secret;
pub use crate::simulated::{SimulatedChannel, SimulatedWorld};
pub use crate::webhook::{Webhook, WebhookConfig};
