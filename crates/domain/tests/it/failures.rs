//! A failed delivery is news at once (B4).

use domain::incident::escalation::AttemptState;
use domain::incident::{Actor, Command, Event, Refusal};
use domain::port::{Outcome, Proof, Why};

use crate::world::{START, Scene, accepted, everything_arrives, mins, refused, secs, try_again};

const ONE: [(&str, &[&str]); 1] = [("sato", &["mail", "voice"])];
const TWO: [(&str, &[&str]); 2] = [("sato", &["mail", "voice"]), ("mori", &["mail", "voice"])];
const NO_VOICE: [(&str, &[&str]); 3] =
    [("sato", &["mail"]), ("mori", &["mail"]), ("kato", &["mail"])];

#[test]
fn a_failed_silent_delivery_rings_at_once() {
    for outcome in [try_again(), refused(), misconfigured()] {
        let mut scene = Scene::in_world(&TWO, |_| None);
        scene.now = START.after(secs(2));
        let mail = scene.last("sato", "mail");
        scene.settle(&mail, outcome.clone()).unwrap();
        assert_eq!(scene.attempts_of("voice"), ["0:02 sato voice fallback"], "{outcome:?}");
        assert_eq!(scene.state_of(&mail), AttemptState::Failed);
    }
}

fn misconfigured() -> Outcome {
    Outcome::Misconfigured { field: "mail.password_file", why: Why::Authentication }
}

#[test]
fn one_failed_channel_of_two_leaves_time_for_the_other() {
    let mut scene = Scene::in_world(&[("sato", &["mail", "sms", "voice"])], |_| None);
    scene.settle(&scene.last("sato", "mail"), refused()).unwrap();
    assert!(scene.attempts_of("voice").is_empty());
    scene.settle(&scene.last("sato", "sms"), refused()).unwrap();
    assert_eq!(scene.attempts_of("voice"), ["0:00 sato voice fallback"]);
}

#[test]
fn with_no_telephone_the_next_person_joins_at_once() {
    let mut scene = Scene::in_world(&NO_VOICE, |_| None);
    scene.settle(&scene.last("sato", "mail"), refused()).unwrap();
    assert_eq!(scene.attempts(), ["0:00 sato mail joined", "0:00 mori mail joined"]);
}

#[test]
fn when_the_telephone_fails_too_the_next_person_joins_at_once() {
    let mut scene = Scene::in_world(&TWO, |_| None);
    scene.settle(&scene.last("sato", "mail"), refused()).unwrap();
    scene.settle(&scene.last("sato", "voice"), try_again()).unwrap();
    assert_eq!(scene.attempts_of("mori"), ["0:00 mori mail joined"]);
}

#[test]
fn when_nothing_gets_through_everybody_is_called_within_the_second() {
    let scene = Scene::in_world(&TWO, |_| Some(refused()));
    let expected = [
        "0:00 sato mail joined",
        "0:00 sato voice fallback",
        "0:00 mori mail joined",
        "0:00 mori voice fallback",
    ];
    assert_eq!(scene.attempts(), expected);
}

#[test]
fn a_failure_while_another_person_was_reached_calls_nobody_new() {
    let mut scene = Scene::of(&NO_VOICE);
    scene.pass(mins(3));
    scene.world = |_| Some(refused());
    let attempts = scene.attempts_while(|scene| scene.pass(mins(2)));
    assert_eq!(attempts, ["5:00 sato mail reminder"]);
    assert_eq!(scene.state_of(&scene.last("sato", "mail")), AttemptState::Failed);
    assert_eq!(scene.joined(), ["sato", "mori"]);
}

#[test]
fn everybody_is_called_on_and_on_when_nothing_ever_gets_through() {
    let mut scene = Scene::in_world(&TWO, |_| Some(refused()));
    let attempts = scene.attempts_while(|scene| scene.pass(mins(60)));
    for (words, at_least) in [("sato mail", 12), ("sato voice", 10), ("mori mail", 12)] {
        let found = attempts.iter().filter(|line| line.contains(words)).count();
        assert!(found >= at_least, "{words}: {found}");
    }
    assert!(attempts.len() < 80, "{}", attempts.len());
}

#[test]
fn try_again_is_repeated_with_growing_pauses_within_the_round() {
    let world = |send: &domain::incident::Send| match send.channel.as_str() {
        "mail" => Some(try_again()),
        _ => everything_arrives(send),
    };
    let mut scene = Scene::in_world(&ONE, world);
    scene.pass(secs(299));
    let expected = [
        "0:00 sato mail joined",
        "0:05 sato mail retry",
        "0:15 sato mail retry",
        "0:35 sato mail retry",
        "1:15 sato mail retry",
        "2:35 sato mail retry",
    ];
    assert_eq!(scene.attempts_of("mail"), expected);
}

