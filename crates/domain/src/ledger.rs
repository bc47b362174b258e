//! The ledger's format (C2): sealed events, the hash chain, and the check that anybody can make off line.
//!
//! `digest` = SHA-256 of the salt bytes followed by the body in canonical JSON (RFC 8785). `hash` = SHA-256 of
//! `incident \n seq \n at_ms \n kind \n version \n actor \n digest \n prev`, where `prev` is the hash before it, 64
//! zeros at first. Because the chain runs over digests, a body can be erased (redaction) and the chain still
//! holds; because every digest is salted, an erased body cannot be guessed from what is left.
//!
//! This is a public, versioned format: what is written here is read for ever.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::id::IncidentId;
use crate::time::Timestamp;

/// Bytes of salt before each body.
pub const SALT_BYTES: usize = 16;

/// A hash as bytes; hex on the wire.
pub type Hash = [u8; 32];

/// What the first event of a ledger names as the hash before it.
pub const FIRST_PREV: Hash = [0; 32];

/// One event as it is kept and can never be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The incident whose ledger it is in.
    pub incident: IncidentId,
    /// Its place, from 1 without a gap.
    pub seq: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// What kind of event it is, `report.received` for example.
    pub kind: String,
    /// The version of that kind's body.
    pub version: u32,
    /// Who did it: a person's id, or `system`.
    pub actor: String,
    /// Salt of the digest; `None` once redacted.
    pub salt: Option<[u8; SALT_BYTES]>,
    /// The body in canonical JSON; `None` once redacted.
    pub body: Option<String>,
    /// Digest of salt and body.
    pub digest: Hash,
    /// Hash of the event before.
    pub prev: Hash,
    /// Hash of this event.
    pub hash: Hash,
}

/// What is to be sealed, before it has a place.
#[derive(Debug, Clone)]
pub struct Unsealed<'a> {
    /// Its incident.
    pub incident: &'a IncidentId,
    /// When it is recorded.
    pub at: Timestamp,
    /// Its kind.
    pub kind: &'a str,
    /// The version of its body.
    pub version: u32,
    /// Who did it.
    pub actor: &'a str,
    /// Its body.
    pub body: &'a Value,
}

/// Seals `event` behind the one that `prev` is the hash of.
///
/// # Errors
/// When the body has no canonical form, which only a number that is not finite can cause.
pub fn seal(
    event: &Unsealed<'_>,
    seq: u64,
    prev: Hash,
    salt: [u8; SALT_BYTES],
) -> Result<Sealed, NotCanonical> {
    let body = canonical(event.body)?;
    let digest = digest(&salt, &body);
    let mut sealed = Sealed {
        incident: event.incident.clone(),
        seq,
        at: event.at,
        kind: event.kind.to_owned(),
        version: event.version,
        actor: event.actor.to_owned(),
        salt: Some(salt),
        body: Some(body),
        digest,
        prev,
        hash: FIRST_PREV,
    };
    sealed.hash = chain_hash(&sealed);
    Ok(sealed)
}

/// The body cannot be written in canonical JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the event's body has no canonical JSON: {0}")]
pub struct NotCanonical(String);

/// Canonical JSON (RFC 8785) of `body`.
///
/// # Errors
/// When a number is not finite.
pub fn canonical(body: &Value) -> Result<String, NotCanonical> {
    serde_json_canonicalizer::to_string(body).map_err(|why| NotCanonical(why.to_string()))
}

fn digest(salt: &[u8], body: &str) -> Hash {
    Sha256::new().chain_update(salt).chain_update(body.as_bytes()).finalize().into()
}

fn chain_hash(event: &Sealed) -> Hash {
    let text = format!(
        "{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}",
        event.incident,
        event.seq,
        event.at.as_millisecond(),
        event.kind,
        event.version,
        event.actor,
        hex::encode(event.digest),
        hex::encode(event.prev)
    );
    Sha256::digest(text.as_bytes()).into()
}

/// One line of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The incident.
    pub incident: IncidentId,
    /// Place in the ledger, from 1.
    pub seq: u64,
    /// When it was recorded, UTC.
    pub at_ms: i64,
    /// Kind of event.
    pub kind: String,
    /// Version of the body.
    pub version: u32,
    /// Who did it.
    pub actor: String,
    /// Salt in hex, `null` once redacted.
    pub salt: Option<String>,
    /// The body, `null` once redacted.
    pub body: Option<Value>,
    /// Digest of salt and body, hex.
    pub digest: String,
    /// Hash of the line before, hex.
    pub prev: String,
    /// Hash of this line, hex.
    pub hash: String,
}

