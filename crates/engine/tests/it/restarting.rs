//! A restart anywhere changes nothing but delay.

use domain::incident::escalation::AttemptState;
use domain::incident::escalation::reply::Reply;
use domain::port::{Outcome, Proof};
use testkit::{Behaviour, World, mail_of, mins, per, secs};

#[test]
fn a_crash_before_the_first_send_only_delays_it() {
    let mut world = World::new();
    let draft = world.report("it is down").draft("carol");
    let id = world.file(draft, None).unwrap().incident.id.clone();
    world.crash();
    world.clock().forward(secs(20));
    world.restart();
    world.work();
    world.expect_attempt("ann").by("mail").at(secs(20)).naming(&id);
    world.advance(mins(3));
    world.expect_attempt("ann").by("voice").at(mins(1));
}

#[test]
fn a_crash_after_the_send_and_before_its_record_repeats_that_one_message_under_the_same_id() {
    let mut world = World::new();
    world.outside().next(&mail_of("ann"), Behaviour::Hang);
    world.report("it is down").by("carol");
    let first = world.expect_attempt("ann").sent().message.clone();
    world.restart();
    world.work();
    let second = world.expect_attempt("ann").sent().message.clone();
    assert_eq!(first, second);
    world.expect_silence();
    let late = Outcome::Accepted { provider_ref: None, proof: Proof::Seen };
    assert!(!world.outside().release(&first.attempt, late), "the old engine is gone");
}

#[test]
fn a_crash_during_a_promise_keeps_the_silence_and_its_end() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    world.expect_all();
    world.answer(&id, "ann", Reply::Promise { minutes: 10 }).unwrap();
    world.advance(mins(4));
    world.restart();
    world.advance(mins(6) - secs(1));
    world.expect_silence();
    world.advance(secs(1));
    world.expect_attempt("ann").at(mins(10));
}

#[test]
fn after_a_long_stop_everything_due_is_done_at_once() {
    let mut world = World::new();
    world.report("it is down").by("carol");
    world.expect_all();
    world.crash();
    world.clock().forward(mins(60));
    world.restart();
    world.work();
    let names: Vec<_> = world.sent().iter().skip(1).map(|s| s.message.person.clone()).collect();
    assert!(names.contains(&per("ann")) && names.contains(&per("bob")), "{names:?}");
}

#[test]
fn a_crash_before_the_news_of_an_acceptance_delays_only_the_news() {
    let mut world = World::new();
    world.outside().next(&mail_of("carol"), Behaviour::HangUnsent);
    let id = world.report("it is down").by("carol");
    world.expect_all();
    world.answer(&id, "ann", Reply::Accept).unwrap();
    world.expect_silence();
    world.restart();
    world.advance(mins(60));
    world.expect_news("carol");
    world.expect_silence();
}

#[test]
fn an_attempt_cut_off_by_a_crash_is_not_repeated_once_somebody_has_accepted() {
    let mut world = World::new();
    world.outside().next(&mail_of("ann"), Behaviour::HangUnsent);
    let id = world.report("it is down").by("carol");
    world.restart();
    world.answer(&id, "ann", Reply::Accept).unwrap();
    world.expect_news("carol");
    world.expect_silence();
    let incident = world.incident(&id);
    let first = &incident.escalation.as_ref().unwrap().attempts[0];
    assert_eq!(first.state, AttemptState::Cancelled);
}

#[test]
fn keys_and_links_are_the_same_after_a_restart() {
    let mut world = World::new();
    let reported = world.report("it is down").key("key-1").filed_by("carol");
    let link = world.expect_attempt("ann").sent().message.answer_url.clone().unwrap();
    world.restart();
    let again = world.report("it is down").key("key-1").filed_by("carol");
    assert_eq!(again.receipt.public_key, reported.receipt.public_key);
    assert_eq!(again.receipt.signature, reported.receipt.signature);
    assert_eq!(world.engine().answer_url(&again.incident, &per("ann")), Some(link));
}

#[test]
fn twenty_restarts_in_a_row_send_nothing_that_one_run_would_not() {
    let run = |restarts: bool| {
        let mut world = World::new();
        world.report("it is down").by("carol");
        for _ in 0..20 {
            if restarts {
                world.restart();
            }
            world.advance(secs(47));
        }
        let sent = world.sent().into_iter();
        sent.map(|s| (s.at, s.message.person, s.channel)).collect::<Vec<_>>()
    };
    assert_eq!(run(true), run(false));
}
