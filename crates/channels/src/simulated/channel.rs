//! One channel of the simulated world.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use domain::circle::Cleared;
use domain::port::{Channel, ChannelInfo, Manner, Message, Outcome, Proof, Sending, Why};

use crate::simulated::world::{Fault, SimulatedWorld};
use crate::{mail, webhook};

const PARALLEL_MAX: usize = 64;

/// Behaves as one of the product's channels and delivers to a [`SimulatedWorld`].
pub struct SimulatedChannel {
    kind: &'static Kind,
    world: SimulatedWorld,
}

/// What sets the simulated channels apart.
struct Kind {
    id: &'static str,
    manner: Manner,
    /// The most the channel can ever prove.
    proof: Proof,
    /// What a successful send proves.
    sent: Proof,
    text_chars_max: usize,
    address_example: &'static str,
    check_address: fn(&str) -> Result<(), String>,
}

const CHAT: Kind = Kind {
    id: "chat",
    manner: Manner::Silent,
    proof: Proof::Delivered,
    sent: Proof::Delivered,
    text_chars_max: 4_000,
    address_example: "@tanaka",
    check_address: |address| check_name(address, CHAT.address_example),
};
const MAIL: Kind = Kind {
    id: "mail",
    manner: Manner::Silent,
    proof: Proof::HandedOver,
    sent: Proof::HandedOver,
    text_chars_max: 100_000,
    address_example: "tanaka@example.co.jp",
    check_address: mail::check_address,
};
const PUSH: Kind = Kind {
    id: "push",
    manner: Manner::Silent,
    proof: Proof::Delivered,
    sent: Proof::Delivered,
    text_chars_max: 1_000,
    address_example: "tanaka-phone",
    check_address: |address| check_name(address, PUSH.address_example),
};
const SMS: Kind = Kind {
    id: "sms",
    manner: Manner::Silent,
    proof: Proof::Delivered,
    sent: Proof::Delivered,
    text_chars_max: 670,
    address_example: "+819000000001",
    check_address: check_number,
};
/// A ring is handed over; that somebody picked up is never made up.
const VOICE: Kind = Kind {
    id: "voice",
    manner: Manner::Voice,
    proof: Proof::PickedUp,
    sent: Proof::HandedOver,
    text_chars_max: 1_000,
    address_example: "+819000000001",
    check_address: check_number,
};
const WEBHOOK: Kind = Kind {
    id: "webhook",
    manner: Manner::Silent,
    proof: Proof::HandedOver,
    sent: Proof::HandedOver,
    text_chars_max: 100_000,
    address_example: "https://hooks.example.co.jp/ippo",
    check_address: webhook::check_address,
};
static KINDS: [Kind; 6] = [CHAT, MAIL, PUSH, SMS, VOICE, WEBHOOK];

impl SimulatedChannel {
    /// The channel with this id: `chat`, `mail`, `push`, `sms`, `voice` or `webhook`. `None` for any other.
    #[must_use]
    pub fn new(id: &str, world: &SimulatedWorld) -> Option<Self> {
        let kind = KINDS.iter().find(|kind| kind.id == id)?;
        Some(Self { kind, world: world.clone() })
    }

    /// All six, for [`Registry::new`](crate::Registry::new).
    #[must_use]
    pub fn all(world: &SimulatedWorld) -> Vec<Arc<dyn Channel>> {
        let build = |kind| Arc::new(Self { kind, world: world.clone() }) as Arc<dyn Channel>;
        KINDS.iter().map(build).collect()
    }

    async fn attempt(&self, cleared: &Cleared<Message>) -> Outcome {
        let address = &cleared.destination().address;
        if (self.kind.check_address)(address).is_err() {
            return Outcome::Refused { why: Why::BadAddress };
        }
        match self.world.find_fault(address) {
            Some(Fault::TryAgain(why)) => Outcome::TryAgain { not_before: None, why },
            Some(Fault::Refuse(why)) => Outcome::Refused { why },
            Some(Fault::Hang) => self.world.hang().await,
            None => {
                let sequence = self.world.deliver(self.kind.id, address, cleared.message());
                let provider_ref = Some(format!("simulated-{sequence}"));
                Outcome::Accepted { provider_ref, proof: self.kind.sent }
            }
        }
    }
}

impl Channel for SimulatedChannel {
    fn info(&self) -> ChannelInfo {
        ChannelInfo {
            id: self.kind.id,
            manner: self.kind.manner,
            proof: self.kind.proof,
            text_chars_max: self.kind.text_chars_max,
            parallel_max: PARALLEL_MAX,
            address_example: self.kind.address_example,
        }
    }

    fn check_address(&self, address: &str) -> Result<(), String> {
        (self.kind.check_address)(address)
    }

    fn send<'a>(&'a self, message: &'a Cleared<Message>) -> Sending<'a> {
        Box::pin(self.attempt(message))
    }

    fn check<'a>(&'a self) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

fn check_number(address: &str) -> Result<(), String> {
    let digits = address.strip_prefix('+').unwrap_or_default();
    if (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(());
    }
    Err(format!(
        "a telephone number is + and 7 to 15 digits; write it like {}",
        SMS.address_example
    ))
}

fn check_name(address: &str, example: &str) -> Result<(), String> {
    let is_name = !address.is_empty()
        && address.len() <= 254
        && !address.chars().any(|c| c.is_whitespace() || c.is_control());
    if is_name {
        return Ok(());
    }
    Err(format!("a name is 1 to 254 characters without spaces; write it like {example}"))
}
