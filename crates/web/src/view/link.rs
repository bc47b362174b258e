//! Linking a computer: which device asks, with which code, and that it is linked.

use askama::Template;

use crate::view::sample;
use crate::view::{Page, Section, Words};

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The code is to be typed.
    Asking,
    /// A device with that code waits.
    Found {
        /// What it calls itself.
        device: String,
    },
    /// No device with that code waits.
    Unknown,
    /// It is linked.
    Linked {
        /// What it calls itself.
        device: String,
    },
}

/// The page.
#[derive(Debug, Clone, Template)]
#[template(path = "link.html")]
pub struct Link {
    /// The reader's language.
    pub w: Words,
    /// What every page shares.
    pub page: Page,
    /// The code, as given.
    pub code: String,
    /// How far it is.
    pub state: State,
}

impl Link {
    /// Sample states.
    #[must_use]
    pub fn samples(w: Words) -> Vec<(&'static str, Self)> {
        let page = sample::page(w, Section::Settings, "link-title", "/link");
        let link = |state| Self { w, page: page.clone(), code: "BCDF-GHJK".into(), state };
        let device = || "tanaka-laptop".to_owned();
        vec![
            ("link-ask", Self { code: String::new(), ..link(State::Asking) }),
            ("link", link(State::Found { device: device() })),
            ("link-unknown", link(State::Unknown)),
            ("link-done", link(State::Linked { device: device() })),
        ]
    }
}
