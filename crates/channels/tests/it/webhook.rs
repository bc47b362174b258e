//! What a receiver gets, and what each of its answers means.

use std::time::Duration;

use channels::webhook::signature::{Received, SigningSecret};
use channels::{Secret, Webhook};
use domain::port::{Message, Outcome, Proof, Purpose, Why};
use serde_json::{Value, json};

use crate::support::certificates::Authority;
use crate::support::http::{HttpServer, Reply};
use crate::support::{NOW, again, clock, is_accepted, merge, refused, send, send_message, summons};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ACCEPTED: Outcome = Outcome::Accepted { provider_ref: None, proof: Proof::HandedOver };

fn webhook(extra: &Value) -> Webhook {
    let base = json!({ "secret": SECRET, "allow": ["127.0.0.1/32"], "timeout": "2s" });
    let config = serde_json::from_value(merge(base, extra)).unwrap();
    Webhook::new(&config, clock()).unwrap()
}

async fn outcome_with(reply: Reply) -> Outcome {
    let server = HttpServer::start(reply).await;
    send(&webhook(&json!({ "timeout": "400ms" })), &server.url()).await
}

#[tokio::test]
async fn the_request_is_as_published_and_the_signature_holds() {
    let server = HttpServer::start(Reply::Head("200 OK")).await;
    assert_eq!(send(&webhook(&json!({})), &server.url()).await, ACCEPTED);
    let request = server.requests().remove(0);
    assert_eq!(request.line, "POST /hook?key=k HTTP/1.1");
    let body = String::from_utf8(request.body.clone()).unwrap();
    let expected = concat!(
        r#"{"type":"attempt","incident":"inc_01test","attempt":"att_01test_3","number":2,"drill":false,"#,
        r#""person":{"id":"per_sato","name":"佐藤 健"},"#,
        r#""text":"顧客の表を消してしまいました。\nいまも注文が止まっています。","#,
        r#""answer_url":"https://ippo.example.co.jp/a/token123","purpose":"summon"}"#
    );
    assert_eq!(body, expected);

    let header = |name: &str| request.headers.get(name).map(String::as_str);
    assert_eq!(header("content-type"), Some("application/json"));
    assert_eq!(header("webhook-id"), Some("att_01test_3"));
    assert_eq!(header("webhook-timestamp"), Some("1795348800"));
    let received = Received {
        id: "att_01test_3",
        timestamp_secs: 1_795_348_800,
        signature: header("webhook-signature").unwrap(),
        body: &request.body,
    };
    let secret = SigningSecret::parse(&Secret::from(SECRET)).unwrap();
    assert_eq!(secret.verify(received, NOW.as_millisecond() / 1000, 300), Ok(()));
}

#[tokio::test]
async fn a_drill_without_an_answer_link_says_so() {
    let server = HttpServer::start(Reply::Head("200 OK")).await;
    let message =
        Message { is_drill: true, answer_url: None, purpose: Purpose::StoodDown, ..summons() };
    assert_eq!(send_message(&webhook(&json!({})), &server.url(), message).await, ACCEPTED);
    let body: Value = serde_json::from_slice(&server.requests().remove(0).body).unwrap();
    assert_eq!(body["drill"], true);
    assert_eq!(body["answer_url"], Value::Null);
    assert_eq!(body["purpose"], "stood_down");
}

