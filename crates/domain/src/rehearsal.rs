//! Rehearsal (B6): "if Sato breaks production on Sunday at 03:00, who is called when?"
//!
//! It files the report for real, in made-up time, and lets every message arrive and nobody answer. The same
//! functions decide as in a calling, so what is rehearsed is what happens.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::directory::Directory;
use crate::id::{IncidentId, PersonId};
use crate::incident::escalation::AttemptWhy;
use crate::incident::report::{FirstReport, Note, Via};
use crate::incident::{Actor, Command, Decision, Event, Facts, decide, open};
use crate::line::{Because, Member, PassedOver};
use crate::policy::Policy;
use crate::port::{Outcome, Proof};
use crate::route::{Channels, Unusable, routes};
use crate::time::Timestamp;

/// How far a rehearsal looks ahead when nobody says otherwise.
pub const HORIZON: Duration = Duration::from_secs(20 * 60);

/// The most steps a rehearsal lists.
const STEPS_MAX: usize = 1_000;

/// What to rehearse.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// Who would report.
    pub reporter: &'a PersonId,
    /// On which project.
    pub project: Option<&'a str>,
    /// When.
    pub at: Timestamp,
    /// How far to look ahead.
    pub horizon: Duration,
}

/// One message that would be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RehearsedStep {
    /// How long after the report.
    pub after: Duration,
    /// To whom.
    pub person: PersonId,
    /// By which channel.
    pub channel: String,
    /// Which contact, masked.
    pub hint: String,
    /// Why then.
    pub because: AttemptWhy,
}

/// One person of the line with the time they would join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RehearsedMember {
    /// Who and why.
    pub member: Member,
    /// When they join; `None` when that is beyond the horizon.
    pub joins_after: Option<Duration>,
}

/// What would happen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rehearsal {
    /// The line, in order.
    pub line: Vec<RehearsedMember>,
    /// Who is away.
    pub passed_over: Vec<PassedOver>,
    /// Every message, in order.
    pub steps: Vec<RehearsedStep>,
    /// What keeps this from being safe.
    pub problems: Vec<Problem>,
}

/// A hole in the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// There is no way to reach this person.
    NoRoute(PersonId),
    /// This person's telephone would never ring.
    NoVoice(PersonId),
    /// A contact that no channel can use.
    UnusableContact(PersonId, Unusable),
    /// Only one person can be reached.
    OneDeep,
    /// Everybody is away; they are called all the same.
    EverybodyAway,
    /// Nobody is left to call.
    NobodyToCall,
    /// Only the last resort stands in the line.
    OnlyLastResort,
    /// The directory does not know the project.
    UnknownProject(String),
    /// The directory does not know the reporter.
    UnknownReporter(PersonId),
}

impl Problem {
    /// The stable code.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NoRoute(_) => "no_route",
            Self::NoVoice(_) => "no_voice",
            Self::UnusableContact(_, Unusable::NoChannel) => "contact_no_channel",
            Self::UnusableContact(_, Unusable::NotInPolicy) => "contact_not_in_policy",
            Self::UnusableContact(_, Unusable::Outside) => "contact_outside",
            Self::OneDeep => "one_deep",
            Self::EverybodyAway => "everybody_away",
            Self::NobodyToCall => "nobody_to_call",
            Self::OnlyLastResort => "only_last_resort",
            Self::UnknownProject(_) => "unknown_project",
            Self::UnknownReporter(_) => "unknown_reporter",
        }
    }

    /// Whom it is about.
    #[must_use]
    pub const fn person(&self) -> Option<&PersonId> {
        match self {
            Self::NoRoute(person)
            | Self::NoVoice(person)
            | Self::UnusableContact(person, _)
            | Self::UnknownReporter(person) => Some(person),
            Self::OneDeep
            | Self::EverybodyAway
            | Self::NobodyToCall
            | Self::OnlyLastResort
            | Self::UnknownProject(_) => None,
        }
    }
}

/// Plays the calling through, with every message arriving and nobody answering.
#[must_use]
pub fn rehearse(
    directory: &Directory,
    channels: &Channels,
    policy: &Policy,
    question: &Question<'_>,
) -> Rehearsal {
    let in_flight = BTreeSet::new();
    let facts = |now| Facts { now, directory, channels, policy, in_flight: &in_flight };
    let report = FirstReport {
        reporter: question.reporter.clone(),
        text: String::new(),
        project: question.project.map(str::to_owned),
        kind: None,
        happened: None,
        via: Via::Web,
        is_sign_in_expired: false,
        is_text_repaired: false,
    };
    let mut rehearsal = Rehearsal::default();
    let mut decision = open(IncidentId::new("inc_rehearsal"), &report, facts(question.at));
    note_problems(&mut rehearsal, question, directory, &decision.notes);
    let end = question.at.after(question.horizon);
    collect(&mut rehearsal, &decision, question.at, question.at);
    while let Some(next) = decision.wake_up.filter(|at| *at <= end) {
        if rehearsal.steps.len() >= STEPS_MAX {
            break;
        }
        let arrived = arrive(&decision, facts(next));
        match decide(&arrived, &Actor::System, &Command::Tick, facts(next)) {
            Ok(next) => decision = next,
            Err(_) => break,
        }
        collect(&mut rehearsal, &decision, question.at, next);
    }
    finish(&mut rehearsal, directory, channels, policy, &decision);
    rehearsal
}

