//! One run: what happens next, thrown with the dice.

use std::time::Duration;

use domain::id::{IncidentId, PersonId};
use domain::incident::escalation::reply::Reply;
use domain::incident::escalation::{AttemptState, How};
use domain::incident::report::{FirstReport, Via};
use domain::incident::timeline::{EntryKind, Statement};
use domain::incident::{Actor, Command};
use domain::port::{Outcome, Proof, Why};
use engine::{EngineError, Work};

use crate::channel::Behaviour;
use crate::entropy::Dice;
use crate::people::per;
use crate::sim::Run;
use crate::sim::life::Life;
use crate::sim::meddling::Meddling;
use crate::sim::setup;
use crate::sim::watch::{Invariant, Violation, Watch, expect};
use crate::world::first_report;

/// The most reports in one run.
const REPORTS_MAX: u64 = 3;

/// A run under way.
pub(super) struct Story {
    pub(super) dice: Dice,
    pub(super) life: Life,
    pub(super) watch: Watch,
    pub(super) names: Vec<&'static str>,
    trace: Vec<String>,
    steps: usize,
    meddling: Meddling,
    reports: u64,
    /// Reports whose reporters have had no answer, and will send them again.
    pub(super) owed: Vec<(FirstReport, String)>,
    /// Words that were redacted.
    pub(super) erased: Vec<String>,
    words: u64,
}

impl Story {
    pub(super) fn begin(seed: u64, meddling: Meddling) -> Self {
        let mut dice = Dice::new(seed);
        let (office, names) = setup::office(&mut dice);
        let policy = setup::policy(&mut dice);
        Self {
            life: Life::begin(seed, &office, policy),
            watch: Watch::default(),
            dice,
            names,
            trace: Vec::new(),
            steps: 0,
            meddling,
            reports: 0,
            owed: Vec::new(),
            erased: Vec::new(),
            words: 0,
        }
    }

    pub(super) fn into_run(self, seed: u64, violation: Option<Violation>) -> Run {
        let sent = self.life.outside().sent().len();
        Run { seed, steps: self.steps, sent, violation, trace: self.trace }
    }

    pub(super) fn tell(&mut self) -> Result<(), Violation> {
        self.rise()?;
        self.report()?;
        for _ in 0..self.dice.between(30, 90) {
            self.act()?;
            if self.meddling != Meddling::None && self.dice.chance(20) {
                self.meddle()?;
            }
        }
        self.finish()
    }

    /// Writes down what was done, and looks whether everything is still as it must be.
    pub(super) fn note(&mut self, what: &str) -> Result<(), Violation> {
        self.steps += 1;
        self.trace.push(format!("{:>4} {} {what}", self.steps, self.life.stamp()));
        self.watch.check(&mut self.life)
    }

    fn act(&mut self) -> Result<(), Violation> {
        if self.life.engine().is_none() {
            if self.dice.chance(30) {
                let amount = self.dice.between(1, 900);
                self.life.pass(Duration::from_secs(amount));
            }
            return self.rise();
        }
        match self.dice.below(100) {
            0..50 => self.go_on(),
            50..56 => {
                let amount = self.dice.below(90_000);
                self.advance(Duration::from_millis(amount))
            }
            56..70 => self.command(),
            70..73 => self.report(),
            73..80 => self.misbehave(),
            80..86 => self.release(),
            86..88 => self.late_outcome(),
            88..91 => self.step_clock(),
            91..93 => self.edit(),
            93..98 => self.crash(),
            _ => self.break_or_mend(),
        }
    }

    /// Does the next thing that is due, after waiting for it if need be.
    fn go_on(&mut self) -> Result<(), Violation> {
        if !self.life.queue.is_empty() {
            return self.work_one();
        }
        match self.life.next_due_in() {
            Some(wait) => self.advance(wait.min(Duration::from_secs(900))),
            None => self.advance(Duration::from_secs(60)),
        }
    }

