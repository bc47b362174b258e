//! Calling: what goes on after the press, and what the reporter can do meanwhile (A4–A9).

use askama::Template;
use wording::script::{self, CHECKING, GROUPS};

use crate::view::lanes::{Facts, Figure, Lane, Mark, Point, Standing};
use crate::view::sample::{self, NOW, ZONE};
use crate::view::{Choice, Guide, Moment, Page, Phone, Section, Words};

/// How the calling stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// People are being called.
    Calling,
    /// Somebody will be there at a named time; calling rests until then.
    Promised,
    /// Somebody has it.
    Accepted,
    /// Stood down.
    StoodDown,
    /// Closed.
    Closed,
}

impl State {
    /// The stable code; also the end of the class's name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Calling => "calling",
            Self::Promised => "promised",
            Self::Accepted => "accepted",
            Self::StoodDown => "stood_down",
            Self::Closed => "closed",
        }
    }

    /// Whether a human has it, or nobody is needed any more.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Accepted | Self::StoodDown | Self::Closed)
    }

    /// The key of its word in the catalogue.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Calling => "state-calling",
            Self::Promised => "state-promised",
            Self::Accepted => "state-accepted",
            Self::StoodDown => "state-stood_down",
            Self::Closed => "state-closed",
        }
    }
}

/// The next attempt.
#[derive(Debug, Clone)]
pub struct Next {
    /// To whom, over what: `佐藤 健さんに電話`.
    pub text: String,
    /// When.
    pub at: Moment,
}

/// One attempt in words.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// When.
    pub at: Moment,
    /// The channel in words, with the number of the try where it is not the first.
    pub channel: String,
    /// What became of it.
    pub mark: Mark,
    /// Why it failed, in words.
    pub why: Option<String>,
}

/// One person of the line, and everything that was tried.
#[derive(Debug, Clone)]
pub struct Person {
    /// The person's id.
    pub id: String,
    /// Who.
    pub name: String,
    /// Why them.
    pub because: String,
    /// Where they stand.
    pub standing: Standing,
    /// What is behind it: `21:10までに来ます`, `3分後に加わります`. Empty when there is nothing to add.
    pub detail: String,
    /// Their number.
    pub phone: Option<Phone>,
    /// Attempts, newest first.
    pub attempts: Vec<Attempt>,
    /// Whether the reporter may state that they reached this person.
    pub may_be_stated: bool,
}

impl Person {
    /// How many attempts there were.
    #[must_use]
    pub fn attempts_count(&self) -> i64 {
        i64::try_from(self.attempts.len()).unwrap_or(i64::MAX)
    }
}

/// One group of chips with what is chosen.
#[derive(Debug, Clone)]
pub struct ChipGroup {
    /// The group's code; also the name of the form field.
    pub code: &'static str,
    /// The question.
    pub label: String,
    /// The answers. "Being checked" is one of them, of equal size.
    pub choices: Vec<Choice>,
}

impl ChipGroup {
    /// All groups with what was chosen so far, by group code.
    #[must_use]
    pub fn all(w: Words, chosen: impl Fn(&str) -> Option<String>) -> Vec<Self> {
        let group = |(code, choices): (&'static str, &[&str])| Self {
            code,
            label: w.t(&format!("chip-{code}")),
            choices: choices
                .iter()
                .map(|choice| {
                    let label = w.t(&format!("chip-{code}-{choice}"));
                    Choice::new(choice, &label).chosen(chosen(code).as_deref().unwrap_or_default())
                })
                .collect(),
        };
        GROUPS.into_iter().map(group).collect()
    }
}

/// The reporter's receipt (A8).
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The whole receipt as JSON, as it is downloaded and kept in the browser.
    pub json: String,
    /// When it was pressed.
    pub pressed_at: Moment,
    /// The hash of the record it proves.
    pub hash: String,
    /// Where it is downloaded.
    pub url: String,
}

