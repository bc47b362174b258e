//! What a database of another age does to a start.

use super::*;
use crate::store::StoreConfig;

const NOW: Timestamp = Timestamp::from_millisecond(1_793_000_000_000);

async fn migrated() -> Db {
    let db = Db::open(&StoreConfig::new("sqlite::memory:")).unwrap();
    migrate(&db, NOW).await.unwrap();
    db
}

async fn run(db: &Db, script: &str) {
    db.write_one(Step::script(script.to_owned())).await.unwrap();
}

#[tokio::test]
async fn running_the_migrations_again_changes_nothing() {
    let db = migrated().await;
    let before = list_missing(&db).await.unwrap().len();
    migrate(&db, NOW.after(CLAIM)).await.unwrap();
    assert_eq!(before, 0);
    let rows = db.read_one(Step::any(&LIST_MIGRATIONS, values![])).await.unwrap();
    assert_eq!(rows.len(), MIGRATIONS.len());
    assert!(find_claim(&db).await.unwrap().is_none());
}

#[tokio::test]
async fn a_schema_from_the_future_is_refused_in_words() {
    let db = migrated().await;
    run(
        &db,
        "INSERT INTO migration VALUES (99, 'later', x'00', 0);
              UPDATE migration SET checksum = zeroblob(32) WHERE number = 99;",
    )
    .await;
    let error = migrate(&db, NOW).await.unwrap_err();
    assert_eq!(error, StoreError::TooNew { found: 99, known: MIGRATIONS.len() as u64 });
    assert!(error.to_string().contains("99") && error.remedy().contains("newer"));
}

#[tokio::test]
async fn an_edited_migration_is_noticed() {
    let db = migrated().await;
    run(&db, "UPDATE migration SET checksum = zeroblob(32) WHERE number = 1").await;
    assert_eq!(migrate(&db, NOW).await, Err(StoreError::MigrationChanged { number: 1 }));
}

#[tokio::test]
async fn a_claim_of_another_process_holds_until_it_expires() {
    let db = Db::open(&StoreConfig::new("sqlite::memory:")).unwrap();
    run(&db, &db.dialect(BOOTSTRAP)).await;
    let until = NOW.after(CLAIM);
    let claim =
        format!("UPDATE migration_lock SET owner = 'n', until_ms = {}", until.as_millisecond());
    run(&db, &claim).await;
    let refused = migrate(&db, NOW).await;
    assert_eq!(refused, Err(StoreError::Migrating { owner: "n".into(), until }));
    assert!(!db.has_table("incident").await.unwrap());
    migrate(&db, until.after(Duration::from_millis(1))).await.unwrap();
    assert!(db.has_table("incident").await.unwrap());
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_behind() {
    let db = Db::open(&StoreConfig::new("sqlite::memory:")).unwrap();
    run(&db, "CREATE TABLE wake_up (another INTEGER)").await;
    assert!(matches!(migrate(&db, NOW).await, Err(StoreError::Broken { .. })));
    assert!(!db.has_table("ledger_event").await.unwrap());
    assert!(find_claim(&db).await.unwrap().is_none());
    run(&db, "DROP TABLE wake_up").await;
    migrate(&db, NOW).await.unwrap();
}

#[tokio::test]
async fn every_migration_is_numbered_without_a_gap_and_carries_the_rows_of_its_age() {
    const ROWS: &[&str] = &[include_str!("../migrations/data/0001.sql")];
    assert_eq!(ROWS.len(), MIGRATIONS.len());
    let db = Db::open(&StoreConfig::new("sqlite::memory:")).unwrap();
    for ((migration, rows), number) in MIGRATIONS.iter().zip(ROWS).zip(1..) {
        assert_eq!(migration.number, number);
        run(&db, &db.dialect(migration.text)).await;
        run(&db, &bytes_of_32(rows)).await;
    }
}

/// `{x01}` in the rows stands for 32 bytes, because the databases write bytes differently.
fn bytes_of_32(rows: &str) -> String {
    ["01", "02", "03"].iter().fold(rows.to_owned(), |rows, byte| {
        rows.replace(&format!("{{x{byte}}}"), &format!("x'{}'", byte.repeat(32)))
    })
}
