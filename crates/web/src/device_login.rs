//! Linking a computer (`ippo login`): it shows a short code, its owner confirms the code in the browser, it gets a
//! token. Held in memory: a login under way does not survive a restart, and is simply begun again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::id::PersonId;
use domain::ledger::Hash;
use domain::port::Entropy;
use domain::time::Timestamp;

/// How long a code may be confirmed.
pub(crate) const VALID_FOR: Duration = Duration::from_secs(600);
/// How many logins may be under way.
const PENDING_MAX: usize = 1_000;
/// Letters and digits that cannot be mistaken for each other.
const ALPHABET: &[u8; 28] = b"BCDFGHJKLMNPQRSTVWXZ23456789";

#[derive(Debug, Clone)]
struct Pending {
    code: String,
    device: String,
    until: Timestamp,
    confirmed_by: Option<PersonId>,
}

/// Logins that wait for their owner.
#[derive(Default)]
pub(crate) struct DeviceLogins {
    pending: Mutex<HashMap<Hash, Pending>>,
}

/// What a poll finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Poll {
    /// Nobody has confirmed yet.
    Waiting,
    /// Confirmed: a token may be made once.
    Confirmed {
        /// By whom.
        person: PersonId,
        /// What the device calls itself.
        device: String,
    },
    /// Not known, or run out.
    Gone,
}

impl DeviceLogins {
    fn pending(&self) -> MutexGuard<'_, HashMap<Hash, Pending>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a login and gives back its code. `None` when too many are under way.
    pub(crate) fn begin(
        &self,
        poll_hash: Hash,
        device: &str,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Option<String> {
        let mut pending = self.pending();
        pending.retain(|_, login| now < login.until);
        if pending.len() >= PENDING_MAX {
            return None;
        }
        let mut bytes = [0_u8; 8];
        entropy.fill(&mut bytes);
        let letters: Vec<char> = bytes
            .iter()
            .filter_map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len()))
            .map(|letter| char::from(*letter))
            .collect();
        let (left, right) = letters.split_at(letters.len() / 2);
        let code: String = left.iter().chain(['-'].iter()).chain(right).collect();
        let device = device.chars().filter(|c| !c.is_control()).take(80).collect();
        let until = now.after(VALID_FOR);
        pending
            .insert(poll_hash, Pending { code: code.clone(), device, until, confirmed_by: None });
        Some(code)
    }

    /// What the device of that code calls itself.
    pub(crate) fn find_device(&self, code: &str, now: Timestamp) -> Option<String> {
        let code = normalise(code);
        let pending = self.pending();
        let login = pending.values().find(|login| normalise(&login.code) == code)?;
        (now < login.until && login.confirmed_by.is_none()).then(|| login.device.clone())
    }

    /// Confirms a code for `person`. Whether there was one.
    pub(crate) fn confirm(&self, code: &str, person: &PersonId, now: Timestamp) -> bool {
        let code = normalise(code);
        let mut pending = self.pending();
        let login = pending.values_mut().find(|login| {
            normalise(&login.code) == code && now < login.until && login.confirmed_by.is_none()
        });
        login.map(|login| login.confirmed_by = Some(person.clone())).is_some()
    }

    /// Looks whether a login was confirmed; a confirmed one is found once.
    pub(crate) fn poll(&self, poll_hash: &Hash, now: Timestamp) -> Poll {
        let mut pending = self.pending();
        let Some(login) = pending.get(poll_hash).filter(|login| now < login.until).cloned() else {
            return Poll::Gone;
        };
        match login.confirmed_by {
            None => Poll::Waiting,
            Some(person) => {
                pending.remove(poll_hash);
                Poll::Confirmed { person, device: login.device }
            }
        }
    }
}

fn normalise(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;
    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.iter_mut().enumerate().for_each(|(n, byte)| *byte = u8::try_from(n).unwrap());
        }
    }

    #[test]
    fn a_confirmed_login_is_found_once_and_an_old_one_never() {
        let logins = DeviceLogins::default();
        let at = |s: i64| Timestamp::from_millisecond(s * 1_000);
        let code = logins.begin([1; 32], "laptop", at(0), &Fixed).unwrap();
        assert_eq!(code, "BCDF-GHJK");
        assert_eq!(logins.poll(&[1; 32], at(1)), Poll::Waiting);
        assert!(!logins.confirm("XXXX-XXXX", &PersonId::new("per_a"), at(1)));
        assert_eq!(logins.find_device("bcdf ghjk", at(1)).as_deref(), Some("laptop"));
        assert!(logins.confirm("bcdfghjk", &PersonId::new("per_a"), at(1)));
        assert!(matches!(logins.poll(&[1; 32], at(2)), Poll::Confirmed { .. }));
        assert_eq!(logins.poll(&[1; 32], at(2)), Poll::Gone);
        logins.begin([2; 32], "laptop", at(0), &Fixed).unwrap();
        assert_eq!(logins.poll(&[2; 32], at(600)), Poll::Gone);
    }
}
