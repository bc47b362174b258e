//! The rehearsal (B6) tells what then happens.

use domain::directory::{Absence, Directory};
use domain::policy::Policy;
use domain::rehearsal::{Problem, Question, Rehearsal, rehearse};
use domain::route::Unusable;

use crate::world::{
    REPORTER, START, Scene, channels, company, everything_arrives, id, mins, person, report,
};

fn play(directory: &Directory, policy: &Policy, minutes: u64) -> Rehearsal {
    let reporter = id(REPORTER);
    let question =
        Question { reporter: &reporter, project: None, at: START, horizon: mins(minutes) };
    rehearse(directory, &channels(), policy, &question)
}

fn problems(people: &[(&str, &[&str])]) -> Vec<Problem> {
    play(&company(people), &Policy::default(), 20).problems
}

/// Each message that the rehearsal lists, in the shape of [`Scene::attempts`].
pub(crate) fn steps(rehearsal: &Rehearsal) -> Vec<String> {
    let show = |step: &domain::rehearsal::RehearsedStep| {
        let after = step.after.as_secs();
        let (minutes, seconds) = (after / 60, after % 60);
        format!("{minutes}:{seconds:02} {} {} {}", step.person, step.channel, step.because.word())
    };
    rehearsal.steps.iter().map(show).collect()
}

#[test]
fn what_is_rehearsed_is_what_happens() {
    let directory = company(&[
        ("sato", &["mail", "voice", "sms"]),
        ("mori", &[]),
        ("kato", &["voice"]),
        ("ito", &["webhook"]),
    ]);
    let policy = Policy::default();
    let rehearsal = play(&directory, &policy, 60);
    let mut scene = Scene::file(directory, policy, everything_arrives, &report(""));
    scene.pass(mins(60));
    assert_eq!(steps(&rehearsal), scene.attempts());
    for member in &rehearsal.line {
        let joined_at = scene.called(member.member.person.as_str()).joined_at;
        assert_eq!(member.joins_after, joined_at.map(|at| at.since(START)), "{member:?}");
    }
}

#[test]
fn it_looks_no_further_than_its_horizon() {
    let directory = company(&[("sato", &["mail"]), ("mori", &["mail"])]);
    let rehearsal = play(&directory, &Policy::default(), 2);
    assert_eq!(steps(&rehearsal), ["0:00 sato mail joined"]);
    let joins: Vec<_> = rehearsal.line.iter().map(|member| member.joins_after).collect();
    assert_eq!(joins, [Some(mins(0)), None]);
    assert_eq!(steps(&play(&directory, &Policy::default(), 3)).len(), 2);
}

#[test]
fn it_names_every_hole_in_the_line() {
    assert_eq!(problems(&[]), [Problem::NobodyToCall]);
    assert_eq!(
        problems(&[("sato", &["mail"]), ("mori", &[]), ("kato", &["voice", "pigeon"])]),
        [
            Problem::NoVoice(id("sato")),
            Problem::NoRoute(id("mori")),
            Problem::UnusableContact(id("kato"), Unusable::NoChannel),
            Problem::OnlyLastResort,
        ]
    );
    assert_eq!(
        problems(&[("sato", &["mail", "voice"])]),
        [Problem::OneDeep, Problem::OnlyLastResort]
    );
}

#[test]
fn an_unused_outside_address_does_not_hide_a_good_one() {
    let mut directory = company(&[("sato", &["mail", "webhook"])]);
    directory.organisation.domains = vec!["example.co.jp".into()];
    let sato = directory.people.get_mut(&id("sato")).unwrap();
    sato.contact[1].address = "https://elsewhere.test/".into();
    let policy = Policy { silent: vec!["mail".into()], ..Policy::default() };
    let found = play(&directory, &policy, 20).problems;
    assert!(!found.contains(&Problem::NoRoute(id("sato"))), "{found:?}");
    assert!(found.contains(&Problem::UnusableContact(id("sato"), Unusable::NotInPolicy)));
    let all_outside = play(&directory, &Policy { silent: vec!["webhook".into()], ..policy }, 20);
    assert!(all_outside.problems.contains(&Problem::NoRoute(id("sato"))));
}

#[test]
fn it_says_when_reporter_project_or_everybody_is_missing() {
    let mut directory = company(&[("sato", &["mail", "voice"]), ("mori", &["mail", "voice"])]);
    let today = START.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date();
    for name in ["sato", "mori"] {
        directory.people.get_mut(&id(name)).unwrap().absence =
            vec![Absence { from: today, to: today }];
    }
    let reporter = id("somebody");
    let question =
        Question { reporter: &reporter, project: Some("prj_x"), at: START, horizon: mins(1) };
    let rehearsal = rehearse(&directory, &channels(), &Policy::default(), &question);
    let expected = [
        Problem::UnknownReporter(reporter.clone()),
        Problem::UnknownProject("prj_x".into()),
        Problem::EverybodyAway,
        Problem::OnlyLastResort,
    ];
    assert_eq!(rehearsal.problems, expected);
    assert_eq!(rehearsal.passed_over.len(), 2);
    assert_eq!(steps(&rehearsal).len(), 2);
}

#[test]
fn it_shows_people_found_after_the_line_was_drawn() {
    // Somebody comes back from an absence while nobody in the line can be reached.
    let mut directory = company(&[("sato", &[])]);
    let mut mori = person("mori", &["mail"]);
    let midnight = START.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date();
    mori.absence = vec![Absence { from: midnight, to: midnight }];
    directory.people.insert(id("mori"), mori);
    directory.organisation.last_resort.push(id("mori"));
    let rehearsal = play(&directory, &Policy::default(), 24 * 60);
    let line: Vec<_> = rehearsal.line.iter().map(|m| m.member.person.as_str()).collect();
    assert_eq!(line, ["sato", "mori"]);
    assert!(rehearsal.steps.iter().any(|step| step.person == id("mori")));
}
