//! The time line (C1, C2): corrections hide nothing, redaction leaves its mark, and a fold with erased bodies is the
//! same as before.

use domain::id::EntryId;
use domain::incident::report::{Note, TEXT_CHARS_MAX};
use domain::incident::timeline::{EntryKind, Happened, Place, Source, Statement};
use domain::incident::{Command, Event, Incident, Recorded, Refusal};
use domain::time::Timestamp;

use crate::world::{REPORTER, START, Scene, mins};

fn said(kind: EntryKind, text: &str) -> Statement {
    Statement {
        kind,
        text: text.into(),
        happened: None,
        source: None,
        source_ref: None,
        chip: None,
    }
}

fn at(after: u64) -> Timestamp {
    START.after(mins(after))
}

/// sato has been called and leads.
fn scene() -> Scene {
    let mut scene = Scene::of(&[("sato", &["mail"]), ("mori", &["mail"])]);
    scene.accept("sato").unwrap();
    scene.pass(mins(30));
    scene
}

fn add(scene: &mut Scene, statement: Statement) -> EntryId {
    scene.by(REPORTER, Command::AddEntry { statement }).unwrap();
    scene.last_entry()
}

fn correct(scene: &mut Scene, entry: &EntryId, text: &str) -> Result<EntryId, Refusal> {
    let statement = said(EntryKind::Fact, text);
    let why = "looked at the log".to_owned();
    scene.by("sato", Command::CorrectEntry { entry: entry.clone(), statement, why })?;
    Ok(scene.last_entry())
}

fn redact(scene: &mut Scene, entry: &EntryId) -> Result<(), Refusal> {
    scene.by("sato", Command::RedactEntry { entry: entry.clone(), why: "a password".into() })
}

/// The state as it is folded once the bodies of redacted events are erased.
fn fold_erased(scene: &Scene) -> Incident {
    let erased: Vec<u64> = scene
        .ledger
        .iter()
        .filter_map(|(event, _, _)| match event {
            Event::EntryRedacted(redacted) => Some(redacted.seq),
            _ => None,
        })
        .collect();
    let ledger = scene.ledger.iter().enumerate().map(|(index, (event, at, actor))| {
        let seq = index as u64 + 1;
        let body = event.body().unwrap().to_string();
        let body = Some(body.as_str()).filter(|_| !erased.contains(&seq));
        (Event::read(event.kind(), event.version(), body), Place { seq, at: *at, actor })
    });
    Incident::fold(&scene.incident.id, ledger).unwrap()
}

fn current(scene: &Scene) -> Vec<String> {
    let entries = scene.incident.timeline.current();
    let text = |entry: &domain::incident::timeline::Entry| {
        entry.statement.as_ref().map_or("-".to_owned(), |statement| statement.text.clone())
    };
    entries.into_iter().map(text).collect()
}

#[test]
fn a_correction_keeps_both() {
    let mut scene = scene();
    let old = add(&mut scene, said(EntryKind::Guess, "all customers"));
    let new = correct(&mut scene, &old, "three customers").unwrap();
    let timeline = &scene.incident.timeline;
    let was = timeline.find(&old).unwrap();
    assert_eq!(was.statement.as_ref().unwrap().text, "all customers");
    assert_eq!(was.corrected_by, Some(new.clone()));
    let is = timeline.find(&new).unwrap();
    assert_eq!(is.corrects, Some((old, "looked at the log".to_owned())));
    assert_eq!((is.author.as_str(), is.recorded_at), ("sato", at(30)));
    assert_eq!(current(&scene), ["three customers"]);
}

#[test]
fn only_the_newest_of_a_row_of_corrections_is_corrected() {
    let mut scene = scene();
    let first = add(&mut scene, said(EntryKind::Fact, "one"));
    let second = correct(&mut scene, &first, "two").unwrap();
    assert_eq!(correct(&mut scene, &first, "three"), Err(Refusal::EntryCorrected));
    correct(&mut scene, &second, "three").unwrap();
    assert_eq!(current(&scene), ["three"]);
    assert_eq!(scene.incident.timeline.entries.len(), 3);
}

#[test]
fn an_entry_whose_words_are_gone_is_not_corrected_and_not_redacted_again() {
    let mut scene = scene();
    let entry = add(&mut scene, said(EntryKind::Fact, "the password is hunter2"));
    redact(&mut scene, &entry).unwrap();
    assert_eq!(correct(&mut scene, &entry, "a password"), Err(Refusal::EntryRedacted));
    assert_eq!(redact(&mut scene, &entry), Err(Refusal::EntryRedacted));
}

