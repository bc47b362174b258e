//! Accept, cannot and hand over (B3): only a person's own word changes who has it.

use domain::incident::escalation::reply::Reply;
use domain::incident::escalation::{AttemptState, Standing, Status};
use domain::incident::{Actor, Command, Refusal};
use domain::port::Purpose;

use crate::world::{REPORTER, START, Scene, id, mins, secs, try_again};

const TWO: [(&str, &[&str]); 2] = [("sato", &["mail", "voice"]), ("mori", &["mail", "voice"])];
const THREE: [(&str, &[&str]); 3] = [("sato", &["mail"]), ("mori", &["mail"]), ("kato", &["mail"])];

fn has(name: &str, at: domain::time::Timestamp) -> Status {
    Status::Accepted { lead: id(name), at }
}

fn stand_down(why: &str) -> Command {
    Command::StandDown { why: why.into() }
}

#[test]
fn an_acceptance_ends_the_calling() {
    let mut scene = Scene::of(&TWO);
    scene.pass(mins(1));
    scene.accept("sato").unwrap();
    assert_eq!(scene.status(), &has("sato", START.after(mins(1))));
    assert_eq!(scene.wake_up, None);
    let later = scene.attempts_while(|scene| scene.pass(mins(24 * 60)));
    assert_eq!(later, [""; 0]);
}

#[test]
fn an_acceptance_takes_back_what_waits_but_not_what_is_being_sent() {
    let mut scene = Scene::in_world(&THREE, |_| None);
    scene.pass(mins(3));
    let sent = scene.last("mori", "mail");
    scene.settle(&scene.last("sato", "mail"), try_again()).unwrap();
    let waiting = scene.last("sato", "mail");
    assert!(scene.in_flight.contains(&sent));
    scene.accept("sato").unwrap();
    assert_eq!(scene.state_of(&waiting), AttemptState::Cancelled);
    assert_eq!(scene.state_of(&sent), AttemptState::Planned);
    let summons = scene.calling().attempts.iter().filter(|a| a.purpose == Purpose::Summon);
    for attempt in summons {
        assert!(!scene.calling().may_send(attempt));
    }
}

#[test]
fn an_acceptance_is_told_to_the_others_and_to_the_reporter() {
    let mut scene = Scene::of(&THREE);
    scene.pass(mins(3));
    scene.accept("mori").unwrap();
    assert_eq!(
        scene.attempts_of("accepted"),
        ["3:00 sato mail accepted", "3:00 tanaka mail accepted",]
    );
}

#[test]
fn the_news_goes_the_ways_by_which_people_were_called() {
    let people: [(&str, &[&str]); 2] = [("sato", &["mail", "sms", "webhook"]), ("mori", &["mail"])];
    let mut scene = Scene::in_world(&people, |send| match send.channel.as_str() {
        "mail" => Some(try_again()),
        _ => crate::world::everything_arrives(send),
    });
    scene.pass(mins(3));
    scene.accept("mori").unwrap();
    let expected = ["3:00 sato sms accepted", "3:00 sato webhook accepted"];
    assert_eq!(scene.attempts_of("sato").split_off(scene.attempts_of("sato").len() - 2), expected);
}

#[test]
fn accepting_twice_is_nothing_new() {
    let mut scene = Scene::of(&TWO);
    scene.accept("sato").unwrap();
    let before = scene.ledger.len();
    scene.accept("sato").unwrap();
    assert_eq!(scene.ledger.len(), before);
}

#[test]
fn accepting_after_somebody_else_names_who_has_it() {
    let mut scene = Scene::of(&TWO);
    scene.pass(mins(3));
    scene.accept("sato").unwrap();
    let already = Err(Refusal::AlreadyAccepted { lead: id("sato") });
    assert_eq!(scene.accept("mori"), already);
    assert_eq!(scene.cannot("mori"), already);
    assert_eq!(scene.promise("mori", 5), already);
    assert_eq!(scene.hand_over("mori", "sato"), already);
}

#[test]
fn people_who_are_not_asked_cannot_answer() {
    let mut scene = Scene::of(&THREE);
    assert_eq!(scene.accept("kato"), Err(Refusal::NotFound));
    assert_eq!(scene.accept("somebody"), Err(Refusal::NotFound));
    assert_eq!(scene.accept(REPORTER), Err(Refusal::NotAsked));
    let command = Command::Answer { reply: Reply::Accept, via: domain::incident::report::Via::Web };
    assert_eq!(scene.give(&Actor::System, &command), Err(Refusal::NotAsked));
}

#[test]
fn whoever_said_they_cannot_may_still_accept() {
    let mut scene = Scene::of(&TWO);
    scene.cannot("sato").unwrap();
    scene.accept("sato").unwrap();
    assert_eq!(scene.calling().lead(), Some(&id("sato")));
}

