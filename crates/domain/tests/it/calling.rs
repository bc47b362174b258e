//! How fast, how often and whom the calling calls while nobody answers (B2, F10).

use domain::incident::escalation::event::JoinWhy;
use domain::incident::escalation::{AttemptState, Status};
use domain::incident::report::Note;
use domain::incident::{Actor, Command, Event};
use domain::policy::Policy;
use domain::port::{Manner, Proof};
use domain::time::Timestamp;

use crate::world::{
    START, Scene, accepted, company, everything_arrives, mins, person, report, secs,
};

const TWO: [(&str, &[&str]); 2] = [("sato", &["mail", "voice"]), ("mori", &["mail", "voice"])];
const THREE: [(&str, &[&str]); 3] =
    [("sato", &["mail", "voice"]), ("mori", &["mail", "voice"]), ("kato", &["mail", "voice"])];

#[test]
fn every_silent_channel_is_used_at_once_and_together() {
    let scene = Scene::of(&[("sato", &["mail", "voice", "sms", "webhook"])]);
    let expected = ["0:00 sato mail joined", "0:00 sato sms joined", "0:00 sato webhook joined"];
    assert_eq!(scene.attempts(), expected);
}

#[test]
fn the_first_quarter_of_an_hour_goes_by_the_ladder() {
    let mut scene = Scene::of(&THREE);
    scene.pass(mins(13));
    let expected = [
        "0:00 sato mail joined",
        "1:00 sato voice call",
        "2:00 sato voice call",
        "3:00 sato voice call",
        "3:00 mori mail joined",
        "4:00 mori voice call",
        "5:00 sato mail reminder",
        "5:00 mori voice call",
        "6:00 mori voice call",
        "8:00 mori mail reminder",
        "8:00 kato mail joined",
        "9:00 kato voice call",
        "10:00 sato mail reminder",
        "10:00 kato voice call",
        "11:00 kato voice call",
        "13:00 kato mail reminder",
        "13:00 mori mail reminder",
    ];
    assert_eq!(scene.attempts(), expected);
}

#[test]
fn after_the_third_person_one_more_joins_every_two_minutes() {
    let names = ["aa", "bb", "cc", "dd", "ee"];
    let people: Vec<(&str, &[&str])> = names.iter().map(|name| (*name, &["mail"][..])).collect();
    let mut scene = Scene::of(&people);
    scene.pass(mins(15));
    let expected = [
        "0:00 aa mail joined",
        "3:00 bb mail joined",
        "8:00 cc mail joined",
        "10:00 dd mail joined",
        "12:00 ee mail joined",
    ];
    assert_eq!(scene.attempts_of("joined"), expected);
}

#[test]
fn a_telephone_rings_three_times_in_a_quarter_of_an_hour_and_then_again() {
    let mut scene = Scene::of(&[("sato", &["mail", "voice"])]);
    scene.pass(mins(33));
    let calls: Vec<String> = scene
        .attempts_of("voice")
        .iter()
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .collect();
    assert_eq!(
        calls,
        ["1:00", "2:00", "3:00", "16:00", "17:00", "18:00", "31:00", "32:00", "33:00"]
    );
}

#[test]
fn the_numbers_of_one_person_are_called_in_turn() {
    let mut scene = Scene::of(&[("sato", &["mail", "voice", "voice"])]);
    scene.pass(mins(16));
    let hints: Vec<&str> = scene
        .planned()
        .filter(|(planned, _)| planned.is_call)
        .map(|(planned, _)| planned.hint.as_str())
        .collect();
    assert_eq!(hints.len(), 4);
    assert_ne!(hints[0], hints[1]);
    assert_eq!(hints[..2], hints[2..]);
}

#[test]
fn somebody_with_nothing_but_a_telephone_is_rung_at_once() {
    let mut scene = Scene::of(&[("sato", &["voice"])]);
    scene.pass(mins(3));
    let expected = ["0:00 sato voice call", "1:00 sato voice call", "2:00 sato voice call"];
    assert_eq!(scene.attempts(), expected);
}

#[test]
fn somebody_with_no_way_to_be_reached_is_passed_to_the_next_at_once() {
    let mut scene = Scene::of(&[("sato", &[]), ("mori", &["pigeon"]), ("kato", &["mail"])]);
    assert_eq!(scene.attempts(), ["0:00 kato mail joined"]);
    let joins: Vec<_> = scene
        .ledger
        .iter()
        .filter_map(|(event, _, _)| match event {
            Event::PersonJoined(joined) => {
                Some((joined.person.as_str(), joined.why, joined.is_unreachable))
            }
            _ => None,
        })
        .collect();
    let expected = [
        ("sato", JoinWhy::InTurn, true),
        ("mori", JoinWhy::Unreachable, true),
        ("kato", JoinWhy::Unreachable, false),
    ];
    assert_eq!(joins, expected);
    let attempts = scene.attempts_while(|scene| scene.pass(mins(5)));
    assert_eq!(attempts, ["5:00 kato mail reminder"]);
}

#[test]
fn a_contact_found_while_nobody_could_be_reached_is_used_at_the_next_look() {
    let mut scene = Scene::of(&[("sato", &[])]);
    scene.pass(mins(7));
    assert!(scene.attempts().is_empty());
    let found = person("sato", &["mail"]);
    scene.directory.people.insert(found.id.clone(), found);
    scene.pass(Policy::default().loop_every);
    assert_eq!(scene.attempts_of("joined"), ["10:00 sato mail joined"]);
}

