//! Taking a first report: never lost, never doubled, never refused.

use domain::incident::Event;
use domain::incident::report::{Note, TEXT_CHARS_MAX, Via};
use engine::EngineError;
use testkit::{Office, World, per, person};

fn words(world: &World, id: &domain::id::IncidentId) -> Vec<String> {
    let incident = world.incident(id);
    let entries = incident.timeline.entries.iter().filter_map(|entry| entry.statement.clone());
    entries.map(|statement| statement.text).collect()
}

#[test]
fn a_report_is_on_disk_before_it_is_answered() {
    let mut world = World::of(Office::usual()).in_a_file().start();
    let draft = world.report("deleted the customer table").draft("carol");
    let id = world.file(draft, None).unwrap().incident.id.clone();
    let seen_by_another = world.sabotage();
    let count = |table: &str| {
        seen_by_another.count(&format!("SELECT count(*) FROM {table} WHERE incident_id = '{id}'"))
    };
    assert!(count("ledger_event") >= 4);
    assert_eq!((count("wake_up"), count("outbox")), (1, 1));
    world.crash();
    world.restart();
    assert_eq!(words(&world, &id), ["deleted the customer table"]);
    world.leave_pending();
}

#[test]
fn a_report_that_cannot_be_kept_is_not_answered_as_received_and_leaves_nothing() {
    let mut world = World::new();
    world.sabotage().break_ledger();
    let draft = world.report("deleted the customer table").draft("carol");
    let refused = world.file(draft.clone(), Some("key-1")).unwrap_err();
    assert!(matches!(refused, EngineError::NotStored(_)), "{refused}");
    world.work();
    world.expect_silence();
    assert_eq!(world.sabotage().count("SELECT count(*) FROM incident"), 0);
    world.sabotage().mend_ledger();
    assert!(world.file(draft, Some("key-1")).unwrap().is_new);
    world.work();
    world.expect_attempt("ann");
}

#[test]
fn the_same_key_is_the_same_incident_and_calls_nobody_twice() {
    let mut world = World::new();
    let first = world.report("deleted the table").key("key-1").filed_by("carol");
    world.expect_attempt("ann");
    let second = world.report("deleted the table").key("key-1").filed_by("carol");
    assert!(first.is_new && !second.is_new);
    assert_eq!(first.incident.id, second.incident.id);
    assert_eq!(first.receipt.signature, second.receipt.signature);
    assert_eq!(words(&world, &first.incident.id), ["deleted the table"]);
    world.expect_silence();
}

#[test]
fn other_words_under_the_same_key_are_added_once() {
    let mut world = World::new();
    let id = world.report("deleted the table").key("key-1").by("carol");
    for text in ["it was production", "it was production", "deleted the table", "  ", ""] {
        assert_eq!(world.report(text).key("key-1").by("carol"), id);
    }
    assert_eq!(words(&world, &id), ["deleted the table", "it was production"]);
}

#[test]
fn a_key_belongs_to_one_person() {
    let mut world = World::new();
    let of_carol = world.report("deleted the table").key("key-1").by("carol");
    let of_erin = world.report("deleted the table").key("key-1").by("erin");
    assert_ne!(of_carol, of_erin);
}

#[test]
fn many_repeats_at_once_are_one_incident_with_each_text_once() {
    let mut world = World::new();
    let drafts: Vec<_> = (0..32)
        .map(|n| world.report(["first words", "other words"][n % 2]).draft("carol"))
        .collect();
    let threads = drafts.chunks(8).map(<[_]>::to_vec).map(|drafts| {
        let engine = world.engine();
        std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let reports = drafts.into_iter().map(|draft| engine.report(draft, Some("key-1")));
            runtime.block_on(futures_util::future::join_all(reports))
        })
    });
    let threads: Vec<_> = threads.collect();
    let reported: Vec<_> =
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).map(Result::unwrap).collect();
    assert_eq!(reported.iter().filter(|reported| reported.is_new).count(), 1);
    let id = reported[0].incident.id.clone();
    assert!(reported.iter().all(|reported| reported.incident.id == id));
    let mut said = words(&world, &id);
    said.sort();
    assert_eq!(said, ["first words", "other words"]);
    world.work();
    world.expect_attempt("ann");
    world.expect_silence();
}

#[test]
fn an_unknown_project_is_said_and_the_own_line_is_called() {
    let mut world = World::new();
    let reported = world.report("it is down").on("no such project").filed_by("carol");
    let expected = Note::ProjectUnknown { project: "no such project".to_owned() };
    assert_eq!(reported.notes, [expected]);
    world.expect_attempt("ann").by("mail");
}

