//! Only a human answer stops the calling, and it stops all of it.

use domain::incident::escalation::reply::Reply;
use domain::incident::escalation::{AttemptState, How, Status};
use domain::incident::{Command, Refusal};
use domain::port::{Outcome, Proof, Purpose};
use engine::EngineError;
use testkit::{Behaviour, World, mail_of, mins, per, secs};

#[test]
fn an_acceptance_stops_everything_and_tells_those_who_were_called() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    world.advance(mins(4));
    world.expect_all();
    world.answer(&id, "ann", Reply::Accept).unwrap();
    world.expect_news("bob").by("mail").meant_as(Purpose::Accepted);
    world.expect_news("carol").by("mail").meant_as(Purpose::Accepted);
    world.advance(mins(60 * 24));
    world.expect_silence();
    assert_eq!(world.engine().next_look(&id), None);
    assert!(world.run(world.engine().store().list_wake_ups()).unwrap().is_empty());
}

#[test]
fn what_was_planned_but_not_sent_when_somebody_accepts_is_never_sent() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    world.expect_all();
    world.clock().forward(mins(1));
    for tick in world.take_due() {
        world.do_work(tick);
    }
    // Ann's telephone is planned; before it rings she accepts on the page.
    let calls = world.take_due();
    assert_eq!(calls.len(), 1);
    world.answer(&id, "ann", Reply::Accept).unwrap();
    for call in calls {
        world.do_work(call);
    }
    world.expect_news("carol");
    world.expect_silence();
    let incident = world.incident(&id);
    let attempts = &incident.escalation.as_ref().unwrap().attempts;
    assert_eq!(attempts[1].channel, "voice");
    assert_eq!(attempts[1].state, AttemptState::Cancelled);
}

#[test]
fn an_attempt_in_flight_when_somebody_accepts_is_recorded_and_nothing_follows_from_it() {
    for outcome in [
        Outcome::Accepted { provider_ref: None, proof: Proof::Delivered },
        Outcome::TryAgain { not_before: None, why: domain::port::Why::Busy },
    ] {
        let mut world = World::new();
        world.outside().next(&mail_of("ann"), Behaviour::Hang);
        let id = world.report("it is down").by("carol");
        let attempt = world.expect_attempt("ann").sent().message.attempt.clone();
        world.answer(&id, "ann", Reply::Accept).unwrap();
        let incident = world.incident(&id);
        let state = incident.escalation.as_ref().unwrap().find_attempt(&attempt).unwrap().state;
        assert_eq!(state, AttemptState::Planned, "what is on its way is not taken back");
        world.expect_news("carol");
        assert!(world.outside().release(&attempt, outcome.clone()));
        world.settle();
        let incident = world.incident(&id);
        let state = incident.escalation.as_ref().unwrap().find_attempt(&attempt).unwrap().state;
        let expected = match outcome {
            Outcome::Accepted { .. } => AttemptState::Delivered,
            _ => AttemptState::Failed,
        };
        assert_eq!(state, expected);
        world.advance(mins(30));
        world.expect_silence();
    }
}

#[test]
fn the_second_to_accept_is_told_who_was_first() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    world.advance(mins(3));
    world.answer(&id, "bob", Reply::Accept).unwrap();
    let refused = world.answer(&id, "ann", Reply::Accept).unwrap_err();
    let EngineError::Refused(Refusal::AlreadyAccepted { lead }) = refused else {
        panic!("{refused}");
    };
    assert_eq!(lead, per("bob"));
    // The same person again: nothing new happens.
    assert!(world.answer(&id, "bob", Reply::Accept).unwrap().events.is_empty());
}

#[test]
fn of_many_who_accept_at_once_exactly_one_leads() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    world.advance(mins(3));
    let answers = ["ann", "bob"].map(|name| {
        let (engine, id) = (world.engine(), id.clone());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let reply = Reply::Accept;
            let command = Command::Answer { reply, via: domain::incident::report::Via::Link };
            let actor = domain::incident::Actor::Person(per(name));
            runtime.block_on(engine.handle(&id, &actor, &command)).is_ok()
        })
    });
    let accepted = answers.map(|answer| answer.join().unwrap());
    assert_eq!(accepted.iter().filter(|accepted| **accepted).count(), 1);
    world.work();
}

#[test]
fn a_promise_quiets_everybody_and_the_calling_resumes_by_itself() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    world.advance(mins(1));
    world.expect_all();
    world.answer(&id, "ann", Reply::Promise { minutes: 10 }).unwrap();
    world.advance(mins(10) - secs(1));
    world.expect_silence();
    world.advance(secs(1));
    world.expect_attempt("ann").at(mins(11));
    world.expect_attempt("bob").at(mins(11));
}