#[test]
fn people_who_come_into_the_directory_are_called_when_nobody_else_can_be() {
    let mut scene = Scene::of(&[]);
    assert_eq!(scene.notes, [Note::NobodyToCall]);
    let found = person("sato", &["mail"]);
    scene.directory.organisation.last_resort.push(found.id.clone());
    scene.directory.people.insert(found.id.clone(), found);
    scene.pass(mins(5));
    assert_eq!(scene.attempts(), ["5:00 sato mail joined"]);
}

#[test]
fn a_channel_that_the_policy_leaves_out_is_not_used() {
    let policy = Policy { silent: vec!["sms".into()], ..Policy::default() };
    let people: [(&str, &[&str]); 1] = [("sato", &["mail", "sms"])];
    let scene = Scene::file(company(&people), policy, everything_arrives, &report(""));
    assert_eq!(scene.attempts(), ["0:00 sato sms joined"]);
}

#[test]
fn a_later_change_of_the_policy_does_not_change_a_calling_under_way() {
    let mut scene = Scene::of(&TWO);
    scene.policy.voice_after = secs(1);
    scene.policy.climb_after = vec![domain::policy::Amount(secs(1))];
    scene.pass(secs(59));
    assert_eq!(scene.attempts(), ["0:00 sato mail joined"]);
    let attempts = scene.attempts_while(|scene| scene.pass(secs(1)));
    assert_eq!(attempts, ["1:00 sato voice call"]);
}

#[test]
fn it_never_ends_by_itself_in_a_whole_day() {
    let mut scene = Scene::of(&THREE);
    let longest = Policy::default().loop_every;
    scene.pass(mins(24 * 60));
    assert_eq!(scene.status(), &Status::Calling);
    let times: Vec<Timestamp> = scene.planned().map(|(_, at)| at).collect();
    for pair in times.windows(2) {
        assert!(pair[1].since(pair[0]) <= longest, "{pair:?}");
    }
    assert!(scene.now.since(*times.last().unwrap()) <= longest);
    for name in ["sato", "mori", "kato"] {
        let calls: Vec<Timestamp> = scene
            .planned()
            .filter(|(planned, _)| planned.is_call && planned.person.as_str() == name)
            .map(|(_, at)| at)
            .collect();
        // Three in each quarter of an hour, less the first minutes: no more, and no fewer.
        assert!((280..=288).contains(&calls.len()), "{}", calls.len());
        for four in calls.windows(4) {
            assert!(four[3].since(four[0]) >= mins(15), "{four:?}");
        }
    }
}

#[test]
fn a_night_without_any_wake_up_is_followed_by_one_round_not_by_all_that_were_missed() {
    let mut scene = Scene::of(&THREE);
    scene.now = START.after(mins(8 * 60));
    scene.tick();
    let expected =
        ["480:00 sato mail reminder", "480:00 sato voice call", "480:00 mori mail joined"];
    let attempts = scene.attempts();
    let mut round = attempts[1..].to_vec();
    round.sort();
    let mut wanted = expected.map(str::to_owned);
    wanted.sort();
    assert_eq!(round, wanted);
    assert!(scene.wake_up.is_some_and(|at| at > scene.now));
}

#[test]
fn delivered_seen_and_picked_up_stop_nothing() {
    for proof in [Proof::Delivered, Proof::Seen, Proof::PickedUp] {
        let mut scene = Scene::of(&TWO);
        let mail = scene.last("sato", "mail");
        scene.settle(&mail, accepted(proof)).unwrap();
        assert_eq!(scene.state_of(&mail), AttemptState::from(proof));
        assert_eq!(scene.status(), &Status::Calling);
        scene.pass(mins(3));
        assert_eq!(scene.attempts_of("sato voice").len(), 3, "{proof:?}");
        assert_eq!(scene.joined(), ["sato", "mori"]);
    }
}

#[test]
fn a_second_look_at_the_same_time_does_nothing() {
    let mut scene = Scene::of(&THREE);
    scene.pass(mins(3));
    let again = scene.ask(&Actor::System, &Command::Tick).unwrap();
    assert_eq!(again.events, []);
    assert_eq!(again.wake_up, scene.wake_up);
}

#[test]
fn a_channel_that_is_taken_out_of_service_is_gone_round() {
    let mut scene = Scene::of(&TWO);
    scene.channels.remove("mail");
    scene.pass(mins(5));
    assert_eq!(scene.attempts_of("mail"), ["0:00 sato mail joined"]);
    assert_eq!(scene.attempts_of("mori").first().unwrap(), "3:00 mori voice call");
    scene.channels.insert("mail".into(), Manner::Silent);
    scene.tick();
    assert_eq!(scene.attempts_of("5:00 mori mail"), ["5:00 mori mail reminder"]);
    assert_eq!(scene.attempts_of("5:00 sato mail"), ["5:00 sato mail reminder"]);
}

#[test]
fn forty_people_who_are_due_at_once_are_all_called_within_two_looks() {
    let names: Vec<String> = (0..40).map(|n| format!("p{n:02}")).collect();
    let people: Vec<(&str, &[&str])> =
        names.iter().map(|name| (name.as_str(), &["mail", "voice"][..])).collect();
    let mut scene = Scene::of(&people);
    scene.pass(mins(90));
    assert_eq!(scene.joined().len(), 40);
    let before = scene.attempts().len();
    scene.now = scene.now.after(mins(60));
    scene.tick();
    scene.tick();
    assert_eq!(scene.attempts().len() - before, 80);
    assert!(scene.wake_up.is_some_and(|at| at > scene.now));
}
