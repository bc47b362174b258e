//! Answer: what a person who is called sees, without signing in (B3). Opening it changes nothing.

use askama::Template;

use crate::view::sample;
use crate::view::{Choice, Moment, Page, Phone, Words};

/// Where the person and the incident stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The person is asked for an answer.
    Open,
    /// The reporter says they reached this person, who is asked to confirm it.
    ToConfirm {
        /// When the reporter stated it.
        stated_at: Moment,
    },
    /// This person has promised to be there; they may still accept.
    Promised {
        /// Until when.
        until: Moment,
    },
    /// This person has it.
    Yours {
        /// Since when.
        since: Moment,
    },
    /// This person cannot; they may still accept.
    Cannot,
    /// Somebody else has it.
    Taken {
        /// Who.
        name: String,
        /// Since when.
        since: Moment,
    },
    /// Stood down.
    StoodDown {
        /// By whom.
        name: String,
        /// When.
        at: Moment,
    },
    /// Closed.
    Closed,
    /// This person is no longer asked.
    NoLonger,
}

/// The page behind the answer link.
#[derive(Debug, Clone, Template)]
#[template(path = "answer.html", blocks = ["live"])]
pub struct Answer {
    /// The language of the person who is called.
    pub w: Words,
    /// What every page shares.
    pub page: Page,
    /// Where the forms are sent: this page's own address.
    pub action: String,
    /// Where news of this calling comes from; empty for none.
    pub live_url: String,
    /// Whether this is a drill.
    pub is_drill: bool,
    /// Where things stand.
    pub asked: Asked,
    /// The name of the person who is called.
    pub person: String,
    /// The reporter's name.
    pub reporter: String,
    /// When they reported.
    pub reported_at: Moment,
    /// How long ago that is.
    pub waiting: Moment,
    /// The project's name.
    pub project: Option<String>,
    /// What the reporter wrote first; empty for nothing.
    pub first_words: String,
    /// The reporter's number.
    pub phone: Option<Phone>,
    /// The promises that may be made; see [`Self::list_minutes`].
    pub minutes: Vec<Choice>,
    /// Where the incident is opened after signing in, for the one who has it.
    pub incident_url: Option<String>,
}

impl Answer {
    /// Whether this person may say that they take it.
    #[must_use]
    pub const fn may_accept(&self) -> bool {
        matches!(
            self.asked,
            Asked::Open | Asked::ToConfirm { .. } | Asked::Promised { .. } | Asked::Cannot
        )
    }

    /// Whether this person is about to speak with the reporter, and so reads how to receive the news.
    #[must_use]
    pub const fn is_receiving(&self) -> bool {
        self.may_accept() || matches!(self.asked, Asked::Yours { .. })
    }

    /// Whether this person may promise or decline.
    #[must_use]
    pub const fn may_decline(&self) -> bool {
        matches!(self.asked, Asked::Open | Asked::ToConfirm { .. } | Asked::Promised { .. })
    }

    /// The promises that may be made, as choices.
    #[must_use]
    pub fn list_minutes(w: Words, minutes: &[i64]) -> Vec<Choice> {
        minutes
            .iter()
            .map(|n| Choice::new(&n.to_string(), &w.tc("answer-minutes", *n, &[])))
            .collect()
    }

    /// Sample states.
    #[must_use]
    pub fn samples(w: Words) -> Vec<(&'static str, Self)> {
        let clock = |seconds| sample::clock(w, seconds);
        let open = Self {
            w,
            page: sample::outside(w, "answer-title", "/a/3xq9"),
            action: "/a/3xq9".into(),
            live_url: "/a/3xq9/events".into(),
            is_drill: false,
            asked: Asked::Open,
            person: sample::sato(w),
            reporter: sample::tanaka(w),
            reported_at: clock(80),
            waiting: sample::relative(w, 80),
            project: Some("Checkout".into()),
            first_words: sample::pick(w, "本番DBを消しました", "I deleted the production database")
                .into(),
            phone: Some(Phone::new("090-0000-0001")),
            minutes: Self::list_minutes(w, &[5, 10, 15, 30]),
            incident_url: None,
        };
        let with = |asked| Self { asked, ..open.clone() };
        let yours = with(Asked::Yours { since: clock(10) });
        vec![
            ("answer", open.clone()),
            (
                "answer-drill",
                Self {
                    is_drill: true,
                    phone: None,
                    project: None,
                    first_words: String::new(),
                    ..open.clone()
                },
            ),
            ("answer-confirm", with(Asked::ToConfirm { stated_at: clock(30) })),
            ("answer-promised", with(Asked::Promised { until: clock(-290) })),
            ("answer-yours", Self { incident_url: Some("/incidents/inc_01".into()), ..yours }),
            ("answer-cannot", with(Asked::Cannot)),
            ("answer-taken", with(Asked::Taken { name: sample::ito(w), since: clock(20) })),
            ("answer-stood-down", with(Asked::StoodDown { name: sample::tanaka(w), at: clock(5) })),
            ("answer-closed", with(Asked::Closed)),
            ("answer-no-longer", with(Asked::NoLonger)),
        ]
    }
}