    fn work_one(&mut self) -> Result<(), Violation> {
        let place = self.dice.below(u64::try_from(self.life.queue.len()).unwrap());
        let work = self.life.queue.remove(usize::try_from(place).unwrap()).unwrap();
        let what = match &work {
            Work::Tick(id) => format!("looks at {id}"),
            Work::Deliver(row) => format!("sends {} to {}", row.attempt, row.address),
            Work::Record(row, outcome) => format!("records {outcome:?} of {}", row.attempt),
        };
        if !self.life.work(work) {
            return self.fall(&format!("{what}, and falls over before the commit"));
        }
        self.note(&what)
    }

    /// Lets time pass, doing on the way whatever becomes due.
    pub(super) fn advance(&mut self, amount: Duration) -> Result<(), Violation> {
        let end = self.life.elapsed.saturating_add(amount);
        loop {
            while !self.life.queue.is_empty() {
                self.work_one()?;
            }
            let left = end.saturating_sub(self.life.elapsed);
            let next = self.life.next_due_in().filter(|wait| *wait <= left);
            self.life.pass(next.unwrap_or(left));
            self.life.take_due();
            if self.life.queue.is_empty() {
                return self.note("nothing is due");
            }
        }
    }

    /// The engine falls over.
    pub(super) fn fall(&mut self, what: &str) -> Result<(), Violation> {
        self.life.crash();
        self.note(what)
    }

    /// The engine starts again.
    pub(super) fn rise(&mut self) -> Result<(), Violation> {
        self.watch.check(&mut self.life)?;
        self.life.start();
        self.life.take_due();
        if self.meddling == Meddling::ForgetOutbox {
            self.life.queue.retain(|work| !matches!(work, Work::Deliver(_)));
        }
        self.watch.begin_anew(&self.life);
        self.watch.check_folds(&mut self.life)?;
        self.note("starts")
    }

    /// Somebody files a report, or sends an earlier one again.
    fn report(&mut self) -> Result<(), Violation> {
        let is_repeat = self.reports > 0 && (self.reports >= REPORTS_MAX || self.dice.chance(40));
        let number = if is_repeat { self.dice.below(self.reports) } else { self.reports };
        if !is_repeat {
            self.reports += 1;
        }
        let words = if is_repeat && self.dice.chance(70) { 0 } else { self.dice.below(4) };
        // The reporter belongs to the key; the words may be others the next time.
        let reporter = usize::try_from(number).unwrap() % self.names.len();
        let mut report = first_report(&format!("report {number} words {words}"));
        report.reporter = per(self.names[reporter]);
        report.project = self.dice.chance(30).then(|| "prj_shop".to_owned());
        report.via = Via::Api;
        self.file(report, &format!("key-{number}"))
    }

    /// Files it, and remembers it for later when there is no answer.
    pub(super) fn file(&mut self, report: FirstReport, key: &str) -> Result<(), Violation> {
        let (draft, again) = (report.clone(), key.to_owned());
        let answer = self.life.ask(async |engine| engine.report(draft, Some(&again)).await);
        let what = format!("{} reports {:?} under {key}", report.reporter, report.text);
        match answer {
            Some(Ok(reported)) => {
                if self.dice.chance(3) {
                    // Stored, and the answer got lost with the engine.
                    self.owed.push((report, key.to_owned()));
                    return self.fall(&format!("{what}, and falls over before it answers"));
                }
                self.watch.keep(key, &reported.incident.id)?;
                self.note(&format!("{what}: {}", reported.incident.id))
            }
            Some(Err(why)) => {
                let is_excused = self.life.is_store_broken;
                expect(is_excused, Invariant::Kept, || format!("a report was refused: {why}"))?;
                self.owed.push((report, key.to_owned()));
                self.note(&format!("{what}, which cannot be stored"))
            }
            None => {
                self.owed.push((report, key.to_owned()));
                self.fall(&format!("{what}, and falls over before the commit"))
            }
        }
    }

