//! When something did not work: what happened, what was kept, and what to do.

use askama::Template;

use crate::view::sample;
use crate::view::{Page, Phone, Words};

/// The page.
#[derive(Debug, Clone, Template)]
#[template(path = "problem.html")]
pub struct Problem {
    /// The reader's language.
    pub w: Words,
    /// What every page shares. Its title is the heading.
    pub page: Page,
    /// What happened.
    pub happened: String,
    /// What was kept; empty when there was nothing to keep.
    pub kept: String,
    /// What to do now.
    pub remedy: String,
    /// The stable code and, for our own mistakes, the number under which it was logged.
    pub code: String,
    /// What the reader had typed, to copy it from here.
    pub typed: String,
    /// Who can be called instead.
    pub phones: Vec<(String, Phone)>,
    /// Where to go on: address and label.
    pub onward: Option<(String, String)>,
}

impl Problem {
    /// The page for an address where nothing is, or nothing that the reader may see.
    #[must_use]
    pub fn not_found(w: Words, mut page: Page) -> Self {
        page.title = w.t("error-not_found-title");
        Self {
            w,
            page,
            happened: w.t("error-not_found"),
            kept: String::new(),
            remedy: w.t("error-not_found-remedy"),
            code: "not_found".into(),
            typed: String::new(),
            phones: Vec::new(),
            onward: Some(("/".into(), w.t("error-to-home"))),
        }
    }

    /// Sample states.
    #[must_use]
    pub fn samples(w: Words) -> Vec<(&'static str, Self)> {
        let stored = Self {
            w,
            page: sample::outside(w, "error-not_stored-title", ""),
            happened: w.t("error-not_stored"),
            kept: w.t("error-not_stored-kept"),
            remedy: w.t("error-not_stored-remedy"),
            code: "not_stored".into(),
            typed: sample::pick(w, "本番DBを消しました", "I deleted the production database")
                .into(),
            phones: vec![
                (sample::sato(w), Phone::new("090-0000-0002")),
                (sample::ito(w), Phone::new("090-0000-0003")),
            ],
            onward: None,
        };
        let page = sample::outside(w, "error-not_found-title", "/nowhere");
        vec![("error", stored), ("not-found", Self::not_found(w, page))]
    }
}
