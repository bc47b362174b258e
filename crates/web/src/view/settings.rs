//! Settings: language, the button, this person's devices and tokens, and invitations for admins.

use askama::Template;

use crate::view::qr::Qr;
use crate::view::sample::{self, ZONE};
use crate::view::{Choice, Moment, Page, Section, Words};

/// A device on which the reader is signed in.
#[derive(Debug, Clone)]
pub struct Device {
    /// The session's id.
    pub id: String,
    /// What it is: `Chrome、Windows`.
    pub name: String,
    /// When it was last used.
    pub used_at: Moment,
    /// Whether it is the one in the reader's hand.
    pub is_this: bool,
}

/// A token of the reader's for the API and the command line.
#[derive(Debug, Clone)]
pub struct Token {
    /// The token's id.
    pub id: String,
    /// What the reader called it.
    pub label: String,
    /// When it was made.
    pub made_at: Moment,
    /// When it was last used.
    pub used_at: Option<Moment>,
}

/// An invitation that was just made. Shown once.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// For whom.
    pub name: String,
    /// The link.
    pub url: String,
    /// The link as a QR code.
    pub qr: Option<Qr>,
    /// Until when it works.
    pub until: Moment,
}

/// The page.
#[derive(Debug, Clone, Template)]
#[template(path = "settings.html")]
pub struct Settings {
    /// The reader's language.
    pub w: Words,
    /// What every page shares.
    pub page: Page,
    /// Whether the button is held.
    pub is_held: bool,
    /// Where the reader signs in: every device, the newest first.
    pub devices: Vec<Device>,
    /// The reader's tokens.
    pub tokens: Vec<Token>,
    /// A token that was just made. Shown once.
    pub new_token: Option<String>,
    /// Who could be invited; empty for everybody but admins.
    pub invitees: Vec<Choice>,
    /// An invitation that was just made.
    pub invitation: Option<NewInvitation>,
    /// What is wrong with what was typed into the password form.
    pub password_problem: Option<String>,
}

impl Settings {
    /// Sample states.
    #[must_use]
    pub fn samples(w: Words) -> Vec<(&'static str, Self)> {
        let plain = Self {
            w,
            page: sample::page(w, Section::Settings, "settings-title", "/settings"),
            is_held: true,
            devices: vec![
                Device {
                    id: "ses_1".into(),
                    name: sample::pick(w, "Chrome、Android", "Chrome on Android").into(),
                    used_at: sample::relative(w, 2),
                    is_this: true,
                },
                Device {
                    id: "ses_2".into(),
                    name: "Firefox, Windows".into(),
                    used_at: sample::clock(w, 90_000),
                    is_this: false,
                },
            ],
            tokens: vec![Token {
                id: "tok_1".into(),
                label: "laptop".into(),
                made_at: sample::clock(w, 900_000),
                used_at: None,
            }],
            new_token: None,
            invitees: Vec::new(),
            invitation: None,
            password_problem: None,
        };
        let url = "https://ippo.example.co.jp/invitation/6Jm1fQ2nT0yYb7kWc3";
        let admin = Self {
            is_held: false,
            new_token: Some("ippo_4f9Tq0ZrV2b8LxWc".into()),
            invitees: vec![Choice::new("per_ito", &sample::ito(w))],
            invitation: Some(NewInvitation {
                name: sample::ito(w),
                url: url.into(),
                qr: Qr::draw(url, w.t("settings-qr")),
                until: Moment::clock(w, sample::ago(-259_200), sample::NOW, ZONE),
            }),
            password_problem: Some(w.t("password-short")),
            ..plain.clone()
        };
        vec![("settings", plain), ("settings-admin", admin)]
    }
}