#[test]
fn the_next_person_is_called_at_once_when_somebody_cannot() {
    let mut scene = Scene::of(&TWO);
    scene.pass(secs(20));
    scene.cannot("sato").unwrap();
    assert_eq!(scene.attempts_of("mori"), ["0:20 mori mail joined"]);
    let attempts = scene.attempts_while(|scene| scene.pass(mins(4)));
    assert!(attempts.iter().all(|line| line.contains("mori")), "{attempts:?}");
}

#[test]
fn cannot_tapped_twice_calls_one_person_not_two() {
    let mut scene = Scene::of(&THREE);
    scene.cannot("sato").unwrap();
    scene.cannot("sato").unwrap();
    assert_eq!(scene.joined(), ["sato", "mori"]);
    assert_eq!(scene.calling().answers.len(), 1);
}

#[test]
fn everybody_is_asked_again_when_everybody_cannot() {
    let mut scene = Scene::of(&TWO);
    scene.cannot("sato").unwrap();
    scene.pass(secs(30));
    scene.cannot("mori").unwrap();
    let quiet = scene.attempts_while(|scene| scene.pass(secs(299)));
    assert_eq!(quiet, [""; 0]);
    let again = scene.attempts_while(|scene| scene.pass(secs(1)));
    let again: Vec<&str> = again.iter().map(|line| &line[5..]).collect();
    for expected in ["sato mail", "mori mail"] {
        assert!(again.iter().any(|line| line.starts_with(expected)), "{again:?}");
    }
    assert_eq!(scene.called("sato").standing, Standing::Asked);
}

#[test]
fn whoever_cannot_is_asked_again_when_the_others_have_no_way_to_be_reached() {
    let mut scene = Scene::of(&[("sato", &["mail"]), ("mori", &[])]);
    scene.cannot("sato").unwrap();
    assert_eq!(scene.joined(), ["sato", "mori"]);
    let again = scene.attempts_while(|scene| scene.pass(mins(5)));
    assert_eq!(again.len(), 1, "{again:?}");
    assert!(again[0].starts_with("5:00 sato mail"), "{again:?}");
}

#[test]
fn handing_over_before_an_acceptance_calls_that_person_instead() {
    let mut scene = Scene::of(&THREE);
    scene.hand_over("sato", "kato").unwrap();
    assert_eq!(scene.attempts_of("kato"), ["0:00 kato mail joined"]);
    assert_eq!(scene.called("sato").standing, Standing::HandedOver { to: id("kato") });
    assert_eq!(scene.status(), &Status::Calling);
    let attempts = scene.attempts_while(|scene| scene.pass(mins(6)));
    assert!(attempts.iter().all(|line| !line.contains("sato")), "{attempts:?}");
    assert!(attempts.contains(&"5:00 mori mail joined".to_owned()), "{attempts:?}");
}

#[test]
fn handing_over_to_somebody_outside_the_line_brings_them_in() {
    let mut scene = Scene::of(&TWO);
    let found = crate::world::person("ito", &["sms"]);
    scene.directory.people.insert(found.id.clone(), found);
    scene.hand_over("sato", "ito").unwrap();
    assert_eq!(scene.attempts_of("ito"), ["0:00 ito sms joined"]);
    scene.accept("ito").unwrap();
    assert_eq!(scene.calling().lead(), Some(&id("ito")));
}

#[test]
fn handing_over_to_somebody_without_a_contact_goes_on_to_the_next_at_once() {
    let mut scene = Scene::of(&[("sato", &["mail"]), ("mori", &["mail"]), ("kato", &[])]);
    scene.hand_over("sato", "kato").unwrap();
    assert_eq!(scene.joined(), ["sato", "mori", "kato"]);
    assert_eq!(scene.attempts_of("mori"), ["0:00 mori mail joined"]);
}

#[test]
fn the_same_hand_over_twice_is_nothing_new() {
    for is_lead in [false, true] {
        let mut scene = Scene::of(&THREE);
        if is_lead {
            scene.accept("sato").unwrap();
        }
        scene.hand_over("sato", "kato").unwrap();
        let before = scene.ledger.len();
        scene.hand_over("sato", "kato").unwrap();
        assert_eq!(scene.ledger.len(), before);
    }
}

#[test]
fn it_cannot_be_handed_to_oneself_to_the_reporter_or_to_nobody() {
    for is_lead in [false, true] {
        let mut scene = Scene::of(&TWO);
        if is_lead {
            scene.accept("sato").unwrap();
        }
        for name in ["sato", REPORTER] {
            let refused = Err(Refusal::CannotHandOverTo { person: id(name) });
            assert_eq!(scene.hand_over("sato", name), refused);
        }
        let unknown = Err(Refusal::UnknownPerson { person: "nobody".into() });
        assert_eq!(scene.hand_over("sato", "nobody"), unknown);
    }
}

