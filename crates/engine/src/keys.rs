//! Two keys that ippo makes for itself at its first start and keeps in its store: one signs receipts (A8), the
//! other makes answer links that nobody can guess (B3).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::{IncidentId, PersonId};
use domain::ledger::receipt_text;
use domain::port::Entropy;
use domain::time::Timestamp;
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use store::{Store, StoreError};
use ulid::Ulid;

const RECEIPT_KEY: &str = "receipt_signing_key";
const ANSWER_KEY: &str = "answer_link_key";
const MAC_BYTES: usize = 14;

/// The keys of this installation. Never printed.
pub(crate) struct Keys {
    receipt: SigningKey,
    answer: [u8; 32],
}

impl Keys {
    /// Loads the keys; makes them when there are none. Safe with several starts at once: the first one stored wins.
    pub(crate) async fn load(store: &Store, entropy: &dyn Entropy) -> Result<Self, StoreError> {
        let receipt = load_key(store, entropy, RECEIPT_KEY).await?;
        let answer = load_key(store, entropy, ANSWER_KEY).await?;
        Ok(Self { receipt: SigningKey::from_bytes(&receipt), answer })
    }

    /// The public half, hex.
    pub(crate) fn public_key(&self) -> String {
        hex::encode(self.receipt.verifying_key().to_bytes())
    }

    /// Signs that an event stands in a ledger; hex.
    pub(crate) fn sign(&self, place: &SignedPlace<'_>) -> String {
        let text = receipt_text(place.incident, place.seq, place.hash_hex, place.at);
        hex::encode(self.receipt.sign(text.as_bytes()).to_bytes())
    }

    /// A keyed hash; `purpose` keeps the uses of the key apart.
    fn keyed(&self, purpose: &str, text: &str) -> [u8; 32] {
        // HMAC takes keys of every length, so the second arm cannot be reached.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.answer) else { return [0; 32] };
        mac.update(purpose.as_bytes());
        mac.update(b"\n");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// By what a repeat is told from another text. Keyed, so that words that were redacted cannot be guessed from it.
    pub(crate) fn text_digest(&self, text: &str) -> [u8; 32] {
        self.keyed("text", text)
    }

    fn mac(&self, incident: &IncidentId, index: u16, person: &PersonId) -> [u8; MAC_BYTES] {
        let whole = self.keyed("answer", &format!("{incident}\n{index}\n{person}"));
        let mut short = [0; MAC_BYTES];
        short.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
        short
    }

    /// The token of the person who stands at `index` of the incident's line.
    pub(crate) fn answer_token(
        &self,
        incident: &IncidentId,
        index: u16,
        person: &PersonId,
    ) -> String {
        let id = incident.stem().to_uppercase().parse::<Ulid>().map_or(0, u128::from);
        let mut bytes = Vec::with_capacity(32);
        bytes.extend_from_slice(&id.to_be_bytes());
        bytes.extend_from_slice(&index.to_be_bytes());
        bytes.extend_from_slice(&self.mac(incident, index, person));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Whether `token` is the one of that person.
    pub(crate) fn is_answer_token(
        &self,
        token: &AnswerToken,
        incident: &IncidentId,
        person: &PersonId,
    ) -> bool {
        let expected = self.mac(incident, token.index, person);
        subtle::ConstantTimeEq::ct_eq(&expected[..], &token.mac[..]).into()
    }
}

async fn load_key(
    store: &Store,
    entropy: &dyn Entropy,
    name: &'static str,
) -> Result<[u8; 32], StoreError> {
    let mut fresh = [0_u8; 32];
    entropy.fill(&mut fresh);
    let stored = store.put_setting_if_absent(name, &hex::encode(fresh)).await?;
    let mut key = [0_u8; 32];
    hex::decode_to_slice(stored, &mut key)
        .map_err(|_| StoreError::Inconsistent { statement: "FIND_SETTING", column: "value" })?;
    Ok(key)
}

/// What a receipt's signature speaks of.
pub(crate) struct SignedPlace<'a> {
    pub(crate) incident: &'a IncidentId,
    pub(crate) seq: u64,
    pub(crate) hash_hex: &'a str,
    pub(crate) at: Timestamp,
}

/// An answer link's token, read but not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerToken {
    /// The incident it names.
    pub incident: IncidentId,
    pub(crate) index: u16,
    mac: [u8; MAC_BYTES],
}

impl AnswerToken {
    /// Reads a token. `None` when it has not the shape of one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 32] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (id, rest) = bytes.split_first_chunk::<16>()?;
        let (index, mac) = rest.split_first_chunk::<2>()?;
        Some(Self {
            incident: incident_id(Ulid::from(u128::from_be_bytes(*id))),
            index: u16::from_be_bytes(*index),
            mac: mac.try_into().ok()?,
        })
    }
}

pub(crate) fn incident_id(ulid: Ulid) -> IncidentId {
    IncidentId::new(&format!("{}{}", IncidentId::PREFIX, ulid.to_string().to_lowercase()))
}

/// A new incident's id: sorts by time, cannot be guessed.
pub(crate) fn new_incident_id(now: Timestamp, entropy: &dyn Entropy) -> IncidentId {
    let mut random = [0_u8; 16];
    entropy.fill(&mut random);
    let ms = u64::try_from(now.as_millisecond()).unwrap_or(0);
    incident_id(Ulid::from_parts(ms, u128::from_be_bytes(random)))
}

/// The signed, dated receipt (A8): proof that somebody came forward, and how soon.
///
/// Each signature is Ed25519 over `incident \n seq \n hash \n at_ms`, hex. It can be checked off line with
/// `ippo verify EXPORT --receipt FILE`, or by anybody with the public key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The incident.
    pub incident: IncidentId,
    /// The place of the report in its ledger.
    pub seq: u64,
    /// The hash of that event, hex.
    pub hash: String,
    /// When the report was recorded.
    pub at_ms: i64,
    /// Who reported.
    pub reporter: PersonId,
    /// Their name at that time.
    pub reporter_name: String,
    /// The key that signed, hex.
    pub public_key: String,
    /// The signature, hex.
    pub signature: String,
    /// The end of the ledger when the receipt was made, signed likewise.
    pub head: SignedHead,
    /// Which messages had left, to whom.
    pub delivered: Vec<ReceiptDelivery>,
    /// Who had answered what.
    pub answered: Vec<ReceiptAnswer>,
}

/// The end of a ledger, signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedHead {
    /// The place of the last event.
    pub seq: u64,
    /// Its hash, hex.
    pub hash: String,
    /// When it was recorded.
    pub at_ms: i64,
    /// The signature, hex.
    pub signature: String,
}

/// A message that left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptDelivery {
    /// To whom.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// By which channel.
    pub channel: String,
    /// When it is known to have left.
    pub at_ms: i64,
    /// How far it came.
    pub state: String,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptAnswer {
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// What.
    pub answer: String,
    /// When.
    pub at_ms: i64,
}
