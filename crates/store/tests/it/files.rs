//! What only a database in a file can show: reopening, backups, erasing, and other processes.

use std::os::unix::fs::PermissionsExt;

use store::{Batch, Store, StoreConfig, StoreError};

use crate::build::{World, at, events, incident, report};

#[tokio::test]
async fn everything_is_there_after_reopening() {
    let world = World::in_a_file();
    let store = world.open().await;
    let batch = report("a");
    store.commit(batch.clone()).await.unwrap();
    drop(store);
    let store = world.open().await;
    assert_eq!(store.load_ledger(&incident("a")).await.unwrap(), batch.events);
    assert_eq!(store.list_outbox().await.unwrap(), batch.outbox_add);
    assert_eq!(store.integrity_check().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_memory_database_lives_as_long_as_any_handle() {
    let config = StoreConfig::new("sqlite::memory:shared-one");
    let first = Store::open(&config, at(0)).await.unwrap();
    first.commit(report("a")).await.unwrap();
    let second = Store::open(&config, at(0)).await.unwrap();
    drop(first);
    let third = Store::open(&config, at(0)).await.unwrap();
    drop(second);
    assert_eq!(third.load_ledger(&incident("a")).await.unwrap().len(), 3);
    drop(third);
    let fresh = Store::open(&config, at(0)).await.unwrap();
    assert_eq!(fresh.load_ledger(&incident("a")).await.unwrap(), []);
}

#[tokio::test]
async fn a_clean_close_leaves_one_file_that_only_its_owner_reads() {
    let world = World::in_a_file();
    let store = world.open().await;
    store.commit(report("a")).await.unwrap();
    drop(store);
    let files: Vec<_> =
        std::fs::read_dir(world.folder.path()).unwrap().map(Result::unwrap).collect();
    let names: Vec<_> = files.iter().map(std::fs::DirEntry::file_name).collect();
    assert_eq!(names, ["ippo.db"]);
    assert_eq!(files[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_may_open_a_new_database_at_the_same_moment() {
    for _ in 0..5 {
        let world = World::in_a_file();
        let opened = (0..6).map(|_| {
            let config = world.config.clone();
            tokio::spawn(async move { Store::open(&config, at(0)).await })
        });
        for (number, store) in opened.collect::<Vec<_>>().into_iter().enumerate() {
            let store = store.await.unwrap().unwrap();
            store.commit(report(&format!("n{number}"))).await.unwrap();
        }
        assert_eq!(world.open().await.list_wake_ups().await.unwrap().len(), 6);
    }
}

#[tokio::test]
async fn a_server_sees_what_another_process_writes() {
    let world = World::in_a_file();
    let (server, tool) = (world.open().await, world.open().await);
    server.commit(report("a")).await.unwrap();
    tool.commit(report("b")).await.unwrap();
    let before = server.directory_version().await.unwrap();
    tool.replace_directory(&store::DirectoryParts::default()).await.unwrap();
    assert_eq!(server.directory_version().await.unwrap(), before + 1);
    assert_eq!(server.load_ledger(&incident("b")).await.unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_taken_while_writing_is_whole() {
    let world = World::in_a_file();
    let store = world.open().await;
    store.commit(report("before")).await.unwrap();
    let writer = {
        let store = store.clone();
        tokio::spawn(async move {
            for number in 0..200 {
                store.commit(report(&format!("n{number}"))).await.unwrap();
            }
        })
    };
    let path = world.folder.path().join("backup.db");
    store.backup_to(&path).await.unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    writer.await.unwrap();
    let copy = StoreConfig::new(&format!("sqlite:{}", path.display()));
    let copy = Store::open(&copy, at(0)).await.unwrap();
    assert_eq!(copy.integrity_check().await.unwrap(), Vec::<String>::new());
    assert_eq!(copy.load_ledger(&incident("before")).await.unwrap().len(), 3);
    let wake_ups = copy.list_wake_ups().await.unwrap();
    for (id, _) in &wake_ups {
        assert_eq!(copy.load_ledger(id).await.unwrap().len(), 3);
    }
    assert_eq!(copy.list_outbox().await.unwrap().len(), wake_ups.len());
}

#[tokio::test]
async fn a_backup_overwrites_nothing() {
    let world = World::in_a_file();
    let store = world.open().await;
    let path = world.folder.path().join("precious");
    std::fs::write(&path, "").unwrap();
    let refused = store.backup_to(&path).await;
    assert_eq!(refused, Err(StoreError::BackupExists { path: path.display().to_string() }));
    assert_eq!(std::fs::read(&path).unwrap(), b"");
    let nowhere = world.folder.path().join("missing").join("backup");
    assert!(matches!(store.backup_to(&nowhere).await, Err(StoreError::Unavailable { .. })));
}

#[tokio::test]
async fn a_redacted_text_is_in_none_of_the_files_any_more() {
    let world = World::in_a_file();
    let store = world.open().await;
    let secret = "AKIA-not-for-anybody-";
    let id = incident("a");
    let mut batch = report("a");
    // Long enough for pages of its own, and once short enough to share one.
    batch.events[1].body = Some(format!("{{\"text\":\"{}\"}}", secret.repeat(2000)));
    batch.events[2].body = Some(format!("{{\"text\":\"{secret}\"}}"));
    let last = batch.events[2].clone();
    store.commit(batch).await.unwrap();
    assert!(is_anywhere(&world, secret));
    let mut redaction = Batch::new(id.clone());
    redaction.events = events(&id, Some(&last), 1);
    redaction.redact = vec![2, 3];
    store.commit(redaction).await.unwrap();
    drop(store);
    assert!(!is_anywhere(&world, secret));
    assert_eq!(world.open().await.load_ledger(&id).await.unwrap().len(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_stays_short_while_commits_never_stop() {
    let world = World::in_a_file();
    let store = world.open().await;
    let writers = (0..32).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            for number in 0..60 {
                let mut batch = report(&format!("w{writer}-{number}"));
                batch.events[1].body = Some(format!("\"{}\"", "x".repeat(30_000)));
                store.commit(batch).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let log = world.folder.path().join("ippo.db-wal").metadata().unwrap().len();
    assert!(log < 40 << 20, "{log} bytes after more than 60 MB of commits");
    assert_eq!(store.list_wake_ups().await.unwrap().len(), 32 * 60);
}

fn is_anywhere(world: &World, text: &str) -> bool {
    let files = std::fs::read_dir(world.folder.path()).unwrap();
    files
        .map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

#[tokio::test]
async fn addresses_that_cannot_work_are_told_apart() {
    let open = async |url: &str| Store::open(&StoreConfig::new(url), at(0)).await.unwrap_err();
    for url in ["postgres://localhost/db", "ippo.db", "sqlite:", "sqlite://x", "sqlite::memory:a b"]
    {
        let error = open(url).await;
        assert!(matches!(error, StoreError::BadUrl { .. }), "{url}: {error}");
        assert_eq!(error.code(), "store_bad_url");
    }
    let folder = tempfile::tempdir().unwrap();
    let missing = format!("sqlite:{}/missing/ippo.db", folder.path().display());
    assert!(matches!(open(&missing).await, StoreError::Unavailable { .. }));
    std::fs::write(folder.path().join("text"), "This is a letter and no database. ".repeat(99))
        .unwrap();
    let letter = format!("sqlite:{}/text", folder.path().display());
    assert!(matches!(open(&letter).await, StoreError::Damaged { .. }));
}
