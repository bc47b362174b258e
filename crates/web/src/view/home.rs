//! Home: the button, one line, and who will be reached (A1, A4).

use askama::Template;

use crate::view::sample;
use crate::view::{Called, Choice, Page, Phone, Section, Words};

/// A calling of the reader's own that is still open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCall {
    /// Where it goes on.
    pub url: String,
    /// What it says: who is called, or who has it.
    pub text: String,
    /// Whether nobody has it yet.
    pub is_calling: bool,
}

/// The page with the button.
#[derive(Debug, Clone, Template)]
#[template(path = "home.html", blocks = ["line"])]
pub struct Home {
    /// The reader's language.
    pub w: Words,
    /// What every page shares.
    pub page: Page,
    /// The idempotency key of the next report, made for this rendering.
    pub key: String,
    /// Whether the button is held with a finger or mouse; otherwise pressed is sent.
    pub is_held: bool,
    /// What was typed already, after a failed attempt.
    pub text: String,
    /// The longest first line that is kept, in characters.
    pub text_chars_max: usize,
    /// Projects to choose from; none hides the list. The first choice stands for no project.
    pub projects: Vec<Choice>,
    /// Who will be reached, in order.
    pub line: Vec<Called>,
    /// One sentence for each person who is passed over because they are away.
    pub passed_over: Vec<String>,
    /// Callings of the reader's own that are still open.
    pub open: Vec<OpenCall>,
    /// Whether the sign-in of this device has run out: it may still send a first report and nothing else.
    pub is_expired: bool,
}

impl Home {
    /// The number of the first person who has one: the largest link after the button.
    #[must_use]
    pub fn first_phone(&self) -> Option<(&str, &Phone)> {
        self.line
            .iter()
            .find_map(|called| called.phone.as_ref().map(|phone| (called.name.as_str(), phone)))
    }

    /// Sample states.
    #[must_use]
    pub fn samples(w: Words) -> Vec<(&'static str, Self)> {
        let plain = Self {
            w,
            page: sample::page(w, Section::Home, "home-title", "/"),
            key: sample::KEY.into(),
            is_held: true,
            text: String::new(),
            text_chars_max: 10_000,
            projects: vec![
                Choice::new("", &w.t("home-no-project")).chosen(""),
                Choice::new("prj_checkout", "Checkout"),
                Choice::new("prj_stock", sample::pick(w, "在庫管理", "Stock")),
            ],
            line: sample::line(w),
            passed_over: Vec::new(),
            open: Vec::new(),
            is_expired: false,
        };
        let away =
            [("name", &*sample::ito(w)), ("date", sample::pick(w, "9月20日(日)", "Sun 20 Sep"))];
        let busy = Self {
            is_held: false,
            passed_over: vec![w.tn("line-passed-over", &away)],
            open: vec![
                OpenCall {
                    url: "/incidents/inc_01/calling".into(),
                    text: w
                        .tn("home-open-calling", &[("time", "21:04"), ("name", &sample::sato(w))]),
                    is_calling: true,
                },
                OpenCall {
                    url: "/incidents/inc_00/calling".into(),
                    text: w.tn(
                        "home-open-accepted",
                        &[("time", "18:20"), ("name", &sample::suzuki(w))],
                    ),
                    is_calling: false,
                },
            ],
            ..plain.clone()
        };
        let expired = Self {
            page: Page { section: Section::Home, ..sample::outside(w, "home-title", "/") },
            is_expired: true,
            projects: Vec::new(),
            ..plain.clone()
        };
        vec![("home", plain), ("home-open", busy), ("home-expired", expired)]
    }
}
