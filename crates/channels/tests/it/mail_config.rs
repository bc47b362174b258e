//! What may stand in `[channels.mail]`.

use channels::{ConfigError, Mail, MailConfig};
use serde_json::{Value, json};

use crate::support::{clock, merge};

fn read(extra: &Value) -> Result<MailConfig, serde_json::Error> {
    let base = json!({ "smtp": "smtp://127.0.0.1:25", "from": "ippo@example.co.jp" });
    serde_json::from_value(merge(base, extra))
}

fn error_of(extra: &Value) -> ConfigError {
    let Err(error) = Mail::new(&read(extra).unwrap(), clock()) else { panic!("accepted: {extra}") };
    error
}

#[tokio::test]
async fn each_thing_that_can_be_wrong_is_named_by_its_key() {
    let empty = tempfile::NamedTempFile::new().unwrap();
    let cases = [
        (json!({ "smtp": "mail.example" }), "channels.mail.smtp"),
        (json!({ "smtp": "http://mail.example" }), "channels.mail.smtp"),
        (json!({ "smtp": "smtp://" }), "channels.mail.smtp"),
        (json!({ "smtp": "smtp://mail.example/path" }), "channels.mail.smtp"),
        (json!({ "smtp": "smtp://mail.example?tls=required" }), "channels.mail.smtp"),
        (json!({ "smtp": "smtp://user@mail.example" }), "channels.mail.smtp"),
        (json!({ "smtp": "smtp://:hunter2@mail.example" }), "channels.mail.smtp"),
        (json!({ "smtp": "smtps://mail.example", "tls": "never" }), "channels.mail.tls"),
        (
            json!({ "smtp": "smtp://user:hunter2@mail.example", "tls": "opportunistic" }),
            "channels.mail.tls",
        ),
        (
            json!({ "smtp": "smtp://user:hunter2@mail.example", "password_file": empty.path() }),
            "channels.mail.password_file",
        ),
        (
            json!({ "smtp": "smtp://user@mail.example", "password_file": empty.path() }),
            "channels.mail.password_file",
        ),
        (json!({ "tls": "required", "ca_file": empty.path() }), "channels.mail.ca_file"),
        (json!({ "tls": "required", "ca_file": "/nonexistent/ca" }), "channels.mail.ca_file"),
        (json!({ "from": "nobody" }), "channels.mail.from"),
        (json!({ "from": "a@example.test\r\nBcc: b@example.test" }), "channels.mail.from"),
        (json!({ "hello_name": "two words" }), "channels.mail.hello_name"),
        (json!({ "timeout": "0s" }), "channels.mail.timeout"),
        (json!({ "command_timeout": "0s" }), "channels.mail.command_timeout"),
        (json!({ "connect_timeout": "0s" }), "channels.mail.connect_timeout"),
    ];
    for (extra, field) in cases {
        let error = error_of(&extra);
        assert_eq!(error.field, field, "{extra}");
        assert!(!error.remedy.is_empty());
        assert!(!format!("{error:?} {error}").contains("hunter2"), "{error:?}");
    }
}

#[tokio::test]
async fn the_password_can_come_from_a_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "hunter2\n").unwrap();
    let config = read(&json!({
        "smtp": "smtps://user@mail.example",
        "password_file": file.path(),
        "timeout": "1m",
    }))
    .unwrap();
    assert!(Mail::new(&config, clock()).is_ok());
}

#[test]
fn unknown_keys_and_numbers_without_a_unit_are_refused() {
    assert!(read(&json!({ "pasword_file": "x" })).is_err());
    assert!(read(&json!({ "timeout": 5 })).is_err());
    assert!(read(&json!({ "tls": "sometimes" })).is_err());
}

#[test]
fn the_configuration_prints_without_its_secret() {
    let config = read(&json!({ "smtp": "smtps://user:hunter2@mail.example" })).unwrap();
    let shown = format!("{config:?}");
    assert!(!shown.contains("hunter2") && shown.contains("***"), "{shown}");
}