    fn pick_incident(&mut self) -> Option<IncidentId> {
        let ids: Vec<IncidentId> = self.watch.incidents.keys().cloned().collect();
        self.dice.pick(&ids).cloned()
    }

    fn pick_person(&mut self) -> PersonId {
        per(self.dice.pick(&self.names).unwrap())
    }

    /// Somebody who has something to say about it, most of the time.
    fn pick_actor(&mut self, id: &IncidentId) -> PersonId {
        let shadow = &self.watch.incidents[id].shadow;
        let mut people = domain::access::who_may_see(shadow);
        people.extend(shadow.escalation.iter().flat_map(|e| e.hand_over_to.clone()));
        let stranger = self.pick_person();
        if self.dice.chance(10) { stranger } else { self.dice.pick(&people).cloned().unwrap() }
    }

    fn command(&mut self) -> Result<(), Violation> {
        let Some(id) = self.pick_incident() else { return self.go_on() };
        let reporter = self.watch.incidents[&id].shadow.report.received.reporter.clone();
        let mut actor = self.pick_actor(&id);
        let answer = |reply| Command::Answer { reply, via: Via::Link };
        let command = match self.dice.below(100) {
            0..8 => answer(Reply::Accept),
            8..24 => {
                let minutes = u32::try_from(self.dice.between(0, 40)).unwrap();
                answer(Reply::Promise { minutes })
            }
            24..40 => answer(Reply::Cannot),
            40..52 => answer(Reply::HandOver { to: self.pick_person() }),
            52..62 => {
                actor = reporter;
                Command::StateReached { person: self.pick_person(), how: How::Phone }
            }
            62..66 => {
                actor = reporter;
                Command::StandDown { why: "it was nothing".to_owned() }
            }
            66..72 => {
                actor = reporter;
                Command::AddWords { text: self.say() }
            }
            72..84 => Command::AddEntry { statement: self.statement() },
            84..94 => return self.redact(&id),
            94..98 => Command::BringIn { person: self.pick_person() },
            _ => Command::Close { note: String::new() },
        };
        self.give(&id, &Actor::Person(actor), &command).map(drop)
    }

    /// Gives a command. Whether it was carried out.
    pub(super) fn give(
        &mut self,
        id: &IncidentId,
        actor: &Actor,
        command: &Command,
    ) -> Result<bool, Violation> {
        let what = format!("{} to {id}: {command:?}", actor.as_str());
        let answer = self.life.ask(async |engine| engine.handle(id, actor, command).await);
        let is_done = matches!(answer, Some(Ok(_)));
        match answer {
            Some(Ok(_)) => self.note(&what)?,
            Some(Err(EngineError::Refused(why))) => self.note(&format!("{what}: no, {why}"))?,
            Some(Err(why)) => {
                let is_excused = self.life.is_store_broken;
                expect(is_excused, Invariant::State, || format!("{what}: {why}"))?;
                self.note(&format!("{what}: cannot be stored"))?;
            }
            None => self.fall(&format!("{what}, and falls over before the commit"))?,
        }
        Ok(is_done)
    }

    fn say(&mut self) -> String {
        self.words += 1;
        format!("said-{:05}", self.words)
    }

    fn statement(&mut self) -> Statement {
        Statement {
            kind: *self.dice.pick(&EntryKind::CHOICES).unwrap(),
            text: self.say(),
            happened: None,
            source: None,
            source_ref: None,
            chip: None,
        }
    }

