//! The incidents that the reader may see.

use askama::Template;

use crate::view::calling::State;
use crate::view::sample;
use crate::view::{Moment, Page, Section, Words};

/// One incident in the list.
#[derive(Debug, Clone)]
pub struct Item {
    /// Where it is.
    pub url: String,
    /// The first words, or the urgent line.
    pub heading: String,
    /// Whether this is a drill.
    pub is_drill: bool,
    /// How it stands.
    pub state: State,
    /// Who reported it.
    pub reporter: String,
    /// When.
    pub reported_at: Moment,
    /// Who leads.
    pub lead: Option<String>,
}

/// The list.
#[derive(Debug, Clone, Template)]
#[template(path = "incidents.html", blocks = ["live"])]
pub struct Incidents {
    /// The reader's language.
    pub w: Words,
    /// What every page shares.
    pub page: Page,
    /// Whether the open ones are shown, or the closed ones.
    pub is_open: bool,
    /// Newest first.
    pub items: Vec<Item>,
    /// Where the rest begins.
    pub next_url: Option<String>,
}

impl Incidents {
    /// Sample states.
    #[must_use]
    pub fn samples(w: Words) -> Vec<(&'static str, Self)> {
        let item = |heading: String, state, lead, seconds| Item {
            url: "/incidents/inc_01".into(),
            heading,
            is_drill: state == State::StoodDown,
            state,
            reporter: sample::tanaka(w),
            reported_at: sample::clock(w, seconds),
            lead,
        };
        let first_words =
            sample::pick(w, "本番DBを消しました", "I deleted the production database");
        let mail = sample::pick(
            w,
            "取引先の一覧を、別の取引先に送ってしまいました。宛先は3社です",
            "I sent the list of partners to another partner. Three addresses",
        );
        let some = Self {
            w,
            page: sample::page(w, Section::Incidents, "incidents-title", "/incidents"),
            is_open: true,
            items: vec![
                item(w.t("message-urgent"), State::Calling, None, 240),
                item(first_words.into(), State::Accepted, Some(sample::sato(w)), 9600),
                item(mail.into(), State::Promised, None, 90_000),
                item(w.t("message-urgent"), State::StoodDown, None, 200_000),
            ],
            next_url: Some("/incidents?after=x".into()),
        };
        let none = Self { is_open: false, items: Vec::new(), next_url: None, ..some.clone() };
        vec![("incidents", some), ("incidents-empty", none)]
    }
}
