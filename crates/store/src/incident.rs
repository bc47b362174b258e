//! Lists of incidents, drawn from what each commit says of its incident.

use std::fmt;
use std::str::FromStr;

use domain::id::{IncidentId, PersonId, ProjectId};
use domain::time::Timestamp;

use crate::Store;
use crate::db::{Row, Step};
use crate::error::StoreError;
use crate::store::LIST_MAX;

sql! {
    FIND_INCIDENT = "SELECT id, reporter_id, project_id, kind, opened_at_ms, state, escalation, lead_id, seq_last,
            updated_at_ms, is_drill
        FROM incident WHERE id = $1";
    LIST_INCIDENTS = "SELECT id, reporter_id, project_id, kind, opened_at_ms, state, escalation, lead_id, seq_last,
            updated_at_ms, is_drill
        FROM incident
        WHERE state = $1 AND (opened_at_ms, id) < ($2, $3)
        ORDER BY opened_at_ms DESC, id DESC LIMIT $4";
    LIST_INCIDENTS_VISIBLE = "SELECT i.id, i.reporter_id, i.project_id, i.kind, i.opened_at_ms, i.state, i.escalation,
            i.lead_id, i.seq_last, i.updated_at_ms, i.is_drill
        FROM incident_member m JOIN incident i ON i.id = m.incident_id
        WHERE m.person_id = $1 AND i.state = $2 AND (i.opened_at_ms, i.id) < ($3, $4)
        ORDER BY i.opened_at_ms DESC, i.id DESC LIMIT $5";
    LIST_INCIDENTS_OF_REPORTER = "SELECT id, reporter_id, project_id, kind, opened_at_ms, state, escalation, lead_id,
            seq_last, updated_at_ms, is_drill
        FROM incident
        WHERE reporter_id = $1 AND (opened_at_ms, id) < ($2, $3)
        ORDER BY opened_at_ms DESC, id DESC LIMIT $4";
    FIND_MEMBER = "SELECT 1 FROM incident_member WHERE incident_id = $1 AND person_id = $2";
    LIST_MEMBERS = "SELECT person_id FROM incident_member WHERE incident_id = $1 ORDER BY person_id LIMIT $2";
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $variant:ident $word:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$word_doc])* $variant,)+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            fn read(row: &mut Row, column: &'static str) -> Result<Self, StoreError> {
                let text = row.text(column)?;
                let found = Self::ALL.iter().find(|value| value.as_str() == text);
                found.copied().ok_or_else(|| row.inconsistent(column))
            }
        }
    )+};
}

words! {
    /// Whether an incident goes on.
    IncidentState {
        /// It goes on.
        Open "open",
        /// It is over.
        Closed "closed",
    }
    /// How far the calling has come.
    Escalation {
        /// People are being called.
        Calling "calling",
        /// Somebody has promised to come.
        Promised "promised",
        /// Somebody has it.
        Accepted "accepted",
        /// It was stood down.
        StoodDown "stood_down",
    }
}

/// What lists show of an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Who reported it.
    pub reporter: PersonId,
    /// Which project it is about, when that was said.
    pub project: Option<ProjectId>,
    /// `leak`, `data_loss` or `outage`, when that was said.
    pub kind: Option<String>,
    /// When it was reported.
    pub opened_at: Timestamp,
    /// Whether it goes on.
    pub state: IncidentState,
    /// How far the calling has come.
    pub escalation: Escalation,
    /// Who leads it.
    pub lead: Option<PersonId>,
    /// The place of its last event.
    pub seq_last: u64,
    /// When that was recorded.
    pub updated_at: Timestamp,
    /// Whether it is a drill.
    pub is_drill: bool,
}

/// An incident in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentRow {
    /// Its id.
    pub id: IncidentId,
    /// What is shown of it.
    pub summary: Summary,
}

impl IncidentRow {
    /// Where the list goes on behind this row.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        Cursor { opened_at: self.summary.opened_at, id: self.id.clone() }
    }
}

/// A place in a list that is ordered by the moment of opening, latest first. Its text form is opaque to clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// When the last row shown was opened.
    pub opened_at: Timestamp,
    /// Its id.
    pub id: IncidentId,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}", self.opened_at.as_millisecond(), self.id)
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (opened_at, id) = text.split_once('~').ok_or(())?;
        let opened_at = opened_at.parse().map_err(|_| ())?;
        if !domain::id::check_text(id) {
            return Err(());
        }
        Ok(Self { opened_at: Timestamp::from_millisecond(opened_at), id: IncidentId::new(id) })
    }
}

