//! What may stand in `[channels.webhook]`.

use channels::{Webhook, WebhookConfig};
use serde_json::{Value, json};

use crate::support::clock;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn read(config: Value) -> WebhookConfig {
    serde_json::from_value(config).unwrap()
}

#[tokio::test]
async fn each_thing_that_can_be_wrong_is_named_by_its_key() {
    let short = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(short.path(), "whsec_c2hvcnQ=").unwrap();
    let cases = [
        (json!({}), "channels.webhook.secret"),
        (json!({ "secret": "hunter2" }), "channels.webhook.secret"),
        (json!({ "secret": "whsec_hunter2!" }), "channels.webhook.secret"),
        (json!({ "secret_file": short.path() }), "channels.webhook.secret_file"),
        (json!({ "secret_file": "/nonexistent/secret" }), "channels.webhook.secret_file"),
        (json!({ "secret": SECRET, "secret_file": short.path() }), "channels.webhook.secret_file"),
        (json!({ "secret": SECRET, "allow": ["localhost"] }), "channels.webhook.allow"),
        (json!({ "secret": SECRET, "ca_file": short.path() }), "channels.webhook.ca_file"),
        (json!({ "secret": SECRET, "timeout": "0s" }), "channels.webhook.timeout"),
        (json!({ "secret": SECRET, "connect_timeout": "0s" }), "channels.webhook.connect_timeout"),
    ];
    for (config, field) in cases {
        let Err(error) = Webhook::new(&read(config.clone()), clock()) else {
            panic!("accepted: {config}");
        };
        assert_eq!(error.field, field, "{config}");
        let shown = format!("{error:?} {error}");
        assert!(!shown.contains("hunter2") && !shown.contains("MfKQ"), "{shown}");
    }
}

#[tokio::test]
async fn the_secret_can_come_from_a_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{SECRET}\n")).unwrap();
    let config = read(json!({ "secret_file": file.path() }));
    assert!(Webhook::new(&config, clock()).is_ok());
}

#[test]
fn unknown_keys_are_refused_and_the_configuration_prints_without_its_secret() {
    let unknown = serde_json::from_value::<WebhookConfig>(json!({ "secrets": SECRET }));
    assert!(unknown.is_err());
    let shown = format!("{:?}", read(json!({ "secret": SECRET })));
    assert!(!shown.contains("MfKQ") && shown.contains("***"), "{shown}");
}
