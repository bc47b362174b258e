//! Settings, as the owner of a device uses them.

use std::time::Duration;

use testkit::per;

use super::*;
use crate::test_support::Site;

/// The value of the read-only field of that id.
fn shown(html: &str, id: &str) -> String {
    let (_, rest) = html.split_once(&format!("id=\"{id}\"")).unwrap();
    let (_, rest) = rest.split_once("value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_way_of_pressing_is_kept_on_the_device() {
    let site = Site::new().await;
    let at_once = site.post("/settings/press", "ann", "press=at_once").await;
    assert_eq!((at_once.status, at_once.location()), (StatusCode::SEE_OTHER, "/settings"));
    let cookies: Vec<_> = at_once.headers.get_all("set-cookie").iter().collect();
    assert!(cookies.iter().any(|c| c.to_str().unwrap().starts_with("ippo_press=at_once;")));
    let (cookie, _) = site.device("ann").await;
    for (cookie, held) in [(cookie.clone(), true), (format!("{cookie}; ippo_press=at_once"), false)]
    {
        let page = site.get_with("/settings", &[("cookie", &cookie)]).await;
        assert_eq!(page.text.contains("value=\"hold\" checked"), held);
        assert_eq!(page.text.contains("value=\"at_once\" checked"), !held);
    }
    let hold = site.post("/settings/press", "ann", "press=hold").await;
    let cookies: Vec<_> = hold.headers.get_all("set-cookie").iter().collect();
    assert!(
        cookies.iter().any(|c| c.to_str().unwrap().starts_with("ippo_press=; Path=/; Max-Age=0"))
    );
}

#[tokio::test]
async fn a_token_is_shown_once_and_works_until_it_is_revoked() {
    let site = Site::new().await;
    let made = site.post("/settings/tokens", "ann", "label=laptop").await;
    assert_eq!(made.status, StatusCode::OK);
    let token = shown(&made.text, "token-text");
    let call = format!("Bearer {token}");
    let site = &site;
    let calls = |call: String| async move {
        site.get_with("/api/v1/incidents", &[("authorization", &call)]).await.status
    };
    assert_eq!(calls(call.clone()).await, StatusCode::OK);
    let page = site.get("/settings", "ann").await;
    assert!(page.text.contains("laptop") && !page.text.contains(&token));
    let id = site.app.engine().store().list_tokens(&per("ann")).await.unwrap()[0].id.clone();
    let path = format!("/settings/tokens/{id}/revoke");
    assert_eq!(site.post(&path, "bob", "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(calls(call.clone()).await, StatusCode::OK, "nobody ends the token of another");
    assert_eq!(site.post(&path, "ann", "").await.location(), "/settings");
    assert_eq!(calls(call).await, StatusCode::UNAUTHORIZED);
    assert!(!site.get("/settings", "ann").await.text.contains("laptop"));
    assert_eq!(site.post(&path, "ann", "").await.status, StatusCode::SEE_OTHER, "twice is once");
}

#[tokio::test]
async fn a_lost_device_is_signed_out_from_another_and_only_by_its_owner() {
    let site = Site::new().await;
    let (lost, _) = site.device("ann").await;
    let kept = site.device("ann").await;
    let page = site.get_with("/settings", &[("cookie", &kept.0)]).await;
    assert_eq!(page.text.matches("/settings/sessions/").count(), 1, "not the one in the hand");
    let (_, rest) = page.text.split_once("action=\"/settings/sessions/").unwrap();
    let path = format!("/settings/sessions/{}", rest.split('"').next().unwrap());
    for (by, is_in) in [("bob", true), ("ann", false)] {
        match by {
            "bob" => site.post(&path, by, "").await,
            _ => site.post_from(&path, &kept, "").await,
        };
        let page = site.get_with("/settings", &[("cookie", &lost)]).await;
        assert_eq!(page.status == StatusCode::OK, is_in, "after {by}");
    }
    let page = site.get_with("/settings", &[("cookie", &kept.0)]).await;
    assert_eq!(page.status, StatusCode::OK);
}

#[tokio::test]
async fn a_new_password_needs_the_old_one_and_enough_characters() {
    let site = Site::new().await;
    let hash = site.app.hash_password("the old password".to_owned()).await;
    let account = Account {
        person: per("ann"),
        password_hash: hash,
        created_at: site.app.engine().now(),
        password_changed_at: None,
    };
    site.app.engine().store().insert_account(&account).await.unwrap();
    let wrong = site.post("/settings/password", "ann", "old=guess&new=the+new+password").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("The current password is another one."));
    let short = site.post("/settings/password", "ann", "old=the+old+password&new=short").await;
    assert!(short.text.contains("Please choose a longer password."));
    let done =
        site.post("/settings/password", "ann", "old=the+old+password&new=the+new+password").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let account = site.app.engine().store().find_account(&per("ann")).await.unwrap().unwrap();
    assert!(site.app.is_password("the new password".to_owned(), account.password_hash).await);
}

#[tokio::test]
async fn a_password_cannot_be_guessed_from_a_device_that_was_left_open() {
    let site = Site::new().await;
    for _ in 0..10 {
        site.post("/settings/password", "ann", "old=guess&new=the+new+password").await;
    }
    let found = site.post("/settings/password", "ann", "old=guess&new=the+new+password").await;
    assert!(found.text.contains("Too many tries in a row. Please wait until 09:15"));
    site.clock.forward(Duration::from_secs(900));
    let found = site.post("/settings/password", "ann", "old=guess&new=the+new+password").await;
    assert!(found.text.contains("The current password is another one."));
}

#[tokio::test]
async fn an_admin_invites_and_the_link_lets_that_person_in() {
    let site = Site::new().await;
    let page = site.get("/settings", "root").await;
    assert!(page.text.contains("<option value=\"per_erin\">erin</option>"));
    assert!(!site.get("/settings", "erin").await.text.contains("/settings/invitations"));
    let made = site.post("/settings/invitations", "root", "person=per_erin").await;
    assert_eq!(made.status, StatusCode::OK);
    assert!(made.text.contains("class=\"qr\"") && made.text.contains("Invitation for erin"));
    let url = shown(&made.text, "invitation-url");
    let path = url.strip_prefix("http://ippo.example.co.jp").unwrap();
    let done = site.post_raw(path, None, "password=correct+horse+battery").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let nobody = site.post("/settings/invitations", "root", "person=per_who").await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    let colleague = site.post("/settings/invitations", "erin", "person=per_ann").await;
    assert_eq!(colleague.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nothing_is_changed_without_the_proof_of_the_form() {
    let site = Site::new().await;
    for path in ["press", "password", "tokens", "tokens/x/revoke", "sessions/x/revoke"] {
        let path = format!("/settings/{path}");
        let found = site.post_raw(&path, Some("ann"), "label=x&press=at_once").await;
        assert_eq!(found.status, StatusCode::FORBIDDEN, "{path}");
        let stranger = site.post_raw(&path, None, "label=x").await;
        assert!(stranger.location().starts_with("/sign-in?then="), "{path}");
    }
    assert!(site.app.engine().store().list_tokens(&per("ann")).await.unwrap().is_empty());
}
