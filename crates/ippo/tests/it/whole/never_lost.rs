//! Reports are filed from several clients while the server is killed again and again. Nothing that was answered is
//! lost or doubled, every calling goes on, and nobody is called any more once a human being has accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::ledger::Line;
use domain::time::Timestamp;
use serde_json::json;
use store::{ListFilter, Store, StoreConfig};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::support::http::{self, Request, Response};
use crate::support::patience::{PATIENCE, in_time, pass};
use crate::support::receiver::{Hook, Receiver};
use crate::support::site::{PROGRAM, Server, Settings, Site, Starting, person};
use crate::whole::ledger::Ledger;

const KILLS: u32 = 50;
const CLIENTS: usize = 4;
/// Reports that are filed between two kills, over all clients.
const REPORTS_BETWEEN: usize = 5;
/// The longest life between two kills.
const LIFE_MS_MAX: u64 = 160;
/// The longest life of a server that is killed while it starts.
const BIRTH_MS_MAX: u64 = 60;

const POLICY: &str = "remind_every = \"3s\"\nclimb_after = [\"1s\"]\nloop_every = \"3s\"";

/// When each acceptance was answered, and how many servers had been killed before.
type Accepted = BTreeMap<String, (Instant, u32)>;

/// Where the server is, and what became of what was asked of it.
struct Field {
    address: watch::Sender<Option<SocketAddr>>,
    permits: Semaphore,
    /// Incident by the words of its report, as answered.
    answered: Mutex<BTreeMap<String, String>>,
    accepted: Mutex<Accepted>,
}

impl Field {
    /// Asks until it is answered, however often the server dies over it.
    async fn ask(&self, request: &Request) -> Response {
        let mut address = self.address.subscribe();
        loop {
            let here = in_time("server", address.wait_for(Option::is_some)).await.unwrap().unwrap();
            let asking = tokio::time::timeout(PATIENCE, http::send(here, request)).await;
            match asking {
                Ok(Ok(answer)) if answer.status != 503 => return answer,
                // It was killed: the next try waits for the next one.
                _ => in_time("next server", address.wait_for(|new| *new != Some(here)))
                    .await
                    .map(drop)
                    .unwrap(),
            }
        }
    }
}

/// Small and predictable; the moments of the kills only have to differ.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

async fn file_reports(field: Arc<Field>, client: usize, token: String) {
    for number in 0.. {
        let Ok(permit) = field.permits.acquire().await else { return };
        permit.forget();
        let text = format!("client {client} report {number}");
        let request = Request::post("/api/v1/reports")
            .bearer(&token)
            .header("idempotency-key", format!("key-{client}-{number}"))
            .json(&json!({ "text": text }));
        let answer = field.ask(&request).await;
        assert!(matches!(answer.status, 200 | 201), "{}: {}", answer.status, answer.text());
        let incident = answer.json()["incident"]["id"].as_str().unwrap().to_owned();
        field.answered.lock().unwrap().insert(text, incident);
    }
}

/// Whether this test lets somebody accept the incident: every other one.
fn is_to_be_accepted(incident: &str) -> bool {
    incident.bytes().map(usize::from).sum::<usize>().is_multiple_of(2)
}

fn is_summons(hook: &Hook) -> bool {
    matches!(hook.text("purpose").as_str(), "summon" | "confirm")
}

async fn accept(field: Arc<Field>, receiver: Receiver, hook: Hook) {
    let request = Request::post(&hook.answer_path()).form("answer=accept");
    let answer = field.ask(&request).await;
    assert!(answer.status < 400, "{}: {}", answer.status, answer.text());
    let now = (Instant::now(), receiver.kills());
    field.accepted.lock().unwrap().insert(hook.text("incident"), now);
}

