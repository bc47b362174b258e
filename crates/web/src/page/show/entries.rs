//! The time line: entries as they were written, and what ippo itself recorded (C1, C2, C4).

use domain::access::Role;
use domain::id::PersonId;
use domain::incident::escalation::{Answer, Status};
use domain::incident::timeline::{self, EntryKind, Happened, Statement};
use domain::time::Timestamp;

use crate::page::show::Scene;
use crate::view::Moment;
use crate::view::entry::{Entry, Fate, Kind};

/// One thing on the time line, before it is laid out.
pub(crate) struct Item<'a> {
    order: (Timestamp, u64),
    content: Content<'a>,
}

enum Content<'a> {
    Entry(&'a timeline::Entry),
    News { at: Timestamp, text: String },
}

/// How an entry's kind is shown. First words are the reporter's own, not yet sorted: they stand in the record as such.
const fn kind_of(kind: EntryKind) -> Kind {
    match kind {
        EntryKind::Report => Kind::News,
        EntryKind::Fact => Kind::Fact,
        EntryKind::Guess => Kind::Guess,
        EntryKind::Unknown => Kind::Unknown,
        EntryKind::Action => Kind::Action,
        EntryKind::Decision => Kind::Decision,
    }
}

/// Nothing where a moment is not shown.
const fn no_moment() -> Moment {
    Moment {
        shown: String::new(),
        exact: String::new(),
        machine: String::new(),
        counts_at_ms: None,
    }
}