#[test]
fn a_lead_who_hands_over_keeps_it_until_the_next_has_accepted() {
    let mut scene = Scene::of(&TWO);
    scene.accept("sato").unwrap();
    let at = scene.now;
    scene.hand_over("sato", "mori").unwrap();
    assert_eq!(scene.status(), &has("sato", at));
    let calls = scene.attempts_while(|scene| scene.pass(mins(3)));
    assert_eq!(calls, ["1:00 mori voice call", "2:00 mori voice call", "3:00 mori voice call"]);
    assert_eq!(scene.status(), &has("sato", at));
    scene.accept("mori").unwrap();
    assert_eq!(scene.status(), &has("mori", START.after(mins(3))));
    let told = ["3:00 sato mail accepted", "3:00 tanaka mail accepted"];
    assert_eq!(scene.attempts_of("accepted").split_off(1), told);
    let later = scene.attempts_while(|scene| scene.pass(mins(60)));
    assert_eq!(later, [""; 0]);
}

#[test]
fn a_hand_over_that_is_declined_leaves_the_lead_where_it_is() {
    let mut scene = Scene::of(&TWO);
    scene.accept("sato").unwrap();
    let at = scene.now;
    scene.hand_over("sato", "mori").unwrap();
    scene.cannot("mori").unwrap();
    assert_eq!(scene.status(), &has("sato", at));
    assert_eq!(scene.wake_up, None);
    let later = scene.attempts_while(|scene| scene.pass(mins(60)));
    assert_eq!(later, [""; 0]);
}

#[test]
fn a_hand_over_that_is_passed_on_reaches_the_next_person() {
    let mut scene = Scene::of(&THREE);
    scene.accept("sato").unwrap();
    let at = scene.now;
    scene.hand_over("sato", "mori").unwrap();
    scene.hand_over("mori", "kato").unwrap();
    assert_eq!(scene.status(), &has("sato", at));
    assert_eq!(scene.calling().hand_over_to, Some(id("kato")));
    assert_eq!(scene.state_of(&scene.last("kato", "mail")), AttemptState::HandedOver);
    scene.accept("kato").unwrap();
    assert_eq!(scene.calling().lead(), Some(&id("kato")));
}

#[test]
fn a_hand_over_that_is_passed_back_to_the_lead_is_over() {
    let mut scene = Scene::of(&THREE);
    scene.accept("sato").unwrap();
    let at = scene.now;
    scene.hand_over("sato", "mori").unwrap();
    let news = scene.attempts_while(|scene| scene.hand_over("mori", "sato").unwrap());
    assert_eq!(news, [""; 0]);
    assert_eq!(scene.status(), &has("sato", at));
    assert_eq!(scene.called("sato").standing, Standing::Accepted);
    assert_eq!(scene.wake_up, None);
}

#[test]
fn a_second_hand_over_takes_the_place_of_the_first() {
    let mut scene = Scene::of(&THREE);
    scene.accept("sato").unwrap();
    scene.hand_over("sato", "mori").unwrap();
    scene.hand_over("sato", "kato").unwrap();
    assert_eq!(scene.accept("mori"), Err(Refusal::AlreadyAccepted { lead: id("sato") }));
    let attempts = scene.attempts_while(|scene| scene.pass(mins(20)));
    assert!(attempts.iter().all(|line| line.contains("kato")), "{attempts:?}");
    assert_eq!(attempts.len(), 4);
}

#[test]
fn a_promise_on_a_hand_over_quiets_the_calls_to_that_person_until_its_end() {
    let mut scene = Scene::of(&TWO);
    scene.accept("sato").unwrap();
    scene.hand_over("sato", "mori").unwrap();
    scene.promise("mori", 10).unwrap();
    assert_eq!(scene.calling().lead(), Some(&id("sato")));
    let quiet = scene.attempts_while(|scene| scene.pass(secs(599)));
    assert_eq!(quiet, [""; 0]);
    let resumed = scene.attempts_while(|scene| scene.pass(secs(1)));
    assert!(resumed.contains(&"10:00 mori mail reminder".to_owned()), "{resumed:?}");
}

#[test]
fn a_lead_cannot_promise_what_they_have() {
    let mut scene = Scene::of(&TWO);
    scene.accept("sato").unwrap();
    let already = Err(Refusal::AlreadyAccepted { lead: id("sato") });
    assert_eq!(scene.promise("sato", 5), already);
}

#[test]
fn the_calling_resumes_when_the_lead_cannot_go_on() {
    let mut scene = Scene::of(&THREE);
    scene.pass(mins(3));
    scene.accept("sato").unwrap();
    scene.pass(mins(60));
    let resumed = scene.attempts_while(|scene| scene.cannot("sato").unwrap());
    assert_eq!(scene.status(), &Status::Calling);
    let mut resumed: Vec<&str> = resumed.iter().map(|line| &line[..15]).collect();
    resumed.sort_unstable();
    assert_eq!(resumed, ["63:00 kato mail", "63:00 mori mail"]);
    scene.accept("kato").unwrap();
    assert_eq!(scene.calling().lead(), Some(&id("kato")));
}

