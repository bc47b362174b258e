//! Which connection a mail takes: kept ones are used again, dead ones are replaced once.

use domain::port::Why;
use serde_json::json;

use crate::mail::{TO, mail};
use crate::support::smtp::{Act, Script, SmtpServer, Step};
use crate::support::{again, in_time, is_accepted, refused, send};

#[tokio::test]
async fn two_mails_go_over_one_connection() {
    let server = SmtpServer::start(Script::default()).await;
    let channel = mail(&server.url(), &json!({}));
    for _ in 0..2 {
        assert!(is_accepted(&send(&channel, TO).await));
    }
    let seen = server.seen();
    assert_eq!((seen.connections, seen.letters.len()), (1, 2));
}

#[tokio::test]
async fn the_connection_opened_by_a_check_is_used_by_the_first_mail() {
    let server = SmtpServer::start(Script::default()).await;
    let channel = mail(&server.url(), &json!({}));
    in_time(domain::port::Channel::check(&channel)).await.unwrap();
    assert!(is_accepted(&send(&channel, TO).await));
    assert_eq!(server.seen().connections, 1);
}

#[tokio::test]
async fn a_kept_connection_that_has_died_is_replaced_within_the_attempt() {
    let endings = [
        ("closed after the first", Script::default().on_letter(2, Step::Sender, Act::Close)),
        (
            "says goodbye",
            Script::default().on_letter(
                2,
                Step::Sender,
                Act::SayAndClose("421 4.4.2 idle too long"),
            ),
        ),
        ("closed at the recipient", Script::default().on_letter(2, Step::Recipient, Act::Close)),
        ("does not answer any more", Script::default().on_letter(2, Step::Sender, Act::Hang)),
    ];
    for (name, script) in endings {
        let server = SmtpServer::start(script).await;
        let channel = mail(&server.url(), &json!({ "command_timeout": "300ms" }));
        assert!(is_accepted(&send(&channel, TO).await), "{name}");
        assert!(is_accepted(&send(&channel, TO).await), "{name}");
        let seen = server.seen();
        assert_eq!((seen.connections, seen.letters.len()), (2, 2), "{name}");
    }
}

#[tokio::test]
async fn a_message_that_was_handed_over_in_part_is_not_sent_again_by_the_channel() {
    for step in [Step::Middle, Step::Content] {
        let script = Script::default().on_letter(2, step, Act::Close);
        let server = SmtpServer::start(script).await;
        let channel = mail(&server.url(), &json!({}));
        assert!(is_accepted(&send(&channel, TO).await));
        assert_eq!(send(&channel, TO).await, again(Why::Closed), "{step:?}");
        assert_eq!(server.seen().connections, 1, "{step:?}");
    }
}

#[tokio::test]
async fn a_fresh_connection_that_dies_is_not_replaced() {
    let server = SmtpServer::start(Script::default().on(Step::Sender, Act::Close)).await;
    let channel = mail(&server.url(), &json!({}));
    assert_eq!(send(&channel, TO).await, again(Why::Closed));
    assert_eq!(server.seen().connections, 1);
}

#[tokio::test]
async fn after_a_refusal_the_next_mail_goes_through() {
    let script =
        Script::default().on_letter(2, Step::Recipient, Act::Say("550 5.1.1 no such user"));
    let server = SmtpServer::start(script).await;
    let channel = mail(&server.url(), &json!({}));
    assert!(is_accepted(&send(&channel, TO).await));
    assert_eq!(send(&channel, TO).await, refused(Why::UnknownAddress));
    assert!(is_accepted(&send(&channel, TO).await));
}

#[tokio::test]
async fn an_answer_without_end_is_given_up() {
    // A line feed never comes, and the server sends as fast as it can.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        use tokio::io::AsyncWriteExt as _;
        while let Ok((mut stream, _)) = listener.accept().await {
            let chunk = vec![b'2'; 64 * 1024];
            while stream.write_all(&chunk).await.is_ok() {}
        }
    });
    let channel = mail(&format!("smtp://{address}"), &json!({ "tls": "never" }));
    assert_eq!(send(&channel, TO).await, again(Why::Busy));
}
