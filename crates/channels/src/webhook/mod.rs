//! Signed webhooks, after Standard Webhooks.
//!
//! One `POST` of JSON to the address, signed so that the receiver can tell it is ours and not a repeat from
//! somebody else. The id stays the same when the same attempt is sent again. Addresses that are not public are
//! refused unless listed, redirects are not followed, and of the answer little more than the status is read.

mod answer;
mod body;
mod config;
pub mod signature;

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use domain::circle::Cleared;
use domain::port::{Channel, ChannelInfo, Clock, Manner, Message, Outcome, Proof, Sending, Why};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use url::{Host, Url};

pub use crate::webhook::config::WebhookConfig;

use crate::address_policy::AddressPolicy;
use crate::config::ConfigError;
use crate::http::{self, ClientOptions};
use crate::webhook::answer::Answer;
use crate::webhook::signature::SigningSecret;

/// The channel's id.
pub const ID: &str = "webhook";
const ADDRESS_EXAMPLE: &str = "https://hooks.example.co.jp/ippo";
const TEXT_CHARS_MAX: usize = 100_000;
const PARALLEL_MAX: usize = 64;
const ADDRESS_BYTES_MAX: usize = 2048;
/// How much of an answer is read so that the connection can be used again; beyond that it is closed.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// How long the rest of an answer may take. The outcome is known from the status and does not depend on it.
const ANSWER_REST_MAX: Duration = Duration::from_millis(500);

/// The webhook channel.
pub struct Webhook {
    client: reqwest::Client,
    policy: Arc<AddressPolicy>,
    secret: SigningSecret,
    timeout: Duration,
    clock: Arc<dyn Clock>,
}

impl Webhook {
    /// Reads the configuration and its files; opens no connection. `clock` dates the signatures.
    ///
    /// # Errors
    /// The first thing that is wrong with the configuration.
    pub fn new(config: &WebhookConfig, clock: Arc<dyn Clock>) -> Result<Self, ConfigError> {
        let policy = Arc::new(config.read_policy()?);
        let options = ClientOptions {
            connect_timeout: config.connect_timeout,
            timeout: config.timeout,
            policy: Arc::clone(&policy),
            extra_roots: config.read_roots()?,
        };
        config.check_time_limits()?;
        let client = http::client(options).map_err(|_| config::unusable_client())?;
        let secret = config.read_secret()?;
        Ok(Self { client, policy, secret, timeout: config.timeout, clock })
    }

    async fn attempt(&self, message: &Cleared<Message>) -> Outcome {
        let Ok(url) = read_url(&message.destination().address) else {
            return Outcome::Refused { why: Why::BadAddress };
        };
        if !self.allows(&url) {
            return Outcome::Refused { why: Why::AddressNotAllowed };
        }
        let message = message.message();
        let Ok(body) = body::render_body(message) else {
            return Outcome::Refused { why: Why::Broken };
        };
        let now = self.clock.now();
        let timestamp = now.as_millisecond().div_euclid(1000);
        let signature = self.secret.sign(message.attempt.as_str(), timestamp, &body);
        let sending = self
            .client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header(signature::ID_HEADER, message.attempt.as_str())
            .header(signature::TIMESTAMP_HEADER, timestamp)
            .header(signature::SIGNATURE_HEADER, signature)
            .body(body)
            .send();
        match tokio::time::timeout(self.timeout, sending).await {
            Ok(Ok(response)) => {
                let outcome = read_answer(&response).into_outcome(now);
                drain(response).await;
                outcome
            }
            Ok(Err(error)) => judge_failure(http::classify(&error)),
            Err(_) => judge_failure(Why::TimedOut),
        }
    }

    /// Addresses written as numbers are checked here, names when they are resolved.
    fn allows(&self, url: &Url) -> bool {
        let literal = match url.host() {
            Some(Host::Ipv4(v4)) => IpAddr::V4(v4),
            Some(Host::Ipv6(v6)) => IpAddr::V6(v6),
            Some(Host::Domain(_)) => return true,
            None => return false,
        };
        self.policy.check(literal).is_ok()
    }
}

impl Channel for Webhook {
    fn info(&self) -> ChannelInfo {
        ChannelInfo {
            id: ID,
            manner: Manner::Silent,
            proof: Proof::HandedOver,
            text_chars_max: TEXT_CHARS_MAX,
            parallel_max: PARALLEL_MAX,
            address_example: ADDRESS_EXAMPLE,
        }
    }

    fn check_address(&self, address: &str) -> Result<(), String> {
        check_address(address)?;
        let is_allowed = read_url(address).is_ok_and(|url| self.allows(&url));
        if is_allowed {
            return Ok(());
        }
        Err(format!(
            "the address is not on the public internet; list it in channels.webhook.allow, or write one like \
             {ADDRESS_EXAMPLE}"
        ))
    }

    fn send<'a>(&'a self, message: &'a Cleared<Message>) -> Sending<'a> {
        Box::pin(self.attempt(message))
    }

    /// There is no one place to try: each contact has its own. What can be wrong is found when it is built.
    fn check<'a>(&'a self) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Whether `address` is a web address, wherever it leads.
///
/// # Errors
/// Says what shape is wanted, with an example; never repeats the address.
pub(crate) fn check_address(address: &str) -> Result<(), String> {
    read_url(address)
        .map(|_| ())
        .map_err(|problem| format!("{problem}; write it like {ADDRESS_EXAMPLE}"))
}

fn read_url(address: &str) -> Result<Url, &'static str> {
    if address.len() > ADDRESS_BYTES_MAX {
        return Err("the address is longer than 2048 characters");
    }
    // The parser would quietly drop these.
    if address.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("the address holds a space or a control character");
    }
    let url = Url::parse(address).map_err(|_| "this is not a web address")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("the address begins with neither https:// nor http://");
    }
    Ok(url)
}

fn read_answer(response: &reqwest::Response) -> Answer<'_> {
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    Answer { status: response.status().as_u16(), retry_after }
}

/// Reads a short answer to its end so that the connection can be used again, and lets a long one go.
async fn drain(mut response: reqwest::Response) {
    let reading = async {
        let mut read = 0;
        while let Ok(Some(chunk)) = response.chunk().await {
            read += chunk.len();
            if read > ANSWER_BYTES_MAX {
                break;
            }
        }
    };
    if tokio::time::timeout(ANSWER_REST_MAX, reading).await.is_err() {
        tracing::debug!("a webhook receiver did not finish its answer");
    }
}

fn judge_failure(why: Why) -> Outcome {
    match why {
        Why::BadAddress | Why::AddressNotAllowed => Outcome::Refused { why },
        _ => Outcome::TryAgain { not_before: None, why },
    }
}
