//! "With you in N minutes" (B3): quiet for a while, never for good.

use domain::incident::escalation::{Answer, Standing, Status};
use domain::incident::report::Note;
use domain::policy::Policy;

use crate::world::{START, Scene, id, mins, secs, try_again};

const TWO: [(&str, &[&str]); 2] = [("sato", &["mail", "voice"]), ("mori", &["mail", "voice"])];

#[test]
fn a_promise_quiets_everybody_and_the_calling_resumes_by_itself() {
    let mut scene = Scene::of(&TWO);
    scene.pass(mins(4));
    scene.promise("sato", 10).unwrap();
    let until = START.after(mins(14));
    assert_eq!(scene.status(), &Status::Promised { by: id("sato"), until });
    let quiet = scene.attempts_while(|scene| scene.pass(secs(599)));
    assert_eq!(quiet, [""; 0]);
    let resumed = scene.attempts_while(|scene| scene.pass(secs(1)));
    assert_eq!(scene.status(), &Status::Calling);
    let expected =
        ["14:00 sato mail reminder", "14:00 mori mail reminder", "14:00 mori voice call"];
    let mut sorted = resumed;
    sorted.sort();
    let mut wanted = expected.map(str::to_owned);
    wanted.sort();
    assert_eq!(sorted, wanted);
}

#[test]
fn a_promise_keeps_the_next_person_from_joining_until_it_is_over() {
    let mut scene = Scene::of(&TWO);
    scene.promise("sato", 5).unwrap();
    scene.pass(secs(299));
    assert_eq!(scene.joined(), ["sato"]);
    scene.pass(secs(1));
    assert_eq!(scene.joined(), ["sato", "mori"]);
}

#[test]
fn a_promise_takes_back_repeats_that_wait_for_their_time() {
    let mut scene = Scene::in_world(&[("sato", &["mail"]), ("mori", &["mail"])], |_| None);
    scene.settle(&scene.last("sato", "mail"), try_again()).unwrap();
    scene.promise("sato", 5).unwrap();
    let quiet = scene.attempts_while(|scene| scene.pass(secs(60)));
    assert_eq!(quiet, [""; 0]);
    assert!(scene.calling().attempts.iter().all(|attempt| !scene.calling().may_send(attempt)));
}

#[test]
fn a_second_promise_by_the_same_person_quiets_only_their_own_telephone() {
    let mut scene = Scene::of(&TWO);
    scene.promise("sato", 3).unwrap();
    scene.pass(mins(3));
    scene.promise("sato", 10).unwrap();
    assert_eq!(scene.status(), &Status::Calling);
    let until = START.after(mins(13));
    assert_eq!(scene.called("sato").standing, Standing::Promised { until });
    let attempts = scene.attempts_while(|scene| scene.pass(secs(599)));
    assert!(attempts.iter().all(|line| line.contains("mori")), "{attempts:?}");
    assert!(attempts.len() >= 4, "{attempts:?}");
    let resumed = scene.attempts_while(|scene| scene.pass(secs(1)));
    assert!(resumed.contains(&"13:00 sato mail reminder".to_owned()), "{resumed:?}");
    assert_eq!(scene.called("sato").standing, Standing::Asked);
}

#[test]
fn a_second_promise_takes_back_the_repeats_to_that_person_only() {
    let mut scene = Scene::in_world(&[("sato", &["mail"]), ("mori", &["mail"])], |_| None);
    scene.promise("sato", 1).unwrap();
    scene.pass(mins(5));
    for name in ["sato", "mori"] {
        scene.settle(&scene.last(name, "mail"), try_again()).unwrap();
    }
    scene.promise("sato", 10).unwrap();
    let is_planned = |name| {
        let mut repeats = scene.calling().attempts.iter().filter(|a| a.due_at > scene.now);
        repeats.any(|attempt| attempt.person == id(name) && scene.calling().may_send(attempt))
    };
    assert!(!is_planned("sato"));
    assert!(is_planned("mori"));
}

