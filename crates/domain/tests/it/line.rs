//! The responsible line (B1), case by case.

use domain::directory::{Absence, Directory, Project, Rota, Team};
use domain::id::{ProjectId, RotaId, TeamId};
use domain::line::{ResponsibleLine, responsible_line};
use domain::time::Timestamp;

use crate::world::{START, id, person};

const EVERYBODY: [&str; 14] = [
    "aoki", "chief", "deputy", "duty", "friend", "head", "head2", "last", "lead", "lead2",
    "manager", "manager2", "tanaka", "top",
];

/// tanaka reports to manager, who reports to head, who reports to top; the project is led by lead.
fn company() -> Directory {
    let mut directory = Directory::default();
    for name in EVERYBODY {
        directory.people.insert(id(name), person(name, &["mail"]));
    }
    manage(&mut directory, "tanaka", "manager");
    manage(&mut directory, "manager", "head");
    manage(&mut directory, "head", "top");
    deputise(&mut directory, "lead", "lead2");
    deputise(&mut directory, "manager", "manager2");
    deputise(&mut directory, "head", "head2");
    add_team(&mut directory, "own", Some("chief"), &["deputy"], &["tanaka", "friend"]);
    directory.rotas.insert(
        RotaId::new("rota_own"),
        Rota {
            id: RotaId::new("rota_own"),
            team: TeamId::new("own"),
            start: "2026-01-01T00:00:00Z".parse().unwrap(),
            shift_hours: 24,
            members: vec![id("duty")],
        },
    );
    directory.projects.insert(
        ProjectId::new("prj"),
        Project {
            id: ProjectId::new("prj"),
            name: "Checkout".into(),
            team: None,
            lead: Some(id("lead")),
            deputies: vec![id("aoki")],
        },
    );
    directory.organisation.last_resort = vec![id("last")];
    directory
}

fn add_team(
    directory: &mut Directory,
    name: &str,
    lead: Option<&str>,
    deputies: &[&str],
    members: &[&str],
) {
    let team = Team {
        id: TeamId::new(name),
        name: name.into(),
        lead: lead.map(id),
        deputies: deputies.iter().map(|name| id(name)).collect(),
        members: members.iter().map(|name| id(name)).collect(),
    };
    directory.teams.insert(team.id.clone(), team);
}

fn manage(directory: &mut Directory, name: &str, manager: &str) {
    directory.people.get_mut(&id(name)).unwrap().manager = Some(id(manager));
}

fn deputise(directory: &mut Directory, name: &str, deputy: &str) {
    directory.people.get_mut(&id(name)).unwrap().deputies.push(id(deputy));
}

fn project(directory: &mut Directory) -> &mut Project {
    directory.projects.get_mut(&ProjectId::new("prj")).unwrap()
}

/// Away from the day before the report to the day after.
fn send_away(directory: &mut Directory, names: &[&str]) {
    let today = START.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date();
    for name in names {
        directory.people.get_mut(&id(name)).unwrap().absence =
            vec![Absence { from: today.yesterday().unwrap(), to: today.tomorrow().unwrap() }];
    }
}

fn draw(directory: &Directory, reporter: &str, project: Option<&str>) -> ResponsibleLine {
    responsible_line(directory, &id(reporter), project.map(ProjectId::new).as_ref(), START)
}

fn members(line: &ResponsibleLine) -> Vec<String> {
    line.members.iter().map(|m| format!("{} {}", m.person, m.because.word())).collect()
}

#[track_caller]
fn check(directory: &Directory, project: Option<&str>, expected: &[&str]) {
    let line = draw(directory, "tanaka", project);
    assert_eq!(members(&line), expected);
    assert!(!line.is_everybody_away);
}

const OWN_LINE: [&str; 9] = [
    "manager manager",
    "manager2 manager_deputy",
    "head manager_above",
    "head2 manager_deputy",
    "top manager_above",
    "chief team_lead",
    "deputy team_deputy",
    "duty on_call",
    "last last_resort",
];

fn own_line_without(names: &[&str]) -> Vec<&'static str> {
    let is_out = |row: &&str| names.iter().any(|name| row.starts_with(&format!("{name} ")));
    OWN_LINE.into_iter().filter(|row| !is_out(row)).collect()
}

