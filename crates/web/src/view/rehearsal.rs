//! Rehearsal: who would be called when, and the holes in it (B6).

use askama::Template;

use crate::view::lanes::{Facts, Figure, Lane, Mark, Point, Standing};
use crate::view::sample::{self, ZONE};
use crate::view::{Called, Choice, Page, Section, Words};

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// How long after the press: `3分`.
    pub after: String,
    /// The time of day then.
    pub clock: String,
    /// Who.
    pub person: String,
    /// Over what.
    pub channel: String,
}

/// What would happen.
#[derive(Debug, Clone)]
pub struct Plan {
    /// For whom, for what and when, in one sentence.
    pub sentence: String,
    /// The same figure as on Calling, for the future.
    pub figure: Figure,
    /// Who would be called, in order.
    pub line: Vec<Called>,
    /// One sentence for each person who would be passed over.
    pub passed_over: Vec<String>,
    /// The holes, one sentence each.
    pub problems: Vec<String>,
    /// The first steps.
    pub steps: Vec<Step>,
}

/// The page.
#[derive(Debug, Clone, Template)]
#[template(path = "rehearsal.html")]
pub struct Rehearsal {
    /// The reader's language.
    pub w: Words,
    /// What every page shares.
    pub page: Page,
    /// Who could report.
    pub reporters: Vec<Choice>,
    /// For which project; the first stands for none.
    pub projects: Vec<Choice>,
    /// When, as a `datetime-local` value in the reader's zone.
    pub at: String,
    /// The reader's zone.
    pub zone: String,
    /// What would happen; `None` before anything was chosen.
    pub plan: Option<Plan>,
}

impl Rehearsal {
    /// Sample states.
    #[must_use]
    pub fn samples(w: Words) -> Vec<(&'static str, Self)> {
        let planned = Self {
            w,
            page: sample::page(w, Section::Rehearsal, "rehearsal-title", "/rehearsal"),
            reporters: vec![Choice::new("per_tanaka", &sample::tanaka(w)).chosen("per_tanaka")],
            projects: vec![
                Choice::new("", &w.t("home-no-project")),
                Choice::new("prj_checkout", "Checkout").chosen("prj_checkout"),
            ],
            at: "2026-09-20T03:00".into(),
            zone: ZONE.into(),
            plan: Some(sample_plan(w)),
        };
        let empty = Self { plan: None, ..planned.clone() };
        vec![("rehearsal", planned), ("rehearsal-empty", empty)]
    }
}

fn sample_plan(w: Words) -> Plan {
    let planned = |seconds: i64, channel: &str| Point {
        at_ms: seconds * 1000,
        mark: Mark::Planned,
        channel: w.t(&format!("channel-{channel}")),
    };
    let lane = |name, standing, joins: i64, channels: &[(i64, &str)]| Lane {
        name,
        standing,
        joins_at_ms: joins * 1000,
        points: channels.iter().map(|(seconds, channel)| planned(*seconds, channel)).collect(),
    };
    let lanes = vec![
        lane(
            sample::sato(w),
            Standing::Waiting,
            0,
            &[
                (0, "mail"),
                (0, "push"),
                (60, "voice"),
                (120, "voice"),
                (180, "voice"),
                (300, "mail"),
                (600, "mail"),
            ],
        ),
        lane(
            sample::ito(w),
            Standing::Waiting,
            180,
            &[(180, "mail"), (180, "push"), (240, "voice"), (300, "voice"), (480, "mail")],
        ),
        lane(sample::suzuki(w), Standing::Unreachable, 480, &[]),
    ];
    let step = |after: &str, clock: &str, person, channel: &str| Step {
        after: after.into(),
        clock: clock.into(),
        person,
        channel: w.t(&format!("channel-{channel}")),
    };
    let at = sample::pick(w, "9月20日(日) 03:00 JST", "Sun 20 Sep, 03:00 JST");
    Plan {
        sentence: w.tn("rehearsal-sentence", &[("name", &sample::tanaka(w)), ("time", at)]),
        figure: Figure::lay_out(w, &Facts { start_ms: 0, now_ms: None, end_ms: 660_000, lanes }),
        line: sample::line(w),
        passed_over: Vec::new(),
        problems: vec![w.tn("problem-no_contact", &[("person", &sample::suzuki(w))])],
        steps: vec![
            step(sample::pick(w, "0秒", "0 s"), "03:00:00", sample::sato(w), "mail"),
            step(sample::pick(w, "1分", "1 min"), "03:01:00", sample::sato(w), "voice"),
            step(sample::pick(w, "3分", "3 min"), "03:03:00", sample::ito(w), "mail"),
        ],
    }
}