/// Accepts what is to be accepted as soon as somebody is called for it. Ends when the permits have.
async fn accept_some(field: Arc<Field>, receiver: Receiver) {
    let mut seen = 0;
    let mut known = BTreeSet::new();
    let mut acceptances = JoinSet::new();
    while !field.permits.is_closed() {
        tokio::select! {
            () = receiver.wait_for_count(seen + 1) => {}
            () = pass(Duration::from_millis(50)) => continue,
        }
        for hook in receiver.hooks_from(seen) {
            seen += 1;
            let incident = hook.text("incident");
            if is_summons(&hook) && is_to_be_accepted(&incident) && known.insert(incident) {
                acceptances.spawn(accept(Arc::clone(&field), receiver.clone(), hook));
            }
        }
    }
    acceptances.join_all().await;
}

fn command(site: &Site) -> tokio::process::Command {
    let mut command = tokio::process::Command::new(PROGRAM);
    command.arg("serve").arg("--config").arg(site.config_file()).current_dir(site.path());
    command
}

/// Kills and restarts; gives back the server that is left alive.
async fn kill_again_and_again(field: &Field, site: &Site, receiver: &Receiver) -> Server {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for _ in 0..KILLS {
        if dice.roll(5) == 0 {
            let starting = Starting::spawn(command(site));
            pass(Duration::from_millis(dice.roll(BIRTH_MS_MAX))).await;
            starting.kill().await;
        } else {
            let server = Server::start(command(site)).await;
            field.address.send_replace(Some(server.address));
            field.permits.add_permits(REPORTS_BETWEEN);
            pass(Duration::from_millis(dice.roll(LIFE_MS_MAX))).await;
            field.address.send_replace(None);
            server.kill().await;
        }
        receiver.draw_line().await;
    }
    let server = Server::start(command(site)).await;
    field.address.send_replace(Some(server.address));
    server
}