    /// The writer of an entry corrects or redacts it.
    fn redact(&mut self, id: &IncidentId) -> Result<(), Violation> {
        let entries = self.watch.incidents[id].shadow.timeline.entries.clone();
        let Some(entry) = self.dice.pick(&entries).cloned() else { return self.go_on() };
        let actor = Actor::Person(entry.author.clone());
        let why = "better so".to_owned();
        let entry_id = entry.id.clone();
        if self.dice.chance(40) {
            let statement = self.statement();
            let command = Command::CorrectEntry { entry: entry_id, statement, why };
            return self.give(id, &actor, &command).map(drop);
        }
        let command = Command::RedactEntry { entry: entry_id, why };
        let words = entry.statement.as_ref().map(|statement| statement.text.clone());
        if self.give(id, &actor, &command)? {
            // The words of a report may stand in other reports as well; those of entries are each said once.
            self.erased.extend(words.filter(|words| words.starts_with("said-")));
        }
        Ok(())
    }

    /// An address begins to behave in some way.
    fn misbehave(&mut self) -> Result<(), Violation> {
        let address = setup::address(&mut self.dice, &self.names);
        let not_before = self.dice.chance(50).then(|| {
            let amount = self.dice.below(900);
            self.life.now().after(Duration::from_secs(amount))
        });
        let why = *self.dice.pick(&Why::ALL).unwrap();
        let behaviour = match self.dice.below(10) {
            0..2 => Behaviour::TryAgain { not_before, why },
            2..4 => Behaviour::Refuse(why),
            4 => Behaviour::Misconfigure,
            5 => Behaviour::Panic,
            6 => Behaviour::Lie,
            7 => Behaviour::HangUnsent,
            _ => Behaviour::Hang,
        };
        match self.dice.below(6) {
            0 => self.life.outside().heal(),
            1 | 2 => self.life.outside().always(&address, behaviour),
            _ => self.life.outside().next(&address, behaviour),
        }
        self.note(&format!("{address} behaves: {behaviour:?}"))
    }

    fn outcome(&mut self) -> Outcome {
        let why = *self.dice.pick(&Why::ALL).unwrap();
        let proofs = [Proof::HandedOver, Proof::Delivered, Proof::Seen, Proof::PickedUp];
        match self.dice.below(4) {
            0 => Outcome::TryAgain { not_before: None, why },
            1 => Outcome::Refused { why },
            _ => {
                let proof = *self.dice.pick(&proofs).unwrap();
                Outcome::Accepted { provider_ref: None, proof }
            }
        }
    }

    /// A channel that kept somebody waiting answers at last.
    fn release(&mut self) -> Result<(), Violation> {
        let hanging = self.life.outside().hanging();
        let Some(hanging) = self.dice.pick(&hanging).cloned() else { return self.misbehave() };
        let outcome = self.outcome();
        let what = format!("{} comes to {outcome:?}", hanging.attempt);
        if self.dice.chance(5) {
            self.life.entropy.panic_at_next_draw();
        }
        assert!(self.life.outside().release(&hanging.attempt, outcome));
        if !self.life.settle() {
            return self.fall(&format!("{what}, and falls over before the commit"));
        }
        self.note(&what)
    }

    /// Word of a message that left earlier: once more, or from somebody else who knows more.
    fn late_outcome(&mut self) -> Result<(), Violation> {
        let sent = self.life.outside().sent();
        let Some(sent) = self.dice.pick(&sent).cloned() else { return self.go_on() };
        let command = Command::Settle { attempt: sent.message.attempt, outcome: self.outcome() };
        self.give(&sent.message.incident, &Actor::System, &command).map(drop)
    }

    fn step_clock(&mut self) -> Result<(), Violation> {
        let longest = *self.dice.pick(&[2, 60, 600, 7_200, 100_000]).unwrap();
        let amount = Duration::from_secs(self.dice.between(1, longest));
        let is_back = self.dice.chance(60);
        if is_back {
            self.watch.step_back(amount);
        }
        self.life.step_clock(amount, is_back);
        self.note(&format!(
            "the clock is set {} by {amount:?}",
            if is_back { "back" } else { "on" }
        ))
    }

