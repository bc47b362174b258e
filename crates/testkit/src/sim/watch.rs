//! What must be true after every step, whatever has gone wrong.
//!
//! The watch keeps its own fold of every ledger, made from what the database gives, event by event. It never asks the
//! engine what happened; it asks the engine only whether it believes the same.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::id::{AttemptId, IncidentId};
use domain::incident::escalation::event::{AttemptOutcome, AttemptPlanned};
use domain::incident::escalation::{AttemptState, Status};
use domain::incident::timeline::Place;
use domain::incident::{Event, Incident, Recorded};
use domain::ledger::{FIRST_PREV, Hash, Line, Sealed, verify};
use engine::Work;
use store::{Escalation, IncidentRow, IncidentState};

use crate::sim::life::Life;
use crate::sim::watch_sends::{Sends, may_ask};

/// How late the loop may be in its own time; everything else is measured in the policy's.
const GRACE: Duration = Duration::from_secs(2);

/// What must always be true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// An open, unanswered incident has a wake-up, in the store and on the engine's list.
    Awake,
    /// The gap between attempts never exceeds the policy's longest.
    Gap,
    /// Nobody is asked after an acceptance is recorded.
    AfterAnswer,
    /// No message leaves its circle.
    Circle,
    /// Every attempt ends in exactly one outcome; what comes later can only be progress.
    Outcome,
    /// The outbox holds exactly the planned attempts, and each of its rows is being taken care of.
    Outbox,
    /// No message is sent twice without a crash in between.
    Doubled,
    /// What the engine believes is the fold of what is stored, before and after a restart.
    State,
    /// The ledger has no gap and verifies.
    Ledger,
    /// A report that was answered as received is there, under its key.
    Kept,
    /// Redacted words are nowhere.
    Erased,
    /// Nothing panics.
    NoPanic,
}

/// Something that was not true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What should be.
    pub invariant: Invariant,
    /// What is.
    pub what: String,
}

/// A violation of `invariant`, unless `is_so`.
pub(super) fn expect(
    is_so: bool,
    invariant: Invariant,
    what: impl FnOnce() -> String,
) -> Result<(), Violation> {
    if is_so { Ok(()) } else { Err(Violation { invariant, what: what() }) }
}

/// One incident as the watch knows it.
pub(super) struct Watched {
    /// The fold of what the database gave so far.
    pub(super) shadow: Incident,
    head: Hash,
    /// Real time when somebody was last called, joined or answered, or since when the engine is up.
    quiet_since: Duration,
}

impl Watched {
    pub(super) const fn is_open(&self) -> bool {
        match &self.shadow.escalation {
            Some(escalation) => escalation.is_open() && self.shadow.closed.is_none(),
            None => false,
        }
    }
}

/// Everything the watch knows.
#[derive(Default)]
pub(super) struct Watch {
    pub(super) incidents: BTreeMap<IncidentId, Watched>,
    sends: Sends,
    /// What each key was answered with.
    kept: BTreeMap<String, IncidentId>,
    stored: Stored,
    /// How far the clock was set back, and in real time when it has regained what it had shown before.
    steps_back: Vec<(Duration, Duration)>,
}

/// What the database held at the last look, read past the store.
#[derive(Default)]
struct Stored {
    /// `None`: has to be read whatever the database says.
    version: Option<i64>,
    outbox: BTreeSet<AttemptId>,
    wake_ups: BTreeSet<IncidentId>,
}

impl Watch {
    /// Looks at everything once.
    pub(super) fn check(&mut self, life: &mut Life) -> Result<(), Violation> {
        // First, because whether a message was right depends on what was recorded before it.
        self.sends.check(life, &self.incidents)?;
        let version = Some(life.sabotage.version());
        if self.stored.version != version {
            self.read_all(life)?;
            self.stored.version = version;
        }
        self.check_outbox(life)?;
        self.check_wake_ups(life)?;
        self.check_gaps(life)
    }

    /// The database was changed in a way that it does not tell.
    pub(super) const fn read_anew(&mut self) {
        self.stored.version = None;
    }