impl Line {
    /// The line of `event`.
    ///
    /// # Errors
    /// When a stored body is not JSON, which no write of ours can cause.
    pub fn from_sealed(event: &Sealed) -> Result<Self, serde_json::Error> {
        Ok(Self {
            incident: event.incident.clone(),
            seq: event.seq,
            at_ms: event.at.as_millisecond(),
            kind: event.kind.clone(),
            version: event.version,
            actor: event.actor.clone(),
            salt: event.salt.map(hex::encode),
            body: event.body.as_deref().map(serde_json::from_str).transpose()?,
            digest: hex::encode(event.digest),
            prev: hex::encode(event.prev),
            hash: hex::encode(event.hash),
        })
    }
}

/// What a whole, unbroken ledger was found to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The incident.
    pub incident: IncidentId,
    /// How many events.
    pub events: u64,
    /// How many of them are redacted.
    pub redacted: u64,
    /// Hash of the last event, hex.
    pub head: String,
    /// Hash and time of each event by its place, for receipts.
    pub hashes: Vec<(String, i64)>,
}

/// Why a ledger does not hold, with the line (from 1) where it first does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct Broken {
    /// The first bad line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: BrokenWhy,
}

/// What can be wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokenWhy {
    /// It cannot be read at all.
    #[error("cannot be read as a ledger event: {0}")]
    Unreadable(String),
    /// It belongs to another incident.
    #[error("belongs to {found}, the ledger is of {expected}")]
    OtherIncident {
        /// Whose ledger it is.
        expected: IncidentId,
        /// What the line says.
        found: IncidentId,
    },
    /// A line is missing, doubled or out of order.
    #[error("is number {found} where {expected} should follow")]
    OutOfOrder {
        /// The number that should be here.
        expected: u64,
        /// The number that is.
        found: u64,
    },
    /// It does not follow from the line before.
    #[error("does not follow from the line before it")]
    NotChained,
    /// Body or salt do not give the digest.
    #[error("body or salt was changed: they do not give the digest")]
    WrongDigest,
    /// Only one of body and salt is missing.
    #[error("only one of body and salt is there; a redacted event has neither")]
    HalfRedacted,
    /// One of the other fields was changed.
    #[error("a field was changed: the line does not give its hash")]
    WrongHash,
    /// There is no line at all.
    #[error("the ledger is empty")]
    Empty,
}

/// Checks a whole export, without trusting anything but the format.
///
/// # Errors
/// [`Broken`] with the first line that does not hold.
pub fn verify<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Verified, Broken> {
    let mut verified: Option<Verified> = None;
    let mut prev = FIRST_PREV;
    let mut last_line = 0;
    for (index, text) in lines.into_iter().enumerate() {
        let line = index.saturating_add(1);
        if text.trim().is_empty() {
            continue;
        }
        last_line = line;
        let broken = |why| Broken { line, why };
        let event: Line = serde_json::from_str(text)
            .map_err(|why| broken(BrokenWhy::Unreadable(why.to_string())))?;
        let so_far = verified.get_or_insert_with(|| Verified {
            incident: event.incident.clone(),
            events: 0,
            redacted: 0,
            head: String::new(),
            hashes: Vec::new(),
        });
        check_line(&event, so_far, prev).map_err(broken)?;
        prev = unhex(&event.hash).ok_or_else(|| broken(BrokenWhy::WrongHash))?;
        so_far.events = event.seq;
        so_far.redacted = so_far.redacted.saturating_add(u64::from(event.body.is_none()));
        so_far.hashes.push((event.hash.clone(), event.at_ms));
        so_far.head = event.hash;
    }
    verified.ok_or(Broken { line: last_line.saturating_add(1), why: BrokenWhy::Empty })
}

fn check_line(event: &Line, so_far: &Verified, prev: Hash) -> Result<(), BrokenWhy> {
    if event.incident != so_far.incident {
        return Err(BrokenWhy::OtherIncident {
            expected: so_far.incident.clone(),
            found: event.incident.clone(),
        });
    }
    let expected = so_far.events.saturating_add(1);
    if event.seq != expected {
        return Err(BrokenWhy::OutOfOrder { expected, found: event.seq });
    }
    if event.prev != hex::encode(prev) {
        return Err(BrokenWhy::NotChained);
    }
    let salt = event.salt.as_deref().map(|salt| hex::decode(salt).ok());
    let given = unhex(&event.digest).ok_or(BrokenWhy::WrongDigest)?;
    match (&event.body, salt) {
        (Some(body), Some(Some(salt))) => {
            let body = canonical(body).map_err(|why| BrokenWhy::Unreadable(why.to_string()))?;
            if digest(&salt, &body) != given {
                return Err(BrokenWhy::WrongDigest);
            }
        }
        (None, None) => {}
        (Some(_), Some(None)) => return Err(BrokenWhy::WrongDigest),
        (Some(_), None) | (None, Some(_)) => return Err(BrokenWhy::HalfRedacted),
    }
    let sealed = Sealed {
        incident: event.incident.clone(),
        seq: event.seq,
        at: Timestamp::from_millisecond(event.at_ms),
        kind: event.kind.clone(),
        version: event.version,
        actor: event.actor.clone(),
        salt: None,
        body: None,
        digest: given,
        prev,
        hash: FIRST_PREV,
    };
    if hex::encode(chain_hash(&sealed)) != event.hash {
        return Err(BrokenWhy::WrongHash);
    }
    Ok(())
}