#[test]
fn goes_from_the_project_lead_over_managers_team_and_rota_to_the_last_resort() {
    let mut expected = vec!["lead project_lead", "aoki project_deputy", "lead2 project_deputy"];
    expected.extend(OWN_LINE);
    check(&company(), Some("prj"), &expected);
}

#[test]
fn without_a_project_it_begins_with_the_reporters_manager() {
    check(&company(), None, &OWN_LINE);
}

#[test]
fn an_unknown_project_counts_as_none() {
    check(&company(), Some("prj_nothing"), &OWN_LINE);
}

#[test]
fn a_project_without_a_lead_is_led_by_its_team() {
    let mut directory = company();
    add_team(&mut directory, "theirs", Some("friend"), &["aoki"], &[]);
    deputise(&mut directory, "friend", "lead2");
    let project = project(&mut directory);
    (project.lead, project.deputies) = (None, vec![]);
    project.team = Some(TeamId::new("theirs"));
    let mut expected = vec!["friend project_lead", "aoki project_deputy", "lead2 project_deputy"];
    expected.extend(OWN_LINE);
    check(&directory, Some("prj"), &expected);
}

#[test]
fn the_team_of_a_project_with_its_own_lead_stands_in_for_them() {
    let mut directory = company();
    add_team(&mut directory, "theirs", Some("friend"), &[], &[]);
    project(&mut directory).team = Some(TeamId::new("theirs"));
    let line = draw(&directory, "tanaka", Some("prj"));
    assert_eq!(
        members(&line)[..4],
        [
            "lead project_lead",
            "aoki project_deputy",
            "lead2 project_deputy",
            "friend project_deputy",
        ]
    );
}

#[test]
fn a_project_of_a_team_that_is_gone_goes_on_with_the_reporters_own_line() {
    let mut directory = company();
    let project = project(&mut directory);
    (project.lead, project.deputies) = (None, vec![]);
    project.team = Some(TeamId::new("team_gone"));
    check(&directory, Some("prj"), &OWN_LINE);
}

#[test]
fn a_reporter_who_leads_the_project_is_passed_to_their_deputies() {
    let mut directory = company();
    project(&mut directory).lead = Some(id("tanaka"));
    deputise(&mut directory, "tanaka", "friend");
    let mut expected = vec!["aoki project_deputy", "friend project_deputy"];
    expected.extend(OWN_LINE);
    check(&directory, Some("prj"), &expected);
}

#[test]
fn a_reporter_who_leads_their_own_team_is_not_called_themselves() {
    let mut directory = company();
    add_team(&mut directory, "own", Some("tanaka"), &["deputy", "tanaka"], &[]);
    check(&directory, None, &own_line_without(&["chief"]));
}

#[test]
fn somebody_with_two_parts_stands_in_it_once_at_the_first() {
    let mut directory = company();
    project(&mut directory).lead = Some(id("head"));
    directory.organisation.last_resort = vec![id("manager"), id("head"), id("last")];
    let line = draw(&directory, "tanaka", Some("prj"));
    assert_eq!(members(&line)[..2], ["head project_lead", "aoki project_deputy"]);
    assert_eq!(line.members.iter().filter(|m| m.person == id("head")).count(), 1);
    assert_eq!(line.members.iter().filter(|m| m.person == id("manager")).count(), 1);
}

#[test]
fn people_who_are_away_are_passed_over_and_named_with_their_last_day() {
    let mut directory = company();
    send_away(&mut directory, &["manager", "duty"]);
    let line = draw(&directory, "tanaka", None);
    assert_eq!(members(&line), own_line_without(&["manager", "duty"]));
    let tomorrow = START.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date().tomorrow().unwrap();
    let passed: Vec<_> =
        line.passed_over.iter().map(|p| (p.person.as_str(), p.because.word(), p.until)).collect();
    assert_eq!(passed, [("manager", "manager", tomorrow), ("duty", "on_call", tomorrow)]);
}