#[test]
fn an_empty_report_is_a_report() {
    let mut world = World::new();
    let reported = world.report("").filed_by("carol");
    assert!(reported.is_new && reported.notes.is_empty());
    assert!(words(&world, &reported.incident.id).is_empty());
    world.expect_attempt("ann").by("mail");
}

#[test]
fn a_megabyte_of_text_is_cut_and_the_reporter_is_told() {
    let mut world = World::new();
    let text = "消".repeat(1_000_000 / 3);
    let reported = world.report(&text).filed_by("carol");
    let given_chars = text.chars().count();
    let cut = Note::TextCut { kept_chars: TEXT_CHARS_MAX, given_chars };
    assert_eq!(reported.notes, [cut]);
    let kept = &words(&world, &reported.incident.id)[0];
    assert_eq!(kept.chars().count(), TEXT_CHARS_MAX);
    world.expect_attempt("ann");
}

#[test]
fn a_report_of_somebody_the_directory_does_not_know_goes_to_the_last_resort() {
    let mut world = World::new();
    let id = world.report("it is down").by("stranger");
    world.expect_attempt("bob").naming(&id);
}

#[test]
fn with_nobody_to_call_the_report_stands_and_whoever_comes_later_is_called() {
    let mut world = World::of(Office::empty().person(person("carol").mail())).start();
    let reported = world.report("it is down").filed_by("carol");
    assert_eq!(reported.notes, [Note::NobodyToCall]);
    world.advance(testkit::mins(30));
    world.expect_silence();
    world.change(person("dan").mail());
    world.advance(testkit::mins(5));
    world.expect_attempt("dan").naming(&reported.incident.id);
}

#[test]
fn where_a_report_came_from_is_kept() {
    let mut world = World::new();
    let mut draft = world.report("it is down").draft("carol");
    draft.via = Via::Cli;
    draft.is_sign_in_expired = true;
    let reported = world.file(draft, None).unwrap();
    world.work();
    assert_eq!(reported.incident.report.received.via, Via::Cli);
    assert!(reported.incident.report.received.is_sign_in_expired);
}

#[test]
fn people_are_called_even_when_the_reporter_closes_the_page_before_the_answer() {
    let mut world = World::new();
    let draft = world.report("deleted the table").draft("carol");
    let engine = world.engine();
    world.run(async {
        let mut changes = engine.listen();
        // Polled once and dropped, as a server does when the connection is gone.
        let answer = Box::pin(engine.report(draft, Some("key-1")));
        drop(futures_util::future::select(answer, std::future::ready(())).await);
        changes.recv().await.unwrap();
    });
    world.work();
    world.expect_attempt("ann").by("mail");
}

#[test]
fn an_answer_counts_even_when_its_page_is_closed_at_once() {
    let mut world = World::new();
    let id = world.report("deleted the table").by("carol");
    let engine = world.engine();
    world.run(async {
        let mut changes = engine.listen();
        let actor = domain::incident::Actor::Person(per("ann"));
        let reply = domain::incident::escalation::reply::Reply::Accept;
        let command = domain::incident::Command::Answer { reply, via: Via::Link };
        let answer = Box::pin(engine.handle(&id, &actor, &command));
        drop(futures_util::future::select(answer, std::future::ready(())).await);
        changes.recv().await.unwrap();
    });
    world.work();
    world.expect_news("carol");
    assert_eq!(world.incident(&id).escalation.as_ref().unwrap().lead(), Some(&per("ann")));
}

#[test]
fn open_pages_hear_of_every_change_in_order() {
    let mut world = World::new();
    let mut changes = world.engine().listen();
    let id = world.report("it is down").by("carol");
    world.advance(testkit::mins(1));
    let mut heard = Vec::new();
    while let Ok(change) = changes.try_recv() {
        assert_eq!(change.incident, id);
        heard.push(change.seq);
    }
    // The report, mail to ann handed over, her telephone planned, and handed over.
    assert_eq!(heard.len(), 4);
    assert!(heard.is_sorted_by(|a, b| a < b));
    assert_eq!(heard.last(), Some(&world.incident(&id).seq));
}

#[test]
fn the_first_events_of_a_ledger_are_the_report_the_words_and_the_line() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    let engine = world.engine();
    let lines = world.run(engine.export(&id, None)).unwrap();
    let kinds: Vec<&str> = lines.iter().map(|line| line.kind.as_str()).take(5).collect();
    let expected =
        ["report.received", "entry.added", "calling.started", "person.joined", "attempt.planned"];
    assert_eq!(kinds, expected);
    let handled =
        world.tell(&id, "carol", domain::incident::Command::AddWords { text: "!".into() });
    assert!(matches!(handled.unwrap().events.as_slice(), [Event::EntryAdded(_)]));
}
