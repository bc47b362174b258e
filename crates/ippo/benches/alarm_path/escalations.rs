//! Twenty thousand open callings: how soon the server is ready after a restart, and how exactly it wakes.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::ledger::Sealed;
use domain::time::Timestamp;
use serde_json::{Value, json};
use store::{Store, StoreConfig};

use crate::figures::{Samples, print_at_most, print_figure, print_section, shown};
use crate::http::{Connection, Request};
use crate::patience::pass;
use crate::receiver::Receiver;
use crate::site::{Server, Settings, Site, person};
use crate::start::{resident_mb, start_timed};

const OPEN: usize = 20_000;
/// From one round to the next, so that 500 are due each second.
const EVERY_MS: i64 = 40_000;
const PER_BEAT: usize = 10;
const BEAT: Duration = Duration::from_millis(20);
const WATCHED: Duration = Duration::from_secs(22);
const READY_MAX: Duration = Duration::from_secs(1);
const LATE_MAX: Duration = Duration::from_millis(250);

#[expect(clippy::disallowed_methods, reason = "the ledger's times are those of the wall clock")]
fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

/// Files all reports at an even pace, so that their rounds spread evenly as well.
async fn open_all(server: &Server, token: &str) {
    let mut connections = Vec::new();
    for _ in 0..PER_BEAT {
        connections.push(Connection::open(server.address).await.unwrap());
    }
    let mut beat = tokio::time::interval(BEAT);
    for _ in 0..OPEN / PER_BEAT {
        beat.tick().await;
        let request =
            Request::post("/api/v1/reports").bearer(token).json(&json!({"text": "止まりました"}));
        let asked = connections.iter_mut().map(|connection| connection.send(&request));
        for answer in futures_util::future::join_all(asked).await {
            assert_eq!(answer.unwrap().status, 201);
        }
    }
}

/// When calls were planned, in order.
fn list_planned(ledger: &[Sealed]) -> Vec<i64> {
    let planned = ledger.iter().filter(|event| event.kind == "attempt.planned");
    let reminders = planned.filter(|event| {
        let body: Value = serde_json::from_str(event.body.as_deref().unwrap_or("null")).unwrap();
        body["because"] == "joined" || body["because"] == "reminder"
    });
    reminders.map(|event| event.at.as_millisecond()).collect()
}

/// How late each wake-up was that was due between two moments.
async fn read_lateness(site: &Site, from_ms: i64, to_ms: i64) -> Samples {
    let config = StoreConfig::new(&site.store_url());
    let store = Store::open(&config, Timestamp::from_millisecond(0)).await.unwrap();
    let mut late = Samples::default();
    for (incident, _) in store.list_wake_ups().await.unwrap() {
        let planned = list_planned(&store.load_ledger(&incident).await.unwrap());
        for (last, next) in planned.iter().zip(planned.iter().skip(1)) {
            let due = last + EVERY_MS;
            if (from_ms..to_ms).contains(&due) {
                late.add(Duration::from_millis(u64::try_from((next - due).max(0)).unwrap()));
            }
        }
        if let Some(due) = planned.last().map(|last| last + EVERY_MS).filter(|due| *due < to_ms) {
            // Never woken: at least as late as the end of the watch.
            late.add(Duration::from_millis(u64::try_from(to_ms - due).unwrap()));
        }
    }
    late
}

/// Section 7.
pub(crate) async fn run() {
    let receiver = Receiver::start().await;
    let directory = person("per_suzuki", "", &[("webhook", &receiver.url("/ok/suzuki"))])
        + &person("per_tanaka", "per_suzuki", &[]);
    let escalation = "remind_every = \"40s\"\nloop_every = \"40s\"".to_owned();
    let site = Site::new(&Settings { directory, escalation, ..Settings::default() });
    let token = site.token("per_tanaka");
    let server = site.start().await;
    open_all(&server, &token).await;
    receiver.wait_for_count(OPEN).await;
    server.kill().await;
    let before = receiver.count();

    let (server, ready) = start_timed(&site).await;
    let from_ms = wall_ms();
    pass(WATCHED).await;
    let to_ms = wall_ms() - 1_000;
    let resident = resident_mb(server.pid());
    let delivered = receiver.count() - before;
    server.kill().await;
    let late = read_lateness(&site, from_ms, to_ms).await;
    print_section(&format!("{OPEN} open callings, 500 due each second, after a SIGKILL"));
    print_at_most("start of the process -> /readyz answers 200", ready, READY_MAX);
    print_figure("wake-ups watched", &late.count().to_string());
    print_figure("wake-up late by, p50", &shown(late.p50()));
    print_at_most("wake-up late by, p99", late.p99(), LATE_MAX);
    print_figure("wake-up late by, most", &shown(late.max()));
    print_figure("webhooks delivered meanwhile", &delivered.to_string());
    print_figure("resident memory", &format!("{resident:.1} MB"));
}