fn unhex(text: &str) -> Option<Hash> {
    // Upper-case hex would be a second spelling of the same ledger; the format has one.
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        return None;
    }
    hex::decode(text).ok()?.try_into().ok()
}

/// The text that a receipt signs: `incident \n seq \n hash \n at_ms`.
#[must_use]
pub fn receipt_text(incident: &IncidentId, seq: u64, hash_hex: &str, at: Timestamp) -> String {
    format!("{incident}\n{seq}\n{hash_hex}\n{}", at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ledger() -> Vec<String> {
        let incident = IncidentId::new("inc_test");
        let mut prev = FIRST_PREV;
        (1..=4_u64)
            .map(|seq| {
                let body = json!({"text": "本番DBを消しました", "n": seq});
                let unsealed = Unsealed {
                    incident: &incident,
                    at: Timestamp::from_millisecond(1_000 * i64::try_from(seq).unwrap()),
                    kind: "entry.added",
                    version: 1,
                    actor: "per_tanaka",
                    body: &body,
                };
                let sealed = seal(&unsealed, seq, prev, [7; SALT_BYTES]).unwrap();
                prev = sealed.hash;
                serde_json::to_string(&Line::from_sealed(&sealed).unwrap()).unwrap()
            })
            .collect()
    }

    fn check(lines: &[String]) -> Result<Verified, Broken> {
        verify(lines.iter().map(String::as_str))
    }

    fn edit(line: &str, change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> String {
        let mut value: Value = serde_json::from_str(line).unwrap();
        change(value.as_object_mut().unwrap());
        value.to_string()
    }

    #[test]
    fn a_whole_ledger_holds_and_says_how_long_it_is() {
        let found = check(&ledger()).unwrap();
        assert_eq!((found.events, found.redacted), (4, 0));
    }

    #[test]
    fn a_redacted_event_leaves_the_chain_whole() {
        let mut lines = ledger();
        lines[1] = edit(&lines[1], |event| {
            event.insert("body".into(), Value::Null);
            event.insert("salt".into(), Value::Null);
        });
        assert_eq!(check(&lines).unwrap().redacted, 1);
    }

    #[test]
    fn every_change_is_found_at_its_line() {
        let lines = ledger();
        type Change = Box<dyn Fn(&mut serde_json::Map<String, Value>)>;
        let set = |field: &'static str, value: Value| -> Change {
            Box::new(move |event| {
                event.insert(field.into(), value.clone());
            })
        };
        type Expected = fn(&BrokenWhy) -> bool;
        let cases: Vec<(Change, Expected)> = vec![
            (set("body", json!({"text": "x"})), |why| matches!(why, BrokenWhy::WrongDigest)),
            (set("body", Value::Null), |why| matches!(why, BrokenWhy::HalfRedacted)),
            (set("salt", json!("00")), |why| matches!(why, BrokenWhy::WrongDigest)),
            (set("salt", json!("zz")), |why| matches!(why, BrokenWhy::WrongDigest)),
            (set("at_ms", json!(1)), |why| matches!(why, BrokenWhy::WrongHash)),
            (set("actor", json!("per_other")), |why| matches!(why, BrokenWhy::WrongHash)),
            (set("kind", json!("other")), |why| matches!(why, BrokenWhy::WrongHash)),
            (set("prev", json!("0".repeat(64))), |why| matches!(why, BrokenWhy::NotChained)),
            (set("seq", json!(9)), |why| matches!(why, BrokenWhy::OutOfOrder { .. })),
            (set("incident", json!("inc_b")), |why| matches!(why, BrokenWhy::OtherIncident { .. })),
            (set("extra", json!(1)), |why| matches!(why, BrokenWhy::Unreadable(_))),
        ];
        for (change, expected) in cases {
            let mut bad = lines.clone();
            bad[2] = edit(&bad[2], |event| change(event));
            let found = check(&bad).unwrap_err();
            assert_eq!(found.line, 3, "{found}");
            assert!(expected(&found.why), "{found}");
        }
        let mut missing = lines.clone();
        missing.remove(1);
        assert_eq!(check(&missing).unwrap_err().line, 2);
        assert!(matches!(check(&[]).unwrap_err().why, BrokenWhy::Empty));
    }

    #[test]
    fn canonical_json_orders_keys_and_writes_numbers_as_the_standard_does() {
        let value: Value =
            serde_json::from_str(r#"{"b":1e2,"a":"\u20ac\u0001\/","A":[true,null]}"#).unwrap();
        assert_eq!(canonical(&value).unwrap(), "{\"A\":[true,null],\"a\":\"€\\u0001/\",\"b\":100}");
    }
}
