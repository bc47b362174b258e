//! A clock that is set neither stalls the calling nor makes it storm (B9).

use domain::incident::Command;
use domain::incident::escalation::How;
use domain::incident::escalation::Status;

use crate::world::{REPORTER, Scene, id, mins, person, secs};

const THREE: [(&str, &[&str]); 3] =
    [("sato", &["mail", "voice"]), ("mori", &["mail", "voice"]), ("kato", &["mail", "voice"])];
const HOUR_MS: i64 = 3_600_000;

/// What three people get in one hour at most: twelve rounds and twelve calls each, and one round more for the step.
const HOUR_AT_MOST: usize = 3 * (12 + 12) + 3 * 4;

#[test]
fn a_clock_set_back_by_an_hour_neither_stalls_nor_storms() {
    for minutes in [0, 2, 9, 40] {
        let mut scene = Scene::of(&THREE);
        scene.pass(mins(minutes));
        let at_once = scene.attempts_while(|scene| scene.set_clock(-HOUR_MS));
        assert!(!at_once.is_empty() && at_once.len() <= 7, "{at_once:?}");
        let step = scene.planned().count();
        scene.pass(mins(60));
        let times: Vec<_> = scene.planned().skip(step - 1).map(|(_, at)| at).collect();
        assert!(times.len() <= HOUR_AT_MOST, "{minutes}: {}", times.len());
        for pair in times.windows(2) {
            assert!(pair[1].since(pair[0]) <= mins(5), "{minutes}: {pair:?}");
        }
        assert_eq!(scene.joined().len(), 3);
    }
}

#[test]
fn a_clock_set_forward_by_an_hour_neither_stalls_nor_storms() {
    for minutes in [0, 2, 9, 40] {
        let mut scene = Scene::of(&THREE);
        scene.pass(mins(minutes));
        let at_once = scene.attempts_while(|scene| scene.set_clock(HOUR_MS));
        assert!(!at_once.is_empty() && at_once.len() <= 7, "{at_once:?}");
        let hour = scene.attempts_while(|scene| scene.pass(mins(60)));
        assert!((30..=HOUR_AT_MOST).contains(&hour.len()), "{minutes}: {}", hour.len());
    }
}

#[test]
fn a_clock_that_jumps_there_and_back_neither_stalls_nor_storms() {
    let mut scene = Scene::of(&THREE);
    scene.pass(mins(10));
    scene.set_clock(24 * HOUR_MS);
    scene.pass(mins(1));
    scene.set_clock(-24 * HOUR_MS);
    let hour = scene.attempts_while(|scene| scene.pass(mins(60)));
    assert!((30..=HOUR_AT_MOST).contains(&hour.len()), "{}", hour.len());
}

#[test]
fn a_clock_set_back_while_nobody_can_be_reached_makes_no_storm_of_looks() {
    let mut scene = Scene::of(&[("sato", &[])]);
    scene.pass(mins(12));
    let before = scene.ledger.len();
    scene.set_clock(-HOUR_MS);
    scene.pass(mins(30));
    assert!(scene.ledger.len() - before <= 8, "{}", scene.ledger.len() - before);
}

#[test]
fn a_clock_set_back_after_an_answer_still_asks_everybody_again() {
    let mut scene = Scene::of(&[("sato", &["mail"])]);
    scene.pass(mins(2));
    scene.cannot("sato").unwrap();
    scene.set_clock(-HOUR_MS);
    let again = scene.attempts_while(|scene| scene.pass(mins(10)));
    assert!((1..=3).contains(&again.len()), "{again:?}");
}

#[test]
fn a_clock_set_back_before_the_first_person_was_found_does_not_keep_them_waiting() {
    let mut scene = Scene::of(&[]);
    scene.set_clock(-HOUR_MS);
    let found = person("sato", &["mail"]);
    scene.directory.organisation.last_resort.push(found.id.clone());
    scene.directory.people.insert(found.id.clone(), found);
    scene.pass(mins(5));
    assert_eq!(scene.joined(), ["sato"]);
}

#[test]
fn a_promise_does_not_outlast_the_longest_one_when_the_clock_is_set_back() {
    let mut scene = Scene::of(&THREE);
    scene.promise("sato", 20).unwrap();
    scene.set_clock(-HOUR_MS);
    assert_eq!(scene.status(), &Status::Calling);
    let mut scene = Scene::of(&THREE);
    scene.promise("sato", 5).unwrap();
    scene.set_clock(-600_000);
    scene.pass(mins(15));
    assert_eq!(scene.status(), &Status::Calling);
}

#[test]
fn the_time_to_confirm_does_not_grow_when_the_clock_is_set_back() {
    let mut scene = Scene::of(&[("sato", &["mail"])]);
    scene.by(REPORTER, Command::StateReached { person: id("sato"), how: How::InPerson }).unwrap();
    scene.set_clock(-HOUR_MS);
    let resumed = scene.attempts_while(|scene| scene.pass(mins(10)));
    assert!(!resumed.is_empty());
}

#[test]
fn repeats_keep_their_bounds_when_the_clock_is_set_back() {
    let mut scene = Scene::in_world(&[("sato", &["mail"])], |_| Some(crate::world::try_again()));
    scene.pass(secs(20));
    let hour = scene.attempts_while(|scene| {
        scene.set_clock(-HOUR_MS);
        scene.pass(mins(60));
    });
    assert!((12..=40).contains(&hour.len()), "{}", hour.len());
}