#[test]
fn repeats_do_not_pile_up_over_the_rounds() {
    let mut scene = Scene::in_world(&[("sato", &["mail"])], |_| Some(try_again()));
    let attempts = scene.attempts_while(|scene| scene.pass(mins(60)));
    let repeats = attempts.iter().filter(|line| line.ends_with("retry")).count();
    let rounds = attempts.iter().filter(|line| line.ends_with("reminder")).count();
    assert_eq!(rounds, 12);
    assert!(repeats <= 12, "{repeats}");
}

#[test]
fn the_pause_begins_anew_after_a_success() {
    let mut scene = Scene::in_world(&[("sato", &["mail"])], |_| Some(try_again()));
    scene.pass(secs(10));
    scene.world = everything_arrives;
    scene.pass(secs(10));
    scene.world = |_| Some(try_again());
    let repeats = scene.attempts_while(|scene| scene.pass(secs(290)));
    assert_eq!(repeats[..2], ["5:00 sato mail reminder", "5:05 sato mail retry"]);
}

#[test]
fn a_named_time_is_waited_for() {
    for (not_before, expected) in
        [(secs(2), Some("0:05")), (secs(90), Some("1:30")), (secs(299), Some("4:59"))]
    {
        let mut scene = Scene::in_world(&ONE, |_| None);
        let not_before = Some(START.after(not_before));
        let outcome = Outcome::TryAgain { not_before, why: Why::RateLimited };
        scene.settle(&scene.last("sato", "mail"), outcome).unwrap();
        let repeats = scene.attempts_of("mail retry");
        let times: Vec<_> = repeats.iter().map(|line| line.split(' ').next()).collect();
        assert_eq!(times, [expected]);
    }
}

#[test]
fn a_named_time_after_the_next_round_plans_no_repeat() {
    let mut scene = Scene::in_world(&ONE, |_| None);
    let outcome =
        Outcome::TryAgain { not_before: Some(START.after(mins(60))), why: Why::RateLimited };
    scene.settle(&scene.last("sato", "mail"), outcome).unwrap();
    assert!(scene.attempts_of("retry").is_empty());
    assert_eq!(scene.attempts_of("voice"), ["0:00 sato voice fallback"]);
}

#[test]
fn repeats_go_on_until_the_next_round_also_when_rounds_are_far_apart() {
    let policy =
        domain::policy::Policy { loop_every: mins(60), ..domain::policy::Policy::default() };
    let directory = crate::world::company(&[("sato", &["mail"])]);
    let world = |_: &domain::incident::Send| Some(try_again());
    let mut scene = Scene::file(directory, policy, world, &crate::world::report(""));
    scene.pass(mins(20));
    let late =
        scene.attempts_of("retry").into_iter().filter(|line| !line.starts_with("0:")).count();
    assert!(late >= 4, "{:?}", scene.attempts());
}

#[test]
fn a_telephone_call_that_failed_for_a_moment_is_left_to_the_pace_of_calls() {
    let world = |send: &domain::incident::Send| match send.channel.as_str() {
        "voice" => Some(try_again()),
        _ => everything_arrives(send),
    };
    let mut scene = Scene::in_world(&ONE, world);
    scene.pass(secs(130));
    assert_eq!(scene.attempts_of("voice"), ["1:00 sato voice call", "2:00 sato voice call"]);
}

#[test]
fn an_address_that_was_refused_for_good_is_left_out_of_the_next_round() {
    let world = |send: &domain::incident::Send| match send.channel.as_str() {
        "mail" => Some(refused()),
        _ => everything_arrives(send),
    };
    let mut scene = Scene::in_world(&[("sato", &["mail", "sms"])], world);
    scene.pass(mins(5));
    assert_eq!(scene.attempts_of("mail"), ["0:00 sato mail joined"]);
    assert_eq!(scene.attempts_of("sms"), ["0:00 sato sms joined", "5:00 sato sms reminder"]);
}

#[test]
fn nobody_is_given_up_when_every_address_was_refused_for_good() {
    let mut scene = Scene::in_world(&[("sato", &["mail"])], |_| Some(refused()));
    scene.pass(mins(10));
    let expected = ["0:00 sato mail joined", "5:00 sato mail reminder", "10:00 sato mail reminder"];
    assert_eq!(scene.attempts(), expected);
}

