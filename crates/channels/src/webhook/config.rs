//! `[channels.webhook]`: how webhooks are signed, and where they may go.

use std::path::PathBuf;
use std::time::Duration;

use jiff::fmt::serde::unsigned_duration::friendly::compact::required as friendly;
use serde::Deserialize;

use crate::address_policy::AddressPolicy;
use crate::config::{ConfigError, check_time_limit};
use crate::secret::{Keys, Secret, read_either};
use crate::webhook::signature::SigningSecret;

const SECRET: Keys =
    Keys { inline: "channels.webhook.secret", file: "channels.webhook.secret_file" };
const ALLOW: &str = "channels.webhook.allow";
const CA_FILE: &str = "channels.webhook.ca_file";
const CA_REMEDY: &str = "name a readable PEM file with at least one certificate";

/// `[channels.webhook]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// The signing secret: `whsec_` and 24 to 64 bytes in base64. Receivers check signatures with the same one.
    #[serde(default)]
    pub secret: Option<Secret>,
    /// A file with the secret, instead of `secret`.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// Networks (`10.1.0.0/16`) and addresses (`127.0.0.1`) that are allowed although they are not public.
    #[serde(default)]
    pub allow: Vec<String>,
    /// A PEM file with certificates to trust beside those of the system.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// How long resolving, connecting and the TLS handshake may take.
    #[serde(default = "default_connect_timeout", with = "friendly")]
    pub connect_timeout: Duration,
    /// How long one attempt may take in all.
    #[serde(default = "default_timeout", with = "friendly")]
    pub timeout: Duration,
}

const fn default_connect_timeout() -> Duration {
    Duration::from_secs(5)
}

const fn default_timeout() -> Duration {
    Duration::from_secs(10)
}

impl WebhookConfig {
    pub(super) fn check_time_limits(&self) -> Result<(), ConfigError> {
        check_time_limit("channels.webhook.connect_timeout", self.connect_timeout)?;
        check_time_limit("channels.webhook.timeout", self.timeout)
    }

    pub(super) fn read_policy(&self) -> Result<AddressPolicy, ConfigError> {
        AddressPolicy::parse(&self.allow).map_err(|place| {
            let problem = format!("has as entry {} neither a network nor an address", place + 1);
            ConfigError::new(ALLOW, problem, "write networks such as \"10.1.0.0/16\", not names")
        })
    }

    pub(super) fn read_secret(&self) -> Result<SigningSecret, ConfigError> {
        let secret = read_either(SECRET, self.secret.as_ref(), self.secret_file.as_deref())?;
        let Some(secret) = secret else {
            return Err(ConfigError::new(
                SECRET.inline,
                "is not set",
                "set it to whsec_ and 32 random bytes in base64, or set channels.webhook.secret_file",
            ));
        };
        let field = if self.secret.is_some() { SECRET.inline } else { SECRET.file };
        SigningSecret::parse(&secret).map_err(|error| {
            ConfigError::new(
                field,
                format!("cannot be used: {error}"),
                "write whsec_ and 24 to 64 random bytes in base64",
            )
        })
    }

    pub(super) fn read_roots(&self) -> Result<Vec<reqwest::Certificate>, ConfigError> {
        let Some(path) = &self.ca_file else { return Ok(Vec::new()) };
        let pem = std::fs::read(path).map_err(|error| {
            let problem = format!("names a file that cannot be read: {}", error.kind());
            ConfigError::new(CA_FILE, problem, CA_REMEDY)
        })?;
        reqwest::Certificate::from_pem_bundle(&pem)
            .ok()
            .filter(|roots| !roots.is_empty())
            .ok_or_else(|| ConfigError::new(CA_FILE, "holds no certificate", CA_REMEDY))
    }
}

pub(super) fn unusable_client() -> ConfigError {
    ConfigError::new(
        CA_FILE,
        "or the certificates of the system cannot be used",
        "install the system's certificates (ca-certificates) and check the file",
    )
}