    /// Setup changes the directory beside the running engine.
    fn edit(&mut self) -> Result<(), Violation> {
        let name = *self.dice.pick(&self.names).unwrap();
        let store = self.life.store().clone();
        if self.dice.chance(15) {
            // Gone already is fine.
            drop(self.life.aside(store.delete_person(&per(name))));
        } else {
            let person = setup::somebody(&mut self.dice, name, &self.names).build();
            self.life.aside(store.upsert_person(&person)).unwrap();
        }
        if let Some(read) = self.life.ask(async |engine| engine.reload_directory().await) {
            read.unwrap();
        }
        self.note(&format!("the directory changes at {name}"))
    }

    fn crash(&mut self) -> Result<(), Violation> {
        if self.dice.chance(40) {
            return self.fall("falls over");
        }
        // It falls over in the middle of whatever it does next.
        self.life.entropy.panic_at_next_draw();
        match self.dice.below(3) {
            0 => self.command(),
            1 => self.report(),
            _ => self.go_on(),
        }
    }

    fn break_or_mend(&mut self) -> Result<(), Violation> {
        if self.life.is_store_broken {
            return self.mend();
        }
        self.life.sabotage.break_ledger();
        self.life.is_store_broken = true;
        self.note("the store breaks")
    }

    pub(super) fn mend(&mut self) -> Result<(), Violation> {
        self.life.sabotage.mend_ledger();
        self.life.is_store_broken = false;
        self.watch.begin_anew(&self.life);
        self.note("the store works again")
    }

    /// Makes the mistake that is built in, if it can be made now.
    fn meddle(&mut self) -> Result<(), Violation> {
        let sent = self.life.outside().sent();
        match self.meddling {
            Meddling::None | Meddling::ForgetOutbox => return Ok(()),
            Meddling::ForgetTick => self.life.queue.retain(|w| !matches!(w, Work::Tick(_))),
            Meddling::DropOutcome => drop(self.life.abandon()),
            Meddling::Oversleep => {
                let longest = self.life.policy().longest_gap();
                self.life.pass(longest.saturating_mul(3));
            }
            Meddling::SendAfterAccept => {
                let is_over = |sent: &&crate::channel::Sent| {
                    let shadow = &self.watch.incidents[&sent.message.incident].shadow;
                    let person = &sent.message.person;
                    !crate::sim::watch_sends::may_ask(shadow, person, sent.message.purpose)
                };
                if let Some(mut late) = sent.iter().find(is_over).cloned() {
                    // The repeat of a message under an id of its own.
                    late.message.attempt = domain::id::AttemptId::new("att_late");
                    self.life.outside().forge(late);
                }
            }
            Meddling::SendTwice => sent.last().cloned().into_iter().for_each(|last| {
                self.life.outside().forge(last);
            }),
            Meddling::SendOutside => sent.last().cloned().into_iter().for_each(|mut last| {
                last.channel = "mail";
                last.address = "ann@elsewhere.test".to_owned();
                self.life.outside().forge(last);
            }),
            Meddling::LoseWakeUp => self.life.sabotage.run("DELETE FROM wake_up"),
            Meddling::LoseOutboxRow => self.life.sabotage.run("DELETE FROM outbox"),
            Meddling::ChangeWords => self
                .life
                .sabotage
                .run("UPDATE ledger_event SET body_json = replace(body_json, 'words', 'lies')"),
            Meddling::KeepRedactedWords => {
                if let Some(words) = self.erased.first() {
                    self.life.sabotage.run(&format!(
                        "UPDATE ledger_event SET actor = actor, body_json = '{{\"text\":\"{words}\"}}'
                         WHERE kind = 'entry.redacted'"
                    ));
                }
            }
        }
        self.watch.read_anew();
        self.note("a mistake is made")
    }

    /// Whether anything is still planned.
    pub(super) fn has_planned(&self) -> bool {
        let shadows = self.watch.incidents.values().filter_map(|w| w.shadow.escalation.as_ref());
        shadows
            .flat_map(|escalation| &escalation.attempts)
            .any(|attempt| attempt.state == AttemptState::Planned)
    }
}
