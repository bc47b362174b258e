//! Incident: what we know, what we guess and do not know, the time line, the people (C4, D1, H1).

use askama::Template;

use crate::view::calling::State;
use crate::view::entry::{Entry, EntryFields, Fate, Kind};
use crate::view::sample::{self, ZONE};
use crate::view::{Choice, Guide, Moment, Page, Phone, Section, Words};

/// What the reader may do here. A control that may not be used is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct May {
    /// Write entries.
    pub write: bool,
    /// Bring people in by name.
    pub bring_in: bool,
    /// Hand the lead over.
    pub hand_over: bool,
    /// Close it.
    pub close: bool,
    /// Stand it down.
    pub stand_down: bool,
}

/// Somebody who may see this incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insider {
    /// Who.
    pub name: String,
    /// Why they are here: reporter, lead, called, brought in.
    pub role: String,
    /// Whether they lead it.
    pub is_lead: bool,
    /// Their number.
    pub phone: Option<Phone>,
}

/// The page of an incident.
#[derive(Debug, Clone, Template)]
#[template(path = "incident.html", blocks = ["live"])]
pub struct Incident {
    /// The reader's language.
    pub w: Words,
    /// What every page shares.
    pub page: Page,
    /// The incident's id.
    pub id: String,
    /// The first words, or the urgent line when there were none.
    pub heading: String,
    /// Whether this is a drill.
    pub is_drill: bool,
    /// How it stands.
    pub state: State,
    /// The same as one sentence.
    pub sentence: String,
    /// The project's name.
    pub project: Option<String>,
    /// The reporter's name.
    pub reporter: String,
    /// When it was reported.
    pub reported_at: Moment,
    /// Who leads; `None` while nobody has it.
    pub lead: Option<String>,
    /// Who may know of it, in words: `報告者と、呼び出した人だけ`.
    pub circle: String,
    /// When the next update is due.
    pub next_update: Option<Moment>,
    /// What is open and must not be forgotten, one sentence each.
    pub duties: Vec<String>,
    /// What to do now.
    pub guide: Guide,
    /// Facts, actions and decisions that stand.
    pub known: Vec<Entry>,
    /// Guesses and open questions that stand.
    pub open: Vec<Entry>,
    /// Everything, oldest first.
    pub timeline: Vec<Entry>,
    /// The filters of the time line: value, label, whether chosen.
    pub filters: Vec<Choice>,
    /// Where the rest of a long time line begins.
    pub more_url: Option<String>,
    /// Who may see it.
    pub insiders: Vec<Insider>,
    /// Who could be brought in or handed to.
    pub candidates: Vec<Choice>,
    /// The form for a new entry.
    pub fields: EntryFields,
    /// The key of the next entry, so that a double tap writes one.
    pub key: String,
    /// What the reader may do.
    pub may: May,
}

/// The page that corrects one entry.
#[derive(Debug, Clone, Template)]
#[template(path = "correct.html")]
pub struct Correct {
    /// The reader's language.
    pub w: Words,
    /// What every page shares.
    pub page: Page,
    /// The entry as it stands.
    pub entry: Entry,
    /// The form, filled with it.
    pub fields: EntryFields,
    /// Why it is corrected, as typed.
    pub why: String,
}

/// The page that has the text of one entry erased.
#[derive(Debug, Clone, Template)]
#[template(path = "redact.html")]
pub struct Redact {
    /// The reader's language.
    pub w: Words,
    /// What every page shares.
    pub page: Page,
    /// The entry as it stands.
    pub entry: Entry,
    /// Why it is erased, as typed.
    pub why: String,
    /// What is wrong with what was typed.
    pub problem: Option<String>,
}

