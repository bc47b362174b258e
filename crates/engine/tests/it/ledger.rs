//! What the ledger, its export and the receipt are worth to somebody outside.

use domain::incident::Command;
use domain::incident::timeline::{EntryKind, Source, Statement};
use domain::ledger::{Line, receipt_text, verify};
use domain::time::Timestamp;
use ed25519_dalek::{Signature, VerifyingKey};
use engine::Receipt;
use testkit::{Office, World, mins};

const SECRET: &str = "hunter2-Zu9ahpho";

fn export(world: &World, id: &domain::id::IncidentId) -> Vec<Line> {
    let engine = world.engine();
    world.run(engine.export(id, None)).unwrap()
}

fn texts(lines: &[Line]) -> Vec<String> {
    lines.iter().map(|line| serde_json::to_string(line).unwrap()).collect()
}

fn entry(text: &str) -> Command {
    Command::AddEntry {
        statement: Statement {
            kind: EntryKind::Fact,
            text: text.to_owned(),
            happened: None,
            source: Some(Source::Saw),
            source_ref: None,
            chip: None,
        },
    }
}

fn redact(world: &mut World, id: &domain::id::IncidentId) {
    let incident = world.incident(id);
    let holds = |text: &str| text.contains(SECRET);
    let entry = incident
        .timeline
        .entries
        .iter()
        .find(|entry| entry.statement.as_ref().is_some_and(|s| holds(&s.text)))
        .unwrap();
    let why = "a password".to_owned();
    let command = Command::RedactEntry { entry: entry.id.clone(), why };
    world.tell(id, "carol", command).unwrap();
}

#[test]
fn an_export_verifies_and_a_changed_one_does_not() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    world.advance(mins(10));
    let lines = texts(&export(&world, &id));
    let verified = verify(lines.iter().map(String::as_str)).unwrap();
    assert_eq!(verified.incident, id);
    assert_eq!(verified.events, world.incident(&id).seq);
    let forged: Vec<String> =
        lines.iter().map(|line| line.replace("it is down", "it is up")).collect();
    assert!(verify(forged.iter().map(String::as_str)).is_err());
}

#[test]
fn a_redaction_leaves_the_chain_whole_and_the_words_nowhere() {
    let mut world = World::of(Office::usual()).in_a_file().start();
    let id = world.report(&format!("I posted {SECRET} in the chat")).by("carol");
    world.tell(&id, "carol", entry("it was the production database")).unwrap();
    let with_words = texts(&export(&world, &id));
    assert!(with_words.iter().any(|line| line.contains(SECRET)));
    redact(&mut world, &id);
    let lines = texts(&export(&world, &id));
    assert_eq!(verify(lines.iter().map(String::as_str)).unwrap().redacted, 1);
    assert!(lines.iter().all(|line| !line.contains(SECRET)));
    assert_eq!(lines[0], with_words[0], "the rest is as it was");
    let incident = world.incident(&id);
    assert_eq!(incident.first_words(), None);
    world.restart();
    assert_eq!(world.incident(&id), incident, "the fold without the words is the same");
    let folder = world.close().unwrap();
    let files = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path());
    let mut looked_at = 0;
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        let holds = bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
        assert!(!holds, "{} still holds the words", path.display());
        looked_at += bytes.len();
    }
    assert!(looked_at > 10_000);
}

#[test]
fn redacted_words_are_in_no_later_message() {
    let mut world = World::new();
    let id = world.report(&format!("I posted {SECRET} in the chat")).by("carol");
    assert!(world.expect_attempt("ann").sent().message.text.contains(SECRET));
    redact(&mut world, &id);
    world.advance(mins(10));
    let later: Vec<_> = world.sent().into_iter().skip(1).collect();
    assert!(later.len() > 3);
    assert!(later.iter().all(|sent| !sent.message.text.contains(SECRET)));
}

fn holds(receipt: &Receipt, seq: u64, hash: &str, at_ms: i64, signature: &str) -> bool {
    let key = hex::decode(&receipt.public_key).unwrap();
    let key = VerifyingKey::from_bytes(key.as_slice().try_into().unwrap()).unwrap();
    let signature = Signature::from_slice(&hex::decode(signature).unwrap()).unwrap();
    let at = Timestamp::from_millisecond(at_ms);
    let text = receipt_text(&receipt.incident, seq, hash, at);
    key.verify_strict(text.as_bytes(), &signature).is_ok()
}

#[test]
fn a_receipt_is_a_signature_over_the_exported_line() {
    let mut world = World::new();
    let reported = world.report("it is down").filed_by("carol");
    world.advance(mins(2));
    let engine = world.engine();
    let id = reported.incident.id.clone();
    for receipt in [reported.receipt, world.run(engine.receipt(&id)).unwrap()] {
        let lines = export(&world, &id);
        let first = &lines[0];
        assert_eq!(
            (receipt.seq, &receipt.hash, receipt.at_ms),
            (first.seq, &first.hash, first.at_ms)
        );
        assert!(holds(&receipt, first.seq, &first.hash, first.at_ms, &receipt.signature));
        let head = &receipt.head;
        let line = lines.iter().find(|line| line.seq == head.seq).unwrap();
        assert_eq!((&line.hash, line.at_ms), (&head.hash, head.at_ms));
        assert!(holds(&receipt, line.seq, &line.hash, line.at_ms, &head.signature));
        let later = first.at_ms + 1;
        assert!(!holds(&receipt, first.seq, &first.hash, later, &receipt.signature));
    }
}

#[test]
fn a_receipt_names_who_was_told_and_who_answered() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    let reply = domain::incident::escalation::reply::Reply::Accept;
    world.answer(&id, "ann", reply).unwrap();
    let engine = world.engine();
    let receipt = world.run(engine.receipt(&id)).unwrap();
    let told: Vec<_> =
        receipt.delivered.iter().map(|d| (d.name.as_str(), d.channel.as_str())).collect();
    assert_eq!(told, [("ann", "mail"), ("carol", "mail")]);
    let answered: Vec<_> =
        receipt.answered.iter().map(|a| (a.name.as_str(), a.answer.as_str())).collect();
    assert_eq!(answered, [("ann", "accept")]);
}
