//! What a mail server can do to us, seen through the whole program: the reporter reads why an attempt failed, and
//! whoever is next is called at once.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::certificates::server_for;
use crate::support::patience::until;
use crate::support::receiver::Receiver;
use crate::support::site::{PROGRAM, Server, Settings, Site, person};
use crate::support::smtp::MailServer;

/// Mailboxes, and the reason that the reporter reads; none for a letter that was taken.
const MAILBOXES: [(&str, Option<&str>); 7] = [
    ("sato", None),
    ("slow", None),
    ("hang", Some("timed_out")),
    ("endless", Some("timed_out")),
    ("refuse", Some("unknown_address")),
    ("later", Some("busy")),
    ("break", Some("closed")),
];

fn site(receiver: &Receiver, mail: &str) -> Site {
    let mut directory = person("per_suzuki", "", &[("webhook", &receiver.url("/ok/suzuki"))]);
    for (mailbox, _) in MAILBOXES {
        let address = format!("{mailbox}@example.test");
        directory += &person(&format!("per_{mailbox}_manager"), "", &[("mail", &address)]);
        directory += &person(&format!("per_{mailbox}"), &format!("per_{mailbox}_manager"), &[]);
    }
    let mut more = "[channels.mail]\nfrom = \"ippo@example.test\"\n".to_owned();
    writeln!(more, "command_timeout = \"400ms\"\ntimeout = \"1500ms\"\n{mail}").unwrap();
    Site::new(&Settings { directory, more, ..Settings::default() })
}

/// The first attempt to a person, once it has an outcome.
async fn first_outcome(server: &Server, token: &str, incident: &str, person: &str) -> Value {
    until("outcome", async || {
        let attempts = server.attempts(token, incident).await;
        let mut of_person = attempts.into_iter().filter(|a| a["person"]["id"] == person);
        of_person.next().filter(|attempt| attempt["state"] != "planned")
    })
    .await
}

async fn check(server: &Server, token: &str, mailbox: &str, why: Option<&str>) {
    let incident = server.report(token, &json!({"text": mailbox})).await;
    let manager = format!("per_{mailbox}_manager");
    let first = first_outcome(server, token, &incident, &manager).await;
    assert_eq!(first["channel"], "mail");
    assert_eq!(first["why"].as_str(), why, "{mailbox}: {first}");
    if why.is_none() {
        assert_eq!(first["state"], "handed_over", "{mailbox}: {first}");
        return;
    }
    assert_eq!(first["state"], "failed", "{mailbox}: {first}");
    let next = first_outcome(server, token, &incident, "per_suzuki").await;
    assert_eq!(next["state"], "handed_over", "{mailbox}: {next}");
    let pause = next["planned_at_ms"].as_i64().unwrap() - first["planned_at_ms"].as_i64().unwrap();
    assert!(pause < 10_000, "{mailbox}: the next person waited {pause} ms");
}

#[tokio::test]
async fn whatever_a_mail_server_does_the_reporter_sees_it_and_the_next_person_is_called_at_once() {
    let receiver = Receiver::start().await;
    let mails = MailServer::start(None).await;
    let site = site(&receiver, &format!("smtp = \"smtp://{}\"\ntls = \"never\"", mails.address));
    let tokens: Vec<String> =
        MAILBOXES.iter().map(|(mailbox, _)| site.token(&format!("per_{mailbox}"))).collect();
    let mut server = site.start().await;
    let checks = MAILBOXES.iter().zip(&tokens);
    let checks = checks.map(|((mailbox, why), token)| check(&server, token, mailbox, *why));
    futures_util::future::join_all(checks).await;
    assert_eq!(mails.wait_for_letters(2).await.len(), 2);
    assert!(server.is_running());
}

#[tokio::test]
async fn a_mail_server_with_the_name_of_another_and_one_that_is_not_there_are_told_apart() {
    let receiver = Receiver::start().await;
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("ca.pem");
    let other = MailServer::start(Some(server_for("mail.other.test", &authority))).await;
    let mail =
        format!("smtp = \"smtps://{}\"\nca_file = \"{}\"", other.address, authority.display());
    let site = site(&receiver, &mail);
    let token = site.token("per_sato");
    let server = site.start().await;
    check(&server, &token, "sato", Some("tls")).await;
    assert!(server.terminate().await.success());

    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = Command::new(PROGRAM);
    command.arg("serve").arg("--config").arg(site.config_file());
    command.env("IPPO_CHANNELS__MAIL__SMTP", format!("smtp://{nobody}"));
    let server = Server::start(command).await;
    check(&server, &token, "sato", Some("unreachable")).await;
}
