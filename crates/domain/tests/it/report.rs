//! The first report (A1): never refused, whatever it holds.

use domain::id::{EntryId, IncidentId, ProjectId};
use domain::incident::report::{FirstReport, Note, TEXT_CHARS_MAX, Via};
use domain::incident::timeline::EntryKind;
use domain::incident::{Command, Event, Refusal};
use domain::policy::Policy;

use crate::world::{REPORTER, START, Scene, company, everything_arrives, person, report};

const ONE: [(&str, &[&str]); 1] = [("sato", &["mail"])];

fn file(first: &FirstReport) -> Scene {
    let mut directory = company(&ONE);
    let id = ProjectId::new("prj_a");
    let project = domain::directory::Project {
        id: id.clone(),
        name: "A".into(),
        team: None,
        lead: Some(crate::world::id("mori")),
        deputies: vec![],
    };
    directory.projects.insert(id, project);
    let mori = person("mori", &["mail"]);
    directory.people.insert(mori.id.clone(), mori);
    Scene::file(directory, Policy::default(), everything_arrives, first)
}

#[test]
fn an_empty_report_calls_as_any_other_and_leaves_no_entry() {
    for text in ["", "  \n\t ", "\u{0}", "\u{202E} \u{0} \u{202C}", "\u{7f}"] {
        let scene = file(&report(text));
        assert_eq!(scene.attempts(), ["0:00 sato mail joined"], "{text:?}");
        assert!(scene.incident.timeline.entries.is_empty(), "{text:?}");
        assert_eq!(scene.incident.first_words(), None);
        assert!(scene.notes.is_empty());
    }
}

#[test]
fn the_words_are_the_first_entry_as_they_came() {
    let scene = file(&report("  本番DBを消しました\n助けて\u{0} "));
    assert_eq!(scene.incident.first_words(), Some("本番DBを消しました\n助けて"));
    let entry = &scene.incident.timeline.entries[0];
    assert_eq!(entry.id, EntryId::new("ent_1_2"));
    assert_eq!((entry.author.as_str(), entry.recorded_at), (REPORTER, START));
    assert_eq!(entry.statement.as_ref().unwrap().kind, EntryKind::Report);
}

#[test]
fn what_is_cut_from_a_long_text_is_said() {
    let scene = file(&report(&"あ".repeat(TEXT_CHARS_MAX + 1)));
    let note = Note::TextCut { kept_chars: TEXT_CHARS_MAX, given_chars: TEXT_CHARS_MAX + 1 };
    let mut first = report("");
    first.text = "あ".repeat(TEXT_CHARS_MAX);
    assert!(file(&first).incident.first_words().is_some());
    let kept = scene.incident.first_words().unwrap().chars().count();
    assert_eq!(kept, TEXT_CHARS_MAX);
    assert_eq!(opening_notes(&report(&"あ".repeat(TEXT_CHARS_MAX + 1))), [note]);
    assert_eq!(opening_notes(&first), []);
}

fn opening_notes(first: &FirstReport) -> Vec<Note> {
    let (directory, channels, policy) =
        (company(&ONE), crate::world::channels(), Policy::default());
    let facts = domain::incident::Facts {
        now: START,
        directory: &directory,
        channels: &channels,
        policy: &policy,
        in_flight: &std::collections::BTreeSet::new(),
    };
    domain::incident::open(IncidentId::new("inc_1"), first, facts).notes
}

#[test]
fn a_repaired_text_is_said() {
    let first = FirstReport { is_text_repaired: true, ..report("緊急�です") };
    assert_eq!(opening_notes(&first), [Note::TextRepaired]);
}

#[test]
fn an_unknown_project_is_said_kept_and_gone_round() {
    let first = FirstReport { project: Some(" prj_nothing ".into()), ..report("") };
    let scene = file(&first);
    let received = &scene.incident.report.received;
    assert_eq!(received.project, None);
    assert_eq!(received.project_unknown.as_deref(), Some("prj_nothing"));
    assert_eq!(scene.joined(), ["sato"]);
    assert_eq!(opening_notes(&first), [Note::ProjectUnknown { project: "prj_nothing".into() }]);
}

#[test]
fn a_known_project_calls_its_lead_and_an_empty_name_is_none() {
    for (given, joined) in [(Some(" prj_a "), "mori"), (Some("  "), "sato"), (None, "sato")] {
        let first = FirstReport { project: given.map(str::to_owned), ..report("") };
        let scene = file(&first);
        assert_eq!(scene.joined(), [joined], "{given:?}");
        assert_eq!(scene.incident.report.received.project_unknown, None);
    }
}

#[test]
fn an_unknown_reporter_is_taken_all_the_same() {
    let first = FirstReport { reporter: crate::world::id("stranger"), ..report("緊急です!") };
    let scene = file(&first);
    assert_eq!(scene.joined(), ["sato"]);
    assert_eq!(scene.incident.first_words(), Some("緊急です!"));
}

#[test]
fn a_report_with_nobody_to_call_is_taken_and_says_so() {
    let scene = Scene::of(&[]);
    assert_eq!(scene.notes, [Note::NobodyToCall]);
    assert!(scene.wake_up.is_some_and(|at| at > scene.now));
}

#[test]
fn a_report_while_everybody_is_away_calls_them_and_says_so() {
    let mut directory = company(&ONE);
    let today = START.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date();
    directory.people.get_mut(&crate::world::id("sato")).unwrap().absence =
        vec![domain::directory::Absence { from: today, to: today }];
    let scene = Scene::file(directory, Policy::default(), |_| None, &report(""));
    assert_eq!(scene.notes, [Note::EverybodyAway]);
    assert_eq!(scene.attempts(), ["0:00 sato mail joined"]);
    let is_said = scene.ledger.iter().any(
        |(event, _, _)| matches!(event, Event::CallingStarted(started) if started.is_everybody_away),
    );
    assert!(is_said);
    assert_eq!(scene.calling().passed_over.len(), 1);
}

#[test]
fn more_words_neither_delay_nor_restart_the_calling() {
    let mut scene = file(&report("one"));
    let wake_up = scene.wake_up;
    let news = scene.attempts_while(|scene| {
        scene.by(REPORTER, Command::AddWords { text: "two".into() }).unwrap();
        scene.by(REPORTER, Command::AddWords { text: " ".into() }).unwrap();
    });
    assert_eq!(news, [""; 0]);
    assert_eq!(scene.wake_up, wake_up);
    assert_eq!(scene.incident.first_words(), Some("one"));
    assert_eq!(scene.incident.timeline.entries.len(), 2);
    let words = Command::AddWords { text: "three".into() };
    assert_eq!(scene.by("sato", words), Err(Refusal::NotYours { who: "the reporter" }));
}

#[test]
fn everything_about_the_report_is_kept() {
    let first = FirstReport {
        kind: Some(domain::incident::report::Kind::DataLoss),
        via: Via::Cli,
        is_sign_in_expired: true,
        ..report("")
    };
    let received = file(&first).incident.report.received;
    assert_eq!((received.kind, received.via), (first.kind, Via::Cli));
    assert!(received.is_sign_in_expired);
    assert!(!received.is_drill);
}
