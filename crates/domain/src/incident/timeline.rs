//! The time line (C1, C2, C4): typed entries, corrections that hide nothing, redaction that leaves its mark.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::{EntryId, PersonId};
use crate::time::Timestamp;

/// What kind of thing an entry says. There is no default: the writer chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// The reporter's own first words, as they came, not yet sorted into fact and guess.
    Report,
    /// Known.
    Fact,
    /// Thought.
    Guess,
    /// Known to be not known.
    Unknown,
    /// Done.
    Action,
    /// Decided.
    Decision,
}

impl EntryKind {
    /// The kinds that people choose from.
    pub const CHOICES: [Self; 5] =
        [Self::Fact, Self::Guess, Self::Unknown, Self::Action, Self::Decision];

    /// The word for it, as in the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Fact => "fact",
            Self::Guess => "guess",
            Self::Unknown => "unknown",
            Self::Action => "action",
            Self::Decision => "decision",
        }
    }

    /// The kind of that word, among those that people choose from.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::CHOICES.into_iter().find(|kind| kind.word() == word)
    }
}

/// When something happened, as far as anybody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Happened {
    /// Exactly then.
    At {
        /// The moment.
        at_ms: Timestamp,
    },
    /// About then.
    About {
        /// The moment.
        about_ms: Timestamp,
    },
    /// Some time between the two.
    Between {
        /// Not before.
        from_ms: Timestamp,
        /// Not after.
        to_ms: Timestamp,
    },
}

impl Happened {
    /// The moment by which entries are ordered.
    #[must_use]
    pub const fn order(self) -> Timestamp {
        match self {
            Self::At { at_ms } => at_ms,
            Self::About { about_ms } => about_ms,
            Self::Between { from_ms, .. } => from_ms,
        }
    }
}

/// How the writer knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Saw it.
    Saw,
    /// It is in a log.
    Log,
    /// Was told.
    Told,
    /// Did it.
    Did,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 4] = [Self::Saw, Self::Log, Self::Told, Self::Did];

    /// The word for it, as in the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Saw => "saw",
            Self::Log => "log",
            Self::Told => "told",
            Self::Did => "did",
        }
    }

    /// The source of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.word() == word)
    }
}

/// One thing that is said. `entry.added`, version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Its kind.
    pub kind: EntryKind,
    /// In words.
    pub text: String,
    /// When it happened; `None` = not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened: Option<Happened>,
    /// How the writer knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Where that can be looked up: a log's name, a person, a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_ref: Option<String>,
    /// The chip it was made from (A7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chip: Option<Chip>,
}

/// A choice of "add what you know" (A7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chip {
    /// The question: `what`, `when`, `ongoing`, `left`, `done`, `need`.
    pub group: String,
    /// The choice made, `checking` for 「確認中」.
    pub choice: String,
}

/// `entry.corrected`, version 1. The entry it corrects stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryCorrected {
    /// What is corrected.
    pub entry: EntryId,
    /// What is said instead.
    #[serde(flatten)]
    pub statement: Statement,
    /// Why.
    pub why: String,
}

/// `entry.redacted`, version 1. The body of the event at `seq` is erased in the same transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRedacted {
    /// The entry.
    pub entry: EntryId,
    /// The event whose body is erased.
    pub seq: u64,
    /// Why.
    pub why: String,
    /// What the entry had corrected, since its own body no longer says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<EntryId>,
}

/// An entry as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// The event it came with.
    pub seq: u64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who wrote it.
    pub author: PersonId,
    /// What it says; `None` once redacted.
    pub statement: Option<Statement>,
    /// The entry it corrects, and why.
    pub corrects: Option<(EntryId, String)>,
    /// The entry that corrects it.
    pub corrected_by: Option<EntryId>,
    /// Who redacted it, when and why.
    pub redacted: Option<Redaction>,
}

/// Who erased an entry's words, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redaction {
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub why: String,
}

/// The state of this capability.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timeline {
    /// In the order of recording.
    pub entries: Vec<Arc<Entry>>,
}

/// Where an event stands in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Its number.
    pub seq: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// Who did it.
    pub actor: &'a str,
}

impl Timeline {
    /// The entry of that id.
    #[must_use]
    pub fn find(&self, id: &EntryId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == *id).map(AsRef::as_ref)
    }

    /// Adds an entry; `statement` is `None` when its event has been redacted since.
    pub fn add(
        &mut self,
        id: EntryId,
        place: Place<'_>,
        statement: Option<Statement>,
        corrects: Option<(EntryId, String)>,
    ) {
        if let Some((old, _)) = &corrects {
            self.supersede(old, &id);
        }
        self.entries.push(Arc::new(Entry {
            id,
            seq: place.seq,
            recorded_at: place.at,
            author: PersonId::new(place.actor),
            statement,
            corrects,
            corrected_by: None,
            redacted: None,
        }));
    }

    fn supersede(&mut self, old: &EntryId, new: &EntryId) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == *old) {
            Arc::make_mut(entry).corrected_by = Some(new.clone());
        }
    }

    /// Takes the words from an entry and says who did it.
    pub fn redact(&mut self, place: Place<'_>, redacted: &EntryRedacted) {
        if let Some(old) = &redacted.supersedes {
            self.supersede(old, &redacted.entry);
        }
        let supersedes = redacted.supersedes.clone();
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == redacted.entry) {
            let entry = Arc::make_mut(entry);
            entry.statement = None;
            entry.corrects = supersedes.map(|old| (old, String::new()));
            entry.redacted = Some(Redaction {
                by: PersonId::new(place.actor),
                at: place.at,
                why: redacted.why.clone(),
            });
        }
    }

    /// Entries that nothing has corrected, in the order in which things happened; unknown times stand where they
    /// were recorded.
    #[must_use]
    pub fn current(&self) -> Vec<&Entry> {
        let mut current: Vec<&Entry> =
            self.entries.iter().map(AsRef::as_ref).filter(|e| e.corrected_by.is_none()).collect();
        current.sort_by_key(|entry| (entry.order(), entry.seq));
        current
    }
}

impl Entry {
    /// The moment by which this entry is ordered.
    #[must_use]
    pub fn order(&self) -> Timestamp {
        self.statement
            .as_ref()
            .and_then(|statement| statement.happened)
            .map_or(self.recorded_at, Happened::order)
    }
}
