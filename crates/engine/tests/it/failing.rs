//! A failure on the way is news at once, and never the end.

use std::sync::Arc;
use std::time::Duration;

use domain::incident::escalation::{Attempt, AttemptState};
use domain::port::{Entropy, Outcome, Proof, Why};
use testkit::{Behaviour, Office, SeededEntropy, World, mail_of, mins, person, secs, voice_of};

fn attempts(world: &World, id: &domain::id::IncidentId) -> Vec<Attempt> {
    world.incident(id).escalation.as_ref().unwrap().attempts.clone()
}

#[test]
fn a_mail_that_fails_rings_the_telephone_at_once_and_is_shown() {
    for (behaviour, why) in [
        (Behaviour::Refuse(Why::UnknownAddress), Why::UnknownAddress),
        (Behaviour::TryAgain { not_before: None, why: Why::Busy }, Why::Busy),
        (Behaviour::Misconfigure, Why::Authentication),
        (Behaviour::Panic, Why::Broken),
    ] {
        let mut world = World::new();
        world.outside().always(&mail_of("ann"), behaviour);
        let id = world.report("it is down").by("carol");
        world.expect_attempt("ann").by("mail");
        world.expect_attempt("ann").by("voice").within(Duration::ZERO);
        let first = &attempts(&world, &id)[0];
        assert_eq!((first.state, first.why), (AttemptState::Failed, Some(why)));
    }
}

#[test]
fn when_every_way_to_a_person_fails_the_next_person_is_called_at_once() {
    let mut world = World::new();
    world.outside().always(&mail_of("ann"), Behaviour::Refuse(Why::MailboxFull));
    world.outside().always(&voice_of("ann"), Behaviour::Refuse(Why::Gone));
    world.report("it is down").by("carol");
    world.expect_attempt("ann").by("mail");
    world.expect_attempt("ann").by("voice");
    world.expect_attempt("bob").by("mail").within(Duration::ZERO);
}

#[test]
fn a_server_that_asks_for_patience_is_tried_again_after_its_time() {
    let mut world = World::new();
    let not_before = Some(world.now().after(secs(40)));
    world
        .outside()
        .next(&mail_of("ann"), Behaviour::TryAgain { not_before, why: Why::RateLimited });
    world.report("it is down").by("carol");
    world.expect_attempt("ann").by("mail").at(secs(0));
    world.expect_attempt("ann").by("voice").at(secs(0));
    world.advance(mins(1));
    world.expect_attempt("ann").by("mail").at(secs(40));
}

#[test]
fn a_channel_that_lies_does_not_stop_the_calling() {
    let mut world = World::new();
    world.outside().always(&mail_of("ann"), Behaviour::Lie);
    world.report("it is down").by("carol");
    world.advance(mins(3));
    world.expect_attempt("ann").by("mail");
    world.expect_attempt("ann").by("voice").at(mins(1));
    world.expect_attempt("bob").at(mins(3));
}

#[test]
fn a_channel_that_hangs_delays_no_other() {
    let mut world = World::new();
    world.outside().always(&mail_of("ann"), Behaviour::Hang);
    let id = world.report("it is down").by("carol");
    world.expect_attempt("ann").by("mail");
    world.advance(mins(3));
    world.expect_attempt("ann").by("voice").at(mins(1));
    world.expect_attempt("ann").by("voice").at(mins(2));
    world.expect_attempt("ann").by("voice").at(mins(3));
    world.expect_attempt("bob").by("mail").at(mins(3));
    let other = world.report("another one").by("erin");
    world.expect_attempt("bob").by("mail").naming(&other);
    let hanging = world.outside().hanging();
    assert_eq!(hanging.len(), 1);
    let late = Outcome::Accepted { provider_ref: None, proof: Proof::HandedOver };
    assert!(world.outside().release(&hanging[0].attempt, late));
    world.settle();
    assert_eq!(attempts(&world, &id)[0].state, AttemptState::HandedOver);
}