fn site(receiver: &Receiver) -> Site {
    let mut directory = person("per_suzuki", "", &[("webhook", &receiver.url("/ok/suzuki"))]);
    directory += &person("per_sato", "per_suzuki", &[("webhook", &receiver.url("/ok/sato"))]);
    for client in 0..CLIENTS {
        let url = receiver.url(&format!("/ok/reporter{client}"));
        directory += &person(&format!("per_reporter{client}"), "per_sato", &[("webhook", &url)]);
    }
    Site::new(&Settings { escalation: POLICY.to_owned(), directory, ..Settings::default() })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_kills_lose_no_report_stop_no_calling_and_call_nobody_after_an_acceptance() {
    let receiver = Receiver::start().await;
    let site = site(&receiver);
    let field = Arc::new(Field {
        address: watch::Sender::new(None),
        permits: Semaphore::new(0),
        answered: Mutex::default(),
        accepted: Mutex::default(),
    });
    let mut tasks = JoinSet::new();
    for client in 0..CLIENTS {
        let token = site.token(&format!("per_reporter{client}"));
        tasks.spawn(file_reports(Arc::clone(&field), client, token));
    }
    tasks.spawn(accept_some(Arc::clone(&field), receiver.clone()));

    let server = kill_again_and_again(&field, &site, &receiver).await;
    in_time("last of the reports", async {
        while field.permits.available_permits() > 0 {
            pass(Duration::from_millis(20)).await;
        }
    })
    .await;
    field.permits.close();
    in_time("end of the clients", tasks.join_all()).await;

    let answered = field.answered.lock().unwrap().clone();
    let accepted = field.accepted.lock().unwrap().clone();
    assert!(answered.len() >= usize::try_from(KILLS).unwrap(), "{} reports", answered.len());
    assert!(receiver.count() >= answered.len(), "{} messages", receiver.count());
    assert!(accepted.len() >= answered.len() / 4, "{} acceptances", accepted.len());
    every_open_calling_goes_on(&receiver, &answered, &accepted).await;
    assert!(server.terminate().await.success());
    receiver.draw_line().await;
    let late = list_late(&receiver.hooks(), &accepted);
    let ledgers = check_store(&site, &answered, &accepted).await;
    check_late(&late, &accepted, &ledgers);
}

/// Whoever has not accepted is called again by the server that is alive now.
async fn every_open_calling_goes_on(
    receiver: &Receiver,
    answered: &BTreeMap<String, String>,
    accepted: &Accepted,
) {
    let open = answered.values().filter(|incident| !accepted.contains_key(*incident));
    let open: BTreeSet<String> = open.cloned().collect();
    assert!(!open.is_empty());
    receiver
        .wait_for("call of the last server for each open incident", |hooks| {
            let now = hooks.iter().rev().take_while(|hook| hook.kills == KILLS);
            let called: BTreeSet<String> =
                now.filter(|hook| is_summons(hook)).map(|hook| hook.text("incident")).collect();
            open.is_subset(&called).then_some(())
        })
        .await;
}

/// Calls for an answer that arrived after an acceptance was answered. Beside it, that no server sends anything twice.
fn list_late(hooks: &[Hook], accepted: &Accepted) -> Vec<Hook> {
    let mut once = BTreeSet::new();
    for hook in hooks {
        let is_first = once.insert((hook.id.clone(), hook.kills));
        assert!(is_first, "{} was sent twice by the same server", hook.id);
    }
    let is_late = |hook: &&Hook| {
        is_summons(hook)
            && accepted.get(&hook.text("incident")).is_some_and(|(at, _)| hook.at > *at)
    };
    hooks.iter().filter(is_late).cloned().collect()
}

/// What was on its way when the acceptance was answered may still arrive, once, from the server that answered it.
/// What the acceptance took back may not have left, and no later server may send any of it again.
fn check_late(late: &[Hook], accepted: &Accepted, ledgers: &[Ledger]) {
    let taken_back: BTreeSet<String> = ledgers.iter().flat_map(Ledger::taken_back).collect();
    for hook in late {
        assert!(!taken_back.contains(&hook.id), "{} was taken back and sent", hook.id);
        let (_, kills) = accepted[&hook.text("incident")];
        assert!(hook.kills <= kills, "{} was sent again after the acceptance", hook.id);
    }
}

async fn check_store(
    site: &Site,
    answered: &BTreeMap<String, String>,
    accepted: &Accepted,
) -> Vec<Ledger> {
    let config = StoreConfig::new(&site.store_url());
    let store = Store::open(&config, Timestamp::from_millisecond(0)).await.unwrap();
    assert_eq!(store.integrity_check().await.unwrap(), Vec::<String>::new());
    let ledgers = read_all(&store).await;
    let found: BTreeMap<String, String> =
        ledgers.iter().map(|ledger| (ledger.first_words(), ledger.incident.clone())).collect();
    assert_eq!(found.len(), ledgers.len(), "a report is there twice");
    assert_eq!(&found, answered);

    let outbox = store.list_outbox().await.unwrap();
    let outbox: BTreeSet<String> = outbox.iter().map(|row| row.attempt.to_string()).collect();
    let owed: BTreeSet<String> = ledgers.iter().flat_map(Ledger::owed).collect();
    assert_eq!(owed, outbox, "what is owed is in the outbox, and nothing else is");

    let wake_ups = store.list_wake_ups().await.unwrap();
    let wake_ups: BTreeSet<String> = wake_ups.iter().map(|(id, _)| id.to_string()).collect();
    for ledger in &ledgers {
        let seq = ledger.accepted_seq();
        assert_eq!(seq.is_some(), accepted.contains_key(&ledger.incident), "{}", ledger.incident);
        match seq {
            Some(seq) => assert_eq!(ledger.summons_after(seq), 0, "{}", ledger.incident),
            None => assert!(wake_ups.contains(&ledger.incident), "{} sleeps", ledger.incident),
        }
    }
    ledgers
}

/// Every ledger of the store, each checked whole.
async fn read_all(store: &Store) -> Vec<Ledger> {
    let mut ledgers = Vec::new();
    let mut after = None;
    loop {
        let filter = ListFilter { after, limit: 100, ..ListFilter::default() };
        let rows = store.list_incidents(&filter).await.unwrap();
        let Some(last) = rows.last() else { return ledgers };
        after = Some(last.cursor());
        for row in rows {
            let events = store.load_ledger(&row.id).await.unwrap();
            let lines = events.iter().map(|event| {
                let line = Line::from_sealed(event).unwrap();
                serde_json::to_string(&line).unwrap() + "\n"
            });
            ledgers.push(Ledger::read(&lines.collect::<String>()));
        }
    }
}
