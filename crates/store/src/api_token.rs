//! Tokens of the API. Only the digest of a token is kept.

use domain::id::PersonId;
use domain::ledger::Hash;
use domain::time::Timestamp;

use crate::Store;
use crate::db::{Row, Step};
use crate::error::StoreError;
use crate::store::LIST_MAX;

sql! {
    INSERT_TOKEN = "INSERT INTO api_token (token_hash, id, person_id, label, created_at_ms, revoked_at_ms, used_at_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    FIND_TOKEN = "SELECT token_hash, id, person_id, label, created_at_ms, revoked_at_ms, used_at_ms
        FROM api_token WHERE token_hash = $1 AND revoked_at_ms IS NULL";
    LIST_TOKENS = "SELECT token_hash, id, person_id, label, created_at_ms, revoked_at_ms, used_at_ms
        FROM api_token WHERE person_id = $1 ORDER BY created_at_ms DESC, token_hash LIMIT $2";
    REVOKE_TOKEN = "UPDATE api_token SET revoked_at_ms = $1
        WHERE id = $2 AND person_id = $3 AND revoked_at_ms IS NULL";
    TOUCH_TOKEN = "UPDATE api_token SET used_at_ms = $1 WHERE token_hash = $2";
}

/// A token with which a script acts as a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Digest of the token.
    pub token_hash: Hash,
    /// Its name in lists; not secret.
    pub id: String,
    /// Whom it stands for.
    pub person: PersonId,
    /// What it is for, in its owner's words.
    pub label: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it does not work any more.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, as far as that is recorded.
    pub used_at: Option<Timestamp>,
}

impl Store {
    /// Keeps a token.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is one with the same digest or id.
    pub async fn insert_token(&self, token: &ApiToken) -> Result<(), StoreError> {
        let values = values![
            &token.token_hash,
            &token.id,
            &token.person,
            &token.label,
            token.created_at,
            token.revoked_at,
            token.used_at,
        ];
        self.db().write_one(Step::one(&INSERT_TOKEN, values)).await.map(drop)
    }

    /// The token of that digest; `None` also when it was revoked.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn find_token(&self, token_hash: &Hash) -> Result<Option<ApiToken>, StoreError> {
        self.find(Step::any(&FIND_TOKEN, values![token_hash])).await?.map(read).transpose()
    }

    /// The person's tokens with those revoked, the newest first; at most [`LIST_MAX`].
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn list_tokens(&self, person: &PersonId) -> Result<Vec<ApiToken>, StoreError> {
        let step = Step::any(&LIST_TOKENS, values![person, u64::from(LIST_MAX)]);
        self.list(step, read).await
    }

    /// Ends a person's own token.
    ///
    /// # Errors
    /// [`StoreError::RowsAffected`] when it is not theirs, not there, or ended already.
    pub async fn revoke_token(
        &self,
        person: &PersonId,
        id: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.db().write_one(Step::one(&REVOKE_TOKEN, values![at, id, person])).await.map(drop)
    }

    /// Records that a token was used.
    ///
    /// # Errors
    /// [`StoreError::RowsAffected`] when there is no such token.
    pub async fn touch_token(&self, token_hash: &Hash, at: Timestamp) -> Result<(), StoreError> {
        self.db().write_one(Step::one(&TOUCH_TOKEN, values![at, token_hash])).await.map(drop)
    }
}

fn read(mut row: Row) -> Result<ApiToken, StoreError> {
    Ok(ApiToken {
        token_hash: row.bytes("token_hash")?,
        id: row.text("id")?,
        person: PersonId::new(&row.text("person_id")?),
        label: row.text("label")?,
        created_at: row.time("created_at_ms")?,
        revoked_at: row.opt_time("revoked_at_ms")?,
        used_at: row.opt_time("used_at_ms")?,
    })
}
