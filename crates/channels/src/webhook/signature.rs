//! Signatures after Standard Webhooks: HMAC-SHA256 over id, time and body, as `v1,` and base64.
//!
//! [`SigningSecret::sign`] is what the channel uses. [`SigningSecret::verify`] is the receiver's side: for tests,
//! for tools, and for whoever writes a receiver in Rust.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// The header with the attempt's id.
pub const ID_HEADER: &str = "webhook-id";
/// The header with the time of sending, in seconds since 1970.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// The header with the signature.
pub const SIGNATURE_HEADER: &str = "webhook-signature";
/// What a secret begins with.
pub const SECRET_PREFIX: &str = "whsec_";
/// The shortest and the longest secret, in bytes behind the base64.
pub const SECRET_BYTES: (usize, usize) = (24, 64);
const VERSION: &str = "v1,";

/// A key to sign and verify with. Prints as stars.
#[derive(Clone)]
pub struct SigningSecret(Zeroizing<Vec<u8>>);

/// Why a secret cannot be used. Holds nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Does not begin with [`SECRET_PREFIX`].
    #[error("it does not begin with whsec_")]
    Prefix,
    /// What follows is not base64.
    #[error("what follows whsec_ is not base64")]
    Base64,
    /// Too short or too long.
    #[error("it has {0} bytes behind the base64, 24 to 64 are used")]
    Length(usize),
}

/// Why a signature does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Sent too long ago, or dated too far ahead.
    #[error("the webhook is dated too far from now")]
    Time,
    /// No signature in the header fits.
    #[error("no signature fits")]
    Signature,
}

/// What a receiver holds in its hands.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// The `webhook-id` header.
    pub id: &'a str,
    /// The `webhook-timestamp` header, in seconds since 1970.
    pub timestamp_secs: i64,
    /// The `webhook-signature` header: one signature or several, with spaces between.
    pub signature: &'a str,
    /// The body, byte for byte.
    pub body: &'a [u8],
}

impl SigningSecret {
    /// Reads `whsec_` and base64.
    ///
    /// # Errors
    /// [`SecretError`] when it does not have that shape, or not 24 to 64 bytes.
    pub fn parse(secret: &Secret) -> Result<Self, SecretError> {
        let encoded =
            secret.expose().trim().strip_prefix(SECRET_PREFIX).ok_or(SecretError::Prefix)?;
        let key = STANDARD.decode(encoded).map(Zeroizing::new).map_err(|_| SecretError::Base64)?;
        let (shortest, longest) = SECRET_BYTES;
        if key.len() < shortest || key.len() > longest {
            return Err(SecretError::Length(key.len()));
        }
        Ok(Self(key))
    }

    /// The value of the `webhook-signature` header.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp_secs: i64, body: &[u8]) -> String {
        let digest = self.mac(id, timestamp_secs, body).map(|mac| mac.finalize().into_bytes());
        format!("{VERSION}{}", STANDARD.encode(digest.unwrap_or_default()))
    }

    /// Whether `received` was signed with this secret within `tolerance_secs` of `now_secs`. Takes as long for a
    /// wrong signature as for a right one.
    ///
    /// # Errors
    /// [`VerifyError`] when the time is too far off or no signature fits.
    pub fn verify(
        &self,
        received: Received<'_>,
        now_secs: i64,
        tolerance_secs: u64,
    ) -> Result<(), VerifyError> {
        if now_secs.abs_diff(received.timestamp_secs) > tolerance_secs {
            return Err(VerifyError::Time);
        }
        let fits = |signature: &str| {
            let encoded = signature.strip_prefix(VERSION)?;
            let given = STANDARD.decode(encoded).ok()?;
            let mac = self.mac(received.id, received.timestamp_secs, received.body)?;
            mac.verify_slice(&given).ok()
        };
        let mut signatures = received.signature.split(' ');
        if signatures.any(|signature| fits(signature).is_some()) {
            Ok(())
        } else {
            Err(VerifyError::Signature)
        }
    }

    /// `None` never happens: HMAC takes keys of any length.
    fn mac(&self, id: &str, timestamp_secs: i64, body: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(id.as_bytes());
        mac.update(format!(".{timestamp_secs}.").as_bytes());
        mac.update(body);
        Some(mac)
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const TIME: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn secret() -> SigningSecret {
        SigningSecret::parse(&Secret::from(SECRET)).unwrap()
    }

    fn received(signature: &str) -> Received<'_> {
        Received { id: ID, timestamp_secs: TIME, signature, body: BODY }
    }

    #[test]
    fn the_published_vector_of_standard_webhooks_is_met() {
        assert_eq!(secret().sign(ID, TIME, BODY), SIGNATURE);
        assert_eq!(secret().verify(received(SIGNATURE), TIME, 0), Ok(()));
    }

    #[test]
    fn a_signature_among_others_is_found() {
        let header = format!("v1a,AAAA v1,AAAA {SIGNATURE}");
        assert_eq!(secret().verify(received(&header), TIME, 0), Ok(()));
    }

    #[test]
    fn any_change_breaks_the_signature() {
        let good = received(SIGNATURE);
        let changed = [
            Received { id: "msg_other", ..good },
            Received { timestamp_secs: TIME + 1, ..good },
            Received { body: br#"{"test": 2432232315}"#, ..good },
            Received { signature: "v1,h0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", ..good },
            Received { signature: "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", ..good },
            Received { signature: "", ..good },
        ];
        for received in changed {
            let verified = secret().verify(received, TIME, 10);
            assert_eq!(verified, Err(VerifyError::Signature), "{received:?}");
        }
    }

    #[test]
    fn an_old_or_early_webhook_is_refused() {
        for now in [TIME - 301, TIME + 301] {
            let verified = secret().verify(received(SIGNATURE), now, 300);
            assert_eq!(verified, Err(VerifyError::Time));
        }
        assert_eq!(secret().verify(received(SIGNATURE), TIME + 300, 300), Ok(()));
    }

    #[test]
    fn a_secret_of_another_shape_is_refused_without_being_shown() {
        let cases = [
            ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", SecretError::Prefix),
            ("whsec_!!!", SecretError::Base64),
            ("whsec_c2hvcnQ=", SecretError::Length(5)),
        ];
        for (text, expected) in cases {
            assert_eq!(SigningSecret::parse(&Secret::from(text)).unwrap_err(), expected);
        }
        assert_eq!(format!("{:?}", secret()), "***");
    }
}
