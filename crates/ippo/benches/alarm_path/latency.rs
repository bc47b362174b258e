//! One report at a time: how soon it is answered as durable, and how soon the responsible person's webhook has it.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::disk;
use crate::figures::{
    Samples, ms, print_at_most, print_figure, print_section, print_target, shown,
};
use crate::http::{Connection, Request};
use crate::receiver::Receiver;
use crate::site::{Server, Settings, Site, person};

const REPORTS: usize = 1_500;
/// Reports before anything is measured.
const WARM_UP: usize = 100;
/// Messages that hang while the others are measured.
const HANGING: usize = 200;

/// What one report at a time came to, and what the bare disk did just before and after.
struct Latency {
    answer: Samples,
    webhook: Samples,
    disk: Samples,
}

/// A site with two reporters: the line of `per_tanaka` is one webhook that answers; the first person in the line of
/// `per_mori` has one that hangs.
fn site(receiver: &Receiver) -> Site {
    let mut directory = person("per_suzuki", "", &[("webhook", &receiver.url("/ok/suzuki"))]);
    directory += &person("per_ito", "", &[("webhook", &receiver.url("/hang"))]);
    directory += &person("per_tanaka", "per_suzuki", &[]);
    directory += &person("per_mori", "per_ito", &[]);
    Site::new(&Settings { directory, webhook_timeout: "10s", ..Settings::default() })
}

/// Files reports one after the other and waits for each webhook.
async fn measure(server: &Server, receiver: &Receiver, token: &str) -> Latency {
    let mut latency =
        Latency { answer: Samples::default(), webhook: Samples::default(), disk: disk::measure() };
    let mut connection = Connection::open(server.address).await.unwrap();
    let from_now_on = receiver.count();
    let is_ours = |path: &str| path == "/ok/suzuki";
    let mut seen = from_now_on;
    for number in 0..WARM_UP + REPORTS {
        let request = Request::post("/api/v1/reports")
            .bearer(token)
            .header("idempotency-key", format!("{seen}-{number}"))
            .json(&json!({"text": "本番のデータベースを消しました"}));
        let start = Instant::now();
        let answer = connection.send(&request).await.unwrap();
        let answered = start.elapsed();
        assert_eq!(answer.status, 201, "{}", answer.text());
        let arrived = loop {
            receiver.wait_for_count(seen + 1).await;
            let hooks = receiver.hooks_from(seen);
            seen += hooks.len();
            if let Some(hook) = hooks.iter().find(|hook| is_ours(&hook.path)) {
                break hook.at.duration_since(start);
            }
        };
        if number >= WARM_UP {
            latency.answer.add(answered);
            latency.webhook.add(arrived);
        }
    }
    latency.disk.extend(disk::measure());
    latency
}

/// Sections 2 and 3: the durable answer, and the webhook.
pub(crate) async fn run() {
    let receiver = Receiver::start().await;
    let site = site(&receiver);
    let token = site.token("per_tanaka");
    let server = site.start().await;
    let latency = measure(&server, &receiver, &token).await;
    let Latency { answer, webhook, disk } = &latency;
    print_section(&format!("one report at a time ({REPORTS} reports, one connection kept open)"));
    print_figure("the bare disk just before and after, p50", &shown(disk.p50()));
    let millisecond = Duration::from_millis(1);
    let bound = disk.p50() * 2 + millisecond;
    print_at_most("durable answer to POST /api/v1/reports, p50", answer.p50(), bound);
    print_figure("durable answer to POST /api/v1/reports, p99", &shown(answer.p99()));
    let ratio = ms(answer.p50().saturating_sub(millisecond)) / ms(disk.p50());
    print_target("(p50 - 1 ms) / fdatasync p50", &format!("{ratio:.2}"), "<= 2", ratio <= 2.0);
    print_figure("p50 / fdatasync p50", &format!("{:.2}", ms(answer.p50()) / ms(disk.p50())));
    print_at_most(
        "report sent -> webhook receiver has it, p50",
        webhook.p50(),
        bound + millisecond,
    );
    let slowest = Duration::from_millis(20) + disk.p99() * 3;
    print_at_most("report sent -> webhook receiver has it, p99", webhook.p99(), slowest);
}

/// Section 4: the same while another address hangs.
pub(crate) async fn run_beside_a_hanging_address() {
    let receiver = Receiver::start().await;
    let site = site(&receiver);
    let (token, stuck) = (site.token("per_tanaka"), site.token("per_mori"));
    let server = site.start().await;
    let alone = measure(&server, &receiver, &token).await;
    for _ in 0..HANGING {
        server.report(&stuck, &json!({})).await;
    }
    let beside = measure(&server, &receiver, &token).await;
    print_section(&format!(
        "one report at a time while {HANGING} messages to another address hang"
    ));
    let (webhook, before, disk) = (&beside.webhook, &alone.webhook, &beside.disk);
    print_figure("the bare disk just before and after, p50", &shown(disk.p50()));
    let bound = disk.p50() * 2 + Duration::from_millis(2);
    print_at_most("report sent -> webhook receiver has it, p50", webhook.p50(), bound);
    let slowest = Duration::from_millis(20) + disk.p99() * 3;
    print_at_most("report sent -> webhook receiver has it, p99", webhook.p99(), slowest);
    let ratio = ms(webhook.p50()) / ms(before.p50());
    print_target(
        "p50 / p50 without the hanging address",
        &format!("{ratio:.2}"),
        "about 1",
        ratio < 1.5,
    );
}
