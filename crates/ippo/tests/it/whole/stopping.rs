//! Ending: a signal ends the server soon and in order, whoever still listens; and it says in words why it cannot begin.

use std::net::TcpListener;
use std::time::Duration;

use serde_json::json;
use tokio::process::Command;
use tokio::time::Instant;

use crate::support::http::{Connection, Request};
use crate::support::patience::in_time;
use crate::support::receiver::Receiver;
use crate::support::site::{PROGRAM, Server, Settings, Site, person};

/// The longest that ending may take.
const END_MAX: Duration = Duration::from_secs(5);

async fn site() -> (Site, Receiver) {
    let receiver = Receiver::start().await;
    let directory = person("per_suzuki", "", &[("webhook", &receiver.url("/ok/suzuki"))])
        + &person("per_tanaka", "per_suzuki", &[]);
    (Site::new(&Settings { directory, ..Settings::default() }), receiver)
}

#[tokio::test]
async fn a_signal_ends_the_server_in_time_while_pages_are_open_and_it_starts_again_at_once() {
    let (site, _receiver) = site().await;
    let token = site.token("per_tanaka");
    let server = site.start().await;
    let incident = server.report(&token, &json!({"text": "a"})).await;
    let path = format!("/api/v1/incidents/{incident}/events?after=0");
    let mut listeners = Vec::new();
    for _ in 0..8 {
        let mut listener = Connection::open(server.address).await.unwrap();
        let head = listener.open_stream(&Request::get(&path).bearer(&token)).await.unwrap();
        assert_eq!(head.status, 200);
        assert!(in_time("first event", listener.read_until("report.received")).await.unwrap());
        listeners.push(listener);
    }
    let idle = Connection::open(server.address).await.unwrap();
    let address = server.address;

    let asked = Instant::now();
    let ended = server.terminate().await;
    assert!(asked.elapsed() < END_MAX, "{:?}", asked.elapsed());
    assert!(ended.success(), "{ended}");
    drop((listeners, idle));

    let mut command = Command::new(PROGRAM);
    command.arg("serve").arg("--config").arg(site.config_file());
    command.env("IPPO_SERVER__LISTEN", address.to_string());
    let server = Server::start(command).await;
    assert_eq!(server.address, address);
    assert_eq!(server.get(&token, &format!("/api/v1/incidents/{incident}")).await.status, 200);
}

#[tokio::test]
async fn a_port_in_use_is_said_in_words_with_what_to_do() {
    let (site, _receiver) = site().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = Command::new(PROGRAM);
    command.arg("serve").arg("--config").arg(site.config_file());
    let command = command.env("IPPO_SERVER__LISTEN", &address).kill_on_drop(true);
    let output = in_time("end of the server", command.output()).await.unwrap();
    assert_eq!(output.status.code(), Some(3), "it could not be done now");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(&address), "{said}");
    assert!(said.contains("server.listen"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}