#[test]
fn a_promise_longer_than_allowed_is_shortened_and_that_is_said() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    let handled = world.answer(&id, "ann", Reply::Promise { minutes: 600 }).unwrap();
    let expected = domain::incident::report::Note::PromiseShortened { minutes: 30 };
    assert_eq!(handled.notes, [expected]);
    world.expect_all();
    world.advance(mins(30));
    world.expect_attempt("ann");
}

#[test]
fn cannot_calls_the_next_person_at_once_and_leaves_the_one_who_cannot_alone() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    world.expect_attempt("ann");
    world.answer(&id, "ann", Reply::Cannot).unwrap();
    world.expect_attempt("bob").within(secs(0));
    world.advance(mins(4));
    assert!(world.sent().iter().skip(1).all(|sent| sent.message.person == per("bob")));
}

#[test]
fn when_everybody_cannot_everybody_is_asked_again() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    world.answer(&id, "ann", Reply::Cannot).unwrap();
    world.answer(&id, "bob", Reply::Cannot).unwrap();
    world.expect_all();
    world.advance(mins(5));
    world.expect_attempt("ann").at(mins(5));
    world.expect_attempt("bob").at(mins(5));
}

#[test]
fn a_hand_over_calls_the_one_named_and_the_lead_keeps_it_until_they_accept() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    world.answer(&id, "ann", Reply::Accept).unwrap();
    world.expect_all();
    world.answer(&id, "ann", Reply::HandOver { to: per("erin") }).unwrap();
    world.expect_attempt("erin").within(secs(0));
    assert_eq!(world.incident(&id).escalation.as_ref().unwrap().lead(), Some(&per("ann")));
    world.advance(mins(5));
    world.expect_attempt("erin").at(mins(5));
    world.answer(&id, "erin", Reply::Accept).unwrap();
    assert_eq!(world.incident(&id).escalation.as_ref().unwrap().lead(), Some(&per("erin")));
    world.expect_all();
    world.advance(mins(60));
    world.expect_silence();
}

#[test]
fn reached_by_the_reporter_is_asked_to_confirm_and_called_again_without_an_answer() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    world.expect_all();
    let person = per("ann");
    world.tell(&id, "carol", Command::StateReached { person, how: How::Phone }).unwrap();
    world.expect_attempt("ann").meant_as(Purpose::Confirm);
    world.advance(mins(10));
    assert!(matches!(world.incident(&id).escalation.as_ref().unwrap().status, Status::Calling));
    let of_ann = world.sent().into_iter().filter(|sent| sent.message.person == per("ann"));
    let resumed = of_ann.filter(|sent| sent.at == world.now()).count();
    assert!(resumed >= 1, "calling her resumes after ten minutes");
}

#[test]
fn standing_down_stops_the_calling_and_tells_the_same_people() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    world.advance(mins(3));
    world.expect_all();
    world.tell(&id, "carol", Command::StandDown { why: "a false alarm".to_owned() }).unwrap();
    let news = world.expect_news("ann").meant_as(Purpose::StoodDown);
    assert!(news.sent().message.text.contains("a false alarm"));
    world.expect_news("bob").meant_as(Purpose::StoodDown);
    world.advance(mins(60));
    world.expect_silence();
}

#[test]
fn a_stranger_sees_nothing_and_changes_nothing() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    let before = world.incident(&id).seq;
    let not_found = |refused| matches!(refused, EngineError::Refused(Refusal::NotFound));
    assert!(not_found(world.answer(&id, "erin", Reply::Accept).unwrap_err()));
    assert!(not_found(world.answer(&id, "bob", Reply::Accept).unwrap_err()), "not asked yet");
    let engine = world.engine();
    assert!(not_found(world.run(engine.load_for(&id, &per("erin"))).unwrap_err()));
    assert!(not_found(world.run(engine.export(&id, Some(&per("erin")))).unwrap_err()));
    assert_eq!(world.incident(&id).seq, before);
}

#[test]
fn a_closed_incident_takes_no_more_but_the_last_outcomes_are_kept() {
    let mut world = World::new();
    world.outside().next(&mail_of("carol"), Behaviour::Hang);
    let id = world.report("it is down").by("carol");
    world.answer(&id, "ann", Reply::Accept).unwrap();
    let news = world.expect_news("carol").sent().message.attempt.clone();
    world.tell(&id, "ann", Command::Close { note: "done".to_owned() }).unwrap();
    let refused = world.tell(&id, "carol", Command::AddWords { text: "more".to_owned() });
    assert!(matches!(refused.unwrap_err(), EngineError::Refused(Refusal::Closed)));
    let outcome = Outcome::Accepted { provider_ref: None, proof: Proof::Delivered };
    assert!(world.outside().release(&news, outcome));
    world.settle();
    let incident = world.incident(&id);
    let attempt = incident.escalation.as_ref().unwrap().find_attempt(&news).unwrap();
    assert_eq!(attempt.state, AttemptState::Delivered);
}
