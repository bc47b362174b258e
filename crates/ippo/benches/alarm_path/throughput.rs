//! Many reports at once: what the server takes, each with its ledger events, wake-up and outbox row.

use std::rc::Rc;
use std::time::Duration;

use serde_json::json;
use tokio::task::LocalSet;
use tokio::time::Instant;

use crate::figures::{Samples, print_at_most, print_figure, print_section, print_target, shown};
use crate::http::{Connection, Request};
use crate::receiver::Receiver;
use crate::site::{Server, Settings, Site, person};
use crate::start::computing_time;

const CONNECTIONS: usize = 64;
const LASTS: Duration = Duration::from_secs(5);
const PER_SECOND_MIN: f64 = 5_000.0;
const P99_MAX: Duration = Duration::from_millis(60);

async fn client(server: Rc<Server>, token: String, key: String, end: Instant) -> Samples {
    let mut connection = Connection::open(server.address).await.unwrap();
    let mut samples = Samples::default();
    let mut number = 0_u64;
    while Instant::now() < end {
        number += 1;
        let request = Request::post("/api/v1/reports")
            .bearer(&token)
            .header("idempotency-key", format!("{number:08}-{key}"))
            .json(&json!({"text": "本番のデータベースを消しました"}));
        let start = Instant::now();
        let answer = connection.send(&request).await.unwrap();
        samples.add(start.elapsed());
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    samples
}

/// Files reports on all connections for a while, under keys that end in `key`.
async fn flood(
    server: &Rc<Server>,
    token: &str,
    key: &str,
    lasts: Duration,
) -> (Samples, Duration) {
    let local = LocalSet::new();
    let start = Instant::now();
    let clients: Vec<_> = (0..CONNECTIONS)
        .map(|n| {
            let key = format!("{key}-{n}");
            local.spawn_local(client(Rc::clone(server), token.to_owned(), key, start + lasts))
        })
        .collect();
    local
        .run_until(async {
            let mut samples = Samples::default();
            for client in clients {
                samples.extend(client.await.unwrap());
            }
            (samples, start.elapsed())
        })
        .await
}

/// What a flood came to.
struct Flood {
    answers: Samples,
    took: Duration,
    delivered: usize,
    computing: Duration,
}

async fn measure(path: &str) -> Flood {
    let receiver = Receiver::start().await;
    let directory = person("per_suzuki", "", &[("webhook", &receiver.url(path))])
        + &person("per_tanaka", "per_suzuki", &[]);
    let site = Site::new(&Settings { directory, webhook_timeout: "10s", ..Settings::default() });
    let token = site.token("per_tanaka");
    let server = Rc::new(site.start().await);
    flood(&server, &token, "warm", Duration::from_millis(500)).await;
    let (before, computed) = (receiver.count(), computing_time(server.pid()));
    let (answers, took) = flood(&server, &token, "measured", LASTS).await;
    Flood {
        answers,
        took,
        delivered: receiver.count() - before,
        computing: computing_time(server.pid()).saturating_sub(computed),
    }
}

/// Section 5.
pub(crate) async fn run() {
    for (path, title) in [
        ("/hang", "64 connections, one webhook in the line; messages wait in the outbox"),
        ("/ok/suzuki", "64 connections, one webhook in the line; messages are delivered meanwhile"),
    ] {
        let flood = measure(path).await;
        let count = flood.answers.count();
        print_section(title);
        let rate = count as f64 / flood.took.as_secs_f64();
        let target = format!(">= {PER_SECOND_MIN}");
        let is_met = rate >= PER_SECOND_MIN;
        print_target("durable reports per second", &format!("{rate:.0}"), &target, is_met);
        print_figure("answer, p50", &shown(flood.answers.p50()));
        print_at_most("answer, p99", flood.answers.p99(), P99_MAX);
        print_figure("webhooks delivered meanwhile", &flood.delivered.to_string());
        let computing = flood.computing.as_secs_f64() * 1e6 / count.max(1) as f64;
        print_figure("computing time of the server for each report", &format!("{computing:.0} us"));
    }
}
