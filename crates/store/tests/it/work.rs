//! Commits, ledgers, wake-ups, outbox and keys.

use domain::ledger::Sealed;
use store::{Batch, CommitError, Store, StoreError, WakeUpChange};

use crate::build::{World, at, digest, events, incident, key, message, person, report, summary};

pub(crate) async fn a_batch_is_read_back_as_it_was_given(world: World) {
    let store = world.open().await;
    let batch = report("a");
    store.commit(batch.clone()).await.unwrap();
    let id = incident("a");
    assert_eq!(store.load_ledger(&id).await.unwrap(), batch.events);
    assert_eq!(store.load_ledger_after(&id, 2).await.unwrap(), batch.events[2..]);
    assert_eq!(store.load_ledger_after(&id, 3).await.unwrap(), []);
    assert_eq!(Some(store.find_incident(&id).await.unwrap().unwrap().summary), batch.summary);
    assert_eq!(store.list_members(&id).await.unwrap(), [person("sato"), person("tanaka")]);
    assert_eq!(store.list_wake_ups().await.unwrap(), [(id, at(60_000))]);
    assert_eq!(store.list_outbox().await.unwrap(), batch.outbox_add);
    assert_eq!(store.find_key(&person("tanaka"), "a").await.unwrap(), batch.key);
}

pub(crate) async fn a_ledger_that_does_not_exist_is_empty(world: World) {
    let store = world.open().await;
    store.commit(report("a")).await.unwrap();
    assert_eq!(store.load_ledger(&incident("b")).await.unwrap(), []);
    assert_eq!(store.find_incident(&incident("b")).await.unwrap(), None);
    assert_eq!(store.find_key(&person("tanaka"), "b").await.unwrap(), None);
}

pub(crate) async fn a_taken_place_refuses_the_whole_batch(world: World) {
    let store = world.open().await;
    store.commit(report("a")).await.unwrap();
    let id = incident("a");
    let before = store.load_ledger(&id).await.unwrap();
    let mut late = Batch::new(id.clone());
    late.events = events(&id, Some(&before[1]), 2);
    late.wake_up = WakeUpChange::Clear;
    late.outbox_add = vec![message(&id, 2)];
    late.members_add = vec![person("mori")];
    assert_eq!(store.commit(late).await, Err(CommitError::SeqTaken));
    assert_eq!(store.load_ledger(&id).await.unwrap(), before);
    assert_eq!(store.list_wake_ups().await.unwrap().len(), 1);
    assert_eq!(store.list_outbox().await.unwrap().len(), 1);
    assert!(!store.is_member(&id, &person("mori")).await.unwrap());
}

