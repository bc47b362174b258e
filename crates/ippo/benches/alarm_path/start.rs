//! The start of the server, and what it weighs when nothing happens.

use std::time::Duration;

use tokio::time::Instant;

use crate::figures::{Samples, print_at_most, print_figure, print_section, print_target, shown};
use crate::http::Request;
use crate::patience::pass;
use crate::receiver::Receiver;
use crate::site::{PROGRAM, Server, Settings, Site, person};

const STARTS: usize = 20;
const READY_MAX: Duration = Duration::from_millis(100);
const RESIDENT_MB_MAX: f64 = 30.0;
const BINARY_MB_MAX: f64 = 40.0;
const IDLE: Duration = Duration::from_secs(3);

/// Resident memory of a process in megabytes.
pub(crate) fn resident_mb(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: f64 =
        line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0.0);
    kib * 1024.0 / 1e6
}

/// How long a process has been computing so far, over all cores.
pub(crate) fn computing_time(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // Fields 14 and 15, in ticks of 10 ms; the name before them may hold spaces.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// Starts the server and waits until it may serve; how long that took from the start of the process.
pub(crate) async fn start_timed(site: &Site) -> (Server, Duration) {
    let start = Instant::now();
    let server = site.start().await;
    let answer = server.send(&Request::get("/readyz")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    (server, start.elapsed())
}

/// Section 6.
pub(crate) async fn run() {
    let receiver = Receiver::start().await;
    let mut directory = person("per_suzuki", "", &[("webhook", &receiver.url("/ok/suzuki"))]);
    for number in 0..200 {
        let url = receiver.url(&format!("/ok/{number}"));
        directory += &person(&format!("per_{number}"), "per_suzuki", &[("webhook", &url)]);
    }
    let site = Site::new(&Settings { directory, ..Settings::default() });
    let mut samples = Samples::default();
    for _ in 0..STARTS {
        let (server, took) = start_timed(&site).await;
        samples.add(took);
        server.kill().await;
    }
    print_section(&format!("start and weight (a directory of 201 people; {STARTS} starts)"));
    print_at_most("start of the process -> /readyz answers 200, p50", samples.p50(), READY_MAX);
    print_figure("start of the process -> /readyz answers 200, slowest", &shown(samples.max()));
    let (server, _) = start_timed(&site).await;
    pass(IDLE).await;
    let resident = resident_mb(server.pid());
    let target = format!("<= {RESIDENT_MB_MAX} MB");
    print_target(
        "resident memory, idle",
        &format!("{resident:.1} MB"),
        &target,
        resident <= RESIDENT_MB_MAX,
    );
    let binary = std::fs::metadata(PROGRAM).unwrap().len() as f64 / 1e6;
    let target = format!("<= {BINARY_MB_MAX} MB");
    print_target("binary", &format!("{binary:.1} MB"), &target, binary <= BINARY_MB_MAX);
}
