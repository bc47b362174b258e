//! Encryption and signing in.

use domain::port::{Outcome, Why};
use serde_json::{Value, json};

use crate::mail::{TO, mail};
use crate::support::certificates::Authority;
use crate::support::smtp::{Act, Script, SmtpServer, Step};
use crate::support::{again, is_accepted, send};

const WRONG_CERTIFICATE: Outcome =
    Outcome::Misconfigured { field: "channels.mail.smtp", why: Why::Tls };
const WRONG_PASSWORD: Outcome =
    Outcome::Misconfigured { field: "channels.mail.smtp", why: Why::Authentication };

fn required(authority: &Authority) -> Value {
    json!({ "tls": "required", "ca_file": authority.file.path(), "timeout": "5s" })
}

fn on_localhost(server: &SmtpServer, scheme: &str) -> String {
    format!("{scheme}://localhost:{}", server.address.port())
}

#[tokio::test]
async fn a_server_with_the_right_name_gets_the_mail_encrypted() {
    let authority = Authority::new();
    let tls = authority.server(&["localhost"]);
    for (scheme, script) in [
        ("smtp", Script::default().with_starttls(tls.clone())),
        ("smtps", Script::default().encrypted(tls)),
    ] {
        let server = SmtpServer::start(script).await;
        let channel = mail(&on_localhost(&server, scheme), &required(&authority));
        assert!(is_accepted(&send(&channel, TO).await), "{scheme}");
        let commands = server.seen().commands;
        assert!(commands.contains(&"(tls) DATA".to_owned()), "{scheme}: {commands:?}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_or_from_a_stranger_gets_nothing() {
    let authority = Authority::new();
    let stranger = Authority::new();
    for (name, tls) in [
        ("other name", authority.server(&["other.example"])),
        ("stranger", stranger.server(&["localhost"])),
    ] {
        for (scheme, script) in [
            ("smtp", Script::default().with_starttls(tls.clone())),
            ("smtps", Script::default().encrypted(tls.clone())),
        ] {
            let server = SmtpServer::start(script).await;
            let channel = mail(&on_localhost(&server, scheme), &required(&authority));
            assert_eq!(send(&channel, TO).await, WRONG_CERTIFICATE, "{name} {scheme}");
            let commands = server.seen().commands.join("\n");
            assert!(!commands.contains("MAIL"), "{name} {scheme}: {commands}");
        }
    }
}

#[tokio::test]
async fn a_server_that_cannot_encrypt_gets_nothing_when_encryption_is_required() {
    let server = SmtpServer::start(Script::default()).await;
    let channel = mail(&server.url(), &json!({ "tls": "required" }));
    assert_eq!(send(&channel, TO).await, WRONG_CERTIFICATE);
    assert_eq!(server.seen().commands, ["EHLO example.co.jp"]);
}

#[tokio::test]
async fn without_a_word_in_the_configuration_encryption_is_used_where_it_is_offered() {
    let authority = Authority::new();
    let tls = authority.server(&["other.example"]);
    let server = SmtpServer::start(Script::default().with_starttls(tls)).await;
    assert!(is_accepted(&send(&mail(&server.url(), &json!({})), TO).await));
    assert!(server.seen().commands.contains(&"(tls) DATA".to_owned()));
}

#[tokio::test]
async fn a_broken_offer_to_encrypt_does_not_keep_the_mail_back_unless_it_is_required() {
    let authority = Authority::new();
    let tls = authority.server(&["localhost"]);
    let script = Script::default().with_starttls(tls);
    let script = script.on(Step::StartTls, Act::SayAndClose("454 4.7.0 not available"));
    let server = SmtpServer::start(script).await;
    let relaxed = mail(&on_localhost(&server, "smtp"), &json!({}));
    let strict = mail(&on_localhost(&server, "smtp"), &required(&authority));
    assert_eq!(send(&strict, TO).await, again(Why::Tls));
    // The second connection does not ask again, so that a letter in clear text is better than none.
    assert!(is_accepted(&send(&relaxed, TO).await));
    assert!(server.seen().commands.contains(&"DATA".to_owned()));
}

#[tokio::test]
async fn with_encryption_switched_off_the_offer_is_not_taken() {
    let authority = Authority::new();
    let tls = authority.server(&["localhost"]);
    let server = SmtpServer::start(Script::default().with_starttls(tls)).await;
    assert!(is_accepted(&send(&mail(&server.url(), &json!({ "tls": "never" })), TO).await));
    assert!(!server.seen().commands.contains(&"STARTTLS".to_owned()));
}

#[tokio::test]
async fn answers_slipped_in_before_encryption_are_not_believed() {
    let authority = Authority::new();
    let tls = authority.server(&["localhost"]);
    let slipped_in = "220 go ahead\r\n250 mx.test\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken";
    let script = Script::default().with_starttls(tls).on(Step::StartTls, Act::Say(slipped_in));
    let server = SmtpServer::start(script).await;
    let channel = mail(&on_localhost(&server, "smtp"), &required(&authority));
    assert_eq!(send(&channel, TO).await, again(Why::Tls));
    assert_eq!(server.seen().letters.len(), 0);
}

#[tokio::test]
async fn a_server_that_hangs_in_the_middle_of_tls_does_not_hold_the_send() {
    // A listener that never accepts a handshake: the connection opens and stays silent.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let channel = mail(&format!("smtps://{address}"), &json!({ "timeout": "200ms" }));
    assert_eq!(send(&channel, TO).await, again(Why::TimedOut));
}

#[tokio::test]
async fn user_and_password_are_sent_only_encrypted() {
    let authority = Authority::new();
    let tls = authority.server(&["localhost"]);
    let server = SmtpServer::start(Script::default().with_starttls(tls)).await;
    let url = format!("smtp://ippo:p%40ss@localhost:{}", server.address.port());
    let channel = mail(&url, &json!({ "ca_file": authority.file.path() }));
    assert!(is_accepted(&send(&channel, TO).await));
    let commands = server.seen().commands;
    // \0ippo\0p@ss
    assert!(commands.contains(&"(tls) AUTH PLAIN AGlwcG8AcEBzcw==".to_owned()), "{commands:?}");
    assert!(!commands.iter().any(|command| command.starts_with("AUTH")), "{commands:?}");
}

#[tokio::test]
async fn a_wrong_password_is_our_own_set_up() {
    let refuse = Act::Say("535 5.7.8 wrong name or password");
    let server = SmtpServer::start(Script::default().on(Step::SignIn, refuse)).await;
    let url = format!("smtp://ippo:wrong@{}", server.address);
    let channel = mail(&url, &json!({ "tls": "never" }));
    assert_eq!(send(&channel, TO).await, WRONG_PASSWORD);
}

#[tokio::test]
async fn a_server_that_wants_a_password_we_do_not_have_is_our_own_set_up() {
    let refuse = Act::Say("530 5.7.0 authentication required");
    let server = SmtpServer::start(Script::default().on(Step::Sender, refuse)).await;
    assert_eq!(send(&mail(&server.url(), &json!({})), TO).await, WRONG_PASSWORD);
}

#[tokio::test]
async fn a_server_without_any_way_to_sign_in_is_our_own_set_up() {
    let hello = Act::Say("250-mx.test\r\n250 HELP");
    let server = SmtpServer::start(Script::default().on(Step::Hello, hello)).await;
    let url = format!("smtp://ippo:secret@{}", server.address);
    assert_eq!(send(&mail(&url, &json!({ "tls": "never" })), TO).await, WRONG_PASSWORD);
}
