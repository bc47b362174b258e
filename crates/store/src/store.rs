//! The handle that every other room holds.

use std::path::Path;
use std::sync::Arc;

use domain::time::Timestamp;

use crate::db::{Db, Row, Sql, Step};
use crate::error::StoreError;
use crate::{
    account, api_token, commit, directory, incident, invitation, ledger, migrate, queue, session,
    setting,
};

/// The most rows that a list gives at once; larger limits are held to it.
pub const LIST_MAX: u32 = 1000;

/// How to open a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// `sqlite:PATH`; `sqlite::memory:` for one that is gone with its last handle, `sqlite::memory:NAME` for one that
    /// other handles of this process can open too.
    pub url: String,
    /// How many reads run at once; at least 1.
    pub readers: usize,
    /// The most commits that share one write to disk; at least 1.
    pub group_max: usize,
    /// The largest size of the database in pages of 4 KiB, for tests of a full disk; `None` is without limit.
    pub page_count_max: Option<u32>,
}

impl StoreConfig {
    /// The store at `url` with the usual settings.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned(), readers: 3, group_max: 256, page_count_max: None }
    }
}

/// Everything that is kept. Cheap to clone; the last handle to go finishes what was asked for and closes.
#[derive(Debug, Clone)]
pub struct Store(Arc<Db>);

impl Store {
    /// Opens the store, makes it when it does not exist, and brings its schema up to date. `now` dates that.
    ///
    /// # Errors
    /// [`StoreError::TooNew`] when a later version was here; [`StoreError::Migrating`] when another process changes the
    /// schema; [`StoreError::BadUrl`], [`StoreError::Unavailable`], [`StoreError::Damaged`] and [`StoreError::Full`].
    pub async fn open(config: &StoreConfig, now: Timestamp) -> Result<Self, StoreError> {
        let db = Db::open(config)?;
        migrate::migrate(&db, now).await?;
        Ok(Self(Arc::new(db)))
    }

    /// Writes a copy of one moment to `path` while everything goes on.
    ///
    /// # Errors
    /// [`StoreError::BackupExists`] when there is something at `path`; what is there is left as it is.
    pub async fn backup_to(&self, path: &Path) -> Result<(), StoreError> {
        self.0.backup_to(path.to_owned()).await
    }

    /// What the database finds wrong with itself, in its own words; empty when all is well. Reads everything.
    ///
    /// # Errors
    /// When the database cannot be read at all.
    pub async fn integrity_check(&self) -> Result<Vec<String>, StoreError> {
        self.0.integrity_check().await
    }

    /// Prepares every statement of this program on the open database and counts them: that schema and program agree.
    ///
    /// # Errors
    /// [`StoreError::Broken`] names the first statement that does not fit.
    pub async fn check_statements(&self) -> Result<usize, StoreError> {
        let statements: Vec<_> = all().collect();
        let count = statements.len();
        self.0.prepare_all(statements).await?;
        Ok(count)
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0
    }

    /// The first row that `step` reads.
    pub(crate) async fn find(&self, step: Step) -> Result<Option<Row>, StoreError> {
        Ok(self.0.read_one(step).await?.into_iter().next())
    }

    /// Every row that `step` reads, each taken apart by `read`.
    pub(crate) async fn list<T>(
        &self,
        step: Step,
        read: impl Fn(Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.0.read_one(step).await?.into_iter().map(read).collect()
    }
}

fn all() -> impl Iterator<Item = &'static Sql> {
    [
        account::STATEMENTS,
        api_token::STATEMENTS,
        commit::STATEMENTS,
        directory::STATEMENTS,
        incident::STATEMENTS,
        invitation::STATEMENTS,
        ledger::STATEMENTS,
        migrate::STATEMENTS,
        queue::STATEMENTS,
        session::STATEMENTS,
        setting::STATEMENTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// Name and text of every statement, for the checks of the house rules.
pub fn statements() -> impl Iterator<Item = (&'static str, &'static str)> {
    all().map(|sql| (sql.name, sql.text))
}
