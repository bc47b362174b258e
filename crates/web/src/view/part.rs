//! Small parts that several pages show. Each renders itself, escaped: a template writes `{{ part }}`.

use askama::Template;
use askama::filters::HtmlSafe;
use domain::time::Timestamp;
use wording::{Words, time};

/// A moment: what is read, exactly on hover, for machines, and counted down where it is news.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(
    ext = "html",
    source = r#"<time datetime="{{ machine }}" title="{{ exact }}"{% if let Some(ms) = counts_at_ms %} data-at-ms="{{ ms }}"{% endif %}>{{ shown }}</time>"#
)]
pub struct Moment {
    /// What is read.
    pub shown: String,
    /// The whole moment with its zone.
    pub exact: String,
    /// RFC 3339.
    pub machine: String,
    /// Set where the text is relative: the script keeps it true.
    pub counts_at_ms: Option<i64>,
}

impl HtmlSafe for Moment {}

impl Moment {
    /// A moment as hour and minute, with the day where that is not today.
    #[must_use]
    pub fn clock(w: Words, at: Timestamp, now: Timestamp, zone: &str) -> Self {
        Self::shown_as(w, at, zone, time::clock(w, at, now, zone))
    }

    /// A moment as hour, minute and second.
    #[must_use]
    pub fn seconds(w: Words, at: Timestamp, zone: &str) -> Self {
        Self::shown_as(w, at, zone, time::clock_seconds(at, zone))
    }

    /// A moment relative to now, counted on by the script.
    #[must_use]
    pub fn relative(w: Words, at: Timestamp, now: Timestamp, zone: &str) -> Self {
        let shown = time::relative(w, at, now);
        Self { counts_at_ms: Some(at.as_millisecond()), ..Self::shown_as(w, at, zone, shown) }
    }

    /// A moment in words of the caller's choice.
    #[must_use]
    pub fn shown_as(w: Words, at: Timestamp, zone: &str, shown: String) -> Self {
        Self {
            shown,
            exact: time::exact(w, at, zone),
            machine: time::machine(at),
            counts_at_ms: None,
        }
    }
}

/// A telephone number as a link. What cannot be dialled is shown as text.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(
    ext = "html",
    source = r#"{% if tel.is_empty() %}{{ shown }}{% else %}<a class="tel" href="tel:{{ tel }}">{{ shown }}</a>{% endif %}"#
)]
pub struct Phone {
    /// As it is kept in the directory.
    pub shown: String,
    /// Digits with an optional `+` in front; empty when there is nothing to dial.
    pub tel: String,
}

impl HtmlSafe for Phone {}

impl Phone {
    /// Reads a number as people write it.
    #[must_use]
    pub fn new(number: &str) -> Self {
        let number = number.trim();
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        let plus = if number.starts_with('+') && !digits.is_empty() { "+" } else { "" };
        Self { shown: number.to_owned(), tel: format!("{plus}{digits}") }
    }
}

/// One choice of a list.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(
    ext = "html",
    source = r#"<option value="{{ value }}"{% if is_selected %} selected{% endif %}>{{ label }}</option>"#
)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What is read.
    pub label: String,
    /// Whether it is chosen now.
    pub is_selected: bool,
}

impl HtmlSafe for Choice {}

impl Choice {
    /// A choice that is not chosen.
    #[must_use]
    pub fn new(value: &str, label: &str) -> Self {
        Self { value: value.to_owned(), label: label.to_owned(), is_selected: false }
    }

    /// The same choice, chosen when its value is `value`.
    #[must_use]
    pub fn chosen(mut self, value: &str) -> Self {
        self.is_selected = self.value == value;
        self
    }
}

/// One person who will be called, in a list before the fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// Who.
    pub name: String,
    /// Why them: `Checkout の責任者`.
    pub because: String,
    /// When they join: `すぐ`, `3分後`.
    pub joins: String,
    /// Their number.
    pub phone: Option<Phone>,
    /// Whether no channel works for them.
    pub is_unreachable: bool,
}

/// The two or three things to do now, and the one not to do (H1).
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "part/guide.html")]
pub struct Guide {
    /// The reader's language.
    pub w: Words,
    /// What to do, most important first.
    pub dos: Vec<String>,
    /// What not to do.
    pub dont: Option<String>,
}

impl HtmlSafe for Guide {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_becomes_a_link_only_when_it_can_be_dialled() {
        let cases = [
            ("+81 90-0000-0001", "+819000000001"),
            ("03-0000-0000 (内線 12)", "030000000012"),
            ("内線", ""),
            ("+", ""),
            ("javascript:alert(1)", "1"),
        ];
        for (written, tel) in cases {
            assert_eq!(Phone::new(written).tel, tel, "{written}");
        }
        assert_eq!(Phone::new("<b>").to_string(), "&#60;b&#62;");
    }
}
