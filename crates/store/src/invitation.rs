//! Links that let a person in for the first time, each of them once. Only the digest of a link's token is kept.

use domain::id::PersonId;
use domain::ledger::Hash;
use domain::time::Timestamp;

use crate::Store;
use crate::account::Account;
use crate::db::{Row, Step, Unit};
use crate::error::StoreError;
use crate::session::Session;

sql! {
    INSERT_INVITATION = "INSERT INTO invitation (token_hash, person_id, is_admin, created_at_ms, expires_at_ms, used_at_ms)
        VALUES ($1, $2, $3, $4, $5, $6)";
    FIND_INVITATION = "SELECT token_hash, person_id, is_admin, created_at_ms, expires_at_ms, used_at_ms
        FROM invitation WHERE token_hash = $1";
    MARK_INVITATION_USED = "UPDATE invitation SET used_at_ms = $1
        WHERE token_hash = $2 AND used_at_ms IS NULL AND expires_at_ms > $1";
    UPSERT_ACCOUNT = "INSERT INTO account (person_id, password_hash, created_at_ms, password_changed_at_ms)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (person_id) DO UPDATE SET
            password_hash = coalesce(excluded.password_hash, account.password_hash),
            password_changed_at_ms = coalesce(excluded.password_changed_at_ms, account.password_changed_at_ms)";
    DELETE_INVITATIONS_EXPIRED = "DELETE FROM invitation WHERE expires_at_ms < $1";
}

/// A link that lets a person in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Digest of the link's token.
    pub token_hash: Hash,
    /// Whom it lets in.
    pub person: PersonId,
    /// Whether it makes them an admin.
    pub is_admin: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

impl Store {
    /// Keeps an invitation.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is one with the same token.
    pub async fn insert_invitation(&self, invitation: &Invitation) -> Result<(), StoreError> {
        let values = values![
            &invitation.token_hash,
            &invitation.person,
            invitation.is_admin,
            invitation.created_at,
            invitation.expires_at,
            invitation.used_at,
        ];
        self.db().write_one(Step::one(&INSERT_INVITATION, values)).await.map(drop)
    }

    /// The invitation of that token, also when it was used or has run out: the page says which.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn find_invitation(
        &self,
        token_hash: &Hash,
    ) -> Result<Option<Invitation>, StoreError> {
        self.find(Step::any(&FIND_INVITATION, values![token_hash])).await?.map(read).transpose()
    }

    /// Uses the link up.
    ///
    /// # Errors
    /// [`StoreError::RowsAffected`] when it is not there, was used before, or has run out at `at`.
    pub async fn mark_invitation_used(
        &self,
        token_hash: &Hash,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.db().write_one(mark_used(token_hash, at)).await.map(drop)
    }

    /// Uses the link up, makes the account (or sets its password, when `account` brings one) and signs the device in,
    /// all or nothing: a crash in between cannot eat the link.
    ///
    /// # Errors
    /// [`StoreError::RowsAffected`] when the link is not there, was used before, or has run out at `at`.
    pub async fn redeem_invitation(
        &self,
        token_hash: &Hash,
        account: &Account,
        session: &Session,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let values = values![
            &account.person,
            account.password_hash.as_deref(),
            account.created_at,
            account.password_changed_at,
        ];
        let steps =
            vec![mark_used(token_hash, at), Step::one(&UPSERT_ACCOUNT, values), session.insert()];
        self.db().write(Unit::new(steps)).await.map(drop)
    }

    /// Removes the invitations that ran out before `before` and counts them.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn delete_invitations_expired(&self, before: Timestamp) -> Result<u64, StoreError> {
        let step = Step::any(&DELETE_INVITATIONS_EXPIRED, values![before]);
        Ok(self.db().write_one(step).await?.changed)
    }
}

fn mark_used(token_hash: &Hash, at: Timestamp) -> Step {
    Step::one(&MARK_INVITATION_USED, values![at, token_hash])
}

fn read(mut row: Row) -> Result<Invitation, StoreError> {
    Ok(Invitation {
        token_hash: row.bytes("token_hash")?,
        person: PersonId::new(&row.text("person_id")?),
        is_admin: row.flag("is_admin")?,
        created_at: row.time("created_at_ms")?,
        expires_at: row.time("expires_at_ms")?,
        used_at: row.opt_time("used_at_ms")?,
    })
}
