//! The form of an entry: reading it, and showing it again as it was typed.

use domain::id::PersonId;
use domain::incident::Incident;
use domain::incident::timeline::{EntryKind, Happened, Source, Statement};
use domain::time::Timestamp;
use jiff::civil::DateTime;
use wording::{Words, time};

use crate::page::form::Form;
use crate::view::Choice;
use crate::view::entry::EntryFields;

/// Years in which something can have happened.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2200;
/// How long the same words by the same person count as the same tap.
const SAME_TAP: std::time::Duration = std::time::Duration::from_secs(60);

/// What is wrong with what was typed: a text of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// No kind was chosen.
    Kind,
    /// Nothing was written.
    Text,
    /// A moment cannot be read, or the end lies before the beginning.
    When,
    /// No reason was given.
    Why,
}

impl Wrong {
    /// What it says.
    pub(crate) fn text(self, w: Words) -> String {
        w.t(match self {
            Self::Kind => "entry-problem-kind",
            Self::Text => "entry-problem-text",
            Self::When => "entry-problem-when",
            Self::Why => "entry-problem-why",
        })
    }
}

/// Reads a statement; moments are in the writer's zone.
pub(crate) fn read_statement(form: &Form, zone: &str) -> Result<Statement, Wrong> {
    let text = form.given("text").ok_or(Wrong::Text)?;
    let kind = EntryKind::parse(form.text("kind")).ok_or(Wrong::Kind)?;
    Ok(Statement {
        kind,
        text: text.to_owned(),
        happened: read_happened(form, zone)?,
        source: Source::parse(form.text("source")),
        source_ref: form.given("source_ref").map(str::to_owned),
        chip: None,
    })
}

fn read_happened(form: &Form, zone: &str) -> Result<Option<Happened>, Wrong> {
    let moment = |name: &str| {
        let given = form.given(name).map(|text| read_local(text, zone).ok_or(Wrong::When));
        given.transpose()
    };
    let (from, to) = (moment("from")?, moment("to")?);
    let at = from.ok_or(Wrong::When);
    match form.text("when") {
        "exact" => Ok(Some(Happened::At { at_ms: at? })),
        "about" => Ok(Some(Happened::About { about_ms: at? })),
        "between" => {
            let (from_ms, to_ms) = (at?, to.ok_or(Wrong::When)?);
            if to_ms < from_ms {
                return Err(Wrong::When);
            }
            Ok(Some(Happened::Between { from_ms, to_ms }))
        }
        // A moment was typed, but not how sure it is: the weaker claim is kept.
        _ => Ok(from.map(|about_ms| Happened::About { about_ms })),
    }
}

/// A `datetime-local` value in that zone. A time that the zone skips counts as the one after the gap.
pub(crate) fn read_local(text: &str, zone: &str) -> Option<Timestamp> {
    let local: DateTime = text.trim().parse().ok()?;
    let zoned = local.to_zoned(time::zone(zone)).ok()?;
    YEARS.contains(&local.year()).then(|| Timestamp::from(zoned.timestamp()))
}

