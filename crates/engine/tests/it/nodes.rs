//! Two engines on one store.

use domain::incident::escalation::reply::Reply;
use domain::incident::{Actor, Command, Refusal};
use domain::ledger::verify;
use engine::EngineError;
use testkit::{World, per};

fn words(text: &str) -> Command {
    Command::AddWords { text: text.to_owned() }
}

#[test]
fn two_engines_that_write_in_turn_leave_no_gap() {
    let mut first = World::new();
    let id = first.report("it is down").by("carol");
    let mut second = first.second();
    for round in 0..6 {
        first.tell(&id, "carol", words(&format!("{round} from one"))).unwrap();
        second.tell(&id, "carol", words(&format!("{round} from the other"))).unwrap();
    }
    let engine = first.engine();
    let lines = first.run(engine.export(&id, None)).unwrap();
    let lines: Vec<String> =
        lines.iter().map(|line| serde_json::to_string(line).unwrap()).collect();
    verify(lines.iter().map(String::as_str)).unwrap();
    let said = lines.iter().filter(|line| line.contains("from ")).count();
    assert_eq!(said, 12);
}

#[test]
fn two_engines_that_write_at_once_leave_no_gap_and_lose_nothing() {
    let mut first = World::new();
    let id = first.report("it is down").by("carol");
    let second = first.second();
    let writers = [first.engine(), second.engine()].map(|engine| {
        let id = id.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let mut kept = 0;
            for number in 0..40 {
                let actor = Actor::Person(per("carol"));
                let words = words(&format!("{number} said"));
                // Losing the race eight times over is answered as an error, never as kept.
                kept += usize::from(runtime.block_on(engine.handle(&id, &actor, &words)).is_ok());
            }
            kept
        })
    });
    let kept: usize = writers.map(|writer| writer.join().unwrap()).iter().sum();
    let engine = first.engine();
    let lines = first.run(engine.export(&id, None)).unwrap();
    let lines: Vec<String> =
        lines.iter().map(|line| serde_json::to_string(line).unwrap()).collect();
    verify(lines.iter().map(String::as_str)).unwrap();
    assert_eq!(lines.iter().filter(|line| line.contains(" said")).count(), kept);
    assert!(kept > 60, "{kept} of 80");
}

#[test]
fn of_two_who_accept_on_two_engines_the_second_is_told_of_the_first() {
    let mut first = World::new();
    let id = first.report("it is down").by("carol");
    first.advance(testkit::mins(3));
    let mut second = first.second();
    assert!(second.incident(&id).escalation.as_ref().unwrap().lead().is_none());
    first.answer(&id, "ann", Reply::Accept).unwrap();
    let refused = second.answer(&id, "bob", Reply::Accept).unwrap_err();
    let EngineError::Refused(Refusal::AlreadyAccepted { lead }) = refused else {
        panic!("{refused}");
    };
    assert_eq!(lead, per("ann"));
}

#[test]
fn what_another_engine_left_undone_is_taken_up_by_looking_again() {
    let mut first = World::new();
    let mut second = first.second();
    let draft = first.report("it is down").draft("carol");
    let id = first.file(draft, None).unwrap().incident.id.clone();
    first.crash();
    second.work();
    second.expect_silence();
    let engine = second.engine();
    second.run(async {
        engine.look_again().await.unwrap();
        engine.look_again().await.unwrap();
    });
    second.work();
    second.expect_attempt("ann").naming(&id);
    second.expect_silence();
    second.advance(testkit::mins(1));
    second.expect_attempt("ann").by("voice");
}

#[test]
fn looking_again_while_a_message_is_on_its_way_does_not_send_it_twice() {
    let mut world = World::new();
    world.outside().next(&testkit::mail_of("ann"), testkit::Behaviour::Hang);
    world.report("it is down").by("carol");
    let attempt = world.expect_attempt("ann").sent().message.attempt.clone();
    let engine = world.engine();
    world.run(engine.look_again()).unwrap();
    world.work();
    world.expect_silence();
    let outcome = domain::port::Outcome::Refused { why: domain::port::Why::Gone };
    assert!(world.outside().release(&attempt, outcome));
    world.settle();
    world.expect_attempt("ann").by("voice");
    world.run(engine.look_again()).unwrap();
    world.work();
    world.expect_silence();
}