/// The page after the press.
#[derive(Debug, Clone, Template)]
#[template(path = "calling.html", blocks = ["live"])]
pub struct Calling {
    /// The reader's language.
    pub w: Words,
    /// What every page shares.
    pub page: Page,
    /// The incident's id.
    pub id: String,
    /// Whether this is a drill.
    pub is_drill: bool,
    /// When it was sent.
    pub sent_at: Moment,
    /// How the calling stands.
    pub state: State,
    /// The same as one sentence: `佐藤さんを呼んでいます。`
    pub sentence: String,
    /// The next attempt, while there is one.
    pub next: Option<Next>,
    /// After five minutes: who else is called, and to speak to those nearby.
    pub nudge: Option<String>,
    /// What ippo cannot do: no channel works, a project is unknown.
    pub trouble: Vec<String>,
    /// The person to call first oneself.
    pub first_phone: Option<(String, Phone)>,
    /// The figure.
    pub figure: Figure,
    /// The line of people.
    pub people: Vec<Person>,
    /// What to do now. While nobody has it, the card of what not to do stands by itself.
    pub guide: Guide,
    /// What to say on the telephone.
    pub script: Vec<String>,
    /// Who is told next when one is brushed off.
    pub next_name: Option<String>,
    /// What is known so far.
    pub chips: Vec<ChipGroup>,
    /// What was done already, in the reporter's words.
    pub done_text: String,
    /// The receipt; for the reporter alone.
    pub receipt: Option<Receipt>,
    /// Whether the reader may add words under the report.
    pub may_add_words: bool,
    /// Whether the reader may stand it down.
    pub may_stand_down: bool,
    /// Whether the reader is signed in on this device, and so may open the incident.
    pub may_open_incident: bool,
}

impl Calling {
    /// Sample states.
    #[must_use]
    pub fn samples(w: Words) -> Vec<(&'static str, Self)> {
        let calling = sample_calling(w);
        let sato = sample::sato(w);
        let mut promised = calling.clone();
        promised.state = State::Promised;
        promised.sentence = w.tn("calling-promised", &[("name", &sato), ("time", "21:10")]);
        promised.next = None;
        let mut accepted = calling.clone();
        accepted.state = State::Accepted;
        accepted.sentence = w.tn("calling-accepted", &[("name", &sato), ("time", "21:07")]);
        (accepted.next, accepted.nudge, accepted.trouble) = (None, None, Vec::new());
        accepted.guide = sample_guide(w, true);
        let figure = sample_figure(w, Standing::Accepted, Mark::Accepted);
        accepted.figure = figure;
        for (person, standing) in accepted.people.iter_mut().zip([
            Standing::Accepted,
            Standing::Stopped,
            Standing::Stopped,
        ]) {
            (person.standing, person.may_be_stated, person.detail) =
                (standing, false, String::new());
        }
        let mut over = accepted.clone();
        over.state = State::StoodDown;
        over.sentence =
            w.tn("calling-stood-down", &[("name", &sample::tanaka(w)), ("time", "21:09")]);
        over.may_stand_down = false;
        over.is_drill = true;
        over.may_open_incident = false;
        (over.receipt, over.may_add_words) = (None, false);
        vec![
            ("calling", calling),
            ("calling-promised", promised),
            ("calling-accepted", accepted),
            ("calling-stood-down", over),
        ]
    }
}

fn sample_guide(w: Words, is_over: bool) -> Guide {
    let (dos, dont) = if is_over {
        (["lead-has-it", "tell-the-lead", "write-what-you-saw"], "not-to-customers")
    } else {
        (["sent", "call-too", "write-what-you-saw"], "not-alone")
    };
    let words = |key: &str| w.t(&format!("guide-{key}"));
    Guide { w, dos: dos.into_iter().map(words).collect(), dont: Some(words(dont)) }
}

fn sample_figure(w: Words, first: Standing, last: Mark) -> Figure {
    let at = |seconds| sample::ago(seconds).as_millisecond();
    let point = |seconds, mark, channel: &str| Point {
        at_ms: at(seconds),
        mark,
        channel: if channel.is_empty() {
            String::new()
        } else {
            w.t(&format!("channel-{channel}"))
        },
    };
    let lane =
        |name, standing, joins, points| Lane { name, standing, joins_at_ms: at(joins), points };
    let is_over = first == Standing::Accepted;
    let second = if is_over { Standing::Stopped } else { Standing::Calling };
    let last_channel = if is_over { "" } else { "voice" };
    let lanes = vec![
        lane(
            sample::sato(w),
            first,
            240,
            vec![
                point(240, Mark::HandedOver, "mail"),
                point(240, Mark::Delivered, "push"),
                point(239, Mark::HandedOver, "chat"),
                point(239, Mark::Failed, "sms"),
                point(180, Mark::HandedOver, "voice"),
                point(120, Mark::HandedOver, "voice"),
                point(60, Mark::HandedOver, "voice"),
                point(
                    if is_over { 5 } else { -40 },
                    if is_over { last } else { Mark::Planned },
                    last_channel,
                ),
            ],
        ),
        lane(
            sample::ito(w),
            second,
            60,
            vec![
                point(60, Mark::HandedOver, "mail"),
                point(59, Mark::Delivered, "push"),
                point(0, Mark::Seen, "push"),
            ],
        ),
        lane(
            sample::suzuki(w),
            if is_over { Standing::Stopped } else { Standing::Waiting },
            -240,
            Vec::new(),
        ),
    ];
    Figure::lay_out(
        w,
        &Facts {
            start_ms: at(240),
            now_ms: Some(NOW.as_millisecond()),
            end_ms: at(if is_over { 0 } else { -60 }),
            lanes,
        },
    )
}

