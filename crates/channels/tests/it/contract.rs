//! What every channel has to keep, whichever it is.

use std::sync::Arc;
use std::time::Duration;

use channels::simulated::Fault;
use channels::{ChannelsConfig, Registry, SimulatedChannel, SimulatedWorld};
use domain::port::{Channel, Manner, Outcome, Proof, Why};
use serde_json::json;

use crate::support::http::{HttpServer, Reply};
use crate::support::smtp::{Act, Script, SmtpServer, Step};
use crate::support::{again, clock, in_time, is_accepted, refused, send};

const LIMIT: Duration = Duration::from_millis(200);
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// One channel under the contract.
struct Subject {
    name: String,
    channel: Arc<dyn Channel>,
    /// An address where everything works.
    good: String,
    /// An address where nobody ever answers; empty when another subject has it.
    silent: String,
    bad: Vec<String>,
    /// Keeps the servers behind the addresses.
    _servers: Vec<Box<dyn std::any::Any>>,
}

async fn subjects() -> Vec<Subject> {
    let mut subjects = vec![mail().await, webhook().await];
    subjects.extend(simulated());
    subjects
}

async fn mail() -> Subject {
    let server = SmtpServer::start(Script::default()).await;
    let config = json!({ "mail": { "smtp": server.url(), "from": "ippo@example.co.jp" } });
    Subject {
        name: "mail".to_owned(),
        channel: only(&config),
        good: "sato@example.co.jp".to_owned(),
        silent: String::new(),
        bad: [
            "",
            "sato",
            "@example.co.jp",
            "sato@",
            "佐藤@example.co.jp",
            "sato@例え.jp",
            "a@example.co.jp, b@example.co.jp",
            "佐藤 <sato@example.co.jp>",
            "sato@example.co.jp\r\nBcc: all@example.co.jp",
            "sato@example.co.jp>\r\nRCPT TO:<all@example.co.jp",
        ]
        .map(str::to_owned)
        .to_vec(),
        _servers: vec![Box::new(server)],
    }
}

async fn silent_mail() -> Subject {
    let server = SmtpServer::start(Script::default().on(Step::Greeting, Act::Hang)).await;
    let config = json!({
        "mail": { "smtp": server.url(), "from": "ippo@example.co.jp", "timeout": "200ms" }
    });
    Subject {
        name: "mail without an answer".to_owned(),
        channel: only(&config),
        good: String::new(),
        silent: "sato@example.co.jp".to_owned(),
        bad: Vec::new(),
        _servers: vec![Box::new(server)],
    }
}

async fn webhook() -> Subject {
    let good = HttpServer::start(Reply::Head("204 No Content")).await;
    let silent = HttpServer::start(Reply::Hang).await;
    let config = json!({
        "webhook": { "secret": SECRET, "allow": ["127.0.0.1"], "timeout": "200ms" }
    });
    Subject {
        name: "webhook".to_owned(),
        channel: only(&config),
        good: good.url(),
        silent: silent.url(),
        bad: [
            "",
            "hooks.example.co.jp",
            "/hook",
            "ftp://hooks.example.co.jp/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://",
            "https://hooks.example.co.jp/a b",
            "https://hooks.example.co.jp/\r\nX-Other: 1",
        ]
        .map(str::to_owned)
        .to_vec(),
        _servers: vec![Box::new(good), Box::new(silent)],
    }
}

fn simulated() -> Vec<Subject> {
    let world = SimulatedWorld::with_time_limit(clock(), LIMIT);
    let number = ["", "090", "+81-90", "119", "+8190000000011111"].as_slice();
    let name = ["", "two words", "line\nbreak"].as_slice();
    let kinds = [
        ("chat", "@sato", "@silent", name),
        ("mail", "sato@example.co.jp", "silent@example.co.jp", ["sato", ""].as_slice()),
        ("push", "sato-phone", "silent-phone", name),
        ("sms", "+819000000002", "+819000000003", number),
        ("voice", "+819000000004", "+819000000005", number),
        ("webhook", "https://a.example/", "https://b.example/", ["a.example", ""].as_slice()),
    ];
    let all = SimulatedChannel::all(&world);
    assert_eq!(all.len(), kinds.len(), "a simulated channel without a row in the contract");
    let subject = |(id, good, silent, bad): (&str, &str, &str, &[&str])| {
        world.break_address(silent, Fault::Hang);
        Subject {
            name: format!("simulated {id}"),
            channel: Arc::new(SimulatedChannel::new(id, &world).unwrap()),
            good: good.to_owned(),
            silent: silent.to_owned(),
            bad: bad.iter().map(ToString::to_string).collect(),
            _servers: Vec::new(),
        }
    };
    kinds.into_iter().map(subject).collect()
}

