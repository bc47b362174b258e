//! The seam: the only code that knows a database driver.
//!
//! A caller hands over a [`Unit`] (all or nothing, answered once it is on disk) or a list of reading [`Step`]s (one
//! moment for all of them). PostgreSQL becomes the second [`Db`] variant; nothing outside this folder changes.

#[macro_use]
mod sql;
mod sqlite;
mod value;

use std::path::PathBuf;

pub(crate) use sql::{Done, Sql, Step, Unit};
pub(crate) use value::{Row, Value};

use crate::error::StoreError;
use crate::store::StoreConfig;

/// An open database.
#[derive(Debug)]
pub(crate) enum Db {
    /// One file, one writer.
    Sqlite(sqlite::Pool),
}

impl Db {
    /// Opens the database of `config.url`, and makes it when it does not exist.
    pub(crate) fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        if let Some(place) = config.url.strip_prefix("sqlite:") {
            return sqlite::Pool::open(place, config).map(Self::Sqlite);
        }
        Err(StoreError::BadUrl {
            why: if config.url.starts_with("postgres") {
                "PostgreSQL cannot be used yet"
            } else {
                "the address does not begin with sqlite:"
            },
        })
    }

    /// Runs `unit` whole or not at all; answered once it is on disk.
    pub(crate) async fn write(&self, unit: Unit) -> Result<Vec<Done>, StoreError> {
        match self {
            Self::Sqlite(pool) => pool.write(unit).await,
        }
    }

    /// Runs one writing step on its own.
    pub(crate) async fn write_one(&self, step: Step) -> Result<Done, StoreError> {
        let statement = step.name();
        let done = self.write(Unit::new(vec![step])).await?;
        done.into_iter().next().ok_or(StoreError::Broken { statement, why: "no answer".into() })
    }

    /// Runs reading `steps`, all of which see the same moment.
    pub(crate) async fn read(&self, steps: Vec<Step>) -> Result<Vec<Vec<Row>>, StoreError> {
        match self {
            Self::Sqlite(pool) => pool.read(steps).await,
        }
    }

    /// Runs one reading step.
    pub(crate) async fn read_one(&self, step: Step) -> Result<Vec<Row>, StoreError> {
        Ok(self.read(vec![step]).await?.into_iter().next().unwrap_or_default())
    }

    /// Whether the database has a table of that name.
    pub(crate) async fn has_table(&self, name: &'static str) -> Result<bool, StoreError> {
        match self {
            Self::Sqlite(pool) => pool.has_table(name).await,
        }
    }

    /// Replaces the marks of a migration by what this database calls them.
    pub(crate) fn dialect(&self, text: &str) -> String {
        match self {
            Self::Sqlite(_) => sqlite::dialect(text),
        }
    }

    /// Prepares every one of `statements` without running it, and compares the parameters.
    pub(crate) async fn prepare_all(
        &self,
        statements: Vec<&'static Sql>,
    ) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(pool) => pool.prepare_all(statements).await,
        }
    }

    /// Writes a copy of one moment to `path`, which must not exist.
    pub(crate) async fn backup_to(&self, path: PathBuf) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(pool) => pool.backup_to(path).await,
        }
    }

    /// What the database finds wrong with itself; empty when all is well.
    pub(crate) async fn integrity_check(&self) -> Result<Vec<String>, StoreError> {
        match self {
            Self::Sqlite(pool) => pool.integrity_check().await,
        }
    }
}
