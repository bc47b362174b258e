//! People, teams and projects: who is called for whom, and whether they can be reached.

use askama::Template;

use crate::view::sample;
use crate::view::{Called, Page, Phone, Section, Words};

/// One person, team or project in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Where it is shown or edited; empty when the reader may not.
    pub url: String,
    /// Its name.
    pub name: String,
    /// What is to be known at a glance: the lead, the channels, until when somebody is away.
    pub detail: String,
    /// What keeps it from working, in words.
    pub problem: Option<String>,
}

/// The list of everybody.
#[derive(Debug, Clone, Template)]
#[template(path = "people.html")]
pub struct People {
    /// The reader's language.
    pub w: Words,
    /// What every page shares.
    pub page: Page,
    /// People by name.
    pub people: Vec<Row>,
    /// Teams by name.
    pub teams: Vec<Row>,
    /// Projects by name.
    pub projects: Vec<Row>,
    /// What is wrong with the directory as a whole, one sentence each.
    pub problems: Vec<String>,
    /// Whether the reader sets ippo up.
    pub is_admin: bool,
}

/// One way of reaching a person, as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactRow {
    /// The channel in words.
    pub channel: String,
    /// The address, or as much of it as the reader may see.
    pub address: String,
    /// Set when it is a telephone number.
    pub phone: Option<Phone>,
    /// Why it cannot be used, in words.
    pub problem: Option<String>,
}

/// One person.
#[derive(Debug, Clone, Template)]
#[template(path = "person.html")]
pub struct PersonPage {
    /// The reader's language.
    pub w: Words,
    /// What every page shares.
    pub page: Page,
    /// Who.
    pub name: String,
    /// Label and value: manager, deputies, teams, language, zone.
    pub facts: Vec<(String, String)>,
    /// How to reach them.
    pub contacts: Vec<ContactRow>,
    /// When they are away, in words.
    pub absences: Vec<String>,
    /// Who is called when this person reports, without a project.
    pub line: Vec<Called>,
    /// One sentence for each person who is passed over.
    pub passed_over: Vec<String>,
    /// What keeps this from working, one sentence each.
    pub problems: Vec<String>,
    /// Where the reader edits them.
    pub edit_url: Option<String>,
    /// Where this person's calling is rehearsed.
    pub rehearsal_url: String,
}

impl People {
    /// Sample states.
    #[must_use]
    pub fn samples(w: Words) -> Vec<(&'static str, Self)> {
        let row = |url: &str, name: String, detail: String| Row {
            url: url.into(),
            name,
            detail,
            problem: None,
        };
        let channels = |list: &[&str]| {
            list.iter()
                .map(|code| w.t(&format!("channel-{code}")))
                .collect::<Vec<_>>()
                .join(&w.t("list-comma"))
        };
        let mut suzuki = row("/people/per_suzuki", sample::suzuki(w), channels(&["mail"]));
        suzuki.problem = Some(w.tn("problem-no_voice", &[("person", &sample::suzuki(w))]));
        let away = w.tn("people-away", &[("date", sample::pick(w, "9月20日(日)", "Sun 20 Sep"))]);
        let some = Self {
            w,
            page: sample::page(w, Section::People, "people-title", "/people"),
            people: vec![
                row("/people/per_tanaka", sample::tanaka(w), channels(&["mail", "voice"])),
                row("/people/per_sato", sample::sato(w), channels(&["mail", "push", "voice"])),
                row("/people/per_ito", sample::ito(w), away),
                suzuki,
            ],
            teams: vec![row(
                "/teams/team_billing/edit",
                sample::pick(w, "決済", "Billing").into(),
                w.tn("people-led-by", &[("name", &sample::sato(w))]),
            )],
            projects: vec![row(
                "/projects/prj_checkout/edit",
                "Checkout".into(),
                w.tn("people-led-by", &[("name", &sample::sato(w))]),
            )],
            problems: vec![w.t("problem-one_last_resort")],
            is_admin: true,
        };
        let none = Self {
            people: Vec::new(),
            teams: Vec::new(),
            projects: Vec::new(),
            problems: Vec::new(),
            is_admin: false,
            ..some.clone()
        };
        vec![("people", some), ("people-empty", none)]
    }
}

impl PersonPage {
    /// Sample states.
    #[must_use]
    pub fn samples(w: Words) -> Vec<(&'static str, Self)> {
        let contact = |channel: &str, address: &str, phone: Option<&str>| ContactRow {
            channel: w.t(&format!("channel-{channel}")),
            address: address.into(),
            phone: phone.map(Phone::new),
            problem: None,
        };
        let mut outside = contact("mail", "tanaka@home.example", None);
        outside.problem = Some(w.t("unusable-outside"));
        let full = Self {
            w,
            page: sample::page(w, Section::People, "person-title", "/people/per_tanaka"),
            name: sample::tanaka(w),
            facts: vec![
                (w.t("person-manager"), sample::sato(w)),
                (w.t("person-deputies"), sample::ito(w)),
                (w.t("person-zone"), sample::ZONE.into()),
            ],
            contacts: vec![
                contact("mail", "tanaka@example.co.jp", None),
                contact("voice", "090-0000-0001", Some("090-0000-0001")),
                outside,
            ],
            absences: vec![
                sample::pick(w, "12月29日(火) 〜 1月3日(日)", "Tue 29 Dec – Sun 3 Jan").into(),
            ],
            line: sample::line(w),
            passed_over: Vec::new(),
            problems: Vec::new(),
            edit_url: Some("/people/per_tanaka/edit".into()),
            rehearsal_url: "/rehearsal?reporter=per_tanaka".into(),
        };
        let bare = Self {
            contacts: Vec::new(),
            absences: Vec::new(),
            problems: vec![w.tn("problem-no_contact", &[("person", &sample::tanaka(w))])],
            edit_url: None,
            ..full.clone()
        };
        vec![("person", full), ("person-bare", bare)]
    }
}