impl<'a> Scene<'a> {
    /// Everything on the time line, oldest first; with `kind`, entries of that kind only.
    pub(crate) fn items(&self, kind: Option<EntryKind>) -> Vec<Item<'a>> {
        let is_wanted = |entry: &timeline::Entry| {
            kind.is_none() || entry.statement.as_ref().map(|said| said.kind) == kind
        };
        let entries = self.incident.timeline.entries.iter().map(AsRef::as_ref);
        let mut items: Vec<Item<'a>> = entries
            .filter(|entry| is_wanted(entry))
            .map(|entry| Item { order: (entry.order(), entry.seq), content: Content::Entry(entry) })
            .collect();
        if kind.is_none() {
            items.extend(self.news());
        }
        items.sort_by_key(|item| item.order);
        items
    }

    /// Lays one thing out for a reader.
    pub(crate) fn entry_of(&self, item: &Item<'_>, reader: &PersonId) -> Entry {
        match &item.content {
            Content::Entry(entry) => self.entry(entry, reader),
            Content::News { at, text } => {
                Entry { recorded: self.clock(*at), text: text.clone(), ..self.blank(Kind::News) }
            }
        }
    }

    /// What stands, without what belongs to it: for the two columns.
    pub(crate) fn claims(&self, kinds: &[EntryKind]) -> Vec<Entry> {
        let claim = |entry: &timeline::Entry| {
            let said = entry.statement.as_ref().filter(|said| kinds.contains(&said.kind))?;
            let id = entry.id.to_string();
            Some(Entry { id, text: said.text.clone(), ..self.blank(kind_of(said.kind)) })
        };
        self.incident.timeline.current().into_iter().filter_map(claim).collect()
    }

    /// One entry as it stands.
    pub(crate) fn entry(&self, entry: &timeline::Entry, reader: &PersonId) -> Entry {
        let said = entry.statement.as_ref();
        let is_open = self.incident.closed.is_none() && said.is_some();
        let is_author = entry.author == *reader;
        Entry {
            incident: self.incident.id.to_string(),
            id: entry.id.to_string(),
            text: said.map(|said| said.text.clone()).unwrap_or_default(),
            happened: said
                .and_then(|said| said.happened)
                .map(|h| self.happened(h))
                .unwrap_or_default(),
            recorded: self.clock(entry.recorded_at),
            who: self.name(&entry.author).to_owned(),
            source: said.map(|said| self.source(said)).unwrap_or_default(),
            corrects: entry.corrects.as_ref().map(|(old, _)| old.to_string()),
            fate: self.fate(entry),
            may_correct: is_open && entry.corrected_by.is_none(),
            may_redact: is_open && (is_author || self.is(reader, Role::Lead)),
            ..self.blank(said.map_or(Kind::News, |said| kind_of(said.kind)))
        }
    }

    fn blank(&self, kind: Kind) -> Entry {
        Entry {
            w: self.w,
            incident: String::new(),
            id: String::new(),
            kind,
            text: String::new(),
            happened: String::new(),
            recorded: no_moment(),
            who: String::new(),
            source: String::new(),
            corrects: None,
            fate: Fate::Stands,
            may_correct: false,
            may_redact: false,
        }
    }

    fn happened(&self, happened: Happened) -> String {
        match happened {
            Happened::At { at_ms } => self.clock_text(at_ms),
            Happened::About { about_ms } => {
                self.w.tn("time-about", &[("time", &self.clock_text(about_ms))])
            }
            Happened::Between { from_ms, to_ms } => {
                let (from, to) = (self.clock_text(from_ms), self.clock_text(to_ms));
                self.w.tn("time-between", &[("from", &from), ("to", &to)])
            }
        }
    }

    fn source(&self, said: &Statement) -> String {
        let word = said.source.map(|source| self.w.t(&format!("source-{}", source.word())));
        match (word, said.source_ref.as_deref()) {
            (Some(word), Some(place)) => {
                self.w.tn("source-with-ref", &[("source", &word), ("ref", place)])
            }
            (Some(word), None) => word,
            (None, place) => place.unwrap_or_default().to_owned(),
        }
    }

    fn fate(&self, entry: &timeline::Entry) -> Fate {
        if let Some(redacted) = &entry.redacted {
            return Fate::Redacted {
                why: redacted.why.clone(),
                who: self.name(&redacted.by).to_owned(),
                at: self.clock(redacted.at),
            };
        }
        let later = entry.corrected_by.as_ref().and_then(|id| self.incident.timeline.find(id));
        later.map_or(Fate::Stands, |later| Fate::Corrected {
            by_entry: later.id.to_string(),
            why: later.corrects.as_ref().map(|(_, why)| why.clone()).unwrap_or_default(),
            who: self.name(&later.author).to_owned(),
            at: self.clock(later.recorded_at),
        })
    }

    /// What ippo recorded: the report, who was called, what they answered, who was brought in, how it ended.
    fn news(&self) -> Vec<Item<'a>> {
        let received = &self.incident.report.received;
        let news =
            |at: Timestamp, text| Item { order: (at, 0), content: Content::News { at, text } };
        let named = |key: &str, person: &PersonId| self.w.tn(key, &[("name", self.name(person))]);
        let mut found =
            vec![news(self.incident.report.at, named("news-reported", &received.reporter))];
        if let Some(escalation) = self.escalation() {
            for called in &escalation.people {
                let joined =
                    called.joined_at.map(|at| news(at, named("news-joined", &called.person)));
                found.extend(joined);
            }
            let answers = escalation.answers.iter();
            found.extend(
                answers.map(|given| news(given.at, self.answer(&given.person, &given.answer))),
            );
            if let Status::StoodDown { by, at, why } = &escalation.status {
                let values = [("name", self.name(by)), ("why", why.as_str())];
                found.push(news(*at, self.w.tn("news-stood-down", &values)));
            }
        }
        for brought in &self.incident.membership.brought_in {
            let values = [("by", self.name(&brought.by)), ("name", self.name(&brought.person))];
            found.push(news(brought.at, self.w.tn("news-brought-in", &values)));
        }
        if let Some(closed) = &self.incident.closed {
            let values = [("name", self.name(&closed.by)), ("why", closed.note.as_str())];
            found.push(news(closed.at, self.w.tn("news-closed", &values)));
        }
        found
    }

    fn answer(&self, person: &PersonId, answer: &Answer) -> String {
        let name = ("name", self.name(person));
        match answer {
            Answer::Accept => self.w.tn("news-accepted", &[name]),
            Answer::Cannot => self.w.tn("news-cannot", &[name]),
            Answer::Promise { until_ms, .. } => {
                self.w.tn("news-promised", &[name, ("time", &self.clock_text(*until_ms))])
            }
            Answer::HandOver { to } => {
                self.w.tn("news-handed_over", &[name, ("to", self.name(to))])
            }
        }
    }
}
