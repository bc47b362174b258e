//! Signing in and out as a browser does it.

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::Request;
use testkit::{Office, per, person};

use super::*;
use crate::test_support::{Found, Site};

const PASSWORD: &str = "correct horse battery";

async fn invite(site: &Site, name: &str, is_admin: bool) -> String {
    let token = site.app.new_token();
    let now = site.app.engine().now();
    let invitation = Invitation {
        token_hash: digest(&token),
        person: per(name),
        is_admin,
        created_at: now,
        expires_at: now.after(Duration::from_secs(3_600)),
        used_at: None,
    };
    site.app.engine().store().insert_invitation(&invitation).await.unwrap();
    format!("/invite/{token}")
}

async fn choose_password(site: &Site, link: &str, password: &str) -> Found {
    site.post_raw(link, None, &format!("password={}", password.replace(' ', "+"))).await
}

async fn site_with_account(name: &str) -> Site {
    let site = Site::new().await;
    let link = invite(&site, name, false).await;
    assert_eq!(choose_password(&site, &link, PASSWORD).await.status, StatusCode::SEE_OTHER);
    site
}

async fn sign_in_as(site: &Site, name: &str, password: &str) -> Found {
    let password = password.replace(' ', "+");
    let form = format!("name={name}&password={password}&then=%2Fincidents%3Fstate%3Dopen");
    site.post_raw("/sign-in", None, &form).await
}

fn cookies(found: &Found) -> Vec<&str> {
    found.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect()
}

