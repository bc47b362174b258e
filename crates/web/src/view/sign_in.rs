//! Signing in, and accepting an invitation by choosing a password.

use askama::Template;

use crate::view::sample;
use crate::view::{Page, Words};

/// The sign-in page.
#[derive(Debug, Clone, Template)]
#[template(path = "sign_in.html")]
pub struct SignIn {
    /// The reader's language.
    pub w: Words,
    /// What every page shares.
    pub page: Page,
    /// The mail address or id, as typed.
    pub name: String,
    /// Where to go afterwards.
    pub then: String,
    /// What is wrong: never which of the two fields.
    pub problem: Option<String>,
    /// Whether this device may still send a first report.
    pub may_report: bool,
}

/// The page behind an invitation link.
#[derive(Debug, Clone, Template)]
#[template(path = "invitation.html")]
pub struct Invitation {
    /// The reader's language.
    pub w: Words,
    /// What every page shares.
    pub page: Page,
    /// Where the form is sent.
    pub action: String,
    /// For whom it is.
    pub name: String,
    /// The sign-in name, filled in for the password store of the browser.
    pub sign_in_name: String,
    /// The shortest password.
    pub password_chars_min: i64,
    /// What is wrong with what was typed.
    pub problem: Option<String>,
}

impl SignIn {
    /// Sample states.
    #[must_use]
    pub fn samples(w: Words) -> Vec<(&'static str, Self)> {
        let plain = Self {
            w,
            page: sample::outside(w, "sign-in-title", "/sign-in"),
            name: String::new(),
            then: "/".into(),
            problem: None,
            may_report: false,
        };
        let wrong = Self {
            name: "tanaka@example.co.jp".into(),
            problem: Some(w.t("sign-in-wrong")),
            may_report: true,
            ..plain.clone()
        };
        vec![("sign-in", plain), ("sign-in-wrong", wrong)]
    }
}

impl Invitation {
    /// Sample states.
    #[must_use]
    pub fn samples(w: Words) -> Vec<(&'static str, Self)> {
        vec![(
            "invitation",
            Self {
                w,
                page: sample::outside(w, "invitation-title", "/invitation/6Jm1"),
                action: "/invitation/6Jm1".into(),
                name: sample::ito(w),
                sign_in_name: "ito@example.co.jp".into(),
                password_chars_min: 10,
                problem: Some(w.t("password-short")),
            },
        )]
    }
}
