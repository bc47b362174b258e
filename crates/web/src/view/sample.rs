//! Sample data: one made-up company in both languages, and every page in its states, for review and tests.

use domain::time::Timestamp;
use wording::{Locale, Words};

use crate::view::{Called, Flash, Moment, Page, Phone, Section, page};
use crate::view::{
    answer, calling, demo, home, incident, incidents, link, people, person_form, problem,
    rehearsal, settings, sign_in,
};

/// The zone of the made-up company.
pub const ZONE: &str = "Asia/Tokyo";
/// 2026-09-14 21:05:20 in Tokyo: the moment at which all samples are taken.
pub const NOW: Timestamp = Timestamp::from_millisecond(1_789_387_520_000);
/// An idempotency key.
pub const KEY: &str = "01J7Q0Z3W5N8Y2K4M6P8R0T2V4";

/// One text for each language.
#[must_use]
pub const fn pick(w: Words, ja: &'static str, en: &'static str) -> &'static str {
    match w.locale() {
        Locale::Ja => ja,
        Locale::En => en,
    }
}

/// The moment so many seconds before [`NOW`]; after it when negative.
#[must_use]
pub fn ago(seconds: i64) -> Timestamp {
    Timestamp::from_millisecond(NOW.as_millisecond() - seconds * 1000)
}

/// That moment as hour and minute.
#[must_use]
pub fn clock(w: Words, seconds: i64) -> Moment {
    Moment::clock(w, ago(seconds), NOW, ZONE)
}

/// That moment relative to now.
#[must_use]
pub fn relative(w: Words, seconds: i64) -> Moment {
    Moment::relative(w, ago(seconds), NOW, ZONE)
}

/// The reporter.
#[must_use]
pub fn tanaka(w: Words) -> String {
    pick(w, "田中 花子", "Hanako Tanaka").to_owned()
}

/// The first to be called.
#[must_use]
pub fn sato(w: Words) -> String {
    pick(w, "佐藤 健", "Ken Sato").to_owned()
}

/// The second.
#[must_use]
pub fn ito(w: Words) -> String {
    pick(w, "伊藤 さくら", "Sakura Ito").to_owned()
}

/// The third.
#[must_use]
pub fn suzuki(w: Words) -> String {
    pick(w, "鈴木 一郎", "Ichiro Suzuki").to_owned()
}

/// The line of the three.
#[must_use]
pub fn line(w: Words) -> Vec<Called> {
    let called = |name, because: &str, of: &str, joins: &str, phone: Option<&str>| Called {
        name,
        because: w.tn(&format!("because-{because}"), &[("of", of)]),
        joins: joins.to_owned(),
        phone: phone.map(Phone::new),
        is_unreachable: phone.is_none(),
    };
    vec![
        called(sato(w), "project_lead", "Checkout", &w.t("joins-at-once"), Some("090-0000-0002")),
        called(
            ito(w),
            "project_deputy",
            "Checkout",
            pick(w, "3分後", "in 3 min"),
            Some("090-0000-0003"),
        ),
        called(suzuki(w), "last_resort", "", pick(w, "8分後", "in 8 min"), None),
    ]
}

/// A page of the signed-in reporter.
#[must_use]
pub fn page(w: Words, section: Section, title: &str, here: &str) -> Page {
    Page {
        csrf: "4pJq0u8S".to_owned(),
        here: here.to_owned(),
        person: Some(tanaka(w)),
        organisation: pick(w, "みらい商事", "Mirai Trading").to_owned(),
        now_ms: NOW.as_millisecond(),
        printed_at: wording::time::exact(w, NOW, ZONE),
        ..Page::new(w, section, w.t(title))
    }
}

/// The same page, seen by somebody who is not signed in.
#[must_use]
pub fn outside(w: Words, title: &str, here: &str) -> Page {
    Page { person: None, section: Section::None, ..page(w, Section::None, title, here) }
}

/// Something done.
#[must_use]
pub fn done(text: String) -> Option<Flash> {
    Some(Flash { is_done: true, text })
}

/// Every page in every sample state: a name that says which, and the HTML.
#[must_use]
pub fn every(w: Words) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    macro_rules! take {
        ($($samples:expr),* $(,)?) => {$(
            all.extend($samples.iter().map(|(name, view)| (*name, page::render(view))));
        )*};
    }
    take!(
        home::Home::samples(w),
        calling::Calling::samples(w),
        answer::Answer::samples(w),
        incident::Incident::samples(w),
        incident::Correct::samples(w),
        incident::Redact::samples(w),
        incidents::Incidents::samples(w),
        people::People::samples(w),
        people::PersonPage::samples(w),
        person_form::PersonForm::samples(w),
        person_form::GroupForm::samples(w),
        rehearsal::Rehearsal::samples(w),
        settings::Settings::samples(w),
        link::Link::samples(w),
        sign_in::SignIn::samples(w),
        sign_in::Invitation::samples(w),
        problem::Problem::samples(w),
        demo::Demo::samples(w),
    );
    all
}