#[test]
fn a_redaction_takes_the_words_and_says_who_and_why() {
    let mut scene = scene();
    let entry = add(&mut scene, said(EntryKind::Fact, "the password is hunter2"));
    scene.pass(mins(1));
    redact(&mut scene, &entry).unwrap();
    let found = scene.incident.timeline.find(&entry).unwrap();
    assert_eq!(found.statement, None);
    let redaction = found.redacted.as_ref().unwrap();
    assert_eq!((redaction.by.as_str(), redaction.at), ("sato", at(31)));
    assert_eq!(redaction.why, "a password");
    assert_eq!((found.author.as_str(), found.recorded_at), (REPORTER, at(30)));
    assert_eq!(current(&scene), ["-"]);
}

#[test]
fn the_fold_is_the_same_once_an_erased_body_is_gone() {
    let mut scene = scene();
    let entry = add(&mut scene, said(EntryKind::Fact, "the password is hunter2"));
    add(&mut scene, said(EntryKind::Fact, "another"));
    redact(&mut scene, &entry).unwrap();
    assert_eq!(fold_erased(&scene), scene.incident);
}

#[test]
fn the_fold_is_the_same_once_an_erased_correction_is_gone() {
    let mut scene = scene();
    let first = add(&mut scene, said(EntryKind::Fact, "one"));
    let second = correct(&mut scene, &first, "the password is hunter2").unwrap();
    redact(&mut scene, &second).unwrap();
    assert_eq!(scene.incident.timeline.find(&first).unwrap().corrected_by, Some(second));
    assert_eq!(fold_erased(&scene), scene.incident);
}

#[test]
fn the_fold_is_the_same_whichever_of_a_row_of_corrections_is_erased() {
    for erased in [vec![0], vec![1], vec![2], vec![0, 1], vec![2, 1, 0], vec![1, 2]] {
        let mut scene = scene();
        let first = add(&mut scene, said(EntryKind::Fact, "one"));
        let second = correct(&mut scene, &first, "two").unwrap();
        let third = correct(&mut scene, &second, "three").unwrap();
        let row = [first, second, third];
        for index in &erased {
            redact(&mut scene, &row[*index]).unwrap();
        }
        assert_eq!(fold_erased(&scene), scene.incident, "{erased:?}");
        let newest = scene.incident.timeline.current();
        assert_eq!(newest.iter().map(|entry| &entry.id).collect::<Vec<_>>(), [&row[2]]);
    }
}

#[test]
fn the_first_words_are_gone_too_when_they_are_redacted() {
    let mut scene = Scene::of(&[("sato", &["mail"])]);
    scene.by(REPORTER, Command::AddWords { text: "hunter2".into() }).unwrap();
    let entry = scene.last_entry();
    let command = Command::RedactEntry { entry, why: "a password".into() };
    scene.by(REPORTER, command).unwrap();
    assert_eq!(scene.incident.first_words(), None);
    assert_eq!(fold_erased(&scene), scene.incident);
}

#[test]
fn entries_stand_in_the_order_in_which_things_happened() {
    let mut scene = scene();
    let happened = |happened, text: &str| Statement {
        happened: Some(happened),
        ..said(EntryKind::Fact, text)
    };
    add(&mut scene, happened(Happened::At { at_ms: at(20) }, "fourth"));
    add(&mut scene, said(EntryKind::Fact, "sixth, recorded at 30"));
    add(&mut scene, happened(Happened::About { about_ms: at(10) }, "second"));
    add(&mut scene, happened(Happened::At { at_ms: at(10) }, "third, recorded later"));
    add(&mut scene, happened(Happened::Between { from_ms: at(25), to_ms: at(99) }, "fifth"));
    add(&mut scene, happened(Happened::At { at_ms: at(5) }, "first"));
    scene.pass(mins(1));
    add(&mut scene, said(EntryKind::Fact, "seventh, recorded at 31"));
    let expected = [
        "first",
        "second",
        "third, recorded later",
        "fourth",
        "fifth",
        "sixth, recorded at 30",
        "seventh, recorded at 31",
    ];
    assert_eq!(current(&scene), expected);
}