    fn read_all(&mut self, life: &mut Life) -> Result<(), Violation> {
        let database = &life.sabotage;
        let outbox = database.list("SELECT attempt_id FROM outbox");
        self.stored.outbox = outbox.iter().map(|id| AttemptId::new(id)).collect();
        let wake_ups = database.list("SELECT incident_id FROM wake_up");
        self.stored.wake_ups = wake_ups.iter().map(|id| IncidentId::new(id)).collect();
        for id in database.list("SELECT id FROM incident ORDER BY id") {
            self.read(life, &IncidentId::new(&id))?;
        }
        let shadows = self.incidents.values().filter_map(|w| w.shadow.escalation.as_ref());
        let planned: BTreeSet<AttemptId> = shadows
            .flat_map(|escalation| &escalation.attempts)
            .filter(|attempt| attempt.state == AttemptState::Planned)
            .map(|attempt| attempt.id.clone())
            .collect();
        let rows = &self.stored.outbox;
        expect(*rows == planned, Invariant::Outbox, || {
            format!("the outbox holds {rows:?}, planned are {planned:?}")
        })
    }

    /// Takes note of a report that was answered as received.
    pub(super) fn keep(&mut self, key: &str, id: &IncidentId) -> Result<(), Violation> {
        let known = self.kept.entry(key.to_owned()).or_insert_with(|| id.clone());
        expect(known == id, Invariant::Kept, || format!("{key} was {known} and is {id} now"))
    }

    /// From now on gaps count from here: the engine was down, or its store was.
    pub(super) fn begin_anew(&mut self, life: &Life) {
        for watched in self.incidents.values_mut() {
            watched.quiet_since = life.elapsed;
        }
    }

    /// The clock was set back.
    pub(super) fn step_back(&mut self, life: &Life, amount: Duration) {
        self.steps_back.push((amount, life.elapsed.saturating_add(amount)));
    }

    /// How much longer than the policy's longest a gap may be because the clock was set back. What was planned by the
    /// clock waits for the clock to show that time again, but a gap never grows by more than once its length.
    fn slack(&self, life: &Life, longest: Duration) -> Duration {
        let is_felt = |regained: &Duration| regained.saturating_add(longest) >= life.elapsed;
        let felt = self.steps_back.iter().filter(|(_, regained)| is_felt(regained));
        felt.map(|(amount, _)| (*amount).min(longest)).sum()
    }

    /// Reads what is new in one ledger.
    fn read(&mut self, life: &mut Life, id: &IncidentId) -> Result<(), Violation> {
        let seen = self.incidents.get(id).map_or(0, |watched| watched.shadow.seq);
        let last = format!("SELECT max(seq) FROM ledger_event WHERE incident_id = '{id}'");
        if life.sabotage.count(&last) == i64::try_from(seen).unwrap() {
            return Ok(());
        }
        let row = life.aside(life.store().find_incident(id)).unwrap().unwrap();
        let new = life.aside(life.store().load_ledger_after(id, seen)).unwrap();
        let mut new = new.iter();
        if seen == 0
            && let Some(first) = new.next()
        {
            let watched = begin(id, first, life.elapsed)?;
            self.incidents.insert(id.clone(), watched);
        }
        let watched = self.incidents.get_mut(id).unwrap();
        for event in new {
            watched.take(event, life.elapsed)?;
        }
        check_summary(&watched.shadow, &row)?;
        check_memory(life, &watched.shadow)
    }

    fn check_outbox(&self, life: &Life) -> Result<(), Violation> {
        let rows = &self.stored.outbox;
        let Some(engine) = life.engine() else { return Ok(()) };
        let mut cared_for: BTreeSet<AttemptId> = engine.list_waiting().into_iter().collect();
        cared_for.extend(life.outside().hanging().into_iter().map(|hanging| hanging.attempt));
        cared_for.extend(life.queue.iter().filter_map(|work| match work {
            Work::Tick(_) => None,
            Work::Deliver(row) | Work::Record(row, _) => Some(row.attempt.clone()),
        }));
        let forgotten: Vec<_> = rows.difference(&cared_for).collect();
        expect(forgotten.is_empty(), Invariant::Outbox, || format!("forgotten: {forgotten:?}"))
    }

