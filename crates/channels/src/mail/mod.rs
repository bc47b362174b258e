//! Mail over SMTP.
//!
//! Hands one message to the configured mail server and reports what the server said. An open connection is used
//! again for the next message; when a kept connection turns out to be dead before any of the message was sent, one
//! fresh connection takes its place within the same attempt. Nothing else is repeated.
//!
//! The time limits are three: to connect, for each command, and for the whole attempt. The last one always holds.

mod config;
mod line_stream;
mod pool;
mod render;
mod reply;
mod session;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use domain::circle::Cleared;
use domain::port::{Channel, ChannelInfo, Clock, Manner, Message, Outcome, Proof, Sending, Why};
use lettre::Address;
use lettre::message::Mailbox;

pub use crate::mail::config::{MailConfig, TlsMode};

use crate::config::ConfigError;
use crate::mail::config::Relay;
use crate::mail::pool::Pool;
use crate::mail::reply::Failure;
use crate::mail::session::{Age, Letter, Session};

/// The channel's id.
pub const ID: &str = "mail";
const ADDRESS_EXAMPLE: &str = "tanaka@example.co.jp";
const TEXT_CHARS_MAX: usize = 100_000;
/// How many letters may be on their way at once, and how many idle connections are kept.
const PARALLEL_MAX: usize = 8;
/// The longest address SMTP can carry, in bytes.
const ADDRESS_BYTES_MAX: usize = 254;

/// The mail channel.
pub struct Mail {
    relay: Relay,
    from: Mailbox,
    pool: Pool<Session>,
    clock: Arc<dyn Clock>,
}

impl Mail {
    /// Reads the configuration and its files; opens no connection. `clock` dates the letters.
    ///
    /// # Errors
    /// The first thing that is wrong with the configuration.
    pub fn new(config: &MailConfig, clock: Arc<dyn Clock>) -> Result<Self, ConfigError> {
        crate::http::install_tls_provider();
        let from = config::read_from(&config.from)?;
        let relay = Relay::new(config, from.email.domain())?;
        Ok(Self { relay, from, pool: Pool::new(PARALLEL_MAX), clock })
    }

    /// One attempt, without the limit of time on the whole.
    async fn attempt(&self, message: &Cleared<Message>) -> Outcome {
        let Ok(to) = read_address(&message.destination().address) else {
            return Outcome::Refused { why: Why::BadAddress };
        };
        let rendered =
            render::render_letter(message.message(), &self.from, to.clone(), self.clock.now());
        let Ok(content) = rendered else {
            return Outcome::Refused { why: Why::Broken };
        };
        let letter = Letter { from: self.from.email.clone(), to, content };
        match self.deliver(&letter).await {
            Ok(provider_ref) => Outcome::Accepted { provider_ref, proof: Proof::HandedOver },
            Err(failure) => failure.into_outcome(),
        }
    }

    async fn deliver(&self, letter: &Letter) -> Result<Option<String>, Failure> {
        if let Some(mut session) = self.pool.take(self.clock.now()) {
            match session.hand_over(letter, Age::Kept).await {
                Ok(reference) => {
                    self.pool.put(session, self.clock.now());
                    return Ok(reference);
                }
                // The others were opened before it; what closed this one has closed them.
                Err(failure) if failure.is_dead_connection() => self.pool.clear(),
                Err(failure) => return Err(failure),
            }
        }
        let mut session = Session::open(&self.relay).await?;
        let reference = session.hand_over(letter, Age::Fresh).await?;
        self.pool.put(session, self.clock.now());
        Ok(reference)
    }
}

impl Channel for Mail {
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
        check_address(address)
    }

    fn send<'a>(&'a self, message: &'a Cleared<Message>) -> Sending<'a> {
        Box::pin(async move {
            tokio::time::timeout(self.relay.timeout, self.attempt(message))
                .await
                .unwrap_or(Outcome::TryAgain { not_before: None, why: Why::TimedOut })
        })
    }

    fn check<'a>(&'a self) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>> {
        Box::pin(async move {
            let opened = tokio::time::timeout(self.relay.timeout, Session::open(&self.relay)).await;
            match opened {
                Ok(Ok(session)) => {
                    self.pool.put(session, self.clock.now());
                    Ok(())
                }
                Ok(Err(failure)) => Err(failure.describe()),
                Err(_) => Err(Failure::describe_timeout()),
            }
        })
    }
}

/// Whether `address` is one mail address and nothing else.
///
/// # Errors
/// Says what shape is wanted, with an example; never repeats the address.
pub(crate) fn check_address(address: &str) -> Result<(), String> {
    read_address(address)
        .map(|_| ())
        .map_err(|problem| format!("{problem}; write it like {ADDRESS_EXAMPLE}"))
}

fn read_address(address: &str) -> Result<Address, &'static str> {
    if address.len() > ADDRESS_BYTES_MAX {
        return Err("the mail address is longer than 254 characters");
    }
    if !address.is_ascii() {
        return Err(
            "the mail address has letters outside ASCII (a domain can be written as xn--…)",
        );
    }
    if address.chars().any(|c| c.is_ascii_control() || c == ' ' || c == '<' || c == '>') {
        return Err("the mail address holds a space, a bracket or a control character");
    }
    address.parse().map_err(|_| "this is not one mail address")
}
