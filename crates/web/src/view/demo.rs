//! The demonstration: simulated telephones and mailboxes beside the product.

use askama::Template;

use crate::view::sample::{self, NOW, ZONE};
use crate::view::{Moment, Page, Words};

/// One message on a simulated device.
#[derive(Debug, Clone)]
pub struct Item {
    /// Stable and unique on the page, so that news is added without moving the rest.
    pub id: String,
    /// The channel in words.
    pub channel: String,
    /// Whether it rings.
    pub is_ringing: bool,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// When it arrived.
    pub at: Moment,
    /// Where the person answers, with the label of the link.
    pub answer: Option<(String, String)>,
}

/// One made-up person and their devices.
#[derive(Debug, Clone)]
pub struct Person {
    /// The person's id.
    pub id: String,
    /// Who.
    pub name: String,
    /// What they are in the company.
    pub role: String,
    /// Whether the reader is signed in as them.
    pub is_you: bool,
    /// Whether a telephone of theirs is ringing.
    pub is_ringing: bool,
    /// What arrived, newest on top.
    pub items: Vec<Item>,
}

/// The page.
#[derive(Debug, Clone, Template)]
#[template(path = "demo.html", blocks = ["live"])]
pub struct Demo {
    /// The reader's language.
    pub w: Words,
    /// What every page shares.
    pub page: Page,
    /// Whether all delays are a tenth.
    pub is_fast: bool,
    /// Everybody, the suggested reporter first.
    pub people: Vec<Person>,
}

impl Demo {
    /// Sample states.
    #[must_use]
    pub fn samples(w: Words) -> Vec<(&'static str, Self)> {
        let ringing = sample_demo(w);
        let mut quiet = ringing.clone();
        quiet.is_fast = true;
        for person in &mut quiet.people {
            person.items.clear();
            (person.is_ringing, person.is_you) = (false, false);
        }
        vec![("demo", ringing), ("demo-quiet", quiet)]
    }
}

fn sample_demo(w: Words) -> Demo {
    let (tanaka, sato) = (sample::tanaka(w), sample::sato(w));
    let facts = wording::message::Summon {
        organisation: sample::pick(w, "みらい商事", "Mirai Trading"),
        reporter: &tanaka,
        reported_at: "21:04 JST",
        call_back: Some("090-0000-0001"),
        ..wording::message::Summon::default()
    };
    let item = |id: &str, channel: &str, seconds, is_ringing| {
        let written = wording::message::summon(w, &facts);
        Item {
            id: id.into(),
            channel: w.t(&format!("channel-{channel}")),
            is_ringing,
            subject: written.subject,
            text: written.text,
            at: Moment::clock(w, sample::ago(seconds), NOW, ZONE),
            answer: Some(("/a/3xq9".into(), w.t("message-answer-summon"))),
        }
    };
    let person = |id: &str, name, role: &str, items: Vec<Item>| Person {
        id: id.into(),
        name,
        role: role.into(),
        is_you: id == "per_tanaka",
        is_ringing: items.iter().any(|item| item.is_ringing),
        items,
    };
    Demo {
        w,
        page: sample::outside(w, "demo-title", "/demo"),
        is_fast: false,
        people: vec![
            person(
                "per_tanaka",
                tanaka.clone(),
                sample::pick(w, "決済チーム", "Billing"),
                Vec::new(),
            ),
            person(
                "per_sato",
                sato,
                sample::pick(w, "Checkout の責任者", "Leads Checkout"),
                vec![
                    item("att_3", "voice", 1, true),
                    item("att_2", "push", 60, false),
                    item("att_1", "mail", 60, false),
                ],
            ),
            person(
                "per_ito",
                sample::ito(w),
                sample::pick(w, "佐藤さんの代理", "Stands in for Sato"),
                Vec::new(),
            ),
            person(
                "per_suzuki",
                sample::suzuki(w),
                sample::pick(w, "最後の連絡先", "Last resort"),
                Vec::new(),
            ),
        ],
    }
}
