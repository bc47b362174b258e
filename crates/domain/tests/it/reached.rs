//! "I reached them myself" (A6): stops the calls to that person, asks them to confirm, and does not last.

use domain::incident::escalation::{How, Standing, Status};
use domain::incident::{Command, Refusal};

use crate::world::{REPORTER, START, Scene, id, mins, refused, secs, try_again};

const TWO: [(&str, &[&str]); 2] = [("sato", &["mail", "voice"]), ("mori", &["mail", "voice"])];

fn reached(name: &str) -> Command {
    Command::StateReached { person: id(name), how: How::Phone }
}

#[test]
fn calls_to_that_person_stop_and_they_are_asked_to_confirm() {
    let mut scene = Scene::of(&TWO);
    scene.pass(secs(90));
    scene.by(REPORTER, reached("sato")).unwrap();
    assert_eq!(scene.attempts_of("confirm"), ["1:30 sato mail confirm"]);
    assert_eq!(scene.status(), &Status::Calling);
    let until = START.after(secs(90) + mins(10));
    assert_eq!(scene.called("sato").standing, Standing::StatedReached { how: How::Phone, until });
    let attempts = scene.attempts_while(|scene| scene.pass(secs(599)));
    assert!(attempts.iter().all(|line| line.contains("mori")), "{attempts:?}");
    assert_eq!(attempts[0], "3:00 mori mail joined");
}

#[test]
fn calls_to_that_person_resume_when_they_do_not_confirm() {
    let mut scene = Scene::of(&TWO);
    scene.by(REPORTER, reached("sato")).unwrap();
    scene.pass(secs(599));
    let resumed = scene.attempts_while(|scene| scene.pass(mins(1)));
    let sato: Vec<&String> = resumed.iter().filter(|line| line.contains("sato")).collect();
    assert_eq!(sato, ["10:00 sato mail reminder", "10:00 sato voice call"]);
}

#[test]
fn a_failure_after_the_time_to_confirm_rings_or_calls_the_next_as_ever() {
    let people: [(&str, &[&str]); 1] = [("sato", &["mail", "voice"])];
    let mut scene = Scene::of(&people);
    scene.by(REPORTER, reached("sato")).unwrap();
    scene.pass(secs(599));
    scene.world = |send| match send.channel.as_str() {
        "mail" => Some(try_again()),
        _ => crate::world::everything_arrives(send),
    };
    let resumed = scene.attempts_while(|scene| scene.pass(secs(6)));
    assert!(resumed.contains(&"10:05 sato mail retry".to_owned()), "{resumed:?}");
}

#[test]
fn their_confirmation_ends_the_calling() {
    let mut scene = Scene::of(&TWO);
    scene.by(REPORTER, reached("sato")).unwrap();
    scene.accept("sato").unwrap();
    assert_eq!(scene.calling().lead(), Some(&id("sato")));
}

#[test]
fn a_question_that_does_not_arrive_rings_nobody_before_its_time() {
    let mut scene = Scene::of(&TWO);
    scene.world = |_| Some(refused());
    scene.by(REPORTER, reached("sato")).unwrap();
    let quiet = scene.attempts_while(|scene| scene.pass(secs(179)));
    assert_eq!(quiet, [""; 0]);
}

#[test]
fn calls_that_wait_are_taken_back_and_the_question_goes_out() {
    let mut scene = Scene::in_world(&[("sato", &["mail"])], |_| None);
    scene.settle(&scene.last("sato", "mail"), try_again()).unwrap();
    let waiting = scene.last("sato", "mail");
    scene.by(REPORTER, reached("sato")).unwrap();
    let state = domain::incident::escalation::AttemptState::Cancelled;
    assert_eq!(scene.state_of(&waiting), state);
    assert_eq!(scene.attempts_of("confirm"), ["0:00 sato mail confirm"]);
}

#[test]
fn somebody_whose_turn_had_not_come_is_asked_to_confirm_too() {
    for name in ["mori", "ito"] {
        let mut scene = Scene::of(&TWO);
        let found = crate::world::person("ito", &["mail"]);
        scene.directory.people.insert(found.id.clone(), found);
        scene.by(REPORTER, reached(name)).unwrap();
        assert_eq!(scene.attempts_of("confirm"), [format!("0:00 {name} mail confirm")]);
        let attempts = scene.attempts_while(|scene| scene.pass(mins(2)));
        assert_eq!(attempts, ["1:00 sato voice call", "2:00 sato voice call"]);
        scene.accept(name).unwrap();
    }
}

#[test]
fn the_question_goes_out_during_a_promise() {
    let mut scene = Scene::of(&TWO);
    scene.pass(mins(3));
    scene.promise("mori", 20).unwrap();
    scene.by(REPORTER, reached("sato")).unwrap();
    let state = domain::incident::escalation::AttemptState::HandedOver;
    assert_eq!(scene.state_of(&scene.last("sato", "mail")), state);
    assert!(matches!(scene.status(), Status::Promised { .. }));
}

#[test]
fn the_reporter_cannot_have_reached_themselves_nobody_or_anybody_once_it_is_over() {
    let mut scene = Scene::of(&TWO);
    let themselves = Err(Refusal::CannotHandOverTo { person: id(REPORTER) });
    assert_eq!(scene.by(REPORTER, reached(REPORTER)), themselves);
    let unknown = Err(Refusal::UnknownPerson { person: "nobody".into() });
    assert_eq!(scene.by(REPORTER, reached("nobody")), unknown);
    scene.accept("sato").unwrap();
    let already = Err(Refusal::AlreadyAccepted { lead: id("sato") });
    assert_eq!(scene.by(REPORTER, reached("mori")), already);
    scene.by("sato", Command::StandDown { why: String::new() }).unwrap();
    let news = scene.attempts_while(|scene| {
        assert_eq!(scene.by(REPORTER, reached("mori")), Err(Refusal::StoodDown));
    });
    assert_eq!(news, [""; 0]);
}
