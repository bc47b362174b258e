//! Backup beside a running server, and restore: whole or not at all.

use std::net::TcpListener;

use crate::command::place::{CONFIG, Place};

fn names(place: &Place) -> Vec<String> {
    let entries = std::fs::read_dir(place.path(".")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_backup_is_made_while_the_server_runs_and_brings_everything_back() {
    let place = Place::with_people();
    let (incident, _) = place.file_report("before the backup").await;
    let mut server = place.start(&["serve"]);
    let ready = server.note();
    assert!(ready.starts_with("ippo: ready on http://127.0.0.1:"), "{ready}");
    place.ippo(&["backup", "copy.db"]).expect(0);
    let ledger = place.ippo(&["export", incident.as_str()]).expect(0).out;
    let refused = place.ippo(&["backup", "copy.db"]).expect(1);
    assert!(refused.err.contains("store_backup_exists"), "{}", refused.err);
    assert_eq!(server.stop(), Some(0), "a signal ends the server in order");

    let other = Place::configured();
    std::fs::copy(place.path("copy.db"), other.path("copy.db")).unwrap();
    other.ippo(&["restore", "copy.db"]).expect(0);
    // The server may have gone on after the backup: what was there before it is there again.
    let restored = other.ippo(&["export", incident.as_str()]).expect(0).out;
    assert!(ledger.starts_with(&restored) && !restored.is_empty(), "{restored}\n---\n{ledger}");
    assert_eq!(names(&other), ["copy.db", "ippo.db", "ippo.toml"], "nothing is left lying about");
}

#[tokio::test]
async fn restoring_over_a_database_needs_force_and_sets_it_aside() {
    let place = Place::with_people();
    let (kept, _) = place.file_report("in the backup").await;
    place.ippo(&["backup", "copy.db"]).expect(0);
    let (later, _) = place.file_report("after the backup").await;
    let refused = place.ippo(&["restore", "copy.db"]).expect(1);
    assert!(refused.err.contains("--force"), "{}", refused.err);
    place.ippo(&["export", later.as_str()]).expect(0);

    place.ippo(&["restore", "copy.db", "--force"]).expect(0);
    place.ippo(&["export", kept.as_str()]).expect(0);
    place.ippo(&["export", later.as_str()]).expect(1);
    let aside = names(&place)
        .into_iter()
        .find(|name| name.starts_with("ippo.db.replaced-") && !name.ends_with("-wal"));
    let url = format!("sqlite:{}", place.path(&aside.unwrap()).display());
    place.ippo_with(&["export", later.as_str()], &[("IPPO_STORE__URL", &url)]).expect(0);
}

#[tokio::test]
async fn what_is_no_whole_backup_is_refused_and_changes_nothing() {
    let place = Place::with_people();
    let (incident, _) = place.file_report("still here").await;
    place.ippo(&["backup", "copy.db"]).expect(0);
    let mut bytes = std::fs::read(place.path("copy.db")).unwrap();
    for byte in &mut bytes[4_096..12_288] {
        *byte = 0xa5;
    }
    place.write("damaged.db", &bytes);
    place.write("short.db", &bytes[..2_000]);
    place.write("empty.db", "");
    place
        .write("text.db", "not a database at all, only a text that is long enough to be looked at");
    let before = names(&place);
    for file in ["damaged.db", "short.db", "empty.db", "text.db", "gone.db"] {
        let ran = place.ippo(&["restore", file, "--force"]);
        assert!(matches!(ran.code, 1 | 3), "{file}: {} {}", ran.code, ran.err);
        assert!(!ran.err.is_empty(), "{file}");
        place.ippo(&["export", incident.as_str()]).expect(0);
    }
    assert_eq!(names(&place), before, "no half file is left behind");
}

#[test]
fn a_server_that_runs_is_not_robbed_of_its_database() {
    let place = Place::with_people();
    place.ippo(&["backup", "copy.db"]).expect(0);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    place.write("ippo.toml", CONFIG.replace("127.0.0.1:0", &address));
    let ran = place.ippo(&["restore", "copy.db", "--force"]).expect(3);
    assert!(ran.err.contains("stop the server before restoring"), "{}", ran.err);
    let ran = place.ippo(&["serve"]).expect(3);
    assert!(
        ran.err.contains("another program (perhaps another ippo) listens there"),
        "{}",
        ran.err
    );
}