#[test]
fn the_calling_resumes_when_the_only_lead_there_is_cannot_go_on() {
    let mut scene = Scene::of(&[("sato", &["mail"])]);
    scene.accept("sato").unwrap();
    scene.pass(mins(60));
    scene.cannot("sato").unwrap();
    let again = scene.attempts_while(|scene| scene.pass(mins(5)));
    assert_eq!(again.len(), 1);
    assert!(again[0].starts_with("65:00 sato mail"));
}

#[test]
fn a_lead_who_cannot_go_on_leaves_the_offered_hand_over_among_the_called() {
    let mut scene = Scene::of(&THREE);
    scene.accept("sato").unwrap();
    scene.hand_over("sato", "kato").unwrap();
    scene.cannot("sato").unwrap();
    assert_eq!(scene.status(), &Status::Calling);
    assert_eq!(scene.calling().hand_over_to, None);
    scene.accept("kato").unwrap();
    assert_eq!(scene.calling().lead(), Some(&id("kato")));
}

#[test]
fn a_stand_down_tells_those_who_were_called_and_unsends_nothing() {
    let mut scene = Scene::of(&THREE);
    scene.pass(mins(3));
    let before = scene.calling().attempts.clone();
    scene.by(REPORTER, stand_down("it was a drill of another team")).unwrap();
    assert_eq!(
        scene.attempts_of("stood_down"),
        ["3:00 sato mail stood_down", "3:00 mori mail stood_down",]
    );
    assert_eq!(scene.calling().attempts[..before.len()], before);
    let expected = Status::StoodDown {
        by: id(REPORTER),
        at: START.after(mins(3)),
        why: "it was a drill of another team".into(),
    };
    assert_eq!(scene.status(), &expected);
    assert_eq!(scene.wake_up, None);
    let later = scene.attempts_while(|scene| scene.pass(mins(60)));
    assert_eq!(later, [""; 0]);
}

#[test]
fn a_stand_down_takes_back_what_waits_but_not_what_is_being_sent() {
    let mut scene = Scene::in_world(&THREE, |_| None);
    scene.pass(mins(3));
    let sent = scene.last("mori", "mail");
    scene.settle(&scene.last("sato", "mail"), try_again()).unwrap();
    let waiting = scene.last("sato", "mail");
    scene.by(REPORTER, stand_down("")).unwrap();
    assert_eq!(scene.state_of(&waiting), AttemptState::Cancelled);
    assert_eq!(scene.state_of(&sent), AttemptState::Planned);
}

#[test]
fn after_a_stand_down_there_is_nothing_to_answer() {
    let mut scene = Scene::of(&TWO);
    scene.by(REPORTER, stand_down("")).unwrap();
    assert_eq!(scene.accept("sato"), Err(Refusal::StoodDown));
    assert_eq!(scene.cannot("sato"), Err(Refusal::StoodDown));
    assert_eq!(scene.by(REPORTER, stand_down("")), Err(Refusal::StoodDown));
}

#[test]
fn a_calling_cannot_be_closed_while_somebody_still_has_to_be_reached() {
    let mut scene = Scene::of(&TWO);
    let close = Command::Close { note: "done".into() };
    assert_eq!(scene.give(&Actor::System, &close), Err(Refusal::StillCalling));
    scene.accept("sato").unwrap();
    scene.hand_over("sato", "mori").unwrap();
    assert_eq!(scene.by("sato", close.clone()), Err(Refusal::StillCalling));
    scene.accept("mori").unwrap();
    scene.by("mori", close.clone()).unwrap();
    let closed = scene.incident.closed.as_ref().unwrap();
    assert_eq!((closed.by.as_str(), closed.note.as_str()), ("mori", "done"));
    assert_eq!(scene.by("mori", close), Err(Refusal::Closed));
    assert_eq!(scene.accept("mori"), Err(Refusal::Closed));
    assert_eq!(scene.wake_up, None);
}

#[test]
fn an_outcome_that_comes_after_the_closing_is_still_recorded() {
    let mut scene = Scene::in_world(&TWO, |_| None);
    let mail = scene.last("sato", "mail");
    scene.accept("sato").unwrap();
    scene.by("sato", Command::Close { note: String::new() }).unwrap();
    scene.settle(&mail, crate::world::refused()).unwrap();
    assert_eq!(scene.state_of(&mail), AttemptState::Failed);
    let tick = scene.ask(&Actor::System, &Command::Tick).unwrap();
    assert_eq!((tick.events, tick.wake_up), (vec![], None));
}
