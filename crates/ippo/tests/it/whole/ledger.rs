//! Reading an exported ledger: what was planned, what came of it, what was answered.

use std::collections::BTreeSet;

use serde_json::Value;

/// One incident's ledger, checked whole.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    pub(crate) incident: String,
    pub(crate) events: Vec<Value>,
}

impl Ledger {
    /// Reads an export and checks its chain.
    pub(crate) fn read(export: &str) -> Self {
        let verified = domain::ledger::verify(export.lines());
        let verified = verified.unwrap_or_else(|broken| panic!("{broken}\n{export}"));
        let events = export.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        Self { incident: verified.incident.to_string(), events }
    }

    /// The bodies of all events of a kind.
    pub(crate) fn bodies(&self, kind: &str) -> Vec<&Value> {
        let of_kind = self.events.iter().filter(|event| event["kind"] == kind);
        of_kind.map(|event| &event["body"]).collect()
    }

    /// One field of all events of a kind, as text.
    pub(crate) fn texts(&self, kind: &str, field: &str) -> Vec<String> {
        let bodies = self.bodies(kind).into_iter();
        bodies.map(|body| body[field].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// What the reporter said first.
    pub(crate) fn first_words(&self) -> String {
        self.texts("entry.added", "text").into_iter().next().unwrap_or_default()
    }

    /// Attempts that were planned and have no outcome.
    pub(crate) fn owed(&self) -> BTreeSet<String> {
        let done: BTreeSet<String> = self.texts("attempt.outcome", "attempt").into_iter().collect();
        let planned = self.texts("attempt.planned", "attempt").into_iter();
        planned.filter(|attempt| !done.contains(attempt)).collect()
    }

    /// Attempts that a person's answer took back before they left.
    pub(crate) fn taken_back(&self) -> Vec<String> {
        let is_taken_back = |event: &&Value| {
            event["kind"] == "attempt.outcome"
                && event["body"]["state"] == "cancelled"
                && event["actor"] != "system"
        };
        let events = self.events.iter().filter(is_taken_back);
        events.map(|event| event["body"]["attempt"].as_str().unwrap().to_owned()).collect()
    }

    /// The place of the acceptance.
    pub(crate) fn accepted_seq(&self) -> Option<u64> {
        let is_acceptance =
            |event: &&Value| event["kind"] == "answer.given" && event["body"]["answer"] == "accept";
        self.events.iter().find(is_acceptance).and_then(|event| event["seq"].as_u64())
    }

    /// How many calls for an answer were planned behind that place.
    pub(crate) fn summons_after(&self, seq: u64) -> usize {
        let is_summons = |event: &&Value| {
            event["kind"] == "attempt.planned"
                && matches!(event["body"]["purpose"].as_str(), Some("summon" | "confirm"))
                && event["seq"].as_u64() > Some(seq)
        };
        self.events.iter().filter(is_summons).count()
    }
}
