//! What a mail looks like, and what each answer of the mail server means.

use std::sync::Arc;
use std::time::Duration;

use channels::Mail;
use domain::port::{Channel, Message, Outcome, Proof, Purpose, Why};
use mail_parser::MessageParser;
use serde_json::{Value, json};

use crate::support::smtp::{Act, Script, SmtpServer, Step};
use crate::support::{
    again, clock, in_time, is_accepted, merge, refused, send, send_message, summons,
};

pub(crate) const TO: &str = "sato@example.co.jp";

/// The mail channel towards `smtp`, with further keys.
pub(crate) fn mail(smtp: &str, extra: &Value) -> Mail {
    let base = json!({ "smtp": smtp, "from": "ippo <ippo@example.co.jp>" });
    let config = serde_json::from_value(merge(base, extra)).unwrap();
    Mail::new(&config, clock()).unwrap()
}

/// What comes of one mail to a server with this script.
async fn outcome_with(script: Script) -> Outcome {
    let server = SmtpServer::start(script).await;
    let extra = json!({ "timeout": "2s", "command_timeout": "300ms" });
    send(&mail(&server.url(), &extra), TO).await
}

/// The letter that `message` becomes.
async fn letter_of(message: Message) -> String {
    let server = SmtpServer::start(Script::default()).await;
    let outcome = send_message(&mail(&server.url(), &json!({})), TO, message).await;
    assert!(is_accepted(&outcome), "{outcome:?}");
    server.wait_for_letters(1).await.remove(0)
}

