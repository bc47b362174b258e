//! Calling people until somebody answers.

use std::time::Duration;

use domain::incident::escalation::{AttemptState, Standing};
use domain::policy::{Amount, Policy};
use domain::rehearsal::Question;
use testkit::{Office, World, mins, per, person, project, secs, team};

#[test]
fn the_responsible_person_has_it_at_once() {
    let mut world = World::new();
    let id = world.report("deleted the customer table").by("carol");
    let mail = world.expect_attempt("ann").within(Duration::ZERO).by("mail").naming(&id);
    let message = &mail.sent().message;
    assert!(message.subject.starts_with("[URGENT]"), "{}", message.subject);
    assert!(message.text.contains("deleted the customer table"));
    assert!(message.answer_url.as_ref().unwrap().starts_with("https://ippo.example.co.jp/a/"));
    world.expect_silence();
}

#[test]
fn climbs_to_the_next_person_when_nobody_answers_in_time() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    world.advance(mins(3));
    world.expect_attempt("ann").by("mail").at(secs(0));
    world.expect_attempt("ann").by("voice").at(mins(1));
    world.expect_attempt("ann").by("voice").at(mins(2));
    world.expect_attempt("ann").by("voice").at(mins(3));
    world.expect_attempt("bob").by("mail").at(mins(3)).naming(&id);
    world.expect_silence();
}

#[test]
fn never_ends_by_itself() {
    let mut world = World::new();
    world.report("it is down").by("carol");
    world.advance(mins(60 * 24));
    let last = world.sent().last().unwrap().at;
    assert!(world.now().since(last) <= Policy::default().longest_gap());
    let of_ann = world.sent().iter().filter(|sent| sent.message.person == per("ann")).count();
    assert!(of_ann > 24 * 10, "{of_ann} attempts in a day");
}

#[test]
fn a_channel_that_says_delivered_does_not_stop_the_calling() {
    let mut world = World::new();
    let proof = testkit::Behaviour::Accept(domain::port::Proof::Seen);
    world.outside().always(&testkit::mail_of("ann"), proof);
    let id = world.report("it is down").by("carol");
    let incident = world.incident(&id);
    assert_eq!(incident.escalation.as_ref().unwrap().attempts[0].state, AttemptState::Seen);
    world.advance(mins(3));
    world.expect_attempt("bob");
}

#[test]
fn what_is_rehearsed_is_what_happens() {
    let policy = Policy {
        climb_after: vec![Amount(mins(2)), Amount(secs(90))],
        remind_every: secs(100),
        loop_every: secs(130),
        voice_calls_max: 2,
        voice_within: mins(7),
        ..Policy::default()
    };
    let offices = [
        Office::usual(),
        Office::usual().person(person("ann").managed_by("bob").voice()),
        Office::usual().person(person("ann").managed_by("bob")),
        Office::usual().person(person("bob").mail().contact("chat", "bob").voice().voice()),
        Office::usual()
            .person(person("dan").mail().voice())
            .team(team("ops").led_by("dan").member("carol"))
            .project(project("shop").led_by("erin").of_team("ops")),
    ];
    for office in offices {
        for policy in [policy.clone(), Policy::default()] {
            let mut world = World::of(office.clone()).policy(policy).start();
            let reporter = per("carol");
            let horizon = mins(45);
            let question = Question {
                reporter: &reporter,
                project: Some("prj_shop"),
                at: world.now(),
                horizon,
            };
            let rehearsed = world.engine().rehearse(&question);
            let began = world.now();
            let id = world.report("").on("prj_shop").by("carol");
            world.advance(horizon);
            let incident = world.incident(&id);
            let attempts = &incident.escalation.as_ref().unwrap().attempts;
            let happened: Vec<_> = attempts
                .iter()
                .map(|a| (a.due_at.since(began), &a.person, &a.channel, &a.hint, a.because))
                .collect();
            let expected: Vec<_> = rehearsed
                .steps
                .iter()
                .map(|s| (s.after, &s.person, &s.channel, &s.hint, s.because))
                .collect();
            assert!(!expected.is_empty());
            assert_eq!(happened, expected);
        }
    }
}

#[test]
fn a_number_that_changes_while_somebody_is_called_is_used_for_the_next_call() {
    let mut world = World::new();
    world.report("it is down").by("carol");
    world.expect_attempt("ann").by("mail");
    world.change(person("ann").managed_by("bob").mail().contact("voice", "+81-90-new"));
    world.advance(mins(1));
    let call = world.expect_attempt("ann").by("voice");
    assert_eq!(call.sent().address, "+81-90-new");
}

#[test]
fn a_person_without_any_contact_does_not_hold_the_calling_up() {
    let mut world = World::of(Office::usual().person(person("ann").managed_by("bob"))).start();
    let id = world.report("it is down").by("carol");
    world.expect_attempt("bob").within(Duration::ZERO);
    let incident = world.incident(&id);
    let called = incident.escalation.as_ref().unwrap().find(&per("ann")).unwrap();
    assert_eq!(called.standing, Standing::Asked);
}

#[test]
fn somebody_who_is_away_is_passed_over_and_that_is_shown() {
    let today = jiff::civil::date(2026, 11, 2);
    let away = person("ann").managed_by("bob").mail().away(today, today);
    let mut world = World::of(Office::usual().person(away)).start();
    let reported = world.report("it is down").filed_by("carol");
    world.expect_attempt("bob");
    world.expect_silence();
    let escalation = reported.incident.escalation.clone().unwrap();
    assert_eq!(escalation.passed_over[0].person, per("ann"));
}

#[test]
fn incidents_do_not_wait_for_one_another() {
    let mut world = World::new();
    let ids: Vec<_> = (0..20).map(|n| world.report(&format!("{n}")).by("carol")).collect();
    world.advance(mins(3));
    for id in &ids {
        let events = world.incident(id);
        assert_eq!(events.escalation.as_ref().unwrap().attempts.len(), 5);
    }
    assert_eq!(world.sent().len(), 100);
}

#[test]
fn a_tick_that_comes_twice_or_too_early_changes_nothing() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    world.expect_attempt("ann");
    let before = world.incident(&id).seq;
    for _ in 0..3 {
        world.do_work(engine::Work::Tick(id.clone()));
    }
    assert_eq!(world.incident(&id).seq, before);
    world.advance(mins(1));
    world.expect_attempt("ann").by("voice").at(mins(1));
    world.expect_silence();
}

#[test]
fn the_reporter_is_never_called_to_their_own_incident() {
    let office = Office::usual().person(person("carol").managed_by("carol").mail().voice());
    let mut world = World::of(office.last_resort("carol")).start();
    let id = world.report("it is down").by("carol");
    world.advance(mins(60));
    let engine = world.engine();
    let ledger = world.run(engine.store().load_ledger(&id)).unwrap();
    assert!(ledger.len() > 10);
    assert!(world.sent().iter().all(|sent| sent.message.person != per("carol")));
    let joined = world.incident(&id);
    assert!(joined.escalation.as_ref().unwrap().find(&per("carol")).is_none());
}
