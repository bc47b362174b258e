//! Linking a computer, from its code to its token.

use testkit::per;

use super::*;
use crate::app::digest;
use crate::device_login::Poll;
use crate::test_support::Site;

fn begin(site: &Site, device: &str) -> String {
    let engine = site.app.engine();
    let logins = &site.app.0.device_logins;
    logins.begin(digest("secret"), device, engine.now(), engine.entropy()).unwrap()
}

#[tokio::test]
async fn a_computer_is_linked_only_after_its_owner_has_confirmed_the_code() {
    let site = Site::new().await;
    let code = begin(&site, "ann's laptop");
    let poll = || site.app.0.device_logins.poll(&digest("secret"), site.app.engine().now());
    let page = site.get(&format!("/link?code={code}"), "ann").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("ann&#39;s laptop") && page.text.contains(&code));
    assert_eq!(poll(), Poll::Waiting, "looking confirms nothing");
    let raw = site.post_raw("/link", Some("ann"), &format!("code={code}")).await;
    assert_eq!(raw.status, StatusCode::FORBIDDEN);
    assert_eq!(poll(), Poll::Waiting, "nor does a form from elsewhere");
    let done = site.post("/link", "ann", &format!("code={}", code.to_lowercase())).await;
    assert_eq!(done.status, StatusCode::OK);
    assert!(done.text.contains("is linked."));
    let again = site.post("/link", "bob", &format!("code={code}")).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(matches!(poll(), Poll::Confirmed { person, .. } if person == per("ann")));
}

#[tokio::test]
async fn an_unknown_code_is_asked_for_again() {
    let site = Site::new().await;
    for path in ["/link", "/link?code=XXXX-XXXX"] {
        let page = site.get(path, "ann").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("id=\"link-code\""), "{path}");
        assert_eq!(page.text.contains("No device is waiting with that code."), path != "/link");
    }
    let code = begin(&site, "laptop");
    site.clock.forward(crate::device_login::VALID_FOR);
    let late = site.post("/link", "ann", &format!("code={code}")).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    let stranger = site.get_as_stranger("/link?code=BCDF-GHJK").await;
    assert_eq!(stranger.location(), "/sign-in?then=%2Flink%3Fcode%3DBCDF%2DGHJK");
}
