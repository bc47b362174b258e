//! The public format: what each kind of event looks like in version 1, word for word. A ledger that was written once
//! is read for ever, so a change that makes one of these fail needs a new version, never a new expectation.

use std::time::Duration;

use domain::id::{AttemptId, EntryId, IncidentId, PersonId, ProjectId};
use domain::incident::circle::PersonBroughtIn;
use domain::incident::closing::IncidentClosed;
use domain::incident::escalation::event::{
    AnswerGiven, AttemptOutcome, AttemptPlanned, CallingStarted, JoinWhy, LineExtended,
    LineRestarted, PersonJoined, PromiseLapsed, ReachedStated, StoodDown,
};
use domain::incident::escalation::{Answer, AttemptState, AttemptWhy, How};
use domain::incident::report::{Kind, ReportReceived, Via};
use domain::incident::timeline::{
    Chip, EntryCorrected, EntryKind, EntryRedacted, Happened, Place, Source, Statement,
};
use domain::incident::{Event, Incident, Recorded};
use domain::ledger::canonical;
use domain::line::{Because, Member, PassedOver};
use domain::policy::{Amount, Policy};
use domain::port::{Purpose, Why};
use domain::time::Timestamp;

fn id(name: &str) -> PersonId {
    PersonId::new(name)
}

const fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms)
}

fn full_statement() -> Statement {
    Statement {
        kind: EntryKind::Fact,
        text: "本番DBの顧客表を消した".into(),
        happened: Some(Happened::Between { from_ms: at(1), to_ms: at(2) }),
        source: Some(Source::Log),
        source_ref: Some("audit.log".into()),
        chip: Some(Chip { group: "ongoing".into(), choice: "checking".into() }),
    }
}

fn bare_statement() -> Statement {
    Statement {
        kind: EntryKind::Report,
        text: "緊急です!".into(),
        happened: None,
        source: None,
        source_ref: None,
        chip: None,
    }
}

fn policy() -> Policy {
    let second = Duration::from_secs(1);
    Policy {
        silent: vec!["mail".into()],
        voice_after: second,
        voice_every: second * 2,
        voice_calls_max: 3,
        voice_within: second * 4,
        remind_every: second * 5,
        climb_after: vec![Amount(second * 6), Amount(second * 7)],
        loop_every: second * 8,
        promise_max: second * 9,
    }
}

fn reports_and_lines() -> Vec<(Event, &'static str)> {
    let member = || Member { person: id("per_b"), because: Because::ProjectLead };
    vec![
        (
            Event::ReportReceived(ReportReceived {
                reporter: id("per_a"),
                project: Some(ProjectId::new("prj_a")),
                project_unknown: None,
                kind: Some(Kind::DataLoss),
                happened: Some(Happened::About { about_ms: at(-5) }),
                via: Via::Web,
                is_sign_in_expired: true,
                is_drill: true,
            }),
            r#"{"happened":{"about_ms":-5},"is_drill":true,"is_sign_in_expired":true,"kind":"data_loss","project":"prj_a","reporter":"per_a","via":"web"}"#,
        ),
        (
            Event::ReportReceived(ReportReceived {
                reporter: id("per_a"),
                project: None,
                project_unknown: Some("x".into()),
                kind: None,
                happened: None,
                via: Via::Cli,
                is_sign_in_expired: false,
                is_drill: false,
            }),
            r#"{"project_unknown":"x","reporter":"per_a","via":"cli"}"#,
        ),
        (
            Event::CallingStarted(CallingStarted {
                line: vec![member()],
                passed_over: vec![PassedOver {
                    person: id("per_c"),
                    because: Because::OnCall,
                    until: jiff::civil::date(2027, 1, 3),
                }],
                is_everybody_away: true,
                policy: policy(),
            }),
            r#"{"is_everybody_away":true,"line":[{"because":"project_lead","person":"per_b"}],"passed_over":[{"because":"on_call","person":"per_c","until":"2027-01-03"}],"policy":{"climb_after_ms":[6000,7000],"loop_every_ms":8000,"promise_max_ms":9000,"remind_every_ms":5000,"silent":["mail"],"voice_after_ms":1000,"voice_calls_max":3,"voice_every_ms":2000,"voice_within_ms":4000}}"#,
        ),
        (
            Event::LineExtended(LineExtended { line: vec![member()] }),
            r#"{"line":[{"because":"project_lead","person":"per_b"}]}"#,
        ),
        (Event::LineRestarted(LineRestarted {}), "{}"),
        (
            Event::PersonJoined(PersonJoined {
                person: id("per_b"),
                because: Because::LastResort,
                why: JoinWhy::InTurn,
                is_unreachable: true,
            }),
            r#"{"because":"last_resort","is_unreachable":true,"person":"per_b","why":"in_turn"}"#,
        ),
    ]
}

