//! Local accounts: that a person may sign in, and the hash of their password.

use domain::directory::Person;
use domain::id::PersonId;
use domain::time::Timestamp;

use crate::Store;
use crate::db::{Row, Step, Unit};
use crate::error::StoreError;
use crate::store::LIST_MAX;

sql! {
    INSERT_ACCOUNT = "INSERT INTO account (person_id, password_hash, created_at_ms, password_changed_at_ms)
        VALUES ($1, $2, $3, $4)";
    FIND_ACCOUNT = "SELECT person_id, password_hash, created_at_ms, password_changed_at_ms
        FROM account WHERE person_id = $1";
    LIST_ACCOUNTS = "SELECT person_id, password_hash, created_at_ms, password_changed_at_ms
        FROM account WHERE person_id > $1 ORDER BY person_id LIMIT $2";
    UPDATE_PASSWORD = "UPDATE account SET password_hash = $1, password_changed_at_ms = $2 WHERE person_id = $3";
    DELETE_ACCOUNT = "DELETE FROM account WHERE person_id = $1";
    DELETE_ACCOUNT_SESSIONS = "DELETE FROM session WHERE person_id = $1";
    DELETE_ACCOUNT_TOKENS = "DELETE FROM api_token WHERE person_id = $1";
    DELETE_ACCOUNT_INVITATIONS = "DELETE FROM invitation WHERE person_id = $1";
    LIST_PEOPLE_WITH_ACCOUNT = "SELECT p.body_json FROM person p JOIN account a ON a.person_id = p.id";
}

/// That a person may sign in here.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Who.
    pub person: PersonId,
    /// The hash with its parameters, as the hashing crate writes it; `None` when they have no password.
    pub password_hash: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the password was set last.
    pub password_changed_at: Option<Timestamp>,
}

impl std::fmt::Debug for Account {
    /// Shows whether there is a password, never its hash.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("person", &self.person)
            .field("password_hash", &self.password_hash.as_ref().map(|_| "***"))
            .field("created_at", &self.created_at)
            .field("password_changed_at", &self.password_changed_at)
            .finish()
    }
}

impl Store {
    /// Makes an account.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the person has one.
    pub async fn insert_account(&self, account: &Account) -> Result<(), StoreError> {
        let values = values![
            &account.person,
            account.password_hash.as_deref(),
            account.created_at,
            account.password_changed_at,
        ];
        self.db().write_one(Step::one(&INSERT_ACCOUNT, values)).await.map(drop)
    }

    /// The person's account.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn find_account(&self, person: &PersonId) -> Result<Option<Account>, StoreError> {
        self.find(Step::any(&FIND_ACCOUNT, values![person])).await?.map(read_account).transpose()
    }

    /// Accounts by person, behind `after`; at most [`LIST_MAX`].
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn list_accounts(
        &self,
        after: Option<&PersonId>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError> {
        let after = after.map_or("", PersonId::as_str);
        let values = values![after, u64::from(limit.min(LIST_MAX))];
        self.list(Step::any(&LIST_ACCOUNTS, values), read_account).await
    }

    /// Sets the password's hash. Sessions stay; end them with [`Store::delete_sessions_of`] where that is wanted.
    ///
    /// # Errors
    /// [`StoreError::RowsAffected`] when the person has no account.
    pub async fn update_password(
        &self,
        person: &PersonId,
        password_hash: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let step = Step::one(&UPDATE_PASSWORD, values![password_hash, at, person]);
        self.db().write_one(step).await.map(drop)
    }

    /// Removes the account with every session, token and invitation of the person.
    ///
    /// # Errors
    /// [`StoreError::RowsAffected`] when the person has no account; then nothing is removed.
    pub async fn delete_account(&self, person: &PersonId) -> Result<(), StoreError> {
        let mut steps = vec![Step::one(&DELETE_ACCOUNT, values![person])];
        for sql in [&DELETE_ACCOUNT_SESSIONS, &DELETE_ACCOUNT_TOKENS, &DELETE_ACCOUNT_INVITATIONS] {
            steps.push(Step::any(sql, values![person]));
        }
        self.db().write(Unit::new(steps)).await.map(drop)
    }

    /// How many people are both admins in the directory and able to sign in: with none, setup is not finished.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn count_admin_accounts(&self) -> Result<usize, StoreError> {
        let step = Step::any(&LIST_PEOPLE_WITH_ACCOUNT, values![]);
        let people: Vec<Person> = self.list(step, |mut row| row.json("body_json")).await?;
        Ok(people.iter().filter(|person| person.admin).count())
    }
}

fn read_account(mut row: Row) -> Result<Account, StoreError> {
    Ok(Account {
        person: PersonId::new(&row.text("person_id")?),
        password_hash: row.opt_text("password_hash")?,
        created_at: row.time("created_at_ms")?,
        password_changed_at: row.opt_time("password_changed_at_ms")?,
    })
}
