//! The directory, and who may come in.

use domain::directory::{Person, Project, Rota, Team};
use domain::id::{PersonId, ProjectId, RotaId, TeamId};
use store::{Account, ApiToken, DirectoryParts, Invitation, Session, Store, StoreError};

use crate::build::{World, at, digest, person};

fn somebody(name: &str, admin: bool) -> Person {
    let text = format!(r#"{{"id":"per_{name}","name":"{name} 花子","admin":{admin}}}"#);
    serde_json::from_str(&text).unwrap()
}

fn parts() -> DirectoryParts {
    let people = ["tanaka", "sato", "ito"].map(|name| somebody(name, name == "sato"));
    let team = Team {
        id: TeamId::new("team_b"),
        name: "決済".into(),
        lead: Some(person("sato")),
        deputies: vec![person("ito")],
        members: vec![person("tanaka")],
    };
    let project = Project {
        id: ProjectId::new("prj_a"),
        name: "Checkout".into(),
        team: Some(team.id.clone()),
        lead: None,
        deputies: vec![],
    };
    let rota = Rota {
        id: RotaId::new("rota_a"),
        team: team.id.clone(),
        start: "2026-01-05T00:00:00Z".parse().unwrap(),
        shift_hours: 12,
        members: vec![person("ito")],
    };
    DirectoryParts {
        version: 0,
        people: people.to_vec(),
        teams: vec![team.clone(), Team { id: TeamId::new("team_a"), ..team }],
        projects: vec![project],
        rotas: vec![rota],
    }
}

fn names(parts: &DirectoryParts) -> Vec<&str> {
    parts.people.iter().map(|person| person.id.as_str()).collect()
}

pub(crate) async fn a_directory_comes_back_in_its_order(world: World) {
    let store = world.open().await;
    assert_eq!(store.load_directory().await.unwrap(), DirectoryParts::default());
    let version = store.replace_directory(&parts()).await.unwrap();
    assert_eq!(store.load_directory().await.unwrap(), DirectoryParts { version, ..parts() });
}

pub(crate) async fn a_directory_is_replaced_whole_or_not_at_all(world: World) {
    let store = world.open().await;
    let version = store.replace_directory(&parts()).await.unwrap();
    let people = vec![somebody("mori", false), somebody("mori", false)];
    let mut twice = DirectoryParts { people, ..DirectoryParts::default() };
    let refused = store.replace_directory(&twice).await;
    assert_eq!(refused, Err(StoreError::Conflict { what: "INSERT_PERSON" }));
    assert_eq!(store.load_directory().await.unwrap(), DirectoryParts { version, ..parts() });
    twice.people.pop();
    let version = store.replace_directory(&twice).await.unwrap();
    assert_eq!(store.load_directory().await.unwrap(), DirectoryParts { version, ..twice });
}

pub(crate) async fn a_person_is_added_at_the_end_and_changed_in_place(world: World) {
    let store = world.open().await;
    store.replace_directory(&parts()).await.unwrap();
    store.upsert_person(&somebody("aoki", false)).await.unwrap();
    store.upsert_person(&somebody("sato", false)).await.unwrap();
    let found = store.load_directory().await.unwrap();
    assert_eq!(names(&found), ["per_tanaka", "per_sato", "per_ito", "per_aoki"]);
    assert!(!found.people[1].admin);
    store.delete_person(&person("ito")).await.unwrap();
    let gone = store.delete_person(&person("ito")).await;
    assert!(matches!(gone, Err(StoreError::RowsAffected { actual: 0, .. })));
    let found = store.load_directory().await.unwrap();
    assert_eq!(names(&found), ["per_tanaka", "per_sato", "per_aoki"]);
}

pub(crate) async fn every_change_of_the_directory_grows_its_version(world: World) {
    let store = world.open().await;
    let parts = parts();
    assert_eq!(store.directory_version().await.unwrap(), 0);
    let changes = [
        store.replace_directory(&parts).await,
        store.upsert_person(&parts.people[0]).await,
        store.upsert_team(&parts.teams[0]).await,
        store.upsert_project(&parts.projects[0]).await,
        store.upsert_rota(&parts.rotas[0]).await,
        store.delete_rota(&parts.rotas[0].id).await,
        store.delete_project(&parts.projects[0].id).await,
        store.delete_team(&parts.teams[0].id).await,
        store.delete_person(&parts.people[0].id).await,
    ];
    assert_eq!(changes.map(Result::unwrap), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    store.delete_person(&parts.people[0].id).await.unwrap_err();
    assert_eq!(store.directory_version().await.unwrap(), 9);
    let left = store.load_directory().await.unwrap();
    assert_eq!((left.people.len(), left.teams.len(), left.rotas.len()), (2, 1, 0));
    assert!(left.projects.is_empty());
}

fn account(name: &str, password_hash: Option<&str>) -> Account {
    Account {
        person: person(name),
        password_hash: password_hash.map(str::to_owned),
        created_at: at(1),
        password_changed_at: password_hash.map(|_| at(1)),
    }
}

pub(crate) async fn an_account_is_made_once_and_its_password_can_change(world: World) {
    let store = world.open().await;
    let first = account("sato", None);
    store.insert_account(&first).await.unwrap();
    store.insert_account(&account("ito", Some("hash"))).await.unwrap();
    let refused = store.insert_account(&account("sato", Some("other"))).await;
    assert_eq!(refused, Err(StoreError::Conflict { what: "INSERT_ACCOUNT" }));
    assert_eq!(store.find_account(&person("sato")).await.unwrap(), Some(first));
    assert_eq!(store.find_account(&person("mori")).await.unwrap(), None);
    store.update_password(&person("sato"), "new", at(9)).await.unwrap();
    let found = store.find_account(&person("sato")).await.unwrap().unwrap();
    assert_eq!(found.password_hash.as_deref(), Some("new"));
    assert_eq!(found.password_changed_at, Some(at(9)));
    assert!(!format!("{found:?}").contains("new"));
    store.update_password(&person("mori"), "new", at(9)).await.unwrap_err();
    let list = store.list_accounts(None, 1).await.unwrap();
    assert_eq!(list, [account("ito", Some("hash"))]);
    assert_eq!(store.list_accounts(Some(&person("ito")), 9).await.unwrap(), [found]);
}

fn session(name: &str, byte: u8) -> Session {
    Session {
        token_hash: digest(byte),
        person: person(name),
        created_at: at(1),
        seen_at: at(i64::from(byte)),
        expires_at: at(100),
        device: "Firefox, Android".into(),
    }
}

fn token(name: &str, byte: u8) -> ApiToken {
    ApiToken {
        token_hash: digest(byte),
        id: format!("tok_{byte}"),
        person: person(name),
        label: "CI".into(),
        created_at: at(i64::from(byte)),
        revoked_at: None,
        used_at: None,
    }
}

fn invitation(name: &str, byte: u8) -> Invitation {
    Invitation {
        token_hash: digest(byte),
        person: person(name),
        is_admin: true,
        created_at: at(1),
        expires_at: at(100),
        used_at: None,
    }
}

pub(crate) async fn a_deleted_account_takes_every_way_in_with_it(world: World) {
    let store = world.open().await;
    for (name, byte) in [("sato", 1), ("ito", 2)] {
        store.insert_account(&account(name, None)).await.unwrap();
        store.insert_session(&session(name, byte)).await.unwrap();
        store.insert_token(&token(name, byte)).await.unwrap();
        store.insert_invitation(&invitation(name, byte)).await.unwrap();
    }
    store.delete_account(&person("sato")).await.unwrap();
    assert_eq!(store.find_account(&person("sato")).await.unwrap(), None);
    assert_eq!(store.find_session(&digest(1)).await.unwrap(), None);
    assert_eq!(store.find_token(&digest(1)).await.unwrap(), None);
    assert_eq!(store.find_invitation(&digest(1)).await.unwrap(), None);
    assert!(store.find_session(&digest(2)).await.unwrap().is_some());
    assert!(store.find_token(&digest(2)).await.unwrap().is_some());
    assert!(store.find_invitation(&digest(2)).await.unwrap().is_some());
    store.delete_account(&person("sato")).await.unwrap_err();
}

pub(crate) async fn only_admins_with_an_account_are_counted(world: World) {
    let store: Store = world.open().await;
    store.replace_directory(&parts()).await.unwrap();
    assert_eq!(store.count_admin_accounts().await.unwrap(), 0);
    store.insert_account(&account("tanaka", None)).await.unwrap();
    assert_eq!(store.count_admin_accounts().await.unwrap(), 0);
    store.insert_account(&account("sato", None)).await.unwrap();
    assert_eq!(store.count_admin_accounts().await.unwrap(), 1);
}

pub(crate) async fn a_session_that_has_run_out_can_still_be_found(world: World) {
    let store = world.open().await;
    store.insert_session(&session("sato", 1)).await.unwrap();
    store.touch_session(&digest(1), at(50), at(60)).await.unwrap();
    let found = store.find_session(&digest(1)).await.unwrap().unwrap();
    let expected = Session { seen_at: at(50), expires_at: at(60), ..session("sato", 1) };
    assert_eq!(found, expected);
    assert_eq!(store.delete_sessions_expired(at(60)).await.unwrap(), 0);
    assert_eq!(store.delete_sessions_expired(at(61)).await.unwrap(), 1);
    assert_eq!(store.find_session(&digest(1)).await.unwrap(), None);
    store.touch_session(&digest(1), at(50), at(60)).await.unwrap_err();
}

pub(crate) async fn sessions_end_one_by_one_or_all_at_once(world: World) {
    let store = world.open().await;
    for byte in 1..=4 {
        store.insert_session(&session("sato", byte)).await.unwrap();
    }
    store.insert_session(&session("ito", 9)).await.unwrap();
    store.insert_session(&session("ito", 9)).await.unwrap_err();
    let list = store.list_sessions(&person("sato")).await.unwrap();
    assert_eq!(list, [4, 3, 2, 1].map(|byte| session("sato", byte)));
    assert!(store.delete_session(&digest(2)).await.unwrap());
    assert!(!store.delete_session(&digest(2)).await.unwrap());
    assert_eq!(store.delete_sessions_of(&person("sato")).await.unwrap(), 3);
    assert_eq!(store.list_sessions(&person("sato")).await.unwrap(), []);
    assert_eq!(store.list_sessions(&person("ito")).await.unwrap().len(), 1);
}

pub(crate) async fn a_revoked_token_is_not_found_and_not_revoked_twice(world: World) {
    let store = world.open().await;
    store.insert_token(&token("sato", 1)).await.unwrap();
    store.insert_token(&token("sato", 2)).await.unwrap();
    let same_id = ApiToken { id: "tok_1".into(), ..token("sato", 3) };
    let refused = store.insert_token(&same_id).await;
    assert_eq!(refused, Err(StoreError::Conflict { what: "INSERT_TOKEN" }));
    store.touch_token(&digest(1), at(7)).await.unwrap();
    let found = store.find_token(&digest(1)).await.unwrap();
    assert_eq!(found, Some(ApiToken { used_at: Some(at(7)), ..token("sato", 1) }));
    let not_theirs: &PersonId = &person("ito");
    store.revoke_token(not_theirs, "tok_1", at(8)).await.unwrap_err();
    store.revoke_token(&person("sato"), "tok_1", at(8)).await.unwrap();
    store.revoke_token(&person("sato"), "tok_1", at(9)).await.unwrap_err();
    assert_eq!(store.find_token(&digest(1)).await.unwrap(), None);
    let list = store.list_tokens(&person("sato")).await.unwrap();
    assert_eq!(list[0], token("sato", 2));
    assert_eq!(list[1].revoked_at, Some(at(8)));
}

pub(crate) async fn a_link_works_once(world: World) {
    let store = world.open().await;
    store.insert_invitation(&invitation("sato", 1)).await.unwrap();
    store.insert_invitation(&invitation("sato", 2)).await.unwrap();
    store.mark_invitation_used(&digest(1), at(100)).await.unwrap_err();
    store.mark_invitation_used(&digest(1), at(99)).await.unwrap();
    store.mark_invitation_used(&digest(1), at(99)).await.unwrap_err();
    store.mark_invitation_used(&digest(7), at(99)).await.unwrap_err();
    let found = store.find_invitation(&digest(1)).await.unwrap().unwrap();
    assert_eq!(found, Invitation { used_at: Some(at(99)), ..invitation("sato", 1) });
    assert_eq!(store.delete_invitations_expired(at(100)).await.unwrap(), 0);
    assert_eq!(store.delete_invitations_expired(at(101)).await.unwrap(), 2);
}

pub(crate) async fn a_link_that_was_used_makes_neither_account_nor_session(world: World) {
    let store = world.open().await;
    store.insert_invitation(&invitation("sato", 1)).await.unwrap();
    let with_password = account("sato", Some("hash"));
    let redeem = async |account: &Account, byte| {
        store.redeem_invitation(&digest(1), account, &session("sato", byte), at(5)).await
    };
    let without = account("sato", None);
    let (one, two) = tokio::join!(redeem(&with_password, 1), redeem(&without, 2));
    assert!(one.is_ok() != two.is_ok());
    assert_eq!(store.list_sessions(&person("sato")).await.unwrap().len(), 1);
    store.insert_invitation(&invitation("sato", 3)).await.unwrap();
    let device = session("sato", 3);
    store.redeem_invitation(&digest(3), &with_password, &device, at(6)).await.unwrap();
    store.insert_invitation(&invitation("sato", 4)).await.unwrap();
    let device = session("sato", 4);
    store.redeem_invitation(&digest(4), &account("sato", None), &device, at(7)).await.unwrap();
    let kept = store.find_account(&person("sato")).await.unwrap().unwrap();
    assert_eq!(kept.password_hash.as_deref(), Some("hash"));
}

pub(crate) async fn a_setting_that_is_there_is_not_replaced_by_if_absent(world: World) {
    let store = world.open().await;
    assert_eq!(store.find_setting("signing_key").await.unwrap(), None);
    let (one, two) = tokio::join!(
        store.put_setting_if_absent("signing_key", "one"),
        store.put_setting_if_absent("signing_key", "two")
    );
    assert_eq!(one, two);
    let kept = store.find_setting("signing_key").await.unwrap();
    assert_eq!(kept, one.ok());
    store.put_setting("signing_key", "three").await.unwrap();
    assert_eq!(store.put_setting_if_absent("signing_key", "four").await.unwrap(), "three");
}