fn attempts() -> Vec<(Event, &'static str)> {
    vec![
        (
            Event::AttemptPlanned(AttemptPlanned {
                attempt: AttemptId::new("att_1_1"),
                person: id("per_b"),
                channel: "voice".into(),
                hint: "…0001".into(),
                number: 2,
                purpose: Purpose::Summon,
                because: AttemptWhy::Call,
                due_at_ms: at(7),
                is_call: true,
            }),
            r#"{"attempt":"att_1_1","because":"call","channel":"voice","due_at_ms":7,"hint":"…0001","is_call":true,"number":2,"person":"per_b","purpose":"summon"}"#,
        ),
        (
            Event::AttemptOutcome(AttemptOutcome {
                attempt: AttemptId::new("att_1_1"),
                state: AttemptState::Failed,
                why: Some(Why::Authentication),
                is_final: true,
                field: Some("mail.password_file".into()),
                provider_ref: None,
            }),
            r#"{"attempt":"att_1_1","field":"mail.password_file","is_final":true,"state":"failed","why":"authentication"}"#,
        ),
        (
            Event::AttemptOutcome(AttemptOutcome {
                attempt: AttemptId::new("att_1_1"),
                state: AttemptState::PickedUp,
                why: None,
                is_final: false,
                field: None,
                provider_ref: Some("CA1".into()),
            }),
            r#"{"attempt":"att_1_1","provider_ref":"CA1","state":"picked_up"}"#,
        ),
    ]
}

