//! Checking a receipt against a ledger, trusting neither: the signature, the place and the hash have to fit.

use domain::ledger::{Verified, receipt_text};
use domain::time::Timestamp;
use ed25519_dalek::{Signature, VerifyingKey};
use engine::Receipt;

/// Why a receipt does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReceiptFault {
    /// It is of another incident.
    #[error("the receipt is of {receipt}, the ledger is of {ledger}")]
    OtherIncident {
        /// What the receipt names.
        receipt: String,
        /// What the ledger is of.
        ledger: String,
    },
    /// It names an event that the file does not hold.
    #[error("the receipt speaks of event {seq}, the file ends with {last}: the file is not whole")]
    NotInFile {
        /// The event.
        seq: u64,
        /// The last one in the file.
        last: u64,
    },
    /// The event in the file is another one.
    #[error("event {seq} of the ledger is not the one the receipt speaks of")]
    OtherEvent {
        /// The event.
        seq: u64,
    },
    /// The signature does not fit.
    #[error("the signature over event {seq} does not fit: the receipt was changed")]
    WrongSignature {
        /// The event.
        seq: u64,
    },
    /// It was signed with another key than the one expected.
    #[error("the receipt was signed with {found}, not with the key that was given")]
    OtherKey {
        /// The key that signed, hex.
        found: String,
    },
    /// The key in it is none.
    #[error("the receipt holds no usable key")]
    NoKey,
}

/// Looks whether `receipt` speaks of exactly this ledger, and was signed so.
pub(crate) fn check_receipt(
    receipt: &Receipt,
    ledger: &Verified,
    expected_key: Option<&str>,
) -> Result<(), ReceiptFault> {
    if receipt.incident != ledger.incident {
        return Err(ReceiptFault::OtherIncident {
            receipt: receipt.incident.to_string(),
            ledger: ledger.incident.to_string(),
        });
    }
    if expected_key.is_some_and(|key| !key.eq_ignore_ascii_case(&receipt.public_key)) {
        return Err(ReceiptFault::OtherKey { found: receipt.public_key.clone() });
    }
    let key = hex::decode(&receipt.public_key).ok().and_then(|bytes| bytes.try_into().ok());
    let key =
        key.and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok()).ok_or(ReceiptFault::NoKey)?;
    let head = &receipt.head;
    for (seq, hash, at_ms, signature) in [
        (receipt.seq, &receipt.hash, receipt.at_ms, &receipt.signature),
        (head.seq, &head.hash, head.at_ms, &head.signature),
    ] {
        let place = seq.checked_sub(1).and_then(|place| usize::try_from(place).ok());
        let found = place.and_then(|place| ledger.hashes.get(place));
        match found {
            None => return Err(ReceiptFault::NotInFile { seq, last: ledger.events }),
            Some(found) if *found != (hash.clone(), at_ms) => {
                return Err(ReceiptFault::OtherEvent { seq });
            }
            Some(_) => {}
        }
        let text = receipt_text(&receipt.incident, seq, hash, Timestamp::from_millisecond(at_ms));
        let signature =
            hex::decode(signature).ok().and_then(|bytes| Signature::from_slice(&bytes).ok());
        let is_signed = signature
            .is_some_and(|signature| key.verify_strict(text.as_bytes(), &signature).is_ok());
        if !is_signed {
            return Err(ReceiptFault::WrongSignature { seq });
        }
    }
    Ok(())
}