impl Incident {
    /// Sample states.
    #[must_use]
    pub fn samples(w: Words) -> Vec<(&'static str, Self)> {
        let led = sample_incident(w);
        let mut fresh = led.clone();
        (fresh.known, fresh.open) = (Vec::new(), Vec::new());
        fresh.timeline.truncate(1);
        fresh.heading = w.t("message-urgent");
        (fresh.state, fresh.lead, fresh.project) = (State::Calling, None, None);
        fresh.sentence = w.tn("calling-calling-one", &[("name", &sample::sato(w))]);
        fresh.may = May { write: true, stand_down: true, ..May::default() };
        fresh.insiders.truncate(2);
        fresh.next_update = None;
        let mut closed = led.clone();
        closed.state = State::Closed;
        closed.sentence = w.tn("incident-closed", &[("name", &sample::sato(w)), ("time", "23:40")]);
        closed.may = May::default();
        closed.duties.clear();
        closed.is_drill = true;
        vec![("incident", led), ("incident-fresh", fresh), ("incident-closed", closed)]
    }
}

impl Correct {
    /// Sample states.
    #[must_use]
    pub fn samples(w: Words) -> Vec<(&'static str, Self)> {
        let mut fields = EntryFields::empty(w, "correct", ZONE);
        fields.text =
            sample::pick(w, "20:50に本番DBを消しました", "I deleted the database at 20:50").into();
        fields.problem = Some(w.t("entry-problem-kind"));
        vec![(
            "correct",
            Self {
                w,
                page: sample::page(w, Section::Incidents, "correct-title", "/incidents/inc_01"),
                entry: sample_entry(w, "ent_2", Kind::Fact, 600),
                fields,
                why: String::new(),
            },
        )]
    }
}

impl Redact {
    /// Sample states.
    #[must_use]
    pub fn samples(w: Words) -> Vec<(&'static str, Self)> {
        vec![(
            "redact",
            Self {
                w,
                page: sample::page(w, Section::Incidents, "redact-title", "/incidents/inc_01"),
                entry: sample_entry(w, "ent_2", Kind::Fact, 600),
                why: String::new(),
                problem: Some(w.t("entry-problem-why")),
            },
        )]
    }
}

fn sample_entry(w: Words, id: &str, kind: Kind, seconds: i64) -> Entry {
    let text = match kind {
        Kind::Fact => sample::pick(
            w,
            "本番DBの注文テーブルを削除した。",
            "The orders table of the production database was deleted.",
        ),
        Kind::Guess => sample::pick(
            w,
            "20:45以降の注文が戻せない可能性がある。",
            "Orders after 20:45 may not be recoverable.",
        ),
        Kind::Unknown => {
            sample::pick(w, "直前のバックアップの時刻。", "When the last backup was made.")
        }
        Kind::Action => sample::pick(
            w,
            "注文の受付を止めた。\n画面にお知らせを出した。",
            "Order intake was stopped.\nA notice is shown on the page.",
        ),
        Kind::Decision => sample::pick(
            w,
            "復元が終わるまで、受付は止めたままにする。",
            "Intake stays closed until the restore is done.",
        ),
        Kind::News => sample::pick(w, "佐藤 健さんが引き受けました。", "Ken Sato accepted."),
    };
    Entry {
        w,
        incident: "inc_01".into(),
        id: if kind == Kind::News { String::new() } else { id.to_owned() },
        kind,
        text: text.into(),
        happened: if kind == Kind::Fact {
            w.tn("time-about", &[("time", "20:50")])
        } else {
            String::new()
        },
        recorded: sample::clock(w, seconds),
        who: if kind == Kind::News { String::new() } else { sample::tanaka(w) },
        source: if kind == Kind::Fact {
            w.tn(
                "source-with-ref",
                &[("source", &w.t("source-log")), ("ref", "db-01:/var/log/postgres")],
            )
        } else {
            String::new()
        },
        corrects: None,
        fate: Fate::Stands,
        may_correct: kind != Kind::News,
        may_redact: kind != Kind::News,
    }
}