#[test]
fn a_dead_number_does_not_take_the_calls_of_the_living_one() {
    let world = |send: &domain::incident::Send| {
        if send.address.starts_with("+8190123451") {
            Some(refused())
        } else {
            everything_arrives(send)
        }
    };
    let mut scene = Scene::in_world(&[("sato", &["mail", "voice", "voice"])], world);
    scene.pass(mins(3));
    let states: Vec<AttemptState> = scene
        .calling()
        .attempts
        .iter()
        .filter(|attempt| attempt.channel == "voice")
        .map(|attempt| attempt.state)
        .collect();
    let living = AttemptState::HandedOver;
    assert_eq!(states, [AttemptState::Failed, living, living]);
}

#[test]
fn the_same_outcome_twice_is_recorded_once() {
    for outcome in [accepted(Proof::HandedOver), accepted(Proof::Seen), try_again(), refused()] {
        let mut scene = Scene::in_world(&ONE, |_| None);
        let mail = scene.last("sato", "mail");
        scene.settle(&mail, outcome.clone()).unwrap();
        let before = scene.ledger.len();
        scene.settle(&mail, outcome).unwrap();
        assert_eq!(scene.ledger.len(), before);
    }
}

#[test]
fn an_outcome_only_ever_moves_forward() {
    let mut scene = Scene::in_world(&ONE, |_| None);
    let mail = scene.last("sato", "mail");
    let steps = [
        (accepted(Proof::HandedOver), AttemptState::HandedOver),
        (accepted(Proof::Seen), AttemptState::Seen),
        (accepted(Proof::Delivered), AttemptState::Seen),
        (refused(), AttemptState::Seen),
        (accepted(Proof::PickedUp), AttemptState::PickedUp),
    ];
    for (outcome, expected) in steps {
        scene.settle(&mail, outcome).unwrap();
        assert_eq!(scene.state_of(&mail), expected);
    }
    assert_eq!(scene.attempts_of("voice"), [""; 0]);
}

#[test]
fn a_late_outcome_after_the_cancelling_is_recorded() {
    for (outcome, expected) in
        [(accepted(Proof::HandedOver), AttemptState::HandedOver), (refused(), AttemptState::Failed)]
    {
        let mut scene = Scene::in_world(&ONE, |_| None);
        let mail = scene.last("sato", "mail");
        let withdraw = Command::Withdraw { attempt: mail.clone() };
        scene.give(&Actor::System, &withdraw).unwrap();
        assert_eq!(scene.state_of(&mail), AttemptState::Cancelled);
        scene.settle(&mail, outcome).unwrap();
        assert_eq!(scene.state_of(&mail), expected);
    }
}

#[test]
fn an_attempt_that_has_been_tried_cannot_be_withdrawn() {
    let mut scene = Scene::of(&ONE);
    let mail = scene.last("sato", "mail");
    scene.give(&Actor::System, &Command::Withdraw { attempt: mail.clone() }).unwrap();
    assert_eq!(scene.state_of(&mail), AttemptState::HandedOver);
}

#[test]
fn an_attempt_that_was_never_planned_is_refused() {
    let mut scene = Scene::of(&ONE);
    let attempt = domain::id::AttemptId::new("att_of_another");
    let withdraw = Command::Withdraw { attempt: attempt.clone() };
    assert_eq!(scene.settle(&attempt, refused()), Err(Refusal::UnknownAttempt));
    assert_eq!(scene.give(&Actor::System, &withdraw), Err(Refusal::UnknownAttempt));
}

#[test]
fn what_is_wrong_with_the_set_up_is_kept_by_its_key() {
    let mut scene = Scene::in_world(&ONE, |_| None);
    scene.settle(&scene.last("sato", "mail"), misconfigured()).unwrap();
    let found = scene.ledger.iter().find_map(|(event, _, _)| match event {
        Event::AttemptOutcome(outcome) => Some((outcome.field.clone(), outcome.is_final)),
        _ => None,
    });
    assert_eq!(found, Some((Some("mail.password_file".to_owned()), false)));
}

#[test]
fn a_failure_after_somebody_has_it_calls_nobody() {
    let mut scene = Scene::in_world(&NO_VOICE, |_| None);
    let mail = scene.last("sato", "mail");
    scene.accept("sato").unwrap();
    let news = scene.attempts_while(|scene| scene.settle(&mail, refused()).unwrap());
    assert_eq!(news, [""; 0]);
    assert_eq!(scene.joined(), ["sato"]);
}