    fn check_wake_ups(&self, life: &Life) -> Result<(), Violation> {
        for (id, watched) in &self.incidents {
            let (is_open, has_row) = (watched.is_open(), self.stored.wake_ups.contains(id));
            expect(is_open == has_row, Invariant::Awake, || {
                format!("{id} is open: {is_open}; has a wake-up: {has_row}")
            })?;
            let Some(engine) = life.engine().filter(|_| is_open) else { continue };
            let is_taken = life.queue.iter().any(|work| *work == Work::Tick(id.clone()));
            let next = engine.next_look(id);
            let policy = watched.shadow.escalation.as_ref().map(|e| &e.policy);
            let latest = policy.map(|policy| life.now().after(policy.loop_every));
            expect(is_taken || next.is_some() && next <= latest, Invariant::Awake, || {
                format!("{id} is looked at {next:?}, which should be before {latest:?}")
            })?;
        }
        Ok(())
    }

    fn check_gaps(&mut self, life: &Life) -> Result<(), Violation> {
        if life.engine().is_none() || life.is_store_broken {
            self.begin_anew(life);
            return Ok(());
        }
        for (id, watched) in &self.incidents {
            let Some(escalation) = &watched.shadow.escalation else { continue };
            let is_calling = matches!(escalation.status, Status::Calling | Status::Promised { .. });
            let gap = life.elapsed.saturating_sub(watched.quiet_since);
            let longest = escalation.policy.longest_gap();
            let longest = longest + self.slack(life, longest) + GRACE;
            let is_fine = !is_calling || !watched.is_open() || gap <= longest;
            expect(is_fine, Invariant::Gap, || {
                format!("nobody was called to {id} for {gap:?}; the longest is {longest:?}")
            })?;
        }
        Ok(())
    }

    /// Reads every ledger from its beginning, as a restart would.
    pub(super) fn check_folds(&self, life: &mut Life) -> Result<(), Violation> {
        for (id, watched) in &self.incidents {
            let ledger = life.aside(life.store().load_ledger(id)).unwrap();
            let events = ledger.iter().map(|event| (read(event), place(event)));
            let fold = Incident::fold(id, events);
            expect(fold.as_ref() == Some(&watched.shadow), Invariant::State, || {
                format!("{id} folds to something else: {fold:#?} not {:#?}", watched.shadow)
            })?;
            check_memory(life, &watched.shadow)?;
        }
        Ok(())
    }

    /// Verifies every ledger as somebody outside would, and looks for what should not be in it.
    pub(super) fn check_ledgers(&self, life: &Life, erased: &[String]) -> Result<(), Violation> {
        for (key, id) in &self.kept {
            expect(self.incidents.contains_key(id), Invariant::Kept, || {
                format!("{key} was answered with {id}, which is gone")
            })?;
        }
        for id in self.incidents.keys() {
            let ledger = life.aside(life.store().load_ledger(id)).unwrap();
            let lines: Vec<String> = ledger
                .iter()
                .map(|event| serde_json::to_string(&Line::from_sealed(event).unwrap()).unwrap())
                .collect();
            let verified = verify(lines.iter().map(String::as_str));
            expect(verified.is_ok(), Invariant::Ledger, || format!("{id}: {verified:?}"))?;
        }
        for words in erased {
            let query =
                format!("SELECT count(*) FROM ledger_event WHERE body_json LIKE '%{words}%'");
            expect(life.sabotage.count(&query) == 0, Invariant::Erased, || words.clone())?;
        }
        Ok(())
    }
}

impl Watched {
    fn take(&mut self, sealed: &Sealed, elapsed: Duration) -> Result<(), Violation> {
        let follows = sealed.seq == self.shadow.seq + 1 && sealed.prev == self.head;
        expect(follows, Invariant::Ledger, || {
            format!("{} of {} does not follow {}", sealed.seq, sealed.incident, self.shadow.seq)
        })?;
        self.head = sealed.hash;
        let recorded = read(sealed);
        if let Recorded::Known(event) = &recorded {
            self.judge(event)?;
            if is_activity(event) {
                self.quiet_since = elapsed;
            }
        }
        self.shadow.evolve(&recorded, place(sealed));
        Ok(())
    }