fn sample_timeline(w: Words) -> Vec<Entry> {
    let (tanaka, at) = (sample::tanaka(w), sample::clock(w, 420));
    let mut reported = sample_entry(w, "", Kind::News, 960);
    reported.text = w.tn("news-reported", &[("name", &tanaka)]);
    let mut wrong = sample_entry(w, "ent_1", Kind::Fact, 840);
    wrong.text =
        sample::pick(w, "顧客テーブルを削除した。", "The customers table was deleted.").into();
    wrong.fate = Fate::Corrected {
        by_entry: "ent_2".into(),
        why: sample::pick(w, "ログを見直した", "I read the log again").into(),
        who: tanaka.clone(),
        at: at.clone(),
    };
    (wrong.may_correct, wrong.may_redact) = (false, true);
    let mut right = sample_entry(w, "ent_2", Kind::Fact, 420);
    right.corrects = Some("ent_1".into());
    let mut erased = sample_entry(w, "ent_3", Kind::Fact, 300);
    erased.text = String::new();
    erased.fate = Fate::Redacted {
        why: sample::pick(w, "パスワードが含まれていた", "It held a password").into(),
        who: sample::sato(w),
        at,
    };
    (erased.may_correct, erased.may_redact) = (false, false);
    vec![
        reported,
        wrong,
        sample_entry(w, "", Kind::News, 780),
        right,
        erased,
        sample_entry(w, "ent_4", Kind::Guess, 240),
        sample_entry(w, "ent_5", Kind::Unknown, 200),
        sample_entry(w, "ent_6", Kind::Action, 120),
        sample_entry(w, "ent_7", Kind::Decision, 60),
    ]
}

fn sample_incident(w: Words) -> Incident {
    let timeline = sample_timeline(w);
    let pick = |kinds: &[Kind]| -> Vec<Entry> {
        let stands = |entry: &&Entry| kinds.contains(&entry.kind) && entry.fate == Fate::Stands;
        timeline.iter().filter(stands).cloned().collect()
    };
    let insider = |name, role: &str, is_lead| Insider {
        name,
        role: w.t(&format!("role-{role}")),
        is_lead,
        phone: Some(Phone::new("090-0000-0002")),
    };
    let mut page = sample::page(w, Section::Incidents, "incident-title", "/incidents/inc_01");
    page.ledger_hash =
        Some("9f2c41d7a0b35e68c1f4027b9ad3e85f6c70b1d2e4835a96f07c1b2d3e4f5a6b".into());
    page.flash = sample::done(w.t("flash-entry-added"));
    Incident {
        w,
        page,
        id: "inc_01".into(),
        heading: sample::pick(w, "本番DBを消しました", "I deleted the production database").into(),
        is_drill: false,
        state: State::Accepted,
        sentence: w.tn("incident-led", &[("name", &sample::sato(w)), ("time", "21:07")]),
        project: Some("Checkout".into()),
        reporter: sample::tanaka(w),
        reported_at: sample::clock(w, 960),
        lead: Some(sample::sato(w)),
        circle: w.t("circle-1"),
        next_update: Some(sample::relative(w, -540)),
        duties: vec![w.t("duty-disclosure")],
        guide: Guide {
            w,
            dos: ["call-reporter", "one-next-step", "bring-in"]
                .map(|key| w.t(&format!("guide-{key}")))
                .to_vec(),
            dont: Some(w.t("guide-not-why")),
        },
        known: pick(&[Kind::Fact, Kind::Action, Kind::Decision]),
        open: pick(&[Kind::Guess, Kind::Unknown]),
        timeline,
        filters: ["all", "fact", "guess", "unknown", "action", "decision"]
            .into_iter()
            .map(|code| Choice::new(code, &w.t(&format!("filter-{code}"))).chosen("all"))
            .collect(),
        more_url: None,
        insiders: vec![
            insider(sample::tanaka(w), "reporter", false),
            insider(sample::sato(w), "lead", true),
            insider(sample::ito(w), "called", false),
        ],
        candidates: vec![Choice::new("per_suzuki", &sample::suzuki(w))],
        fields: EntryFields::empty(w, "new", ZONE),
        key: sample::KEY.into(),
        may: May { write: true, bring_in: true, hand_over: true, close: true, stand_down: true },
    }
}