#[test]
fn when_everybody_is_away_they_are_called_all_the_same_the_last_resort_first() {
    let mut directory = company();
    send_away(&mut directory, &EVERYBODY);
    let line = draw(&directory, "tanaka", None);
    let mut expected = own_line_without(&["last"]);
    expected.insert(0, "last last_resort");
    assert_eq!(members(&line), expected);
    assert!(line.is_everybody_away);
    assert_eq!(line.passed_over.len(), expected.len());
}

#[test]
fn a_loop_in_the_managers_ends_where_it_began() {
    for back_to in ["tanaka", "manager", "head", "top"] {
        let mut directory = company();
        manage(&mut directory, "top", back_to);
        check(&directory, None, &OWN_LINE);
    }
}

#[test]
fn a_reporter_who_is_their_own_manager_is_taken_to_have_none() {
    let mut directory = company();
    manage(&mut directory, "tanaka", "tanaka");
    check(&directory, None, &OWN_LINE[5..]);
}

#[test]
fn a_manager_who_is_their_own_manager_is_the_top() {
    let mut directory = company();
    manage(&mut directory, "manager", "manager");
    check(&directory, None, &own_line_without(&["head", "head2", "top"]));
}

#[test]
fn a_manager_whom_the_directory_does_not_know_is_left_out() {
    let mut directory = company();
    manage(&mut directory, "tanaka", "nobody");
    check(&directory, None, &OWN_LINE[5..]);
}

#[test]
fn a_reporter_without_manager_or_team_goes_to_the_last_resort() {
    let mut directory = company();
    directory.people.insert(id("new"), person("new", &[]));
    assert_eq!(members(&draw(&directory, "new", None)), ["last last_resort"]);
}

#[test]
fn a_reporter_whom_the_directory_does_not_know_goes_to_the_project_and_the_last_resort() {
    let expected =
        ["lead project_lead", "aoki project_deputy", "lead2 project_deputy", "last last_resort"];
    assert_eq!(members(&draw(&company(), "somebody", Some("prj"))), expected);
    assert_eq!(members(&draw(&company(), "somebody", None)), ["last last_resort"]);
}

#[test]
fn the_rota_of_the_projects_team_comes_before_that_of_the_own_team() {
    let mut directory = company();
    add_team(&mut directory, "theirs", None, &[], &[]);
    project(&mut directory).team = Some(TeamId::new("theirs"));
    let mut rota = directory.rotas[&RotaId::new("rota_own")].clone();
    (rota.id, rota.team) = (RotaId::new("rota_theirs"), TeamId::new("theirs"));
    rota.members = vec![id("friend")];
    directory.rotas.insert(rota.id.clone(), rota);
    let line = members(&draw(&directory, "tanaka", Some("prj")));
    let place = |row: &str| line.iter().position(|found| found == row);
    assert!(place("friend on_call").unwrap() < place("duty on_call").unwrap());
}

#[test]
fn a_rota_before_its_start_adds_nobody() {
    let directory = company();
    let early = Timestamp::from_millisecond(0);
    let line = responsible_line(&directory, &id("tanaka"), None, early);
    assert_eq!(members(&line), own_line_without(&["duty"]));
}

#[test]
fn a_last_resort_who_reports_goes_to_anyone_left_admins_and_reachable_people_first() {
    let mut directory = Directory::default();
    for (name, channels) in [("aa", &[][..]), ("bb", &["mail"]), ("cc", &["mail"]), ("me", &[])] {
        directory.people.insert(id(name), person(name, channels));
    }
    directory.people.get_mut(&id("cc")).unwrap().admin = true;
    directory.organisation.last_resort = vec![id("me")];
    let line = draw(&directory, "me", None);
    assert_eq!(members(&line), ["cc anyone_left", "bb anyone_left", "aa anyone_left"]);
    assert!(!line.is_everybody_away);
}

#[test]
fn is_empty_only_when_the_directory_knows_nobody_but_the_reporter() {
    let mut directory = Directory::default();
    assert_eq!(draw(&directory, "me", None), ResponsibleLine::default());
    directory.people.insert(id("me"), person("me", &["mail"]));
    directory.organisation.last_resort = vec![id("me"), id("gone")];
    manage(&mut directory, "me", "me");
    assert_eq!(draw(&directory, "me", None), ResponsibleLine::default());
}