#[test]
fn a_mail_to_another_organisation_is_refused_and_the_next_way_is_used_at_once() {
    let ann = person("ann").managed_by("bob").contact("mail", "ann@elsewhere.test").voice();
    let mut world = World::of(Office::usual().person(ann)).start();
    let id = world.report("it is down").by("carol");
    world.expect_attempt("ann").by("voice").within(Duration::ZERO);
    world.expect_silence();
    let first = &attempts(&world, &id)[0];
    assert_eq!((first.channel.as_str(), first.why), ("mail", Some(Why::WiderCircle)));
    assert_eq!(first.state, AttemptState::Failed);
}

#[test]
fn an_outcome_that_cannot_be_stored_is_recorded_later_and_nothing_is_sent_twice() {
    let mut world = World::new();
    world.outside().next(&mail_of("ann"), Behaviour::Hang);
    let id = world.report("it is down").by("carol");
    let attempt = world.expect_attempt("ann").sent().message.attempt.clone();
    world.sabotage().break_ledger();
    let outcome = Outcome::Accepted { provider_ref: None, proof: Proof::Delivered };
    assert!(world.outside().release(&attempt, outcome));
    world.settle();
    world.advance(secs(10));
    assert_eq!(attempts(&world, &id)[0].state, AttemptState::Planned);
    world.sabotage().mend_ledger();
    world.advance(secs(1));
    assert_eq!(attempts(&world, &id)[0].state, AttemptState::Delivered);
    world.expect_silence();
    world.advance(mins(1));
    world.expect_attempt("ann").by("voice");
}

#[test]
fn while_the_store_is_broken_due_calls_wait_and_then_are_made() {
    let mut world = World::new();
    world.report("it is down").by("carol");
    world.expect_attempt("ann");
    world.sabotage().break_ledger();
    world.advance(mins(2));
    world.expect_silence();
    world.sabotage().mend_ledger();
    world.advance(secs(1));
    world.expect_attempt("ann").by("voice").within(secs(1));
}

/// Panics at the draw for recording an outcome, as often as it is told to.
struct Faulty {
    well: SeededEntropy,
    faults: std::sync::atomic::AtomicU32,
}

impl Entropy for Faulty {
    fn fill(&self, buffer: &mut [u8]) {
        use std::sync::atomic::Ordering::SeqCst;
        if self.faults.load(SeqCst) > 0 {
            self.faults.fetch_sub(1, SeqCst);
            std::panic::resume_unwind(Box::new("meant"));
        }
        self.well.fill(buffer);
    }
}

#[test]
fn a_panic_while_an_outcome_is_recorded_does_not_send_the_message_again() {
    let entropy = Arc::new(Faulty { well: SeededEntropy::new(1), faults: 0.into() });
    let mut world = World::of(Office::usual()).entropy(entropy.clone()).start();
    let draft = world.report("it is down").draft("carol");
    let id = world.file(draft, None).unwrap().incident.id.clone();
    entropy.faults.store(3, std::sync::atomic::Ordering::SeqCst);
    world.advance(secs(5));
    world.expect_attempt("ann").by("mail");
    world.expect_silence();
    assert_eq!(attempts(&world, &id)[0].state, AttemptState::HandedOver);
}

#[test]
fn an_address_that_hangs_keeps_no_other_address_of_its_channel_waiting() {
    let mut world = World::of(Office::usual()).parallel_max(8).start();
    world.outside().always(&mail_of("ann"), Behaviour::Hang);
    let drafts: Vec<_> = (0..30).map(|n| world.report(&format!("{n}")).draft("carol")).collect();
    for draft in drafts {
        world.file(draft, None).unwrap();
    }
    let to_bob = world.report("another one").draft("erin");
    world.file(to_bob, None).unwrap();
    let due = world.take_due();
    assert_eq!(due.len(), 31);
    let (engine, outside) = (world.engine(), world.outside().clone());
    world.run(async {
        for work in due {
            let engine = engine.clone();
            tokio::spawn(async move { engine.do_work(work).await });
        }
        let is_with_bob = || outside.sent().iter().any(|sent| sent.address == mail_of("bob"));
        let waiting = async {
            while !is_with_bob() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(secs(30), waiting).await.unwrap();
    });
    let of_ann = world.sent().iter().filter(|sent| sent.address == mail_of("ann")).count();
    assert!(of_ann < 8, "{of_ann} hang");
    world.leave_pending();
}