/// Which incidents to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListFilter {
    /// Only those in this state; `None` is all.
    pub state: Option<IncidentState>,
    /// Only those that this person may see; `None` is all, for what never reaches a person.
    pub visible_to: Option<PersonId>,
    /// Only those behind this place.
    pub after: Option<Cursor>,
    /// At most so many, up to [`LIST_MAX`].
    pub limit: u32,
}

impl Store {
    /// What lists show of one incident.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn find_incident(&self, id: &IncidentId) -> Result<Option<IncidentRow>, StoreError> {
        self.find(Step::any(&FIND_INCIDENT, values![id])).await?.map(read_incident).transpose()
    }

    /// Incidents, the one opened last first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn list_incidents(
        &self,
        filter: &ListFilter,
    ) -> Result<Vec<IncidentRow>, StoreError> {
        let states = filter.state.as_ref().map_or(IncidentState::ALL, std::slice::from_ref);
        let (opened_at, id) = start(filter.after.as_ref());
        let limit = filter.limit.min(LIST_MAX);
        let steps = states.iter().map(|state| {
            let state = state.as_str();
            let limit = u64::from(limit);
            match &filter.visible_to {
                None => Step::any(&LIST_INCIDENTS, values![state, opened_at, id, limit]),
                Some(person) => {
                    let values = values![person, state, opened_at, id, limit];
                    Step::any(&LIST_INCIDENTS_VISIBLE, values)
                }
            }
        });
        let lists = self.db().read(steps.collect()).await?;
        let rows = lists.into_iter().flatten().map(read_incident);
        let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
        rows.sort_by(|a, b| (b.summary.opened_at, &b.id).cmp(&(a.summary.opened_at, &a.id)));
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(rows)
    }

    /// A person's own reports, the latest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn list_incidents_of_reporter(
        &self,
        reporter: &PersonId,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Vec<IncidentRow>, StoreError> {
        let (opened_at, id) = start(after);
        let values = values![reporter, opened_at, id, u64::from(limit.min(LIST_MAX))];
        self.list(Step::any(&LIST_INCIDENTS_OF_REPORTER, values), read_incident).await
    }

    /// Whether the person is among those who may see the incident.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn is_member(
        &self,
        incident: &IncidentId,
        person: &PersonId,
    ) -> Result<bool, StoreError> {
        let found = self.find(Step::any(&FIND_MEMBER, values![incident, person])).await?;
        Ok(found.is_some())
    }

    /// Who may see the incident, at most [`LIST_MAX`].
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn list_members(&self, incident: &IncidentId) -> Result<Vec<PersonId>, StoreError> {
        let step = Step::any(&LIST_MEMBERS, values![incident, u64::from(LIST_MAX)]);
        self.list(step, |mut row| Ok(PersonId::new(&row.text("person_id")?))).await
    }
}

/// Where a list starts: behind the cursor, or at its very beginning.
fn start(after: Option<&Cursor>) -> (i64, &str) {
    after.map_or((i64::MAX, ""), |cursor| (cursor.opened_at.as_millisecond(), cursor.id.as_str()))
}

fn read_incident(mut row: Row) -> Result<IncidentRow, StoreError> {
    Ok(IncidentRow {
        id: IncidentId::new(&row.text("id")?),
        summary: Summary {
            reporter: PersonId::new(&row.text("reporter_id")?),
            project: row.opt_text("project_id")?.as_deref().map(ProjectId::new),
            kind: row.opt_text("kind")?,
            opened_at: row.time("opened_at_ms")?,
            state: IncidentState::read(&mut row, "state")?,
            escalation: Escalation::read(&mut row, "escalation")?,
            lead: row.opt_text("lead_id")?.as_deref().map(PersonId::new),
            seq_last: row.count("seq_last")?,
            updated_at: row.time("updated_at_ms")?,
            is_drill: row.flag("is_drill")?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text_form_and_refuses_anything_else() {
        let cursor =
            Cursor { opened_at: Timestamp::from_millisecond(-5), id: IncidentId::new("inc_1") };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", "5", "x~inc_1", "5~", "5~inc 1", "5~inc~1"] {
            assert_eq!(text.parse::<Cursor>(), Err(()), "{text}");
        }
    }

    #[test]
    fn the_words_in_the_schema_are_those_of_the_enums() {
        let schema = include_str!("../migrations/0001_init.sql");
        let list = |words: Vec<&str>| format!("IN ('{}')", words.join("', '"));
        let states = IncidentState::ALL.iter().map(|word| word.as_str()).collect();
        let escalations = Escalation::ALL.iter().map(|word| word.as_str()).collect();
        assert!(schema.contains(&format!("CHECK (state {})", list(states))));
        assert!(schema.contains(&format!("CHECK (escalation {})", list(escalations))));
    }
}
