//! The first report (A1–A3): what was said, by whom, from where.

use serde::{Deserialize, Serialize};

use crate::id::{PersonId, ProjectId};
use crate::incident::timeline::Happened;
use crate::time::Timestamp;

/// The most characters of text that one report or entry keeps. What is cut is said, never silent.
pub const TEXT_CHARS_MAX: usize = 20_000;

/// What kind of thing happened, when the reporter said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something got out.
    Leak,
    /// Something is gone.
    DataLoss,
    /// Something stands still.
    Outage,
}

impl Kind {
    /// The kind of that word, as in the API.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "leak" => Some(Self::Leak),
            "data_loss" => Some(Self::DataLoss),
            "outage" => Some(Self::Outage),
            _ => None,
        }
    }

    /// The word for it, as in the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Leak => "leak",
            Self::DataLoss => "data_loss",
            Self::Outage => "outage",
        }
    }
}

/// From where a report or an answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// A page of ours.
    Web,
    /// The command line.
    Cli,
    /// The API.
    Api,
    /// The link in a message.
    Link,
}

/// A first report as it comes in. Every field but the reporter may be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstReport {
    /// Who reports.
    pub reporter: PersonId,
    /// What they said; empty is valid.
    pub text: String,
    /// The project, as they named it.
    pub project: Option<String>,
    /// What kind of thing.
    pub kind: Option<Kind>,
    /// When it happened, as far as they know.
    pub happened: Option<Happened>,
    /// From where.
    pub via: Via,
    /// Whether it came from a device whose sign-in had run out.
    pub is_sign_in_expired: bool,
    /// Whether the text was no valid UTF-8 and was repaired.
    pub is_text_repaired: bool,
}

/// `report.received`, version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportReceived {
    /// Who reported.
    pub reporter: PersonId,
    /// The project, when the directory knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectId>,
    /// The project as named, when the directory does not know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_unknown: Option<String>,
    /// What kind of thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// When it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened: Option<Happened>,
    /// From where.
    pub via: Via,
    /// Whether the sign-in of the device had run out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_sign_in_expired: bool,
    /// Whether this is a drill.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_drill: bool,
}

/// The state of this capability.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What was received.
    pub received: ReportReceived,
    /// When it was recorded: when the button was pressed, as the server saw it.
    pub at: Timestamp,
}

/// Something the reporter should be told about what they sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// The text was longer than is kept.
    TextCut {
        /// How many characters are kept.
        kept_chars: usize,
        /// How many there were.
        given_chars: usize,
    },
    /// The text held bytes that are no characters.
    TextRepaired,
    /// The directory does not know that project; the reporter's own line is called.
    ProjectUnknown {
        /// As it was named.
        project: String,
    },
    /// Everybody in the line is away; they are called all the same.
    EverybodyAway,
    /// The directory knows nobody else.
    NobodyToCall,
    /// A promise was longer than allowed.
    PromiseShortened {
        /// How many minutes it was shortened to.
        minutes: u32,
    },
}

impl Note {
    /// The stable code, as in the API.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::TextCut { .. } => "text_cut",
            Self::TextRepaired => "text_repaired",
            Self::ProjectUnknown { .. } => "project_unknown",
            Self::EverybodyAway => "everybody_away",
            Self::NobodyToCall => "nobody_to_call",
            Self::PromiseShortened { .. } => "promise_shortened",
        }
    }
}

/// Keeps at most [`TEXT_CHARS_MAX`] characters, without control characters that hide or reorder text.
#[must_use]
pub fn keep_text(given: &str) -> (String, Option<Note>) {
    let cleaned: String = given
        .trim()
        .chars()
        .filter(|c| matches!(c, '\n' | '\t') || !c.is_control() && !is_bidi_override(*c))
        .collect();
    // Once more: what was taken out may have stood around white space.
    let cleaned = cleaned.trim();
    let given_chars = cleaned.chars().count();
    if given_chars <= TEXT_CHARS_MAX {
        return (cleaned.to_owned(), None);
    }
    let kept = cleaned.chars().take(TEXT_CHARS_MAX).collect();
    (kept, Some(Note::TextCut { kept_chars: TEXT_CHARS_MAX, given_chars }))
}

/// Characters that make text read in another order than it is stored.
const fn is_bidi_override(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_at_the_named_limit_and_says_so() {
        let (kept, note) = keep_text(&"あ".repeat(TEXT_CHARS_MAX + 5));
        assert_eq!(kept.chars().count(), TEXT_CHARS_MAX);
        assert_eq!(
            note,
            Some(Note::TextCut { kept_chars: TEXT_CHARS_MAX, given_chars: TEXT_CHARS_MAX + 5 })
        );
    }

    #[test]
    fn text_that_hides_itself_is_shown_as_it_is_stored() {
        assert_eq!(keep_text(" a\u{202E}b\u{0}\r\nc ").0, "ab\nc");
    }
}
