//! A disk that is full: reports are refused in words, nothing half written stays, and they are taken again when
//! there is room.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::json;
use tokio::process::Command;

use crate::support::http::Response;
use crate::support::patience::until;
use crate::support::receiver::Receiver;
use crate::support::site::{PROGRAM, Server, Settings, Site, person};
use crate::whole::ledger::Ledger;

/// Runs the server on a copy of the site on a small disk of its own, which ends with it.
const ON_A_SMALL_DISK: &str = "mkdir \"$0/disk\" && mount -t tmpfs -o size=3m tmpfs \"$0/disk\" && \
    cp \"$0\"/ippo.* \"$0/disk\" && cd \"$0/disk\" && exec \"$1\" serve --config \"$0/disk/ippo.toml\"";

/// Runs the server so that no file of its can grow beyond the given number of blocks of 1 KiB.
const WITH_SHORT_FILES: &str =
    "trap '' XFSZ; ulimit -S -f 600; exec \"$1\" serve --config \"$0/ippo.toml\"";

/// The most reports that are needed to fill what little room there is.
const REPORTS_MAX: usize = 3_000;

async fn may_mount() -> bool {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "true"]);
    command.stderr(Stdio::null()).status().await.is_ok_and(|status| status.success())
}

async fn site() -> (Site, String, Receiver) {
    let receiver = Receiver::start().await;
    let directory = person("per_suzuki", "", &[("webhook", &receiver.url("/ok/suzuki"))])
        + &person("per_tanaka", "per_suzuki", &[]);
    let site = Site::new(&Settings { directory, ..Settings::default() });
    let token = site.token("per_tanaka");
    (site, token, receiver)
}

/// Files reports until one is refused; gives back those that were taken, and the refusal.
async fn fill(server: &Server, token: &str) -> (Vec<String>, Response) {
    let text = "あ".repeat(1_500);
    let mut taken = Vec::new();
    for _ in 0..REPORTS_MAX {
        let answer = server.post(token, "/api/v1/reports", &json!({ "text": text })).await;
        if answer.status != 201 {
            return (taken, answer);
        }
        taken.push(answer.json()["incident"]["id"].as_str().unwrap().to_owned());
    }
    panic!("{REPORTS_MAX} reports were taken on a disk that holds far less");
}

fn check_refusal(refusal: &Response) {
    assert_eq!(refusal.status, 503, "{}", refusal.text());
    assert!(refusal.header("retry-after").is_some_and(|wait| wait.parse::<u32>().is_ok()));
    assert_eq!(refusal.header("content-type"), Some("application/problem+json"));
    let problem = refusal.json();
    assert_eq!(problem["code"], "not_stored", "{problem}");
    assert!(problem["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty()), "{problem}");
}

/// Every report that was taken is there, whole; and there is no other.
async fn check_incidents(server: &Server, token: &str, taken: &[String]) {
    for incident in taken {
        let ledger = Ledger::read(&server.export(token, incident).await);
        assert_eq!(ledger.bodies("report.received").len(), 1);
    }
    let mut listed = Vec::new();
    let mut after = String::new();
    loop {
        let page = server.get(token, &format!("/api/v1/incidents?limit=200{after}")).await.json();
        let items = page["items"].as_array().unwrap().clone();
        listed.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    listed.sort();
    let mut taken = taken.to_vec();
    taken.sort();
    assert_eq!(listed, taken);
}

/// What happens on any full disk, with `free` to make room.
async fn run_full(command: Command, token: &str, free: impl AsyncFnOnce(&Server)) {
    let server = Server::start(command).await;
    let (mut taken, refusal) = fill(&server, token).await;
    check_refusal(&refusal);
    assert!(!taken.is_empty());
    // It goes on refusing, answering and reading.
    for _ in 0..3 {
        let again =
            server.post(token, "/api/v1/reports", &json!({"text": "あ".repeat(1_500)})).await;
        match again.status {
            // What was copied out of the log in between has left a little room.
            201 => taken.push(again.json()["incident"]["id"].as_str().unwrap().to_owned()),
            _ => check_refusal(&again),
        }
    }
    check_incidents(&server, token, &taken).await;

    free(&server).await;
    let incident = until("report that is taken again", async || {
        let answer = server.post(token, "/api/v1/reports", &json!({"text": "after"})).await;
        (answer.status == 201).then(|| answer.json()["incident"]["id"].as_str().unwrap().to_owned())
    })
    .await;
    taken.push(incident);
    check_incidents(&server, token, &taken).await;
    // What could not be sent or recorded meanwhile follows by itself.
    let last = taken.last().unwrap();
    until("delivery of the last report", async || {
        let attempts = server.attempts(token, last).await;
        attempts.iter().any(|attempt| attempt["state"] == "handed_over").then_some(())
    })
    .await;
}

#[tokio::test]
async fn on_a_full_disk_reports_are_refused_in_words_and_taken_again_when_there_is_room() {
    if !may_mount().await {
        #[expect(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!(
                "SKIPPED: mounting is not allowed here; the limit on file sizes is tested beside"
            );
        }
        return;
    }
    let (site, token, _receiver) = site().await;
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "sh", "-c", ON_A_SMALL_DISK]);
    command.arg(site.path()).arg(PROGRAM);
    // Room is kept by a file that the test can take away from outside.
    let ballast = site.path().join("ippo.ballast");
    std::fs::write(&ballast, vec![b'x'; 1_500_000]).unwrap();
    run_full(command, &token, async |server: &Server| {
        let inside = PathBuf::from(format!("/proc/{}/root", server.pid()));
        let inside = inside.join(site.path().strip_prefix("/").unwrap());
        std::fs::remove_file(inside.join("disk/ippo.ballast")).unwrap();
    })
    .await;
}

#[tokio::test]
async fn files_that_may_not_grow_refuse_reports_in_words_until_they_may() {
    let (site, token, _receiver) = site().await;
    let mut command = Command::new("sh");
    command.args(["-c", WITH_SHORT_FILES]).arg(site.path()).arg(PROGRAM);
    run_full(command, &token, async |server: &Server| {
        let pid = server.pid().to_string();
        let mut command = Command::new("prlimit");
        command.args(["--pid", &pid, "--fsize=unlimited:unlimited"]);
        assert!(command.status().await.unwrap().success());
    })
    .await;
}