/// Every message that was planned has arrived.
fn arrive(decision: &Decision, facts: Facts<'_>) -> crate::incident::Incident {
    let mut state = decision.state.clone();
    for send in &decision.sends {
        let outcome = Outcome::Accepted { provider_ref: None, proof: Proof::HandedOver };
        let command = Command::Settle { attempt: send.attempt.clone(), outcome };
        if let Ok(next) = decide(&state, &Actor::System, &command, facts) {
            state = next.state;
        }
    }
    state
}

fn collect(rehearsal: &mut Rehearsal, decision: &Decision, start: Timestamp, now: Timestamp) {
    for event in &decision.events {
        match event {
            Event::CallingStarted(started) => {
                rehearsal.passed_over.clone_from(&started.passed_over);
                rehearsal.line = started
                    .line
                    .iter()
                    .map(|member| RehearsedMember { member: member.clone(), joins_after: None })
                    .collect();
            }
            Event::PersonJoined(joined) => {
                let line = &mut rehearsal.line;
                if let Some(found) = line.iter_mut().find(|m| m.member.person == joined.person) {
                    found.joins_after = Some(now.since(start));
                }
            }
            Event::AttemptPlanned(planned) => rehearsal.steps.push(RehearsedStep {
                after: planned.due_at_ms.since(start),
                person: planned.person.clone(),
                channel: planned.channel.clone(),
                hint: planned.hint.clone(),
                because: planned.because,
            }),
            Event::ReportReceived(_)
            | Event::LineExtended(_)
            | Event::LineRestarted(_)
            | Event::AttemptOutcome(_)
            | Event::AnswerGiven(_)
            | Event::PromiseLapsed(_)
            | Event::ReachedStated(_)
            | Event::StoodDown(_)
            | Event::EntryAdded(_)
            | Event::EntryCorrected(_)
            | Event::EntryRedacted(_)
            | Event::PersonBroughtIn(_)
            | Event::IncidentClosed(_) => {}
        }
    }
}

fn note_problems(
    rehearsal: &mut Rehearsal,
    question: &Question<'_>,
    directory: &Directory,
    notes: &[Note],
) {
    if directory.find_person(question.reporter).is_none() {
        rehearsal.problems.push(Problem::UnknownReporter(question.reporter.clone()));
    }
    for note in notes {
        match note {
            Note::ProjectUnknown { project } => {
                rehearsal.problems.push(Problem::UnknownProject(project.clone()));
            }
            Note::EverybodyAway => rehearsal.problems.push(Problem::EverybodyAway),
            Note::NobodyToCall => rehearsal.problems.push(Problem::NobodyToCall),
            Note::TextCut { .. } | Note::TextRepaired | Note::PromiseShortened { .. } => {}
        }
    }
}

fn finish(
    rehearsal: &mut Rehearsal,
    directory: &Directory,
    channels: &Channels,
    policy: &Policy,
    last: &Decision,
) {
    let problems = &mut rehearsal.problems;
    let mut reachable = 0_usize;
    for found in &rehearsal.line {
        let person = &found.member.person;
        let ways = routes(directory, channels, policy, person);
        let usable = |unusable: &Unusable| *unusable == Unusable::Outside;
        let outside = ways.unusable.iter().filter(|(_, why)| usable(why)).count();
        let all = ways.silent.len().saturating_add(ways.voice.len());
        if all <= outside {
            problems.push(Problem::NoRoute(person.clone()));
        } else {
            reachable = reachable.saturating_add(1);
            if ways.voice.is_empty() {
                problems.push(Problem::NoVoice(person.clone()));
            }
        }
        for (_, why) in ways.unusable {
            problems.push(Problem::UnusableContact(person.clone(), why));
        }
    }
    if reachable <= 1 && !rehearsal.line.is_empty() {
        problems.push(Problem::OneDeep);
    }
    let is_last = |m: &RehearsedMember| m.member.because == Because::LastResort;
    if !rehearsal.line.is_empty() && rehearsal.line.iter().all(is_last) {
        problems.push(Problem::OnlyLastResort);
    }
    // People who were found after the line was drawn, if any, are part of it too.
    for called in last.state.escalation.iter().flat_map(|escalation| &escalation.people) {
        if rehearsal.line.iter().all(|m| m.member.person != called.person) {
            let member = Member { person: called.person.clone(), because: called.because };
            rehearsal.line.push(RehearsedMember { member, joins_after: None });
        }
    }
}
