//! Who may do what (D1), as one table: every command for every role.

use domain::access::{Role, check_command, may_see, roles, who_may_see};
use domain::id::AttemptId;
use domain::incident::escalation::How;
use domain::incident::escalation::reply::Reply;
use domain::incident::report::Via;
use domain::incident::timeline::{EntryKind, Statement};
use domain::incident::{Command, Refusal};
use domain::port::Proof;

use crate::world::{REPORTER, Scene, accepted, id, mins, person};

/// In the order of the table's columns. `waiting` stands in the line, but has not been called yet.
const WHO: [&str; 8] =
    ["stranger", "waiting", REPORTER, "asked", "lead", "brought", "writer", "admin"];

/// lead has accepted, asked was called too, brought and writer were brought in, writer wrote the last entry.
fn scene() -> Scene {
    let people: [(&str, &[&str]); 3] =
        [("lead", &["mail"]), ("asked", &["mail"]), ("waiting", &["mail"])];
    let mut scene = Scene::of(&people);
    for name in ["brought", "writer", "stranger", "admin"] {
        let mut somebody = person(name, &["mail"]);
        somebody.admin = name == "admin";
        scene.directory.people.insert(id(name), somebody);
    }
    scene.pass(mins(3));
    scene.accept("lead").unwrap();
    for name in ["brought", "writer"] {
        scene.by("lead", Command::BringIn { person: id(name) }).unwrap();
    }
    scene.by("writer", Command::AddEntry { statement: statement() }).unwrap();
    scene
}

fn statement() -> Statement {
    Statement {
        kind: EntryKind::Fact,
        text: "x".into(),
        happened: None,
        source: None,
        source_ref: None,
        chip: None,
    }
}

/// Every command with what it comes to for each of [`WHO`]: `y` may, `-` does not exist for them, `n` may not,
/// `a` is not asked.
fn table(scene: &Scene) -> Vec<(Command, &'static str)> {
    let entry = scene.last_entry();
    let attempt = AttemptId::new("att_1_1");
    let why = String::new();
    vec![
        (Command::AddWords { text: why.clone() }, "--ynnnn-"),
        (Command::Tick, "--nnnnn-"),
        (Command::Settle { attempt: attempt.clone(), outcome: accepted(Proof::Seen) }, "--nnnnn-"),
        (Command::Withdraw { attempt }, "--nnnnn-"),
        (Command::Answer { reply: Reply::Accept, via: Via::Web }, "--ayyaa-"),
        (Command::StateReached { person: id("asked"), how: How::Phone }, "--ynynn-"),
        (Command::StandDown { why: why.clone() }, "--ynynn-"),
        (Command::AddEntry { statement: statement() }, "--yyyyy-"),
        (
            Command::CorrectEntry {
                entry: entry.clone(),
                statement: statement(),
                why: why.clone(),
            },
            "--yyyyy-",
        ),
        (Command::RedactEntry { entry, why: why.clone() }, "--nnyny-"),
        (Command::BringIn { person: id("stranger") }, "--nnynn-"),
        (Command::Close { note: why }, "--nnynn-"),
    ]
}

/// The place of each command in the table. A new command does not compile until it has one.
const fn place(command: &Command) -> usize {
    match command {
        Command::AddWords { .. } => 0,
        Command::Tick => 1,
        Command::Settle { .. } => 2,
        Command::Withdraw { .. } => 3,
        Command::Answer { .. } => 4,
        Command::StateReached { .. } => 5,
        Command::StandDown { .. } => 6,
        Command::AddEntry { .. } => 7,
        Command::CorrectEntry { .. } => 8,
        Command::RedactEntry { .. } => 9,
        Command::BringIn { .. } => 10,
        Command::Close { .. } => 11,
    }
}

const COMMANDS: usize = 12;

fn found(scene: &Scene, command: &Command) -> String {
    let answer = |name: &&str| match check_command(&scene.incident, &id(name), command) {
        Ok(()) => 'y',
        Err(Refusal::NotFound) => '-',
        Err(Refusal::NotYours { .. }) => 'n',
        Err(Refusal::NotAsked) => 'a',
        Err(other) => panic!("{command:?}: {other}"),
    };
    WHO.iter().map(answer).collect()
}

