//! The real chance: bytes of the operating system that nobody can guess, and the tokens made of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ledger::Hash;
use domain::port::Entropy;
use sha2::{Digest as _, Sha256};

/// Random bytes of the operating system.
pub(crate) struct OsEntropy;

impl Entropy for OsEntropy {
    #[expect(
        clippy::panic,
        reason = "without random bytes a token could be guessed: better none at all"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        if let Err(why) = getrandom::fill(buffer) {
            panic!("the operating system gives no random bytes: {why}");
        }
    }
}

/// Thirty-two random bytes as text that fits into an address.
pub(crate) fn new_secret(entropy: &dyn Entropy) -> String {
    let mut bytes = [0_u8; 32];
    entropy.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The digest under which a secret is kept.
pub(crate) fn digest(secret: &str) -> Hash {
    Sha256::digest(secret.as_bytes()).into()
}

/// A short random name, for a token in a list or a report's key. Not a secret.
pub(crate) fn new_name(entropy: &dyn Entropy, prefix: &str) -> String {
    let mut bytes = [0_u8; 16];
    entropy.fill(&mut bytes);
    format!("{prefix}{}", hex::encode(bytes))
}
