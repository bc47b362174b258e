//! The registry: sorted, found by id, no id twice, every error at once.

use channels::{ChannelsConfig, DuplicateChannel, Registry, SimulatedChannel, SimulatedWorld};
use serde_json::json;

use crate::support::clock;

fn ids(registry: &Registry) -> Vec<&'static str> {
    registry.channels().iter().map(|channel| channel.info().id).collect()
}

#[test]
fn channels_are_sorted_and_found_by_id() {
    let mut channels = SimulatedChannel::all(&SimulatedWorld::new(clock()));
    channels.reverse();
    let registry = Registry::new(channels).unwrap();
    let expected = ["chat", "mail", "push", "sms", "voice", "webhook"];
    assert_eq!(ids(&registry), expected);
    for id in expected {
        assert_eq!(registry.find(id).map(|channel| channel.info().id), Some(id));
    }
    assert!(registry.find("fax").is_none());
    assert_eq!(format!("{registry:?}"), format!("{{{:?}}}", expected).replace(['[', ']'], ""));
}

#[test]
fn an_id_that_is_taken_is_refused() {
    let world = SimulatedWorld::new(clock());
    let mut channels = SimulatedChannel::all(&world);
    channels.extend(SimulatedChannel::all(&world).into_iter().take(1));
    assert_eq!(Registry::new(channels).err(), Some(DuplicateChannel("chat")));
}

#[tokio::test]
async fn a_channel_exists_when_its_section_does() {
    let mail = json!({ "smtp": "smtp://127.0.0.1:25", "from": "ippo@example.co.jp" });
    let webhook = json!({ "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" });
    let cases = [
        (json!({}), vec![]),
        (json!({ "mail": mail }), vec!["mail"]),
        (json!({ "webhook": webhook, "mail": mail }), vec!["mail", "webhook"]),
    ];
    for (config, expected) in cases {
        let config: ChannelsConfig = serde_json::from_value(config).unwrap();
        assert_eq!(ids(&Registry::from_config(&config, &clock()).unwrap()), expected);
    }
    assert!(serde_json::from_value::<ChannelsConfig>(json!({ "fax": {} })).is_err());
}

#[test]
fn everything_that_is_wrong_is_listed_at_once() {
    let config = json!({ "mail": { "smtp": "nowhere", "from": "x" }, "webhook": {} });
    let config: ChannelsConfig = serde_json::from_value(config).unwrap();
    let errors = Registry::from_config(&config, &clock()).unwrap_err();
    let fields = errors.iter().map(|error| error.field).collect::<Vec<_>>();
    assert_eq!(fields, ["channels.mail.from", "channels.webhook.secret"]);
}
