//! Answer links (B3): one token is one person and one incident. Looking at one changes nothing, whoever looks.

use std::sync::Arc;

use domain::id::PersonId;
use domain::incident::Incident;

use crate::door::Engine;
use crate::error::EngineError;
use crate::keys::AnswerToken;

/// What an answer link leads to.
#[derive(Debug, Clone)]
pub struct AnswerPage {
    /// The incident.
    pub incident: Arc<Incident>,
    /// Who is asked.
    pub person: PersonId,
}

impl Engine {
    /// The link by which `person` answers. `None` for somebody who does not stand in the line.
    #[must_use]
    pub fn answer_url(&self, incident: &Incident, person: &PersonId) -> Option<String> {
        let people = &incident.escalation.as_ref()?.people;
        let index = people.iter().position(|called| called.person == *person)?;
        let index = u16::try_from(index).ok()?;
        let token = self.0.keys.answer_token(&incident.id, index, person);
        Some(format!("{}/a/{token}", self.public_url()))
    }

    /// What the token leads to; `None` when it is none of ours.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn find_answer(&self, token: &str) -> Result<Option<AnswerPage>, EngineError> {
        let Some(token) = AnswerToken::parse(token) else { return Ok(None) };
        let Some(incident) = self.load(&token.incident).await? else { return Ok(None) };
        let person = incident
            .escalation
            .as_ref()
            .and_then(|escalation| escalation.people.get(usize::from(token.index)))
            .filter(|called| called.joined_at.is_some())
            .map(|called| called.person.clone());
        Ok(person
            .filter(|person| self.0.keys.is_answer_token(&token, &incident.id, person))
            .map(|person| AnswerPage { incident, person }))
    }
}
