//! A clock that stands still, messages to send, and servers to send them to.

use std::sync::Arc;
use std::time::Duration;

use domain::circle::{Circle, Cleared, Destination, clear};
use domain::id::{AttemptId, IncidentId, PersonId};
use domain::port::{Channel, Clock, Message, Outcome, Purpose, Why};
use domain::time::Timestamp;
use serde_json::Value;

pub(crate) mod certificates;
pub(crate) mod http;
pub(crate) mod smtp;

/// The latest that anything in these tests may take; only a broken program gets there.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// 2026-11-22T12:00:00Z, for ever.
pub(crate) const NOW: Timestamp = Timestamp::from_millisecond(1_795_348_800_000);

/// A clock that stands still.
struct StoppedClock(Timestamp);

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(StoppedClock(NOW))
}

/// A call for 佐藤 健 in Japanese.
pub(crate) fn summons() -> Message {
    let incident = IncidentId::new("inc_01test");
    Message {
        attempt: AttemptId::nth(&incident, 3),
        incident,
        number: 2,
        purpose: Purpose::Summon,
        is_drill: false,
        person: PersonId::new("per_sato"),
        person_name: "佐藤 健".to_owned(),
        locale: "ja".to_owned(),
        subject: "【緊急】田中さんがあなたを呼んでいます".to_owned(),
        text: "顧客の表を消してしまいました。\nいまも注文が止まっています。".to_owned(),
        answer_url: Some("https://ippo.example.co.jp/a/token123".to_owned()),
        answer_label: "返事をする".to_owned(),
        reporter_phone: Some("+81 90-0000-0001".to_owned()),
        at: NOW,
    }
}

/// `message` on its way to `address`, with a circle that lets it through.
pub(crate) fn cleared(message: Message, channel: &str, address: &str) -> Cleared<Message> {
    let destination = Destination {
        channel: channel.to_owned(),
        address: address.to_owned(),
        circle: Circle::Reached,
    };
    clear(message, Circle::Reached, destination).unwrap()
}

/// Sends [`summons`] and waits no longer than [`PATIENCE`].
pub(crate) async fn send(channel: &dyn Channel, address: &str) -> Outcome {
    send_message(channel, address, summons()).await
}

/// Sends `message` and waits no longer than [`PATIENCE`].
pub(crate) async fn send_message(
    channel: &dyn Channel,
    address: &str,
    message: Message,
) -> Outcome {
    let message = cleared(message, channel.info().id, address);
    in_time(channel.send(&message)).await
}

/// The result of `work`, which must come before [`PATIENCE`] runs out.
pub(crate) async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.expect("no result within the test's patience")
}

pub(crate) const fn again(why: Why) -> Outcome {
    Outcome::TryAgain { not_before: None, why }
}

pub(crate) const fn refused(why: Why) -> Outcome {
    Outcome::Refused { why }
}

pub(crate) fn is_accepted(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Accepted { .. })
}

/// `base` with the keys of `extra` added or replaced.
pub(crate) fn merge(mut base: Value, extra: &Value) -> Value {
    let target = base.as_object_mut().unwrap();
    for (key, value) in extra.as_object().unwrap() {
        target.insert(key.clone(), value.clone());
    }
    base
}