pub(crate) async fn of_two_commits_to_the_same_place_exactly_one_wins(world: World) {
    let store = world.open().await;
    store.commit(report("a")).await.unwrap();
    let id = incident("a");
    let ledger = store.load_ledger(&id).await.unwrap();
    let next = |at_ms: u32| {
        let mut batch = Batch::new(id.clone());
        batch.events = events(&id, ledger.last(), 1);
        batch.outbox_add = vec![message(&id, at_ms)];
        let store = store.clone();
        tokio::spawn(async move { store.commit(batch).await })
    };
    let answers = [next(2), next(3), next(4), next(5)];
    let mut won = 0;
    for answer in answers {
        match answer.await.unwrap() {
            Ok(()) => won += 1,
            Err(error) => assert_eq!(error, CommitError::SeqTaken),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(store.load_ledger(&id).await.unwrap().len(), 4);
    assert_eq!(store.list_outbox().await.unwrap().len(), 2);
}

pub(crate) async fn of_many_reports_with_one_key_exactly_one_wins_and_the_others_get_it(
    world: World,
) {
    let store = world.open().await;
    let reports = (0..16).map(|number| {
        let mut batch = report(&format!("r{number}"));
        batch.key = Some(key("the-same", &batch.incident));
        let store = store.clone();
        tokio::spawn(async move { (batch.incident.clone(), store.commit(batch).await) })
    });
    let (mut won, mut told) = (Vec::new(), Vec::new());
    for answer in reports.collect::<Vec<_>>() {
        match answer.await.unwrap() {
            (id, Ok(())) => won.push(id),
            (_, Err(CommitError::KeyTaken(stored))) => told.push(stored.incident),
            (_, Err(other)) => panic!("{other}"),
        }
    }
    assert_eq!(won.len(), 1);
    assert_eq!(told, vec![won[0].clone(); 15]);
    assert_eq!(store.list_wake_ups().await.unwrap().len(), 1);
}

pub(crate) async fn the_same_key_of_another_person_is_another_key(world: World) {
    let store = world.open().await;
    store.commit(report("a")).await.unwrap();
    let mut other = report("b");
    other.key = Some(key("a", &other.incident));
    other.key.as_mut().unwrap().person = person("mori");
    store.commit(other).await.unwrap();
    let found = store.find_key(&person("mori"), "a").await.unwrap().unwrap();
    assert_eq!(found.incident, incident("b"));
    assert_eq!(found.text_digest, digest(1));
}

pub(crate) async fn commits_that_fail_do_not_hurt_those_beside_them(world: World) {
    let store = world.open().await;
    store.commit(report("taken")).await.unwrap();
    let commits: Vec<_> = (0..200)
        .map(|number| {
            let batch = if number % 2 == 0 { report(&format!("n{number}")) } else { seq_taken() };
            let store = store.clone();
            tokio::spawn(async move { store.commit(batch).await })
        })
        .collect();
    for (number, commit) in commits.into_iter().enumerate() {
        let expected = if number % 2 == 0 { Ok(()) } else { Err(CommitError::SeqTaken) };
        assert_eq!(commit.await.unwrap(), expected, "{number}");
    }
    for number in (0..200).step_by(2) {
        let ledger = store.load_ledger(&incident(&format!("n{number}"))).await.unwrap();
        assert_eq!(ledger.len(), 3);
    }
    assert_eq!(store.list_wake_ups().await.unwrap().len(), 101);
}

fn seq_taken() -> Batch {
    let mut batch = report("taken");
    batch.key = None;
    batch.outbox_add.clear();
    batch
}

pub(crate) async fn a_redaction_erases_salt_and_body_and_nothing_else(world: World) {
    let store = world.open().await;
    store.commit(report("a")).await.unwrap();
    let id = incident("a");
    let before = store.load_ledger(&id).await.unwrap();
    let mut batch = Batch::new(id.clone());
    batch.events = events(&id, before.last(), 1);
    batch.redact = vec![2];
    store.commit(batch.clone()).await.unwrap();
    let after = store.load_ledger(&id).await.unwrap();
    let expected: Vec<Sealed> = before.into_iter().chain(batch.events).collect();
    for (expected, found) in expected.into_iter().zip(after) {
        if found.seq == 2 {
            assert_eq!(found, Sealed { salt: None, body: None, ..expected });
        } else {
            assert_eq!(found, expected);
        }
    }
}

pub(crate) async fn a_redaction_of_nothing_is_an_error(world: World) {
    let store = world.open().await;
    store.commit(report("a")).await.unwrap();
    let mut batch = Batch::new(incident("a"));
    batch.redact = vec![1, 9];
    let refused = store.commit(batch).await;
    assert!(matches!(refused, Err(CommitError::Store(StoreError::RowsAffected { .. }))));
    assert!(store.load_ledger(&incident("a")).await.unwrap()[0].body.is_some());
}

pub(crate) async fn an_incident_has_one_wake_up_at_most(world: World) {
    let store = world.open().await;
    store.commit(report("a")).await.unwrap();
    let change = async |wake_up| {
        let mut batch = Batch::new(incident("a"));
        batch.wake_up = wake_up;
        store.commit(batch).await.unwrap();
        store.list_wake_ups().await.unwrap()
    };
    assert_eq!(change(WakeUpChange::At(at(9))).await, [(incident("a"), at(9))]);
    assert_eq!(change(WakeUpChange::Keep).await, [(incident("a"), at(9))]);
    assert_eq!(change(WakeUpChange::Clear).await, []);
    assert_eq!(change(WakeUpChange::Clear).await, []);
    assert_eq!(change(WakeUpChange::At(at(-5))).await, [(incident("a"), at(-5))]);
}

pub(crate) async fn outbox_rows_go_and_going_twice_is_no_error(world: World) {
    let store = world.open().await;
    store.commit(report("a")).await.unwrap();
    let mut batch = Batch::new(incident("a"));
    batch.outbox_remove = vec![message(&incident("a"), 1).attempt];
    batch.outbox_add = vec![message(&incident("a"), 2), message(&incident("a"), 3)];
    store.commit(batch.clone()).await.unwrap();
    let mut left = store.list_outbox().await.unwrap();
    left.sort_by(|a, b| a.attempt.cmp(&b.attempt));
    assert_eq!(left, batch.outbox_add);
    batch.outbox_add.clear();
    store.commit(batch).await.unwrap();
    let mut again = Batch::new(incident("a"));
    again.outbox_add = vec![message(&incident("a"), 2)];
    let refused = store.commit(again).await;
    assert_eq!(refused, Err(StoreError::Conflict { what: "INSERT_OUTBOX" }.into()));
}

pub(crate) async fn wake_ups_and_outbox_are_listed_beyond_one_page(world: World) {
    let store = world.open().await;
    let commits: Vec<_> = (0..5002)
        .map(|number| {
            let mut batch = report(&format!("{number:04}"));
            batch.events.truncate(1);
            batch.key = None;
            batch.wake_up = WakeUpChange::At(at(number));
            let store = store.clone();
            tokio::spawn(async move { store.commit(batch).await })
        })
        .collect();
    for commit in commits {
        commit.await.unwrap().unwrap();
    }
    let mut wake_ups: Vec<_> =
        store.list_wake_ups().await.unwrap().into_iter().map(|(_, due)| due).collect();
    wake_ups.sort();
    assert_eq!(wake_ups, (0..5002).map(at).collect::<Vec<_>>());
    let mut attempts: Vec<_> =
        store.list_outbox().await.unwrap().into_iter().map(|row| row.attempt).collect();
    attempts.sort();
    attempts.dedup();
    assert_eq!(attempts.len(), 5002);
}

pub(crate) async fn an_incident_without_a_summary_is_refused(world: World) {
    let store: Store = world.open().await;
    let mut batch = report("a");
    batch.summary = None;
    let refused = store.commit(batch.clone()).await;
    assert!(matches!(refused, Err(CommitError::Store(StoreError::Broken { .. }))), "{refused:?}");
    assert_eq!(store.load_ledger(&incident("a")).await.unwrap(), []);
    batch.summary = Some(summary(at(0)));
    store.commit(batch).await.unwrap();
}

pub(crate) async fn one_megabyte_of_text_is_kept_whole(world: World) {
    let store = world.open().await;
    let mut batch = report("a");
    let text = format!("{{\"text\":\"{}\"}}", "消".repeat(350_000));
    batch.events[1].body = Some(text.clone());
    store.commit(batch).await.unwrap();
    assert_eq!(store.load_ledger(&incident("a")).await.unwrap()[1].body, Some(text));
}
