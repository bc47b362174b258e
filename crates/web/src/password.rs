//! Passwords: hashed with argon2id, a few at a time and away from the threads that answer requests.

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};

use crate::app::App;

/// The fewest characters of a password.
pub(crate) const PASSWORD_CHARS_MIN: usize = 10;
/// The most bytes of a password.
pub(crate) const PASSWORD_BYTES_MAX: usize = 512;

/// A hash of no password, so that an unknown name takes as long as a known one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$Qk3GUcJ5vqJj9Y8yPAn8dLgSTSVZk0ny1SpKo0VVlHk";

impl App {
    /// The hash of `password` with its parameters. `None` when it could not be made.
    pub(crate) async fn hash_password(&self, password: String) -> Option<String> {
        let mut salt = [0_u8; 16];
        self.engine().entropy().fill(&mut salt);
        let _permit = self.0.hashing.acquire().await.ok()?;
        let hashing = tokio::task::spawn_blocking(move || {
            let salt = SaltString::encode_b64(&salt).ok()?;
            let hash = Argon2::default().hash_password(password.as_bytes(), &salt).ok()?;
            Some(hash.to_string())
        });
        hashing.await.ok().flatten()
    }

    /// Whether `password` gives `hash`. Takes as long when there is no hash.
    pub(crate) async fn is_password(&self, password: String, hash: Option<String>) -> bool {
        let Ok(_permit) = self.0.hashing.acquire().await else { return false };
        let checking = tokio::task::spawn_blocking(move || {
            let is_known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            let Ok(parsed) = PasswordHash::new(&hash) else { return false };
            let is_right = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
            is_right && is_known
        });
        checking.await.unwrap_or(false)
    }
}
