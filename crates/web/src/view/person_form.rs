//! The forms with which an admin sets people, teams and projects up.

use askama::Template;

use crate::view::sample::{self, ZONE};
use crate::view::{Choice, Page, Section, Words};

/// A list to choose one from, several of which stand for an order.
#[derive(Debug, Clone)]
pub struct Slot {
    /// The name of the form field, which is also its id.
    pub name: String,
    /// The label.
    pub label: String,
    /// The choices; the first stands for nobody.
    pub choices: Vec<Choice>,
}

/// One way of reaching the person, or an empty row for one more.
#[derive(Debug, Clone)]
pub struct ContactFields {
    /// From 1; ends the names of the fields: `channel_1`, `address_1`.
    pub number: i64,
    /// The channels; the first stands for none.
    pub channels: Vec<Choice>,
    /// The address.
    pub address: String,
}

/// Days away, or an empty row for more.
#[derive(Debug, Clone)]
pub struct AbsenceFields {
    /// From 1; ends the names of the fields: `away_from_1`, `away_to_1`.
    pub number: i64,
    /// The first day, `2026-12-29` or empty.
    pub from: String,
    /// The last day.
    pub to: String,
}

/// The form for a person.
#[derive(Debug, Clone, Template)]
#[template(path = "person_form.html")]
pub struct PersonForm {
    /// The reader's language.
    pub w: Words,
    /// What every page shares.
    pub page: Page,
    /// Where it is sent.
    pub action: String,
    /// Whether this is a new person, whose id is chosen here.
    pub is_new: bool,
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The languages; the first stands for the organisation's.
    pub locales: Vec<Choice>,
    /// The zone; empty means the organisation's.
    pub timezone: String,
    /// Manager and deputies, in order.
    pub slots: Vec<Slot>,
    /// Contacts, best first, with empty rows at the end.
    pub contacts: Vec<ContactFields>,
    /// Absences, with an empty row at the end.
    pub absences: Vec<AbsenceFields>,
    /// Whether the person sets ippo up.
    pub is_admin: bool,
    /// What is wrong with what was typed.
    pub problems: Vec<String>,
}

/// The form for a team or a project.
#[derive(Debug, Clone, Template)]
#[template(path = "group_form.html")]
pub struct GroupForm {
    /// The reader's language.
    pub w: Words,
    /// What every page shares.
    pub page: Page,
    /// Where it is sent.
    pub action: String,
    /// Whether it is new, and its id is chosen here.
    pub is_new: bool,
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// Team (of a project), lead and deputies, in order.
    pub slots: Vec<Slot>,
    /// Members of a team: everybody, with those who belong to it chosen. Empty for a project.
    pub members: Vec<Choice>,
    /// What is wrong with what was typed.
    pub problems: Vec<String>,
}

fn sample_slot(w: Words, name: &str, label: &str) -> Slot {
    Slot {
        name: name.into(),
        label: w.t(label),
        choices: vec![
            Choice::new("", &w.t("form-nobody")),
            Choice::new("per_sato", &sample::sato(w)).chosen("per_sato"),
            Choice::new("per_ito", &sample::ito(w)),
        ],
    }
}

impl PersonForm {
    /// Sample states.
    #[must_use]
    pub fn samples(w: Words) -> Vec<(&'static str, Self)> {
        let contact = |number, channel: &str, address: &str| ContactFields {
            number,
            channels: ["", "mail", "voice", "sms"]
                .into_iter()
                .map(|code| {
                    let label = if code.is_empty() {
                        w.t("form-none")
                    } else {
                        w.t(&format!("channel-{code}"))
                    };
                    Choice::new(code, &label).chosen(channel)
                })
                .collect(),
            address: address.into(),
        };
        let edit = Self {
            w,
            page: sample::page(w, Section::People, "person-edit-title", "/people/per_tanaka/edit"),
            action: "/people/per_tanaka/edit".into(),
            is_new: false,
            id: "per_tanaka".into(),
            name: sample::tanaka(w),
            locales: vec![
                Choice::new("", &w.t("form-as-organisation")),
                Choice::new("ja", "日本語").chosen("ja"),
                Choice::new("en", "English"),
            ],
            timezone: ZONE.into(),
            slots: vec![
                sample_slot(w, "manager", "person-manager"),
                sample_slot(w, "deputy_1", "form-deputy-1"),
                sample_slot(w, "deputy_2", "form-deputy-2"),
            ],
            contacts: vec![
                contact(1, "mail", "tanaka@example.co.jp"),
                contact(2, "voice", "090-0000-0001"),
                contact(3, "", ""),
            ],
            absences: vec![
                AbsenceFields { number: 1, from: "2026-12-29".into(), to: "2027-01-03".into() },
                AbsenceFields { number: 2, from: String::new(), to: String::new() },
            ],
            is_admin: false,
            problems: vec![w.tn(
                "form-bad-address",
                &[("address", "tanaka@@"), ("example", "hanako@example.co.jp")],
            )],
        };
        let new = Self {
            action: "/people/new".into(),
            is_new: true,
            id: String::new(),
            name: String::new(),
            problems: Vec::new(),
            ..edit.clone()
        };
        vec![("person-edit", edit), ("person-new", new)]
    }
}

impl GroupForm {
    /// Sample states.
    #[must_use]
    pub fn samples(w: Words) -> Vec<(&'static str, Self)> {
        let team = Self {
            w,
            page: sample::page(w, Section::People, "team-edit-title", "/teams/team_billing/edit"),
            action: "/teams/team_billing/edit".into(),
            is_new: false,
            id: "team_billing".into(),
            name: sample::pick(w, "決済", "Billing").into(),
            slots: vec![
                sample_slot(w, "lead", "form-lead"),
                sample_slot(w, "deputy_1", "form-deputy-1"),
            ],
            members: vec![
                Choice::new("per_tanaka", &sample::tanaka(w)).chosen("per_tanaka"),
                Choice::new("per_ito", &sample::ito(w)),
            ],
            problems: Vec::new(),
        };
        let mut project = Self {
            page: sample::page(w, Section::People, "project-edit-title", "/projects/new"),
            action: "/projects/new".into(),
            is_new: true,
            id: String::new(),
            name: String::new(),
            members: Vec::new(),
            ..team.clone()
        };
        project.slots.insert(0, sample_slot(w, "team", "form-team"));
        vec![("team-edit", team), ("project-new", project)]
    }
}