fn sample_people(w: Words) -> Vec<Person> {
    let attempt = |seconds, channel: &str, mark, why: Option<&str>| Attempt {
        at: Moment::seconds(w, sample::ago(seconds), ZONE),
        channel: w.t(&format!("channel-{channel}")),
        mark,
        why: why.map(|code| w.t(&format!("why-{code}"))),
    };
    let standings = [Standing::Calling, Standing::Calling, Standing::Waiting];
    let line = sample::line(w).into_iter().zip(standings).zip(1..);
    let mut people: Vec<Person> = line
        .map(|((called, standing), number)| Person {
            id: format!("per_{number}"),
            name: called.name,
            because: called.because,
            standing,
            detail: String::new(),
            phone: called.phone,
            attempts: Vec::new(),
            may_be_stated: true,
        })
        .collect();
    if let [first, second, third] = people.as_mut_slice() {
        first.attempts = vec![
            attempt(60, "voice", Mark::HandedOver, None),
            attempt(239, "sms", Mark::Failed, Some("unreachable")),
            attempt(240, "push", Mark::Delivered, None),
            attempt(240, "mail", Mark::HandedOver, None),
        ];
        second.attempts =
            vec![attempt(0, "push", Mark::Seen, None), attempt(60, "mail", Mark::HandedOver, None)];
        third.detail = w.tn("calling-joins", &[("when", sample::pick(w, "4分後", "in 4 minutes"))]);
    }
    people
}

fn sample_calling(w: Words) -> Calling {
    let (tanaka, sato, ito) = (sample::tanaka(w), sample::sato(w), sample::ito(w));
    let said = script::Said {
        reporter: &tanaka,
        what: Some("data_deleted"),
        when: Some("within_hour"),
        ongoing: Some(CHECKING),
        next_report: "21:20",
        ..script::Said::default()
    };
    let chosen = |group: &str| match group {
        "what" => Some("data_deleted".to_owned()),
        "when" => Some("within_hour".to_owned()),
        _ => None,
    };
    Calling {
        w,
        page: sample::page(w, Section::Incidents, "calling-title", "/incidents/inc_01/calling"),
        id: "inc_01".into(),
        is_drill: false,
        sent_at: sample::clock(w, 240),
        state: State::Calling,
        sentence: w.tn("calling-calling-two", &[("first", &sato), ("second", &ito)]),
        next: Some(Next {
            text: w.tn("calling-next", &[("name", &sato), ("channel", &w.t("channel-voice"))]),
            at: sample::relative(w, -40),
        }),
        nudge: Some(w.tn("calling-nudge", &[("name", &ito)])),
        trouble: vec![w.tn(
            "calling-failed",
            &[("name", &sato), ("channel", &w.t("channel-sms")), ("why", &w.t("why-unreachable"))],
        )],
        first_phone: Some((sato.clone(), Phone::new("090-0000-0002"))),
        figure: sample_figure(w, Standing::Calling, Mark::Planned),
        people: sample_people(w),
        guide: Guide { dont: None, ..sample_guide(w, false) },
        script: script::telephone(w, &said),
        next_name: Some(ito),
        chips: ChipGroup::all(w, chosen),
        done_text: String::new(),
        receipt: Some(Receipt {
            json: format!(
                r#"{{"incident":"inc_01","seq":1,"at_ms":{},"name":"<{tanaka}>"}}"#,
                NOW.as_millisecond()
            ),
            pressed_at: sample::clock(w, 240),
            hash: "9f2c41d7a0b35e68c1f4027b9ad3e85f6c70b1d2e4835a96f07c1b2d3e4f5a6b".into(),
            url: "/incidents/inc_01/receipt".into(),
        }),
        may_add_words: true,
        may_stand_down: true,
        may_open_incident: true,
    }
}
