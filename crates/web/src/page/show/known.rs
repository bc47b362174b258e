//! "Add what you know" (A7): the chips, what was chosen so far, and the script for the telephone made of it.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::incident::Incident;
use domain::incident::timeline::{Chip, EntryKind, Source, Statement};
use domain::time::{Timestamp, millis};
use wording::script::{self, CHECKING, GROUPS, Said};
use wording::{Words, time};

use crate::page::form::Form;
use crate::page::show::Scene;

/// The group with a line of free text.
const DONE: &str = "done";
/// The choice of that group to which the line belongs.
const SOMETHING: &str = "something";
/// How far ahead the next report is promised at least, and to which steps the moment is rounded up.
const NEXT_REPORT: (Duration, Duration) = (Duration::from_secs(600), Duration::from_secs(300));

/// What was chosen so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Known {
    /// The choice by group.
    chosen: BTreeMap<String, String>,
    /// What was done already, in the reporter's words.
    pub(crate) done_text: String,
}

impl Known {
    /// What stands on the time line: the last word in each group.
    pub(crate) fn of(incident: &Incident) -> Self {
        let mut known = Self::default();
        for entry in incident.timeline.entries.iter().filter(|e| e.corrected_by.is_none()) {
            let Some(statement) = &entry.statement else { continue };
            let Some(chip) = &statement.chip else { continue };
            if chip.group == DONE {
                let is_own = statement.kind == EntryKind::Action;
                known.done_text = if is_own { statement.text.clone() } else { String::new() };
            }
            known.chosen.insert(chip.group.clone(), chip.choice.clone());
        }
        known
    }

    /// The choice of a group.
    pub(crate) fn choice(&self, group: &str) -> Option<&str> {
        self.chosen.get(group).map(String::as_str)
    }

    /// What a form says that is not known yet, as entries in the writer's language.
    pub(crate) fn list_new(&self, w: Words, form: &Form) -> Vec<Statement> {
        let mut new = Vec::new();
        for (group, _) in GROUPS {
            let line = if group == DONE { form.given("done_text") } else { None };
            let given = form.given(group).filter(|choice| script::is_choice(group, choice));
            // Whoever writes what they did has done something, also without choosing so.
            let Some(choice) = given.or(line.map(|_| SOMETHING)) else { continue };
            let line = line.filter(|_| choice == SOMETHING);
            let is_same_line = line.is_none_or(|line| line == self.done_text);
            if self.choice(group) != Some(choice) || !is_same_line {
                new.push(statement(w, group, choice, line));
            }
        }
        new
    }
}

fn statement(w: Words, group: &str, choice: &str, line: Option<&str>) -> Statement {
    let question = w.t(&format!("chip-{group}"));
    let answer = w.t(&format!("chip-{group}-{choice}"));
    let text = w.tn("known-entry", &[("question", &question), ("answer", &answer)]);
    let (kind, source) = match (choice, line) {
        (CHECKING, _) => (EntryKind::Unknown, None),
        (_, Some(_)) => (EntryKind::Action, Some(Source::Did)),
        (_, None) => (EntryKind::Fact, Some(Source::Saw)),
    };
    Statement {
        kind,
        text: line.map_or(text, str::to_owned),
        happened: None,
        source,
        source_ref: None,
        chip: Some(Chip { group: group.to_owned(), choice: choice.to_owned() }),
    }
}

impl Scene<'_> {
    /// What to say on the telephone.
    pub(crate) fn script(&self, known: &Known) -> Vec<String> {
        let next = time::clock(self.w, next_report(self.now), self.now, &self.zone);
        script::telephone(
            self.w,
            &Said {
                reporter: self.name(&self.incident.report.received.reporter),
                what: known.choice("what"),
                when: known.choice("when"),
                ongoing: known.choice("ongoing"),
                outside: known.choice("outside"),
                done: known.choice(DONE),
                done_text: Some(known.done_text.as_str()),
                need: known.choice("need"),
                next_report: &next,
            },
        )
    }
}

/// The moment at which the reporter can promise to report again: ten minutes or a little more, a round time of day.
fn next_report(now: Timestamp) -> Timestamp {
    let (ahead, step) = (now.after(NEXT_REPORT.0).as_millisecond(), millis(NEXT_REPORT.1));
    let over = ahead.rem_euclid(step);
    let round = if over == 0 { ahead } else { ahead.saturating_sub(over).saturating_add(step) };
    Timestamp::from_millisecond(round)
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use wording::Locale;

    use super::*;

    fn form(text: &'static str) -> Form {
        Form::read(&Bytes::from_static(text.as_bytes()))
    }

    fn known(chosen: &[(&str, &str)], done_text: &str) -> Known {
        let pair = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        Known { chosen: chosen.iter().map(pair).collect(), done_text: done_text.to_owned() }
    }

    #[test]
    fn only_what_changed_is_written_and_each_chip_is_what_it_says() {
        let w = Words::of(Locale::En);
        let known = known(&[("what", "outage"), ("when", "now")], "");
        let sent = form("what=outage&when=checking&ongoing=yes&need=money&other=x");
        let new = known.list_new(w, &sent);
        let read: Vec<_> = new.iter().map(|s| (s.kind, s.source, s.text.as_str())).collect();
        assert_eq!(
            read,
            [
                (EntryKind::Unknown, None, "When - Being checked"),
                (EntryKind::Fact, Some(Source::Saw), "Still going on? - Yes"),
            ]
        );
    }

    #[test]
    fn what_was_done_is_an_action_in_the_writers_own_words() {
        let w = Words::of(Locale::Ja);
        let new = Known::default().list_new(w, &form("done_text=stopped+it"));
        assert_eq!(new.len(), 1);
        assert_eq!((new[0].kind, new[0].source), (EntryKind::Action, Some(Source::Did)));
        assert_eq!(new[0].text, "stopped it");
        assert_eq!(new[0].chip.as_ref().map(|chip| chip.choice.as_str()), Some(SOMETHING));
        let again = known(&[(DONE, SOMETHING)], "stopped it");
        assert!(again.list_new(w, &form("done=something&done_text=stopped+it")).is_empty());
        assert!(again.list_new(w, &form("done=something&done_text=")).is_empty());
        assert_eq!(again.list_new(w, &form("done_text=more")).len(), 1);
        assert_eq!(again.list_new(w, &form("done=nothing&done_text=stopped+it")).len(), 1);
    }

    #[test]
    fn the_next_report_is_promised_for_a_round_time() {
        let at = |minutes: i64| Timestamp::from_millisecond(minutes * 60_000);
        assert_eq!(next_report(at(5)), at(15));
        assert_eq!(next_report(at(6)), at(20));
    }
}