/// A moment as a `datetime-local` value in that zone.
pub(crate) fn write_local(at: Timestamp, zone: &str) -> String {
    at.to_jiff().to_zoned(time::zone(zone)).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// The fields as they were typed.
pub(crate) fn typed(w: Words, prefix: &'static str, zone: &str, form: &Form) -> EntryFields {
    let empty = EntryFields::empty(w, prefix, zone);
    let chosen = |choices: Vec<Choice>, value: &str| {
        choices.into_iter().map(|choice| choice.chosen(value)).collect()
    };
    EntryFields {
        kinds: chosen(empty.kinds, form.text("kind")),
        text: form.text("text").to_owned(),
        when: chosen(empty.when, form.text("when")),
        from: form.text("from").to_owned(),
        to: form.text("to").to_owned(),
        sources: chosen(empty.sources, form.text("source")),
        source_ref: form.text("source_ref").to_owned(),
        ..EntryFields::empty(w, prefix, zone)
    }
}

/// The fields filled with a statement, to be corrected.
pub(crate) fn filled(w: Words, prefix: &'static str, zone: &str, said: &Statement) -> EntryFields {
    let empty = EntryFields::empty(w, prefix, zone);
    let local = |at| write_local(at, zone);
    let (when, from, to) = match said.happened {
        None => ("unknown", String::new(), String::new()),
        Some(Happened::At { at_ms }) => ("exact", local(at_ms), String::new()),
        Some(Happened::About { about_ms }) => ("about", local(about_ms), String::new()),
        Some(Happened::Between { from_ms, to_ms }) => ("between", local(from_ms), local(to_ms)),
    };
    let chosen = |choices: Vec<Choice>, value: &str| {
        choices.into_iter().map(|choice| choice.chosen(value)).collect()
    };
    EntryFields {
        kinds: chosen(empty.kinds, said.kind.word()),
        text: said.text.clone(),
        when: chosen(empty.when, when),
        from,
        to,
        sources: chosen(empty.sources, said.source.map_or("", Source::word)),
        source_ref: said.source_ref.clone().unwrap_or_default(),
        ..EntryFields::empty(w, prefix, zone)
    }
}

/// Whether the same person has written the very same a moment ago: a double tap, or a form that was sent again.
pub(crate) fn is_same_tap(
    incident: &Incident,
    author: &PersonId,
    said: &Statement,
    now: Timestamp,
) -> bool {
    let is_same = |last: &Statement| {
        last.kind == said.kind && last.text == said.text.trim() && last.happened == said.happened
    };
    incident.timeline.entries.iter().rev().find(|entry| entry.author == *author).is_some_and(
        |last| {
            let is_fresh = now.since(last.recorded_at) < SAME_TAP && now >= last.recorded_at;
            is_fresh && last.statement.as_ref().is_some_and(is_same)
        },
    )
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;

    use super::*;

    fn read(text: &'static str) -> Result<Option<Happened>, Wrong> {
        let form = Form::read(&Bytes::from_static(text.as_bytes()));
        read_statement(&form, "Asia/Tokyo").map(|said| said.happened)
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::from(text.parse::<jiff::Timestamp>().unwrap())
    }

    #[test]
    fn moments_are_read_in_the_writers_zone() {
        let (from, to) = (at("2026-09-14T12:05:00Z"), at("2026-09-14T12:06:07Z"));
        let cases = [
            (
                "kind=fact&text=x&when=exact&from=2026-09-14T21:05",
                Some(Happened::At { at_ms: from }),
            ),
            (
                "kind=fact&text=x&when=unknown&from=2026-09-14T21:05",
                Some(Happened::About { about_ms: from }),
            ),
            (
                "kind=fact&text=x&when=between&from=2026-09-14T21:05&to=2026-09-14T21:06:07",
                Some(Happened::Between { from_ms: from, to_ms: to }),
            ),
            ("kind=fact&text=x&when=unknown&from=", None),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), Ok(expected), "{text}");
        }
        assert_eq!(write_local(to, "Asia/Tokyo"), "2026-09-14T21:06:07");
    }

    #[test]
    fn what_is_wrong_is_named_and_nothing_is_guessed() {
        let cases = [
            ("kind=fact&text=+", Wrong::Text),
            ("text=x", Wrong::Kind),
            ("text=x&kind=report", Wrong::Kind),
            ("kind=fact&text=x&when=exact", Wrong::When),
            ("kind=fact&text=x&when=exact&from=yesterday", Wrong::When),
            ("kind=fact&text=x&from=9999-01-01T00:00", Wrong::When),
            (
                "kind=fact&text=x&when=between&from=2026-09-14T21:05&to=2026-09-14T21:04",
                Wrong::When,
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), Err(expected), "{text}");
        }
    }
}