/// The session cookie as the device sends it back.
fn session(found: &Found) -> String {
    let cookies = cookies(found);
    let own = cookies.iter().find(|cookie| cookie.starts_with("ippo=")).unwrap();
    own.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn id_and_mail_address_open_the_way_back_to_where_somebody_was() {
    let site = site_with_account("ann").await;
    for name in ["per_ann", "+PER_ANN+", "Ann%40Example.CO.JP"] {
        let found = sign_in_as(&site, name, PASSWORD).await;
        assert_eq!(found.status, StatusCode::SEE_OTHER, "{name}");
        assert_eq!(found.location(), "/incidents?state=open");
        assert!(cookies(&found)[0].contains("; HttpOnly; SameSite=Lax;"));
        let page = site.get_with("/settings", &[("cookie", &session(&found))]).await;
        assert_eq!(page.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_page() {
    let site = site_with_account("ann").await;
    let wrong = sign_in_as(&site, "per_ann", "something else").await;
    let unknown = sign_in_as(&site, "per_nobody", PASSWORD).await;
    let without_account = sign_in_as(&site, "per_bob", PASSWORD).await;
    for found in [&wrong, &unknown, &without_account] {
        assert_eq!(found.status, StatusCode::UNAUTHORIZED);
        assert!(cookies(found).is_empty());
    }
    assert!(wrong.text.contains("value=\"per_ann\""), "the name stays");
    assert!(wrong.text.contains("value=\"/incidents?state=open\""), "and where to go");
    assert!(!wrong.text.contains("something else"), "the password does not");
    assert_eq!(wrong.text.replace("per_ann", "X"), unknown.text.replace("per_nobody", "X"));
}

#[tokio::test]
async fn after_ten_wrong_tries_even_the_right_password_waits_a_quarter_of_an_hour() {
    let site = site_with_account("ann").await;
    for _ in 0..10 {
        assert_eq!(sign_in_as(&site, "per_ann", "wrong").await.status, StatusCode::UNAUTHORIZED);
    }
    // By another name of the same person as well.
    let waits = sign_in_as(&site, "ann%40example.co.jp", PASSWORD).await;
    assert_eq!(waits.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(waits.header("retry-after"), "901");
    assert!(waits.text.contains("09:15"), "it says until when");
    assert_eq!(sign_in_as(&site, "per_bob", "wrong").await.status, StatusCode::UNAUTHORIZED);
    site.clock.forward(Duration::from_secs(15 * 60));
    assert_eq!(sign_in_as(&site, "per_ann", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

async fn eleven_names_from(address: &str) -> Vec<StatusCode> {
    let site = Site::new().await;
    let mut statuses = Vec::new();
    for n in 0..11 {
        let (mut parts, ()) = Request::post("/sign-in").body(()).unwrap().into_parts();
        let visit = Visit::from_request_parts(&mut parts, &site.app).await.unwrap();
        let peer = Some(Extension(ConnectInfo(address.parse().unwrap())));
        let body = Bytes::from(format!("name=per_{n}&password=x"));
        statuses.push(create(visit, peer, body).await.status());
    }
    statuses
}

#[tokio::test]
async fn tries_from_one_address_are_counted_over_all_names_but_not_those_of_a_proxy_here() {
    let mut outside = eleven_names_from("192.0.2.7:40000").await;
    assert_eq!(outside.pop(), Some(StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(outside, [StatusCode::UNAUTHORIZED; 10]);
    assert_eq!(eleven_names_from("127.0.0.1:40000").await, [StatusCode::UNAUTHORIZED; 11]);
}

#[tokio::test]
async fn signing_in_never_leads_away_from_this_site() {
    let site = site_with_account("ann").await;
    let form = "name=per_ann&password=correct+horse+battery&then=https%3A%2F%2Fevil.test%2F";
    assert_eq!(site.post_raw("/sign-in", None, form).await.location(), "/");
    let page = site.get_as_stranger("/sign-in?then=//evil.test").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text.contains("evil.test"));
}

#[tokio::test]
async fn nobody_is_signed_in_from_another_site() {
    let site = site_with_account("ann").await;
    let request = Request::post("/sign-in")
        .header("sec-fetch-site", "cross-site")
        .body("name=per_ann&password=correct+horse+battery".into());
    let found = site.send(request.unwrap()).await;
    assert_eq!(found.status, StatusCode::FORBIDDEN);
    assert!(cookies(&found).is_empty());
}

#[tokio::test]
async fn an_address_of_two_people_signs_neither_in() {
    let shared = |name| person(name).contact("mail", "desk@example.co.jp");
    let site = Site::of(Office::usual().person(shared("ann")).person(shared("bob"))).await;
    let link = invite(&site, "ann", false).await;
    choose_password(&site, &link, PASSWORD).await;
    let by_mail = sign_in_as(&site, "desk%40example.co.jp", PASSWORD).await;
    assert_eq!(by_mail.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in_as(&site, "per_ann", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_invitation_lets_one_person_in_once() {
    let site = Site::new().await;
    let link = invite(&site, "carol", false).await;
    let page = site.get_as_stranger(&link).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("carol@example.co.jp"), "the name for the password store");
    assert_eq!(site.get_as_stranger(&link).await.status, StatusCode::OK, "looking uses nothing up");
    for bad in ["short", &"x".repeat(600)] {
        let found = choose_password(&site, &link, bad).await;
        assert_eq!(found.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let done = choose_password(&site, &link, PASSWORD).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/"));
    let page = site.get_with("/settings", &[("cookie", &session(&done))]).await;
    assert_eq!(page.status, StatusCode::OK);
    let again = choose_password(&site, &link, "another password").await;
    assert_eq!(again.status, StatusCode::GONE);
    assert_eq!(site.get_as_stranger(&link).await.status, StatusCode::GONE);
    assert_eq!(sign_in_as(&site, "per_carol", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_old_invitation_and_one_that_never_was_say_the_same() {
    let site = Site::new().await;
    let link = invite(&site, "carol", false).await;
    site.clock.forward(Duration::from_secs(3_600));
    let old = site.get_as_stranger(&link).await;
    let never = site.get_as_stranger("/invite/nonsense").await;
    assert_eq!((old.status, never.status), (StatusCode::GONE, StatusCode::GONE));
    assert_eq!(old.text, never.text);
    assert_eq!(choose_password(&site, &link, PASSWORD).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn only_the_invitation_of_an_admin_makes_one() {
    let site = Site::new().await;
    for (is_admin, status) in [(false, StatusCode::NOT_FOUND), (true, StatusCode::OK)] {
        let link = invite(&site, "carol", is_admin).await;
        let done = choose_password(&site, &link, PASSWORD).await;
        let page = site.get_with("/people/new", &[("cookie", &session(&done))]).await;
        assert_eq!(page.status, status);
    }
}

#[tokio::test]
async fn after_signing_out_the_device_is_nobodys() {
    let site = Site::new().await;
    let ann = site.device("ann").await;
    let out = site.post_from("/sign-out", &ann, "").await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert!(cookies(&out).iter().any(|c| c.starts_with("ippo=;") && c.contains("Max-Age=0")));
    let settings = site.get_with("/settings", &[("cookie", &ann.0)]).await;
    assert_eq!(settings.location(), "/sign-in?then=%2Fsettings");
}

#[tokio::test]
async fn a_form_without_its_proof_signs_nobody_out() {
    let site = Site::new().await;
    let (cookie, _) = site.device("ann").await;
    let forged = site.post_from("/sign-out", &(cookie.clone(), "0".repeat(64)), "").await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert!(cookies(&forged).is_empty());
    let there = site.get_with("/sign-in?then=/people", &[("cookie", &cookie)]).await;
    assert_eq!(there.location(), "/people", "still signed in");
}

#[tokio::test]
async fn the_language_is_kept_on_the_device_and_leads_back() {
    let site = Site::new().await;
    let ja = site.post_raw("/language", None, "locale=ja&return=%2Fsign-in").await;
    assert_eq!((ja.status, ja.location()), (StatusCode::SEE_OTHER, "/sign-in"));
    assert!(cookies(&ja).iter().any(|cookie| cookie.starts_with("ippo_locale=ja;")));
    let page = site.get_with("/sign-in", &[("cookie", "ippo_locale=ja")]).await;
    assert!(page.text.contains("<html lang=\"ja\""));
    let unknown = site.post_raw("/language", None, "locale=xx&return=%2F%2Fevil").await;
    assert_eq!(unknown.location(), "/");
    assert!(cookies(&unknown).is_empty());
}

#[tokio::test]
async fn a_device_whose_sign_in_ran_out_is_asked_again_and_may_still_report() {
    let site = Site::new().await;
    let (cookie, _) = site.expired_device("ann").await;
    let page = site.get_with("/sign-in", &[("cookie", &cookie)]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("Send an urgent report without signing in"));
    let settings = site.get_with("/settings", &[("cookie", &cookie)]).await;
    assert_eq!(settings.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn signing_in_says_so_when_the_store_is_gone() {
    let site = site_with_account("ann").await;
    site.sabotage().run("ALTER TABLE account RENAME TO gone");
    let found = sign_in_as(&site, "per_ann", PASSWORD).await;
    assert_eq!(found.status, StatusCode::SERVICE_UNAVAILABLE);
}