#[test]
fn an_entry_needs_words_and_a_change_needs_a_reason() {
    let mut scene = scene();
    let entry = add(&mut scene, said(EntryKind::Fact, "one"));
    for text in ["", "  ", "\u{0} \u{202E}"] {
        let statement = said(EntryKind::Fact, text);
        let add = Command::AddEntry { statement: statement.clone() };
        assert_eq!(scene.by("sato", add), Err(Refusal::EmptyText), "{text:?}");
        let entry = entry.clone();
        let correct = Command::CorrectEntry { entry, statement, why: "x".into() };
        assert_eq!(scene.by("sato", correct), Err(Refusal::EmptyText), "{text:?}");
    }
    for why in ["", " \n", "\u{0}"] {
        let (statement, why) = (said(EntryKind::Fact, "two"), why.to_owned());
        let redact = Command::RedactEntry { entry: entry.clone(), why: why.clone() };
        assert_eq!(scene.by("sato", redact), Err(Refusal::EmptyWhy));
        let correct = Command::CorrectEntry { entry: entry.clone(), statement, why };
        assert_eq!(scene.by("sato", correct), Err(Refusal::EmptyWhy));
    }
    assert_eq!(current(&scene), ["one"]);
}

#[test]
fn a_time_that_ends_before_it_begins_is_refused() {
    let mut scene = scene();
    for (from, to, expected) in [(5, 4, Err(Refusal::TimeReversed)), (5, 5, Ok(())), (4, 5, Ok(()))]
    {
        let happened = Some(Happened::Between { from_ms: at(from), to_ms: at(to) });
        let statement = Statement { happened, ..said(EntryKind::Fact, "x") };
        assert_eq!(scene.by("sato", Command::AddEntry { statement }), expected);
    }
}

#[test]
fn what_is_cut_from_an_entry_is_said() {
    let mut scene = scene();
    let statement = said(EntryKind::Fact, &"あ".repeat(TEXT_CHARS_MAX + 7));
    let sato = domain::incident::Actor::Person(crate::world::id("sato"));
    scene.give(&sato, &Command::AddEntry { statement }).unwrap();
    let note = Note::TextCut { kept_chars: TEXT_CHARS_MAX, given_chars: TEXT_CHARS_MAX + 7 };
    assert_eq!(scene.notes, [note]);
    assert_eq!(current(&scene)[0].chars().count(), TEXT_CHARS_MAX);
}

#[test]
fn an_empty_reference_is_none_and_a_given_one_is_kept() {
    let mut scene = scene();
    for (given, kept) in [(" ", None), (" log/1 ", Some("log/1"))] {
        let statement = Statement {
            source: Some(Source::Log),
            source_ref: Some(given.into()),
            ..said(EntryKind::Fact, "x")
        };
        let entry = add(&mut scene, statement);
        let statement = scene.incident.timeline.find(&entry).unwrap().statement.clone().unwrap();
        assert_eq!(statement.source_ref.as_deref(), kept);
    }
}

#[test]
fn an_entry_that_does_not_exist_is_neither_corrected_nor_redacted() {
    let mut scene = scene();
    let entry = EntryId::new("ent_of_another");
    assert_eq!(correct(&mut scene, &entry, "x"), Err(Refusal::UnknownEntry));
    assert_eq!(redact(&mut scene, &entry), Err(Refusal::UnknownEntry));
}

#[test]
fn an_event_of_a_later_version_is_left_out_and_the_fold_goes_on() {
    let mut scene = scene();
    add(&mut scene, said(EntryKind::Fact, "before"));
    let seq = scene.incident.seq + 1;
    let place = |seq| Place { seq, at: scene.now, actor: "sato" };
    let mut incident = scene.incident.clone();
    let unknown = Event::read("statement.published", 1, Some("{\"text\":\"x\"}"));
    assert!(matches!(unknown, Recorded::Unknown { .. }));
    incident.evolve(&unknown, place(seq));
    let known = Recorded::Known(Box::new(Event::EntryAdded(said(EntryKind::Fact, "after"))));
    incident.evolve(&known, place(seq + 1));
    assert_eq!(incident.seq, seq + 1);
    assert_eq!(incident.timeline.entries.len(), 2);
    assert_eq!(incident.timeline.entries[1].id, EntryId::new(&format!("ent_1_{}", seq + 1)));
}