fn only(config: &serde_json::Value) -> Arc<dyn Channel> {
    let config: ChannelsConfig = serde_json::from_value(config.clone()).unwrap();
    let registry = Registry::from_config(&config, &clock()).unwrap();
    let [channel] = registry.channels() else { panic!("not exactly one channel") };
    Arc::clone(channel)
}

#[tokio::test]
async fn every_channel_says_completely_what_it_can_do() {
    for subject in subjects().await {
        let info = subject.channel.info();
        assert!(domain::id::check_text(info.id), "{}", subject.name);
        assert!(info.text_chars_max >= 500, "{}", subject.name);
        assert!(info.parallel_max >= 1, "{}", subject.name);
        assert_eq!(info.manner == Manner::Voice, info.id == "voice", "{}", subject.name);
        assert_eq!(subject.channel.check_address(info.address_example), Ok(()), "{}", subject.name);
        assert_eq!(subject.channel.check_address(&subject.good), Ok(()), "{}", subject.name);
    }
}

#[tokio::test]
async fn a_bad_address_is_refused_with_an_example_and_is_never_repeated() {
    for subject in subjects().await {
        let example = subject.channel.info().address_example;
        for bad in &subject.bad {
            let problem = subject.channel.check_address(bad).unwrap_err();
            assert!(problem.contains(example), "{}: {problem}", subject.name);
            let is_telling = !bad.is_empty() && problem.contains(bad.as_str());
            assert!(!is_telling || example.contains(bad.as_str()), "{}: {problem}", subject.name);
            let outcome = send(subject.channel.as_ref(), bad).await;
            assert_eq!(outcome, refused(Why::BadAddress), "{}: {bad:?}", subject.name);
        }
    }
}

#[tokio::test]
async fn a_good_address_gets_the_message_and_no_more_is_claimed_than_the_channel_can_prove() {
    for subject in subjects().await {
        let outcome = send(subject.channel.as_ref(), &subject.good).await;
        let Outcome::Accepted { proof, .. } = outcome else {
            panic!("{}: {outcome:?}", subject.name);
        };
        assert!(proof <= subject.channel.info().proof, "{}", subject.name);
        assert!(proof < Proof::Seen, "{}: nobody has looked at anything", subject.name);
    }
}

#[tokio::test]
async fn the_time_limit_is_kept_when_nobody_ever_answers() {
    let mut subjects = subjects().await;
    subjects.push(silent_mail().await);
    let silent = subjects.iter().filter(|subject| !subject.silent.is_empty());
    let mut tried = 0;
    for subject in silent {
        let before = tokio::time::Instant::now();
        let outcome = send(subject.channel.as_ref(), &subject.silent).await;
        assert_eq!(outcome, again(Why::TimedOut), "{}", subject.name);
        assert!(before.elapsed() >= LIMIT, "{}: did not wait", subject.name);
        tried += 1;
    }
    assert_eq!(tried, 8);
}

#[tokio::test]
async fn a_channel_that_works_says_so_when_checked() {
    for subject in subjects().await {
        assert_eq!(in_time(subject.channel.check()).await, Ok(()), "{}", subject.name);
    }
}

#[tokio::test]
async fn many_sends_at_once_all_arrive() {
    for subject in subjects().await {
        let sends = (0..20).map(|_| {
            let channel = Arc::clone(&subject.channel);
            let address = subject.good.clone();
            tokio::spawn(async move { send(channel.as_ref(), &address).await })
        });
        for sent in sends.collect::<Vec<_>>() {
            let outcome = sent.await.unwrap();
            assert!(is_accepted(&outcome), "{}: {outcome:?}", subject.name);
        }
    }
}
