//! Ledgers and receipts, checked off line; and by a program of another language, from the description alone.

use std::process::Command;

use crate::command::place::Place;

/// The format as `ARCHITECTURE.md` describes it, and nothing else. Python's own JSON writes our bodies canonically:
/// they hold no numbers but integers.
const OTHER_LANGUAGE: &str = r#"
import hashlib, json, sys
prev = "0" * 64
seq = 0
for number, line in enumerate(open(sys.argv[1], encoding="utf-8"), 1):
    e = json.loads(line)
    seq += 1
    assert e["seq"] == seq, f"line {number}: seq"
    assert e["prev"] == prev, f"line {number}: prev"
    if e["body"] is not None:
        body = json.dumps(e["body"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(bytes.fromhex(e["salt"]) + body.encode()).hexdigest()
        assert digest == e["digest"], f"line {number}: digest"
    fields = [e["incident"], e["seq"], e["at_ms"], e["kind"], e["version"], e["actor"], e["digest"], e["prev"]]
    assert hashlib.sha256("\n".join(map(str, fields)).encode()).hexdigest() == e["hash"], f"line {number}: hash"
    prev = e["hash"]
print(seq, prev)
"#;

/// A folder with a ledger and its receipt.
async fn place_with_ledger() -> Place {
    let place = Place::with_people();
    let (incident, receipt) = place.file_report("本番DBを消しました \"customers\" \\ é").await;
    let ledger = place.ippo(&["export", incident.as_str()]).expect(0).out;
    place.write("ledger.jsonl", ledger);
    place.write("receipt.json", serde_json::to_string(&receipt).unwrap());
    place
}

fn lines(place: &Place) -> Vec<String> {
    place.read("ledger.jsonl").lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_whole_ledger_and_its_receipt_hold() {
    let place = place_with_ledger().await;
    let ran = place.ippo(&["verify", "ledger.jsonl"]).expect(0);
    assert!(ran.out.starts_with("Nothing was changed ("), "{}", ran.out);
    let count = lines(&place).len();
    let ran =
        place.ippo(&["verify", "ledger.jsonl", "--receipt", "receipt.json", "--json"]).expect(0);
    let shape = ran.json();
    assert_eq!((shape["ok"].as_bool(), shape["events"].as_u64()), (Some(true), Some(count as u64)));
    let key = shape["signed_by"].as_str().unwrap();
    place.ippo(&["verify", "ledger.jsonl", "--receipt", "receipt.json", "--key", key]).expect(0);
    let other = "00".repeat(32);
    let ran = place
        .ippo(&["verify", "ledger.jsonl", "--receipt", "receipt.json", "--key", &other])
        .expect(1);
    assert!(ran.err.contains("not with the key that was given"), "{}", ran.err);
}

#[tokio::test]
async fn the_format_can_be_checked_from_another_language() {
    let place = place_with_ledger().await;
    place.write("check.py", OTHER_LANGUAGE);
    let python = |file: &str| {
        let mut command = Command::new("python3");
        command.arg(place.path("check.py")).arg(place.path(file)).output().unwrap()
    };
    let output = python("ledger.jsonl");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let shape = place.ippo(&["verify", "ledger.jsonl", "--json"]).expect(0).json();
    assert_eq!(said.trim(), format!("{} {}", shape["events"], shape["head"].as_str().unwrap()));
    place.write("changed.jsonl", place.read("ledger.jsonl").replace("customers", "nothing"));
    assert!(!python("changed.jsonl").status.success());
}

#[tokio::test]
async fn the_first_bad_line_is_named() {
    let place = place_with_ledger().await;
    let good = lines(&place);
    assert!(good.len() > 3, "{good:?}");
    let check = |changed: &[String], expected: &str| {
        place.write("bad.jsonl", changed.join("\n"));
        let ran = place.ippo(&["verify", "bad.jsonl"]).expect(1);
        assert!(ran.err.contains(expected), "{expected}: {}", ran.err);
        assert_eq!(ran.out, "");
    };
    let mut changed = good.clone();
    changed[1] = changed[1].replace("\"version\":1", "\"version\":2");
    check(&changed, "Line 2 does not fit");
    let mut changed = good.clone();
    changed.remove(2);
    check(&changed, "Line 3 does not fit: is number 4 where 3 should follow");
    let mut changed = good.clone();
    changed[3] = "not json".to_owned();
    check(&changed, "Line 4 does not fit: cannot be read");
    check(&[], "the ledger is empty");
    let mut bytes = good.join("\n").into_bytes();
    let second = good[0].len() + 5;
    bytes[second] = 0xff;
    place.write("bad.jsonl", bytes);
    let ran = place.ippo(&["verify", "bad.jsonl", "--json"]).expect(1);
    assert_eq!(ran.json()["line"], 2);
    let ran = place.ippo_with(&["verify", "bad.jsonl"], &[("LANG", "ja_JP.UTF-8")]).expect(1);
    assert!(ran.err.contains("2行目が合いません"), "{}", ran.err);
}

#[tokio::test]
async fn a_receipt_that_does_not_speak_of_this_ledger_is_refused() {
    let place = place_with_ledger().await;
    let receipt = place.read("receipt.json");
    let (_, other) = place.file_report("something else").await;
    let check = |text: &str, expected: &str| {
        place.write("other.json", text);
        let ran = place.ippo(&["verify", "ledger.jsonl", "--receipt", "other.json"]).expect(1);
        assert!(ran.err.contains(expected), "{expected}: {}", ran.err);
    };
    check(&serde_json::to_string(&other).unwrap(), "the receipt is of inc_");
    let change = |field: &str, value: serde_json::Value| {
        let mut receipt: serde_json::Value = serde_json::from_str(&receipt).unwrap();
        *receipt.pointer_mut(field).unwrap() = value;
        receipt.to_string()
    };
    check(&change("/at_ms", 1.into()), "event 1 of the ledger is not the one");
    check(&change("/hash", "00".repeat(32).into()), "event 1 of the ledger is not the one");
    check(&change("/signature", "00".repeat(64).into()), "the signature over event 1 does not fit");
    check(&change("/head/signature", "zz".into()), "the signature over event");
    check(&change("/public_key", "00".into()), "no usable key");
    check(&change("/public_key", other_key().into()), "the signature over event 1 does not fit");
    check("{}", "cannot be read as a receipt");

    // A file whose end was cut off is a whole chain; only the receipt knows of the rest.
    let first = lines(&place).remove(0);
    place.write("short.jsonl", first);
    place.ippo(&["verify", "short.jsonl"]).expect(0);
    let ran = place.ippo(&["verify", "short.jsonl", "--receipt", "receipt.json"]).expect(1);
    assert!(ran.err.contains("the file is not whole"), "{}", ran.err);
}

/// A key that is one, and signed nothing here.
fn other_key() -> String {
    let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    hex::encode(key.verifying_key().to_bytes())
}

#[test]
fn an_incident_that_does_not_exist_cannot_be_exported() {
    let ran = Place::with_people().ippo(&["export", "inc_gone"]).expect(1);
    assert_eq!(ran.out, "");
    assert!(ran.err.contains("there is no incident inc_gone"), "{}", ran.err);
}