#[tokio::test]
async fn the_letter_and_its_envelope_are_as_published() {
    let server = SmtpServer::start(Script::default()).await;
    let outcome = send(&mail(&server.url(), &json!({})), TO).await;
    let provider_ref = Some("2.0.0 Ok: queued as 4F1A".to_owned());
    assert_eq!(outcome, Outcome::Accepted { provider_ref, proof: Proof::HandedOver });

    let commands = server.seen().commands;
    let expected = [
        "EHLO example.co.jp",
        "MAIL FROM:<ippo@example.co.jp>",
        "RCPT TO:<sato@example.co.jp>",
        "DATA",
    ];
    assert_eq!(commands, expected);

    let letter = server.wait_for_letters(1).await.remove(0);
    let (head, _) = letter.split_once("\r\n\r\n").unwrap();
    let head = head.replace("\r\n ", " ");
    let lines = head.split("\r\n").filter(|line| !line.starts_with("Content-Type"));
    let expected = [
        "From: ippo <ippo@example.co.jp>",
        "To: =?utf-8?b?5L2Q6JekIOWBpQ==?= <sato@example.co.jp>",
        "Subject: =?utf-8?b?44CQ57eK5oCl44CR55Sw5Lit44GV44KT44GM44GC44Gq44Gf44KS?= =?utf-8?b?5ZG844KT44Gn44GE44G+44GZ?=",
        "Date: Sun, 22 Nov 2026 12:00:00 +0000",
        "Message-ID: <att_01test_3@example.co.jp>",
        "X-Ippo-Incident: inc_01test",
        "X-Ippo-Attempt: att_01test_3",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
    ];
    assert_eq!(lines.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn text_and_html_both_hold_the_message_the_answer_link_and_the_number() {
    let letter = letter_of(summons()).await;
    let parsed = MessageParser::default().parse(letter.as_bytes()).unwrap();
    assert_eq!(parsed.subject(), Some("【緊急】田中さんがあなたを呼んでいます"));
    let text = parsed.body_text(0).unwrap().replace("\r\n", "\n");
    let expected = "顧客の表を消してしまいました。\nいまも注文が止まっています。\n\n返事をする:\n\
                    https://ippo.example.co.jp/a/token123\n\n☎ +81 90-0000-0001\n";
    assert_eq!(text.trim_end(), expected.trim_end());
    let html = parsed.body_html(0).unwrap();
    assert!(html.contains(r#"<html lang="ja">"#));
    assert!(html.contains("消してしまいました。<br>"));
    assert!(html.contains(r#"<a href="https://ippo.example.co.jp/a/token123" style="#));
    assert!(html.contains(">返事をする</a>"));
    assert!(html.contains(r#"<a href="tel:+819000000001" style="#));
    assert!(html.contains(r#"name="color-scheme" content="light dark""#));
}

#[tokio::test]
async fn a_message_that_asks_for_nothing_has_no_link_and_no_number() {
    let letter = letter_of(Message {
        purpose: Purpose::StoodDown,
        answer_url: None,
        reporter_phone: None,
        ..summons()
    })
    .await;
    let parsed = MessageParser::default().parse(letter.as_bytes()).unwrap();
    assert!(!parsed.body_text(0).unwrap().contains('☎'));
    assert!(!parsed.body_html(0).unwrap().contains("<a "));
}

#[tokio::test]
async fn what_people_write_never_becomes_markup_or_a_header() {
    let letter = letter_of(Message {
        person_name: "Sato\r\nBcc: all@example.co.jp".to_owned(),
        subject: "[URGENT] help\r\nX-Evil: 1\r\n\r\nbody\u{2028}\u{0}".to_owned(),
        text: "<script>alert(1)</script> & \"quotes\"".to_owned(),
        answer_url: Some("https://ippo.example/a/x\"><b>".to_owned()),
        answer_label: "<i>Answer</i>".to_owned(),
        reporter_phone: Some("\"><img src=x>+81".to_owned()),
        locale: "en\"><b>".to_owned(),
        ..summons()
    })
    .await;
    let (head, _) = letter.split_once("\r\n\r\n").unwrap();
    for line in head.split("\r\n") {
        let is_own = !line.starts_with("X-Evil") && !line.starts_with("Bcc");
        assert!(is_own, "a header was smuggled in: {line}");
    }
    assert!(head.contains("MIME-Version"), "the subject ended the headers");
    let parsed = MessageParser::default().parse(letter.as_bytes()).unwrap();
    assert_eq!(parsed.to().unwrap().iter().count(), 1);
    let html = parsed.body_html(0).unwrap();
    for markup in ["<script", "<b>", "<i>", "<img"] {
        assert!(!html.contains(markup), "{markup} in {html}");
    }
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quotes&quot;"));
    assert!(parsed.body_text(0).unwrap().contains("<script>alert(1)</script>"));
}

#[tokio::test]
async fn lines_that_look_like_the_end_arrive_as_they_were_written() {
    let text = "first\n.\n..\n.dots\nlast";
    let letter = letter_of(Message { text: text.to_owned(), ..summons() }).await;
    let parsed = MessageParser::default().parse(letter.as_bytes()).unwrap();
    let received = parsed.body_text(0).unwrap().replace("\r\n", "\n");
    assert!(received.starts_with(text), "{received}");
}

#[tokio::test]
async fn a_line_that_looks_like_the_boundary_does_not_cut_the_letter() {
    let first = letter_of(summons()).await;
    let boundary = first.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap();
    let text = format!("before\n--{boundary}--\nafter");
    let letter = letter_of(Message { text, ..summons() }).await;
    let parsed = MessageParser::default().parse(letter.as_bytes()).unwrap();
    assert!(parsed.body_text(0).unwrap().contains("after"));
    assert!(parsed.body_html(0).unwrap().contains("after"));
}

#[tokio::test]
async fn a_long_text_arrives_whole() {
    let text = "とても長い一行です。".repeat(5_000);
    let letter = letter_of(Message { text: text.clone(), ..summons() }).await;
    assert!(letter.lines().all(|line| line.len() <= 998), "a line is longer than SMTP allows");
    let parsed = MessageParser::default().parse(letter.as_bytes()).unwrap();
    assert!(parsed.body_text(0).unwrap().starts_with(&text));
}

#[tokio::test]
async fn the_same_attempt_sent_again_is_the_same_letter() {
    assert_eq!(letter_of(summons()).await, letter_of(summons()).await);
}

#[tokio::test]
async fn a_refusal_at_each_step_is_told_apart() {
    const SMTP: &str = "channels.mail.smtp";
    const FROM: &str = "channels.mail.from";
    let misconfigured = |field, why| Outcome::Misconfigured { field, why };
    let cases = [
        (Step::Greeting, "421 4.3.2 closing", again(Why::Busy)),
        (Step::Greeting, "554 5.7.1 blocked", misconfigured(SMTP, Why::Rejected)),
        (Step::Hello, "451 4.3.0 later", again(Why::Busy)),
        (Step::Sender, "530 5.7.0 sign in first", misconfigured(SMTP, Why::Authentication)),
        (Step::Sender, "550 5.1.8 bad sender", misconfigured(FROM, Why::Rejected)),
        (Step::Sender, "451 4.3.0 later", again(Why::Busy)),
        (Step::Recipient, "450 4.7.1 greylisted", again(Why::RateLimited)),
        (Step::Recipient, "452 4.2.2 full", again(Why::MailboxFull)),
        (
            Step::Recipient,
            "550 5.1.1 no such user sato@example.co.jp",
            refused(Why::UnknownAddress),
        ),
        (Step::Recipient, "550-5.1.1 no such\r\n550 5.1.1 user", refused(Why::UnknownAddress)),
        (Step::Recipient, "552 5.2.2 full", refused(Why::MailboxFull)),
        (Step::Data, "554 5.5.1 no", refused(Why::Rejected)),
        (Step::Content, "451 4.3.0 later", again(Why::Busy)),
        (Step::Content, "554 5.7.1 spam", refused(Why::Rejected)),
        (Step::Recipient, "I speak no SMTP", again(Why::Busy)),
    ];
    for (step, reply, expected) in cases {
        let outcome = outcome_with(Script::default().on(step, Act::Say(reply))).await;
        assert_eq!(outcome, expected, "{step:?} {reply}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_or_breaks_off_at_any_step_does_not_hold_the_send() {
    let steps = [
        Step::Greeting,
        Step::Hello,
        Step::Sender,
        Step::Recipient,
        Step::Data,
        Step::Middle,
        Step::Content,
    ];
    for step in steps {
        let outcome = outcome_with(Script::default().on(step, Act::Hang)).await;
        assert_eq!(outcome, again(Why::TimedOut), "hangs at {step:?}");
        let outcome = outcome_with(Script::default().on(step, Act::Close)).await;
        assert_eq!(outcome, again(Why::Closed), "closes at {step:?}");
    }
}

#[tokio::test]
async fn a_server_that_drips_is_held_to_the_limit_on_the_whole() {
    let drip = Act::Drip("250-one-two-three\r\n250 four-five-six-seven", Duration::from_millis(20));
    let server = SmtpServer::start(Script::default().on(Step::Sender, drip)).await;
    let channel = mail(&server.url(), &json!({ "timeout": "300ms" }));
    assert_eq!(send(&channel, TO).await, again(Why::TimedOut));
}

#[tokio::test]
async fn a_server_that_is_slow_but_within_the_limits_gets_the_letter() {
    let drip = Act::Drip("250-one-two\r\n250 three", Duration::from_millis(2));
    let script = Script::default().on(Step::Hello, drip).on(Step::Sender, drip);
    let server = SmtpServer::start(script.on(Step::Recipient, drip)).await;
    assert!(is_accepted(&send(&mail(&server.url(), &json!({})), TO).await));
    assert_eq!(server.seen().letters.len(), 1);
}

#[tokio::test]
async fn nothing_listening_and_unknown_hosts_are_told_apart() {
    let gone = SmtpServer::start(Script::default()).await.address;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let free = listener.local_addr().unwrap();
    drop(listener);
    assert_ne!(gone, free);
    let unreachable = mail(&format!("smtp://{free}"), &json!({}));
    assert_eq!(send(&unreachable, TO).await, again(Why::Unreachable));
    let unknown = mail("smtp://no-such-host.invalid:25", &json!({}));
    assert_eq!(send(&unknown, TO).await, again(Why::UnknownHost));
}

#[tokio::test]
async fn a_check_says_what_is_wrong_without_naming_host_or_person() {
    let refuse = Act::Say("554 5.7.1 sato@example.co.jp at 127.0.0.1 is blocked");
    let server = SmtpServer::start(Script::default().on(Step::Greeting, refuse)).await;
    let problem = in_time(mail(&server.url(), &json!({})).check()).await.unwrap_err();
    assert_eq!(
        problem,
        "the mail server cannot be used: rejected while greeting, reply 554; look at channels.mail.smtp"
    );
    let silent = SmtpServer::start(Script::default().on(Step::Hello, Act::Hang)).await;
    let channel = Arc::new(mail(&silent.url(), &json!({ "timeout": "200ms" })));
    let problem = in_time(channel.check()).await.unwrap_err();
    assert!(problem.contains("timed_out"), "{problem}");
}
