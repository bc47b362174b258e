//! Full disks: nothing half written, and everything goes on afterwards.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use store::{CommitError, ErrorKind, Store, StoreConfig, StoreError};

use crate::build::{World, at, incident, report};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_database_keeps_nothing_half_and_goes_on_when_there_is_room() {
    let mut world = World::in_a_file();
    world.config.page_count_max = Some(200);
    let store = world.open().await;
    store.put_setting("ballast", &"x".repeat(300_000)).await.unwrap();
    let mut kept = 0;
    let error = loop {
        match store.commit(report(&format!("n{kept}"))).await {
            Ok(()) => kept += 1,
            Err(error) => break error,
        }
        assert!(kept < 10_000);
    };
    assert_eq!(error, CommitError::Store(StoreError::Full));
    assert_eq!(StoreError::Full.kind(), ErrorKind::NotNow);
    let many = (0..40).map(|number| {
        let store = store.clone();
        tokio::spawn(async move { store.commit(report(&format!("m{number}"))).await })
    });
    let mut kept_late = 0;
    for commit in many.collect::<Vec<_>>() {
        kept_late += usize::from(commit.await.unwrap().is_ok());
    }
    assert!(kept_late < 40);
    let lost = store.load_ledger(&incident(&format!("n{kept}"))).await.unwrap();
    assert_eq!(lost, []);
    assert_eq!(store.list_wake_ups().await.unwrap().len(), kept + kept_late);
    assert_eq!(store.list_outbox().await.unwrap().len(), kept + kept_late);
    store.put_setting("ballast", "").await.unwrap();
    store.commit(report(&format!("n{kept}"))).await.unwrap();
    assert_eq!(store.integrity_check().await.unwrap(), Vec::<String>::new());
}

const LIMITED: &str = "limited-disk-at=";

/// The disk refuses in the middle of a commit. The test runs itself once more as a process whose files may not grow
/// beyond a limit, which is where a write of the commit then fails.
#[test]
fn a_commit_that_the_disk_refuses_is_not_stored() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let folder = std::env::args().find_map(|word| word.strip_prefix(LIMITED).map(str::to_owned));
    if let Some(folder) = folder {
        return runtime.block_on(fill_the_limited_disk(Path::new(&folder)));
    }
    let world = World::in_a_file();
    drop(runtime.block_on(world.open()));
    let limited = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 4000 && exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "durability::a_commit_that_the_disk_refuses_is_not_stored",
            "--nocapture",
        ])
        .arg(format!("{LIMITED}{}", world.folder.path().display()))
        .output()
        .unwrap();
    assert!(limited.status.success(), "{}", String::from_utf8_lossy(&limited.stderr));
    let kept = std::fs::read_to_string(world.folder.path().join("kept")).unwrap();
    let kept: Vec<&str> = kept.lines().collect();
    assert!(kept.len() > 10, "{kept:?}");
    runtime.block_on(async {
        let store = world.open().await;
        assert_eq!(store.integrity_check().await.unwrap(), Vec::<String>::new());
        for name in &kept {
            assert_eq!(store.load_ledger(&incident(name)).await.unwrap().len(), 3, "{name}");
        }
        assert_eq!(store.list_wake_ups().await.unwrap().len(), kept.len());
        store.commit(report("refused")).await.unwrap();
    });
}

async fn fill_the_limited_disk(folder: &Path) {
    let config = StoreConfig::new(&format!("sqlite:{}", folder.join("ippo.db").display()));
    let store = Store::open(&config, at(0)).await.unwrap();
    let mut kept = String::new();
    let mut refused = 0;
    for round in 0..100 {
        let commits: Vec<_> = (0..8)
            .map(|number| {
                let name = format!("r{round}-{number}");
                let mut batch = report(&name);
                batch.events[1].body = Some(format!("\"{}\"", "x".repeat(20_000)));
                let store = store.clone();
                tokio::spawn(async move { (name, store.commit(batch).await) })
            })
            .collect();
        for commit in commits {
            match commit.await.unwrap() {
                (name, Ok(())) => writeln!(kept, "{name}").unwrap(),
                (name, Err(CommitError::Store(error))) => {
                    assert_eq!(error.kind(), ErrorKind::NotNow, "{error}");
                    assert_eq!(store.load_ledger(&incident(&name)).await.unwrap(), []);
                    refused += 1;
                }
                (_, Err(other)) => panic!("{other}"),
            }
        }
    }
    assert!(refused > 8, "{refused}");
    std::fs::write(folder.join("kept"), kept).unwrap();
}