    fn judge(&self, event: &Event) -> Result<(), Violation> {
        match event {
            Event::AttemptPlanned(planned) => self.judge_planned(planned),
            Event::AttemptOutcome(outcome) => self.judge_outcome(outcome),
            Event::PersonJoined(joined) => {
                let is_reporter = joined.person == self.shadow.report.received.reporter;
                expect(!is_reporter, Invariant::Circle, || format!("{} is called", joined.person))
            }
            _ => Ok(()),
        }
    }

    fn judge_planned(&self, planned: &AttemptPlanned) -> Result<(), Violation> {
        let Some(escalation) = &self.shadow.escalation else { return Ok(()) };
        let is_new = escalation.find_attempt(&planned.attempt).is_none();
        expect(is_new, Invariant::Doubled, || format!("{} is planned twice", planned.attempt))?;
        let may = may_ask(&self.shadow, &planned.person, planned.purpose);
        expect(may, Invariant::AfterAnswer, || {
            format!("{} is planned while it is {:?}", planned.attempt, escalation.status)
        })
    }

    fn judge_outcome(&self, outcome: &AttemptOutcome) -> Result<(), Violation> {
        let escalation = self.shadow.escalation.as_ref();
        let attempt = escalation.and_then(|e| e.find_attempt(&outcome.attempt));
        let is_right = attempt.is_some_and(|attempt| match attempt.state {
            // A message that had left after all, and was taken for cancelled.
            AttemptState::Planned | AttemptState::Cancelled => true,
            state => outcome.state > state,
        });
        expect(is_right, Invariant::Outcome, || format!("{attempt:?} comes to {outcome:?}"))
    }
}

/// Whether the event ends a silence: somebody is called or asked, or has answered, or the line was looked at.
fn is_activity(event: &Event) -> bool {
    match event {
        Event::AttemptPlanned(planned) => {
            planned.because != domain::incident::escalation::AttemptWhy::Retry
        }
        Event::CallingStarted(_)
        | Event::PersonJoined(_)
        | Event::LineExtended(_)
        | Event::LineRestarted(_)
        | Event::PromiseLapsed(_)
        | Event::AnswerGiven(_)
        | Event::ReachedStated(_) => true,
        _ => false,
    }
}

fn begin(id: &IncidentId, first: &Sealed, elapsed: Duration) -> Result<Watched, Violation> {
    let shadow = Incident::fold(id, [(read(first), place(first))]);
    let is_first = first.seq == 1 && first.prev == FIRST_PREV;
    let shadow = shadow.filter(|_| is_first).ok_or_else(|| Violation {
        invariant: Invariant::Ledger,
        what: format!("{id} does not begin with a report"),
    })?;
    Ok(Watched { shadow, head: first.hash, quiet_since: elapsed })
}

fn read(sealed: &Sealed) -> Recorded {
    Event::read(&sealed.kind, sealed.version, sealed.body.as_deref())
}

fn place(sealed: &Sealed) -> Place<'_> {
    Place { seq: sealed.seq, at: sealed.at, actor: &sealed.actor }
}

fn check_summary(shadow: &Incident, row: &IncidentRow) -> Result<(), Violation> {
    let escalation = match shadow.escalation.as_ref().map(|escalation| &escalation.status) {
        None | Some(Status::Calling) => Escalation::Calling,
        Some(Status::Promised { .. }) => Escalation::Promised,
        Some(Status::Accepted { .. }) => Escalation::Accepted,
        Some(Status::StoodDown { .. }) => Escalation::StoodDown,
    };
    let state = if shadow.closed.is_some() { IncidentState::Closed } else { IncidentState::Open };
    let lead = shadow.escalation.as_ref().and_then(|escalation| escalation.lead());
    let shown = &row.summary;
    let is_same = shown.escalation == escalation
        && shown.state == state
        && shown.lead.as_ref() == lead
        && shown.seq_last == shadow.seq;
    expect(is_same, Invariant::State, || format!("the list shows {shown:?} of {shadow:?}"))
}

fn check_memory(life: &mut Life, shadow: &Incident) -> Result<(), Violation> {
    let Some(believed) = life.ask(async |engine| engine.load(&shadow.id).await) else {
        return Ok(());
    };
    let believed = believed.unwrap();
    expect(believed.as_deref() == Some(shadow), Invariant::State, || {
        format!("the engine believes {believed:#?}, stored is {shadow:#?}")
    })
}