#[test]
fn every_command_is_given_only_by_those_the_table_names() {
    let scene = scene();
    let table = table(&scene);
    let places: Vec<usize> = table.iter().map(|(command, _)| place(command)).collect();
    assert_eq!(places, (0..COMMANDS).collect::<Vec<_>>());
    for (command, expected) in &table {
        assert_eq!(found(&scene, command), *expected, "{command:?}");
    }
}

#[test]
fn before_anybody_has_it_nobody_brings_in_closes_or_redacts_for_others() {
    let mut scene = Scene::of(&[("lead", &["mail"]), ("asked", &["mail"])]);
    scene.pass(mins(3));
    scene.by("asked", Command::AddEntry { statement: statement() }).unwrap();
    let entry = scene.last_entry();
    let who = |scene: &Scene, command: &Command| -> Vec<bool> {
        let check = |name| check_command(&scene.incident, &id(name), command).is_ok();
        [REPORTER, "lead", "asked"].map(check).to_vec()
    };
    let close = Command::Close { note: String::new() };
    assert_eq!(who(&scene, &Command::BringIn { person: id("x") }), [false; 3]);
    assert_eq!(who(&scene, &close), [false; 3]);
    let redact = Command::RedactEntry { entry, why: String::new() };
    assert_eq!(who(&scene, &redact), [false, false, true]);
    assert_eq!(who(&scene, &Command::StandDown { why: String::new() }), [true, false, false]);
}

#[test]
fn the_reporter_closes_only_what_was_stood_down() {
    let mut scene = Scene::of(&[("lead", &["mail"])]);
    let close = Command::Close { note: String::new() };
    assert!(check_command(&scene.incident, &id(REPORTER), &close).is_err());
    scene.by(REPORTER, Command::StandDown { why: String::new() }).unwrap();
    scene.by(REPORTER, close).unwrap();
    assert!(scene.incident.closed.is_some());
}

#[test]
fn what_is_refused_changes_nothing() {
    let scene = scene();
    let before = scene.incident.clone();
    for (command, expected) in table(&scene) {
        for (name, _) in WHO.iter().zip(expected.chars()).filter(|(_, answer)| *answer != 'y') {
            let actor = domain::incident::Actor::Person(id(name));
            assert!(scene.ask(&actor, &command).is_err(), "{name}: {command:?}");
        }
    }
    assert_eq!(scene.incident, before);
}

#[test]
fn each_person_has_the_roles_they_came_by() {
    let scene = scene();
    let expected = [
        ("stranger", vec![Role::Stranger]),
        ("waiting", vec![Role::Stranger]),
        (REPORTER, vec![Role::Reporter]),
        ("asked", vec![Role::Asked]),
        ("lead", vec![Role::Lead, Role::Asked]),
        ("brought", vec![Role::BroughtIn]),
        ("writer", vec![Role::BroughtIn]),
        ("admin", vec![Role::Stranger]),
    ];
    for (name, expected) in expected {
        assert_eq!(roles(&scene.incident, &id(name)), expected, "{name}");
    }
}

#[test]
fn those_who_may_see_it_are_those_for_whom_it_exists() {
    let scene = scene();
    let listed = who_may_see(&scene.incident);
    assert_eq!(listed, [REPORTER, "lead", "asked", "brought", "writer"].map(id));
    for name in WHO {
        assert_eq!(may_see(&scene.incident, &id(name)), listed.contains(&id(name)), "{name}");
    }
}

#[test]
fn bringing_in_widens_the_circle_once_and_by_name() {
    let mut scene = Scene::of(&[("lead", &["mail"]), ("asked", &["mail"])]);
    scene.directory.people.insert(id("ito"), person("ito", &[]));
    scene.pass(mins(3));
    scene.accept("lead").unwrap();
    assert_eq!(scene.incident.membership.circle().number(), 1);
    let bring = |name| Command::BringIn { person: id(name) };
    let unknown = Err(Refusal::UnknownPerson { person: "nobody".into() });
    assert_eq!(scene.by("lead", bring("nobody")), unknown);
    for name in [REPORTER, "asked", "lead"] {
        scene.by("lead", bring(name)).unwrap();
    }
    assert_eq!(scene.incident.membership.circle().number(), 1);
    scene.by("lead", bring("ito")).unwrap();
    scene.by("lead", bring("ito")).unwrap();
    assert_eq!(scene.incident.membership.brought_in.len(), 1);
    assert_eq!(scene.incident.membership.circle().number(), 2);
}