#[tokio::test]
async fn each_answer_is_mapped() {
    let not_before = |secs| Some(NOW.after(Duration::from_secs(secs)));
    let limited = |secs| Outcome::TryAgain { not_before: not_before(secs), why: Why::RateLimited };
    let cases = [
        ("200 OK", ACCEPTED),
        ("204 No Content", ACCEPTED),
        ("400 Bad Request", refused(Why::Rejected)),
        ("401 Unauthorized", refused(Why::Authentication)),
        ("403 Forbidden", refused(Why::Authentication)),
        ("404 Not Found", refused(Why::UnknownAddress)),
        ("410 Gone", refused(Why::Gone)),
        ("422 Unprocessable Content", refused(Why::Rejected)),
        ("408 Request Timeout", again(Why::Busy)),
        ("500 Internal Server Error", again(Why::Busy)),
        ("429 Too Many Requests", again(Why::RateLimited)),
        ("429 Too Many Requests\r\nRetry-After: 90", limited(90)),
        ("429 Too Many Requests\r\nRetry-After: Sun, 22 Nov 2026 12:02:00 GMT", limited(120)),
    ];
    for (head, expected) in cases {
        assert_eq!(outcome_with(Reply::Head(head)).await, expected, "{head}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = HttpServer::start(Reply::Head("200 OK")).await;
    let location = format!("301 Moved Permanently\r\nLocation: {}", other.url());
    let server = HttpServer::start(Reply::Head(location.leak())).await;
    let outcome = send(&webhook(&json!({})), &server.url()).await;
    assert_eq!(outcome, refused(Why::Redirected));
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn a_receiver_that_hangs_or_breaks_off_does_not_hold_the_send() {
    assert_eq!(outcome_with(Reply::Hang).await, again(Why::TimedOut));
    assert_eq!(outcome_with(Reply::Close).await, again(Why::Closed));
}

#[tokio::test]
async fn a_gigabyte_of_answer_is_let_go() {
    let server = HttpServer::start(Reply::Gigabyte).await;
    assert_eq!(send(&webhook(&json!({})), &server.url()).await, ACCEPTED);
    let written = server.wait_for_cut_off().await;
    // The rest fills the buffers of both sockets.
    assert!(written < 32 << 20, "{written} bytes were taken");
}

#[tokio::test]
async fn an_answer_that_never_ends_was_an_answer_all_the_same() {
    assert_eq!(outcome_with(Reply::Unfinished).await, ACCEPTED);
}

#[tokio::test]
async fn two_webhooks_go_over_one_connection() {
    let server = HttpServer::start(Reply::Head("200 OK")).await;
    let channel = webhook(&json!({}));
    for _ in 0..2 {
        assert_eq!(send(&channel, &server.url()).await, ACCEPTED);
    }
    assert_eq!((server.connections(), server.requests().len()), (1, 2));
}

#[tokio::test]
async fn closed_addresses_are_refused_before_anything_connects() {
    let server = HttpServer::start(Reply::Head("200 OK")).await;
    let port = server.address.port();
    let channel = webhook(&json!({ "allow": ["10.9.8.0/24"] }));
    let addresses = [
        format!("http://127.0.0.1:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0x7f.1:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://LOCALHOST:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://10.0.0.1/".to_owned(),
        "http://192.168.0.1/".to_owned(),
        "http://100.64.0.1/".to_owned(),
        "http://[fe80::1]/".to_owned(),
        "http://[fd00:ec2::254]/".to_owned(),
        "http://0.0.0.0/".to_owned(),
        "http://224.0.0.1/".to_owned(),
    ];
    for address in addresses {
        let outcome = send(&channel, &address).await;
        assert_eq!(outcome, refused(Why::AddressNotAllowed), "{address}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn setup_is_told_of_a_closed_address_and_how_to_open_it() {
    let problem =
        domain::port::Channel::check_address(&webhook(&json!({})), "http://10.0.0.1/").unwrap_err();
    assert!(problem.contains("channels.webhook.allow"), "{problem}");
    assert!(!problem.contains("10.0.0.1"), "{problem}");
}

#[tokio::test]
async fn a_name_is_judged_by_the_addresses_behind_it() {
    let server = HttpServer::start(Reply::Head("200 OK")).await;
    let address = format!("http://localhost:{}/", server.address.port());
    assert_eq!(send(&webhook(&json!({})), &address).await, ACCEPTED);
    let unknown = send(&webhook(&json!({})), "http://no-such-host.invalid/").await;
    assert_eq!(unknown, again(Why::UnknownHost));
}

#[tokio::test]
async fn nothing_listening_is_unreachable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(send(&webhook(&json!({})), &address).await, again(Why::Unreachable));
}

#[tokio::test]
async fn a_certificate_has_to_fit_the_name_and_come_from_somebody_trusted() {
    let authority = Authority::new();
    let stranger = Authority::new();
    let cases = [
        ("fits", authority.server(&["localhost"]), ACCEPTED),
        ("other name", authority.server(&["other.example"]), again(Why::Tls)),
        ("stranger", stranger.server(&["localhost"]), again(Why::Tls)),
    ];
    let channel = webhook(&json!({ "ca_file": authority.file.path() }));
    for (name, tls, expected) in cases {
        let server = HttpServer::start_with(Reply::Head("200 OK"), Some(tls)).await;
        let address = format!("https://localhost:{}/", server.address.port());
        assert_eq!(send(&channel, &address).await, expected, "{name}");
        let got_something = !server.requests().is_empty();
        assert_eq!(got_something, is_accepted(&expected), "{name}");
    }
}

#[test]
fn a_proxy_named_in_the_environment_is_not_used() {
    // The environment belongs to the whole process, so the test runs another one in a process of its own.
    let nowhere = "http://127.0.0.1:1";
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "webhook::two_webhooks_go_over_one_connection"]);
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(name, nowhere);
    }
    let output = command.env_remove("NO_PROXY").env_remove("no_proxy").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
