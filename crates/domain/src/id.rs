//! Names of things: one type for each, text with a prefix outside (`inc_…`, `per_…`).

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// What every id of this kind that ippo makes begins with.
            pub const PREFIX: &'static str = $prefix;

            /// Takes the text as it stands; see [`check_text`] for what people may choose.
            #[must_use]
            pub fn new(text: &str) -> Self {
                Self(text.into())
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// A person in the directory.
    PersonId "per_";
    /// A team in the directory.
    TeamId "team_";
    /// A project in the directory.
    ProjectId "prj_";
    /// A rota in the directory.
    RotaId "rota_";
    /// An incident: everything that follows one first report.
    IncidentId "inc_";
    /// One message to one person over one channel.
    AttemptId "att_";
    /// One entry on the time line.
    EntryId "ent_";
}

/// The longest id that is accepted from outside, in bytes.
pub const ID_BYTES_MAX: usize = 64;

/// Whether `text` may serve as an id that people choose: 1 to 64 of `a-z A-Z 0-9 _ - .`.
#[must_use]
pub fn check_text(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= ID_BYTES_MAX
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

impl IncidentId {
    /// The part after the prefix, which ids of attempts and entries repeat.
    #[must_use]
    pub fn stem(&self) -> &str {
        self.as_str().strip_prefix(Self::PREFIX).unwrap_or(self.as_str())
    }
}

impl AttemptId {
    /// The id of the incident's `nth` attempt, counted from 1 over all people and channels.
    #[must_use]
    pub fn nth(incident: &IncidentId, nth: u32) -> Self {
        Self::new(&format!("{}{}_{nth}", Self::PREFIX, incident.stem()))
    }
}

impl EntryId {
    /// The id of the incident's `nth` entry, counted from 1.
    #[must_use]
    pub fn nth(incident: &IncidentId, nth: u32) -> Self {
        Self::new(&format!("{}{}_{nth}", Self::PREFIX, incident.stem()))
    }
}
