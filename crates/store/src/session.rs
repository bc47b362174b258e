//! Signed-in devices. Only the digest of a session's token is kept.

use domain::id::PersonId;
use domain::ledger::Hash;
use domain::time::Timestamp;

use crate::Store;
use crate::db::{Row, Step};
use crate::error::StoreError;
use crate::store::LIST_MAX;

sql! {
    INSERT_SESSION = "INSERT INTO session (token_hash, person_id, created_at_ms, seen_at_ms, expires_at_ms, device)
        VALUES ($1, $2, $3, $4, $5, $6)";
    FIND_SESSION = "SELECT token_hash, person_id, created_at_ms, seen_at_ms, expires_at_ms, device
        FROM session WHERE token_hash = $1";
    LIST_SESSIONS = "SELECT token_hash, person_id, created_at_ms, seen_at_ms, expires_at_ms, device
        FROM session WHERE person_id = $1 ORDER BY seen_at_ms DESC, token_hash LIMIT $2";
    TOUCH_SESSION = "UPDATE session SET seen_at_ms = $1, expires_at_ms = $2 WHERE token_hash = $3";
    DELETE_SESSION = "DELETE FROM session WHERE token_hash = $1";
    DELETE_SESSIONS_OF = "DELETE FROM session WHERE person_id = $1";
    DELETE_SESSIONS_EXPIRED = "DELETE FROM session WHERE expires_at_ms < $1";
}

/// A device on which somebody has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Digest of the token that the device holds.
    pub token_hash: Hash,
    /// Who signed in.
    pub person: PersonId,
    /// When.
    pub created_at: Timestamp,
    /// When it was last used, as far as that is recorded.
    pub seen_at: Timestamp,
    /// When it runs out.
    pub expires_at: Timestamp,
    /// What the device calls itself, so that its owner can tell it from others.
    pub device: String,
}

impl Session {
    pub(crate) fn insert(&self) -> Step {
        let values = values![
            &self.token_hash,
            &self.person,
            self.created_at,
            self.seen_at,
            self.expires_at,
            &self.device,
        ];
        Step::one(&INSERT_SESSION, values)
    }
}

impl Store {
    /// Keeps a session.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is one with the same token.
    pub async fn insert_session(&self, session: &Session) -> Result<(), StoreError> {
        self.db().write_one(session.insert()).await.map(drop)
    }

    /// The session of a token, also one that has run out: the caller compares `expires_at`, because a device whose
    /// sign-in has run out may still send a first report.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn find_session(&self, token_hash: &Hash) -> Result<Option<Session>, StoreError> {
        self.find(Step::any(&FIND_SESSION, values![token_hash])).await?.map(read).transpose()
    }

    /// The person's sessions, the one used last first; at most [`LIST_MAX`].
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn list_sessions(&self, person: &PersonId) -> Result<Vec<Session>, StoreError> {
        let step = Step::any(&LIST_SESSIONS, values![person, u64::from(LIST_MAX)]);
        self.list(step, read).await
    }

    /// Records that a session was used, and when it now runs out.
    ///
    /// # Errors
    /// [`StoreError::RowsAffected`] when there is no such session.
    pub async fn touch_session(
        &self,
        token_hash: &Hash,
        seen_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let step = Step::one(&TOUCH_SESSION, values![seen_at, expires_at, token_hash]);
        self.db().write_one(step).await.map(drop)
    }

    /// Ends a session; whether there was one.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn delete_session(&self, token_hash: &Hash) -> Result<bool, StoreError> {
        let done = self.db().write_one(Step::any(&DELETE_SESSION, values![token_hash])).await?;
        Ok(done.changed > 0)
    }

    /// Ends every session of a person and counts them.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn delete_sessions_of(&self, person: &PersonId) -> Result<u64, StoreError> {
        Ok(self.db().write_one(Step::any(&DELETE_SESSIONS_OF, values![person])).await?.changed)
    }

    /// Removes the sessions that ran out before `before` and counts them.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn delete_sessions_expired(&self, before: Timestamp) -> Result<u64, StoreError> {
        let step = Step::any(&DELETE_SESSIONS_EXPIRED, values![before]);
        Ok(self.db().write_one(step).await?.changed)
    }
}

fn read(mut row: Row) -> Result<Session, StoreError> {
    Ok(Session {
        token_hash: row.bytes("token_hash")?,
        person: PersonId::new(&row.text("person_id")?),
        created_at: row.time("created_at_ms")?,
        seen_at: row.time("seen_at_ms")?,
        expires_at: row.time("expires_at_ms")?,
        device: row.text("device")?,
    })
}
