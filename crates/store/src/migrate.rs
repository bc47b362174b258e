//! Brings a database to the schema of this program: forward only, whole or not at all.
//!
//! The table `migration` holds the checksum of every migration that was run, so that an edited one is noticed. One
//! process migrates at a time under the row of `migration_lock`, whose claim ends by itself; where, as in SQLite, the
//! schema changes inside the same transaction as the claim, a crash leaves neither behind.

use std::time::Duration;

use domain::time::Timestamp;
use sha2::{Digest, Sha256};

use crate::db::{Db, Step, Unit};
use crate::error::StoreError;

/// How long a claim to migrate lasts when its owner does not come back.
const CLAIM: Duration = Duration::from_secs(60);

/// One step of the schema.
#[derive(Debug)]
struct Migration {
    number: u64,
    name: &'static str,
    text: &'static str,
}

/// Every migration, in order; a released one is never changed.
const MIGRATIONS: &[Migration] =
    &[Migration { number: 1, name: "init", text: include_str!("../migrations/0001_init.sql") }];

const BOOTSTRAP: &str = "
CREATE TABLE IF NOT EXISTS migration (
    number {int8} PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    checksum {bytes} NOT NULL,
    applied_at_ms {int8} NOT NULL
) {keyed};
CREATE TABLE IF NOT EXISTS migration_lock (
    id {int8} PRIMARY KEY NOT NULL CHECK (id = 1),
    owner TEXT,
    until_ms {int8} NOT NULL
) {keyed};
INSERT INTO migration_lock (id, owner, until_ms) VALUES (1, NULL, 0) ON CONFLICT (id) DO NOTHING;
";

sql! {
    LIST_MIGRATIONS = "SELECT number, checksum FROM migration ORDER BY number LIMIT 10000";
    INSERT_MIGRATION = "INSERT INTO migration (number, name, checksum, applied_at_ms) VALUES ($1, $2, $3, $4)";
    CLAIM_MIGRATION = "UPDATE migration_lock SET owner = $1, until_ms = $2
        WHERE id = 1 AND (owner IS NULL OR until_ms < $3)";
    RELEASE_MIGRATION = "UPDATE migration_lock SET owner = NULL WHERE id = 1 AND owner = $1";
    FIND_MIGRATION_CLAIM = "SELECT owner, until_ms FROM migration_lock WHERE id = 1 AND owner IS NOT NULL";
}

fn checksum(migration: &Migration) -> [u8; 32] {
    Sha256::digest(migration.text.as_bytes()).into()
}

/// Runs what the database has not had yet.
///
/// # Errors
/// [`StoreError::TooNew`] and [`StoreError::MigrationChanged`] before anything is written,
/// [`StoreError::Migrating`] while another process does the same.
pub(crate) async fn migrate(db: &Db, now: Timestamp) -> Result<(), StoreError> {
    if !db.has_table("migration_lock").await? {
        db.write_one(Step::script(db.dialect(BOOTSTRAP))).await?;
    }
    let missing = list_missing(db).await?;
    if missing.is_empty() {
        return Ok(());
    }
    match db.write(apply(db, &missing, now)).await {
        Ok(_) => {
            tracing::info!(migrations = missing.len(), "schema brought up to date");
            Ok(())
        }
        Err(error) => {
            // Another process may have finished the same work between the look and the claim.
            if list_missing(db).await?.is_empty() {
                return Ok(());
            }
            Err(find_claim(db).await?.unwrap_or(error))
        }
    }
}

fn apply(db: &Db, missing: &[&Migration], now: Timestamp) -> Unit {
    let owner = format!("process {}", std::process::id());
    let mut steps = vec![Step::one(&CLAIM_MIGRATION, values![&owner, now.after(CLAIM), now])];
    for migration in missing {
        steps.push(Step::script(db.dialect(migration.text)));
        let row = values![migration.number, migration.name, &checksum(migration), now];
        steps.push(Step::one(&INSERT_MIGRATION, row));
    }
    steps.push(Step::one(&RELEASE_MIGRATION, values![&owner]));
    Unit::new(steps)
}

async fn list_missing(db: &Db) -> Result<Vec<&'static Migration>, StoreError> {
    let known = MIGRATIONS.last().map_or(0, |migration| migration.number);
    let mut missing: Vec<_> = MIGRATIONS.iter().collect();
    for mut row in db.read_one(Step::any(&LIST_MIGRATIONS, values![])).await? {
        let number = row.count("number")?;
        let stored: [u8; 32] = row.bytes("checksum")?;
        if number > known {
            return Err(StoreError::TooNew { found: number, known });
        }
        let ours = MIGRATIONS.iter().find(|migration| migration.number == number);
        if ours.is_none_or(|migration| checksum(migration) != stored) {
            return Err(StoreError::MigrationChanged { number });
        }
        missing.retain(|migration| migration.number != number);
    }
    Ok(missing)
}

async fn find_claim(db: &Db) -> Result<Option<StoreError>, StoreError> {
    let rows = db.read_one(Step::any(&FIND_MIGRATION_CLAIM, values![])).await?;
    let Some(mut row) = rows.into_iter().next() else {
        return Ok(None);
    };
    Ok(Some(StoreError::Migrating { owner: row.text("owner")?, until: row.time("until_ms")? }))
}

#[cfg(test)]
#[path = "migrate_tests.rs"]
mod tests;
