//! Properties that hold for every company, policy and course of events.

mod course;
mod given;
mod invariants;

use domain::id::ProjectId;
use domain::incident::Event;
use domain::line::responsible_line;
use domain::rehearsal::{Question, rehearse};
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::properties::course::{Course, Move};
use crate::properties::given::Given;
use crate::world::{START, Scene, everything_arrives, mins};

/// A failing case is printed, smallest first; nothing is written beside the sources.
fn cases(cases: u32) -> Config {
    Config { failure_persistence: None, ..Config::with_cases(cases) }
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn nobody_stands_in_the_line_twice_and_never_the_reporter(given in Given::any()) {
        let directory = given.directory();
        let report = given.report();
        let project = report.project.as_deref().map(ProjectId::new);
        let line = responsible_line(&directory, &report.reporter, project.as_ref(), START);
        for (index, member) in line.members.iter().enumerate() {
            prop_assert!(member.person != report.reporter);
            prop_assert!(directory.people.contains_key(&member.person));
            let later = line.members.iter().skip(index + 1);
            prop_assert!(later.clone().all(|other| other.person != member.person));
        }
        let others = directory.people.keys().filter(|id| **id != report.reporter).count();
        prop_assert_eq!(line.members.is_empty(), others == 0);
        for passed in &line.passed_over {
            prop_assert!(directory.away_until(&passed.person, START).is_some());
            let is_called = line.members.iter().any(|member| member.person == passed.person);
            prop_assert_eq!(is_called, line.is_everybody_away);
        }
        for member in line.members.iter().filter(|_| !line.is_everybody_away) {
            let is_here = directory.away_until(&member.person, START).is_none();
            let is_last = member.because == domain::line::Because::AnyoneLeft;
            prop_assert!(is_here || is_last);
        }
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn whatever_happens_the_invariants_hold(
        given in Given::any(),
        moves in prop::collection::vec(Move::any(), 1..40),
    ) {
        let mut course = Course::begin(&given);
        for made in &moves {
            course.make(made);
        }
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn whatever_people_answer_the_invariants_hold(
        given in Given::any(),
        moves in prop::collection::vec(Move::of_people(), 1..30),
    ) {
        let mut course = Course::begin(&given);
        for made in &moves {
            course.make(made);
        }
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn while_nobody_answers_no_gap_is_longer_than_the_longest(
        given in Given::any(),
        moves in prop::collection::vec(Move::without_people(), 1..30),
    ) {
        let mut course = Course::begin(&given);
        for made in &moves {
            course.make(made);
        }
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn what_is_rehearsed_is_what_happens(given in Given::any(), minutes in 1_u64..40) {
        let (directory, policy, report) = (given.directory(), given.policy(), given.report());
        let question = Question {
            reporter: &report.reporter,
            project: report.project.as_deref(),
            at: START,
            horizon: mins(minutes),
        };
        let rehearsal = rehearse(&directory, &crate::world::channels(), &policy, &question);
        let mut scene = Scene::file(directory, policy, everything_arrives, &report);
        scene.pass(mins(minutes));
        let rehearsed = crate::rehearsal::steps(&rehearsal);
        let happened = scene.attempts();
        // A rehearsal lists a thousand steps and no more.
        if rehearsed.len() < 1_000 {
            prop_assert_eq!(&rehearsed, &happened);
        }
        for member in &rehearsal.line {
            let called = scene.calling().find(&member.member.person);
            let joined = called.and_then(|called| called.joined_at);
            let joins_after = joined.map(|at| at.since(START));
            // Whoever was found later stands in the line without a time.
            let is_drawn = scene.ledger.iter().any(|(event, _, _)| matches!(
                event,
                Event::CallingStarted(started) if started.line.contains(&member.member)
            ));
            if is_drawn && rehearsed.len() < 1_000 {
                prop_assert_eq!(member.joins_after, joins_after);
            }
        }
    }
}
