//! Rehearsing on the page.

use testkit::{Office, per, person};
use wording::{Locale, Words};

use super::*;
use crate::page::rehearsal::words::problem_words;
use crate::test_support::Site;

#[test]
fn a_moment_is_read_in_the_readers_zone_unless_it_names_its_own() {
    let at = |text: &str| read_at(text, "Asia/Tokyo").map(time::machine);
    for same in
        ["2026-12-30T03:00", "2026-12-30T03:00:00+09:00", "2026-12-29T18:00:00Z", "1798567200000"]
    {
        assert_eq!(at(same).as_deref(), Some("2026-12-29T18:00:00Z"), "{same}");
    }
    for bad in ["tomorrow", "2026-13-01T00:00", ""] {
        assert_eq!(at(bad), None, "{bad}");
    }
}

#[tokio::test]
async fn a_rehearsal_shows_who_is_called_when_and_calls_nobody() {
    let site = Site::new().await;
    let empty = site.get("/rehearsal", "erin").await;
    assert_eq!(empty.status, StatusCode::OK);
    assert!(empty.text.contains("Nothing chosen yet."));
    assert!(empty.text.contains("value=\"2026-11-02T09:00\""), "now, in the reader's zone");
    assert!(empty.text.contains("<option value=\"per_erin\" selected>"));
    let path = "/rehearsal?reporter=per_carol&project=prj_shop&at=2026-12-30T03%3A00";
    let page = site.get(path, "erin").await;
    assert!(page.text.contains("If carol reports on Wed 30 Dec 2026, 03:00:00 JST"));
    assert!(page.text.contains("Leads shop"), "the project's lead is called first");
    for part in ["03:00:00", "03:01:00", "lanes-figure", "<option value=\"prj_shop\" selected>"] {
        assert!(page.text.contains(part), "{part}");
    }
    assert!(site.reports_of("carol").await.is_empty());
    let stranger = site.get_as_stranger(path).await;
    assert_eq!(stranger.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn what_cannot_be_read_is_said_and_what_was_chosen_stays() {
    let site = Site::new().await;
    let page = site.get("/rehearsal?reporter=per_carol&at=whenever", "erin").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("The date and time could not be read."));
    assert!(page.text.contains("<option value=\"per_carol\" selected>"));
    let unknown = site.get("/rehearsal?reporter=per_who&project=prj_what", "erin").await;
    assert_eq!(unknown.status, StatusCode::OK);
    assert!(unknown.text.contains("“per_who” is not in the directory."));
    assert!(unknown.text.contains("There is no project “prj_what”."));
}

#[tokio::test]
async fn people_who_are_away_are_named() {
    let day = jiff::civil::date(2026, 12, 30);
    let ann = person("ann").managed_by("bob").mail().voice().away(day, day);
    let site = Site::of(Office::usual().person(ann)).await;
    let page = site.get("/rehearsal?reporter=per_carol&at=2026-12-30T12%3A00", "erin").await;
    assert!(page.text.contains("ann is away until Wed 30 Dec and is passed over."));
}

#[test]
fn every_hole_has_words_in_both_languages() {
    use domain::rehearsal::Problem;
    use domain::route::Unusable;
    let directory = domain::directory::Directory::default();
    let about = || per("sato");
    let all = [
        Problem::NoRoute(about()),
        Problem::NoVoice(about()),
        Problem::UnusableContact(about(), Unusable::NoChannel),
        Problem::UnusableContact(about(), Unusable::NotInPolicy),
        Problem::UnusableContact(about(), Unusable::Outside),
        Problem::OneDeep,
        Problem::EverybodyAway,
        Problem::NobodyToCall,
        Problem::OnlyLastResort,
        Problem::UnknownProject("prj_x".into()),
        Problem::UnknownReporter(about()),
    ];
    for w in Locale::ALL.map(Words::of) {
        let mut said: Vec<String> = all.iter().map(|p| problem_words(w, &directory, p)).collect();
        said.sort();
        said.dedup();
        assert_eq!(said.len(), all.len(), "two holes are said alike");
    }
}
