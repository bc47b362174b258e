//! A clock that is set, forward or back, silences nothing.

use domain::incident::escalation::reply::Reply;
use testkit::{Behaviour, World, mail_of, mins, secs};

#[test]
fn a_clock_set_back_by_an_hour_delays_nothing() {
    let mut world = World::new();
    world.report("it is down").by("carol");
    world.advance(secs(50));
    world.expect_all();
    world.clock().back(mins(60));
    world.advance(secs(10));
    world.expect_attempt("ann").within(secs(10));
    world.expect_all();
    world.advance(mins(3));
    world.expect_attempt("bob").within(mins(3));
}

#[test]
fn a_clock_set_back_does_not_hold_back_a_message_that_waits_for_its_turn() {
    let mut world = World::new();
    let not_before = Some(world.now().after(secs(60)));
    let why = domain::port::Why::RateLimited;
    world.outside().next(&mail_of("ann"), Behaviour::TryAgain { not_before, why });
    world.report("it is down").by("carol");
    world.expect_all();
    world.clock().back(mins(120));
    world.advance(secs(60));
    let by_mail = world.sent().into_iter().skip(2).filter(|sent| sent.channel == "mail");
    assert!(by_mail.count() >= 1);
}

#[test]
fn a_clock_set_back_while_ippo_was_down_delays_nothing_for_longer_than_one_round() {
    let mut world = World::new();
    world.report("it is down").by("carol");
    world.expect_all();
    world.crash();
    world.clock().back(mins(600));
    world.restart();
    world.advance(mins(5));
    world.expect_attempt("ann");
}

#[test]
fn a_clock_set_forward_makes_due_what_it_passes_and_then_keeps_its_pace() {
    let mut world = World::new();
    world.report("it is down").by("carol");
    world.expect_all();
    world.clock().forward(mins(60 * 24));
    world.work();
    world.expect_attempt("bob").within(secs(0));
    let burst = world.sent().len();
    assert!(burst < 12, "{burst} messages at once");
    world.expect_all();
    world.advance(mins(3));
    world.expect_attempt("ann");
}

#[test]
fn a_clock_set_back_during_a_promise_cannot_stretch_it_beyond_the_longest_promise() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    world.expect_all();
    world.answer(&id, "ann", Reply::Promise { minutes: 10 }).unwrap();
    world.clock().back(mins(600));
    world.advance(mins(30));
    world.expect_attempt("ann");
}

#[test]
fn a_clock_that_goes_back_and_forth_neither_stops_nor_floods() {
    let mut world = World::new();
    world.report("it is down").by("carol");
    for round in 0..60 {
        if round % 2 == 0 {
            world.clock().back(secs(90));
        } else {
            world.clock().forward(secs(90));
        }
        world.advance(secs(30));
    }
    let sent = world.sent().len();
    assert!((20..400).contains(&sent), "{sent} messages in half an hour");
}