fn answers() -> Vec<(Event, &'static str)> {
    let answer =
        |answer| Event::AnswerGiven(AnswerGiven { person: id("per_b"), answer, via: Via::Link });
    vec![
        (answer(Answer::Accept), r#"{"answer":"accept","person":"per_b","via":"link"}"#),
        (answer(Answer::Cannot), r#"{"answer":"cannot","person":"per_b","via":"link"}"#),
        (
            answer(Answer::Promise { until_ms: at(9), minutes: 5 }),
            r#"{"answer":"promise","minutes":5,"person":"per_b","until_ms":9,"via":"link"}"#,
        ),
        (
            answer(Answer::HandOver { to: id("per_c") }),
            r#"{"answer":"hand_over","person":"per_b","to":"per_c","via":"link"}"#,
        ),
        (Event::PromiseLapsed(PromiseLapsed { person: id("per_b") }), r#"{"person":"per_b"}"#),
        (
            Event::ReachedStated(ReachedStated {
                person: id("per_b"),
                how: How::InPerson,
                until_ms: at(9),
            }),
            r#"{"how":"in_person","person":"per_b","until_ms":9}"#,
        ),
        (Event::StoodDown(StoodDown { why: "x".into() }), r#"{"why":"x"}"#),
    ]
}

fn entries() -> Vec<(Event, &'static str)> {
    vec![
        (
            Event::EntryAdded(full_statement()),
            r#"{"chip":{"choice":"checking","group":"ongoing"},"happened":{"from_ms":1,"to_ms":2},"kind":"fact","source":"log","source_ref":"audit.log","text":"本番DBの顧客表を消した"}"#,
        ),
        (Event::EntryAdded(bare_statement()), r#"{"kind":"report","text":"緊急です!"}"#),
        (
            Event::EntryCorrected(EntryCorrected {
                entry: EntryId::new("ent_1_2"),
                statement: full_statement(),
                why: "y".into(),
            }),
            r#"{"chip":{"choice":"checking","group":"ongoing"},"entry":"ent_1_2","happened":{"from_ms":1,"to_ms":2},"kind":"fact","source":"log","source_ref":"audit.log","text":"本番DBの顧客表を消した","why":"y"}"#,
        ),
        (
            Event::EntryCorrected(EntryCorrected {
                entry: EntryId::new("ent_1_2"),
                statement: Statement {
                    happened: Some(Happened::At { at_ms: at(3) }),
                    ..bare_statement()
                },
                why: "y".into(),
            }),
            r#"{"entry":"ent_1_2","happened":{"at_ms":3},"kind":"report","text":"緊急です!","why":"y"}"#,
        ),
        (
            Event::EntryRedacted(EntryRedacted {
                entry: EntryId::new("ent_1_3"),
                seq: 3,
                why: "z".into(),
                supersedes: Some(EntryId::new("ent_1_2")),
            }),
            r#"{"entry":"ent_1_3","seq":3,"supersedes":"ent_1_2","why":"z"}"#,
        ),
        (Event::PersonBroughtIn(PersonBroughtIn { person: id("per_d") }), r#"{"person":"per_d"}"#),
        (Event::IncidentClosed(IncidentClosed { note: "ok".into() }), r#"{"note":"ok"}"#),
    ]
}

fn examples() -> Vec<(Event, &'static str)> {
    [reports_and_lines(), attempts(), answers(), entries()].concat()
}

/// The kind of each event, once more, so that a kind that is renamed or new has to be written here too.
const fn kind(event: &Event) -> &'static str {
    match event {
        Event::ReportReceived(_) => "report.received",
        Event::CallingStarted(_) => "calling.started",
        Event::LineExtended(_) => "line.extended",
        Event::LineRestarted(_) => "line.restarted",
        Event::PersonJoined(_) => "person.joined",
        Event::AttemptPlanned(_) => "attempt.planned",
        Event::AttemptOutcome(_) => "attempt.outcome",
        Event::AnswerGiven(_) => "answer.given",
        Event::PromiseLapsed(_) => "promise.lapsed",
        Event::ReachedStated(_) => "reached.stated",
        Event::StoodDown(_) => "calling.stood_down",
        Event::EntryAdded(_) => "entry.added",
        Event::EntryCorrected(_) => "entry.corrected",
        Event::EntryRedacted(_) => "entry.redacted",
        Event::PersonBroughtIn(_) => "person.brought_in",
        Event::IncidentClosed(_) => "incident.closed",
    }
}

const KINDS: usize = 16;

#[test]
fn each_kind_is_written_as_it_always_was() {
    for (event, expected) in examples() {
        assert_eq!(event.kind(), kind(&event));
        assert_eq!(event.version(), 1);
        assert_eq!(canonical(&event.body().unwrap()).unwrap(), expected, "{}", event.kind());
    }
    let mut kinds: Vec<_> = examples().iter().map(|(event, _)| event.kind()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), KINDS, "a kind has no example");
}

#[test]
fn each_kind_is_read_back_as_it_was_written() {
    for (event, body) in examples() {
        let read = Event::read(event.kind(), 1, Some(body));
        assert_eq!(read, Recorded::Known(Box::new(event)), "{body}");
    }
}

#[test]
fn a_field_that_a_later_program_adds_does_not_hide_the_event() {
    for (event, body) in examples() {
        let mut wider: serde_json::Value = serde_json::from_str(body).unwrap();
        wider.as_object_mut().unwrap().insert("zz_new".into(), serde_json::json!([1]));
        let read = Event::read(event.kind(), 1, Some(&wider.to_string()));
        assert_eq!(read, Recorded::Known(Box::new(event)), "{body}");
    }
}

#[test]
fn an_event_whose_body_was_erased_is_known_by_its_kind() {
    for (event, _) in examples() {
        let kind = event.kind().to_owned();
        assert_eq!(Event::read(event.kind(), 1, None), Recorded::Redacted { kind });
    }
}

#[test]
fn another_kind_version_or_shape_is_kept_as_unknown() {
    let body = r#"{"reporter":"per_a","via":"web"}"#;
    let cases = [
        ("report.received", 2, body),
        ("report.received", 0, body),
        ("report.filed", 1, body),
        ("", 1, body),
        ("report.received", 1, r#"{"reporter":"per_a"}"#),
        ("report.received", 1, r#"{"reporter":"per_a","via":"pigeon"}"#),
        ("report.received", 1, "[]"),
        ("report.received", 1, "not json"),
        ("report.received", 1, ""),
    ];
    for (kind, version, body) in cases {
        let expected = Recorded::Unknown { kind: kind.to_owned(), version };
        assert_eq!(Event::read(kind, version, Some(body)), expected, "{kind} {version} {body}");
    }
}

#[test]
fn a_ledger_without_a_first_report_has_no_state() {
    let place = || Place { seq: 1, at: at(0), actor: "per_a" };
    let incident = IncidentId::new("inc_1");
    assert_eq!(Incident::fold(&incident, []), None);
    for first in [
        Event::read("report.received", 1, None),
        Event::read("report.received", 2, Some("{}")),
        Event::read("line.restarted", 1, Some("{}")),
    ] {
        assert_eq!(Incident::fold(&incident, [(first, place())]), None);
    }
}

#[test]
fn every_word_in_the_ledger_is_the_word_in_the_api() {
    let written = |value: &dyn erased::Words| value.written();
    for because in Because::ALL {
        assert_eq!(written(&because), because.word());
    }
    for why in Why::ALL {
        assert_eq!(written(&why), why.code());
    }
    for source in Source::ALL {
        assert_eq!(written(&source), source.word());
        assert_eq!(Source::parse(source.word()), Some(source));
    }
    for kind in EntryKind::CHOICES {
        assert_eq!(written(&kind), kind.word());
        assert_eq!(EntryKind::parse(kind.word()), Some(kind));
    }
    assert_eq!(written(&EntryKind::Report), "report");
    assert_eq!(EntryKind::parse("report"), None);
    for kind in [Kind::Leak, Kind::DataLoss, Kind::Outage] {
        assert_eq!(written(&kind), kind.word());
        assert_eq!(Kind::parse(kind.word()), Some(kind));
    }
    use AttemptState::{Cancelled, Delivered, Failed, HandedOver, PickedUp, Planned, Seen};
    for state in [Planned, Cancelled, Failed, HandedOver, Delivered, Seen, PickedUp] {
        assert_eq!(written(&state), state.word());
    }
    use AttemptWhy::{Call, Fallback, Joined, News, Reminder, Retry};
    for why in [Joined, Reminder, Call, Fallback, Retry, News] {
        assert_eq!(written(&why), why.word());
    }
}

#[test]
fn words_that_only_the_ledger_uses_stay_as_they_are() {
    let written = |value: &dyn erased::Words| value.written();
    use JoinWhy::{Cannot, Failed, HandedOver, InTurn, Unreachable};
    let joins = [InTurn, Cannot, Failed, Unreachable, HandedOver].map(|why| written(&why));
    assert_eq!(joins, ["in_turn", "cannot", "failed", "unreachable", "handed_over"]);
    let vias = [Via::Web, Via::Cli, Via::Api, Via::Link].map(|via| written(&via));
    assert_eq!(vias, ["web", "cli", "api", "link"]);
    assert_eq!([How::Phone, How::InPerson].map(|how| written(&how)), ["phone", "in_person"]);
    use Purpose::{Accepted, Confirm, StoodDown, Summon};
    let purposes = [Summon, Confirm, Accepted, StoodDown].map(|purpose| written(&purpose));
    assert_eq!(purposes, ["summon", "confirm", "accepted", "stood_down"]);
}

/// A value that is written as one word.
mod erased {
    pub(super) trait Words {
        fn written(&self) -> String;
    }

    impl<T: serde::Serialize> Words for T {
        fn written(&self) -> String {
            let value = serde_json::to_value(self).unwrap();
            value.as_str().unwrap().to_owned()
        }
    }
}
