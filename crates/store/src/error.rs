//! Why the store could not do something, with a stable code and what to do now.

use domain::time::Timestamp;

/// How an error is to be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A rule forbids it; asking again changes nothing.
    No,
    /// Something outside is in the way; the same call may work later.
    NotNow,
    /// Our own mistake, or a damaged database.
    Bug,
}

/// Why the store could not do something. `why` is for operators and logs, never for a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A row with that key exists.
    #[error("{what} met a row that has the same key")]
    Conflict {
        /// The statement that met it.
        what: &'static str,
    },
    /// A statement changed another number of rows than it must; nothing of its transaction was kept.
    #[error("{what} changed {actual} rows instead of {expected}")]
    RowsAffected {
        /// The statement.
        what: &'static str,
        /// How many rows it must change.
        expected: u64,
        /// How many it did.
        actual: u64,
    },
    /// No room is left for the database.
    #[error("the disk, or the room set aside for the database, is full")]
    Full,
    /// The database cannot be reached or did not answer.
    #[error("the database is not available: {why}")]
    Unavailable {
        /// What the driver said.
        why: String,
    },
    /// A stored value cannot be read back.
    #[error("{statement} read a value that {column} cannot hold")]
    Inconsistent {
        /// The statement that read it.
        statement: &'static str,
        /// The column.
        column: &'static str,
    },
    /// The database file is damaged, or is not a database.
    #[error("the database is damaged: {why}")]
    Damaged {
        /// What the driver said.
        why: String,
    },
    /// The database refused a statement, which only a mistake in ippo can cause.
    #[error("{statement} was refused: {why}")]
    Broken {
        /// The statement.
        statement: &'static str,
        /// What the driver said.
        why: String,
    },
    /// The database was used by a later version of ippo.
    #[error("the database has schema {found}, this version of ippo knows up to {known}")]
    TooNew {
        /// The newest migration in the database.
        found: u64,
        /// The newest migration this program has.
        known: u64,
    },
    /// A migration in the database is not the one this program has under the same number.
    #[error("migration {number} in the database is not the one in this program")]
    MigrationChanged {
        /// Its number.
        number: u64,
    },
    /// Another process is changing the schema.
    #[error("{owner} is changing the schema, at the latest until {}", until.to_jiff())]
    Migrating {
        /// Who.
        owner: String,
        /// When its claim ends by itself.
        until: Timestamp,
    },
    /// A backup never overwrites.
    #[error("{path} exists")]
    BackupExists {
        /// The file that is in the way.
        path: String,
    },
    /// The address of the database cannot be used.
    #[error("store.url: {why}")]
    BadUrl {
        /// What is wrong with it.
        why: &'static str,
    },
}

impl StoreError {
    /// The stable code of this kind of error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Conflict { .. } => "store_conflict",
            Self::RowsAffected { .. } => "store_rows_affected",
            Self::Full => "store_full",
            Self::Unavailable { .. } => "store_unavailable",
            Self::Inconsistent { .. } => "store_inconsistent",
            Self::Damaged { .. } => "store_damaged",
            Self::Broken { .. } => "store_broken",
            Self::TooNew { .. } => "store_too_new",
            Self::MigrationChanged { .. } => "store_migration_changed",
            Self::Migrating { .. } => "store_migrating",
            Self::BackupExists { .. } => "store_backup_exists",
            Self::BadUrl { .. } => "store_bad_url",
        }
    }

    /// What to do now.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Conflict { .. } => "load what is stored and try again on top of it",
            Self::RowsAffected { .. } => "it was changed or removed meanwhile: load it again",
            Self::Full => "make room on the disk that holds the database; ippo goes on by itself",
            Self::Unavailable { .. } => {
                "check that the file of store.url and its folder can be read and written, and that no other program holds it"
            }
            Self::Inconsistent { .. } | Self::Broken { .. } => {
                "report this with its code; the ledger itself can be checked with ippo export and ippo verify"
            }
            Self::Damaged { .. } => {
                "stop ippo, keep a copy of the file, and restore the latest backup"
            }
            Self::TooNew { .. } => {
                "start the newer version of ippo, or restore a backup made before it"
            }
            Self::MigrationChanged { .. } => {
                "use a released version of ippo that this database was made with"
            }
            Self::Migrating { .. } => "wait until it has finished and start again",
            Self::BackupExists { .. } => "name a file that does not exist",
            Self::BadUrl { .. } => "write sqlite:PATH, for example sqlite:ippo.db",
        }
    }

    /// How to meet it.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Conflict { .. }
            | Self::RowsAffected { .. }
            | Self::TooNew { .. }
            | Self::MigrationChanged { .. }
            | Self::BackupExists { .. }
            | Self::BadUrl { .. } => ErrorKind::No,
            Self::Full | Self::Unavailable { .. } | Self::Migrating { .. } => ErrorKind::NotNow,
            Self::Inconsistent { .. } | Self::Damaged { .. } | Self::Broken { .. } => {
                ErrorKind::Bug
            }
        }
    }
}
