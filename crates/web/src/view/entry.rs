//! One entry on the time line, and the form that writes one (C1, C2).

use askama::Template;
use askama::filters::HtmlSafe;

use crate::view::{Choice, Moment, Words};

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Seen or read in a record.
    Fact,
    /// Thought.
    Guess,
    /// A question without an answer.
    Unknown,
    /// Done.
    Action,
    /// Decided.
    Decision,
    /// Recorded by ippo: reports, answers, joins, hand-overs.
    News,
}

impl Kind {
    /// The kinds people write.
    pub const WRITTEN: [Self; 5] =
        [Self::Fact, Self::Guess, Self::Unknown, Self::Action, Self::Decision];

    /// The stable code, as in the API; also the end of the class's and the text's name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fact => "fact",
            Self::Guess => "guess",
            Self::Unknown => "unknown",
            Self::Action => "action",
            Self::Decision => "decision",
            Self::News => "news",
        }
    }

    /// The key of its word in the catalogue.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Fact => "kind-fact",
            Self::Guess => "kind-guess",
            Self::Unknown => "kind-unknown",
            Self::Action => "kind-action",
            Self::Decision => "kind-decision",
            Self::News => "kind-news",
        }
    }

    /// The word for it.
    #[must_use]
    pub fn word(self, w: Words) -> String {
        w.t(self.key())
    }
}

/// What has become of an entry since it was written. Both versions stay visible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It stands.
    Stands,
    /// A later entry corrects it: shown struck through.
    Corrected {
        /// The later entry's id.
        by_entry: String,
        /// Why.
        why: String,
        /// Who corrected it.
        who: String,
        /// When.
        at: Moment,
    },
    /// Its text was erased; the record of it stays.
    Redacted {
        /// Why.
        why: String,
        /// Who.
        who: String,
        /// When.
        at: Moment,
    },
}

/// One entry.
#[derive(Debug, Clone, Template)]
#[template(path = "part/entry.html")]
pub struct Entry {
    /// The reader's language.
    pub w: Words,
    /// The incident's id.
    pub incident: String,
    /// The entry's id; also its anchor. Empty for what ippo recorded.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// The text as it was written; line breaks count. Empty when erased.
    pub text: String,
    /// When it happened, in words: exact, about, between, unknown. Empty when that was not said.
    pub happened: String,
    /// When it was recorded.
    pub recorded: Moment,
    /// Who wrote it.
    pub who: String,
    /// How they know, in words: `ログで見た: app-01:/var/log/x`. Empty when that was not said.
    pub source: String,
    /// The entry that this one corrects.
    pub corrects: Option<String>,
    /// What has become of it.
    pub fate: Fate,
    /// Whether the reader may correct it.
    pub may_correct: bool,
    /// Whether the reader may have its text erased.
    pub may_redact: bool,
}

impl HtmlSafe for Entry {}

impl Entry {
    /// Whether a later entry corrects it.
    #[must_use]
    pub const fn is_corrected(&self) -> bool {
        matches!(self.fate, Fate::Corrected { .. })
    }
}

/// The fields of an entry, empty or as they were typed. No kind is chosen for anybody.
#[derive(Debug, Clone, Template)]
#[template(path = "part/entry_fields.html")]
pub struct EntryFields {
    /// The reader's language.
    pub w: Words,
    /// What stands before the fields' ids, so that two forms fit on a page.
    pub prefix: &'static str,
    /// The kinds; none chosen at first.
    pub kinds: Vec<Choice>,
    /// The text.
    pub text: String,
    /// How the moment is given: `exact`, `about`, `between`, `unknown`.
    pub when: Vec<Choice>,
    /// The moment, as a `datetime-local` value in the reader's zone.
    pub from: String,
    /// The end, where it is given as between.
    pub to: String,
    /// The reader's zone, shown beside the fields.
    pub zone: String,
    /// How they know: `saw`, `log`, `told`, `did`.
    pub sources: Vec<Choice>,
    /// By whom, or which log.
    pub source_ref: String,
    /// What is wrong with what was typed.
    pub problem: Option<String>,
}

impl HtmlSafe for EntryFields {}

impl EntryFields {
    /// Empty fields.
    #[must_use]
    pub fn empty(w: Words, prefix: &'static str, zone: &str) -> Self {
        let choices = |group: &str, codes: &[&str]| {
            codes
                .iter()
                .map(|code| Choice::new(code, &w.t(&format!("{group}-{code}"))))
                .collect::<Vec<_>>()
        };
        let kinds: Vec<&str> = Kind::WRITTEN.into_iter().map(Kind::code).collect();
        Self {
            w,
            prefix,
            kinds: choices("kind", &kinds),
            text: String::new(),
            when: choices("when", &["unknown", "exact", "about", "between"]),
            from: String::new(),
            to: String::new(),
            zone: zone.to_owned(),
            sources: choices("source", &["saw", "log", "told", "did"]),
            source_ref: String::new(),
            problem: None,
        }
    }
}
