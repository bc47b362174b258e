//! What every page shares: title, navigation, language switch, the message left by the last action, print lines.

use askama::Template;
use wording::{Locale, Words};

/// The part of the product a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// None: answer, sign-in, error and demo pages. The navigation is not shown.
    None,
    /// The button.
    Home,
    /// Incidents, calling included.
    Incidents,
    /// People, teams and projects.
    People,
    /// Rehearsal.
    Rehearsal,
    /// Settings.
    Settings,
}

/// What the last action left to say, shown once at the top of the next page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash {
    /// Whether it was done. A done action also lets the browser forget the drafts it sent.
    pub is_done: bool,
    /// One or two sentences.
    pub text: String,
}

/// One place in the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where it leads.
    pub href: &'static str,
    /// Its word.
    pub word: String,
    /// Its symbol in the sprite.
    pub icon: &'static str,
    /// Whether the reader is there.
    pub is_here: bool,
}

/// What every page shares.
#[derive(Debug, Clone)]
pub struct Page {
    /// The reader's language.
    pub w: Words,
    /// The title of the document, without the product's name.
    pub title: String,
    /// Where the page belongs.
    pub section: Section,
    /// The token that every form carries; empty where no session exists.
    pub csrf: String,
    /// Path and query of this page: where the language switch returns to. Empty after a POST.
    pub here: String,
    /// The name of the person signed in.
    pub person: Option<String>,
    /// The organisation's name; empty when it has none.
    pub organisation: String,
    /// What the last action left to say.
    pub flash: Option<Flash>,
    /// The server's time of rendering, in milliseconds UTC: count-downs are corrected by it.
    pub now_ms: i64,
    /// The time of rendering in words, exact with zone: stands on every printed page.
    pub printed_at: String,
    /// The hash at the head of the ledger, on pages that print an incident.
    pub ledger_hash: Option<String>,
    /// Address of the style sheet.
    pub css: String,
    /// Address of the script.
    pub js: String,
    /// Whether this is the demonstration.
    pub is_demo: bool,
}

impl Page {
    /// A page with a title; everything else is empty and to be filled.
    #[must_use]
    pub fn new(w: Words, section: Section, title: String) -> Self {
        Self {
            w,
            title,
            section,
            csrf: String::new(),
            here: String::new(),
            person: None,
            organisation: String::new(),
            flash: None,
            now_ms: 0,
            printed_at: String::new(),
            ledger_hash: None,
            css: "/assets/site.css".to_owned(),
            js: "/assets/app.js".to_owned(),
            is_demo: false,
        }
    }

    /// The language tag of the page.
    #[must_use]
    pub fn lang(&self) -> &'static str {
        self.w.locale().tag()
    }

    /// Whether the page is in Japanese.
    #[must_use]
    pub fn is_ja(&self) -> bool {
        self.w.locale() == Locale::Ja
    }

    /// The places of the navigation; none where nobody is signed in.
    #[must_use]
    pub fn places(&self) -> Vec<Place> {
        if self.section == Section::None || self.person.is_none() {
            return Vec::new();
        }
        let place = |section: Section, href, icon, word| Place {
            href,
            word,
            icon,
            is_here: self.section == section,
        };
        vec![
            place(Section::Home, "/", "i-home", self.w.t("nav-home")),
            place(Section::Incidents, "/incidents", "i-list", self.w.t("nav-incidents")),
            place(Section::People, "/people", "i-people", self.w.t("nav-people")),
            place(Section::Rehearsal, "/rehearsal", "i-clock", self.w.t("nav-rehearsal")),
            place(Section::Settings, "/settings", "i-settings", self.w.t("nav-settings")),
        ]
    }
}

/// Renders a template. A template that cannot be written into memory leaves an empty text.
#[must_use]
pub fn render(template: &impl Template) -> String {
    template.render().unwrap_or_default()
}
