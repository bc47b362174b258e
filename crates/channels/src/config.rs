//! The `[channels.…]` part of the configuration, and what can be wrong with it.

use serde::Deserialize;

use crate::mail::MailConfig;
use crate::webhook::WebhookConfig;

/// The channels that are set up. A channel without its section does not exist.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChannelsConfig {
    /// `[channels.mail]`: mail over SMTP.
    pub mail: Option<MailConfig>,
    /// `[channels.webhook]`: signed webhooks.
    pub webhook: Option<WebhookConfig>,
}

/// One thing wrong with the configuration of a channel. Holds keys and rules, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct ConfigError {
    /// The key as written in the file, `channels.mail.smtp` for example.
    pub field: &'static str,
    /// What is wrong with it; continues a sentence that begins with the key.
    pub problem: String,
    /// What to do now.
    pub remedy: &'static str,
}

impl ConfigError {
    pub(crate) fn new(
        field: &'static str,
        problem: impl Into<String>,
        remedy: &'static str,
    ) -> Self {
        Self { field, problem: problem.into(), remedy }
    }
}

/// Refuses a time limit of zero, with which nothing could ever be sent.
///
/// # Errors
/// When `amount` is zero.
pub(crate) fn check_time_limit(
    field: &'static str,
    amount: std::time::Duration,
) -> Result<(), ConfigError> {
    if amount.is_zero() {
        return Err(ConfigError::new(field, "is zero", "write a time such as \"10s\""));
    }
    Ok(())
}
