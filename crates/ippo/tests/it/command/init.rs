//! Setting up: a file that is never overwritten, a link that is shown once, and tokens.

use sha2::{Digest as _, Sha256};

use crate::command::place::Place;

fn link_token(out: &str) -> &str {
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 1, "the link stands alone on standard output: {out}");
    lines[0].split_once("/invite/").map(|(_, token)| token).unwrap()
}

#[tokio::test]
async fn a_new_installation_has_a_file_an_admin_and_a_link_that_appears_once() {
    let place = Place::empty();
    let ran = place
        .ippo(&["init", "--public-url", "https://ippo.example.co.jp/", "--name", "みらい商事"])
        .expect(0);
    assert!(ran.out.starts_with("https://ippo.example.co.jp/invite/"), "{}", ran.out);
    let token = link_token(&ran.out);
    assert!(token.len() >= 43, "32 bytes that nobody can guess: {token}");
    assert!(!ran.err.contains(token), "the link appears once: {}", ran.err);
    let config = place.read("ippo.toml");
    assert!(config.contains("public_url = \"https://ippo.example.co.jp\""), "{config}");
    assert!(config.contains("name = \"みらい商事\""), "{config}");

    let store = place.open_store().await;
    let hash = Sha256::digest(token.as_bytes()).into();
    let invitation = store.find_invitation(&hash).await.unwrap().unwrap();
    assert!(invitation.is_admin);
    assert_eq!(invitation.used_at, None);
    let week = std::time::Duration::from_secs(7 * 86_400);
    assert_eq!(invitation.expires_at.since(invitation.created_at), week);
    let people = store.load_directory().await.unwrap().people;
    assert!(people.len() == 1 && people[0].admin && people[0].id.as_str() == "per_admin");
    drop(store);
    for file in ["ippo.db", "ippo.db-wal"] {
        let bytes = std::fs::read(place.path(file)).unwrap_or_default();
        assert!(
            !bytes.windows(token.len()).any(|part| part == token.as_bytes()),
            "{file} holds the token"
        );
    }
}

#[test]
fn a_file_that_is_there_is_left_as_it_is() {
    let place = Place::configured();
    let before = place.read("ippo.toml");
    let ran = place.ippo(&["init"]).expect(1);
    assert_eq!(ran.out, "");
    assert!(ran.err.contains("exists and is left as it is"), "{}", ran.err);
    assert_eq!(place.read("ippo.toml"), before);
}

#[test]
fn a_link_that_was_lost_is_made_anew() {
    let place = Place::empty();
    let first = place.ippo(&["init"]).expect(0);
    let before = place.read("ippo.toml");
    let second = place.ippo(&["init", "--new-link"]).expect(0);
    assert_ne!(link_token(&first.out), link_token(&second.out));
    assert_eq!(place.read("ippo.toml"), before);
}

#[test]
fn a_set_up_that_fails_can_be_tried_again() {
    let place = Place::empty();
    std::fs::create_dir(place.path("ippo.db")).unwrap();
    let ran = place.ippo(&["init"]);
    assert_ne!(ran.code, 0);
    assert!(!place.path("ippo.toml").exists(), "the next try would be refused");
    std::fs::remove_dir(place.path("ippo.db")).unwrap();
    place.ippo(&["init"]).expect(0);
}

#[tokio::test]
async fn a_token_stands_alone_on_standard_output_and_only_its_digest_is_kept() {
    let place = Place::with_people();
    let ran =
        place.ippo(&["token", "create", "--person", "per_tanaka", "--label", "laptop"]).expect(0);
    let token = ran.out.strip_suffix('\n').unwrap();
    assert!(token.starts_with("ippo_") && token.len() >= 48, "{token}");
    let store = place.open_store().await;
    let kept = store.find_token(&Sha256::digest(token.as_bytes()).into()).await.unwrap().unwrap();
    assert_eq!((kept.person.as_str(), kept.label.as_str()), ("per_tanaka", "laptop"));
}

#[test]
fn nobody_outside_the_directory_gets_a_token() {
    let place = Place::with_people();
    let ran = place.ippo(&["token", "create", "--person", "per_gone"]).expect(1);
    assert_eq!(ran.out, "");
    assert!(ran.err.contains("per_gone is not in the directory"), "{}", ran.err);
}