#[test]
fn a_promise_renewed_before_its_end_still_lets_the_others_be_called_at_the_first_end() {
    let mut scene = Scene::of(&TWO);
    scene.promise("sato", 5).unwrap();
    scene.pass(mins(4));
    scene.promise("sato", 20).unwrap();
    scene.pass(mins(1));
    assert_eq!(scene.status(), &Status::Calling);
    let until = START.after(mins(24));
    assert_eq!(scene.called("sato").standing, Standing::Promised { until });
    let attempts = scene.attempts_while(|scene| scene.pass(mins(18)));
    assert!(attempts.iter().all(|line| line.contains("mori")), "{attempts:?}");
    assert!(!attempts.is_empty());
}

#[test]
fn a_promise_tapped_twice_is_over_at_its_time() {
    let mut scene = Scene::of(&TWO);
    scene.promise("sato", 5).unwrap();
    scene.promise("sato", 5).unwrap();
    scene.pass(mins(5));
    assert_eq!(scene.status(), &Status::Calling);
    assert_eq!(scene.called("sato").standing, Standing::Asked);
}

#[test]
fn a_promise_longer_than_allowed_is_shortened_and_says_so() {
    let cases =
        [(0, 1, false), (1, 1, false), (30, 30, false), (31, 30, true), (u32::MAX, 30, true)];
    for (given, kept, is_shortened) in cases {
        let mut scene = Scene::of(&TWO);
        scene.promise("sato", given).unwrap();
        let until = START.after(mins(kept));
        assert_eq!(scene.status(), &Status::Promised { by: id("sato"), until });
        let minutes = u32::try_from(kept).unwrap();
        assert_eq!(
            scene.calling().answers[0].answer,
            Answer::Promise { until_ms: until, minutes },
            "{given}"
        );
        let note = Note::PromiseShortened { minutes };
        assert_eq!(scene.notes.contains(&note), is_shortened, "{given}");
    }
    assert_eq!(Policy::default().promise_max, mins(30));
}

#[test]
fn a_promise_of_another_person_takes_the_place_of_the_first() {
    let mut scene = Scene::of(&TWO);
    scene.pass(mins(3));
    scene.promise("sato", 20).unwrap();
    scene.promise("mori", 5).unwrap();
    let until = START.after(mins(8));
    assert_eq!(scene.status(), &Status::Promised { by: id("mori"), until });
    scene.pass(mins(5));
    assert_eq!(scene.status(), &Status::Calling);
}

#[test]
fn whoever_promised_and_then_cannot_ends_the_quiet_at_once() {
    let mut scene = Scene::of(&TWO);
    scene.promise("sato", 20).unwrap();
    scene.cannot("sato").unwrap();
    assert_eq!(scene.status(), &Status::Calling);
    assert_eq!(scene.attempts_of("mori"), ["0:00 mori mail joined"]);
}

#[test]
fn somebody_else_who_cannot_leaves_the_quiet_as_it_is() {
    let mut scene = Scene::of(&TWO);
    scene.pass(mins(3));
    scene.promise("sato", 5).unwrap();
    let news = scene.attempts_while(|scene| scene.cannot("mori").unwrap());
    assert_eq!(news, [""; 0]);
    assert!(matches!(scene.status(), Status::Promised { .. }));
}

#[test]
fn somebody_named_during_a_promise_is_called_as_soon_as_it_is_over() {
    let mut scene = Scene::of(&[("sato", &["mail"]), ("mori", &["mail"]), ("kato", &["mail"])]);
    scene.pass(mins(3));
    scene.promise("sato", 1).unwrap();
    let quiet = scene.attempts_while(|scene| {
        scene.hand_over("mori", "kato").unwrap();
        scene.pass(secs(59));
    });
    assert_eq!(quiet, [""; 0]);
    let resumed = scene.attempts_while(|scene| scene.pass(secs(1)));
    assert_eq!(resumed, ["4:00 kato mail joined"]);
}

#[test]
fn an_acceptance_ends_a_promise() {
    let mut scene = Scene::of(&TWO);
    scene.pass(mins(3));
    scene.promise("sato", 20).unwrap();
    scene.accept("mori").unwrap();
    assert_eq!(scene.calling().lead(), Some(&id("mori")));
    assert_eq!(scene.wake_up, None);
}
