//! Who may do what (D1): deny by default, one row for each command.

use crate::id::PersonId;
use crate::incident::escalation::Status;
use crate::incident::{Command, Incident, Refusal};

/// What somebody is to an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Filed the report.
    Reporter,
    /// Accepted and leads.
    Lead,
    /// Was or is being called.
    Asked,
    /// Was brought in by name.
    BroughtIn,
    /// Nothing: for them it does not exist.
    Stranger,
}

/// Every role that `person` has; [`Role::Stranger`] alone when none.
#[must_use]
pub fn roles(incident: &Incident, person: &PersonId) -> Vec<Role> {
    let mut roles = Vec::new();
    if incident.report.received.reporter == *person {
        roles.push(Role::Reporter);
    }
    if let Some(escalation) = &incident.escalation {
        if escalation.lead() == Some(person) {
            roles.push(Role::Lead);
        }
        if escalation.may_answer(person) {
            roles.push(Role::Asked);
        }
    }
    if incident.membership.brought_in.iter().any(|brought| brought.person == *person) {
        roles.push(Role::BroughtIn);
    }
    if roles.is_empty() {
        roles.push(Role::Stranger);
    }
    roles
}

/// Whether the incident exists for `person`.
#[must_use]
pub fn may_see(incident: &Incident, person: &PersonId) -> bool {
    !roles(incident, person).contains(&Role::Stranger)
}

/// Everybody for whom the incident exists.
#[must_use]
pub fn who_may_see(incident: &Incident) -> Vec<PersonId> {
    let mut people = vec![incident.report.received.reporter.clone()];
    let called = incident.escalation.iter().flat_map(|escalation| &escalation.people);
    let called = called.filter(|called| called.joined_at.is_some()).map(|called| &called.person);
    let brought_in = incident.membership.brought_in.iter().map(|brought| &brought.person);
    for person in called.chain(brought_in) {
        if !people.contains(person) {
            people.push(person.clone());
        }
    }
    people
}

/// Whether `person` may give `command`.
///
/// # Errors
/// [`Refusal::NotFound`] to strangers, [`Refusal::NotYours`] to people who see it but may not do this.
pub fn check_command(
    incident: &Incident,
    person: &PersonId,
    command: &Command,
) -> Result<(), Refusal> {
    let roles = roles(incident, person);
    let is = |role| roles.contains(&role);
    if is(Role::Stranger) {
        return Err(Refusal::NotFound);
    }
    let only = |allowed: bool, who| if allowed { Ok(()) } else { Err(Refusal::NotYours { who }) };
    match command {
        Command::AddWords { .. } => only(is(Role::Reporter), "the reporter"),
        Command::Answer { .. } => {
            if is(Role::Asked) {
                Ok(())
            } else {
                Err(Refusal::NotAsked)
            }
        }
        Command::StateReached { .. } | Command::StandDown { .. } => {
            only(is(Role::Reporter) || is(Role::Lead), "the reporter or the lead")
        }
        Command::AddEntry { .. } | Command::CorrectEntry { .. } => Ok(()),
        Command::RedactEntry { entry, .. } => {
            let is_author = incident.timeline.find(entry).is_some_and(|e| e.author == *person);
            only(is_author || is(Role::Lead), "the writer of the entry or the lead")
        }
        Command::BringIn { .. } => only(is(Role::Lead), "the lead"),
        Command::Close { .. } => {
            let is_stood_down = incident
                .escalation
                .as_ref()
                .is_some_and(|e| matches!(e.status, Status::StoodDown { .. }));
            let allowed = is(Role::Lead) || is_stood_down && is(Role::Reporter);
            only(allowed, "the lead, or the reporter once it is stood down")
        }
        Command::Tick | Command::Settle { .. } | Command::Withdraw { .. } => {
            Err(Refusal::NotYours { who: "ippo itself" })
        }
    }
}
